"""Relations as data: which property of which kind names the other end, and what makes it so.

A `Link` belongs to the kind of the resource that states it. An end without a path is that resource itself:

    to("Targets[].Arn", FUNCTION, "rule target")                    the rule -> the function
    at("Source", QUEUE, "pipe source")                              the queue -> the pipe
    between("TopicArn", TOPIC, "Endpoint", QUEUE, "subscription")   the topic -> the queue

What the two ends name decides: both on the graph is an edge; one that cannot be told is a loose end; one that names
nothing on the graph is external and gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackworthy.aws.arns import locate
from stackworthy.aws.names import Kinds
from stackworthy.aws.paths import each
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, Unknown, Value


class End(NamedTuple):
    """One end of a link: the property that names it, and the kinds that it may name."""

    path: str
    kinds: Kinds


class Link(NamedTuple):
    """How resources of one kind state a relation. `keep` are properties beside the target that the edge's details repeat.

    `top` is a top-level property without which there is no relation. `only` is a property beside the target, and the values of it with which the target is one of those kinds at all.
    """

    source: End | None
    target: End | None
    by: str
    keep: tuple[str, ...] = ()
    top: str = ""
    only: tuple[str, frozenset[str]] | None = None

    def with_only(self, name: str, *allowed: str) -> Link:
        """The same link, followed only where the property has one of these values, or one that is not known."""
        return self._replace(only=(name, frozenset(allowed)))


Links = Mapping[str, tuple[Link, ...]]
"""Links by the kind of the resource that states them."""


def to(path: str, kinds: Kinds, by: str, *keep: str) -> Link:
    """From the stating resource to the one that the property names."""
    return Link(None, End(path, kinds), by, keep, _top(path))


def at(path: str, kinds: Kinds, by: str, *keep: str) -> Link:
    """From the resource that the property names to the stating one."""
    return Link(End(path, kinds), None, by, keep, _top(path))


def between(source: str, sources: Kinds, target: str, targets: Kinds, by: str, *keep: str) -> Link:
    """From one resource that the stating one names to another."""
    return Link(End(source, sources), End(target, targets), by, keep, _top(target))


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


class Reached(NamedTuple):
    """What an end leads to: a resource or why it is unknown, the property that names it, and facts for the edge's details."""

    resource: Resource | Unknown
    path: str
    item: Value
    facts: dict[str, Any]


def reached(graph: Graph, resource: Resource, end: End) -> Iterator[Reached]:
    """What the property of a resource names, external things left out."""
    for found in each(resource, end.path):
        named = locate(graph, found.value, end.kinds)
        if named.resource is None:
            continue
        facts: dict[str, Any] = {"path": found.path}
        if named.through is not None:
            facts["through"] = named.through
        if not (isinstance(named.rest, str) and named.rest == ""):
            facts["rest"] = named.rest
        yield Reached(named.resource, found.path, found.item, facts)


def follow(graph: Graph, relation: str, links: Links) -> Iterator[Edge | LooseEnd]:
    """The edges and loose ends that the links state."""
    for kind in list(graph.kinds()):
        stated = links.get(kind)
        if stated:
            for resource in graph.of(kind):
                yield from _by_links(graph, relation, stated, resource)
    for resource in custom_resources(graph):
        if resource.kind != resource.type:
            yield from _by_links(graph, relation, links.get(resource.type, ()), resource)


def _by_links(
    graph: Graph, relation: str, stated: tuple[Link, ...], resource: Resource
) -> Iterator[Edge | LooseEnd]:
    for link in stated:
        if resource.stated(link.top) is not ABSENT:
            yield from _stated(graph, relation, link, resource)


def custom_resources(graph: Graph) -> list[Resource]:
    """The resources of types that their authors named (`Custom::Finder`)."""
    found = graph.memo.get("custom resources")
    if not isinstance(found, list):
        found = graph.memo["custom resources"] = [
            resource for resource in graph if resource.type.startswith("Custom::") and resource.present
        ]
    return found


def _stated(graph: Graph, relation: str, link: Link, resource: Resource) -> Iterator[Edge | LooseEnd]:
    itself = [Reached(resource, "", ABSENT, {})]
    sources = itself if link.source is None else list(reached(graph, resource, link.source))
    if not sources:
        return
    targets = itself if link.target is None else reached(graph, resource, link.target)
    for target in targets:
        for source in sources:
            named = target if link.target is not None else source
            if link.only is not None and _ruled_out(link.only, named, resource):
                continue
            details = dict(named.facts)
            if link.source is not None and link.target is not None:
                details["source_path"] = source.path
            for name in link.keep:
                value = _beside(named, resource, name)
                if value is not ABSENT:
                    details[name] = value
            yield edge(relation, source.resource, target.resource, link.by, resource, details, link)


def _beside(named: Reached, resource: Resource, name: str) -> Value:
    """A property beside the one that names an end: in the same list item, or at the top."""
    return named.item[name] if isinstance(named.item, Map) else resource[name]


def _ruled_out(only: tuple[str, frozenset[str]], named: Reached, resource: Resource) -> bool:
    name, allowed = only
    value = _beside(named, resource, name)
    if value is ABSENT:
        value = resource[name]
    return isinstance(value, str) and value not in allowed


def edge(
    relation: str,
    source: Resource | Unknown,
    target: Resource | Unknown,
    by: str,
    resource: Resource | None = None,
    details: Mapping[str, Any] | None = None,
    link: Link | None = None,
) -> Edge | LooseEnd:
    """The edge between two ends, or the loose end when one of them is unknown; `link` tells the kinds it could be."""
    if isinstance(source, Resource) and isinstance(target, Resource):
        return Edge(source, target, relation, by, resource, details if details is not None else {})
    kinds: frozenset[str] = frozenset()
    reason = ""
    if isinstance(source, Unknown):
        kinds |= link.source.kinds if link and link.source else frozenset()
        reason = source.reason
    if isinstance(target, Unknown):
        kinds |= link.target.kinds if link and link.target else frozenset()
        reason = target.reason
    return LooseEnd(
        relation,
        f"{by}: {reason}" if reason else by,
        source if isinstance(source, Resource) else None,
        target if isinstance(target, Resource) else None,
        kinds,
    )


def every_path(links: Links) -> Iterator[tuple[str, str]]:
    """Kind and path of every property that the links read."""
    for kind, stated in links.items():
        for link in stated:
            for end in (link.source, link.target):
                if end is not None:
                    yield kind, end.path
                    for name in link.keep:
                        before, mark, _ = end.path.rpartition("[]")
                        yield kind, f"{before}{mark}.{name}" if mark else name
