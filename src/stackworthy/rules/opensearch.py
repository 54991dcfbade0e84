"""Amazon OpenSearch Service: who may ask a domain, how, and what it records."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.exposure import is_public
from stackworthy.aws.statements import read_policy
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._forms import says_nothing

_DOMAINS = Kinds(("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"))
_GUIDE = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/"
_PLAIN = """
        Search:
          Type: AWS::OpenSearchService::Domain
          Properties:
            EncryptionAtRestOptions: {Enabled: true}
            NodeToNodeEncryptionOptions: {Enabled: true}
            DomainEndpointOptions: {EnforceHTTPS: true, TLSSecurityPolicy: Policy-Min-TLS-1-2-PFS-2023-10}
    """
_LOGS = ("SEARCH_SLOW_LOGS", "INDEX_SLOW_LOGS", "ES_APPLICATION_LOGS", "AUDIT_LOGS")


def _with(line: str) -> str:
    return _PLAIN.replace("EncryptionAtRestOptions:", f"{line}\n            EncryptionAtRestOptions:")


class _Switch(Rule):
    """A switch of a domain that should be on."""

    on = _DOMAINS
    pillar = Pillar.SECURITY
    property = ""

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Ask whether it is on."""
        value = domain[self.property]
        if not is_stated(value) or not value:
            yield domain.finding(self.property)

    def fix(self, finding: Finding) -> Fix | None:
        """Turn it on."""
        return self.offer(finding.resource.set(self.property, True))


class SearchDataUnencrypted(_Switch):
    """What is indexed lies unencrypted on disk, and in its snapshots."""

    property = "EncryptionAtRestOptions.Enabled"
    severity = Severity.MEDIUM
    message = "what is indexed lies unencrypted on disk"
    references = (f"{_GUIDE}encryption-at-rest.html",)
    equivalents = (
        "CKV_AWS_5",
        "AVD-AWS-0048",
        "aws-elastic-search-enable-domain-encryption",
        "Opensearch.1",
        "ES.1",
        "W54",
        "W85",
    )
    fix_safety = Unsafe(
        "the domain is changed by a blue/green deployment, and encryption cannot be turned off again"
    )
    bad = _PLAIN.replace(
        "EncryptionAtRestOptions: {Enabled: true}", "EncryptionAtRestOptions: {Enabled: false}"
    )
    good = _PLAIN


class SearchNodesUnencrypted(_Switch):
    """What is indexed travels in the clear between the nodes of the domain."""

    property = "NodeToNodeEncryptionOptions.Enabled"
    severity = Severity.LOW
    message = "what is indexed travels in the clear between the nodes"
    references = (f"{_GUIDE}ntn.html",)
    equivalents = (
        "CKV_AWS_6",
        "AVD-AWS-0043",
        "aws-elastic-search-enable-in-transit-encryption",
        "Opensearch.3",
        "ES.3",
        "W90",
    )
    fix_safety = Unsafe(
        "the domain is changed by a blue/green deployment, and encryption cannot be turned off again"
    )

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Ask whether it is on, where there is more than one node."""
        count = domain[f"{cluster_of(domain)}.InstanceCount"]
        if is_stated(count) and count > 1:
            yield from super().check(domain)

    bad = _PLAIN.replace(
        "NodeToNodeEncryptionOptions: {Enabled: true}",
        "ClusterConfig: {InstanceCount: 2}\n            NodeToNodeEncryptionOptions: {Enabled: false}",
    )
    good = bad.replace("false", "true")


class SearchOverPlainHttp(_Switch):
    """Programs may send queries, documents and passwords over plain HTTP."""

    property = "DomainEndpointOptions.EnforceHTTPS"
    severity = Severity.MEDIUM
    message = "queries and passwords may be sent over plain HTTP"
    references = (f"{_GUIDE}createupdatedomains.html",)
    equivalents = ("CKV_AWS_83", "AVD-AWS-0046", "aws-elastic-search-enforce-https", "Opensearch.8", "ES.8")
    fix_safety = Unsafe("clients that ask over plain HTTP are refused")
    bad = _PLAIN.replace("EnforceHTTPS: true", "EnforceHTTPS: false")
    good = _PLAIN


class SearchWithOldTls(Rule):
    """Programs may speak TLS 1.0, which is broken."""

    on = _DOMAINS
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "programs may speak TLS 1.0: the domain asks for no newer version"
    references = (f"{_GUIDE}infrastructure-security.html",)
    equivalents = ("CKV_AWS_228", "AVD-AWS-0126", "aws-elastic-search-use-secure-tls-policy", "Opensearch.8")
    fix_safety = Unsafe("clients that speak nothing newer are refused")

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Look for a policy of TLS 1.2."""
        policy = domain["DomainEndpointOptions.TLSSecurityPolicy"]
        if not is_stated(policy) or policy == "Policy-Min-TLS-1-0-2019-07":
            yield domain.finding("DomainEndpointOptions.TLSSecurityPolicy")

    def fix(self, finding: Finding) -> Fix | None:
        """Ask for TLS 1.2."""
        return self.offer(finding.resource.set(finding.property, "Policy-Min-TLS-1-2-PFS-2023-10"))

    bad = _PLAIN.replace("Policy-Min-TLS-1-2-PFS-2023-10", "Policy-Min-TLS-1-0-2019-07")
    good = _PLAIN


class SearchOpenToEverybody(Rule):
    """A domain on the internet whose policy allows everybody hands its index to whoever finds it.

    With fine-grained access control a user must log in as well; without it the policy is all there is.
    """

    on = _DOMAINS
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "everybody on the internet may do {actions} with the index"
    references = (f"{_GUIDE}ac.html",)
    equivalents = ("F15",)

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Look for a public statement at a domain outside a VPC that asks nobody to log in."""
        if is_stated(domain["VPCOptions"]) or domain["AdvancedSecurityOptions.Enabled"]:
            return
        for statement in read_policy(domain["AccessPolicies"], domain, "AccessPolicies"):
            if is_public(statement):
                yield domain.finding(statement.path, actions=statement.actions)

    bad = _with(
        "AccessPolicies: {Statement: [{Effect: Allow, Principal: '*', Action: 'es:*', Resource: '*'}]}"
    )
    good = bad.replace("Principal: '*'", "Principal: {AWS: 'arn:aws:iam::111122223333:role/search'}")


class SearchOutsideOfVpc(Rule):
    """The domain has an address on the internet; its policy alone keeps strangers out."""

    on = _DOMAINS
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the domain has an address on the internet: it stands outside of a VPC"
    references = (f"{_GUIDE}vpc.html",)
    equivalents = ("CKV_AWS_137", "Opensearch.2", "ES.2", "W90")

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Look for subnets."""
        if says_nothing(domain["VPCOptions"]):
            yield domain.finding("VPCOptions")

    bad = _PLAIN
    good = _with("VPCOptions: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}")


class SearchWithoutUsers(_Switch):
    """Whoever the policy lets in may read every index: fine-grained access control is off."""

    property = "AdvancedSecurityOptions.Enabled"
    severity, profile = Severity.LOW, STRICT
    message = "whoever is let in may read every index: fine-grained access control is off"
    references = (f"{_GUIDE}fgac.html",)
    equivalents = ("CKV2_AWS_52", "Opensearch.7")

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Ask whether users must log in."""
        value = (
            domain["AdvancedSecurityOptions.Enabled"]
            or domain["AdvancedSecurityOptions.InternalUserDatabaseEnabled"]
        )
        if not is_stated(value) or not value:
            yield domain.finding(self.property)

    bad = _PLAIN
    good = _with("AdvancedSecurityOptions: {Enabled: true}")


class SearchAuditOff(Rule):
    """Nobody can say later who searched for what: the audit log is off."""

    on = _DOMAINS
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "nobody can say later who searched for what: the audit log is off"
    references = (f"{_GUIDE}audit-logs.html",)
    equivalents = ("CKV_AWS_317", "Opensearch.5", "ES.5")

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Look for the audit log."""
        if not _logs(domain, "AUDIT_LOGS"):
            yield domain.finding("LogPublishingOptions")

    bad = _PLAIN
    good = _with(
        "LogPublishingOptions: {AUDIT_LOGS: {Enabled: true, CloudWatchLogsLogGroupArn: 'arn:aws:logs:eu-west-1:111122223333:log-group:a'}}"
    )


class SearchLogsOff(Rule):
    """When searches fail or are slow, nothing says which: the domain publishes no log."""

    on = _DOMAINS
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nothing says which searches fail or are slow: no log is published"
    references = (f"{_GUIDE}createdomain-configure-slow-logs.html",)
    equivalents = (
        "CKV_AWS_84",
        "AVD-AWS-0042",
        "aws-elastic-search-enable-domain-logging",
        "Opensearch.4",
        "ES.4",
    )

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Look for any log."""
        if not any(_logs(domain, name) for name in _LOGS):
            yield domain.finding("LogPublishingOptions")

    bad = _PLAIN
    good = SearchAuditOff.good


def _logs(domain: Resource, name: str) -> bool:
    """Whether a domain publishes a log; it does by default once a group is stated."""
    options = domain[f"LogPublishingOptions.{name}"]
    if says_nothing(options):
        return False
    return not is_stated(options["Enabled"]) or bool(options["Enabled"])


class SearchWithoutMasters(Rule):
    """The nodes that hold data also keep the domain together: one that is overloaded can bring all of them down.

    Three dedicated master nodes keep it together whatever the others do.
    """

    on = _DOMAINS
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = (
        "an overloaded node can bring the whole domain down: fewer than three master nodes keep it together"
    )
    references = (f"{_GUIDE}managedomains-dedicatedmasternodes.html",)
    equivalents = ("CKV_AWS_318", "CKV2_AWS_59", "Opensearch.11", "ES.7")

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Count the master nodes."""
        cluster = cluster_of(domain)
        enabled, count = (
            domain[f"{cluster}.DedicatedMasterEnabled"],
            domain[f"{cluster}.DedicatedMasterCount"],
        )
        if not is_stated(enabled) or not enabled:
            yield domain.finding(f"{cluster}.DedicatedMasterEnabled")
        elif not is_stated(count) or count < 3:
            yield domain.finding(f"{cluster}.DedicatedMasterCount")

    bad = _PLAIN
    good = _with("ClusterConfig: {DedicatedMasterEnabled: true, DedicatedMasterCount: 3}")


def cluster_of(domain: Resource) -> str:
    """The property that says which nodes a domain has."""
    return "ElasticsearchClusterConfig" if domain.kind == "AWS::Elasticsearch::Domain" else "ClusterConfig"


class SearchUnderSharedKey(Rule):
    """Some rules ask that the key of a domain is yours."""

    on = _DOMAINS
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the index is not encrypted with a key of yours"
    references = (f"{_GUIDE}encryption-at-rest.html",)
    equivalents = ("CKV_AWS_247",)

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Look for a key of one's own."""
        if says_nothing(domain["EncryptionAtRestOptions.KmsKeyId"]):
            yield domain.finding("EncryptionAtRestOptions.KmsKeyId")

    bad = _PLAIN
    good = _PLAIN.replace(
        "EncryptionAtRestOptions: {Enabled: true}",
        "EncryptionAtRestOptions: {Enabled: true, KmsKeyId: alias/search}",
    )


RULES = (
    SearchDataUnencrypted(),
    SearchNodesUnencrypted(),
    SearchOverPlainHttp(),
    SearchWithOldTls(),
    SearchOpenToEverybody(),
    SearchOutsideOfVpc(),
    SearchWithoutUsers(),
    SearchAuditOff(),
    SearchLogsOff(),
    SearchWithoutMasters(),
    SearchUnderSharedKey(),
)
