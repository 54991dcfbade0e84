from __future__ import annotations

from typing import Any

import pytest
from tests.support.templates import graph_of_resources, maybe

from stackworthy.aws.exposure import is_public
from stackworthy.aws.statements import read_policy
from stackworthy.core.value import NotKnown


def public(statement: dict[str, Any]) -> bool:
    policy = {"Queues": ["jobs"], "PolicyDocument": {"Statement": {"Effect": "Allow", **statement}}}
    resource = graph_of_resources({"Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}})[
        "Policy"
    ]
    (found,) = read_policy(resource["PolicyDocument"], resource, "PolicyDocument")
    return is_public(found)


def condition(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Principal": "*", "Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    "statement",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}},
        {"Principal": {"AWS": "arn:aws:iam::*:role/worker"}},
        {"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}},
        condition("Bool", "aws:SecureTransport", "true"),
        condition("StringLike", "aws:SourceArn", "*"),
        condition("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*"),
        condition("StringNotEquals", "aws:SourceAccount", "111122223333"),
        condition("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        condition("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1"),
        condition("StringEquals", "aws:username", "anybody-can-be-called-this"),
    ],
)
def test_a_statement_that_narrows_nobody_down_is_public(statement: dict[str, Any]) -> None:
    assert public(statement)


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny", "Principal": "*"},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Principal": {"Service": "sns.amazonaws.com"}},
        {"Principal": {"AWS": {"Ref": "AWS::AccountId"}}},
        condition("StringEquals", "AWS:SourceOwner", {"Ref": "AWS::AccountId"}),
        condition("ArnLike", "aws:SourceArn", "arn:aws:s3:::reports"),
        condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/r-1/*"),
        condition("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1"),
        condition("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
    ],
)
def test_a_statement_that_names_somebody_is_not_public(statement: dict[str, Any]) -> None:
    assert not public(statement)


def test_a_principal_that_may_be_absent_leaves_the_question_open() -> None:
    with pytest.raises(NotKnown):
        public({"Principal": maybe("*")})
