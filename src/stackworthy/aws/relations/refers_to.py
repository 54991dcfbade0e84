"""`refers to`: a property of the source holds a reference to the target, or an environment variable names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackworthy.aws.arns import names_of, resolve
from stackworthy.aws.names import PHYSICAL_NAME
from stackworthy.aws.paths import each
from stackworthy.aws.relations.permissions import PATHS, VARIABLES
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, OpenMap, Partial, Reference, Value, show

__all__ = ["PATHS", "find"]

_Trail = tuple[Any, ...]  # (the trail before, a key or an index); () at the top
_MAX_DEPTH = 200
_SHORTEST_NAME = 3


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """One edge for each pair of resources of which the first refers to the second."""
    for resource in graph:
        if not resource.present or _is_part(graph, resource):
            continue
        seen: dict[str, Edge] = {}
        _variables(graph, resource, seen)
        for name, value in resource.all_properties().items():
            for reference, trail in _references(value, ((), name), 0):
                if reference.address in seen:
                    continue
                target = resolve(graph, reference)
                if isinstance(target, Resource) and target is not resource and target.address not in seen:
                    details = {"path": _path(trail), "attribute": reference.attribute}
                    seen[target.address] = Edge(resource, target, "refers to", "reference", resource, details)
        yield from seen.values()


def _is_part(graph: Graph, resource: Resource) -> bool:
    owner = graph.get(resource.part_of) if resource.part_of else None
    return owner is not None and owner.kind == resource.kind


def _variables(graph: Graph, resource: Resource, seen: dict[str, Edge]) -> None:
    """Add the edges that environment variables give, by reference or by name."""
    for path in VARIABLES.get(resource.kind or "", ()):
        for item in each(resource, path):
            target = _named(graph, item.value)
            if target is None or target is resource or target.address in seen:
                continue
            name = show(item.item["Name"]) if isinstance(item.item, Map) else item.path.rpartition(".")[2]
            details: dict[str, Any] = {"path": item.path, "variable": name}
            if isinstance(item.value, Reference):
                details["attribute"] = item.value.attribute
            seen[target.address] = Edge(
                resource, target, "refers to", "environment variable", resource, details
            )


def _named(graph: Graph, value: Value) -> Resource | None:
    target = resolve(graph, value) if isinstance(value, (str, Reference, Partial)) else None
    if target is None and isinstance(value, (str, Partial)):
        return _every_name(graph).get(show(value))
    return target if isinstance(target, Resource) else None


def _every_name(graph: Graph) -> dict[str, Resource]:
    """The resources whose physical name no other resource of the stack has, whatever its kind."""
    found = graph.memo.get("every name")
    if not isinstance(found, dict):
        found = graph.memo["every name"] = {}
        twice: set[str] = set()
        for kind in [kind for kind in graph.kinds() if kind in PHYSICAL_NAME]:
            for name, resource in names_of(graph, kind).exact.items():
                if name in found or len(name) < _SHORTEST_NAME:
                    twice.add(name)
                found[name] = resource
        for name in twice:
            del found[name]
    return found


def _references(value: Value, trail: _Trail, depth: int) -> Iterator[tuple[Reference, _Trail]]:
    if isinstance(value, Reference):
        yield value, trail
    elif isinstance(value, Partial):
        for piece in value.pieces:
            if isinstance(piece, Reference):
                yield piece, trail
    elif depth > _MAX_DEPTH:
        return
    elif isinstance(value, dict):
        for key, item in (value.known if isinstance(value, OpenMap) else value).items():
            if not isinstance(item, (str, int, float)):
                yield from _references(item, (trail, key), depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(list.__iter__(value)):
            if not isinstance(item, (str, int, float)):
                yield from _references(item, (trail, index), depth + 1)


def _path(trail: _Trail) -> str:
    steps: list[Any] = []
    while trail:
        trail, step = trail
        steps.append(step)
    text = ""
    for step in reversed(steps):
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
