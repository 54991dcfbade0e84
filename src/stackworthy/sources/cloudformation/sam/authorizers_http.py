"""The authorizers of an HTTP API, as its definition declares them.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapiauth.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import Context
from .expansion import Route

_AUTHORIZER = "x-amazon-apigateway-authorizer"
_JWT_ONLY = ("AuthorizationScopes", "JwtConfiguration", "IdentitySource")
_FUNCTION_ONLY = (
    "FunctionArn",
    "FunctionInvokeRole",
    "Identity",
    "AuthorizerPayloadFormatVersion",
    "EnableSimpleResponses",
    "EnableFunctionDefaultPermissions",
)
_SOURCES = (
    ("$request.header.", "Headers"),
    ("$request.querystring.", "QueryStrings"),
    ("$stageVariables.", "StageVariables"),
    ("$context.", "Context"),
)

IAM: Mapping[str, Any] = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
"""What a definition says of the authorizer that `EnableIamAuthorizer` switches on."""


def checked_http_authorizers(context: Context, configured: Any, route: Route) -> dict[str, dict[str, Any]]:
    """The author's authorizers by name, each fit to be declared. Raises `Unexpandable`."""
    if not configured:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for name, authorizer in context.need_map(configured, route).items():
        place = (*route, name)
        _check(context, context.need_map(authorizer, place), place)
        found[name] = authorizer
    return found


def _check(context: Context, authorizer: Mapping[str, Any], place: Route) -> None:
    if "OpenIdConnectUrl" in authorizer:
        context.refuse((*place, "OpenIdConnectUrl"), "is no longer supported")
    jwt = authorizer.get("JwtConfiguration")
    if jwt:
        context.need_map(jwt, (*place, "JwtConfiguration"))
    for name in _FUNCTION_ONLY if jwt else _JWT_ONLY:
        if authorizer.get(name) is not None:
            kind = "a Lambda" if jwt else "an OAuth 2"
            context.refuse((*place, name), f"is only for {kind} authorizer")
    if authorizer.get("AuthorizationScopes") is not None:
        context.need_list(authorizer["AuthorizationScopes"], (*place, "AuthorizationScopes"))
    for name in ("IdentitySource",) if jwt else ("FunctionArn", "AuthorizerPayloadFormatVersion"):
        if not authorizer.get(name):
            context.refuse((*place, name), "is required")
    switch = authorizer.get("EnableFunctionDefaultPermissions")
    if switch is not None and not isinstance(switch, bool):
        context.refuse((*place, "EnableFunctionDefaultPermissions"), "must be true or false")
    identity = authorizer.get("Identity")
    if identity:
        context.need_map(identity, (*place, "Identity"))
        for _, name in _SOURCES:
            values = identity.get(name)
            if values:
                for index, value in enumerate(context.need_list(values, (*place, "Identity", name))):
                    context.need_text(value, (*place, "Identity", name, index))


def http_declaration(authorizer: Mapping[str, Any], partition: str) -> dict[str, Any]:
    """What `securitySchemes` says of one authorizer."""
    if authorizer.get("JwtConfiguration"):
        details = {
            "jwtConfiguration": {
                str(key).lower(): value for key, value in authorizer["JwtConfiguration"].items()
            },
            "identitySource": authorizer["IdentitySource"],
            "type": "jwt",
        }
        return {"type": "oauth2", _AUTHORIZER: details}
    path = "lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations"
    uri = f"arn:{partition}:apigateway:${{AWS::Region}}:{path}"
    details = {
        "type": "request",
        "authorizerUri": {"Fn::Sub": [uri, {"__FunctionArn__": authorizer["FunctionArn"]}]},
        "authorizerPayloadFormatVersion": authorizer["AuthorizerPayloadFormatVersion"],
    }
    role = authorizer.get("FunctionInvokeRole")
    if role and role != "NONE":
        details["authorizerCredentials"] = role
    identity = authorizer.get("Identity")
    if identity:
        if identity.get("ReauthorizeEvery") is not None:
            details["authorizerResultTtlInSeconds"] = identity["ReauthorizeEvery"]
        details["identitySource"] = [
            prefix + value for prefix, name in _SOURCES for value in identity.get(name) or ()
        ]
    if authorizer.get("EnableSimpleResponses"):
        details["enableSimpleResponses"] = authorizer["EnableSimpleResponses"]
    return {"type": "apiKey", "name": "Unused", "in": "header", _AUTHORIZER: details}
