"""The cost over decades of traffic, by service, and where another design becomes cheaper. Everything is priced; nothing is interpolated but the crossing itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from stackworthy.core.cost import Bill, Usage, UsageError
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.estimate import estimate
from stackworthy.prices import catalogue, usage_keys
from stackworthy.prices.catalogue import Catalogue
from stackworthy.workload.billing import Stack, Terms, flows_of
from stackworthy.workload.designs import Design, designs
from stackworthy.workload.flow import Flow

POINTS_PER_DECADE = 4
MOST_POINTS = 60
MOST_DESIGNS = 8
NARROWED = 6
_RANGE = re.compile(r"requests\s*=\s*([0-9.eE+_,]+[kMG]?)\s*\.\.\s*([0-9.eE+_,]+[kMG]?)")
_MANY = {"k": 1000, "M": 10**6, "G": 10**9}


class Range(msgspec.Struct, frozen=True):
    """From and to how many requests a month."""

    low: Decimal
    high: Decimal

    def points(self) -> list[Decimal]:
        """Where to price: evenly over the decades, the ends included."""
        decades = (self.high / self.low).log10()
        steps = min(max(int((decades * POINTS_PER_DECADE).to_integral_value()), 1), MOST_POINTS)
        return [self.low * (Decimal(10) ** (decades * step / steps)) for step in range(steps)] + [self.high]


def range_of(text: str) -> Range:
    """The range of `requests=1e3..1e9`. Raises `UsageError`."""
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text[:60]!r} is no range", "write requests=1e3..1e9", key="--sweep")
    low, high = _number(found[1]), _number(found[2])
    if low <= 0 or high <= low or high > 10**15:
        raise UsageError(
            f"{text[:60]!r} does not rise", "write the smaller number first, from 1 to 1e15", key="--sweep"
        )
    return Range(low, high)


def _number(text: str) -> Decimal:
    many = _MANY.get(text[-1], 1)
    try:
        return Decimal(text.rstrip("kMG").replace(",", "").replace("_", "")) * many
    except ArithmeticError:
        raise UsageError(f"{text[:30]!r} is no number", "write requests=1e3..1e9", key="--sweep") from None


class Point(msgspec.Struct):
    """The bill at so many requests a month: the total and the cost of each service."""

    requests: Decimal
    cost: Decimal
    services: dict[str, Decimal]


class Crossing(msgspec.Struct):
    """Where another design of a resource becomes cheaper, or stops being so.

    `cheaper` is the design that is cheaper from `requests` a month on (None: over the whole range, when `requests` is None).
    `now` and `instead` are monthly costs of the whole stack at the end of the range.
    """

    address: str
    now: str
    instead: str
    cheaper: str
    requests: Decimal | None
    now_cost: Decimal
    instead_cost: Decimal
    note: str


class Curve(msgspec.Struct):
    """The cost over a range of requests, and the crossings."""

    currency: str
    stated: Decimal
    points: list[Point]
    crossings: list[Crossing]


def sweep(stacks: list[Stack], terms: Terms, over: Range, prices: Catalogue | None = None) -> Curve:
    """Price stacks over a range of requests a month. Raises `UsageError` when no request comes in at all."""
    sweeper = _Sweeper(stacks, terms, prices or catalogue())
    return sweeper.curve(over)


class _Sweeper:
    def __init__(self, stacks: list[Stack], terms: Terms, prices: Catalogue) -> None:
        self.stacks = stacks
        self.terms = terms
        self.prices = prices
        flows, usage, _ = flows_of(stacks, msgspec.structs.replace(terms, factor=Decimal(1)))
        self.stated = sum((flow.incoming for flow in flows), Decimal(0))
        if not self.stated:
            raise UsageError(
                "no request comes in",
                "state a rate: stackworthy workload init writes a start file",
                key="--sweep",
            )
        self.known: dict[Decimal, tuple[list[Flow], Usage]] = {}
        self.others = self._designs(flows, usage)

    def _designs(self, flows: list[Flow], usage: Usage) -> list[tuple[int, Design]]:
        """The other designs of the dearest resources that something comes to."""
        bill = self._bill([flow.graph for flow in flows], usage)
        costs: dict[int, Decimal] = {}
        where: dict[int, int] = {}
        reached: list[Resource] = []
        for index, flow in enumerate(flows):
            for line in bill.stacks[index].components:
                resource = flow.graph[line.address] if line.address in flow.loads else None
                if resource is None:
                    continue
                if id(resource) not in where:
                    where[id(resource)] = index
                    reached.append(resource)
                # Before free tiers, which are shared by accident of quantity.
                gross = Decimal(line.quantity) * Decimal(line.unit_price)
                costs[id(resource)] = costs.get(id(resource), Decimal(0)) + gross
        reached.sort(key=lambda one: -costs[id(one)])
        places = {one.address: where[id(one)] for one in reversed(reached)}
        return [(places[design.address], design) for design in designs(reached)][:MOST_DESIGNS]

    def _bill(self, graphs: list[Graph], usage: Usage) -> Bill:
        return estimate(graphs, usage, self.prices, self.terms.options())

    def at(self, requests: Decimal) -> tuple[list[Flow], Usage]:
        """The flow at so many requests a month."""
        found = self.known.get(requests)
        if found is None:
            terms = msgspec.structs.replace(self.terms, factor=requests / self.stated)
            flows, usage, _ = flows_of(self.stacks, terms)
            found = self.known[requests] = (flows, usage)
        return found

    def curve(self, over: Range) -> Curve:
        """Price every point, then look for crossings."""
        points = []
        for requests in over.points():
            flows, usage = self.at(requests)
            bill = self._bill([flow.graph for flow in flows], usage)
            services: dict[str, Decimal] = {}
            for stack in bill.stacks:
                for line in stack.components:
                    name = self.prices.dimensions[line.price].service
                    services[name] = services.get(name, Decimal(0)) + line.cost
            points.append(Point(requests, bill.cost, services))
        crossings = [one for index, design in self.others for one in self._crossings(index, design, points)]
        return Curve(self.prices.currency, self.stated, points, crossings)

    def _other(self, index: int, design: Design, requests: Decimal) -> Decimal:
        """The bill with the other design in place."""
        flows, usage = self.at(requests)
        path = flows[index].graph.path
        given = Usage()
        for stack, address, key, one in usage.rows():
            if stack != path or _fits(design, address, key):
                given.add(address, key, one.value, stack=stack, basis=one.basis, why=one.why)
        design.usage(flows[index], usage.of(path, design.address), given)
        graphs = [design.graph if at == index else flow.graph for at, flow in enumerate(flows)]
        return self._bill(graphs, given).cost

    def _crossings(self, index: int, design: Design, points: list[Point]) -> Iterator[Crossing]:
        others = [self._other(index, design, point.requests) for point in points]
        signs = [_sign(other - point.cost) for other, point in zip(others, points, strict=True)]
        last = points[-1]
        found = False
        for at in range(1, len(points)):
            if signs[at] == signs[at - 1] or not signs[at]:
                continue
            before = next((sign for sign in reversed(signs[:at]) if sign), 0)
            if before == signs[at] or (before == 0 and signs[at] > 0):
                continue
            found = True
            cheaper = design.instead if signs[at] < 0 else design.now
            requests = self._narrowed(index, design, points[at - 1].requests, points[at].requests, signs[at])
            yield Crossing(
                design.address,
                design.now,
                design.instead,
                cheaper,
                requests,
                last.cost,
                others[-1],
                design.note,
            )
        if not found and any(signs):
            cheaper = design.instead if signs[-1] < 0 else design.now
            yield Crossing(
                design.address, design.now, design.instead, cheaper, None, last.cost, others[-1], design.note
            )

    def _narrowed(self, index: int, design: Design, low: Decimal, high: Decimal, after: int) -> Decimal:
        """Where the sign turns, halved on the logarithm."""
        for _ in range(NARROWED):
            middle = (low * high).sqrt()
            flows, usage = self.at(middle)
            now = self._bill([flow.graph for flow in flows], usage).cost
            if _sign(self._other(index, design, middle) - now) == after:
                high = middle
            else:
                low = middle
        return high


def _fits(design: Design, address: str, key: str) -> bool:
    """Whether the resource is there in the other design, and has the key as the kind that it then is."""
    resource = design.graph.get(address)
    if resource is None:
        return address == "stack"
    return address != design.address or key in usage_keys(resource.kind or resource.type)


def _sign(value: Decimal) -> int:
    """-1, 0, 1; half a cent is nothing."""
    return 0 if abs(value) < Decimal("0.005") else 1 if value > 0 else -1
