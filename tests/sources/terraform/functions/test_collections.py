"""Functions of lists, maps and sets of which parts are not known."""

from __future__ import annotations

import pytest

from stackworthy.core.value import List, Map, OpenList, OpenMap, Partial, Reference, Unknown, same, show
from stackworthy.sources.terraform.functions import call
from stackworthy.sources.terraform.types import ScatteredList, TfList, TfMap, TfSet

ONE = Reference("aws_subnet.one", "Ref")
TWO = Reference("aws_subnet.two", "Ref")
TAGS = Unknown("var.tags has no value", "var.tags")
NAME = Unknown("var.name has no value", "var.name")


def test_the_length_of_a_list_with_unknown_elements_is_known():
    assert call("length", [List([NAME, ONE])]) == 2
    assert call("length", [Map(a=NAME)]) == 1
    assert call("length", [TfSet([NAME])]) == 1


@pytest.mark.parametrize("value", [NAME, ONE, TfSet([ONE, TWO]), OpenList(["a"], NAME), Partial(("a", NAME))])
def test_the_length_of_what_may_grow_or_shrink_is_unknown(value):
    assert isinstance(call("length", [value]), Unknown)


def test_concat_keeps_what_stands_before_an_unknown_list_in_place():
    answer = call("concat", [List(["a", ONE]), TAGS])
    assert type(answer) is OpenList
    assert (answer[0], answer.known[1]) == ("a", ONE)


def test_concat_keeps_what_stands_after_an_unknown_list_as_members_only():
    answer = call("concat", [TAGS, List(["a"])])
    assert isinstance(answer, ScatteredList)
    assert answer.any_of(lambda item: item == "a")
    assert isinstance(answer[0], Unknown)
    assert isinstance(call("element", [answer, 0]), Unknown)
    assert isinstance(call("index", [answer, "a"]), Unknown)


def test_merge_with_an_unknown_map_first_keeps_what_is_laid_over_it():
    answer = call("merge", [TAGS, Map(Name="x")])
    assert isinstance(answer, OpenMap)
    assert answer["Name"] == "x"
    assert isinstance(answer["Owner"], Unknown)


def test_merge_with_an_unknown_map_last_keeps_the_keys_but_not_the_values():
    answer = call("merge", [Map(Name="x"), TAGS])
    assert "Name" in answer
    assert isinstance(answer["Name"], Unknown)


def test_merge_ignores_null_and_keeps_unknown_values():
    answer = call("merge", [None, Map(a=ONE), Map(b=NAME)])
    assert type(answer) is Map
    assert same(answer, Map(a=ONE, b=NAME))


def test_flatten_takes_a_reference_for_one_element_and_an_unknown_for_any_number():
    assert call("flatten", [List([List([ONE]), TWO])]) == [ONE, TWO]
    last = call("flatten", [List(["a", NAME])])
    assert type(last) is OpenList
    assert last[0] == "a"
    first = call("flatten", [List([NAME, List(["a"])])])
    assert isinstance(first, ScatteredList)
    assert first.known == ["a"]


def test_contains_is_true_as_soon_as_a_known_element_fits_and_never_guesses():
    assert call("contains", [List([NAME, "a"]), "a"]) is True
    assert call("contains", [List([ONE, TWO]), ONE]) is True
    assert isinstance(call("contains", [List([NAME, "a"]), "b"]), Unknown)
    assert isinstance(call("contains", [List([ONE]), "subnet-1"]), Unknown)
    assert isinstance(call("contains", [List(["a"]), NAME]), Unknown)
    assert call("contains", [List([Partial(("x-", NAME))]), "y"]) is False


def test_lookup_and_element_answer_from_the_known_part():
    assert call("lookup", [Map(a=ONE, b=NAME), "a", "x"]) == ONE
    assert call("lookup", [OpenMap([("a", 1)], TAGS), "a", 2]) == 1
    assert isinstance(call("lookup", [OpenMap([("a", 1)], TAGS), "b", 2]), Unknown)
    assert isinstance(call("lookup", [Map(a=1), NAME, 2]), Unknown)
    assert call("element", [List([NAME, "b"]), 1]) == "b"


def test_lookup_asks_a_map_that_makes_its_values_when_asked():
    class Made(OpenMap):
        def __missing__(self, key):
            return f"made {key}"

    assert call("lookup", [Made((), TAGS), "arn", "x"]) == "made arn"


def test_coalesce_takes_a_reference_and_stops_at_an_unknown_that_is_not_last():
    assert call("coalesce", [None, "", ONE]) == ONE
    assert call("coalesce", [ONE, "x"]) == ONE
    assert call("coalesce", [None, NAME]) is NAME
    assert isinstance(call("coalesce", [NAME, "x"]), Unknown)
    assert call("coalesce", [Partial(("a", NAME)), "x"]).prefix == "a"
    assert call("coalesce", ["", None, 5]) == "5"


def test_coalescelist_takes_a_list_with_a_known_element_and_stops_at_an_unknown_one():
    assert call("coalescelist", [List(), List([NAME])])[0] is NAME
    assert call("coalescelist", [OpenList(["a"], NAME), List(["b"])]).known == ["a"]
    assert isinstance(call("coalescelist", [TAGS, List(["b"])]), Unknown)


def test_compact_keeps_what_is_certainly_not_empty():
    assert call("compact", [List(["a", ONE, "", None])]) == ["a", ONE]
    answer = call("compact", [List(["a", NAME])])
    assert isinstance(answer, ScatteredList)
    assert answer.known == ["a"]


def test_distinct_and_sort_of_unknown_elements_leave_length_and_order_open():
    for function in ("distinct", "sort"):
        answer = call(function, [List([TWO, ONE, "a"])])
        assert isinstance(answer, ScatteredList)
        assert answer.any_of(lambda item: item == ONE)
    assert call("distinct", [List([ONE])]) == [ONE]


def test_truth_of_lists_is_decided_by_one_element():
    assert call("alltrue", [List([NAME, False])]) is False
    assert call("anytrue", [List([NAME, True])]) is True
    assert isinstance(call("alltrue", [List([NAME, True])]), Unknown)
    assert isinstance(call("anytrue", [OpenList([False], NAME)]), Unknown)


def test_keys_and_values_of_a_map_with_unknown_values_are_known():
    assert call("keys", [Map(b=NAME, a=ONE)]) == ["a", "b"]
    assert same(call("values", [Map(b=NAME, a=ONE)]), List([ONE, NAME]))
    assert isinstance(call("keys", [OpenMap([("a", 1)], TAGS)]), ScatteredList)


def test_zipmap_knows_its_keys_even_when_the_values_are_not_known():
    answer = call("zipmap", [List(["a", "b"]), TAGS])
    assert list(answer) == ["a", "b"]
    assert isinstance(answer["a"], Unknown)
    assert isinstance(call("zipmap", [List([NAME]), List([1])]), Unknown)


def test_lists_with_unknown_elements_are_cut_turned_and_chunked():
    items = List([ONE, NAME, "c"])
    assert same(call("slice", [items, 0, 2]), List([ONE, NAME]))
    assert same(call("reverse", [items]), List(["c", NAME, ONE]))
    assert show(call("chunklist", [items, 2])) == "[[${aws_subnet.one}, ${var.name}], [c]]"
    assert call("one", [List([ONE])]) == ONE
    assert call("slice", [OpenList(["a", "b"], NAME), 0, 1]) == ["a"]


def test_sets_put_unknown_elements_last_and_never_call_them_different():
    made = call("toset", [List([ONE, "b", TWO, "a"])])
    assert type(made) is TfSet
    assert list(made)[:2] == ["a", "b"]
    assert isinstance(call("length", [made]), Unknown)


def test_set_operations_keep_what_is_certain():
    union = call("setunion", [List(["a"]), TAGS])
    assert isinstance(union, ScatteredList)
    assert union.known == ["a"]
    shared = call("setintersection", [List(["a", "b", ONE]), List(["a", NAME, ONE])])
    assert isinstance(shared, ScatteredList)
    assert shared.known == ["a", ONE]
    assert isinstance(call("setsubtract", [List(["a"]), List([NAME])]), Unknown)
    left = call("setsubtract", [List(["a", "b", NAME]), List(["a"])])
    assert isinstance(left, ScatteredList)
    assert left.known == ["b"]
    assert call("setintersection", [TAGS, List()]) == []


def test_setproduct_of_lists_with_unknown_elements_is_known():
    assert same(call("setproduct", [List(["a"]), List([ONE])]), TfList([List(["a", ONE])]))
    assert isinstance(call("setproduct", [List(["a"]), TAGS]), Unknown)


def test_conversions_keep_unknown_elements():
    assert type(call("tomap", [Map(a=ONE)])) is TfMap
    assert call("tolist", [List(["a", ONE])]) == ["a", ONE]
    assert call("tostring", [ONE]) == ONE
    assert isinstance(call("tonumber", [Partial(("1", NAME))]), Unknown)


def test_index_needs_the_elements_before_the_wanted_one():
    assert call("index", [List(["a", NAME]), "a"]) == 0
    assert isinstance(call("index", [List([NAME, "a"]), "a"]), Unknown)


@pytest.mark.parametrize("function", ["timestamp", "uuid", "plantimestamp"])
def test_functions_that_answer_differently_each_time_are_unknown(function):
    assert isinstance(call(function, []), Unknown)


@pytest.mark.parametrize(
    ("function", "args"),
    [("bcrypt", ["a"]), ("base64gzip", ["a"]), ("issensitive", ["a"]), ("rsadecrypt", ["a", "b"])],
)
def test_functions_that_are_not_computed_are_unknown(function, args):
    assert isinstance(call(function, args), Unknown)
