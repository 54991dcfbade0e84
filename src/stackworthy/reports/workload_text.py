"""What flows through stacks, on a terminal and as JSON (`stackworthy.workload/1`)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from stackworthy.core.cost import Usage, decimal_text
from stackworthy.core.resource import Resource
from stackworthy.reports.bill_rows import number
from stackworthy.reports.terminal import Layout, cells, cropped, harmless, squeezed, wrapped
from stackworthy.workload.entries import ROUTES, label
from stackworthy.workload.flow import Assumption, Flow
from stackworthy.workload.keys import tidy

SCHEMA = "stackworthy.workload/1"


class GivenRecord(msgspec.Struct):
    """One usage key of a resource: the value as a decimal string, whether it is stated, measured, derived or assumed, and why."""

    key: str
    value: str
    basis: str
    why: str


class ResourceFlow(msgspec.Struct):
    """What comes to a resource in a month: decimal strings. `sources` says from whom (address "": stated), `peak_per_second` in the busiest hour."""

    address: str
    kind: str
    count: str
    reads: str
    writes: str
    peak_per_second: str
    sources: dict[str, str]
    usage: list[GivenRecord]


class StackFlow(msgspec.Struct):
    """One stack: the flow through its resources, and everything that was assumed."""

    path: str
    environment: str
    resources: list[ResourceFlow]
    assumptions: list[Assumption]


class WorkloadDocument(msgspec.Struct):
    """The flow through stacks in a month of so many hours."""

    schema: str
    hours: str
    stacks: list[StackFlow]
    warnings: list[str]


class Shown(NamedTuple):
    """A flow with the name of its environment and the usage that came of it."""

    flow: Flow
    environment: str
    usage: Usage


def document(shown: list[Shown], warnings: list[str]) -> WorkloadDocument:
    """The flows as one structure."""
    hours = decimal_text(shown[0].flow.hours) if shown else "730"
    return WorkloadDocument(SCHEMA, hours, [_stack(one) for one in shown], warnings)


def _stack(one: Shown) -> StackFlow:
    flow = one.flow
    resources = []
    for address, load in flow.loads.items():
        given = one.usage.of(flow.graph.path, address)
        sources: dict[str, Decimal] = {}
        for (_, source), amount in load.sources.items():
            sources[source] = max(sources.get(source, Decimal(0)), amount)
        resources.append(
            ResourceFlow(
                address,
                flow.graph[address].kind or "",
                decimal_text(tidy(load.total("count"))),
                decimal_text(tidy(load.total("reads"))),
                decimal_text(tidy(load.total("writes"))),
                decimal_text(tidy(load.total("count") / flow.seconds * load.busy)),
                {source: decimal_text(tidy(amount)) for source, amount in sources.items()},
                [GivenRecord(key, decimal_text(one.value), one.basis, one.why) for key, one in given.items()],
            )
        )
    return StackFlow(flow.graph.path, one.environment, resources, list(flow.assumptions.values()))


def report(shown: list[Shown], warnings: list[str], layout: Layout) -> Iterator[str]:
    """The lines: each resource with what comes to it, then the assumptions."""
    for index, one in enumerate(shown):
        if index:
            yield ""
        yield from _text(one, layout)
    for words in warnings:
        yield layout.style(f"  {harmless(words)}", fg="yellow")


def _text(one: Shown, layout: Layout) -> Iterator[str]:
    flow = one.flow
    width = min(layout.width, 130)
    head = " · ".join(part for part in (flow.graph.path, one.environment, f"{number(flow.hours)} h") if part)
    yield layout.style(cropped(harmless(head), width), bold=True)
    yield ""
    if not flow.loads:
        yield "  nothing comes in: no rate is stated. stackworthy workload init writes a start file"
        return
    entries = sorted(
        flow.loads.items(), key=lambda item: (_rank(flow.graph[item[0]]), -item[1].total("count"))
    )
    wide = min(max(cells(label(flow.graph[address])) for address, _ in entries), width // 3)
    for address, load in entries:
        resource = flow.graph[address]
        name = squeezed(harmless(label(resource)), wide)
        parts = []
        if resource.kind in _STORES:
            parts += [
                f"{number(_whole(load.total(part)))} {part}"
                for part in ("writes", "reads")
                if load.total(part)
            ]
        else:
            parts.append(f"{number(_whole(load.total('count') or load.total('reads')))} {_noun(resource)}")
        peak = load.total("count") / flow.seconds * load.busy
        if load.busy > 1 and peak >= Decimal("0.01"):
            parts.append(f"at most {number(peak)}/s")
        sent = _senders(flow, address)
        line = f"  {name}{' ' * (wide - cells(name))}  {', '.join(parts)}"
        room = width - cells(line) - 3
        yield line + (layout.style(f"   {cropped(sent, room)}", dim=True) if sent and room > 12 else "")
    yield ""
    yield layout.style("  assumed", bold=True)
    for (what, figure, reason), whose in _together(flow).items():
        head = " ".join(part for part in (what, figure) if part)
        named = ", ".join(whose[:NAMED]) + (f" and {len(whose) - NAMED} more" if len(whose) > NAMED else "")
        text = f"{named}: {head}, {reason}" if named else f"{head}, {reason}"
        lines = wrapped(harmless(text), width - 4)
        yield f"  - {lines[0]}"
        yield from (f"    {line}" for line in lines[1:])


def _together(flow: Flow) -> dict[tuple[str, str, str], list[str]]:
    """Equal assumptions, with the names of the resources that they are made for."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for one in flow.assumptions.values():
        names = found.setdefault((one.what, one.figure, one.reason), [])
        resource = flow.graph.get(one.address)
        if resource is not None:
            names.append(label(resource))
    return found


NAMED = 4
"""How many resources of one assumption are named."""
_STORES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket")
_NOUNS = {
    "AWS::Lambda::Function": "invocations",
    "AWS::SQS::Queue": "messages",
    "AWS::SNS::Topic": "messages",
    "AWS::StepFunctions::StateMachine": "executions",
    "AWS::Kinesis::Stream": "records",
    "AWS::Events::EventBus": "events",
    "AWS::Events::Rule": "events",
    "AWS::ECS::TaskDefinition": "tasks",
    "AWS::Batch::JobDefinition": "jobs",
    "AWS::Scheduler::Schedule": "runs",
}


def _noun(resource: Resource) -> str:
    return _NOUNS.get(resource.kind or "", "requests")


def _rank(resource: Resource) -> int:
    if resource.kind in ROUTES:
        return 0
    if resource.kind in _STORES:
        return 3
    return 2 if resource.kind == "AWS::Lambda::Function" else 1


def _whole(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value >= 1 else value


def _senders(flow: Flow, address: str) -> str:
    """Who sends, the largest first."""
    load = flow.load(address)
    sent: dict[str, Decimal] = {}
    for (_, source), amount in load.sources.items():
        sent[source] = max(sent.get(source, Decimal(0)), amount)
    ranked = sorted(sent.items(), key=lambda item: -item[1])
    names = ["stated" if not source else harmless(label(flow.graph[source])) for source, _ in ranked]
    if not names or names == ["stated"]:
        return "as stated" if names else ""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"from {', '.join(names[:3])}{more}"
