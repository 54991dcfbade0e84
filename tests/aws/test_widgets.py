from __future__ import annotations

import json
from typing import Any

import pytest

from stackworthy.aws.widgets import drawn
from stackworthy.core.value import NotKnown, Partial, Reference, Unknown


def board(*lines: Any) -> str:
    return json.dumps({"widgets": [{"type": "metric", "properties": {"metrics": list(lines)}}]})


def test_a_line_names_its_namespace_its_metric_and_pairs_of_dimensions() -> None:
    line = ["AWS/SQS", "SentMessageSize", "QueueName", "jobs", {"stat": "p99"}]
    assert list(drawn(board(line))) == [("AWS/SQS", "SentMessageSize", frozenset({"QueueName"}))]


def test_a_dot_repeats_what_stands_above_and_three_dots_all_but_the_end() -> None:
    lines = (
        ["AWS/Lambda", "Errors", "FunctionName", "one"],
        [".", "Throttles", ".", "two"],
        ["...", "three"],
    )
    names = frozenset({"FunctionName"})
    assert list(drawn(board(*lines))) == [
        ("AWS/Lambda", "Errors", names),
        ("AWS/Lambda", "Throttles", names),
        ("AWS/Lambda", "Throttles", names),
    ]


def test_an_expression_is_no_metric() -> None:
    assert list(drawn(board([{"expression": "m1 * 100"}]))) == []


def test_the_value_of_a_dimension_may_be_known_only_after_deployment() -> None:
    before, after = board(["AWS/Lambda", "Errors", "FunctionName", "HERE"]).split("HERE")
    body = Partial((before, Reference("Fn"), after))
    assert list(drawn(body)) == [("AWS/Lambda", "Errors", frozenset({"FunctionName"}))]


def test_a_board_that_is_not_known_is_not_assessed() -> None:
    with pytest.raises(NotKnown):
        list(drawn(Unknown("it comes from a file")))


@pytest.mark.parametrize(
    "body", ["{}", '{"widgets": 1}', '{"widgets": [1, {"properties": {"metrics": [1, []]}}]}']
)
def test_odd_boards_draw_nothing(body: str) -> None:
    assert list(drawn(body)) == []
