"""`routes`: which way requests go."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_of, lines

from stackworthy.aws.relations.routes import rest_path
from stackworthy.core.value import Unknown


def test_a_rest_api_routes_to_its_methods_and_stages() -> None:
    graph = graph_of(
        """
Api: {Type: AWS::ApiGateway::RestApi}
Users: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: users}}
User: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !Ref Users, PathPart: "{id}"}}
Root: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET}}
Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref User, HttpMethod: GET}}
Prod: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: prod}}
"""
    )
    assert lines(graph, "routes") == ["Api -> Get (method)", "Api -> Prod (stage)", "Api -> Root (method)"]
    paths = {
        edge.target.address: edge.details["route"]
        for edge in graph.edges("routes").all
        if edge.by == "method"
    }
    assert paths == {"Root": "/", "Get": "/users/{id}"}


def test_a_resource_that_is_its_own_parent_has_no_path() -> None:
    graph = graph_of(
        """
Api: {Type: AWS::ApiGateway::RestApi}
Loop: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !Ref Loop, PathPart: a}}
Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Loop, HttpMethod: GET}}
"""
    )
    assert isinstance(rest_path(graph["Get"]), Unknown)


def test_an_http_api_routes_to_its_routes_and_they_to_their_integrations() -> None:
    graph = graph_of(
        """
Domain: {Type: AWS::ApiGatewayV2::DomainName, Properties: {DomainName: api.example.com}}
Map: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {DomainName: api.example.com, ApiId: !Ref Api, Stage: $default}}
Api: {Type: AWS::ApiGatewayV2::Api}
Integration: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationUri: !Ref Listener}}
Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /, Target: !Sub "integrations/${Integration}"}}
Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]}}
Targets: {Type: AWS::ElasticLoadBalancingV2::TargetGroup}
Service: {Type: AWS::ECS::Service, Properties: {LoadBalancers: [{TargetGroupArn: !Ref Targets, ContainerPort: 80}]}}
"""
    )
    assert lines(graph, "routes") == [
        "Api -> Route (route)",
        "Balancer -> Listener (listener)",
        "Domain -> Api (domain name)",
        "Integration -> Listener (private integration)",
        "Listener -> Targets (listener action)",
        "Route -> Integration (integration)",
        "Targets -> Service (target group)",
    ]
    route = next(edge for edge in graph.edges("routes").all if edge.by == "route")
    assert route.details["RouteKey"] == "GET /"


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("!GetAtt Bucket.RegionalDomainName", "Bucket"),
        ('!Sub "${Bucket}.s3.${AWS::Region}.amazonaws.com"', "Bucket"),
        ('!Sub "${Api}.execute-api.${AWS::Region}.amazonaws.com"', "Api"),
        ("!GetAtt Balancer.DNSName", "Balancer"),
        ('!Select [2, !Split ["/", !GetAtt Url.FunctionUrl]]', "Url"),
    ],
)
def test_a_distribution_routes_to_its_origins(origin: str, target: str) -> None:
    graph = graph_of(
        f"""
Bucket: {{Type: AWS::S3::Bucket}}
Api: {{Type: AWS::ApiGateway::RestApi}}
Balancer: {{Type: AWS::ElasticLoadBalancingV2::LoadBalancer}}
Fn: {{Type: AWS::Lambda::Function}}
Url: {{Type: AWS::Lambda::Url, Properties: {{TargetFunctionArn: !Ref Fn}}}}
Site: {{Type: AWS::CloudFront::Distribution, Properties: {{DistributionConfig: {{Origins: [{{Id: one, DomainName: {origin}}}]}}}}}}
Record: {{Type: AWS::Route53::RecordSet, Properties: {{Name: example.com, AliasTarget: {{DNSName: !GetAtt Site.DomainName}}}}}}
"""
    )
    assert lines(graph, "routes") == ["Record -> Site (alias record)", f"Site -> {target} (origin)"]


def test_a_graphql_api_routes_through_resolvers_to_data_sources() -> None:
    graph = graph_of(
        """
Api: {Type: AWS::AppSync::GraphQLApi}
Source: {Type: AWS::AppSync::DataSource, Properties: {ApiId: !GetAtt Api.ApiId, Name: one}}
Step: {Type: AWS::AppSync::FunctionConfiguration, Properties: {ApiId: !GetAtt Api.ApiId, DataSourceName: one}}
Resolver: {Type: AWS::AppSync::Resolver, Properties: {ApiId: !GetAtt Api.ApiId, FieldName: f, TypeName: Query, PipelineConfig: {Functions: [!GetAtt Step.FunctionId]}}}
"""
    )
    assert lines(graph, "routes") == [
        "Api -> Resolver (resolver)",
        "Resolver -> Step (pipeline)",
        "Step -> Source (data source)",
    ]
