"""`format` and `formatlist`: Go's verbs as Terraform supports them.

Source: https://developer.hashicorp.com/terraform/language/functions/format
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stackworthy.core.value import (
    NotKnown,
    OpenList,
    Unknown,
    Value,
    joined,
    show,
)
from stackworthy.sources.terraform.bounds import check_elements, check_text
from stackworthy.sources.terraform.conversions import (
    ConversionError,
    cause_of,
    first_unknown,
    length_of,
    reason_of,
    to_bool,
    to_number,
    to_string,
)
from stackworthy.sources.terraform.functions.contract import Failure, FunctionError, invalid
from stackworthy.sources.terraform.functions.formats import general, padded_float, padded_integer
from stackworthy.sources.terraform.functions.graphemes import clusters
from stackworthy.sources.terraform.functions.json import json_pieces
from stackworthy.sources.terraform.types import TfList

_VERB = re.compile(
    r"%(?P<flags>[-+ #0]*)(?:\[(?P<index>[1-9][0-9]{0,5})\])?(?P<width>[1-9][0-9]{0,9})?(?:\.(?P<precision>[0-9]{0,9}))?"
    r"(?P<mode>[a-zA-Z])"
)


@dataclass(slots=True)
class _Verb:
    raw: str
    offset: int
    flags: str
    width: int
    precision: int | None
    mode: str
    argument: int


class _Unsupported(Exception):
    """A verb cannot format its argument."""


def _parse(template: str) -> list[str | _Verb]:
    """The literal texts and verbs of the format string; raises `_Unsupported` as Terraform words it."""
    parts: list[str | _Verb] = []
    position, following = 0, 1
    while True:
        start = template.find("%", position)
        if start < 0:
            parts.append(template[position:])
            return parts
        parts.append(template[position:start])
        if template.startswith("%%", start):
            parts.append("%")
            position = start + 2
            continue
        match = _VERB.match(template, start)
        if match is None:
            raise _Unsupported(_syntax_error(template, start))
        number = int(match["index"]) if match["index"] else following
        following = number + 1
        precision = None if match["precision"] is None else int(match["precision"] or 0)
        width = int(match["width"] or 0)
        check_text(max(width, precision or 0))
        offset = len(template[:start].encode())
        parts.append(_Verb(match[0], offset, match["flags"], width, precision, match["mode"], number))
        position = match.end()


def _syntax_error(template: str, start: int) -> str:
    rest = template[start + 1 :]
    allowed = re.compile(r"[-+ #0]*(?:\[(?:[1-9][0-9]*\]?)?)?(?:[1-9][0-9]*)?(?:\.[0-9]*)?")
    match = allowed.match(rest)
    stop = start + 1 + (match.end() if match else 0)
    offset = len(template[:stop].encode())
    if stop >= len(template):
        return f"invalid format string starting at offset {offset}"
    return f"unrecognized format character '{template[stop]}' at offset {offset}"


def _formatted(parts: list[str | _Verb], args: list[Value], in_list: bool = False) -> Value:
    pieces: list[Value] = []
    size = 0
    for part in parts:
        made = [part] if isinstance(part, str) else _piece(part, args, in_list)
        size += sum(len(piece) for piece in made if isinstance(piece, str))
        check_text(size)
        pieces += made
    return joined(pieces)


def _piece(verb: _Verb, args: list[Value], in_list: bool) -> list[Value]:
    if verb.argument > len(args):
        raise _Unsupported(
            f'not enough arguments for "{verb.raw}" at {verb.offset}: need index {verb.argument} '
            f"but have {len(args)} total"
        )
    value = args[verb.argument - 1]
    if value is None:
        if in_list:
            raise _unsupported(verb, "null value cannot be formatted")
        raise NotKnown("null is formatted")
    if verb.mode not in "vtbdoxXeEfgGsq":
        raise _Unsupported(f"unsupported format verb '{verb.mode}' in \"{verb.raw}\" at offset {verb.offset}")
    if first_unknown(value) is not None:
        return _unknown_piece(verb, value)
    try:
        return [_known_piece(verb, value)]
    except ConversionError as error:
        raise _unsupported(verb, error.plain) from None


def _unsupported(verb: _Verb, message: str) -> _Unsupported:
    return _Unsupported(f'unsupported value for "{verb.raw}" at {verb.offset}: {message}')


def _unknown_piece(verb: _Verb, value: Value) -> list[Value]:
    plain = not verb.width and verb.precision is None
    if isinstance(value, (list, dict)):
        if verb.mode != "v":
            raise _unsupported(verb, "string required" if verb.mode in "sq" else "number required")
        if plain:
            return json_pieces(value)
    elif plain and not verb.flags and verb.mode in "svd":
        return [value]
    return [Unknown(reason_of(value), f'format("{verb.raw}", {show(value)})')]


def _known_piece(verb: _Verb, value: Value) -> str:
    mode = verb.mode
    if mode == "v":
        return _padded(verb, _as_is(verb, value))
    if mode == "t":
        return "true" if to_bool(value) else "false"
    if mode in "sq":
        text = to_string(value)
        if verb.precision:
            text = "".join(clusters(text)[: verb.precision])
        return _padded(verb, text if mode == "s" else "".join(map(str, json_pieces(text))))
    number = to_number(value)
    if mode in "eEfgG":
        return padded_float(number, mode, verb.flags, verb.width, verb.precision)
    if isinstance(number, float) and not number.is_integer():
        raise _unsupported(verb, "an integer is required")
    return padded_integer(int(number), mode, verb.flags, verb.width, verb.precision)


def _as_is(verb: _Verb, value: Value) -> str:
    if "#" not in verb.flags:
        if isinstance(value, str):
            return value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return general(value)
    return "".join(str(piece) for piece in json_pieces(value))


def _padded(verb: _Verb, text: str) -> str:
    missing = verb.width - len(clusters(text)) if verb.width else 0
    if missing <= 0:
        return text
    padding = ("0" if "0" in verb.flags and "-" not in verb.flags else " ") * missing
    return text + padding if "-" in verb.flags else padding + text


def _check_used(parts: list[str | _Verb], args: list[Value]) -> None:
    used = max((part.argument for part in parts if isinstance(part, _Verb)), default=0)
    if used < len(args):
        detail = f"only {used} used by format string" if used else "no verbs in format string"
        raise invalid("args", f"too many arguments; {detail}")


def _known_template(template: Value) -> str:
    if not isinstance(template, str):
        raise NotKnown(reason_of(template))
    return template


def format_(template: Value, *args: Value) -> Value:
    """`format(template, args...)`; arguments that are not known become pieces of a `Partial`."""
    try:
        parts = _parse(_known_template(template))
        made = _formatted(parts, list(args))
    except _Unsupported as error:
        raise Failure(str(error)) from None
    _check_used(parts, list(args))
    return made


def formatlist(template: Value, *args: Value) -> Value:
    """`formatlist(template, args...)`: one text per element of the lists among the arguments, which must be equally long."""
    text = _known_template(template)
    if any(value is None for value in args):
        raise NotKnown("null is formatted")
    length = _list_length(args)
    opened = [value for value in args if isinstance(value, OpenList)]
    if length is None and opened:
        return _format_open(text, args, opened)
    if length is None and any(isinstance(value, Unknown) for value in args):
        raise NotKnown(next(reason_of(value) for value in args if isinstance(value, Unknown)))
    try:
        parts = _parse(text)
    except _Unsupported as error:
        raise Failure(str(error)) from None
    count = 1 if length is None else length
    check_elements(count)
    made = TfList()
    size = 0
    for index in range(count):
        made.append(_row(parts, [_at(value, index) for value in args], index))
        size += len(made[-1]) if isinstance(made[-1], str) else 0
        check_text(size)
    return made


def _row(parts: list[str | _Verb], row: list[Value], index: int) -> Value:
    try:
        made = _formatted(parts, row, in_list=True)
        _check_used(parts, row)
    except _Unsupported as error:
        raise Failure(f"error on format iteration {index}: {error}") from None
    except FunctionError as error:
        message = str(error).partition(": ")[2]
        raise Failure(f"error on format iteration {index}: {message[:-1]}") from None
    return made


def _list_length(args: tuple[Value, ...]) -> int | None:
    length, first = None, 0
    for index, value in enumerate(args):
        if not isinstance(value, list) or isinstance(value, OpenList):
            continue
        this = length_of(value)
        if this is None:
            raise NotKnown(reason_of(value))
        if length is not None and this != length:
            raise invalid(
                "args",
                f"argument {index + 1} has length {this}, which is inconsistent with argument {first + 1} "
                f"of length {length}",
            )
        length, first = this, index if length is None else first
    return length


def _at(value: Value, index: int) -> Value:
    if isinstance(value, OpenList):
        cause = cause_of(value)
        return Unknown(cause.reason, f"{cause.expression}[{index}]")
    return value[index] if isinstance(value, list) else value


def _format_open(template: str, args: tuple[Value, ...], opened: list[OpenList]) -> Value:
    if len(opened) > 1 or any(isinstance(value, Unknown) for value in args):
        raise NotKnown(reason_of(opened[0]))
    rows = [
        format_(template, *(item if value is opened[0] else value for value in args))
        for item in opened[0].known
    ]
    return type(opened[0])(rows, opened[0].rest)


TABLE = {"format": format_, "formatlist": formatlist}
