"""`http` events: a REST API with its resources, methods, deployment and stage.

https://www.serverless.com/framework/docs/providers/aws/events/apigateway
"""

from __future__ import annotations

from functools import partial
from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.build import PROVIDER, Build
from stackworthy.sources.serverless.rest_api_methods import Endpoint, add_method, add_preflight
from stackworthy.sources.serverless.rest_api_stage import add_deployment
from stackworthy.sources.serverless.service import Event, Function
from stackworthy.sources.serverless.shapes import as_map, as_text, get, is_set, text

API = "ApiGatewayRestApi"


def add_rest_api(build: Build, asked: list[tuple[Function, Event]]) -> None:
    """Add the API of all `http` events of the service."""
    endpoints = [
        found for function, event in asked if (found := _endpoint(build, function, event)) is not None
    ]
    if not endpoints:
        return
    _rest_api(build, endpoints[0].event.route)
    for endpoint in endpoints:
        endpoint.resource = _resource(build, endpoint)
    for endpoint in endpoints:
        build.attempt(endpoint.event.route, partial(add_method, build, endpoint))
    for path in dict.fromkeys(endpoint.path for endpoint in endpoints):
        sharing = [one for one in endpoints if one.path == path and is_set(one.event.get("cors"))]
        if sharing:
            build.attempt(sharing[0].event.route, partial(add_preflight, build, sharing))
    add_deployment(build, endpoints[0].event.route)


def _endpoint(build: Build, function: Function, event: Event) -> Endpoint | None:
    """The method and path of an event, written as a text or as a map."""
    method, path = event.get("method"), event.get("path")
    if isinstance(event.body, str):
        method, _, path = event.body.strip().partition(" ")
    if not isinstance(method, str) or not isinstance(path, str) or not method:
        unknown = next((one for one in (event.body, method, path) if isinstance(one, Unknown)), None)
        reason = unknown.reason if unknown is not None else "it has no method or no path"
        build.problem(event.route, f"the http event is left out: {reason}", "state its method and path")
        return None
    return Endpoint(function, event, method.upper(), path.strip().strip("/"), rest_api_id(build))


def rest_api_id(build: Build) -> Any:
    """What methods name as their API: the generated one, or one that exists."""
    stated = get(build.service.provider, "apiGateway", "restApiId")
    return stated if is_set(stated) else {"Ref": API}


def _rest_api(build: Build, asked: Route) -> None:
    provider = build.service.provider
    stated = as_map(provider.get("apiGateway"))
    if is_set(stated.get("restApiId")):
        return
    kind, policy = as_text(provider.get("endpointType"), "EDGE").upper(), stated.get("resourcePolicy")
    endpoint: dict[str, Any] = {"Types": [kind]}
    if is_set(provider.get("vpcEndpointIds")):
        endpoint["VpcEndpointIds"] = provider["vpcEndpointIds"]
    source = stated.get("apiKeySourceType")
    api = {
        "Name": api_name(build),
        "BinaryMediaTypes": stated.get("binaryMediaTypes"),
        "DisableExecuteApiEndpoint": stated.get("disableDefaultEndpoint"),
        "EndpointConfiguration": endpoint,
        "Policy": {"Version": "2012-10-17", "Statement": policy} if is_set(policy) else None,
        "ApiKeySourceType": source.upper() if isinstance(source, str) else source,
        "MinimumCompressionSize": stated.get("minimumCompressionSize"),
        "Description": stated.get("description"),
    }
    base = (PROVIDER, "apiGateway")
    places: dict[str, tuple[Route, ...]] = {
        "Name": ((PROVIDER, "apiName"),),
        "BinaryMediaTypes": ((*base, "binaryMediaTypes"),),
        "DisableExecuteApiEndpoint": ((*base, "disableDefaultEndpoint"),),
        "EndpointConfiguration": ((PROVIDER, "endpointType"),),
        "EndpointConfiguration.Types.0": ((PROVIDER, "endpointType"),),
        "EndpointConfiguration.VpcEndpointIds": ((PROVIDER, "vpcEndpointIds"),),
        "Policy": ((*base, "resourcePolicy"),),
        "Policy.Statement": ((*base, "resourcePolicy"),),
        "ApiKeySourceType": ((*base, "apiKeySourceType"),),
        "MinimumCompressionSize": ((*base, "minimumCompressionSize"),),
        "Description": ((*base, "description"),),
    }
    route = base if stated else asked
    build.add(API, "AWS::ApiGateway::RestApi", api, PROVIDER, route, places)


def api_name(build: Build) -> Any:
    """The name of the API."""
    service = build.service
    if is_set(service.provider.get("apiName")):
        return service.provider["apiName"]
    if is_set(get(service.provider, "apiGateway", "shouldStartNameWithService")):
        return text(service.name, "-", service.stage)
    return text(service.stage, "-", service.name)


def _resource(build: Build, endpoint: Endpoint) -> Any:
    """The resource of a path, with those above it; the API's root for the empty path."""
    stated = as_map(get(build.service.provider, "apiGateway", "restApiResources"))
    root = get(build.service.provider, "apiGateway", "restApiRootResourceId")
    own = get(build.service.provider, "apiGateway", "restApiId")
    parent: Any = root if is_set(root) else {"Fn::GetAtt": [API, "RootResourceId"]}
    if is_set(own) and not is_set(root):
        parent = Unknown("the root resource of the existing API is known at deployment", stated=True)
    sofar: list[str] = []
    for part in endpoint.path.split("/") if endpoint.path else ():
        sofar.append(part)
        path = "/".join(sofar)
        known = stated.get(path, stated.get("/" + path))
        if known is not None:
            parent = known
            continue
        logical_id = f"ApiGatewayResource{names.path(path)}"
        if logical_id not in build.resources:
            resource = {"ParentId": parent, "PathPart": part, "RestApiId": endpoint.api}
            kind = "AWS::ApiGateway::Resource"
            build.of(endpoint.function, endpoint.event, logical_id, kind, resource, {"PathPart": "path"})
        parent = {"Ref": logical_id}
    return parent
