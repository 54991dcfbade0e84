"""`AWS::Serverless::WebSocketApi`: the WebSocket API with its routes, integrations, permissions, stage, authorizer and domain.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-websocketapi.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .api_plan import api_place
from .api_properties import WEBSOCKET, WEBSOCKET_SHAPES, api_property_routes
from .context import Context, property_route
from .domains_http import add_v2_domain
from .expansion import ApiRoute, Route
from .http_api import HTTP_API, STAGE, authorizer_permission
from .intrinsics import is_intrinsic, join, ref, sub
from .shapes import checked

_CREATED = {"websocketapi:createdBy": "SAM"}
_SPECIAL = ("$connect", "$disconnect", "$default")
_DEFAULT_STAGE = "default"
_FUNCTION = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
_COPIED = (
    "ApiKeySelectionExpression",
    "Description",
    "DisableExecuteApiEndpoint",
    "DisableSchemaValidation",
    "IpAddressType",
    "RouteSelectionExpression",
)
_ROUTE = (
    "ApiKeyRequired",
    "ModelSelectionExpression",
    "OperationName",
    "RequestModels",
    "RouteResponseSelectionExpression",
)
_TAGGED = (HTTP_API, STAGE, "AWS::ApiGatewayV2::DomainName")


def expand(context: Context, logical_id: str) -> None:
    properties = _properties(context, logical_id)
    mark = context.mark()
    routes = properties["Routes"]
    auth = _auth(context, logical_id, properties.get("Auth"), routes)
    api = {name: properties.get(name) for name in _COPIED}
    name = properties.get("Name")
    tags = {**(properties.get("Tags") or {}), **_CREATED}
    api |= {"Name": logical_id if name is None else name, "ProtocolType": "WEBSOCKET", "Tags": tags}
    context.add(
        logical_id,
        HTTP_API,
        api,
        by=logical_id,
        properties_from=api_property_routes(WEBSOCKET, HTTP_API),
        attributes=context.own_attributes(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )
    if properties.get("Domain") is not None:
        add_v2_domain(context, WEBSOCKET, logical_id, properties["Domain"], _CREATED)
    stage = properties.get("StageName")
    stage = _DEFAULT_STAGE if stage is None else stage
    route_ids = [_add_route(context, logical_id, key, spec, stage, auth) for key, spec in routes.items()]
    _add_stage(context, logical_id, properties, stage, route_ids)
    if auth.get("AuthType") == "CUSTOM":
        _add_authorizer(context, logical_id, auth)
    if properties.get("PropagateTags") and properties.get("Tags"):
        for made in context.written_since(mark):
            if context.expansion.resources[made]["Type"] in _TAGGED:
                context.set_property(made, "Tags", tags)


def _properties(context: Context, logical_id: str) -> dict[str, Any]:
    route = property_route(logical_id)
    given = checked(context, context.properties(logical_id), WEBSOCKET_SHAPES, route)
    found = {name: value for name, value in given.items() if value is not None}
    for name in ("Auth", "Domain", "Routes"):
        if name in found:
            found[name] = context.resolve(found[name])
    if not context.need_map(found["Routes"], api_place(context, logical_id, "Routes")):
        context.refuse(api_place(context, logical_id, "Routes"), "needs at least one route")
    addresses = found.get("IpAddressType")
    if addresses not in (None, "ipv4", "dualstack") and not is_intrinsic(addresses):
        context.refuse(api_place(context, logical_id, "IpAddressType"), "must be ipv4 or dualstack")
    domain = found.get("Domain")
    if isinstance(domain, dict) and domain.get("MutualTlsAuthentication"):
        context.refuse(
            api_place(context, logical_id, "Domain", "MutualTlsAuthentication"), "is not for WebSocket APIs"
        )
    if found.get("StageName") == "$default":
        context.refuse(api_place(context, logical_id, "StageName"), "cannot be $default for a WebSocket API")
    return found


def _auth(context: Context, logical_id: str, given: Any, routes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings for the authorization of `$connect`; empty where there are none. Raises `Unexpandable`."""
    route = api_place(context, logical_id, "Auth")
    if not given:
        return {}
    auth = context.need_map(given, route)
    kind = auth.get("AuthType")
    if kind not in ("NONE", "AWS_IAM", "CUSTOM"):
        context.refuse((*route, "AuthType"), "must be NONE, AWS_IAM or CUSTOM")
    if kind == "CUSTOM" and not auth.get("AuthArn"):
        context.refuse((*route, "AuthArn"), "is required for the AuthType CUSTOM")
    if kind != "CUSTOM" and len(auth) > 1:
        context.refuse(route, f"has nothing else for the AuthType {kind}")
    if "$connect" not in routes:
        context.refuse(route, "needs a $connect route")
    return auth


def _add_route(context: Context, api: str, key: Any, given: Any, stage: Any, auth: Mapping[str, Any]) -> str:
    """Add a route with its integration and permission. Returns the logical id of the route."""
    place = api_place(context, api, "Routes", key)
    spec = context.need_map(given, place)
    if not isinstance(key, str) or not (key in _SPECIAL or key.isalnum()):
        context.refuse(place, "must be letters and digits, $connect, $disconnect or $default")
    if "FunctionArn" not in spec:
        context.refuse((*place, "FunctionArn"), "is required")
    base = api + key.replace("$", "").capitalize()
    route: dict[str, Any] = {"RouteKey": key, "ApiId": ref(api), **{name: spec.get(name) for name in _ROUTE}}
    if spec.get("RequestParameters"):
        if key != "$connect":
            context.refuse((*place, "RequestParameters"), "is only for the $connect route")
        route["RequestParameters"] = spec["RequestParameters"]
    route["Target"] = join("/", ["integrations", ref(f"{base}Integration")])
    guard = auth.get("AuthType") if key == "$connect" else None
    if guard:
        route["AuthorizationType"] = guard
    if guard == "CUSTOM":
        route["AuthorizerId"] = ref(f"{api}ConnectAuthorizer")
    own = {
        name: ("Properties", "Routes", key, name) for name in (*_ROUTE, "RequestParameters") if name in spec
    }
    _add(context, api, f"{base}Route", "AWS::ApiGatewayV2::Route", route, place, own)
    integration = {
        "ApiId": ref(api),
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": sub(_FUNCTION + "${FunctionArn}/invocations", {"FunctionArn": spec["FunctionArn"]}),
        "TimeoutInMillis": spec.get("IntegrationTimeout"),
    }
    written: dict[str, Route] = {
        "IntegrationUri": ("Properties", "Routes", key, "FunctionArn"),
        "TimeoutInMillis": ("Properties", "Routes", key, "IntegrationTimeout"),
    }
    kind = "AWS::ApiGatewayV2::Integration"
    _add(context, api, f"{base}Integration", kind, integration, place, written)
    permission = _permission(api, key, spec["FunctionArn"], stage)
    _add(context, api, f"{base}Permission", "AWS::Lambda::Permission", permission, place, {})
    protects = auth.get("Name") or f"{api}ConnectAuthorizer" if guard == "CUSTOM" else guard
    named = protects if isinstance(protects, str) or protects is None else f"{api}ConnectAuthorizer"
    context.add_route(ApiRoute(api, "", key, spec["FunctionArn"], place, api, named))
    return f"{base}Route"


def _add(
    context: Context,
    api: str,
    logical_id: str,
    kind: str,
    properties: Mapping[str, Any],
    route: Route,
    properties_from: Mapping[str, Route],
    depends_on: Any = None,
) -> None:
    context.add(
        logical_id,
        kind,
        properties,
        by=api,
        route=route,
        properties_from=properties_from,
        depends_on=depends_on,
    )


def _permission(api: str, key: str, function_arn: Any, stage: Any) -> dict[str, Any]:
    source = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{api}.ApiId}}"
    if isinstance(stage, str):
        arn = sub(f"{source}/{stage}/{key}")
    else:
        arn = sub(f"{source}/${{__StageName__}}/{key}", {"__StageName__": stage})
    return {
        "Action": "lambda:InvokeFunction",
        "FunctionName": function_arn,
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": arn,
    }


def _add_stage(
    context: Context, api: str, properties: Mapping[str, Any], name: Any, route_ids: list[str]
) -> None:
    given = name if isinstance(name, str) else ""
    stage_id = f"{api}DefaultStage" if given == _DEFAULT_STAGE else f"{api}{given}Stage"
    stage = {"ApiId": ref(api), "StageName": name, "Tags": dict(_CREATED), "AutoDeploy": True}
    for key in ("StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings"):
        stage[key] = properties.get(key)
    routes = api_property_routes(WEBSOCKET, STAGE)
    waits = route_ids if properties.get("RouteSettings") else None
    _add(context, api, stage_id, STAGE, stage, ("Resources", api), routes, waits)
    context.refer(api, "Stage", stage_id)


def _add_authorizer(context: Context, api: str, auth: Mapping[str, Any]) -> None:
    place, kind = api_place(context, api, "Auth"), "AWS::ApiGatewayV2::Authorizer"
    name = f"{api}ConnectAuthorizer"
    authorizer = {
        "ApiId": ref(api),
        "AuthorizerCredentialsArn": auth.get("InvokeRole"),
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": sub(_FUNCTION + "${AuthArn}/invocations", {"AuthArn": auth["AuthArn"]}),
        "IdentitySource": auth.get("IdentitySource"),
        "Name": auth.get("Name") or name,
    }
    _add(context, api, name, kind, authorizer, place, api_property_routes(WEBSOCKET, kind))
    if not auth.get("InvokeRole"):
        permission = authorizer_permission(api, auth["AuthArn"])
        written: dict[str, Route] = {"FunctionName": ("Properties", "Auth", "AuthArn")}
        kind = "AWS::Lambda::Permission"
        _add(context, api, f"{api}AuthorizerPermission", kind, permission, place, written)
