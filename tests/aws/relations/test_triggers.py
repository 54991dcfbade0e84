"""`triggers`: what an event starts, whatever states it."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_of, lines, only

from stackworthy.core.value import OpenList, show

FN = "Fn: {Type: AWS::Lambda::Function}\n"


def test_an_event_source_mapping_leads_from_its_source_to_its_function() -> None:
    graph = graph_of(
        FN
        + """
Queue: {Type: AWS::SQS::Queue}
Pull:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {EventSourceArn: !GetAtt Queue.Arn, FunctionName: !Ref Fn, BatchSize: 5}
"""
    )
    edge = only(graph, "triggers")
    assert (edge.source.address, edge.target.address, edge.by) == ("Queue", "Fn", "event source mapping")
    assert edge.resource is graph["Pull"]
    assert edge["BatchSize"] == 5


@pytest.mark.parametrize(
    "function",
    ["!Ref Live", '!Sub "${Fn.Arn}:live"', '!Sub "arn:aws:lambda:eu-west-1:1:function:${Fn}:live"'],
)
def test_a_mapping_of_an_alias_triggers_the_function_behind_it(function: str) -> None:
    graph = graph_of(
        FN
        + f"""
Live: {{Type: AWS::Lambda::Alias, Properties: {{FunctionName: !Ref Fn, Name: live, FunctionVersion: "1"}}}}
Table: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: t}}}}
Pull:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {{EventSourceArn: !GetAtt Table.StreamArn, FunctionName: {function}}}
"""
    )
    edge = only(graph, "triggers")
    assert (edge.source.address, edge.target.address) == ("Table", "Fn")
    if "Live" in function:
        assert edge.details["through"] is graph["Live"]
    else:
        assert edge.details["rest"] == ":live"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (
            "S: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Endpoint: !GetAtt Queue.Arn, Protocol: sqs}}",
            "Topic -> Queue (subscription)",
        ),
        (
            "R: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: a, Arn: !GetAtt Fn.Arn}]}}",
            "R -> Fn (rule target)",
        ),
        (
            """
R:
  Type: AWS::Events::Rule
  Properties:
    ScheduleExpression: rate(1 day)
    Targets: [{Id: a, Arn: !GetAtt Cluster.Arn, EcsParameters: {TaskDefinitionArn: !Ref Task}}]
""",
            "R -> Task (rule target)",
        ),
        (
            "S: {Type: AWS::Scheduler::Schedule, Properties: {Target: {Arn: !GetAtt Machine.Arn}}}",
            "S -> Machine (schedule)",
        ),
        (
            "L: {Type: AWS::Logs::SubscriptionFilter, Properties: {LogGroupName: !Ref Group, DestinationArn: !GetAtt Fn.Arn}}",
            "Group -> Fn (log subscription)",
        ),
        (
            "P: {Type: AWS::Cognito::UserPool, Properties: {LambdaConfig: {PreSignUp: !GetAtt Fn.Arn}}}",
            "P -> Fn (user pool trigger)",
        ),
        (
            "P: {Type: AWS::Cognito::UserPool, Properties: {LambdaConfig: {CustomEmailSender: {LambdaArn: !GetAtt Fn.Arn}}}}",
            "P -> Fn (user pool trigger)",
        ),
        (
            "T: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Fn.Arn}]}}",
            "T -> Fn (target group)",
        ),
        (
            "I: {Type: AWS::IoT::TopicRule, Properties: {TopicRulePayload: {Actions: [{Sqs: {QueueUrl: !Ref Queue}}]}}}",
            "I -> Queue (IoT rule action)",
        ),
        (
            "A: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [!Ref Topic]}}",
            "A -> Topic (alarm action)",
        ),
        (
            "E: {Type: AWS::SES::ReceiptRule, Properties: {Rule: {Actions: [{LambdaAction: {FunctionArn: !GetAtt Fn.Arn}}]}}}",
            "E -> Fn (receipt rule)",
        ),
        (
            """
N:
  Type: Custom::S3BucketNotifications
  Properties:
    BucketName: !Ref Bucket
    NotificationConfiguration:
      LambdaFunctionConfigurations: [{Events: ["s3:ObjectCreated:*"], LambdaFunctionArn: !GetAtt Fn.Arn}]
""",
            "Bucket -> Fn (bucket notification)",
        ),
    ],
)
def test_each_source_of_events_states_its_target(stated: str, expected: str) -> None:
    graph = graph_of(
        FN
        + """
Queue: {Type: AWS::SQS::Queue}
Topic: {Type: AWS::SNS::Topic}
Bucket: {Type: AWS::S3::Bucket}
Machine: {Type: AWS::StepFunctions::StateMachine}
Group: {Type: AWS::Logs::LogGroup}
Cluster: {Type: AWS::ECS::Cluster}
Task: {Type: AWS::ECS::TaskDefinition}
"""
        + stated
    )
    assert lines(graph, "triggers") == [expected]


def test_a_bucket_notification_keeps_its_events_and_filter() -> None:
    graph = graph_of(
        FN
        + """
Bucket:
  Type: AWS::S3::Bucket
  Properties:
    NotificationConfiguration:
      LambdaConfigurations:
      - {Event: "s3:ObjectCreated:*", Function: !GetAtt Fn.Arn, Filter: {S3Key: {Rules: [{Name: suffix, Value: .csv}]}}}
"""
    )
    edge = only(graph, "triggers")
    assert edge.details["Event"] == "s3:ObjectCreated:*"
    assert edge.details["path"] == "NotificationConfiguration.LambdaConfigurations[0].Function"
    assert "S3Key" in edge.details["Filter"]


def test_a_pipe_is_triggered_by_its_source_and_triggers_its_target() -> None:
    graph = graph_of(
        """
Queue: {Type: AWS::SQS::Queue}
Machine: {Type: AWS::StepFunctions::StateMachine}
Pipe: {Type: AWS::Pipes::Pipe, Properties: {Source: !GetAtt Queue.Arn, Target: !Ref Machine}}
"""
    )
    assert lines(graph, "triggers") == ["Pipe -> Machine (pipe target)", "Queue -> Pipe (pipe source)"]


def test_events_reach_a_rule_from_its_bus_and_from_the_resources_in_its_pattern() -> None:
    graph = graph_of(
        """
Bus: {Type: AWS::Events::EventBus, Properties: {Name: app}}
Orders: {Type: AWS::Events::Rule, Properties: {EventBusName: !Ref Bus, EventPattern: {source: [orders]}}}
Machine: {Type: AWS::StepFunctions::StateMachine}
Failures:
  Type: AWS::Events::Rule
  Properties: {EventPattern: {source: [aws.states], detail: {stateMachineArn: [!Ref Machine]}}}
Uploads: {Type: AWS::S3::Bucket}
Arrivals:
  Type: AWS::Events::Rule
  Properties: {EventPattern: {source: [aws.s3], detail: {bucket: {name: [!Ref Uploads]}}}}
"""
    )
    assert lines(graph, "triggers") == [
        "Bus -> Orders (event pattern)",
        "Machine -> Failures (event pattern)",
        "Uploads -> Arrivals (event pattern)",
    ]


def test_a_pattern_for_all_buckets_means_those_that_publish_events() -> None:
    graph = graph_of(
        """
Loud: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}}}
Quiet: {Type: AWS::S3::Bucket}
Named: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}
Any: {Type: AWS::Events::Rule, Properties: {EventPattern: '{"source": ["aws.s3"]}'}}
One: {Type: AWS::Events::Rule, Properties: {EventPattern: {source: [aws.s3], detail: {bucket: {name: [data]}}}}}
"""
    )
    assert lines(graph, "triggers") == ["Loud -> Any (event pattern)", "Named -> One (event pattern)"]


def test_a_permission_stands_for_a_caller_that_no_stack_describes() -> None:
    graph = graph_of(
        FN
        + """
Skill:
  Type: AWS::Lambda::Permission
  Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Fn, Principal: alexa-appkit.amazon.com}
Elsewhere:
  Type: AWS::Lambda::Permission
  Properties:
    Action: lambda:InvokeFunction
    FunctionName: !Ref Fn
    Principal: s3.amazonaws.com
    SourceArn: arn:aws:s3:::somebody-elses-bucket
Bucket: {Type: AWS::S3::Bucket}
Own:
  Type: AWS::Lambda::Permission
  Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Fn, Principal: s3.amazonaws.com, SourceArn: !GetAtt Bucket.Arn}
"""
    )
    assert lines(graph, "triggers") == ["Elsewhere -> Fn (permission)", "Skill -> Fn (permission)"]
    edges = {edge.source.address: edge for edge in graph.edges("triggers").all}
    assert edges["Skill"].details["caller"] == "an Alexa skill"


def test_an_end_that_cannot_be_told_is_a_loose_end_of_the_kinds_that_it_could_be() -> None:
    graph = graph_of(
        FN
        + """
Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
Pull: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: !Ref Source, FunctionName: !Ref Fn}}
""",
        parameters=["Source"],
    )
    (end,) = graph.edges("triggers").loose
    assert end.target is graph["Fn"]
    assert "AWS::SQS::Queue" in end.kinds
    assert isinstance(graph.edges_to(graph["Fn"], "triggers"), OpenList)
    assert isinstance(graph.edges_from(graph["Queue"], "triggers"), OpenList)
    assert not isinstance(graph.edges_from(graph["Topic"], "triggers"), OpenList)


def test_what_is_outside_of_the_stack_gives_no_relation() -> None:
    graph = graph_of(
        FN
        + """
Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
Pull:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {EventSourceArn: "arn:aws:sqs:eu-west-1:111111111111:other", FunctionName: !Ref Fn}
Imported:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {EventSourceArn: !ImportValue shared-queue, FunctionName: !Ref Fn}
"""
    )
    assert lines(graph, "triggers") == []


def test_a_parameter_cannot_be_a_queue_whose_name_aws_makes_up() -> None:
    graph = graph_of(
        FN
        + """
Queue: {Type: AWS::SQS::Queue}
Pull: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: !Ref Source, FunctionName: !Ref Fn}}
""",
        parameters=["Source"],
    )
    assert lines(graph, "triggers") == []


def test_a_subscription_keeps_its_filter_and_redrive_policy() -> None:
    graph = graph_of(
        FN
        + """
Topic: {Type: AWS::SNS::Topic}
Dead: {Type: AWS::SQS::Queue}
S:
  Type: AWS::SNS::Subscription
  Properties:
    TopicArn: !Ref Topic
    Endpoint: !GetAtt Fn.Arn
    Protocol: lambda
    FilterPolicy: {kind: [order]}
    RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn}
"""
    )
    details = only(graph, "triggers").details
    assert show(details["FilterPolicy"]) == "{kind: [order]}"
    assert "RedrivePolicy" in details
