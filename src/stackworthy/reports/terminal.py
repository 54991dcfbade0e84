"""Text for terminals: what strangers wrote made harmless, measured in cells, cropped, wrapped and coloured."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

import msgspec

TAB = "    "
SEVERITIES = ("critical", "high", "medium", "low")
MAX_TEXT = 110
"""Cells beyond which prose is hard to read, however wide the terminal."""
MAX_LISTED = 5
"""How many of a list are shown, unless everything is asked for."""
LOOKS: dict[str, dict[str, str | bool]] = {
    "critical": {"fg": "red", "bold": True, "reverse": True},
    "high": {"fg": "red", "bold": True},
    "medium": {"fg": "yellow", "bold": True},
    "low": {"fg": "cyan"},
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow"},
    "note": {"dim": True},
}
_ASCII = str.maketrans(
    {"│": "|", "─": "^", "·": "-", "←": "<-", "…": "...", "×": "x", "█": "#", "░": ".", "–": "-"}
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_COMMAND = re.compile(r"^(\s*)::")
_OLD_COMMAND = re.compile(r"##(?=(?:vso)?\[)")
_WIDE = frozenset("WF")


class Layout(msgspec.Struct, frozen=True):
    """How wide the text may be (in cells), whether it is coloured, and how many findings are shown (None: all)."""

    width: int = 80
    color: bool = False
    limit: int | None = None

    def style(self, text: str, **look: str | bool) -> str:
        """The text in a look (`fg`, `bold`, `dim` as `click.style` has them) when there is colour."""
        if not self.color or not text:
            return text
        import click

        return click.style(text, **look)  # type: ignore[arg-type]


def unstyled(text: str) -> str:
    """The text without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def harmless(text: str) -> str:
    """One line of text in which nothing steers the terminal or turns the reading direction; tabs are four spaces."""
    return _CONTROL.sub("�", text.replace("\t", TAB).replace("\n", " "))


def inert(line: str) -> str:
    """A line that the runner of a build does not take for a command: `::` at its beginning and `##[` are broken up."""
    return _OLD_COMMAND.sub("# #", _COMMAND.sub(r"\1: :", line))


def ascii_only(text: str) -> str:
    """The text for a terminal that shows nothing beyond ASCII."""
    return text.translate(_ASCII).encode("ascii", "replace").decode()


def cells(text: str) -> int:
    """The number of columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def cropped(text: str, width: int) -> str:
    """The text, cut to this many cells, with `…` where something is missing."""
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += _cell(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def squeezed(text: str, width: int) -> str:
    """A name, cut in its middle to this many cells: the end of a long one tells more than its beginning."""
    if cells(text) <= width:
        return text
    first = max(width // 3, 1)
    last, used = len(text), 0
    while last > 0 and used + _cell(text[last - 1]) <= width - first:
        last -= 1
        used += _cell(text[last])
    return cropped(text[:last], first) + text[last:]


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most this many cells, broken between words, and within a word that is longer than a line."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and cells(line) + 1 + cells(word) > width:
            lines.append(line)
            line = ""
        while cells(word) > width:
            head = _head(word, width)
            lines.append(head)
            word = word[len(head) :]
        line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def _head(word: str, width: int) -> str:
    """The beginning of a word that fills a line, at least one character; cut behind a `/`, `.`, `:` or `,` near its end."""
    used = end = 0
    while end < len(word) and used + _cell(word[end]) <= width:
        used += _cell(word[end])
        end += 1
    end = max(end, 1)
    good = max(word.rfind(mark, 0, end) for mark in "/.:,-_") + 1
    return word[: good if good > end // 2 else end]


def joined_sides(left: str, right: str, width: int, measure: Callable[[str], int] = cells) -> str | None:
    """`left`, and `right` at the right edge; None when they do not fit on one line with two spaces between."""
    gap = width - measure(left) - measure(right)
    return left + " " * gap + right if gap >= 2 else None


def labelled(label: str, lines: list[str], indent: int, column: int) -> Iterator[str]:
    """Lines behind a label (coloured, and already `column` cells wide): the label before the first, blanks before the others."""
    for index, line in enumerate(lines):
        yield " " * indent + (label if index == 0 else " " * column) + line


def amount(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 stack`, `1,204 stacks`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
