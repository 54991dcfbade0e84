"""Events of EventBridge: schedules, rules of the older `cloudwatchEvent`, rules with buses.

https://www.serverless.com/framework/docs/providers/aws/events/schedule
https://www.serverless.com/framework/docs/providers/aws/events/event-bridge
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.build import Build
from stackworthy.sources.serverless.functions import function_arn, role_of
from stackworthy.sources.serverless.service import Event, Function
from stackworthy.sources.serverless.shapes import as_list, as_map, first, is_set, json_text, text

RULE, SCHEDULE = "AWS::Events::Rule", "AWS::Scheduler::Schedule"
RULE_TABLE = {
    "ScheduleExpression": "rate",
    "State": "enabled",
    "Name": "name",
    "Description": "description",
    "Targets.0.Input": "input",
    "Targets.0.InputPath": "inputPath",
    "Targets.0.InputTransformer": "inputTransformer",
    "EventPattern": "event",
}
SCHEDULE_TABLE = {
    "ScheduleExpression": "rate",
    "ScheduleExpressionTimezone": "timezone",
    "State": "enabled",
    "Name": "name",
    "Description": "description",
    "Target.Input": "input",
}
BRIDGE_TABLE = {
    **RULE_TABLE,
    "EventPattern": "pattern",
    "ScheduleExpression": "schedule",
    "EventBusName": "eventBus",
    "Targets.0.RetryPolicy.MaximumEventAgeInSeconds": "retryPolicy.maximumEventAge",
    "Targets.0.RetryPolicy.MaximumRetryAttempts": "retryPolicy.maximumRetryAttempts",
    "Targets.0.RetryPolicy": "retryPolicy",
    "Targets.0.DeadLetterConfig": "deadLetterQueueArn",
    "Targets.0.DeadLetterConfig.Arn": "deadLetterQueueArn",
}
MAX_RATES = 100
MAX_NAME = 64


def _state(event: Event) -> Any:
    stated = event.get("enabled")
    if isinstance(stated, Unknown):
        return stated
    return "DISABLED" if stated is False else "ENABLED"


def _input(stated: Any) -> Any:
    """An input as JSON text. `body` may hold the text of a document itself."""
    if not is_set(stated) or isinstance(stated, (str, Unknown)):
        return stated if is_set(stated) else None
    if isinstance(stated, dict) and isinstance(stated.get("body"), str):
        try:
            stated = {**stated, "body": json.loads(stated["body"])}
        except (ValueError, RecursionError):
            return json_text(stated)
    return json_text(stated)


def _transformer(stated: Any) -> Any:
    if not isinstance(stated, dict):
        return stated
    return {names.upper_first(str(name)): value for name, value in stated.items()}


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def add_schedule(build: Build, function: Function, event: Event, numbers: dict[str, int]) -> None:
    """One rule, or one schedule of EventBridge Scheduler, for each rate of the event."""
    stated = isinstance(event.body, dict) and "rate" in event.body
    rates = as_list(event.get("rate")) if stated else [event.body]
    table = RULE_TABLE if event.get("method") != "scheduler" else SCHEDULE_TABLE
    for index, rate in enumerate(rates[:MAX_RATES]):
        numbers[function.key] = number = numbers.get(function.key, 0) + 1
        own = (
            {**table, "ScheduleExpression": f"rate.{index}"} if isinstance(event.get("rate"), list) else table
        )
        if event.get("method") == "scheduler":
            _scheduler(build, function, event, rate, number, own)
        else:
            _rule(build, function, event, rate, number, own)


def _rule(
    build: Build, function: Function, event: Event, rate: Any, number: int, table: dict[str, str]
) -> None:
    normal = names.normalized(function.key)
    target = _given(
        Input=_input(event.get("input")),
        InputPath=event.get("inputPath"),
        InputTransformer=_transformer(event.get("inputTransformer")),
        Arn=function.arn,
        Id=f"{function.key}Schedule",
    )
    rule = {
        "ScheduleExpression": rate,
        "State": _state(event),
        "Name": event.get("name"),
        "Description": event.get("description"),
        "Targets": [target],
    }
    made = build.of(function, event, f"{normal}EventsRuleSchedule{number}", RULE, rule, table)
    source = {"Fn::GetAtt": [made, "Arn"]}
    permission = f"{normal}LambdaPermissionEventsRuleSchedule{number}"
    build.permission(function, event, permission, "events.amazonaws.com", source)


def _scheduler(
    build: Build, function: Function, event: Event, rate: Any, number: int, table: dict[str, str]
) -> None:
    role = role_of(build, function)
    target = _given(Arn=function.arn, RoleArn=role, Input=_input(event.get("input")))
    schedule = {
        "ScheduleExpression": rate,
        "State": _state(event),
        "Target": target,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Name": event.get("name"),
        "Description": event.get("description"),
        "ScheduleExpressionTimezone": event.get("timezone"),
    }
    made = f"{names.normalized(function.key)}SchedulerSchedule{number}"
    build.of(function, event, made, SCHEDULE, schedule, table)
    resources = [function_arn(function), function_arn(function, ":*")]
    build.allow(event.route, ["lambda:InvokeFunction"], resources)
    if "scheduler.amazonaws.com" not in build.trusted:
        build.trusted.append("scheduler.amazonaws.com")


def add_rule(build: Build, function: Function, event: Event, numbers: dict[str, int]) -> None:
    """An event pattern on the default bus."""
    numbers[function.key] = number = numbers.get(function.key, 0) + 1
    normal = names.normalized(function.key)
    target = _given(
        Input=_input(event.get("input")),
        InputPath=event.get("inputPath"),
        InputTransformer=_transformer(event.get("inputTransformer")),
        Arn=function.arn,
        Id=f"{function.key}CloudWatchEvent",
    )
    rule = {
        "EventPattern": event.get("event"),
        "State": _state(event),
        "Name": event.get("name"),
        "Description": event.get("description"),
        "Targets": [target],
    }
    made = build.of(function, event, f"{normal}EventsRuleCloudWatchEvent{number}", RULE, rule, RULE_TABLE)
    source = {"Fn::GetAtt": [made, "Arn"]}
    permission = f"{normal}LambdaPermissionEventsRuleCloudWatchEvent{number}"
    build.permission(function, event, permission, "events.amazonaws.com", source)


def add_bridge(build: Build, function: Function, event: Event) -> None:
    """A rule on any bus; the bus is made where only a name is stated."""
    number = event.index + 1
    named = text(function.name, f"-rule-{number}")
    name = first(event.get("name"), _short(named, f"rule-{number}") if isinstance(named, str) else named)
    bus, made_bus = _bus(build, function, event)
    retries, dead = as_map(event.get("retryPolicy")), event.get("deadLetterQueueArn")
    policy = _given(
        MaximumEventAgeInSeconds=retries.get("maximumEventAge"),
        MaximumRetryAttempts=retries.get("maximumRetryAttempts"),
    )
    given = event.get("input")
    target = _given(
        Arn=function.arn,
        Id=_short(f"{name}-target", "target") if isinstance(name, str) else text(name, "-target"),
        RetryPolicy=policy or None,
        DeadLetterConfig={"Arn": dead} if is_set(dead) else None,
        Input=json_text(given) if is_set(given) else None,
        InputPath=event.get("inputPath"),
        InputTransformer=_transformer(event.get("inputTransformer")),
    )
    rule = {
        "Description": event.get("description"),
        "EventBusName": None if isinstance(bus, str) and bus == "default" else bus,
        "EventPattern": event.get("pattern"),
        "Name": name,
        "ScheduleExpression": event.get("schedule"),
        "State": _state(event),
        "Targets": [target],
    }
    stub = named if isinstance(named, str) else f"{function.key}-rule-{number}"
    logical_id = f"{names.alphanumeric(stub)}EventBridgeRule"
    build.of(function, event, logical_id, RULE, rule, BRIDGE_TABLE, DependsOn=made_bus)
    path = ["rule", *([] if bus is None else [bus]), name]
    region, account = {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}
    parts = ["arn", {"Ref": "AWS::Partition"}, "events", region, account, {"Fn::Join": ["/", path]}]
    permission = f"{names.normalized(function.key)}EventBridgeLambdaPermission{number}"
    build.permission(function, event, permission, "events.amazonaws.com", {"Fn::Join": [":", parts]})


def _bus(build: Build, function: Function, event: Event) -> tuple[Any, str | None]:
    """The name of the event's bus, and the logical id of the bus where the framework makes it."""
    bus = event.get("eventBus")
    if not isinstance(bus, str) or bus == "default":
        return bus, None
    if bus.startswith("arn"):
        return bus[bus.find("/") + 1 :], None
    logical_id = f"{names.normalized(bus)}EventBridgeEventBus"
    stated = {"Name": bus}
    build.of(function, event, logical_id, "AWS::Events::EventBus", stated, {"Name": "eventBus"})
    return bus, logical_id


def _short(name: str, suffix: str) -> str:
    """A name of at most 64 characters: longer ones end in a hash, as the framework writes it."""
    if len(name) <= MAX_NAME:
        return name
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return f"{name[: 31 - len(suffix)]}{digest}-{suffix}"
