"""Documents are read from maps and from JSON text, as far as they are known."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackworthy.aws.documents import MAX_DEPTH, document
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    joined,
    same,
    show,
)


def test_a_map_is_itself() -> None:
    policy = Map({"Statement": List()})
    assert document(policy) is policy


def test_json_text_is_read() -> None:
    assert document('{"a": [1, true, null, "x"]}') == Map({"a": List([1, True, ABSENT, "x"])})


def test_a_hole_in_a_string_makes_that_string_partial() -> None:
    table = Reference("Table", "Arn")
    text = joined(['{"Resource": "', table, '/index/*", "Action": "dynamodb:Query"}'])
    found = document(text)
    assert found["Action"] == "dynamodb:Query"
    assert same(found["Resource"], Partial((table, "/index/*")))


def test_a_hole_that_is_a_whole_string_is_that_value() -> None:
    assert document(joined(['{"Resource": "', Reference("Table", "Arn"), '"}']))["Resource"] == Reference(
        "Table", "Arn"
    )


def test_a_hole_outside_of_strings_is_that_value() -> None:
    seconds = Unknown("Seconds has no value", "Ref Seconds")
    found = document(
        joined(['{"Comment": "say \\"', Reference("A"), '\\"", "TimeoutSeconds": ', seconds, "}"])
    )
    assert same(found["TimeoutSeconds"], seconds)
    assert show(found["Comment"]) == 'say "${A}"'


@pytest.mark.parametrize("text", ["{", "", "[1, 2", "{'a': 1}", '{"a": ' * 5000, "[" * 100_000])
def test_what_is_no_json_is_unknown(text: str) -> None:
    assert isinstance(document(text), Unknown)


def test_text_nested_too_deeply_is_unknown_from_there_on() -> None:
    value: Value = document("[" * (MAX_DEPTH + 5) + "]" * (MAX_DEPTH + 5))
    for _ in range(MAX_DEPTH + 1):
        value = value[0]
    assert isinstance(value, Unknown)


def test_what_is_not_known_stays_so() -> None:
    unknown = Unknown("why")
    assert document(unknown) is unknown
    assert document(ABSENT) is ABSENT
    assert document(Reference("A")) == Reference("A")
    assert isinstance(document(7), Unknown)


def test_substitutions_fill_a_text_before_it_is_read() -> None:
    text = '{"Resource": "${FunctionArn}", "TimeoutSeconds": ${Seconds}, "Other": "${Left}"}'
    found = document(text, {"FunctionArn": Reference("Fn", "Arn"), "Seconds": 30})
    assert found == Map({"Resource": Reference("Fn", "Arn"), "TimeoutSeconds": 30, "Other": "${Left}"})


def test_substitutions_fill_the_strings_of_a_map() -> None:
    rest = Unknown("more")
    found = document(
        OpenMap([("Resource", "${FunctionArn}:live"), ("List", List(["${FunctionArn}", 1]))], rest),
        {"FunctionArn": Reference("Fn", "Arn")},
    )
    assert same(found["Resource"], Partial((Reference("Fn", "Arn"), ":live")))
    assert same(found["List"], List([Reference("Fn", "Arn"), 1]))
    assert found.rest is rest


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, st.integers(0, 40), st.sampled_from([Reference("A"), Unknown("u")]))
def test_no_text_makes_it_raise(node: object, cut: int, hole: Value) -> None:
    text = json.dumps(node)
    document(text)
    document(joined([text[:cut], hole, text[cut:]]))
    document(joined([hole, text, hole]), {"A": hole})


def test_a_comma_too_many_hides_nothing_from_the_reader() -> None:
    assert document('{"Statement": [{"Action": ["a", ],},]}') == Map(
        Statement=List([Map(Action=List(["a"]))])
    )
