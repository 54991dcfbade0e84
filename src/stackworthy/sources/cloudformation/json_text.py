"""JSON templates: fast reading without positions, and the places of routes when somebody wants to see a line."""

from __future__ import annotations

import re
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

import msgspec

from stackworthy.core.origin import Route, Span
from stackworthy.sources.cloudformation.yaml_text import MAX_DEPTH, Malformed

_SPACE = re.compile(r"[ \t\n\r]*")
_ATOM = re.compile(r"[^\s,\]}]+")
_BYTE = re.compile(r"\(byte (\d+)\)")


def read(content: bytes) -> Any:
    """The document as dicts, lists and scalars; raises `Malformed`."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        found = _BYTE.search(str(error))
        line = content.count(b"\n", 0, int(found.group(1))) + 1 if found else 0
        message = _BYTE.sub("", str(error)).strip()
        raise Malformed(line, f"not valid JSON: {message}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Malformed(line, "the file is not UTF-8 text", "save it as UTF-8") from None
    except RecursionError:
        raise Malformed(0, f"nested deeper than {MAX_DEPTH} levels", "no template needs that depth") from None


class Positions:
    """The places of routes in one JSON text."""

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        self._bom = 3 if content.startswith(b"\xef\xbb\xbf") else 0
        self._text = content.removeprefix(b"\xef\xbb\xbf").decode()
        self._lines = [0]
        self._lines.extend(found.end() for found in re.finditer("\n", self._text))
        self._children: dict[int, list[tuple[str | int, int, int]]] = {}

    def span(self, route: Route, role: str = "value") -> Span:
        """From the key to the end of a value on the same line; the deepest part of the route that exists."""
        key, value = self._find(route)
        start = value if key is None else key
        key_end = scanstring(self._text, key + 1)[1] if key is not None else None
        end = self._end(value)
        if key_end is not None and (role == "key" or self._line(end - 1) != self._line(start)):
            end = key_end
        elif self._line(end - 1) != self._line(start):
            end = self._text.find("\n", start)
        return self._span(start, end)

    def line(self, route: Route) -> int:
        """The line (from 1) on which the route's end begins; resources are found without reading the whole text."""
        if len(route) == 2 and route[0] == "Resources":
            found = re.compile(r'^\s{0,8}"' + re.escape(str(route[1])) + r'"\s*:\s*\{', re.MULTILINE).search(
                self._text
            )
            if found:
                return self._line(found.end() - 1)
        key, value = self._find(route)
        return self._line(value if key is None else key)

    def region(self, route: Route) -> tuple[int, int]:
        """The first and last line (from 1) of what the route leads to."""
        key, value = self._find(route)
        return self._line(value if key is None else key), self._line(self._end(value) - 1)

    def _find(self, route: Route) -> tuple[int | None, int]:
        key: int | None = None
        value = self._skip(0)
        for part in route:
            for name, key_start, start in self._parts(value):
                if name == part:
                    key, value = (key_start if isinstance(part, str) else None), start
                    break
            else:
                break
        return key, value

    def _parts(self, start: int) -> list[tuple[str | int, int, int]]:
        known = self._children.get(start)
        if known is None:
            known = self._children[start] = list(self._scan(start))
        return known

    def _scan(self, start: int) -> Any:
        text = self._text
        opening = text[start : start + 1]
        if opening not in ("{", "["):
            return
        position, index = self._skip(start + 1), 0
        while text[position] not in "}]":
            key_start = position
            name: str | int = index
            if opening == "{":
                name, position = scanstring(text, position + 1)
                position = self._skip(self._skip(position) + 1)
            yield name, key_start, position
            index += 1
            position = self._skip(self._end(position))
            if text[position] == ",":
                position = self._skip(position + 1)

    def _end(self, start: int) -> int:
        """The first character after the value that starts here."""
        text = self._text
        depth, position = 0, start
        while True:
            character = text[position]
            if character == '"':
                position = scanstring(text, position + 1)[1]
            elif character in "{[":
                depth += 1
                position += 1
            elif character in "}]":
                depth -= 1
                position += 1
            elif character in " \t\n\r,:":
                position += 1
                continue
            else:
                found = _ATOM.match(text, position)
                position = found.end() if found else position + 1
            if depth == 0:
                return int(position)

    def _skip(self, position: int) -> int:
        found = _SPACE.match(self._text, position)
        return found.end() if found else position

    def _line(self, index: int) -> int:
        return bisect_right(self._lines, index)

    def _span(self, start: int, end: int) -> Span:
        first, last = self._line(start), self._line(max(end - 1, start))
        return Span(
            self.file,
            first,
            start - self._lines[first - 1] + 1,
            last,
            end - self._lines[last - 1] + 1,
            self._bom + len(self._text[:start].encode()),
            self._bom + len(self._text[:end].encode()),
        )
