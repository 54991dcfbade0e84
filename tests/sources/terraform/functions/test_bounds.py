"""Calls made to take for ever, or all memory, end at once."""

from __future__ import annotations

import time

import pytest
from tests.sources.terraform.functions.oracle import MemoryFiles

from stackworthy.core.value import List, Map, Unknown
from stackworthy.sources.terraform.functions import FunctionError, call

LONG = "x" * 3_000_000
MANY = List(["x" * 50] * 90_000)


def doubled(levels):
    value = List(["x"] * 10)
    for _ in range(levels):
        value = List([value] * 10)
    return value


def deep(levels):
    value = List()
    for _ in range(levels):
        value = List([value])
    return value


@pytest.mark.parametrize(
    ("function", "args"),
    [
        ("join", ["y" * 100, MANY]),
        ("join", ["", List([LONG] * 100)]),
        ("replace", [LONG, "x", "yy"]),
        ("replace", [LONG, "", "y"]),
        ("replace", [LONG, "/(.*)(.*)(.*)x$/", "y"]),
        ("replace", ["x" * 50_000, "/x/", "y" * 1000]),
        ("format", ["%999999999d", 1]),
        ("format", ["%.999999999f", 1]),
        ("format", ["%s%s", LONG, LONG]),
        ("formatlist", ["%s", List([LONG, LONG])]),
        ("indent", [1_000_000, "a\nb\nc\nd\ne\nf"]),
        ("split", ["", LONG]),
        ("split", ["x", LONG]),
        ("regexall", ["x", "x" * 200_000]),
        ("regex", ["(x+x+)+y", "x" * 2_000_000]),
        ("setproduct", [List(range(400)), List(range(400))]),
        ("jsonencode", [doubled(9)]),
        ("flatten", [doubled(9)]),
        ("toset", [doubled(9)]),
        ("tolist", [doubled(9)]),
        ("distinct", [doubled(9)]),
        ("length", [doubled(9)]),
        ("yamlencode", [doubled(9)]),
        ("jsonencode", [deep(5000)]),
        ("md5", [LONG + LONG]),
        ("parseint", ["9" * 1_000_000, 10]),
        ("tonumber", ["9" * 1_000_000]),
        ("tonumber", ["1e99999"]),
        ("tonumber", ["1e-99999"]),
        ("csvdecode", [",".join(map(str, range(5000))) + ("\n" + "," * 4999) * 500]),
        ("yamldecode", ["- a\n" * 500_000]),
        ("yamldecode", ["[" * 100_000]),
        ("base64encode", [LONG + LONG[:9]]),
        ("urlencode", ["é" * 900_000]),
        ("concat", [List(["x"] * 60_000), List(["y"] * 60_000)]),
    ],
)
def test_what_would_grow_too_large_is_unknown_at_once(function, args):
    begun = time.process_time()
    try:
        answer = call(function, args)
    except FunctionError as error:
        pytest.fail(str(error)[:200])
    assert isinstance(answer, Unknown)
    assert time.process_time() - begun < 3


def test_a_regular_expression_with_nested_repetitions_matches_in_linear_time():
    begun = time.process_time()
    with pytest.raises(FunctionError, match="did not match"):
        call("regex", ["^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 10_000])
    assert time.process_time() - begun < 3


def test_a_repetition_of_repetitions_is_unknown_rather_than_expanded():
    assert isinstance(call("regex", ["((a{1000}){1000}){1000}", "a"]), Unknown)


def test_a_pattern_nested_too_deeply_is_refused_or_unknown():
    try:
        assert isinstance(call("regex", ["(" * 5000 + ")" * 5000, "a"]), Unknown)
    except FunctionError as error:
        assert "nests too deeply" in str(error)


def test_a_folder_of_too_many_files_is_unknown():
    class Endless(MemoryFiles):
        def files(self, path):
            return (f"{number}.txt" for number in iter(int, 1))

    assert isinstance(call("fileset", [".", "*"], files=Endless({})), Unknown)


def test_the_number_of_generated_values_is_limited_as_in_terraform():
    with pytest.raises(FunctionError, match="more than 1024 values"):
        call("range", [0, 1_000_000_000, 0.001])


def test_odd_values_end_in_an_answer_or_a_complaint_for_every_function():
    from stackworthy.sources.terraform.functions import FUNCTIONS

    odd = ["", "a", 0, -1.5, True, None, List(), List([None]), Map(), Map(a=List()), Unknown("no value")]
    for name, function in FUNCTIONS.items():
        for value in odd:
            count = max(len(function.parameters), 1)
            try:
                call(name, [value] * count)
            except FunctionError as error:
                assert str(error)
