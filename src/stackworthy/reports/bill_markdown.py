"""The bill as Markdown, for pull requests and wikis."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

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
from stackworthy.reports.terminal import harmless

MOST_ASSUMPTIONS = 20


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, within a cell of a table too."""
    made = harmless(text)
    for mark in "\\`*_{}[]<>#|~":
        made = made.replace(mark, f"\\{mark}")
    return made


def report(views: list[View], by: str = "service") -> Iterator[str]:
    """One bill, or several side by side."""
    if len(views) > 1:
        yield from compared(views, "service" if by == "environment" else by)
        return
    yield from single(views[0], by)


def single(view: View, by: str) -> Iterator[str]:
    """The lines of one bill."""
    bill = view.bill
    total = money(bill.cost, bill.currency)
    facts = [part for part in (view.name, view.environment, regions(bill)) if part]
    if view.requests:
        facts.append(f"{number(view.requests.quantize(Decimal(1)))} requests a month")
    yield f"## {total} a month"
    yield ""
    yield escaped(" · ".join(facts)) + ("" if bill.complete else " · **not complete**")
    yield ""
    yield f"| {by} | what | quantity | cost | |"
    yield "|---|---|--:|--:|---|"
    for group, of_group in groups(rows(bill, by)):
        for index, row in enumerate(of_group):
            label = f"**{escaped(group)}**" if index == 0 else ""
            cost = money(row.cost, bill.currency)
            yield f"| {label} | {escaped(row.what)} | {escaped(row.quantity)} | {cost} | {escaped(row.note)} |"
    yield f"| **total** | | | **{total}** | |"
    yield ""
    if view.without_free is not None:
        at = ", ".join(f"at {name} {rough(cost, bill.currency)}" for name, cost in view.scales)
        yield f"Without free tiers {rough(view.without_free, bill.currency)}; {at}."
        yield ""
    yield from _assumed(view)
    yield from _missing(view)


def _assumed(view: View) -> Iterator[str]:
    found = taken(view)
    if not found:
        return
    yield f"<details><summary>{len(found)} things are assumed</summary>"
    yield ""
    for one in found[:MOST_ASSUMPTIONS]:
        head = " ".join(part for part in (one.what, one.figure) if part)
        whose = (
            one.addresses[0]
            if len(one.addresses) == 1
            else f"{len(one.addresses)} resources"
            if one.addresses
            else ""
        )
        text = f"{head}: {one.reason}" if head else one.reason
        yield f"- {escaped(text)}" + (f" ({escaped(whose)})" if whose else "")
    if len(found) > MOST_ASSUMPTIONS:
        yield f"- and {len(found) - MOST_ASSUMPTIONS} more"
    yield ""
    yield "</details>"
    yield ""


def _missing(view: View) -> Iterator[str]:
    found = missing(view.bill)
    if found:
        yield "Not priced:"
        yield ""
        for one in found:
            yield f"- {escaped(one.address)} {escaped(one.component)}: {escaped(one.reason)}"
        yield ""
    for words in (*view.bill.warnings, *view.warnings):
        yield f"> {escaped(words)}"


def compared(views: list[View], by: str = "service") -> Iterator[str]:
    """Several bills side by side."""
    bills = [view.bill for view in views]
    currency = bills[0].currency
    rise = bills[-1].cost - bills[0].cost
    names = [escaped(view.name or "now") for view in views]
    yield f"## {money(rise, currency, signed=True)} a month" if round(rise, 2) else "## No change of the bill"
    yield ""
    yield f"| {by} | " + " | ".join(names) + " | difference |"
    yield "|---|" + "--:|" * (len(names) + 1)
    for one in changes(bills, by):
        if not round(max(one.costs), 2):
            continue
        cells = " | ".join(money(cost, currency) for cost in one.costs)
        differs = money(one.difference, currency, signed=True) if round(one.difference, 2) else ""
        yield f"| {escaped(one.group)} | {cells} | {differs} |"
    cells = " | ".join(f"**{money(bill.cost, currency)}**" for bill in bills)
    yield f"| **a month** | {cells} | **{money(rise, currency, signed=True)}** |"
    yield ""
    for view, name in zip(views, names, strict=True):
        count = len(missing(view.bill))
        if count:
            yield f"{name}: {count} without a price."
            yield ""
