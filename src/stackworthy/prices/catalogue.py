"""The price catalogue: what one unit costs, by stable key, region and tier, with source, date and confidence.

The data under `data/` is packed by `tools/make_prices.py`. A price that is not there is not known: nothing is priced
with another region's figure. Free tiers stand apart from prices, because they are shared by several keys and regions.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import msgspec

DATA = Path(__file__).parent / "data" / "catalogue.json"
STALE_DAYS = 180
GLOBAL = "global"


class Tier(msgspec.Struct, frozen=True, array_like=True):
    """From this quantity of the month on (in the price's unit, free tiers not counted), one unit costs this much USD."""

    start: Decimal
    price: Decimal


class Price(msgspec.Struct, frozen=True, omit_defaults=True):
    """The price of one dimension in one region.

    `known_to` is the quantity above which no price is known (0: none): the last tier's is used there, and said.
    `confidence` is `high`, `medium` or `low`; `stated` for a price of the user's own.
    """

    tiers: tuple[Tier, ...]
    source: str
    as_of: str
    confidence: str
    notes: str = ""
    known_to: Decimal = Decimal(0)


class Dimension(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that a service bills, with its price in every region where it is known."""

    service: str
    name: str
    unit: str
    regions: dict[str, Price]


class Free(msgspec.Struct, frozen=True, omit_defaults=True):
    """A free tier: so much a month of these keys together, per account (`scope` "account") or account and region ("region").

    `kind` is `always` or `12-month`: the latter ends a year after the account was created, and accounts created
    after `until` (a date) never had it.
    """

    name: str
    keys: tuple[str, ...]
    quantity: Decimal
    unit: str
    scope: str
    kind: str
    source: str
    until: str = ""
    notes: str = ""


class Catalogue(msgspec.Struct, frozen=True):
    """Prices in USD. `as_of` is the newest date in it, `sources` what the short names of sources stand for."""

    as_of: str
    sources: dict[str, str]
    dimensions: dict[str, Dimension]
    free: tuple[Free, ...]
    currency: str = "USD"
    rate: Decimal = Decimal(1)

    def price(self, key: str, region: str) -> Price | None:
        """The price of a key in a region (or everywhere, for what has one price worldwide); None when none is known.

        Raises `KeyError` for a key that does not exist at all.
        """
        regions = self.dimensions[key].regions
        return regions.get(region) or regions.get(GLOBAL)

    def region_of(self, key: str, region: str) -> str:
        """The region that a price stands under: the one asked for, or `global`."""
        regions = self.dimensions[key].regions
        return GLOBAL if region not in regions and GLOBAL in regions else region

    def service(self, key: str) -> str:
        """The service that bills a key, as people call it."""
        dimension = self.dimensions.get(key)
        return dimension.service if dimension is not None else "Bedrock"

    def regions(self) -> list[str]:
        """Every region that has a price."""
        found = {region for dimension in self.dimensions.values() for region in dimension.regions}
        return sorted(region for region in found if not region.startswith(GLOBAL))

    def nearest_region(self, region: str) -> str | None:
        """The known region whose name is most like this one; None when none is."""
        near = get_close_matches(region, self.regions(), 1, 0.6)
        return near[0] if near else None

    def nearest_key(self, key: str) -> str | None:
        """The key that is most like this one; None when none is."""
        near = get_close_matches(key, self.dimensions, 1, 0.5)
        return near[0] if near else None

    def stale(self, today: datetime.date) -> str | None:
        """A warning when the catalogue is older than 180 days, else None."""
        age = (today - datetime.date.fromisoformat(self.as_of)).days
        if age <= STALE_DAYS:
            return None
        return f"the prices are {age} days old (as of {self.as_of}): stackworthy prices update --region REGION refreshes them"

    def replaced(self, prices: Mapping[tuple[str, str], Price]) -> Catalogue:
        """The same catalogue with other prices at (key, region); keys must exist."""
        dimensions = dict(self.dimensions)
        for (key, region), price in prices.items():
            old = dimensions[key]
            dimensions[key] = msgspec.structs.replace(old, regions={**old.regions, region: price})
        return msgspec.structs.replace(self, dimensions=dimensions)


def cost(tiers: Iterable[Tier], quantity: Decimal) -> Decimal:
    """What a quantity costs: each part of it at the price of the tier that it falls into."""
    total = Decimal(0)
    bands = list(tiers)
    for index, tier in enumerate(bands):
        if quantity <= tier.start:
            break
        end = bands[index + 1].start if index + 1 < len(bands) else quantity
        total += (min(quantity, end) - tier.start) * tier.price
    return total


@cache
def shipped() -> Catalogue:
    """The catalogue that comes with the package."""
    return msgspec.json.decode(DATA.read_bytes(), type=Catalogue)
