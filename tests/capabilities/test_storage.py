"""Buckets, tables and file systems: lifecycles, logs, backups, keys, indexes, capacity."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.generated import on, only, text

ARCHIVE = """
    Resources:
      Ledger:
        Type: AWS::S3::Bucket
        Properties:
          LifecycleConfiguration:
            Rules:
              - Id: seven-years
                Status: Enabled
                Prefix: entries/
                Transitions: [{StorageClass: GLACIER, TransitionInDays: 90}]
                ExpirationInDays: 2555
              - Id: abort
                Status: Enabled
                AbortIncompleteMultipartUpload: {DaysAfterInitiation: 1}
    """


def test_an_archive_that_is_kept_for_years_is_left_as_it_is(tmp_path: Path) -> None:
    found = only(on(tmp_path, "s3-lifecycle", template__yaml=ARCHIVE))
    assert found.improvement.done
    assert not found.edits


def test_a_year_of_archive_is_not_cut_short_where_nothing_is_kept_for_ever(tmp_path: Path) -> None:
    found = only(on(tmp_path, "s3-lifecycle", template__yaml=ARCHIVE.replace("2555", "365")))
    assert found.improvement.done


def test_an_archive_shorter_than_it_bills_is_not_made_at_all(tmp_path: Path) -> None:
    made = on(tmp_path, "s3-lifecycle", template__yaml=ARCHIVE.replace("2555", "120"))
    assert "leave entries/ where it is" in only(made).improvement.why
    written = text(made, "template.yaml")
    assert "Transitions" not in written
    assert "ExpirationInDays: 120" in written


def test_old_versions_go_where_there_are_versions_only(tmp_path: Path) -> None:
    plain = "Resources:\n  Files:\n    Type: AWS::S3::Bucket\n"
    made = on(tmp_path, "s3-lifecycle", template__yaml=plain)
    assert "NoncurrentVersionExpiration" not in text(made, "template.yaml")
    versioned = plain + "    Properties: {VersioningConfiguration: {Status: Enabled}}\n"
    made = on(tmp_path, "s3-lifecycle", template__yaml=versioned)
    assert "NoncurrentVersionExpiration" in text(made, "template.yaml")


def test_a_bucket_that_logs_into_itself_gets_a_log_bucket(tmp_path: Path) -> None:
    template = """
        Resources:
          Files:
            Type: AWS::S3::Bucket
            Properties:
              BucketName: files
              LoggingConfiguration: {DestinationBucketName: files, LogFilePrefix: log/}
        """
    made = on(tmp_path, "access-logs", template__yaml=template)
    assert "into itself" in only(made).improvement.why
    written = text(made, "template.yaml")
    assert "DestinationBucketName: !Ref AccessLogsBucket, LogFilePrefix: log/" in written
    assert "logging.s3.amazonaws.com" in written


def test_a_log_bucket_that_is_there_takes_the_other_logs_too(tmp_path: Path) -> None:
    template = """
        Resources:
          Central: {Type: AWS::S3::Bucket}
          One:
            Type: AWS::S3::Bucket
            Properties: {LoggingConfiguration: {DestinationBucketName: !Ref Central}}
          Two:
            Type: AWS::S3::Bucket
        """
    made = on(tmp_path, "access-logs", template__yaml=template)
    assert only(made).improvement.resources == ("Two",)
    assert text(made, "template.yaml").count("!Ref Central") == 2
    assert "AccessLogsBucket" not in text(made, "template.yaml")


def test_what_terraform_logs_in_production_only_is_logged_everywhere(tmp_path: Path) -> None:
    stack = """\
        variable "environment" {
          default = "dev"
        }

        resource "aws_s3_bucket" "files" {}

        resource "aws_s3_bucket" "logs" {}

        resource "aws_s3_bucket_logging" "files" {
          count         = var.environment == "prod" ? 1 : 0
          bucket        = aws_s3_bucket.files.id
          target_bucket = aws_s3_bucket.logs.id
          target_prefix = "files/"
        }
        """
    made = on(tmp_path, "access-logs", main__tf=stack)
    assert only(made).improvement.resources == ("aws_s3_bucket.files",)
    assert "count" not in text(made, "main.tf")


def test_a_plan_of_backups_is_recognised(tmp_path: Path) -> None:
    template = """
        Resources:
          Orders:
            Type: AWS::DynamoDB::Table
            Properties:
              BillingMode: PAY_PER_REQUEST
              AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
              KeySchema: [{AttributeName: id, KeyType: HASH}]
          Plan:
            Type: AWS::Backup::BackupPlan
            Properties:
              BackupPlan:
                BackupPlanName: daily
                BackupPlanRule: [{RuleName: daily, TargetBackupVault: Default}]
        """
    assert only(on(tmp_path, "backup", template__yaml=template)).improvement.done == "a plan is there: Plan"


@pytest.mark.parametrize(
    "specification", ["{SSEEnabled: true}", "{SSEEnabled: true, KMSMasterKeyId: alias/aws/dynamodb}"]
)
def test_a_table_without_a_key_of_its_own_has_none_to_give_up(specification: str, tmp_path: Path) -> None:
    template = f"""
        Resources:
          Orders:
            Type: AWS::DynamoDB::Table
            Properties:
              AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
              KeySchema: [{{AttributeName: id, KeyType: HASH}}]
              SSESpecification: {specification}
        """
    assert on(tmp_path, "managed-key", template__yaml=template).found == []


def test_a_table_on_demand_needs_no_scaling(tmp_path: Path) -> None:
    template = """
        Resources:
          Orders:
            Type: AWS::DynamoDB::Table
            Properties:
              BillingMode: PAY_PER_REQUEST
              AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
              KeySchema: [{AttributeName: id, KeyType: HASH}]
        """
    assert on(tmp_path, "dynamodb-autoscaling", template__yaml=template).found == []


INDEXED = """
    Resources:
      Orders:
        Type: AWS::DynamoDB::Table
        Properties:
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions:
            - {AttributeName: id, AttributeType: S}
            - {AttributeName: day, AttributeType: S}
            - {AttributeName: name, AttributeType: S}
          KeySchema: [{AttributeName: id, KeyType: HASH}]
          GlobalSecondaryIndexes:
            - {IndexName: ByDay, KeySchema: [{AttributeName: day, KeyType: HASH}], Projection: {ProjectionType: ALL}}
            - {IndexName: ByName, KeySchema: [{AttributeName: name, KeyType: HASH}], Projection: {ProjectionType: ALL}}
      Reader:
        Type: AWS::Lambda::Function
        Properties:
          Runtime: python3.13
          Handler: index.handler
          Role: arn:aws:iam::111122223333:role/reader
          Environment: {Variables: {TABLE: !Ref Orders}}
          Code:
            ZipFile: |
              import os
              import boto3
              table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
              def handler(event, context):
                  return table.query(INDEX Limit=1)
    """


def test_cloudformation_loses_one_index_at_a_time(tmp_path: Path) -> None:
    made = on(tmp_path, "unused-indexes", template__yaml=INDEXED.replace("INDEX", ""))
    written = text(made, "template.yaml")
    assert "ByDay" not in written
    assert "AttributeName: day" not in written
    assert "ByName" in written
    assert any("one index of a table at a time" in step for step in only(made).improvement.steps)


def test_an_index_that_is_queried_stays(tmp_path: Path) -> None:
    made = on(tmp_path, "unused-indexes", template__yaml=INDEXED.replace("INDEX", 'IndexName="ByDay",'))
    written = text(made, "template.yaml")
    assert "ByDay" in written
    assert "ByName" not in written


def test_indexes_stay_when_a_query_may_ask_any(tmp_path: Path) -> None:
    chosen = INDEXED.replace("INDEX", 'IndexName=event["index"],')
    assert on(tmp_path, "unused-indexes", template__yaml=chosen).found == []
