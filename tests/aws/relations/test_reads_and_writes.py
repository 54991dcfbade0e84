"""`reads` and `writes`: permissions of code joined with resources, and what services do on their own."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_of, lines, only

from stackworthy.core.value import OpenList

STACK = """
Fn: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn%s}}
Table: {Type: AWS::DynamoDB::Table}
Other: {Type: AWS::DynamoDB::Table}
Bucket: {Type: AWS::S3::Bucket}
Queue: {Type: AWS::SQS::Queue}
Topic: {Type: AWS::SNS::Topic}
Bus: {Type: AWS::Events::EventBus}
Secret: {Type: AWS::SecretsManager::Secret}
Role:
  Type: AWS::IAM::Role
  Properties:
    ManagedPolicyArns: [%s]
    Policies:
    - PolicyDocument:
        Statement:
        - %s
"""
NOTHING = '{Effect: Deny, Action: "*", Resource: "*"}'


def stack(statement: str, *, managed: str = "", properties: str = "") -> str:
    return STACK % (properties, managed, statement)


@pytest.mark.parametrize(
    ("statement", "reads", "writes"),
    [
        ('{Effect: Allow, Action: "dynamodb:GetItem", Resource: !GetAtt Table.Arn}', ["Table"], []),
        ('{Effect: Allow, Action: "dynamodb:*", Resource: !GetAtt Table.Arn}', ["Table"], ["Table"]),
        ('{Effect: Allow, Action: "dynamodb:Put*", Resource: !GetAtt Table.Arn}', [], ["Table"]),
        ('{Effect: Allow, Action: "dynamodb:DescribeTable", Resource: !GetAtt Table.Arn}', [], []),
        ('{Effect: Deny, Action: "dynamodb:*", Resource: !GetAtt Table.Arn}', [], []),
        ('{Effect: Allow, Action: "dynamodb:Query", Resource: !Sub "${Table.Arn}/index/*"}', ["Table"], []),
        (
            '{Effect: Allow, Action: "dynamodb:Scan", Resource: [!GetAtt Table.Arn, !GetAtt Other.Arn]}',
            ["Other", "Table"],
            [],
        ),
        (
            '{Effect: Allow, Action: ["s3:GetObject", "s3:PutObject"], Resource: !Sub "${Bucket.Arn}/*"}',
            ["Bucket"],
            ["Bucket"],
        ),
        (
            '{Effect: Allow, Action: "s3:GetObject", Resource: !Sub "arn:aws:s3:::${Bucket}/*"}',
            ["Bucket"],
            [],
        ),
        ('{Effect: Allow, Action: "sqs:SendMessage", Resource: !GetAtt Queue.Arn}', [], ["Queue"]),
        ('{Effect: Allow, Action: "sns:Publish", Resource: !Ref Topic}', [], ["Topic"]),
        ('{Effect: Allow, Action: "events:PutEvents", Resource: !GetAtt Bus.Arn}', [], ["Bus"]),
        ('{Effect: Allow, Action: "secretsmanager:GetSecretValue", Resource: !Ref Secret}', ["Secret"], []),
        ('{Effect: Allow, Action: "*", Resource: !GetAtt Queue.Arn}', ["Queue"], ["Queue"]),
        (
            '{Effect: Allow, Action: "dynamodb:GetItem", Resource: "arn:aws:dynamodb:*:*:table/elsewhere"}',
            [],
            [],
        ),
        (
            '{Effect: Allow, NotAction: "dynamodb:*", Resource: [!GetAtt Table.Arn, !GetAtt Queue.Arn]}',
            ["Queue"],
            ["Queue"],
        ),
    ],
)
def test_a_permission_for_a_named_resource_is_taken_for_its_use(
    statement: str, reads: list[str], writes: list[str]
) -> None:
    graph = graph_of(stack(statement))
    assert lines(graph, "reads") == [f"Fn -> {target} (permission)" for target in reads]
    assert lines(graph, "writes") == [f"Fn -> {target} (permission)" for target in writes]


def test_the_edge_tells_the_actions_and_where_they_are_granted() -> None:
    graph = graph_of(
        stack('{Effect: Allow, Action: ["dynamodb:Query", "dynamodb:GetItem"], Resource: !GetAtt Table.Arn}')
    )
    edge = only(graph, "reads")
    assert edge.details["actions"] == ("dynamodb:Query", "dynamodb:GetItem")
    assert edge.resource is graph["Role"]
    assert edge.details["path"] == "Policies[0].PolicyDocument.Statement[0]"


@pytest.mark.parametrize("resource", ['"*"', '"arn:aws:dynamodb:*:*:table/*"', '"arn:aws:dynamodb:*"'])
def test_a_permission_for_everything_leaves_open_what_is_used(resource: str) -> None:
    graph = graph_of(stack(f'{{Effect: Allow, Action: "dynamodb:PutItem", Resource: {resource}}}'))
    assert lines(graph, "writes") == ["Fn -> ? (Fn: dynamodb:PutItem is allowed on every resource)"]
    assert isinstance(graph.edges_to(graph["Table"], "writes"), OpenList)
    assert not isinstance(graph.edges_to(graph["Queue"], "writes"), OpenList)


def test_an_environment_variable_says_what_a_broad_permission_is_used_for() -> None:
    graph = graph_of(
        stack(
            '{Effect: Allow, Action: "dynamodb:PutItem", Resource: "*"}',
            properties=", Environment: {Variables: {TABLE_NAME: !Ref Table, QUEUE: !Ref Queue}}",
        )
    )
    edges = graph.edges("writes")
    (edge,) = edges.all
    assert edge.target is graph["Table"]
    assert (edge.details["broad"], edge.details["variable"]) == (True, "TABLE_NAME")
    assert len(edges.loose) == 1


def test_a_named_permission_outweighs_a_broad_one() -> None:
    graph = graph_of(
        stack(
            '{Effect: Allow, Action: "dynamodb:PutItem", Resource: "*"}\n'
            '        - {Effect: Allow, Action: "dynamodb:DeleteItem", Resource: !GetAtt Table.Arn}',
            properties=", Environment: {Variables: {TABLE_NAME: !Ref Table}}",
        )
    )
    (edge,) = graph.edges("writes").all
    assert edge.details["actions"] == ("dynamodb:PutItem", "dynamodb:DeleteItem")
    assert "broad" not in edge.details


def test_managed_policies_for_polling_say_nothing_of_reading() -> None:
    graph = graph_of(
        stack(NOTHING, managed='"arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"')
    )
    assert lines(graph, "reads") == []


def test_a_managed_policy_for_everything_leaves_open_what_is_used() -> None:
    graph = graph_of(stack(NOTHING, managed='"arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"'))
    assert isinstance(graph.edges_to(graph["Table"], "reads"), OpenList)
    assert isinstance(graph.edges_to(graph["Table"], "writes"), OpenList)
    assert not isinstance(graph.edges_to(graph["Bucket"], "writes"), OpenList)


def test_policies_that_cannot_be_read_leave_everything_open() -> None:
    graph = graph_of(stack(NOTHING, managed='"arn:aws:iam::aws:policy/ReadOnlyAccess"'))
    for address in ("Table", "Queue", "Bucket"):
        assert isinstance(graph.edges_to(graph[address], "reads"), OpenList)


def test_a_role_of_another_stack_leaves_everything_open() -> None:
    graph = graph_of(
        'Fn: {Type: AWS::Lambda::Function, Properties: {Role: "arn:aws:iam::1:role/r"}}\nTable: {Type: AWS::DynamoDB::Table}'
    )
    assert isinstance(graph.edges_to(graph["Table"], "writes"), OpenList)


@pytest.mark.parametrize(
    ("stated", "relation", "expected"),
    [
        (
            "F: {Type: AWS::KinesisFirehose::DeliveryStream, Properties: {ExtendedS3DestinationConfiguration: {BucketARN: !GetAtt Bucket.Arn}}}",
            "writes",
            ["F -> Bucket (delivery stream destination)"],
        ),
        (
            "F: {Type: AWS::KinesisFirehose::DeliveryStream, Properties: {KinesisStreamSourceConfiguration: {KinesisStreamARN: !GetAtt Stream.Arn}}}",
            "reads",
            ["F -> Stream (delivery stream source)"],
        ),
        (
            "P: {Type: AWS::Pipes::Pipe, Properties: {Source: !GetAtt Stream.Arn, Target: !GetAtt Queue.Arn}}",
            "writes",
            ["P -> Queue (pipe target)"],
        ),
        (
            "D: {Type: AWS::AppSync::DataSource, Properties: {ApiId: a, DynamoDBConfig: {TableName: !Ref Table}}}",
            "writes",
            ["D -> Table (data source)"],
        ),
        (
            "T: {Type: AWS::DynamoDB::Table, Properties: {KinesisStreamSpecification: {StreamArn: !GetAtt Stream.Arn}}}",
            "writes",
            ["T -> Stream (change data capture)"],
        ),
        (
            """
Fn: {Type: AWS::Lambda::Function, Properties: {DeadLetterConfig: {TargetArn: !GetAtt Queue.Arn}}}
E: {Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: !Ref Fn, DestinationConfig: {OnFailure: {Destination: !GetAtt Queue.Arn}}}}
""",
            "writes",
            ["Fn -> Queue (dead-letter queue)", "Fn -> Queue (on-failure destination)"],
        ),
    ],
)
def test_services_read_and_write_as_they_are_told(stated: str, relation: str, expected: list[str]) -> None:
    graph = graph_of(
        """
Bucket: {Type: AWS::S3::Bucket}
Queue: {Type: AWS::SQS::Queue}
Stream: {Type: AWS::Kinesis::Stream}
Table: {Type: AWS::DynamoDB::Table}
"""
        + stated
    )
    assert lines(graph, relation) == expected


def test_a_task_acts_under_its_task_role_only() -> None:
    policy = '{PolicyDocument: {Statement: {Effect: Allow, Action: "s3:GetObject", Resource: !Sub "${Bucket.Arn}/*"}}}'
    graph = graph_of(
        f"""
Bucket: {{Type: AWS::S3::Bucket}}
Own: {{Type: AWS::IAM::Role, Properties: {{Policies: [{policy}]}}}}
Task: {{Type: AWS::ECS::TaskDefinition, Properties: {{TaskRoleArn: !GetAtt Own.Arn}}}}
Pulled: {{Type: AWS::ECS::TaskDefinition, Properties: {{ExecutionRoleArn: !GetAtt Own.Arn}}}}
"""
    )
    assert lines(graph, "reads") == ["Task -> Bucket (permission)"]
