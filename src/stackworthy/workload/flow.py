"""Lets a workload flow along a graph: from the entry points, along its relations, to a load for every resource.

A resource passes on what comes to it by `links` (`workload/links.py`). A relation that leads back to where the flow came
from is cut: what it brings is counted where it arrives, and starts nothing again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec

from stackworthy.core.cost import Usage, UsageError, quantity
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown
from stackworthy.prices.schedules import runs
from stackworthy.workload.entries import APIS, TIMED, named, near, routes
from stackworthy.workload.model import FACTS, Call, Facts, Workload

ZERO = Decimal(0)
ONE = Decimal(1)
PARTS = ("count", "reads", "writes")


class Assumption(msgspec.Struct, frozen=True):
    """Something taken for granted: of which resource ("": of all), the figure with its unit, and the reason."""

    address: str
    what: str
    figure: str
    reason: str


class Load(msgspec.Struct):
    """What comes to a resource in a month: `count` requests, messages, events or uploads; `reads` and `writes` of a store;
    `items` are what the count holds, where a batch is one invocation; `sized` uploads have `kilobytes` together.

    `after` is the part of each that came along a relation that leads back, and is not passed on. `sources` says, by part and
    address ("": stated), who sends how much; `busy` is how many times the average the busiest hour has.
    """

    count: Decimal = ZERO
    reads: Decimal = ZERO
    writes: Decimal = ZERO
    items: Decimal = ZERO
    sized: Decimal = ZERO
    kilobytes: Decimal = ZERO
    after: dict[str, Decimal] = msgspec.field(default_factory=dict)
    sources: dict[tuple[str, str], Decimal] = msgspec.field(default_factory=dict)
    busy: Decimal = ONE
    stated: bool = False

    def total(self, part: str) -> Decimal:
        """All of a part, with what came along relations that lead back."""
        own: Decimal = getattr(self, part)
        return own + self.after.get(part, ZERO)


class Link(msgspec.Struct, frozen=True):
    """Who is next, which part of its load, how much of it for the load of this one, and what was taken for granted.

    `items` says how many items that holds, where they come in batches; `kilobytes` how large it is, where that is known.
    """

    target: Resource
    part: str
    amount: Callable[[Load], Decimal]
    by: str = ""
    assumed: str = ""
    items: Callable[[Load], Decimal] | None = None
    kilobytes: Callable[[Load], Decimal] | None = None


class Flow:
    """The loads of a graph's resources under a workload."""

    def __init__(self, graph: Graph, workload: Workload, hours: Decimal) -> None:
        self.graph = graph
        self.workload = workload
        self.hours = hours
        self.loads: dict[str, Load] = {}
        self.assumptions: dict[tuple[str, str], Assumption] = {}
        self.facts: dict[str, dict[str, Decimal]] = {}
        self.counts: dict[str, dict[str, Decimal]] = {}
        self.given: dict[str, set[str]] = {}
        self.links: dict[str, list[Link]] = {}
        self.calls: dict[str, list[Call]] = {}
        self.cut: list[tuple[str, str]] = []
        self.incoming = ZERO

    @property
    def seconds(self) -> Decimal:
        """The seconds of the month."""
        return self.hours * 3600

    def fact(self, resource: Resource, name: str) -> Decimal:
        """A figure: stated of the resource, else by default, else assumed (and listed as that)."""
        own = self.facts.get(resource.address, {})
        if name in own:
            return own[name]
        if name in self.workload.defaults:
            return self.workload.defaults[name]
        fact = FACTS[name]
        self.assume(resource.address, name, f"{fact.value} {fact.unit}", fact.why)
        return fact.value

    def stated(self, resource: Resource, name: str) -> Decimal | None:
        """A figure that somebody stated, for the resource or by default; None when nobody did."""
        found = self.facts.get(resource.address, {}).get(name)
        return found if found is not None else self.workload.defaults.get(name)

    def is_stated(self, resource: Resource, *names: str) -> bool:
        """Whether the workload, a usage file or a measurement states one of these figures of a resource."""
        known = self.facts.get(resource.address, {}).keys() | self.given.get(resource.address, set())
        return not known.isdisjoint(names)

    def assume(self, address: str, what: str, figure: str, reason: str) -> None:
        """List something that is taken for granted, once."""
        self.assumptions.setdefault((address, what), Assumption(address, what, figure, reason))

    def load(self, address: str) -> Load:
        """The load of a resource, empty at first."""
        found = self.loads.get(address)
        if found is None:
            found = self.loads[address] = Load()
        return found


def flow(
    graph: Graph,
    workload: Workload,
    hours: Decimal,
    others: list[Graph] | None = None,
    usage: Usage | None = None,
) -> Flow:
    """The loads of a graph under a workload, in a month of so many hours.

    `others` are graphs whose entry points the workload may name too. Counts in `usage` (measured, or of a usage file) take
    the place of what would flow, and flow on. Raises `UsageError` for a name that none of them has.
    """
    made = Flow(graph, workload, hours)
    for stack, address, key, given in usage.rows() if usage is not None else ():
        if stack not in ("", graph.path) or graph.get(address) is None:
            continue
        made.given.setdefault(address, set()).add(key)
        if key in COUNT_KEYS:
            made.counts.setdefault(address, {})[key] = given.value
    every = [graph, *(others or ())]
    for one in workload.resources:
        for resource in _found(every, graph, one.name, workload.file, one.line):
            made.facts.setdefault(resource.address, {}).update(one.facts)
    for call in workload.calls:
        for source in _found(every, graph, call.source, workload.file, call.line):
            made.calls.setdefault(source.address, []).append(call)
        if call.target != "*":
            _found(every, graph, call.target, workload.file, call.line)
    starts = list(_entries(made, every))
    starts.extend(_timed(made))
    _spread(made, starts)
    if not made.incoming:
        # Usage of a file or measurements take the place of rates.
        made.incoming = sum(
            (
                load.sources.get(("count", ""), ZERO)
                for address, load in made.loads.items()
                if graph[address].kind not in TIMED
            ),
            ZERO,
        )
    return made


def _found(every: list[Graph], graph: Graph, name: str, file: str, line: int) -> list[Resource]:
    """The resources of this graph that a name means; an error when no graph has one."""
    found = named(graph, name)
    if not found and not any(named(other, name) for other in every):
        raise UsageError(f"no stack here has {name!r}", near(every, name), key=name, file=file, line=line)
    return found


def _entries(made: Flow, every: list[Graph]) -> Iterator[Resource]:
    """Put the stated rates on the resources at which they enter."""
    for entry in made.workload.entries:
        found = _found(every, made.graph, entry.name, made.workload.file, entry.line)
        if len(found) > 1:
            where = ", ".join(one.address for one in found[:3])
            made.assume("", entry.name, f"{len(found)} resources", f"the rate is shared by {where}")
        for resource in found:
            monthly = entry.rate.monthly / len(found)
            if resource.kind is None:
                raise UsageError(
                    f"{entry.name} is a {resource.type}, where no request comes in",
                    near(every, entry.name),
                    key=entry.name,
                    file=made.workload.file,
                    line=entry.line,
                )
            if entry.facts:
                made.facts.setdefault(resource.address, {}).update(entry.facts)
            below = routes(resource) if resource.kind in APIS else []
            if below:
                made.assume(
                    resource.address, "routes", f"{len(below)} routes", "its requests go to all routes alike"
                )
            made.incoming += monthly
            for one in below or [resource]:
                _enter(made.load(one.address), monthly / (len(below) or 1), entry.rate.peak)
                yield one


def _enter(load: Load, monthly: Decimal, peak: Decimal) -> None:
    load.count += monthly
    load.writes += monthly
    load.items += monthly
    for part in ("count", "writes"):
        load.sources[part, ""] = load.sources.get((part, ""), ZERO) + monthly
    load.busy = max(load.busy, peak)
    load.stated = True


def _timed(made: Flow) -> Iterator[Resource]:
    """Put the runs of schedules on them: they need nobody to state a rate."""
    for kind, path in (
        ("AWS::Events::Rule", "ScheduleExpression"),
        ("AWS::Scheduler::Schedule", "ScheduleExpression"),
    ):
        for rule in made.graph.of(kind):
            if rule.address in made.loads:
                continue
            try:
                expression = rule[path]
                if rule["State"] == "DISABLED" or not isinstance(expression, str) or not expression:
                    continue
                _enter(made.load(rule.address), runs(expression, made.hours), ONE)
            except NotKnown:
                continue
            yield rule


COUNT_KEYS = {
    "monthly_requests": "count",
    "monthly_jobs": "count",
    "monthly_tasks": "count",
    "monthly_records": "count",
    "monthly_custom_events": "count",
    "monthly_objects": "writes",
    "monthly_writes": "writes",
    "monthly_reads": "reads",
}
"""Usage keys whose stated (or measured) value replaces what would flow, and flows on."""
DIRECT = frozenset(
    {
        "AWS::Lambda::Function",
        "AWS::StepFunctions::StateMachine",
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::Kinesis::Stream",
        "AWS::Events::EventBus",
        "AWS::SNS::Topic",
        "AWS::ECS::TaskDefinition",
        "AWS::Batch::JobDefinition",
        "AWS::Pipes::Pipe",
    }
)
"""Kinds whose count is what such a key says (a queue's requests are not its messages)."""


def _spread(made: Flow, starts: list[Resource]) -> None:
    """Pass the loads on, each resource after all that send to it."""
    from stackworthy.workload.links import links

    for address, facts in (*made.facts.items(), *made.counts.items()):
        resource = made.graph.get(address)
        if resource is not None and resource.kind in DIRECT and any(key in COUNT_KEYS for key in facts):
            starts.append(resource)
    following = {
        address: links(made, resource) for address, resource in _reachable(made, starts, links).items()
    }
    order = _ordered(following, starts, made)
    place = {address: index for index, address in enumerate(order)}
    for address in order:
        load = made.load(address)
        source = made.graph[address]
        _replace(load, source, {**made.facts.get(address, {}), **made.counts.get(address, {})})
        for link in following[address]:
            amount = link.amount(load)
            if not amount:
                continue
            if link.assumed:
                made.assume(address, f"{link.by} {link.target.name}".strip(), monthly(amount), link.assumed)
            _arrive(made, source, link, amount, back=place[link.target.address] <= place[address])


def _replace(load: Load, resource: Resource, facts: Facts) -> None:
    if resource.kind not in DIRECT:
        return
    for key, part in COUNT_KEYS.items():
        if key in facts:
            if part == "count":
                load.items = load.items * facts[key] / load.count if load.count else facts[key]
            setattr(load, part, facts[key])
            if part == "writes" or resource.kind == "AWS::S3::Bucket":
                load.count = load.writes
            load.stated = True
            load.sources = {key: value for key, value in load.sources.items() if key[0] != part}
            load.sources[part, ""] = facts[key]


def _arrive(made: Flow, source: Resource, link: Link, amount: Decimal, *, back: bool) -> None:
    load = made.load(link.target.address)
    if back:
        load.after[link.part] = load.after.get(link.part, ZERO) + amount
        if link.part == "writes":
            load.after["count"] = load.after.get("count", ZERO) + amount
        load.sources[link.part, source.address] = load.sources.get((link.part, source.address), ZERO) + amount
        made.assume(
            link.target.address,
            f"from {source.name}",
            monthly(amount),
            "it is counted here and starts nothing again, or the flow would run in a circle",
        )
        return
    for part in ("writes", "count") if link.part == "writes" else (link.part,):
        setattr(load, part, getattr(load, part) + amount)
        load.sources[part, source.address] = load.sources.get((part, source.address), ZERO) + amount
    if link.part != "reads":
        load.items += link.items(made.load(source.address)) if link.items is not None else amount
    if link.kilobytes is not None:
        load.sized += amount
        load.kilobytes += link.kilobytes(made.load(source.address))
    load.busy = max(load.busy, made.load(source.address).busy)


def monthly(amount: Decimal) -> str:
    """An amount for people: `60,000 a month`."""
    return f"{amount:,.0f} a month" if amount >= 10 else f"{amount:.2g} a month"


def _reachable(
    made: Flow, starts: list[Resource], links: Callable[[Flow, Resource], list[Link]]
) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    pending = list(starts)
    while pending:
        resource = pending.pop()
        if resource.address in found:
            continue
        found[resource.address] = resource
        pending.extend(link.target for link in links(made, resource))
    return found


def _ordered(following: dict[str, list[Link]], starts: list[Resource], made: Flow) -> list[str]:
    """The resources with each after all that send to it, as far as no relation leads back."""
    done: dict[str, bool] = {}
    order: list[str] = []
    for start in starts:
        if start.address in done:
            continue
        done[start.address] = False
        stack = [(start.address, iter(following[start.address]))]
        while stack:
            address, rest = stack[-1]
            for link in rest:
                to = link.target.address
                if to not in done:
                    done[to] = False
                    stack.append((to, iter(following[to])))
                    break
                if not done[to]:
                    made.cut.append((address, to))
            else:
                stack.pop()
                done[address] = True
                order.append(address)
    order.reverse()
    return order


def checked_facts(keys: set[str], facts: Facts, kind: str, name: str, file: str, line: int) -> None:
    """Refuse a fact that no resource of the kind has."""
    from difflib import get_close_matches

    for key, value in facts.items():
        if key in keys or key in FACTS or key.startswith(("share.", "bedrock.", "model.")):
            quantity(value, key, file, line)
            continue
        close = get_close_matches(key, [*keys, *FACTS], 1, 0.5)
        hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(sorted(keys)[:10])}"
        raise UsageError(f"{kind} has no usage key {key!r}", hint, key=f"{name}.{key}", file=file, line=line)
