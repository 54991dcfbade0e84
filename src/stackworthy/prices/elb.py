"""Load balancers: https://aws.amazon.com/elasticloadbalancing/pricing/"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, prices, unpriced, usage

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"

usage(
    BALANCER,
    new_connections=("per second", 0, "New connections a second on average: 25 are one capacity unit."),
    active_connections=(
        "per minute",
        0,
        "Active connections a minute on average: 3,000 are one capacity unit.",
    ),
    processed_bytes_gb=("GB", 0, "Data processed in the month: 1 GB an hour is one capacity unit."),
    rule_evaluations=("per second", 0, "Rule evaluations a second: 1,000 are one capacity unit."),
)


@prices(BALANCER)
def balancer(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Hours and capacity units of an application load balancer."""
    kind = one["Type"] or "application"
    if kind == "network":
        yield from _network(asked)
        return
    if kind != "application":
        yield unpriced("Load balancer", f"no price of {kind} load balancers is in the catalogue")
        return
    yield Cost("Load balancer", asked.hours, "alb.hour", f"{asked.hours} h")
    units = max(
        asked["new_connections"] / 25,
        asked["active_connections"] / 3000,
        asked["processed_bytes_gb"] / asked.hours if asked.hours else Decimal(0),
        asked["rule_evaluations"] / 1000,
    )
    words = (
        "the most of {new_connections} / 25, {active_connections} / 3,000, "
        f"{{processed_bytes_gb}} GB / {asked.hours} h, {{rule_evaluations}} / 1,000, × {asked.hours} h"
    )
    yield Cost("Capacity units", units * asked.hours, "alb.lcu", words)


def _network(asked: UsageOf) -> Iterator[Cost]:
    """A network load balancer: 800 new and 100,000 active connections, or 1 GB an hour, are one unit."""
    yield Cost("Load balancer", asked.hours, "nlb.load-balancer", f"{asked.hours} h")
    units = max(
        asked["new_connections"] / 800,
        asked["active_connections"] / 100_000,
        asked["processed_bytes_gb"] / asked.hours if asked.hours else Decimal(0),
    )
    words = (
        "the most of {new_connections} / 800, {active_connections} / 100,000, "
        f"{{processed_bytes_gb}} GB / {asked.hours} h, × {asked.hours} h"
    )
    yield Cost("Capacity units", units * asked.hours, "nlb.lcu", words)
