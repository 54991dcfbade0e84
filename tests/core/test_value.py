"""The four kinds of value, and what may be asked of them."""

from __future__ import annotations

import contextlib
import operator
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    is_stated,
    joined,
    known,
    references,
    same,
    show,
)

UNKNOWN = Unknown("nobody said", "var.x")
TABLE = Reference("Table", "Arn")

USES = {
    "equality": lambda value: value == 1,
    "inequality": lambda value: value != 1,
    "order": lambda value: value < 1,
    "truth": bool,
    "length": len,
    "iteration": list,
    "membership": lambda value: "a" in value,
    "addition": lambda value: 1 + value,
    "multiplication": lambda value: 6 * value,
    "division": lambda value: value / 2,
    "formatting": lambda value: f"{value}",
    "text": str,
    "number": int,
    "a method": lambda value: value.startswith("a"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_any_use_of_an_unknown_value_raises_not_known_with_its_reason(use):
    with pytest.raises(NotKnown, match="nobody said"):
        use(UNKNOWN)


def test_a_part_of_an_unknown_value_is_unknown():
    assert UNKNOWN["a"]["b"] is UNKNOWN


def test_a_reference_is_truthy_and_equals_references_to_the_same_attribute_only():
    assert TABLE
    assert Reference("Table", "Arn") == TABLE
    assert Reference("Table", "Ref") != TABLE
    assert TABLE != "*"
    with pytest.raises(NotKnown):
        TABLE == UNKNOWN  # noqa: B015


@pytest.mark.parametrize(
    "ask", [operator.methodcaller("startswith", "arn"), len, str, lambda value: value < 1]
)
def test_what_a_reference_comes_to_is_not_known(ask):
    with pytest.raises(NotKnown, match="only after deployment"):
        ask(TABLE)


class TestPartial:
    ARN = Partial(("arn:aws:s3:::", Reference("Bucket"), "/*"))

    def test_its_prefix_suffix_and_references_answer(self):
        assert self.ARN.prefix == "arn:aws:s3:::"
        assert self.ARN.suffix == "/*"
        assert self.ARN.references == (Reference("Bucket"),)
        assert self.ARN.startswith("arn:")
        assert not self.ARN.startswith(("http:", "s3:"))
        assert self.ARN.endswith("*")
        assert ":s3:" in self.ARN
        assert self.ARN

    def test_it_is_not_equal_to_a_text_that_it_cannot_be(self):
        assert self.ARN != "*"
        assert self.ARN != "arn:aws:s3:::b"

    def test_whether_it_equals_a_text_that_it_can_be_is_not_known(self):
        with pytest.raises(NotKnown):
            self.ARN == "arn:aws:s3:::b/*"  # noqa: B015

    def test_a_prefix_longer_than_the_known_one_is_not_known(self):
        with pytest.raises(NotKnown):
            self.ARN.startswith("arn:aws:s3:::bucket")

    def test_it_is_truthy_only_when_some_piece_surely_is(self):
        with pytest.raises(NotKnown):
            bool(Partial((UNKNOWN, Unknown("nor this"))))
        assert Partial((UNKNOWN, "x"))

    def test_two_with_the_same_pieces_are_equal_and_with_clashing_ends_are_not(self):
        assert Partial(("a", UNKNOWN)) == Partial(("a", Unknown("elsewhere", "var.x")))
        assert Partial(("a", UNKNOWN)) != Partial(("b", UNKNOWN))
        with pytest.raises(NotKnown):
            Partial(("a", UNKNOWN)) == Partial(("ab", Unknown("other")))  # noqa: B015


class TestAbsent:
    def test_it_is_falsy_empty_and_absent_all_the_way_down(self):
        assert not ABSENT
        assert len(ABSENT) == 0
        assert list(ABSENT) == []
        assert "a" not in ABSENT
        assert ABSENT["a"]["b"] is ABSENT
        assert not ABSENT.any_of(bool)
        assert ABSENT.all_of(bool)
        assert not ABSENT.startswith("a")
        assert dict(ABSENT.items()) == {}

    def test_it_equals_nothing_but_itself(self):
        assert pickle.loads(pickle.dumps(ABSENT)) == ABSENT
        assert ABSENT != 0
        assert ABSENT != ""

    def test_comparing_its_size_is_not_known(self):
        with pytest.raises(NotKnown, match="no default"):
            ABSENT < 3  # noqa: B015


class TestContainers:
    def test_a_known_element_decides_membership_whatever_else_is_unknown(self):
        assert "*" in List([UNKNOWN, "*"])

    def test_membership_is_not_known_when_only_an_unknown_element_could_fit(self):
        with pytest.raises(NotKnown):
            "*" in List(["a", UNKNOWN])  # noqa: B015

    def test_one_failing_element_decides_all_of(self):
        assert not List([UNKNOWN, 1]).all_of(lambda item: item > 5)
        with pytest.raises(NotKnown):
            List([UNKNOWN, 9]).all_of(lambda item: item > 5)

    def test_lists_differ_as_soon_as_one_pair_surely_differs(self):
        assert List([UNKNOWN, 1]) != List([2, 2])
        with pytest.raises(NotKnown):
            List([UNKNOWN, 1]) == List([2, 1])  # noqa: B015

    def test_a_missing_key_of_a_map_is_absent(self):
        assert Map({"a": 1})["b"] is ABSENT
        assert Map({"a": 1}).get("b", 7) == 7

    def test_maps_differ_when_their_keys_do(self):
        assert Map({"a": UNKNOWN}) != Map({"b": UNKNOWN})

    def test_an_open_list_yields_what_was_seen_and_then_raises(self):
        items = OpenList([1, 2], UNKNOWN)
        seen = []
        with pytest.raises(NotKnown):
            for item in items:
                seen.append(item)  # noqa: PERF402
        assert seen == [1, 2]
        assert items
        assert 2 in items
        assert items[0] == 1
        assert items[5] is UNKNOWN
        with pytest.raises(NotKnown):
            3 in items  # noqa: B015
        with pytest.raises(NotKnown):
            len(items)

    def test_an_open_map_knows_only_the_keys_that_were_seen(self):
        entries = OpenMap([("a", 1)], UNKNOWN)
        assert entries["a"] == 1
        assert entries["b"] is UNKNOWN
        assert "a" in entries
        with pytest.raises(NotKnown):
            "b" in entries  # noqa: B015
        with pytest.raises(NotKnown):
            dict(entries.items())
        with pytest.raises(NotKnown):
            bool(OpenMap([], UNKNOWN))


LEAVES = st.one_of(
    st.none().map(lambda _: ABSENT),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.builds(Unknown, st.text(max_size=3), st.text(min_size=1, max_size=3)),
    st.builds(Reference, st.text(max_size=3), st.sampled_from(["Ref", "Arn"])),
    st.builds(lambda a, b: Partial((a, Unknown(b))), st.text(min_size=1, max_size=3), st.text(max_size=3)),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(List),
        st.dictionaries(st.text(max_size=3), inner, max_size=3).map(Map),
        st.builds(OpenList, st.lists(inner, max_size=2), st.builds(Unknown, st.text(max_size=3))),
        st.builds(
            lambda items, rest: OpenMap(items.items(), rest),
            st.dictionaries(st.text(max_size=3), inner, max_size=2),
            st.builds(Unknown, st.text(max_size=3)),
        ),
    ),
    max_leaves=8,
)


@given(VALUES)
def test_every_value_is_the_same_as_its_copy(value):
    assert same(value, pickle.loads(pickle.dumps(value)))


@given(VALUES, VALUES)
def test_sameness_is_symmetric_and_never_raises(one, other):
    assert same(one, other) == same(other, one)


@given(VALUES, VALUES)
def test_equality_gives_an_answer_or_not_known_and_nothing_else(one, other):
    with contextlib.suppress(NotKnown):
        assert (one == other) in (True, False)


@given(VALUES)
def test_showing_knowing_and_walking_never_raise(value):
    assert isinstance(show(value), str)
    assert known(value) in (True, False)
    list(references(value))


@given(
    st.lists(
        st.one_of(st.text(max_size=4), st.integers(), LEAVES.filter(lambda leaf: leaf is not ABSENT)),
        max_size=5,
    )
)
def test_joining_known_pieces_gives_their_text_and_keeps_what_is_not_known(pieces):
    value = joined(pieces)
    if all(isinstance(piece, (str, int)) for piece in pieces):
        assert value == "".join(show(piece) for piece in pieces)
    else:
        assert isinstance(value, (Partial, Unknown, Reference))


def test_unknowns_are_the_same_when_their_expression_is():
    assert same(Unknown("one reason", "var.x"), Unknown("another", "var.x"))
    assert not same(Unknown("one reason", "var.x"), Unknown("one reason", "var.y"))
    assert not same(1, True)


def test_what_is_surely_stated_is_so_though_nobody_knows_it() -> None:
    assert is_stated("text")
    assert is_stated(Unknown("the account is known at deployment", stated=True))
    assert is_stated(Reference("Key", "Arn"))
    assert not is_stated(ABSENT)
    with pytest.raises(NotKnown):
        is_stated(Unknown("the condition is not known"))


def test_an_unknown_survives_pickling() -> None:
    kept = pickle.loads(pickle.dumps(Unknown("why", "var.x", stated=True)))
    assert (kept.reason, kept.expression, kept.stated) == ("why", "var.x", True)
