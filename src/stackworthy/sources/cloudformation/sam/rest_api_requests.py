"""What an event asks of the requests to its method: a model, a validator, parameters, a timeout.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .intrinsics import is_intrinsic
from .openapi_document import INTEGRATION, Own, is_openapi_3
from .rest_api_document import IN, NAME, TYPE, VALIDATORS, RestDocument

_PARAMETER = re.compile(r"method\.request\.(querystring|path|header)\.")
_PARAMETERS, _REQUIRED, _SCHEMA, _REF = Own("parameters"), Own("required"), Own("schema"), Own("$ref")
_VALIDATOR_NAMES = {
    (True, True): "body-and-params",
    (True, False): "body-only",
    (False, True): "params-only",
    (False, False): "no-validation",
}


def add_timeout(document: RestDocument, path: str, method: str, milliseconds: Any) -> None:
    for definition in document.methods_at(path, method):
        integration = document.own(definition, INTEGRATION)
        if integration is not None:
            document.put(integration, Own("timeoutInMillis"), milliseconds)


def add_model(document: RestDocument, path: str, method: str, request: Any, models: Any) -> None:
    """Describe the body of a method's requests by one of the API's models."""
    if not isinstance(request, dict):
        raise document.refuse("RequestModel must be a map")
    model = request.get("Model")
    if not model:
        return
    if not models:
        raise document.refuse("RequestModel needs Models of the API")
    if not isinstance(models, dict) or not isinstance(model, str) or not models.get(model):
        if not is_intrinsic(models):
            raise document.refuse(f"the API has no model {model}")
        raise document.refuse("Models of the API must be a map")
    _describe_body(document, path, method, model.lower(), request.get("Required"))
    _add_validator(document, path, method, request)


def _describe_body(document: RestDocument, path: str, method: str, model: str, required: Any) -> None:
    for definition in document.methods_at(path, method):
        if document.root.get("swagger") is not None:
            parameter = document.node({IN: Own("body"), NAME: model})
            parameter[_SCHEMA] = document.node({_REF: Own(f"#/definitions/{model}")})
            if required is not None:
                parameter[_REQUIRED] = required
            document.put(definition, _PARAMETERS, [*_parameters(document, definition), parameter])
        elif is_openapi_3(document.root.get("openapi")):
            reference = document.node({_REF: Own(f"#/components/schemas/{model}")})
            media = document.node({Own("application/json"): document.node({_SCHEMA: reference})})
            body = document.node({Own("content"): media})
            if required is not None:
                body[_REQUIRED] = required
            document.put(definition, Own("requestBody"), body)


def _add_validator(document: RestDocument, path: str, method: str, request: Mapping[str, Any]) -> None:
    body, parameters = request.get("ValidateBody"), request.get("ValidateParameters")
    if body is None and parameters is None:
        return
    body, parameters = body is not None and body, parameters is not None and parameters
    if not isinstance(body, bool) or not isinstance(parameters, bool):
        raise document.refuse("ValidateBody and ValidateParameters must be true or false")
    name = Own(_VALIDATOR_NAMES[body, parameters])
    if not document.root.get(VALIDATORS):
        document.put(document.root, Own(VALIDATORS), document.node())
    validators = document.own(document.root, VALIDATORS)
    if validators is None:
        raise document.refuse(f"{VALIDATORS} of the definition must be a map")
    if not validators.get(name):
        checks = {Own("validateRequestBody"): body, Own("validateRequestParameters"): parameters}
        document.put(validators, name, document.node(checks))
    for definition in document.methods_at(path, method):
        document.put(definition, Own("x-amazon-apigateway-request-validator"), name)


def add_parameters(document: RestDocument, path: str, method: str, requested: Any) -> None:
    """Declare header, path and query parameters of a method, and make those that ask for it part of the cache key."""
    if not isinstance(requested, list):
        raise document.refuse("RequestParameters must be a list")
    settings = [_parameter(document, item) for item in requested]
    for definition in document.methods_at(path, method):
        declared = list(_parameters(document, definition))
        for name, required, caching in settings:
            location, _, short = name.removeprefix("method.request.").partition(".")
            parameter = {IN: "query" if location == "querystring" else location, NAME: short}
            if location == "querystring":
                parameter[IN] = Own("query")
            declared.append(document.node({**parameter, _REQUIRED: required, TYPE: Own("string")}))
            integration = document.own(definition, INTEGRATION)
            if caching and integration is not None:
                keys = [*(integration.get("cacheKeyParameters") or ()), name]
                document.put(integration, Own("cacheKeyParameters"), keys)
        document.put(definition, _PARAMETERS, declared)


def _parameters(document: RestDocument, definition: Mapping[str, Any]) -> list[Any]:
    present = definition.get("parameters", [])
    if not isinstance(present, list):
        raise document.refuse("parameters of a method must be a list")
    return present


def _parameter(document: RestDocument, item: Any) -> tuple[str, Any, Any]:
    """Name, whether it is required, whether it is part of the cache key."""
    settings: Any = {}
    if isinstance(item, dict) and item:
        item, settings = next(iter(item.items()))
        if not isinstance(settings, dict) or any(key not in ("Required", "Caching") for key in settings):
            raise document.refuse("a request parameter's settings are Required and Caching")
    if not isinstance(item, str) or not _PARAMETER.match(item):
        raise document.refuse("a request parameter is named method.request.querystring|path|header.NAME")
    return item, settings.get("Required", False), settings.get("Caching", False)
