"""Two pictures of a plan as SVG: the running total of the bill, and impact against effort. Nothing is fetched, no script runs.

They are 420 wide and drawn for a phone; whoever shows them says how wide they become. Colours are classes, for the page's own
style sheet (`CSS`); every value is written beside its bar, so that colour is never the only carrier.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from html import escape

from stackworthy.plan.model import Plan, TotalRecord
from stackworthy.reports.terminal import harmless

WIDTH = 420
ROW, BAR = 38, 14
MOST_ROWS = 40
LEVELS = ("high", "medium", "low")
CELL_WIDTH, CELL_HEIGHT, LEFT, TOP = 116, 112, 62, 22
CHIP_WIDTH, CHIP_HEIGHT, CHIPS_A_ROW, CHIP_ROWS = 34, 18, 3, 4

CSS = """
.chart text { font: 12px system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: var(--ink); }
.chart .quiet { fill: var(--soft); }
.chart .strong { font-weight: 600; }
.chart .total { fill: var(--soft); }
.chart .saves { fill: var(--good); }
.chart .costs { fill: var(--high); }
.chart .cell { fill: var(--paper); stroke: var(--line); }
.chart .now { stroke: var(--good); stroke-width: 2; }
.chart .chip { fill: var(--code); stroke: var(--line); }
.chart .rule { stroke: var(--line); }
"""


def waterfall(plan: Plan) -> str:
    """The bill from now to the end: one row for each change, and a total after each phase; "" when there is nothing to draw."""
    bars = plan.waterfall[:MOST_ROWS]
    top = max((max(Decimal(bar.before), Decimal(bar.after)) for bar in bars), default=Decimal(0))
    if len(bars) < 2 or top <= 0:
        return ""
    height = ROW * len(bars) + 6
    words = f"Monthly bill from ${plan.cost.before} to ${plan.cost.after}"
    return "".join(
        _svg(height, words, [part for index, bar in enumerate(bars) for part in _row(index, bar, top)])
    )


def _row(index: int, bar: TotalRecord, top: Decimal) -> Iterator[str]:
    y = index * ROW
    before, after, change = Decimal(bar.before), Decimal(bar.after), Decimal(bar.change)
    low, high = min(before, after), max(before, after)
    is_total = not change
    start = Decimal(0) if is_total else low
    x = _x(start, top)
    width = max(_x(high, top) - x, 2)
    look = "total" if is_total else "saves" if change < 0 else "costs"
    value = f"${bar.after}" if is_total else f"{_signed(bar.change)} → ${bar.after}"
    strong = " strong" if is_total else ""
    yield f'<text class="label{strong}" x="0" y="{y + 14}">{_text(bar.label, 40)}</text>'
    yield f'<text class="value{strong}" x="{WIDTH}" y="{y + 14}" text-anchor="end">{_text(value, 40)}</text>'
    yield f'<rect class="{look}" x="{x}" y="{y + 19}" width="{width}" height="{BAR}" rx="2"/>'


def _x(amount: Decimal, top: Decimal) -> int:
    return int(amount * WIDTH / top)


def matrix(plan: Plan) -> str:
    """Impact against effort: the number of each improvement in its cell."""
    numbers = {one.id: one.number for one in plan.improvements}
    parts: list[str] = []
    for column, effort in enumerate(reversed(LEVELS)):
        x = LEFT + column * CELL_WIDTH + CELL_WIDTH // 2
        parts.append(f'<text class="quiet" x="{x}" y="14" text-anchor="middle">{effort} effort</text>')
    for row, impact in enumerate(LEVELS):
        y = TOP + row * CELL_HEIGHT
        parts.append(f'<text class="quiet" x="0" y="{y + 40}">{impact}</text>')
        parts.append(f'<text class="quiet" x="0" y="{y + 54}">impact</text>')
        for column, effort in enumerate(reversed(LEVELS)):
            cell = next(one for one in plan.matrix if (one.impact, one.effort) == (impact, effort))
            found = [numbers[identity] for identity in cell.improvements]
            parts += _cell(LEFT + column * CELL_WIDTH, y, cell.verdict, found)
    words = "Priority matrix: the numbers of the improvements by impact and effort"
    return "".join(_svg(TOP + 3 * CELL_HEIGHT + 2, words, parts))


def _cell(x: int, y: int, verdict: str, numbers: list[str]) -> Iterator[str]:
    yield f'<rect class="cell" x="{x + 1}" y="{y + 1}" width="{CELL_WIDTH - 4}" height="{CELL_HEIGHT - 4}" rx="4"/>'
    yield f'<text class="quiet" x="{x + 8}" y="{y + 16}">{_text(verdict, 20)}</text>'
    room = CHIPS_A_ROW * CHIP_ROWS
    shown = numbers if len(numbers) <= room else [*numbers[: room - 1], "…"]
    for index, number in enumerate(shown):
        left = x + 6 + index % CHIPS_A_ROW * CHIP_WIDTH
        upper = y + 22 + index // CHIPS_A_ROW * (CHIP_HEIGHT + 3)
        yield f'<rect class="chip" x="{left}" y="{upper}" width="{CHIP_WIDTH - 3}" height="{CHIP_HEIGHT}" rx="9"/>'
        middle = left + (CHIP_WIDTH - 3) // 2
        yield f'<text x="{middle}" y="{upper + 13}" text-anchor="middle">{_text(number, 5)}</text>'


def _svg(height: int, words: str, parts: list[str]) -> Iterator[str]:
    yield (
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(words)}">'
    )
    yield f"<title>{escape(words)}</title>"
    yield from parts
    yield "</svg>"


def _text(text: str, most: int) -> str:
    clean = harmless(text).replace("\n", " ")
    return escape(clean if len(clean) <= most else clean[: most - 1] + "…")


def _signed(change: str) -> str:
    return f"−${change[1:]}" if change.startswith("-") else f"+${change}"
