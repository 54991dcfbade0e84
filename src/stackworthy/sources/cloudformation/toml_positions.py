"""The places of routes in a TOML text: tables and keys as samconfig.toml and stackworthy.toml write them."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property

from stackworthy.core.origin import Route, Span
from stackworthy.sources.cloudformation.text import Text

_HEADER = re.compile(r"^[ \t]*\[([^\[\]\n]+)\][ \t]*(?:#.*)?$", re.MULTILINE)
_KEY = re.compile(r"""^[ \t]*([A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*=[ \t]*""", re.MULTILINE)


_BARE = re.compile(r"[A-Za-z0-9_. \t-]+")


class Positions:
    """The places of routes in one TOML text. The last part of a route may name a pair inside a value (`Stage=dev`)."""

    def __init__(self, file: str, content: bytes) -> None:
        self.text = Text(file, content)

    def span(self, route: Route, role: str = "value") -> Span:  # noqa: ARG002  as other formats have it
        """The line of the deepest part of the route that is found, from its key on."""
        start, end = self._find([str(part) for part in route])
        return self.text.span(start, end)

    def line(self, route: Route) -> int:
        """The line (from 1) on which the route's end begins."""
        return self.span(route).line

    def region(self, route: Route) -> tuple[int, int]:
        """The first and last line (from 1) of what the route leads to."""
        span = self.span(route)
        return span.line, span.end_line

    def _find(self, route: list[str]) -> tuple[int, int]:
        text = self.text.text
        for length in range(len(route), 0, -1):
            bounds = self._table(route[:length])
            if bounds is None:
                continue
            start, end = bounds
            for key in _KEY.finditer(text, start, end):
                if length < len(route) and key.group(1).strip("\"'") == route[length]:
                    return self._pair(key.start(1), end, route[length + 1 :])
            return (text.rfind("\n", 0, start) + 1, self.text.end_of_line(text.rfind("\n", 0, start) + 1))
        return (0, 0)

    def _table(self, names: list[str]) -> tuple[int, int] | None:
        """From the end of a table's header to the next header."""
        return self._tables.get(tuple(names))

    @cached_property
    def _tables(self) -> dict[tuple[str, ...], tuple[int, int]]:
        headers = list(_HEADER.finditer(self.text.text))
        ends = [header.start() for header in headers[1:]] + [len(self.text.text)]
        return {
            _names(header.group(1)): (header.end(), end)
            for header, end in zip(reversed(headers), reversed(ends), strict=True)
        }

    def _pair(self, key: int, end: int, rest: list[str]) -> tuple[int, int]:
        text = self.text.text
        following = _KEY.search(text, text.find("\n", key) + 1, end) if text.find("\n", key) >= 0 else None
        if rest:
            pattern = re.compile(r"(?<![A-Za-z0-9])" + re.escape(rest[-1]) + r"(?![A-Za-z0-9])")
            found = pattern.search(text, key, following.start() if following else end)
            if found:
                return found.start(), self.text.end_of_line(found.start())
        return key, self.text.end_of_line(key)


def _names(header: str) -> tuple[str, ...]:
    """The parts of a table's dotted name."""
    if _BARE.fullmatch(header):
        return tuple(part.strip() for part in header.split("."))
    try:
        table = tomllib.loads(f"[{header}]")
    except tomllib.TOMLDecodeError:
        return ()
    names = []
    while table:
        name, table = next(iter(table.items()))
        names.append(name)
    return tuple(names)
