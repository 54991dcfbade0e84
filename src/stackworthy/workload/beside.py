"""Usage of what no request reaches by itself: web ACLs in front, users of a pool, provisioned concurrency.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html (what is above it runs on demand).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from stackworthy.core.graph import Edge, Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown, references
from stackworthy.workload.flow import ZERO, Flow

FUNCTION = "AWS::Lambda::Function"
STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
CONCURRENCY = "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"


class Beside(NamedTuple):
    """One quantity of a resource that nothing flows to."""

    address: str
    key: str
    value: Decimal
    why: str


def beside(made: Flow) -> Iterator[Beside]:
    """What web ACLs inspect, and who is active in user pools."""
    for acl in made.graph.of("AWS::WAFv2::WebACL"):
        inspected = sum((_requests(made, edge.target) for edge in _protected(acl)), ZERO)
        if inspected:
            yield Beside(acl.address, "monthly_requests", inspected, "requests of what it protects")
    users = made.workload.users
    for pool in made.graph.of("AWS::Cognito::UserPool"):
        if users is not None:
            yield Beside(
                pool.address, "monthly_active_users", users, "every user signs in once a month at least"
            )


def _protected(acl: Resource) -> Sequence[Edge]:
    return acl.graph.edges("protects").by_source.get(acl.address, ())


def _requests(made: Flow, target: Resource) -> Decimal:
    """The requests of an API's stage are those of the API."""
    if target.kind in STAGES:
        edges = target.graph.edges("routes").by_target.get(target.address, ())
        return sum((_requests(made, edge.source) for edge in edges if edge.source.kind not in STAGES), ZERO)
    load = made.loads.get(target.address)
    return load.total("count") if load is not None else ZERO


def kept_warm(graph: Graph, function: Resource) -> Iterator[tuple[Resource, Decimal]]:
    """The aliases and versions of a function that have provisioned concurrency, and how much."""
    for kind in ("AWS::Lambda::Alias", "AWS::Lambda::Version"):
        for one in graph.of(kind):
            try:
                named = {reference.address for reference in references(one["FunctionName"])}
                count = one[CONCURRENCY]
                if function.address in named and isinstance(count, int) and count > 0:
                    yield one, Decimal(count)
            except NotKnown:
                continue


def served(made: Flow, function: Resource, count: Decimal, duration: Decimal) -> list[tuple[str, Decimal]]:
    """How many invocations provisioned concurrency takes off a function, by the alias or version that has it."""
    found = []
    left = count
    for one, environments in kept_warm(made.graph, function):
        most = environments * made.seconds * 1000 / max(duration, Decimal(1))
        part = min(left, most)
        found.append((one.address, part))
        left -= part
    return found
