"""What a route of an API answers: its method and path, and whether it has to be open to everybody."""

from __future__ import annotations

import re

from stackworthy.aws.arns import resolve
from stackworthy.aws.quotas import quota
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, Partial, Reference, Unknown, Value, show

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE", "ANY"})
READING = frozenset({"GET", "HEAD"})
WEBSOCKET = "WEBSOCKET"

_OPEN = re.compile(
    r"""
    (?:^|[/_-])(?:
        log-?in | sign-?in | sign-?up | sign-?on | register | registration | auth | authenticate | authorize | oauth2? | oidc | saml
      | sso | token | tokens | refresh | callback | redirect | (?:forgot|reset)-?password | verify | confirm(?:ation)? | otp | mfa
      | web-?hooks? | hooks? | events?/slack | slack | stripe | github | twilio | telegram | health | healthz | health-?check
      | ping | status | robots\.txt | favicon\.ico | \.well-known | csp-?reports? | unsubscribe | public
    )(?:$|[/_-])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_INVOCATION_TYPE = "integration.request.header.X-Amz-Invocation-Type"
_MAX_DEPTH = 20


def method_of(route: Resource) -> Value:
    """The HTTP method in capitals, ANY for all; the key of a WebSocket route as it is. Raises `NotKnown`."""
    if route.kind == "AWS::ApiGateway::Method":
        method = route["HttpMethod"]
        return method.upper()
    key = _known_text(route["RouteKey"])
    method, space, _ = key.partition(" ")
    if space:
        return method.upper()
    return "ANY" if key == "$default" and not is_websocket(route) else key


def path_of(route: Resource) -> str:
    """The path as far as it is known, with `…` for what is not; "" when nothing of it is."""
    if route.kind != "AWS::ApiGateway::Method":
        return show(route["RouteKey"]).partition(" ")[2]
    operation = route["OperationName"]
    if isinstance(operation, str) and " /" in operation:
        return operation.partition(" ")[2]
    parts: list[str] = []
    value = route["ResourceId"]
    for _ in range(_MAX_DEPTH):
        part = (
            resolve(route.graph, value, frozenset({"AWS::ApiGateway::Resource"}))
            if value is not ABSENT
            else None
        )
        if not isinstance(part, Resource) or part.kind != "AWS::ApiGateway::Resource":
            break
        parts.append(show(part["PathPart"]))
        value = part["ParentId"]
    return "/" + "/".join(reversed(parts))


def has_to_be_open(route: Resource) -> bool:
    """Whether the path says that callers cannot be known yet (sign-in) or prove themselves otherwise (webhooks)."""
    return _OPEN.search(path_of(route)) is not None


def is_websocket(route: Resource) -> bool:
    """Whether a route belongs to a WebSocket API, which has a route for connecting; raises `NotKnown`."""
    key = route["RouteKey"]
    if isinstance(key, str) and (
        key in ("$connect", "$disconnect") or (" " not in key and key != "$default")
    ):
        return True
    if isinstance(key, str) and " " in key:
        return False
    try:
        api = api_of(route)
    except NotKnown:
        api = None
    if api is None:
        return any(_same_api(route, other) for other in route.graph.of("AWS::ApiGatewayV2::Route"))
    found: bool = api["ProtocolType"] == WEBSOCKET
    return found


def _same_api(route: Resource, other: Resource) -> bool:
    """Whether another route is one for connecting to what may be the same API: of an API elsewhere only its routes are seen."""
    if other["RouteKey"] not in ("$connect", "$disconnect"):
        return False
    ours, theirs = route["ApiId"], other["ApiId"]
    return isinstance(ours, Unknown) or isinstance(theirs, Unknown) or ours == theirs


def api_of(route: Resource) -> Resource | None:
    """The API of a route, method or stage; None when it is not in this stack, raises `NotKnown` when that cannot be told."""
    value = route["RestApiId"] if (route.kind or "").startswith("AWS::ApiGateway::") else route["ApiId"]
    if value is ABSENT:
        return None
    found = resolve(route.graph, value, frozenset({"AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"}))
    if isinstance(found, Unknown):
        raise NotKnown(found.reason)
    return found


def waits(edge: Edge) -> bool:
    """Whether the caller of an `invokes` edge waits for the function's whole answer: no asynchronous call, no stream."""
    if edge.by != "integration":
        return False
    uri = show(edge.source["Integration.Uri"])
    if "response-streaming-invocations" in uri:
        return False
    kind = edge.source["Integration.RequestParameters"]
    invocation = kind[_INVOCATION_TYPE] if isinstance(kind, Map) else ABSENT
    return show(invocation).strip("'") != "Event"


def integration_timeout(route: Resource) -> Value:
    """The seconds for which a route or method waits for its backend: as stated, or AWS's own limit. Raises `NotKnown`."""
    if route.kind == "AWS::ApiGateway::Method":
        return _seconds(route["Integration.TimeoutInMillis"])
    found = resolve(route.graph, route["Target"], frozenset({"AWS::ApiGatewayV2::Integration"}))
    if isinstance(found, Resource) and found.kind == "AWS::ApiGatewayV2::Integration":
        stated = found["TimeoutInMillis"]
        if stated is not ABSENT:
            return _seconds(stated)
    kind = "websocket-integration-timeout" if is_websocket(route) else "http-integration-timeout"
    return quota(f"apigatewayv2.{kind}").value


def _seconds(milliseconds: Value) -> Value:
    seconds = milliseconds / 1000
    return int(seconds) if seconds == int(seconds) else seconds


def _known_text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (Unknown, Partial)):
        raise NotKnown(value.reason)
    if isinstance(value, Reference):
        raise NotKnown(f"{value.address}.{value.attribute} is known only after deployment")
    return ""
