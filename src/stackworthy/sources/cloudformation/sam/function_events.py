"""The `Events` of a function, each handed to what expands its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import api_events
from .context import Context, Invoked, event_route, property_route
from .intrinsics import get_att
from .properties import FUNCTION
from .pull_events import SOURCES, add_mapping
from .push_events import add_alexa, add_cognito, add_iot, add_logs, add_permission, add_s3, add_sns
from .roles import Role
from .rule_events import Target, add_rule, add_schedule, add_schedule_v2
from .shapes import FUNCTION_EVENTS, checked

PUSHED: Mapping[str, Callable[[Context, str, str, Mapping[str, Any], Invoked, Role], None]] = {
    "S3": add_s3,
    "SNS": add_sns,
    "CloudWatchLogs": add_logs,
    "IoTRule": add_iot,
    "AlexaSkill": add_alexa,
    "Cognito": add_cognito,
}


def add_events(context: Context, owner: str, events: Any, invoked: Invoked, role: Role) -> None:
    """Expand every event of a function. One that SAM would refuse is noted as a problem, the others go on."""
    if not events:
        return
    wanted = context.need_map(events, property_route(owner, "Events"))
    for event_id in sorted(wanted, key=lambda one: _order(one, wanted[one])):
        event = wanted[event_id]
        context.attempt(lambda: _add_event(context, owner, event_id, event, invoked, role), None)  # noqa: B023


def _order(event_id: Any, event: Any) -> tuple[str, str]:
    """SAM's order: by path where there is one, so that `$default` comes before any other path of an HTTP API."""
    properties = event.get("Properties") if isinstance(event, dict) else None
    path = properties.get("Path", event_id) if isinstance(properties, dict) else event_id
    return str(path), str(event_id)


def _add_event(context: Context, owner: str, event_id: Any, event: Any, invoked: Invoked, role: Role) -> None:
    route = event_route(owner, str(event_id))
    event_id = context.need_text(event_id, route)
    kind = context.need_map(event, route).get("Type")
    if kind in ("Api", "HttpApi"):
        api_events.expand_event(context, owner, event_id, event, invoked)
        return
    shapes = FUNCTION_EVENTS.get(kind) if isinstance(kind, str) else None
    if not isinstance(kind, str) or shapes is None:
        context.refuse((*route, "Type"), f"{kind!r} is not a type of event that SAM knows")
    properties = checked(context, event.get("Properties"), shapes, (*route, "Properties"))
    if kind in SOURCES:
        add_mapping(context, owner, event_id, kind, properties, invoked, role)
    elif kind in PUSHED:
        PUSHED[kind](context, owner, event_id, properties, invoked, role)
    else:
        target = Target(owner, FUNCTION, invoked.arn, invoked.attributes)
        _add_timed(context, target, event_id, kind, properties, invoked)


def _add_timed(
    context: Context,
    target: Target,
    event_id: str,
    kind: str,
    properties: Mapping[str, Any],
    invoked: Invoked,
) -> None:
    if kind == "ScheduleV2":
        add_schedule_v2(context, target, event_id, properties)
        return
    if kind == "Schedule":
        rule_id = add_schedule(context, target, event_id, properties)
    else:
        rule_id = add_rule(context, target, event_id, kind, properties)
    source = get_att(rule_id, "Arn")
    add_permission(context, target.owner, event_id, kind, invoked, "events.amazonaws.com", SourceArn=source)
