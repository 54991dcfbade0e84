"""Cost anomaly detection: a monitor of all services, and somebody who hears of a jump.

https://docs.aws.amazon.com/cost-management/latest/userguide/getting-started-ad.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import address_of_people, anchor
from stackworthy.core.fix import AddResource
from stackworthy.core.graph import Graph
from stackworthy.core.value import List, Map

APART = "cost-monitoring"
TITLE = "Detect cost anomalies"
MONITOR, SUBSCRIPTION = "AWS::CE::AnomalyMonitor", "AWS::CE::AnomalySubscription"
FROM_DOLLARS = "10"
_THRESHOLD = (
    '{"Dimensions":{"Key":"ANOMALY_TOTAL_IMPACT_ABSOLUTE","MatchOptions":["GREATER_THAN_OR_EQUAL"],'
    f'"Values":["{FROM_DOLLARS}"]}}}}'
)


def improvements(graph: Graph) -> list[Improvement]:
    """A monitor by service and a daily mail; done when a monitor is there."""
    there = [monitor.address for monitor in graph.of(MONITOR)]
    if there:
        return [
            Improvement(TITLE, "", resources=tuple(there), done=f"a monitor is there: {', '.join(there)}")
        ]
    beside = anchor(graph, "AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::CloudWatch::Alarm")
    if beside is None:
        return []
    address, changes = address_of_people(graph, beside)
    monitor = AddResource(
        MONITOR,
        "CostByService",
        Map(MonitorName="cost-by-service", MonitorType="DIMENSIONAL", MonitorDimension="SERVICE"),
        beside,
        APART,
    )
    subscription = AddResource(
        SUBSCRIPTION,
        "CostAnomalies",
        Map(
            SubscriptionName="cost-anomalies",
            Frequency="DAILY",
            MonitorArnList=List([monitor.reference()]),
            Subscribers=List([Map(Type="EMAIL", Address=address)]),
            ThresholdExpression=_THRESHOLD,
        ),
        beside,
        APART,
    )
    why = (
        f"a jump in the bill from ${FROM_DOLLARS} on is told within a day, not at the end of the month; detection itself is free. "
        "An account has one monitor of all services: deploy this in one environment of an account only"
    )
    return [Improvement(TITLE, why, (*changes, monitor, subscription))]
