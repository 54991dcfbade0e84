"""Values are found at every place that a path leaves open."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_with

from stackworthy.aws.paths import Found, each, within
from stackworthy.core.value import List, Map, OpenList, OpenMap, Partial, Reference, Unknown, Value, show

WHY = Unknown("why")


def found(value: Value, path: str) -> list[tuple[str, str]]:
    graph = graph_with({"A": ("AWS::Made::Up", {"P": value})})
    return [(item.path, show(item.value)) for item in each(graph["A"], path)]


@pytest.mark.parametrize(
    ("value", "path", "expected"),
    [
        (Map(a=1), "P.a", [("P.a", "1")]),
        (Map(a=1), "P.b", []),
        (List([Map(a=1), Map(b=2), Map(a=3)]), "P[].a", [("P[0].a", "1"), ("P[2].a", "3")]),
        (Map(a=Map(x=1), b=Map(x=2)), "P.*.x", [("P.a.x", "1"), ("P.b.x", "2")]),
        (OpenList([Map(a=1)], WHY), "P[].a", [("P[0].a", "1"), ("P", "${why}")]),
        (OpenMap([("a", 1)], WHY), "P.*", [("P.a", "1"), ("P", "${why}")]),
        (WHY, "P[].a", [("P", "${why}")]),
        (Map(a=1), "P[].a", [("P.a", "1")]),
        (Reference("B"), "P[]", [("P", "${B}")]),
        ("x", "P.a", []),
        (7, "P[].a", []),
        ('{"a": {"b": 1}}', "P.a.b", [("P.a.b", "1")]),
        ('[{"a": 1}]', "P[].a", [("P[0].a", "1")]),
        (Partial(('{"a": "', Reference("B"), '"}')), "P.a", [("P.a", "${B}")]),
        (Map(a='{"b": [1, 2]}'), "P.a.b[]", [("P.a.b[0]", "1"), ("P.a.b[1]", "2")]),
    ],
)
def test_each_yields_what_stands_at_the_path(
    value: Value, path: str, expected: list[tuple[str, str]]
) -> None:
    assert found(value, path) == expected


def test_what_runs_through_a_reference_is_not_known() -> None:
    (item,) = found(Map(a=Reference("B")), "P.a[].c")
    assert item[0] == "P.a"
    assert "known only after deployment" in item[1]


def test_the_item_of_a_list_is_told() -> None:
    rows = List([Map(a=Map(b=1), name="first")])
    (item,) = within(rows, "[].a.b")
    assert item == Found("[0].a.b", 1, rows[0])
