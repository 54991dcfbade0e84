from __future__ import annotations

from typing import Any

import pytest
from tests.support.templates import graph_of_resources, maybe, resources

from stackworthy.aws import grants
from stackworthy.aws.grants import policies_of_functions
from stackworthy.core.value import NotKnown


def found(*statements: dict[str, Any]) -> dict[str, list[str]]:
    """The actions of each sort of danger."""
    document = {"Statement": [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
    graph = graph_of_resources({"Policy": policy})
    return {grant.danger: list(grant.actions) for grant in grants.grants(graph["Policy"])}


@pytest.mark.parametrize(
    ("action", "danger"),
    [
        ("*", grants.ADMINISTRATOR),
        ("*:*", grants.ADMINISTRATOR),
        ("iam:*", grants.ESCALATION),
        ("IAM:PutRolePolicy", grants.ESCALATION),
        ("sts:AssumeRole", grants.ESCALATION),
        ("iam:PassRole", grants.PASSING),
        ("dynamodb:*", grants.WHOLE_SERVICE),
        ("s3:PutBucketPolicy", grants.PERMISSIONS),
        ("secretsmanager:GetSecretValue", grants.SECRETS),
        ("dynamodb:PutItem", grants.DATA),
        ("s3:Get*", grants.DATA),
    ],
)
def test_an_action_on_everything_is_as_dangerous_as_it_is(action: str, danger: str) -> None:
    assert found({"Action": action}) == {danger: [action]}


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "xray:PutTraceSegments"},
        {"Action": "logs:*"},
        {"Action": "logs:PutResourcePolicy"},
        {"Action": "ec2:DescribeInstances"},
        {"Action": "s3:ListAllMyBuckets"},
        {"Action": "*", "Effect": "Deny"},
        {"Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:*:*:table/orders"},
        {"Action": "dynamodb:*", "Resource": {"Fn::Sub": "${AWS::StackName}*"}},
        {
            "Action": "iam:PassRole",
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs.amazonaws.com"}},
        },
        {"Action": "dynamodb:*", "Resource": {"Ref": "Unknown"}},
    ],
)
def test_what_has_to_be_so_or_is_narrowed_down_is_no_danger(statement: dict[str, Any]) -> None:
    assert found(statement) == {}


def test_statements_of_one_sort_are_one_grant() -> None:
    assert found({"Action": "sqs:*"}, {"Action": ["s3:*", "sqs:*"]}) == {
        grants.WHOLE_SERVICE: ["sqs:*", "s3:*"]
    }


def test_a_statement_that_cannot_be_judged_leaves_the_rest_standing() -> None:
    seen = []
    with pytest.raises(NotKnown):
        document = {
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, maybe({"Effect": "Allow"})]
        }
        policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
        graph = graph_of_resources({"Policy": policy})
        seen.extend(grant.danger for grant in grants.grants(graph["Policy"]))
    assert not seen or seen == [grants.ADMINISTRATOR]


def test_the_policies_under_which_functions_act_are_known() -> None:
    text = """
        Fn: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
        Role:
          Type: AWS::IAM::Role
          Properties:
            Policies: [{PolicyName: a, PolicyDocument: {Statement: {Effect: Allow, Action: '*', Resource: '*'}}}]
        Other: {Type: AWS::IAM::Role}
    """
    assert policies_of_functions(graph_of_resources(resources(text))) == {"Role"}


def test_a_managed_policy_allows_a_whole_service_when_its_own_statements_do() -> None:
    assert grants.allows_whole_service("AmazonS3FullAccess")
    assert not grants.allows_whole_service("AmazonS3ReadOnlyAccess")
    assert not grants.allows_whole_service("NobodyKnowsThisFullAccess")


def test_statements_are_told_apart_by_whether_they_name_what_they_are_about() -> None:
    entries = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:jobs"},
        {"Effect": "Deny", "Action": "sns:*", "Resource": "*"},
    ]
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": entries}}}
    identity = graph_of_resources({"P": policy})["P"]
    assert [list(one.actions) for one in grants.wide_statements(identity)] == [["s3:*"]]
    assert [list(one.actions) for one in grants.narrow_statements(identity)] == [["sqs:*"]]
