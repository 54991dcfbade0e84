"""Who may call a REST API: authorizers and API keys per method and as the API's default.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .openapi_document import Node, Own
from .rest_api_document import HEADER, IN, NAME, SECURITY, TYPE, RestDocument

_SECURITY, _API_KEY, _API_KEY_FALSE, _IAM = (
    Own("security"),
    Own("api_key"),
    Own("api_key_false"),
    Own("AWS_IAM"),
)

Reject = Callable[[str], Exception]


def method_credentials(event_auth: Mapping[str, Any], api_auth: Mapping[str, Any], partition: str) -> Any:
    """The role with which a method guarded by IAM calls its function: the caller's own unless another is named."""
    if event_auth.get("Authorizer") != "AWS_IAM" and (
        event_auth or api_auth.get("DefaultAuthorizer") != "AWS_IAM"
    ):
        return None
    role = _role(event_auth) or _role(api_auth)
    if not role or role == "CALLER_CREDENTIALS":
        return Own(f"arn:{partition}:iam::*:user/*")
    return None if role == "NONE" else role


def _role(auth: Mapping[str, Any]) -> Any:
    return auth.get("InvokeRole") or ("NONE" if "InvokeRole" in auth else None)


def secure_method(
    document: RestDocument, path: str, method: str, auth: Mapping[str, Any], api_auth: Mapping[str, Any]
) -> None:
    """Guard one method as its event's `Auth` says."""
    named = auth.get("Authorizer")
    key_required = auth.get("ApiKeyRequired")
    authorizers = api_auth.get("Authorizers")
    if named:
        _check_authorizer(document, named, authorizers, api_auth)
    scopes = auth.get("AuthorizationScopes")
    if scopes:
        if not isinstance(scopes, list):
            raise document.refuse("AuthorizationScopes must be a list")
        if not named:
            raise document.refuse("AuthorizationScopes needs an Authorizer")
    if key_required is not None and not key_required and not api_auth.get("ApiKeyRequired"):
        raise document.refuse("ApiKeyRequired can only be taken back where the API requires keys")
    if named:
        _authorize(document, path, method, named, authorizers or {}, scopes)
    if key_required is not None:
        _require_key(document, path, method, bool(key_required))


def _check_authorizer(
    document: RestDocument, named: Any, authorizers: Any, api_auth: Mapping[str, Any]
) -> None:
    if authorizers and not isinstance(authorizers, dict):
        raise document.refuse("Auth.Authorizers of the API must be a map")
    if named == "NONE":
        if not api_auth.get("DefaultAuthorizer"):
            raise document.refuse("Authorizer NONE needs a DefaultAuthorizer of the API to switch off")
    elif named != "AWS_IAM":
        if not isinstance(named, str):
            raise document.refuse("Authorizer must be a string")
        if not authorizers or not authorizers.get(named):
            raise document.refuse(f"the API has no authorizer {named}")


def _authorize(
    document: RestDocument,
    path: str,
    method: str,
    named: str,
    authorizers: Mapping[str, Any],
    scopes: Any,
) -> None:
    for definition in document.methods_at(path, method):
        needed: Any = []
        if named != "NONE" and authorizers:
            authorizer = authorizers.get(named)
            if authorizer is not None and not isinstance(authorizer, dict):
                raise document.refuse(f"the authorizer {named} must be a map")
            if authorizer is not None:
                own = authorizer.get("AuthorizationScopes") if scopes is None else scopes
                needed = needed if own is None else own
        security = [*_security(document, definition), document.node({named: needed})]
        _secure(document, definition, security)


def _secure(document: RestDocument, definition: Node, security: list[Any]) -> None:
    document.put(definition, _SECURITY, security)
    if "AWS_IAM" in security[0]:
        definitions = document.section(SECURITY)
        if "AWS_IAM" not in definitions:
            entry = {
                Own("x-amazon-apigateway-authtype"): Own("awsSigv4"),
                TYPE: Own("apiKey"),
                NAME: Own("Authorization"),
                IN: HEADER,
            }
            document.put(definitions, _IAM, document.node(entry))


def _require_key(document: RestDocument, path: str, method: str, required: bool) -> None:
    for definition in document.methods_at(path, method):
        if required:
            define_api_key(document)
        entry = document.node({_API_KEY if required else _API_KEY_FALSE: []})
        document.put(definition, _SECURITY, [*_security(document, definition), entry])


def define_api_key(document: RestDocument) -> None:
    definitions = document.section(SECURITY)
    if "api_key" not in definitions:
        entry = {TYPE: Own("apiKey"), NAME: Own("x-api-key"), IN: HEADER}
        document.put(definitions, _API_KEY, document.node(entry))


def _security(document: RestDocument, definition: Node) -> list[Any]:
    security = definition.get("security", [])
    if not isinstance(security, list):
        raise document.refuse("security of a method must be a list")
    for entry in security:
        if not isinstance(entry, dict):
            raise document.refuse("each entry of a method's security must be a map")
    return security


def apply_default_authorizer(
    document: RestDocument, path: str, default: str, scopes: Mapping[str, Any], with_preflight: bool
) -> None:
    """Guard each method of a path that says nothing itself. `scopes` has the scopes of each of the API's authorizers."""
    names = {"AWS_IAM", *scopes}
    for method, definition in document.all_methods(path):
        if method == "options" and not with_preflight:
            continue
        existing = _security(document, definition)
        others = [entry for entry in existing if names.isdisjoint(entry)]
        chosen = [entry for entry in existing if not names.isdisjoint(entry)]
        none = next((entry for entry in others if "NONE" in entry), None)
        if none is not None:
            others = [entry for entry in others if entry is not none]
            chosen = []
        elif not chosen:
            chosen = [document.node({default: scopes.get(default) or []})]
        if others or chosen:
            _secure(document, definition, others + chosen)


def apply_default_key(document: RestDocument, path: str, with_preflight: bool) -> None:
    """Require an API key of each method of a path that does not say otherwise."""
    for method, definition in document.all_methods(path):
        existing = _security(document, definition)
        others = [entry for entry in existing if "api_key" not in entry and "api_key_false" not in entry]
        keys = [entry for entry in existing if "api_key" in entry or "api_key_false" in entry]
        security = others
        if not any("api_key_false" in entry for entry in keys):
            security = [*others, document.node({_API_KEY: []})]
        if method == "options" and not with_preflight:
            security = others
        if security != existing:
            document.put(definition, _SECURITY, security)
