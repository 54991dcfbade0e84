"""How often a schedule runs in a month."""

from __future__ import annotations

import re
from decimal import Decimal

from stackworthy.core.value import NotKnown, Value

_RATE = re.compile(r"rate\(\s*(\d{1,9})\s+(minute|hour|day)s?\s*\)", re.IGNORECASE)
_CRON = re.compile(r"cron\(([^()]*)\)", re.IGNORECASE)
_HOURS = {"minute": Decimal(1) / 60, "hour": Decimal(1), "day": Decimal(24)}
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}


def runs(expression: Value, hours: Decimal) -> Decimal:
    """The runs in a month of so many hours of `rate(5 minutes)`, `cron(0 8 ? * MON-FRI *)` or `at(...)`; raises `NotKnown`.

    A cron expression is averaged over the year: every value of each field counts alike.
    """
    if not isinstance(expression, str):
        raise NotKnown(getattr(expression, "reason", "the schedule is no text"))
    text = expression.strip()
    rate = _RATE.fullmatch(text)
    if rate and int(rate[1]):
        return hours / (int(rate[1]) * _HOURS[rate[2].lower()])
    if text.startswith("at("):
        return Decimal(1)
    cron = _CRON.fullmatch(text)
    fields = cron[1].split() if cron else []
    if len(fields) not in (5, 6):
        raise NotKnown(f"the schedule {text[:60]!r} cannot be read")
    minutes, hour, day, month, weekday = fields[:5]
    a_day = Decimal(_count(minutes, 0, 59, {}) * _count(hour, 0, 23, {}))
    days = hours / 24
    if weekday not in ("?", "*"):
        one_week = Decimal(1) / Decimal("4.348")
        share = one_week if "#" in weekday or weekday.endswith("L") else Decimal(1)
        days = days * _count(weekday.split("#")[0].rstrip("L"), 1, 7, _WEEKDAYS) / 7 * share
    elif day not in ("?", "*"):
        days = Decimal(1) if day.endswith(("L", "W")) else Decimal(_count(day, 1, 31, {}))
    return a_day * days * _count(month, 1, 12, _MONTHS) / 12


def _count(field: str, low: int, high: int, names: dict[str, int]) -> int:
    """How many values a field of a cron expression has."""
    found: set[int] = set()
    for part in field.upper().split(","):
        spread, _, step = part.partition("/")
        first, _, last = spread.partition("-")
        every = _value(step, names) if step else 1
        if spread in ("*", "?", ""):
            start, end = low, high
        else:
            start = _value(first, names)
            end = _value(last, names) if last else high if step else start
        if not 0 < every <= 1000 or start < low or end > high or start > end:
            raise NotKnown(f"the field {field[:40]!r} of a schedule cannot be read")
        found.update(range(start, end + 1, every))
    return len(found)


def _value(text: str, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if text.isdecimal() and len(text) < 5:
        return int(text)
    raise NotKnown(f"{text[:40]!r} in a schedule cannot be read")
