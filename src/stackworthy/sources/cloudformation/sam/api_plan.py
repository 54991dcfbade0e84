"""What the API half of the transform remembers of one template between its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .context import Context
from .expansion import Route

REST = "AWS::Serverless::Api"
HTTP = "AWS::Serverless::HttpApi"
IMPLICIT = {REST: "ServerlessRestApi", HTTP: "ServerlessHttpApi"}
"""The logical ids of the APIs that SAM makes for events that name none."""


class Call(msgspec.Struct, frozen=True):
    """One `Api` or `HttpApi` event, and what its method calls.

    `uri` is the URI of the integration (`Own` where SAM wrote all of it), `target` the intrinsic for what is called, `stage` the
    name of the API's stage as the event sees it. `role` is the role of a state machine's event, else None; `http` tells an
    `HttpApi` event, which SAM lets write into a REST API's OpenAPI 3 definition too.
    """

    owner: str
    event_id: str
    path: str
    method: str
    event: Mapping[str, Any]
    route: Route
    uri: str
    target: Any
    condition: Any = None
    stage: Any = None
    role: str | None = None
    http: bool = False


class Plan(msgspec.Struct):
    """`written` are the APIs whose definition SAM writes, with the paths and methods that events add, in SAM's order.

    `path_conditions` has the conditions of whole paths by API, `calls` the events that write into an API, `names` the function names
    that count for the id of its deployment, `record_groups` properties and attributes of Route 53 record groups by logical id.
    `origins` leads from each implicit API to the event that first meant it. `hash_ordered` says that SAM walks this template's maps in the order of Python 2.7.
    """

    written: dict[str, list[tuple[str, str]]] = msgspec.field(default_factory=dict)
    path_conditions: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    calls: dict[str, list[Call]] = msgspec.field(default_factory=dict)
    names: dict[str, list[str]] = msgspec.field(default_factory=dict)
    record_groups: dict[str, tuple[dict[str, Any], Mapping[str, Any]]] = msgspec.field(default_factory=dict)
    origins: dict[str, Route] = msgspec.field(default_factory=dict)
    hash_ordered: bool = False


def plan_of(context: Context) -> Plan:
    return context.drawer("apis", Plan)


def api_place(context: Context, api: str, *path: str | int) -> Route:
    """Where the author wrote a property of an API (or the API itself): at the API, else in `Globals`.

    What is nowhere of an implicit API is placed at the event that first meant it.
    """
    origin = plan_of(context).origins.get(api)
    own: Route = ("Resources", api, "Properties", *path) if path else ("Resources", api)
    if path and (origin is not None or not _stands(context.template, own)):
        shared: Route = ("Globals", (context.kind(api) or "").rpartition("::")[2], *path)
        if _stands(context.template, shared):
            return shared
    return own if origin is None else origin


def _stands(template: Any, route: Route) -> bool:
    for key in route:
        known: Any = template if isinstance(template, dict) else ()
        if key not in (range(len(template)) if isinstance(template, list) else known):
            return False
        template = template[key]
    return True
