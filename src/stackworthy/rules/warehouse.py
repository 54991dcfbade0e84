"""Amazon Redshift, the Database Migration Service and Amazon MQ."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import ABSENT, is_stated
from stackworthy.rules._forms import ForbiddenValueRule, StatedRule, items, says_nothing

_CLUSTER = "AWS::Redshift::Cluster"
_MOVER = "AWS::DMS::ReplicationInstance"
_BROKER = "AWS::AmazonMQ::Broker"
_GUIDE = "https://docs.aws.amazon.com/redshift/latest/mgmt/"
_DMS = "https://docs.aws.amazon.com/dms/latest/userguide/"
_MQ = "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/"

_SSL_ENGINES = (
    "mysql",
    "mariadb",
    "aurora",
    "aurora-postgresql",
    "postgres",
    "oracle",
    "sqlserver",
    "mongodb",
    "docdb",
    "db2",
)
_PLAIN = """
        Sales:
          Type: AWS::Redshift::Cluster
          Properties:
            ClusterType: multi-node
            NodeType: ra3.large
            DBName: sales
            MasterUsername: keeper
            ManageMasterPassword: true
            Encrypted: true
            PubliclyAccessible: false
            EnhancedVpcRouting: true
            ClusterSubnetGroupName: inner
            LoggingProperties: {BucketName: sales-logs}
    """
_SETTINGS = """
        Settings:
          Type: AWS::Redshift::ClusterParameterGroup
          Properties:
            Description: sales
            ParameterGroupFamily: redshift-1.0
            Parameters: [{ParameterName: require_ssl, ParameterValue: 'true'}]
    """
_MOVES = """
        Mover:
          Type: AWS::DMS::ReplicationInstance
          Properties: {ReplicationInstanceClass: dms.t3.medium, PubliclyAccessible: false, AutoMinorVersionUpgrade: true, KmsKeyId: alias/dms}
    """
_BROKERS = """
        Broker:
          Type: AWS::AmazonMQ::Broker
          Properties:
            BrokerName: orders
            EngineType: ACTIVEMQ
            DeploymentMode: ACTIVE_STANDBY_MULTI_AZ
            HostInstanceType: mq.m5.large
            PubliclyAccessible: false
            AutoMinorVersionUpgrade: true
            Logs: {General: true, Audit: true}
            EncryptionOptions: {UseAwsOwnedKey: false, KmsKeyId: alias/orders}
            Users: []
    """


def _with(line: str) -> str:
    return _PLAIN.replace("ClusterType:", f"{line}\n            ClusterType:")


class WarehouseUnencrypted(PropertyRule):
    """The disks and snapshots of the warehouse are not encrypted."""

    on, property, expected = _CLUSTER, "Encrypted", True
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "the warehouse's disks and snapshots are not encrypted"
    references = (f"{_GUIDE}working-with-db-encryption.html",)
    equivalents = ("CKV_AWS_64", "AVD-AWS-0084", "aws-redshift-encryption-customer-key", "Redshift.10", "F28")
    fix_safety = Unsafe("Redshift moves all data to new disks, during which the cluster is read-only")
    bad = _PLAIN.replace("Encrypted: true", "Encrypted: false")
    good = _PLAIN


class WarehouseUnderSharedKey(StatedRule):
    """Some rules ask that the key of a warehouse is yours."""

    on, property = _CLUSTER, "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the warehouse is encrypted with a key of AWS, not with one of yours"
    references = (f"{_GUIDE}working-with-db-encryption.html",)
    equivalents = ("CKV_AWS_142",)
    bad = _PLAIN
    good = _with("KmsKeyId: alias/sales")


class ServerlessWarehouseUnderSharedKey(StatedRule):
    """Some rules ask that the key of a warehouse is yours."""

    on, property = "AWS::RedshiftServerless::Namespace", "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the warehouse is encrypted with a key of AWS, not with one of yours"
    references = (f"{_GUIDE}serverless-workgroups-and-namespaces-rotate-kms-key.html",)
    equivalents = ("CKV_AWS_282", "RedshiftServerless.4")
    bad = "Sales: {Type: AWS::RedshiftServerless::Namespace, Properties: {NamespaceName: sales}}"
    good = bad.replace("sales}", "sales, KmsKeyId: alias/sales}")


class WarehouseReachableFromInternet(PropertyRule):
    """The warehouse has an address on the internet: one open security group or weak password is all that is missing."""

    on, property, expected = _CLUSTER, "PubliclyAccessible", False
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the warehouse has an address on the internet"
    references = (f"{_GUIDE}managing-clusters-vpc.html",)
    equivalents = ("CKV_AWS_87", "CKV_AWS_391", "Redshift.1")
    fix_safety = Unsafe("whoever connects from the internet is refused")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for an address that is asked for; new clusters have none."""
        if is_stated(subject["PubliclyAccessible"]) and subject["PubliclyAccessible"]:
            yield subject.finding("PubliclyAccessible")

    bad = _PLAIN.replace("PubliclyAccessible: false", "PubliclyAccessible: true")
    good = _PLAIN


class WarehouseOutsideVpc(StatedRule):
    """Without a subnet group nobody chose the network in which the warehouse stands."""

    on, property = _CLUSTER, "ClusterSubnetGroupName"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "nobody chose the network of the warehouse: no subnet group is stated"
    references = (f"{_GUIDE}working-with-cluster-subnet-groups.html",)
    equivalents = ("CKV_AWS_154", "AVD-AWS-0127", "aws-redshift-use-vpc")
    bad = _PLAIN.replace("            ClusterSubnetGroupName: inner\n", "")
    good = _PLAIN


class WarehouseNotLogged(StatedRule):
    """Nobody can say later who connected and what they asked: the audit log is off."""

    on, property = _CLUSTER, "LoggingProperties"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nobody can say later who asked what: the audit log is off"
    references = (f"{_GUIDE}db-auditing.html",)
    equivalents = ("CKV_AWS_71", "Redshift.4", "W35")
    bad = _PLAIN.replace("            LoggingProperties: {BucketName: sales-logs}\n", "")
    good = _PLAIN


class WarehouseCopiesLeaveNetwork(PropertyRule):
    """COPY and UNLOAD go over the internet, past security groups, endpoints and flow logs of the VPC."""

    on, property, expected = _CLUSTER, "EnhancedVpcRouting", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "COPY and UNLOAD go past the VPC's endpoints and flow logs: enhanced VPC routing is off"
    references = (f"{_GUIDE}enhanced-vpc-routing.html",)
    equivalents = ("CKV_AWS_321", "Redshift.7")
    bad = _PLAIN.replace("EnhancedVpcRouting: true", "EnhancedVpcRouting: false")
    good = _PLAIN


class WarehouseNamedByDefault(Rule):
    """The names that Redshift proposes are the first that anybody guesses."""

    on = _CLUSTER
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the {what} has the name that everybody guesses first: {name}"
    references = (f"{_GUIDE}rs-create-cluster.html",)
    equivalents = ("CKV_AWS_320", "CKV_AWS_391", "Redshift.8", "Redshift.9")

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Compare the names of database and user with the proposed ones."""
        if not is_stated(cluster["DBName"]) or cluster["DBName"] == "dev":
            yield cluster.finding("DBName", what="database", name="dev")
        if cluster["MasterUsername"] == "awsuser":
            yield cluster.finding("MasterUsername", what="user", name="awsuser")

    bad = (_PLAIN.replace("DBName: sales", "DBName: dev"), _PLAIN.replace("keeper", "awsuser"))
    good = _PLAIN


class WarehouseUpgradesOff(PropertyRule):
    """Faults that AWS has mended stay: the cluster takes no new major version by itself."""

    on, property, expected = _CLUSTER, "AllowVersionUpgrade", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "faults that AWS has mended stay: version upgrades are off"
    references = (f"{_GUIDE}managing-cluster-considerations.html",)
    equivalents = ("CKV_AWS_141", "Redshift.6")
    fix_safety = SAFE

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for upgrades that somebody turned off; they are on by default."""
        if is_stated(subject["AllowVersionUpgrade"]) and not subject["AllowVersionUpgrade"]:
            yield subject.finding("AllowVersionUpgrade")

    bad = _with("AllowVersionUpgrade: false")
    good = _PLAIN


class WarehouseSnapshotsOff(Rule):
    """What a mistake or a failed disk takes from the warehouse is gone: automatic snapshots are off."""

    on = _CLUSTER
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "what a mistake deletes is gone: automatic snapshots are off"
    references = (f"{_GUIDE}working-with-snapshots.html",)
    equivalents = ("CKV_AWS_343", "Redshift.3")

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Look for days of retention; one day is the default."""
        days = cluster["AutomatedSnapshotRetentionPeriod"]
        if is_stated(days) and days == 0:
            yield cluster.finding("AutomatedSnapshotRetentionPeriod")

    bad = _with("AutomatedSnapshotRetentionPeriod: 0")
    good = _PLAIN


class WarehouseTakesPlainConnections(Rule):
    """Programs may talk with the warehouse in clear text: its settings do not ask for TLS.

    Parameter groups of the family redshift-2.0 ask for it by themselves.
    """

    on = "AWS::Redshift::ClusterParameterGroup"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "programs may talk with the warehouse in clear text: require_ssl is not on"
    references = (f"{_GUIDE}connecting-ssl-support.html",)
    equivalents = ("CKV_AWS_105", "Redshift.2")

    def check(self, group: Resource) -> Iterable[Finding]:
        """Look for the parameter."""
        for path, entry in items(group, "Parameters"):
            if entry["ParameterName"] in ("require_ssl", "use_fips_ssl"):
                value = entry["ParameterValue"]
                if value == True or value in ("true", "True", "TRUE", "1"):  # noqa: E712  a value of three states
                    return
                yield group.finding(f"{path}.ParameterValue")
                return
        if group["ParameterGroupFamily"] == "redshift-1.0":
            yield group.finding("Parameters")

    bad = (
        _SETTINGS.replace("'true'", "'false'"),
        _SETTINGS.replace("require_ssl", "enable_user_activity_logging"),
    )
    good = _SETTINGS


class MigrationReachableFromInternet(ForbiddenValueRule):
    """A replication instance holds the passwords of both databases, and has an address on the internet."""

    on, property, forbidden = _MOVER, "PubliclyAccessible", (True,)
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the replication instance has an address on the internet"
    references = (f"{_DMS}CHAP_ReplicationInstance.PublicPrivate.html",)
    equivalents = ("CKV_AWS_89", "DMS.1")
    bad = _MOVES.replace("PubliclyAccessible: false", "PubliclyAccessible: true")
    good = _MOVES


class MigrationUpgradesOff(PropertyRule):
    """Faults that AWS has mended stay: the replication instance takes no minor version by itself."""

    on, property, expected = _MOVER, "AutoMinorVersionUpgrade", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "faults that AWS has mended stay: minor upgrades are off"
    references = (f"{_DMS}CHAP_ReplicationInstance.EngineVersions.html",)
    equivalents = ("CKV_AWS_222", "DMS.6")
    fix_safety = SAFE
    bad = _MOVES.replace("Upgrade: true", "Upgrade: false")
    good = _MOVES


class MigrationUnderSharedKey(StatedRule):
    """Some rules ask that the key of what migrates data is yours."""

    on, property = _MOVER, "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the replication instance's disks are encrypted with a key of AWS, not with one of yours"
    references = (f"{_DMS}CHAP_Security.html",)
    equivalents = ("CKV_AWS_212",)
    bad = _MOVES.replace(", KmsKeyId: alias/dms", "")
    good = _MOVES


class MigrationInClear(Rule):
    """Everything that is migrated travels in clear text between the database and the replication instance."""

    on = "AWS::DMS::Endpoint"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "what is migrated travels in clear text: SSL is off at this endpoint"
    references = (f"{_DMS}CHAP_Security.SSL.html",)
    equivalents = ("CKV2_AWS_49", "DMS.9")

    def check(self, endpoint: Resource) -> Iterable[Finding]:
        """Look at endpoints of databases that know SSL."""
        if endpoint["EngineName"] in _SSL_ENGINES and endpoint["SslMode"] in ("none", ABSENT):
            yield endpoint.finding("SslMode")

    bad = "Source: {Type: AWS::DMS::Endpoint, Properties: {EndpointType: source, EngineName: mysql, SslMode: none}}"
    good = bad.replace("SslMode: none", "SslMode: verify-full")


class BrokerReachableFromInternet(ForbiddenValueRule):
    """The broker has an address on the internet: a guessed password is all that is missing to read every message."""

    on, property, forbidden = _BROKER, "PubliclyAccessible", (True,)
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the broker has an address on the internet"
    references = (f"{_MQ}using-amazon-mq-securely.html",)
    equivalents = ("CKV_AWS_69", "AVD-AWS-0072", "aws-mq-no-public-access", "MQ.7")
    bad = _BROKERS.replace("PubliclyAccessible: false", "PubliclyAccessible: true")
    good = _BROKERS


class BrokerNotLogged(PropertyRule):
    """What the broker refuses, and why it restarted, is not to be found anywhere: it exports no log."""

    on, property, expected = _BROKER, "Logs.General", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "why the broker refused or restarted is not to be found: it exports no log"
    references = (f"{_MQ}security-logging-monitoring.html",)
    equivalents = ("CKV_AWS_48", "AVD-AWS-0071", "aws-mq-enable-general-logging")
    fix_safety = Unsafe(
        "log lines are billed by their size; ActiveMQ writes none unless a resource policy of CloudWatch Logs lets Amazon MQ do so"
    )
    bad = _BROKERS.replace("General: true", "General: false")
    good = _BROKERS


class BrokerNotAudited(PropertyRule):
    """Nobody can say later who changed the broker's queues and users: RabbitMQ has no such log, ActiveMQ's is off."""

    on, property, expected = _BROKER, "Logs.Audit", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nobody can say later who changed queues and users: the audit log is off"
    references = (f"{_MQ}security-logging-monitoring.html",)
    equivalents = ("CKV_AWS_197", "AVD-AWS-0070", "aws-mq-enable-audit-logging", "MQ.2")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at brokers that know such a log."""
        if subject["EngineType"].upper() == "ACTIVEMQ":
            yield from super().check(subject)

    bad = _BROKERS.replace("Audit: true", "Audit: false")
    good = _BROKERS


class BrokerUpgradesOff(PropertyRule):
    """Faults that the engine's makers have mended stay: the broker takes no minor version by itself."""

    on, property, expected = _BROKER, "AutoMinorVersionUpgrade", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "faults that the engine's makers have mended stay: minor upgrades are off"
    references = (f"{_MQ}upgrading-brokers.html",)
    equivalents = ("CKV_AWS_207", "MQ.3")
    fix_safety = SAFE
    bad = _BROKERS.replace("AutoMinorVersionUpgrade: true", "AutoMinorVersionUpgrade: false")
    good = _BROKERS


class BrokerInOneZone(ForbiddenValueRule):
    """When its zone or machine fails, the broker is away and so is every message in it: no second one stands by."""

    on, property, forbidden = _BROKER, "DeploymentMode", ("SINGLE_INSTANCE",)
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "the broker stops with its zone: no other stands by"
    references = (f"{_MQ}amazon-mq-broker-architecture.html",)
    equivalents = ("MQ.5", "MQ.6")
    bad = _BROKERS.replace("ACTIVE_STANDBY_MULTI_AZ", "SINGLE_INSTANCE")
    good = _BROKERS


class BrokerUnderSharedKey(Rule):
    """Some rules ask that the key of a broker is yours."""

    on = _BROKER
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "messages are encrypted with a key of AWS, not with one of yours"
    references = (f"{_MQ}data-protection-encryption.html",)
    equivalents = ("CKV_AWS_209",)

    def check(self, broker: Resource) -> Iterable[Finding]:
        """Look for a key."""
        if says_nothing(broker["EncryptionOptions.KmsKeyId"]):
            yield broker.finding("EncryptionOptions.KmsKeyId")

    bad = _BROKERS.replace("UseAwsOwnedKey: false, KmsKeyId: alias/orders", "UseAwsOwnedKey: true")
    good = _BROKERS


RULES = (
    WarehouseUnencrypted(),
    WarehouseUnderSharedKey(),
    ServerlessWarehouseUnderSharedKey(),
    WarehouseReachableFromInternet(),
    WarehouseOutsideVpc(),
    WarehouseNotLogged(),
    WarehouseCopiesLeaveNetwork(),
    WarehouseNamedByDefault(),
    WarehouseUpgradesOff(),
    WarehouseSnapshotsOff(),
    WarehouseTakesPlainConnections(),
    MigrationReachableFromInternet(),
    MigrationUpgradesOff(),
    MigrationUnderSharedKey(),
    MigrationInClear(),
    BrokerReachableFromInternet(),
    BrokerNotLogged(),
    BrokerNotAudited(),
    BrokerUpgradesOff(),
    BrokerInOneZone(),
    BrokerUnderSharedKey(),
)
