"""Fixes that add resources of their own: what is written, in which words, and what a person is left with."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from stackworthy.config import Options, load, merge
from stackworthy.remedy import Wanted, remedy

STREAM = """
    AWSTemplateFormatVersion: '2010-09-09'
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Clicks: {Type: AWS::Kinesis::Stream}
      Worker:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.14
          Handler: app.main
          InlineCode: "def main(event, context): pass"
          Events:
            Read:
              Type: Kinesis
              Properties:
                Stream: !GetAtt Clicks.Arn
                StartingPosition: LATEST
    """
TOPIC = """
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Told: {Type: AWS::SNS::Topic}
      Worker:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.14
          Handler: app.main
          InlineCode: "def main(event, context): pass"
          Events:
            Hear: {Type: SNS, Properties: {Topic: !Ref Told}}
    """
FLOW = """
    resource "aws_iam_role" "flow" {
      name               = "flow"
      assume_role_policy = jsonencode({ Statement = [] })
    }

    resource "aws_sfn_state_machine" "flow" {
      name     = "flow"
      role_arn = aws_iam_role.flow.arn

      definition = jsonencode({
        StartAt = "Done"
        States  = { Done = { Type = "Succeed" } }
      })
    }
    """


def mended(folder: Path, name: str, text: str, rule: str) -> str:
    (folder / name).write_text(dedent(text))
    settings = merge(load(str(folder), root=None), Options())
    found = remedy(folder, settings, Wanted(rules=frozenset({rule}), unsafe=True))
    assert [item.record.rule for item in found.proposals] == [rule]
    return found.edits[name].decode()


def test_a_stream_of_sam_gets_limits_and_a_destination_with_the_type_that_sam_asks_for(
    tmp_path: Path,
) -> None:
    text = mended(tmp_path, "template.yaml", STREAM, "stream-retries-without-limit")
    assert "MaximumRetryAttempts: 10" in text
    assert "Type: SQS\n                Destination: !GetAtt WorkerReadFailed.Arn" in text
    assert "sqs:SendMessage" not in text  # SAM grants it for a destination that it knows the type of


def test_a_function_of_sam_gets_a_dead_letter_queue_and_its_own_role_the_permission_by_itself(
    tmp_path: Path,
) -> None:
    text = mended(tmp_path, "template.yaml", TOPIC, "async-failures-dropped")
    assert "DeadLetterQueue:\n        Type: SQS\n        TargetArn: !GetAtt WorkerFailed.Arn" in text
    assert "sqs:SendMessage" not in text
    assert "MetricName: ApproximateNumberOfMessagesVisible" in text


def test_a_state_machine_of_terraform_names_its_log_group_as_the_provider_wants_it(tmp_path: Path) -> None:
    text = mended(tmp_path, "main.tf", FLOW, "executions-not-logged")
    assert 'log_destination        = "${aws_cloudwatch_log_group.flow_logs.arn}:*"' in text
    assert '"logs:CreateLogDelivery"' in text


CALLS = """
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Worker:
        Type: AWS::Serverless::Function
        Properties: {Runtime: python3.14, Handler: app.main, CodeUri: src}
    """


def test_advice_on_the_next_step_does_not_stand_in_the_way_of_a_fix(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_text(
        "import boto3\n\nS3 = boto3.client('s3')\n\ndef main(event, context):\n    return S3.list_buckets()\n"
    )
    assert "Tracing: Active" in mended(tmp_path, "template.yaml", CALLS, "tracing-off")
