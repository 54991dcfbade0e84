"""YAML as CloudFormation reads it."""

from __future__ import annotations

import time

import pytest

from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.cloudformation.yaml_text import MAX_DEPTH, Note, compose, read, values


def refusal(text: str | bytes) -> Malformed:
    with pytest.raises(Malformed) as caught:
        read(text.encode() if isinstance(text, str) else text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("Yes", True),
        ("on", True),
        ("OFF", False),
        ("no", False),
        ("yEs", "yEs"),
        ("'yes'", "yes"),
        ("~", None),
        ("null", None),
        ("", None),
        ('""', ""),
        ("12", 12),
        ("-3", -3),
        ("+7", 7),
        ("0", 0),
        ("010", 8),
        ("089", "089"),
        ("012345678901", "012345678901"),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1.10", 1.1),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1.5e3", -1500.0),
        ("1e3", "1e3"),
        ("12e34567", "12e34567"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1.0e999", "1.0e999"),
        ("2012-10-17", "2012-10-17"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("-", [None]),
        ("+", "+"),
        (".", "."),
        ("9" * 50, "9" * 50),
    ],
)
def test_a_scalar_has_the_value_that_yaml_1_1_gives_it(text, value) -> None:
    found = read(f"Key: {text}\n".encode() if text != "-" else b"Key:\n- \n")["Key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Name", {"Ref": "Name"}),
        ("!Condition Name", {"Condition": "Name"}),
        ("!GetAtt Thing.Arn", {"Fn::GetAtt": ["Thing", "Arn"]}),
        ("!GetAtt Nested.Outputs.Name", {"Fn::GetAtt": ["Nested", "Outputs.Name"]}),
        ("!GetAtt [Thing, Arn]", {"Fn::GetAtt": ["Thing", "Arn"]}),
        ("!Sub '${A}-b'", {"Fn::Sub": "${A}-b"}),
        ("!Sub ['${A}', {A: 1}]", {"Fn::Sub": ["${A}", {"A": 1}]}),
        ("!Join ['', [a, !Ref B]]", {"Fn::Join": ["", ["a", {"Ref": "B"}]]}),
        ("!Equals [!Ref A, '1']", {"Fn::Equals": [{"Ref": "A"}, "1"]}),
        ("!GetAZs ''", {"Fn::GetAZs": ""}),
        ("!GetAZs", {"Fn::GetAZs": ""}),
        ("!ImportValue 12", {"Fn::ImportValue": "12"}),
        ("!Transform {Name: M}", {"Fn::Transform": {"Name": "M"}}),
        ("!Base64 |\n  text\n", {"Fn::Base64": "text\n"}),
        ("! plain", "plain"),
    ],
)
def test_a_short_intrinsic_is_read_in_its_long_form(text, value) -> None:
    assert read(f"Key: {text}\n".encode()) == {"Key": value}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert read(b"1: a\ntrue: b\n2012-10-17: c\nno: d\n") == {
        "1": "a",
        "true": "b",
        "2012-10-17": "c",
        "no": "d",
    }


def test_aliases_and_merge_keys_are_followed_and_own_keys_win() -> None:
    text = b"""
base: &base {A: 1, B: 2}
more: &more {B: 3, C: 4}
one: {<<: *base, B: own}
two: {<<: [*base, *more]}
same: *base
"""
    assert read(text) == {
        "base": {"A": 1, "B": 2},
        "more": {"B": 3, "C": 4},
        "one": {"B": "own", "A": 1},
        "two": {"A": 1, "B": 2, "C": 4},
        "same": {"A": 1, "B": 2},
    }


def test_a_quoted_merge_key_is_a_key() -> None:
    assert read(b"'<<': 1\n") == {"<<": 1}


def test_an_empty_file_and_one_of_comments_hold_nothing() -> None:
    assert read(b"") is None
    assert read(b"# only this\n") is None
    assert read(b"---\n") is None


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    assert read(b"\xef\xbb\xbfA: 1\r\nB:\r\n  - x\r\n") == {"A": 1, "B": ["x"]}


def test_a_document_may_be_marked_at_both_ends() -> None:
    assert read(b"---\nA: 1\n...\n---\n") == {"A": 1}


def test_a_second_document_is_refused_where_it_begins() -> None:
    error = refusal("A: 1\n---\nB: 2\n")
    assert (error.line, error.message) == (3, "a second YAML document begins here")


def test_a_key_that_is_stated_twice_counts_the_second_time_and_is_noted() -> None:
    notes: list[Note] = []
    assert values(compose(b"A: 1\nB:\n  C: 1\n  C: 2\nA: 3\n"), notes) == {"A": 3, "B": {"C": 2}}
    assert [(note.line, note.message) for note in notes] == [
        (4, "C is stated twice; the last one counts"),
        (5, "A is stated twice; the last one counts"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("A: 1\nB: [1\n", 3, "not valid YAML", ""),
        ("A:\n\tB: 1\n", 2, "cannot start any token", "spaces, not tabs"),
        ("A: 1\n B: 2\n", 2, "mapping values are not allowed", "quote a value that holds a colon"),
        ("A: *nothing\n", 1, "undefined alias", "begins with *"),
        ("A: 1\n'B: 2\n", 3, "not valid YAML", ""),
        ("A: {{resolve:ssm:x}}\n", 1, "where a key is needed", "quote"),
        ("? [a]\n: b\n", 1, "where a key is needed", ""),
        ("A: 1\nB: \0\n", 2, "control characters", "save the file"),
        (b"A: 1\nB: caf\xe9\n", 2, "not UTF-8", "save it as UTF-8"),
        ("A: 1\n".encode("utf-16"), 0, "UTF-16", "save it as UTF-8"),
        ("A: &a\n  B: *a\n", 1, "alias of itself", "write out"),
        ("A: &a\n  <<: *a\n", 1, "alias of itself", "write out"),
        ("A: &a [*a]\n", 1, "alias of itself", "write out"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line_and_a_hint(text, line, message, hint) -> None:
    error = refusal(text)
    assert error.line == line
    assert message in error.message
    assert hint in error.hint


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "{a:\n" * 100_000,
        "[\n" * 100_000 + "]" * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "".join(" " * level + "a:\n" for level in range(3000)),
        "".join("  " * level + "- a:\n" for level in range(2000)),
        "a: '" + "]" * 500 + "'\nb: " + "[" * 400 + "]" * 400,
        "".join(
            f"n{index}: &n{index} {{x: {'*n' + str(index - 1) if index else 1}}}\n" for index in range(300)
        ),
    ],
    ids=[
        "lists",
        "maps",
        "maps-by-line",
        "lists-by-line",
        "dashes",
        "keys",
        "block-maps",
        "block-lists",
        "hidden",
        "aliases",
    ],
)
def test_deep_nesting_is_refused_at_once(text) -> None:
    started = time.process_time()
    error = refusal(text)
    assert f"deeper than {MAX_DEPTH}" in error.message
    assert time.process_time() - started < 3


def test_an_alias_bomb_is_refused_at_once() -> None:
    started = time.process_time()
    error = refusal(BOMB)
    assert "aliases" in error.message
    assert time.process_time() - started < 3


def test_brackets_in_texts_and_comments_do_not_count_as_nesting() -> None:
    text = (
        "a: '"
        + "[" * 500
        + "'\n# "
        + "{" * 500
        + "\nb: |\n"
        + "".join("  }]}\n" for _ in range(300))
        + "c: 1\n"
    )
    assert read(text.encode())["c"] == 1


def test_nesting_as_deep_as_any_template_is_read() -> None:
    depth = MAX_DEPTH - 1
    tree = read(("[" * depth + "]" * depth).encode())
    for _ in range(depth - 1):
        (tree,) = tree
    assert tree == []


def test_a_long_text_is_read() -> None:
    assert len(read(b"A: '" + b"x" * 4_000_000 + b"'\n")["A"]) == 4_000_000
