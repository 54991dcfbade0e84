"""What nobody meant to change says the same as before."""

from __future__ import annotations

import pytest

from stackworthy.core.path import Selector, parse
from stackworthy.core.value import ABSENT, List, Map, Unknown, Value
from stackworthy.remedy.beside import kept

ONE = Map(Sid="a", Effect="Allow")
TWO = Map(Sid="b", Effect="Deny")


@pytest.mark.parametrize(
    ("before", "after", "path", "expected"),
    [
        (Map(A=1, B=2), Map(A=3, B=2), "A", True),
        (Map(A=1, B=2), Map(A=3), "A", False),
        (Map(A=1), Map(A=3, B=2), "A", False),
        (Map(A=Map(X=1, Y=2)), Map(A=Map(X=5, Y=2)), "A.X", True),
        (Map(A=Map(X=1, Y=2)), Map(A=Map(X=5, Y=3)), "A.X", False),
        (List([ONE]), List([ONE, TWO]), "[1]", True),
        (List([ONE]), List([TWO]), "[1]", False),
        (List([ONE, TWO]), List([TWO]), "[1]", False),
        (List([ONE, TWO]), List([ONE, Map(Sid="b", Effect="Allow")]), "[Sid=b].Effect", True),
        (List([ONE, TWO]), List([Map(Sid="a", Effect="Deny"), TWO]), "[Sid=b].Effect", False),
        (List([ONE, TWO]), List([Map(Sid="a", Effect=1), Map(Sid="b", Effect=1)]), "[].Effect", True),
        (ABSENT, Map(A=Map(B=1)), "A.B", True),
        (Unknown("who knows"), Map(A=1), "A", True),
        (1, 2, "A", False),
        (1, 2, "", True),
    ],
)
def test_only_what_a_path_leads_to_may_differ(before: Value, after: Value, path: str, expected: bool) -> None:
    assert kept(before, after, [parse(path)]) is expected


def test_a_list_may_lose_the_elements_that_are_named() -> None:
    before = List([Map(Name="a"), Map(Name="b"), Map(Name="c")])
    named = [(Selector("Name", "b"),)]
    assert kept(before, List([Map(Name="a"), Map(Name="c")]), named)
    assert not kept(before, List([Map(Name="a"), Map(Name="b")]), named)
