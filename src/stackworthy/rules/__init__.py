"""The built-in rules: which module holds the rules of which service. A module loads when a stack has the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module

from stackworthy.core.rule import Rule

CODE = "source code"
"""What stands for a service in the modules of rules on the code of functions."""

MODULES: dict[str, tuple[str, ...]] = {
    "apigateway": ("AWS::ApiGateway",),
    "apigateway_strict": ("AWS::ApiGateway",),
    "apigateway_backends": ("AWS::ApiGateway", "AWS::ApiGatewayV2"),
    "apigatewayv2": ("AWS::ApiGatewayV2",),
    "cloudwatch_alarms": ("AWS::CloudWatch",),
    "cloudwatch_thresholds": ("AWS::CloudWatch",),
    "cloudwatch_features": ("AWS::CloudWatch",),
    "cloudwatch_dashboards": ("AWS::CloudWatch",),
    "cloudwatch_filters": ("AWS::Logs", "AWS::XRay"),
    "cloudwatch_actions": ("AWS::CloudWatch", "AWS::SNS"),
    "dynamodb": ("AWS::DynamoDB",),
    "dynamodb_indexes": ("AWS::DynamoDB",),
    "iam": ("AWS::IAM", "AWS::Lambda"),
    "iam_managed": ("AWS::IAM",),
    "iam_roles": ("AWS::IAM",),
    "lambda_": ("AWS::Lambda",),
    "lambda_access": ("AWS::Lambda",),
    "lambda_callers": ("AWS::Lambda",),
    "lambda_controls": ("AWS::Lambda",),
    "lambda_events": ("AWS::Lambda",),
    "lambda_settings": ("AWS::Lambda",),
    "logs": ("AWS::Logs", "AWS::Lambda"),
    "stepfunctions": ("AWS::StepFunctions",),
    "s3": ("AWS::S3",),
    "s3_strict": ("AWS::S3",),
    "s3_lifecycle": ("AWS::S3",),
    "s3_access": ("AWS::S3",),
    "sns": ("AWS::SNS",),
    "sqs": ("AWS::SQS",),
    "stack": (
        "AWS::Lambda",
        "AWS::ApiGateway",
        "AWS::ApiGatewayV2",
        "AWS::AppSync",
        "AWS::StepFunctions",
        "AWS::SQS",
    ),
    "kms": ("AWS::KMS",),
    "cognito": ("AWS::Cognito",),
    "cognito_sessions": ("AWS::Cognito",),
    "cloudfront": ("AWS::CloudFront",),
    "cloudfront_strict": ("AWS::CloudFront",),
    "secretsmanager": ("AWS::SecretsManager",),
    "appsync": ("AWS::AppSync",),
    "eventbridge": ("AWS::Events", "AWS::Scheduler"),
    "security_groups": ("AWS::EC2",),
    "vpc": ("AWS::EC2", "AWS::AutoScaling"),
    "ecs": ("AWS::ECS",),
    "ecs_strict": ("AWS::ECS",),
    "ecr": ("AWS::ECR",),
    "batch": ("AWS::Batch",),
    "efs": ("AWS::EFS",),
    "rds": ("AWS::RDS",),
    "rds_strict": ("AWS::RDS",),
    "databases": ("AWS::DocDB", "AWS::Neptune", "AWS::MemoryDB", "AWS::Timestream", "AWS::DAX"),
    "warehouse": ("AWS::Redshift", "AWS::RedshiftServerless", "AWS::DMS", "AWS::AmazonMQ"),
    "elasticache": ("AWS::ElastiCache",),
    "opensearch": ("AWS::OpenSearchService", "AWS::Elasticsearch"),
    "elb": ("AWS::ElasticLoadBalancingV2",),
    "waf": ("AWS::WAFv2",),
    "route53": ("AWS::Route53", "AWS::CertificateManager"),
    "kinesis": ("AWS::Kinesis", "AWS::KinesisFirehose", "AWS::Pipes"),
    "governance": (
        "AWS::CloudTrail",
        "AWS::Config",
        "AWS::Backup",
        "AWS::Budgets",
        "AWS::CE",
        "AWS::Organizations",
    ),
    "ssm": ("AWS::SSM",),
    "delivery": (
        "AWS::CodeBuild",
        "AWS::CodePipeline",
        "AWS::CodeDeploy",
        "AWS::AppConfig",
        "AWS::Synthetics",
    ),
    "bedrock": ("AWS::Bedrock", "AWS::IAM"),
    "analytics": ("AWS::Glue", "AWS::Athena", "AWS::MSK"),
    "code_frontend": ("AWS::S3", "AWS::CloudFront", "AWS::ApiGateway", "AWS::ApiGatewayV2"),
    "code_clients": (CODE,),
    "code_async": (CODE,),
    "code_constants": (CODE,),
    "code_events": (CODE,),
    "code_injection": (CODE,),
    "code_permissions": (CODE,),
    "code_results": (CODE,),
    "code_timeouts": (CODE,),
    "code_loops": (CODE,),
    "code_secrets": (CODE,),
    "code_logs": (CODE,),
    "code_starting": (CODE,),
    "code_state": (CODE,),
    "code_tables": (CODE,),
    "code_tokens": (CODE,),
    "code_token_lives": (CODE,),
    "code_trust": (CODE,),
    "code_waiting": (CODE,),
    "code_writes": (CODE,),
    "code_deliveries": (CODE,),
}
"""Modules by name, with the services (kind prefixes) that need them; a module without services always loads."""


_own: dict[str, tuple[Rule, ...]] = {}


def install(own: Mapping[str, tuple[Rule, ...]]) -> None:
    """Let these rules of a team take part from now on, by where they come from, instead of those installed before."""
    global _own
    _own = dict(own)
    _by_name.cache_clear()


def rules_in(module: str) -> tuple[Rule, ...]:
    """The rules of one module, in its own order."""
    return _own[module] if module in _own else _built_in(module)


@cache
def _built_in(module: str) -> tuple[Rule, ...]:
    found: tuple[Rule, ...] = import_module(f"stackworthy.rules.{module}").RULES
    return found


def all_rules() -> list[Rule]:
    """Every rule, by id: the built-in ones, and those of the team that are installed."""
    return sorted(
        (rule for module in (*MODULES, *_own) for rule in rules_in(module)), key=lambda rule: rule.id
    )


def rules_for(kinds: Iterable[str], *, code: bool = False) -> tuple[str, ...]:
    """The names of the modules whose services are among the kinds; with those on source code, if there is some."""
    services = {kind.rpartition("::")[0] for kind in kinds}
    if code:
        services.add(CODE)
    needed = (name for name, wanted in MODULES.items() if not wanted or not services.isdisjoint(wanted))
    return (*needed, *_own)


@cache
def _by_name() -> dict[str, Rule]:
    names: dict[str, Rule] = {}
    for rule in all_rules():
        for alias in rule.aliases:
            names.setdefault(alias, rule)
    for rule in all_rules():
        names[rule.id] = rule
    return names


def rule_named(name: str) -> Rule | None:
    """The rule of this id or former id."""
    return _by_name().get(name)


def rules_equivalent(identifier: str) -> list[Rule]:
    """The rules that other scanners know by this id, such as `CKV_AWS_50`."""
    return [rule for rule in all_rules() if identifier in rule.equivalents]
