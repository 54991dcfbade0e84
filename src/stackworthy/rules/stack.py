"""The stack as a whole: whether anybody notices when it fails."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.capabilities.alarms import alarms, waiting
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule, Stack

ENTRIES = (
    "AWS::Lambda::Function",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::AppSync::GraphQLApi",
    "AWS::StepFunctions::StateMachine",
)
"""Kinds that fail at run time, and say so in a metric."""

WATCHERS = (
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::LogAlarm",
    "AWS::Synthetics::Canary",
    "AWS::ApplicationInsights::Application",
    "AWS::ApplicationSignals::ServiceLevelObjective",
)

_ALARMS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html"


class NothingWatchesTheStack(Rule):
    """When a stack without alarms fails, its users notice first.

    An alarm on the errors of each entry point, and one on what waits in each queue of failed messages, tell somebody who
    can do something about it.
    """

    on = Stack(ENTRIES)
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "nobody is told when this stack fails: it has {what} and no alarm"
    references = (_ALARMS,)

    def check(self, graph: Graph) -> Iterable[Finding]:
        """Look for anything that watches."""
        if not graph.of(*WATCHERS):
            counts = [(len(graph.of(kind)), NAMES[kind]) for kind in ENTRIES if graph.of(kind)]
            what = ", ".join(
                f"{count} {name}" if count == 1 else f"{count} {name}s" for count, name in counts
            )
            yield graph.finding(what=what)

    fix_safety = Unsafe(
        "each alarm costs about $0.10 a month; an address to send them to may be asked for at deployment"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Add a first set of alarms, and whom they tell."""
        return self.offer(*alarms(finding.resource.graph))

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}"
    good = (
        bad
        + """
Failing:
  Type: AWS::CloudWatch::Alarm
  Properties:
    Namespace: AWS/Lambda
    MetricName: Errors
    Dimensions: [{Name: FunctionName, Value: !Ref Fn}]
    Statistic: Sum
    Period: 60
    EvaluationPeriods: 1
    Threshold: 0
    ComparisonOperator: GreaterThanThreshold
    AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:ops']
"""
    )


NAMES = {
    "AWS::Lambda::Function": "function",
    "AWS::ApiGateway::RestApi": "REST API",
    "AWS::ApiGatewayV2::Api": "HTTP or WebSocket API",
    "AWS::AppSync::GraphQLApi": "GraphQL API",
    "AWS::StepFunctions::StateMachine": "state machine",
}


class FailedMessagesUnwatched(Rule):
    """Messages that failed wait in a dead-letter queue until they expire, and nobody knows that they are there.

    The queue was made so that somebody could look at them. An alarm on `ApproximateNumberOfMessagesVisible` says when.
    """

    on = "AWS::SQS::Queue"
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "failed messages wait here and nobody is told: no alarm watches this dead-letter queue"
    references = (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        _ALARMS,
    )

    def check(self, queue: Resource) -> Iterable[Finding]:
        """Look at queues that take what failed for an alarm; one that a function empties needs none."""
        graph = queue.graph
        served = graph.edges_from(queue, "protects")
        if not served.any_of(lambda edge: edge.by in FAILURES):
            return
        if not graph.edges_to(queue, "watches") and not graph.edges_from(queue, "triggers"):
            yield queue.finding()

    fix_safety = Unsafe(
        "an alarm costs about $0.10 a month; an address to send it to may be asked for at deployment"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Add an alarm on messages that wait."""
        return self.offer(*waiting(finding.resource))

    bad = """
        Failed: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1209600}}
        Jobs:
          Type: AWS::SQS::Queue
          Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 5}}
    """
    good = (
        bad
        + """
        Waiting:
          Type: AWS::CloudWatch::Alarm
          Properties:
            Namespace: AWS/SQS
            MetricName: ApproximateNumberOfMessagesVisible
            Dimensions: [{Name: QueueName, Value: !GetAtt Failed.QueueName}]
            Statistic: Maximum
            Period: 60
            EvaluationPeriods: 1
            Threshold: 0
            ComparisonOperator: GreaterThanThreshold
            AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:ops']
    """
    )


FAILURES = ("dead-letter queue", "on-failure destination")


class BillRunsAwayUnnoticed(Rule):
    """A loop, an attack or a success is noticed on the bill a month later: no budget or watch over odd costs is in this stack.

    A budget often stands in the stack that sets the account up, which is why this is asked for only in the strict profile.
    The first two of an account cost nothing.
    """

    on = Stack(ENTRIES)
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "a bill that runs away is noticed a month later: the stack has neither a budget nor a watch over odd costs"
    references = ("https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",)

    def check(self, graph: Graph) -> Iterable[Finding]:
        """Look for a budget, or a watch over odd costs."""
        if not graph.of("AWS::Budgets::Budget", "AWS::CE::AnomalyMonitor", "AWS::CE::AnomalySubscription"):
            yield graph.finding()

    bad = NothingWatchesTheStack.bad
    good = (
        bad
        + """
Month: {Type: AWS::Budgets::Budget, Properties: {Budget: {BudgetType: COST, TimeUnit: MONTHLY, BudgetLimit: {Amount: 50, Unit: USD}}}}
"""
    )


RULES = (NothingWatchesTheStack(), FailedMessagesUnwatched(), BillRunsAwayUnnoticed())
