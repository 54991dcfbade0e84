"""What stands between an API and the functions behind it: roles, permissions, and the order in which they are made."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import FUNCTION
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown, Unknown, is_stated

PERMISSION = "AWS::Lambda::Permission"
GATEWAY = "apigateway.amazonaws.com"
_INTEGRATION = frozenset({"AWS::ApiGatewayV2::Integration"})


def has_role(route: Resource) -> bool:
    """Whether the integration invokes under a role of its own."""
    if route.kind == "AWS::ApiGateway::Method":
        return is_stated(route["Integration.Credentials"])
    found = resolve(route.graph, route["Target"], _INTEGRATION)
    return isinstance(found, Resource) and is_stated(found["CredentialsArn"])


def may_invoke(function: Resource) -> bool:
    """Whether a permission of the stack lets API Gateway, or everybody, invoke the function; raises `NotKnown`."""
    undecided: NotKnown | None = None
    for permission in function.graph.of(PERMISSION):
        named = resolve(function.graph, permission["FunctionName"], FUNCTION)
        try:
            if isinstance(named, Unknown):
                undecided = NotKnown(named.reason)
            elif named is function and permission["Principal"] in (GATEWAY, "*"):
                return True
        except NotKnown as error:
            undecided = error
    if undecided is not None:
        raise undecided
    return False


def says_what_it_waits_for(resource: Resource) -> bool:
    """Whether the format states an order in which resources are made."""
    return resource.waits_for() is not None


def made_before(resource: Resource) -> Iterator[str]:
    """The addresses of all that is made before a resource, as far as the stack says."""
    graph = resource.graph
    waiting, seen = [resource], {resource.address}
    while waiting:
        one = waiting.pop()
        stated = [
            *(one.waits_for() or ()),
            *(edge.target.address for edge in graph.edges_from(one, "refers to")),
        ]
        for address in stated:
            other = graph.get(address)
            if other is not None and address not in seen:
                seen.add(address)
                waiting.append(other)
                yield address
