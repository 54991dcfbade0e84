"""CloudWatch metrics, alarms, dashboards, canaries and X-Ray: https://aws.amazon.com/cloudwatch/pricing/"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, is_stated
from stackworthy.prices.registry import UsageOf, maps, number, prices, unpriced, usage
from stackworthy.prices.schedules import runs

ALARM = "AWS::CloudWatch::Alarm"

usage(
    ALARM,
    analysed_metrics=("metrics", 1, "Metrics that the query of a Metrics Insights alarm analyses."),
)
usage(
    "AWS::Logs::MetricFilter",
    metrics=("metrics", None, "Metrics that the filter publishes, one for each set of dimension values; one for each transformation when not stated."),
    published_percent=("%", 100, "Hours of the month in which they are published."),
)  # fmt: skip
usage("AWS::CloudWatch::InsightRule", monthly_events=("events", 0, "Log events that match the rule."))
usage(
    "AWS::Synthetics::Canary",
    monthly_requests=("runs", None, "Runs; worked out from the schedule when not stated."),
)
usage("AWS::RUM::AppMonitor", monthly_events=("events", 0, "Events that browsers send."))
usage("AWS::XRay::Group", monthly_traces=("traces", 0, "Traces that Insights analyses."))


@prices(ALARM)
def alarms(alarm: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Metrics that an alarm watches."""
    if not is_stated(alarm["Metrics"]):
        period = number(alarm["Period"], 60)
        yield Cost("Alarm", 1, _resolution(period), f"1 metric every {period} s")
        return
    watched, periods, query = 0, [], False
    for metric in maps(alarm["Metrics"]):
        stat, expression = metric["MetricStat"], metric["Expression"]
        if isinstance(stat, Map):
            watched += 1
            periods.append(number(stat["Period"], 60))
        elif isinstance(expression, str) and expression.lstrip().upper().startswith("SELECT"):
            query = True
    if query:
        words = "{analysed_metrics} metrics analysed"
        yield Cost("Alarm on a query", asked["analysed_metrics"], "cloudwatch.alarm.metrics-insights", words)
        return
    period = min(periods, default=Decimal(60))
    if is_stated(alarm["ThresholdMetricId"]):
        fast = "-high-resolution" if period < 60 else ""
        words = f"{watched or 1} metrics, each with both edges of its band"
        yield Cost("Anomaly detection alarm", watched or 1, f"cloudwatch.alarm.anomaly{fast}", words)
        return
    yield Cost("Alarm", watched or 1, _resolution(period), f"{watched or 1} metrics every {period} s")


def _resolution(period: Decimal) -> str:
    return "cloudwatch.alarm.high-resolution" if period < 60 else "cloudwatch.alarm.standard"


@prices("AWS::CloudWatch::CompositeAlarm")
def composite(_: Resource, __: UsageOf) -> Iterator[Cost]:
    """A composite alarm."""
    yield Cost("Composite alarm", 1, "cloudwatch.alarm.composite", "1 alarm")


@prices("AWS::CloudWatch::Dashboard")
def dashboards(_: Resource, __: UsageOf) -> Iterator[Cost]:
    """A dashboard."""
    yield Cost("Dashboard", 1, "cloudwatch.dashboard", "1 dashboard")


@prices("AWS::Logs::MetricFilter")
def filters(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Custom metrics that a filter publishes."""
    count = asked.get("metrics", sum(1 for _ in maps(one["MetricTransformations"])))
    words = f"{count} metrics × {{published_percent}} % of the month"
    yield Cost("Custom metrics", count * asked["published_percent"] / 100, "cloudwatch.metrics", words)


@prices("AWS::CloudWatch::InsightRule")
def contributors(rule: Resource, asked: UsageOf) -> Iterator[Cost]:
    """A rule of Contributor Insights."""
    if rule["RuleState"] == "DISABLED":
        return
    yield Cost("Rule", 1, "cloudwatch.contributor-rule", "1 rule")
    yield Cost("Events", asked["monthly_events"], "cloudwatch.contributor-events", "{monthly_events} events")


@prices("AWS::Synthetics::Canary")
def canaries(canary: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Runs of a canary."""
    if asked.stated("monthly_requests"):
        yield Cost("Runs", asked["monthly_requests"], "cloudwatch.canary-runs", "{monthly_requests} runs")
        return
    expression = canary["Schedule.Expression"]
    words = f"{expression} in {asked.hours} h"
    once = str(expression).replace(" ", "") in ("rate(0minute)", "rate(0minutes)")
    yield Cost("Runs", 1 if once else runs(expression, asked.hours), "cloudwatch.canary-runs", words)


@prices("AWS::RUM::AppMonitor")
def browsers(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Events that browsers send."""
    yield Cost("Events", asked["monthly_events"], "cloudwatch.rum-events", "{monthly_events} events")


@prices("AWS::XRay::Group")
def insights(group: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Traces that Insights analyses."""
    if group["InsightsConfiguration.InsightsEnabled"]:
        yield Cost(
            "Insights traces", asked["monthly_traces"], "xray.insights-traces", "{monthly_traces} traces"
        )


@prices("AWS::CloudWatch::MetricStream")
def streams(_: Resource, __: UsageOf) -> Iterator[Cost]:
    """Updates of a metric stream."""
    yield unpriced("Metric updates", "no price of metric streams is in the catalogue")
