"""The bill as one page of HTML: nothing is fetched, no script runs, and it can be printed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from stackworthy import __version__
from stackworthy.prices import catalogue
from stackworthy.reports.bill_rows import (
    View,
    changes,
    groups,
    missing,
    money,
    number,
    regions,
    rough,
    rows,
    taken,
)
from stackworthy.reports.bill_text import what_of
from stackworthy.reports.terminal import amount, harmless

TEMPLATES = Path(__file__).parent / "templates"


def report(views: list[View], by: str = "service") -> Iterator[str]:
    """The page of one bill, or of several side by side."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["css"] = Markup((TEMPLATES / "report.css").read_text("utf-8"))  # noqa: S704  our own file
    yield environment.get_template("bill.html").render(_values(views, by))


def _values(views: list[View], by: str) -> dict[str, Any]:
    first, last = views[0], views[-1]
    currency = first.bill.currency
    several = len(views) > 1
    rise = last.bill.cost - first.bill.cost
    facts = [regions(first.bill), *([] if several else [first.name, first.environment])]
    if first.requests and not several:
        facts.append(f"{number(first.requests.quantize(Decimal(1)))} requests a month")
    facts.append(f"prices as of {catalogue().as_of}")
    counts = [{"count": money(view.bill.cost, currency), "words": view.name or "a month"} for view in views]
    if first.without_free is not None and first.bill.free_tier:
        counts.append({"count": rough(first.without_free, currency), "words": "without free tiers"})
    counts.extend({"count": rough(cost, currency), "words": f"at {name}"} for name, cost in first.scales)
    headline = (
        f"{money(rise, currency, signed=True)} a month"
        if several
        else f"{money(first.bill.cost, currency)} a month"
    )
    remarks = list(dict.fromkeys(words for view in views for words in (*view.bill.warnings, *view.warnings)))
    if not first.stated:
        remarks.append("No workload is stated: only what costs by itself is here.")
    group = "service" if by == "environment" else by
    return {
        "version": __version__,
        "headline": headline,
        "facts": " · ".join(fact for fact in facts if fact),
        "counts": counts,
        "remarks": remarks,
        "by": group,
        "compared": _compared(views, group) if several else None,
        "bills": [_bill(view, group) for view in views],
        "closing": f"stackworthy {__version__} · quantities and prices of every line: --format json",
    }


def _bill(view: View, by: str) -> dict[str, Any]:
    bill = view.bill
    found = []
    grouped = [
        (group, of_group, sum((row.cost for row in of_group), Decimal(0)))
        for group, of_group in groups(rows(bill, by))
    ]
    most = max((cost for _, _, cost in grouped), default=Decimal(0)) or Decimal(1)
    for group, of_group, cost in grouped:
        for index, row in enumerate(of_group):
            found.append(
                {
                    "group": group if index == 0 else "",
                    "share": round(float(cost / most * 100), 1),
                    "what": what_of(row.quantity, row.what),
                    "cost": money(row.cost, bill.currency),
                    "note": row.note,
                }
            )
    assumed = []
    for one in taken(view):
        whose = (
            one.addresses[0]
            if len(one.addresses) == 1
            else amount(len(one.addresses), "resource")
            if one.addresses
            else ""
        )
        head = " ".join(part for part in (one.what, one.figure) if part)
        assumed.append({"head": head, "reason": one.reason, "whose": whose})
    paths = ", ".join(stack.path for stack in bill.stacks[:3])
    title = view.name or " · ".join(part for part in (paths, view.environment) if part)
    return {
        "title": title,
        "rows": found,
        "total": money(bill.cost, bill.currency),
        "complete": "" if bill.complete else "and what is not priced below",
        "missing": missing(bill),
        "assumed": assumed,
    }


def _compared(views: list[View], by: str) -> dict[str, Any]:
    bills = [view.bill for view in views]
    currency = bills[0].currency
    return {
        "names": [view.name or "now" for view in views],
        "rows": [
            {
                "group": one.group,
                "costs": [money(cost, currency) for cost in one.costs],
                "difference": money(one.difference, currency, signed=True)
                if round(one.difference, 2)
                else "",
            }
            for one in changes(bills, by)
        ],
        "totals": [money(bill.cost, currency) for bill in bills],
        "difference": money(bills[-1].cost - bills[0].cost, currency, signed=True),
    }
