"""One route resource for each operation of an API's document."""

from __future__ import annotations

from typing import Any

import pytest
from tests.aws.test_openapi import values
from tests.support.graphs import graph_with

from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin
from stackworthy.core.resource import MadeBy
from stackworthy.core.value import ABSENT, Reference
from stackworthy.sources.api_routes import HTTP_API, METHOD, REST_API, ROUTE, add_routes

INTEGRATION = {
    "type": "aws_proxy",
    "uri": Reference("Fn", "Arn"),
    "httpMethod": "POST",
    "timeoutInMillis": 5000,
}
BODY = values(
    {
        "paths": {
            "/orders": {
                "get": {"x-amazon-apigateway-integration": INTEGRATION},
                "post": {"security": [{"AWS_IAM": []}]},
            },
            "/$default": {"x-amazon-apigateway-any-method": {}},
        }
    }
)
ASKED = Origin("template.yaml", ("Events", "Get"))


def graph(kind: str, body: Any = BODY) -> Graph:
    made = graph_with({"Api": (kind, {"Body": body})})
    made["Api"].region = "eu-west-1"
    add_routes(
        made, made["Api"], lambda operation: (ASKED, MadeBy("Fn", f"Events.{operation.method.title()}"))
    )
    return made


def test_routes_of_an_http_api_stand_below_it() -> None:
    made = graph(HTTP_API)
    assert [each.address for each in made.of(ROUTE)] == [
        "Api GET /orders",
        "Api POST /orders",
        "Api ANY /$default",
    ]
    route = made["Api GET /orders"]
    assert (route.part_of, route.region, route.origin) == ("Api", "eu-west-1", ASKED)
    assert route.made_by == MadeBy("Fn", "Events.Get")
    assert route.name == "GET /orders"
    assert route.all_properties() == {
        "ApiId": Reference("Api"),
        "RouteKey": "GET /orders",
        "AuthorizationType": "NONE",
        "ApiKeyRequired": False,
        "Target": Reference("Fn", "Arn"),
    }
    assert made["Api POST /orders"]["AuthorizationType"] == "AWS_IAM"
    assert made["Api POST /orders"]["Target"] is ABSENT
    assert made["Api ANY /$default"]["RouteKey"] == "$default"


def test_methods_of_a_rest_api_carry_their_integration() -> None:
    made = graph(REST_API)
    method = made["Api GET /orders"]
    assert method.kind == METHOD
    assert (method["HttpMethod"], method["OperationName"]) == ("GET", "GET /orders")
    assert method["Integration"] == {
        "Type": "AWS_PROXY",
        "Uri": Reference("Fn", "Arn"),
        "IntegrationHttpMethod": "POST",
        "TimeoutInMillis": 5000,
    }
    assert made["Api POST /orders"]["Integration"] is ABSENT


def test_what_nobody_asked_for_is_no_route() -> None:
    made = graph_with({"Api": (HTTP_API, {"Body": BODY})})
    add_routes(made, made["Api"], lambda operation: (ASKED, None) if operation.method == "GET" else None)
    assert [each.address for each in made.of(ROUTE)] == ["Api GET /orders"]


def test_a_route_is_added_once() -> None:
    made = graph(HTTP_API)
    add_routes(made, made["Api"], lambda _: (ASKED, None))
    assert len(made.of(ROUTE)) == 3


@pytest.mark.parametrize("body", [ABSENT, "openapi: 3.0.1", values({"paths": {"/a": ["get"]}})])
def test_odd_documents_give_no_routes(body: Any) -> None:
    assert graph(HTTP_API, body).of(ROUTE) == []
