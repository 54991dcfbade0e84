"""The routes of a template's APIs that stand in OpenAPI documents: of SAM's events, and of the author's own documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stackworthy.aws.openapi import Operation
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin, Route
from stackworthy.core.resource import MadeBy
from stackworthy.sources.api_routes import HTTP_API, REST_API, Place
from stackworthy.sources.api_routes import add_routes as add_api_routes
from stackworthy.sources.cloudformation.sam.expansion import ApiRoute, Made
from stackworthy.sources.cloudformation.scope import Scope


def add_routes(graph: Graph, scope: Scope, routes: Iterable[ApiRoute], made: Mapping[str, Made]) -> None:
    """Add the routes of the template's APIs to the graph, each at the place where its author asked for it."""
    asked = {(route.api, route.method, route.path): route for route in routes}
    for name, address in scope.addresses.items():
        api = graph.get(address)
        if api is not None and api.kind in (REST_API, HTTP_API) and api.present:
            place = _asked(scope, name, asked) if name in made else _written(scope, name, api.origin)
            add_api_routes(graph, api, place)


def _asked(scope: Scope, api: str, asked: Mapping[tuple[str, str, str], ApiRoute]) -> Place:
    def place(operation: Operation) -> tuple[Origin, MadeBy | None] | None:
        path = "$default" if operation.path == "/$default" else operation.path
        route = asked.get((api, operation.method, operation.path)) or asked.get((api, operation.method, path))
        if route is None:
            return None
        owner = scope.addresses.get(route.by or api, route.by or api)
        return scope.place(route.route), MadeBy(owner, _editable(route.route))

    return place


def _written(scope: Scope, api: str, resource: Origin) -> Place:
    def place(operation: Operation) -> tuple[Origin, MadeBy | None] | None:
        route = (*resource.route, "Properties", "Body", "paths", operation.path, operation.key)
        return Origin(resource.file, route), MadeBy(scope.addresses[api], "Body")

    return place


def _editable(route: Route) -> str | None:
    parts = [str(part) for part in route[2:]]
    return ".".join(parts[1:] if parts[:1] == ["Properties"] else parts) or None
