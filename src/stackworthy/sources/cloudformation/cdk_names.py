"""What the constructs of the CDK's second level call a property of CloudFormation, where that is plain.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-construct-library.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stackworthy.core.value import Value

_FUNCTIONS = frozenset({"Function", "NodejsFunction", "PythonFunction", "GoFunction", "DockerImageFunction"})
_TABLES = frozenset({"Table"})
_RETENTION = {
    1: "ONE_DAY",
    3: "THREE_DAYS",
    5: "FIVE_DAYS",
    7: "ONE_WEEK",
    14: "TWO_WEEKS",
    30: "ONE_MONTH",
    60: "TWO_MONTHS",
    90: "THREE_MONTHS",
    120: "FOUR_MONTHS",
    150: "FIVE_MONTHS",
    180: "SIX_MONTHS",
    365: "ONE_YEAR",
    400: "THIRTEEN_MONTHS",
    545: "EIGHTEEN_MONTHS",
    731: "TWO_YEARS",
    1827: "FIVE_YEARS",
    3653: "TEN_YEARS",
}


class _Prop(NamedTuple):
    """A prop of constructs of these classes; `form` is the value as TypeScript writes it, with {value}."""

    classes: frozenset[str]
    name: str
    form: str = "{value}"


_PROPS: dict[tuple[str, str], _Prop] = {
    ("AWS::Lambda::Function", "MemorySize"): _Prop(_FUNCTIONS, "memorySize"),
    ("AWS::Lambda::Function", "Timeout"): _Prop(_FUNCTIONS, "timeout", "Duration.seconds({value})"),
    ("AWS::Lambda::Function", "ReservedConcurrentExecutions"): _Prop(
        _FUNCTIONS, "reservedConcurrentExecutions"
    ),
    ("AWS::Lambda::Function", "TracingConfig.Mode"): _Prop(
        _FUNCTIONS, "tracing", "lambda.Tracing.{constant}"
    ),
    ("AWS::Lambda::Function", "Runtime"): _Prop(_FUNCTIONS, "runtime", "lambda.Runtime.{constant}"),
    ("AWS::Lambda::Function", "LoggingConfig.LogFormat"): _Prop(
        _FUNCTIONS, "loggingFormat", "lambda.LoggingFormat.{constant}"
    ),
    ("AWS::Logs::LogGroup", "RetentionInDays"): _Prop(
        frozenset({"LogGroup"}), "retention", "logs.RetentionDays.{days}"
    ),
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"): _Prop(
        _TABLES, "pointInTimeRecoverySpecification", "{{ pointInTimeRecoveryEnabled: {value} }}"
    ),
    ("AWS::DynamoDB::Table", "DeletionProtectionEnabled"): _Prop(_TABLES, "deletionProtection"),
    ("AWS::DynamoDB::Table", "BillingMode"): _Prop(_TABLES, "billingMode", "dynamodb.BillingMode.{constant}"),
    ("AWS::S3::Bucket", "VersioningConfiguration.Status"): _Prop(
        frozenset({"Bucket"}), "versioned", "{enabled}"
    ),
    ("AWS::SQS::Queue", "VisibilityTimeout"): _Prop(
        frozenset({"Queue"}), "visibilityTimeout", "Duration.seconds({value})"
    ),
    ("AWS::SQS::Queue", "MessageRetentionPeriod"): _Prop(
        frozenset({"Queue"}), "retentionPeriod", "Duration.seconds({value})"
    ),
    ("AWS::KMS::Key", "EnableKeyRotation"): _Prop(frozenset({"Key"}), "enableKeyRotation"),
    ("AWS::ECR::Repository", "ImageScanningConfiguration.ScanOnPush"): _Prop(
        frozenset({"Repository"}), "imageScanOnPush"
    ),
    ("AWS::StepFunctions::StateMachine", "TracingConfiguration.Enabled"): _Prop(
        frozenset({"StateMachine"}), "tracingEnabled"
    ),
    ("AWS::RDS::DBCluster", "DeletionProtection"): _Prop(
        frozenset({"DatabaseCluster"}), "deletionProtection"
    ),
    ("AWS::RDS::DBInstance", "DeletionProtection"): _Prop(
        frozenset({"DatabaseInstance"}), "deletionProtection"
    ),
    ("AWS::RDS::DBInstance", "MultiAZ"): _Prop(frozenset({"DatabaseInstance"}), "multiAz"),
}


def named(kind: str, made_by: str, path: str, value: Value, *, python: bool) -> str:
    """`memorySize: 512` (or `memory_size=512`) for a property of a kind; "" where this class has no plain word for it."""
    prop = _PROPS.get((kind, path))
    if prop is None or made_by not in prop.classes or not isinstance(value, (str, int)):
        return ""
    text = _written(prop.form, value, python=python)
    if not text:
        return ""
    if not python:
        return f"{prop.name}: {text}"
    if prop.form.startswith("{{"):
        inner = prop.form.strip("{} ").partition(":")[0]
        return f"{_snake(prop.name)}=dynamodb.{prop.name[:1].upper()}{prop.name[1:]}({_snake(inner)}={value})"
    return f"{_snake(prop.name)}={text}"


def _written(form: str, value: str | int, *, python: bool) -> str:
    plain = str(value) if python or not isinstance(value, bool) else str(value).lower()
    days = _RETENTION.get(value, "") if isinstance(value, int) else ""
    if "{days}" in form and not days:
        return ""
    enabled = value == "Enabled"
    return form.format(
        value=plain,
        days=days,
        constant=re.sub(r"[.]", "_", _runtime(str(value))).upper(),
        enabled=str(enabled) if python else str(enabled).lower(),
    )


def _runtime(value: str) -> str:
    """`nodejs22.x` and `python3.13` as the constants of `Runtime` spell them."""
    return re.sub(r"^(nodejs|python|java|ruby|dotnet)(?=\d)", r"\1_", value)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
