from __future__ import annotations

from typing import Any

import pytest
from tests.support.templates import graph_of_resources

from stackworthy.aws.grants import trusted
from stackworthy.aws.identity_providers import is_any_pool, is_any_subject
from stackworthy.aws.statements import Statement

GITHUB = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "token.actions.githubusercontent.com:sub"


def statement(federated: Any, condition: dict[str, Any], **more: Any) -> Statement:
    entry = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": federated},
        "Condition": condition,
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [entry]}}}
    (found,) = trusted(graph_of_resources({"Role": role, **more})["Role"])
    assert isinstance(found, Statement)
    return found


@pytest.mark.parametrize(
    "subject",
    [
        "*",
        "repo:*",
        "repo:*:ref:refs/heads/main",
        "repo:acme*",
        "environment:production",
        "workflow:deploy:repo:acme/shop",
    ],
)
def test_a_subject_that_is_everybodys_names_nobody(subject: str) -> None:
    assert is_any_subject(statement(GITHUB, {"StringLike": {SUBJECT: subject}})) == "GitHub"


def test_an_audience_names_nobody() -> None:
    audience = {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}
    assert is_any_subject(statement(GITHUB, audience)) == "GitHub"


@pytest.mark.parametrize(
    "subject", ["repo:acme/*", "repo:acme/shop:*", {"Fn::Sub": "repo:${Unknown}/shop:*"}, {"Ref": "Unknown"}]
)
def test_a_subject_that_is_somebodys_does(subject: Any) -> None:
    assert is_any_subject(statement(GITHUB, {"StringLike": {SUBJECT: subject}})) == ""


def test_a_provider_of_the_stack_is_known_by_its_url() -> None:
    provider = {
        "Type": "AWS::IAM::OIDCProvider",
        "Properties": {"Url": "https://token.actions.githubusercontent.com"},
    }
    assert is_any_subject(statement({"Ref": "Provider"}, {}, Provider=provider)) == "GitHub"


def test_an_issuer_of_ones_own_needs_no_subject() -> None:
    assert is_any_subject(statement("arn:aws:iam::111122223333:oidc-provider/id.acme.example", {})) == ""


def test_cognito_identities_are_told_apart_by_the_audience() -> None:
    cognito = "cognito-identity.amazonaws.com"
    assert is_any_pool(statement(cognito, {"StringEquals": {f"{cognito}:amr": "authenticated"}}))
    assert not is_any_pool(statement(cognito, {"StringEquals": {f"{cognito}:aud": "eu-west-1:1"}}))
