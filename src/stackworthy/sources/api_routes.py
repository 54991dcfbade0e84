"""One route resource for each route of an API whose routes stand in its OpenAPI document, whatever the format."""

from __future__ import annotations

from collections.abc import Callable

from stackworthy.aws.openapi import Operation, operations
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin
from stackworthy.core.resource import MadeBy, Resource
from stackworthy.core.value import ABSENT, Map, Reference, Value
from stackworthy.sources.fixed_properties import FixedProperties

REST_API, HTTP_API = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"
METHOD, ROUTE = "AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route"

Place = Callable[[Operation], tuple[Origin, MadeBy | None] | None]
"""Where the author asked for an operation; None when nobody did, so that it is no route of its own."""


def add_routes(graph: Graph, api: Resource, place: Place) -> None:
    """Add the routes that the API's `Body` states. Their addresses are the API's, the method and the path."""
    kind, properties = (METHOD, _method) if api.kind == REST_API else (ROUTE, _route)
    for operation in operations(api["Body"]):
        address = f"{api.address} {operation.method} {operation.path}"
        found = place(operation)
        if found is None or graph.get(address) is not None:
            continue
        origin, made_by = found
        values = {name: value for name, value in properties(api, operation).items() if value is not ABSENT}
        graph.add(
            Resource(
                address,
                kind,
                api.type,
                FixedProperties(values, origin),
                origin,
                part_of=api.address,
                made_by=made_by,
                when=api.when,
                region=api.region,
            )
        )


def _route(api: Resource, operation: Operation) -> dict[str, Value]:
    path = operation.path
    key = "$default" if path in ("/$default", "$default") else f"{operation.method} {path}"
    integration = operation.integration
    return {
        "ApiId": Reference(api.address, "Ref"),
        "RouteKey": key,
        "AuthorizationType": operation.authorization,
        "AuthorizationScopes": operation.scopes,
        "ApiKeyRequired": operation.api_key,
        "Target": integration["uri"] if isinstance(integration, Map) else integration,
    }


_INTEGRATION = {
    "type": "Type",
    "uri": "Uri",
    "httpMethod": "IntegrationHttpMethod",
    "timeoutInMillis": "TimeoutInMillis",
    "credentials": "Credentials",
    "connectionType": "ConnectionType",
    "requestTemplates": "RequestTemplates",
    "requestParameters": "RequestParameters",
}


def _method(api: Resource, operation: Operation) -> dict[str, Value]:
    stated = operation.integration
    integration: Value = stated
    if isinstance(stated, Map):
        renamed = {name: stated[own] for own, name in _INTEGRATION.items()}
        integration = Map({name: value for name, value in renamed.items() if value is not ABSENT})
        if isinstance(integration["Type"], str):
            integration["Type"] = integration["Type"].upper()
    return {
        "RestApiId": Reference(api.address, "Ref"),
        "HttpMethod": operation.method,
        "OperationName": f"{operation.method} {operation.path}",
        "AuthorizationType": operation.authorization,
        "AuthorizationScopes": operation.scopes,
        "ApiKeyRequired": operation.api_key,
        "Integration": integration,
    }
