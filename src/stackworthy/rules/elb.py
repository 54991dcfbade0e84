"""Elastic Load Balancing: listeners, load balancers and target groups."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.names import LOAD_BALANCER
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import ABSENT, List, Map, Value, is_stated
from stackworthy.rules._forms import items
from stackworthy.rules._mending import ByHand
from stackworthy.rules._reading import is_open, lowered, named, surely_named

_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
_ALB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
_NLB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/"
_STRONG = (
    "ELBSecurityPolicy-TLS13-",
    "ELBSecurityPolicy-TLS-1-2-",
    "ELBSecurityPolicy-FS-1-2-",
    "ELBSecurityPolicy-PQ-",
)
_WEAK_PARTS = ("-1-0-", "-1-1-", "TLS-1-0", "TLS-1-1")
_PLAIN = (
    "Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [subnet-1, subnet-2]}}"
)
_LISTENS = """
        Door:
          Type: AWS::ElasticLoadBalancingV2::Listener
          Properties:
            LoadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1'
            Port: 80
            Protocol: HTTP
            DefaultActions: [{Type: forward, TargetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/1'}]
    """
_REDIRECT = "{Type: redirect, RedirectConfig: {Protocol: HTTPS, Port: '443', StatusCode: HTTP_301}}"


def attribute(resource: Resource, path: str, key: str) -> Value:
    """The value of an attribute of a load balancer or target group, `ABSENT` when it is not stated; raises `NotKnown`."""
    attributes = resource[path]
    for entry in attributes:
        if entry["Key"] == key:
            return lowered(entry["Value"])
    return ABSENT


class _AttributeRule(Rule):
    """An attribute of a load balancer that must have a value."""

    on = _BALANCER
    pillar = Pillar.SECURITY
    path, key, expected = "LoadBalancerAttributes", "", "true"
    types: tuple[str, ...] = ("application", "network", "gateway")

    def check(self, balancer: Resource) -> Iterable[Finding]:
        """Look at the attribute of a balancer of the type that has it."""
        if balancer["Type"] in self.types and attribute(balancer, self.path, self.key) != self.expected:
            yield balancer.finding(self.path)

    def fix(self, finding: Finding) -> Fix | None:
        """State the attribute."""
        balancer = finding.resource
        stated = balancer[self.path]
        entry = Map({"Key": self.key, "Value": self.expected})
        if stated is ABSENT:
            return self.offer(balancer.set(self.path, List([entry])))
        if is_open(stated):
            return None
        index = next((i for i, item in enumerate(stated) if item["Key"] == self.key), len(stated))
        return self.offer(balancer.set(f"{self.path}[{index}]", entry))


class ListenerOverPlainHttp(ByHand):
    """What users send, passwords and cookies included, travels in the clear: the listener serves over plain HTTP.

    A listener on port 80 should do nothing but redirect to HTTPS.
    """

    on = _LISTENER
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "what users send travels in the clear: port {port} serves over plain HTTP"
    references = (f"{_ALB}create-https-listener.html",)
    equivalents = (
        "CKV_AWS_103",
        "CKV_AWS_2",
        "CKV_AWS_378",
        "CKV2_AWS_20",
        "AVD-AWS-0054",
        "aws-elb-http-not-used",
        "ELB.1",
        "W56",
    )
    steps = (
        "ask AWS Certificate Manager for a certificate of the domain",
        "add a listener on port 443 with Protocol: HTTPS, the certificate, and the actions of this one",
        "let this one do nothing but redirect to HTTPS (HTTP_301)",
    )

    def check(self, listener: Resource) -> Iterable[Finding]:
        """Look for HTTP listeners that do not redirect; inside of a VPC plain HTTP may be meant."""
        if listener["Protocol"] != "HTTP" or _is_internal(listener):
            return
        for _, action in items(listener, "DefaultActions"):
            if action["Type"] == "redirect" and action["RedirectConfig"]["Protocol"] in (
                "HTTPS",
                "#{protocol}",
            ):
                return
        port = listener["Port"] if is_stated(listener["Port"]) else 80
        yield listener.finding("Protocol", port=port)

    bad = _LISTENS
    good = _LISTENS.split("DefaultActions")[0] + f"DefaultActions: [{_REDIRECT}]\n    "


def _is_internal(listener: Resource) -> bool:
    """Whether a listener's load balancer is reached from inside a VPC only, as far as this stack says."""
    balancer = surely_named(listener, listener["LoadBalancerArn"], LOAD_BALANCER)
    return bool(balancer and balancer["Scheme"] == "internal")


class InternalListenerOverPlainHttp(Rule):
    """Inside of the VPC too, traffic over plain HTTP can be read by whatever has broken in."""

    on = _LISTENER
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "requests travel in the clear inside of the VPC"
    references = (f"{_ALB}create-https-listener.html",)
    equivalents = ("CKV_AWS_103", "CKV_AWS_2", "CKV_AWS_378", "AVD-AWS-0054", "aws-elb-http-not-used")

    def check(self, listener: Resource) -> Iterable[Finding]:
        """Look for HTTP listeners of internal load balancers."""
        if listener["Protocol"] != "HTTP" or not _is_internal(listener):
            return
        if not any(action["Type"] == "redirect" for _, action in items(listener, "DefaultActions")):
            yield listener.finding("Protocol")

    bad = _PLAIN.replace("Subnets", "Scheme: internal, Subnets").join(
        ("\n        ", "\n")
    ) + _LISTENS.replace(
        "'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1'", "!Ref Balancer"
    )
    good = bad.replace("Protocol: HTTP", "Protocol: HTTPS")


class ListenerWithOldTls(Rule):
    """Clients may speak versions of TLS that are broken: the listener's policy allows them, as its default does."""

    on = _LISTENER
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "clients may speak versions of TLS that are broken: the policy is {policy}"
    references = (f"{_ALB}describe-ssl-policies.html",)
    equivalents = (
        "CKV_AWS_103",
        "CKV2_AWS_74",
        "AVD-AWS-0047",
        "aws-elb-use-secure-tls-policy",
        "ELB.17",
        "W55",
    )
    fix_safety = Unsafe("clients of before 2014 can no longer connect")

    def check(self, listener: Resource) -> Iterable[Finding]:
        """Look at the policy of listeners that speak TLS."""
        if listener["Protocol"] not in ("HTTPS", "TLS"):
            return
        policy = listener["SslPolicy"]
        if not is_stated(policy):
            yield listener.finding("SslPolicy", policy="ELBSecurityPolicy-2016-08")
        elif not policy.startswith(_STRONG) or any(part in policy for part in _WEAK_PARTS):
            yield listener.finding("SslPolicy", policy=policy)

    def fix(self, finding: Finding) -> Fix | None:
        """Use the policy that AWS recommends."""
        return self.offer(finding.resource.set("SslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06"))

    bad = _LISTENS.replace(
        "Protocol: HTTP", "Protocol: HTTPS\n            SslPolicy: ELBSecurityPolicy-2016-08"
    )
    good = bad.replace("2016-08", "TLS13-1-2-2021-06")


class OddHeadersLetThrough(_AttributeRule):
    """Headers that no standard allows reach the servers, which may read them otherwise than the load balancer does."""

    key, types = "routing.http.drop_invalid_header_fields.enabled", ("application",)
    severity, profile = Severity.LOW, STRICT
    message = "headers that no standard allows reach the servers behind: they are not dropped"
    references = (f"{_ALB}edit-load-balancer-attributes.html",)
    equivalents = ("CKV_AWS_131", "AVD-AWS-0052", "aws-elb-drop-invalid-headers", "ELB.4")
    fix_safety = Unsafe("clients that send such headers find them missing")
    bad = _PLAIN
    good = bad.replace(
        "Subnets",
        "LoadBalancerAttributes: [{Key: routing.http.drop_invalid_header_fields.enabled, Value: 'true'}], Subnets",
    )


class DesyncLetThrough(Rule):
    """Requests that two servers read differently reach the servers: one user's request can be answered to another."""

    on = _BALANCER
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "requests that two servers read differently are let through: desync mitigation only watches"
    references = (f"{_ALB}edit-load-balancer-attributes.html",)
    equivalents = ("CKV_AWS_328", "ELB.12")

    def check(self, balancer: Resource) -> Iterable[Finding]:
        """Look for the mode that lets everything through."""
        if (
            balancer["Type"] == "application"
            and attribute(balancer, "LoadBalancerAttributes", _DESYNC) == "monitor"
        ):
            yield balancer.finding("LoadBalancerAttributes")

    bad = _PLAIN.replace(
        "Subnets",
        "LoadBalancerAttributes: [{Key: routing.http.desync_mitigation_mode, Value: monitor}], Subnets",
    )
    good = bad.replace("monitor", "defensive")


_DESYNC = "routing.http.desync_mitigation_mode"


class BalancerDeletable(_AttributeRule):
    """One wrong call deletes the load balancer, and its address with it."""

    key = "deletion_protection.enabled"
    severity, profile, pillar = Severity.LOW, STRICT, Pillar.RELIABILITY
    message = "one wrong call deletes the load balancer: deletion protection is off"
    references = (f"{_ALB}edit-load-balancer-attributes.html",)
    equivalents = ("CKV_AWS_150", "ELB.6")
    fix_safety = Unsafe("deleting the stack fails until it is turned off again")
    bad = _PLAIN
    good = bad.replace(
        "Subnets", "LoadBalancerAttributes: [{Key: deletion_protection.enabled, Value: 'true'}], Subnets"
    )


class BalancerWithoutLogs(_AttributeRule):
    """Nobody can say later who asked for what, or which request made a server fail."""

    key, types = "access_logs.s3.enabled", ("application", "network")
    severity, profile, pillar = Severity.LOW, STRICT, Pillar.OPERATIONS
    message = "requests leave no trace: access logs are off"
    references = (f"{_ALB}load-balancer-access-logs.html",)
    equivalents = ("CKV_AWS_91", "ELB.5", "W52")
    bad = _PLAIN
    good = bad.replace(
        "Subnets",
        "LoadBalancerAttributes: [{Key: access_logs.s3.enabled, Value: 'true'}, {Key: access_logs.s3.bucket, Value: logs}], Subnets",
    )


class ZonesServedUnevenly(_AttributeRule):
    """Each zone's share of requests goes to that zone's targets only, however few they are."""

    key, types = "load_balancing.cross_zone.enabled", ("network", "gateway")
    severity, profile, pillar = Severity.LOW, STRICT, Pillar.RELIABILITY
    message = "a zone with few targets gets as many requests as the others: cross-zone balancing is off"
    references = (f"{_NLB}edit-target-group-attributes.html",)
    equivalents = ("CKV_AWS_152", "ELB.9")
    bad = _PLAIN.replace("Subnets", "Type: network, Subnets")
    good = bad.replace(
        "Subnets",
        "LoadBalancerAttributes: [{Key: load_balancing.cross_zone.enabled, Value: 'true'}], Subnets",
    )


class BalancerWithoutWebAcl(Rule):
    """A web ACL stops known attacks and floods before they reach the servers, for a monthly price and one per request."""

    on = _BALANCER
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "no web ACL filters what reaches this load balancer"
    references = (f"{_ALB}application-load-balancers.html",)
    equivalents = ("CKV2_AWS_28", "ELB.16")

    def check(self, balancer: Resource) -> Iterable[Finding]:
        """Look for a web ACL in front of balancers that face the internet."""
        if balancer["Type"] != "application" or balancer["Scheme"] == "internal":
            return
        for association in balancer.graph.of(
            "AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation"
        ):
            if named(balancer, association["ResourceArn"]) is balancer:
                return
        yield balancer.finding("Scheme")

    bad = "\n        " + _PLAIN + "\n"
    good = (
        bad
        + """
        Filter:
          Type: AWS::WAFv2::WebACLAssociation
          Properties: {ResourceArn: !Ref Balancer, WebACLArn: 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1'}
    """
    )


class TargetsOverPlainHttp(Rule):
    """Between the load balancer and the servers requests travel in the clear."""

    on = _TARGETS
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "requests travel in the clear between the load balancer and the servers"
    references = (f"{_ALB}load-balancer-target-groups.html",)
    equivalents = ("CKV_AWS_378",)

    def check(self, group: Resource) -> Iterable[Finding]:
        """Look at the protocol."""
        if is_stated(group["Protocol"]) and group["Protocol"] == "HTTP":
            yield group.finding("Protocol")

    bad = "Servers: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Protocol: HTTP, Port: 80, VpcId: vpc-1}}"
    good = bad.replace("HTTP", "HTTPS")


class TargetHealthByDefault(Rule):
    """Whether a server counts as healthy is decided by its root page, which nobody chose for that."""

    on = _TARGETS
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "servers count as healthy by their root page: no path is chosen"
    references = (f"{_ALB}target-group-health-checks.html",)
    equivalents = ("CKV_AWS_261",)

    def check(self, group: Resource) -> Iterable[Finding]:
        """Look for a path, where requests are HTTP."""
        if (
            not is_stated(group["Protocol"])
            or group["Protocol"] not in ("HTTP", "HTTPS")
            or group["TargetType"] == "lambda"
        ):
            return
        if not is_stated(group["HealthCheckPath"]):
            yield group.finding("HealthCheckPath")

    bad = TargetsOverPlainHttp.bad
    good = bad.replace("VpcId", "HealthCheckPath: /health, VpcId")


RULES = (
    ListenerOverPlainHttp(),
    InternalListenerOverPlainHttp(),
    ListenerWithOldTls(),
    OddHeadersLetThrough(),
    DesyncLetThrough(),
    BalancerDeletable(),
    BalancerWithoutLogs(),
    ZonesServedUnevenly(),
    BalancerWithoutWebAcl(),
    TargetsOverPlainHttp(),
    TargetHealthByDefault(),
)
