"""The lines of a bill, summed up for people: by service, resource, stack or environment, with quantities in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from stackworthy.core.cost import Bill, Component, Unpriced
from stackworthy.prices import catalogue
from stackworthy.workload.flow import Assumption

BY = ("service", "resource", "stack", "environment")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CHF": "CHF ", "INR": "₹"}
SHORT_UNITS = {"GB-second": "GB-s", "GB-month": "GB-month", "alarm-metric-month": "alarm metric"}
KEPT_UNITS = frozenset({"GB", "MB", "KB", "TB", "WRU", "RRU", "rWRU", "GB-s", "GB-month", "LCU"})
_TAKEN = re.compile(r"([\w.]+) = ([0-9.]+) \(assumed(?:: [^;]*)?\)")
TAKEN_WORDS = {
    "request_duration_ms": "{} ms a run",
    "workflow_duration_ms": "{} ms an execution",
    "task_duration_s": "{} s a task",
    "job_duration_s": "{} s a job",
    "object_kb": "{} KB an object",
    "item_kb": "{} KB an item",
    "message_size_kb": "{} KB a message",
    "request_size_kb": "up to {} KB each",
    "record_kb": "{} KB a record",
    "event_size_kb": "{} KB an event",
}
"""How an assumed figure reads; others are not worth a note."""


class Row(msgspec.Struct):
    """One line for people: of which group, what it is, how much, what it costs, and a note."""

    group: str
    what: str
    amount: Decimal
    unit: str
    cost: Decimal
    note: str
    lines: int = 1

    @property
    def quantity(self) -> str:
        """The amount with its unit."""
        return f"{number(self.amount)} {units(self.unit, self.amount)}" if self.unit else ""


class View(msgspec.Struct):
    """A bill with what is said beside it: its name ("" or a scenario's), its environment, the cost without free tiers and at more traffic."""

    bill: Bill
    name: str = ""
    environment: str = ""
    requests: Decimal = Decimal(0)
    stated: bool = True
    without_free: Decimal | None = None
    scales: list[tuple[str, Decimal]] = []
    assumptions: list[Assumption] = []
    warnings: list[str] = []
    others: list[str] = []


def service_of(component: Component) -> str:
    """The service that a line belongs to, by its price."""
    dimension = catalogue().dimensions.get(component.price)
    return (
        dimension.service
        if dimension is not None
        else component.kind.split("::")[1]
        if "::" in component.kind
        else component.kind
    )


def rows(bill: Bill, by: str = "service") -> list[Row]:
    """The rows of a bill; groups and their rows in the order of their cost."""
    found: dict[tuple[str, str], Row] = {}
    notes: dict[tuple[str, str], list[Component]] = {}
    for stack in bill.stacks:
        for line in stack.components:
            service = service_of(line)
            group, key = {
                "service": (service, line.price),
                "resource": (line.address, line.component),
                "stack": (stack.path, service),
                "environment": (stack.path, service),
            }[by]
            at = (group, key)
            amount = Decimal(line.quantity)
            whole = by in ("stack", "environment")
            if at not in found:
                what = service if whole else line.component
                found[at] = Row(group, what, amount, "" if whole else line.unit, line.cost, "")
                notes[at] = [line]
                continue
            row = found[at]
            row.amount += amount
            row.cost += line.cost
            row.lines += 1
            if not whole and row.what != line.component:
                row.what = _shared(row.what, line)
            notes[at].append(line)
    for at, row in found.items():
        row.note = "" if not row.unit else _note(row, notes[at], bill.currency)
    kept = [row for row in found.values() if row.amount or row.cost]
    totals: dict[str, Decimal] = {}
    for row in kept:
        totals[row.group] = totals.get(row.group, Decimal(0)) + row.cost
    return sorted(kept, key=lambda row: (-totals[row.group], row.group, -row.cost, row.what))


def _shared(what: str, line: Component) -> str:
    """A name for lines of one price that are called differently."""
    dimension = catalogue().dimensions.get(line.price)
    first = what.split(" of ")[0]
    return first if line.component.startswith(first) else dimension.name if dimension is not None else what


def _note(row: Row, lines: list[Component], currency: str) -> str:
    """What a reader asks next: the price of a unit, what is free, what was assumed."""
    said = []
    free = next((line.tier for line in lines if " free: " in line.tier), "")
    if free and not row.cost:
        said.append("free tier")
    else:
        said.append(unit_price(Decimal(lines[0].unit_price), lines[0].unit, currency))
        if free:
            said.append(f"{number(Decimal(free.split(' ')[0]))} free")
    taken: dict[str, set[str]] = {}
    for line in lines:
        for key, value in _TAKEN.findall(line.assumption):
            if key in TAKEN_WORDS and Decimal(line.quantity):
                taken.setdefault(key, set()).add(value)
    said.extend(
        TAKEN_WORDS[key].format(number(Decimal(min(values, key=Decimal)))) + " assumed"
        for key, values in taken.items()
        if len(values) == 1
    )
    if any(line.confidence == "low" for line in lines):
        said.append("price not certain")
    return ", ".join(said)


def unit_price(price: Decimal, unit: str, currency: str = "USD") -> str:
    """A price as AWS states it, for a million where one costs next to nothing: `$0.20/million`, `$0.045/hour`."""
    if price and price < Decimal("0.0001"):
        return f"{money(price * 10**6, currency, exact=True)}/million"
    return f"{money(price, currency, exact=True)}/{SHORT_UNITS.get(unit, unit)}"


def units(unit: str, amount: Decimal | int) -> str:
    """A unit's name for so many."""
    name = SHORT_UNITS.get(unit, unit)
    if amount == 1 or name in KEPT_UNITS or name.endswith("s") or name.isupper():
        return name
    return f"{name}s"


def number(value: Decimal) -> str:
    """A quantity for people: thousands separated, three digits that matter."""
    if value == value.to_integral_value() or abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) < Decimal("0.0005"):
        return "under 0.001"
    places = 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 4
    return f"{value:,.{places}f}".rstrip("0").rstrip(".") or "0"


def money(value: Decimal, currency: str = "USD", *, exact: bool = False, signed: bool = False) -> str:
    """An amount of money: two places, more for a price of a unit; the sign before the symbol."""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    sign = "-" if value < 0 else "+" if signed and value > 0 else ""
    amount = abs(value)
    if exact and amount and amount < 1:
        text = f"{amount:.7f}".rstrip("0")
        places = max(len(text.split(".")[1]), 2)
        return f"{sign}{symbol}{amount:,.{places}f}"
    cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if not cents:
        sign = ""
    return f"{sign}{symbol}{cents:,.2f}"


def rough(value: Decimal, currency: str = "USD") -> str:
    """An amount for comparison: whole from 100 on."""
    return money(value, currency) if value < 100 else money(value, currency).rpartition(".")[0]


def groups(found: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each group."""
    at: dict[str, list[Row]] = {}
    for row in found:
        at.setdefault(row.group, []).append(row)
    yield from at.items()


def missing(bill: Bill) -> list[Unpriced]:
    """All that may cost money and has no figure."""
    return [one for stack in bill.stacks for one in stack.unpriced]


def regions(bill: Bill) -> str:
    """The regions of the stacks."""
    return ", ".join(dict.fromkeys(stack.region for stack in bill.stacks))


class Taken(msgspec.Struct):
    """Equal assumptions of several resources together."""

    what: str
    figure: str
    reason: str
    addresses: list[str]


def taken(view: View) -> list[Taken]:
    """What was taken for granted: equal assumptions together, those that the dearest resources rest on first."""
    costs: dict[str, Decimal] = {}
    found: dict[tuple[str, str, str], Taken] = {}

    def add(address: str, what: str, figure: str, reason: str) -> None:
        entry = found.setdefault((what, figure, reason), Taken(what, figure, reason, []))
        if address and address not in entry.addresses:
            entry.addresses.append(address)

    for stack in view.bill.stacks:
        for line in stack.components:
            costs[line.address] = costs.get(line.address, Decimal(0)) + line.cost
            for part in line.assumption.split("; ") if line.cost else ():
                if part and " = " not in part and not part.startswith("exists ("):
                    add(line.address, "", "", part)
    for one in view.assumptions:
        add(one.address, one.what, one.figure, one.reason)
    zero = Decimal(0)
    return sorted(
        found.values(), key=lambda one: -max((costs.get(at, zero) for at in one.addresses), default=zero)
    )


class Change(msgspec.Struct):
    """One group in several bills: its cost in each (0 where it has none)."""

    group: str
    costs: list[Decimal]

    @property
    def difference(self) -> Decimal:
        """The last minus the first."""
        return self.costs[-1] - self.costs[0]


def changes(bills: list[Bill], by: str = "service") -> list[Change]:
    """The groups of several bills side by side, in the order of the dearest."""
    found: dict[str, Change] = {}
    for index, bill in enumerate(bills):
        for group, of_group in groups(rows(bill, by)):
            entry = found.setdefault(group, Change(group, [Decimal(0)] * len(bills)))
            entry.costs[index] += sum((row.cost for row in of_group), Decimal(0))
    return sorted(found.values(), key=lambda one: -max(one.costs))
