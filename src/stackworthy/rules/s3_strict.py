"""Amazon S3: what some teams ask of every bucket, and others need not."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.buckets import bucket_policies, locks_out
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._forms import StatedRule, says_nothing

_BUCKET = "AWS::S3::Bucket"
_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_PLAIN = "Reports: {Type: AWS::S3::Bucket, Properties: {BucketName: reports}}"


def _with(text: str) -> str:
    return _PLAIN.replace("BucketName: reports", f"BucketName: reports, {text}")


class BucketWithoutAccessLog(StatedRule):
    """Nobody can say later who read or deleted an object: requests to the bucket leave no trace of their own."""

    on, property = _BUCKET, "LoggingConfiguration"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "requests to the bucket leave no trace: access logging is off"
    references = (f"{_GUIDE}ServerLogs.html",)
    equivalents = ("CKV_AWS_18", "AVD-AWS-0089", "aws-s3-enable-bucket-logging", "S3.9", "W35")
    bad = _PLAIN
    good = _with("LoggingConfiguration: {DestinationBucketName: all-logs}")


class BucketInOneRegion(Rule):
    """When its Region is away, so are the objects: no rule copies them to another."""

    on = _BUCKET
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "the objects are away whenever their Region is: nothing copies them elsewhere"
    references = (f"{_GUIDE}replication.html",)
    equivalents = ("CKV_AWS_144", "S3.7")

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look for a replication rule in force."""
        rules = bucket["ReplicationConfiguration.Rules"]
        if not is_stated(rules) or not rules.any_of(lambda rule: rule["Status"] == "Enabled"):
            yield bucket.finding("ReplicationConfiguration")

    bad = _PLAIN
    good = _with(
        "ReplicationConfiguration: {Role: 'arn:aws:iam::111122223333:role/copy',"
        " Rules: [{Status: Enabled, Destination: {Bucket: 'arn:aws:s3:::copies'}}]}"
    )


class BucketUnderSharedKey(Rule):
    """Some rules ask that objects are encrypted with a KMS key, whose policy and log then tell who may read them and who did.

    S3 encrypts every object in any case. A KMS key costs a request for each object that is read, unless bucket keys are on.
    """

    on = _BUCKET
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "objects are encrypted with the key of S3, not with one of KMS"
    references = (f"{_GUIDE}UsingKMSEncryption.html",)
    equivalents = ("CKV_AWS_145", "AVD-AWS-0132", "aws-s3-encryption-customer-key", "S3.17")

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look at the default encryption."""
        path = "BucketEncryption.ServerSideEncryptionConfiguration"
        rules = bucket[path]
        if not is_stated(rules) or not rules.any_of(
            lambda rule: rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("aws:kms", "aws:kms:dsse")
        ):
            yield bucket.finding(path)

    bad = _PLAIN
    good = _with(
        "BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms'}}]}"
    )


class BucketAccessListsOn(Rule):
    """Access lists give single objects to others, past the policy that everybody looks at; new buckets have them off."""

    on = _BUCKET
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "access lists can give single objects to others: they are turned on"
    references = (f"{_GUIDE}about-object-ownership.html",)
    equivalents = ("CKV2_AWS_65", "S3.12")

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look for an ownership that keeps access lists."""
        rules = bucket["OwnershipControls.Rules"]
        if is_stated(rules) and not rules.all_of(
            lambda rule: rule["ObjectOwnership"] == "BucketOwnerEnforced"
        ):
            yield bucket.finding("OwnershipControls.Rules")

    bad = _with("OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}")
    good = bad.replace("ObjectWriter", "BucketOwnerEnforced")


class PublicAccessBlockUnstated(StatedRule):
    """Nobody says that the bucket blocks public access: one of before April 2023 may not, and nobody notices when it is taken away."""

    on, property = _BUCKET, "PublicAccessBlockConfiguration"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "nobody says that the bucket blocks public access"
    references = (f"{_GUIDE}access-control-block-public-access.html",)
    equivalents = ("CKV2_AWS_6", "AVD-AWS-0094", "aws-s3-specify-public-access-block", "S3.8")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for any setting; new buckets block everything by themselves."""
        if says_nothing(subject.stated("PublicAccessBlockConfiguration")):
            yield subject.finding("PublicAccessBlockConfiguration")

    bad = _PLAIN
    good = _with("PublicAccessBlockConfiguration: {BlockPublicAcls: true}")


class BucketLocksEverybodyOut(Rule):
    """A policy that denies everybody everything denies it to administrators, too: only the root user can take it away again."""

    on = Kinds(("AWS::S3::BucketPolicy",))
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "nobody but the root user can use or mend this bucket: its policy denies everybody everything"
    references = (f"{_GUIDE}bucket-policies.html",)
    equivalents = ("CKV_AWS_93",)

    def check(self, policy: Resource) -> Iterable[Finding]:
        """Look for a denial without exception."""
        for statement in bucket_policies(policy):
            if locks_out(statement):
                yield policy.finding(statement.path)

    bad = """
        Reports: {Type: AWS::S3::Bucket}
        Policy:
          Type: AWS::S3::BucketPolicy
          Properties:
            Bucket: !Ref Reports
            PolicyDocument:
              Statement: [{Effect: Deny, Principal: '*', Action: 's3:*', Resource: '*'}]
    """
    good = bad.replace("Resource: '*'", "Resource: '*', Condition: {Bool: {'aws:SecureTransport': false}}")


RULES = (
    BucketWithoutAccessLog(),
    BucketInOneRegion(),
    BucketUnderSharedKey(),
    BucketAccessListsOn(),
    PublicAccessBlockUnstated(),
    BucketLocksEverybodyOut(),
)
