"""How much of a template is looked at: nobody's template can cost more than a moment or overflow the stack."""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 150
"""Levels of maps and lists; CloudFormation itself allows far fewer."""

MAX_VALUES = 2_000_000
"""Values of a template when everything that aliases share is written out."""


def fault(template: Any) -> str | None:
    """Why a template cannot be worked on: it is too deep, too large when written out, or contains itself. None where it can."""
    sizes: dict[int, int] = {}
    try:
        size = _size(template, 0, sizes)
    except _TooDeepError:
        return f"is nested deeper than {MAX_DEPTH} levels, or contains itself"
    if size > MAX_VALUES:
        return f"has more than {MAX_VALUES:,} values when its aliases are written out"
    return None


class _TooDeepError(Exception):
    pass


def _size(value: Any, depth: int, sizes: dict[int, int]) -> int:
    if depth > MAX_DEPTH:
        raise _TooDeepError
    known = sizes.get(id(value))
    if known is not None:
        return known
    size = 1
    for item in value.values() if isinstance(value, dict) else value:
        size += _size(item, depth + 1, sizes) if isinstance(item, (dict, list)) else 1
    sizes[id(value)] = size
    return size
