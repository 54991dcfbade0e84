"""`EventInvokeConfig`: what happens to the results and failures of asynchronous calls.

Where a destination of type SQS or SNS names no queue or topic, SAM makes one.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventinvokeconfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import Context, property_route, stable_hash
from .expansion import Route
from .intrinsics import get_att, if_, is_if, is_no_value, not_condition, ref
from .properties import FUNCTION, property_routes
from .publish import Published
from .roles import destination_policy

TYPES = ("SQS", "SNS", "EventBridge", "Lambda", "S3Bucket")


def add_invoke_config(
    context: Context, logical_id: str, config: Mapping[str, Any], published: Published | None
) -> list[dict[str, Any]]:
    """Add the configuration and what it needs; the policies that the function's role needs for its destinations."""
    route = property_route(logical_id, "EventInvokeConfig")
    resolved = context.need_map(context.resolve(config), route)
    made_id = f"{logical_id}EventInvokeConfig"
    destinations: dict[str, Any] = {}
    policies: list[dict[str, Any]] = []
    stated = resolved.get("DestinationConfig")
    if stated:
        stated = context.need_map(stated, (*route, "DestinationConfig"))
        for name in ("OnSuccess", "OnFailure"):
            if stated.get(name) is not None:
                place = (*route, "DestinationConfig", name)
                wanted = context.need_map(stated[name], place)
                shared = _shared_through_globals(context, config, name)
                if shared is not None and "target" in shared:
                    wanted = {**wanted, "Destination": shared["target"]}
                target, policy = _destination(context, logical_id, made_id + name, wanted, place)
                if shared is not None:
                    shared["target"] = target
                destinations[name] = {"Destination": target}
                if policy is not None:
                    policies.append(policy)
    context.add(
        made_id,
        "AWS::Lambda::EventInvokeConfig",
        {
            "FunctionName": ref(logical_id),
            "Qualifier": published.name if published else "$LATEST",
            "DestinationConfig": destinations,
            "MaximumEventAgeInSeconds": resolved.get("MaximumEventAgeInSeconds"),
            "MaximumRetryAttempts": resolved.get("MaximumRetryAttempts"),
        },
        by=logical_id,
        route=route,
        properties_from=property_routes(FUNCTION, "AWS::Lambda::EventInvokeConfig"),
        attributes=context.own_attributes(logical_id),
        depends_on=[published.alias_id] if published else None,
    )
    return policies


def _shared_through_globals(context: Context, config: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """What functions remember together whose destination stands in `Globals`; None where it stands in the function.

    SAM makes one queue or topic for such a destination, for the first function that has it; all others send to that one.
    """

    def stated(where: Any, *path: str) -> Any:
        for part in path:
            where = where.get(part) if isinstance(where, dict) else None
        return where

    own = stated(config, "DestinationConfig", name)
    if own is not stated(
        context.template, "Globals", "Function", "EventInvokeConfig", "DestinationConfig", name
    ):
        return None
    return context.drawer("global destinations", dict[str, dict[str, Any]]).setdefault(name, {})


def _destination(
    context: Context, logical_id: str, made_id: str, wanted: Mapping[str, Any], route: Route
) -> tuple[Any, dict[str, Any] | None]:
    """The ARN of a destination and the policy that it needs; the queue or topic is made where none is named."""
    kind, target = wanted.get("Type"), wanted.get("Destination")
    if not isinstance(kind, str) or kind not in TYPES:
        context.refuse((*route, "Type"), f"must be one of {', '.join(TYPES)}")
    missing, other = _when_missing(context, logical_id, target, (*route, "Destination"))
    if target is None or missing is not None:
        if kind not in ("SQS", "SNS"):
            context.refuse((*route, "Destination"), f"is required for a destination of type {kind}")
        made = _add_target(context, logical_id, made_id, kind, missing, route)
        target = made if missing is None else if_(missing, made, other)
    return target, destination_policy(kind, target, made_id)


def _when_missing(context: Context, logical_id: str, target: Any, route: Route) -> tuple[str | None, Any]:
    """The condition under which no destination is named, and the destination otherwise."""
    if not is_if(target):
        return None, None
    parts = target["Fn::If"]
    if not isinstance(parts, list) or len(parts) != 3 or not isinstance(parts[0], str):
        context.refuse(route, "is an Fn::If without condition and two values")
    condition, then, otherwise = parts
    if is_no_value(then) == is_no_value(otherwise):
        return None, None
    if is_no_value(then):
        return condition, otherwise
    negated = f"NOT{condition}" + stable_hash(f"{logical_id}EventInvokeConfig")
    context.add_condition(negated, not_condition(condition))
    return negated, then


def _add_target(
    context: Context, logical_id: str, made_id: str, kind: str, missing: str | None, route: Route
) -> dict[str, Any]:
    attributes = context.handed_down(logical_id)
    own = attributes.get("Condition")
    condition = own if missing is None else missing
    if isinstance(own, str) and missing is not None:
        condition = f"{own}AND{missing}" + stable_hash(logical_id)
        # SAM writes each of the two inside of another `Condition`; what is deployed has this form.
        nested = [{"Condition": {"Condition": own}}, {"Condition": {"Condition": missing}}]
        context.add_condition(condition, {"Fn::And": nested})
    if condition:
        attributes["Condition"] = condition
    suffix, made_kind, attribute = ("Queue", "AWS::SQS::Queue", "DestinationQueue")
    if kind == "SNS":
        suffix, made_kind, attribute = ("Topic", "AWS::SNS::Topic", "DestinationTopic")
    target_id = context.add(
        made_id + suffix, made_kind, {}, by=logical_id, route=route, attributes=attributes
    )
    context.refer(logical_id, attribute, target_id)
    return get_att(target_id, "Arn") if kind == "SQS" else ref(target_id)
