"""Terraform's numbers."""

from __future__ import annotations

import pickle
from fractions import Fraction

import pytest

from stackworthy.core.value import NotKnown
from stackworthy.sources.terraform.numbers import (
    Precise,
    calculate,
    canonical,
    exact,
    from_float,
    number_text,
    parse_number,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1", "1"),
        ("1.50", "1.5"),
        ("-0", "-0"),
        ("1e3", "1000"),
        ("1e-7", "0.0000001"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ("1e400", "1" + "0" * 400),
        ("inf", "+Inf"),
        ("-Inf", "-Inf"),
    ],
)
def test_a_decimal_is_read_and_written_back(text, shown):
    assert number_text(parse_number(text)) == shown


@pytest.mark.parametrize("text", ["", "x", "0x1", "1_0", " 1", "1 ", "--1", "1e", "nan"])
def test_what_is_no_decimal_is_none(text):
    assert parse_number(text) is None


def test_tenths_add_up():
    assert calculate("+", 0.1, 0.2) == 0.3
    assert number_text(calculate("+", 0.1, 0.2)) == "0.3"


def test_a_third_keeps_512_bits():
    third = calculate("/", 1, 3)
    assert isinstance(third, Precise)
    assert number_text(third) == "0." + "3" * 154 + "5"
    assert calculate("*", third, 3) == 1
    assert third < 0.5
    assert third != 1 / 3
    assert float(third) == 1 / 3


def test_precise_numbers_compare_with_others_by_their_exact_value():
    third, nearly = calculate("/", 1, 3), 0.3333333333333333
    assert third > nearly
    assert nearly < third
    assert third >= third
    assert third <= calculate("/", 2, 3)
    assert hash(third) == hash(calculate("/", 2, 6))
    assert pickle.loads(pickle.dumps(third)) == third


@pytest.mark.parametrize(("left", "right", "rest"), [(7, 3, 1), (-7, 3, -1), (7, -3, 1), (5.5, 2, 1.5)])
def test_a_remainder_has_the_sign_of_the_left_side(left, right, rest):
    assert calculate("%", left, right) == rest


def test_division_by_zero_is_refused():
    with pytest.raises(ZeroDivisionError):
        calculate("/", 1, 0)


def test_whole_results_are_integers():
    assert type(calculate("/", 10, 5)) is int
    assert type(calculate("*", 2.5, 2)) is int
    assert type(from_float(8.0)) is int


def test_integers_beyond_512_bits_are_rounded():
    big = calculate("*", (1 << 511) + 1, 2)
    assert big == (1 << 512) + 2
    assert calculate("*", (1 << 511) + 1, (1 << 511) + 1) == canonical(Fraction(((1 << 511) + 1) ** 2))


def test_numbers_of_thousands_of_digits_are_not_known():
    with pytest.raises(NotKnown):
        parse_number("1e5000")
    with pytest.raises(NotKnown):
        calculate("*", parse_number("1e3000"), parse_number("1e3000"))


def test_infinity_is_not_calculated_with():
    with pytest.raises(NotKnown):
        calculate("+", float("inf"), 1)
    with pytest.raises(OverflowError):
        exact(float("inf"))
