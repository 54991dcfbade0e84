"""How a change is written: byte edits of files. Bytes outside of them stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

_WORD = re.compile(rb"[\s,]*(resource\s[^{]*|[^\s:={,]+)")


class Splice(msgspec.Struct, frozen=True, order=True):
    """Bytes `start` up to `end` of a file give way to `text`. A file that is not there yet is made by one splice at 0."""

    file: str
    start: int
    end: int
    text: bytes


class CannotWrite(Exception):
    """A change that the source cannot write in this place; `reason` says why, `instead` what a person can do."""

    def __init__(self, reason: str, instead: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.instead = instead


def clash(one: Splice, other: Splice) -> bool:
    """Whether two splices touch the same bytes. Two insertions at one place follow each other, when they are indented alike and begin differently."""
    if one.file != other.file or one == other:
        return False
    if one.start == one.end == other.start == other.end:
        if not one.start:
            return True
        return _indentation(one.text) != _indentation(other.text) or _first_word(one) == _first_word(other)
    if one.start == one.end or other.start == other.end:
        inner, outer = (one, other) if one.start == one.end else (other, one)
        return outer.start < inner.start < outer.end
    return one.start < other.end and other.start < one.end


def _indentation(text: bytes) -> int:
    """How far the first line of an insertion is indented: what is deeper belongs to something else."""
    line = text.lstrip(b",\r\n")
    return len(line) - len(line.lstrip(b" \t"))


def _first_word(splice: Splice) -> bytes:
    """What an insertion begins with: a key, an argument, the type of a block."""
    found = _WORD.match(splice.text)
    return found.group(1) if found else splice.text


def _is_layout(splice: Splice) -> bool:
    """Whether only white space changes: of several such edits of one place, the last one knows of the others."""
    return splice.start != splice.end and bool(splice.text) and not splice.text.strip()


def spliced(content: bytes, splices: Iterable[Splice]) -> bytes:
    """The content with all splices carried out; equal ones count once. Of insertions at one place the deeper stand first, then those without a blank line before them, else they keep their order."""
    pieces: list[bytes] = []
    position = 0
    removing = False
    latest = {(s.start, s.end) if _is_layout(s) else s: s for s in splices}
    for splice in sorted(latest.values(), key=_order):
        if removing and splice.start == splice.end < position and splice.text.startswith((b"\n", b"\r\n")):
            line = splice.text.lstrip(b"\r\n")  # lines that were to follow what is taken away
            pieces.append(line + splice.text[: splice.text.index(b"\n") + 1])
            continue
        if removing and not splice.text.strip() and splice.start < position:
            position = max(position, splice.end)  # what is taken away next to something that is, too
            continue
        removing = not splice.text
        if splice.start < position:
            raise ValueError(f"edits overlap at byte {splice.start} of {splice.file}")
        pieces += (content[position : splice.start], splice.text)
        position = splice.end
    return b"".join((*pieces, content[position:]))


def _order(splice: Splice) -> tuple[int, int, int, bool]:
    if splice.start != splice.end:
        return (splice.start, splice.end, 0, False)
    apart = splice.text.startswith((b"\n\n", b"\r\n\r\n"))
    return (splice.start, splice.end, -_indentation(splice.text), apart)


def by_file(splices: Iterable[Splice]) -> Mapping[str, list[Splice]]:
    """Splices by the file that they edit, in the order given."""
    found: dict[str, list[Splice]] = {}
    for splice in splices:
        found.setdefault(splice.file, []).append(splice)
    return found
