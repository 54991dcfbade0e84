"""What the policies and lifecycle rules of a bucket come to.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from __future__ import annotations

from stackworthy.aws.arns import resolve
from stackworthy.aws.exposure import is_everybody, is_public
from stackworthy.aws.names import BUCKET
from stackworthy.aws.statements import Statement, read_policy
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, NotKnown, OpenList, Unknown, Value, is_stated, show

_WRITES = ("s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:PutObjectAcl")


def bucket_of(policy: Resource) -> Resource | None:
    """The bucket that a bucket policy stands for; None when it is not in this stack. Raises `NotKnown`."""
    found = resolve(policy.graph, policy["Bucket"], BUCKET)
    if isinstance(found, Unknown):
        raise NotKnown(found.reason)
    return found


def opens(statement: Statement, bucket: Resource | None) -> bool:
    """Whether a statement of a bucket's policy opens it to everybody, against the intention of its owner.

    A bucket that hosts a website is meant to be read by everybody; one that blocks public policies cannot be opened.
    Raises `NotKnown`.
    """
    if not is_public(statement):
        return False
    if bucket is None:
        return True
    block = bucket.stated("PublicAccessBlockConfiguration")
    if block["BlockPublicPolicy"] or block["RestrictPublicBuckets"]:
        return False
    website = is_stated(bucket["WebsiteConfiguration"])
    return not website or any(statement.matches_action(action) for action in _WRITES)


def bucket_policies(policy: Resource) -> List:
    """The statements of a bucket policy."""
    return read_policy(policy["PolicyDocument"], policy, "PolicyDocument")


def locks_out(statement: Statement) -> bool:
    """Whether a statement denies everybody every action under no condition, so that nobody can change it; raises `NotKnown`."""
    if statement.effect != "Deny" or not statement.principals.any_of(is_everybody):
        return False
    everything = statement.actions.any_of(lambda action: show(action) in ("*", "s3:*"))
    return bool(everything) and not statement.conditions


def refuses_plain_http(statement: Statement) -> bool:
    """Whether a statement denies everybody what is not asked over TLS; raises `NotKnown`."""
    if statement.effect != "Deny" or not statement.principals.any_of(is_everybody):
        return False
    return bool(statement.conditions.any_of(_on_transport)) and statement.matches_action("s3:GetObject")


def _on_transport(condition: Value) -> bool:
    if condition.key == "aws:securetransport":
        return bool(condition.values.any_of(lambda value: value in ("false", False)))
    return bool(condition.key == "s3:tlsversion")


def aborts_uploads(rule: Value) -> bool:
    """Whether a lifecycle rule removes the parts of unfinished uploads of all objects; raises `NotKnown`."""
    return is_stated(rule["AbortIncompleteMultipartUpload"]) and _holds_for_all(rule)


def expires_versions(rule: Value) -> bool:
    """Whether a lifecycle rule removes old versions, of some objects at least; raises `NotKnown`."""
    if rule["Status"] != "Enabled":
        return False
    return is_stated(rule["NoncurrentVersionExpiration"]) or is_stated(
        rule["NoncurrentVersionExpirationInDays"]
    )


def _holds_for_all(rule: Value) -> bool:
    return bool(rule["Status"] == "Enabled") and not rule["Prefix"] and rule["TagFilters"] is ABSENT


def next_statement(policy: Resource) -> str:
    """Where one more statement goes in a bucket policy; "" when the document is text, or no list is known to be there."""
    statements = policy["PolicyDocument.Statement"]
    if isinstance(statements, List) and not isinstance(statements, OpenList):
        return f"PolicyDocument.Statement[{len(statements)}]"
    return ""
