"""Values as the schemas type them."""

from __future__ import annotations

from typing import Any

import pytest

from stackworthy.aws.vocabulary import VOCABULARY
from stackworthy.core.value import ABSENT, List, Map, Partial, Reference, Unknown, same

FUNCTION, TABLE, QUEUE = "AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::SQS::Queue"


@pytest.mark.parametrize(
    ("kind", "name", "given", "typed"),
    [
        (FUNCTION, "Timeout", "30", 30),
        (FUNCTION, "Timeout", 30, 30),
        (FUNCTION, "Runtime", 3, "3"),
        (FUNCTION, "Description", True, "true"),
        (QUEUE, "FifoQueue", "true", True),
        (QUEUE, "FifoQueue", "False", False),
        ("AWS::CloudWatch::Alarm", "Threshold", "0.5", 0.5),
        ("AWS::CloudWatch::Alarm", "Threshold", "5.0", 5),
        (FUNCTION, "Layers", "one", List(["one"])),
        (FUNCTION, "MemorySize", ABSENT, ABSENT),
        ("Custom::Thing", "Size", "1", "1"),
        (FUNCTION, "NoSuchProperty", "1", "1"),
        ("AWS::IAM::ManagedPolicy", "PolicyDocument", Map({"Version": "2012-10-17"}), Map({"Version": "2012-10-17"})),
    ],
)  # fmt: skip
def test_scalars_become_what_the_schema_says(kind: str, name: str, given: Any, typed: Any) -> None:
    found = VOCABULARY.coerce(kind, name, given)
    assert same(found, typed)
    assert type(found) is type(typed)


def test_parts_of_lists_and_maps_are_typed_too() -> None:
    value = List([Map({"Key": "retries", "Value": 3})])
    assert VOCABULARY.coerce(FUNCTION, "Tags", value) == [{"Key": "retries", "Value": "3"}]
    value = List([Map({"IndexName": "by-day", "ProvisionedThroughput": Map({"ReadCapacityUnits": "5"})})])
    (found,) = VOCABULARY.coerce(TABLE, "GlobalSecondaryIndexes", value)
    assert found["ProvisionedThroughput"]["ReadCapacityUnits"] == 5


def test_a_key_schema_is_a_list() -> None:
    value = List([Map({"AttributeName": "id", "KeyType": "HASH"})])
    assert VOCABULARY.coerce(TABLE, "KeySchema", value)[0]["AttributeName"] == "id"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Timeout", "soon"),
        ("Timeout", True),
        ("Timeout", List([3])),
        ("Environment", "A=1"),
        ("Environment", List()),
    ],
)
def test_what_cannot_be_of_the_type_is_unknown(name: str, given: Any) -> None:
    found = VOCABULARY.coerce(FUNCTION, name, given)
    assert isinstance(found, Unknown)
    assert found.reason.startswith(f"{name} should be of type ")


@pytest.mark.parametrize("value", [Unknown("why"), Reference("A"), Partial(("a", Reference("A")))])
def test_what_is_not_known_stays_as_it_is(value: Any) -> None:
    assert VOCABULARY.coerce(FUNCTION, "Timeout", value) is value


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        (FUNCTION, "Timeout", 3),
        (QUEUE, "VisibilityTimeout", 30),
        (FUNCTION, "Handler", ABSENT),
        ("Custom::Thing", "Size", ABSENT),
    ],
)
def test_defaults_are_documented_or_absent(kind: str, path: str, value: Any) -> None:
    assert VOCABULARY.default(kind, path) == value
