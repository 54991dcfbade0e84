"""JSON templates: fast reading without positions, and the places of routes when somebody wants to see a line."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgspec

from stackworthy.core.origin import Route, Span
from stackworthy.sources.cloudformation.text import BOM, Malformed, Text, decoded
from stackworthy.sources.cloudformation.yaml_text import MAX_DEPTH, Note

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKEN = re.compile(_STRING + r'|[{}\[\]]|[^\s,:{}\[\]"]+', re.DOTALL)
_BRACKET = re.compile(_STRING + r"|[{}\[\]]", re.DOTALL)
_KEY = re.compile(rb'(?<!\\)"\s*:')
_BYTE = re.compile(r" *\(byte (\d+)\)")
_TOO_DEEP = "no template needs that depth"


def read(content: bytes) -> Any:
    """The document as dicts, lists and scalars; raises `Malformed`."""
    return values(content, [])


def values(content: bytes, notes: list[Note]) -> Any:
    """The document as dicts, lists and scalars, and what is odd about it; None for an empty file. Raises `Malformed`."""
    try:
        tree = msgspec.json.decode(content.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = decoded(content)
        if not text.strip():
            return None
        found = _BYTE.search(str(error))
        line = content.removeprefix(BOM).count(b"\n", 0, int(found.group(1))) + 1 if found else 0
        if found is None:
            line = text.rstrip().count("\n") + 1
        message = _BYTE.sub("", str(error)).removeprefix("JSON is malformed: ").strip()
        raise Malformed(line, f"not valid JSON: {message}") from None
    except RecursionError:
        raise Malformed(0, f"nested deeper than {MAX_DEPTH} levels", _TOO_DEEP) from None
    keys = _keys(tree)
    if keys < 0:
        raise Malformed(0, f"nested deeper than {MAX_DEPTH} levels", _TOO_DEEP)
    if keys != len(_KEY.findall(content)):
        _note_duplicates(content, notes)
    return tree


def _keys(tree: Any) -> int:
    """How many keys the maps of a tree have; -1 when it is deeper than `MAX_DEPTH`."""
    keys = 0
    level = [tree]
    for _ in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for item in level:
            children = item
            if type(item) is dict:
                keys += len(item)
                children = item.values()
            elif type(item) is not list:
                continue
            below += [child for child in children if type(child) is dict or type(child) is list]
        if not below:
            return keys
        level = below
    return -1


def _note_duplicates(content: bytes, notes: list[Note]) -> None:
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in found]
        if len(set(names)) < len(names):
            twice.extend({name for name in names if names.count(name) > 1})

    text = decoded(content)
    json.loads(text, object_pairs_hook=pairs)
    for name in twice:
        written = [found.start() for found in re.finditer(re.escape(json.dumps(name)) + r"\s*:", text)]
        line = text.count("\n", 0, written[-1]) + 1 if written else 0
        notes.append(Note(line, f"{name} is stated twice; the last one counts", "remove one of them"))


class _Entry(NamedTuple):
    """Where a key begins (None for an element of a list), and where its value begins and ends."""

    key: int | None
    start: int
    end: int


class Positions:
    """The places of routes in one JSON text that could be read."""

    def __init__(self, file: str, content: bytes) -> None:
        self.text = Text(file, content)
        self._entries: dict[int, dict[str | int, _Entry]] = {}

    def span(self, route: Route, role: str = "value") -> Span:
        """From the key to the end of a value on the same line; the deepest part of the route that exists."""
        entry = self._find(route)
        start = entry.start if entry.key is None else entry.key
        end = entry.end
        if entry.key is not None and (role == "key" or not self._on_line(start, end)):
            end = self._key_end(entry.key)
        elif not self._on_line(start, end):
            end = self.text.end_of_line(start)
        return self.text.span(start, end)

    def line(self, route: Route) -> int:
        """The line (from 1) on which the route's end begins."""
        entry = self._find(route)
        return self.text.line(entry.start if entry.key is None else entry.key)

    def region(self, route: Route) -> tuple[int, int]:
        """The first and last line (from 1) of what the route leads to."""
        entry = self._find(route)
        start = entry.start if entry.key is None else entry.key
        return self.text.line(start), self.text.line(max(entry.end - 1, start))

    def _on_line(self, start: int, end: int) -> bool:
        return self.text.line(start) == self.text.line(max(end - 1, start))

    def _find(self, route: Route) -> _Entry:
        first = _TOKEN.search(self.text.text)
        at = first.start() if first else 0
        entry = _Entry(None, at, len(self.text.text.rstrip()))
        for part in route:
            found = self._below(entry.start).get(part)
            if found is None:
                break
            entry = found
        return entry

    def _below(self, start: int) -> dict[str | int, _Entry]:
        known = self._entries.get(start)
        if known is None:
            known = self._entries[start] = self._scan(start)
        return known

    def _scan(self, start: int) -> dict[str | int, _Entry]:
        """What stands in the map or list that begins at a character; nothing for a scalar."""
        text = self.text.text
        entries: dict[str | int, _Entry] = {}
        opening = text[start : start + 1]
        if opening not in ("{", "["):
            return entries
        key: re.Match[str] | None = None
        position = start + 1
        while (found := _TOKEN.search(text, position)) is not None:
            token = found.group()
            position = found.end()
            if token in ("}", "]"):
                break
            if opening == "{" and key is None:
                key = found
                continue
            if token in ("{", "["):
                position = self._end(found.start())
            name = len(entries) if key is None else _unquoted(key.group())
            entries[name] = _Entry(None if key is None else key.start(), found.start(), position)
            key = None
        return entries

    def _end(self, start: int) -> int:
        """The index after the map or list that begins at a character."""
        depth = 0
        for found in _BRACKET.finditer(self.text.text, start):
            token = found.group()
            if token in ("{", "["):
                depth += 1
            elif token in ("}", "]"):
                depth -= 1
                if depth == 0:
                    return found.end()
        return len(self.text.text)

    def _key_end(self, key: int) -> int:
        found = _TOKEN.match(self.text.text, key)
        return found.end() if found else key


def _unquoted(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token
