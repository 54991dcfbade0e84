"""The finished OpenAPI definition of an HTTP API: the author's or SAM's own, with events and the API's settings put in.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .api_plan import Call
from .authorizers_http import IAM, http_declaration
from .context import Context, Unexpandable
from .expansion import Route
from .intrinsics import is_intrinsic, is_no_value
from .openapi_document import ANY_METHOD, INTEGRATION, Node, Own, is_definition, method_name
from .rest_api_document import FN_SUB, RestDocument

TITLE = {"Ref": "AWS::StackName"}
DEFAULT_PATH = "$default"

_PARAMETERS = re.compile("{(.*?)}")
_CORS = "x-amazon-apigateway-cors"
_TAG_VALUE = "x-amazon-apigateway-tag-value"
_ENDPOINT = "x-amazon-apigateway-endpoint-configuration"
_CORS_KEYS = ("AllowMethods", "AllowHeaders", "AllowOrigins", "MaxAge", "ExposeHeaders", "AllowCredentials")


class HttpDocument(RestDocument):
    """An HTTP API's definition; paths and methods are worked on as in a REST API's."""

    @classmethod
    def skeleton(cls, place: Route) -> HttpDocument:
        info = Node({"version": "1.0", "title": dict(TITLE)}, 0)
        return cls({"openapi": "3.0.1", "info": info, "paths": Node((), 0)}, place)

    def inner(self, *names: str) -> Node:
        """A map in the definition, made where there is none. Raises `Unexpandable` where something else stands there."""
        node = self.root
        for name in names:
            if not node.get(name):
                self.put(node, name, self.node())
            found = self.own(node, name)
            if found is None:
                raise self.refuse(f"{'.'.join(names)} of the definition must be a map")
            node = found
        return node


# Events.


def add_http_call(document: RestDocument, call: Call, auth: Any, *, written: bool) -> None:
    """Let the method of an `HttpApi` event call its function. Raises `Unexpandable` where it does not fit."""
    document.place = call.route
    if not is_definition(document.root, swagger=False):
        raise document.refuse("the definition of the API is no OpenAPI 3 document")
    path, method, event = call.path, method_name(call.method), call.event
    document.copies += 1
    if document.has_integration(path, method):
        if written:
            raise document.refuse(f"{call.method} {path} is defined more than once")
    else:
        _integrate(document, call, path, method)
    if event.get("Auth"):
        _secure(document, path, method, event["Auth"], auth)
    for definition in document.methods_at(path, method):
        if event.get("TimeoutInMillis"):
            _integration(document, definition)[Own("timeoutInMillis")] = event["TimeoutInMillis"]
        names = _PARAMETERS.findall(path)
        if names:
            _add_parameters(document, definition, names)
        if event.get("PayloadFormatVersion"):
            _integration(document, definition)["payloadFormatVersion"] = event["PayloadFormatVersion"]
    document.copies += 1


def _integrate(document: RestDocument, call: Call, path: str, method: str) -> None:
    document.add_path(path, method)
    for item in document.items(path):
        if item[method] is None:
            item[method] = document.node()
        definition = document.own(item, method)
        if definition is None:
            raise document.refuse(f"{method} of {path} in the definition must be a map")
        target = document.node({FN_SUB: call.uri})
        integration = {
            Own("type"): Own("aws_proxy"),
            Own("httpMethod"): Own("POST"),
            Own("payloadFormatVersion"): Own("2.0"),
            Own("uri"): document.conditional(call.condition, target) if call.condition else target,
        }
        document.put(definition, Own(INTEGRATION), document.node(integration))
        if path == DEFAULT_PATH and method == ANY_METHOD:
            document.put(definition, Own("isDefaultRoute"), True)
        if "responses" not in definition:
            document.put(definition, Own("responses"), document.node())
        if call.condition:
            item[method] = document.conditional(call.condition, definition)


def _integration(document: RestDocument, definition: Node) -> Node:
    integration = document.own(definition, INTEGRATION)
    if integration is None:
        raise document.refuse(f"{INTEGRATION} of a method must be a map")
    return integration


def _add_parameters(document: RestDocument, definition: Node, names: list[str]) -> None:
    present = definition.get("parameters", [])
    if not isinstance(present, list) or not all(isinstance(item, dict) for item in present):
        raise document.refuse("parameters of a method must be a list of maps")
    parameters = list(present)
    where = {Own("in"): Own("path"), Own("required"): True}
    for name in names:
        index = next((i for i, item in enumerate(parameters) if item.get("name") == name), None)
        if index is None:
            parameters.append(document.node({Own("name"): name, **where}))
        else:
            parameters[index] = document.node({**parameters[index], **where})
    document.put(definition, Own("parameters"), parameters)


def _secure(document: RestDocument, path: str, method: str, given: Any, api_auth: Any) -> None:
    auth: Mapping[str, Any] = given if isinstance(given, dict) else {}
    api_auth = {} if api_auth is None else api_auth
    if not isinstance(given, dict) or not isinstance(api_auth, dict):
        raise document.refuse("Auth must be a map")
    default = api_auth.get("DefaultAuthorizer")
    named = auth.get("Authorizer") or default
    if not named:
        raise document.refuse("Auth needs an Authorizer, or a DefaultAuthorizer of the API")
    if not isinstance(named, str):
        raise document.refuse("Authorizer must be a string")
    authorizers = api_auth.get("Authorizers")
    needed: Any = []
    scopes = auth.get("AuthorizationScopes") or []
    if not isinstance(scopes, list):
        raise document.refuse("AuthorizationScopes must be a list")
    if named == "NONE":
        if not default:
            raise document.refuse("Authorizer NONE needs a DefaultAuthorizer of the API to switch off")
    elif named != "AWS_IAM" or api_auth.get("EnableIamAuthorizer", False) is not True:
        authorizer = authorizers.get(named) if isinstance(authorizers, dict) else None
        if not authorizer:
            raise document.refuse(f"the API has no authorizer {named}")
        if not isinstance(authorizer, dict):
            raise document.refuse(f"the authorizer {named} must be a map")
        if named != "AWS_IAM":
            needed = scopes or authorizer.get("AuthorizationScopes") or []
    for definition in document.methods_at(path, method):
        security = definition.get("security", [])
        if not isinstance(security, list):
            raise document.refuse("security of a method must be a list")
        document.put(definition, Own("security"), [*security, document.node({named: needed})])


# Settings of the API.


def add_http_cors(document: HttpDocument, given: Any) -> None:
    """Write `CorsConfiguration` into the definition; it wins over what the definition says."""
    settings: Any = {"AllowOrigins": ["*"]} if given is True else given
    if is_intrinsic(given):
        settings = {"AllowOrigins": given}
    if not isinstance(settings, dict):
        raise document.refuse("CorsConfiguration must be true or a map")
    for key in settings:
        if key not in _CORS_KEYS:
            raise document.refuse(f"CorsConfiguration has no property {key}")
    if settings.get("AllowCredentials") is True and settings.get("AllowOrigins") == ["*"]:
        raise document.refuse("CorsConfiguration cannot allow credentials together with every origin")
    if document.root.get(_CORS) is not None and not isinstance(document.root[_CORS], dict):
        raise document.refuse(f"{_CORS} of the definition must be a map")
    cors = document.inner(_CORS)
    origins = settings.get("AllowOrigins")
    if origins and is_intrinsic(origins):
        text = json.dumps(origins, default=str)
        for key in _CORS_KEYS:
            text = text.replace(key, _uncapitalised(key))
        cors.update(json.loads(text))
        return
    for key in _CORS_KEYS:
        value = settings.get(key)
        wanted = {"MaxAge": value is not None, "AllowCredentials": value is True}.get(key, bool(value))
        if wanted:
            cors[_uncapitalised(key)] = value


def _uncapitalised(key: str) -> str:
    return key[0].lower() + key[1:]


def apply_http_auth(
    context: Context,
    document: HttpDocument,
    auth: Mapping[str, Any],
    authorizers: Mapping[str, Mapping[str, Any]],
) -> None:
    """Declare the API's authorizers, and guard each method that says nothing itself with the default one."""
    declared: dict[str, Any] = {}
    if auth.get("EnableIamAuthorizer") is True:
        declared["AWS_IAM"] = IAM
    for name, authorizer in authorizers.items():
        declared[name] = http_declaration(authorizer, context.partition)
    if declared:
        document.inner("components", "securitySchemes").update(declared)
    default = auth.get("DefaultAuthorizer")
    if not default or is_no_value(default):
        return
    if not isinstance(default, str) or default not in declared:
        raise document.refuse(f"the DefaultAuthorizer {default} is not among the Authorizers")
    scopes = authorizers.get(default, {}).get("AuthorizationScopes") or []
    for path in document.path_names():
        for item in document.items(path):
            for method in list(item):
                if method not in ("parameters", "options"):
                    _guard(document, item, method, {default: scopes})


def _guard(document: HttpDocument, item: Node, method: Any, security: Mapping[str, Any]) -> None:
    if isinstance(method, str) and method_name(method) not in item:
        raise document.refuse(f"{method} in the definition must be written {method_name(method)}")
    for definition in document.arms(item, method):
        if not isinstance(definition, Node):
            raise document.refuse(f"{method} in the definition must be a map")
        if definition.get(INTEGRATION) and not definition.get("security"):
            definition["security"] = [dict(security)]


def add_http_tags(document: HttpDocument, tags: Mapping[str, Any]) -> None:
    """Write tags into the definition, where API Gateway reads them from."""
    present = document.root.get("tags") or []
    if not isinstance(present, list) or not all(isinstance(tag, dict) for tag in present):
        raise document.refuse("tags of the definition must be a list of maps")
    listed = list(present)
    for name, value in tags.items():
        index = next((i for i, tag in enumerate(listed) if tag.get("name") == name), None)
        if index is None:
            listed.append({"name": name, _TAG_VALUE: value})
        else:
            listed[index] = {**listed[index], _TAG_VALUE: value}
    document.root["tags"] = listed


def disable_http_endpoint(document: HttpDocument, value: Any) -> None:
    servers = document.root.get("servers", [{}])
    if not isinstance(servers, list) or not all(isinstance(server, dict) for server in servers):
        raise document.refuse("servers of the definition must be a list of maps")
    changed = []
    for server in servers:
        settings = server.get(_ENDPOINT, {})
        if not isinstance(settings, dict):
            raise document.refuse(f"{_ENDPOINT} of the definition must be a map")
        changed.append({**server, _ENDPOINT: {**settings, "disableExecuteApiEndpoint": value}})
    document.root["servers"] = changed


def name_http_api(document: HttpDocument, title: Any, description: Any) -> None:
    """Write `Name` and `Description` into the definition. Raises `Unexpandable` where it has its own."""
    info = document.root.get("info")
    stated = info if isinstance(info, dict) else {}
    if info and not isinstance(info, dict):
        raise document.refuse("info of the definition must be a map")
    if title:
        if stated.get("title") != TITLE:
            raise document.refuse("Name cannot stand beside a title of the definition")
        document.inner("info")["title"] = title
    if description:
        if stated.get("description"):
            raise document.refuse("Description cannot stand beside a description of the definition")
        document.inner("info")["description"] = description


def spell_default_path(document: HttpDocument) -> None:
    """`$default` as `/$default`, which the import does not warn of."""
    paths = document.own(document.root, "paths")
    if paths is not None and DEFAULT_PATH in paths:
        paths[f"/{DEFAULT_PATH}"] = paths.pop(DEFAULT_PATH)


def add_http_calls(
    context: Context, document: HttpDocument, calls: list[Call], auth: Any, *, written: bool
) -> None:
    """Put the events of functions into the definition. One that does not fit is noted and left out."""
    place = document.place
    for call in calls:
        try:
            add_http_call(document, call, auth, written=written)
        except Unexpandable as refusal:
            context.problem(refusal.route, refusal.message)
    document.place = place
