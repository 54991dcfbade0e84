"""Which origins of a CORS setting stand for every site there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, Value, show
from stackworthy.rules._reading import as_list, as_map, read_document, settled

ANY = ("*", "https://*", "http://*")


def any_origin(origins: Value) -> bool:
    """Whether any site may call; raises `NotKnown`."""
    found: bool = as_list(origins).any_of(lambda origin: origin in ANY)
    return found


class Cors(NamedTuple):
    """Which origins may call an HTTP API, whether with credentials, and the property that says so."""

    origins: Value
    credentials: Value
    path: str


def http_cors(api: Resource) -> Cors:
    """What the API states of its own, else what its OpenAPI document does; raises `NotKnown`."""
    if api["CorsConfiguration"]:
        path = "CorsConfiguration.AllowOrigins"
        return Cors(api[path], api["CorsConfiguration.AllowCredentials"], path)
    stated = as_map(as_map(api["Body"])["x-amazon-apigateway-cors"])
    return Cors(
        stated["allowOrigins"], stated["allowCredentials"], "Body.x-amazon-apigateway-cors.allowOrigins"
    )


_PREFLIGHT_HEADER = "method.response.header.Access-Control-Allow-Origin"


def preflights(api: Resource) -> Iterator[Map]:
    """The answers to OPTIONS that the OpenAPI document of a REST API holds; raises `NotKnown`."""
    for path in as_map(as_map(read_document(api["Body"])).get("paths", Map())).values():
        options = as_map(as_map(path).get("options", Map()))
        integration = as_map(options.get("x-amazon-apigateway-integration", Map()))
        for answer in as_map(integration.get("responses", Map())).values():
            yield as_map(answer)


def allows_any_origin(answer: Value) -> bool:
    """Whether an answer of an integration tells browsers that any site may read it; raises `NotKnown`."""
    parameters = as_map(
        as_map(answer).get("responseParameters", as_map(answer).get("ResponseParameters", Map()))
    )
    return show(settled(parameters.get(_PREFLIGHT_HEADER, ""))).strip("'") == "*"
