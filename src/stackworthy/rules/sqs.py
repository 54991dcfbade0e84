"""Amazon SQS: queues and what polls them."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix
from stackworthy.core.graph import Edge
from stackworthy.core.rule import Relation, Rule


class VisibilityTimeoutUnderSixRuns(Rule):
    """A throttled function may lose the time it needs to retry a batch before the queue hands it out again.

    SQS hides a received message for its visibility timeout. AWS advises six times the function's
    timeout, so that Lambda can retry while it is throttled on an earlier batch.
    """

    on = Relation("triggers", "AWS::SQS::Queue", "AWS::Lambda::Function")
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "messages are hidden for {visible} s, six times the timeout of {function} is {needed} s"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",)
    fix_safety = SAFE

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Compare the queue's visibility timeout with six times the function's timeout."""
        queue, function = edge.source, edge.target
        visible, needed = queue["VisibilityTimeout"], 6 * function["Timeout"]
        if visible < needed:
            yield queue.finding("VisibilityTimeout", visible=visible, needed=needed, function=function.name)

    def fix(self, finding: Finding) -> Fix:
        """Hide messages for as long as six runs take."""
        return Fix.safe(finding.resource.set("VisibilityTimeout", finding.evidence["needed"]))

    bad = """
        Worker: {Type: AWS::Lambda::Function, Properties: {Timeout: 60}}
        Jobs:   {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}
        Pull:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Jobs.Arn}
    """
    good = bad.replace("VisibilityTimeout: 60", "VisibilityTimeout: 360")


RULES = (VisibilityTimeoutUnderSixRuns(),)
