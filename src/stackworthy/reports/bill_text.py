"""The bill on a terminal: what it is made of, the total, what it is without free tiers and at more traffic, what was assumed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stackworthy.core.cost import Bill
from stackworthy.reports.bill_rows import (
    Change,
    Row,
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
from stackworthy.reports.terminal import Layout, amount, cells, cropped, harmless, squeezed, wrapped

MOST_ASSUMPTIONS = 6
MOST_MISSING = 8
WIDEST = 130
NARROW = 72
"""Below this, notes give way to quantities."""
PROPER = ("Standard", "Intelligent", "One Zone", "Glacier", "Express", "Bedrock", "Athena", "Transcribe")
"""How names begin that keep their capital within a line."""
IMPLIED = ("WRU", "RRU", "rWRU")
"""Units that the name says in words."""


def report(view: View, layout: Layout, by: str = "service", path: str = ".") -> Iterator[str]:
    """The lines of a bill."""
    bill = view.bill
    width = min(layout.width, WIDEST)
    yield from _head(view, layout, width)
    yield ""
    found = rows(bill, by)
    columns = _columns(found, bill.currency, width, named=by != "resource")
    free = 0
    for group, of_group in groups(found):
        if by == "resource" and not round(sum((row.cost for row in of_group), Decimal(0)), 2):
            free += 1
            continue
        if by == "resource":
            yield from _resource(layout, columns, group, of_group, bill.currency)
            continue
        for index, row in enumerate(of_group):
            label = harmless(group) if index == 0 else ""
            what = what_of(row.quantity, row.what)
            yield _line(layout, columns, label, harmless(what), money(row.cost, bill.currency), row.note)
    if free:
        yield layout.style(f"  {amount(free, 'resource')} within free tiers or under a cent", dim=True)
    if not found:
        yield "  nothing here costs anything by itself"
    yield from _total(view, layout, columns, width)
    yield from _assumed(view, layout, width, path)
    yield from _missing(bill, layout, width)
    for words in (*bill.warnings, *view.warnings):
        for line in wrapped(harmless(words), width - 2):
            yield layout.style(f"  {line}", fg="yellow")


def _head(view: View, layout: Layout, width: int) -> Iterator[str]:
    bill = view.bill
    paths = [stack.path for stack in bill.stacks]
    title = paths[0] if len(paths) == 1 else amount(len(paths), "stack")
    facts = [part for part in (view.name, view.environment, regions(bill)) if part]
    if view.requests:
        facts.append(f"{number(view.requests.quantize(Decimal(1)))} requests a month")
    if bill.month:
        facts.append(bill.month)
    text = f"{harmless(squeezed(title, width // 2))}   " + " · ".join(harmless(fact) for fact in facts)
    yield layout.style(cropped(text, width), bold=True)
    if view.others:
        yield layout.style(
            cropped(f"also {', '.join(view.others)}: --environment NAME, or --by environment", width),
            dim=True,
        )
    if not view.stated:
        yield ""
        words = (
            "No workload is stated, so only what costs by itself is here. stackworthy workload init writes a start file "
            "that names the entry points of your stacks."
        )
        for line in wrapped(words, width - 2):
            yield layout.style(f"  {line}", fg="yellow")


Columns = tuple[int, int, int, int]


def _resource(
    layout: Layout, columns: Columns, address: str, found: list[Row], currency: str
) -> Iterator[str]:
    """A resource by its whole name, with the lines that cost something; the others are counted."""
    group, wide, money_wide, _ = columns
    total = money(sum((row.cost for row in found), Decimal(0)), currency)
    room = group + wide + 2
    name = squeezed(harmless(address), room)
    yield layout.style(f"  {name}{' ' * (room - cells(name))}  {total:>{money_wide}}", bold=True)
    dear = [row for row in found if round(row.cost, 2)]
    if len(dear) == 1 and len(found) == 1:
        dear = []
        quantity = what_of(found[0].quantity, found[0].what)
        yield layout.style(
            f"    {cropped(harmless(f'{quantity}, {found[0].note}'), room + money_wide)}", dim=True
        )
        return
    for row in dear:
        what = harmless(what_of(row.quantity, row.what))
        yield _line(layout, columns, "", what, money(row.cost, currency), row.note)
    small = len(found) - len(dear)
    if small:
        words = f"{amount(small, 'line')} within free tiers or under a cent"
        yield layout.style(f"    {words}", dim=True)


def _columns(found: list[Row], currency: str, width: int, *, named: bool) -> Columns:
    """Widths of group, quantity, cost and note; the note takes what is left, and the others give way to it first."""
    group = min(max([cells(row.group) for row in found] or [8]), max(width // 5, 12)) if named else 2
    cost = max([len(money(row.cost, currency)) for row in found] or [6]) + 1
    cost = max(cost, 8)
    note = 0 if width < NARROW else 20 if width < 100 else 34
    what = min(
        max([cells(what_of(row.quantity, row.what)) for row in found] or [10]),
        width - 2 - group - cost - note - 6,
    )
    return group, max(what, 16), cost, width - 2 - group - max(what, 16) - cost - 6


def what_of(quantity: str, what: str) -> str:
    """Quantity and name, once where both say the same: `60,000 requests`, `3,000 GB-s compute`, `60,000 write request units`."""
    if not quantity:
        return what
    count, _, unit = quantity.partition(" ")
    name = what.replace(": ", " ")
    if name[1:2].islower() and not name.startswith(PROPER):
        name = name[0].lower() + name[1:]
    if name.lower() == unit.lower() or name.lower() + "s" == unit.lower():
        return quantity
    said = name.lower()
    if said.endswith(unit.lower().rsplit(" ", 1)[-1]) or said.startswith(unit.lower()) or unit in IMPLIED:
        return f"{count} {name}"
    return f"{quantity} {name}"


def _line(layout: Layout, columns: Columns, label: str, what: str, cost: str, note: str) -> str:
    group, wide, money_wide, note_wide = columns
    left = squeezed(label, group)
    middle = cropped(what, wide)
    text = (
        f"  {left}{' ' * (group - cells(left))}  {middle}{' ' * (wide - cells(middle))}  {cost:>{money_wide}}"
    )
    return f"{text}  {layout.style(_fitting(harmless(note), note_wide), dim=True)}".rstrip()


def _fitting(note: str, width: int) -> str:
    """As many parts of a note as there is room for."""
    while cells(note) > width and ", " in note:
        note = note.rpartition(", ")[0]
    return cropped(note, width)


def _total(view: View, layout: Layout, columns: Columns, width: int) -> Iterator[str]:
    bill = view.bill
    group, wide, money_wide, _ = columns
    edge = 2 + group + 2 + wide + 2 + money_wide
    total = money(bill.cost, bill.currency)
    bar = max(len(total), 6)
    yield " " * (edge - bar) + "─" * bar
    words = "a month" + ("" if bill.complete else ", and what is not priced below")
    if edge + 1 + len(words) <= width:
        yield " " * (edge - len(total)) + layout.style(total, bold=True) + f" {words}"
    else:
        yield f"{words:>{edge - len(total) - 2}}  " + layout.style(total, bold=True)
    said = []
    if view.without_free is not None and bill.free_tier:
        said.append(f"without free tiers {rough(view.without_free, bill.currency)}")
    said.extend(f"at {name} {rough(cost, bill.currency)}" for name, cost in view.scales)
    text = " · ".join(said)
    if text:
        indent = max(min(edge - cells(text), width - cells(text)), 2)
        for line in wrapped(text, width - 2):
            yield " " * (indent if indent > 2 else 2) + line


def _assumed(view: View, layout: Layout, width: int, path: str) -> Iterator[str]:
    found = taken(view)
    if not found:
        return
    yield ""
    yield layout.style("  assumed", bold=True)
    for one in found[:MOST_ASSUMPTIONS]:
        whose = harmless(one.addresses[0]) if len(one.addresses) == 1 else ""
        whose = f"{len(one.addresses)} resources" if len(one.addresses) > 1 else whose
        head = " ".join(part for part in (one.what, one.figure) if part)
        tail = f" ({whose})" if whose else ""
        text = f"{harmless(head)}{tail}: {harmless(one.reason)}" if head else f"{harmless(one.reason)}{tail}"
        lines = wrapped(text, width - 4)
        yield f"  - {lines[0]}"
        yield from (f"    {line}" for line in lines[1:])
    left = len(found) - MOST_ASSUMPTIONS
    if left > 0:
        yield layout.style(f"    and {left} more: stackworthy workload {harmless(path)}", dim=True)


def _missing(bill: Bill, layout: Layout, width: int) -> Iterator[str]:
    found = missing(bill)
    if not found:
        return
    yield ""
    yield layout.style("  not priced", bold=True)
    for one in found[:MOST_MISSING]:
        what = f" {one.component}" if one.component else ""
        lines = wrapped(f"{harmless(one.address)}{harmless(what)}: {harmless(one.reason)}", width - 4)
        yield f"  - {lines[0]}"
        yield from (f"    {line}" for line in lines[1:])
    if len(found) > MOST_MISSING:
        yield layout.style(f"    and {len(found) - MOST_MISSING} more: --format json", dim=True)


def compared(
    views: list[View], layout: Layout, by: str = "service", *, changes_only: bool = False
) -> Iterator[str]:
    """Several bills side by side, with the difference of each to the first; with `changes_only`, what is the same is one line."""
    bills = [view.bill for view in views]
    currency = bills[0].currency
    names = [view.name or "now" for view in views]
    found = changes(bills, by)
    if changes_only:
        same = [one for one in found if not round(one.difference, 2)]
        found = [one for one in found if round(one.difference, 2)]
        rest = sum((one.costs[-1] for one in same), Decimal(0))
        if round(rest, 2):
            found.append(Change(f"{amount(len(same), by)} as before", [rest] * len(bills)))
    width = min(layout.width, WIDEST)
    column = max([10, *(min(len(name), 18) + 2 for name in names)])
    two = len(views) == 2
    extra = 12 if two else 0
    first = max(
        min(max([cells(one.group) for one in found] or [8]), width - column * len(views) - extra - 4), 10
    )
    head = "".join(f"{cropped(harmless(name), column - 2):>{column}}" for name in names)
    yield layout.style(f"  {'':{first}}{head}" + (f"{'difference':>{extra}}" if two else ""), bold=True)
    for one in found:
        left = squeezed(harmless(one.group), first)
        cost = "".join(f"{money(each, currency):>{column}}" for each in one.costs)
        differs = f"{_difference(one.difference, currency):>{extra}}" if two else ""
        yield f"  {left}{' ' * (first - cells(left))}{cost}{differs}"
    yield "  " + "─" * (first + column * len(views) + extra)
    totals = "".join(f"{money(bill.cost, currency):>{column}}" for bill in bills)
    last = f"{_difference(bills[-1].cost - bills[0].cost, currency):>{extra}}" if two else ""
    yield layout.style(f"  {'a month':{first}}{totals}{last}", bold=True)
    if not two:
        each = "".join(
            f"{_difference(bill.cost - bills[0].cost, currency) if index else '':>{column}}"
            for index, bill in enumerate(bills)
        )
        yield f"  {'difference':{first}}{each}"
    for view in views:
        if not view.bill.complete:
            count = amount(len(missing(view.bill)), "thing")
            yield layout.style(
                f"  {view.name or 'now'}: {count} without a price: --format json lists them", fg="yellow"
            )
    for words in dict.fromkeys(words for view in views for words in view.warnings):
        for line in wrapped(harmless(words), width - 2):
            yield layout.style(f"  {line}", fg="yellow")


def _difference(value: Decimal, currency: str) -> str:
    return money(value, currency, signed=True) if round(value, 2) else "-"
