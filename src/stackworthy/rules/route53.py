"""Amazon Route 53 and AWS Certificate Manager: names, health checks and certificates."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import ABSENT, is_stated
from stackworthy.rules._forms import says_nothing
from stackworthy.rules._reading import named

_RECORD = "AWS::Route53::RecordSet"
_ZONE = "AWS::Route53::HostedZone"
_CERTIFICATE = "AWS::CertificateManager::Certificate"
_GUIDE = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
_ACM = "https://docs.aws.amazon.com/acm/latest/userguide/"


class FailoverNeverHappens(Rule):
    """The primary record of a failover pair is answered for ever: nothing tells Route 53 that its target is down."""

    on = _RECORD
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "the secondary is never used: nothing tells Route 53 when the primary is down"
    references = (f"{_GUIDE}dns-failover-types.html",)

    def check(self, record: Resource) -> Iterable[Finding]:
        """Look for a health check, or an alias whose target's health counts."""
        if (
            not is_stated(record["Failover"])
            or record["Failover"] != "PRIMARY"
            or is_stated(record["HealthCheckId"])
        ):
            return
        if not is_stated(record["AliasTarget"]):
            yield record.finding("HealthCheckId")
        elif not record["AliasTarget.EvaluateTargetHealth"]:
            yield record.finding("AliasTarget.EvaluateTargetHealth")

    bad = """
        Primary:
          Type: AWS::Route53::RecordSet
          Properties: {HostedZoneId: Z1, Name: app.example.com, Type: A, SetIdentifier: one, Failover: PRIMARY, TTL: '60', ResourceRecords: [192.0.2.1]}
    """
    good = bad.replace("TTL", "HealthCheckId: 1, TTL")


class DeadTargetStillAnswered(Rule):
    """Users are sent on to a Region whose target is down: the health of the alias's target does not count.

    Among records that share a name, Route 53 leaves out those whose target is unhealthy, if it may look.
    """

    on = _RECORD
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "users are still sent here when the target is down: its health does not count"
    references = (f"{_GUIDE}dns-failover-complex-configs.html",)
    fix_safety = Unsafe("the record is no longer answered while its target is unhealthy")

    def check(self, record: Resource) -> Iterable[Finding]:
        """Look at aliases among several; the health of a distribution cannot be asked."""
        several = any(is_stated(record[name]) for name in ("Weight", "Region", "GeoLocation"))
        if not several or not is_stated(record["AliasTarget"]) or is_stated(record["HealthCheckId"]):
            return
        if (
            record["AliasTarget.HostedZoneId"] != "Z2FDTNDATAQYW2"
            and not record["AliasTarget.EvaluateTargetHealth"]
        ):
            yield record.finding("AliasTarget.EvaluateTargetHealth")

    def fix(self, finding: Finding) -> Fix | None:
        """Let it count."""
        return self.offer(finding.resource.set(finding.property, True))

    bad = """
        Here:
          Type: AWS::Route53::RecordSet
          Properties:
            HostedZoneId: Z1
            Name: app.example.com
            Type: A
            SetIdentifier: here
            Region: eu-west-1
            AliasTarget: {DNSName: a.eu-west-1.elb.amazonaws.com, HostedZoneId: Z2}
    """
    good = bad.replace("HostedZoneId: Z2}", "HostedZoneId: Z2, EvaluateTargetHealth: true}")


class QueriesNotLogged(Rule):
    """Nobody can say later who asked for which name: the public zone records no queries."""

    on = _ZONE
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nobody can say later who asked for which name: queries are not logged"
    references = (f"{_GUIDE}query-logs.html",)
    equivalents = ("CKV2_AWS_39", "Route53.2")

    def check(self, zone: Resource) -> Iterable[Finding]:
        """Look for a log, where the zone is public."""
        if says_nothing(zone["VPCs"]) and says_nothing(zone["QueryLoggingConfig"]):
            yield zone.finding("QueryLoggingConfig")

    bad = "Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}"
    good = bad.replace(
        "com}",
        "com, QueryLoggingConfig: {CloudWatchLogsLogGroupArn: 'arn:aws:logs:us-east-1:111122223333:log-group:a'}}",
    )


class NamesUnsigned(Rule):
    """Answers for the zone can be forged on their way: DNSSEC does not sign them."""

    on = _ZONE
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "answers for the zone can be forged on their way: DNSSEC is off"
    references = (f"{_GUIDE}dns-configuring-dnssec.html",)
    equivalents = ("CKV2_AWS_38",)

    def check(self, zone: Resource) -> Iterable[Finding]:
        """Look for signing, where the zone is public."""
        if not says_nothing(zone["VPCs"]):
            return
        for signed in zone.graph.of("AWS::Route53::DNSSEC"):
            if named(zone, signed["HostedZoneId"], frozenset({_ZONE})) is zone:
                return
        yield zone.finding("")

    bad = """
        Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}
    """
    good = (
        bad
        + """
        Signed: {Type: AWS::Route53::DNSSEC, Properties: {HostedZoneId: !Ref Zone}}
    """
    )


class CertificateRenewedByMail(Rule):
    """Each year somebody must click a link in a mail to the owner of the domain, or the site shows a certificate error.

    Validated by DNS, the certificate renews itself for as long as the record stands. By mail is CloudFormation's default.
    """

    on = _CERTIFICATE
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = (
        "the certificate expires unless somebody clicks a link in a mail each year: it is validated by mail"
    )
    references = (f"{_ACM}email-renewal-validation.html", f"{_ACM}dns-validation.html")

    def check(self, certificate: Resource) -> Iterable[Finding]:
        """Look at how the domain is validated; a private authority asks nobody."""
        if is_stated(certificate["CertificateAuthorityArn"]):
            return
        method = certificate["ValidationMethod"]
        if not is_stated(method) or method == "EMAIL":
            yield certificate.finding("ValidationMethod")

    bad = (
        "Certificate: {Type: AWS::CertificateManager::Certificate, Properties: {DomainName: app.example.com}}"
    )
    good = bad.replace("com}", "com, ValidationMethod: DNS}")


class CertificateNotLogged(Rule):
    """Browsers refuse a certificate that no public log holds."""

    on = _CERTIFICATE
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "browsers refuse this certificate: it is kept out of the public logs"
    references = (f"{_ACM}acm-bestpractices.html",)
    equivalents = ("CKV_AWS_234",)
    fix_safety = SAFE

    def check(self, certificate: Resource) -> Iterable[Finding]:
        """Look for logging that is turned off."""
        if certificate["CertificateTransparencyLoggingPreference"] == "DISABLED":
            yield certificate.finding("CertificateTransparencyLoggingPreference")

    def fix(self, finding: Finding) -> Fix | None:
        """Log it."""
        return self.offer(finding.resource.set(finding.property, "ENABLED"))

    bad = CertificateRenewedByMail.good.replace(
        "DNS}", "DNS, CertificateTransparencyLoggingPreference: DISABLED}"
    )
    good = bad.replace("DISABLED", "ENABLED")


class CertificateForAnyName(Rule):
    """Whoever gets hold of the certificate's server can speak for every name of the domain."""

    on = _CERTIFICATE
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the certificate holds for every name below {domain}"
    references = (f"{_ACM}acm-certificate-characteristics.html",)
    equivalents = ("CKV2_AWS_71",)

    def check(self, certificate: Resource) -> Iterable[Finding]:
        """Look for an asterisk among the names."""
        domain = certificate["DomainName"]
        if domain is not ABSENT and domain.startswith("*"):
            yield certificate.finding("DomainName", domain=domain)
            return
        others = certificate["SubjectAlternativeNames"]
        for index, name in enumerate(others if is_stated(others) else ()):
            if name.startswith("*"):
                yield certificate.finding(f"SubjectAlternativeNames[{index}]", domain=name)
                return

    bad = (
        CertificateRenewedByMail.good.replace("app.example.com", "'*.example.com'"),
        CertificateRenewedByMail.good.replace(
            "app.example.com", "app.example.com, SubjectAlternativeNames: ['*.app.example.com']"
        ),
    )
    good = CertificateRenewedByMail.good


class CertificateKeyTooShort(Rule):
    """Keys of 1,024 bits can be broken; CloudFront, load balancers and browsers refuse them."""

    on = _CERTIFICATE
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "the key of the certificate is too short: {algorithm}"
    references = (f"{_ACM}acm-certificate-characteristics.html",)
    equivalents = ("ACM.2",)

    def check(self, certificate: Resource) -> Iterable[Finding]:
        """Look at the algorithm."""
        if certificate["KeyAlgorithm"] == "RSA_1024":
            yield certificate.finding("KeyAlgorithm", algorithm="RSA_1024")

    bad = CertificateRenewedByMail.good.replace("DNS}", "DNS, KeyAlgorithm: RSA_1024}")
    good = bad.replace("1024", "2048")


RULES = (
    FailoverNeverHappens(),
    DeadTargetStillAnswered(),
    QueriesNotLogged(),
    NamesUnsigned(),
    CertificateRenewedByMail(),
    CertificateNotLogged(),
    CertificateForAnyName(),
    CertificateKeyTooShort(),
)
