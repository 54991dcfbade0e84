"""Databases other than RDS and DynamoDB: Amazon DocumentDB, Neptune, MemoryDB, Timestream and DynamoDB Accelerator."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, PropertyRule, Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._forms import StatedRule, says_nothing
from stackworthy.rules._reading import as_map

_DOCDB = "AWS::DocDB::DBCluster"
_NEPTUNE = "AWS::Neptune::DBCluster"
_MEMORY = "AWS::MemoryDB::Cluster"
_CLUSTERS = Kinds((_DOCDB, _NEPTUNE))
_DOC_GUIDE = "https://docs.aws.amazon.com/documentdb/latest/developerguide/"
_GRAPH_GUIDE = "https://docs.aws.amazon.com/neptune/latest/userguide/"
_MEMORY_GUIDE = "https://docs.aws.amazon.com/memorydb/latest/devguide/"
_DAX_GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"

_PLAIN = """
        Data:
          Type: AWS::DocDB::DBCluster
          Properties:
            StorageEncrypted: true
            BackupRetentionPeriod: 7
            DeletionProtection: true
            EnableCloudwatchLogsExports: [audit, profiler]
    """
_GRAPH = (
    _PLAIN.replace("DocDB", "Neptune")
    .replace("[audit, profiler]", "[audit]")
    .replace("Storage", "IamAuthEnabled: true\n            Storage")
)
_PARAMETERS = """
        Settings:
          Type: AWS::DocDB::DBClusterParameterGroup
          Properties: {Description: orders, Family: docdb5.0, Parameters: {tls: enabled}}
    """
_CACHE = """
        Cache:
          Type: AWS::DAX::Cluster
          Properties:
            IAMRoleARN: 'arn:aws:iam::111122223333:role/dax'
            NodeType: dax.t3.small
            ReplicationFactor: 3
            ClusterEndpointEncryptionType: TLS
            SSESpecification: {SSEEnabled: true}
    """
_STORE = "Store: {Type: AWS::MemoryDB::Cluster, Properties: {ACLName: shop, NodeType: db.t4g.small, KmsKeyId: alias/shop}}"


class ClusterUnencrypted(PropertyRule):
    """The disks of the cluster, its backups and copies are not encrypted, and can be only by making the cluster anew."""

    on, property, expected = _CLUSTERS, "StorageEncrypted", True
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "the cluster's disks and backups are not encrypted"
    references = (
        f"{_DOC_GUIDE}encryption-at-rest.html",
        f"{_GRAPH_GUIDE}encrypt.html",
    )
    equivalents = (
        "CKV_AWS_74",
        "CKV_AWS_44",
        "AVD-AWS-0021",
        "aws-documentdb-enable-storage-encryption",
        "AVD-AWS-0076",
        "aws-neptune-enable-storage-encryption",
        "DocumentDB.1",
        "Neptune.1",
        "W78",
    )
    fix_safety = Unsafe("the cluster is replaced, without its data")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at clusters that are not made from a snapshot, which brings its own encryption."""
        if not is_stated(subject["SnapshotIdentifier"]):
            yield from super().check(subject)

    bad = (
        _PLAIN.replace("StorageEncrypted: true", "StorageEncrypted: false"),
        _GRAPH.replace("StorageEncrypted: true", "StorageEncrypted: false"),
    )
    good = (_PLAIN, _GRAPH)


class StoreUnderSharedKey(StatedRule):
    """Some rules ask that the key of a cluster is yours."""

    on, property = Kinds((_DOCDB, _NEPTUNE, _MEMORY, "AWS::Timestream::Database")), "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the data is encrypted with a key of AWS, not with one of yours"
    references = (
        f"{_DOC_GUIDE}encryption-at-rest.html",
        f"{_GRAPH_GUIDE}encrypt.html",
        f"{_MEMORY_GUIDE}at-rest-encryption.html",
        "https://docs.aws.amazon.com/timestream/latest/developerguide/EncryptionAtRest.html",
    )
    equivalents = (
        "CKV_AWS_182",
        "CKV_AWS_347",
        "CKV_AWS_201",
        "CKV_AWS_160",
        "AVD-AWS-0022",
        "aws-documentdb-encryption-customer-key",
        "AVD-AWS-0128",
        "aws-neptune-encryption-customer-key",
    )
    bad = (
        _PLAIN,
        _STORE.replace(", KmsKeyId: alias/shop", ""),
        "Times: {Type: AWS::Timestream::Database, Properties: {DatabaseName: times}}",
    )
    good = (
        _PLAIN.replace("StorageEncrypted: true", "StorageEncrypted: true\n            KmsKeyId: alias/data"),
        _STORE,
    )


class ClusterBackupsShort(Rule):
    """A mistake that is noticed after the last backup is gone cannot be undone; without a word, one day is kept."""

    on = _CLUSTERS
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "backups are kept for less than a week"
    references = (f"{_DOC_GUIDE}backup_restore.html", f"{_GRAPH_GUIDE}backup-restore-overview.html")
    equivalents = ("CKV_AWS_360", "CKV_AWS_361", "DocumentDB.2", "Neptune.5")

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Compare the days with seven."""
        days = cluster["BackupRetentionPeriod"]
        if not is_stated(days) or days < 7:
            yield cluster.finding("BackupRetentionPeriod")

    bad = tuple(
        text.replace("BackupRetentionPeriod: 7", "BackupRetentionPeriod: 1") for text in (_PLAIN, _GRAPH)
    )
    good = (_PLAIN, _GRAPH)


class ClusterDeletable(PropertyRule):
    """One call, or a template that no longer names it, deletes the cluster and its automatic backups with it."""

    on, property, expected = _CLUSTERS, "DeletionProtection", True
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "one call deletes the cluster: deletion protection is off"
    references = (
        f"{_DOC_GUIDE}db-cluster-delete.html",
        f"{_GRAPH_GUIDE}manage-console-instances-delete.html",
    )
    equivalents = ("CKV2_AWS_58", "DocumentDB.5", "Neptune.4")
    fix_safety = Unsafe("deleting the stack fails until somebody turns it off")
    bad = tuple(
        text.replace("DeletionProtection: true", "DeletionProtection: false") for text in (_PLAIN, _GRAPH)
    )
    good = (_PLAIN, _GRAPH)


class ClusterLogsOff(Rule):
    """Nobody can say later who read or changed what, or which query was slow: the cluster exports no log."""

    on = _CLUSTERS
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nobody can say later who did what: audit logs are not exported"
    references = (f"{_DOC_GUIDE}event-auditing.html", f"{_GRAPH_GUIDE}cloudwatch-logs.html")
    equivalents = (
        "CKV_AWS_85",
        "CKV_AWS_101",
        "AVD-AWS-0020",
        "aws-documentdb-enable-log-export",
        "AVD-AWS-0075",
        "aws-neptune-enable-log-export",
        "DocumentDB.4",
        "Neptune.2",
    )

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Look for exported logs."""
        exported = cluster["EnableCloudwatchLogsExports"]
        if says_nothing(exported) or not exported.any_of(lambda log: log in ("audit", "profiler")):
            yield cluster.finding("EnableCloudwatchLogsExports")

    bad = (
        _PLAIN.replace("            EnableCloudwatchLogsExports: [audit, profiler]\n", ""),
        _GRAPH.replace("            EnableCloudwatchLogsExports: [audit]\n", ""),
    )
    good = (_PLAIN, _GRAPH)


class DocumentsTravelInClear(Rule):
    """Everybody on the way reads what programs ask of the database: its settings turn TLS off."""

    on = "AWS::DocDB::DBClusterParameterGroup"
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "programs talk with the database in clear text: tls is disabled"
    references = (f"{_DOC_GUIDE}security.encryption.ssl.html",)
    equivalents = ("CKV_AWS_90", "DocumentDB.6")

    def check(self, group: Resource) -> Iterable[Finding]:
        """Look at the parameter."""
        if as_map(group["Parameters"]).get("tls") == "disabled":
            yield group.finding("Parameters")

    bad = _PARAMETERS.replace("enabled", "disabled")
    good = _PARAMETERS


class DocumentsNotAudited(Rule):
    """Nobody can say later who logged in and what they changed: the audit of the database is off."""

    on = "AWS::DocDB::DBClusterParameterGroup"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "nobody can say later who did what: audit_logs is not turned on"
    references = (f"{_DOC_GUIDE}event-auditing.html",)
    equivalents = ("CKV_AWS_104",)

    def check(self, group: Resource) -> Iterable[Finding]:
        """Look at the parameter, which names kinds of events in newer engines."""
        value = as_map(group["Parameters"]).get("audit_logs")
        if not is_stated(value) or value in ("disabled", "none"):
            yield group.finding("Parameters")

    bad = _PARAMETERS
    good = _PARAMETERS.replace("tls: enabled", "audit_logs: enabled")


class GraphByPasswordlessNetwork(PropertyRule):
    """Whoever reaches the port may read and change the whole graph: Neptune has no other login than IAM, and it is off."""

    on, property, expected = _NEPTUNE, "IamAuthEnabled", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "whoever reaches the cluster's port may do everything: IAM authentication is off"
    references = (f"{_GRAPH_GUIDE}iam-auth.html",)
    equivalents = ("CKV_AWS_359", "Neptune.7")
    fix_safety = Unsafe("programs must sign their requests from then on")
    bad = _GRAPH.replace("IamAuthEnabled: true", "IamAuthEnabled: false")
    good = _GRAPH


class ClusterSnapshotsLoseTags(PropertyRule):
    """Snapshots lose the tags by which costs and owners are told."""

    on, property, expected = _CLUSTERS, "CopyTagsToSnapshot", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "snapshots lose the tags that say whose they are"
    references = (f"{_GRAPH_GUIDE}tagging.html", f"{_DOC_GUIDE}tagging.html")
    equivalents = ("CKV_AWS_362", "Neptune.8")
    bad = (_GRAPH,)
    good = _GRAPH.replace("StorageEncrypted", "CopyTagsToSnapshot: true\n            StorageEncrypted")


class AcceleratorUnencrypted(PropertyRule):
    """What DynamoDB keeps encrypted lies unencrypted on the disks of its cache."""

    on, property, expected = "AWS::DAX::Cluster", "SSESpecification.SSEEnabled", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "the cache keeps unencrypted what the table keeps encrypted"
    references = (f"{_DAX_GUIDE}DAXEncryptionAtRest.html",)
    equivalents = (
        "CKV_AWS_47",
        "AVD-AWS-0023",
        "aws-dynamodb-enable-at-rest-encryption",
        "DynamoDB.3",
        "W83",
    )
    fix_safety = Unsafe("the cluster is replaced, with an empty cache")
    bad = _CACHE.replace("SSEEnabled: true", "SSEEnabled: false")
    good = _CACHE


class AcceleratorInClear(PropertyRule):
    """Items travel between programs and the cache in clear text."""

    on, property, expected = "AWS::DAX::Cluster", "ClusterEndpointEncryptionType", "TLS"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "items travel between programs and the cache in clear text"
    references = (f"{_DAX_GUIDE}DAXEncryptionInTransit.html",)
    equivalents = ("CKV_AWS_239", "DynamoDB.7")
    fix_safety = Unsafe("the cluster is replaced, with another endpoint")
    bad = _CACHE.replace("EncryptionType: TLS", "EncryptionType: NONE")
    good = _CACHE


class AcceleratorOnOneNode(Rule):
    """When the only node of the cache fails or is patched, every read meets the table at once, which was sized for what the cache leaves."""

    on = "AWS::DAX::Cluster"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "the cache is away whenever its only node is: AWS advises three in different zones"
    references = (f"{_DAX_GUIDE}DAX.concepts.cluster.html",)

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Count the nodes."""
        if cluster["ReplicationFactor"] == 1:
            yield cluster.finding("ReplicationFactor")

    bad = _CACHE.replace("ReplicationFactor: 3", "ReplicationFactor: 1")
    good = _CACHE


class MemoryStoreInClear(PropertyRule):
    """Keys and values travel in clear text, and no access list can be used: TLS is off."""

    on, property, expected = _MEMORY, "TLSEnabled", True
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "keys and values travel in clear text: TLS is off"
    references = (f"{_MEMORY_GUIDE}in-transit-encryption.html",)
    equivalents = ("CKV_AWS_202",)
    fix_safety = Unsafe("the cluster is replaced, without its data")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for TLS that somebody turned off; it is on by default."""
        if is_stated(subject["TLSEnabled"]) and not subject["TLSEnabled"]:
            yield subject.finding("TLSEnabled")

    bad = _STORE.replace("ACLName: shop", "ACLName: shop, TLSEnabled: false")
    good = _STORE


RULES = (
    ClusterUnencrypted(),
    StoreUnderSharedKey(),
    ClusterBackupsShort(),
    ClusterDeletable(),
    ClusterLogsOff(),
    DocumentsTravelInClear(),
    DocumentsNotAudited(),
    GraphByPasswordlessNetwork(),
    ClusterSnapshotsLoseTags(),
    AcceleratorUnencrypted(),
    AcceleratorInClear(),
    AcceleratorOnOneNode(),
    MemoryStoreInClear(),
)
