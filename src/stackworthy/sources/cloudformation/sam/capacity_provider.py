"""`AWS::Serverless::CapacityProvider`: EC2 capacity that Lambda manages, and the role that it needs for that.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-capacityprovider.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import Context, property_route
from .expansion import Route
from .properties import property_routes
from .roles import Role, add_role, aws_managed, trust
from .shapes import CAPACITY_PROVIDER, checked
from .tags import CREATED_BY_SAM, propagate_beside, tag_list

KIND = "AWS::Lambda::CapacityProvider"
_METRIC = "LambdaCapacityProviderAverageCPUUtilization"
_REQUIREMENTS = {
    "Architectures": "Architectures",
    "AllowedTypes": "AllowedInstanceTypes",
    "ExcludedTypes": "ExcludedInstanceTypes",
}


def expand(context: Context, logical_id: str) -> None:
    route = property_route(logical_id)
    properties = checked(context, context.resources[logical_id].get("Properties"), CAPACITY_PROVIDER, route)
    mark = context.mark()
    tags = properties.get("Tags") or {}
    role = properties.get("OperatorRole") or add_operator_role(
        context, logical_id, "AWSLambdaManagedEC2ResourceOperator"
    )
    logging = properties.get("LoggingConfig")
    managed = properties.get("ManagedResourceTags") or {}
    provider = {
        "CapacityProviderName": properties.get("CapacityProviderName") or None,
        "VpcConfig": _network(context, properties["VpcConfig"], (*route, "VpcConfig")),
        "PermissionsConfig": {"CapacityProviderOperatorRoleArn": role},
        "Tags": tag_list({**tags, **CREATED_BY_SAM}),
        "InstanceRequirements": _requirements(context, properties, route),
        "CapacityProviderScalingConfig": _scaling(properties.get("ScalingConfig")),
        "KmsKeyArn": properties.get("KmsKeyArn") or None,
        "TelemetryConfig": {"LoggingConfig": logging} if logging else None,
        "PropagateTags": _explicit_tags(context, managed, (*route, "ManagedResourceTags")),
    }
    context.add(
        logical_id,
        KIND,
        provider,
        by=logical_id,
        properties_from=property_routes("AWS::Serverless::CapacityProvider", KIND),
        attributes=context.own_attributes(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )
    if properties.get("PropagateTags") and tags:
        propagate_beside(context, context.written_since(mark), tags)


def add_operator_role(context: Context, logical_id: str, policy: str) -> dict[str, Any]:
    """Add the role as which Lambda works on resources of the account; an intrinsic for its ARN."""
    role = Role(
        id=f"{logical_id}OperatorRole",
        trust=trust("lambda.amazonaws.com"),
        managed=[aws_managed(context, policy)],
        tags=tag_list(CREATED_BY_SAM),
        attributes=context.handed_down(logical_id),
    )
    add_role(context, role, logical_id)
    return {"Fn::GetAtt": [role.id, "Arn"]}


def _network(context: Context, stated: Mapping[str, Any], route: Route) -> dict[str, Any]:
    if stated.get("SubnetIds") is None:
        context.refuse((*route, "SubnetIds"), "is required")
    names = ("SubnetIds", "SecurityGroupIds")
    return {name: stated[name] for name in names if stated.get(name) is not None}


def _requirements(context: Context, properties: Mapping[str, Any], route: Route) -> dict[str, Any] | None:
    stated = properties.get("InstanceRequirements")
    if not stated:
        return None
    if stated.get("AllowedTypes") is not None and stated.get("ExcludedTypes") is not None:
        place = (*route, "InstanceRequirements", "ExcludedTypes")
        context.problem(place, "cannot be set together with AllowedTypes")
    return {made: stated[own] for own, made in _REQUIREMENTS.items() if stated.get(own) is not None}


def _scaling(stated: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not stated:
        return None
    scaling: dict[str, Any] = {}
    if stated.get("MaxVCpuCount") is not None:
        scaling["MaxVCpuCount"] = stated["MaxVCpuCount"]
    utilization = stated.get("AverageCPUUtilization")
    if utilization is None:
        scaling["ScalingMode"] = "Auto"
    else:
        scaling["ScalingMode"] = "Manual"
        scaling["ScalingPolicies"] = [{"PredefinedMetricType": _METRIC, "TargetValue": utilization}]
    return scaling


def _explicit_tags(context: Context, managed: Mapping[str, Any], route: Route) -> dict[str, Any] | None:
    if managed.get("Tags") is None:
        return {} if managed else None
    tags = context.need_map(managed["Tags"], (*route, "Tags"))
    return {"Mode": "Explicit", "ExplicitTags": tag_list(tags)}
