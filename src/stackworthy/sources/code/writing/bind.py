"""Sends values apart from the SQL that they stand in, where the query is one text with whole values between its words."""

from __future__ import annotations

import re
from typing import NamedTuple

from stackworthy.core.code import Assign, Attribute, Call, Literal, Name, Node, Operation, Template, dotted
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code.writing.source import Source

_MARKS = {
    "psycopg2": "%s",
    "psycopg": "%s",
    "pymysql": "%s",
    "MySQLdb": "%s",
    "mysql.connector": "%s",
    "sqlite3": "?",
    "pg": "$",
    "mysql": "?",
    "mysql2": "?",
    "mysql2/promise": "?",
}
"""How each driver marks a parameter; "$" stands for $1, $2 and so on."""
_BEFORE_VALUE = re.compile(
    r"(?:=|<|>|<>|!=|<=|>=|\blike|\bilike|\bvalues\s*\([^()]*|,|\()\s*'?$", re.IGNORECASE
)
_NO_VALUE = re.compile(
    r"\bin\s*\(\s*'?$|\b(?:order|group)\s+by\b[^;]*$|\binsert\s+into[^()]*\([^()]*$", re.IGNORECASE
)
_BY_HAND = "pass the values as parameters, apart from the query"


class _Piece(NamedTuple):
    """A part of the query: words of it, or a value."""

    words: str
    value: Node | None


def bind(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Mark each value of the query, and hand the values over as parameters; raises `CannotWrite`."""
    source = Source(workspace, change)
    call = source.at(Call)
    mark = _mark(source)
    if not isinstance(call.callee, Attribute) or len(call.arguments) != 1 or call.keywords:
        raise CannotWrite("the query has parameters already, or options", _BY_HAND)
    text, query = _query(source, call)
    pieces = _pieces(source, query)
    values = [piece.value for piece in pieces if piece.value is not None]
    words = _marked(pieces, mark)
    if not values:
        raise CannotWrite("no value stands in the query", _BY_HAND)
    opening = _quotes(source, query, words)
    given = ", ".join(source.of(value) for value in values)
    if source.python:
        handed = f"({given},)" if len(values) == 1 else f"({given})"
    else:
        handed = f"[{given}]"
    marked = source.splice(text.start, text.end, f"{opening}{words}{opening}".encode())
    return [marked, source.argument(call, handed)]


def _quotes(source: Source, query: Node, words: str) -> str:
    """What the text stands between: the quotes that it has where it goes over several lines, else plain ones."""
    written = source.of(query)
    if "\\" in words or "\r" in written:
        raise CannotWrite("the query is written with escapes", _BY_HAND)
    if "\n" in words:
        found = re.match(r"[fF]?(\"\"\"|\'\'\'|`)", written)
        if found is None or not isinstance(query, Template) or found[1] in words or "${" in words:
            raise CannotWrite("the query goes over several lines in parts", _BY_HAND)
        return found[1]
    if "'" in words and '"' in words:
        raise CannotWrite("the query holds quotes of both kinds", _BY_HAND)
    if "'" in words:
        return '"'
    return "'" if '"' in words else source.quoted("")[0]


def _mark(source: Source) -> str:
    """What the one driver that the file's package loads writes for a parameter."""
    units = source.handler.program.units.values()
    modules = {item.module for unit in units for item in unit.module.imports}
    found = {mark for module, mark in _MARKS.items() if module in modules}
    if len(found) != 1:
        raise CannotWrite("the driver of the database cannot be told", _BY_HAND)
    return found.pop()


def _query(source: Source, call: Call) -> tuple[Node, Node]:
    """The text that is run: in the call itself, or in a variable that only this call uses."""
    query = call.arguments[0]
    if not isinstance(query, Name):
        return query, query
    scope = source.scope(call)
    values = scope.bindings.get(query.id, [])
    uses = [node for node in scope.all(Name) if node.id == query.id]
    if len(values) != 1 or isinstance(values[0], Assign) or len(uses) > 2:
        raise CannotWrite(f"{query.id} is put together in several steps, or used elsewhere", _BY_HAND)
    return values[0], values[0]


def _pieces(source: Source, query: Node) -> list[_Piece]:
    parts: list[Node]
    if isinstance(query, Template):
        parts = list(query.pieces)
        text = source.of(query)
        if ":" in "".join(re.findall(r"\{[^{}]*\}", text)) and source.python:
            raise CannotWrite("a value of the query is formatted", _BY_HAND)
        if source.python and not re.match(r"[fF][\"']", text):
            raise CannotWrite("the query is no plain text", _BY_HAND)
    elif isinstance(query, Operation) and query.operator == "+":
        parts = _flat(query)
    else:
        raise CannotWrite("the query is not put together in one place", _BY_HAND)
    pieces = []
    for part in parts:
        if isinstance(part, Literal) and isinstance(part.value, str):
            pieces.append(_Piece(part.value, None))
        elif isinstance(part, (Template, Operation)):
            raise CannotWrite("a part of the query is worked out", _BY_HAND)
        else:
            pieces.append(_Piece("", _whole(part)))
    return pieces


def _flat(node: Node) -> list[Node]:
    if isinstance(node, Operation) and node.operator == "+":
        return [item for operand in node.operands for item in _flat(operand)]
    return [node]


def _whole(node: Node) -> Node:
    """What was made a text only to be put into the query is sent as it is."""
    plain = isinstance(node, Call) and isinstance(node.callee, Name) and len(node.arguments) == 1
    if plain and isinstance(node, Call) and dotted(node.callee) in ("str", "String"):
        return node.arguments[0]
    return node


def _marked(pieces: list[_Piece], mark: str) -> str:
    """The words with a mark for each value, without the quotes that stood around it."""
    words = ""
    number = 0
    closes = False
    for piece in pieces:
        if piece.value is None:
            text = piece.words
            if closes:
                if not text.startswith("'"):
                    raise CannotWrite("a value is a part of a text in the query", _BY_HAND)
                text = text[1:]
                closes = False
            if mark == "%s":
                text = text.replace("%", "%%")
            words += text
            continue
        if closes or not _BEFORE_VALUE.search(words) or _NO_VALUE.search(words):
            raise CannotWrite(
                "a value stands where SQL takes no parameter", "let the code choose from a list of names"
            )
        closes = words.endswith("'")
        words = words.removesuffix("'")
        number += 1
        words += f"${number}" if mark == "$" else mark
    if closes:
        raise CannotWrite("a value is a part of a text in the query", _BY_HAND)
    return words
