"""Words for messages."""

from __future__ import annotations

from stackworthy.core.value import Value, references, show


def name_of(value: Value) -> str:
    """What people call the resource that a value names: its short address, or the text as it stands."""
    named = list(references(value))
    return named[0].address.rpartition("/")[2] if len(named) == 1 else show(value)


def days(seconds: int) -> str:
    """A time as people say it: `4 days`, `90 minutes`."""
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            break
    count = seconds // size
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
