"""One service: its resolved configuration, cut into provider and functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from stackworthy.core.origin import Route
from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.shapes import as_list, as_map, as_text, first, get, text


class Event(msgspec.Struct):
    """One event of a function: its type, its body (a text, a map, unknown), its number from 0 and the route to its body."""

    type: str
    body: Any
    index: int
    route: Route

    def get(self, *keys: str | int) -> Any:
        """What the body states, None where it is no map or states nothing."""
        return None if isinstance(self.body, Unknown) else get(self.body, *keys)


class Function(msgspec.Struct):
    """One function of the service. `alias` is the name and the logical id of the alias that its events call, if it has one."""

    key: str
    body: dict[str, Any]
    route: Route
    name: Any
    alias: tuple[str, str] | None = None

    @property
    def id(self) -> str:
        """The logical id of the Lambda function."""
        return names.function(self.key)

    @property
    def arn(self) -> Any:
        """What events call: the function, or its alias."""
        arn = {"Fn::GetAtt": [self.id, "Arn"]}
        return {"Fn::Join": [":", [arn, self.alias[0]]]} if self.alias else arn

    def events(self, *types: str) -> Iterator[Event]:
        """The events of these types, of all types when none is named."""
        for index, event in enumerate(as_list(self.body.get("events"))):
            for kind, body in as_map(event).items():
                if isinstance(kind, str) and (not types or kind in types) and body is not None:
                    yield Event(kind, body, index, (*self.route, "events", index, kind))


class Service:
    """The resolved configuration of one service in one stage."""

    def __init__(self, config: Any, stage: str, region: str) -> None:
        self.config = as_map(config)
        self.stage = stage
        self.region = region
        stated = self.config.get("service")
        self.name = first(get(stated, "name") if isinstance(stated, dict) else stated, "service")
        provider = self.config.get("provider")
        self.provider = as_map(provider)
        self.functions = {function.key: function for function in self._functions()}

    def _functions(self) -> Iterator[Function]:
        stated = self.config.get("functions")
        layers = enumerate(stated) if isinstance(stated, list) else [(None, stated)]
        for index, layer in layers:
            start: Route = ("functions",) if index is None else ("functions", index)
            for key, body in as_map(layer).items():
                if isinstance(key, str) and isinstance(body, dict):
                    yield Function(key, body, (*start, key), self._name(key, body))

    def _name(self, key: str, body: dict[str, Any]) -> Any:
        return first(body.get("name"), text(self.name, "-", self.stage, "-", key))

    def get(self, *keys: str | int) -> Any:
        """What stands at a route of the configuration, None where there is nothing."""
        return get(self.config, *keys)

    def plugins(self) -> set[str]:
        """The names of the plugins that are loaded."""
        stated = self.config.get("plugins")
        stated = get(stated, "modules") if isinstance(stated, dict) else stated
        return {as_text(name).strip() for name in as_list(stated)}

    def own_name(self, own: str) -> str:
        """The service's name as far as it is known, for logical ids."""
        return as_text(self.name, own)
