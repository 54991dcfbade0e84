from __future__ import annotations

from typing import Any

import pytest
from tests.support.templates import graph_of_resources

from stackworthy.aws.buckets import (
    aborts_uploads,
    bucket_of,
    expires_versions,
    locks_out,
    next_statement,
    opens,
    refuses_plain_http,
)
from stackworthy.aws.statements import Statement, read_policy
from stackworthy.core.value import Map


def policy(statement: dict[str, Any], **bucket: Any) -> tuple[Statement, Any]:
    graph = graph_of_resources(
        {
            "Reports": {"Type": "AWS::S3::Bucket", "Properties": bucket},
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": "Reports"}, "PolicyDocument": {"Statement": [statement]}},
            },
        }
    )
    (found,) = read_policy(graph["Policy"]["PolicyDocument"], graph["Policy"], "PolicyDocument")
    return found, bucket_of(graph["Policy"])


READ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}


def test_a_bucket_is_opened_unless_it_blocks_or_is_meant_to_be_open() -> None:
    assert opens(*policy(READ))
    assert not opens(*policy(READ, PublicAccessBlockConfiguration={"BlockPublicPolicy": True}))
    assert not opens(*policy(READ, WebsiteConfiguration={"IndexDocument": "index.html"}))
    assert opens(*policy({**READ, "Action": "s3:*"}, WebsiteConfiguration={"IndexDocument": "index.html"}))


@pytest.mark.parametrize(
    ("condition", "refuses"),
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
        ({"Bool": {"aws:SecureTransport": False}}, True),
        ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "111122223333"}}, False),
    ],
)
def test_plain_http_is_refused_by_a_denial_without_tls(condition: dict[str, Any], refuses: bool) -> None:
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition}
    assert refuses_plain_http(policy(denial)[0]) is refuses
    assert not refuses_plain_http(policy({**denial, "Effect": "Allow"})[0])


def test_a_lifecycle_rule_counts_when_it_is_on_and_for_all_objects() -> None:
    abort = {"AbortIncompleteMultipartUpload": Map(DaysAfterInitiation=7)}
    assert aborts_uploads(Map(Status="Enabled", **abort))
    assert not aborts_uploads(Map(Status="Disabled", **abort))
    assert not aborts_uploads(Map(Status="Enabled", Prefix="logs/", **abort))
    assert expires_versions(Map(Status="Enabled", NoncurrentVersionExpirationInDays=30))
    assert not expires_versions(Map(Status="Enabled", ExpirationInDays=30))


def test_one_more_statement_goes_to_the_end_of_a_list_only() -> None:
    graph = graph_of_resources("""
        Listed: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: a, PolicyDocument: {Statement: [{Effect: Deny}]}}}
        Single: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: b, PolicyDocument: {Statement: {Effect: Deny}}}}
        Text: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: c, PolicyDocument: '{"Statement": []}'}}
    """)
    assert next_statement(graph["Listed"]) == "PolicyDocument.Statement[1]"
    assert next_statement(graph["Single"]) == ""
    assert next_statement(graph["Text"]) == ""


def test_a_denial_of_everything_to_everybody_locks_all_out_unless_a_condition_spares_some() -> None:
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    assert locks_out(policy(denial)[0])
    assert not locks_out(policy({**denial, "Action": "s3:DeleteBucket"})[0])
    assert not locks_out(policy({**denial, "Condition": {"Bool": {"aws:SecureTransport": False}}})[0])
    assert not locks_out(policy({**denial, "Effect": "Allow"})[0])
