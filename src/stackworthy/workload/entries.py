"""Where requests come into a stack, and what names people have for its resources."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from stackworthy.aws.routes import method_of, path_of
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown

ROUTES = ("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route", "AWS::AppSync::Resolver")
APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::AppSync::GraphQLApi")
TIMED = ("AWS::Events::Rule", "AWS::Scheduler::Schedule")
ENTERED = (
    *APIS,
    "AWS::CloudFront::Distribution",
    "AWS::Lambda::Function",
    "AWS::Lambda::Url",
    "AWS::StepFunctions::StateMachine",
    "AWS::SQS::Queue",
    "AWS::SNS::Topic",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::S3::Bucket",
    "AWS::Kinesis::Stream",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    "AWS::ECS::TaskDefinition",
    "AWS::Batch::JobDefinition",
    "AWS::Pipes::Pipe",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::IoT::TopicRule",
    "AWS::SES::ReceiptRule",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::AmazonMQ::Broker",
    "AWS::S3ObjectLambda::AccessPoint",
    "AWS::Bedrock::Agent",
)
"""Kinds that a rate may be stated for, besides routes."""
NAMES = ("FunctionName", "QueueName", "TopicName", "TableName", "BucketName", "StateMachineName", "Name")
REACHED = ("triggers", "invokes", "writes")


def route_key(route: Resource) -> str:
    """`GET /decks` of a route; "" for a route that says neither."""
    try:
        if route.kind == "AWS::ApiGatewayV2::Route":
            return str(route["RouteKey"])
        if route.kind == "AWS::AppSync::Resolver":
            return f"{route['TypeName']}.{route['FieldName']}"
        path = path_of(route)
        if path and " " not in route.name:
            return f"{method_of(route)} {path}"
    except NotKnown:
        return ""
    return route.name


def label(resource: Resource) -> str:
    """The shortest name that people know a resource by."""
    key = route_key(resource) if resource.kind in ROUTES else ""
    return key or (resource.name.rsplit(".", 1)[-1] if "[" not in resource.name else resource.name)


def names(resource: Resource) -> Iterator[str]:
    """What people call a resource: its address, the last part of it, its route, its physical name."""
    yield resource.address
    if resource.name != resource.address:
        yield resource.name
    if resource.kind in ROUTES:
        key = route_key(resource)
        if key:
            yield key
        return
    last = resource.address.rsplit(".", 1)[-1]
    if last != resource.address:
        yield last
    for path in NAMES:
        stated = resource.stated(path) if resource.kind else None
        if isinstance(stated, str) and stated:
            yield stated


def _index(graph: Graph) -> dict[str, list[Resource]]:
    found = graph.memo.get("names of resources")
    if not isinstance(found, dict):
        found = {}
        for resource in graph:
            if not resource.present or (resource.part_of and resource.kind not in ROUTES):
                continue
            for name in dict.fromkeys(names(resource)):
                found.setdefault(name.lower(), []).append(resource)
        graph.memo["names of resources"] = found
    return found


def named(graph: Graph, name: str) -> list[Resource]:
    """The resources that a name means: the one of that address, else all that people call so."""
    exact = graph.get(name)
    if exact is not None:
        return [exact]
    found = _index(graph).get(" ".join(name.split()).lower(), [])
    entered = [one for one in found if one.kind in ROUTES or one.kind in ENTERED or one.kind in TIMED]
    return entered or found


def near(graphs: list[Graph], name: str) -> str:
    """A hint to the name that is most like this one."""
    known: dict[str, str] = {}
    for graph in graphs:
        for lower, resources in _index(graph).items():
            shown = next(one for one in names(resources[0]) if one.lower() == lower)
            if any(one.kind in ROUTES or one.kind in ENTERED for one in resources):
                known.setdefault(lower, shown)
    found = get_close_matches(" ".join(name.split()).lower(), known, 1, 0.5)
    if found:
        return f"did you mean {known[found[0]]!r}?"
    listed = [shown for lower, shown in known.items() if not lower.startswith("httpapi ")][:5]
    return (
        f"entry points are {', '.join(map(repr, listed))}" if listed else "no stack here has an entry point"
    )


def routes(api: Resource) -> list[Resource]:
    """The routes of an API."""
    return [
        edge.target
        for edge in api.graph.edges("routes").by_source.get(api.address, ())
        if edge.target.kind in ROUTES
    ]


def api_of(route: Resource) -> Resource | None:
    """The API of a route."""
    for edge in route.graph.edges("routes").by_target.get(route.address, ()):
        if edge.source.kind in APIS:
            return edge.source
    return None


def entry_points(graph: Graph) -> list[Resource]:
    """Where a rate may be stated with sense: routes, and what nothing else of the stack reaches."""
    reached = {edge.target.address for kind in REACHED for edge in graph.edges(kind).all if edge.source.kind}
    routed = {api.address for api in graph.of(*APIS) if routes(api)}
    found = [resource for resource in graph if resource.kind in ROUTES and resource.present]
    for kind in ENTERED:
        found.extend(
            one for one in graph.of(kind) if one.address not in reached and one.address not in routed
        )
    active = [one for one in found if not _passive(one)]
    return active or [one for one in found if one.kind not in TIMED]


def _passive(resource: Resource) -> bool:
    """Whether what reaches a resource is nothing that a user does: rules that run by themselves, stores that start nothing, dead letters."""
    if resource.kind == "AWS::Events::Rule":
        return isinstance(resource.stated("ScheduleExpression"), str)
    if resource.kind in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"):
        starts = resource.graph.edges("triggers").by_source.get(resource.address, ())
        return not starts
    return False
