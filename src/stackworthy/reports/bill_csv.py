"""The bill as CSV: one row for each component, with everything that the JSON says of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import msgspec

from stackworthy.core.cost import Component
from stackworthy.reports.bill_rows import View, service_of

FIRST = ("bill", "stack", "service")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report(views: list[View]) -> Iterator[str]:
    """The lines: a header, the components of every bill, then what has no price."""
    columns = [field.name for field in msgspec.structs.fields(Component)]
    yield _line([*FIRST, *columns, "reason"])
    for view in views:
        name = view.name or view.environment
        for stack in view.bill.stacks:
            for line in stack.components:
                cells = [str(getattr(line, column)) for column in columns]
                yield _line([name, stack.path, service_of(line), *cells, ""])
            for one in stack.unpriced:
                known = {
                    "address": one.address,
                    "kind": one.kind,
                    "component": one.component,
                    "region": one.region,
                }
                yield _line(
                    [name, stack.path, "", *(known.get(column, "") for column in columns), one.reason]
                )


def _line(cells: list[str]) -> str:
    """One row; a cell that a spreadsheet would run as a formula begins with an apostrophe."""
    text = io.StringIO()
    safe = [f"'{cell}" if cell.startswith(FORMULA) and not _is_number(cell) else cell for cell in cells]
    csv.writer(text, lineterminator="").writerow(safe)
    return text.getvalue()


def _is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdigit()
