"""Limits in front of APIs: throttling for all, a web ACL where one can be attached (never at an HTTP API).

https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import (
    REGION,
    TERRAFORM,
    anchor,
    arn,
    is_known_to_be,
    is_own,
    partition,
    word,
)
from stackworthy.core.fix import AddResource, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, Reference, Value, joined

APART = "waf"
REST, REST_STAGE = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"
HTTP, HTTP_STAGE = "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage"
GRAPHQL, ALB, POOL = (
    "AWS::AppSync::GraphQLApi",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::Cognito::UserPool",
)
ACL, ASSOCIATION = "AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation"
RATE, BURST = 100, 200
REQUESTS_IN_FIVE_MINUTES = 2000
_GROUPS = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet")


def improvements(graph: Graph) -> list[Improvement]:
    """Throttling of each stage that has none, and a web ACL for what can have one."""
    return [*_throttling(graph), *_firewall(graph)]


def _throttling(graph: Graph) -> Iterator[Improvement]:
    changes: list[Change] = []
    stages: list[Resource] = []
    for stage in graph.of(REST_STAGE, HTTP_STAGE):
        try:
            change = _limit(graph, stage)
        except NotKnown:
            continue
        if change is not None:
            stages.append(stage)
            changes.append(change)
    if changes:
        why = (
            f"without a limit, one caller can use up the rate of all APIs of the account in the Region; {RATE} requests a second and bursts of {BURST} are a "
            "beginning: what comes above is refused with 429. Throttling is free"
        )
        yield Improvement(
            "Throttle what calls the APIs",
            why,
            tuple(changes),
            resources=tuple(stage.address for stage in stages),
        )


def _limit(graph: Graph, stage: Resource) -> Change | None:
    if stage.kind == HTTP_STAGE:
        api = next((api for api in graph.of(HTTP) if _is_of(stage, api, "ApiId")), None)
        if api is not None and api["ProtocolType"] == "WEBSOCKET":
            return None
        if stage["DefaultRouteSettings.ThrottlingRateLimit"] is not ABSENT:
            return None
        return (
            stage.set("DefaultRouteSettings", Map(ThrottlingBurstLimit=BURST, ThrottlingRateLimit=RATE))
            if stage["DefaultRouteSettings"] is ABSENT
            else None
        )
    settings = stage["MethodSettings"]
    if settings is not ABSENT:
        return None
    limits = Map(ResourcePath="/*", HttpMethod="*", ThrottlingBurstLimit=BURST, ThrottlingRateLimit=RATE)
    return stage.set("MethodSettings", List([limits]))


def _is_of(stage: Resource, api: Resource, property: str) -> bool:
    value = stage[property]
    return isinstance(value, Reference) and value.address == api.address


def _firewall(graph: Graph) -> Iterator[Improvement]:
    title = "Put a web application firewall in front of the APIs"
    acls = [acl.address for acl in graph.of(ACL)]
    protected = list(_attachable(graph))
    if not protected:
        return
    addresses = tuple(resource.address for resource, _ in protected)
    if acls:
        yield Improvement(title, "", resources=addresses, done=f"a web ACL is there: {', '.join(acls)}")
        return
    beside = anchor(graph, REST, GRAPHQL, ALB, POOL) or protected[0][0]
    acl = AddResource(
        ACL,
        "ApiFirewall",
        Map(
            **({"Name": "api-firewall"} if graph.format == TERRAFORM else {}),
            Scope="REGIONAL",
            DefaultAction=Map(Allow=Map()),
            VisibilityConfig=_visible("api-firewall"),
            Rules=List([_rate(), *(_managed(name, order) for order, name in enumerate(_GROUPS, 1))]),
        ),
        beside,
        APART,
    )
    associations = [
        AddResource(
            ASSOCIATION,
            f"{word(resource)}Firewall",
            Map(ResourceArn=target, WebACLArn=acl.reference("Arn")),
            beside,
            APART,
        )
        for resource, target in protected
    ]
    why = (
        f"known attacks and callers with more than {REQUESTS_IN_FIVE_MINUTES} requests in five minutes are refused before they reach the backend; "
        "a web ACL, each of its rules and each million requests are billed"
    )
    steps = (
        "let the managed rules count for a week before they block (OverrideAction Count), and look at what they would have refused",
    )
    yield Improvement(title, why, (acl, *associations), steps, addresses)


def _attachable(graph: Graph) -> Iterator[tuple[Resource, Value]]:
    """What can have a web ACL, with its ARN: stages of REST APIs, GraphQL APIs, load balancers, user pools with a sign-in page."""
    for stage in graph.of(REST_STAGE):
        api = stage["RestApiId"]
        if graph.format == TERRAFORM:
            if is_own(stage):
                yield stage, Reference(stage.address, "Arn")
        elif isinstance(api, Reference):
            place = joined(
                (
                    "arn:",
                    partition(graph),
                    ":apigateway:",
                    REGION,
                    "::/restapis/",
                    api,
                    "/stages/",
                    Reference(stage.address),
                )
            )
            yield stage, place
    for resource in graph.of(GRAPHQL):
        if is_own(resource):
            yield resource, Reference(resource.address, "Arn")
    for resource in graph.of(ALB):
        if (
            is_own(resource)
            and not is_known_to_be(resource, "Type", "network", "gateway")
            and not is_known_to_be(resource, "Scheme", "internal")
        ):
            yield resource, Reference(resource.address) if graph.format != TERRAFORM else arn(resource)


def _visible(name: str) -> Map:
    return Map(SampledRequestsEnabled=True, CloudWatchMetricsEnabled=True, MetricName=name)


def _rate() -> Map:
    return Map(
        Name="rate",
        Priority=0,
        Action=Map(Block=Map()),
        Statement=Map(RateBasedStatement=Map(Limit=REQUESTS_IN_FIVE_MINUTES, AggregateKeyType="IP")),
        VisibilityConfig=_visible("rate"),
    )


def _managed(name: str, order: int) -> Map:
    return Map(
        Name=name,
        Priority=order,
        OverrideAction=Map({"None": Map()}),
        Statement=Map(ManagedRuleGroupStatement=Map(VendorName="AWS", Name=name)),
        VisibilityConfig=_visible(name),
    )
