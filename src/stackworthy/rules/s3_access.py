"""Amazon S3: access points, and locks on objects."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import is_stated

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


class AccessPointPublicAccessNotBlocked(Rule):
    """Somebody took away the block that keeps a policy from opening an access point by mistake.

    An access point blocks all public access unless it says otherwise, and what it says can never be changed again.
    """

    on = "AWS::S3::AccessPoint"
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "a policy can open this access point to everybody: {off} is off"
    references = (f"{_GUIDE}access-points-bpa-settings.html",)
    equivalents = ("CKV_AWS_392", "S3.19")
    fix_safety = Unsafe("the access point is made anew, and who uses it without credentials is refused")

    def check(self, point: Resource) -> Iterable[Finding]:
        """Look for settings that are said to be off."""
        path = "PublicAccessBlockConfiguration"
        stated = [name for name in _BLOCKS if is_stated(point[f"{path}.{name}"])]
        off = [name for name in stated if not point[f"{path}.{name}"]]
        if off:
            yield point.finding(f"{path}.{off[0]}", off=", ".join(off))

    def fix(self, finding: Finding) -> Fix | None:
        """Block all public access."""
        point = finding.resource
        return self.offer(*(point.set(f"PublicAccessBlockConfiguration.{name}", True) for name in _BLOCKS))

    bad = """
        Reports:
          Type: AWS::S3::AccessPoint
          Properties: {Bucket: reports, PublicAccessBlockConfiguration: {BlockPublicPolicy: false}}
    """
    good = (
        bad.replace("false", "true"),
        "Reports: {Type: AWS::S3::AccessPoint, Properties: {Bucket: reports}}",
    )


class ObjectLockDoesNothing(Rule):
    """A bucket's lock configuration protects nothing while the lock itself is not enabled."""

    on = "AWS::S3::Bucket"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "objects can be deleted and overwritten: their lock is configured, but not enabled"
    references = (f"{_GUIDE}object-lock-configure.html",)
    equivalents = ("CKV_AWS_143",)

    def check(self, bucket: Resource) -> Iterable[Finding]:
        """Look for a configuration that does not enable the lock."""
        if not is_stated(bucket["ObjectLockConfiguration"]):
            return
        path = "ObjectLockConfiguration.ObjectLockEnabled"
        if not is_stated(bucket[path]) or bucket[path] != "Enabled":
            yield bucket.finding(path)

    bad = """
        Ledger:
          Type: AWS::S3::Bucket
          Properties:
            ObjectLockEnabled: true
            ObjectLockConfiguration: {Rule: {DefaultRetention: {Mode: GOVERNANCE, Days: 30}}}
    """
    good = bad.replace("{Rule:", "{ObjectLockEnabled: Enabled, Rule:")


RULES = (AccessPointPublicAccessNotBlocked(), ObjectLockDoesNothing())
