"""Tags: a map in SAM, a list of keys and values in CloudFormation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .context import Context
from .expansion import Route

CREATED_BY_SAM = {"lambda:createdBy": "SAM"}
RESERVED = ("lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion")

TAGGED = frozenset(
    {
        "AWS::ApiGateway::ApiKey",
        "AWS::ApiGateway::DomainName",
        "AWS::ApiGateway::DomainNameV2",
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGateway::Stage",
        "AWS::ApiGateway::UsagePlan",
        "AWS::CloudFormation::Stack",
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::DynamoDB::Table",
        "AWS::IAM::Role",
        "AWS::IoT::TopicRule",
        "AWS::Lambda::CapacityProvider",
        "AWS::Lambda::Function",
        "AWS::Lambda::MicrovmImage",
        "AWS::Lambda::NetworkConnector",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::StepFunctions::StateMachine",
    }
)
"""Made kinds whose `Tags` SAM fills in when tags are propagated."""


def tag_list(tags: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """CloudFormation's list for a map of tags; a tag without value gets an empty one."""
    return [{"Key": key, "Value": "" if value is None else value} for key, value in (tags or {}).items()]


def checked_tags(context: Context, tags: Any, route: Route) -> dict[str, Any]:
    """A map of tags without those that SAM keeps for itself, each of which is a problem."""
    if not tags:
        return {}
    found = context.need_map(tags, route)
    reserved = [key for key in RESERVED if key in found]
    for key in reserved:
        context.problem((*route, key), "is a tag that SAM sets itself")
    return {key: value for key, value in found.items() if key not in reserved} if reserved else found


def propagate(context: Context, logical_ids: Iterable[str], tags: Mapping[str, Any]) -> None:
    """Replace the tags of made resources by those of the SAM resource, as SAM does for `PropagateTags`."""
    for logical_id in logical_ids:
        body = context.expansion.resources[logical_id]
        if body.get("Type") in TAGGED:
            context.set_property(logical_id, "Tags", tag_list(tags))


def propagate_beside(context: Context, logical_ids: Iterable[str], tags: Mapping[str, Any]) -> None:
    """Add the tags of the SAM resource to those that made resources have already."""
    for logical_id in logical_ids:
        body = context.expansion.resources[logical_id]
        if body.get("Type") in TAGGED:
            own = {tag["Key"]: tag["Value"] for tag in body["Properties"].get("Tags", ())}
            context.set_property(logical_id, "Tags", tag_list({**own, **tags}))
