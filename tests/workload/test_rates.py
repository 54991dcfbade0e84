"""Rates and curves as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from stackworthy.workload.rates import BadRate, curve_of, rate

MONTH = Decimal(730 * 3600)
FLAT = curve_of("flat")


@pytest.mark.parametrize(
    ("text", "monthly"),
    [
        ("60000/month", 60000),
        ("60,000 requests / month", 60000),
        ("60k/month", 60000),
        ("5/s", 5 * 730 * 3600),
        ("2 per min", 2 * 730 * 60),
        ("730/h", 730 * 730),
        ("24 per day", 730),
        ("12/year", 1),
        ("24/day/user", 73000),
        ("24 per user per day", 73000),
        ("7", 7),
        (250, 250),
        (0.5, Decimal("0.5")),
    ],
)
def test_a_rate_is_so_many_a_month(text: object, monthly: object) -> None:
    assert rate(text, MONTH, Decimal(100), FLAT).monthly == Decimal(str(monthly))


def test_a_peak_rate_is_that_of_the_busiest_hour() -> None:
    half = curve_of([1] * 12 + [0] * 12)
    found = rate("50 peak/s", MONTH, None, half)
    assert found.monthly == 25 * MONTH
    assert found.peak == 2


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("5/fortnight", "a period is"),
        ("5/mnth", "did you mean month?"),
        ("many", "60000/month"),
        ("-5/s", "60000/month"),
        ("5/s/day", "5/s"),
        ("3/day/user", "state users"),
        (True, "60000/month"),
        (-1, "0 or more"),
        (float("nan"), "0 or more"),
        ("9" * 60, "60000/month"),
    ],
)
def test_what_is_no_rate_is_refused_with_a_hint(text: object, hint: str) -> None:
    with pytest.raises(BadRate) as raised:
        rate(text, MONTH, None, FLAT)
    assert hint in raised.value.hint


@pytest.mark.parametrize("stated", ["ofice", [1] * 23, [0] * 24, [-1, *[1] * 23], ["a"] * 24, 5])
def test_what_is_no_curve_is_refused(stated: object) -> None:
    with pytest.raises(BadRate):
        curve_of(stated)


def test_a_misspelt_curve_names_the_nearest() -> None:
    with pytest.raises(BadRate, match="did you mean office"):
        curve_of("ofice")
