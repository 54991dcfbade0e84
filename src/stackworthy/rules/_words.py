"""Words for messages."""

from __future__ import annotations

from stackworthy.core.value import Value, references, show

_SCALES = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def name_of(value: Value) -> str:
    """What people call the resource that a value names: its short address, or the text as it stands."""
    named = list(references(value))
    return named[0].address.rpartition("/")[2] if len(named) == 1 else show(value)


def days(seconds: int) -> str:
    """A time as people say it: `4 days`, `90 minutes`."""
    size, unit = next((scale for scale in _SCALES if seconds % scale[0] == 0), _SCALES[-1])
    count = seconds // size
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
