"""`DeploymentPreference`: traffic moves to a new version step by step, by CodeDeploy.

One CodeDeploy application and one service role serve all functions of a template, each function has its deployment group.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .context import Context, property_route
from .facts import aws_policy_arn
from .intrinsics import any_condition, get_att, is_if, is_intrinsic, is_no_value, ref, sub
from .properties import FUNCTION, property_routes
from .roles import trust
from .tags import tag_list

APPLICATION = "ServerlessDeploymentApplication"
ROLE = "CodeDeployServiceRole"
CONDITION = "ServerlessCodeDeployCondition"

PREDEFINED = frozenset(
    [f"Canary10Percent{minutes}Minutes" for minutes in (5, 10, 15, 30)]
    + [f"Linear10PercentEvery{span}" for span in ("1Minute", "2Minutes", "3Minutes", "10Minutes")]
    + ["AllAtOnce"]
)
"""Deployment configurations that CodeDeploy has for Lambda."""

_OR_LIMIT = 10
"""Conditions that one `Fn::Or` may hold."""


class Preference(msgspec.Struct):
    """What one function wants; `tags` only where they are propagated."""

    function_id: str
    wanted: Mapping[str, Any]
    enabled: bool
    condition: str | None = None
    tags: Mapping[str, Any] | None = None


def prefer(context: Context, logical_id: str, properties: Mapping[str, Any], alias_id: str | None) -> None:
    """Note the preference of a function and let its alias be updated by CodeDeploy."""
    wanted = dict(properties["DeploymentPreference"])
    route = property_route(logical_id, "DeploymentPreference")
    for name in ("Enabled", "Type"):
        if name in wanted:
            wanted[name] = context.resolve_all(wanted[name])
    passed = context.resolve_all(wanted.get("PassthroughCondition", False))
    if passed not in (True, False, "true", "false", "True", "False"):
        context.problem((*route, "PassthroughCondition"), "must be true or false")
    enabled = wanted.get("Enabled", True)
    preference = Preference(logical_id, wanted, bool(enabled) and enabled not in ("false", "False"))
    context.drawer("deployment", list[Preference]).append(preference)
    if not preference.enabled:
        return
    if "Type" not in wanted:
        context.problem(route, "needs a Type")
    if not isinstance(wanted.get("Hooks", {}), dict):
        context.problem((*route, "Hooks"), "must be a map")
        wanted["Hooks"] = {}
    if passed in (True, "true", "True"):
        condition = context.resources[logical_id].get("Condition")
        preference.condition = condition if isinstance(condition, str) else None
    tags = properties.get("Tags")
    if properties.get("PropagateTags") and isinstance(tags, dict) and tags:
        preference.tags = tags
    if alias_id is None:
        context.problem(route, "needs AutoPublishAlias")
        return
    hooks = wanted.get("Hooks", {})
    update = {
        "ApplicationName": ref(APPLICATION),
        "DeploymentGroupName": ref(f"{logical_id}DeploymentGroup"),
        "BeforeAllowTrafficHook": hooks.get("PreTraffic"),
        "AfterAllowTrafficHook": hooks.get("PostTraffic"),
    }
    policy = {name: value for name, value in update.items() if value is not None}
    context.set_attribute(alias_id, "UpdatePolicy", {"CodeDeployLambdaAliasUpdate": policy})


def add_deployments(context: Context) -> None:
    """Add the CodeDeploy resources that the functions of the template asked for."""
    preferences = context.drawer("deployment", list[Preference])
    wanted = [preference for preference in preferences if preference.enabled]
    if not wanted:
        return
    condition = _shared_condition(context, preferences)
    shared = {"Condition": condition} if condition else {}
    first = property_route(wanted[0].function_id, "DeploymentPreference")
    tags: dict[str, Any] = {}
    for preference in wanted:
        tags.update(preference.tags or {})
    tagged = tag_list(tags) if tags else None
    context.add(
        APPLICATION,
        "AWS::CodeDeploy::Application",
        {"ComputePlatform": "Lambda", "Tags": tagged},
        by=wanted[0].function_id,
        route=first,
        attributes=shared,
    )
    if not all(preference.wanted.get("Role") for preference in wanted):
        name = "AWSCodeDeployRoleForLambda" + (
            "Limited" if context.partition in ("aws-iso", "aws-iso-b") else ""
        )
        role = {
            "AssumeRolePolicyDocument": trust("codedeploy.amazonaws.com"),
            "ManagedPolicyArns": [aws_policy_arn(f"service-role/{name}", context.partition)],
            "Tags": tagged,
        }
        context.add(ROLE, "AWS::IAM::Role", role, by=wanted[0].function_id, route=first, attributes=shared)
    for preference in wanted:
        _add_group(context, preference)


def _shared_condition(context: Context, preferences: list[Preference]) -> str | None:
    """The condition under which any of the deployments exists, None where one of them always does."""
    if any(preference.enabled and not preference.condition for preference in preferences):
        return None
    names = list(dict.fromkeys(preference.condition for preference in preferences if preference.condition))
    if len(names) < 2:
        return names[0] if names else None
    number = (len(names) - 2) // (_OR_LIMIT - 1)
    while len(names) > 1:
        name = f"{CONDITION}{number}" if number > 0 else CONDITION
        number -= 1
        context.add_condition(name, any_condition(names[:_OR_LIMIT]))
        names = [*names[_OR_LIMIT:], name]
    return CONDITION


def _add_group(context: Context, preference: Preference) -> None:
    wanted = preference.wanted
    group = {
        "AlarmConfiguration": _alarms(context, preference),
        "ApplicationName": ref(APPLICATION),
        "AutoRollbackConfiguration": {
            "Enabled": True,
            "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        "DeploymentConfigName": _deployment_type(wanted.get("Type")),
        "DeploymentStyle": {"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"},
        "ServiceRoleArn": wanted.get("Role") or get_att(ROLE, "Arn"),
        "TriggerConfigurations": wanted.get("TriggerConfigurations") or None,
        "Tags": tag_list(preference.tags) if preference.tags else None,
    }
    context.add(
        f"{preference.function_id}DeploymentGroup",
        "AWS::CodeDeploy::DeploymentGroup",
        group,
        by=preference.function_id,
        route=property_route(preference.function_id, "DeploymentPreference"),
        properties_from=property_routes(FUNCTION, "AWS::CodeDeploy::DeploymentGroup"),
        attributes={"Condition": preference.condition} if preference.condition else {},
    )


def _alarms(context: Context, preference: Preference) -> Any:
    alarms = preference.wanted.get("Alarms")
    if not alarms or is_no_value(alarms):
        return None
    if is_if(alarms) and isinstance(alarms["Fn::If"], list) and len(alarms["Fn::If"]) == 3:
        condition, then, otherwise = alarms["Fn::If"]
        return {
            "Fn::If": [
                condition,
                _watched(context, preference, then),
                _watched(context, preference, otherwise),
            ]
        }
    return _watched(context, preference, alarms)


def _watched(context: Context, preference: Preference, alarms: Any) -> Any:
    if not isinstance(alarms, list):
        route = property_route(preference.function_id, "DeploymentPreference", "Alarms")
        context.problem(route, "must be a list")
        return None
    if not alarms or is_no_value(alarms[0]):
        return {}
    return {"Enabled": True, "Alarms": [{"Name": alarm} for alarm in alarms]}


def _deployment_type(value: Any, function: str = "") -> Any:
    """CodeDeploy's name of a deployment configuration, also inside of intrinsic functions."""
    if isinstance(value, list):
        return [_deployment_type(item) for item in value]
    if is_intrinsic(value):
        return {name: _deployment_type(argument, name) for name, argument in value.items()}
    if isinstance(value, str) and value in PREDEFINED:
        named = sub("CodeDeployDefault.Lambda${ConfigName}", {"ConfigName": value})
        return named["Fn::Sub"] if function == "Fn::Sub" else named
    return value
