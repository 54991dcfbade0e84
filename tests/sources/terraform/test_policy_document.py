"""`aws_iam_policy_document` as the provider renders it."""

from __future__ import annotations

import json

from tests.sources.terraform.roots import root

from stackworthy.core.value import NotKnown, OpenList, Reference, Unknown
from stackworthy.sources.terraform.types import EncodedJson


def document(body, more="", attribute="json"):
    text = f'data "aws_iam_policy_document" "d" {{\n{body}\n}}\noutput "o" {{\n  value = data.aws_iam_policy_document.d.{attribute}\n}}\n'
    return root(text + more).outputs["o"]


def test_a_whole_document_is_text_in_the_providers_order():
    text = document(
        """
  policy_id = "p"
  statement {
    sid       = "One"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:GetObject"]
    resources = ["arn:aws:s3:::b/*", "arn:aws:s3:::c/&{aws:username}"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["2", "1"]
    }
    condition {
      test     = "StringEquals"
      variable = "b:x"
      values   = ["2", "1"]
    }
    condition {
      test     = "StringEquals"
      variable = "a:x"
      values   = ["<&>"]
    }
  }
  statement {
    effect        = "Deny"
    not_actions   = ["iam:*"]
    not_resources = ["*"]
    not_principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
"""
    )
    assert (
        text
        == """{
  "Version": "2012-10-17",
  "Id": "p",
  "Statement": [
    {
      "Sid": "One",
      "Effect": "Allow",
      "Action": [
        "s3:PutObject",
        "s3:GetObject"
      ],
      "Resource": [
        "arn:aws:s3:::c/${aws:username}",
        "arn:aws:s3:::b/*"
      ],
      "Principal": {
        "AWS": [
          "2",
          "1"
        ],
        "Service": "lambda.amazonaws.com"
      },
      "Condition": {
        "StringEquals": {
          "a:x": "\\u003c\\u0026\\u003e",
          "b:x": [
            "2",
            "1"
          ]
        }
      }
    },
    {
      "Effect": "Deny",
      "NotAction": "iam:*",
      "NotResource": "*",
      "NotPrincipal": "*"
    }
  ]
}"""
    )


def test_the_minified_document_has_no_spaces():
    body = 'statement {\n  actions = ["a:b"]\n  resources = ["*"]\n}'
    expected = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}'
    assert document(body, attribute="minified_json") == expected


def test_merged_documents_replace_statements_of_the_same_sid():
    more = """
data "aws_iam_policy_document" "s" {
  statement {
    sid     = "A"
    actions = ["a:source"]
  }
  statement {
    sid     = "B"
    actions = ["b:source"]
  }
}
"""
    text = document(
        'source_policy_documents   = [data.aws_iam_policy_document.s.json, ""]\n'
        'override_policy_documents = [jsonencode({ Version = "2012-10-17", Statement = { Sid = "B", Effect = "Deny", Action = "b:over" } })]\n'
        'statement {\n  sid = "A"\n  actions = ["a:own"]\n}\nstatement {\n  actions = ["c:own"]\n}',
        more,
    )
    assert [(s.get("Sid"), s["Action"]) for s in json.loads(text)["Statement"]] == [
        ("A", "a:own"),
        ("B", "b:over"),
        (None, "c:own"),
    ]


def test_a_document_with_references_is_an_encoded_structure():
    value = document(
        'statement {\n  actions = ["s3:*"]\n  resources = [aws_x.y.arn, "${aws_x.y.arn}/*"]\n}',
        'resource "aws_x" "y" {}\n',
    )
    assert isinstance(value, EncodedJson)
    (statement,) = value.value["Statement"]
    assert statement["Resource"][0] == Reference("aws_x.y", "arn")
    assert value.references == (Reference("aws_x.y", "arn"), Reference("aws_x.y", "arn"))
    assert '"Action":"s3:*"' in value


def test_what_is_unknown_stays_inside_its_statement():
    value = document(
        'statement {\n  actions = var.a\n  resources = ["*"]\n  principals {\n    type = "AWS"\n    identifiers = concat(["x"], var.a)\n  }\n}\n'
        'statement {\n  actions = ["b:c"]\n}',
        'variable "a" {}\n',
    )
    first, second = value.value["Statement"]
    assert isinstance(first["Action"], Unknown)
    assert first["Resource"] == "*"
    assert second["Action"] == "b:c"


def test_statements_generated_from_something_unknown_leave_the_list_open():
    value = document(
        'statement {\n  actions = ["a:b"]\n}\ndynamic "statement" {\n  for_each = var.a\n  content {\n    actions = [statement.value]\n  }\n}',
        'variable "a" {}\n',
    )
    statements = value.value["Statement"]
    assert isinstance(statements, OpenList)
    assert statements[0]["Action"] == "a:b"


def test_an_unknown_source_may_add_statements_and_an_unknown_override_may_change_all():
    own = 'statement {\n  actions = ["a:b"]\n}'
    added = document(f"source_policy_documents = [var.a]\n{own}", 'variable "a" {}\n').value["Statement"]
    assert isinstance(added, OpenList)
    assert [item["Action"] for item in added.known] == ["a:b"]
    assert isinstance(document(f"override_policy_documents = [var.a]\n{own}", 'variable "a" {}\n'), Unknown)


def test_the_document_of_a_document_can_be_decoded_again():
    value = root(
        'resource "aws_x" "y" {}\ndata "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["a:b"]\n    resources = [aws_x.y.arn]\n  }\n}\n'
        'output "o" {\n  value = jsondecode(data.aws_iam_policy_document.d.json).Statement[0].Resource\n}\n'
    ).outputs["o"]
    assert value == Reference("aws_x.y", "arn")


def test_comparing_a_document_with_unknown_parts_is_not_known():
    value = document("statement {\n  actions = [var.a]\n}", 'variable "a" {}\n')
    try:
        assert value == "x" or value != "x"
    except NotKnown as error:
        assert "var.a" in error.reason
