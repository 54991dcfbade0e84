"""AWS Config rules for what the stack has: a later change by hand is noticed.

https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import anchor
from stackworthy.core.fix import AddResource
from stackworthy.core.graph import Graph
from stackworthy.core.value import Map

APART = "config-rules"
TITLE = "Notice changes that break the rules"
RULE = "AWS::Config::ConfigRule"
RULES = {
    "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED": "AWS::S3::Bucket",
    "S3_BUCKET_SSL_REQUESTS_ONLY": "AWS::S3::Bucket",
    "DYNAMODB_PITR_ENABLED": "AWS::DynamoDB::Table",
    "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED": "AWS::Lambda::Function",
    "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS": "AWS::IAM::ManagedPolicy",
    "RDS_INSTANCE_PUBLIC_ACCESS_CHECK": "AWS::RDS::DBInstance",
    "RDS_STORAGE_ENCRYPTED": "AWS::RDS::DBInstance",
    "EFS_ENCRYPTED_CHECK": "AWS::EFS::FileSystem",
    "VPC_DEFAULT_SECURITY_GROUP_CLOSED": "AWS::EC2::VPC",
    "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED": "AWS::CloudTrail::Trail",
}
"""The rules that AWS manages, each with the kind for which it is wanted."""


def improvements(graph: Graph) -> list[Improvement]:
    """The rules for the kinds that the stack has; done when it has rules of Config already."""
    there = [rule.address for rule in graph.of(RULE)]
    if there:
        return [
            Improvement(TITLE, "", resources=tuple(there), done=f"rules are there: {', '.join(there[:5])}")
        ]
    wanted = {name: kind for name, kind in RULES.items() if graph.of(kind)}
    beside = anchor(graph, *wanted.values())
    if not wanted or beside is None:
        return []
    changes = tuple(
        AddResource(
            RULE,
            "".join(part.capitalize() for part in name.split("_")),
            Map(
                ConfigRuleName=name.lower().replace("_", "-"),
                Source=Map(Owner="AWS", SourceIdentifier=name),
            ),
            beside,
            APART,
        )
        for name in wanted
    )
    why = "what somebody changes by hand is compared with these rules; each evaluation is billed, and so is what the recorder records"
    steps = (
        "the account needs a configuration recorder in this Region; rules are per account: deploy them in one environment of it only",
    )
    return [Improvement(TITLE, why, changes, steps)]
