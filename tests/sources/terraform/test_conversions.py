"""Type constraints, equality and sets."""

from __future__ import annotations

import pytest

from stackworthy.core.value import List, Map, OpenList, OpenMap, Partial, Reference, Unknown, same
from stackworthy.sources.terraform.bounds import TooLarge
from stackworthy.sources.terraform.conversions import (
    ConversionError,
    cause_of,
    convert,
    equal,
    first_unknown,
    length_of,
    make_set,
    reason_of,
    to_bool,
    to_number,
    to_string,
    unify,
)
from stackworthy.sources.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    ScatteredList,
    TfList,
    TfMap,
    TfSet,
    list_of,
    map_of,
    object_of,
    optional,
    set_of,
    tuple_of,
    type_of,
)

ARN = Reference("aws_s3_bucket.b", "Arn")
NAME = Unknown("var.name has no value", "var.name")
TEXT = Partial(("a", NAME))


def test_scalars_convert_as_terraform_converts_them():
    assert [to_string(value) for value in ("a", 1, 1.5, True)] == ["a", "1", "1.5", "true"]
    assert [to_number(value) for value in (1, "1.50", "1e2")] == [1, 1.5, 100]
    assert [to_bool(value) for value in (True, "false", "1", "0")] == [True, False, True, False]


def test_null_and_what_is_not_known_pass_through_conversions():
    assert convert(None, STRING) is None
    assert convert(NAME, list_of(STRING)) is NAME
    assert convert(ARN, NUMBER) is ARN
    assert convert(TEXT, STRING) is TEXT
    assert isinstance(to_number(TEXT), Unknown)


@pytest.mark.parametrize(
    ("value", "to", "message"),
    [
        (List([1, List([2])]), list_of(STRING), "element 1: string required"),
        (List([1]), STRING, "string required"),
        ("x", NUMBER, "a number is required"),
        ("yes", BOOL, "a bool is required"),
        (1, BOOL, "bool required"),
        (True, NUMBER, "number required"),
        (Map(), object_of({"a": STRING}), 'attribute "a" is required'),
        (Map(c=1), object_of({"b": STRING, "a": STRING}), 'attributes "a" and "b" are required'),
        (
            Map(),
            object_of({"b": STRING, "a": STRING, "c": STRING}),
            'attributes "a", "b", and "c" are required',
        ),
        (List(), object_of({"a": STRING}), "object required"),
        (Map(a=List([1])), map_of(STRING), 'element "a": string required'),
        (List(["a"]), tuple_of([STRING, NUMBER]), "tuple required"),
        (Map(a=1), list_of(STRING), "list of string required"),
        ("x", map_of(ANY), "map of any single type required"),
        (List(["b"]), set_of(NUMBER), "[0]: a number is required"),
        (
            Map(a=Map(b=List(["x"]))),
            object_of({"a": object_of({"b": list_of(NUMBER)})}),
            ".a.b[0]: a number is required",
        ),
        (List([Map(a=1), Map()]), list_of(object_of({"a": STRING})), 'element 1: attribute "a" is required'),
        (List([1, "a", Map()]), list_of(ANY), "all list elements must have the same type"),
        (Map(a=1, b=List()), map_of(ANY), "all map elements must have the same type"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_words_of_terraform(value, to, message):
    with pytest.raises(ConversionError) as caught:
        convert(value, to)
    assert str(caught.value) == message


def test_optional_attributes_take_their_defaults_for_absent_and_null_and_drop_the_rest():
    inner = object_of({"b": optional(STRING, "q")})
    to = map_of(object_of({"a": optional(inner, Map()), "n": optional(NUMBER)}))
    made = convert(Map(x=Map(), y=Map(a=Map(b=1), z=2), w=Map(a=None, n="3")), to)
    assert type(made) is TfMap
    expected = TfMap(x=Map(a=Map(b="q"), n=None), y=Map(a=Map(b="1"), n=None), w=Map(a=Map(b="q"), n=3))
    assert same(made, expected)


def test_collections_of_any_type_unify_their_elements():
    assert convert(List([1, "a"]), list_of(ANY)) == ["1", "a"]
    assert convert(List([List([1]), List(["a"])]), list_of(list_of(ANY))) == [["1"], ["a"]]
    assert convert(List([None, 1]), list_of(ANY)) == [None, 1]
    assert convert(List(["b", "a", "b"]), set_of(STRING)) == ["a", "b"]


def test_open_collections_stay_open():
    made = convert(OpenList([1], NAME), list_of(STRING))
    assert (type(made), made.known) == (OpenList, ["1"])
    assert isinstance(convert(OpenList([1], NAME), set_of(STRING)), ScatteredList)
    opened = convert(OpenMap([("a", 1)], NAME), map_of(STRING))
    assert opened.known == {"a": "1"}
    partly = convert(OpenMap([("a", 1)], NAME), object_of({"a": STRING, "b": STRING}))
    assert partly["a"] == "1"
    assert isinstance(partly["b"], Unknown)


def test_a_list_made_of_a_set_with_unknown_elements_has_no_known_order():
    assert isinstance(convert(make_set([ARN, "a"]), list_of(STRING)), ScatteredList)


def test_a_value_that_unfolds_without_end_is_refused():
    value = List(["x"] * 10)
    for _ in range(9):
        value = List([value] * 10)
    with pytest.raises(TooLarge):
        convert(value, list_of(ANY))


@pytest.mark.parametrize(
    ("types", "common"),
    [
        ([NUMBER, STRING], STRING),
        ([NUMBER, BOOL], None),
        ([ANY, NUMBER], NUMBER),
        ([], ANY),
        ([list_of(NUMBER), set_of(STRING)], list_of(STRING)),
        ([tuple_of([NUMBER]), tuple_of([STRING])], tuple_of([STRING])),
        ([tuple_of([NUMBER]), tuple_of([])], list_of(NUMBER)),
        ([object_of({"a": NUMBER}), object_of({"b": STRING})], map_of(STRING)),
        ([object_of({"a": NUMBER}), STRING], None),
        ([object_of({"a": NUMBER}), object_of({"a": list_of(NUMBER)})], None),
    ],
)
def test_types_unify_as_in_terraform(types, common):
    assert unify(types) == common


def test_equality_tells_types_apart():
    assert equal(1, "1") is False
    assert equal(1, 1.0) is True
    assert equal(True, 1) is False
    assert equal(List([1]), TfList([1])) is False
    assert equal(Map(a=1), TfMap(a=1)) is False
    assert equal(Map(a=List([1])), Map(a=List([1]))) is True
    assert equal(make_set(["b", "a"]), make_set(["a", "b"])) is True
    assert equal(None, None) is True
    assert equal(None, "") is False


def test_equality_of_what_is_not_known_is_open_unless_the_known_part_decides():
    assert equal(NAME, NAME) is None
    assert equal(NAME, None) is None
    assert equal(ARN, ARN) is True
    assert equal(ARN, "arn") is None
    assert equal(ARN, None) is False
    assert equal(TEXT, "b") is False
    assert equal(TEXT, "ab") is None
    assert equal(TEXT, 1) is False
    assert equal(ARN, List()) is False
    assert equal(List([ARN, 1]), List(["x", 2])) is False
    assert equal(List([ARN]), List(["x"])) is None
    assert equal(OpenList([], NAME), List()) is None
    assert equal(make_set([ARN]), make_set(["a"])) is None


def test_sets_are_unique_and_ordered_with_null_and_unknown_last():
    assert list(make_set(["b", None, "a", "b"])) == ["a", "b", None]
    assert list(make_set([10, 9.5, 9.5])) == [9.5, 10]
    made = make_set([NAME, "b", ARN, NAME, "a"])
    assert same(List(made), List(["a", "b", NAME, ARN]))
    assert list(make_set([Map(a=2), Map(a=1), Map(a=10)])) == [Map(a=10), Map(a=1), Map(a=2)]


def test_the_length_of_a_set_is_open_while_its_elements_may_be_equal():
    assert length_of(make_set(["a", "b"])) == 2
    assert length_of(make_set([ARN])) == 1
    assert length_of(make_set([ARN, "a"])) is None
    assert length_of(OpenMap([], NAME)) is None
    assert length_of("abc") is None


def test_the_first_unknown_part_gives_the_reason():
    value = Map(a=List([1, TEXT]), b=ARN)
    assert first_unknown(value) is TEXT
    assert reason_of(value) == "var.name has no value"
    assert reason_of(List([ARN])) == "aws_s3_bucket.b.Arn is known only after deployment"
    assert cause_of(List([ARN])).expression == "aws_s3_bucket.b.Arn"
    assert first_unknown(Map(a=1)) is None


def test_types_show_as_the_console_shows_them():
    assert str(type_of(List([1, "a"]))) == "tuple([\n    number,\n    string,\n])"
    assert (
        str(type_of(TfList([Map(a=None), Map(a=1)]))) == "list(\n    object({\n        a: number,\n    }),\n)"
    )
    assert str(type_of(TfSet())) == "set(dynamic)"
    assert type_of(TEXT) == STRING
    assert type_of(ARN) == ANY
