"""The lines of code that a finding is about, with the fault underlined."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from stackworthy.core.review import FindingRecord, LocationRecord
from stackworthy.reports.masking import masked_line
from stackworthy.reports.terminal import TAB, Layout, cells, cropped, harmless

Reader = Callable[[str], Sequence[str] | None]
"""The lines of a file (relative to the reviewed path), None when it cannot be read."""

MAX_LINE = 4000


class CodeLine(msgspec.Struct, frozen=True):
    """One numbered line of code, masked; the fault reaches from column `start` to `end` (both 0: it is elsewhere)."""

    number: int
    text: str
    start: int = 0
    end: int = 0


def excerpt(
    finding: FindingRecord, owner_line: int, reader: Reader, layout: Layout, look: dict[str, str | bool]
) -> list[str]:
    """The line at which a resource starts (`owner_line`, 0: none) and the faulty one, numbered, masked and underlined.

    `look` is the underline's. Empty when there is nothing to show.
    """
    shown = code_lines(finding, owner_line, reader)
    return _drawn(shown, layout, look) if shown else []


def code_lines(finding: FindingRecord, owner_line: int, reader: Reader) -> list[CodeLine]:
    """The line at which a resource starts (`owner_line`, 0: none) and the faulty one, dedented; empty when there are none."""
    place = _place(finding)
    lines = reader(place.file) if place.line > 0 else None
    if not lines or place.line > len(lines):
        return []
    shown = [_line(lines, place)]
    if 0 < owner_line < place.line:
        shown.insert(0, CodeLine(owner_line, _clean(lines[owner_line - 1])))
    return _dedented(shown)


def _place(finding: FindingRecord) -> LocationRecord:
    if finding.locations:
        return finding.locations[0]
    return LocationRecord(finding.file, finding.line, finding.column, finding.line, finding.column, "value")


def _line(lines: Sequence[str], place: LocationRecord) -> CodeLine:
    raw = lines[place.line - 1].rstrip()
    first = min(max(place.column - 1, 0), len(raw))
    last = place.end_column - 1 if place.end_line == place.line else len(raw)
    if len(raw) > MAX_LINE:
        left = max(0, first - MAX_LINE // 8)
        raw, first, last = raw[left : left + MAX_LINE], first - left, last - left
    if not raw[:first].strip():
        first = len(raw) - len(raw.lstrip())
    last = min(max(last, first + 1), len(raw))
    text = harmless(raw)
    masked = masked_line(text)
    start, end = (_after_masking(_after_tabs(raw, column), text, masked) for column in (first, last))
    return CodeLine(place.line, masked, start, end)


def _clean(line: str) -> str:
    return masked_line(harmless(line[:MAX_LINE].rstrip()))


def _after_tabs(raw: str, column: int) -> int:
    return column + raw.count("\t", 0, column) * (len(TAB) - 1)


def _after_masking(column: int, text: str, masked: str) -> int:
    """Where a column of a line is once its secrets are masked: what stands before the first stays, the rest moves."""
    if text == masked:
        return column
    same = next((i for i, (a, b) in enumerate(zip(text, masked, strict=False)) if a != b), len(masked))
    if column <= same:
        return column
    column = max(same, column + len(masked) - len(text))
    while column < len(masked) and masked[column - 1 : column + 1] == "**":
        column += 1
    return column


def _dedented(shown: list[CodeLine]) -> list[CodeLine]:
    """The lines without the blanks that all of them start with."""
    margin = min((len(line.text) - len(line.text.lstrip()) for line in shown if line.text.strip()), default=0)
    return [
        CodeLine(line.number, line.text[margin:], max(line.start - margin, 0), max(line.end - margin, 0))
        for line in shown
    ]


def _drawn(shown: list[CodeLine], layout: Layout, look: dict[str, str | bool]) -> list[str]:
    column = max(5, len(str(shown[-1].number)))
    room = max(layout.width - 9 - column - 3, 20)
    drawn = []
    for line in shown:
        text, start, end = _window(line, room)
        gutter = layout.style(f"{line.number:>{column}} │ ", dim=True)
        drawn.append(" " * 9 + gutter + text)
        if end > start:
            before = cells(text[:start])
            under = min(cells(text[start:end]), room - before)
            drawn.append(
                " " * 9
                + layout.style(f"{'':>{column}} │ ", dim=True)
                + " " * before
                + layout.style("─" * under, **look)
            )
    return drawn


def _window(line: CodeLine, room: int) -> tuple[str, int, int]:
    """What fits of a line: its beginning, or the part around the fault when that lies further right."""
    if cells(line.text) <= room:
        return line.text, line.start, line.end
    if cells(line.text[: line.end]) < room:
        return cropped(line.text, room), line.start, line.end
    first = max(0, line.start - room // 3)
    text = cropped(("…" if first else "") + line.text[first:], room)
    shift = first - (1 if first else 0)
    return text, line.start - shift, min(line.end - shift, len(text))
