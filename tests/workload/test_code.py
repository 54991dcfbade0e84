"""What code does is evidence; what cannot be seen is not taken for never."""

from __future__ import annotations

import json

import pytest
from tests.support.graphs import graph_of

from stackworthy.workload.code import calls_of

STACK = """
Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.12, Handler: index.handler, Environment: {Variables: {TABLE: !Ref Decks}}, Code: {ZipFile: %s}}}
Decks: {Type: AWS::DynamoDB::Table, Properties: {}}
"""


def says(code: str, relation: str) -> bool | None:
    graph = graph_of(STACK % json.dumps(code))
    from stackworthy.core.workspace import Disk
    from stackworthy.sources.stack import with_code

    with_code(graph, Disk("/"))
    found = calls_of(graph["Fn"])
    assert found is not None
    return found.says(graph["Decks"], relation)[0]


@pytest.mark.parametrize(
    ("code", "reads", "writes"),
    [
        ("import os, boto3\nt = boto3.resource('dynamodb').Table(os.environ['TABLE'])\ndef handler(e, c):\n    return t.get_item(Key={})", True, False),
        ("import os, boto3\ndef handler(e, c):\n    boto3.client('dynamodb').put_item(TableName=e['table'])", False, None),
        ("import boto3\ndef handler(e, c):\n    use(boto3.client('dynamodb'))", None, None),
        ("import pynamodb\ndef handler(e, c):\n    pass", None, None),
        ("def handler(e, c):\n    pass", False, False),
    ],
)  # fmt: skip
def test_only_what_is_seen_as_a_whole_is_said_never_to_happen(
    code: str, reads: bool | None, writes: bool | None
) -> None:
    assert (says(code, "reads"), says(code, "writes")) == (reads, writes)
