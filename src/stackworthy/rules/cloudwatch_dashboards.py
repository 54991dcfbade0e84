"""Amazon CloudWatch: dashboards that show nothing."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws import metrics
from stackworthy.aws.alarms import in_words, published
from stackworthy.aws.widgets import drawn
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.rules._alarms import DEAD, METRICS


class DashboardMetricNeverPublished(Rule):
    """A widget on a combination of dimensions that AWS never publishes is an empty graph, and looks like a quiet day.

    CloudWatch takes any dimensions. Each combination is a metric of its own: leaving one dimension out does not add up the
    others.
    """

    on = "AWS::CloudWatch::Dashboard"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "{count} line(s) of this dashboard stay empty, the first is {metric}: it is published {published}, never {asked}; {instead}"
    references = (
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html",
        METRICS,
    )
    tags = DEAD

    def check(self, dashboard: Resource) -> Iterable[Finding]:
        """Hold the dimensions of each line against those that its metric is published for."""
        dead = []
        for namespace, name, names in drawn(dashboard["DashboardBody"]):
            found = metrics.metric(namespace, name)
            if found and found.confidence != "low" and not found.is_published_for(names):
                dead.append((found, name, names))
        if dead:
            found, name, names = dead[0]
            yield dashboard.finding(
                "DashboardBody",
                count=len(dead),
                metric=name,
                published=published(found, names),
                asked=in_words(names),
                instead=found.instead or "state dimensions that it has",
            )

    bad = """
        Board:
          Type: AWS::CloudWatch::Dashboard
          Properties:
            DashboardBody: >-
              {"widgets": [{"type": "metric", "properties": {"metrics": [["AWS/DynamoDB", "UserErrors", "TableName", "orders"]]}}]}
    """
    good = bad.replace("UserErrors", "ReadThrottleEvents")


RULES = (DashboardMetricNeverPublished(),)
