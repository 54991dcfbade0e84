"""NAT gateways, endpoints and addresses: https://aws.amazon.com/vpc/pricing/ https://aws.amazon.com/privatelink/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, length, prices, usage

NAT = "AWS::EC2::NatGateway"
ENDPOINT = "AWS::EC2::VPCEndpoint"

usage(NAT, monthly_data_processed_gb=("GB", 0, "Data that passes the gateway, in both directions."))
usage(
    ENDPOINT,
    monthly_data_processed_gb=("GB", 0, "Data that passes an interface endpoint, in both directions."),
)
usage(
    "AWS::EC2::EIP",
    monthly_hrs=("hours", None, "Hours that the address exists; all hours of the month when not stated."),
)


@prices(NAT)
def nat(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Hours and data of a NAT gateway."""
    yield Cost("NAT gateway", asked.hours, "nat-gateway.hour", f"{asked.hours} h")
    words = "{monthly_data_processed_gb} GB"
    yield Cost("Data processed", asked["monthly_data_processed_gb"], "nat-gateway.data", words)


@prices(ENDPOINT)
def endpoint(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Hours, in each zone, and data of an endpoint; gateway endpoints are free."""
    kind = one["VpcEndpointType"]
    if kind not in ("Interface", "GatewayLoadBalancer"):
        return
    zones = length(one["SubnetIds"], 1) or 1
    said = f"{zones} subnets × {asked.hours} h"
    yield Cost("Endpoint", zones * asked.hours, "vpc-endpoint.interface", said)
    price = "vpc-endpoint.data" if kind == "Interface" else "vpc-endpoint.gwlb-data"
    words = "{monthly_data_processed_gb} GB"
    yield Cost("Data processed", asked["monthly_data_processed_gb"], price, words)


@prices("AWS::EC2::EIP")
def address(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """A public IPv4 address, in use or idle."""
    hours = asked.get("monthly_hrs", asked.hours)
    yield Cost("Public IPv4 address", hours, "vpc.public-ipv4", f"{hours} h")
