"""`AWS::Serverless::WebFunction`: a web function with its revision and endpoint.

A reference to the function gives its ARN, so revision and endpoint repeat its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .code import location
from .context import Context, property_route
from .expansion import Route
from .intrinsics import get_att, is_intrinsic
from .properties import property_routes
from .roles import Role, add_role, aws_managed, trust
from .shapes import WEB_FUNCTION, checked
from .tags import CREATED_BY_SAM, checked_tags, tag_list

KIND = "AWS::Serverless::WebFunction"
_LOCATION = {"Bucket": "Bucket", "Key": "Key", "Version": "VersionId"}
_NAME_LIMIT = 55
"""Characters of the logical id in a generated name: 64 of a function's name without a dash and 8 of the stack's id."""

_VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*$")

_US = ("us-east-1", "us-east-2", "us-west-1", "us-west-2")
_AP = ("ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2")
_EU = ("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1")
REGION_GROUPS: Mapping[str, tuple[str, ...]] = {
    "US": _US,
    "AP": _AP,
    "CA": ("ca-central-1",),
    "EU": _EU,
    "SA": ("sa-east-1",),
    "SPARSE_GLOBAL": (
        "us-east-1",
        "eu-west-1",
        "eu-central-1",
        "ap-northeast-1",
        "ap-southeast-2",
        "sa-east-1",
        "ap-southeast-1",
    ),
    "ALL_STANDARD": (*_US, *_AP, "ca-central-1", *_EU, "sa-east-1"),
}
"""Names that may stand for several regions in `ReplicaRegions`."""


def expand(context: Context, logical_id: str) -> None:
    route = property_route(logical_id)
    properties = checked(context, context.resources[logical_id].get("Properties"), WEB_FUNCTION, route)
    _check(context, logical_id, properties)
    tags = tag_list({**CREATED_BY_SAM, **checked_tags(context, properties.get("Tags"), (*route, "Tags"))})
    role = properties.get("ExecutionRoleArn") or _add_role(context, logical_id, tags)
    name = properties.get("FunctionName") or _generated_name(logical_id)
    _add(context, logical_id, "", "AWS::Lambda::WebFunction", {"FunctionName": name, "Tags": tags}, None)
    revision = {
        "FunctionName": name,
        "Description": properties.get("RevisionDescription"),
        "KmsKeyArn": properties.get("KmsKeyArn"),
        "BuildConfig": _build(context, logical_id, properties),
        "ServiceConfig": _service(context, properties, role, route),
    }
    kind = "AWS::Lambda::WebFunctionRevision"
    revision_id = _add(context, logical_id, "Revision", kind, revision, [logical_id])
    endpoint = {
        "FunctionName": name,
        "EndpointName": properties.get("EndpointName") or "prod",
        "EndpointType": properties.get("EndpointType") or "HomeRegion",
        "AuthType": properties.get("AuthType"),
        "RevisionWeights": _weights(context, revision_id, properties.get("RevisionWeights"), route),
        "Regions": _regions(context, properties.get("ReplicaRegions"), (*route, "ReplicaRegions")),
        "Description": properties.get("EndpointDescription"),
        "ScalingConfig": properties.get("ScalingConfig"),
        "ThrottleConfig": properties.get("ThrottleConfig"),
    }
    kind = "AWS::Lambda::WebFunctionEndpoint"
    _add(context, logical_id, "Endpoint", kind, endpoint, [logical_id, revision_id])


def _add(
    context: Context, logical_id: str, suffix: str, kind: str, properties: Mapping[str, Any], depends_on: Any
) -> str:
    own = context.resources[logical_id].get("DependsOn")
    return context.add(
        logical_id + suffix,
        kind,
        properties,
        by=logical_id,
        properties_from=property_routes(KIND, kind),
        attributes=context.handed_down(logical_id) if suffix else context.own_attributes(logical_id),
        depends_on=depends_on if suffix else own,
    )


def _generated_name(logical_id: str) -> dict[str, Any]:
    stack = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
    suffix = {"Fn::Select": [0, {"Fn::Split": ["-", stack]}]}
    return {"Fn::Sub": [logical_id[:_NAME_LIMIT] + "-${StackIdSuffix}", {"StackIdSuffix": suffix}]}


def _add_role(context: Context, logical_id: str, tags: list[dict[str, Any]]) -> dict[str, Any]:
    role = Role(
        id=f"{logical_id}Role",
        trust=trust("lambda.amazonaws.com"),
        managed=[aws_managed(context, "service-role/AWSLambdaBasicExecutionRole")],
        tags=tags,
        attributes=context.handed_down(logical_id),
    )
    add_role(context, role, logical_id)
    return get_att(role.id, "Arn")


def _build(context: Context, logical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    code = properties.get("CodeUri")
    if not code:
        context.problem(property_route(logical_id, "CodeUri"), "is required")
    place = location(context, logical_id, "CodeUri", code, _LOCATION) if code else None
    return {
        "CodeConfig": {"S3Object": place} if place else {},
        "RuntimeConfig": {"Runtime": properties.get("Runtime")},
    }


def _service(context: Context, properties: Mapping[str, Any], role: Any, route: Route) -> dict[str, Any]:
    service: dict[str, Any] = {"ExecutionRoleArn": role}
    variables = properties.get("EnvironmentVariables") or {}
    entry = properties.get("EntryPoint")
    if is_intrinsic(variables):
        if entry:
            context.problem(
                (*route, "EntryPoint"), "cannot be set where EnvironmentVariables is an intrinsic function"
            )
        service["EnvironmentVariables"] = variables
    else:
        texts = {name: _text(value) for name, value in variables.items()}
        if entry:
            texts["AWS_LAMBDA_NODEJS_ENTRYPOINT"] = entry
        if texts:
            service["EnvironmentVariables"] = texts
    if properties.get("LoggingConfig"):
        service["TelemetryConfig"] = {"LoggingConfig": properties["LoggingConfig"]}
    for name in ("MaxConcurrencyPerEnvironment", "EgressNetworkConnectorArn"):
        if properties.get(name) is not None:
            service[name] = properties[name]
    service["TimeoutSeconds"] = properties.get("Timeout") or 30
    return service


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _weights(context: Context, revision_id: str, stated: Any, route: Route) -> list[dict[str, Any]]:
    if not stated:
        return [{"RevisionId": get_att(revision_id, "RevisionId"), "Weight": 100}]
    place = (*route, "RevisionWeights")
    weights = context.need_map(stated, place)
    if is_intrinsic(weights):
        context.refuse(place, "cannot be an intrinsic function")
    numbers = [weight for weight in weights.values() if not is_intrinsic(weight)]
    if len(weights) > 2 or not all(isinstance(weight, int) and 1 <= weight <= 100 for weight in numbers):
        context.problem(place, "may hold two revisions with weights between 1 and 100")
    elif len(numbers) == len(weights) and sum(numbers) != 100:
        context.problem(place, "must sum up to 100")
    return [{"RevisionId": revision, "Weight": weight} for revision, weight in weights.items()]


def _regions(context: Context, stated: Any, route: Route) -> Any:
    if stated is None or is_intrinsic(stated):
        return stated
    if isinstance(stated, list):
        return _named_regions(context, stated, route) + [one for one in stated if not isinstance(one, str)]
    for name in stated:
        if name not in ("IncludeRegions", "ExcludeRegions"):
            context.problem((*route, str(name)), "is not a property that SAM knows here")
    included = context.need_list(stated.get("IncludeRegions") or [], (*route, "IncludeRegions"))
    excluded = context.need_list(stated.get("ExcludeRegions") or [], (*route, "ExcludeRegions"))
    dynamic = [one for one in included if not isinstance(one, str)]
    if excluded and (not included or dynamic or any(not isinstance(one, str) for one in excluded)):
        context.refuse(
            (*route, "ExcludeRegions"), "needs IncludeRegions, and both without intrinsic functions"
        )
    without = _named_regions(context, excluded, (*route, "ExcludeRegions"))
    named = _named_regions(context, included, (*route, "IncludeRegions"))
    return [region for region in named if region not in without] + dynamic


def _named_regions(context: Context, stated: list[Any], route: Route) -> list[str]:
    """Regions that names of regions and of groups of regions stand for, sorted."""
    found: set[str] = set()
    for name in stated:
        if not isinstance(name, str):
            continue
        group = REGION_GROUPS.get(name.upper())
        if group is None and "-" not in name:
            context.refuse(route, f"{name!r} is neither a region nor a group of regions")
        found.update(group or (name,))
    return sorted(found)


def _check(context: Context, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Note what SAM refuses."""
    route = property_route(logical_id)
    for name in ("AuthType", "Runtime"):
        if not properties.get(name):
            context.problem((*route, name), "is required")
    if properties.get("InlineCode"):
        context.problem((*route, "InlineCode"), "cannot be set for a web function")
    timeout = properties.get("Timeout")
    if isinstance(timeout, int) and not 3 <= timeout <= 900:
        context.problem((*route, "Timeout"), "must be between 3 and 900")
    mode = context.resolve(properties.get("AutoDeploymentMode")) or "LatestRevision"
    endpoint = context.resolve(properties.get("EndpointType")) or "HomeRegion"
    regional = endpoint in ("MultiRegion", "PerRegion")
    weights = properties.get("RevisionWeights")
    place = (*route, "AutoDeploymentMode")
    if mode not in ("LatestRevision", "Disabled"):
        context.problem(place, "must be LatestRevision or Disabled")
    elif mode == "LatestRevision" and (weights or regional):
        context.problem(place, "must be Disabled with RevisionWeights and for several regions")
    elif mode == "Disabled" and not regional and not weights:
        context.problem(place, "Disabled needs RevisionWeights")
    connector = properties.get("EgressNetworkConnectorArn")
    if isinstance(connector, str) and (":network-connector:" not in connector or connector.count(":") < 7):
        context.problem(
            (*route, "EgressNetworkConnectorArn"), "must be the ARN of a version of a network connector"
        )
    variables = properties.get("EnvironmentVariables") or {}
    for name, value in () if is_intrinsic(variables) else variables.items():
        if not isinstance(name, str) or not _VARIABLE.match(name) or value == "" or len(str(value)) > 4096:
            context.problem(
                (*route, "EnvironmentVariables", str(name)), "is no name, or no value, of a variable"
            )
