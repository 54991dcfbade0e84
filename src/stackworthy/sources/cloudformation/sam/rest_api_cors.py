"""Cross-origin requests to a REST API: an `OPTIONS` method on each path that has none.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .intrinsics import is_intrinsic
from .openapi_document import ANY_METHOD, INTEGRATION, Node, Own
from .rest_api_document import RestDocument

_OPTIONS, _SUMMARY, _TITLE = Own("options"), Own("summary"), Own("CORS support")
_CONSUMES, _PRODUCES, _JSON = Own("consumes"), Own("produces"), Own("application/json")
_INTEGRATION, _RESPONSES, _200 = Own(INTEGRATION), Own("responses"), Own("200")
_ALL_METHODS = "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
_KNOWN = ("AllowMethods", "AllowHeaders", "AllowOrigin", "MaxAge", "AllowCredentials")


def add_cors(document: RestDocument, cors: Any) -> None:
    """Answer preflight requests on every path. Answers with the same content are one and the same map."""
    settings = _settings(document, cors)
    answers: dict[Any, tuple[Node, Node]] = {}
    done: set[str] = set()
    for path in document.path_names():
        plain = path.rstrip("/") if path != "/" else path
        if plain not in done:
            done.add(plain)
            _add_to_path(document, path, settings, answers)


def _settings(document: RestDocument, cors: Any) -> Mapping[str, Any]:
    if isinstance(cors, str) or is_intrinsic(cors):
        return {"AllowOrigin": cors}
    if not isinstance(cors, dict):
        raise document.refuse("Cors must be a string or a map")
    for key in cors:
        if key not in _KNOWN:
            raise document.refuse(f"Cors has no property {key}")
    if cors.get("AllowCredentials") is True and cors.get("AllowOrigin", "'*'") == "'*'":
        raise document.refuse("Cors cannot allow credentials together with every origin")
    return cors


def _add_to_path(
    document: RestDocument,
    path: str,
    settings: Mapping[str, Any],
    answers: dict[Any, tuple[Node, Node]],
) -> None:
    methods = settings.get("AllowMethods")
    for item in document.items(path):
        if "options" in item:
            continue
        origin = settings.get("AllowOrigin", Own("'*'"))
        if not origin:
            raise document.refuse("Cors needs an AllowOrigin")
        if not methods:
            methods = Own(f"'{_methods_of(item)}'")
        key = methods if isinstance(methods, str) else None
        if key not in answers:
            answers[key] = _answer(document, origin, methods, settings)
        integration, response = answers[key]
        preflight = {
            _SUMMARY: _TITLE,
            _CONSUMES: [_JSON],
            _PRODUCES: [_JSON],
            _INTEGRATION: integration,
            _RESPONSES: document.node({_200: response}),
        }
        document.put(item, _OPTIONS, document.node(preflight))


def _methods_of(item: Node) -> str:
    if ANY_METHOD in item:
        return _ALL_METHODS
    return ",".join(sorted({str(name).upper() for name in item} | {"OPTIONS"}))


def _answer(
    document: RestDocument, origin: Any, methods: Any, settings: Mapping[str, Any]
) -> tuple[Node, Node]:
    """The integration that answers a preflight request, and the description of its response."""
    headers = [("Origin", origin, "string")]
    if settings.get("AllowHeaders"):
        headers.append(("Headers", settings["AllowHeaders"], "string"))
    headers.append(("Methods", methods, "string"))
    if settings.get("MaxAge") is not None:
        headers.append(("Max-Age", settings["MaxAge"], "integer"))
    if settings.get("AllowCredentials") is True:
        headers.append(("Credentials", Own("'true'"), "string"))
    names = ["Access-Control-" + (name if name == "Max-Age" else "Allow-" + name) for name, _, _ in headers]
    values = {
        Own("method.response.header." + name): value
        for name, (_, value, _) in zip(names, headers, strict=True)
    }
    types = {
        Own(name): document.node({Own("type"): Own(kind)})
        for name, (_, _, kind) in zip(names, headers, strict=True)
    }
    answer = document.node(
        {
            Own("statusCode"): Own("200"),
            Own("responseParameters"): document.node(values),
            Own("responseTemplates"): document.node({_JSON: Own("{}\n")}),
        }
    )
    integration = document.node(
        {
            Own("type"): Own("mock"),
            Own("requestTemplates"): document.node({_JSON: Own('{\n  "statusCode" : 200\n}\n')}),
            Own("responses"): document.node({Own("default"): answer}),
        }
    )
    response = document.node(
        {Own("description"): Own("Default response for CORS method"), Own("headers"): document.node(types)}
    )
    return integration, response
