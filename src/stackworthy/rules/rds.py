"""Amazon RDS: databases, their clusters and proxies. What only some ask for is in rds_strict."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Kinds, PropertyRule, Relation, Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._forms import LiteralSecretRule

INSTANCE = "AWS::RDS::DBInstance"
CLUSTER = "AWS::RDS::DBCluster"
BOTH = Kinds((INSTANCE, CLUSTER))
GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"

PLAIN = """
        Data:
          Type: AWS::RDS::DBInstance
          Properties:
            Engine: postgres
            DBInstanceClass: db.t4g.micro
            AllocatedStorage: '20'
            StorageEncrypted: true
            PubliclyAccessible: false
            DeletionProtection: true
            BackupRetentionPeriod: 7
            ManageMasterUserPassword: true
            MasterUsername: app
    """
PLAIN_CLUSTER = """
        Data:
          Type: AWS::RDS::DBCluster
          Properties:
            Engine: aurora-postgresql
            StorageEncrypted: true
            DeletionProtection: true
            BackupRetentionPeriod: 7
            ManageMasterUserPassword: true
            MasterUsername: app
    """


def in_cluster(instance: Resource) -> bool:
    """Whether an instance belongs to a cluster, which then has the say over storage and backups."""
    return instance.kind == INSTANCE and is_stated(instance["DBClusterIdentifier"])


def is_copy(database: Resource) -> bool:
    """Whether a database is made from another one or a snapshot, and inherits from it."""
    return any(is_stated(database[name]) for name in _SOURCES[database.kind or ""])


_SOURCES = {
    INSTANCE: ("SourceDBInstanceIdentifier", "DBSnapshotIdentifier"),
    CLUSTER: ("SnapshotIdentifier", "SourceDBClusterIdentifier", "ReplicationSourceIdentifier"),
}


class DatabaseUnencrypted(Rule):
    """The data, its logs and its snapshots lie unencrypted; that can be chosen only when the database is made.

    Encryption costs nothing and needs no change of the programs.
    """

    on = BOTH
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the data lies unencrypted, and that cannot be changed once it is there"
    references = (f"{GUIDE}Overview.Encryption.html",)
    equivalents = (
        "CKV_AWS_16",
        "CKV_AWS_96",
        "AVD-AWS-0079",
        "aws-rds-encrypt-cluster-storage-data",
        "AVD-AWS-0080",
        "aws-rds-encrypt-instance-storage-data",
        "RDS.3",
        "RDS.27",
        "F26",
        "F27",
    )
    fix_safety = Unsafe("the database is made anew, empty: restore an encrypted copy of its snapshot instead")

    def check(self, database: Resource) -> Iterable[Finding]:
        """Ask whether the storage is encrypted; a copy is as its source is."""
        if in_cluster(database) or is_copy(database):
            return
        if not database["StorageEncrypted"]:
            yield database.finding("StorageEncrypted")

    def fix(self, finding: Finding) -> Fix | None:
        """Encrypt it."""
        return self.offer(finding.resource.set("StorageEncrypted", True))

    bad = PLAIN.replace("StorageEncrypted: true", "StorageEncrypted: false")
    good = (PLAIN, PLAIN_CLUSTER)


class DatabasePublic(PropertyRule):
    """The database has an address on the internet: a password is all that keeps strangers out, if its network lets them in."""

    on, property, expected = INSTANCE, "PubliclyAccessible", False
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the database has an address on the internet"
    references = (f"{GUIDE}USER_VPC.WorkingWithRDSInstanceinaVPC.html",)
    equivalents = ("CKV_AWS_17", "AVD-AWS-0082", "AVD-AWS-0180", "RDS.2", "F22")
    fix_safety = Unsafe("who comes from outside the VPC can no longer connect")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Ask whether the instance is public by its own word; the default depends on its subnets."""
        public = subject["PubliclyAccessible"]
        if is_stated(public) and public:
            yield subject.finding("PubliclyAccessible")

    bad = PLAIN.replace("PubliclyAccessible: false", "PubliclyAccessible: true")
    good = PLAIN


class DatabasePasswordInTemplate(LiteralSecretRule):
    """The password of the database stands in the template for everybody who can read it or its history.

    RDS can make one up, keep it in Secrets Manager and change it each week: `ManageMasterUserPassword: true`.
    """

    on, paths = BOTH, {"MasterUserPassword": "password"}
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "the password of the database stands in the template for everybody who can read it"
    references = (f"{GUIDE}rds-secrets-manager.html",)
    equivalents = ("F23", "F24")
    bad = PLAIN.replace("ManageMasterUserPassword: true", "MasterUserPassword: hk3Jd8sLq0")
    good = PLAIN


class DatabaseDeletable(Rule):
    """One wrong call, or a change that replaces the database, deletes it with everything in it.

    Deletion protection makes RDS refuse until somebody turns it off on purpose. It costs nothing.
    """

    on = BOTH
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "one wrong call deletes this database: deletion protection is off"
    references = (f"{GUIDE}USER_DeleteInstance.html",)
    equivalents = (
        "CKV_AWS_139",
        "CKV_AWS_293",
        "AVD-AWS-0177",
        "aws-rds-enable-deletion-protection",
        "RDS.7",
        "RDS.8",
        "F80",
    )
    fix_safety = Unsafe(
        "deleting the stack, or a change that replaces the database, fails until it is turned off again"
    )

    def check(self, database: Resource) -> Iterable[Finding]:
        """Ask whether RDS refuses to delete it; instances of a cluster can be made again from it."""
        if not in_cluster(database) and not database["DeletionProtection"]:
            yield database.finding("DeletionProtection")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn it on."""
        return self.offer(finding.resource.set("DeletionProtection", True))

    bad = PLAIN.replace("DeletionProtection: true", "DeletionProtection: false")
    good = (PLAIN, PLAIN_CLUSTER)


class DatabaseBackupsOff(Rule):
    """What a mistake deletes or overwrites is gone: automatic backups are turned off."""

    on = BOTH
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "what a mistake deletes or overwrites here is gone: automatic backups are off"
    references = (f"{GUIDE}USER_WorkingWithAutomatedBackups.html",)
    equivalents = ("CKV_AWS_133", "AVD-AWS-0077", "aws-rds-specify-backup-retention", "RDS.11")
    fix_safety = Unsafe("backups beyond the size of the database are billed, and the instance restarts once")

    def check(self, instance: Resource) -> Iterable[Finding]:
        """Look for backups that are kept for no day."""
        if not in_cluster(instance) and not is_copy(instance) and instance["BackupRetentionPeriod"] == 0:
            yield instance.finding("BackupRetentionPeriod")

    def fix(self, finding: Finding) -> Fix | None:
        """Keep backups for a week."""
        return self.offer(finding.resource.set("BackupRetentionPeriod", 7))

    bad = PLAIN.replace("BackupRetentionPeriod: 7", "BackupRetentionPeriod: 0")
    good = (PLAIN, PLAIN_CLUSTER)


class MinorUpgradesOff(PropertyRule):
    """Security patches of the database wait until somebody installs them: minor upgrades are turned off."""

    on, property, expected = INSTANCE, "AutoMinorVersionUpgrade", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "security patches of the database wait for somebody: minor upgrades are turned off"
    references = (f"{GUIDE}USER_UpgradeDBInstance.Upgrading.html",)
    equivalents = ("CKV_AWS_226", "RDS.13")
    fix_safety = Unsafe("the database restarts in its maintenance window when a new minor version comes out")
    bad = PLAIN.replace("Engine:", "AutoMinorVersionUpgrade: false\n            Engine:")
    good = PLAIN


class OldDatabaseCertificate(Rule):
    """The certificate authority of the database has expired: clients that check certificates can no longer connect."""

    on = INSTANCE
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "clients that check certificates cannot connect: {authority} expired in {year}"
    references = (f"{GUIDE}UsingWithRDS.SSL.html",)
    equivalents = ("CKV_AWS_211",)
    fix_safety = Unsafe("clients must trust the new authority before")

    def check(self, instance: Resource) -> Iterable[Finding]:
        """Look at the authority."""
        authority = instance["CACertificateIdentifier"]
        if authority in ("rds-ca-2015", "rds-ca-2019"):
            year = "2020" if authority == "rds-ca-2015" else "2024"
            yield instance.finding("CACertificateIdentifier", authority=authority, year=year)

    def fix(self, finding: Finding) -> Fix | None:
        """Use the present default."""
        return self.offer(finding.resource.set("CACertificateIdentifier", "rds-ca-rsa2048-g1"))

    bad = PLAIN.replace("Engine:", "CACertificateIdentifier: rds-ca-2019\n            Engine:")
    good = bad.replace("rds-ca-2019", "rds-ca-rsa2048-g1")


class ProxyTakesPlainConnections(PropertyRule):
    """Passwords and data travel in the clear between functions and the proxy when a client does not ask for TLS."""

    on, property, expected = "AWS::RDS::DBProxy", "RequireTLS", True
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "passwords and data may travel in the clear: the proxy takes connections without TLS"
    references = (f"{GUIDE}rds-proxy.howitworks.html",)
    fix_safety = Unsafe("clients that connect without TLS are refused")
    bad = """
        Proxy:
          Type: AWS::RDS::DBProxy
          Properties:
            DBProxyName: app
            EngineFamily: POSTGRESQL
            RoleArn: 'arn:aws:iam::111122223333:role/proxy'
            VpcSubnetIds: [subnet-1, subnet-2]
    """
    good = bad.replace("DBProxyName: app", "DBProxyName: app\n            RequireTLS: true")


class DatabaseConnectionsUncapped(Rule):
    """Every copy of the function opens its own connection: under load the database runs out of them, for all its users.

    A proxy shares a few connections between all copies; the function's reserved concurrency caps their number.
    """

    on = Relation("refers to", "AWS::Lambda::Function", INSTANCE)
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    confidence = Confidence.MEDIUM
    message = "each copy of the function opens its own connection to {database}, up to a thousand: no proxy shares them, and nothing caps them"
    references = (f"{GUIDE}rds-proxy.html",)

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Look for functions that know the address of an instance, with neither a proxy nor a cap."""
        function, database = edge.source, edge.target
        if edge.details.get("attribute") != "Endpoint.Address" or function.graph.of("AWS::RDS::DBProxy"):
            return
        if not is_stated(function["ReservedConcurrentExecutions"]):
            also = [database.place("", "the database")]
            yield function.finding("ReservedConcurrentExecutions", also=also, database=database.name)

    bad = (
        PLAIN
        + """
        Fn:
          Type: AWS::Lambda::Function
          Properties: {Environment: {Variables: {HOST: !GetAtt Data.Endpoint.Address}}}
    """
    )
    good = bad.replace("Environment:", "ReservedConcurrentExecutions: 20, Environment:")


class ClusterConnectionsUncapped(DatabaseConnectionsUncapped):
    """Every copy of the function opens its own connection: under load the cluster runs out of them, for all its users.

    A proxy shares a few connections between all copies; the Data API needs none; the function's reserved concurrency
    caps their number.
    """

    on = Relation("refers to", "AWS::Lambda::Function", CLUSTER)
    bad = (
        PLAIN_CLUSTER
        + """
        Fn:
          Type: AWS::Lambda::Function
          Properties: {Environment: {Variables: {HOST: !GetAtt Data.Endpoint.Address}}}
    """
    )
    good = bad.replace("Environment:", "ReservedConcurrentExecutions: 20, Environment:")


RULES = (
    DatabaseUnencrypted(),
    DatabasePublic(),
    DatabasePasswordInTemplate(),
    DatabaseDeletable(),
    DatabaseBackupsOff(),
    MinorUpgradesOff(),
    OldDatabaseCertificate(),
    ProxyTakesPlainConnections(),
    DatabaseConnectionsUncapped(),
    ClusterConnectionsUncapped(),
)
