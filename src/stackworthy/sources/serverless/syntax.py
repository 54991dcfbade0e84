"""The syntax of the framework's variables: `${type(parameter, …):address, fallback, …}`, nested, inside any text.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

MAX_NESTED = 20
MAX_VARIABLES = 1_000
MAX_CACHED = 10_000

_TYPE = re.compile(r"([a-z][a-zA-Z0-9.-]*)\s*")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


class Literal(msgspec.Struct, frozen=True):
    """A fallback that is a value itself."""

    value: Any


class Source(msgspec.Struct, frozen=True):
    """One place to look: `self:custom.a` or `file(./x.yml):key`. Address and parameters may hold variables themselves."""

    type: str
    parameters: tuple[Pieces, ...] = ()
    address: Pieces | None = None


class Variable(msgspec.Struct, frozen=True):
    """What stands between `${` and `}`: sources, of which the first that has a value counts. `text` is how it was written."""

    sources: tuple[Source | Literal, ...]
    text: str


Pieces = tuple[str | Variable, ...]
"""A text cut into what stands for itself and its variables."""


def pieces(text: str) -> Pieces:
    """The pieces of a text; one piece, the text itself, when it holds no variable or is not well-formed."""
    if "${" not in text:
        return (text,)
    return _pieces(text) if len(text) <= MAX_CACHED else _Parser(text).pieces()


@lru_cache(maxsize=4096)
def _pieces(text: str) -> Pieces:
    return _Parser(text).pieces()


class _Malformed(Exception):
    """What began like a variable is none."""


class _Parser:
    """Parses one text. Each place is tried once, so that time stays bounded for what never ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known: dict[int, tuple[Variable, int] | None] = {}

    def pieces(self) -> Pieces:
        if self.text.count("${") > MAX_VARIABLES:
            return (self.text,)
        found: list[str | Variable] = []
        plain = position = 0
        while (start := self.text.find("${", position)) >= 0:
            if start and self.text[start - 1] == "\\":
                found.append(self.text[plain : start - 1])
                plain, position = start, start + 2
                continue
            variable = self.variable(start, 0)
            if variable is None:
                position = start + 2
                continue
            found += [self.text[plain:start], variable[0]]
            plain = position = variable[1]
        found.append(self.text[plain:])
        return _joined(found)

    def variable(self, start: int, depth: int) -> tuple[Variable, int] | None:
        """The variable that begins at `${` and the index after it; None for a text of another language, such as `${AWS::Region}`."""
        if start not in self.known:
            try:
                self.known[start] = self._variable(start, depth)
            except _Malformed:
                self.known[start] = None
        return self.known[start]

    def _variable(self, start: int, depth: int) -> tuple[Variable, int]:
        if depth > MAX_NESTED:
            raise _Malformed
        sources: list[Source | Literal] = []
        position = start + 2
        while True:
            source, position = self._source(position, depth, first=not sources)
            sources.append(source)
            position = self._blank(position)
            mark = self._at(position)
            position += 1
            if mark == "}":
                return Variable(tuple(sources), self.text[start:position]), position
            if mark != ",":
                raise _Malformed

    def _source(self, position: int, depth: int, *, first: bool) -> tuple[Source | Literal, int]:
        if not first:
            position = self._blank(position)
            literal = self._literal(position)
            if literal is not None:
                return literal
        kind = _TYPE.match(self.text, position)
        if kind is None:
            raise _Malformed
        position = kind.end()
        parameters: tuple[Pieces, ...] = ()
        if self._at(position) == "(":
            parameters, position = self._parameters(position + 1, depth)
        elif self._at(position) != ":" or self._at(position + 1) == ":":
            if first or self._at(position) not in (",", "}"):
                raise _Malformed
            return Literal(kind.group(1)), position
        address: Pieces | None = None
        if self._at(position) == ":":
            address, position = self._part(self._blank(position + 1), depth, ",}")
        return Source(kind.group(1), parameters, address), position

    def _literal(self, position: int) -> tuple[Literal, int] | None:
        mark = self._at(position)
        if mark in ("'", '"'):
            end = self.text.find(mark, position + 1)
            if end < 0:
                raise _Malformed
            return Literal(self.text[position + 1 : end]), end + 1
        end = position
        while self._at(end) not in ("", ",", "}", ":", "(", "$"):
            end += 1
        word = self.text[position:end].strip()
        if self._at(end) in (",", "}") and (word in _WORDS or _NUMBER.fullmatch(word)):
            return Literal(_WORDS[word] if word in _WORDS else _number(word)), end
        return None

    def _parameters(self, position: int, depth: int) -> tuple[tuple[Pieces, ...], int]:
        found: list[Pieces] = []
        while True:
            part, position = self._part(self._blank(position), depth, ",)")
            found.append(part)
            if self._at(position) == ")":
                return tuple(found), self._blank(position + 1)
            position += 1

    def _part(self, position: int, depth: int, ends: str) -> tuple[Pieces, int]:
        """A parameter or an address, quoted or not, up to one of the marks that end it."""
        mark = self._at(position)
        if mark in ("'", '"') and (end := self.text.find(mark, position + 1)) >= 0:
            after = self._blank(end + 1)
            if self._at(after) in tuple(ends):
                return (self.text[position + 1 : end],), after
        found: list[str | Variable] = []
        plain = position
        while (mark := self._at(position)) not in tuple(ends):
            nested = self.variable(position, depth + 1) if self.text.startswith("${", position) else None
            if not mark:
                raise _Malformed
            if nested is None:
                position += 1
                continue
            found += [self.text[plain:position], nested[0]]
            plain = position = nested[1]
        found.append(self.text[plain:position].rstrip())
        return _joined(found), position

    def _at(self, position: int) -> str:
        return self.text[position : position + 1]

    def _blank(self, position: int) -> int:
        while self._at(position) in (" ", "\n"):
            position += 1
        return position


def _joined(found: list[str | Variable]) -> Pieces:
    return tuple(piece for piece in found if piece != "") or ("",)


def _number(word: str) -> int | float:
    return float(word) if "." in word else int(word[:40])
