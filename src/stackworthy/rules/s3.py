"""Amazon S3: who can read a bucket, how, and what is kept for longer than anybody wants."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.buckets import (
    aborts_uploads,
    bucket_of,
    expires_versions,
    next_statement,
    opens,
    refuses_plain_http,
)
from stackworthy.aws.iam import resource_policies
from stackworthy.aws.statements import read_policy
from stackworthy.capabilities.access_logs import away_from_itself
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, AddResource, Fix, Set, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import ABSENT, List, Map, Reference, is_stated, joined, same
from stackworthy.rules._words import name_of

_BLOCK = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"
_ADVICE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html"
_LIFECYCLE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html"
_UPLOADS = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html"
)
_WEBSITE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html"

BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


class BucketPublicByPolicy(Rule):
    """A bucket policy that allows everybody shows its objects to the whole internet, or lets it change them.

    Buckets that host a website are public on purpose and left out, as long as nobody may write. Where the bucket blocks
    public policies, AWS refuses the policy.
    """

    on = "AWS::S3::BucketPolicy"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "everybody on the internet may do {actions} on {bucket}"
    references = (_BLOCK, _ADVICE)
    equivalents = ("CKV_AWS_70", "S3.2", "S3.3", "F16")

    def check(self, policy: Resource) -> Iterable[Finding]:
        """Look for statements that allow everybody, and for what the bucket itself says about them."""
        bucket = bucket_of(policy)
        for statement in read_policy(policy["PolicyDocument"], policy, "PolicyDocument"):
            if opens(statement, bucket):
                yield policy.finding(
                    statement.path, actions=statement.actions, bucket=name_of(policy["Bucket"])
                )

    bad = """
        Reports:
          Type: AWS::S3::Bucket
          Properties: {PublicAccessBlockConfiguration: {BlockPublicPolicy: false, RestrictPublicBuckets: false}}
        Policy:
          Type: AWS::S3::BucketPolicy
          Properties:
            Bucket: !Ref Reports
            PolicyDocument:
              Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: !Sub '${Reports.Arn}/*'}]
    """
    good = (
        bad.replace("'*', Action", "{AWS: 'arn:aws:iam::111122223333:root'}, Action"),
        bad.replace("{BlockPublicPolicy: false, RestrictPublicBuckets: false}", "{BlockPublicPolicy: true}"),
    )


class BucketPublicByAcl(Rule):
    """A canned ACL for everybody shows each object that is uploaded with it to the whole internet.

    Buckets that host a website are public on purpose and left out, as long as nobody may write.
    """

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "the access control list {acl} opens this bucket to everybody on the internet"
    references = ("https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html", _BLOCK)
    equivalents = (
        "CKV_AWS_20",
        "CKV_AWS_57",
        "CKV_AWS_375",
        "AVD-AWS-0092",
        "aws-s3-no-public-access-with-acl",
        "S3.2",
        "S3.3",
        "W31",
        "F14",
    )
    fix_safety = Unsafe("whoever reads the bucket without credentials today is refused")

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look for public ACLs that nothing blocks."""
        acl = bucket["AccessControl"]
        if acl not in ("PublicRead", "PublicReadWrite", "AuthenticatedRead"):
            return
        if acl == "PublicRead" and is_stated(bucket["WebsiteConfiguration"]):
            return
        block = bucket.stated("PublicAccessBlockConfiguration")
        if not block["IgnorePublicAcls"] and not block["BlockPublicAcls"]:
            yield bucket.finding("AccessControl", acl=acl)

    def fix(self, finding: Finding) -> Fix | None:
        """Leave the bucket to its owner."""
        return self.offer(finding.resource.set("AccessControl", "Private"))

    bad = "Reports: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicReadWrite}}"
    good = bad.replace("PublicReadWrite", "Private")


class BucketPublicAccessNotBlocked(Rule):
    """Somebody took away the block that keeps a policy or an access list from opening a bucket by mistake.

    New buckets block all public access. A configuration that states only some of the four settings turns the others off.
    """

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "a policy or access list can open this bucket to everybody: {off} is off"
    references = (_BLOCK,)
    equivalents = (
        "CKV_AWS_53",
        "CKV_AWS_54",
        "CKV_AWS_55",
        "CKV_AWS_56",
        "CKV2_AWS_6",
        "AVD-AWS-0086",
        "aws-s3-block-public-acls",
        "AVD-AWS-0087",
        "aws-s3-block-public-policy",
        "AVD-AWS-0091",
        "aws-s3-ignore-public-acls",
        "AVD-AWS-0093",
        "aws-s3-no-public-buckets",
        "AVD-AWS-0094",
        "aws-s3-specify-public-access-block",
        "S3.8",
    )
    fix_safety = Unsafe("whoever reads the bucket without credentials today is refused")

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look for settings that are off; a website has to have them off."""
        if is_stated(bucket["WebsiteConfiguration"]):
            return
        off = [name for name in BLOCKS if not bucket[f"PublicAccessBlockConfiguration.{name}"]]
        if off:
            yield bucket.finding(f"PublicAccessBlockConfiguration.{off[0]}", off=", ".join(off))

    def fix(self, finding: Finding) -> Fix | None:
        """Block all public access."""
        bucket = finding.resource
        return self.offer(*(bucket.set(f"PublicAccessBlockConfiguration.{name}", True) for name in BLOCKS))

    bad = """
        Reports:
          Type: AWS::S3::Bucket
          Properties:
            PublicAccessBlockConfiguration:
              {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: false}
    """
    good = (
        bad.replace("RestrictPublicBuckets: false", "RestrictPublicBuckets: true"),
        "Reports: {Type: AWS::S3::Bucket}",
    )


class BucketAllowsPlainHttp(Rule):
    """A bucket answers plain HTTP, readable on the way, unless its policy refuses it.

    AWS's clients use HTTPS by default; an old script or a device that does not is never told.
    """

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "nothing refuses requests over plain HTTP: no policy denies them"
    references = (
        _ADVICE,
        "https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html",
    )
    equivalents = ("CKV_AWS_379", "S3.5")
    fix_safety = Unsafe("clients that use plain HTTP are refused")

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look for a statement that denies requests without TLS; a website has nothing else."""
        if not is_stated(bucket["WebsiteConfiguration"]) and not resource_policies(bucket).any_of(
            refuses_plain_http
        ):
            yield bucket.finding()

    def fix(self, finding: Finding) -> Fix | None:
        """Deny plain HTTP, in the bucket's policy or in a new one."""
        bucket = finding.resource
        arn = Reference(bucket.address, "Arn")
        statement = Map(
            Sid="DenyPlainHttp",
            Effect="Deny",
            Principal="*",
            Action="s3:*",
            Resource=List([arn, joined((arn, "/*"))]),
            Condition=Map(Bool=Map({"aws:SecureTransport": "false"})),
        )
        for policy in bucket.graph.of("AWS::S3::BucketPolicy"):
            if same(policy["Bucket"], Reference(bucket.address)):
                place = next_statement(policy)
                return self.offer(policy.set(place, statement)) if place else None
        document = Map(Version="2012-10-17", Statement=List([statement]))
        properties = Map(Bucket=Reference(bucket.address), PolicyDocument=document)
        return self.offer(AddResource("AWS::S3::BucketPolicy", f"{bucket.name}Policy", properties, bucket))

    bad = (
        "Reports: {Type: AWS::S3::Bucket}",
        """
        Reports: {Type: AWS::S3::Bucket}
        Policy:
          Type: AWS::S3::BucketPolicy
          Properties:
            Bucket: !Ref Reports
            PolicyDocument:
              Statement:
                - Effect: Allow
                  Principal: {AWS: 'arn:aws:iam::111122223333:root'}
                  Action: 's3:GetObject'
                  Resource: !Sub '${Reports.Arn}/*'
    """,
    )
    good = """
        Reports: {Type: AWS::S3::Bucket}
        Policy:
          Type: AWS::S3::BucketPolicy
          Properties:
            Bucket: !Ref Reports
            PolicyDocument:
              Statement:
                - Effect: Deny
                  Principal: '*'
                  Action: 's3:*'
                  Resource: [!GetAtt Reports.Arn, !Sub '${Reports.Arn}/*']
                  Condition: {Bool: {'aws:SecureTransport': false}}
    """


class VersionsKeptForEver(Rule):
    """With versioning, deleted and overwritten objects stay and are billed until a lifecycle rule removes them.

    Expiring the current objects saves nothing: each of them becomes one more old version.
    """

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "deleted and overwritten objects are kept and billed for ever: old versions never expire"
    references = (_LIFECYCLE, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html")
    equivalents = ("S3.10",)
    fix_safety = Unsafe("versions that were replaced or deleted more than 90 days ago are gone")

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look for a lifecycle rule about old versions."""
        if bucket["VersioningConfiguration.Status"] != "Enabled":
            return
        if not bucket["LifecycleConfiguration.Rules"].any_of(expires_versions):
            yield bucket.finding("VersioningConfiguration.Status")

    def fix(self, finding: Finding) -> Fix | None:
        """Let old versions expire after three months, and abort unfinished uploads while we are at it."""
        content = {
            "NoncurrentVersionExpiration": Map(NoncurrentDays=90),
            "AbortIncompleteMultipartUpload": Map(DaysAfterInitiation=7),
        }
        return self.offer(_new_rule(finding.resource, "expire-old-versions", **content))

    bad = "Reports: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}"
    good = """
        Reports:
          Type: AWS::S3::Bucket
          Properties:
            VersioningConfiguration: {Status: Enabled}
            LifecycleConfiguration:
              Rules: [{Id: old, Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: 30}}]
    """


class UnfinishedUploadsKept(Rule):
    """The parts of an upload that was never finished are invisible, and billed for ever.

    No listing shows them, and no rule that expires objects removes them: only one that aborts multipart uploads does.
    """

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "parts of unfinished uploads are billed for ever: no lifecycle rule of this bucket aborts them"
    references = (_UPLOADS,)
    equivalents = ("CKV_AWS_300",)
    fix_safety = SAFE

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look at buckets that have lifecycle rules for one that aborts uploads."""
        rules = bucket["LifecycleConfiguration.Rules"]
        if rules and not rules.any_of(aborts_uploads):
            yield bucket.finding("LifecycleConfiguration.Rules")

    def fix(self, finding: Finding) -> Fix | None:
        """Abort uploads a week after they began."""
        abort = Map(DaysAfterInitiation=7)
        return self.offer(
            _new_rule(finding.resource, "abort-unfinished-uploads", AbortIncompleteMultipartUpload=abort)
        )

    bad = """
        Reports:
          Type: AWS::S3::Bucket
          Properties: {LifecycleConfiguration: {Rules: [{Id: old, Status: Enabled, ExpirationInDays: 365}]}}
    """
    good = bad.replace("365}", "365, AbortIncompleteMultipartUpload: {DaysAfterInitiation: 7}}")


def _new_rule(bucket: Resource, name: str, **content: Map) -> Set:
    """One more lifecycle rule for all objects."""
    rules = bucket["LifecycleConfiguration.Rules"]
    return bucket.set(
        f"LifecycleConfiguration.Rules[{len(rules)}]", Map(Id=name, Status="Enabled", **content)
    )


class WebsiteOverHttp(Rule):
    """The website endpoint of a bucket speaks HTTP only: pages, forms and tokens can be read and changed on the way.

    A CloudFront distribution in front of the bucket speaks HTTPS.
    """

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = (
        "the website is served over plain HTTP only: no CloudFront distribution stands before the bucket"
    )
    references = (_WEBSITE,)

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look for a distribution whose origin is the website."""
        if not is_stated(bucket["WebsiteConfiguration"]):
            return
        if is_stated(bucket["WebsiteConfiguration.RedirectAllRequestsTo"]):
            return
        if not bucket.graph.sources(bucket, "routes").any_of(
            lambda one: one.kind == "AWS::CloudFront::Distribution"
        ):
            yield bucket.finding("WebsiteConfiguration")

    bad = "Site: {Type: AWS::S3::Bucket, Properties: {WebsiteConfiguration: {IndexDocument: index.html}}}"
    good = (
        bad
        + """
Cdn:
  Type: AWS::CloudFront::Distribution
  Properties:
    DistributionConfig:
      Enabled: true
      DefaultCacheBehavior: {TargetOriginId: site, ViewerProtocolPolicy: redirect-to-https}
      Origins:
        - {Id: site, DomainName: !GetAtt Site.RegionalDomainName}
"""
    )


class BucketLogsToItself(Rule):
    """Each access log that S3 writes into the logged bucket is an access, which is logged in turn.

    The log grows by itself, is billed, and hides what somebody looks for.
    """

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "this bucket's access log is written into the bucket itself: every log entry makes another"
    references = ("https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html",)
    fix_safety = Unsafe(
        "adds a bucket, whose entries are kept for 90 days; those that are there stay where they are"
    )

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Compare the bucket with the destination of its log."""
        if not is_stated(bucket["LoggingConfiguration"]):
            return
        target = bucket["LoggingConfiguration.DestinationBucketName"]
        if target == ABSENT or bucket.graph.targets(bucket, "logs to").any_of(
            lambda one: one.address == bucket.address
        ):
            yield bucket.finding("LoggingConfiguration.DestinationBucketName")

    def fix(self, finding: Finding) -> Fix | None:
        """Let it log into a bucket that takes logs only."""
        return self.offer(*away_from_itself(finding.resource))

    bad = """
        Reports:
          Type: AWS::S3::Bucket
          Properties: {BucketName: reports, LoggingConfiguration: {DestinationBucketName: reports, LogFilePrefix: log/}}
    """
    good = bad.replace("DestinationBucketName: reports", "DestinationBucketName: all-logs")


class BucketWithoutLifecycle(Rule):
    """Objects of a bucket without a lifecycle stay until somebody deletes them, unfinished uploads included."""

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "objects and unfinished uploads are kept for ever: the bucket has no lifecycle"
    references = (_LIFECYCLE,)
    equivalents = ("CKV2_AWS_61", "S3.13")

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Ask whether there is any lifecycle rule."""
        if not is_stated(bucket["LifecycleConfiguration"]):
            yield bucket.finding("LifecycleConfiguration")

    bad = "Reports: {Type: AWS::S3::Bucket}"
    good = UnfinishedUploadsKept.bad


class BucketUnversioned(Rule):
    """Without versioning, an object that is overwritten or deleted by mistake is gone."""

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "what a mistake overwrites or deletes here is gone: versioning is off"
    references = ("https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",)
    equivalents = ("CKV_AWS_21", "AVD-AWS-0090", "aws-s3-enable-versioning", "S3.14")

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look at the state of versioning."""
        if bucket["VersioningConfiguration.Status"] != "Enabled":
            yield bucket.finding("VersioningConfiguration.Status")

    bad = "Reports: {Type: AWS::S3::Bucket}"
    good = VersionsKeptForEver.good


RULES = (
    BucketPublicByPolicy(),
    BucketPublicByAcl(),
    BucketPublicAccessNotBlocked(),
    BucketAllowsPlainHttp(),
    VersionsKeptForEver(),
    UnfinishedUploadsKept(),
    WebsiteOverHttp(),
    BucketLogsToItself(),
    BucketWithoutLifecycle(),
    BucketUnversioned(),
)
