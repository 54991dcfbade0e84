"""The APIs that SAM makes for events which name none, and the conditions that events put on paths of any API.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .api_plan import HTTP, IMPLICIT, REST, Plan, plan_of
from .context import Context, event_route
from .intrinsics import any_condition
from .openapi_document import Own
from .py27_hash import Table, walked

_OWNERS = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
_ANY = "x-amazon-apigateway-any-method"
_MOST_IN_OR = 10

Event = tuple[str, str, Mapping[str, Any]]
"""Owner, id and properties of an event."""


class _Stage:
    """What is gathered for one kind of API: where events stand, and what their owners hand to the implicit API."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.event_type, self.id_property = ("Api", "RestApiId") if kind == REST else ("HttpApi", "ApiId")
        self.implicit = IMPLICIT[kind]
        self.conditions: dict[str, dict[str, dict[str, str | None]]] = {}
        self.policies: list[tuple[Any, Any]] = []
        self.tags: dict[str, Any] = {}
        self.route_settings: dict[str, dict[str, Any]] = {}


def collect(context: Context) -> None:
    """Add the implicit APIs to `context.resources` and name them in the events that mean them.

    Notes which APIs have a definition that SAM writes, and in which order events add paths to them. A template with a REST
    API has its resources reordered as SAM walks them, because generated lists and ids follow that order.
    """
    kinds = {context.kind(logical_id) for logical_id in context.resources}
    rest, http = _uses(context, kinds)
    if not rest and not http and not kinds & {REST, HTTP}:
        return
    plan = plan_of(context)
    plan.hash_ordered = rest or REST in kinds or _has_default_authorizer(context, http)
    _note_written(context, plan)
    order = Table(context.resources) if plan.hash_ordered else None
    for kind, has_events in ((REST, rest), (HTTP, http)):
        _gather(context, plan, _Stage(kind), order, has_events)
    if order is not None:
        ordered = [logical_id for logical_id in order.walk() if logical_id in context.resources]
        resources = {logical_id: context.resources[logical_id] for logical_id in ordered}
        context.resources.clear()
        context.resources.update(resources)


def _uses(context: Context, kinds: Iterable[Any]) -> tuple[bool, bool]:
    """Whether there are `Api` and `HttpApi` events."""
    if set(_OWNERS).isdisjoint(kinds):
        return False, False
    types = [event.get("Type") for _, _, event in _events(context, context.resources)]
    return "Api" in types, "HttpApi" in types


def _events(context: Context, owners: Iterable[str]) -> Iterator[Event]:
    for owner in owners:
        resource = context.resources[owner]
        if resource.get("Type") in _OWNERS:
            events = context.properties(owner).get("Events")
            for event_id, event in events.items() if isinstance(events, dict) else ():
                if isinstance(event, dict) and isinstance(event_id, str):
                    yield owner, event_id, event


def _has_default_authorizer(context: Context, http_events: bool) -> bool:
    shared: Any = context.template.get("Globals")
    for key in ("HttpApi", "Auth", "DefaultAuthorizer"):
        shared = shared.get(key) if isinstance(shared, dict) else None
    apis = [api for api in context.resources if context.kind(api) == HTTP]
    if shared and (apis or http_events):
        return True
    auths = [context.properties(api).get("Auth") for api in apis]
    return any(isinstance(auth, dict) and auth.get("DefaultAuthorizer") for auth in auths)


def _note_written(context: Context, plan: Plan) -> None:
    for api, resource in context.resources.items():
        if resource.get("Type") in (REST, HTTP):
            properties = context.properties(api)
            if not properties.get("DefinitionBody") and not properties.get("DefinitionUri"):
                plan.written[api] = []


def _gather(context: Context, plan: Plan, stage: _Stage, order: Table | None, has_events: bool) -> None:
    """Walk the events of one kind in SAM's order."""
    restored = context.resources.get(stage.implicit)
    was_written = stage.implicit in plan.written
    plan.written[stage.implicit] = []
    if order is not None:
        order.add(stage.implicit)
    if has_events:
        for owner in order.walk() if order else list(context.resources):
            if context.kind(owner) in _OWNERS:
                _gather_owner(context, plan, stage, owner, order is not None)
        _add_path_conditions(context, plan, stage)
    if plan.written[stage.implicit]:
        _add_implicit(context, stage)
        return
    if not was_written:
        del plan.written[stage.implicit]
    if restored is None and order is not None:
        order.remove(stage.implicit)


def _gather_owner(context: Context, plan: Plan, stage: _Stage, owner: str, hashed: bool) -> None:
    events = context.properties(owner).get("Events")
    if not isinstance(events, dict):
        return
    found = {
        event_id: event
        for event_id, event in events.items()
        if isinstance(event, dict) and event.get("Type") == stage.event_type
    }
    if not found:
        return
    named: dict[str, Any] = {}
    inner = walked(tuple(events)) if hashed else tuple(events)
    own = tuple(event_id for event_id in inner if event_id in found)
    for event_id in walked(own) if hashed else own:
        changed = _gather_event(context, plan, stage, owner, event_id, found[event_id])
        if changed is not None:
            named[event_id] = {**found[event_id], "Properties": changed}
    if hashed:
        table = Table(events)
        table.merge(list(walked(own)))
        inner = tuple(table.walk())
    if named or inner != tuple(events):
        resource = context.resources[owner]
        merged = {event_id: named.get(event_id, events[event_id]) for event_id in inner}
        properties = {**context.properties(owner), "Events": merged}
        context.resources[owner] = {**resource, "Properties": properties}


def _gather_event(
    context: Context, plan: Plan, stage: _Stage, owner: str, event_id: str, event: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The event's properties with the API and the route named that it means; None where nothing changes or it is faulty."""
    given = event.get("Properties") or {}
    if not isinstance(given, dict) or (not given and stage.kind == REST):
        return None
    properties = dict(given)
    if stage.id_property not in properties:
        plan.origins.setdefault(stage.implicit, event_route(owner, event_id))
        _take_tags(context, stage, owner)
        properties[stage.id_property] = {"Ref": stage.implicit}
    if stage.kind == HTTP and not properties.get("Path") and not properties.get("Method"):
        properties["Path"], properties["Method"] = Own("$default"), Own(_ANY)
    named = properties[stage.id_property]
    api = named.get("Ref") if isinstance(named, dict) else named
    path, method = properties.get("Path"), properties.get("Method")
    if isinstance(api, str) and isinstance(path, str) and isinstance(method, str):
        _note_path(context, plan, stage, owner, api, path, method)
        if stage.kind == HTTP and "RouteSettings" in properties:
            _note_route_settings(context, stage, owner, api, properties)
    return properties if len(properties) != len(given) or not given else None


def _note_path(
    context: Context, plan: Plan, stage: _Stage, owner: str, api: str, path: str, method: str
) -> None:
    resource = context.resources[owner]
    if api != stage.implicit and (api not in context.resources or _wrong_kind(context, stage, api)):
        return
    condition = resource.get("Condition")
    methods = stage.conditions.setdefault(api, {}).setdefault(path, {})
    methods[method] = condition if isinstance(condition, str) else None
    if api == stage.implicit:
        stage.policies.append((resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")))
    if api in plan.written and (api == stage.implicit or context.kind(api) == stage.kind):
        plan.written[api].append((path, method))


def _wrong_kind(context: Context, stage: _Stage, api: str) -> bool:
    return stage.kind == REST and context.kind(api) == HTTP


def _take_tags(context: Context, stage: _Stage, owner: str) -> None:
    section = (context.kind(owner) or "").rpartition("::")[2]
    shared = context.template.get("Globals")
    shared = shared.get(section) if isinstance(shared, dict) else None
    shared = shared if isinstance(shared, dict) else {}
    own = context.properties(owner)
    tags = own.get("Tags") or shared.get("Tags")
    if isinstance(tags, dict) and (own.get("PropagateTags") or shared.get("PropagateTags")):
        stage.tags.update(tags)


def _note_route_settings(
    context: Context, stage: _Stage, owner: str, api: str, properties: Mapping[str, Any]
) -> None:
    """Settings that an event states for its route stand with the API's own."""
    settings = properties["RouteSettings"]
    condition = context.resources[owner].get("Condition")
    if condition:
        settings = {"Fn::If": [condition, settings, {"Ref": "AWS::NoValue"}]}
    method, path = properties["Method"], properties["Path"]
    route = path if method == _ANY else f"{method.upper()} {path}"
    if not isinstance(settings, dict):
        return
    if api == stage.implicit:
        stage.route_settings[route] = {**stage.route_settings.get(route, {}), **settings}
        return
    resource = context.resources.get(api)
    own = context.properties(api)
    present = own.get("RouteSettings", {})
    if resource is not None and isinstance(present, dict):
        earlier = present.get(route) or {}
        changed = {**present, route: {**earlier, **settings} if isinstance(earlier, dict) else settings}
        context.resources[api] = {**resource, "Properties": {**own, "RouteSettings": changed}}


def _add_implicit(context: Context, stage: _Stage) -> None:
    properties: dict[str, Any] = {"StageName": "Prod"} if stage.kind == REST else {}
    if stage.tags:
        properties |= {"Tags": stage.tags, "PropagateTags": True}
    if stage.route_settings:
        properties["RouteSettings"] = stage.route_settings
    api: dict[str, Any] = {"Type": stage.kind, "Properties": properties}
    methods = stage.conditions.get(stage.implicit, {}).values()
    conditions = _all_named(condition for conditions in methods for condition in conditions.values())
    if conditions:
        api["Condition"] = _combined(context, conditions, f"{stage.implicit}Condition")
    for index, (name, ranked) in enumerate(
        (("DeletionPolicy", ("Retain", "Delete")), ("UpdateReplacePolicy", ("Retain", "Snapshot", "Delete")))
    ):
        stated = {policies[index] for policies in stage.policies if isinstance(policies[index], str)}
        chosen = next((policy for policy in ranked if policy in stated), None)
        if chosen:
            api[name] = chosen
    context.resources[stage.implicit] = api


def _add_path_conditions(context: Context, plan: Plan, stage: _Stage) -> None:
    """A path all of whose methods hang on conditions exists only when one of them holds."""
    for api in plan.written:
        if api != stage.implicit and context.kind(api) != stage.kind:
            continue
        for path in dict.fromkeys(path for path, _ in plan.written[api]):
            methods = stage.conditions.get(api, {}).get(path, {})
            conditions = _all_named(methods.values())
            if conditions:
                spelled = path.replace("/", "SLASH").replace("{", "OB").replace("}", "CB")
                name = _combined(context, conditions, f"{api}{spelled}PathCondition")
                plan.path_conditions.setdefault(api, {})[path] = name if len(conditions) == 1 else Own(name)


def _all_named(conditions: Iterable[str | None]) -> list[str]:
    """The different conditions, sorted; empty where something has none."""
    found = set(conditions)
    return [] if None in found else sorted(condition for condition in found if condition is not None)


def _combined(context: Context, conditions: list[str], name: str) -> str:
    """One condition that holds when any of several does; `Fn::Or` takes ten at most."""
    left = conditions
    if len(left) == 1:
        return left[0]
    number = (len(left) - 2) // (_MOST_IN_OR - 1)
    while len(left) > 1:
        key = f"{name}{number}" if number > 0 else name
        number -= 1
        context.add_condition(key, any_condition(left[:_MOST_IN_OR]))
        left = [*left[_MOST_IN_OR:], key]
    return name
