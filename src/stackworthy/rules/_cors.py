"""Which origins of a CORS setting stand for every site there is."""

from __future__ import annotations

from typing import NamedTuple

from stackworthy.core.resource import Resource
from stackworthy.core.value import Value
from stackworthy.rules._reading import as_map

ANY = ("*", "https://*", "http://*")


def any_origin(origins: Value) -> bool:
    """Whether any site may call; raises `NotKnown`."""
    found: bool = origins.any_of(lambda origin: origin in ANY)
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
