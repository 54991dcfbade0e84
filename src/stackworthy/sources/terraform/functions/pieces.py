"""Texts of which only pieces are known, piece by piece."""

from __future__ import annotations

from collections.abc import Callable

from stackworthy.core.value import NotKnown, Partial, Piece, Reference, Unknown, Value, joined, show
from stackworthy.sources.terraform.conversions import reason_of
from stackworthy.sources.terraform.functions.contract import Failure, invalid


def pieces_of(value: Value) -> tuple[Piece, ...]:
    """The pieces of a string, known or not."""
    return value.pieces if isinstance(value, Partial) else (value,)


def expression_of(piece: Unknown | Reference | Partial) -> str:
    """What is not known in the words of an expression."""
    if isinstance(piece, Partial):
        return repr(piece.show())
    return piece.expression if isinstance(piece, Unknown) else show(piece)[2:-1]


def made_of(function: str, piece: Unknown | Reference | Partial, *arguments: object) -> Unknown:
    """What a function makes of a piece that is not known, with its other arguments."""
    shown = "".join(f", {argument!r}" for argument in arguments)
    return Unknown(reason_of(piece), f"{function}({expression_of(piece)}{shown})")


def each_piece(function: str, value: Value, change: Callable[[str], str], *arguments: object) -> Value:
    """The text with its known pieces changed, for a change that looks at each character alone."""
    if isinstance(value, str):
        return change(value)
    return joined(
        change(piece) if isinstance(piece, str) else made_of(function, piece, *arguments)
        for piece in pieces_of(value)
    )


def known_text(value: Value) -> str:
    """The text; raises `NotKnown` unless all of it is known."""
    if isinstance(value, str):
        return value
    raise NotKnown(reason_of(value))


def whole(value: Value) -> int:
    """The number as an `int`; raises `Failure` unless it is whole (of 64 bits), and `NotKnown` unless it is known."""
    if isinstance(value, (Unknown, Reference)):
        raise NotKnown(reason_of(value))
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(number, int) or not -(1 << 63) <= number < 1 << 63:
        raise Failure("value must be a whole number, between -9223372036854775808 and 9223372036854775807")
    return number


def whole_argument(parameter: str, value: Value, prefix: str = "") -> int:
    """The same, but blaming the argument."""
    try:
        return whole(value)
    except Failure as error:
        raise invalid(parameter, f"{prefix}{error}") from None
