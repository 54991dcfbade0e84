"""`logs to`: where logs end up."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_of, lines

from stackworthy.core.value import OpenList

FN = "Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Sub '${Stage}-orders'}}\n"


@pytest.mark.parametrize("name", ["/aws/lambda/${Fn}", "/aws/lambda/${Stage}-orders"])
def test_a_function_logs_to_the_group_that_has_its_name(name: str) -> None:
    graph = graph_of(
        FN + f'Group: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: !Sub "{name}"}}}}'
    )
    assert lines(graph, "logs to") == ["Fn -> Group (log group name)"]


def test_a_function_logs_where_its_configuration_says() -> None:
    graph = graph_of(
        """
Fn: {Type: AWS::Lambda::Function, Properties: {LoggingConfig: {LogGroup: !Ref Own}}}
Own: {Type: AWS::Logs::LogGroup}
Named: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/aws/lambda/${Fn}"}}
"""
    )
    assert lines(graph, "logs to") == ["Fn -> Own (logging configuration)"]


def test_a_group_of_another_function_is_nobodys() -> None:
    graph = graph_of(
        FN + "Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /aws/lambda/billing}}"
    )
    assert lines(graph, "logs to") == []


def test_a_group_whose_name_is_not_known_may_be_of_any_named_function() -> None:
    graph = graph_of(
        FN + "Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Ref Which}}",
        parameters=["Which"],
    )
    assert isinstance(graph.edges_from(graph["Fn"], "logs to"), OpenList)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (
            "S: {Type: AWS::ApiGateway::Stage, Properties: {AccessLogSetting: {DestinationArn: !GetAtt Group.Arn}}}",
            ["S -> Group (access log)"],
        ),
        (
            "S: {Type: AWS::ApiGatewayV2::Stage, Properties: {AccessLogSettings: {DestinationArn: !GetAtt Group.Arn}}}",
            ["S -> Group (access log)"],
        ),
        (
            "M: {Type: AWS::StepFunctions::StateMachine, Properties: {LoggingConfiguration: {Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Group.Arn}}]}}}",
            ["M -> Group (logging configuration)"],
        ),
        (
            "B: {Type: AWS::S3::Bucket, Properties: {LoggingConfiguration: {DestinationBucketName: !Ref Logs}}}",
            ["B -> Logs (access log)"],
        ),
        (
            "B: {Type: AWS::S3::Bucket, Properties: {LoggingConfiguration: {LogFilePrefix: logs/}}}",
            ["B -> B (access log)"],
        ),
        (
            "D: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {Logging: {Bucket: !GetAtt Logs.DomainName}}}}",
            ["D -> Logs (access log)"],
        ),
        (
            'D: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {Logging: {Bucket: !Sub "${Logs}.s3.amazonaws.com"}}}}',
            ["D -> Logs (access log)"],
        ),
        (
            """
V: {Type: AWS::EC2::VPC}
F: {Type: AWS::EC2::FlowLog, Properties: {ResourceId: !Ref V, LogGroupName: !Ref Group, TrafficType: ALL}}
""",
            ["V -> Group (flow log)"],
        ),
        (
            """
A: {Type: AWS::WAFv2::WebACL}
L: {Type: AWS::WAFv2::LoggingConfiguration, Properties: {ResourceArn: !GetAtt A.Arn, LogDestinationConfigs: [!GetAtt Group.Arn]}}
""",
            ["A -> Group (web ACL log)"],
        ),
        (
            """
T:
  Type: AWS::ECS::TaskDefinition
  Properties: {ContainerDefinitions: [{Name: a, LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: !Ref Group}}}]}
""",
            ["T -> Group (container log)"],
        ),
        (
            """
L:
  Type: AWS::ElasticLoadBalancingV2::LoadBalancer
  Properties: {LoadBalancerAttributes: [{Key: idle_timeout.timeout_seconds, Value: "4"}, {Key: access_logs.s3.bucket, Value: !Ref Logs}]}
""",
            ["L -> Logs (access log)"],
        ),
        (
            """
Api: {Type: AWS::ApiGateway::RestApi}
G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "API-Gateway-Execution-Logs_${Api}/prod"}}
""",
            ["Api -> G (log group name)"],
        ),
        (
            """
D: {Type: AWS::CloudFront::Distribution}
Source: {Type: AWS::Logs::DeliverySource, Properties: {Name: s, ResourceArn: !Sub "arn:aws:cloudfront::1:distribution/${D}"}}
Destination: {Type: AWS::Logs::DeliveryDestination, Properties: {Name: d, DestinationResourceArn: !GetAtt Logs.Arn}}
Delivery: {Type: AWS::Logs::Delivery, Properties: {DeliverySourceName: !Ref Source, DeliveryDestinationArn: !GetAtt Destination.Arn}}
""",
            ["D -> Logs (log delivery)"],
        ),
        ("T: {Type: AWS::CloudTrail::Trail, Properties: {S3BucketName: !Ref Logs}}", ["T -> Logs (trail)"]),
    ],
)
def test_each_service_states_where_it_logs(stated: str, expected: list[str]) -> None:
    graph = graph_of("Group: {Type: AWS::Logs::LogGroup}\nLogs: {Type: AWS::S3::Bucket}\n" + stated)
    assert lines(graph, "logs to") == expected
