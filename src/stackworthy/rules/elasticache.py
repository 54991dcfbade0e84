"""Amazon ElastiCache: what caches keep, and who may ask them."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, PropertyRule, Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._forms import LiteralSecretRule, StatedRule, says_nothing

_GROUP = "AWS::ElastiCache::ReplicationGroup"
_CLUSTER = "AWS::ElastiCache::CacheCluster"
_GUIDE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/"
_PLAIN = """
        Sessions:
          Type: AWS::ElastiCache::ReplicationGroup
          Properties:
            ReplicationGroupDescription: sessions
            Engine: valkey
            AtRestEncryptionEnabled: true
            TransitEncryptionEnabled: true
    """
_ANEW = Unsafe("the cache is made anew, empty")


def _with(line: str) -> str:
    return _PLAIN.replace("Engine: valkey", f"Engine: valkey\n            {line}")


class CacheUnencryptedAtRest(PropertyRule):
    """What the cache writes to disk, its backups included, lies unencrypted."""

    on, property, expected = _GROUP, "AtRestEncryptionEnabled", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "backups and swapped data lie unencrypted"
    references = (f"{_GUIDE}at-rest-encryption.html",)
    equivalents = (
        "CKV_AWS_29",
        "AVD-AWS-0045",
        "aws-elasticache-enable-at-rest-encryption",
        "ElastiCache.4",
        "F25",
    )
    fix_safety = _ANEW

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Ask whether the disk is encrypted; Valkey's always is unless somebody turned it off."""
        encrypted = subject[self.property]
        if not is_stated(encrypted) and subject["Engine"] == "valkey":
            return
        if not encrypted:
            yield subject.finding(self.property)

    bad = _PLAIN.replace("AtRestEncryptionEnabled: true", "AtRestEncryptionEnabled: false")
    good = _PLAIN


class CacheUnencryptedInTransit(PropertyRule):
    """What programs keep in the cache, sessions and tokens among it, travels in the clear."""

    on, property, expected = _GROUP, "TransitEncryptionEnabled", True
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "what programs keep in the cache travels in the clear"
    references = (f"{_GUIDE}in-transit-encryption.html",)
    equivalents = (
        "CKV_AWS_30",
        "AVD-AWS-0051",
        "aws-elasticache-enable-in-transit-encryption",
        "ElastiCache.5",
        "F33",
    )
    fix_safety = Unsafe("clients must connect with TLS")
    bad = _PLAIN.replace("TransitEncryptionEnabled: true", "TransitEncryptionEnabled: false")
    good = _PLAIN


class CachePasswordInTemplate(LiteralSecretRule):
    """The password of the cache stands in the template for everybody who can read it or its history."""

    on, paths = _GROUP, {"AuthToken": "token"}
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "the password of the cache stands in the template for everybody who can read it"
    references = (f"{_GUIDE}auth.html",)
    equivalents = ("F44",)
    bad = _with("AuthToken: hk3Jd8sLq0Xz7Rt2")
    good = _with("AuthToken: '{{resolve:secretsmanager:cache}}'")


class CacheWithoutPassword(Rule):
    """Whatever reaches the cache in the network may read and change all it holds: it asks for neither password nor user."""

    on = _GROUP
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "whatever reaches the cache may read all of it: it asks for neither password nor user"
    references = (f"{_GUIDE}auth.html",)
    equivalents = ("CKV_AWS_31", "ElastiCache.6", "F44")

    def check(self, group: Resource) -> Iterable[Finding]:
        """Look for a password or a group of users."""
        if says_nothing(group["AuthToken"]) and says_nothing(group["UserGroupIds"]):
            yield group.finding("AuthToken")
        elif not group["TransitEncryptionEnabled"]:
            yield group.finding("TransitEncryptionEnabled")

    bad = _PLAIN
    good = _with("AuthToken: '{{resolve:secretsmanager:cache}}'")


class CacheUnderSharedKey(StatedRule):
    """Some rules ask that the key of a cache is yours."""

    on, property = _GROUP, "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the cache is encrypted with a key of AWS, not with one of yours"
    references = (f"{_GUIDE}at-rest-encryption.html",)
    equivalents = ("CKV_AWS_191",)
    bad = _PLAIN
    good = _with("KmsKeyId: alias/cache")


class CacheWithoutFailover(PropertyRule):
    """When its first node fails the cache is away, and empty when it is back: no replica takes over by itself."""

    on, property, expected = _GROUP, "AutomaticFailoverEnabled", True
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "the cache is away and emptied when its first node fails: no replica takes over"
    references = (f"{_GUIDE}AutoFailover.html",)
    equivalents = ("CKV2_AWS_50", "ElastiCache.3")
    bad = _PLAIN
    good = _with("AutomaticFailoverEnabled: true\n            NumCacheClusters: 2")


class CacheNotBackedUp(Rule):
    """What the cache holds cannot be brought back: no backup is taken."""

    on = Kinds((_GROUP, _CLUSTER))
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "what the cache holds cannot be brought back: no backup is kept"
    references = (f"{_GUIDE}backups-automatic.html",)
    equivalents = ("CKV_AWS_134", "AVD-AWS-0050", "aws-elasticache-enable-backup-retention", "ElastiCache.1")

    def check(self, cache: Resource) -> Iterable[Finding]:
        """Look for backups, where the engine can make them."""
        if is_stated(cache["Engine"]) and cache["Engine"] == "memcached":
            return
        kept = cache["SnapshotRetentionLimit"]
        if not is_stated(kept) or kept == 0:
            yield cache.finding("SnapshotRetentionLimit")

    bad = _PLAIN
    good = _with("SnapshotRetentionLimit: 7")


class CacheUpgradesOff(Rule):
    """Security patches of the cache wait until somebody installs them: minor upgrades are turned off."""

    on = Kinds((_GROUP, _CLUSTER))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "security patches of the cache wait for somebody: minor upgrades are turned off"
    references = (f"{_GUIDE}VersionManagement.html",)
    equivalents = ("CKV_AWS_322", "ElastiCache.2")

    def check(self, cache: Resource) -> Iterable[Finding]:
        """Look for upgrades that were turned off."""
        upgraded = cache["AutoMinorVersionUpgrade"]
        if is_stated(upgraded) and not upgraded:
            yield cache.finding("AutoMinorVersionUpgrade")

    bad = _with("AutoMinorVersionUpgrade: false")
    good = _PLAIN


class CacheInDefaultSubnets(StatedRule):
    """The cache stands in the default subnets of the account, which are public, instead of those meant for data."""

    on, property = _CLUSTER, "CacheSubnetGroupName"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the cache stands in the account's default subnets"
    references = (f"{_GUIDE}SubnetGroups.html",)
    equivalents = ("CKV_AWS_323", "AVD-AWS-0049", "ElastiCache.7")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for a subnet group of one's own."""
        name = subject[self.property]
        if says_nothing(name) or name == "default":
            yield subject.finding(self.property)

    bad = "Sessions: {Type: AWS::ElastiCache::CacheCluster, Properties: {Engine: redis, CacheNodeType: cache.t4g.micro, NumCacheNodes: 1}}"
    good = bad.replace("redis,", "redis, CacheSubnetGroupName: data,")


RULES = (
    CacheUnencryptedAtRest(),
    CacheUnencryptedInTransit(),
    CachePasswordInTemplate(),
    CacheWithoutPassword(),
    CacheUnderSharedKey(),
    CacheWithoutFailover(),
    CacheNotBackedUp(),
    CacheUpgradesOff(),
    CacheInDefaultSubnets(),
)
