"""Files of templates: parsed once, in the format that they are written in."""

from __future__ import annotations

import pytest
from tests.support.templates import Files

from stackworthy.core.origin import Origin, Span
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation.documents import MAX_BYTES, Documents
from stackworthy.sources.cloudformation.text import Malformed


class Counting(Files):
    """Counts how often files are read."""

    reads = 0

    def read(self, path: str) -> bytes:
        self.reads += 1
        return super().read(path)


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("t.yaml", "A:\n  B: 1\n", 2),
        ("t.yml", "A: {B: 1}\n", 1),
        ("t.json", '{"A":\n {"B": 1}}', 2),
        ("t.template", '{"A":\n\t{"B": 1}}', 2),
        ("t.template", "A:\n  B: 1\n", 2),
        ("t.template", "{A: {\n  B: 1}}\n", 2),
        ("t.yaml", '{"A":\n\t{"B": 1}}', 2),
        ("t.yaml", '{"A": {"B": 1, "C": "\\ud83d\\ude00"}}', 1),
        ("t", "A:\n  B: 1\n", 2),
        ("t.yaml", '\ufeff\n{"A": {"B": 1}}', 2),
        ("t.toml", "[A]\nB = 1\n", 2),
    ],
)
def test_a_file_is_parsed_by_its_name_and_content_and_found_again(name, content, line) -> None:
    documents = Documents(Files({name: content.encode()}))
    assert documents.raw(name)["A"]["B"] == 1
    assert documents.line(Origin(name, ("A", "B"))) == line
    assert documents.span(Origin(name, ("A", "B"))).line == line
    assert documents.region(Origin(name, ("A", "B"))) == (line, line)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.json", "A: 1\n", "not valid JSON"),
        ("t.yaml", '{"A": \n', "not valid YAML"),
        ("t.template", '{"A": \n', "not valid JSON"),
        ("t.toml", "[", "not valid TOML"),
    ],
)
def test_a_broken_file_is_refused_as_what_it_claims_to_be(name, content, message) -> None:
    documents = Documents(Files({name: content.encode()}))
    for _ in range(2):
        with pytest.raises(Malformed, match=message):
            documents.raw(name)
    assert documents.span(Origin(name, ("A",))) == Span(name, 1, 1, 1, 1)
    assert documents.line(Origin(name, ("A",))) == 1
    assert documents.region(Origin(name, ("A",))) == (1, 1)


def test_a_file_is_read_and_parsed_once() -> None:
    files = Counting({"t.yaml": b"A: 1\nA: 2\n"})
    documents = Documents(files)
    assert documents.raw("t.yaml") is documents.raw("t.yaml")
    documents.span(Origin("t.yaml", ("A",)))
    assert documents.text("t.yaml") == "A: 1\nA: 2\n"
    assert [note.line for note in documents.notes("t.yaml")] == [2]
    assert files.reads == 1


def test_a_file_that_is_not_there_has_no_places_and_no_text() -> None:
    documents = Documents(Files({}))
    with pytest.raises(Unreadable):
        documents.raw("gone.yaml")
    assert documents.line(Origin("gone.yaml", ("A",))) == 1
    assert documents.text("gone.yaml") == ""


def test_a_file_larger_than_any_template_is_refused_unread() -> None:
    documents = Documents(Files({"t.json": b" " * (MAX_BYTES + 1)}))
    with pytest.raises(Malformed, match="takes templates of up to 1 MB"):
        documents.raw("t.json")


@pytest.mark.parametrize(
    ("file", "location", "path"),
    [
        ("a/b.yaml", "c.yaml", "a/c.yaml"),
        ("a/b.yaml", "./c/../d.yaml", "a/d.yaml"),
        ("b.yaml", "../x.yaml", "../x.yaml"),
        ("a/b.yaml", "/etc/passwd", "/etc/passwd"),
    ],
)
def test_a_location_is_relative_to_the_file_that_names_it(file, location, path) -> None:
    assert Documents(Files({})).beside(file, location) == path
