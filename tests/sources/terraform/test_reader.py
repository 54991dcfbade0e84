"""Roots and plans come to the graph through the same door."""

from __future__ import annotations

import json

import pytest

from stackworthy.config import Settings
from stackworthy.judge import review

QUEUE = {
    "address": "aws_sqs_queue.jobs",
    "mode": "managed",
    "type": "aws_sqs_queue",
    "name": "jobs",
    "provider_name": "registry.terraform.io/hashicorp/aws",
    "values": {"name": "jobs", "visibility_timeout_seconds": 45, "sqs_managed_sse_enabled": False},
}
PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {"root_module": {"resources": [QUEUE]}},
    "resource_changes": [],
    "configuration": {"root_module": {}},
}
ROOT = 'resource "aws_sqs_queue" "jobs" {\n  name = "jobs"\n  sqs_managed_sse_enabled = false\n}\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.tf").write_text(ROOT)
    return tmp_path


def test_a_plan_is_found_and_judged_like_the_root_that_it_was_made_from(folder):
    made = review(folder, Settings(root=str(folder)))
    assert [(stack.path, stack.format) for stack in made.stacks] == [
        ("app", "terraform"),
        ("plan.json", "terraform"),
    ]
    root, plan = ({finding.rule for finding in stack.findings} for stack in made.stacks)
    assert "queue-encryption-off" in root & plan


def test_a_plan_may_be_named_alone(folder):
    made = review(folder / "plan.json", Settings(root=str(folder)))
    (stack,) = made.stacks
    assert [(resource.address, resource.kind) for resource in stack.resources] == [
        ("aws_sqs_queue.jobs", "AWS::SQS::Queue")
    ]
    assert {finding.file for finding in stack.findings} == {"plan.json"}


def test_a_fault_of_a_whole_root_stands_in_a_file_of_it(folder):
    (folder / "app" / "main.tf").write_text(
        'resource "aws_lambda_function" "f" {\n  function_name = "f"\n  role = "arn:aws:iam::111122223333:role/r"\n}\n'
    )
    made = review(folder / "app", Settings(root=str(folder)))
    (finding,) = [one for one in made.findings if one.rule == "nothing-watches-the-stack"]
    assert (finding.file, finding.address) == ("main.tf", "")
