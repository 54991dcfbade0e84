"""`websocket` events: a WebSocket API with its stage, routes and authorizers.

https://www.serverless.com/framework/docs/providers/aws/events/websocket
"""

from __future__ import annotations

from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.build import PROVIDER, Build
from stackworthy.sources.serverless.rest_api_methods import invocation_uri
from stackworthy.sources.serverless.service import Event, Function
from stackworthy.sources.serverless.shapes import as_map, as_text, first, get, is_set, text

API, DEPLOYMENT, STAGE, LOGS = (
    "WebsocketsApi",
    "WebsocketsDeployment",
    "WebsocketsDeploymentStage",
    "WebsocketsLogGroup",
)
_FORMAT = " ".join(
    (
        "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]",
        '"$context.eventType $context.routeKey $context.connectionId" $context.requestId',
    )
)
_KIND = "AWS::ApiGatewayV2"
_SETTINGS: Route = (PROVIDER, "logs", "websocket")


def add_websocket_api(build: Build, asked: list[tuple[Function, Event]]) -> None:
    """Add the API of all `websocket` events of the service."""
    if not asked:
        return
    provider = build.service.provider
    existing = get(provider, "apiGateway", "websocketApiId")
    api = existing if is_set(existing) else {"Ref": API}
    if not is_set(existing):
        _api(build, asked[0][1].route)
    routes = [_route(build, api, function, event) for function, event in asked]
    described = first(provider.get("websocketsDescription"), "Serverless Websockets")
    deployment = {"ApiId": api, "Description": described}
    route = asked[0][1].route
    build.add(DEPLOYMENT, f"{_KIND}::Deployment", deployment, PROVIDER, route, DependsOn=routes)
    if not is_set(existing):
        _stage(build, described)


def _api(build: Build, asked: Route) -> None:
    service, provider = build.service, build.service.provider
    tagged = is_set(get(provider, "websocket", "useProviderTags"))
    api = {
        "Name": first(
            provider.get("websocketsApiName"), text(service.stage, "-", service.name, "-websockets")
        ),
        "RouteSelectionExpression": first(
            provider.get("websocketsApiRouteSelectionExpression"), "$request.body.action"
        ),
        "Description": first(provider.get("websocketsDescription"), "Serverless Websockets"),
        "ProtocolType": "WEBSOCKET",
        "Tags": provider.get("tags") if tagged else None,
    }
    build.add(API, f"{_KIND}::Api", api, PROVIDER, asked)
    resource = {"Fn::Sub": "arn:${AWS::Partition}:execute-api:*:*:*/@connections/*"}
    build.allow(asked, ["execute-api:ManageConnections"], [resource])


def _stage(build: Build, described: Any) -> None:
    service, provider = build.service, build.service.provider
    logs = get(provider, "logs", "websocket")
    stage: dict[str, Any] = {
        "ApiId": {"Ref": API},
        "StageName": service.stage,
        "Description": described,
        "DeploymentId": {"Ref": DEPLOYMENT},
    }
    if is_set(logs):
        executed = get(logs, "executionLogging") is not False
        traced = get(logs, "fullExecutionData")
        stage["DefaultRouteSettings"] = {
            "DataTraceEnabled": True if traced is None else traced,
            "LoggingLevel": first(get(logs, "level"), "INFO") if executed else "OFF",
        }
        if get(logs, "accessLogging") is not False:
            arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${" + LOGS + "}"
            written = first(get(logs, "format"), _FORMAT)
            stage["AccessLogSettings"] = {"DestinationArn": {"Fn::Sub": arn}, "Format": written}
        group = {
            "LogGroupName": text("/aws/websocket/", service.name, "-", service.stage),
            "RetentionInDays": provider.get("logRetentionInDays"),
        }
        retained = {"RetentionInDays": ((PROVIDER, "logRetentionInDays"),)}
        build.add(LOGS, "AWS::Logs::LogGroup", group, PROVIDER, _SETTINGS, retained)
    places: dict[str, tuple[Route, ...]] = {
        "AccessLogSettings": (_SETTINGS,),
        "DefaultRouteSettings.LoggingLevel": ((*_SETTINGS, "level"),),
        "DefaultRouteSettings.DataTraceEnabled": ((*_SETTINGS, "fullExecutionData"),),
    }
    build.add(STAGE, f"{_KIND}::Stage", stage, PROVIDER, (PROVIDER,), places)


def _route(build: Build, api: Any, function: Function, event: Event) -> str:
    """One route with the integration of its function; its logical id."""
    key = as_text(event.get("route")) if isinstance(event.body, dict) else as_text(event.body)
    normal = names.normalized(function.key)
    integration = f"{normal}WebsocketsIntegration"
    if integration not in build.resources:
        properties = {
            "ApiId": api,
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": invocation_uri(function.arn),
        }
        build.of(function, event, integration, f"{_KIND}::Integration", properties)
        permission = f"{normal}LambdaPermissionWebsockets"
        build.permission(function, event, permission, "apigateway.amazonaws.com")
    selection = event.get("routeResponseSelectionExpression")
    route: dict[str, Any] = {
        "ApiId": api,
        "RouteKey": key,
        "AuthorizationType": "NONE",
        "Target": {"Fn::Join": ["/", ["integrations", {"Ref": integration}]]},
        "RouteResponseSelectionExpression": selection,
    }
    authorizer = event.get("authorizer")
    if isinstance(authorizer, Unknown):
        route["AuthorizationType"] = authorizer
    elif is_set(authorizer):
        route["AuthorizationType"] = "CUSTOM"
        route["AuthorizerId"] = {"Ref": _authorizer(build, api, function, event, authorizer)}
    logical_id = names.websocket_route(key)
    table = {"RouteKey": "route", "AuthorizationType": "authorizer"}
    build.of(function, event, logical_id, f"{_KIND}::Route", route, table)
    if is_set(selection):
        response = {"ApiId": api, "RouteId": {"Ref": logical_id}, "RouteResponseKey": "$default"}
        build.of(function, event, f"{logical_id}Response", f"{_KIND}::RouteResponse", response)
    return logical_id


def _authorizer(build: Build, api: Any, function: Function, event: Event, stated: Any) -> str:
    own = as_map(stated)
    arn = stated if isinstance(stated, str) and ":" in stated else own.get("arn")
    name = as_text(own.get("name"), as_text(stated)) if arn is None or "name" in own else ""
    if isinstance(arn, str):
        name = arn.rsplit(":", 1)[-1]
    target = build.service.functions.get(name)
    if arn is None:
        arn = target.arn if target is not None else Unknown(f"there is no function {name}", stated=True)
    properties = {
        "ApiId": api,
        "Name": name,
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": invocation_uri(arn),
        "IdentitySource": first(own.get("identitySource"), ["route.request.header.Auth"]),
    }
    logical_id = f"{names.normalized(name)}WebsocketsAuthorizer"
    table = {"IdentitySource": "authorizer.identitySource"}
    build.of(function, event, logical_id, f"{_KIND}::Authorizer", properties, table)
    permission = f"{names.normalized(name)}LambdaPermissionWebsockets"
    if permission not in build.resources:
        build.permission(function, event, permission, "apigateway.amazonaws.com", FunctionName=arn)
    return logical_id
