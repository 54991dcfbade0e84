"""The authorizers of a REST API, as its definition declares them.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import Context
from .expansion import Route
from .openapi_document import Document, Node, Own

_TYPE, _NAME, _IN, _HEADER = Own("type"), Own("name"), Own("in"), Own("header")
_API_KEY, _AUTH_TYPE = Own("apiKey"), Own("x-amazon-apigateway-authtype")
_AUTHORIZER = Own("x-amazon-apigateway-authorizer")

_SOURCES = (
    ("Headers", "method.request.header."),
    ("QueryStrings", "method.request.querystring."),
    ("StageVariables", "stageVariables."),
    ("Context", "context."),
)


def checked_authorizers(context: Context, configured: Any, route: Route) -> dict[str, dict[str, Any]]:
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
    payload, identity = authorizer.get("FunctionPayloadType"), authorizer.get("Identity")
    if payload not in (None, "TOKEN", "REQUEST"):
        context.refuse((*place, "FunctionPayloadType"), "must be TOKEN or REQUEST")
    if identity:
        context.need_map(identity, (*place, "Identity"))
    if payload == "REQUEST" and _lacks_source(identity):
        context.refuse(place, "needs an Identity with Headers, QueryStrings, StageVariables or Context")
    scopes = authorizer.get("AuthorizationScopes")
    if scopes is not None:
        context.need_list(scopes, (*place, "AuthorizationScopes"))
    switch = authorizer.get("DisableFunctionDefaultPermissions")
    if switch is not None and not isinstance(switch, bool):
        context.refuse((*place, "DisableFunctionDefaultPermissions"), "must be true or false")
    for name, _ in _SOURCES if payload == "REQUEST" else ():
        values = identity.get(name) if isinstance(identity, dict) else None
        if values:
            for index, value in enumerate(context.need_list(values, (*place, "Identity", name))):
                context.need_text(value, (*place, "Identity", name, index))


def _lacks_source(identity: Any) -> bool:
    if not identity:
        return True
    if any(identity.get(name) for name, _ in _SOURCES):
        return False
    seconds = identity.get("ReauthorizeEvery")
    try:
        return seconds is None or int(seconds) > 0
    except (TypeError, ValueError):
        return True


def iam_declaration(document: Document) -> Node:
    return document.node(
        {_TYPE: _API_KEY, _NAME: Own("Authorization"), _IN: _HEADER, _AUTH_TYPE: Own("awsSigv4")}
    )


def declaration(document: Document, authorizer: Mapping[str, Any], partition: str) -> Node:
    """What `securityDefinitions` says of one authorizer."""
    payload = authorizer.get("FunctionPayloadType") or "TOKEN"
    identity = authorizer.get("Identity") or {}
    pool = authorizer.get("UserPoolArn")
    unnamed = not pool and payload == "REQUEST"
    details = _cognito(document, pool) if pool else _function(document, authorizer, payload, partition)
    expression = identity.get("ValidationExpression")
    if expression and (pool or payload == "TOKEN"):
        details[Own("identityValidationExpression")] = expression
    return document.node(
        {
            _TYPE: _API_KEY,
            _NAME: Own("Unused") if unnamed else identity.get("Header") or Own("Authorization"),
            _IN: _HEADER,
            _AUTH_TYPE: Own("cognito_user_pools" if pool else "custom"),
            _AUTHORIZER: details,
        }
    )


def _cognito(document: Document, pool: Any) -> Node:
    pools = pool if isinstance(pool, list) else [pool]
    return document.node({_TYPE: Own("cognito_user_pools"), Own("providerARNs"): pools})


def _function(document: Document, authorizer: Mapping[str, Any], payload: str, partition: str) -> Node:
    identity = authorizer.get("Identity") or {}
    details = document.node(
        {
            _TYPE: Own(payload.lower()),
            Own("authorizerUri"): document.node(
                {Own("Fn::Sub"): _invocation(document, authorizer.get("FunctionArn"), partition)}
            ),
        }
    )
    if identity.get("ReauthorizeEvery") is not None:
        details[Own("authorizerResultTtlInSeconds")] = identity["ReauthorizeEvery"]
    role = authorizer.get("FunctionInvokeRole")
    if role and role != "NONE":
        details[Own("authorizerCredentials")] = role
    if payload == "REQUEST":
        source = ", ".join(prefix + value for name, prefix in _SOURCES for value in identity.get(name) or ())
        if source:
            details[Own("identitySource")] = source
    return details


def _invocation(document: Document, function_arn: Any, partition: str) -> list[Any]:
    path = "lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations"
    arn = Own(f"arn:{partition}:apigateway:${{AWS::Region}}:{path}")
    return [arn, document.node({Own("__FunctionArn__"): function_arn})]
