"""The routes of an API: one for each method and path that its finished definition answers.

A route that an event brought in is placed at the event; any other stands in the author's own definition. The answers to preflight
requests that SAM adds for `Cors` are nobody's route.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .api_plan import Call, plan_of
from .context import Context, property_route
from .expansion import ApiRoute, Route
from .intrinsics import is_no_value
from .openapi_document import ANY_METHOD, INTEGRATION, Document, Own

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", ANY_METHOD, "any")
_AUTH_EXTENSION = "x-amazon-apigateway-auth"
_AUTH_TYPE = "x-amazon-apigateway-authtype"
_AUTHORIZER = "x-amazon-apigateway-authorizer"


def add_routes(context: Context, api: str, document: Document | None) -> None:
    """Add the routes of a REST or HTTP API. Without a definition at hand its events tell what it answers."""
    calls = plan_of(context).calls.get(api, [])
    if document is None:
        for call in calls:
            auth = call.event.get("Auth")
            named = auth.get("Authorizer") if isinstance(auth, dict) else None
            found = named if isinstance(named, str) else None
            context.add_route(_event_route(api, call, found))
        return
    schemes = _schemes(document.root)
    events = {(call.path, _method(call.method)): call for call in calls}
    events |= {(f"/{path}", method): call for (path, method), call in events.items() if path == "$default"}
    for path, method, definition, route in _methods_of(document.root, property_route(api, "DefinitionBody")):
        auth = _auth(definition, schemes)
        caller = events.get((path, _method(method)))
        written = type(method) is not Own and not _is_made(definition)
        if caller is not None and not written:
            context.add_route(_event_route(api, caller, auth))
        elif written:
            target = _target(definition)
            context.add_route(ApiRoute(api, _method(method), path, target, route, api, auth))


def _event_route(api: str, call: Call, auth: str | None) -> ApiRoute:
    return ApiRoute(api, _method(call.method), str(call.path), call.target, call.route, call.owner, auth)


def _method(method: str) -> str:
    lowered = method.lower()
    return "ANY" if lowered in ("any", ANY_METHOD) else lowered.upper()


def _is_made(definition: Mapping[Any, Any]) -> bool:
    """Whether SAM wrote the integration of a method."""
    return any(key == INTEGRATION and type(key) is Own for key in definition)


def _methods_of(root: Mapping[str, Any], place: Route) -> Iterator[tuple[str, str, Mapping[str, Any], Route]]:
    """Path, method, definition and place of every method, in each branch of a condition."""
    paths = root.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for branch, way in _branches(item, (*place, "paths", path)):
            for method, definition in branch.items() if isinstance(branch, dict) else ():
                if isinstance(method, str) and method.lower() in _METHODS:
                    for found, there in _branches(definition, (*way, method)):
                        if isinstance(found, dict):
                            yield str(path), method, found, there


def _branches(value: Any, way: Route) -> Iterator[tuple[Any, Route]]:
    branches = value.get("Fn::If") if isinstance(value, dict) else None
    if not isinstance(branches, list):
        yield value, way
        return
    for index, branch in enumerate(branches[1:], 1):
        if not is_no_value(branch):
            yield branch, (*way, "Fn::If", index)


def _target(definition: Mapping[str, Any]) -> Any:
    integration = definition.get(INTEGRATION)
    return integration.get("uri") if isinstance(integration, dict) else None


def _schemes(root: Mapping[str, Any]) -> dict[str, str]:
    """What each security scheme of a definition amounts to, where that is not an authorizer of its own name."""
    components = root.get("components")
    found: dict[str, str] = {"api_key": "API_KEY", "NONE": "NONE", "AWS_IAM": "AWS_IAM"}
    declared = (
        root.get("securityDefinitions"),
        components.get("securitySchemes") if isinstance(components, dict) else None,
    )
    for schemes in declared:
        for name, scheme in schemes.items() if isinstance(schemes, dict) else ():
            if not isinstance(scheme, dict):
                continue
            if scheme.get(_AUTH_TYPE) == "awsSigv4":
                found[name] = "AWS_IAM"
            elif (
                scheme.get("type") == "apiKey"
                and _AUTHORIZER not in scheme
                and scheme.get("name") == "x-api-key"
            ):
                found[name] = "API_KEY"
    return found


def _auth(definition: Mapping[str, Any], schemes: Mapping[str, str]) -> str | None:
    """What protects a method: an authorizer before an API key; None where nothing is said."""
    security = definition.get("security")
    names = [
        str(name)
        for entry in (security if isinstance(security, list) else ())
        if isinstance(entry, dict)
        for name in entry
        if name != "api_key_false"
    ]
    kinds = [schemes.get(name, name) for name in names]
    authorizers = [kind for kind in kinds if kind not in ("API_KEY", "NONE")]
    if authorizers:
        return authorizers[0]
    extension = definition.get(_AUTH_EXTENSION)
    stated = extension.get("type") if isinstance(extension, dict) else None
    if isinstance(stated, str) and stated != "NONE":
        return stated
    if kinds:
        return "API_KEY" if "API_KEY" in kinds else "NONE"
    if isinstance(security, list) and not security:
        return "NONE"
    return "NONE" if stated == "NONE" else None
