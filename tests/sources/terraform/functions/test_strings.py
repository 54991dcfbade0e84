"""String functions of texts that are known in part."""

from __future__ import annotations

import pytest

from stackworthy.core.value import List, Map, NotKnown, OpenList, Partial, Reference, Unknown, same, show
from stackworthy.sources.terraform.functions import FunctionError, call
from stackworthy.sources.terraform.types import EncodedJson, ScatteredList, TfSet

BUCKET = Reference("aws_s3_bucket.b", "Arn")
NAME = Unknown("var.name has no value", "var.name")


def partial(*pieces):
    return Partial(tuple(pieces))


def test_an_unknown_argument_makes_the_answer_unknown_with_its_reason_and_the_call_as_expression():
    answer = call("base64encode", [NAME])
    assert isinstance(answer, Unknown)
    assert (answer.reason, answer.expression) == ("var.name has no value", "base64encode(var.name)")


def test_the_same_call_of_the_same_unknown_is_the_same_unknown():
    assert same(call("md5", [NAME]), call("md5", [NAME]))
    assert not same(call("md5", [NAME]), call("sha1", [NAME]))


def test_long_calls_differ_in_their_expressions_by_their_last_characters():
    one, other = (call("md5", [partial("x" * 5000 + end, NAME)]) for end in "ab")
    assert len(one.expression) < 300
    assert one.expression != other.expression


def test_case_changes_only_the_known_pieces():
    answer = call("upper", [partial("arn:", BUCKET, "/x")])
    assert answer.prefix == "ARN:"
    assert answer.suffix == "/X"
    assert answer.references == ()
    assert answer.pieces[1].expression == "upper(aws_s3_bucket.b.Arn)"


@pytest.mark.parametrize(
    ("function", "args", "shown"),
    [
        ("trimspace", [partial("  a", NAME, "b ")], "a${var.name}b"),
        ("trimspace", [partial("  ", NAME, "b ")], "${trimspace(var.name)}b"),
        ("trim", [partial("--a", NAME), "-"], "a${trim(var.name, '-')}"),
        ("chomp", [partial("a", NAME, "\n\n")], "a${chomp(var.name)}"),
        ("chomp", [partial("a\n", NAME, "\n\n")], "a${chomp('\\n${var.name}')}"),
        ("trimspace", [partial(NAME, BUCKET, " x")], "${trimspace('${var.name}${aws_s3_bucket.b.Arn} ')}x"),
        ("trimprefix", [partial("s3://b", NAME), "s3://"], "b${var.name}"),
        ("trimprefix", [partial("x", NAME), "s3://"], "x${var.name}"),
        ("trimsuffix", [partial(NAME, ".zip"), ".zip"], "${var.name}"),
        ("replace", [partial("a-b-", NAME, "-c"), "-", "_"], "a_b_${replace(var.name, '-', '_')}_c"),
        ("replace", [partial("a.b", NAME), "/[^a-z]/", "-"], "a-b${replace(var.name, '[^a-z]', '-')}"),
        ("indent", [2, partial("a\nb", NAME)], "a\n  b${indent(var.name, 2)}"),
        ("join", ["-", List(["a", NAME, BUCKET])], "a-${var.name}-${aws_s3_bucket.b.Arn}"),
        ("join", [NAME, List(["a", "b"])], "a${var.name}b"),
        ("join", [",", OpenList(["a", "b"], NAME)], "a,b${join(var.name, ',')}"),
        ("replace", ["a/_ID_/c", "_ID_", NAME], "a/${var.name}/c"),
        (
            "replace",
            [partial("a/_ID_/", BUCKET), "_ID_", "b"],
            "a/b/${replace(aws_s3_bucket.b.Arn, '_ID_', 'b')}",
        ),
        ("format", ["%s/%s-%d", "a", NAME, BUCKET], "a/${var.name}-${aws_s3_bucket.b.Arn}"),
        ("format", ["%v", List(["a", BUCKET])], '["a",${aws_s3_bucket.b.Arn}]'),
        ("format", ["<%5s>", NAME], '<${format("%5s", ${var.name})}>'),
    ],
)
def test_what_is_known_of_a_text_stays_known(function, args, shown):
    assert show(call(function, args)) == shown


@pytest.mark.parametrize(
    ("function", "args"),
    [
        ("trimprefix", [partial("s3", NAME), "s3://"]),
        ("trimsuffix", [NAME, ".zip"]),
        ("replace", [partial("a-", NAME), "--", "_"]),
        ("replace", [partial("ab", NAME), "/a.*/", "-"]),
        ("startswith", [partial("ab", NAME), "abc"]),
        ("endswith", [BUCKET, "x"]),
        ("strcontains", [partial("ab", NAME), "c"]),
        ("substr", [partial("abc", NAME), 0, 4]),
        ("strrev", [partial("abc", NAME)]),
        ("title", [partial("abc", NAME)]),
        ("join", [",", NAME]),
        ("join", [",", ScatteredList(["a"], NAME)]),
        ("join", [",", TfSet(["a", NAME])]),
        ("split", [",", NAME]),
        ("split", [NAME, "a,b"]),
        ("format", [NAME, "a"]),
        ("regex", ["a", partial("a", NAME)]),
    ],
)
def test_what_hangs_on_an_unknown_piece_is_unknown(function, args):
    assert isinstance(call(function, args), Unknown)


def test_known_pieces_decide_questions_about_a_text():
    text = partial("arn:aws:", BUCKET, "/index/*")
    assert call("startswith", [text, "arn:"]) is True
    assert call("startswith", [text, "http"]) is False
    assert call("endswith", [text, "/*"]) is True
    assert call("strcontains", [text, "index"]) is True
    assert call("substr", [text, 0, 3]) == "arn"
    assert call("substr", [text, -2, -1]) == "/*"


def test_a_split_text_keeps_the_parts_before_its_first_unknown_piece():
    answer = call("split", [":", partial("arn:aws:s3:::b", NAME)])
    assert isinstance(answer, OpenList)
    assert answer.known == ["arn", "aws", "s3", "", ""]
    assert call("element", [answer, 2]) == "s3"
    assert isinstance(call("element", [answer, 5]), Unknown)


def test_a_separator_that_an_unknown_piece_could_complete_separates_nothing_yet():
    assert call("split", ["--", partial("a--b-", NAME)]).known == ["a"]


def test_formatlist_goes_through_lists_with_unknown_elements_and_unknown_length():
    assert show(call("formatlist", ["%s/*", List([BUCKET, "x"])])) == "[${aws_s3_bucket.b.Arn}/*, x/*]"
    opened = call("formatlist", ["%s/*", OpenList(["a"], NAME)])
    assert opened.known == ["a/*"]
    assert show(call("formatlist", ["%s-%s", List(["a", "b"]), NAME])).startswith("[a-${var.name}, b-")
    assert isinstance(call("formatlist", ["%s", NAME]), Unknown)


def test_null_is_not_formatted_before_its_type_is_known():
    assert isinstance(call("format", ["%s", None]), Unknown)


def test_errors_are_raised_even_beside_unknown_arguments():
    with pytest.raises(FunctionError, match='Invalid value for "str" parameter: string required'):
        call("split", [NAME, List(["a"])])
    with pytest.raises(FunctionError, match="expects only 1 argument"):
        call("upper", [NAME, NAME])


def test_texts_are_normalised_to_composed_characters():
    assert call("upper", ["e\u0301"]) == "\u00c9"
    assert call("join", ["", List(["e", "\u0301"])]) == "\u00e9"


def test_the_namespace_of_built_in_functions_may_be_spelled_out():
    assert call("core::upper", ["a"]) == "A"


def test_functions_of_other_providers_are_unknown():
    answer = call("provider::aws::arn_parse", [BUCKET])
    assert answer.reason == "functions of the provider aws are not computed"


def test_an_unknown_name_is_an_error():
    with pytest.raises(FunctionError, match='There is no function named "nope"'):
        call("nope", [])


def test_an_unknown_answer_refuses_to_be_used():
    with pytest.raises(NotKnown):
        bool(call("length", [NAME]))


def test_a_placeholder_is_replaced_within_the_texts_of_a_structure() -> None:
    value = Map(Statement=List([Map(Principal="_ACCOUNT_", Resource=BUCKET)]))
    whole = call("jsonencode", [value])
    found = call("replace", [whole, "_ACCOUNT_", NAME])
    assert isinstance(found, EncodedJson)
    assert isinstance(found.value, Map)
    assert same(found.value["Statement"][0]["Principal"], NAME)
    assert show(Partial(found.pieces)).startswith('{"Statement":[{"Principal":"${var.name}"')
    assert not isinstance(call("replace", [whole, "Principal", NAME]), EncodedJson)
