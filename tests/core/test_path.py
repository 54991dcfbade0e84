"""Property paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackworthy.core.path import Selector, general, parse, unparse


def test_names_positions_and_selectors_are_told_apart():
    assert parse("Rules[Id=chunks].Transitions[0].StorageClass") == (
        "Rules",
        Selector("Id", "chunks"),
        "Transitions",
        0,
        "StorageClass",
    )
    assert parse("") == ()


@pytest.mark.parametrize("text", ["a..b", "[", "a[", "a]b", ".", "a[=x]"])
def test_what_is_not_a_path_is_refused(text):
    with pytest.raises(ValueError, match="not a property path"):
        parse(text)


NAMES = st.text("abcXYZ012_:-", min_size=1, max_size=6)
PATHS = st.lists(
    st.one_of(NAMES, st.integers(0, 99), st.builds(Selector, NAMES, NAMES)), min_size=1, max_size=5
).map(lambda segments: ("Top", *segments))


@given(PATHS)
def test_a_path_survives_being_written_and_read(path):
    assert parse(unparse(path)) == path


def test_the_general_path_forgets_which_element_is_meant():
    assert general("Rules[0].A[Id=x].B") == "Rules[].A[].B"
