"""One file's text: from positions in characters to lines, columns and bytes."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from stackworthy.core.origin import Span

BOM = b"\xef\xbb\xbf"
_LINE = re.compile("\n")


class Malformed(Exception):
    """Text that is not what it should be: `line` counts from 1, 0 when the whole file is meant."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.hint = hint


class Text:
    """The text of a file without its byte order mark. Indices count characters; only a line feed ends a line."""

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        self._bom = len(BOM) if content.startswith(BOM) else 0
        self.text = content.removeprefix(BOM).decode("utf-8", "replace")
        self._plain = self.text.isascii()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE.finditer(self.text))]

    def line(self, index: int) -> int:
        """The line (from 1) that holds a character."""
        return bisect_right(self._starts, index)

    def end_of_line(self, index: int) -> int:
        """The index after the last visible character of a line."""
        end = self.text.find("\n", index)
        line = self.text[index : end if end >= 0 else len(self.text)]
        return index + max(len(line.rstrip()), 1)

    def last_line(self, end: int) -> int:
        """The line of the last visible character before an index."""
        return self.line(max(len(self.text[:end].rstrip()) - 1, 0))

    def span(self, start: int, end: int) -> Span:
        """The place of the characters from `start` up to `end`."""
        first, last = self.line(start), self.line(end)
        return Span(
            self.file,
            first,
            start - self._starts[first - 1] + 1,
            last,
            end - self._starts[last - 1] + 1,
            self._byte(start),
            self._byte(end),
        )

    def _byte(self, index: int) -> int:
        return self._bom + (index if self._plain else len(self.text[:index].encode()))


def decoded(content: bytes) -> str:
    """The text of UTF-8 content without its byte order mark; raises `Malformed`."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed(0, "the file is UTF-16 text", "save it as UTF-8")
    try:
        return content.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Malformed(line, "the file is not UTF-8 text", "save it as UTF-8") from None
