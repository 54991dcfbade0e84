"""The properties of one resource of a template: values when asked for, and the places where they were written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stackworthy.core.origin import Origin, Route, Step, Trail
from stackworthy.core.path import Path, Selector, parse
from stackworthy.core.value import ABSENT, Map, OpenMap, Unknown, Value
from stackworthy.sources.cloudformation.functions import as_text
from stackworthy.sources.cloudformation.sam.places import author_place

if TYPE_CHECKING:
    from stackworthy.sources.cloudformation.sam.expansion import Made
    from stackworthy.sources.cloudformation.scope import Scope

_MAX_STEPS = 20


class TemplateProperties:
    """`route` leads to the resource in the template; `made` says how SAM made it, None when the author wrote it."""

    __slots__ = ("_functions", "_metadata", "_whole", "made", "raw", "route", "scope")

    def __init__(
        self, scope: Scope, raw: Any, route: Route, made: Made | None = None, metadata: Any = None
    ) -> None:
        self.scope = scope
        self._metadata = metadata
        self.raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        self.route = route
        self.made = made
        self._functions = any(name.startswith("Fn::") for name in self.raw)
        self._whole: Value = None

    def native(self) -> Value | None:
        """None: the names are canonical."""
        return None

    def metadata(self) -> Any:
        """The resource's `Metadata`."""
        return self._metadata

    def waits_for(self) -> frozenset[str]:
        """The addresses of the resources in `DependsOn`."""
        body: Any = self.scope.template
        for part in self.route:
            body = body.get(part) if isinstance(body, dict) else None
        stated = body.get("DependsOn") if isinstance(body, dict) else None
        names = stated if isinstance(stated, list) else [stated]
        addresses = self.scope.addresses
        return frozenset(addresses[name] for name in names if isinstance(name, str) and name in addresses)

    def names(self) -> Collection[str]:
        """The properties that are stated."""
        if not self._functions:
            return self.raw.keys()
        whole = self._all()
        if isinstance(whole, OpenMap):
            return whole.known.keys()
        return whole.keys() if isinstance(whole, Map) else ()

    def value(self, name: str) -> Value:
        """The value of one property."""
        if name in self.raw and not name.startswith("Fn::"):
            return self.scope.value(self.raw[name])
        if self._functions:
            whole = self._all()
            return whole[name] if isinstance(whole, (Map, Unknown)) else ABSENT
        return ABSENT

    def _all(self) -> Value:
        """All properties, where a function stands among them."""
        if self._whole is None:
            self._whole = self.scope.value(self.raw)
        return self._whole

    def origin(self, path: str) -> Origin:
        """Where a property was written; the resource itself (role "resource") when it is absent."""
        segments = parse(path)
        if self.made is not None:
            return self._made_origin(segments)
        if not segments:
            return self._place(self.route, "resource")
        route, depth, _ = self._descend(self.raw, segments)
        if not depth:
            return self._place(self.route, "resource")
        return self._place((*self.route, "Properties", *route), "value" if depth == len(segments) else "key")

    def _place(self, route: Route, role: str) -> Origin:
        place = self.scope.place(route)
        return Origin(place.file, place.route, role)

    def _made_origin(self, segments: Path) -> Origin:
        """The author's own property, in the SAM resource or in `Globals`; else what asked for the resource."""
        assert self.made is not None
        route, depth, _ = self._descend(self.raw, segments)
        parts = [str(part) for part in (*route, *segments[depth:])]
        for length in range(len(parts), 0, -1):
            place = author_place(self.scope.template, self.made, ".".join(parts[:length]))
            if place.written and place.route != self.made.route:
                return self._place(place.route, "value" if length == len(parts) else "key")
        return self._place(self.made.route or self.route, "resource")

    def _descend(self, raw: Any, segments: Path) -> tuple[Route, int, Any]:
        """The deepest route that follows the path through the raw tree, how many segments it covers, and what is there."""
        route: list[str | int] = []
        for depth, segment in enumerate(segments):
            raw, through = self._branch(raw)
            found = self._child(raw, segment)
            if found is None:
                return tuple(route), depth, raw
            route.extend(through)
            key, raw = found
            route.append(key)
        raw, through = self._branch(raw)
        return (*route, *through), len(segments), raw

    def _branch(self, raw: Any) -> tuple[Any, Route]:
        """What an `Fn::If` with a known condition stands for, and the route there."""
        route: Route = ()
        while isinstance(raw, dict) and len(raw) == 1 and isinstance(raw.get("Fn::If"), list):
            arguments = raw["Fn::If"]
            if len(arguments) != 3 or not isinstance(arguments[0], str):
                break
            holds = self.scope.condition(arguments[0])
            if not isinstance(holds, bool):
                break
            index = 1 if holds else 2
            raw = arguments[index]
            route = (*route, "Fn::If", index)
        return raw, route

    def _child(self, raw: Any, segment: str | int | Selector) -> tuple[str | int, Any] | None:
        if isinstance(segment, str):
            return (segment, raw[segment]) if isinstance(raw, dict) and segment in raw else None
        if not isinstance(raw, list):
            return None
        count = 0
        for index, item in enumerate(raw):
            chosen, _ = self._branch(item)
            if isinstance(chosen, dict) and chosen.get("Ref") == "AWS::NoValue":
                continue
            if isinstance(segment, int):
                if count == segment:
                    return index, item
            elif isinstance(chosen, dict):
                value = as_text(self.scope.value(chosen.get(segment.key)))
                if isinstance(value, str) and value == segment.value:
                    return index, item
            count += 1
        return None

    def trail(self, path: str) -> Trail:
        """From the property to the parameter or mapping that its value comes from; empty for a literal."""
        segments = parse(path)
        if not segments:
            return ()
        _, depth, raw = self._descend(self.raw, segments)
        return tuple(steps(self.scope, raw)) if depth == len(segments) else ()


def steps(scope: Scope, raw: Any, depth: int = 0) -> Iterator[Step]:
    """From a use to the literal: a parameter, where its value is given (also by the template around), a mapping."""
    if not (isinstance(raw, dict) and len(raw) == 1) or depth > _MAX_STEPS:
        return
    name, argument = next(iter(raw.items()))
    if (
        name == "Fn::Sub"
        and isinstance(argument, str)
        and argument[:2] == "${"
        and argument.find("}") == len(argument) - 1
    ):
        name, argument = "Ref", argument[2:-1]
    if name == "Ref" and isinstance(argument, str) and argument in scope.declared:
        yield from _parameter_steps(scope, argument, depth)
    elif name == "Fn::FindInMap" and isinstance(argument, list) and len(argument) >= 3:
        keys = [as_text(scope.value(part)) for part in argument[:3]]
        if all(isinstance(key, str) for key in keys) and _at(scope.mappings, tuple(keys)) is not _NOTHING:
            yield Step("Mappings." + ".".join(keys), scope.place(("Mappings", *keys)))


def _parameter_steps(scope: Scope, name: str, depth: int) -> Iterator[Step]:
    users = scope.users(name)
    if name not in scope.given:
        declared = scope.declared[name]
        end = ("Default",) if isinstance(declared, dict) and "Default" in declared else ()
        yield Step(f"Parameters.{name}", scope.place(("Parameters", name, *end)), users)
        return
    yield Step(f"Parameters.{name}", scope.place(("Parameters", name)), users)
    if name in scope.sources:
        source = scope.sources[name]
        yield Step(f"{name} in {source.file}", source, users)
    elif scope.passed is not None:
        outer, route, raw = scope.passed(name)
        yield Step(".".join(map(str, route[1:])), outer.place(route), users)
        yield from steps(outer, raw, depth + 1)


class _Nothing:
    pass


_NOTHING = _Nothing()


def _at(tree: Any, route: Route) -> Any:
    for part in route:
        if isinstance(tree, list) and isinstance(part, int) and part < len(tree):
            tree = tree[part]
            continue
        if not (isinstance(tree, Mapping) and part in tree):
            return _NOTHING
        tree = tree[part]
    return tree
