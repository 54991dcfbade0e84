"""Conversions, read and written: what is written reads back as it was, and what is not known passes through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackworthy.core.value import List, Map, OpenList, OpenMap, Partial, Reference, Unknown, Value, same
from stackworthy.sources.terraform.mapping.convert import CONVERSIONS, from_json, wrapped
from stackworthy.sources.terraform.types import EncodedJson

NAMES = st.text("abcXYZ-_.", min_size=1, max_size=6)
TEXTS = st.text("abc:/ 0", max_size=6)
WHOLE = st.integers(-5, 10_000)


def pairs(key: str, content: str, values: st.SearchStrategy[Any] = TEXTS) -> st.SearchStrategy[Any]:
    return st.dictionaries(NAMES, values, max_size=4).map(
        lambda found: [{key: name, content: value} for name, value in found.items()]
    )


def objects(name: str, **fixed: str) -> st.SearchStrategy[Any]:
    return st.lists(NAMES, max_size=4).map(lambda found: [{name: item, **fixed} for item in found])


LISTS = st.lists(NAMES, max_size=4)
DOCUMENT = st.recursive(
    TEXTS | WHOLE | st.booleans(), lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)

CANONICAL: dict[str, st.SearchStrategy[Any]] = {
    "json": st.dictionaries(NAMES, DOCUMENT),
    "document": st.dictionaries(NAMES, DOCUMENT),
    "tags": pairs("Key", "Value"),
    "dimensions": pairs("Name", "Value"),
    "parameters": pairs("ParameterKey", "ParameterValue"),
    "source-mappings": pairs("Destination", "Source"),
    "version-weights": pairs("FunctionVersion", "FunctionWeight", st.floats(0, 1)),
    "names": objects("Name"),
    "repository-names": LISTS,
    "store-arns": objects("KeyValueStoreARN"),
    "email-subscribers": objects("Address", SubscriptionType="EMAIL"),
    "sns-subscribers": objects("Address", SubscriptionType="SNS"),
    "kafka-servers": st.lists(NAMES, min_size=1, max_size=4),
    "commas": st.lists(NAMES, max_size=4),
    "epoch": st.integers(0, 4_000_000_000),
    "log-types": st.dictionaries(NAMES, LISTS, max_size=3),
    "threshold": st.lists(NAMES, min_size=1, max_size=2).map(
        lambda values: json.dumps(
            {"Dimensions": {"Key": "TOTAL", "MatchOptions": ["EQUALS"], "Values": values}},
            separators=(",", ":"),
        )
    ),
    "cost-filters": st.dictionaries(NAMES, LISTS, max_size=3),
    "action-points": st.dictionaries(
        NAMES, st.lists(st.fixed_dictionaries({"Name": NAMES, "Uri": NAMES}), max_size=2), max_size=3
    ),
    "filter-groups": st.lists(
        st.lists(st.fixed_dictionaries({"Type": NAMES, "Pattern": TEXTS}), max_size=2), max_size=2
    ),
    "remediation-parameters": st.dictionaries(
        NAMES,
        LISTS.map(lambda found: {"StaticValue": {"Values": found}})
        | st.just({"ResourceValue": {"Value": "RESOURCE_ID"}}),
        max_size=3,
    ),
    "hash-key": NAMES.map(lambda name: {"AttributeName": name, "KeyType": "HASH"}),
    "range-key": NAMES.map(lambda name: {"AttributeName": name, "KeyType": "RANGE"}),
    "method-path": st.tuples(
        st.sampled_from(["/*", "/", "/~1users", "/~1users~1{id}"]), st.sampled_from(["*", "GET"])
    ).map(lambda found: {"ResourcePath": found[0], "HttpMethod": found[1]}),
    "number": WHOLE,
    "text": WHOLE.map(str),
    "not": st.booleans(),
    "list": NAMES.map(lambda name: [name]),
    "first": NAMES,
    "minutes": WHOLE.map(lambda number: number * 60),
    "hours": WHOLE.map(lambda number: number * 3600),
    "days": WHOLE.map(lambda number: number * 86400),
    "name": st.text("abc-_", min_size=1, max_size=6),
    "named-values": st.dictionaries(NAMES, TEXTS, max_size=3),
    "container-definitions": st.lists(
        st.fixed_dictionaries({"Name": NAMES, "PortMappings": st.just([{"ContainerPort": 80}])}), max_size=2
    ),
}
"""Canonical values of the conversions that are tested here; the others have tests of their own."""

UNKNOWN = Unknown("nobody says", "var.x")


@pytest.mark.parametrize("name", sorted(CANONICAL))
@given(data=st.data())
def test_what_is_written_reads_back_as_it_was(name: str, data: st.DataObject) -> None:
    value = wrapped(data.draw(CANONICAL[name]))
    conversion = CONVERSIONS[name]
    assert conversion.read(conversion.write(value)) == value


@pytest.mark.parametrize(
    "name", sorted(CONVERSIONS.keys() - {"hash-key", "range-key", "method-path", "list"})
)
def test_what_nobody_knows_stays_unknown(name: str) -> None:
    for convert in CONVERSIONS[name]:
        found = convert(UNKNOWN)
        assert found is UNKNOWN or _holds_unknown(found), found


def _holds_unknown(value: Value) -> bool:
    if isinstance(value, Map):
        return any(_holds_unknown(item) for item in value.values())
    items = list(value) if isinstance(value, List) and not isinstance(value, OpenList) else [value]
    return any(isinstance(item, Unknown) for item in items)


@pytest.mark.parametrize("name", ["tags", "dimensions", "names", "filter-groups"])
def test_a_collection_that_may_hold_more_stays_open(name: str) -> None:
    given_value = (
        OpenMap([("a", "b")], UNKNOWN) if name in ("tags", "dimensions") else OpenList(["a"], UNKNOWN)
    )
    found = CONVERSIONS[name].read(given_value)
    assert isinstance(found, OpenList)
    assert len(found.known) == 1


def test_json_is_read_from_text_from_what_was_encoded_and_from_text_with_references() -> None:
    arn = Reference("aws_sqs_queue.q", "arn")
    assert from_json('{"a": [1], "b": null}') == {"a": [1]}
    assert from_json(EncodedJson(("{}",), Map({"a": UNKNOWN})))["a"] is UNKNOWN
    read = from_json(Partial(('{"Resource": "', arn, '"}')))
    assert same(read["Resource"], arn)


def test_text_that_is_no_json_and_references_are_not_known() -> None:
    for value in ("{", "]" * 9, Reference("aws_s3_object.o", "content")):
        assert isinstance(from_json(value), Unknown)


def test_an_openapi_document_may_be_json_or_yaml() -> None:
    read = CONVERSIONS["document"].read
    assert read('{"openapi": "3.0.1"}') == {"openapi": "3.0.1"}
    assert read("openapi: 3.0.1\npaths: {}\n") == {"openapi": "3.0.1", "paths": {}}
    assert isinstance(read("a: [1"), Unknown)


@pytest.mark.parametrize(
    ("path", "resource", "method"),
    [
        ("*/*", "/*", "*"),
        ("users/GET", "/~1users", "GET"),
        ("a/{id}/POST", "/~1a~1{id}", "POST"),
        ("/GET", "/", "GET"),
    ],
)
def test_a_method_path_is_a_path_and_a_method(path: str, resource: str, method: str) -> None:
    assert CONVERSIONS["method-path"].read(path) == {"ResourcePath": resource, "HttpMethod": method}


@pytest.mark.parametrize("name", sorted(CONVERSIONS))
def test_odd_types_are_no_reason_to_fail(name: str) -> None:
    for value in ("x", 1, 1.5, True, Map({"a": List([Map()])}), List(["x", 1]), List([Map({"name": 1})])):
        CONVERSIONS[name].read(value)
