"""Amazon CloudWatch Logs: how long logs are kept."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import AddResource, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import Map, Reference, is_stated, joined
from stackworthy.rules._forms import StatedRule
from stackworthy.rules._reading import runs_at_edge

KEEP = 90
"""Days for which a fix keeps logs."""

_RETENTION = (
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html"
)


class LogsKeptForEver(Rule):
    """A log group without retention keeps every line for ever, and the bill for storing them only grows.

    Old logs also hold personal data for longer than anybody has a reason to.
    """

    on = "AWS::Logs::LogGroup"
    pillar, severity = Pillar.COST, Severity.MEDIUM
    message = "this log group keeps everything for ever: no retention is stated"
    references = (_RETENTION,)
    equivalents = ("CKV_AWS_66", "W86", "CloudWatch.16")
    fix_safety = Unsafe("log events older than 90 days are deleted")

    def check(self, group: Resource) -> Iterable[Finding]:
        """Look for a retention; logs of the delivery class expire after two days by themselves."""
        if not is_stated(group["RetentionInDays"]) and group["LogGroupClass"] != "DELIVERY":
            yield group.finding("RetentionInDays")

    def fix(self, finding: Finding) -> Fix | None:
        """Keep three months."""
        return self.offer(finding.resource.set("RetentionInDays", KEEP))

    bad = "Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /app/api}}"
    good = bad.replace("/app/api", "/app/api, RetentionInDays: 30")


class FunctionLogsKeptForEver(Rule):
    """Lambda makes a log group for a function that has none, and that one keeps every line for ever.

    A log group in the stack, named after the function or named by it, has a retention, and goes when the stack goes.
    """

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.COST, Severity.MEDIUM
    message = (
        "the stack states no log group for this function: Lambda makes one that keeps everything for ever"
    )
    references = (
        _RETENTION,
        "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
    )
    fix_safety = Unsafe(
        "where the function has already run, its log group exists: the stack must import it, or it must go first"
    )

    def check(self, function: Resource) -> Iterable[Finding]:
        """Ask which log group of the stack the function logs to."""
        if is_stated(function["LoggingConfig.LogGroup"]):
            return
        if not function.graph.targets(function, "logs to") and not runs_at_edge(function):
            yield function.finding("LoggingConfig.LogGroup")

    def fix(self, finding: Finding) -> Fix | None:
        """Add the log group that Lambda would make, with a retention."""
        function = finding.resource
        name = joined(("/aws/lambda/", Reference(function.address)))
        properties = Map({"LogGroupName": name, "RetentionInDays": KEEP})
        label = f"{function.name}Logs"
        return self.offer(AddResource("AWS::Logs::LogGroup", label, properties, function))

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}"
    good = (
        bad
        + """
Logs:
  Type: AWS::Logs::LogGroup
  Properties: {LogGroupName: !Sub '/aws/lambda/${Fn}', RetentionInDays: 30}
""",
        bad.replace("python3.14", "python3.14, LoggingConfig: {LogGroup: !ImportValue shared-logs}"),
    )


class LogsUnderSharedKey(StatedRule):
    """Some rules ask that the key of a log group is yours.

    Logs are encrypted in any case.
    """

    on, property = "AWS::Logs::LogGroup", "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the logs are encrypted with a key of AWS, not with one of yours"
    references = ("https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",)
    equivalents = ("CKV_AWS_158", "AVD-AWS-0017", "aws-cloudwatch-log-group-customer-key", "W84")
    bad = "Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /app/api}}"
    good = bad.replace("/app/api", "/app/api, KmsKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/k'")


RULES = (
    LogsUnderSharedKey(),
    LogsKeptForEver(),
    FunctionLogsKeptForEver(),
)
