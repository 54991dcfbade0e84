"""Amazon CloudFront: what some teams ask for, and others need not."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import ABSENT, is_stated, show
from stackworthy.rules._distributions import CONFIG, DISTRIBUTION, origins
from stackworthy.rules._forms import ForbiddenValueRule, StatedRule, says_nothing

_GUIDE = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
_PLAIN = """
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior: {TargetOriginId: site, ViewerProtocolPolicy: redirect-to-https}
    """


def _with(line: str) -> str:
    return _PLAIN.replace("Enabled: true", f"Enabled: true\n              {line}")


class DistributionWithoutLogs(Rule):
    """Nobody can say later who asked for what, or why the bill of a day was so high."""

    on = DISTRIBUTION
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "requests leave no trace: access logs are off"
    references = (f"{_GUIDE}AccessLogs.html",)
    equivalents = ("CKV_AWS_86", "AVD-AWS-0010", "aws-cloudfront-enable-logging", "CloudFront.5", "W10")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look for logs of either generation."""
        if says_nothing(distribution[f"{CONFIG}.Logging"]) and not distribution.graph.edges_from(
            distribution, "logs to"
        ):
            yield distribution.finding(f"{CONFIG}.Logging")

    bad = _PLAIN
    good = _with("Logging: {Bucket: logs.s3.amazonaws.com}")


class DistributionWithoutWebAcl(Rule):
    """A web ACL stops known attacks and floods at the edge, for a monthly price and one per request."""

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "no web ACL filters what reaches this distribution"
    references = (f"{_GUIDE}distribution-web-awswaf.html",)
    equivalents = ("CKV_AWS_68", "CKV2_AWS_47", "AVD-AWS-0011", "aws-cloudfront-enable-waf", "CloudFront.6")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look for a web ACL."""
        if says_nothing(distribution[f"{CONFIG}.WebACLId"]):
            yield distribution.finding(f"{CONFIG}.WebACLId")

    bad = _PLAIN
    good = _with("WebACLId: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/site/1'")


class DistributionUnderSharedName(Rule):
    """CloudFront's own certificate serves the shared name only, and lets viewers speak TLS 1.0."""

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = (
        "CloudFront's shared certificate is used: the site has no name of its own, and TLS 1.0 is allowed"
    )
    references = (f"{_GUIDE}cnames-and-https-requirements.html",)
    equivalents = ("CKV2_AWS_42", "CloudFront.7")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look for a certificate of one's own."""
        certificate = f"{CONFIG}.ViewerCertificate"
        if not any(
            is_stated(distribution[f"{certificate}.{name}"])
            for name in ("AcmCertificateArn", "IamCertificateId")
        ):
            yield distribution.finding(certificate)

    bad = _PLAIN
    good = _with("ViewerCertificate: {AcmCertificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1'}")


class SharedCertificateAllowsOldTls(Rule):
    """With CloudFront's own certificate viewers may speak TLS 1.0, whatever else the distribution states."""

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "viewers may speak TLS 1.0: CloudFront's shared certificate allows it"
    references = (f"{_GUIDE}distribution-web-values-specify.html",)
    equivalents = ("CKV_AWS_174", "AVD-AWS-0013", "aws-cloudfront-use-secure-tls-policy")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look for a certificate of one's own, or a policy that shows that one is meant."""
        certificate = distribution.stated(f"{CONFIG}.ViewerCertificate")
        if says_nothing(certificate) or says_nothing(certificate["MinimumProtocolVersion"]):
            own = ("AcmCertificateArn", "IamCertificateId")
            if says_nothing(certificate) or not any(is_stated(certificate[name]) for name in own):
                yield distribution.finding(f"{CONFIG}.ViewerCertificate")
        elif (
            is_stated(certificate["CloudFrontDefaultCertificate"])
            and certificate["CloudFrontDefaultCertificate"]
        ):
            yield distribution.finding(f"{CONFIG}.ViewerCertificate.CloudFrontDefaultCertificate")
        elif certificate["MinimumProtocolVersion"] in ("SSLv3", "TLSv1", "TLSv1_2016") and not any(
            is_stated(certificate[name]) for name in ("AcmCertificateArn", "IamCertificateId")
        ):
            yield distribution.finding(f"{CONFIG}.ViewerCertificate.MinimumProtocolVersion")

    bad = _PLAIN
    good = DistributionUnderSharedName.good


class OriginWithoutFailover(Rule):
    """When the one origin is down, the distribution is: an origin group would ask a second one."""

    on = DISTRIBUTION
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "no second origin answers when the first one fails"
    references = (f"{_GUIDE}high_availability_origin_failover.html",)
    equivalents = ("CKV_AWS_310", "CloudFront.4")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look for an origin group."""
        if says_nothing(distribution[f"{CONFIG}.OriginGroups.Items"]):
            yield distribution.finding(f"{CONFIG}.OriginGroups")

    bad = _PLAIN
    good = _with(
        "OriginGroups: {Quantity: 1, Items: [{Id: both, FailoverCriteria: {StatusCodes: {Quantity: 1, Items: [503]}},"
        " Members: {Quantity: 2, Items: [{OriginId: a}, {OriginId: b}]}}]}"
    )


class EveryCountryServed(ForbiddenValueRule):
    """Some contents may be shown in some countries only: CloudFront can refuse the others."""

    on, property = DISTRIBUTION, f"{CONFIG}.Restrictions.GeoRestriction.RestrictionType"
    forbidden = ("none",)
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "viewers of every country are served: no geographic restriction is set"
    references = (f"{_GUIDE}georestrictions.html",)
    equivalents = ("CKV_AWS_374",)
    bad = _PLAIN
    good = _with("Restrictions: {GeoRestriction: {RestrictionType: whitelist, Locations: [CH]}}")


class DistributionDisabled(PropertyRule):
    """A disabled distribution serves nobody."""

    on, property, expected = DISTRIBUTION, f"{CONFIG}.Enabled", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "the distribution serves nobody: it is disabled"
    references = (f"{_GUIDE}distribution-web-values-specify.html",)
    equivalents = ("CKV_AWS_216",)
    bad = _PLAIN.replace("Enabled: true", "Enabled: false")
    good = _PLAIN


class RootObjectUnset(StatedRule):
    """A request for the address itself is answered by the origin, whatever it shows there."""

    on, property = DISTRIBUTION, f"{CONFIG}.DefaultRootObject"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "no default root object is set: the origin decides what the address itself shows"
    references = (f"{_GUIDE}DefaultRootObject.html",)
    equivalents = ("CKV_AWS_305", "CloudFront.1")
    bad = _PLAIN
    good = _with("DefaultRootObject: index.html")


class DearestPriceClass(Rule):
    """Viewers far away are served from the dearest edges; without viewers there, only crawlers are.

    The price of a gigabyte is up to twice as high in South America, Australia and India as in Europe and the United States.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "viewers are served from the dearest edges too: the price class is {actual}"
    references = (f"{_GUIDE}PriceClass.html",)
    fix_safety = Unsafe("viewers in the regions left out wait longer")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look at the price class."""
        price_class = distribution[f"{CONFIG}.PriceClass"]
        if price_class == "PriceClass_All":
            yield distribution.finding(f"{CONFIG}.PriceClass", actual=price_class)

    def fix(self, finding: Finding) -> Fix | None:
        """Serve from Europe and North America."""
        return self.offer(finding.resource.set(finding.property, "PriceClass_100"))

    bad = _PLAIN
    good = _with("PriceClass: PriceClass_100")


class LegacyOriginAccessIdentity(Rule):
    """An origin access identity is the old way: it knows no KMS keys, no new Regions and no uploads.

    AWS advises to move to an origin access control.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the bucket is read through an origin access identity, which AWS replaced by the origin access control"
    references = (f"{_GUIDE}private-content-restricting-access-to-s3.html",)
    equivalents = ("CloudFront.13",)

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look at each bucket origin."""
        for index in range(len(distribution[f"{CONFIG}.Origins"])):
            path = f"{CONFIG}.Origins[{index}].S3OriginConfig.OriginAccessIdentity"
            if distribution[path] is not ABSENT and not says_nothing(distribution[path]):
                yield distribution.finding(path)

    bad = _with(
        "Origins: [{Id: site, DomainName: site.s3.amazonaws.com,"
        " S3OriginConfig: {OriginAccessIdentity: origin-access-identity/cloudfront/E1}}]"
    )
    good = bad.replace(
        "OriginAccessIdentity: origin-access-identity/cloudfront/E1", "OriginAccessIdentity: ''"
    )


class OriginFollowsViewer(Rule):
    """Services of AWS speak HTTPS: asking them in whatever way the viewer asks leaves plain HTTP open for the day a behaviour allows it."""

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "{origin} speaks HTTPS, and is asked in whatever way the viewer asks"
    references = (f"{_GUIDE}using-https-cloudfront-to-custom-origin.html",)
    equivalents = ("CKV2_AWS_72",)

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look at origins that are services of AWS."""
        if distribution[f"{CONFIG}.Enabled"] == False:  # noqa: E712  a value of three states
            return
        for path, origin in origins(distribution):
            name = show(origin["DomainName"])
            if origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "match-viewer" and any(
                service in name for service in _AWS_ORIGINS
            ):
                yield distribution.finding(f"{path}.CustomOriginConfig.OriginProtocolPolicy", origin=name)

    bad = _with(
        "Origins: [{Id: site, DomainName: a.eu-west-1.elb.amazonaws.com, CustomOriginConfig: {OriginProtocolPolicy: match-viewer}}]"
    )
    good = bad.replace("match-viewer", "https-only")


_AWS_ORIGINS = (".mediastore.", ".mediapackage.", ".elb.", ".execute-api.", ".lambda-url.")


RULES = (
    DistributionWithoutLogs(),
    DistributionWithoutWebAcl(),
    DistributionUnderSharedName(),
    SharedCertificateAllowsOldTls(),
    OriginWithoutFailover(),
    EveryCountryServed(),
    DistributionDisabled(),
    RootObjectUnset(),
    DearestPriceClass(),
    LegacyOriginAccessIdentity(),
    OriginFollowsViewer(),
)
