"""The same graph with other properties, with resources more or less: what a scenario or another design is priced on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from stackworthy.aws.schemas import kinds, schema
from stackworthy.core.cost import UsageError
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, Value
from stackworthy.sources.fixed_properties import FixedProperties


def changed(
    graph: Graph,
    properties: Mapping[str, Mapping[str, Any]] | None = None,
    without: Iterable[str] = (),
    added: Iterable[Resource] = (),
) -> Graph:
    """A copy of the graph with other properties (by address and path), without some resources and with others."""
    gone = set(without)
    made = Graph(graph.vocabulary, graph.relators, path=graph.path, format=graph.format, facts=graph.facts)
    made.file, made.workspace, made.metadata = graph.file, graph.workspace, graph.metadata
    made.uses = graph.uses
    for resource in graph:
        if resource.address not in gone and resource.part_of not in gone:
            made.add(copied(resource))
    for resource in added:
        made.add(resource)
    for address, changes in (properties or {}).items():
        for path, stated in changes.items():
            made[address].assume(path, value_of(stated))
    made.memo.update(
        (key, found)
        for key, found in graph.memo.items()
        if isinstance(key, tuple) and key[0] == "calls of code"
    )
    return made


def copied(resource: Resource) -> Resource:
    """A resource with the same properties, for another graph."""
    return Resource(
        resource.address,
        resource.kind,
        resource.type,
        resource.properties,
        resource.origin,
        part_of=resource.part_of,
        made_by=resource.made_by,
        when=resource.when,
        region=resource.region,
        account=resource.account,
        code=resource.code,
    )


def new(address: str, kind: str, stated: Mapping[str, Any], like: Resource | None, graph: Graph) -> Resource:
    """A resource that nobody wrote, at the place and in the region of another."""
    place = like.origin if like is not None else Origin(graph.file, ())
    values = {name: value_of(one) for name, one in stated.items()}
    region = like.region if like is not None else None
    account = like.account if like is not None else None
    return Resource(
        address, kind, kind, FixedProperties(values, place), place, region=region, account=account
    )


def value_of(stated: Any) -> Value:
    """Plain data as a value."""
    if isinstance(stated, Mapping):
        return Map({str(key): value_of(item) for key, item in stated.items()})
    if isinstance(stated, (list, tuple)):
        return List(value_of(item) for item in stated)
    return stated


def check_kind(kind: str, file: str, line: int) -> None:
    """Refuse a kind that AWS does not have."""
    if kind not in kinds():
        near = get_close_matches(kind, kinds(), 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else "write it like AWS::CloudFront::Distribution"
        raise UsageError(f"there is no kind {kind[:60]!r}", hint, key=kind, file=file, line=line)


def check_path(kind: str, path: str, file: str, line: int) -> None:
    """Refuse a property that a kind does not have."""
    known = schema(kind)
    if known is None or known.has(path):
        return
    near = get_close_matches(path, [one for one, _ in known.paths()], 1, 0.6)
    hint = f"did you mean {near[0]}?" if near else "see CloudFormation's reference of the type"
    raise UsageError(f"{kind} has no property {path[:60]!r}", hint, key=path, file=file, line=line)
