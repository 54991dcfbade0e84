"""How price functions read properties."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.support.graphs import graph_of

from stackworthy.core.value import ABSENT, List, Map, NotKnown, Unknown
from stackworthy.prices.registry import ceil, length, maps, number, referred


@pytest.mark.parametrize(
    ("value", "step", "steps"),
    [(0, 64, 1), (1, 64, 1), (64, 64, 1), ("64.001", 64, 2), (128, 64, 2), ("0.2", 1, 1), ("3.5", 1, 4)],
)
def test_a_part_of_a_step_counts_as_a_whole_one(value, step, steps):
    assert ceil(Decimal(value), step) == steps


def test_a_number_is_exact_and_its_default_stands_for_what_is_absent():
    assert number("0.1") == Decimal("0.1")
    assert number(ABSENT, 7) == 7


@pytest.mark.parametrize("value", [ABSENT, Unknown("why"), "x", True, Map(), "-1", "NaN", "Infinity", None])
def test_what_is_no_number_from_zero_up_is_not_known(value):
    with pytest.raises(NotKnown):
        number(value)


def test_lists_are_read_as_far_as_they_are_lists():
    assert list(maps(ABSENT)) == []
    assert list(maps(List([Map({"a": 1})]))) == [{"a": 1}]
    assert length(ABSENT, 3) == 3
    assert length(List([1, 2])) == 2
    for odd in ("text", List(["text"]), Unknown("why"), List([Unknown("why")])):
        with pytest.raises(NotKnown):
            list(maps(odd))
    for odd in ("text", Unknown("why")):
        with pytest.raises(NotKnown):
            length(odd)


def test_a_reference_leads_to_a_resource_of_the_stack_or_is_not_known():
    graph = graph_of(
        """
        Fn: {Type: AWS::Lambda::Function, Properties: {}}
        One: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Fn}}
        Two: {Type: AWS::Lambda::Alias, Properties: {FunctionName: elsewhere}}
        """
    )
    assert referred(graph["One"], "FunctionName", "AWS::Lambda::Function").address == "Fn"
    for resource, kind in (("Two", "AWS::Lambda::Function"), ("One", "AWS::SQS::Queue")):
        with pytest.raises(NotKnown, match="names nothing of this stack"):
            referred(graph[resource], "FunctionName", kind)
