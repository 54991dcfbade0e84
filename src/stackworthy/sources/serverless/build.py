"""The template that the framework would generate, while it grows, and where each piece of it was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from stackworthy.core.origin import Route
from stackworthy.core.value import NotKnown
from stackworthy.sources.serverless.service import Event, Function, Service
from stackworthy.sources.serverless.shapes import MISSING, at

PROVIDER = "provider"
ROLE = "IamRoleLambdaExecution"

Places = Mapping[str, tuple[Route, ...]]
"""From paths of a generated resource to the routes of the configuration that state them, the one that wins first."""


class Made(msgspec.Struct):
    """How one resource of the template came to be.

    `by` is the logical id of the function that asked for it (itself: the resource stands for what an author wrote) or `provider`;
    `route` leads to what asked for it. `places` leads from property paths ("TracingConfig.Mode") to the routes that state them;
    the longest path that fits counts. A property that is not listed has no place of its own: it is reported at `route`.
    """

    by: str
    route: Route
    places: Places = msgspec.field(default_factory=dict)


class Place(msgspec.Struct, frozen=True):
    """A route of the configuration, and whether a value is `written` there. What `provider` states is `shared` by all functions."""

    route: Route
    written: bool
    shared: bool = False


class Statement(msgspec.Struct):
    """A statement of the functions' role, and the route to what asked for it."""

    body: Any
    route: Route


class Build:
    """One template on its way. Nothing reached from the configuration may be changed in place."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.resources: dict[str, dict[str, Any]] = {}
        self.made: dict[str, Made] = {}
        self.sections: dict[str, dict[str, Any]] = {}
        self.places: dict[tuple[str, str], Route] = {}
        self.statements: list[Statement] = []
        self.managed: list[tuple[Any, Route]] = []
        self.trusted = ["lambda.amazonaws.com"]
        self.problems: list[tuple[Route, str, str]] = []

    def add(
        self,
        logical_id: str,
        kind: str,
        properties: Mapping[str, Any],
        by: str,
        route: Route,
        places: Places | None = None,
        **attributes: Any,
    ) -> str:
        """Put a resource into the template and return its logical id. Properties and attributes that are None are left out."""
        body: dict[str, Any] = {"Type": kind}
        body.update((name, value) for name, value in attributes.items() if value is not None)
        body["Properties"] = {name: value for name, value in properties.items() if value is not None}
        self.resources[logical_id] = body
        self.made[logical_id] = Made(by, route, places or {})
        return logical_id

    def add_authored(self, logical_id: str, route: Route) -> Made:
        """Note that an author wrote a resource in CloudFormation's own words."""
        made = self.made[logical_id] = Made(logical_id, route)
        return made

    def of(
        self,
        function: Function,
        event: Event,
        logical_id: str,
        kind: str,
        properties: Mapping[str, Any],
        table: Mapping[str, str] | None = None,
        **attributes: Any,
    ) -> str:
        """Put a resource that an event asks for into the template; `table` leads from its paths to those of the event's body."""
        places = {
            path: ((*event.route, *(own.split(".") if own else ())),) for path, own in (table or {}).items()
        }
        return self.add(logical_id, kind, properties, function.id, event.route, places, **attributes)

    def permission(
        self,
        function: Function,
        event: Event,
        logical_id: str,
        principal: Any,
        source: Any = None,
        **others: Any,
    ) -> str:
        """Let a service call a function."""
        properties = {
            "FunctionName": function.arn,
            "Action": "lambda:InvokeFunction",
            "Principal": principal,
            "SourceArn": source,
            **others,
        }
        depends = function.alias[1] if function.alias else None
        return self.of(function, event, logical_id, "AWS::Lambda::Permission", properties, DependsOn=depends)

    def allow(self, route: Route, actions: list[str] | str, resources: Any) -> None:
        """Add a statement to the functions' role, unless the same one is there."""
        body = {"Effect": "Allow", "Action": actions, "Resource": resources}
        if all(
            statement.body is not body and not _same(statement.body, body) for statement in self.statements
        ):
            self.statements.append(Statement(body, route))

    def allow_each(self, route: Route, actions: list[str], resource: Any) -> None:
        """Add a resource to the statement of these actions, as the framework gathers them."""
        for statement in self.statements:
            body = statement.body
            if isinstance(body, dict) and body.get("Action") is actions:
                body["Resource"].append(resource)
                return
        self.statements.append(
            Statement({"Effect": "Allow", "Action": actions, "Resource": [resource]}, route)
        )

    def problem(self, route: Route, message: str, hint: str = "") -> None:
        """Note what is wrong at a route, though the service can be read."""
        self.problems.append((route, message, hint))

    def attempt(self, route: Route, step: Callable[[], None]) -> None:
        """Run a step; what hangs on a value that is not known, or on one of another type, is left out and noted."""
        try:
            step()
        except NotKnown as error:
            self.problem(route, f"is left out: {error.reason}", "state the value to have it reviewed")

    def author_place(self, logical_id: str, path: str) -> Place:
        """Where a property of a generated resource is written, or would be; the resource's own place when it has none."""
        return author_place(self.service.config, self.made[logical_id], path)


def author_place(config: Any, made: Made, path: str) -> Place:
    """The place of the property `path` ("TracingConfig.Mode", "Tags.0.Value") of a generated resource."""
    routes = candidates(made, path)
    for route in routes:
        if at(config, route) is not MISSING:
            return Place(route, written=True, shared=route[0] == PROVIDER)
    if routes:
        return Place(routes[0], written=False)
    return Place(made.route, at(config, made.route) is not MISSING)


def candidates(made: Made, path: str) -> tuple[Route, ...]:
    """The routes at which a property may be stated, the one that wins first; none for what has no place of its own."""
    parts: Route = tuple(int(part) if part.isdigit() else part for part in path.split(".")) if path else ()
    for length in range(len(parts), -1, -1):
        known = made.places.get(".".join(str(part) for part in parts[:length]))
        if known is not None:
            return tuple((*route, *parts[length:]) for route in known)
    return ()


def _same(one: Any, other: Any) -> bool:
    """Whether two statements are equal; what is not known equals nothing."""
    try:
        return bool(one == other)
    except NotKnown:
        return False
