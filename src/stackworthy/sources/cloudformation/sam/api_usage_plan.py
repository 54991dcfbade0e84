"""Usage plans and API keys of REST APIs: one per API, or one that the APIs of a template share.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiusageplan.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .api_plan import REST, api_place
from .api_properties import api_property_routes
from .context import Context
from .intrinsics import any_condition, ref

_KNOWN = ("CreateUsagePlan", "Description", "Quota", "Tags", "Throttle", "UsagePlanName")
_CONDITION = "SharedUsagePlanCondition"
_RANKS = {"DeletionPolicy": ("Retain",), "UpdateReplacePolicy": ("Retain", "Snapshot")}


class _Shared(msgspec.Struct):
    """What the APIs that share a plan have brought in so far."""

    apis: list[str] = msgspec.field(default_factory=list)
    stages: list[dict[str, Any]] = msgspec.field(default_factory=list)
    keys: list[dict[str, Any]] = msgspec.field(default_factory=list)
    conditions: list[Any] = msgspec.field(default_factory=list)
    unconditional: bool = False
    policies: dict[str, Any] = msgspec.field(default_factory=dict)


def add_usage_plan(context: Context, api: str, auth: Mapping[str, Any], stage: str) -> None:
    """Add the plan, the key and what joins them, as `Auth.UsagePlan` asks. Raises `Unexpandable`."""
    given = auth.get("UsagePlan")
    if given is None:
        return
    route = api_place(context, api, "Auth", "UsagePlan")
    context.need_map(given, route)
    if any(key not in _KNOWN for key in given):
        context.refuse(route, f"may have {', '.join(_KNOWN)}")
    wanted = given.get("CreateUsagePlan")
    if wanted not in ("SHARED", "PER_API", "NONE"):
        context.refuse((*route, "CreateUsagePlan"), "must be SHARED, PER_API or NONE")
    if wanted == "NONE":
        return
    api_stage = {"ApiId": ref(api), "Stage": ref(stage)}
    key_stage = {"RestApiId": ref(api), "StageName": ref(stage)}
    details = {name: given[name] for name in _KNOWN[1:] if given.get(name)}
    if wanted == "PER_API":
        attributes = context.handed_down(api)
        _add(context, api, api, [api], details, [api_stage], [key_stage], attributes)
        return
    shared = context.drawer("usage plan", _Shared)
    if api not in shared.apis:
        shared.apis.append(api)
        shared.stages.append(api_stage)
        shared.keys.append(key_stage)
    attributes = _combined(context, shared, context.handed_down(api))
    _add(
        context,
        api,
        "Serverless",
        list(shared.apis),
        details,
        list(shared.stages),
        list(shared.keys),
        attributes,
    )


def _add(
    context: Context,
    api: str,
    prefix: str,
    apis: list[str],
    details: Mapping[str, Any],
    stages: list[dict[str, Any]],
    keys: list[dict[str, Any]],
    attributes: Mapping[str, Any],
) -> None:
    plan, key, joint = f"{prefix}UsagePlan", f"{prefix}ApiKey", f"{prefix}UsagePlanKey"
    made: tuple[tuple[str, str, dict[str, Any], list[str]], ...] = (
        (plan, "UsagePlan", {"ApiStages": stages, **details}, apis),
        (key, "ApiKey", {"Enabled": True, "StageKeys": keys}, [plan]),
        (joint, "UsagePlanKey", {"KeyId": ref(key), "KeyType": "API_KEY", "UsagePlanId": ref(plan)}, [key]),
    )
    for logical_id, kind, properties, depends_on in made:
        context.add(
            logical_id,
            f"AWS::ApiGateway::{kind}",
            properties,
            by=api,
            route=api_place(context, api, "Auth", "UsagePlan"),
            properties_from=api_property_routes(REST, f"AWS::ApiGateway::{kind}"),
            attributes=attributes,
            depends_on=depends_on,
        )
        context.refer(api, kind, logical_id)


def _combined(context: Context, shared: _Shared, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of the shared resources: they exist where any of their APIs does, and the strictest policy holds."""
    found: dict[str, Any] = {}
    for name, ranked in _RANKS.items():
        policy, present = attributes.get(name), shared.policies.get(name)
        if policy and (not present or policy == "Retain" or (policy in ranked and present == "Delete")):
            shared.policies[name] = policy
        if shared.policies.get(name):
            found[name] = shared.policies[name]
    condition = attributes.get("Condition")
    conditions = context.expansion.conditions
    if condition is None:
        shared.unconditional = True
        conditions.pop(_CONDITION, None)
    elif not shared.unconditional and condition not in shared.conditions:
        shared.conditions.append(condition)
        known = shared.conditions
        context.add_condition(_CONDITION, condition if len(known) == 1 else any_condition(known))
    if shared.conditions and not shared.unconditional:
        found["Condition"] = _CONDITION
    return found
