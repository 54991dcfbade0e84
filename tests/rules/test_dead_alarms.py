"""The mutation corpus of dead alarms: recommended alarms, healthy on a stack that has what they need, then broken ten ways."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.templates import Files

from stackworthy.aws import metrics
from stackworthy.config import Environment, Settings
from stackworthy.judge.engine import RuleSet, outcomes
from stackworthy.rules import all_rules
from stackworthy.sources.cloudformation.reader import read
from stackworthy.sources.stack import StackRef

Template = dict[str, Any]
Row = dict[str, str]

TABLE = Path(__file__).parent.parent / "data" / "recommended_alarms.csv"
DEAD = RuleSet.of([rule for rule in all_rules() if "dead-alarm" in rule.tags])
GLOBAL = ("AWS/CloudFront", "AWS/Route53", "AWS/Billing")


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


INSIGHTS = "arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53"
SUBSCRIPTION = {"RealtimeMetricsSubscriptionConfig": {"RealtimeMetricsSubscriptionStatus": "Enabled"}}

STACK: Template = {
    "Ops": resource("SNS::Topic", DisplayName="Ops"),
    "Mail": resource("SNS::Subscription", TopicArn=ref("Ops"), Protocol="email", Endpoint="ops@example.com"),
    "Fn": resource(
        "Lambda::Function",
        Timeout=3,
        ReservedConcurrentExecutions=100,
        Layers=[INSIGHTS],
        DeadLetterConfig={"TargetArn": att("Failed", "Arn")},
    ),
    "Live": resource(
        "Lambda::Alias",
        Name="live",
        FunctionName=ref("Fn"),
        FunctionVersion="1",
        ProvisionedConcurrencyConfig={"ProvisionedConcurrentExecutions": 5},
    ),
    "Stream": resource("Kinesis::Stream", RetentionPeriodHours=24),
    "Pull": resource(
        "Lambda::EventSourceMapping", FunctionName=ref("Fn"), EventSourceArn=att("Stream", "Arn")
    ),
    "Rest": resource("ApiGateway::RestApi", Name="orders"),
    "RestStage": resource(
        "ApiGateway::Stage",
        RestApiId=ref("Rest"),
        StageName="prod",
        MethodSettings=[{"MetricsEnabled": True}],
    ),
    "Http": resource("ApiGatewayV2::Api", Name="web", ProtocolType="HTTP"),
    "HttpStage": resource(
        "ApiGatewayV2::Stage",
        ApiId=ref("Http"),
        StageName="prod",
        DefaultRouteSettings={"DetailedMetricsEnabled": True},
    ),
    "Chat": resource("ApiGatewayV2::Api", Name="chat", ProtocolType="WEBSOCKET"),
    "ChatStage": resource(
        "ApiGatewayV2::Stage",
        ApiId=ref("Chat"),
        StageName="prod",
        DefaultRouteSettings={"DetailedMetricsEnabled": True},
    ),
    "Graph": resource("AppSync::GraphQLApi", Name="graph", AuthenticationType="AWS_IAM"),
    "Table": resource(
        "DynamoDB::Table",
        BillingMode="PROVISIONED",
        KinesisStreamSpecification={"StreamArn": att("Stream", "Arn")},
        GlobalSecondaryIndexes=[{"IndexName": "byDay"}],
    ),
    "Bucket": resource(
        "S3::Bucket",
        MetricsConfigurations=[{"Id": "EntireBucket"}],
        ReplicationConfiguration={
            "Role": "arn:aws:iam::111122223333:role/copy",
            "Rules": [{"Id": "copy", "Status": "Enabled", "Destination": {"Metrics": {"Status": "Enabled"}}}],
        },
    ),
    "Queue": resource(
        "SQS::Queue", RedrivePolicy={"deadLetterTargetArn": att("Failed", "Arn"), "maxReceiveCount": 5}
    ),
    "Failed": resource("SQS::Queue", MessageRetentionPeriod=1209600),
    "Topic": resource("SNS::Topic", DisplayName="Orders"),
    "Machine": resource("StepFunctions::StateMachine", DefinitionString="{}"),
    "Bus": resource("Events::EventBus", Name="shop"),
    "Rule": resource("Events::Rule", EventPattern={"source": ["shop"]}),
    "BusRule": resource("Events::Rule", EventBusName=ref("Bus"), EventPattern={"source": ["shop"]}),
    "Cluster": resource("ECS::Cluster", ClusterSettings=[{"Name": "containerInsights", "Value": "enhanced"}]),
    "Service": resource("ECS::Service", Cluster=ref("Cluster")),
    "Pool": resource("Cognito::UserPool", UserPoolName="people"),
    "Client": resource("Cognito::UserPoolClient", UserPoolId=ref("Pool")),
    "Site": resource("CloudFront::Distribution", DistributionConfig={"Enabled": True}),
    "Extra": resource(
        "CloudFront::MonitoringSubscription", DistributionId=ref("Site"), MonitoringSubscription=SUBSCRIPTION
    ),
    "Vault": resource("Backup::BackupVault", BackupVaultName="vault"),
    "Check": resource("Route53::HealthCheck", HealthCheckConfig={"Type": "HTTPS"}),
    "Certificate": resource("CertificateManager::Certificate", DomainName="example.com"),
}

VALUES: dict[str, Any] = {
    "ApiName": "orders",
    "Stage": "prod",
    "GraphQLAPIId": att("Graph", "ApiId"),
    "BackupVaultName": ref("Vault"),
    "Currency": "USD",
    "CertificateArn": ref("Certificate"),
    "DistributionId": ref("Site"),
    "Region": "Global",
    "UserPool": ref("Pool"),
    "UserPoolClient": ref("Client"),
    "TableName": ref("Table"),
    "GlobalSecondaryIndexName": "byDay",
    "ClusterName": ref("Cluster"),
    "ServiceName": att("Service", "Name"),
    "RuleName": ref("Rule"),
    "StreamName": ref("Stream"),
    "FunctionName": ref("Fn"),
    "function_name": ref("Fn"),
    "HealthCheckId": ref("Check"),
    "BucketName": ref("Bucket"),
    "SourceBucket": ref("Bucket"),
    "FilterId": "EntireBucket",
    "TopicName": att("Topic", "TopicName"),
    "QueueName": att("Queue", "QueueName"),
    "StateMachineArn": ref("Machine"),
}


def rows() -> list[Row]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def value(row: Row, dimension: str) -> Any:
    if dimension == "ApiId":
        known = metrics.metric(row["namespace"], row["metric"])
        socket = known is not None and known.requires.startswith("WebSocket")
        return ref("Chat" if socket or "Route" in row["dimensions"] else "Http")
    if dimension == "FunctionName" and row["namespace"] == "AWS/CloudFront":
        return "rewrite"
    return VALUES.get(dimension, "one")


def healthy(row: Row) -> Template:
    """The stack, with the recommended alarm on it."""
    statistic = "ExtendedStatistic" if row["statistic"].startswith("p") else "Statistic"
    names = [name for name in row["dimensions"].split("+") if name]
    alarm = resource(
        "CloudWatch::Alarm",
        Namespace=row["namespace"],
        MetricName=row["metric"],
        Dimensions=[{"Name": name, "Value": value(row, name)} for name in names],
        Period=int(row["period"]),
        EvaluationPeriods=int(row["evaluation_periods"]),
        DatapointsToAlarm=int(row["datapoints"]),
        ComparisonOperator=row["comparison"],
        Threshold=float(row["threshold"]),
        TreatMissingData=row["treat_missing"],
        AlarmActions=[ref("Ops")],
    )
    alarm["Properties"][statistic] = row["statistic"]
    return {**copy.deepcopy(STACK), "Alarm": alarm}


def found(template: Template, region: str = "us-east-1", alarm_region: str = "") -> set[str]:
    """The dead-alarm rules that find something."""
    content = json.dumps({"Resources": template}).encode()
    here = Environment("here", region=region)
    reading = read(Files({"t.json": content}), StackRef("cloudformation", "t.json"), Settings(), here)
    if alarm_region:
        reading.graph["Alarm"].region = alarm_region
    return {outcome.rule.id for outcome in outcomes(reading.graph, DEAD) if outcome.findings}


def broken(row: Row, **changes: Any) -> Template:
    template = healthy(row)
    template["Alarm"]["Properties"].update(changes)
    return template


def dimension(template: Template, name: str, stated: Any) -> Template:
    for one in template["Alarm"]["Properties"]["Dimensions"]:
        if one["Name"] == name:
            one["Value"] = stated
    return template


def is_above(row: Row) -> bool:
    return row["comparison"].startswith("Greater")


def other_api(row: Row) -> Template | None:
    """(1) The metric of another kind of API."""
    names = row["dimensions"].split("+")
    if "ApiName" in names:
        other = {"4XXError": "4xx", "5XXError": "5xx"}.get(row["metric"])
        return broken(row, MetricName=other) if other else dimension(healthy(row), "ApiName", ref("Http"))
    if "ApiId" in names:
        other = {"4xx": "4XXError", "5xx": "5XXError"}.get(row["metric"])
        if other:
            return broken(row, MetricName=other)
        known = metrics.metric(row["namespace"], row["metric"])
        socket = known is not None and known.requires.startswith("WebSocket")
        return dimension(healthy(row), "ApiId", ref("Http" if socket else "Rest"))
    return None


def other_dimensions(row: Row) -> Template:
    """(2) A set of dimensions that is never published."""
    template = healthy(row)
    template["Alarm"]["Properties"]["Dimensions"].append({"Name": "Environment", "Value": "prod"})
    return template


def no_dimensions(row: Row) -> Template | None:
    """(2) The dimensions left out, where the metric is not published without."""
    known = metrics.metric(row["namespace"], row["metric"])
    return broken(row, Dimensions=[]) if known and not known.is_published_for(frozenset()) else None


WRONG_VALUES: dict[str, Any] = {
    "ApiName": ref("Rest"),
    "GraphQLAPIId": att("Graph", "Arn"),
    "BackupVaultName": att("Vault", "BackupVaultArn"),
    "DistributionId": att("Site", "DomainName"),
    "UserPool": att("Pool", "Arn"),
    "TableName": att("Table", "Arn"),
    "ClusterName": att("Cluster", "Arn"),
    "RuleName": ref("BusRule"),
    "StreamName": att("Stream", "Arn"),
    "FunctionName": att("Fn", "Arn"),
    "function_name": att("Fn", "Arn"),
    "BucketName": att("Bucket", "Arn"),
    "TopicName": ref("Topic"),
    "QueueName": ref("Queue"),
    "StateMachineArn": att("Machine", "Name"),
}


def other_value(row: Row) -> Template | None:
    """(3) A dimension's value in another form: an ARN, a URL, a reference."""
    if row["namespace"] == "AWS/CloudFront" and "FunctionName" in row["dimensions"]:
        return dimension(healthy(row), "DistributionId", WRONG_VALUES["DistributionId"])
    for name in row["dimensions"].split("+"):
        if name in WRONG_VALUES:
            return dimension(healthy(row), name, WRONG_VALUES[name])
    return None


def feature_off(row: Row) -> Template | None:
    """(4) What the metric needs, turned off."""
    template = healthy(row)
    needs = metrics.metric(row["namespace"], row["metric"])
    names = row["dimensions"].split("+")
    if "FilterId" in names:
        del template["Bucket"]["Properties"]["MetricsConfigurations"]
    elif "SourceBucket" in names:
        del template["Bucket"]["Properties"]["ReplicationConfiguration"]
    elif row["namespace"] == "ECS/ContainerInsights" and "ClusterName" in names:
        del template["Cluster"]["Properties"]["ClusterSettings"]
    elif row["namespace"] == "LambdaInsights":
        del template["Fn"]["Properties"]["Layers"]
    elif needs and "MonitoringSubscription" in needs.requires:
        del template["Extra"]
    elif "DelegatedOperation" in names:
        del template["Table"]["Properties"]["KinesisStreamSpecification"]
    elif row["metric"] == "DeadLetterErrors":
        del template["Fn"]["Properties"]["DeadLetterConfig"]
    elif row["metric"] == "IteratorAge":
        del template["Pull"]
    elif row["metric"].startswith("ProvisionedConcurrency"):
        del template["Live"]
    elif {"Method", "Route"} & set(names):
        del template["RestStage"]["Properties"]["MethodSettings"]
        del template["HttpStage"]["Properties"]["DefaultRouteSettings"]
        del template["ChatStage"]["Properties"]["DefaultRouteSettings"]
    else:
        return None
    return template


def statistic_out_of_reach(row: Row) -> Template | None:
    """(6) Seventy per cent, asked of a share."""
    known = metrics.metric(row["namespace"], row["metric"])
    if known is None or not known.most:
        return None
    greater = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 70 * known.most}
    template = broken(row, Statistic="Maximum", **greater)
    template["Alarm"]["Properties"].pop("ExtendedStatistic", None)
    return template


def other_unit(row: Row) -> Template | None:
    """(6) Another unit than the metric's own."""
    known = metrics.metric(row["namespace"], row["metric"])
    if known is None or known.confidence != "high":
        return None
    if known.unit not in ("Milliseconds", "Seconds", "Count", "Bytes", "Percent"):
        return None
    return broken(row, Unit="Milliseconds" if known.unit == "Seconds" else "Seconds")


def short_period(row: Row) -> Template:
    """(7) A period that is shorter than the metric's own."""
    return broken(row, Period=10, EvaluationPeriods=1, DatapointsToAlarm=1)


QUIET = ("activity", "nonzero")


def silence(row: Row) -> Template | None:
    """(8) Missing data that hides the failure, or that is always red."""
    known = metrics.metric(row["namespace"], row["metric"])
    if known is None or known.reported not in QUIET:
        return None
    if not is_above(row) and row["statistic"] in ("Sum", "SampleCount") and row["namespace"] != "AWS/SQS":
        return broken(row, TreatMissingData="notBreaching")
    if is_above(row) and known.reported == "nonzero":
        return broken(row, TreatMissingData="breaching")
    return None


def no_action(row: Row) -> Template:
    """(9) Nobody to tell."""
    return broken(row, AlarmActions=[])


def actions_off(row: Row) -> Template:
    """(9) Actions turned off."""
    return broken(row, ActionsEnabled=False)


def no_subscriber(row: Row) -> Template:
    """(9) A topic without a subscriber."""
    template = healthy(row)
    del template["Mail"]
    return template


def shut_out(row: Row) -> Template:
    """(9) A topic that CloudWatch cannot publish to."""
    template = healthy(row)
    template["Ops"]["Properties"]["KmsMasterKeyId"] = "alias/aws/sns"
    return template


def absent(row: Row) -> Template | None:
    """(9) An index or stage that is not there."""
    for name in ("GlobalSecondaryIndexName", "Stage"):
        if name in row["dimensions"].split("+"):
            return dimension(healthy(row), name, "nowhere")
    return None


BEYOND = {
    "Duration": 3001,
    "AsyncEventAge": 21_600_001,
    "ApproximateAgeOfOldestMessage": 345_601,
    "ApproximateNumberOfMessagesNotVisible": 120_001,
    "GetRecords.IteratorAgeMilliseconds": 86_400_001,
}


def beyond_limit(row: Row) -> Template | None:
    """(9) A threshold above a timeout, a retention or a quota."""
    limit = BEYOND.get(row["metric"])
    if row["metric"] == "ConcurrentExecutions" and row["dimensions"]:
        limit = 101
    if row["metric"] == "Latency" and row["namespace"] == "AWS/AppSync":
        limit = 30_001
    return broken(row, Threshold=limit) if limit and is_above(row) and row["statistic"] != "Sum" else None


def seldom(row: Row) -> Template | None:
    """(9) More datapoints in a row than a nightly run can bring."""
    target = {"FunctionName": "Fn", "StateMachineArn": "Machine"}.get(row["dimensions"])
    if target is None or row["namespace"] == "AWS/CloudFront" or not is_above(row):
        return None
    template = broken(row, EvaluationPeriods=5, DatapointsToAlarm=5, TreatMissingData="notBreaching")
    if row["metric"] != "IteratorAge":
        del template["Pull"]
    else:
        return None
    template["Night"] = resource(
        "Events::Rule", ScheduleExpression="rate(1 day)", Targets=[{"Id": "one", "Arn": att(target, "Arn")}]
    )
    return template


def blind(row: Row) -> Template | None:
    """(10) Messages sent to a dead-letter queue."""
    if row["namespace"] != "AWS/SQS" or not is_above(row):
        return None
    return dimension(broken(row, MetricName="NumberOfMessagesSent"), "QueueName", att("Failed", "QueueName"))


SETS = {"alarm-dimension-never-published"}
MUTATIONS: list[tuple[Callable[[Row], Template | None], set[str], int]] = [
    (other_api, {"alarm-metric-of-other-api", "alarm-on-other-kind-of-target"}, 20),
    (other_dimensions, SETS, 110),
    (no_dimensions, SETS, 80),
    (other_value, {"alarm-dimension-of-other-form", "alarm-on-rule-of-custom-bus"}, 80),
    (feature_off, {"alarm-on-feature-left-off"}, 25),
    (statistic_out_of_reach, {"alarm-threshold-out-of-reach"}, 20),
    (other_unit, {"alarm-unit-never-published"}, 50),
    (short_period, {"alarm-period-too-short"}, 110),
    (silence, {"alarm-deaf-to-silence", "alarm-red-while-idle"}, 30),
    (no_action, {"alarm-without-action"}, 110),
    (actions_off, {"alarm-actions-off"}, 110),
    (no_subscriber, {"alarm-topic-without-subscriber"}, 110),
    (shut_out, {"topic-key-shuts-out-publisher"}, 110),
    (absent, {"alarm-target-absent"}, 20),
    (beyond_limit, {"alarm-threshold-out-of-reach"}, 8),
    (seldom, {"alarm-needs-more-runs-than-happen"}, 10),
    (blind, {"alarm-blind-to-failures"}, 4),
]


def test_no_healthy_alarm_is_called_dead() -> None:
    dead = {(row["namespace"], row["metric"], rule) for row in rows() for rule in found(healthy(row))}
    assert dead == set()
    assert len(rows()) > 120


@pytest.mark.parametrize(
    ("mutation", "rules", "least"), MUTATIONS, ids=[mutation.__name__ for mutation, _, _ in MUTATIONS]
)
def test_every_alarm_that_is_broken_in_this_way_is_found_by_a_rule_about_it(
    mutation: Callable[[Row], Template | None], rules: set[str], least: int
) -> None:
    made = [(row, template) for row in rows() if (template := mutation(row)) is not None]
    missed = [
        (row["namespace"], row["metric"], row["dimensions"])
        for row, template in made
        if not found(template) & rules
    ]
    assert missed == []
    assert len(made) >= least


def test_an_alarm_in_another_region_than_its_metric_is_found() -> None:
    made = [row for row in rows() if row["namespace"] in GLOBAL or row["dimensions"].split("+")[0] in VALUES]
    missed = [
        (row["namespace"], row["metric"])
        for row in made
        if "alarm-in-other-region" not in found(healthy(row), alarm_region="eu-west-1")
    ]
    assert missed == []
    assert len(made) > 80


def test_a_metric_that_is_poorly_attested_is_not_assessed_rather_than_found() -> None:
    row = {
        **rows()[0],
        "namespace": "AWS/States",
        "metric": "OpenExecutionCount",
        "dimensions": "FunctionName",
    }
    assert found(healthy(row)) == set()
