"""Free tiers and volume tiers, pooled over all resources of an account (and region)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from stackworthy.core.cost import PLACES, decimal_text
from stackworthy.prices.catalogue import Catalogue, Free, Price, cost

_ZERO = Decimal(0)
Place = tuple[str, str, str]
"""Account, region, price key."""


class Pool(msgspec.Struct):
    """All that is used of one price by an account in a region in a month: quantity, free part, cost of the rest."""

    price: Price
    unit: str
    quantity: Decimal = _ZERO
    free: Decimal = _ZERO
    why: str = ""
    cost: Decimal = _ZERO
    members: int = 0
    given: Decimal = _ZERO
    takers: int = 0

    def add(self, quantity: Decimal) -> None:
        """Count a line of so much."""
        self.quantity += quantity
        if quantity:
            self.members += 1

    def share(self, quantity: Decimal, rate: Decimal) -> Decimal:
        """A line's part of the cost by its quantity, in another currency; the last line takes what rounding leaves.

        Each line that was added asks once, after `settle`.
        """
        if not quantity:
            return _ZERO
        self.takers += 1
        if self.takers == self.members:
            return (self.cost * rate).quantize(PLACES) - self.given
        part = (self.cost * rate * quantity / self.quantity).quantize(PLACES)
        self.given += part
        return part

    @property
    def paid(self) -> Decimal:
        """What is paid for."""
        return self.quantity - self.free

    @property
    def unit_price(self) -> Decimal:
        """The price of a unit: the tier's, or the average over several tiers; the first tier's when nothing is paid."""
        tiers = self.price.tiers
        if self.paid <= 0 or len(tiers) == 1 or self.paid <= tiers[1].start:
            return tiers[0].price
        return self.cost / self.paid

    def tier(self) -> str:
        """What is free and which tiers apply, in words; empty for a price without either."""
        parts = []
        if self.free:
            parts.append(
                f"{decimal_text(self.free)} of {decimal_text(self.quantity)} {self.unit} free: {self.why}"
            )
        if len(self.price.tiers) > 1:
            parts.append(self._bands())
        if parts and self.members > 1:
            parts.append(f"shared by {self.members} lines")
        return "; ".join(parts)

    def _bands(self) -> str:
        tiers = self.price.tiers
        said = []
        for index, tier in enumerate(tiers):
            if index and self.paid <= tier.start:
                break
            last = index + 1 == len(tiers)
            top = self.paid if last else min(self.paid, tiers[index + 1].start)
            said.append(f"{decimal_text(top - tier.start)} at {decimal_text(tier.price)}")
        if len(said) > 1:
            return ", ".join(said)
        return f"first {decimal_text(tiers[1].start)} {self.unit}"

    def settle(self) -> None:
        """Work out the cost of what is paid for."""
        self.cost = cost(self.price.tiers, self.paid)


def open_offers(
    prices: Catalogue, created: datetime.date | None, at: datetime.date, *, free_tier: bool
) -> list[Free]:
    """The free tiers that hold for an account of that age on that day; none without `free_tier`."""
    if not free_tier:
        return []
    return [offer for offer in prices.free if offer.kind == "always" or _young(offer, created, at)]


def _young(offer: Free, created: datetime.date | None, at: datetime.date) -> bool:
    if created is None or created > at:
        return False
    if offer.until and created >= datetime.date.fromisoformat(offer.until):
        return False
    year_later = created.replace(year=created.year + 1, day=min(created.day, 28))
    return at < year_later


def share_out(pools: dict[Place, Pool], offers: Iterable[Free]) -> None:
    """Take the free tiers off the pools and settle them.

    What several keys or regions share goes to each by its quantity, so that no order of resources matters.
    """
    by_key: dict[str, list[Place]] = {}
    for place in pools:
        by_key.setdefault(place[2], []).append(place)
    for offer in offers:
        groups: dict[tuple[str, str], list[Pool]] = {}
        for key in offer.keys:
            for place in by_key.get(key, ()):
                account, region, _ = place
                groups.setdefault((account, region if offer.scope == "region" else ""), []).append(
                    pools[place]
                )
        for group in groups.values():
            _give(group, offer)
    for pool in pools.values():
        pool.settle()


def _give(group: list[Pool], offer: Free) -> None:
    total = sum((pool.paid for pool in group), _ZERO)
    if not total:
        return
    given = min(total, offer.quantity)
    words = f"{offer.name}, {decimal_text(offer.quantity)} {offer.unit} a month per {offer.scope}"
    for pool in group:
        pool.free += pool.paid if given == total else given * pool.paid / total
        pool.why = f"{pool.why} and {words}" if pool.why else words
