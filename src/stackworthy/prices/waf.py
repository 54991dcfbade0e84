"""WAF: https://aws.amazon.com/waf/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, is_stated, references
from stackworthy.prices.registry import UsageOf, length, maps, prices, usage

ACL = "AWS::WAFv2::WebACL"
GROUP = "AWS::WAFv2::RuleGroup"
BOTS = "AWSManagedRulesBotControlRuleSet"

usage(
    ACL,
    monthly_requests=("requests", 0, "Requests inspected."),
    monthly_large_requests=("requests", 0, "Requests inspected with more than 1,500 capacity units or a body beyond 48 KB."),
    rule_group_rules=("rules", None, "Rules inside rule groups; those of the stack's own groups when not stated."),
    managed_rule_group_rules=("rules", 0, "Rules inside managed groups that are charged one by one; AWS's own are not."),
    monthly_captcha_attempts=("attempts", 0, "CAPTCHA puzzles solved."),
    monthly_bot_control_requests=("requests", None, "Requests that Bot Control inspects; all of them when not stated."),
)  # fmt: skip


def _where(acl: Resource) -> str:
    """Web ACLs of CloudFront are billed where they live."""
    return "us-east-1" if acl["Scope"] == "CLOUDFRONT" else ""


@prices(ACL)
def acl(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """The web ACL and its requests."""
    region = _where(one)
    yield Cost("Web ACL", 1, "waf.web-acl", "1 web ACL", region)
    yield Cost("Requests", asked["monthly_requests"], "waf.requests", "{monthly_requests} requests", region)
    if asked["monthly_large_requests"]:
        words = "{monthly_large_requests} requests"
        yield Cost("Large requests", asked["monthly_large_requests"], "waf.requests-large", words, region)
    if asked["monthly_captcha_attempts"]:
        words = "{monthly_captcha_attempts} attempts"
        yield Cost(
            "CAPTCHA attempts", asked["monthly_captcha_attempts"], "waf.captcha-attempt", words, region
        )


@prices(ACL)
def rules(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Rules, rule groups, and the rules inside own groups."""
    region = _where(one)
    own = groups = managed = inside = 0
    bots = False
    for rule in maps(one["Rules"]):
        statement = rule["Statement"]
        if not isinstance(statement, Map):
            own += 1
        elif is_stated(statement["RuleGroupReferenceStatement"]):
            groups += 1
            inside += _inside(one, statement["RuleGroupReferenceStatement"])
        elif is_stated(statement["ManagedRuleGroupStatement"]):
            managed += 1
            bots = bots or statement["ManagedRuleGroupStatement"]["Name"] == BOTS
        else:
            own += 1
    grouped = asked.get("rule_group_rules", inside)
    counted = own + grouped + asked["managed_rule_group_rules"]
    if counted:
        words = (
            f"{own} rules + {grouped} inside rule groups + {{managed_rule_group_rules}} inside managed ones"
        )
        yield Cost("Rules", counted, "waf.rule", words, region)
    if groups:
        yield Cost("Rule groups", groups, "waf.rule", f"{groups} groups", region)
    if managed:
        yield Cost("Managed rule groups", managed, "waf.rule", f"{managed} groups", region)
    if bots:
        yield from _bot_control(asked, region)


def _inside(acl: Resource, statement: Map) -> int:
    for reference in references(statement):
        group = acl.graph.get(reference.address)
        if group is not None and group.kind == GROUP:
            return length(group["Rules"])
    return 0


def _bot_control(asked: UsageOf, region: str) -> Iterator[Cost]:
    yield Cost("Bot Control", 1, "waf.bot-control", "1 subscription", region)
    stated = asked.stated("monthly_bot_control_requests")
    key = "monthly_bot_control_requests" if stated else "monthly_requests"
    yield Cost("Bot Control requests", asked[key], "waf.bot-control-requests", f"{{{key}}} requests", region)
