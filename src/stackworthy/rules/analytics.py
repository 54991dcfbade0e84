"""AWS Glue, Amazon Athena and Amazon MSK: jobs, queries and the brokers that feed them."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, PropertyRule, Rule
from stackworthy.core.value import Map, is_stated
from stackworthy.rules._forms import ForbiddenValueRule, StatedRule, says_nothing
from stackworthy.rules._mending import log_group

_GROUP = "AWS::Athena::WorkGroup"
_BROKERS = "AWS::MSK::Cluster"
_GLUE = "https://docs.aws.amazon.com/glue/latest/dg/"
_ATHENA = "https://docs.aws.amazon.com/athena/latest/ug/"
_MSK = "https://docs.aws.amazon.com/msk/latest/developerguide/"
_CONFIG = "WorkGroupConfiguration"
_WORK = """
        Queries:
          Type: AWS::Athena::WorkGroup
          Properties:
            Name: queries
            WorkGroupConfiguration:
              EnforceWorkGroupConfiguration: true
              BytesScannedCutoffPerQuery: 100000000000
              ResultConfiguration: {EncryptionConfiguration: {EncryptionOption: SSE_S3}}
    """
_CLUSTER = """
        Brokers:
          Type: AWS::MSK::Cluster
          Properties:
            ClusterName: brokers
            KafkaVersion: 3.8.x
            NumberOfBrokerNodes: 2
            ClientAuthentication: {Sasl: {Iam: {Enabled: true}}}
            EncryptionInfo: {EncryptionInTransit: {ClientBroker: TLS, InCluster: true}}
            LoggingInfo: {BrokerLogs: {CloudWatchLogs: {Enabled: true, LogGroup: brokers}}}
            BrokerNodeGroupInfo: {InstanceType: kafka.t3.small, ClientSubnets: [subnet-1, subnet-2]}
    """


class GlueJobRunsForDays(Rule):
    """A job that hangs is paid for until its timeout, which is two days unless stated: hundreds of dollars for ten workers."""

    on = "AWS::Glue::Job"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "a job that hangs is paid for over days: no timeout is stated"
    references = (f"{_GLUE}add-job.html",)
    fix_safety = Unsafe("a run that takes longer than an hour is stopped")

    def check(self, job: Resource) -> Iterable[Finding]:
        """Look for a timeout; a streaming job has none on purpose."""
        streaming = is_stated(job["Command.Name"]) and job["Command.Name"] == "gluestreaming"
        if not streaming and not is_stated(job.stated("Timeout")):
            yield job.finding("Timeout")

    def fix(self, finding: Finding) -> Fix | None:
        """Stop after an hour."""
        return self.offer(finding.resource.set("Timeout", 60))

    bad = "Load: {Type: AWS::Glue::Job, Properties: {Role: load, Command: {Name: glueetl, ScriptLocation: 's3://code/load.py'}}}"
    good = bad.replace("Role: load", "Role: load, Timeout: 60")


class GlueWithoutSecurityConfiguration(Rule):
    """Some rules ask that what Glue writes, its logs included, is encrypted by a security configuration of yours."""

    on = Kinds(("AWS::Glue::Job", "AWS::Glue::Crawler", "AWS::Glue::DevEndpoint"))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "no security configuration says how what Glue writes is encrypted"
    references = (f"{_GLUE}encryption-security-configuration.html",)
    equivalents = ("CKV_AWS_195",)

    def check(self, worker: Resource) -> Iterable[Finding]:
        """Look for a security configuration."""
        path = (
            "CrawlerSecurityConfiguration" if worker.kind == "AWS::Glue::Crawler" else "SecurityConfiguration"
        )
        if says_nothing(worker[path]):
            yield worker.finding(path)

    bad = GlueJobRunsForDays.good
    good = bad.replace("Role: load", "Role: load, SecurityConfiguration: own")


class CatalogUnencrypted(Rule):
    """The catalog, and the passwords of its connections, are not encrypted by KMS."""

    on = "AWS::Glue::DataCatalogEncryptionSettings"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "the catalog or the passwords of its connections are not encrypted"
    references = (f"{_GLUE}encrypt-glue-data-catalog.html",)
    equivalents = ("CKV_AWS_94",)

    def check(self, settings: Resource) -> Iterable[Finding]:
        """Look at both parts."""
        inside = "DataCatalogEncryptionSettings"
        passwords = f"{inside}.ConnectionPasswordEncryption.ReturnConnectionPasswordEncrypted"
        mode = settings[f"{inside}.EncryptionAtRest.CatalogEncryptionMode"]
        if not is_stated(mode) or mode == "DISABLED":
            yield settings.finding(f"{inside}.EncryptionAtRest.CatalogEncryptionMode")
        elif not is_stated(settings[passwords]) or not settings[passwords]:
            yield settings.finding(passwords)

    bad = "Catalog: {Type: AWS::Glue::DataCatalogEncryptionSettings, Properties: {CatalogId: '111122223333', DataCatalogEncryptionSettings: {EncryptionAtRest: {CatalogEncryptionMode: DISABLED}}}}"
    good = bad.replace(
        "DISABLED}",
        "SSE-KMS}, ConnectionPasswordEncryption: {ReturnConnectionPasswordEncrypted: true, KmsKeyId: alias/catalog}",
    )


class QueriesUnlimited(StatedRule):
    """One careless query reads the whole lake, at five dollars a terabyte: nothing stops it."""

    on, property = _GROUP, f"{_CONFIG}.BytesScannedCutoffPerQuery"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "one careless query may read the whole lake: no limit of bytes is set"
    references = (f"{_ATHENA}workgroups-setting-control-limits-cloudwatch.html",)
    bad = _WORK.replace("BytesScannedCutoffPerQuery: 100000000000", "PublishCloudWatchMetricsEnabled: true")
    good = _WORK


class WorkGroupCanBeOverruled(PropertyRule):
    """Whoever asks may choose where results go and whether they are encrypted, whatever the group says."""

    on, property, expected = _GROUP, f"{_CONFIG}.EnforceWorkGroupConfiguration", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "whoever asks may choose where results go and whether they are encrypted"
    references = (f"{_ATHENA}workgroups-settings-override.html",)
    equivalents = ("CKV_AWS_82", "AVD-AWS-0007", "aws-athena-no-encryption-override")
    fix_safety = Unsafe("clients that send settings of their own find them ignored")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Ask whether the group has the last word; it has unless somebody says otherwise."""
        value = subject[self.property]
        if is_stated(value) and not value:
            yield subject.finding(self.property)

    bad = _WORK.replace("EnforceWorkGroupConfiguration: true", "EnforceWorkGroupConfiguration: false")
    good = _WORK


class ResultsUnencrypted(StatedRule):
    """Some rules ask that the group says how results are encrypted; buckets encrypt them in any case."""

    on, property = _GROUP, f"{_CONFIG}.ResultConfiguration.EncryptionConfiguration.EncryptionOption"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the group does not say how results are encrypted"
    references = (f"{_ATHENA}encrypting-query-results-stored-in-s3.html",)
    equivalents = ("CKV_AWS_159", "AVD-AWS-0006", "aws-athena-enable-at-rest-encryption")
    bad = _WORK.replace(
        "ResultConfiguration: {EncryptionConfiguration: {EncryptionOption: SSE_S3}}",
        "RequesterPaysEnabled: false",
    )
    good = _WORK


class BrokersTakePlainConnections(Rule):
    """Records travel in the clear between clients and brokers, or among the brokers."""

    on = _BROKERS
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "records may travel in the clear: TLS is not required"
    references = (f"{_MSK}msk-encryption.html",)
    equivalents = ("CKV_AWS_81", "AVD-AWS-0073", "aws-msk-enable-in-transit-encryption", "MSK.1")

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Look for plain text, which is not the default."""
        inside = "EncryptionInfo.EncryptionInTransit"
        clients, brokers = cluster[f"{inside}.ClientBroker"], cluster[f"{inside}.InCluster"]
        if is_stated(clients) and clients != "TLS":
            yield cluster.finding(f"{inside}.ClientBroker")
        elif is_stated(brokers) and not brokers:
            yield cluster.finding(f"{inside}.InCluster")

    bad = _CLUSTER.replace("ClientBroker: TLS", "ClientBroker: TLS_PLAINTEXT")
    good = _CLUSTER


class BrokersOpenToStrangers(Rule):
    """Whatever reaches the brokers in the network may read and write every topic: they ask nobody who it is."""

    on = _BROKERS
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "whatever reaches the brokers may read and write every topic: clients need not say who they are"
    references = (f"{_MSK}msk-authentication.html",)
    equivalents = ("MSK.6",)

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Look for clients that are let in unauthenticated."""
        value = cluster["ClientAuthentication.Unauthenticated.Enabled"]
        if is_stated(value) and value:
            yield cluster.finding("ClientAuthentication.Unauthenticated.Enabled")

    bad = _CLUSTER.replace(
        "ClientAuthentication: {", "ClientAuthentication: {Unauthenticated: {Enabled: true}, "
    )
    good = _CLUSTER


class BrokersPublic(ForbiddenValueRule):
    """The brokers have addresses on the internet."""

    on, forbidden = _BROKERS, ("SERVICE_PROVIDED_EIPS",)
    property = "BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type"
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the brokers have addresses on the internet"
    references = (f"{_MSK}public-access.html",)
    equivalents = ("CKV_AWS_291", "MSK.4")
    bad = _CLUSTER.replace(
        "InstanceType", "ConnectivityInfo: {PublicAccess: {Type: SERVICE_PROVIDED_EIPS}}, InstanceType"
    )
    good = _CLUSTER


class BrokersNotLogged(Rule):
    """When brokers fail, nothing says why: their logs go nowhere."""

    on = _BROKERS
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "nothing says why brokers fail: their logs go nowhere"
    references = (f"{_MSK}msk-logging.html",)
    equivalents = ("CKV_AWS_80", "AVD-AWS-0074", "aws-msk-enable-logging")

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Look for a log in any place."""
        places = (
            cluster[f"LoggingInfo.BrokerLogs.{name}.Enabled"] for name in ("CloudWatchLogs", "Firehose", "S3")
        )
        if not any(is_stated(place) and place for place in places):
            yield cluster.finding("LoggingInfo.BrokerLogs")

    fix_safety = Unsafe("log lines are billed by their size, and brokers write many")

    def fix(self, finding: Finding) -> Fix | None:
        """Log to a log group that ends."""
        cluster = finding.resource
        group = log_group(cluster, "Logs")
        setting = Map(Enabled=True, LogGroup=group.reference())
        return self.offer(group, cluster.set("LoggingInfo.BrokerLogs.CloudWatchLogs", setting))

    bad = _CLUSTER.replace(
        "LoggingInfo: {BrokerLogs: {CloudWatchLogs: {Enabled: true, LogGroup: brokers}}}",
        "StorageMode: LOCAL",
    )
    good = _CLUSTER


RULES = (
    GlueJobRunsForDays(),
    GlueWithoutSecurityConfiguration(),
    CatalogUnencrypted(),
    QueriesUnlimited(),
    WorkGroupCanBeOverruled(),
    ResultsUnencrypted(),
    BrokersTakePlainConnections(),
    BrokersOpenToStrangers(),
    BrokersPublic(),
    BrokersNotLogged(),
)
