"""Documents inside properties: policies and state machines, written as a map or as JSON text with holes in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    joined,
)

MAX_TEXT = 4_000_000
MAX_DEPTH = 100

_FIRST, _LAST = 0xE000, 0xF8FF  # a private-use character stands for each hole while the JSON is parsed
_HOLE = re.compile("([\ue000-\uf8ff])")
_LOOSE_COMMA = re.compile(r",(?=\s{0,1000}[}\]])")
_QUOTES = re.compile(r'\\.|"', re.DOTALL)
_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def document(value: Value, substitutions: Mapping[str, Value] | None = None) -> Value:
    """The map that a document stands for; `Unknown` with the reason when it is not known or no JSON; `ABSENT` when absent.

    `substitutions` are put in for `${name}`, as a state machine's `DefinitionSubstitutions` are. Known parts of a text
    are read though other parts are not: a hole in a string makes that string partial, a hole elsewhere that value unknown.
    """
    if isinstance(value, (Map, List)):
        return _substituted(value, substitutions, 0) if substitutions else value
    if isinstance(value, str) or (isinstance(value, Partial) and len(value.pieces) < _LAST - _FIRST):
        return _parsed(_pieces(value, substitutions))
    if isinstance(value, (Unknown, Reference)) or value is ABSENT:
        return value
    return Unknown("the document is neither a map nor JSON text")


def read_json(text: str) -> Any:
    """The structure of a JSON text; a comma before a closing bracket, which services refuse, hides nothing. Raises `ValueError`."""
    try:
        return json.loads(text, strict=False)
    except ValueError:
        if not _LOOSE_COMMA.search(text):
            raise
        return json.loads(_LOOSE_COMMA.sub("", text), strict=False)


def _pieces(value: str | Partial, substitutions: Mapping[str, Value] | None) -> list[Value]:
    pieces: list[Value] = list(value.pieces) if isinstance(value, Partial) else [value]
    if not substitutions:
        return pieces
    filled: list[Value] = []
    for piece in pieces:
        if not isinstance(piece, str):
            filled.append(piece)
            continue
        for part in _filled(piece, substitutions):
            filled.extend(part.pieces if isinstance(part, Partial) else (part,))
    return filled


def _filled(text: str, substitutions: Mapping[str, Value]) -> list[Value]:
    """The text in parts, with what stands for each `${name}` that has a substitution."""
    parts: list[Value] = []
    for index, part in enumerate(_SUBSTITUTION.split(text)):
        if index % 2 == 0:
            parts.append(part)
        else:
            parts.append(substitutions.get(part, "${" + part + "}"))
    return parts


def _substituted(value: Value, substitutions: Mapping[str, Value], depth: int) -> Value:
    if depth > MAX_DEPTH:
        return Unknown(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        return joined(_filled(value, substitutions)) if "${" in value else value
    if isinstance(value, OpenMap):
        known = [(key, _substituted(item, substitutions, depth + 1)) for key, item in value.known.items()]
        return OpenMap(known, value.rest)
    if isinstance(value, Map):
        return Map({key: _substituted(item, substitutions, depth + 1) for key, item in value.items()})
    if isinstance(value, OpenList):
        return OpenList([_substituted(item, substitutions, depth + 1) for item in value.known], value.rest)
    if isinstance(value, List):
        return List(_substituted(item, substitutions, depth + 1) for item in value)
    return value


def _parsed(pieces: list[Value]) -> Value:
    text: list[str] = []
    quoted = False
    size = 0
    for index, piece in enumerate(pieces):
        if isinstance(piece, (bool, int, float)):
            piece = json.dumps(piece)
        if isinstance(piece, str):
            size += len(piece)
            if size > MAX_TEXT:
                return Unknown(f"the document is longer than {MAX_TEXT:,} characters")
            for mark in _QUOTES.findall(piece) if len(pieces) > 1 else ():
                quoted = not quoted if mark == '"' else quoted
            text.append(piece)
        else:
            hole = chr(_FIRST + index)
            text.append(hole if quoted else f'"{hole}"')
    whole = "".join(text)
    holes = pieces if len(pieces) > 1 or not isinstance(pieces[0], str) else ()
    if holes and len(_HOLE.findall(whole)) > len(holes):
        return Unknown("the document holds characters that no JSON of AWS holds")
    try:
        return _value(read_json(whole), holes, 0)
    except RecursionError:
        return Unknown(f"nested deeper than {MAX_DEPTH} levels")
    except ValueError as error:
        return Unknown(f"the document is no JSON: {error}")


def _value(node: Any, holes: list[Value] | tuple[()], depth: int) -> Value:
    if depth > MAX_DEPTH:
        return Unknown(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(node, dict):
        return Map({key: _value(item, holes, depth + 1) for key, item in node.items()})
    if isinstance(node, list):
        return List(_value(item, holes, depth + 1) for item in node)
    if isinstance(node, str) and holes and not node.isascii():
        parts = _HOLE.split(node)  # texts, and between them the holes
        return joined(
            holes[ord(part) - _FIRST] if index % 2 and ord(part) - _FIRST < len(holes) else part
            for index, part in enumerate(parts)
        )
    return ABSENT if node is None else node
