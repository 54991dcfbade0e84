"""The lines that a finding is about."""

from tests.reports import fakes

from stackworthy.reports.excerpt import code_lines


def test_a_fault_that_is_masked_is_marked_to_the_end_of_the_mask():
    line = "  Variables: {DB_PASSWORD: a-long-password-that-goes-on}"
    fault = fakes.finding("secret", "Fn", locations=[fakes.place(1, 15, 56)], line=1)
    (shown,) = code_lines(fault, 0, lambda _: [line])
    assert shown.text == "Variables: {DB_PASSWORD: ****"
    assert shown.text[shown.start : shown.end] == "DB_PASSWORD: ****"


def test_the_line_of_the_resource_stands_before_the_fault():
    fault = fakes.finding("r", "Fn", locations=[fakes.place(2, 3, 9)], line=2)
    lines = code_lines(fault, 1, lambda _: ["  Fn:", "    Handler: a"])
    assert [(line.number, line.text) for line in lines] == [(1, "Fn:"), (2, "  Handler: a")]


def test_a_file_that_is_shorter_than_it_was_shows_nothing():
    fault = fakes.finding("r", "Fn", locations=[fakes.place(9, 1, 2)], line=9)
    assert code_lines(fault, 0, lambda _: ["one"]) == []
    assert code_lines(fault, 0, lambda _: None) == []
