"""Arguments that a template writes as resources of their own: a queue's policy, the routes of a route table."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from stackworthy.core.origin import Origin, Route, Trail
from stackworthy.core.path import parse
from stackworthy.core.resource import MadeBy, Resource
from stackworthy.core.value import ABSENT, List, Map, OpenList, OpenMap, Reference, Unknown, Value
from stackworthy.sources.terraform.mapping.arguments import native_route, put, to_properties
from stackworthy.sources.terraform.mapping.table import Part, Spec

if TYPE_CHECKING:
    from stackworthy.sources.terraform.mapping.graph import Mapped, Stack


def made_resources(stack: Stack, mapped: Mapped) -> Iterator[Resource]:
    """The resources that a block makes beside its own; `made_by` names the block and the argument."""
    if mapped.spec is None:
        return
    for part in mapped.spec.parts:
        value = mapped.block.attributes[part.argument]
        if value is ABSENT or value is None or (isinstance(value, str) and not value):
            continue
        if not part.each:
            yield _resource(stack, mapped, part, None)
        elif isinstance(value, List):
            known = value.known if isinstance(value, OpenList) else value
            for index in range(len(known)):
                yield _resource(stack, mapped, part, index)


def _resource(stack: Stack, mapped: Mapped, part: Part, index: int | None) -> Resource:
    block = mapped.block
    properties = PartProperties(stack, mapped, part, index)
    region = block.region
    return Resource(
        f"{block.address}.{part.argument}" + (f"[{index}]" if index is not None else ""),
        part.kind,
        block.type,
        properties,
        properties.origin(""),
        made_by=MadeBy(block.address, part.argument),
        when=block.when,
        region=region if isinstance(region, str) else None,
    )


class PartProperties:
    """The properties that one argument, or one of its blocks, states."""

    __slots__ = ("_made", "index", "mapped", "part", "spec", "stack")

    def __init__(self, stack: Stack, mapped: Mapped, part: Part, index: int | None) -> None:
        self.stack = stack
        self.mapped = mapped
        self.part = part
        self.index = index
        self.spec = Spec(kind=part.kind, arguments=part.arguments, fixed=part.fixed)
        self._made: Map | None = None

    def _stated(self) -> Value:
        attributes = self.mapped.block.attributes
        if self.index is None:
            return attributes
        blocks = attributes[self.part.argument]
        return (blocks.known if isinstance(blocks, OpenList) else blocks)[self.index]

    def _all(self) -> Map:
        if self._made is None:
            stated = self._stated()
            if isinstance(stated, Unknown):
                made: Map = OpenMap([], stated)
            else:
                made = to_properties(self.spec, stated)
            put(made, self.part.owner, Reference(self.mapped.block.address, "Ref"))
            self._made = self.stack.canonical(made)
        return self._made

    def names(self) -> Collection[str]:
        """The properties that are stated."""
        made = self._all()
        return list(made.known if isinstance(made, OpenMap) else made)

    def value(self, name: str) -> Value:
        """The value of one property."""
        return self._all()[name]

    def native(self) -> Value | None:
        """None: the block that states it shows its own arguments."""
        return None

    def metadata(self) -> None:
        """None: Terraform attaches nothing."""

    def _route(self, path: str) -> tuple[Route, bool]:
        """The route to the argument, and whether it states the property itself."""
        start: Route = () if self.index is None else (self.part.argument, self.index)
        stated = self._stated()
        if path and not isinstance(stated, Unknown):
            route, depth = native_route(self.spec, stated, parse(path))
            if depth:
                return (*start, *route), depth == len(parse(path))
        return start or (self.part.argument,), False

    def origin(self, path: str) -> Origin:
        """The argument that states the property; else the whole of what makes the resource."""
        route, whole = self._route(path)
        place = self.stack.root.origin(self.mapped.block, route)
        return Origin(place.file, place.route, "value" if whole else "key")

    def trail(self, path: str) -> Trail:
        """How the argument's value came to be."""
        route, whole = self._route(path)
        return tuple(self.stack.root.trail(self.mapped.block, route)) if whole else ()
