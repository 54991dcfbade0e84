"""AWS WAF: what web ACLs stop, and what they record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.aws.names import WEB_ACL
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, Relation, Rule
from stackworthy.core.value import Map, Value, is_stated, show
from stackworthy.rules._forms import items, says_nothing
from stackworthy.rules._reading import maps_within, named

_ACL = "AWS::WAFv2::WebACL"
_GUIDE = "https://docs.aws.amazon.com/waf/latest/developerguide/"
_KNOWN_BAD = "AWSManagedRulesKnownBadInputsRuleSet"
_PLAIN = """
        Filter:
          Type: AWS::WAFv2::WebACL
          Properties:
            Scope: REGIONAL
            DefaultAction: {Allow: {}}
            VisibilityConfig: {CloudWatchMetricsEnabled: true, MetricName: filter, SampledRequestsEnabled: true}
            Rules:
              - Name: bad
                Priority: 0
                OverrideAction: {None: {}}
                Statement: {ManagedRuleGroupStatement: {VendorName: AWS, Name: AWSManagedRulesKnownBadInputsRuleSet}}
                VisibilityConfig: {CloudWatchMetricsEnabled: true, MetricName: bad, SampledRequestsEnabled: true}
    """
_RATE = """
              - Name: floods
                Priority: 1
                Action: {Block: {}}
                Statement: {RateBasedStatement: {Limit: 1000, AggregateKeyType: IP}}
                VisibilityConfig: {CloudWatchMetricsEnabled: true, MetricName: floods, SampledRequestsEnabled: true}
    """
_LOG = """
        Log:
          Type: AWS::WAFv2::LoggingConfiguration
          Properties:
            ResourceArn: !GetAtt Filter.Arn
            LogDestinationConfigs: ['arn:aws:logs:eu-west-1:111122223333:log-group:aws-waf-logs-a']
    """


def _all_statements(acl: Resource) -> Iterator[Map]:
    for _, rule in items(acl, "Rules"):
        yield from maps_within(rule["Statement"])


def stops_known_bad_inputs(acl: Resource) -> bool:
    """Whether AWS's rules against known bad inputs, Log4j's among them, stop anything in a web ACL; raises `NotKnown`."""
    for _, rule in items(acl, "Rules"):
        for statement in maps_within(rule["Statement"]):
            group = statement["ManagedRuleGroupStatement"]
            if group["Name"] == _KNOWN_BAD:
                return not (_only_counts(rule) or _log4j_left_out(group))
    return False


def _only_counts(rule: Map) -> bool:
    """Whether a rule about a group counts what the group would block."""
    return is_stated(rule["OverrideAction"]["Count"])


def _log4j_left_out(group: Value) -> bool:
    """Whether a managed group is told to count, or to let pass, what it knows of Log4j."""
    if group["ExcludedRules"].any_of(_is_log4j):
        return True
    return bool(
        group["RuleActionOverrides"].any_of(
            lambda override: (
                _is_log4j(override)
                and not is_stated(override["ActionToUse"]["Block"])
                and is_stated(override["ActionToUse"])
            )
        )
    )


class WebAclWithoutRules(Rule):
    """A web ACL without rules lets everything through, and is paid for all the same."""

    on = _ACL
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "the web ACL lets everything through: it has no rule"
    references = (f"{_GUIDE}web-acl.html",)
    equivalents = ("CKV_AWS_175", "WAF.10")

    def check(self, acl: Resource) -> Iterable[Finding]:
        """Look for any rule; one that blocks by default needs none."""
        if says_nothing(acl["Rules"]) and not is_stated(acl["DefaultAction"]["Block"]):
            yield acl.finding("Rules")

    bad = _PLAIN.split("            Rules:")[0] + "\n    "
    good = _PLAIN


class WebAclWithoutRateLimit(Rule):
    """A flood of ordinary requests passes every pattern: only a rule that counts them stops it, and the bill that it makes."""

    on = _ACL
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "a flood of ordinary requests passes: no rule limits the rate of one client"
    references = (f"{_GUIDE}waf-rule-statement-type-rate-based.html",)

    def check(self, acl: Resource) -> Iterable[Finding]:
        """Look for a rule that counts; a group of rules may hold one."""
        if says_nothing(acl["Rules"]):
            return
        for statement in _all_statements(acl):
            if is_stated(statement["RateBasedStatement"]) or is_stated(
                statement["RuleGroupReferenceStatement"]
            ):
                return
        yield acl.finding("Rules")

    bad = _PLAIN
    good = _PLAIN.rstrip() + _RATE


class WebAclLetsLogForShellPass(Rule):
    """Requests that make an unpatched Log4j run a stranger's code pass: AWS's rules for known bad inputs are not used."""

    on = _ACL
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "requests that exploit Log4j pass: the managed rules for known bad inputs are not used"
    references = (f"{_GUIDE}aws-managed-rule-groups-baseline.html",)
    equivalents = ("CKV_AWS_192",)

    def check(self, acl: Resource) -> Iterable[Finding]:
        """Look for the rules, in force for Log4j."""
        for path, rule in items(acl, "Rules"):
            for statement in maps_within(rule["Statement"]):
                group = statement["ManagedRuleGroupStatement"]
                if group["Name"] != _KNOWN_BAD:
                    continue
                if _only_counts(rule) or _log4j_left_out(group):
                    yield acl.finding(f"{path}.Statement")
                return
        yield acl.finding("Rules")

    bad = _PLAIN.replace("KnownBadInputsRuleSet", "CommonRuleSet")
    good = _PLAIN


def _is_log4j(rule: Value) -> bool:
    return rule["Name"] in (
        "Log4JRCE",
        "Log4JRCE_HEADER",
        "Log4JRCE_BODY",
        "Log4JRCE_URI",
        "Log4JRCE_QUERYSTRING",
        "Log4JRCE_URIPATH",
    )


class _EntranceLetsLogForShellPass(Rule):
    """A rule about what stands behind a web ACL of this stack; without any web ACL, other rules speak."""

    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "requests that exploit Log4j pass {acl}: it lacks the managed rules for known bad inputs"
    references = (f"{_GUIDE}aws-managed-rule-groups-baseline.html",)

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Look at the rules of the web ACL."""
        if edge.by == "web ACL" and not stops_known_bad_inputs(edge.source):
            yield edge.target.finding(
                "", also=[edge.source.place("Rules", "the web ACL")], acl=edge.source.name
            )


_UNGUARDED = WebAclLetsLogForShellPass.bad
_GUARD = """
        Guard: {Type: AWS::WAFv2::WebACLAssociation, Properties: {ResourceArn: !GetAtt Api.Arn, WebACLArn: !GetAtt Filter.Arn}}
    """


class DistributionLetsLogForShellPass(_EntranceLetsLogForShellPass):
    """The web ACL in front of this distribution lets requests pass that exploit an unpatched Log4j."""

    on = Relation("protects", _ACL, "AWS::CloudFront::Distribution", subject="target")
    equivalents = ("CKV2_AWS_47",)
    bad = (
        _UNGUARDED
        + """
        Site: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {Enabled: true, WebACLId: !GetAtt Filter.Arn}}}
    """
    )
    good = bad.replace("CommonRuleSet", "KnownBadInputsRuleSet")


class GraphqlApiLetsLogForShellPass(_EntranceLetsLogForShellPass):
    """The web ACL in front of this API lets requests pass that exploit an unpatched Log4j."""

    on = Relation("protects", _ACL, "AWS::AppSync::GraphQLApi", subject="target")
    equivalents = ("CKV2_AWS_78",)
    bad = (
        _UNGUARDED
        + _GUARD
        + """
        Api: {Type: AWS::AppSync::GraphQLApi, Properties: {Name: booking, AuthenticationType: AWS_IAM}}
    """
    )
    good = bad.replace("CommonRuleSet", "KnownBadInputsRuleSet")


class StageLetsLogForShellPass(_EntranceLetsLogForShellPass):
    """The web ACL in front of this stage lets requests pass that exploit an unpatched Log4j."""

    on = Relation("protects", _ACL, "AWS::ApiGateway::Stage", subject="target")
    equivalents = ("CKV2_AWS_77",)
    bad = (
        _UNGUARDED
        + _GUARD.replace(
            "!GetAtt Api.Arn", "!Sub 'arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Live}'"
        )
        + """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: booking}}
        Live: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: live}}
    """
    )
    good = bad.replace("CommonRuleSet", "KnownBadInputsRuleSet")


class BalancerLetsLogForShellPass(_EntranceLetsLogForShellPass):
    """The web ACL in front of this load balancer lets requests pass that exploit an unpatched Log4j."""

    on = Relation("protects", _ACL, "AWS::ElasticLoadBalancingV2::LoadBalancer", subject="target")
    equivalents = ("CKV2_AWS_76",)
    bad = (
        _UNGUARDED
        + _GUARD.replace("!GetAtt Api.Arn", "!Ref Api")
        + """
        Api: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [subnet-1, subnet-2]}}
    """
    )
    good = bad.replace("CommonRuleSet", "KnownBadInputsRuleSet")


class WebAclWithoutLogs(Rule):
    """When users are refused, nobody can say by which rule, or whether it was an attack: the web ACL records nothing."""

    on = _ACL
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nobody can say whom the web ACL refused and why: it logs nothing"
    references = (f"{_GUIDE}logging.html",)
    equivalents = ("CKV2_AWS_31", "WAF.11")

    def check(self, acl: Resource) -> Iterable[Finding]:
        """Look for a logging configuration of the web ACL."""
        for configuration in acl.graph.of("AWS::WAFv2::LoggingConfiguration"):
            if named(acl, configuration["ResourceArn"], WEB_ACL) is acl:
                return
        yield acl.finding("")

    bad = _PLAIN
    good = _PLAIN.rstrip() + "\n" + _LOG


class WebAclRuleDoesNothing(Rule):
    """A rule that neither blocks, allows nor counts says nothing about the requests that it matches; WAF refuses it."""

    on = Kinds((_ACL, "AWS::WAFv2::RuleGroup"))
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "the deployment fails: the rule {rule} states no action"
    references = (f"{_GUIDE}waf-rule-action.html",)
    equivalents = ("CKV_AWS_342",)

    def check(self, resource: Resource) -> Iterable[Finding]:
        """Look for an action, or an override of a group's actions."""
        for path, rule in items(resource, "Rules"):
            if not is_stated(rule["Action"]) and not is_stated(rule["OverrideAction"]):
                yield resource.finding(f"{path}.Action", rule=show(rule["Name"]))

    bad = _PLAIN.replace("OverrideAction: {None: {}}", "RuleLabels: [{Name: bad}]")
    good = _PLAIN


class WebAclUnmeasured(Rule):
    """Nobody can watch how many requests a web ACL blocks: its metrics are off."""

    on = Kinds((_ACL, "AWS::WAFv2::RuleGroup"))
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "nobody can watch what is blocked: metrics are off"
    references = (f"{_GUIDE}monitoring-cloudwatch.html",)
    equivalents = ("WAF.12",)

    def check(self, resource: Resource) -> Iterable[Finding]:
        """Look for metrics that are turned off."""
        on = resource["VisibilityConfig.CloudWatchMetricsEnabled"]
        if is_stated(on) and not on:
            yield resource.finding("VisibilityConfig.CloudWatchMetricsEnabled")

    bad = _PLAIN.replace(
        "CloudWatchMetricsEnabled: true, MetricName: filter",
        "CloudWatchMetricsEnabled: false, MetricName: filter",
    )
    good = _PLAIN


RULES = (
    WebAclWithoutRules(),
    WebAclWithoutRateLimit(),
    WebAclLetsLogForShellPass(),
    DistributionLetsLogForShellPass(),
    GraphqlApiLetsLogForShellPass(),
    StageLetsLogForShellPass(),
    BalancerLetsLogForShellPass(),
    WebAclWithoutLogs(),
    WebAclRuleDoesNothing(),
    WebAclUnmeasured(),
)
