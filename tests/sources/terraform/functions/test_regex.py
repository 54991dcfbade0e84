"""The regular expressions of RE2, beyond what the recorded answers show."""

from __future__ import annotations

import pytest

from stackworthy.core.value import NotKnown
from stackworthy.sources.terraform.functions.regex import BadPattern, compile_pattern


def found(pattern, text):
    match = compile_pattern(pattern).search(text)
    return None if match is None else text[match.start : match.end]


def test_a_search_can_start_inside_the_text_and_still_sees_what_stands_before():
    pattern = compile_pattern(r"\bb")
    assert pattern.search("ab b", 1).start == 3
    assert compile_pattern("^b").search("ab", 1) is None


def test_positions_of_groups_that_took_no_part_are_negative():
    match = compile_pattern("(a)|(b)").search("b")
    assert match.groups("b") == [None, "b"]


def test_matches_do_not_overlap_and_leave_out_an_empty_one_after_another():
    spans = [(match.start, match.end) for match in compile_pattern("a*").matches("baac")]
    assert spans == [(0, 0), (1, 3), (4, 4)]


def test_templates_name_groups_by_number_and_name():
    pattern = compile_pattern(r"(?P<k>\w+)=(\w+)")
    match = pattern.search("a=b")
    assert pattern.expand("$2-${k}-$1x-$9-$$", "a=b", match) == "b-a---$"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"(?i)\bS3\b", "x s3 y", "s3"),
        (r"[^\W\d]+", "12ab_", "ab_"),
        (r"[\x00-\x1f]", "a\tb", "\t"),
        (r"\p{Nd}+", "a٣4", "٣4"),
        (r"[\pL-]+", "1é-b", "é-b"),
        (r"(?s:.)\n", "a\n\n", "a\n"),
        (r"(?-s).+", "a\nb", "a"),
        (r"(?:(?i)a)A", "AA", "AA"),
        (r"a|b*", "bb", "bb"),
        (r"x?", "", ""),
    ],
)
def test_syntax_means_what_re2_says(pattern, text, expected):
    assert found(pattern, text) == expected


@pytest.mark.parametrize(
    "pattern", ["(?<!a)b", "a++", r"\8", "[b-a]", "(?P<>a)", "a{3,2}", "(?z)", r"\pQ9", "x{2}{3}"]
)
def test_what_re2_has_not_is_refused_or_not_known(pattern):
    with pytest.raises((BadPattern, NotKnown)):
        compile_pattern(pattern)


def test_classes_by_script_are_not_known():
    with pytest.raises(NotKnown, match="script"):
        compile_pattern(r"\p{Greek}")


def test_a_pattern_for_one_character_says_so():
    assert compile_pattern("[^a-z]").single_character
    assert not compile_pattern("[^a-z]+").single_character
