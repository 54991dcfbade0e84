"""`watches`: which alarms notice what happens to which resource."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_of, lines, only

from stackworthy.aws.relations.dimensions import DIMENSIONS
from stackworthy.aws.schemas import schema
from stackworthy.core.value import OpenList

FN = "Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: orders}}\n"


def alarm(namespace: str, metric: str, *dimensions: tuple[str, str]) -> str:
    stated = ", ".join(f"{{Name: {name}, Value: {value}}}" for name, value in dimensions)
    return (
        f"\nAlarm: {{Type: AWS::CloudWatch::Alarm, Properties: "
        f'{{Namespace: "{namespace}", MetricName: {metric}, Statistic: Sum, Dimensions: [{stated}]}}}}'
    )


@pytest.mark.parametrize(
    ("resource", "namespace", "dimension", "value", "fits"),
    [
        ("AWS::Lambda::Function", "AWS/Lambda", "FunctionName", "!Ref It", True),
        ("AWS::Lambda::Function", "AWS/Lambda", "FunctionName", "!GetAtt It.Arn", False),
        ("AWS::DynamoDB::Table", "AWS/DynamoDB", "TableName", "!Ref It", True),
        ("AWS::SQS::Queue", "AWS/SQS", "QueueName", "!GetAtt It.QueueName", True),
        ("AWS::SQS::Queue", "AWS/SQS", "QueueName", "!Ref It", False),
        ("AWS::SQS::Queue", "AWS/SQS", "QueueName", "!GetAtt It.Arn", False),
        ("AWS::SNS::Topic", "AWS/SNS", "TopicName", "!GetAtt It.TopicName", True),
        ("AWS::SNS::Topic", "AWS/SNS", "TopicName", "!Ref It", False),
        ("AWS::StepFunctions::StateMachine", "AWS/States", "StateMachineArn", "!Ref It", True),
        ("AWS::StepFunctions::StateMachine", "AWS/States", "StateMachineArn", "!GetAtt It.Name", False),
        ("AWS::ApiGatewayV2::Api", "AWS/ApiGateway", "ApiId", "!Ref It", True),
        ("AWS::ApiGateway::RestApi", "AWS/ApiGateway", "ApiName", "!Ref It", False),
        ("AWS::Kinesis::Stream", "AWS/Kinesis", "StreamName", "!Ref It", True),
        ("AWS::S3::Bucket", "AWS/S3", "BucketName", "!Ref It", True),
        ("AWS::CloudFront::Distribution", "AWS/CloudFront", "DistributionId", "!Ref It", True),
        ("AWS::Events::Rule", "AWS/Events", "RuleName", "!Ref It", True),
        ("AWS::AppSync::GraphQLApi", "AWS/AppSync", "GraphQLAPIId", "!GetAtt It.ApiId", True),
        ("AWS::ECS::Service", "AWS/ECS", "ServiceName", "!GetAtt It.Name", True),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS/ApplicationELB",
            "LoadBalancer",
            "!GetAtt It.LoadBalancerFullName",
            True,
        ),
    ],
)
def test_an_alarm_watches_what_its_dimension_names(
    resource: str, namespace: str, dimension: str, value: str, fits: bool
) -> None:
    graph = graph_of(f"It: {{Type: {resource}}}" + alarm(namespace, "M", (dimension, value)))
    edge = only(graph, "watches")
    assert (edge.source.address, edge.target.address, edge.by) == ("Alarm", "It", "metric")
    assert edge.details["dimension"] == dimension
    assert edge.details["fits"] is fits
    assert edge.details["Namespace"] == namespace


@pytest.mark.parametrize(
    ("value", "fits"),
    [("orders", True), ('"arn:aws:lambda:eu-west-1:1:function:orders"', False), ("!Sub '${Fn}:live'", True)],
)
def test_a_dimension_may_be_a_literal_or_put_together(value: str, fits: bool) -> None:
    name = "Resource" if "live" in value else "FunctionName"
    edge = only(graph_of(FN + alarm("AWS/Lambda", "Errors", (name, value))), "watches")
    assert edge.target.address == "Fn"
    assert edge.details["fits"] is fits


def test_a_rest_api_is_watched_by_its_name() -> None:
    stated = alarm("AWS/ApiGateway", "5XXError", ("ApiName", "shop"), ("Stage", "prod"))
    assert lines(
        graph_of("Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: shop}}" + stated), "watches"
    ) == ["Alarm -> Api (metric)"]
    titled = "Api: {Type: AWS::ApiGateway::RestApi, Properties: {Body: {info: {title: shop}, paths: {}}}}"
    assert lines(graph_of(titled + stated), "watches") == ["Alarm -> Api (metric)"]
    other = "Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: other}}"
    assert lines(graph_of(other + stated), "watches") == []


def test_an_alarm_on_all_functions_watches_each() -> None:
    graph = graph_of(FN + "Two: {Type: AWS::Lambda::Function}" + alarm("AWS/Lambda", "Errors"))
    assert lines(graph, "watches") == [
        "Alarm -> Fn (metric of all functions)",
        "Alarm -> Two (metric of all functions)",
    ]
    assert all(edge.details["broad"] for edge in graph.edges("watches").all)


def test_metric_math_watches_what_each_of_its_metrics_names() -> None:
    graph = graph_of(
        FN
        + """
Two: {Type: AWS::Lambda::Function}
Table: {Type: AWS::DynamoDB::Table}
Alarm:
  Type: AWS::CloudWatch::Alarm
  Properties:
    Metrics:
    - {Id: rate, Expression: e / i}
    - {Id: s, Expression: !Sub "SEARCH('{AWS/DynamoDB,TableName} ${Table}', 'Sum')"}
    - Id: e
      MetricStat: {Period: 60, Stat: Sum, Metric: {Namespace: AWS/Lambda, MetricName: Errors, Dimensions: [{Name: FunctionName, Value: !Ref Fn}]}}
    - Id: i
      MetricStat: {Period: 60, Stat: Sum, Metric: {Namespace: AWS/Lambda, MetricName: Invocations, Dimensions: [{Name: FunctionName, Value: !Ref Two}]}}
"""
    )
    assert lines(graph, "watches") == [
        "Alarm -> Fn (metric)",
        "Alarm -> Table (metric expression)",
        "Alarm -> Two (metric)",
    ]
    details = next(edge.details for edge in graph.edges("watches").all if edge.target.address == "Fn")
    assert details["path"] == "Metrics[2].MetricStat.Metric"


def test_an_anomaly_detector_watches_too() -> None:
    graph = graph_of(
        FN
        + """
A:
  Type: AWS::CloudWatch::AnomalyDetector
  Properties:
    SingleMetricAnomalyDetector:
      {Namespace: AWS/Lambda, MetricName: Duration, Stat: Average, Dimensions: [{Name: FunctionName, Value: !Ref Fn}]}
"""
    )
    assert lines(graph, "watches") == ["A -> Fn (metric)"]


def test_a_composite_alarm_watches_the_alarms_in_its_rule() -> None:
    graph = graph_of(
        """
One: {Type: AWS::CloudWatch::Alarm}
Two: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: two}}
Three: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: three}}
Both: {Type: AWS::CloudWatch::CompositeAlarm, Properties: {AlarmRule: !Sub 'ALARM(${One}) OR (NOT OK("two") AND FALSE)'}}
"""
    )
    assert lines(graph, "watches") == ["Both -> One (composite alarm)", "Both -> Two (composite alarm)"]


def test_an_alarm_on_a_metric_filter_watches_its_log_group_and_what_logs_there() -> None:
    graph = graph_of(
        FN
        + """
Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/aws/lambda/${Fn}"}}
Filter:
  Type: AWS::Logs::MetricFilter
  Properties:
    LogGroupName: !Ref Group
    FilterPattern: ERROR
    MetricTransformations: [{MetricName: Faults, MetricNamespace: App, MetricValue: "1"}]
"""
        + alarm("App", "Faults")
    )
    assert lines(graph, "watches") == [
        "Alarm -> Fn (metric filter on its log group)",
        "Alarm -> Group (metric filter)",
        "Filter -> Group (metric filter)",
    ]
    edge = next(edge for edge in graph.edges("watches").all if edge.target.address == "Fn")
    assert edge.details["filter"] is graph["Filter"]


def test_a_metric_of_ones_own_watches_what_its_dimensions_refer_to() -> None:
    graph = graph_of(FN + alarm("App", "Orders", ("service", "!Ref Fn")))
    assert lines(graph, "watches") == ["Alarm -> Fn (custom metric)"]


def test_what_cannot_be_told_is_loose_and_what_is_outside_is_nothing() -> None:
    graph = graph_of(FN + alarm("AWS/Lambda", "Errors", ("FunctionName", "!Ref Which")), parameters=["Which"])
    (end,) = graph.edges("watches").loose
    assert end.kinds == frozenset({"AWS::Lambda::Function"})
    assert isinstance(graph.edges_to(graph["Fn"], "watches"), OpenList)
    assert lines(graph_of(FN + alarm("AWS/Lambda", "Errors", ("FunctionName", "billing"))), "watches") == []
    assert lines(graph_of(FN + alarm("AWS/SQS", "Age", ("QueueName", "!Ref Fn"))), "watches") == []


def test_health_checks_and_canaries_watch_endpoints() -> None:
    graph = graph_of(
        """
Api: {Type: AWS::ApiGateway::RestApi}
Check:
  Type: AWS::Route53::HealthCheck
  Properties: {HealthCheckConfig: {Type: HTTPS, FullyQualifiedDomainName: !Sub "${Api}.execute-api.${AWS::Region}.amazonaws.com"}}
Canary:
  Type: AWS::Synthetics::Canary
  Properties: {RunConfig: {EnvironmentVariables: {URL: !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/prod"}}}
"""
    )
    assert lines(graph, "watches") == ["Canary -> Api (canary)", "Check -> Api (health check)"]


def test_every_kind_and_attribute_of_the_dimensions_is_in_the_schemas() -> None:
    for dimensions in DIMENSIONS.values():
        for dimension in dimensions.values():
            for kind in dimension.kinds:
                found = schema(kind)
                assert found is not None, kind
            for attribute in dimension.attributes - {"Ref"}:
                assert any(
                    found.attribute_type(attribute) or found.has(attribute)
                    for found in map(schema, dimension.kinds)
                    if found is not None
                ), (dimension, attribute)
