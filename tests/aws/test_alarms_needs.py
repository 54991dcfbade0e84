"""What metrics need and how large they can be, beyond what the mutation corpus breaks."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.templates import graph_of_resources, maybe

from stackworthy.aws.alarms import targets, watched
from stackworthy.aws.metric_limits import limit
from stackworthy.aws.metric_needs import lacking
from stackworthy.core.value import NotKnown


def reasons(namespace: str, name: str, dimensions: dict[str, Any], **resources: Any) -> list[str]:
    """Why the metric is not published for the resources that it names."""
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    properties = {"Namespace": namespace, "MetricName": name, "Dimensions": named, "Statistic": "Maximum"}
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
    graph = graph_of_resources({"Alarm": alarm, **resources})
    (metric,) = watched(graph["Alarm"])
    return [lacking(metric, target) for _, target in targets(metric)]


def one(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


REF = {"Ref": "One"}
QUEUE = {"Fn::GetAtt": ["One", "QueueName"]}
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "AWS/DynamoDB",
        "ProvisionedReadCapacityUnits",
        {"TableName": REF},
        one("DynamoDB::Table", BillingMode="PAY_PER_REQUEST"),
        one("DynamoDB::Table", BillingMode="PROVISIONED"),
    ),
    (
        "AWS/DynamoDB",
        "TimeToLiveDeletedItemCount",
        {"TableName": REF},
        one("DynamoDB::Table"),
        one("DynamoDB::Table", TimeToLiveSpecification={"AttributeName": "gone", "Enabled": True}),
    ),
    (
        "AWS/Kinesis",
        "IteratorAgeMilliseconds",
        {"StreamName": REF, "ShardId": "1"},
        one("Kinesis::Stream", DesiredShardLevelMetrics=["IncomingBytes"]),
        one("Kinesis::Stream", DesiredShardLevelMetrics=["ALL"]),
    ),
    (
        "ECS/ContainerInsights",
        "TaskCpuUtilization",
        {"ClusterName": REF},
        one("ECS::Cluster", ClusterSettings=[{"Name": "containerInsights", "Value": "enabled"}]),
        one("ECS::Cluster", ClusterSettings=[{"Name": "containerInsights", "Value": "enhanced"}]),
    ),
    (
        "AWS/Route53",
        "TimeToFirstByte",
        {"HealthCheckId": REF},
        one("Route53::HealthCheck", HealthCheckConfig={"Type": "HTTPS"}),
        one("Route53::HealthCheck", HealthCheckConfig={"Type": "HTTPS", "MeasureLatency": True}),
    ),
    (
        "AWS/States",
        "ExpressExecutionMemory",
        {"StateMachineArn": REF},
        one("StepFunctions::StateMachine", DefinitionString="{}"),
        one("StepFunctions::StateMachine", DefinitionString="{}", StateMachineType="EXPRESS"),
    ),
    (
        "AWS/SQS",
        "NumberOfDeduplicatedSentMessages",
        {"QueueName": QUEUE},
        one("SQS::Queue"),
        one("SQS::Queue", FifoQueue=True),
    ),
    (
        "AWS/Firehose",
        "KinesisMillisBehindLatest",
        {"DeliveryStreamName": REF},
        one("KinesisFirehose::DeliveryStream", DeliveryStreamType="DirectPut"),
        one("KinesisFirehose::DeliveryStream", DeliveryStreamType="KinesisStreamAsSource"),
    ),
    (
        "AWS/Cognito",
        "AccountTakeoverRisk",
        {"UserPoolId": REF, "Operation": "SignIn"},
        one("Cognito::UserPool"),
        one("Cognito::UserPool", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}),
    ),
    (
        "AWS/Lambda",
        "PolledEventCount",
        {"EventSourceMappingUUID": REF},
        one("Lambda::EventSourceMapping", FunctionName="fn", MetricsConfig={"Metrics": []}),
        one("Lambda::EventSourceMapping", FunctionName="fn", MetricsConfig={"Metrics": ["EventCount"]}),
    ),
]


@pytest.mark.parametrize(
    ("namespace", "name", "dimensions", "off", "on"), CASES, ids=[case[1] for case in CASES]
)
def test_a_metric_is_published_once_its_feature_is_on(
    namespace: str, name: str, dimensions: dict[str, Any], off: dict[str, Any], on: dict[str, Any]
) -> None:
    assert [bool(why) for why in reasons(namespace, name, dimensions, One=off)] == [True]
    assert reasons(namespace, name, dimensions, One=on) == [""]


def test_a_feature_that_may_be_on_is_not_known() -> None:
    table = one("DynamoDB::Table", BillingMode=maybe("PAY_PER_REQUEST"))
    with pytest.raises(NotKnown):
        reasons("AWS/DynamoDB", "ProvisionedReadCapacityUnits", {"TableName": REF}, One=table)


def test_a_metric_of_a_resource_elsewhere_is_bounded_by_nothing() -> None:
    properties = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": "elsewhere"}],
        "Statistic": "Maximum",
    }
    graph = graph_of_resources({"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}})
    (metric,) = watched(graph["Alarm"])
    assert limit(metric) is None
