"""All that an auditor named for the meetings stack comes out, written as one would write it by hand, or as steps; what is done is seen."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

import pytest
from tests.support.generated import generation, text

from stackworthy.remedy.generate import Generated, Generation

ROOT = Path(__file__).parents[2] / "examples" / "meetings"


@cache
def made(name: str) -> Generation:
    return generation(ROOT, name)


def improvement(name: str, title: str) -> Generated:
    found = [item for item in made(name).found if item.improvement.title == title]
    assert len(found) == 1, [item.improvement.title for item in made(name).found]
    assert found[0].refused == ""
    return found[0]


def changed(name: str, file: str) -> str:
    """The lines that go and come, without those around them."""
    before = (ROOT / "infra" / "terraform" / file).read_text().splitlines()
    lines = difflib.unified_diff(before, text(made(name), file).splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


WRITTEN = {
    "alarms": "Watch the stack",
    "access-logs": "Log who accesses buckets, in all environments",
    "backup": "Back up what holds state",
    "batch-spot-migration": "Run CombineChunks on Spot capacity with AWS Batch",
    "cost-anomaly-detection": "Detect cost anomalies",
    "iam-tightening": "Allow lambda what it does, no more",
    "managed-key": "Encrypt meetings with the key that AWS manages",
    "s3-lifecycle": "Tighten the lifecycle of recordings",
    "unused-indexes": "Remove indexes of meetings that nothing queries",
    "vpc-endpoints": "Reach S3 and DynamoDB through gateway endpoints",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_can_be_written_is_written_and_proven(name: str) -> None:
    found = improvement(name, WRITTEN[name])
    assert found.edits
    assert found.improvement.why
    assert "no rule finds anything new" in found.checks


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("model-choice", "Try a smaller model in bedrock_summarize"),
        ("custom-metrics", "Measure what the business counts"),
    ],
)
def test_what_a_person_has_to_do_comes_as_steps(name: str, title: str) -> None:
    found = improvement(name, title)
    assert found.improvement.steps
    assert not found.edits


def test_the_session_name_is_recognised_as_checked_already() -> None:
    found = improvement("iam-tightening", "Check the session name in auth_exchange")
    assert "handler.py:97" in found.improvement.done
    assert not found.improvement.changes


def test_the_managed_key_is_one_line_less() -> None:
    assert changed("managed-key", "dynamodb.tf") == (
        "-    enabled     = true\n-    kms_key_arn = aws_kms_key.dynamodb.arn\n+    enabled = true"
    )
    assert any(
        "backup" in step for step in improvement("managed-key", WRITTEN["managed-key"]).improvement.steps
    )


def test_access_logging_loses_its_count_and_gets_a_bucket_of_its_own() -> None:
    assert changed("access-logs", "s3.tf") == (
        '-  count = var.environment == "prod" ? 1 : 0\n-\n'
        "-  target_bucket = aws_s3_bucket.recordings.id\n+  target_bucket = aws_s3_bucket.access_logs.id"
    )
    written = text(made("access-logs"), "access-logs.tf")
    assert 'Service = "logging.s3.amazonaws.com"' in written
    assert '"aws:SourceArn" = [aws_s3_bucket.recordings.arn]' in written
    why = improvement("access-logs", WRITTEN["access-logs"]).improvement.why
    assert "some environments only" in why
    assert "into itself" in why


def test_the_lifecycle_gets_its_four_changes_and_lets_old_versions_expire() -> None:
    written = text(made("s3-lifecycle"), "s3.tf")
    rules = {part.split('"')[1]: part for part in written.split("\n  rule {\n")[1:]}
    assert "transition" not in rules["chunks"]
    assert "days = 7\n" in rules["chunks"]
    assert "transition" not in rules["audio"]
    assert "days = 30\n" in rules["audio"]
    tiers = '    transition {\n      days          = 0\n      storage_class = "INTELLIGENT_TIERING"\n    }\n'
    assert tiers in rules["video"]
    assert "GLACIER" not in written
    assert "days_after_initiation = 1\n" in rules["abort-multipart"]
    assert "noncurrent_version_expiration {\n      noncurrent_days = 30\n" in rules["old-versions"]


def test_both_indexes_go_with_their_attributes_and_comments() -> None:
    gone = changed("unused-indexes", "dynamodb.tf")
    assert not any(line.startswith("+") for line in gone.split("\n"))
    for name in ('"ParticipantSearch"', '"TagSearch"', "# GSI-2", "# GSI-3", '= "participant"', '= "tag"'):
        assert name in gone
    assert "DateSearch" not in gone


def test_the_task_becomes_a_job_on_spot_capacity_with_fargate_second() -> None:
    written = text(made("batch-spot-migration"), "batch.tf")
    assert written.index('"FARGATE_SPOT"') < written.index('type               = "FARGATE"')
    assert 'on_status_reason = "Your Spot Task was interrupted*"' in written
    assert "jobRoleArn       = aws_iam_role.ffmpeg.arn" in written
    states = changed("batch-spot-migration", "stepfunctions.tf")
    assert '+        Resource = "arn:aws:states:::batch:submitJob.sync"' in states
    assert "+          JobDefinition = aws_batch_job_definition.ffmpeg.arn" in states
    assert '"batch:SubmitJob"' in changed("batch-spot-migration", "iam.tf")


def test_policies_allow_what_code_and_states_call() -> None:
    policy = changed("iam-tightening", "iam.tf")
    for line in ('-      "s3:*",', '-      "dynamodb:*",', '-      "ecs:*",', '-      "kms:*",'):
        assert line in policy
    assert '+    resources = ["${aws_dynamodb_table.meetings.arn}/index/DateSearch"]' in policy
    assert '+    resources = ["${aws_s3_bucket.recordings.arn}/*"]' in policy
    assert "+    resources = [aws_iam_role.client.arn]" in policy
    assert "aws_iam_role.ffmpeg.arn, aws_iam_role.ffmpeg_execution.arn" in policy


def test_endpoints_stand_in_the_route_table_that_leads_to_the_nat_gateway() -> None:
    written = text(made("vpc-endpoints"), "vpc-endpoints.tf")
    assert written.count("route_table_ids   = [aws_route_table.private.id]") == 2
    assert 'service_name      = "com.amazonaws.${var.region}.s3"' in written


def test_the_mail_about_anomalies_goes_where_alarms_go() -> None:
    written = text(made("cost-anomaly-detection"), "cost-monitoring.tf")
    assert "address = aws_sns_topic_subscription.alerts.endpoint" in written
