"""What the routes of APIs call: functions, and AWS services by integrations that need no function."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stackworthy.aws.arns import locate, marked, resolve, unmarked
from stackworthy.aws.documents import document
from stackworthy.aws.names import (
    BUCKET,
    DATA_SOURCE,
    EVENT_BUS,
    FUNCTION,
    INTEGRATION,
    QUEUE,
    STATE_MACHINE,
    STREAM,
    TOPIC,
    Kinds,
)
from stackworthy.aws.openapi import INTEGRATION as INTEGRATION_KEY
from stackworthy.aws.openapi import operations
from stackworthy.aws.paths import each
from stackworthy.aws.relations.calls import CALLS
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    ABSENT,
    Map,
    Partial,
    Unknown,
    Value,
    references,
    show,
)

_SERVICE_URI = re.compile(r"arn:[^:]*:apigateway:[^:]*:([a-z0-9-]+):(?:path|action)/(.*)", re.DOTALL)
_ARN = re.compile(r"arn:[^\s\"'\\]+")
_HOLE = re.compile(r"\$\{[^}]*\}")

SUBTYPES: dict[str, tuple[str, str, Kinds]] = {
    "SQS-SendMessage": ("writes", "QueueUrl", QUEUE),
    "SQS-ReceiveMessage": ("reads", "QueueUrl", QUEUE),
    "SQS-DeleteMessage": ("reads", "QueueUrl", QUEUE),
    "SQS-PurgeQueue": ("writes", "QueueUrl", QUEUE),
    "EventBridge-PutEvents": ("writes", "EventBusName", EVENT_BUS),
    "Kinesis-PutRecord": ("writes", "StreamName", STREAM),
    "StepFunctions-StartExecution": ("invokes", "StateMachineArn", STATE_MACHINE),
    "StepFunctions-StartSyncExecution": ("invokes", "StateMachineArn", STATE_MACHINE),
}
"""Service integrations of HTTP APIs: what they do to what their request parameter names."""

SERVICES: dict[str, tuple[tuple[str, Kinds], ...]] = {
    "events": (("writes", EVENT_BUS),),
    "kinesis": (("writes", STREAM),),
    "sns": (("writes", TOPIC),),
    "sqs": (("writes", QUEUE),),
    "states": (("invokes", STATE_MACHINE),),
}
"""Service integrations of REST and WebSocket APIs whose action needs no look-up: what they do to what they refer to."""

PATHS = (
    ("AWS::ApiGateway::Method", "Integration.Type"),
    ("AWS::ApiGateway::Method", "Integration.Uri"),
    ("AWS::ApiGateway::Method", "Integration.IntegrationHttpMethod"),
    ("AWS::ApiGateway::Method", "Integration.RequestTemplates"),
    ("AWS::ApiGateway::Method", "Integration.RequestParameters"),
    ("AWS::ApiGatewayV2::Route", "Target"),
    ("AWS::ApiGatewayV2::Integration", "IntegrationType"),
    ("AWS::ApiGatewayV2::Integration", "IntegrationUri"),
    ("AWS::ApiGatewayV2::Integration", "IntegrationMethod"),
    ("AWS::ApiGatewayV2::Integration", "IntegrationSubtype"),
    ("AWS::ApiGatewayV2::Integration", "RequestParameters"),
    ("AWS::ApiGatewayV2::Integration", "RequestTemplates"),
    ("AWS::AppSync::Resolver", "DataSourceName"),
    ("AWS::AppSync::Resolver", "PipelineConfig.Functions[]"),
    ("AWS::AppSync::FunctionConfiguration", "DataSourceName"),
    ("AWS::AppSync::DataSource", "LambdaConfig.LambdaFunctionArn"),
)


def find(graph: Graph, relation: str) -> Iterator[Edge | LooseEnd]:
    """The edges of one relation that start at routes."""
    for method in graph.of("AWS::ApiGateway::Method"):
        yield from _integration(graph, relation, method, method, "Integration.Uri", "Integration")
    for route in graph.of("AWS::ApiGatewayV2::Route"):
        yield from _route(graph, relation, route)
    if relation == "invokes":
        for resolver in graph.of("AWS::AppSync::Resolver"):
            yield from _resolver(graph, resolver)


def _route(graph: Graph, relation: str, route: Resource) -> Iterator[Edge | LooseEnd]:
    target = route["Target"]
    if target is ABSENT and route.part_of is not None:
        yield from _from_openapi(graph, relation, route)
        return
    found = resolve(graph, target, INTEGRATION | FUNCTION)
    if isinstance(found, Unknown):
        if relation == "invokes":
            yield LooseEnd(relation, f"integration: {found.reason}", route, None, FUNCTION)
    elif found is not None and found.kind in FUNCTION:
        if relation == "invokes":
            yield Edge(route, found, relation, "integration", route, {"path": "Target"})
    elif found is not None:
        subtype = found["IntegrationSubtype"]
        if isinstance(subtype, str):
            parameters = found["RequestParameters"]
            yield from _subtype(graph, relation, route, found, subtype, parameters, "RequestParameters")
        else:
            yield from _integration(graph, relation, route, found, "IntegrationUri", "")


def _subtype(
    graph: Graph, relation: str, route: Resource, stated: Resource, subtype: str, parameters: Value, path: str
) -> Iterator[Edge | LooseEnd]:
    does, parameter, kinds = SUBTYPES.get(subtype, ("", "", frozenset()))
    if does != relation or not isinstance(parameters, Map):
        return
    target = resolve(graph, dict.get(parameters, parameter, ABSENT), kinds)
    details = {"path": f"{path}.{parameter}", "action": subtype}
    yield from _edge(relation, route, target, stated, details, kinds)


def _from_openapi(graph: Graph, relation: str, route: Resource) -> Iterator[Edge | LooseEnd]:
    """A service integration of a route that stands in its API's OpenAPI document."""
    api = graph.get(route.part_of or "")
    key = route["RouteKey"]
    if api is None or not isinstance(key, str):
        return
    method, _, path = key.partition(" ")
    wanted = f"{method} {path}" if path else key
    for operation in operations(api["Body"]):
        integration = operation.integration
        if wanted in (f"{operation.method} {operation.path}", operation.path.strip("/")) and isinstance(
            integration, Map
        ):
            subtype = integration["integrationSubtype"]
            if isinstance(subtype, str):
                below = f"Body.paths.{operation.path}.{operation.key}.{INTEGRATION_KEY}.requestParameters"
                yield from _subtype(
                    graph, relation, route, api, subtype, integration["requestParameters"], below
                )


def _integration(
    graph: Graph, relation: str, route: Resource, stated: Resource, path: str, parent: str
) -> Iterator[Edge | LooseEnd]:
    """What an integration's URI calls; `stated` is the resource that holds it."""
    uri = stated[path]
    if uri is ABSENT or _calls_no_service(stated[f"{parent}.Type" if parent else "IntegrationType"]):
        return
    service = _SERVICE_URI.fullmatch(_HOLE.sub("", show(uri))) if isinstance(uri, (str, Partial)) else None
    details: dict[str, Any] = {"path": path}
    if service is None or service[1] == "lambda":
        if relation != "invokes" or (
            isinstance(uri, str) and "${stageVariables." not in uri and "lambda" not in uri
        ):
            return
        named = locate(graph, uri, FUNCTION)
        target = named.resource
        if (
            isinstance(uri, (str, Partial))
            and "${stageVariables." in show(uri)
            and target is None
            and graph.of(*FUNCTION)
        ):
            target = Unknown("a stage variable names the function")
        if named.through is not None:
            details["through"] = named.through
        yield from _edge(relation, route, target, stated, details, FUNCTION)
        return
    details["action"] = f"{service[1]}:{service[2].partition('/')[2] or service[2]}"
    templates = f"{parent}.RequestTemplates" if parent else "RequestTemplates"
    parameters = f"{parent}.RequestParameters" if parent else "RequestParameters"
    verb = stated[f"{parent}.IntegrationHttpMethod" if parent else "IntegrationMethod"]
    for does, kinds in _does(service[1], service[2], verb):
        if does == relation:
            for target in _referred(graph, [uri, stated[templates], stated[parameters]], kinds):
                yield from _edge(relation, route, target, stated, details, kinds)


def _calls_no_service(kind: Value) -> bool:
    return isinstance(kind, str) and kind in ("HTTP", "HTTP_PROXY", "MOCK")


def _does(service: str, action: str, verb: Value) -> Iterator[tuple[str, Kinds]]:
    """What an integration does, to resources of which kinds; Amazon S3 goes by the verb."""
    if service == "s3":
        yield ("reads" if isinstance(verb, str) and verb in ("GET", "HEAD") else "writes"), BUCKET
        return
    known = SERVICES.get(service)
    if known is not None:
        yield from known
        return
    for call in CALLS.get(service, ()):
        if action.lower() in call.actions:
            yield call.relation, call.kinds


def _referred(graph: Graph, values: list[Value], kinds: Kinds) -> Iterator[Resource | Unknown]:
    """The resources of these kinds that an integration refers to, in its URI, its templates or its parameters."""
    seen: set[str] = set()
    for value in values:
        for reference in references(value):
            found = resolve(graph, reference, kinds)
            if isinstance(found, Resource) and found.address not in seen:
                seen.add(found.address)
                yield found
    if seen:
        return
    if isinstance(values[0], str):
        found = resolve(graph, values[0].rpartition("/")[2], kinds)
        if isinstance(found, Resource):
            yield found
            return
    for value in values[1:]:
        for text in value.values() if type(value) is Map else ():
            for item in _named_in(text):
                found = resolve(graph, item, kinds)
                if isinstance(found, Resource) and found.address not in seen:
                    seen.add(found.address)
                    yield found


def _named_in(template: Value) -> Iterator[Value]:
    """What a request template may name: the values of a JSON one, the ARNs in any other."""
    if not isinstance(template, (str, Partial)):
        return
    body = document(template)
    if isinstance(body, Map):
        yield from dict.values(body)
        return
    text, pieces = marked(template)
    for found in _ARN.finditer(text):
        yield unmarked(found[0], pieces)


def _resolver(graph: Graph, resolver: Resource) -> Iterator[Edge | LooseEnd]:
    """The functions behind a resolver: of its own data source, or of the functions of its pipeline."""
    names = [resolver["DataSourceName"]]
    for found in each(resolver, "PipelineConfig.Functions[]"):
        step = resolve(graph, found.value, frozenset({"AWS::AppSync::FunctionConfiguration"}))
        names.append(step["DataSourceName"] if isinstance(step, Resource) else step)
    seen: set[str] = set()
    for name in names:
        source = resolve(graph, name, DATA_SOURCE) if name is not None else None
        if isinstance(source, Unknown):
            yield LooseEnd("invokes", f"data source: {source.reason}", resolver, None, FUNCTION)
        elif source is not None and source.address not in seen:
            seen.add(source.address)
            named = locate(graph, source["LambdaConfig.LambdaFunctionArn"], FUNCTION)
            details: dict[str, Any] = {"path": "LambdaConfig.LambdaFunctionArn"}
            if named.through is not None:
                details["through"] = named.through
            yield from _edge("invokes", resolver, named.resource, source, details, FUNCTION)


def _edge(
    relation: str,
    route: Resource,
    target: Resource | Unknown | None,
    stated: Resource,
    details: dict[str, Any],
    kinds: Kinds,
) -> Iterator[Edge | LooseEnd]:
    if isinstance(target, Resource):
        yield Edge(route, target, relation, "integration", stated, details)
    elif target is not None:
        yield LooseEnd(relation, f"integration: {target.reason}", route, None, kinds)
