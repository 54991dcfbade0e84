"""The plain template that a SAM template stands for, and where each piece of it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

Route = tuple[str | int, ...]
"""The way from the top of the author's template to a value: keys of maps and indices of lists."""


class Made(msgspec.Struct):
    """How one resource of the expansion came to be.

    `by` is the logical id of the SAM resource; `route` leads to what asked for it in the author's
    template (the event, the `FunctionUrlConfig`, or the SAM resource itself). `properties` leads from
    property paths of the made resource ("TracingConfig.Mode", "Code") to the author's own property,
    relative to the SAM resource ("Properties", "Tracing"); the longest path that fits counts. A property that
    is not listed has no place of its own: it is reported at `route`.

    A resource that the author wrote and SAM rewrote (a bucket with the notifications of a function) is `by` itself, the path ""
    leads to its own properties, and `elsewhere` leads from what was added to the place that asked for it, from the top of
    the template. `places.author_place` follows all three, and `Globals`.
    """

    by: str
    route: Route
    properties: Mapping[str, Route] = msgspec.field(default_factory=dict)
    elsewhere: Mapping[str, Route] = msgspec.field(default_factory=dict)


class ApiRoute(msgspec.Struct, frozen=True):
    """One method and path (or WebSocket key) that an API answers.

    `api` is the logical id of the API in the expansion, `target` the intrinsic or string that names the
    integration (None where the author named none), `method` upper case ("ANY" for all) and empty for a WebSocket key.
    `auth` is what protects it: "NONE", "AWS_IAM", "API_KEY", an authorizer's name, or None where nothing was said.
    """

    api: str
    method: str
    path: str
    target: Any
    route: Route
    by: str | None
    auth: str | None = None


class Expansion(msgspec.Struct):
    """What is left when every `AWS::Serverless::*` resource has been replaced.

    `resources` maps logical ids to plain CloudFormation bodies (`Type`, `Properties`, `DependsOn`, `Condition`, `Metadata`,
    `DeletionPolicy`, ...), intrinsics in long form. `made` covers the resources that SAM made or rewrote. `conditions` are those that
    SAM adds to the author's, `outputs` the author's with their references rewritten. `problems` are pairs of route and message:
    a property or event that SAM would refuse is left out, as is a resource that cannot be expanded; the rest goes on.
    """

    resources: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    made: dict[str, Made] = msgspec.field(default_factory=dict)
    routes: list[ApiRoute] = msgspec.field(default_factory=list)
    outputs: dict[str, Any] = msgspec.field(default_factory=dict)
    conditions: dict[str, Any] = msgspec.field(default_factory=dict)
    problems: list[tuple[Route, str]] = msgspec.field(default_factory=list)
