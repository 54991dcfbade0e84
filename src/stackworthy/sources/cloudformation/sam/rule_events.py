"""Events of EventBridge: rules by pattern or by schedule, and EventBridge Scheduler.

The same events stand on functions and on state machines; `Target` says what is started and as whom.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventbridgerule.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .context import Context, event_route
from .expansion import Route
from .intrinsics import get_att, ref
from .properties import STATE_MACHINE, event_property_routes
from .roles import allow, trust

_ID_LIMIT = 64
"""Characters that the id of a rule's target may have."""

_TARGET = ("Input", "InputPath", "RetryPolicy", "InputTransformer")


class Target(msgspec.Struct, frozen=True):
    """What a rule or schedule starts. `kind` is the SAM kind of `owner`, `boundary` the permissions boundary of its roles."""

    owner: str
    kind: str
    arn: Any
    attributes: Mapping[str, Any]
    boundary: Any = None


def add_rule(
    context: Context, target: Target, event_id: str, event_type: str, properties: Mapping[str, Any]
) -> str:
    """Add the rule of a pattern event (`EventBridgeRule`, `CloudWatchEvent`); its logical id."""
    rule = {
        "EventBusName": properties.get("EventBusName"),
        "EventPattern": properties.get("Pattern"),
        "Name": properties.get("RuleName"),
    }
    return _add(context, target, event_id, event_type, properties, rule)


def add_schedule(context: Context, target: Target, event_id: str, properties: Mapping[str, Any]) -> str:
    """Add the rule of a `Schedule` event; its logical id."""
    rule = {
        "ScheduleExpression": properties["Schedule"],
        "Name": properties.get("Name"),
        "Description": properties.get("Description"),
    }
    return _add(context, target, event_id, "Schedule", properties, rule)


def _add(
    context: Context,
    target: Target,
    event_id: str,
    event_type: str,
    properties: Mapping[str, Any],
    rule: dict[str, Any],
) -> str:
    made_id = target.owner + event_id
    route = event_route(target.owner, event_id)
    rule["State"] = _state(context, properties, (*route, "Properties"))
    dead_letters = _dead_letters(context, target, event_id, event_type, properties, with_policy=True)
    started = {"Arn": target.arn, "Id": _target_id(target, made_id, properties)}
    if target.kind == STATE_MACHINE:
        role = properties.get("RoleArn") if event_type == "Schedule" else None
        started["RoleArn"] = _add_start_role(context, target, made_id, route) if role is None else role
    started.update({name: properties[name] for name in _TARGET if properties.get(name) is not None})
    if dead_letters is not None:
        started["DeadLetterConfig"] = {"Arn": dead_letters}
    rule["Targets"] = [started]
    return context.add(
        made_id,
        "AWS::Events::Rule",
        rule,
        by=target.owner,
        route=route,
        properties_from=event_property_routes(target.kind, event_type, "AWS::Events::Rule", event_id),
        attributes=target.attributes,
    )


def _state(context: Context, properties: Mapping[str, Any], route: Route) -> Any:
    enabled = properties.get("Enabled")
    if enabled is None:
        return properties.get("State") or None
    if properties.get("State"):
        context.problem((*route, "Enabled"), "cannot be set together with State")
    return "ENABLED" if enabled else "DISABLED"


def _target_id(target: Target, made_id: str, properties: Mapping[str, Any]) -> Any:
    stated = properties.get("Target")
    if stated and "Id" in stated:
        return stated["Id"]
    suffix = "StepFunctionsTarget" if target.kind == STATE_MACHINE else "LambdaTarget"
    return made_id[: _ID_LIMIT - len(suffix)] + suffix


def _add_start_role(context: Context, target: Target, made_id: str, route: Route) -> dict[str, Any]:
    """The role as which EventBridge starts a state machine."""
    role_id = f"{made_id}Role"
    role = {
        "AssumeRolePolicyDocument": trust("events.amazonaws.com"),
        "Policies": [allow(f"{role_id}StartExecutionPolicy", "states:StartExecution", target.arn)],
        "PermissionsBoundary": target.boundary or None,
    }
    context.add(role_id, "AWS::IAM::Role", role, by=target.owner, route=route, attributes=target.attributes)
    return get_att(role_id, "Arn")


def _dead_letters(
    context: Context,
    target: Target,
    event_id: str,
    event_type: str,
    properties: Mapping[str, Any],
    *,
    with_policy: bool,
) -> Any:
    """The ARN of the queue for events that could not be delivered; the queue is made where only its type is stated."""
    config = properties.get("DeadLetterConfig")
    if config is None:
        return None
    route = event_route(target.owner, event_id, "Properties", "DeadLetterConfig")
    if ("Arn" in config) == ("Type" in config):
        context.refuse(route, "needs either Arn or Type")
    if "Type" in config and config["Type"] != "SQS":
        context.refuse((*route, "Type"), "must be SQS")
    if config.get("Arn") is not None:
        return config["Arn"]
    made_id = target.owner + event_id
    queue_id = config.get("QueueLogicalId")
    if queue_id is not None:
        context.need_text(queue_id, (*route, "QueueLogicalId"))
    queue_id = queue_id or f"{made_id}Queue"
    places = event_property_routes(target.kind, event_type, "AWS::SQS::Queue", event_id)
    context.add(
        queue_id,
        "AWS::SQS::Queue",
        {},
        by=target.owner,
        route=route,
        properties_from=places,
        attributes=target.attributes,
    )
    if with_policy:
        sender = {"Service": "events.amazonaws.com"}
        policy = queue_policy(sender, get_att(queue_id, "Arn"), get_att(made_id, "Arn"), ref(queue_id))
        policy_id = f"{made_id}QueuePolicy"
        context.add(
            policy_id,
            "AWS::SQS::QueuePolicy",
            policy,
            by=target.owner,
            route=route,
            attributes=target.attributes,
        )
    return get_att(queue_id, "Arn")


def queue_policy(principal: Any, queue_arn: Any, source_arn: Any, queue_url: Any) -> dict[str, Any]:
    """Properties of the policy that lets a source send messages to a queue."""
    statement = {
        "Action": "sqs:SendMessage",
        "Effect": "Allow",
        "Principal": principal,
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": source_arn}},
    }
    return {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}, "Queues": [queue_url]}


_SCHEDULED = (
    "ScheduleExpression",
    "State",
    "Description",
    "StartDate",
    "EndDate",
    "ScheduleExpressionTimezone",
    "GroupName",
    "KmsKeyArn",
)


def add_schedule_v2(context: Context, target: Target, event_id: str, properties: Mapping[str, Any]) -> None:
    """Add the schedule of EventBridge Scheduler and the role that it acts as."""
    made_id = target.owner + event_id
    route = event_route(target.owner, event_id)
    schedule = {name: properties.get(name) for name in _SCHEDULED}
    schedule["State"] = schedule["State"] or None
    schedule["FlexibleTimeWindow"] = properties.get("FlexibleTimeWindow") or {"Mode": "OFF"}
    if not properties.get("OmitName"):
        schedule["Name"] = properties.get("Name") or made_id
    elif properties.get("Name"):
        context.refuse((*route, "Properties", "Name"), "cannot be set together with OmitName")
    dead_letters = _dead_letters(context, target, event_id, "ScheduleV2", properties, with_policy=False)
    role = properties.get("RoleArn") or _add_schedule_role(
        context, target, event_id, properties, dead_letters
    )
    started = {"Arn": target.arn, "RoleArn": role}
    started.update(
        {name: properties[name] for name in ("Input", "RetryPolicy") if properties.get(name) is not None}
    )
    if dead_letters is not None:
        started["DeadLetterConfig"] = {"Arn": dead_letters}
    schedule["Target"] = started
    context.add(
        made_id,
        "AWS::Scheduler::Schedule",
        schedule,
        by=target.owner,
        route=route,
        properties_from=event_property_routes(
            target.kind, "ScheduleV2", "AWS::Scheduler::Schedule", event_id
        ),
        attributes=target.attributes,
    )


def _add_schedule_role(
    context: Context, target: Target, event_id: str, properties: Mapping[str, Any], dead_letters: Any
) -> dict[str, Any]:
    made_id = target.owner + event_id
    if target.kind == STATE_MACHINE:
        policies = [allow(f"{made_id}StartExecutionPolicy", "states:StartExecution", target.arn)]
    else:
        policies = [allow(f"{made_id}LambdaPolicy", "lambda:InvokeFunction", target.arn)]
    if dead_letters:
        policies.append(allow(f"{made_id}SQSPolicy", "sqs:SendMessage", dead_letters))
    role = {
        "AssumeRolePolicyDocument": trust("scheduler.amazonaws.com"),
        "Policies": policies,
        "PermissionsBoundary": properties.get("PermissionsBoundary") or None,
    }
    places = event_property_routes(target.kind, "ScheduleV2", "AWS::IAM::Role", event_id)
    context.add(
        f"{made_id}Role",
        "AWS::IAM::Role",
        role,
        by=target.owner,
        route=event_route(target.owner, event_id),
        properties_from=places,
        attributes=target.attributes,
    )
    return get_att(f"{made_id}Role", "Arn")
