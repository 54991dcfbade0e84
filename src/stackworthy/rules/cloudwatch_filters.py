"""Amazon CloudWatch Logs: metric filters that count what is counted already, or not what they mean to; X-Ray's sampling."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stackworthy.aws.alarms import named
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import is_stated, same
from stackworthy.rules._forms import items, says_nothing
from stackworthy.rules._reading import settled

FILTER = "AWS::Logs::MetricFilter"
_GROUP = frozenset({"AWS::Logs::LogGroup"})
_PATTERNS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"
_ONE_TERM = re.compile(r"""\s*["']?\[?(?:ERROR|Error)\]?["']?\s*""")
_WIDER = '?ERROR ?Error ?Exception ?"timed out"'
_STATUS = re.compile(
    r"""\{\s*\$\.status\w*\s*(?:=\s*"?(?P<class>[45])(?:\*|xx)"?|>=\s*(?P<from>[45])00)\s*\}""", re.IGNORECASE
)
_STAGES = {
    "AWS::ApiGateway::Stage": ("AccessLogSetting.DestinationArn", {"4": "4XXError", "5": "5XXError"}),
    "AWS::ApiGatewayV2::Stage": ("AccessLogSettings.DestinationArn", {"4": "4xx", "5": "5xx"}),
}


class FilterDoublesMetric(Rule):
    """API Gateway counts the answers of 4xx and 5xx of every stage itself, for nothing.

    A filter that counts them in the access log makes a second metric of one's own, which is billed each month and arrives
    later. A filter that tells routes or customers apart (by dimensions) says more and is left alone.
    """

    on = FILTER
    pillar, severity = Pillar.COST, Severity.LOW
    message = "this counts what API Gateway counts itself as {metric}: a metric of one's own costs about $0.30 a month, and comes later"
    references = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html",
    )

    def check(self, filter: Resource) -> Iterable[Finding]:
        """Look for the status alone, in the access log of a stage."""
        pattern = filter["FilterPattern"]
        found = _STATUS.fullmatch(settled(pattern).strip()) if is_stated(pattern) else None
        if not found or not all(
            says_nothing(each["Dimensions"]) for _, each in items(filter, "MetricTransformations")
        ):
            return
        group = named(filter.graph, filter["LogGroupName"], _GROUP)
        for kind, (path, counted) in _STAGES.items() if group else ():
            for stage in filter.graph.of(kind):
                if same(named(filter.graph, stage[path], _GROUP), group):
                    yield filter.finding(
                        "FilterPattern", metric=counted[found.group("class") or found.group("from")]
                    )
                    return

    bad = """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
        Access: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}
        Live:
          Type: AWS::ApiGateway::Stage
          Properties:
            RestApiId: !Ref Api
            StageName: live
            AccessLogSetting: {DestinationArn: !GetAtt Access.Arn, Format: '{"status":$context.status}'}
        Failed:
          Type: AWS::Logs::MetricFilter
          Properties:
            LogGroupName: !Ref Access
            FilterPattern: '{ $.status = 5* }'
            MetricTransformations: [{MetricNamespace: Orders, MetricName: Failed, MetricValue: '1'}]
    """
    good = (
        bad.replace("'{ $.status = 5* }'", "'{ $.status = 429 }'"),
        bad.replace("MetricValue: '1'", "MetricValue: '1', Dimensions: [{Key: Path, Value: $.path}]"),
    )


class FilterMissesExceptions(Rule):
    """A filter for the one term ERROR misses time-outs, crashes and exceptions that are written in other words.

    Terms are matched as they are spelt. `Task timed out`, `Runtime exited` and a stack trace of Java hold no ERROR. The
    metric `Errors` of AWS/Lambda counts every invocation that failed, and costs nothing.
    """

    on = FILTER
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "failures in other words are not counted: {pattern} matches neither time-outs nor exceptions without that word"
    references = (_PATTERNS,)
    fix_safety = Unsafe("more lines are counted, so that alarms on the metric may fire more often")

    def check(self, filter: Resource) -> Iterable[Finding]:
        """Look for one word where a function logs."""
        pattern = filter["FilterPattern"]
        if not is_stated(pattern) or not _ONE_TERM.fullmatch(settled(pattern)):
            return
        group = named(filter.graph, filter["LogGroupName"], _GROUP)
        functions = filter.graph.edges_to(group, "logs to") if group else ()
        if any(edge.source.kind == "AWS::Lambda::Function" for edge in functions):
            yield filter.finding("FilterPattern", pattern=pattern)

    def fix(self, finding: Finding) -> Fix | None:
        """Count the other words too."""
        return self.offer(finding.resource.set("FilterPattern", _WIDER))

    bad = """
        Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}
        Logs:
          Type: AWS::Logs::LogGroup
          Properties: {LogGroupName: !Sub '/aws/lambda/${Fn}', RetentionInDays: 30}
        Failed:
          Type: AWS::Logs::MetricFilter
          Properties:
            LogGroupName: !Ref Logs
            FilterPattern: ERROR
            MetricTransformations: [{MetricNamespace: Orders, MetricName: Failed, MetricValue: '1'}]
    """
    good = bad.replace("FilterPattern: ERROR", "FilterPattern: '?ERROR ?Exception'")


class SamplingOfFunctions(Rule):
    """Lambda decides itself which invocations are traced: one a second and five percent of the rest.

    A sampling rule for functions changes nothing. Where a request comes through a REST API, the rule for its stage decides
    for the functions behind it as well.
    """

    on = "AWS::XRay::SamplingRule"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "this rule changes nothing: the rate at which functions are traced cannot be set"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",)

    def check(self, sampling: Resource) -> Iterable[Finding]:
        """Look at the type of service."""
        if sampling["SamplingRule.ServiceType"] == "AWS::Lambda::Function":
            yield sampling.finding("SamplingRule.ServiceType")

    bad = """
        Functions:
          Type: AWS::XRay::SamplingRule
          Properties:
            SamplingRule:
              RuleName: functions
              FixedRate: 0.05
              HTTPMethod: '*'
              Host: '*'
              Priority: 100
              ReservoirSize: 1
              ResourceARN: '*'
              ServiceName: '*'
              ServiceType: AWS::Lambda::Function
              URLPath: '*'
              Version: 1
    """
    good = bad.replace("ServiceType: AWS::Lambda::Function", "ServiceType: AWS::ApiGateway::Stage")


RULES = (FilterDoublesMetric(), FilterMissesExceptions(), SamplingOfFunctions())
