"""What the parts of a GraphQL API share: its ids and attributes, and the connectors between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from . import connector
from .context import Context, property_route
from .expansion import Route
from .intrinsics import get_att


class Graph:
    """One GraphQL API on its way. `names` leads from data sources to their names, `functions` from functions to their ids."""

    def __init__(self, context: Context, api: str) -> None:
        self.context = context
        self.api = api
        self.attributes = context.own_attributes(api)
        self.depends_on = context.resources[api].get("DependsOn")
        self.names: dict[str, Any] = {}
        self.functions: dict[str, Any] = {}

    def add(
        self,
        suffix: str,
        kind: str,
        properties: Mapping[str, Any],
        properties_from: Mapping[str, Route],
        *path: str | int,
        api_id: bool = True,
        depends_on: Any = None,
    ) -> str:
        """Add a part; `path` leads to what asks for it. Returns its logical id."""
        named = {"ApiId": get_att(self.api, "ApiId")} if api_id and kind != "AWS::IAM::Role" else {}
        return self.context.add(
            f"{self.api}{suffix}",
            kind,
            {**named, **properties},
            by=self.api,
            route=property_route(self.api, *path) if path else None,
            properties_from=properties_from,
            attributes=self.attributes,
            depends_on=self.depends_on if depends_on is None else depends_on,
        )

    def refuse(self, message: str, *path: str | int) -> NoReturn:
        self.context.refuse(property_route(self.api, *path), message)

    def map_at(self, value: Any, *path: str | int) -> dict[str, Any]:
        return self.context.need_map(value, property_route(self.api, *path))

    def list_at(self, value: Any, *path: str | int) -> list[Any]:
        return self.context.need_list(value, property_route(self.api, *path))


def as_stated(value: Mapping[str, Any]) -> dict[str, Any]:
    """A map without what is null."""
    return {key: item for key, item in value.items() if item is not None}


def connect(
    graph: Graph,
    suffix: str,
    source: Mapping[str, Any],
    destination: Mapping[str, Any],
    permissions: list[Any],
    path: Route,
) -> None:
    """Let one part call another, as a connector between the two would."""
    context, logical_id = graph.context, graph.api + suffix
    properties = {"Source": source, "Destination": destination, "Permissions": permissions}
    context.resources[logical_id] = {"Type": "AWS::Serverless::Connector", "Properties": properties}
    mark = context.mark()
    try:
        connector.expand(context, logical_id)
    finally:
        del context.resources[logical_id]
    for made_id in context.written_since(mark):
        made = context.expansion.made.get(made_id)
        if made is not None and made.by == logical_id:
            made.by, made.route = graph.api, property_route(graph.api, *path)
            made.properties = {}
