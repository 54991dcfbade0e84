"""What holds for every kind of relation."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.graphs import graph_with
from tests.support.values import values

import stackworthy.aws.relations as relations_module
from stackworthy.aws.relations import MODULES, RELATORS
from stackworthy.aws.relations.actions import ACCESS
from stackworthy.aws.relations.calls import CALLS
from stackworthy.aws.relations.links import Links, every_path
from stackworthy.aws.schemas import schema
from stackworthy.core.graph import Edge, LooseEnd
from stackworthy.core.value import Value

DOCS = Path(__file__).parents[3] / "docs" / "relations.md"


WORKED_OUT = (
    "backup plan",
    "composite alarm",
    "custom metric",
    "environment variable",
    "event pattern",
    "integration",
    "log group name",
    "method",
    "metric",
    "metric expression",
    "metric filter on its log group",
    "metric of all functions",
    "permission",
    "reference",
    "schedule",
    "state",
)
"""What makes relations that no table states."""


def links_of(module: Any) -> Links:
    return getattr(module, "LINKS", {})


@pytest.mark.parametrize("name", sorted(set(MODULES.values())))
def test_every_path_that_a_relation_reads_is_in_the_schemas(name: str) -> None:
    module = import_module(f"stackworthy.aws.relations.{name}")
    for kind, path in [*every_path(links_of(module)), *module.PATHS]:
        found = schema(kind)
        assert found is not None, kind
        assert found.has(path), (kind, path)


def test_every_kind_that_a_relation_may_lead_to_has_a_schema() -> None:
    kinds: set[str] = set()
    for name in set(MODULES.values()):
        for stated in links_of(import_module(f"stackworthy.aws.relations.{name}")).values():
            for link in stated:
                for end in (link.source, link.target):
                    kinds |= end.kinds if end else frozenset()
    for table in (ACCESS, CALLS):
        for entries in table.values():
            for entry in entries:
                kinds |= entry.kinds
    assert [kind for kind in sorted(kinds) if schema(kind) is None] == []


def test_nothing_is_imported_before_a_relation_is_asked_for() -> None:
    code = (
        "import sys, stackworthy.aws.relations as r; "
        "print([m for m in sys.modules if m.startswith('stackworthy.aws.relations.') or m == 'stackworthy.aws.iam'])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_every_kind_of_relation_and_every_by_is_documented() -> None:
    text = DOCS.read_text()
    for relation in RELATORS:
        assert f"## {relation}\n" in text
    missing = {
        link.by
        for name in set(MODULES.values())
        for stated in links_of(import_module(f"stackworthy.aws.relations.{name}")).values()
        for link in stated
        if f"| {link.by} |" not in text
    }
    missing |= {by for by in WORKED_OUT if f"| {by} |" not in text}
    assert missing == set()


KINDS = sorted(
    {
        kind
        for name in set(MODULES.values())
        for kind in links_of(import_module(f"stackworthy.aws.relations.{name}"))
    }
    | {
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
        "AWS::Lambda::Permission",
        "AWS::Lambda::Alias",
        "AWS::Logs::LogGroup",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::Backup::BackupSelection",
        "Custom::Thing",
        "AWS::KMS::Key",
    }
)
VALUES = values(
    texts=[
        "*",
        "arn:aws:lambda:eu-west-1:1:function:a",
        "arn:aws:states:::lambda:invoke",
        "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
        "arn:aws:apigateway:eu-west-1:sqs:path/1/",
        "dynamodb:*",
        "AWS/Lambda",
        "App",
        "Task",
        "Map",
        "/aws/lambda/",
        'ALARM("a")',
        "alexa-appkit.amazon.com",
        "aws.s3",
        '{"States": {"A": {"Type": "Task", "Resource": "',
        '"}}}',
    ],
    keys=[
        "Statement",
        "Effect",
        "Action",
        "Resource",
        "PolicyDocument",
        "States",
        "A",
        "Type",
        "Parameters",
        "Arguments",
        "FunctionName",
        "Branches",
        "ItemProcessor",
        "Name",
        "Value",
        "Dimensions",
        "Namespace",
        "MetricName",
        "source",
        "detail",
        "bucket",
        "name",
        "info",
        "title",
        "Key",
        "Arn",
    ],
    addresses=["R0", "R1", "R2", "R3", "Gone"],
    attributes=["Arn", "Ref", "Value"],
)


def properties_of(kind: str) -> list[str]:
    """The top-level properties that some relation reads of a kind."""
    found = (
        {"Definition", "DefinitionString", "Role", "RoleArn", "Tags"}
        if "Custom" not in kind
        else {"ServiceToken"}
    )
    for name in set(MODULES.values()):
        module = import_module(f"stackworthy.aws.relations.{name}")
        for owner, path in [*every_path(links_of(module)), *module.PATHS]:
            if owner == kind:
                found.add(path.split(".")[0].split("[")[0])
    known = schema(kind)
    return sorted(name for name in found if known is None or name in known.properties or "Custom" in kind)


@st.composite
def stacks(draw: st.DrawFn) -> dict[str, tuple[str, dict[str, Value]]]:
    """Four resources whose properties hold anything at all."""
    found = {}
    for index in range(4):
        kind = draw(st.sampled_from(KINDS))
        names = properties_of(kind)
        chosen = draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
        found[f"R{index}"] = (kind, {name: draw(VALUES) for name in chosen})
    return found


def test_every_word_for_what_makes_a_relation_is_known_to_these_tests() -> None:
    """The words in the code are those of the tables and of the list above."""
    tables = {
        link.by
        for name in set(MODULES.values())
        for stated in links_of(import_module(f"stackworthy.aws.relations.{name}")).values()
        for link in stated
    }
    folder = Path(relations_module.__file__).parent
    written = {
        by
        for path in folder.glob("*.py")
        for by in re.findall(
            r'(?:Edge|edge)\(\s*[^()"]*"(?:[a-z]+(?: [a-z]+)?)", "([^"]+)"', path.read_text()
        )
    }
    assert written - tables <= set(WORKED_OUT)


@given(stacks())
@settings(max_examples=150, deadline=None)
def test_no_stack_makes_a_relation_raise(stack: dict[str, tuple[str, dict[str, Value]]]) -> None:
    graph = graph_with(stack)
    for relation, relator in RELATORS.items():
        for found in relator(graph):
            assert isinstance(found, (Edge, LooseEnd))
            assert found.kind == relation
