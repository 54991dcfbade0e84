"""The plan as a table: one row for each improvement, for a spreadsheet or a tracker."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from stackworthy.plan.model import Plan
from stackworthy.reports.terminal import harmless

COLUMNS = (
    "number",
    "title",
    "phase",
    "status",
    "severity",
    "pillar",
    "impact",
    "effort_hours",
    "risk",
    "change_per_month",
    "bill_after",
    "stack",
    "resources",
    "current",
    "proposed",
    "rollback_loses",
    "command",
    "id",
)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def report(plan: Plan) -> Iterator[str]:
    """The rows, the header first."""
    yield _row(list(COLUMNS))
    for one in plan.improvements:
        yield _row(
            [
                one.number,
                one.title,
                one.phase,
                one.status,
                one.severity or "",
                one.pillar,
                one.impact,
                one.effort_hours,
                one.risk,
                one.cost.change if one.cost.priced else "",
                one.cost.after,
                one.stack,
                " ".join(one.resources),
                one.current,
                one.proposed,
                "; ".join(one.rollback.lost),
                one.patch.command if one.patch else "",
                one.id,
            ]
        )


def _row(cells: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow([_cell(cell) for cell in cells])
    return stream.getvalue()


def _cell(text: str) -> str:
    """The text on one line; what a spreadsheet would take for a formula is not one (an amount may begin with a minus)."""
    clean = " ".join(harmless(text).split())
    if clean.startswith(_FORMULAS) and not clean[1:].replace(".", "", 1).isdigit():
        return f"'{clean}"
    return clean
