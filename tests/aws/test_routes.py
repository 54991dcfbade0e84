from __future__ import annotations

import pytest
from tests.support.templates import graph_of_resources

from stackworthy.aws.routes import (
    has_to_be_open,
    integration_timeout,
    is_websocket,
    method_of,
    path_of,
    waits,
)

REST = """
    Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: shop}}
    Orders: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: orders}}
    Order: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !Ref Orders, PathPart: '{id}'}}
    Get: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !Ref Order, HttpMethod: get}}
    Root: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: ANY}}
"""
HTTP = """
    Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: shop, ProtocolType: PROTOCOL}}
    Call: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY}}
    Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: KEY, Target: !Sub 'integrations/${Call}'}}
"""


def test_a_method_of_a_rest_api_has_the_path_of_its_resources() -> None:
    graph = graph_of_resources(REST)
    assert (method_of(graph["Get"]), path_of(graph["Get"])) == ("GET", "/orders/{id}")
    assert (method_of(graph["Root"]), path_of(graph["Root"])) == ("ANY", "/")


@pytest.mark.parametrize(
    ("protocol", "key", "method", "path", "websocket"),
    [
        ("HTTP", "post /orders", "POST", "/orders", False),
        ("HTTP", "$default", "ANY", "", False),
        ("WEBSOCKET", "$connect", "$connect", "", True),
        ("WEBSOCKET", "$default", "$default", "", True),
        ("WEBSOCKET", "sendMessage", "sendMessage", "", True),
    ],
)
def test_a_route_says_its_method_and_path(
    protocol: str, key: str, method: str, path: str, websocket: bool
) -> None:
    route = graph_of_resources(HTTP.replace("PROTOCOL", protocol).replace("KEY", key))["Route"]
    assert (method_of(route), path_of(route), is_websocket(route)) == (method, path, websocket)


def test_a_default_route_of_an_api_elsewhere_is_of_a_websocket_when_clients_connect_to_it() -> None:
    route = "Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: abc, RouteKey: $default}}"
    connect = route.replace("Route:", "Connect:", 1).replace("$default", "$connect")
    assert method_of(graph_of_resources(route)["Route"]) == "ANY"
    assert method_of(graph_of_resources(f"{route}\n{connect}")["Route"]) == "$default"


@pytest.mark.parametrize(
    "key", ["POST /login", "POST /auth/token", "POST /webhooks/stripe", "POST /v1/sign-up"]
)
def test_some_paths_have_to_be_open(key: str) -> None:
    assert has_to_be_open(graph_of_resources(HTTP.replace("PROTOCOL", "HTTP").replace("KEY", key))["Route"])


@pytest.mark.parametrize("key", ["POST /orders", "PUT /authors/all", "POST /catalogin", "DELETE /tokenized"])
def test_most_paths_do_not(key: str) -> None:
    assert not has_to_be_open(
        graph_of_resources(HTTP.replace("PROTOCOL", "HTTP").replace("KEY", key))["Route"]
    )


def test_a_route_waits_as_long_as_its_integration_or_aws_says() -> None:
    text = HTTP.replace("PROTOCOL", "HTTP").replace("KEY", "GET /orders")
    assert integration_timeout(graph_of_resources(text)["Route"]) == 30
    stated = text.replace("AWS_PROXY", "AWS_PROXY, TimeoutInMillis: 5000")
    assert integration_timeout(graph_of_resources(stated)["Route"]) == 5
    chat = HTTP.replace("PROTOCOL", "WEBSOCKET").replace("KEY", "$default")
    assert integration_timeout(graph_of_resources(chat)["Route"]) == 29
    assert integration_timeout(graph_of_resources(REST)["Get"]) == 29


def test_an_asynchronous_call_and_a_stream_keep_nobody_waiting() -> None:
    text = REST.replace(
        "HttpMethod: get",
        "HttpMethod: get, Integration: {Type: AWS, Uri: !Sub 'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations'}",
    )
    text += "    Fn: {Type: AWS::Lambda::Function, Properties: {Timeout: 60}}\n"
    (edge,) = graph_of_resources(text).edges("invokes").all
    assert waits(edge)
    header = "{integration.request.header.X-Amz-Invocation-Type: \"'Event'\"}"
    (edge,) = (
        graph_of_resources(text.replace("Type: AWS,", f"Type: AWS, RequestParameters: {header},"))
        .edges("invokes")
        .all
    )
    assert not waits(edge)
    stream = text.replace("/invocations", "/response-streaming-invocations").replace(
        "2015-03-31", "2021-11-15"
    )
    assert not any(waits(edge) for edge in graph_of_resources(stream).edges("invokes").all)
