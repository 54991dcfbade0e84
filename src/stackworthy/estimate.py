"""Graphs + usage + prices -> the bill.

    bill = estimate(graphs, usage, catalogue(), Options(month="2026-11"))

Every resource that has a price is asked for its costs; equal prices are pooled over all resources of an account and
region, free tiers are taken off, tiers applied, and each line bears its share by quantity.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches

import msgspec

from stackworthy.core.cost import (
    SCHEMA,
    Bill,
    Component,
    Cost,
    Given,
    StackBill,
    Unpriced,
    Usage,
    UsageError,
    UsageKey,
    decimal_text,
    unknown_key,
)
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown
from stackworthy.prices import catalogue, free, functions, model_key, usage_keys
from stackworthy.prices.calls import CALLERS, STACK
from stackworthy.prices.catalogue import Catalogue, Price
from stackworthy.prices.models import with_models
from stackworthy.prices.pools import Place, Pool, open_offers, share_out
from stackworthy.prices.regions import check_region
from stackworthy.prices.registry import PriceFunction, UsageOf

HOURS = Decimal(730)
DEFAULT_REGION = "us-east-1"
MOST_HINTS = 5
STACK_ADDRESS = "stack"
"""The address of the stack itself, for usage that belongs to no resource: data transfer, models, traces."""
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_USED = re.compile(r"\{([\w.]+)\}")
_ZERO = Decimal(0)


class Options(msgspec.Struct, frozen=True):
    """How to bill.

    `month` ("2026-11") gives that month's hours instead of 730; 12-month offers are looked at on its first day (else today).
    `free_tier=False` charges everything from the first unit. `account_created` opens the 12-month offers where
    they still hold. `region` is that of resources that name none; when it is empty too, us-east-1 is taken, and
    the lines say so. All graphs are taken to be of one account unless their resources name theirs.
    """

    month: str = ""
    free_tier: bool = True
    account_created: datetime.date | None = None
    region: str = ""
    today: datetime.date | None = None


class _Line(msgspec.Struct, gc=False):
    """One cost of one resource, before and after pooling."""

    resource: Resource
    cost: Cost
    quantity: Decimal
    price: Price
    place: Place
    pool: Pool
    formula: str
    assumption: str


def estimate(
    graphs: Iterable[Graph],
    usage: Usage | None = None,
    prices: Catalogue | None = None,
    options: Options | None = None,
) -> Bill:
    """The monthly bill of the stacks. Raises `UsageError` for a bad month, an unknown region or usage key."""
    billing = _Billing(prices or catalogue(), usage or Usage(), options or Options())
    for graph in graphs:
        billing.add(graph)
    return billing.bill()


def hours_of(month: str) -> Decimal:
    """The hours of a month ("2026-11"), 730 for the average one (""). Raises `UsageError`."""
    if not month:
        return HOURS
    first = first_day(month)
    return Decimal(24 * calendar.monthrange(first.year, first.month)[1])


def first_day(month: str) -> datetime.date:
    """The first day of a month ("2026-11"). Raises `UsageError`."""
    found = _MONTH.fullmatch(month)
    if found and 1 <= int(found[2]) <= 12 and int(found[1]) >= 1:
        return datetime.date(int(found[1]), int(found[2]), 1)
    raise UsageError(f"{month!r} is no month", "write it like 2026-11", key="month")


class _Billing:
    """Collects the lines of all stacks, then settles the pools and writes the bill."""

    def __init__(self, prices: Catalogue, usage: Usage, options: Options) -> None:
        if options.region:
            check_region(options.region)
        self.prices = with_models(prices, (key for _, _, key, _ in usage.rows()))
        self.usage = usage
        self.options = options
        self.hours = hours_of(options.month)
        self.pools: dict[Place, Pool] = {}
        self.stacks: list[tuple[str, list[_Line], list[Unpriced]]] = []
        self.addresses: set[str] = {STACK_ADDRESS}

    def add(self, graph: Graph) -> None:
        """Ask every resource of a stack for its costs."""
        self.addresses.update(graph.resources)
        lines: list[_Line] = []
        unpriced: list[Unpriced] = []
        parts: dict[str, list[str]] = {}
        for resource in graph:
            if resource.part_of:
                parts.setdefault(resource.part_of, []).append(resource.address)
        for resource in (*_billed(graph), *self._stack_itself(graph)):
            kind = resource.kind or resource.type
            priced_by = functions(kind)
            if not priced_by:
                if free(kind) is None:
                    unpriced.append(self._unpriced(resource, "", "", f"no price is known for {kind}"))
                continue
            given = self.usage.of(graph.path, resource.address)
            for part in parts.get(resource.address, ()):
                given = {**self.usage.of(graph.path, part), **given}
            home = resource.region or self.options.region or DEFAULT_REGION
            asked = UsageOf(_keys(kind, resource, given), given, self.hours, self.prices, home)
            for function in priced_by:
                self._ask(function, resource, asked, lines, unpriced)
        self.stacks.append((graph.path, lines, unpriced))

    def _stack_itself(self, graph: Graph) -> Iterator[Resource]:
        """The stack as something that is billed (data transfer, models), when usage is stated for it."""
        if graph.get(STACK_ADDRESS) is None and self.usage.of(graph.path, STACK_ADDRESS):
            whole = graph.finding().resource
            stack = Resource(STACK_ADDRESS, STACK, STACK, whole.properties, whole.origin, region=_home(graph))
            stack.graph = graph
            yield stack

    def _ask(
        self,
        function: PriceFunction,
        resource: Resource,
        asked: UsageOf,
        lines: list[_Line],
        unpriced: list[Unpriced],
    ) -> None:
        try:
            for cost in function(resource, asked):
                region, assumed = self._region(resource, cost)
                if not cost.price:
                    unpriced.append(self._unpriced(resource, cost.component, region, cost.assumption))
                    continue
                line = self._line(resource, cost, asked, region, assumed)
                if line is None:
                    reason = f"no price for {region}"
                    unpriced.append(self._unpriced(resource, cost.component, region, reason))
                else:
                    lines.append(line)
        except NotKnown as error:
            part = (function.__doc__ or "").partition(".")[0].partition("\n")[0]
            unpriced.append(self._unpriced(resource, part, resource.region or "", error.reason))

    def _region(self, resource: Resource, cost: Cost) -> tuple[str, str]:
        region = cost.region or resource.region or self.options.region
        if region:
            return region, ""
        return DEFAULT_REGION, f"region {DEFAULT_REGION}"

    def _line(
        self, resource: Resource, cost: Cost, asked: UsageOf, region: str, assumed: str
    ) -> _Line | None:
        if cost.price not in self.prices.dimensions:
            if cost.price in asked.given:
                raise self._no_key(cost.price, resource)
            return None
        price = self.prices.price(cost.price, region)
        if price is None:
            return None
        where = self.prices.region_of(cost.price, region)
        place = (resource.account or "", where, cost.price)
        pool = self.pools.get(place)
        if pool is None:
            pool = self.pools[place] = Pool(price, self.prices.dimensions[cost.price].unit)
        amount = cost.quantity if isinstance(cost.quantity, Decimal) else Decimal(cost.quantity)
        pool.add(amount)
        formula, taken = _said(cost.formula, asked)
        if where != region:
            assumed = ""
        assumption = "; ".join(
            part for part in (*taken, cost.assumption, assumed, _condition(resource)) if part
        )
        return _Line(resource, cost, amount, price, place, pool, formula, assumption)

    def _no_key(self, key: str, resource: Resource) -> UsageError:
        near = self.prices.nearest_key(key)
        hint = f"did you mean {near}?" if near else "stackworthy prices show lists them"
        return UsageError(f"there is no price {key!r}", hint, key=f"{resource.address}.{key}")

    @staticmethod
    def _unpriced(resource: Resource, component: str, region: str, reason: str) -> Unpriced:
        return Unpriced(resource.address, resource.kind or resource.type, component, region, reason)

    def bill(self) -> Bill:
        """Settle the pools and write the bill."""
        options = self.options
        today = options.today or datetime.date.today()
        at = first_day(options.month) if options.month else today
        share_out(
            self.pools,
            open_offers(self.prices, options.account_created, at, free_tier=options.free_tier),
        )
        tiers = {place: pool.tier() for place, pool in self.pools.items()}
        units = {
            place: decimal_text(pool.unit_price * self.prices.rate) for place, pool in self.pools.items()
        }
        stacks = [self._stack(path, lines, missing, tiers, units) for path, lines, missing in self.stacks]
        stale = self.prices.stale(today)
        return Bill(
            schema=SCHEMA,
            currency=self.prices.currency,
            month=options.month,
            hours=decimal_text(self.hours),
            free_tier=options.free_tier,
            stacks=stacks,
            monthly_cost=decimal_text(sum((stack.cost for stack in stacks), _ZERO)),
            complete=not any(stack.unpriced for stack in stacks),
            warnings=[*([stale] if stale else []), *self._strays()],
        )

    def _strays(self) -> Iterator[str]:
        """What is wrong with usage that names no resource of any stack."""
        strays = dict.fromkeys(
            address for _, address, _, _ in self.usage.rows() if address not in self.addresses
        )
        for count, address in enumerate(strays):
            if count == MOST_HINTS:
                yield f"usage of {len(strays) - count} more addresses names no resource"
                return
            near = get_close_matches(address, self.addresses, 1, 0.6)
            yield f"usage of {address} names no resource" + (f": did you mean {near[0]}?" if near else "")

    def _stack(
        self,
        path: str,
        lines: list[_Line],
        missing: list[Unpriced],
        tiers: Mapping[Place, str],
        units: Mapping[Place, str],
    ) -> StackBill:
        total = _ZERO
        components = []
        for line in lines:
            share = line.pool.share(line.quantity, self.prices.rate)
            total += share
            components.append(_component(line, decimal_text(share), tiers[line.place], units[line.place]))
        regions = Counter(line.place[1] for line in lines if not line.place[1].startswith("global"))
        region = regions.most_common(1)[0][0] if regions else self.options.region or DEFAULT_REGION
        return StackBill(path, region, components, missing, decimal_text(total))


def _billed(graph: Graph) -> Iterator[Resource]:
    """Every resource that exists and is billed by itself, in the order of the graph."""
    listed = {kind: {id(one) for one in graph.of(kind)} for kind in graph.kinds()}
    for resource in graph:
        if resource.kind is None:
            if resource.present:
                yield resource
        elif id(resource) in listed.get(resource.kind, ()):
            yield resource


def _home(graph: Graph) -> str | None:
    """The region of most resources."""
    regions = Counter(resource.region for resource in graph if resource.region)
    return regions.most_common(1)[0][0] if regions else None


def _keys(kind: str, resource: Resource, given: Mapping[str, Given]) -> Mapping[str, UsageKey]:
    keys = usage_keys(kind)
    if not given:
        return keys
    models = {key: found for key in given if key not in keys and (found := model_key(key)) is not None}
    for key in given:
        if key not in keys and (key not in models or kind not in CALLERS):
            raise unknown_key(kind, resource.address, key, keys)
    return {**keys, **models} if models else keys


def _said(formula: str, asked: UsageOf) -> tuple[str, list[str]]:
    """The formula with the figures of its usage keys, and what of them was assumed."""
    if "{" not in formula:
        return formula, []
    taken = []

    def figure(found: re.Match[str]) -> str:
        key = found[1]
        value = decimal_text(asked[key])
        given = asked.given.get(key)
        if given is None:
            taken.append(f"{key} = {value} (assumed)")
        elif given.basis != "stated":
            taken.append(f"{key} = {value} ({given.basis}{': ' + given.why if given.why else ''})")
        return value

    return _USED.sub(figure, formula), taken


def _condition(resource: Resource) -> str:
    if resource.when is not None and resource.when.holds is None:
        return f"exists ({resource.when.expression})"
    return ""


def _component(line: _Line, share: str, tier: str, unit_price: str) -> Component:
    price = line.price
    assumption = line.assumption
    if price.known_to and line.pool.paid > price.known_to:
        above = f"no price is known above {decimal_text(price.known_to)} {line.pool.unit}: the last tier's is used"
        assumption = f"{assumption}; {above}" if assumption else above
    return Component(
        line.resource.address,
        line.resource.kind or line.resource.type,
        line.cost.component,
        decimal_text(line.quantity),
        line.pool.unit,
        unit_price,
        share,
        tier,
        line.place[1],
        price.source,
        price.as_of,
        price.confidence,
        assumption,
        line.cost.price,
        line.formula,
    )
