"""Stacks under their workloads -> the bill, and how it came about."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from stackworthy.config_file import line_of
from stackworthy.core.cost import Bill, Unpriced, Usage, UsageError
from stackworthy.core.graph import Graph
from stackworthy.estimate import Options, estimate, hours_of
from stackworthy.prices.catalogue import Catalogue
from stackworthy.workload import infracost, measured
from stackworthy.workload.code import SERVICES, calls_of
from stackworthy.workload.flow import Flow, flow
from stackworthy.workload.keys import usage_of
from stackworthy.workload.model import Workload, grown
from stackworthy.workload.parse import parse


class Table(msgspec.Struct, frozen=True):
    """A `[workload]` as it is written: the table, the file, and the file's text (to find lines)."""

    table: Mapping[str, Any] = msgspec.field(default_factory=dict)
    file: str = ""
    text: str = ""
    at: tuple[str, ...] = ("workload",)

    def line(self, at: tuple[str, ...]) -> int:
        """The line of a key."""
        return line_of(self.text, at)

    def over(self, upper: Mapping[str, Any], at: tuple[str, ...]) -> Table:
        """This table with another laid over it, key by key; errors point into the upper one."""
        return Table(_over(self.table, upper), self.file, self.text, at if upper else self.at)


def _over(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[key] = _over(below, value) if both else value  # type: ignore[arg-type]
    return merged


class Stack(msgspec.Struct, frozen=True):
    """A graph to price, with the workload that its settings state, and the name of its environment ("": none)."""

    graph: Graph
    workload: Table = msgspec.field(default_factory=Table)
    environment: str = ""


class UsageText(msgspec.Struct, frozen=True):
    """A usage file: infracost's (YAML), or measurements (CSV, JSON), by the ending of its name."""

    file: str
    text: str


class Terms(msgspec.Struct, frozen=True):
    """What a bill is made under; as `estimate.Options`, with `factor` times the traffic and files of usage."""

    month: str = ""
    free_tier: bool = True
    account_created: datetime.date | None = None
    region: str = ""
    factor: Decimal = Decimal(1)
    usage: tuple[UsageText, ...] = ()
    today: datetime.date | None = None

    @property
    def hours(self) -> Decimal:
        """The hours of the month."""
        return hours_of(self.month)

    def options(self) -> Options:
        """The same, as `estimate` takes it."""
        return Options(self.month, self.free_tier, self.account_created, self.region, self.today)


class Priced(msgspec.Struct):
    """A bill, the flow behind each of its stacks, the usage that was priced, and what of the input is not used."""

    bill: Bill
    flows: list[Flow]
    usage: Usage
    warnings: list[str]

    @property
    def requests(self) -> Decimal:
        """What comes in at all entry points in a month."""
        return sum((one.incoming for one in self.flows), Decimal(0))


def price(stacks: list[Stack], terms: Terms, prices: Catalogue | None = None) -> Priced:
    """The bill of stacks, all of one account. Raises `UsageError` for input that cannot be priced."""
    flows, usage, warnings = flows_of(stacks, terms)
    bill = estimate([stack.graph for stack in stacks], usage, prices, terms.options())
    for stack_bill, one in zip(bill.stacks, flows, strict=True):
        missing = list(_services(one, usage))
        stack_bill.unpriced += missing
        bill.complete = bill.complete and not missing
    return Priced(bill, flows, usage, warnings)


def flows_of(stacks: list[Stack], terms: Terms) -> tuple[list[Flow], Usage, list[str]]:
    """The flow through each stack, the usage that comes of all of them, and what of the input is not used. Raises `UsageError`."""
    usage, warnings = _files([stack.graph for stack in stacks], terms)
    workloads = _parsed(stacks, terms)
    flows = []
    for stack, workload in zip(stacks, workloads, strict=True):
        same = [one.graph for one in stacks if one.workload.file == stack.workload.file]
        flows.append(flow(stack.graph, workload.scaled(terms.factor), terms.hours, same, usage))
    for one in flows:
        usage_of(one, usage)
    return flows, usage, warnings


def _parsed(stacks: list[Stack], terms: Terms) -> list[Workload]:
    """The workload of each stack; one that several share is read once."""
    known: dict[int, Workload] = {}
    made = []
    for stack in stacks:
        table = stack.workload
        if id(table) not in known:
            known[id(table)] = parse(table.table, table.file, terms.hours * 3600, table.line, table.at)
        made.append(known[id(table)])
    return made


def _files(graphs: list[Graph], terms: Terms) -> tuple[Usage, list[str]]:
    """What the usage files say, grown with the traffic; measurements stand over the rest."""
    usage = Usage()
    warnings: list[str] = []
    for one in sorted(terms.usage, key=lambda one: one.file.endswith((".csv", ".json"))):
        if one.file.endswith((".csv", ".json")):
            rows = measured.read(one.text, one.file)
            warnings += measured.apply(rows, one.file, graphs, terms.hours, usage)
        else:
            warnings += infracost.apply(infracost.read(one.text, one.file), graphs, usage)
    if terms.factor == 1:
        return usage, warnings
    made = Usage()
    for stack, address, key, given in usage.rows():
        value = grown({key: given.value}, terms.factor)[key]
        made.add(address, key, value, stack=stack, basis=given.basis, why=given.why)
    return made, warnings


def _services(one: Flow, usage: Usage) -> Iterator[Unpriced]:
    """Services that code calls and nobody stated the use of."""
    path = one.graph.path
    for fn in one.graph.of("AWS::Lambda::Function"):
        calls = calls_of(fn) if fn.address in one.loads else None
        for name, (operation, place) in calls.services.items() if calls is not None else ():
            service = SERVICES[name]
            given = (*usage.of(path, fn.address), *usage.of(path, "stack"))
            if service.keys and any(key.startswith((service.keys, "model.")) for key in given):
                continue
            way = f"state its {_key_words(service.keys)}" if service.keys else "no price of it is known here"
            reason = f"its code calls {place}: {way}"
            yield Unpriced(fn.address, fn.kind or "", f"{service.name} {operation}", fn.region or "", reason)


def _key_words(keys: str) -> str:
    return {
        "bedrock.": "tokens, by the keys of stackworthy prices show bedrock",
        "transcribe_": "transcribe_seconds",
        "athena_": "athena_scanned_tb",
    }.get(keys, keys)


__all__ = ["Priced", "Stack", "Table", "Terms", "UsageError", "UsageText", "price"]
