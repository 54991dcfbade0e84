"""Dynamic references: `{{resolve:ssm:/path}}` stands for a value that CloudFormation reads at deployment.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackworthy.core.value import Partial, Unknown, Value, joined, show

_OPENING = "{{resolve:"
_REFERENCE = re.compile(r"\{\{resolve:([a-zA-Z-]+):[^{}]*\}\}")
_HOLE = "\0"
_SOURCES = {
    "ssm": "Parameter Store",
    "ssm-secure": "Parameter Store (secure)",
    "secretsmanager": "Secrets Manager",
}


def with_dynamic_references(value: Value) -> Value:
    """The text with each dynamic reference in it unknown, also one made of parts that are not known (`{{resolve:ssm:/${Stage}/key}}`)."""
    if isinstance(value, str):
        return _without_references([value]) if _OPENING in value else value
    if isinstance(value, Partial):
        pieces = list(value.pieces)
        if any(isinstance(piece, str) and _OPENING in piece for piece in pieces):
            return _without_references(pieces)
    return value


def _without_references(pieces: list[Value]) -> Value:
    holes = iter([piece for piece in pieces if not isinstance(piece, str)])
    text = "".join(piece.replace(_HOLE, "") if isinstance(piece, str) else _HOLE for piece in pieces)
    made: list[Value] = []
    position = 0
    for found in _REFERENCE.finditer(text):
        made.extend(_filled(text[position : found.start()], holes))
        expression = "".join(show(part) for part in _filled(found.group(0), holes))
        source = _SOURCES.get(found.group(1), found.group(1))
        made.append(Unknown(f"read from {source} at deployment", expression, stated=True))
        position = found.end()
    made.extend(_filled(text[position:], holes))
    return joined(made)


def _filled(text: str, holes: Iterator[Value]) -> Iterator[Value]:
    """The parts of a text, with the pieces that stand for its holes between them."""
    first, *others = text.split(_HOLE)
    yield first
    for other in others:
        yield next(holes)
        yield other
