"""The cost over decades, and where another design is cheaper."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from tests.support.graphs import graph_of
from tests.workload.support import API

from stackworthy.core.cost import UsageError
from stackworthy.workload.billing import Stack, Table, Terms, price
from stackworthy.workload.sweep import Crossing, Curve, range_of, sweep

REST = """
Api: {Type: AWS::ApiGateway::RestApi, Properties: {}}
All: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: decks}}
Get:
  Type: AWS::ApiGateway::Method
  Properties: {RestApiId: !Ref Api, ResourceId: !Ref All, HttpMethod: GET, Integration: {Type: AWS_PROXY, Uri: !Sub "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}}
Fn: {Type: AWS::Lambda::Function, Properties: {MemorySize: 1024}}
"""


def curve(text: str, table: dict[str, object], stated: str = "requests=1e3..1e9") -> Curve:
    stacks = [Stack(graph_of(text, region="us-east-1"), Table(table, "s.toml", ""))]
    return sweep(stacks, Terms(), range_of(stated))


def crossing(found: Curve, now: str, instead: str) -> Crossing:
    return next(one for one in found.crossings if (one.now, one.instead) == (now, instead))


def test_every_point_is_the_bill_at_that_traffic() -> None:
    table = {"GET /decks": "1000/month"}
    found = curve(API, table, "requests=1e3..1e6")
    stacks = [Stack(graph_of(API, region="us-east-1"), Table(table, "s.toml", ""))]
    assert found.points[-1].cost == price(stacks, Terms(factor=Decimal(1000))).bill.cost
    assert sum(found.points[-1].services.values()) == found.points[-1].cost
    assert [point.cost for point in found.points] == sorted(point.cost for point in found.points)


def test_an_http_api_is_cheaper_than_a_rest_api_throughout() -> None:
    found = crossing(curve(REST, {"GET /decks": "1000/month"}), "REST API", "HTTP API")
    assert found.cheaper == "HTTP API"
    assert found.instead_cost < found.now_cost


def test_a_crossing_lies_where_the_two_bills_are_equal() -> None:
    table = {"GET /decks": "1000/month"}
    found = crossing(curve(API, table), "x86", "arm64")
    assert found.requests is not None
    graph = graph_of(API, region="us-east-1")
    arm = graph_of(
        API.replace("MemorySize: 1024", "MemorySize: 1024, Architectures: [arm64]"), region="us-east-1"
    )

    def gap(factor: Decimal) -> Decimal:
        bills = [
            price([Stack(one, Table(table, "s.toml", ""))], Terms(factor=factor / 1000)).bill.cost
            for one in (graph, arm)
        ]
        return bills[0] - bills[1]

    assert gap(found.requests * Decimal("0.9")) < Decimal("0.01")
    assert gap(found.requests * Decimal("1.1")) > Decimal("0.004")


def test_provisioned_capacity_and_fargate_are_weighed_against_what_is() -> None:
    found = curve(API, {"GET /decks": "1000/month"})
    assert crossing(found, "on demand", "provisioned").cheaper == "provisioned"
    assert crossing(found, "Lambda", "Fargate").requests is not None


def test_a_standard_workflow_that_waits_for_a_job_has_no_express_design() -> None:
    machine = (
        "M: {Type: AWS::StepFunctions::StateMachine, Properties: {Definition: {StartAt: A, States: {A: {Type: Task, "
        'Resource: "arn:aws:states:::%s", End: true}}}}}'
    )
    waits = curve(machine % "ecs:runTask.sync", {"M": "1000/month"})
    plain = curve(machine % "sqs:sendMessage", {"M": "1000/month"})
    assert not any(one.instead == "express" for one in waits.crossings)
    assert crossing(plain, "standard", "express").cheaper == "express"


def test_storage_classes_are_weighed_against_each_other() -> None:
    text = (
        "Files: {Type: AWS::S3::Bucket, Properties: {LifecycleConfiguration: {Rules: [{Status: Enabled, Transitions: "
        "[{StorageClass: STANDARD_IA, TransitionInDays: 30}]}]}}}"
    )
    found = curve(text, {"Files": "1000/month"})
    assert {(one.now, one.instead) for one in found.crossings} == {("Standard-IA", "Intelligent-Tiering")}


def test_nine_decades_take_less_than_a_second() -> None:
    began = time.perf_counter()
    found = curve(API, {"GET /decks": "1000/month"}, "requests=1..1e9")
    # Ten times the time that it takes on an idle machine.
    assert time.perf_counter() - began < 3
    assert len(found.points) >= 19


@pytest.mark.parametrize(
    "text",
    ["requests=1e9..1e3", "requests=0..1e3", "requests", "users=1..10", "requests=1..1e30", "requests=a..b"],
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"1e3\.\.1e9|smaller number first"):
        range_of(text)


def test_a_range_takes_thousands_and_millions() -> None:
    assert range_of("requests=1k..10M").high == 10_000_000


def test_without_a_rate_there_is_nothing_to_sweep() -> None:
    with pytest.raises(UsageError, match="workload init"):
        curve(API, {})
