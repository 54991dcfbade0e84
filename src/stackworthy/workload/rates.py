"""Rates as people write them: `60000/month`, `5/s`, `3/day/user`, a peak with the shape of a day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import msgspec

HOURS_PER_DAY = 24
SECONDS_PER_HOUR = 3600
PERIODS = {
    "s": Decimal(1),
    "min": Decimal(60),
    "h": Decimal(3600),
    "day": Decimal(86400),
    "week": Decimal(604800),
}
"""Seconds of the periods that a month is made of; a month is as long as the bill says, a year has twelve."""
WORDS = {
    "sec": "s", "second": "s", "seconds": "s", "minute": "min", "minutes": "min", "hour": "h", "hours": "h", "hr": "h",
    "d": "day", "days": "day", "weeks": "week", "months": "month", "mo": "month", "years": "year", "y": "year",
}  # fmt: skip
CURVES: dict[str, tuple[int, ...]] = {
    "flat": (1,) * 24,
    "office": (0, 0, 0, 0, 0, 1, 2, 5, 9, 10, 10, 9, 7, 9, 10, 9, 8, 5, 2, 1, 1, 0, 0, 0),
    "evening": (1, 1, 0, 0, 0, 0, 1, 2, 3, 3, 3, 4, 5, 4, 4, 4, 5, 6, 8, 10, 10, 9, 6, 3),
}
"""Shapes of a day by name: the weight of each hour."""
_PER = re.compile(r"\s*(?:/|\bper\b)\s*")
_RATE = re.compile(
    r"([0-9][0-9_,]*(?:\.[0-9]+)?|\.[0-9]+)\s*(?:([kKMG])\b)?\s*([A-Za-z][A-Za-z ]*)?((?:/[A-Za-z]+)*)"
)
_SUFFIX = {"k": 1000, "K": 1000, "M": 10**6, "G": 10**9}
LONGEST = 40


class BadRate(Exception):
    """A rate that cannot be understood, with a hint."""

    def __init__(self, message: str, hint: str) -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} ({hint})")


class Rate(msgspec.Struct, frozen=True):
    """So many a month, and how many times the average the busiest hour has; `words` is how it was written."""

    monthly: Decimal
    peak: Decimal
    words: str


def rate(stated: Any, seconds: Decimal, users: Decimal | None, curve: tuple[Decimal, ...]) -> Rate:
    """A rate in a month of so many seconds. Raises `BadRate`.

    A number alone is a count of the month; `per user` multiplies by the users; a `peak` rate is that of the busiest hour of the curve.
    """
    times = _busiest(curve)
    if isinstance(stated, (int, float)) and not isinstance(stated, bool):
        return Rate(_checked(Decimal(str(stated)), str(stated)), times, f"{stated} a month")
    if not isinstance(stated, str):
        raise BadRate("a rate is text or a number", 'write "60000/month" or "5/s"')
    text = stated.strip()
    found = _RATE.fullmatch(_PER.sub("/", text)) if len(text) <= LONGEST else None
    if found is None:
        raise BadRate(f"{text[:LONGEST]!r} is no rate", 'write "60000/month", "5/s" or "3/day/user"')
    number = Decimal(found[1].replace("_", "").replace(",", "")) * _SUFFIX.get(found[2] or "", 1)
    monthly = _checked(number, text)
    parts = [part.strip() for part in found[4].split("/")[1:]]
    if "user" in parts or "users" in parts:
        if users is None:
            raise BadRate(f"{text!r} is per user, and nobody says how many there are", "state users = 100")
        monthly *= users
    periods = [part for part in parts if part not in ("user", "users")]
    if len(periods) > 1:
        raise BadRate(f"{text!r} has two periods", 'write "5/s"')
    if periods:
        monthly = _per(monthly, periods[0], seconds)
    peaked = (found[3] or "").strip() in ("peak", "at peak")
    return Rate(monthly / times if peaked else monthly, times, text)


def _per(number: Decimal, period: str, seconds: Decimal) -> Decimal:
    name = WORDS.get(period, period)
    if name == "month":
        return number
    if name == "year":
        return number / 12
    if name not in PERIODS:
        near = get_close_matches(period, [*PERIODS, *WORDS, "month", "year"], 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else "a period is s, min, h, day, week, month or year"
        raise BadRate(f"{period[:LONGEST]!r} is no period", hint)
    return number * seconds / PERIODS[name]


def _checked(number: Decimal, text: str) -> Decimal:
    if not number.is_finite() or number < 0:
        raise BadRate(f"{text!r} is less than nothing", "a rate is 0 or more")
    return number


def curve_of(stated: Any) -> tuple[Decimal, ...]:
    """The shape of a day: a name (`flat`, `office`, `evening`) or 24 weights. Raises `BadRate`."""
    if isinstance(stated, str):
        if stated not in CURVES:
            near = get_close_matches(stated, CURVES, 1, 0.5)
            raise BadRate(
                f"there is no curve {stated[:LONGEST]!r}",
                f"did you mean {near[0]}?" if near else f"it is {', '.join(CURVES)}, or 24 numbers",
            )
        return tuple(Decimal(weight) for weight in CURVES[stated])
    good = isinstance(stated, list) and len(stated) == HOURS_PER_DAY
    if not good or not all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in stated):
        raise BadRate("a curve has 24 numbers, one for each hour", "write 24 numbers, or office")
    weights = tuple(Decimal(str(one)) for one in stated)
    if not all(weight.is_finite() and weight >= 0 for weight in weights) or not any(weights):
        raise BadRate("the weights of a curve are 0 or more, and not all 0", "write 24 numbers, or office")
    return weights


def _busiest(curve: Iterable[Decimal]) -> Decimal:
    """How many times the average the busiest hour has."""
    weights = list(curve)
    return max(weights) * len(weights) / sum(weights)
