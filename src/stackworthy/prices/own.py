"""Prices of one's own: overrides, discounts, another currency.

    [prices]
    currency = "EUR"
    rate = 0.92                                  # EUR for one USD
    discount = 5                                 # per cent, on everything
    [prices.discounts]
    lambda = 17                                  # per cent, on every key that begins so
    "s3.standard.storage" = 10
    [prices.override]
    "lambda.requests" = 0.00000018               # USD, wherever it is used
    "data-transfer.out" = { region = "eu-west-1", tiers = [[0, 0.08], [10240, 0.07]] }

A file (`file = "prices.json"`, TOML or JSON) holds the same table; `stackworthy prices update` writes one.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

import msgspec

from stackworthy.core.cost import UsageError
from stackworthy.prices.catalogue import GLOBAL, Catalogue, Dimension, Price, Tier
from stackworthy.prices.regions import check_region

KEYS = ("as_of", "currency", "discount", "discounts", "file", "made_by", "override", "rate")
ENTRY = ("as_of", "confidence", "notes", "price", "region", "source", "tiers")


def with_own(prices: Catalogue, table: Mapping[str, Any], file: str = "stackworthy.toml") -> Catalogue:
    """The catalogue under a `[prices]` table. Raises `UsageError` that names the file, the key and the nearest valid one."""
    for key in table:
        if key not in KEYS:
            raise _wrong(f"[prices] has no key {key!r}", near(key, KEYS), file, key)
    made = _overridden(prices, _table(table, "override", file), file)
    made = _discounted(made, table, file)
    if "as_of" in table:
        made = msgspec.structs.replace(made, as_of=max(made.as_of, str(table["as_of"])))
    if "currency" in table or "rate" in table:
        if not ("currency" in table and "rate" in table):
            raise _wrong(
                "currency and rate belong together",
                'write currency = "EUR" and rate = 0.92',
                file,
                "currency",
            )
        rate = _number(table["rate"], "rate", file)
        if not rate:
            raise _wrong("rate is 0", "it is the price of one USD in the currency", file, "rate")
        made = msgspec.structs.replace(made, currency=str(table["currency"]), rate=rate)
    return made


def parse(text: str, file: str) -> dict[str, Any]:
    """The table of a price file, JSON or TOML by its name. Raises `UsageError`."""
    try:
        table = json.loads(text, parse_float=Decimal) if file.endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(
            f"cannot be read: {str(error)[:120]}", "it is JSON or TOML, by its name", file, ""
        ) from None
    if not isinstance(table, dict):
        raise _wrong("is no table", 'write {"override": {...}}', file, "")
    return table


def near(key: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """A hint to the nearest of the known names."""
    found = get_close_matches(key, known, 1, 0.5)
    return f"did you mean {found[0]}?" if found else f"it may have {', '.join(list(known)[:12])}"


def _overridden(prices: Catalogue, overrides: Mapping[str, Any], file: str) -> Catalogue:
    dimensions = dict(prices.dimensions)
    for key, stated in overrides.items():
        if key not in dimensions:
            raise _wrong(f"there is no price {key!r}", near(key, dimensions), file, key)
        for entry in stated if isinstance(stated, list) else [stated]:
            dimensions[key] = _with(dimensions[key], key, entry, file)
    return msgspec.structs.replace(prices, dimensions=dimensions)


def _with(dimension: Dimension, key: str, entry: Any, file: str) -> Dimension:
    stated = entry if isinstance(entry, dict) else {"price": entry}
    for name in stated:
        if name not in ENTRY:
            raise _wrong(f"the price {key} has no {name!r}", near(name, ENTRY), file, key)
    if ("price" in stated) == ("tiers" in stated):
        raise _wrong(
            f"the price {key} needs a price or tiers", "write price = 0.02, or tiers = [[0, 0.02]]", file, key
        )
    tiers = (
        (Tier(Decimal(0), _number(stated["price"], key, file)),)
        if "price" in stated
        else _tiers(stated, key, file)
    )
    price = Price(
        tiers,
        str(stated.get("source", file)),
        str(stated.get("as_of", "")),
        str(stated.get("confidence", "stated")),
        str(stated.get("notes", "")),
    )
    region = str(stated.get("region", ""))
    if region and not region.startswith(GLOBAL):
        try:
            check_region(region)
        except UsageError as error:
            raise _wrong(error.message, error.hint, file, key) from None
    places = [region] if region else [*dimension.regions, GLOBAL]
    return msgspec.structs.replace(dimension, regions={**dimension.regions, **dict.fromkeys(places, price)})


def _tiers(stated: Mapping[str, Any], key: str, file: str) -> tuple[Tier, ...]:
    return tuple(_each(stated["tiers"], key, file))


def _each(listed: Any, key: str, file: str) -> Iterator[Tier]:
    hint = "write tiers = [[0, 0.09], [10240, 0.085]]: where each begins, and its price"
    if not isinstance(listed, list) or not listed:
        raise _wrong(f"the tiers of {key} are no list", hint, file, key)
    last = Decimal(-1)
    for item in listed:
        if not isinstance(item, list) or len(item) != 2:
            raise _wrong(f"a tier of {key} is no pair", hint, file, key)
        start = _number(item[0], key, file)
        if start <= last or (last < 0 and start):
            raise _wrong(f"the tiers of {key} do not rise from 0", hint, file, key)
        last = start
        yield Tier(start, _number(item[1], key, file))


def _discounted(prices: Catalogue, table: Mapping[str, Any], file: str) -> Catalogue:
    discounts = dict(_table(table, "discounts", file))
    if "discount" in table:
        discounts[""] = table["discount"]
    dimensions = dict(prices.dimensions)
    for prefix, stated in discounts.items():
        percent = _number(stated, prefix or "discount", file)
        if percent > 100:
            raise _wrong(
                f"a discount of {percent} % is more than all", "write 0 to 100", file, prefix or "discount"
            )
        touched = [key for key in dimensions if not prefix or key == prefix or key.startswith(f"{prefix}.")]
        if not touched:
            services = tuple({key.partition(".")[0]: None for key in dimensions})
            raise _wrong(f"no price begins with {prefix!r}", near(prefix, services), file, prefix)
        for key in touched:
            dimensions[key] = _cheaper(dimensions[key], percent)
    return msgspec.structs.replace(prices, dimensions=dimensions)


def _cheaper(dimension: Dimension, percent: Decimal) -> Dimension:
    left = (100 - percent) / 100
    regions = {}
    for region, price in dimension.regions.items():
        tiers = tuple(Tier(tier.start, tier.price * left) for tier in price.tiers)
        notes = f"{price.notes}; {percent} % discount" if price.notes else f"{percent} % discount"
        source = f"{price.source}, less {percent} %"
        regions[region] = msgspec.structs.replace(price, tiers=tiers, notes=notes, source=source)
    return msgspec.structs.replace(dimension, regions=regions)


def _table(table: Mapping[str, Any], name: str, file: str) -> Mapping[str, Any]:
    found = table.get(name, {})
    if not isinstance(found, dict):
        raise _wrong(f"[prices] {name} is no table", f"write [prices.{name}]", file, name)
    return found


def _number(value: Any, key: str, file: str) -> Decimal:
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or number < 0:
        raise _wrong(f"{key} is no number from 0 up: {str(value)[:40]!r}", "write it like 0.02", file, key)
    return number


def _wrong(message: str, hint: str, file: str, key: str) -> UsageError:
    return UsageError(message, hint, key=key, file=file)
