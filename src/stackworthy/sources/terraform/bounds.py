"""Limits on the size of values, so that a configuration made to explode is answered at once.

A value may share its parts (a list of ten times the same list, ten levels deep), so that it is small in memory and endless to
walk; `survey` counts shared parts without walking them again.
"""

from __future__ import annotations

from stackworthy.core.value import NotKnown, OpenList, OpenMap, Partial, Reference, Unknown, Value

MAX_TEXT = 4_000_000
UNKNOWN_TEXT = 100
"""What a piece that is not known counts for, so that texts of unknown pieces have an end too."""
MAX_ELEMENTS = 100_000
MAX_NODES = 150_000
MAX_DEPTH = 200

Found = Unknown | Reference | Partial | None


class TooLarge(NotKnown):
    """A value would be larger than what is computed here."""


def check_text(length: int) -> None:
    """Refuse a text of so many characters with `TooLarge` when that is more than `MAX_TEXT`."""
    if length > MAX_TEXT:
        raise TooLarge(f"a text of more than {MAX_TEXT:,} characters is too large")


def check_elements(count: int) -> None:
    """Refuse a collection of so many elements with `TooLarge` when that is more than `MAX_ELEMENTS`."""
    if count > MAX_ELEMENTS:
        raise TooLarge(f"a collection of more than {MAX_ELEMENTS:,} elements is too large")


def survey(value: Value) -> tuple[int, Found]:
    """The number of characters and elements that a walk over the value meets, and the first part that is not known.

    Raises `TooLarge` when the walk would meet more than `MAX_TEXT` characters, `MAX_NODES` elements or `MAX_DEPTH` levels.
    """
    if isinstance(value, str):
        check_text(len(value))
        return len(value), None
    if isinstance(value, (list, dict)):
        size, _, found = _survey_container(value, {}, 0)
        return size, found
    return _survey_scalar(value)


def _survey_scalar(value: Value) -> tuple[int, Found]:
    if isinstance(value, Partial):
        size = sum(len(piece) if isinstance(piece, str) else UNKNOWN_TEXT for piece in value.pieces)
        check_text(size)
        return size + 1, value
    return 1, value if isinstance(value, (Unknown, Reference)) else None


def _survey_container(
    value: Value, seen: dict[int, tuple[int, int, Found]], depth: int
) -> tuple[int, int, Found]:
    if depth > MAX_DEPTH:
        raise TooLarge(f"a value of more than {MAX_DEPTH} levels is too deep")
    total, nodes, found = 1, 1, None
    items = dict.values(value) if isinstance(value, dict) else list.__iter__(value)
    for item in items:
        if isinstance(item, str):
            size, inside, unknown = len(item), 0, None
        elif isinstance(item, (list, dict)):
            known = seen.get(id(item))
            if known is None:
                known = seen[id(item)] = _survey_container(item, seen, depth + 1)
            size, inside, unknown = known
        else:
            size, unknown = _survey_scalar(item)
            inside = 0
        total += 1 + size
        nodes += 1 + inside
        found = found if found is not None else unknown
        if total > MAX_TEXT + MAX_NODES or nodes > MAX_NODES:
            raise TooLarge(
                f"a value of more than {MAX_NODES:,} parts or {MAX_TEXT:,} characters is too large"
            )
    if isinstance(value, dict):
        total += sum(map(len, dict.keys(value)))
    if isinstance(value, (OpenList, OpenMap)):
        found = found if found is not None else value.rest
    return total, nodes, found
