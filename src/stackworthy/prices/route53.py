"""Route 53: https://aws.amazon.com/route53/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import is_stated
from stackworthy.prices.registry import UsageOf, length, number, prices, usage

ZONE = "AWS::Route53::HostedZone"
RECORD = "AWS::Route53::RecordSet"
CHECK = "AWS::Route53::HealthCheck"
RESOLVER = "AWS::Route53Resolver::ResolverEndpoint"
QUERIES = {
    "monthly_standard_queries": ("Queries", "route53.queries.standard"),
    "monthly_latency_based_queries": ("Latency-based queries", "route53.queries.latency"),
    "monthly_geo_queries": ("Geolocation queries", "route53.queries.geo"),
}

usage(
    ZONE,
    RECORD,
    monthly_standard_queries=("queries", 0, "Queries answered; those of aliases of AWS resources are free."),
    monthly_latency_based_queries=("queries", 0, "Queries answered by latency."),
    monthly_geo_queries=("queries", 0, "Queries answered by geolocation or proximity."),
)
usage(CHECK, aws_endpoint=("0 or 1", 1, "Whether the endpoint that is checked runs in AWS (1) or not (0)."))
usage(RESOLVER, monthly_queries=("queries", 0, "Queries that pass the endpoint."))


@prices(ZONE)
def zone(_: Resource, __: UsageOf) -> Iterator[Cost]:
    """A hosted zone."""
    yield Cost("Hosted zone", 1, "route53.zone", "1 zone")


@prices(ZONE, RECORD)
def queries(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Queries answered."""
    if one.kind == RECORD and is_stated(one["AliasTarget"]):
        return
    for key, (component, price) in QUERIES.items():
        if asked[key]:
            yield Cost(component, asked[key], price, f"{{{key}}} queries")


@prices(CHECK)
def checks(check: Resource, asked: UsageOf) -> Iterator[Cost]:
    """A health check and its optional features."""
    kind = check["HealthCheckConfig.Type"]
    inside = kind in ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL") or asked["aws_endpoint"] > 0
    place = "aws" if inside else "other"
    words = (
        "1 check" if kind in ("CALCULATED", "CLOUDWATCH_METRIC") else "1 check, aws_endpoint = {aws_endpoint}"
    )
    yield Cost("Health check", 1, f"route53.health-check.{place}", words)
    features = [
        name
        for name, on in (
            ("HTTPS", isinstance(kind, str) and kind.startswith("HTTPS")),
            ("string matching", isinstance(kind, str) and kind.endswith("_STR_MATCH")),
            ("fast interval", number(check["HealthCheckConfig.RequestInterval"], 30) == 10),
            ("latency measurement", bool(check["HealthCheckConfig.MeasureLatency"])),
        )
        if on
    ]
    if features:
        price = f"route53.health-check-feature.{place}"
        yield Cost("Optional features", len(features), price, ", ".join(features))


@prices(RESOLVER)
def resolver(endpoint: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Network interfaces and queries of a resolver endpoint."""
    count = length(endpoint["IpAddresses"])
    yield Cost(
        "Interfaces", count * asked.hours, "route53.resolver-eni", f"{count} addresses × {asked.hours} h"
    )
    yield Cost("Queries", asked["monthly_queries"], "route53.resolver-queries", "{monthly_queries} queries")
