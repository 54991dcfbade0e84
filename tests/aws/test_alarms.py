"""Alarms held against the catalogue: no healthy one is called dead, and every broken one is."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.templates import graph_of_resources, maybe

from stackworthy.aws import metrics
from stackworthy.aws.alarms import can_be_written, published, watched
from stackworthy.core.finding import Finding
from stackworthy.core.value import Map, NotKnown, Partial, Reference, Unknown
from stackworthy.judge.engine import RuleSet, outcomes
from stackworthy.rules import rule_named

ATTESTED = [
    (namespace, name)
    for namespace in sorted(metrics.namespaces())
    for name, metric in metrics.metrics(namespace).items()
    if metric.confidence != "low"
]


def alarm(namespace: str, name: str, dimensions: list[str], **more: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": dimension, "Value": "x"} for dimension in dimensions],
            "Statistic": "Sum",
            "Period": 86400,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:ops"],
            **more,
        },
    }


def findings(rule: str, *alarms: dict[str, Any]) -> list[Finding]:
    found = rule_named(rule)
    assert found is not None
    graph = graph_of_resources({f"A{index}": body for index, body in enumerate(alarms)})
    return [finding for outcome in outcomes(graph, RuleSet.of([found])) for finding in outcome.findings]


def test_no_alarm_on_a_combination_that_is_published_is_called_dead() -> None:
    healthy = [
        alarm(namespace, name, [part for part in one.split("+") if part])
        for namespace, name in ATTESTED
        for one in metrics.metrics(namespace)[name].dimensions
    ]
    assert len(healthy) > 700
    for rule in ("alarm-dimension-never-published", "alarm-metric-of-other-api", "alarm-period-too-short"):
        assert findings(rule, *healthy) == []


def test_every_alarm_with_one_dimension_too_many_is_called_dead() -> None:
    broken = [
        alarm(
            namespace,
            name,
            [*filter(None, metrics.metrics(namespace)[name].dimensions[0].split("+")), "Nonsense"],
        )
        for namespace, name in ATTESTED
    ]
    dead = findings("alarm-dimension-never-published", *broken)
    assert len({finding.resource.address for finding in dead}) == len(ATTESTED)


@pytest.mark.parametrize(
    ("metric", "dimension"),
    [("5XXError", "ApiId"), ("4XXError", "ApiId"), ("5xx", "ApiName"), ("DataProcessed", "ApiName")],
)
def test_a_metric_of_the_other_kind_of_api_is_one_finding_and_not_two(metric: str, dimension: str) -> None:
    mixed_up = alarm("AWS/ApiGateway", metric, [dimension])
    assert len(findings("alarm-metric-of-other-api", mixed_up)) == 1
    assert findings("alarm-dimension-never-published", mixed_up) == []


def test_a_metric_that_is_poorly_attested_is_never_a_finding() -> None:
    uncertain = alarm("AWS/States", "OpenExecutionCount", ["Nonsense"])
    assert findings("alarm-dimension-never-published", uncertain) == []
    with pytest.raises(NotKnown):
        list(watched(graph_of_resources({"A": uncertain})["A"]))


def test_a_metric_of_ones_own_is_never_a_finding() -> None:
    assert findings("alarm-dimension-never-published", alarm("Shop", "Orders", ["Nonsense"])) == []


def test_a_dimension_that_may_be_absent_is_not_known() -> None:
    body = alarm("AWS/DynamoDB", "UserErrors", [])
    body["Properties"]["Dimensions"] = [maybe({"Name": "TableName", "Value": "x"})]
    with pytest.raises(NotKnown):
        list(watched(graph_of_resources({"A": body})["A"]))


def test_a_metric_in_an_expression_is_looked_at_with_its_own_statistic_and_period() -> None:
    stat = {"Metric": {"Namespace": "AWS/SQS", "MetricName": "SentMessageSize"}, "Period": 60, "Stat": "p99"}
    body = alarm("", "", [], Metrics=[{"Id": "e", "Expression": "m"}, {"Id": "m", "MetricStat": stat}])
    for name in ("Namespace", "MetricName", "Dimensions", "Statistic", "Period"):
        del body["Properties"][name]
    resource = graph_of_resources({"A": body})["A"]
    (metric,) = watched(resource)
    assert (metric.at, metric.statistic) == ("Metrics[1].MetricStat.Metric.", "p99")
    assert resource[metric.period_path] == 60


@pytest.mark.parametrize(
    ("dimension", "value", "fixed"),
    [
        ("TopicName", {"Ref": "Topic"}, {"Fn::GetAtt": "Topic.TopicName"}),
        ("QueueName", {"Ref": "Queue"}, {"Fn::GetAtt": "Queue.QueueName"}),
        ("QueueName", {"Fn::GetAtt": "Queue.Arn"}, {"Fn::GetAtt": "Queue.QueueName"}),
    ],
)
def test_a_name_is_no_arn_and_no_url(dimension: str, value: Any, fixed: Any) -> None:
    kind = dimension.removesuffix("Name")
    namespace, name = ("AWS/SNS", "PublishSize") if kind == "Topic" else ("AWS/SQS", "SentMessageSize")
    for given, dead in ((value, 1), (fixed, 0)):
        body = alarm(namespace, name, [dimension])
        body["Properties"]["Dimensions"][0]["Value"] = given
        graph = graph_of_resources({"A": body, kind: {"Type": f"AWS::{namespace[4:]}::{kind}"}})
        found = rule_named("alarm-dimension-of-other-form")
        assert found is not None
        assert sum(len(outcome.findings) for outcome in outcomes(graph, RuleSet.of([found]))) == dead


def test_the_nearest_combinations_are_named_first() -> None:
    latency = metrics.metric("AWS/ApiGateway", "Latency")
    errors = metrics.metric("AWS/DynamoDB", "UserErrors")
    assert latency is not None
    assert errors is not None
    assert published(latency, frozenset({"ApiId", "Method"})).startswith("by ApiId or ")
    assert published(latency, frozenset({"ApiId"})).endswith(" and others")
    assert published(errors, frozenset({"TableName"})) == "without dimensions"


def test_what_holds_something_unknown_cannot_be_written_again() -> None:
    assert can_be_written(Map(Name="a", Topic=Reference("Topic")))
    assert can_be_written(Partial(("arn:", Reference("Topic"))))
    assert not can_be_written(Map(Name=Unknown("why")))
    assert not can_be_written(Partial(("arn:", Unknown("why"))))
