"""The properties of one resource of a template: values when asked for, and the places where they were written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stackworthy.core.origin import Origin, Route, Step, Trail
from stackworthy.core.path import Path, Selector, parse
from stackworthy.core.value import ABSENT, OpenMap, Unknown, Value

if TYPE_CHECKING:
    from stackworthy.sources.cloudformation.sam.expansion import Made
    from stackworthy.sources.cloudformation.scope import Scope

_GLOBALS = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::SimpleTable": "SimpleTable",
    "AWS::Serverless::StateMachine": "StateMachine",
    "AWS::Serverless::LayerVersion": "LayerVersion",
    "AWS::Serverless::CapacityProvider": "CapacityProvider",
}


class TemplateProperties:
    """`route` leads to the resource in the author's file; `made` says how SAM made it, None when the author wrote it."""

    __slots__ = ("_metadata", "made", "raw", "route", "scope")

    def __init__(
        self, scope: Scope, raw: Any, route: Route, made: Made | None = None, metadata: Any = None
    ) -> None:
        self.scope = scope
        self._metadata = metadata
        self.raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        self.route = route
        self.made = made

    def metadata(self) -> Any:
        """The resource's `Metadata`."""
        return self._metadata

    def names(self) -> Collection[str]:
        """The properties that are stated."""
        return self.raw.keys()

    def value(self, name: str) -> Value:
        """The value of one property."""
        if name in self.raw:
            return self.scope.value(self.raw[name])
        if any(key.startswith("Fn::") for key in self.raw):
            whole = self.scope.value(self.raw)
            return whole[name] if isinstance(whole, (OpenMap, Unknown, dict)) else ABSENT
        return ABSENT

    def origin(self, path: str) -> Origin:
        """Where a property was written; the resource itself (role "resource") when it is absent."""
        segments = parse(path)
        if self.made is not None:
            return self._made_origin(segments)
        if not segments:
            return Origin(self.scope.file, self.route, "resource")
        route, depth, _ = self._descend(self.raw, segments)
        role = "value" if depth == len(segments) else ("key" if depth else "resource")
        return Origin(self.scope.file, self.route + (("Properties", *route) if depth else ()), role)

    def _made_origin(self, segments: Path) -> Origin:
        assert self.made is not None
        for length in range(len(segments), 0, -1):
            own = self.made.properties.get(_dotted(segments[:length]))
            if own is None:
                continue
            for start in self._author_routes(own):
                found = _at(self.scope.template, start)
                if found is _NOTHING:
                    continue
                route, depth, _ = self._descend(found, segments[length:])
                role = "value" if depth == len(segments) - length else "key"
                return Origin(self.scope.file, (*start, *route), role)
        return Origin(self.scope.file, self.made.route, "resource")

    def _author_routes(self, own: Route) -> Iterator[Route]:
        """The author's property in the SAM resource, else in `Globals`."""
        assert self.made is not None
        yield ("Resources", self.made.by, *own)
        resources = self.scope.template.get("Resources")
        resource = resources.get(self.made.by) if isinstance(resources, dict) else None
        section = _GLOBALS.get(str(resource.get("Type"))) if isinstance(resource, dict) else None
        if section and own[:1] == ("Properties",):
            yield ("Globals", section, *own[1:])

    def _descend(self, raw: Any, segments: Path) -> tuple[Route, int, Any]:
        """The deepest route that follows the path through the raw tree, how many segments it covers, and what is there."""
        route: list[str | int] = []
        for depth, segment in enumerate(segments):
            raw, through = self._branch(raw)
            route.extend(through)
            found = self._child(raw, segment)
            if found is None:
                return tuple(route), depth, raw
            key, raw = found
            route.append(key)
        return tuple(route), len(segments), raw

    def _branch(self, raw: Any) -> tuple[Any, Route]:
        """What an `Fn::If` with a known condition stands for, and the route there."""
        route: Route = ()
        while isinstance(raw, dict) and len(raw) == 1 and isinstance(raw.get("Fn::If"), list):
            arguments = raw["Fn::If"]
            holds = (
                self.scope.condition(arguments[0])
                if len(arguments) == 3 and isinstance(arguments[0], str)
                else None
            )
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
        if isinstance(segment, int):
            return (segment, raw[segment]) if segment < len(raw) else None
        for index, item in enumerate(raw):
            chosen, _ = self._branch(item)
            if isinstance(chosen, dict) and str(self.scope.value(chosen.get(segment.key))) == segment.value:
                return index, item
        return None

    def trail(self, path: str) -> Trail:
        """From the property to the parameter or mapping that its value comes from; empty for a literal."""
        segments = parse(path)
        if not segments:
            return ()
        _, depth, raw = self._descend(self.raw, segments)
        if depth < len(segments):
            return ()
        raw, _ = self._branch(raw)
        return tuple(self._steps(raw))

    def _steps(self, raw: Any) -> Iterator[Step]:
        if not (isinstance(raw, dict) and len(raw) == 1):
            return
        name, argument = next(iter(raw.items()))
        scope = self.scope
        if name == "Ref" and isinstance(argument, str) and argument in scope.declared:
            users = scope.users(argument)
            given = argument in scope.given
            end = () if given else ("Default",)
            yield Step(f"Parameters.{argument}", Origin(scope.file, ("Parameters", argument, *end)), users)
            if given and argument in scope.sources:
                yield Step(f"{argument} in {scope.sources[argument].file}", scope.sources[argument], users)
        elif (
            name == "Fn::FindInMap"
            and isinstance(argument, list)
            and all(isinstance(part, (str, dict)) for part in argument[:3])
        ):
            keys = tuple(scope.value(part) for part in argument[:3])
            if all(isinstance(key, str) for key in keys):
                yield Step("Mappings." + ".".join(keys), Origin(scope.file, ("Mappings", *keys)))


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


def _dotted(segments: Path) -> str:
    return ".".join(segment for segment in segments if isinstance(segment, str))
