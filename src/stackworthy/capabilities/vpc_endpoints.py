"""Gateway endpoints: S3 and DynamoDB without the NAT gateway.

https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import REGION, is_own, own, word
from stackworthy.core.fix import AddResource
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, NotKnown, Reference, joined, same, show

APART = "vpc-endpoints"
TITLE = "Reach S3 and DynamoDB through gateway endpoints"
ENDPOINT, TABLES, VPC = "AWS::EC2::VPCEndpoint", "AWS::EC2::RouteTable", "AWS::EC2::VPC"
SERVICES = ("s3", "dynamodb")


def improvements(graph: Graph) -> list[Improvement]:
    """The endpoints that each VPC lacks for its tables that lead to a NAT gateway, or to nowhere."""
    made = [_of(graph, vpc) for vpc in own(graph, VPC)]
    return [improvement for improvement in made if improvement is not None]


def _of(graph: Graph, vpc: Resource) -> Improvement | None:
    private = [table for table in _tables(graph, vpc) if not _is_public(graph, table)]
    if not private:
        return None
    there = {service: endpoint for endpoint in graph.of(ENDPOINT) for service in _service(endpoint, vpc)}
    missing = [service for service in SERVICES if service not in there]
    resources = (vpc.address, *(table.address for table in private))
    if not missing:
        found = ", ".join(endpoint.address for endpoint in there.values())
        return Improvement(TITLE, "", resources=resources, done=f"endpoints are there: {found}")
    changes = [_endpoint(vpc, service, private) for service in missing]
    nat = any(True for table in private for route in _routes(graph, table) if "NatGatewayId" in route)
    why = (
        "gateway endpoints cost nothing, and what goes through them is not billed by the NAT gateway"
        if nat
        else "these subnets have no way out: gateway endpoints, which cost nothing, let them reach S3 and DynamoDB"
    )
    return Improvement(
        TITLE,
        f"{why}. Policies that ask for a source address see other addresses from then on",
        tuple(changes),
        resources=resources,
    )


def endpoint(vpc: Resource, service: str) -> AddResource | None:
    """The gateway endpoint of a VPC for "s3" or "dynamodb", in its private route tables; None when it has none here."""
    private = [table for table in _tables(vpc.graph, vpc) if not _is_public(vpc.graph, table)]
    return _endpoint(vpc, service, private) if private and is_own(vpc) else None


def _endpoint(vpc: Resource, service: str, tables: list[Resource]) -> AddResource:
    name = f"{word(vpc) if len(own(vpc.graph, VPC)) > 1 else ''}{service.capitalize()}Endpoint"
    properties = Map(
        VpcId=Reference(vpc.address),
        ServiceName=joined(("com.amazonaws.", REGION, f".{service}")),
        VpcEndpointType="Gateway",
        RouteTableIds=List(Reference(table.address) for table in tables),
    )
    return AddResource(ENDPOINT, name, properties, vpc, APART)


def _tables(graph: Graph, vpc: Resource) -> Iterator[Resource]:
    for table in own(graph, TABLES):
        if same(table["VpcId"], Reference(vpc.address)) and is_own(table):
            yield table


def _routes(graph: Graph, table: Resource) -> Iterator[set[str]]:
    """The properties of each route of a table."""
    for route in graph.of("AWS::EC2::Route"):
        if same(route["RouteTableId"], Reference(table.address)):
            yield set(route.all_properties())


def _is_public(graph: Graph, table: Resource) -> bool:
    return any("GatewayId" in route for route in _routes(graph, table))


def _service(endpoint: Resource, vpc: Resource) -> Iterator[str]:
    try:
        if not same(endpoint["VpcId"], Reference(vpc.address)) or endpoint["VpcEndpointType"] != "Gateway":
            return
    except NotKnown:
        return
    last = show(endpoint["ServiceName"]).rpartition(".")[2]
    if last in SERVICES:
        yield last
