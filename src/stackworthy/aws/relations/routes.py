"""`routes`: the source passes requests on to the target: an API to its routes, a distribution to its origin."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import (
    API,
    BUCKET,
    DATA_SOURCE,
    DATABASE,
    DISTRIBUTION,
    DOMAIN_NAME,
    FUNCTION_URL,
    GRAPHQL_API,
    HTTP_API,
    INTEGRATION,
    LISTENER,
    LOAD_BALANCER,
    REST_API,
    TARGET_GROUP,
    USER_POOL,
)
from stackworthy.aws.relations.links import End, Link, Links, at, between, edge, follow, reached, to
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Unknown, Value, joined

_RESOLVER_STEP = frozenset({"AWS::AppSync::FunctionConfiguration"})
_REST_RESOURCE = frozenset({"AWS::ApiGateway::Resource"})
_SERVICE = frozenset({"AWS::ServiceDiscovery::Service"})
_USER_POOL_DOMAIN = frozenset({"AWS::Cognito::UserPoolDomain"})
_MAX_PATH = 40

_ORIGINS = BUCKET | API | LOAD_BALANCER | FUNCTION_URL | GRAPHQL_API | DOMAIN_NAME
_ALIASED = DISTRIBUTION | LOAD_BALANCER | DOMAIN_NAME | BUCKET | API | FUNCTION_URL | _USER_POOL_DOMAIN


def _forwards(list_of_actions: str) -> tuple[Link, ...]:
    return (
        to(f"{list_of_actions}[].TargetGroupArn", TARGET_GROUP, "listener action"),
        to(
            f"{list_of_actions}[].ForwardConfig.TargetGroups[].TargetGroupArn",
            TARGET_GROUP,
            "listener action",
            "Weight",
        ),
    )


LINKS: Links = {
    "AWS::ApiGatewayV2::Route": (
        at("ApiId", HTTP_API, "route", "RouteKey"),
        to("Target", INTEGRATION, "integration"),
    ),
    "AWS::ApiGateway::Stage": (at("RestApiId", REST_API, "stage", "StageName"),),
    "AWS::ApiGatewayV2::Stage": (at("ApiId", HTTP_API, "stage", "StageName"),),
    "AWS::ApiGateway::BasePathMapping": (
        between("DomainName", DOMAIN_NAME, "RestApiId", REST_API, "domain name", "BasePath", "Stage"),
    ),
    "AWS::ApiGatewayV2::ApiMapping": (
        between("DomainName", DOMAIN_NAME, "ApiId", API, "domain name", "ApiMappingKey", "Stage"),
    ),
    "AWS::ApiGatewayV2::Integration": (
        to("IntegrationUri", LISTENER | _SERVICE | LOAD_BALANCER, "private integration"),
    ),
    "AWS::ApiGateway::Method": (
        to("Integration.Uri", LOAD_BALANCER, "private integration"),
        to("Integration.IntegrationTarget", LOAD_BALANCER, "private integration"),
    ),
    "AWS::AppSync::Resolver": (
        at("ApiId", GRAPHQL_API, "resolver", "TypeName", "FieldName"),
        to("DataSourceName", DATA_SOURCE, "data source"),
        to("PipelineConfig.Functions[]", _RESOLVER_STEP, "pipeline"),
    ),
    "AWS::AppSync::FunctionConfiguration": (to("DataSourceName", DATA_SOURCE, "data source"),),
    "AWS::CloudFront::Distribution": (
        to("DistributionConfig.Origins[].DomainName", _ORIGINS, "origin", "Id", "OriginPath"),
        to("DistributionConfig.S3Origin.DNSName", BUCKET, "origin"),
        to("DistributionConfig.CustomOrigin.DNSName", _ORIGINS, "origin"),
    ),
    "AWS::ElasticLoadBalancingV2::Listener": (
        at("LoadBalancerArn", LOAD_BALANCER, "listener", "Port", "Protocol"),
        *_forwards("DefaultActions"),
    ),
    "AWS::ElasticLoadBalancingV2::ListenerRule": (
        at("ListenerArn", LISTENER, "listener rule", "Priority"),
        *_forwards("Actions"),
    ),
    "AWS::ECS::Service": (
        at("LoadBalancers[].TargetGroupArn", TARGET_GROUP, "target group", "ContainerPort"),
    ),
    "AWS::Route53::RecordSet": (
        to("AliasTarget.DNSName", _ALIASED, "alias record", "Name"),
        to("ResourceRecords[]", _ALIASED, "record"),
    ),
    "AWS::Route53::RecordSetGroup": (
        to("RecordSets[].AliasTarget.DNSName", _ALIASED, "alias record", "Name"),
        to("RecordSets[].ResourceRecords[]", _ALIASED, "record"),
    ),
    "AWS::RDS::DBProxyTargetGroup": (
        between(
            "DBProxyName",
            frozenset({"AWS::RDS::DBProxy"}),
            "DBClusterIdentifiers[]",
            DATABASE,
            "proxy target",
        ),
        between(
            "DBProxyName",
            frozenset({"AWS::RDS::DBProxy"}),
            "DBInstanceIdentifiers[]",
            DATABASE,
            "proxy target",
        ),
    ),
    "AWS::Cognito::UserPoolDomain": (to("UserPoolId", USER_POOL, "domain"),),
}
PATHS = (
    ("AWS::ApiGateway::Method", "RestApiId"),
    ("AWS::ApiGateway::Method", "ResourceId"),
    ("AWS::ApiGateway::Method", "HttpMethod"),
    ("AWS::ApiGateway::Method", "OperationName"),
    ("AWS::ApiGateway::Resource", "ParentId"),
    ("AWS::ApiGateway::Resource", "PathPart"),
)


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All routing in the stack."""
    yield from follow(graph, "routes", LINKS)
    yield from _methods(graph)


def _methods(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """From a REST API to its methods, with the path that its resources make up."""
    link = at("RestApiId", REST_API, "method")
    end = End("RestApiId", REST_API)
    for method in graph.of("AWS::ApiGateway::Method"):
        for api in reached(graph, method, end):
            details = {
                "path": "RestApiId",
                "HttpMethod": method["HttpMethod"],
                "route": rest_path(method),
            }
            yield edge("routes", api.resource, method, "method", method, details, link)


def rest_path(method: Resource) -> Value:
    """The path that a method of a REST API answers (`/users/{id}`); unknown when a part of it is."""
    parts: list[Value] = []
    graph = method.graph
    at_resource = method["ResourceId"]
    operation = method["OperationName"]
    if at_resource is ABSENT and isinstance(operation, str):  # it stands in the API's OpenAPI document
        return operation.partition(" ")[2]
    for _ in range(_MAX_PATH):
        found = resolve(graph, at_resource, _REST_RESOURCE)
        if found is None:
            return joined(parts[::-1]) if parts else "/"
        if isinstance(found, Unknown):
            return found
        parts.append(joined(["/", found["PathPart"]]))
        at_resource = found["ParentId"]
    return Unknown("the resources of the API have no end")
