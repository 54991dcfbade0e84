"""Amazon CloudFront: how viewers and origins are spoken to, and what is cached. What only some ask for is in cloudfront_strict."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import PropertyRule, Rule
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    Value,
    is_stated,
    show,
)
from stackworthy.rules._distributions import (
    CONFIG,
    DEFAULT,
    DISTRIBUTION,
    behaviours,
    is_bucket,
    is_website,
    origins,
    serves_plain_http,
)
from stackworthy.rules._forms import says_nothing

_GUIDE = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
_OLD_TLS = ("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016")
_SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


class ViewerHttpAllowed(Rule):
    """Viewers may ask over plain HTTP, so that anybody on their network reads and changes what they get.

    A redirect sends browsers to HTTPS at the first request.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "viewers may ask for {path} over plain HTTP"
    references = (f"{_GUIDE}using-https-viewers-to-cloudfront.html",)
    equivalents = ("CKV_AWS_34", "AVD-AWS-0012", "aws-cloudfront-enforce-https", "CloudFront.3")
    fix_safety = Unsafe("a client that posts over plain HTTP is redirected and then sends no body")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look at each cache behaviour."""
        for path, behaviour in behaviours(distribution):
            if behaviour["ViewerProtocolPolicy"] == "allow-all":
                pattern = behaviour["PathPattern"] if behaviour["PathPattern"] else "every path"
                yield distribution.finding(f"{path}.ViewerProtocolPolicy", path=pattern)

    def fix(self, finding: Finding) -> Fix | None:
        """Redirect to HTTPS."""
        return self.offer(finding.resource.set(finding.property, "redirect-to-https"))

    bad = """
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior: {TargetOriginId: site, ViewerProtocolPolicy: allow-all}
    """
    good = bad.replace("allow-all", "redirect-to-https")


class OldViewerTls(Rule):
    """Viewers may speak versions of TLS that were broken years ago and that no browser has used since.

    CloudFront's policy TLSv1.2_2021 refuses them, and the weak ciphers of TLS 1.2 with them.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "viewers may speak versions of TLS that are broken: the policy is {policy}"
    references = (f"{_GUIDE}secure-connections-supported-viewer-protocols-ciphers.html",)
    equivalents = (
        "CKV_AWS_174",
        "AVD-AWS-0013",
        "aws-cloudfront-use-secure-tls-policy",
        "CloudFront.15",
        "W70",
    )
    fix_safety = Unsafe("clients of before 2014 can no longer connect")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look at the policy of a distribution with a certificate of its own; CloudFront's has no choice."""
        certificate = f"{CONFIG}.ViewerCertificate"
        own = (distribution[f"{certificate}.{name}"] for name in ("AcmCertificateArn", "IamCertificateId"))
        if not any(is_stated(value) for value in own):
            return
        policy = distribution[f"{certificate}.MinimumProtocolVersion"]
        if policy is ABSENT or policy in _OLD_TLS:
            shown = "TLSv1" if policy is ABSENT else policy
            yield distribution.finding(f"{certificate}.MinimumProtocolVersion", policy=shown)

    def fix(self, finding: Finding) -> Fix | None:
        """Ask for TLS 1.2 with its strong ciphers."""
        return self.offer(finding.resource.set(finding.property, "TLSv1.2_2021"))

    bad = """
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior: {TargetOriginId: site, ViewerProtocolPolicy: redirect-to-https}
              ViewerCertificate:
                AcmCertificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1'
                SslSupportMethod: sni-only
                MinimumProtocolVersion: TLSv1.1_2016
    """
    good = bad.replace("TLSv1.1_2016", "TLSv1.2_2021")


class OriginOverHttp(Rule):
    """CloudFront fetches from the origin over plain HTTP, across the internet, what viewers get over HTTPS.

    Viewers believe that nobody can read or change it. Cookies and forms go the same way in the clear.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "what viewers get over HTTPS is fetched from {origin} over plain HTTP: the policy is {policy}"
    references = (f"{_GUIDE}using-https-cloudfront-to-custom-origin.html",)
    equivalents = ("CKV2_AWS_72", "CloudFront.9")
    fix_safety = Unsafe("the origin must have a certificate for its name")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look at each custom origin; the website of a bucket speaks nothing but HTTP and is another rule's."""
        if distribution[f"{CONFIG}.Enabled"] == False:  # noqa: E712  a value of three states
            return
        for path, origin in origins(distribution):
            policy = origin["CustomOriginConfig"]["OriginProtocolPolicy"]
            followed = policy == "match-viewer" and serves_plain_http(distribution, origin)
            if (policy == "http-only" or followed) and not is_website(origin["DomainName"]):
                yield distribution.finding(
                    f"{path}.CustomOriginConfig.OriginProtocolPolicy",
                    origin=show(origin["DomainName"]),
                    policy=policy,
                )

    def fix(self, finding: Finding) -> Fix | None:
        """Ask over HTTPS."""
        return self.offer(finding.resource.set(finding.property, "https-only"))

    bad = """
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior: {TargetOriginId: api, ViewerProtocolPolicy: redirect-to-https}
              Origins:
                - {Id: api, DomainName: api.example.com, CustomOriginConfig: {OriginProtocolPolicy: http-only}}
    """
    good = bad.replace("http-only", "https-only")


class WebsiteEndpointAsOrigin(Rule):
    """The website of a bucket speaks plain HTTP only, and serves nobody unless the bucket is public.

    CloudFront can read the bucket itself over HTTPS, with an origin access control that keeps the bucket private. Index
    documents of folders and redirects, which the website gives, take a small CloudFront function then.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "the bucket behind {origin} must be public, and is asked over plain HTTP"
    references = (f"{_GUIDE}private-content-restricting-access-to-s3.html",)

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look for origins that are websites of buckets."""
        for path, origin in origins(distribution):
            if is_website(origin["DomainName"]):
                yield distribution.finding(f"{path}.DomainName", origin=show(origin["DomainName"]))

    bad = """
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior: {TargetOriginId: site, ViewerProtocolPolicy: redirect-to-https}
              Origins:
                - Id: site
                  DomainName: site.s3-website-eu-west-1.amazonaws.com
                  CustomOriginConfig: {OriginProtocolPolicy: http-only}
    """
    good = (
        bad.replace("site.s3-website-eu-west-1.amazonaws.com", "site.s3.eu-west-1.amazonaws.com")
        .replace("CustomOriginConfig", "OriginAccessControlId: E1, S3OriginConfig")
        .replace("{OriginProtocolPolicy: http-only}", "{OriginAccessIdentity: ''}")
        .replace("OriginAccessControlId: E1, S3", "OriginAccessControlId: E1\n                  S3")
    )


class OldOriginTls(Rule):
    """CloudFront may fall back to SSL 3.0 towards the origin, which anybody on the way can read."""

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "{origin} may be asked over SSL 3.0, which is broken"
    references = (f"{_GUIDE}secure-connections-supported-ciphers-cloudfront-to-origin.html",)
    equivalents = ("CKV2_AWS_54", "CloudFront.10")
    fix_safety = Unsafe("an origin that speaks nothing newer can no longer be reached")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look at the protocols of each custom origin that may be asked over HTTPS."""
        for path, origin in origins(distribution):
            protocols = origin["CustomOriginConfig"]["OriginSSLProtocols"]
            if "SSLv3" in protocols:
                yield distribution.finding(
                    f"{path}.CustomOriginConfig.OriginSSLProtocols", origin=show(origin["DomainName"])
                )

    def fix(self, finding: Finding) -> Fix | None:
        """Speak TLS 1.2 only."""
        return self.offer(finding.resource.set(finding.property, List(["TLSv1.2"])))

    bad = """
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior: {TargetOriginId: api, ViewerProtocolPolicy: redirect-to-https}
              Origins:
                - Id: api
                  DomainName: api.example.com
                  CustomOriginConfig: {OriginProtocolPolicy: https-only, OriginSSLProtocols: [SSLv3, TLSv1.2]}
    """
    good = bad.replace("SSLv3, ", "")


class BucketOriginWithoutAccessControl(Rule):
    """CloudFront asks the bucket as a stranger, so that the bucket must be open to everybody or the site does not work.

    An origin access control signs CloudFront's requests: the bucket lets in this distribution and nobody else.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "CloudFront asks {origin} without credentials: the bucket must be public, or nothing is served"
    references = (f"{_GUIDE}private-content-restricting-access-to-s3.html",)
    equivalents = ("CKV2_AWS_46", "CloudFront.13")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look for bucket origins with neither an origin access control nor an origin access identity."""
        for path, origin in origins(distribution):
            if not is_bucket(distribution, origin) or is_website(origin["DomainName"]):
                continue
            control, identity = (
                origin["OriginAccessControlId"],
                origin["S3OriginConfig"]["OriginAccessIdentity"],
            )
            if says_nothing(control) and says_nothing(identity):
                yield distribution.finding(f"{path}.OriginAccessControlId", origin=show(origin["DomainName"]))

    bad = """
        Pages: {Type: AWS::S3::Bucket}
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior: {TargetOriginId: pages, ViewerProtocolPolicy: redirect-to-https}
              Origins:
                - Id: pages
                  DomainName: !GetAtt Pages.RegionalDomainName
                  S3OriginConfig: {OriginAccessIdentity: ''}
    """
    good = bad.replace("S3OriginConfig:", "OriginAccessControlId: E1ABC\n                  S3OriginConfig:")


class SecurityHeadersMissing(Rule):
    """Without security headers a browser lets other sites frame the pages, guess types and come back over plain HTTP.

    CloudFront adds them to every response by a policy, AWS's own among them, for nothing.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.SECURITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "pages come without security headers: no response headers policy adds them"
    references = (f"{_GUIDE}adding-response-headers.html",)
    equivalents = ("CKV2_AWS_32",)
    fix_safety = Unsafe("other sites can no longer show these pages in a frame")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look at the default behaviour; a function that changes responses may add the headers itself."""
        default = distribution[DEFAULT]
        if is_stated(default["ResponseHeadersPolicyId"]) or default["FunctionAssociations"].any_of(
            _on_response
        ):
            return
        if default is not ABSENT and not default["LambdaFunctionAssociations"].any_of(_on_response):
            yield distribution.finding(f"{DEFAULT}.ResponseHeadersPolicyId")

    def fix(self, finding: Finding) -> Fix | None:
        """Use AWS's policy SecurityHeadersPolicy."""
        return self.offer(finding.resource.set(finding.property, _SECURITY_HEADERS))

    bad = """
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior: {TargetOriginId: site, ViewerProtocolPolicy: redirect-to-https}
    """
    good = bad.replace("TargetOriginId", f"ResponseHeadersPolicyId: {_SECURITY_HEADERS}, TargetOriginId")


class StrictTransportMissing(Rule):
    """A headers policy without Strict-Transport-Security lets browsers start over plain HTTP each time they come back."""

    on = "AWS::CloudFront::ResponseHeadersPolicy"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "browsers may come back over plain HTTP: Strict-Transport-Security is {lacking}"
    references = (f"{_GUIDE}understanding-response-headers-policies.html",)
    equivalents = ("CKV_AWS_259",)
    fix_safety = Unsafe("for a year, browsers that saw the header refuse plain HTTP for this name")

    def check(self, policy: Resource) -> Iterable[Finding]:
        """Look at the security headers of a policy that is about them, or about nothing else."""
        config = policy["ResponseHeadersPolicyConfig"]
        about_others = is_stated(config["CorsConfig"]) or is_stated(config["CustomHeadersConfig"])
        headers = config["SecurityHeadersConfig"]
        if not is_stated(headers["StrictTransportSecurity"]) and (is_stated(headers) or not about_others):
            yield policy.finding(_HSTS, lacking="not set")
        elif is_stated(headers["StrictTransportSecurity"]):
            age = headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"]
            if age < _YEAR:
                yield policy.finding(
                    f"{_HSTS}.AccessControlMaxAgeSec", lacking="forgotten before a year is over"
                )

    def fix(self, finding: Finding) -> Fix | None:
        """Ask for HTTPS for a year."""
        if finding.property != _HSTS:
            return self.offer(finding.resource.set(finding.property, _YEAR))
        year = Map({"AccessControlMaxAgeSec": _YEAR, "Override": True})
        return self.offer(finding.resource.set(_HSTS, year))

    bad = """
        Headers:
          Type: AWS::CloudFront::ResponseHeadersPolicy
          Properties:
            ResponseHeadersPolicyConfig:
              Name: headers
              SecurityHeadersConfig: {ContentTypeOptions: {Override: true}}
    """
    good = bad.replace(
        "{ContentTypeOptions: {Override: true}}",
        "{StrictTransportSecurity: {AccessControlMaxAgeSec: 31536000, Override: true}}",
    )


_YEAR = 31_536_000
_HSTS = "ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity"


class CompressionOff(PropertyRule):
    """Text travels uncompressed: pages take several times as long to load, and each byte is paid for.

    CloudFront compresses text in the format that the browser understands, and keeps the result.
    """

    on, property, expected = DISTRIBUTION, f"{DEFAULT}.Compress", True
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    message = "text is delivered uncompressed, at several times its size and price"
    references = (f"{_GUIDE}ServingCompressedFiles.html",)
    fix_safety = SAFE
    bad = """
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior: {TargetOriginId: site, ViewerProtocolPolicy: redirect-to-https, Compress: false}
    """
    good = bad.replace("Compress: false", "Compress: true")


class BucketNeverCached(Rule):
    """Files of a bucket are fetched anew for every viewer: the cache, which makes a distribution fast and cheap, is off.

    Files change when they are deployed: let them be cached, and invalidate them then.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    message = "files of the bucket are fetched anew for every request: caching is disabled"
    references = (f"{_GUIDE}using-managed-cache-policies.html",)

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look for the policy that disables the cache, or a key of all headers, at a behaviour of a bucket."""
        named = {show(origin["Id"]): origin for _, origin in origins(distribution)}
        path, behaviour = next(behaviours(distribution), ("", Map()))
        origin = named.get(show(behaviour["TargetOriginId"]))
        if not origin or not is_bucket(distribution, origin):
            return
        if behaviour["CachePolicyId"] == _CACHING_DISABLED:
            yield distribution.finding(f"{path}.CachePolicyId")
        elif "*" in behaviour["ForwardedValues"]["Headers"]:
            yield distribution.finding(f"{path}.ForwardedValues.Headers")

    bad = f"""
        Pages: {{Type: AWS::S3::Bucket}}
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior:
                TargetOriginId: pages
                ViewerProtocolPolicy: redirect-to-https
                CachePolicyId: {_CACHING_DISABLED}
              Origins:
                - Id: pages
                  DomainName: !GetAtt Pages.RegionalDomainName
                  OriginAccessControlId: E1ABC
                  S3OriginConfig: {{OriginAccessIdentity: ''}}
    """
    good = bad.replace(_CACHING_DISABLED, "658327ea-f89d-4fab-a63d-7e88639e58f6")


class RootObjectMissing(Rule):
    """Whoever opens the site's address without a file name gets an error, or the list of the bucket's files.

    S3 knows no index document when CloudFront asks the bucket itself.
    """

    on = DISTRIBUTION
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "opening the address of the site itself shows an error: no default root object is set"
    references = (f"{_GUIDE}DefaultRootObject.html",)
    equivalents = ("CKV_AWS_305", "CloudFront.1")
    fix_safety = Unsafe("the bucket must hold a file index.html")

    def check(self, distribution: Resource) -> Iterable[Finding]:
        """Look at distributions whose default behaviour serves a bucket without a function that rewrites requests."""
        if not says_nothing(distribution[f"{CONFIG}.DefaultRootObject"]):
            return
        default = distribution[DEFAULT]
        if is_stated(default["FunctionAssociations"]) or is_stated(default["LambdaFunctionAssociations"]):
            return
        for _, origin in origins(distribution):
            if show(origin["Id"]) == show(default["TargetOriginId"]) and is_bucket(distribution, origin):
                yield distribution.finding(f"{CONFIG}.DefaultRootObject")

    def fix(self, finding: Finding) -> Fix | None:
        """Show index.html."""
        return self.offer(finding.resource.set(f"{CONFIG}.DefaultRootObject", "index.html"))

    bad = BucketNeverCached.good
    good = bad.replace("Enabled: true", "Enabled: true\n              DefaultRootObject: index.html")


def _on_response(association: Value) -> bool:
    return association["EventType"] in ("viewer-response", "origin-response")


RULES = (
    ViewerHttpAllowed(),
    OldViewerTls(),
    OriginOverHttp(),
    WebsiteEndpointAsOrigin(),
    OldOriginTls(),
    BucketOriginWithoutAccessControl(),
    SecurityHeadersMissing(),
    StrictTransportMissing(),
    CompressionOff(),
    BucketNeverCached(),
    RootObjectMissing(),
)
