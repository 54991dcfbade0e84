"""Amazon RDS: what some teams ask for, and others need not."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import ABSENT, is_stated
from stackworthy.rules._forms import StatedRule, says_nothing
from stackworthy.rules.rds import (
    AURORA,
    BOTH,
    GUIDE,
    PLAIN,
    PLAIN_CLUSTER,
    in_cluster,
    is_copy,
)

INSTANCE = "AWS::RDS::DBInstance"
CLUSTER = "AWS::RDS::DBCluster"
_DEFAULT_NAMES = ("admin", "administrator", "postgres", "root", "awsuser", "sa")


def _with(line: str) -> str:
    return PLAIN.replace("Engine:", f"{line}\n            Engine:")


def _cluster_with(line: str) -> str:
    return PLAIN_CLUSTER.replace("Engine:", f"{line}\n            Engine:")


class DatabaseInOneZone(Rule):
    """When its zone or machine fails, the database is away until RDS has made another; a second one would take over in a minute.

    It costs as much as the first.
    """

    on = INSTANCE
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "the database stops with its zone: no second instance stands by"
    references = (f"{GUIDE}Concepts.MultiAZ.html",)
    equivalents = ("CKV_AWS_157", "RDS.5")

    def check(self, instance: Resource) -> Iterable[Finding]:
        """Ask whether another instance stands by."""
        if not in_cluster(instance) and not instance["MultiAZ"]:
            yield instance.finding("MultiAZ")

    bad = PLAIN
    good = _with("MultiAZ: true")


class DatabaseBackupsShort(Rule):
    """A mistake that is noticed after a week cannot be undone."""

    on = BOTH
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "backups are kept for {days} days only"
    references = (f"{GUIDE}USER_WorkingWithAutomatedBackups.html",)
    equivalents = ("AVD-AWS-0077", "aws-rds-specify-backup-retention", "RDS.11")
    fix_safety = Unsafe("backups beyond the size of the database are billed")

    def check(self, database: Resource) -> Iterable[Finding]:
        """Compare the days with seven."""
        days = database["BackupRetentionPeriod"]
        if not in_cluster(database) and not is_copy(database) and 0 < days < 7:
            yield database.finding("BackupRetentionPeriod", days=days)

    def fix(self, finding: Finding) -> Fix | None:
        """Keep backups for a week."""
        return self.offer(finding.resource.set("BackupRetentionPeriod", 7))

    bad = PLAIN.replace("BackupRetentionPeriod: 7", "BackupRetentionPeriod: 1")
    good = PLAIN


class ClusterBackupUnstated(StatedRule):
    """Nobody chose for how long backups are kept: a cluster keeps them for one day."""

    on, property = CLUSTER, "BackupRetentionPeriod"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "backups are kept for one day, because nobody chose"
    references = (f"{AURORA}Aurora.Managing.Backups.html",)

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Ask whether anybody chose."""
        if not is_stated(subject.stated("BackupRetentionPeriod")):
            yield subject.finding("BackupRetentionPeriod")

    bad = PLAIN_CLUSTER.replace("BackupRetentionPeriod: 7", "Port: 5432")
    good = PLAIN_CLUSTER


class DatabaseByPasswordOnly(PropertyRule):
    """Programs log in with a password that must be kept and changed, where IAM could give them one for a quarter of an hour."""

    on, property, expected = BOTH, "EnableIAMDatabaseAuthentication", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "programs log in with a lasting password: IAM authentication is off"
    references = (f"{GUIDE}UsingWithRDS.IAMDBAuth.html",)
    equivalents = (
        "CKV_AWS_161",
        "CKV_AWS_162",
        "AVD-AWS-0176",
        "aws-rds-enable-iam-auth",
        "RDS.10",
        "RDS.12",
    )
    fix_safety = Unsafe("each login by IAM asks for a token, which programs must fetch")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Ask whether IAM may log in, where the engine knows how."""
        engine = subject["Engine"]
        if in_cluster(subject) or (
            engine is not ABSENT and engine.startswith(("oracle", "sqlserver", "custom"))
        ):
            return
        if not subject[self.property]:
            yield subject.finding(self.property)

    bad = PLAIN
    good = (
        _with("EnableIAMDatabaseAuthentication: true"),
        _cluster_with("EnableIAMDatabaseAuthentication: true"),
    )


class EnhancedMonitoringOff(Rule):
    """Nobody sees which process of the database's machine takes its processor and memory."""

    on = INSTANCE
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nobody sees what takes the machine's processor and memory: enhanced monitoring is off"
    references = (f"{GUIDE}USER_Monitoring.OS.html",)
    equivalents = ("CKV_AWS_118", "RDS.6")

    def check(self, instance: Resource) -> Iterable[Finding]:
        """Ask how often the machine is measured."""
        if instance["MonitoringInterval"] == 0:
            yield instance.finding("MonitoringInterval")

    bad = PLAIN
    good = _with("MonitoringInterval: 60")


class DatabaseLogsOff(StatedRule):
    """Errors and slow queries stay on the machine, where they are deleted after some days."""

    on, property = BOTH, "EnableCloudwatchLogsExports"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "errors and slow queries stay on the machine: no log is exported"
    references = (f"{GUIDE}USER_LogAccess.Procedural.UploadtoCloudWatch.html",)
    equivalents = ("CKV_AWS_129", "CKV_AWS_324", "RDS.9")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for exported logs; a cluster exports those of its instances."""
        if not in_cluster(subject) and says_nothing(subject[self.property]):
            yield subject.finding(self.property)

    bad = PLAIN
    good = (
        _with("EnableCloudwatchLogsExports: [postgresql]"),
        _cluster_with("EnableCloudwatchLogsExports: [postgresql]"),
    )


class AuroraAuditOff(Rule):
    """Nobody can say later who read or changed what: the audit log of Aurora MySQL is not exported."""

    on = CLUSTER
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "nobody can say later who read or changed what: the audit log is not exported"
    references = (f"{AURORA}AuroraMySQL.Integrating.CloudWatch.html",)
    equivalents = ("CKV_AWS_325", "RDS.34")

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Look for the audit log among those that are exported."""
        if _is_mysql(cluster) and "audit" not in cluster["EnableCloudwatchLogsExports"]:
            yield cluster.finding("EnableCloudwatchLogsExports")

    bad = PLAIN_CLUSTER.replace("aurora-postgresql", "aurora-mysql")
    good = bad.replace("Engine:", "EnableCloudwatchLogsExports: [audit]\n            Engine:")


class TagsLostInSnapshots(PropertyRule):
    """Snapshots lose the tags by which costs and owners are told."""

    on, property, expected = BOTH, "CopyTagsToSnapshot", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "snapshots lose the tags that say whose they are"
    references = (f"{GUIDE}USER_Tagging.html",)
    equivalents = ("CKV2_AWS_60", "CKV_AWS_313", "RDS.16", "RDS.17")
    fix_safety = Unsafe("policies and bills that go by tags then count the snapshots too")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Ask whether tags are copied; the cluster says so for its instances."""
        if not in_cluster(subject) and not subject[self.property]:
            yield subject.finding(self.property)

    bad = PLAIN
    good = (_with("CopyTagsToSnapshot: true"), _cluster_with("CopyTagsToSnapshot: true"))


class PerformanceInsightsOff(Rule):
    """Nobody sees which query makes the database slow; a week of Performance Insights costs nothing."""

    on = INSTANCE
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    profile = STRICT
    message = "nobody sees which query makes the database slow: Performance Insights are off"
    references = (f"{GUIDE}USER_PerfInsights.html",)
    equivalents = ("CKV_AWS_353", "AVD-AWS-0133", "aws-rds-enable-performance-insights")

    def check(self, instance: Resource) -> Iterable[Finding]:
        """Ask whether queries are measured."""
        if says_nothing(instance["EnablePerformanceInsights"]) or not instance["EnablePerformanceInsights"]:
            yield instance.finding("EnablePerformanceInsights")

    bad = PLAIN
    good = _with("EnablePerformanceInsights: true")


class PerformanceInsightsUnderSharedKey(Rule):
    """Some rules ask that what is measured of queries is encrypted with a key of yours."""

    on = INSTANCE
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "what is measured of queries is encrypted with a key of AWS"
    references = (f"{GUIDE}USER_PerfInsights.access-control.html",)
    equivalents = ("CKV_AWS_354", "AVD-AWS-0078", "aws-rds-enable-performance-insights-encryption")

    def check(self, instance: Resource) -> Iterable[Finding]:
        """Look for a key where queries are measured."""
        measured = instance["EnablePerformanceInsights"]
        if is_stated(measured) and measured and says_nothing(instance["PerformanceInsightsKMSKeyId"]):
            yield instance.finding("PerformanceInsightsKMSKeyId")

    bad = _with("EnablePerformanceInsights: true")
    good = _with("EnablePerformanceInsights: true\n            PerformanceInsightsKMSKeyId: alias/data")


class ClusterUnderSharedKey(StatedRule):
    """Some rules ask that the key of a cluster is yours; it is encrypted in any case."""

    on, property = CLUSTER, "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the cluster is encrypted with a key of AWS, not with one of yours"
    references = (f"{AURORA}Overview.Encryption.html",)
    equivalents = ("CKV_AWS_327",)
    bad = PLAIN_CLUSTER
    good = _cluster_with("KmsKeyId: alias/data")


def _is_mysql(cluster: Resource) -> bool:
    """Whether a cluster is of MySQL's kind, as it is by default in Terraform."""
    engine = cluster["Engine"]
    return not is_stated(engine) or engine in ("aurora-mysql", "aurora", "mysql")


class BacktrackOff(Rule):
    """Aurora MySQL can be wound back by some hours in place, without restoring anything, for the price of its change records."""

    on = CLUSTER
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "a mistake of a minute ago takes a restore to undo: backtracking is off"
    references = (f"{AURORA}AuroraMySQL.Managing.Backtrack.html",)
    equivalents = ("CKV_AWS_326", "RDS.14")

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Look at the window of clusters that can be wound back."""
        if _is_mysql(cluster) and cluster["BacktrackWindow"] == 0:
            yield cluster.finding("BacktrackWindow")

    bad = PLAIN_CLUSTER.replace("aurora-postgresql", "aurora-mysql")
    good = bad.replace("Engine:", "BacktrackWindow: 86400\n            Engine:")


class DatabaseUserHasDefaultName(Rule):
    """Whoever tries passwords tries them for the names that everybody uses."""

    on = BOTH
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the first user has a name that everybody tries: {name}"
    references = (f"{GUIDE}UsingWithRDS.MasterAccounts.html",)
    equivalents = ("RDS.24", "RDS.25")

    def check(self, database: Resource) -> Iterable[Finding]:
        """Look at the name."""
        name = database["MasterUsername"]
        if is_stated(name) and name in _DEFAULT_NAMES:
            yield database.finding("MasterUsername", name=name)

    bad = PLAIN.replace("MasterUsername: app", "MasterUsername: postgres")
    good = PLAIN


class DatabasePasswordByHand(Rule):
    """Somebody must make up the password, hand it to the stack and change it; RDS would do so itself, each week, for nothing."""

    on = BOTH
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "somebody must keep and change the password by hand: RDS does not manage it"
    references = (f"{GUIDE}rds-secrets-manager.html",)

    def check(self, database: Resource) -> Iterable[Finding]:
        """Look for a password that is handed in."""
        if is_stated(database["MasterUserPassword"]):
            yield database.finding("MasterUserPassword")

    bad = PLAIN.replace(
        "ManageMasterUserPassword: true", "MasterUserPassword: '{{resolve:secretsmanager:data}}'"
    )
    good = PLAIN


RULES = (
    DatabaseInOneZone(),
    DatabaseBackupsShort(),
    ClusterBackupUnstated(),
    DatabaseByPasswordOnly(),
    EnhancedMonitoringOff(),
    DatabaseLogsOff(),
    AuroraAuditOff(),
    TagsLostInSnapshots(),
    PerformanceInsightsOff(),
    PerformanceInsightsUnderSharedKey(),
    ClusterUnderSharedKey(),
    BacktrackOff(),
    DatabaseUserHasDefaultName(),
    DatabasePasswordByHand(),
)
