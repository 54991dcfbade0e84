"""`httpApi` events: an HTTP API with its stage, routes, integrations and authorizers.

https://www.serverless.com/framework/docs/providers/aws/events/http-api
"""

from __future__ import annotations

from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.build import PROVIDER, Build
from stackworthy.sources.serverless.rest_api_methods import HEADERS, invocation_uri, invoke_arn
from stackworthy.sources.serverless.service import Event, Function
from stackworthy.sources.serverless.shapes import as_list, as_map, as_text, first, get, is_set, text

API, STAGE, LOGS = "HttpApi", "HttpApiStage", "HttpApiLogGroup"
TIMEOUT = 30_000
"""The integration timeout that the framework sets, in milliseconds."""

BASE: Route = (PROVIDER, "httpApi")
_METHODS = ("GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE")
_FORMAT = (
    '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","requestTime":"$context.requestTime",'
    '"httpMethod":"$context.httpMethod","routeKey":"$context.routeKey","status":"$context.status",'
    '"protocol":"$context.protocol","responseLength":"$context.responseLength"}'
)
_CORS = {
    "AllowOrigins": "allowedOrigins",
    "AllowHeaders": "allowedHeaders",
    "AllowMethods": "allowedMethods",
    "AllowCredentials": "allowCredentials",
    "ExposeHeaders": "exposedResponseHeaders",
    "MaxAge": "maxAge",
}
ROUTE_TABLE = {
    "RouteKey": "path",
    "AuthorizationType": "authorizer",
    "AuthorizerId": "authorizer",
    "AuthorizationScopes": "authorizer.scopes",
}


def add_http_api(build: Build, asked: list[tuple[Function, Event]]) -> None:
    """Add the API of all `httpApi` events of the service."""
    routes = [
        (function, event, key) for function, event in asked if (key := _route_key(build, event)) is not None
    ]
    if not routes:
        return
    stated = as_map(build.service.provider.get("httpApi"))
    api: Any = stated.get("id")
    if not is_set(api):
        api = {"Ref": API}
        _api(build, stated, routes[0][1].route, [key for _, _, key in routes])
    for name, authorizer in as_map(stated.get("authorizers")).items():
        _authorizer(build, api, str(name), as_map(authorizer))
    for function, event, key in routes:
        _route(build, api, function, event, key)


def _route_key(build: Build, event: Event) -> str | None:
    method, path = event.get("method"), event.get("path")
    if isinstance(event.body, str):
        method, _, path = event.body.strip().partition(" ")
        method, path = (None, "*") if event.body.strip() == "*" else (method, path.strip())
    if not isinstance(path, str) or not isinstance(method or "*", str):
        unknown = next((one for one in (event.body, method, path) if isinstance(one, Unknown)), None)
        reason = unknown.reason if unknown is not None else "it has no path"
        build.problem(event.route, f"the httpApi event is left out: {reason}", "state its method and path")
        return None
    if path == "*":
        return "$default"
    method = (method or "*").upper()
    return f"{'ANY' if method == '*' else method} {path}"


def _api(build: Build, stated: dict[str, Any], asked: Route, keys: list[str]) -> None:
    service = build.service
    started = is_set(stated.get("shouldStartNameWithService"))
    name = (service.name, "-", service.stage) if started else (service.stage, "-", service.name)
    api = {
        "Name": first(stated.get("name"), text(*name)),
        "ProtocolType": "HTTP",
        "DisableExecuteApiEndpoint": stated.get("disableDefaultEndpoint"),
        "Tags": service.provider.get("tags"),
        "CorsConfiguration": _cors(stated.get("cors"), keys),
    }
    places: dict[str, tuple[Route, ...]] = {
        "Name": ((*BASE, "name"),),
        "DisableExecuteApiEndpoint": ((*BASE, "disableDefaultEndpoint"),),
        "CorsConfiguration": ((*BASE, "cors"),),
        **{f"CorsConfiguration.{made}": ((*BASE, "cors", own),) for made, own in _CORS.items()},
        "Tags": ((PROVIDER, "tags"),),
    }
    route = BASE if stated else asked
    build.add(API, "AWS::ApiGatewayV2::Api", api, PROVIDER, route, places)
    _stage(build, stated)


def _cors(stated: Any, keys: list[str]) -> Any:
    if not is_set(stated) or isinstance(stated, Unknown):
        return stated if isinstance(stated, Unknown) else None
    own = as_map(stated)
    methods = own.get("allowedMethods")
    if methods is None:
        methods = ["OPTIONS"]
        for key in keys:
            used = _METHODS if key.startswith(("ANY", "$")) else (key.split(" ")[0],)
            methods += [method for method in used if method not in methods]
    cors = {
        "AllowOrigins": _listed(first(own.get("allowedOrigins"), ["*"])),
        "AllowHeaders": _listed(first(own.get("allowedHeaders"), HEADERS)),
        "AllowMethods": _listed(methods),
        "AllowCredentials": own.get("allowCredentials"),
        "ExposeHeaders": own.get("exposedResponseHeaders"),
        "MaxAge": own.get("maxAge"),
    }
    return {name: value for name, value in cors.items() if value is not None}


def _listed(value: Any) -> Any:
    return value if isinstance(value, Unknown) else as_list(value)


def _stage(build: Build, stated: dict[str, Any]) -> None:
    service = build.service
    logs = get(service.provider, "logs", "httpApi")
    metrics = stated.get("metrics")
    stage = {
        "ApiId": {"Ref": API},
        "StageName": "$default",
        "AutoDeploy": True,
        "DefaultRouteSettings": {"DetailedMetricsEnabled": False if metrics is None else metrics},
        "Tags": service.provider.get("tags"),
    }
    settings: Route = (PROVIDER, "logs", "httpApi")
    if is_set(logs):
        stage["AccessLogSettings"] = {
            "DestinationArn": {"Fn::GetAtt": [LOGS, "Arn"]},
            "Format": first(get(logs, "format"), _FORMAT),
        }
        group = {
            "LogGroupName": text("/aws/http-api/", stack_name(build)),
            "RetentionInDays": service.provider.get("logRetentionInDays"),
            "DataProtectionPolicy": service.provider.get("logDataProtectionPolicy"),
        }
        retained = {"RetentionInDays": ((PROVIDER, "logRetentionInDays"),)}
        build.add(LOGS, "AWS::Logs::LogGroup", group, PROVIDER, settings, retained)
    places: dict[str, tuple[Route, ...]] = {
        "AccessLogSettings": (settings,),
        "AccessLogSettings.Format": ((*settings, "format"),),
        "DefaultRouteSettings.DetailedMetricsEnabled": ((*BASE, "metrics"),),
        "Tags": ((PROVIDER, "tags"),),
    }
    build.add(STAGE, "AWS::ApiGatewayV2::Stage", stage, PROVIDER, (PROVIDER,), places)


def stack_name(build: Build) -> Any:
    """The name of the stack."""
    service = build.service
    stated = service.provider.get("stackName")
    return stated if is_set(stated) else text(service.name, "-", service.stage)


def _authorizer(build: Build, api: Any, name: str, stated: dict[str, Any]) -> None:
    route: Route = (*BASE, "authorizers", name)
    requested = stated.get("type") == "request" if isinstance(stated.get("type"), str) else False
    properties: dict[str, Any] = {
        "ApiId": api,
        "Name": first(stated.get("name"), name),
        "IdentitySource": _listed(stated.get("identitySource")),
        "AuthorizerType": "REQUEST" if requested else "JWT",
    }
    if requested:
        function = build.service.functions.get(as_text(stated.get("functionName")))
        arn = function.arn if function is not None else stated.get("functionArn")
        properties["EnableSimpleResponses"] = stated.get("enableSimpleResponses")
        properties["AuthorizerResultTtlInSeconds"] = stated.get("resultTtlInSeconds")
        properties["AuthorizerPayloadFormatVersion"] = first(stated.get("payloadVersion"), "2.0")
        properties["AuthorizerUri"] = invocation_uri(arn)
        if not is_set(stated.get("managedExternally")):
            permission = {
                "FunctionName": arn,
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": invoke_arn(api, "/*"),
            }
            logical_id = f"{names.normalized(name)}LambdaAuthorizerPermissionHttpApi"
            build.add(logical_id, "AWS::Lambda::Permission", permission, PROVIDER, route)
    else:
        audience = _listed(stated.get("audience"))
        properties["JwtConfiguration"] = {"Audience": audience, "Issuer": stated.get("issuerUrl")}
    places: dict[str, tuple[Route, ...]] = {
        "IdentitySource": ((*route, "identitySource"),),
        "AuthorizerResultTtlInSeconds": ((*route, "resultTtlInSeconds"),),
        "JwtConfiguration.Audience": ((*route, "audience"),),
        "JwtConfiguration.Issuer": ((*route, "issuerUrl"),),
    }
    logical_id = f"HttpApiAuthorizer{names.normalized(name)}"
    build.add(logical_id, "AWS::ApiGatewayV2::Authorizer", properties, PROVIDER, route, places)


def _route(build: Build, api: Any, function: Function, event: Event, key: str) -> None:
    normal, depends = names.normalized(function.key), function.alias[1] if function.alias else None
    integration = f"HttpApiIntegration{normal}"
    if integration not in build.resources:
        shared = get(build.service.provider, "httpApi", "payload")
        properties = {
            "ApiId": api,
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": function.arn,
            "PayloadFormatVersion": first(get(function.body, "httpApi", "payload"), shared, "2.0"),
            "TimeoutInMillis": TIMEOUT,
        }
        kind = "AWS::ApiGatewayV2::Integration"
        build.of(function, event, integration, kind, properties, DependsOn=depends)
        permission = f"{normal}LambdaPermissionHttpApi"
        build.permission(function, event, permission, "apigateway.amazonaws.com", invoke_arn(api, "/*"))
    route = {
        "ApiId": api,
        "RouteKey": key,
        "Target": {"Fn::Join": ["/", ["integrations", {"Ref": integration}]]},
        **_authorization(build, event),
    }
    logical_id = "HttpApiRouteDefault" if key == "$default" else f"HttpApiRoute{names.path(key)}"
    kind = "AWS::ApiGatewayV2::Route"
    build.of(function, event, logical_id, kind, route, ROUTE_TABLE, DependsOn=integration)


def _authorization(build: Build, event: Event) -> dict[str, Any]:
    stated = event.get("authorizer")
    if not is_set(stated):
        return {}
    if isinstance(stated, Unknown):
        return {"AuthorizationType": stated}
    own = as_map(stated)
    name = stated if isinstance(stated, str) else own.get("name")
    declared = (
        as_map(get(build.service.provider, "httpApi", "authorizers", name)) if isinstance(name, str) else {}
    )
    kind = as_text(own.get("type")) or as_text(declared.get("type"))
    if kind == "aws_iam":
        return {"AuthorizationType": "AWS_IAM"}
    reference = (
        own["id"] if is_set(own.get("id")) else {"Ref": f"HttpApiAuthorizer{names.normalized(as_text(name))}"}
    )
    return {
        "AuthorizationType": "CUSTOM" if kind == "request" else "JWT",
        "AuthorizerId": reference,
        "AuthorizationScopes": _listed(own["scopes"]) if is_set(own.get("scopes")) else None,
    }
