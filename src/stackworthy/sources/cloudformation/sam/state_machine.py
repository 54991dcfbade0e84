"""`AWS::Serverless::StateMachine`: the state machine, its role, version, alias and events.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from . import api_events
from .code import location
from .context import Context, event_route, property_route, with_text_keys
from .intrinsics import get_att, is_intrinsic, join, ref
from .properties import STATE_MACHINE, property_routes
from .roles import Role, add_policies, add_role, trust, xray_policy
from .rule_events import Target, add_rule, add_schedule, add_schedule_v2
from .shapes import STATE_MACHINE as SHAPES
from .shapes import STATE_MACHINE_EVENTS, checked
from .tags import propagate, tag_list

KIND = "AWS::StepFunctions::StateMachine"
ALIAS = "AWS::StepFunctions::StateMachineAlias"
CREATED_BY_SAM = {"stateMachine:createdBy": "SAM"}

_DYNAMIC = re.compile(r"^\{\{resolve:([a-z-]+):(.+)\}\}$")
_LOCATION = {"Bucket": "Bucket", "Key": "Key", "Version": "Version"}


def expand(context: Context, logical_id: str) -> None:
    route = property_route(logical_id)
    properties = checked(context, context.resources[logical_id].get("Properties"), SHAPES, route)
    mark = context.mark()
    tags = properties.get("Tags") or {}
    plain: dict[str, Any] = {
        **_definition(context, logical_id, properties),
        "StateMachineName": properties.get("Name"),
        "StateMachineType": properties.get("Type"),
        "LoggingConfiguration": properties.get("Logging"),
        "TracingConfiguration": properties.get("Tracing"),
        "Tags": tag_list({**CREATED_BY_SAM, **tags}),
        "RoleArn": properties.get("Role") or _add_role(context, logical_id, properties, tags),
    }
    if properties.get("Role") and properties.get("Policies"):
        context.problem((*route, "Policies"), "cannot be set together with Role")
    context.add(
        logical_id,
        KIND,
        plain,
        by=logical_id,
        properties_from=property_routes(STATE_MACHINE, KIND),
        attributes=context.own_attributes(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )
    alias_id = _add_alias(context, logical_id, properties)
    attributes = context.handed_down(logical_id)
    arn = ref(alias_id if alias_id and properties.get("UseAliasAsEventTarget") else logical_id)
    target = Target(logical_id, STATE_MACHINE, arn, attributes, properties.get("PermissionsBoundary"))
    _add_events(context, target, properties.get("Events"))
    if properties.get("PropagateTags") and tags:
        propagate(context, context.written_since(mark), tags)


def _definition(context: Context, logical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """`DefinitionString` or `DefinitionS3Location`, and `DefinitionSubstitutions`."""
    definition, uri = properties.get("Definition"), properties.get("DefinitionUri")
    substitutions = properties.get("DefinitionSubstitutions") or None
    if definition and uri:
        context.problem(property_route(logical_id, "DefinitionUri"), "cannot be set together with Definition")
    if definition:
        found: dict[str, Any] = {}
        text = _as_json(_substituted(definition, found))
        substitutions = {**(substitutions or {}), **found} or None
        return {"DefinitionString": join("\n", text.split("\n")), "DefinitionSubstitutions": substitutions}
    if not uri:
        context.problem(property_route(logical_id), "needs Definition or DefinitionUri")
        return {"DefinitionSubstitutions": substitutions}
    place = location(context, logical_id, "DefinitionUri", uri, _LOCATION)
    return {"DefinitionS3Location": place, "DefinitionSubstitutions": substitutions}


def _substituted(value: Any, found: dict[str, Any]) -> Any:
    """`value` with every intrinsic function and dynamic reference replaced by a placeholder, which `found` explains."""
    if isinstance(value, dict):
        return {key: _substitute(value[key], found) for key in sorted(value, key=str)}
    if isinstance(value, list):
        return [_substitute(item, found) for item in value]
    return value


def _substitute(value: Any, found: dict[str, Any]) -> Any:
    if is_intrinsic(value) or (isinstance(value, str) and _DYNAMIC.match(value)):
        name = f"definition_substitution_{len(found) + 1}"
        found[name] = value
        return f"${{{name}}}"
    return _substituted(value, found)


def _as_json(value: Any) -> str:
    return json.dumps(with_text_keys(value), sort_keys=True, indent=4, separators=(",", ": "), default=str)


def _add_role(
    context: Context, logical_id: str, properties: Mapping[str, Any], tags: Mapping[str, Any]
) -> dict[str, Any]:
    role = Role(
        id=f"{logical_id}Role",
        trust=trust("states.amazonaws.com"),
        path=properties.get("RolePath"),
        boundary=properties.get("PermissionsBoundary"),
        tags=tag_list({**CREATED_BY_SAM, **tags}),
        attributes=context.handed_down(logical_id),
    )
    stated = properties.get("Policies") or []
    policies = list(stated) if isinstance(stated, list) else [stated]
    tracing = properties.get("Tracing")
    if tracing and tracing.get("Enabled") is True:
        policies.append(xray_policy(context))
    add_policies(context, role, logical_id, policies)
    add_role(context, role, logical_id)
    return get_att(role.id, "Arn")


def _add_alias(context: Context, logical_id: str, properties: Mapping[str, Any]) -> str | None:
    """Add version and alias where `AutoPublishAlias` asks for them; the logical id of the alias."""
    name, preference = properties.get("AutoPublishAlias"), properties.get("DeploymentPreference")
    if not name:
        for other in ("UseAliasAsEventTarget", "DeploymentPreference"):
            if properties.get(other):
                context.problem(property_route(logical_id, other), "needs AutoPublishAlias")
        return None
    route = property_route(logical_id, "AutoPublishAlias")
    if not isinstance(name, (str, int)) or not isinstance(preference or {}, dict):
        context.problem(route, "must be the name of an alias, and DeploymentPreference a map")
        return None
    attributes = context.handed_down(logical_id)
    version_id = context.add(
        f"{logical_id}Version",
        "AWS::StepFunctions::StateMachineVersion",
        {
            "StateMachineArn": ref(logical_id),
            "StateMachineRevisionId": get_att(logical_id, "StateMachineRevisionId"),
        },
        by=logical_id,
        route=route,
        attributes={"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", **attributes},
    )
    wanted = {**(preference or {"Type": "ALL_AT_ONCE"}), "StateMachineVersionArn": ref(version_id)}
    return context.add(
        f"{logical_id}Alias{name}",
        ALIAS,
        {"Name": name, "DeploymentPreference": wanted},
        by=logical_id,
        route=route,
        properties_from=property_routes(STATE_MACHINE, ALIAS),
        attributes=attributes,
    )


def _add_events(context: Context, target: Target, events: Any) -> None:
    for event_id, event in (events or {}).items():
        context.attempt(lambda: _add_event(context, target, event_id, event), None)  # noqa: B023


def _add_event(context: Context, target: Target, event_id: Any, event: Any) -> None:
    route = event_route(target.owner, str(event_id))
    event_id = context.need_text(event_id, route)
    kind = context.need_map(event, route).get("Type")
    if kind == "Api":
        api_events.expand_state_machine_event(context, target.owner, event_id, event)
        return
    shapes = STATE_MACHINE_EVENTS.get(kind) if isinstance(kind, str) else None
    if not isinstance(kind, str) or shapes is None:
        context.refuse((*route, "Type"), f"{kind!r} is not a type of event that SAM knows")
    properties = checked(context, event.get("Properties"), shapes, (*route, "Properties"))
    if kind == "ScheduleV2":
        add_schedule_v2(context, target, event_id, properties)
    elif kind == "Schedule":
        add_schedule(context, target, event_id, properties)
    else:
        add_rule(context, target, event_id, kind, properties)
