"""`protects`: web ACLs, dead-letter queues, backups, authorizers, keys and what they stand before."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_of, lines, only

from stackworthy.core.value import OpenList

STACK = """
Dead: {Type: AWS::SQS::Queue}
Fn: {Type: AWS::Lambda::Function}
Acl: {Type: AWS::WAFv2::WebACL}
Api: {Type: AWS::ApiGateway::RestApi}
Prod: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: prod}}
Pool: {Type: AWS::Cognito::UserPool}
Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: errors}}
Key: {Type: AWS::KMS::Key}
Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}
"""


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (
            "Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}}",
            ["Dead -> Q (dead-letter queue)"],
        ),
        (
            """Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: !Sub '{"deadLetterTargetArn": "${Dead.Arn}", "maxReceiveCount": 3}'}}""",
            ["Dead -> Q (dead-letter queue)"],
        ),
        (
            "S: {Type: AWS::SNS::Subscription, Properties: {TopicArn: a, RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn}}}",
            ["Dead -> S (dead-letter queue)"],
        ),
        (
            "R: {Type: AWS::Events::Rule, Properties: {Targets: [{Id: a, Arn: b, DeadLetterConfig: {Arn: !GetAtt Dead.Arn}}]}}",
            ["Dead -> R (dead-letter queue)"],
        ),
        (
            "S: {Type: AWS::Scheduler::Schedule, Properties: {Target: {Arn: a, DeadLetterConfig: {Arn: !GetAtt Dead.Arn}}}}",
            ["Dead -> S (dead-letter queue)"],
        ),
        (
            "F: {Type: AWS::Lambda::Function, Properties: {DeadLetterConfig: {TargetArn: !GetAtt Dead.Arn}}}",
            ["Dead -> F (dead-letter queue)"],
        ),
        (
            "E: {Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: !Ref Fn, DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}}}",
            ["Dead -> Fn (on-failure destination)"],
        ),
        (
            "E: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Fn, EventSourceArn: a, DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}}}",
            ["Dead -> Fn (on-failure destination)"],
        ),
        (
            'W: {Type: AWS::WAFv2::WebACLAssociation, Properties: {WebACLArn: !GetAtt Acl.Arn, ResourceArn: !Sub "arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/prod"}}',
            ["Acl -> Prod (web ACL)"],
        ),
        (
            "W: {Type: AWS::WAFv2::WebACLAssociation, Properties: {WebACLArn: !GetAtt Acl.Arn, ResourceArn: !GetAtt Pool.Arn}}",
            ["Acl -> Pool (web ACL)"],
        ),
        (
            "D: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {WebACLId: !GetAtt Acl.Arn}}}",
            ["Acl -> D (web ACL)"],
        ),
        (
            """
Auth: {Type: AWS::ApiGateway::Authorizer, Properties: {RestApiId: !Ref Api, ProviderARNs: [!GetAtt Pool.Arn]}}
Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, HttpMethod: GET, AuthorizerId: !Ref Auth}}
""",
            ["Auth -> Get (authorizer)", "Pool -> Auth (identity provider)"],
        ),
        (
            """
Http: {Type: AWS::ApiGatewayV2::Api}
Auth:
  Type: AWS::ApiGatewayV2::Authorizer
  Properties: {ApiId: !Ref Http, JwtConfiguration: {Issuer: !Sub "https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}"}}
Get: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Http, RouteKey: GET /, AuthorizerId: !Ref Auth}}
""",
            ["Auth -> Get (authorizer)", "Pool -> Auth (identity provider)"],
        ),
        (
            "D: {Type: AWS::CodeDeploy::DeploymentGroup, Properties: {AlarmConfiguration: {Alarms: [{Name: !Ref Alarm}, {Name: other}]}}}",
            ["Alarm -> D (rollback alarm)"],
        ),
        (
            'S: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {ResourceId: !Sub "table/${Table}", MinCapacity: 1}}',
            ["S -> Table (auto scaling)"],
        ),
        (
            "S: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {ResourceId: table/orders, MinCapacity: 1}}",
            ["S -> Table (auto scaling)"],
        ),
        (
            "Q: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref Key}}",
            ["Key -> Q (encryption key)"],
        ),
        (
            """
A: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/app, TargetKeyId: !Ref Key}}
Q: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/app}}
T: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: alias/aws/sns}}
""",
            ["Key -> Q (encryption key)"],
        ),
        (
            "U: {Type: AWS::ApiGateway::UsagePlan, Properties: {ApiStages: [{ApiId: !Ref Api, Stage: prod}]}}",
            ["U -> Api (usage plan)"],
        ),
    ],
)
def test_each_protection_states_what_it_stands_before(stated: str, expected: list[str]) -> None:
    assert lines(graph_of(STACK + stated), "protects") == expected


def test_a_dead_letter_queue_tells_after_how_many_tries_messages_go_there() -> None:
    graph = graph_of(
        STACK
        + "Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}}"
    )
    edge = only(graph, "protects")
    assert edge.details["RedrivePolicy"]["maxReceiveCount"] == 3
    assert edge["RedrivePolicy.maxReceiveCount"] == 3


BACKUP = """
Plan: {Type: AWS::Backup::BackupPlan}
Tagged: {Type: AWS::DynamoDB::Table, Properties: {Tags: [{Key: backup, Value: "daily"}]}}
Bare: {Type: AWS::DynamoDB::Table, Properties: {Tags: [{Key: backup, Value: "no"}]}}
Files: {Type: AWS::EFS::FileSystem}
Selection:
  Type: AWS::Backup::BackupSelection
  Properties:
    BackupPlanId: !Ref Plan
    BackupSelection: %s
"""


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("{Resources: [!GetAtt Bare.Arn]}", ["Plan -> Bare (backup plan)"]),
        (
            '{Resources: ["arn:aws:dynamodb:*:*:table/*"]}',
            ["Plan -> Bare (backup plan)", "Plan -> Tagged (backup plan)"],
        ),
        (
            '{Resources: ["*"], NotResources: [!GetAtt Files.Arn]}',
            ["Plan -> Bare (backup plan)", "Plan -> Tagged (backup plan)"],
        ),
        (
            "{ListOfTags: [{ConditionType: STRINGEQUALS, ConditionKey: backup, ConditionValue: daily}]}",
            ["Plan -> Tagged (backup plan)"],
        ),
    ],
)
def test_a_backup_plan_protects_what_its_selections_choose(selection: str, expected: list[str]) -> None:
    assert lines(graph_of(BACKUP % selection), "protects") == expected


def test_tags_that_are_not_known_leave_a_backup_open() -> None:
    graph = graph_of(
        BACKUP.replace('[{Key: backup, Value: "daily"}]', "[{Key: backup, Value: !Ref Which}]")
        % "{ListOfTags: [{ConditionType: STRINGEQUALS, ConditionKey: backup, ConditionValue: daily}]}",
        parameters=["Which"],
    )
    assert isinstance(graph.edges_to(graph["Tagged"], "protects"), OpenList)


def test_a_key_that_may_be_one_of_the_stack_is_a_loose_end() -> None:
    graph = graph_of(
        STACK
        + "Q: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !If [Some, !Ref Key, !Ref AWS::NoValue]}}"
    )
    assert isinstance(graph.edges_to(graph["Q"], "protects"), OpenList)
