import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samtranslator.utils.py27hash_fix import Py27Dict, Py27UniStr

from stackworthy.sources.cloudformation.sam.py27_hash import CopiedTable, Table, string_hash, walked

KEYS = st.lists(st.text("abcdef/{}-é", max_size=6), unique=True, max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("a", 12416037344),
        ("b", 12544037731),
        ("foo", -4177197833195190597),
        ("bar", 327024216814240868),
        ("baz", 327024216814240876),
    ],
)
def test_a_string_hashes_as_in_python_2_7_on_64_bits(text, expected):
    assert string_hash(text) == expected % 2**64


def test_keys_are_walked_by_slot_whatever_their_order_of_insertion():
    assert walked(("bar", "foo")) == walked(("foo", "bar")) == ("foo", "bar")


def test_of_two_keys_that_want_one_slot_the_first_gets_it():
    assert walked(("bar", "baz")) == ("baz", "bar")
    assert walked(("baz", "bar")) == ("bar", "baz")


def test_a_copy_of_such_keys_turns_them_around():
    assert walked(("bar", "baz"), 1) == ("bar", "baz")
    assert walked(("bar", "baz"), 2) == ("baz", "bar")
    assert walked(("bar", "baz"), 1001) == ("bar", "baz")


def test_the_walk_gives_back_the_very_keys_that_were_asked_for():
    class Mine(str):
        pass

    walked(("foo", "bar"))
    assert [type(key) for key in walked((Mine("foo"), Mine("bar")))] == [Mine, Mine]


def test_a_key_that_is_a_number_counts_as_its_text():
    assert walked((200, 404)) == tuple(int(key) for key in walked(("200", "404")))


def oracle(keys, copies=0):
    made = Py27Dict()
    for key in keys:
        made[Py27UniStr(key)] = 1
    for _ in range(copies):
        made = copy.deepcopy(made)
    return made


@settings(max_examples=150, deadline=None)
@given(KEYS, st.integers(0, 5))
def test_any_keys_are_walked_as_aws_walks_them(keys, copies):
    assert list(walked(tuple(keys), copies)) == list(oracle(keys, copies).keys())


@settings(max_examples=100, deadline=None)
@given(KEYS, KEYS, st.data())
def test_a_table_with_removed_and_merged_keys_is_walked_as_aws_walks_it(keys, merged, data):
    made, table = oracle(keys), Table(keys)
    for key in data.draw(st.lists(st.sampled_from(keys), unique=True)) if keys else ():
        del made[key]
        table.remove(key)
    more = oracle(merged)
    made.update(more)
    table.merge(list(more.keys()))
    assert table.walk() == list(made.keys())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.text("abc/", min_size=1, max_size=4), st.integers(0, 4)), max_size=30))
def test_a_table_copied_between_insertions_is_walked_as_aws_walks_it(steps):
    made, table = Py27Dict(), CopiedTable()
    for key, copies in steps:
        for _ in range(copies):
            made = copy.deepcopy(made)
        if key in made:
            table.copy(copies)
        else:
            made[Py27UniStr(key)] = 1
            table.add(key, copies)
    assert table.table.walk() == list(made.keys())


def test_thousands_of_keys_in_one_table_take_no_time_to_speak_of():
    table = CopiedTable()
    for number in range(3000):
        table.add(f"/path/{number}", 2)
    assert len(table.table.walk()) == 3000
