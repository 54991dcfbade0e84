"""Policy documents that no resource uses are judged where they are written; used ones where they are used."""

from __future__ import annotations

from tests.sources.terraform.roots import MemoryWorkspace

from stackworthy.config import Settings
from stackworthy.core.graph import Graph
from stackworthy.core.value import Unknown
from stackworthy.sources.stack import StackRef
from stackworthy.sources.terraform.reader import read

_DOCUMENT = """
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
"""


def graph(text: str) -> Graph:
    return read(MemoryWorkspace({"main.tf": text}), StackRef("terraform", "."), Settings()).graph


def test_a_document_that_nobody_uses_is_a_policy_of_its_own() -> None:
    (policy,) = graph(_DOCUMENT).of("AWS::IAM::ManagedPolicy")
    assert policy.address == "data.aws_iam_policy_document.d"
    assert policy["PolicyDocument.Statement[0].Action"] == "s3:*"
    assert policy.properties.origin("PolicyDocument.Statement[0]").route[-2:] == ("statement", 0)


def test_a_document_that_a_policy_uses_is_judged_there_only() -> None:
    found = graph(
        _DOCUMENT + 'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    )
    assert [policy.address for policy in found.of("AWS::IAM::ManagedPolicy")] == ["aws_iam_policy.p"]


def test_a_document_that_another_takes_up_is_judged_there_only() -> None:
    found = graph(
        _DOCUMENT
        + 'data "aws_iam_policy_document" "all" {\n'
        + "  source_policy_documents = [data.aws_iam_policy_document.d.json]\n"
        + '  statement {\n    actions = ["sqs:*"]\n    resources = ["*"]\n  }\n}\n'
    )
    (policy,) = found.of("AWS::IAM::ManagedPolicy")
    assert policy.address == "data.aws_iam_policy_document.all"
    assert "statement" not in policy.properties.origin("PolicyDocument.Statement[1]").route


def test_a_document_that_names_principals_is_no_policy_of_an_identity() -> None:
    trusting = _DOCUMENT.replace(
        "    actions ", '    principals {\n      type = "AWS"\n      identifiers = ["*"]\n    }\n    actions '
    )
    assert graph(trusting).of("AWS::IAM::ManagedPolicy") == []


def test_a_document_that_trusts_an_identity_provider_is_a_role_of_which_all_else_is_unknown() -> None:
    trusting = _DOCUMENT.replace(
        "    actions ",
        '    principals {\n      type = "Federated"\n      identifiers = ["token.actions.githubusercontent.com"]\n    }\n    actions ',
    )
    (role,) = graph(trusting).of("AWS::IAM::Role")
    assert role["AssumeRolePolicyDocument.Statement[0].Principal.Federated"] is not None
    assert isinstance(role["Policies"], Unknown)
