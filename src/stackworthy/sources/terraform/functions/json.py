"""`jsonencode` and `jsondecode`, which keep the structure of a document whose parts are not all known.

Source: https://developer.hashicorp.com/terraform/language/functions/jsonencode
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NoReturn

from stackworthy.core.value import (
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Partial,
    Piece,
    Reference,
    Unknown,
    Value,
)
from stackworthy.sources.terraform.bounds import check_text
from stackworthy.sources.terraform.conversions import (
    cause_of,
    first_unknown,
    length_of,
    normalize,
    reason_of,
)
from stackworthy.sources.terraform.functions.contract import Failure, FunctionError
from stackworthy.sources.terraform.functions.pieces import made_of
from stackworthy.sources.terraform.functions.placeholders import Placeholders
from stackworthy.sources.terraform.numbers import number_text, parse_number
from stackworthy.sources.terraform.types import Encoded, EncodedJson, ScatteredList, TfSet

_ESCAPED = re.compile('["\\\\\x00-\x1f<>&\u2028\u2029]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", text)


def json_pieces(value: Value) -> list[Piece]:
    """The JSON text of the value in pieces; what is not known is a piece of its own, quotes included."""
    pieces: list[Piece] = []
    _encode(value, pieces)
    merged: list[Piece] = []
    run: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            run.append(piece)
            continue
        if run:
            merged.append("".join(run))
            run = []
        merged.append(piece)
    if run or not merged:
        merged.append("".join(run))
    check_text(sum(len(piece) for piece in merged if isinstance(piece, str)))
    return merged


def _encode(value: Value, pieces: list[Piece]) -> None:
    if isinstance(value, str):
        pieces.append(f'"{_escape(value)}"')
    elif value is None:
        pieces.append("null")
    elif isinstance(value, bool):
        pieces.append("true" if value else "false")
    elif isinstance(value, (int, float)):
        pieces.append(_number(value))
    elif isinstance(value, Partial):
        pieces.append('"')
        pieces += (_escape(piece) if isinstance(piece, str) else piece for piece in value.pieces)
        pieces.append('"')
    elif isinstance(value, dict):
        _encode_map(value, pieces)
    elif isinstance(value, list):
        _encode_list(value, pieces)
    elif isinstance(value, Reference):
        pieces.append(value)
    else:
        pieces.append(made_of("jsonencode", value))


def _number(value: int | float) -> str:
    if abs(value) == float("inf"):
        raise FunctionError("infinity cannot be written as JSON")
    return number_text(value)


def _encode_map(value: dict[str, Value], pieces: list[Piece]) -> None:
    if isinstance(value, OpenMap):
        pieces += ("{", made_of("jsonencode", value.rest), "}")
        return
    pieces.append("{")
    for index, key in enumerate(sorted(dict.keys(value))):
        pieces.append(f'{"," if index else ""}"{_escape(key)}":')
        _encode(value[key], pieces)
    pieces.append("}")


def _encode_list(value: list[Value], pieces: list[Piece]) -> None:
    if isinstance(value, TfSet) and length_of(value) is None:
        pieces.append(made_of("jsonencode", cause_of(value)))
        return
    pieces.append("[")
    for index, item in enumerate(() if isinstance(value, ScatteredList) else list.__iter__(value)):
        if index:
            pieces.append(",")
        _encode(item, pieces)
    if isinstance(value, OpenList):
        pieces.append(made_of("jsonencode", value.rest))
    pieces.append("]")


def jsonencode(value: Value) -> Value:
    """`jsonencode(val)`: a `str`, or an `EncodedJson` with the structure when parts of it are not known."""
    pieces = json_pieces(value)
    if first_unknown(value) is None:
        return pieces[0]
    return EncodedJson(tuple(pieces), value)


def plain(value: Value) -> Value:
    """The structure as decoding gives it back: tuples and objects only."""
    if isinstance(value, OpenList):
        return type(value)((plain(item) for item in value.known), value.rest)
    if isinstance(value, OpenMap):
        return OpenMap(((key, plain(item)) for key, item in value.known.items()), value.rest)
    if isinstance(value, dict):
        return Map((key, plain(item)) for key, item in value.items())
    if isinstance(value, list):
        return List(plain(item) for item in value)
    return value


def jsondecode(text: Value) -> Value:
    """`jsondecode(str)`.

    In a text with unknown pieces, a piece between quotes is taken not to close them, and one that stands for a value to be a
    whole value; where that cannot be, the answer is unknown.
    """
    if isinstance(text, Encoded):
        return plain(text.value)
    if isinstance(text, str):
        return _Decoder(text, None).decode()
    if not isinstance(text, Partial):
        raise NotKnown(reason_of(text))
    placeholders = Placeholders(text)
    try:
        return _Decoder(placeholders.inside_json(), placeholders).decode()
    except Failure:
        raise NotKnown(text.reason) from None


class _Decoder:
    def __init__(self, text: str, placeholders: Placeholders | None) -> None:
        self.text = text
        self.placeholders = placeholders

    def decode(self) -> Value:
        try:
            raw = json.loads(
                self.text,
                parse_float=parse_number,
                parse_int=parse_number,
                parse_constant=self._constant,
                object_pairs_hook=self._object,
            )
        except json.JSONDecodeError as error:
            raise Failure(_worded(error)) from None
        return self._value(raw)

    def _constant(self, name: str) -> NoReturn:
        character = name.lstrip("-")[0]
        message = (
            "invalid character 'I' in numeric literal"
            if name.startswith("-")
            else f"invalid character '{character}' looking for beginning of value"
        )
        raise Failure(message)

    def _string(self, text: str) -> Value:
        if not text.isascii():
            text = normalize(_SURROGATE.sub("\ufffd", text))
        return text if self.placeholders is None else self.placeholders.restored(text)

    def _object(self, pairs: list[tuple[str, Value]]) -> Map:
        rest: Unknown | None = None
        made: dict[str, Value] = {}
        for key, item in pairs:
            name = self._string(key)
            if isinstance(name, str):
                made[name] = self._value(item)
            else:
                rest = cause_of(name)
        return Map(made) if rest is None else OpenMap(made.items(), rest)

    def _value(self, raw: Value) -> Value:
        if isinstance(raw, str):
            return self._string(raw)
        if type(raw) is not list:
            return raw
        items: list[Value] = []
        rest: Unknown | None = None
        for item in raw:
            value = self._value(item)
            bare = self.placeholders is not None and isinstance(item, str) and self.placeholders.is_bare(item)
            if bare and isinstance(value, Unknown):
                rest = rest or value
            else:
                items.append(value)
        return List(items) if rest is None else ScatteredList(items, rest)


def _worded(error: json.JSONDecodeError) -> str:
    """The mistake in the words of Go's decoder."""
    text = error.doc
    if not text.strip(" \t\r\n"):
        return "EOF"
    if error.msg == "Extra data":
        return "extraneous data after JSON object"
    if error.msg.startswith("Invalid control"):
        return f"invalid character '{_shown(text[error.pos])}' in string literal"
    position = error.pos
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    if "Unterminated string" in error.msg or position >= len(text) or _is_cut(text[position:]):
        return "EOF" if position >= len(text) else "unexpected EOF"
    character = "'\\''" if text[position] == "'" else f"'{text[position].encode()[:1].decode('latin-1')}'"
    if error.msg.startswith("Expecting property name") and text[position] != "}":
        return f"invalid character {character}"
    where = _PLACES.get(error.msg, "looking for beginning of value")
    if error.msg.startswith("Expecting ',' delimiter"):
        where = "after array element" if _in_array(text, position) else "after object key:value pair"
    if error.msg.startswith("Invalid \\"):
        return f"invalid character '{_shown(text[min(position + 1, len(text) - 1)])}' in string escape code"
    return _broken_literal(text[position:]) or f"invalid character {character} {where}"


_PLACES = {
    "Expecting ':' delimiter": "after object key",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
}


def _broken_literal(text: str) -> str:
    for word in ("true", "false", "null"):
        same = next(
            (index for index, (one, other) in enumerate(zip(word, text, strict=False)) if one != other), 4
        )
        if 0 < same < len(word):
            return f"invalid character '{text[same]}' in literal {word} (expecting '{word[same]}')"
    return ""


def _shown(character: str) -> str:
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character, character)


def _is_cut(text: str) -> bool:
    return any(word.startswith(text) and word != text for word in ("true", "false", "null"))


def _in_array(text: str, position: int) -> bool:
    depth: list[str] = []
    for match in re.finditer(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', text[:position]):
        if match[0] in "[{":
            depth.append(match[0])
        elif match[0] in "]}" and depth:
            depth.pop()
    return bool(depth) and depth[-1] == "["


TABLE: dict[str, Callable[..., Value]] = {"jsondecode": jsondecode, "jsonencode": jsonencode}
