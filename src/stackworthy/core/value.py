"""The four kinds of value: known, reference, partial and unknown; and the containers that hold them.

A known value is a plain `str`, `int`, `float`, `bool`, `List` or `Map`. `ABSENT` is what a property is
when it is proven that nobody stated it. Using a value that is not known in a comparison, a truth test, arithmetic,
formatting, a length or an iteration raises `NotKnown`, which the engine records as a verdict that was not assessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.core.containers import List, Map, OpenList, OpenMap
from stackworthy.core.unknowns import (
    ABSENT,
    NotKnown,
    Partial,
    Piece,
    Reference,
    Unknown,
    Value,
    same_pieces,
    show_piece,
)

__all__ = [
    "ABSENT",
    "List",
    "Map",
    "NotKnown",
    "OpenList",
    "OpenMap",
    "Partial",
    "Piece",
    "Reference",
    "Unknown",
    "Value",
    "is_stated",
    "joined",
    "known",
    "references",
    "same",
    "show",
]


def known(value: Value) -> bool:
    """Whether the value is known as far down as it goes (a reference is not: it names something known later)."""
    if isinstance(value, (Unknown, Reference, Partial, OpenList, OpenMap)):
        return False
    if isinstance(value, dict):
        return all(known(item) for item in value.values())
    if isinstance(value, list):
        return all(known(item) for item in value)
    return True


def is_stated(value: Value) -> bool:
    """Whether somebody stated the value, known or not; raises `NotKnown` when it may be absent."""
    if isinstance(value, Unknown) and not value.stated:
        raise NotKnown(value.reason)
    return value is not ABSENT


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same as far as can be seen; never raises.

    Two unknowns are the same when their expression is. Lists and maps are compared element by element.
    """
    if isinstance(one, Unknown):
        return isinstance(other, Unknown) and one.expression == other.expression
    if isinstance(one, Partial):
        return isinstance(other, Partial) and same_pieces(one.pieces, other.pieces)
    if isinstance(one, (OpenList, OpenMap)) or isinstance(other, (OpenList, OpenMap)):
        if not (isinstance(one, (OpenList, OpenMap)) and isinstance(other, (OpenList, OpenMap))):
            return False
        return same(one.rest, other.rest) and same(_closed(one), _closed(other))
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(same(a, b) for a, b in zip(one, other, strict=True))
        )
    if isinstance(other, (Unknown, Partial)):
        return False
    return type(one) is type(other) and bool(one == other)


def _closed(value: OpenList | OpenMap) -> list[Value] | dict[str, Value]:
    return value.known


def references(value: Value) -> Iterator[Reference]:
    """Every reference inside the value, depth first."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Partial):
        yield from value.references
    elif isinstance(value, OpenMap):
        for item in value.known.values():
            yield from references(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in list.__iter__(value):
            yield from references(item)


def show(value: Value) -> str:
    """The value as a reader of a message would write it; never raises."""
    if isinstance(value, (Reference, Unknown)):
        return show_piece(value)
    if isinstance(value, Partial):
        return value.show()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, OpenMap):
        return "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.known.items()) + ", …}"
    if isinstance(value, OpenList):
        return "[" + ", ".join(show(item) for item in value.known) + ", …]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(show(item) for item in value) + "]"
    return str(value)


def joined(pieces: Iterable[Value]) -> Value:
    """The string that the pieces make: a `str` when all are known, else `Partial`, or the one piece itself.

    Neighbouring known pieces are merged; a list or map among the pieces makes the whole unknown.
    """
    merged: list[Piece] = []
    for piece in pieces:
        for part in piece.pieces if isinstance(piece, Partial) else (piece,):
            if isinstance(part, (bool, int, float)):
                part = show(part)
            if isinstance(part, str):
                if merged and isinstance(merged[-1], str):
                    merged[-1] += part
                elif part:
                    merged.append(part)
            elif isinstance(part, (Reference, Unknown)):
                merged.append(part)
            else:
                return Unknown("a list or map stands where a string is needed")
    if not merged:
        return ""
    if len(merged) == 1:
        return merged[0]
    return Partial(tuple(merged))
