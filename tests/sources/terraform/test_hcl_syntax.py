"""Files as blocks and attributes, the syntax trees that are let go, and files that stay compiled."""

from __future__ import annotations

import pytest

from stackworthy.sources.terraform import hcl_syntax, syntax
from stackworthy.sources.terraform.hcl_syntax import HclFile, read_file
from stackworthy.sources.terraform.syntax import Problem

TEXT = b'resource "a" "b" {\n  x = upper("a")\n  y = 1\n  c {\n    z = [1]\n    d {}\n  }\n  c {}\n}\nlocals {\n  p = 1 + 1\n}\nlocals {}\n'


def test_blocks_know_their_labels_their_route_and_their_line():
    top = HclFile("f", TEXT).top
    assert [(b.type, b.labels, b.route, b.line) for b in top.blocks] == [
        ("resource", ("a", "b"), ("resource", "a", "b"), 1),
        ("locals", (), ("locals", 0), 10),
        ("locals", (), ("locals", 1), 13),
    ]
    inner = top.blocks[0].body.blocks
    assert [(b.route, b.line) for b in inner] == [
        (("resource", "a", "b", "c", 0), 4),
        (("resource", "a", "b", "c", 1), 8),
    ]
    assert inner[0].body.blocks[0].route == ("resource", "a", "b", "c", 0, "d", 0)


def test_attributes_know_their_text_their_route_and_their_line():
    body = HclFile("f", TEXT).top.blocks[0].body
    x = body.attributes["x"]
    assert (x.text, x.line, x.route, x.path) == ('upper("a")', 2, ("resource", "a", "b", "x"), "f")


def test_what_was_not_asked_for_before_is_still_there_after_the_tree_was_let_go():
    file = HclFile("f", TEXT)
    early = file.top.blocks[0].body
    file.release()
    assert early.attributes["x"].expression.name == "upper"
    file.release()
    assert early.blocks[0].body.attributes["z"].text == "[1]"
    assert file.top.blocks[1].body.attributes["p"].text == "1 + 1"


def test_old_trees_are_let_go_by_themselves(monkeypatch):
    monkeypatch.setattr(hcl_syntax, "_with_tree", hcl_syntax._Recent(300, HclFile.release))
    files = [HclFile(str(number), TEXT) for number in range(10)]
    assert [file.nodes == {} for file in files] == [True] * 8 + [False] * 2
    assert all(file.top.blocks[0].body.attributes["x"].expression.name == "upper" for file in files)


def test_the_same_text_is_compiled_once_and_another_text_is_another_file(monkeypatch):
    monkeypatch.setattr(hcl_syntax, "_kept", hcl_syntax._Recent(300, lambda _: None))
    one = read_file("f", TEXT)
    assert read_file("f", bytes(bytearray(TEXT))) is one
    assert read_file("f", TEXT + b"\n") is not one
    assert read_file("g", TEXT) is not one
    assert read_file("f", TEXT) is not one


def test_the_first_of_two_equal_arguments_counts():
    assert HclFile("f", b"a = 1\na = 2\n").top.attributes["a"].text == "1"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b'resource "a" "b" {\n  x = \n}\n', 2),
        (b"locals {\n  a = 1\n\n", 1),
        (b'locals {\n  a = "x\n}\n', 2),
        (b"locals {\n  a = [1,\n  b = 2\n}\n", 3),
        (b"}\n", 1),
        (b"locals {\n a = 1\n}}\n", 3),
    ],
)
def test_the_first_error_is_found_near_its_line(text, line):
    problem = HclFile("f", text).problem()
    assert isinstance(problem, Problem)
    assert abs(problem.line - line) <= 1
    assert problem.hint


def test_an_error_reaches_no_further_than_its_block():
    broken = b'resource "a" "bad" {\n  x = {\n}\n'
    file = HclFile("f", TEXT + broken + TEXT.replace(b'"b"', b'"c"'))
    assert [b.labels for b in file.top.blocks if b.labels] == [("a", "b"), ("a", "bad"), ("a", "c")]
    assert [b.body.broken for b in file.top.blocks if b.labels] == ["", "has a syntax error", ""]
    assert [b.route for b in file.top.blocks if b.type == "locals"] == [("locals", n) for n in range(4)]


def test_a_broken_variable_file_keeps_its_whole_arguments():
    file = HclFile("x.tfvars", b'a = 1\nb = = 2\nc = "x"\n')
    assert {"a", "c"} <= set(file.top.attributes)


def test_problems_of_whole_files_are_raised():
    with pytest.raises(Problem, match="is a binary file"):
        HclFile("f", b"a = 1\n\0")
    with pytest.raises(Problem, match="more than is read"):
        HclFile("f", b"#" * (syntax.MAX_BYTES + 1))
