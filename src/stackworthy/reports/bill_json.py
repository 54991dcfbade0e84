"""The bill as JSON: one bill is `stackworthy.bill/1`; several, side by side, are `stackworthy.bills/1`."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from stackworthy.core.cost import Bill, decimal_text
from stackworthy.reports.bill_rows import View, changes

SCHEMA = "stackworthy.bills/1"


class NamedBill(msgspec.Struct):
    """A bill with the name of its scenario, environment, path or revision ("": as things are now)."""

    name: str
    bill: Bill


class ServiceChange(msgspec.Struct):
    """One service in each of the bills, and the last minus the first; decimal strings."""

    service: str
    monthly_costs: list[str]
    difference: str


class Bills(msgspec.Struct):
    """Several bills side by side. `difference` is the last total minus the first."""

    schema: str
    currency: str
    bills: list[NamedBill]
    services: list[ServiceChange]
    difference: str


def document(views: list[View]) -> bytes:
    """The document of one bill, or of several."""
    if len(views) == 1:
        return msgspec.json.format(msgspec.json.encode(views[0].bill), indent=1) + b"\n"
    return msgspec.json.format(msgspec.json.encode(bills(views)), indent=1) + b"\n"


def bills(views: list[View]) -> Bills:
    """Several bills as one structure."""
    every = [view.bill for view in views]
    services = [
        ServiceChange(one.group, [decimal_text(cost) for cost in one.costs], _text(one.difference))
        for one in changes(every)
    ]
    named = [NamedBill(view.name, view.bill) for view in views]
    return Bills(SCHEMA, every[0].currency, named, services, _text(every[-1].cost - every[0].cost))


def _text(value: Decimal) -> str:
    return decimal_text(value)
