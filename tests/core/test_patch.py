"""Splices are carried out in an order that keeps the layout of a file."""

from __future__ import annotations

from stackworthy.core.patch import Splice, clash, spliced


def at(text: str) -> Splice:
    return Splice("main.tf", 3, 3, text.encode())


def test_of_two_insertions_at_one_place_the_one_with_a_blank_line_before_it_stands_last() -> None:
    apart, close = at("\n\n  encryption_type = 1"), at("\n  b = 2")
    assert spliced(b"a=1\n", [apart, close]) == b"a=1\n  b = 2\n\n  encryption_type = 1\n"


def test_a_deeper_insertion_stands_before_one_that_belongs_further_out() -> None:
    assert spliced(b"a=1\n", [at("\nc = 3"), at("\n\n  b = 2")]) == b"a=1\n\n  b = 2\nc = 3\n"


def test_two_insertions_of_one_section_clash_and_two_blocks_of_terraform_do_not() -> None:
    assert clash(at("\nresources:\n  A: 1"), at("\nresources:\n  B: 1"))
    assert not clash(at('\n\nresource "a" "b" {}'), at('\n\nresource "a" "c" {}'))


def test_lines_that_follow_what_is_taken_away_stay_lines() -> None:
    content = b"a = 1\nb = 2\nc = 3\n"
    gone = Splice("f", 6, 12, b"")
    added = Splice("f", 11, 11, b"\nd = 4")
    assert spliced(content, [added, gone]) == b"a = 1\nd = 4\nc = 3\n"


def test_neighbours_are_taken_away_together_and_the_last_layout_counts() -> None:
    content = b"a   = 1\nbb  = 2\nccc = 3\n"
    edits = [
        Splice("f", 8, 16, b""),
        Splice("f", 8, 24, b""),
        Splice("f", 1, 4, b"  "),
        Splice("f", 1, 4, b" "),
    ]
    assert spliced(content, edits) == b"a = 1\n"
