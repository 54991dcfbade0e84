"""Functions of RFC 3339 timestamps.

Source: https://developer.hashicorp.com/terraform/language/functions/formatdate and its neighbours
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from stackworthy.core.value import NotKnown, Value
from stackworthy.sources.terraform.functions.contract import Failure, FunctionError, invalid

_STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([-+])(\d\d):(\d\d))", re.ASCII
)
_UNITS = {
    "ns": 1,
    "us": 1000,
    "µs": 1000,
    "μs": 1000,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART = re.compile(r"(\d*)(?:\.(\d*))?([^\d.]*)", re.ASCII)
_TOKEN = re.compile(r"''|'[^']*(?:''[^']*)*'?|([a-zA-Z])\1*|[^'a-zA-Z]+")
_LONGEST = 1 << 63


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment: local date and time, nanoseconds of the second, and minutes that the local time is ahead of UTC."""

    local: datetime
    nanoseconds: int
    offset: int

    @property
    def moment(self) -> tuple[datetime, int]:
        """What moments are ordered by."""
        return self.local - timedelta(minutes=self.offset), self.nanoseconds

    def zone(self, separator: str) -> str:
        """The offset as `+hh:mm`, with the separator."""
        hours, minutes = divmod(abs(self.offset), 60)
        return f"{'-' if self.offset < 0 else '+'}{hours:02d}{separator}{minutes:02d}"

    def text(self) -> str:
        """The moment in RFC 3339, to the second."""
        zone = self.zone(":") if self.offset else "Z"
        return f"{_date_text(self.local)}{zone}"


def _date_text(local: datetime) -> str:
    return f"{local.year:04d}-{local.month:02d}-{local.day:02d}T{local.hour:02d}:{local.minute:02d}:{local.second:02d}"


class _NoStamp(Exception):
    """A text is no timestamp."""


def _parse(text: str) -> Stamp:
    match = _STAMP.fullmatch(text)
    if match is None:
        raise _NoStamp(f"not a valid RFC3339 timestamp: {_mistake(text)}")
    year, month, day, hour, minute, second = (int(match[index]) for index in range(1, 7))
    hours, minutes = int(match[9] or 0), int(match[10] or 0)
    for name, value, low, high in (
        ("month", month, 1, 12),
        ("hour", hour, 0, 23),
        ("minute", minute, 0, 59),
        ("second", second, 0, 59),
    ):
        if not low <= value <= high:
            raise _NoStamp(f"not a valid RFC3339 timestamp: {_out_of_range(text, name)}")
    if year < 1:
        raise NotKnown("years before 1 are not followed")
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise _NoStamp("not a valid RFC3339 timestamp: day out of range")
    if hours > 23 or minutes > 59:
        raise _NoStamp("not a valid RFC3339 timestamp: end of string before UTC offset")
    offset = (hours * 60 + minutes) * (-1 if match[8] == "-" else 1)
    nanoseconds = int((match[7] or "0")[:9].ljust(9, "0"))
    return Stamp(datetime(year, month, day, hour, minute, second), nanoseconds, offset)


_SEGMENTS = (
    ("year", r"\d{4}"),
    ("-", "-"),
    ("month", r"\d\d"),
    ("-", "-"),
    ("day of month", r"\d\d"),
    ("T", "T"),
    ("hour", r"\d\d"),
    (":", ":"),
    ("minute", r"\d\d"),
    (":", ":"),
    ("second", r"\d\d"),
)


def _out_of_range(text: str, name: str) -> str:
    ends = {"month": 7, "hour": 13, "minute": 16, "second": 19}
    rest = text[ends[name] :]
    if name == "hour":
        return "hour must be between 0 and 23 inclusive"
    if name == "minute":
        return "minute must have exactly two digits" if len(rest) != 2 else f'cannot use "{rest}" as minute'
    return f'cannot use "{rest}" as {name}'


def _mistake(text: str) -> str:
    """What keeps the text from being a timestamp, in the words of Terraform."""
    rest = text
    for name, pattern in _SEGMENTS:
        match = re.match(pattern, rest, re.ASCII)
        if match is not None:
            rest = rest[match.end() :]
            continue
        if name == "T":
            return "missing required time introducer 'T'"
        if name in "-:":
            return (
                f'found "{rest}" where "{name}" is expected'
                if rest
                else f'end of string where "{name}" is expected'
            )
        if not rest:
            return f"end of string before {name}"
        if name == "hour" and re.match(r"\d:", rest, re.ASCII):
            return "hour must have exactly two digits"
        if name == "hour" and ":" in rest:
            return "hour must be between 0 and 23 inclusive"
        if name in ("hour", "minute") and len(rest) != 2:
            return f"{name} must have exactly two digits"
        return f'cannot use "{rest}" as {name}'
    rest = re.sub(r"^\.\d+", "", rest, flags=re.ASCII)
    if not rest:
        return "end of string before UTC offset"
    if rest.startswith("Z"):
        return f'cannot use "{rest[1:]}" as timestamp segment'
    return f'cannot use "{rest}" as UTC offset'


def _stamp(parameter: str, text: str) -> Stamp:
    try:
        return _parse(text)
    except _NoStamp as error:
        if parameter:
            raise invalid(parameter, str(error)) from None
        raise Failure(str(error)) from None


def _tokens(template: str) -> Iterator[str]:
    return (match[0] for match in _TOKEN.finditer(template))


_CHOICES = {
    "Y": 'year must either be "YY" or "YYYY"',
    "M": 'month must be "M", "MM", "MMM", or "MMMM"',
    "D": 'day of month must either be "D" or "DD"',
    "E": 'day of week must either be "EEE" or "EEEE"',
    "h": '24-hour must either be "h" or "hh"',
    "H": '12-hour must either be "H" or "HH"',
    "A": 'must be "AA"',
    "a": 'must be "aa"',
    "m": 'minute must either be "m" or "mm"',
    "s": 'second must either be "s" or "ss"',
    "Z": "timezone must be Z, ZZZZ, or ZZZZZ",
}


def _verbs(stamp: Stamp) -> dict[str, str]:
    """What each verb shows; English names, whatever the locale of this machine."""
    local = stamp.local
    month = _MONTHS[local.month - 1]
    day = _DAYS[local.weekday()]
    hour = local.hour % 12 or 12
    half = "AM" if local.hour < 12 else "PM"
    compact = stamp.zone("")
    return {
        "YY": f"{local.year % 100:02d}",
        "YYYY": f"{local.year:04d}",
        "M": str(local.month),
        "MM": f"{local.month:02d}",
        "MMM": month[:3],
        "MMMM": month,
        "D": str(local.day),
        "DD": f"{local.day:02d}",
        "EEE": day[:3],
        "EEEE": day,
        "h": str(local.hour),
        "hh": f"{local.hour:02d}",
        "H": str(hour),
        "HH": f"{hour:02d}",
        "AA": half,
        "aa": half.lower(),
        "m": str(local.minute),
        "mm": f"{local.minute:02d}",
        "s": str(local.second),
        "ss": f"{local.second:02d}",
        "Z": stamp.zone(":") if stamp.offset else "Z",
        "ZZZ": compact if stamp.offset else "UTC",
        "ZZZZ": compact,
        "ZZZZZ": stamp.zone(":"),
    }


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def formatdate(template: str, text: str) -> str:
    """`formatdate(format, time)`."""
    verbs = _verbs(_stamp("time", text))
    made: list[str] = []
    for part in _tokens(template):
        if part == "''":
            made.append("'")
        elif part.startswith("'"):
            if len(part) < 2 or not part.endswith("'"):
                raise invalid("format", "unterminated literal '")
            made.append(part[1:-1].replace("''", "'"))
        elif part in verbs:
            made.append(verbs[part])
        elif part[0].isascii() and part[0].isalpha():
            detail = f": {_CHOICES[part[0]]}" if part[0] in _CHOICES else ""
            raise invalid("format", f'invalid date format verb "{part}"{detail}')
        else:
            made.append(part)
    return "".join(made)


def parse_duration(text: str) -> int:
    """The nanoseconds of a Go duration such as `1h30m`; raises `FunctionError`."""
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    if not rest:
        raise FunctionError(f'time: invalid duration "{text}"')
    total = 0
    while rest:
        match = _PART.match(rest)
        if match is None or not (match[1] or match[2]):
            raise FunctionError(f'time: invalid duration "{text}"')
        if not match[3]:
            raise FunctionError(f'time: missing unit in duration "{text}"')
        if match[3] not in _UNITS:
            raise FunctionError(f'time: unknown unit "{match[3]}" in duration "{text}"')
        unit = _UNITS[match[3]]
        if len(match[1]) > 20 or len(match[2] or "") > 1000:
            raise FunctionError(f'time: invalid duration "{text}"')
        total += int(match[1] or 0) * unit
        if match[2]:
            total += int(match[2]) * unit // 10 ** len(match[2])
        if total > _LONGEST or (total == _LONGEST and not text.startswith("-")):
            raise FunctionError(f'time: invalid duration "{text}"')
        rest = rest[match.end() :]
    return -total if text.startswith("-") else total


def timeadd(text: str, duration: str) -> str:
    """`timeadd(timestamp, duration)`, to the second."""
    stamp = _stamp("", text)
    try:
        nanoseconds = stamp.nanoseconds + parse_duration(duration)
    except FunctionError as error:
        raise Failure(str(error)) from None
    try:
        local = stamp.local + timedelta(seconds=nanoseconds // 10**9)
    except OverflowError:
        raise NotKnown("years after 9999 are not followed") from None
    return Stamp(local, 0, stamp.offset).text()


def timecmp(one: str, other: str) -> int:
    """`timecmp(timestamp_a, timestamp_b)`: -1, 0 or 1."""
    try:
        first = _stamp("timestamp_a", one).moment
        second = _stamp("timestamp_b", other).moment
    except OverflowError:
        raise NotKnown("years after 9999 are not followed") from None
    return (first > second) - (first < second)


_YAML_STAMP = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(Z|[-+]\d\d:\d\d)"
    r"| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?",
    re.ASCII,
)


def yaml_timestamp(text: str) -> str | None:
    """The RFC 3339 text of what YAML reads as a timestamp, or None."""
    match = _YAML_STAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    hour, minute, second = (int(match[index] or match[index + 4] or 0) for index in (4, 5, 6))
    try:
        local = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    zone = match[7] or "Z"
    if zone != "Z" and (int(zone[1:3]) > 24 or int(zone[4:6]) > 59):
        return None
    return _date_text(local) + ("Z" if zone in ("+00:00", "-00:00") else zone)


TABLE: dict[str, Callable[..., Value]] = {
    "formatdate": formatdate,
    "timeadd": timeadd,
    "timecmp": timecmp,
}
