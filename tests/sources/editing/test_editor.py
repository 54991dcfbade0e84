"""Edits of YAML and JSON touch what they are meant to touch, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackworthy.core.patch import CannotWrite, Splice, spliced
from stackworthy.sources.cloudformation import yaml_text
from stackworthy.sources.editing.editor import Editor
from stackworthy.sources.editing.style import Style

TEMPLATE = """\
# the top
Resources:
  Fn:
    Type: AWS::Lambda::Function   # the function
    Properties:
      Handler: "a.b"  # handler
      Timeout: 3
      Env: {A: 1, B: [x, y]}
      List:
        - one
        - K: v
          W: z
      Text: |
        hello
        there

    # behind the function
  Empty:
    Type: X
    Properties: {}
  Bare:
    Type: AWS::SQS::Queue
  Shared: &shared
    Type: Y
    Properties: {A: 1}
  Alias: *shared
  Merged:
    <<: *shared
    DependsOn: Fn
"""


def edited(splices: list[Splice], text: str = TEMPLATE) -> str:
    return spliced(text.encode(), splices).decode()


def editor(text: str = TEMPLATE, **options: bool) -> Editor:
    return Editor("t.yaml", text.encode(), **options)


def changed_lines(after: str, before: str = TEMPLATE) -> tuple[list[str], list[str]]:
    """The lines that went, and those that came."""
    old, new = before.split("\n"), after.split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_a_value_gives_way_and_the_comment_beside_it_stays() -> None:
    after = edited(editor().set(("Resources", "Fn", "Properties", "Handler"), "c.d"))
    assert changed_lines(after) == (['      Handler: "a.b"  # handler'], ['      Handler: "c.d"  # handler'])


def test_a_value_that_is_so_already_needs_no_edit() -> None:
    assert editor().set(("Resources", "Fn", "Properties", "Timeout"), 3) == []


def test_missing_parents_are_made_behind_the_last_entry() -> None:
    after = edited(editor().set(("Resources", "Fn", "Properties", "TracingConfig", "Mode"), "Active"))
    assert "        there\n      TracingConfig:\n        Mode: Active\n\n    # behind the function\n" in after


def test_a_flow_map_takes_another_entry_on_its_line() -> None:
    after = edited(editor().set(("Resources", "Fn", "Properties", "Env", "C"), {"Ref": "X"}))
    assert "Env: {A: 1, B: [x, y], C: !Ref X}" in after


def test_an_empty_flow_map_is_written_on_lines() -> None:
    after = edited(editor().set(("Resources", "Empty", "Properties", "Tags"), [{"Key": "a"}]))
    assert "    Properties:\n      Tags:\n        - Key: a\n" in after


def test_an_element_is_added_at_the_dashes_of_its_list() -> None:
    after = edited(editor().append(("Resources", "Fn", "Properties", "List"), {"Q": 1, "R": [2]}))
    assert "          W: z\n        - Q: 1\n          R:\n            - 2\n" in after


def test_the_first_key_of_an_element_can_be_taken_away() -> None:
    after = edited(editor().remove(("Resources", "Fn", "Properties", "List", 1, "K")))
    assert "        - W: z\n" in after


def test_a_whole_entry_goes_with_its_line_and_leaves_the_next() -> None:
    after = edited(editor().remove(("Resources", "Fn", "Properties", "Timeout")))
    assert changed_lines(after) == (["      Timeout: 3"], [])


def test_a_resource_is_added_behind_its_neighbour() -> None:
    after = edited(editor().add_entry(("Resources",), "New", {"Type": "Z"}, after="Bare"))
    assert "    Type: AWS::SQS::Queue\n  New:\n    Type: Z\n  Shared" in after


SHARED = """\
A: &base
  x: {y: 1}
B: *base
C:
  <<: *base
D:
  <<: *base
  z: 2
"""


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_what_an_alias_stands_for_is_edited_where_it_is_written(name: str) -> None:
    after = edited(Editor("t.yaml", SHARED.encode()).set((name, "x", "y"), 2), SHARED)
    assert after == SHARED.replace("y: 1", "y: 2")


def test_a_map_that_says_more_than_what_it_merges_says_it_itself() -> None:
    after = edited(Editor("t.yaml", SHARED.encode()).set(("D", "x", "y"), 2), SHARED)
    assert after == SHARED + "  x:\n    y: 2\n"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("A: !If [P, true, false]\n", "A: true\n"),
        ("A:\n  Fn::If: [P, true, false]\nB: 1\n", "A: true\nB: 1\n"),
        ("A: !If\n  - P\n  - true\n  - !Ref AWS::NoValue\nB: 1\n", "A: true\nB: 1\n"),
        ("A: {B: !If [P, 'true', false]}\n", "A: {B: !If [P, 'true', true]}\n"),
        ("A: !If [P, !Ref X, false]\n", "A: !If [P, !Ref X, true]\n"),
    ],
)
def test_a_choice_between_equals_gives_way_to_the_value(text: str, after: str) -> None:
    route = ("A", "B", "Fn::If", 2) if "B: !If" in text else ("A", "Fn::If", 2)
    assert edited(Editor("t.yaml", text.encode()).set(route, True), text) == after


def test_a_choice_between_equals_gives_way_in_json_too() -> None:
    text = '{"A": {"Fn::If": ["P", {"B": 1}, false]}}'
    after = edited(Editor("t.json", text.encode(), json=True).set(("A", "Fn::If", 2), {"B": 1}), text)
    assert json.loads(after) == {"A": {"B": 1}}


def test_a_value_with_an_anchor_is_not_replaced() -> None:
    text = "A: &x 1\nB: *x\n"
    with pytest.raises(CannotWrite, match="anchor"):
        Editor("t.yaml", text.encode()).set(("A",), 2)


def test_line_ends_of_the_file_are_kept() -> None:
    text = TEMPLATE.replace("\n", "\r\n")
    after = edited(editor(text).set(("Resources", "Bare", "Properties", "A"), {"B": 1}), text)
    assert "\n" not in after.replace("\r\n", "")


def test_a_byte_order_mark_and_wide_characters_do_not_shift_edits() -> None:
    text = "\ufeffA: \U0001f600 é\nB: 1\n"
    after = edited(editor(text).set(("B",), 2), text)
    assert after == "\ufeffA: \U0001f600 é\nB: 2\n"


def test_a_file_without_a_last_line_end_takes_entries() -> None:
    text = "A:\n  B: 1"
    assert edited(editor(text).set(("A", "C"), 2), text) == "A:\n  B: 1\n  C: 2"


def test_an_intrinsic_is_written_long_where_the_file_does_so() -> None:
    text = "Resources:\n  A:\n    Properties:\n      B:\n        Fn::GetAtt: [X, Arn]\n      C:\n        Ref: Y\n"
    after = edited(editor(text).set(("Resources", "A", "Properties", "D"), {"Ref": "Z"}), text)
    assert after.endswith("      D:\n        Ref: Z\n")


@pytest.mark.parametrize(
    "text", ["2012-10-17", "yes", "0123", "a: b", "# no", "*", "", "null", "- x", "1e3", "{a}"]
)
def test_a_text_that_would_mean_something_else_is_quoted(text: str) -> None:
    written = Style().text(text)
    assert written[0] in "'\""
    assert yaml_text.read(f"a: {written}".encode()) == {"a": text}


JSON = json.dumps(
    {"Resources": {"A": {"Type": "X", "Properties": {"L": ["a"]}}, "B": {"Type": "Y"}}}, indent=2
)


def test_json_takes_entries_with_the_file_s_indentation() -> None:
    after = edited(
        Editor("t.json", JSON.encode(), json=True).set(("Resources", "A", "Properties", "T", "M"), "x"), JSON
    )
    assert json.loads(after)["Resources"]["A"]["Properties"]["T"] == {"M": "x"}
    assert after.count("\n") == JSON.count("\n") + 3


names = st.text(alphabet="ABCdef", min_size=1, max_size=4)
scalars = st.one_of(
    st.integers(-5, 5), st.booleans(), st.text(alphabet="ab: #'\"{}[],*&!-\né|>%@`~0.", max_size=12)
)
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)
documents = st.dictionaries(names, trees, min_size=1, max_size=4)


def dumped(document: dict[str, Any]) -> str:
    return (
        "# first\n"
        + "\n".join(line for key, item in document.items() for line in Style().entry(key, item, 0))
        + "\n"
    )


@given(documents)
def test_what_is_written_reads_as_it_was_meant(document: dict[str, Any]) -> None:
    assert yaml_text.read(dumped(document).encode()) == document


@given(documents, names, trees)
def test_another_entry_changes_that_entry_and_no_other_byte(
    document: dict[str, Any], name: str, value: Any
) -> None:
    text = dumped(document)
    splices = Editor("t.yaml", text.encode()).set((name,), value)
    after = edited(splices, text)
    assert yaml_text.read(after.encode()) == {**document, name: value}
    for splice in splices:
        assert after.encode().startswith(text.encode()[: splice.start])
        assert after.encode().endswith(text.encode()[splice.end :])


@given(documents, names, trees)
def test_json_edits_keep_every_byte_outside_of_them(document: dict[str, Any], name: str, value: Any) -> None:
    text = json.dumps(document, indent=2)
    splices = Editor("t.json", text.encode(), json=True).set((name,), value)
    after = edited(splices, text)
    assert json.loads(after) == {**document, name: value}
    for splice in splices:
        assert after.encode().startswith(text.encode()[: splice.start])
        assert after.encode().endswith(text.encode()[splice.end :])


@given(documents, st.data())
def test_what_is_taken_away_is_gone_and_the_rest_reads_the_same(
    document: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(document)))
    text = dumped(document)
    if len(document) < 2:
        return
    after = edited(Editor("t.yaml", text.encode()).remove((name,)), text)
    assert yaml_text.read(after.encode()) == {key: item for key, item in document.items() if key != name}
