"""`assumes`, `runs code` and `refers to`."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_of, lines, only
from tests.support.templates import graph_of_template

from stackworthy.core.value import OpenList


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("F: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}", ["F -> Role (role)"]),
        (
            "F: {Type: AWS::Lambda::Function, Properties: {Role: arn:aws:iam::1:role/app}}",
            ["F -> Role (role)"],
        ),
        (
            "T: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !Ref Role, ExecutionRoleArn: !GetAtt Role.Arn}}",
            ["T -> Role (role)", "T -> Role (service role)"],
        ),
        (
            "R: {Type: AWS::Events::Rule, Properties: {Targets: [{Id: a, Arn: b, RoleArn: !GetAtt Role.Arn}]}}",
            ["R -> Role (service role)"],
        ),
        (
            """
P: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Role]}}
I: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: !Ref P}}
""",
            ["I -> Role (role)"],
        ),
        ("F: {Type: AWS::Lambda::Function, Properties: {Role: arn:aws:iam::1:role/elsewhere}}", []),
    ],
)
def test_resources_assume_the_roles_that_they_name(stated: str, expected: list[str]) -> None:
    graph = graph_of("Role: {Type: AWS::IAM::Role, Properties: {RoleName: app}}\n" + stated)
    assert lines(graph, "assumes") == expected


def test_a_role_that_a_condition_chooses_is_a_loose_end() -> None:
    graph = graph_of(
        """
Role: {Type: AWS::IAM::Role}
F: {Type: AWS::Lambda::Function, Properties: {Role: !If [Some, !GetAtt Role.Arn, !Ref Given]}}
"""
    )
    assert isinstance(graph.edges_to(graph["Role"], "assumes"), OpenList)


def test_functions_and_tasks_run_code_of_the_stack() -> None:
    graph = graph_of(
        """
Layer: {Type: AWS::Lambda::LayerVersion}
Repo: {Type: AWS::ECR::Repository}
Bucket: {Type: AWS::S3::Bucket}
F: {Type: AWS::Lambda::Function, Properties: {Layers: [!Ref Layer, "arn:aws:lambda:eu-west-1:1:layer:other:3"], Code: {S3Bucket: !Ref Bucket, S3Key: k}}}
G: {Type: AWS::Lambda::Function, Properties: {Code: {ImageUri: !Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/${Repo}:1"}}}
T: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: a, Image: !Sub "${Repo.RepositoryUri}:latest"}]}}
S: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref T}}
"""
    )
    assert lines(graph, "runs code") == [
        "F -> Bucket (package)",
        "F -> Layer (layer)",
        "G -> Repo (image)",
        "S -> T (task definition)",
        "T -> Repo (image)",
    ]


def test_a_reference_anywhere_in_the_properties_counts_once() -> None:
    graph = graph_of(
        """
Table: {Type: AWS::DynamoDB::Table}
Other: {Type: AWS::DynamoDB::Table}
Policy:
  Type: AWS::IAM::ManagedPolicy
  Properties:
    PolicyDocument:
      Statement: [{Effect: Allow, Action: "*", Resource: [!GetAtt Table.Arn, !Sub "${Table.Arn}/index/*", !GetAtt Other.Arn]}]
"""
    )
    assert lines(graph, "refers to") == ["Policy -> Other (reference)", "Policy -> Table (reference)"]
    edge = next(edge for edge in graph.edges("refers to").all if edge.target.address == "Other")
    assert edge.details == {"path": "PolicyDocument.Statement[0].Resource[2]", "attribute": "Arn"}


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("!Ref Table", "Ref"),
        ("!GetAtt Table.Arn", "Arn"),
        ("orders", None),
        ('"arn:aws:dynamodb:eu-west-1:1:table/orders"', None),
    ],
)
def test_an_environment_variable_refers_to_what_it_names(value: str, attribute: str | None) -> None:
    graph = graph_of(
        f"""
Table: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: orders}}}}
F: {{Type: AWS::Lambda::Function, Properties: {{Environment: {{Variables: {{TABLE: {value}, STAGE: prod}}}}}}}}
"""
    )
    edge = only(graph, "refers to")
    assert (edge.source.address, edge.target.address, edge.by) == ("F", "Table", "environment variable")
    assert edge.details["variable"] == "TABLE"
    assert edge.details["path"] == "Environment.Variables.TABLE"
    assert edge.details.get("attribute") == attribute


def test_a_name_that_two_resources_have_names_neither() -> None:
    graph = graph_of(
        """
Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}
Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
F: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {NAME: orders}}}}
"""
    )
    assert lines(graph, "refers to") == []


def test_a_resource_that_does_not_exist_has_no_relations() -> None:
    graph = graph_of_template(
        {
            "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
            "Resources": {
                "Key": {"Type": "AWS::KMS::Key", "Condition": "Never"},
                "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
                "Gone": {
                    "Type": "AWS::SQS::Queue",
                    "Condition": "Never",
                    "Properties": {
                        "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Queue", "Arn"]}}
                    },
                },
            },
        }
    )
    assert lines(graph, "refers to") == []
    assert lines(graph, "protects") == []


def test_a_resource_does_not_refer_to_itself() -> None:
    graph = graph_of(
        """
A: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: !Ref A}}
B: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: !Ref A}}
"""
    )
    assert lines(graph, "refers to") == ["B -> A (reference)"]
