"""The routes that an OpenAPI document gives an API Gateway API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stackworthy.core.value import ABSENT, List, Map, NotKnown, OpenMap, Unknown, Value

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
_AUTHTYPES = {"awssigv4": "AWS_IAM", "custom": "CUSTOM", "cognito_user_pools": "COGNITO_USER_POOLS"}
_AUTHORIZERS = {
    "jwt": "JWT",
    "request": "CUSTOM",
    "token": "CUSTOM",
    "cognito_user_pools": "COGNITO_USER_POOLS",
}


class Operation(NamedTuple):
    """One method of one path. `key` is the method's key in the document, `method` its name ("ANY" for all).

    `authorization` is API Gateway's word ("NONE", "AWS_IAM", "CUSTOM", "JWT", "COGNITO_USER_POOLS") or unknown; `scopes` are
    those that a token must carry, absent when nothing is demanded; `integration` is what answers, absent when the document states none.
    """

    path: str
    key: str
    method: str
    authorization: Value
    scopes: Value
    api_key: Value
    integration: Value


def operations(body: Value) -> Iterator[Operation]:
    """The operations that the document is known to have, in its order."""
    if not isinstance(body, Map):
        return
    paths = body["paths"]
    for path, item in _entries(paths):
        for key, operation in _entries(item):
            if key.lower() in METHODS or key == ANY:
                method = "ANY" if key == ANY else key.upper()
                authorization, scopes, api_key = _security(body, operation)
                integration = operation[INTEGRATION] if isinstance(operation, Map) else ABSENT
                yield Operation(path, key, method, authorization, scopes, api_key, integration)


def _entries(value: Value) -> Iterator[tuple[str, Value]]:
    if isinstance(value, OpenMap):
        yield from value.known.items()
    elif isinstance(value, Map):
        yield from value.items()


def _security(body: Map, operation: Value) -> tuple[Value, Value, Value]:
    demands = operation["security"] if isinstance(operation, (Map, Unknown)) else ABSENT
    if demands is ABSENT:
        demands = body["security"]
    if isinstance(demands, Unknown):
        return demands, demands, demands
    authorization: Value = "NONE"
    scopes: Value = ABSENT
    api_key: Value = False
    try:
        for demand in demands if isinstance(demands, List) else ():
            for name, wanted in _entries(demand):
                kind = _scheme(body, name)
                if kind == "API_KEY":
                    api_key = True
                elif kind != "NONE":
                    authorization, scopes = kind, wanted
    except NotKnown as error:
        authorization = Unknown(error.reason)
    return authorization, scopes, api_key


def _scheme(body: Map, name: str) -> Value:
    """How a named scheme of the document protects."""
    if name in ("NONE", "AWS_IAM"):
        return name
    scheme = _part(_part(body["components"], "securitySchemes"), name)
    if scheme is ABSENT:
        scheme = _part(body["securityDefinitions"], name)
    if isinstance(scheme, Unknown):
        return scheme
    if scheme is ABSENT:
        return Unknown(f"the document has no security scheme named {name}")
    authtype = _part(scheme, "x-amazon-apigateway-authtype")
    authorizer = _part(scheme, "x-amazon-apigateway-authorizer")
    if isinstance(authtype, str) and authtype.lower() in _AUTHTYPES:
        return _AUTHTYPES[authtype.lower()]
    if isinstance(authorizer, Map):
        kind = authorizer["type"]
        return _AUTHORIZERS.get(kind.lower(), "CUSTOM") if isinstance(kind, str) else "CUSTOM"
    if _part(scheme, "type") == "apiKey":
        return "API_KEY"
    return Unknown(f"security scheme {name} names no authorizer")


def _part(value: Value, name: str) -> Value:
    """What a map has under a name; nothing for what is no map."""
    return value[name] if isinstance(value, (Map, Unknown)) else ABSENT
