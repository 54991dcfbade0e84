"""From files to the review: findings merged, capped, silenced and owned, and the JSON that tells them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from stackworthy import judge
from stackworthy.config import load
from stackworthy.core.review import FindingRecord, Review, StackReview
from stackworthy.reports.json import chunks

FUNCTION = """\
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      TracingConfig:
        Mode: PassThrough
"""
ENVIRONMENTS = """\
[environment.dev]
parameters = {Stage = "dev"}
DEV
[environment.prod]
parameters = {Stage = "prod"}
PROD
"""
TABLE = """\
Parameters: {Stage: {Type: String}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Users:
    Type: AWS::DynamoDB::Table
    Properties:
      PointInTimeRecoverySpecification:
        PointInTimeRecoveryEnabled: !If [IsProd, true, false]
"""
BUCKET = """\
resource "aws_s3_bucket" "web" {
  bucket = "web"
}

resource "aws_s3_bucket_public_access_block" "web" {
  bucket              = aws_s3_bucket.web.id
  block_public_policy = false
  block_public_acls   = true
}
"""


@pytest.fixture
def review(tmp_path: Path) -> Any:
    """Reviews files, given by name; what `rule` and `skip` say goes into the settings."""

    def run(files: Mapping[str, str] | str, *rules: str, path: str = "", **more: Any) -> Review:
        for name, text in ({"template.yaml": files} if isinstance(files, str) else files).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        settings = load(tmp_path, root=str(tmp_path))
        return judge.review(tmp_path / path, msgspec.structs.replace(settings, rules=rules, **more))

    return run


def only(review: Review) -> StackReview:
    (stack,) = review.stacks
    assert [each for each in stack.diagnostics if each.level == "error"] == []
    return stack


def one(review: Review) -> FindingRecord:
    (finding,) = only(review).findings
    return finding


# ------------------------------------------------------------------ merged


def test_instances_of_one_line_are_one_finding(review: Any) -> None:
    text = 'resource "aws_sns_topic" "t" {\n  for_each = toset(["a", "b"])\n}\n'
    stack = only(review({"main.tf": text}, "CKV_AWS_26", profile="strict"))
    (finding,) = stack.findings
    assert finding.instances == ['aws_sns_topic.t["a"]', 'aws_sns_topic.t["b"]']
    assert finding.address == finding.instances[0]
    assert {verdict.address: verdict.state for verdict in stack.verdicts} == dict.fromkeys(
        finding.instances, "fail"
    )


def test_a_finding_names_the_environments_that_it_holds_in(review: Any) -> None:
    toml = ENVIRONMENTS.replace("DEV", "").replace("PROD", "")
    stack = only(review({"template.yaml": TABLE, "stackworthy.toml": toml}, "recovery-off"))
    (finding,) = stack.findings
    assert (stack.environments, finding.environments) == (["dev", "prod"], ["dev"])
    assert [(each.state, each.environments) for each in stack.verdicts] == [
        ("fail", ["dev"]),
        ("pass", ["prod"]),
    ]


def test_without_a_value_the_verdict_is_not_assessed_and_says_why(review: Any) -> None:
    (verdict,) = only(review(TABLE, "recovery-off")).verdicts
    assert verdict.state == "not-assessed"
    assert "Stage" in verdict.reason


@pytest.mark.parametrize(
    ("dev", "prod", "severity"),
    [
        ("severity_cap = 'low'", "", "high"),
        ("severity_cap = 'low'", "severity_cap = 'medium'", "medium"),
        ("", "severity_cap = 'critical'", "high"),
    ],
)
def test_a_finding_is_as_severe_as_in_its_worst_environment(
    review: Any, dev: str, prod: str, severity: str
) -> None:
    toml = ENVIRONMENTS.replace("DEV", dev).replace("PROD", prod)
    found = one(
        review(
            {"template.yaml": TABLE.replace("true, false", "false, false"), "stackworthy.toml": toml},
            "recovery-off",
        )
    )
    assert (found.environments, found.severity) == (["dev", "prod"], severity)
    assert [(place.line, place.role) for place in found.locations] == [(8, "fault"), (8, "fault")]


def test_an_environment_has_its_own_profile(review: Any) -> None:
    toml = ENVIRONMENTS.replace("DEV", "").replace("PROD", "profile = 'strict'")
    stack = only(review({"template.yaml": TABLE, "stackworthy.toml": toml}, skip=("recovery-off",)))
    judged = {verdict.rule: verdict.environments for verdict in stack.verdicts}
    assert (judged["table-without-own-key"], judged["deletion-protection-off"]) == (["prod"], [])


# ---------------------------------------------------------------- silenced


def silenced(review: Review) -> list[tuple[str, str, str, int]]:
    stack = only(review)
    assert review.summary.suppressed == len(stack.suppressed)
    for finding in stack.suppressed:
        states = {v.state for v in stack.verdicts if (v.rule, v.address) == (finding.rule, finding.address)}
        assert states == {"suppressed"}
    return [
        (each.rule, each.suppressed.kind, each.suppressed.reason, each.suppressed.line)
        for each in stack.suppressed
        if each.suppressed is not None
    ]


def test_a_comment_above_or_inside_the_resource_silences(review: Any) -> None:
    above = FUNCTION.replace(
        "  Worker:", "  # stackworthy: ignore[tracing-off] short life\n  # more words\n  Worker:"
    )
    assert silenced(review(above, "tracing-off")) == [("tracing-off", "comment", "short life", 2)]
    inside = FUNCTION.replace("PassThrough", "PassThrough # stackworthy: ignore[CKV_AWS_50] short life")
    assert silenced(review(inside, "tracing-off")) == [("tracing-off", "comment", "short life", 6)]


def test_a_comment_at_the_end_of_another_resource_does_not(review: Any) -> None:
    other = "  Before:\n    Type: AWS::SNS::Topic # stackworthy: ignore[tracing-off] not meant\n"
    assert silenced(review(FUNCTION.replace("  Worker:", other + "  Worker:"), "tracing-off")) == []


def test_a_suppression_ends_with_its_day(review: Any) -> None:
    text = FUNCTION.replace("PassThrough", "PassThrough # stackworthy: ignore[tracing-off] until=DAY for now")
    assert only(review(text.replace("DAY", "2020-01-31"), "tracing-off")).suppressed == []
    (kept,) = only(review(text.replace("DAY", "9999-01-31"), "tracing-off")).suppressed
    assert kept.suppressed is not None
    assert kept.suppressed.until == "9999-01-31"


def test_a_suppression_without_a_reason_is_told_once(review: Any) -> None:
    text = FUNCTION.replace("PassThrough", "PassThrough # stackworthy: ignore[tracing-off]")
    stack = only(review(text))
    assert "tracing-off" in {finding.rule for finding in stack.findings}
    assert [(each.line, each.level) for each in stack.diagnostics] == [(6, "warning")]


def test_metadata_of_other_scanners_silences(review: Any) -> None:
    metadata = "    Metadata: {checkov: {skip: [{id: CKV_AWS_50, comment: short life}]}}\n    Properties:"
    text = FUNCTION.replace("    Properties:", metadata)
    assert silenced(review(text, "tracing-off")) == [("tracing-off", "metadata", "short life", 0)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("resource", "#checkov:skip=CKV_AWS_54:public site\nresource"),
        ('  bucket = "web"', '  #checkov:skip=CKV_AWS_54:public site\n  bucket = "web"'),
        (
            "  block_public_policy = false",
            "  #checkov:skip=CKV_AWS_54:public site\n  block_public_policy = false",
        ),
        ("block_public_policy = false", "block_public_policy = false #tfsec:ignore:AVD-AWS-0087 public site"),
        (
            'resource "aws_s3_bucket_public',
            '#trivy:ignore:AVD-AWS-0087 public site\nresource "aws_s3_bucket_public',
        ),
    ],
)
def test_terraform_comments_silence_in_the_block_and_in_the_satellite_that_states_the_fault(
    review: Any, before: str, after: str
) -> None:
    assert [f.rule for f in only(review({"main.tf": BUCKET}, "CKV_AWS_54", profile="strict")).findings]
    ((_, kind, reason, _),) = silenced(
        review({"main.tf": BUCKET.replace(before, after, 1)}, "CKV_AWS_54", profile="strict")
    )
    assert (kind, reason) == ("comment", "public site")


# -------------------------------------------------------------- configured


@pytest.mark.parametrize("name", ["tracing-off", "CKV_AWS_50"])
def test_the_policy_sets_severities_by_any_name(review: Any, name: str) -> None:
    toml = f"[policy.severity]\n{name} = 'critical'\n"
    assert (
        one(review({"template.yaml": FUNCTION, "stackworthy.toml": toml}, "tracing-off")).severity
        == "critical"
    )


def test_paths_are_left_out_judged_by_fewer_rules_or_capped(review: Any) -> None:
    toml = "[policy.paths]\n'old/' = {skip = true}\n'lab/*' = {skip_rules = ['tracing-off']}\n'web/' = {severity_cap = 'low'}\n"
    toml += "[policy.severity]\ntracing-off = 'high'\n"
    files = {f"{name}/template.yaml": FUNCTION for name in ("old", "lab", "web", "app")}
    found = review({**files, "stackworthy.toml": toml}, skip=("function-logs-kept-for-ever",))
    rules = {
        stack.path: {f.rule: f.severity for f in stack.findings}.get("tracing-off") for stack in found.stacks
    }
    assert rules == {"app/template.yaml": "high", "lab/template.yaml": None, "web/template.yaml": "low"}
    assert [(each.file, each.level) for each in found.diagnostics] == [("old/template.yaml", "note")]


def test_a_file_of_a_stack_may_be_left_out_by_rule(review: Any) -> None:
    toml = "[policy.paths]\n'legacy.tf' = {skip_rules = ['CKV_AWS_26']}\n"
    topic = 'resource "aws_sns_topic" "NAME" {}\n'
    files = {
        "legacy.tf": topic.replace("NAME", "old"),
        "main.tf": topic.replace("NAME", "new"),
        "stackworthy.toml": toml,
    }
    found = review(files, "CKV_AWS_26", profile="strict")
    assert one(found).file == "main.tf"
    ((_, kind, _, _),) = silenced(found)
    assert kind == "configuration"


def test_findings_have_the_owners_of_their_file(review: Any) -> None:
    files = {"api/template.yaml": FUNCTION, ".github/CODEOWNERS": "* @all\n/api/ @team\n"}
    assert one(review(files, "tracing-off")).owner == "@team"


def test_paths_are_relative_to_what_is_reviewed(review: Any) -> None:
    broken = "Resources: [\n"
    found = review(
        {
            "infra/a/template.yaml": FUNCTION,
            "infra/b/template.yaml": "AWSTemplateFormatVersion: 1\n" + broken,
        },
        "tracing-off",
        path="infra",
    )
    assert [stack.path for stack in found.stacks][:1] == ["a/template.yaml"]
    assert [finding.file for finding in found.findings] == ["a/template.yaml"]
    told = [*found.diagnostics, *(each for stack in found.stacks for each in stack.diagnostics)]
    assert {(each.file, each.level) for each in told} == {("b/template.yaml", "error")}


def test_a_broken_configuration_of_one_stack_is_its_own_error(review: Any) -> None:
    files = {
        "infra/a/template.yaml": FUNCTION,
        "infra/b/template.yaml": FUNCTION,
        "infra/b/stackworthy.toml": "fail_onn = 1\n",
    }
    found = review(files, "tracing-off", path="infra")
    assert [(stack.path, len(stack.findings)) for stack in found.stacks] == [
        ("a/template.yaml", 1),
        ("b/template.yaml", 0),
    ]
    assert [(each.file, each.line, each.level) for each in found.stacks[1].diagnostics] == [
        ("b/stackworthy.toml", 1, "error")
    ]
    assert found.summary.errors == 1


# -------------------------------------------------------------------- told


def test_ids_stay_when_lines_move(review: Any) -> None:
    before = one(review(FUNCTION, "tracing-off"))
    after = one(review("# more\n\n" + FUNCTION, "tracing-off"))
    assert (before.id, before.line + 2) == (after.id, after.line)
    assert one(review(FUNCTION.replace("Worker", "Other"), "tracing-off")).id != before.id


SECRET = "AKIA" + "Z7Q5XW2KJ4M8N3PB"


def _document(review: Review) -> dict[str, Any]:
    text = b"".join(chunks(review))
    schema = resources.files("stackworthy.reports").joinpath("schemas/review-1.schema.json").read_text()
    jsonschema.Draft202012Validator(json.loads(schema)).validate(json.loads(text))
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_json_fits_its_schema_and_tells_no_secret(review: Any) -> None:
    text = FUNCTION.replace(
        "      TracingConfig:", f"      Environment: {{Variables: {{KEY: {SECRET}}}}}\n      TracingConfig:"
    )
    text = text.replace("  Worker:", "  # stackworthy: ignore[tracing-off] short life\n  Worker:")
    document = _document(
        review(
            {
                "template.yaml": text,
                "b/template.yaml": "AWSTemplateFormatVersion: '2010-09-09'\nResources: [\n",
            },
            profile="strict",
        )
    )
    stack = document["stacks"][-1] if document["stacks"][-1]["findings"] else document["stacks"][0]
    assert any("secret" in finding["rule"] for finding in stack["findings"])
    assert SECRET not in json.dumps(document)


def test_the_summary_counts_what_the_stacks_say(review: Any) -> None:
    toml = ENVIRONMENTS.replace("DEV", "").replace("PROD", "")
    text = (
        TABLE
        + "  Odd: {Type: AWS::Nope::Thing}\n  Fn:\n    Type: AWS::Lambda::Function # stackworthy: ignore[tracing-off] short life\n"
    )
    found = review({"a/template.yaml": text, "b/template.yaml": TABLE, "a/stackworthy.toml": toml})
    summary = found.summary
    verdicts = [verdict for stack in found.stacks for verdict in stack.verdicts]
    assert (summary.stacks, summary.resources, summary.errors) == (2, 4, 0)
    assert summary.unmapped == {"AWS::Nope::Thing": 1}
    assert sum(summary.verdicts.values()) == len(verdicts)
    assert sum(summary.findings.values()) == len(found.findings)
    assert summary.suppressed == 1
    assert sum(each.count for each in summary.not_assessed) == summary.verdicts["not-assessed"]
    assert sum(summary.fixes.values()) == sum(finding.fix is not None for finding in found.findings)


def test_a_satellite_that_states_the_fault_fails_too_and_one_that_does_not_is_left_alone(review: Any) -> None:
    versioned = 'resource "aws_s3_bucket_versioning" "web" {\n  bucket = aws_s3_bucket.web.id\n}\n'
    stack = only(review({"main.tf": BUCKET + versioned}))
    failed = {v.address for v in stack.verdicts if v.rule == "bucket-public-access-not-blocked"}
    assert failed == {"aws_s3_bucket.web", "aws_s3_bucket_public_access_block.web"}


def test_the_author_s_resource_has_the_verdict_of_what_it_makes(review: Any) -> None:
    policy = (
        '{ Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }] }'
    )
    stack = only(
        review({"main.tf": f'resource "aws_sqs_queue" "q" {{\n  policy = jsonencode({policy})\n}}\n'})
    )
    states = {v.address: v.state for v in stack.verdicts if v.rule == "public-queue"}
    assert states == {"aws_sqs_queue.q": "fail", "aws_sqs_queue.q.policy": "fail"}
