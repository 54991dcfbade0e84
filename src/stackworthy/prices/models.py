"""Prices of language models that the catalogue does not have, from the package `genai-prices` (extra `models`).

A usage key `model.<model id>.<part>` states tokens: `model.amazon.nova-lite-v1:0.input_tokens`. The id is that which
Bedrock is called with; its prefix (`us.`, `eu.`, `global.`) tells the inference profile.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from stackworthy.core.cost import UsageError
from stackworthy.prices.catalogue import GLOBAL, Catalogue, Dimension, Price, Tier

PREFIX = "model."
PARTS = {
    "input_tokens": "input_mtok",
    "output_tokens": "output_mtok",
    "cache_read_tokens": "cache_read_mtok",
    "cache_write_tokens": "cache_write_mtok",
}
MILLION = Decimal(1_000_000)


def with_models(prices: Catalogue, keys: Iterable[str]) -> Catalogue:
    """The catalogue with the prices of these keys' models; the catalogue itself when none is a model's. Raises `UsageError`."""
    wanted = [key for key in dict.fromkeys(keys) if key.startswith(PREFIX) and key not in prices.dimensions]
    if not wanted:
        return prices
    provider = _provider()
    added = {key: _dimension(provider, key) for key in wanted}
    return msgspec.structs.replace(prices, dimensions={**prices.dimensions, **added})


def _provider() -> Any:
    try:
        from genai_prices import data_snapshot
    except ImportError:
        raise UsageError(
            "prices of models need the package genai-prices", "pip install 'stackworthy[models]'", key=PREFIX
        ) from None
    return next(one for one in data_snapshot.get_snapshot().providers if one.id == "aws")


def _dimension(provider: Any, key: str) -> Dimension:
    name, _, part = key.removeprefix(PREFIX).rpartition(".")
    if part not in PARTS:
        raise UsageError(f"{key} ends in no kind of tokens", f"it ends in {', '.join(PARTS)}", key=key)
    model = provider.find_model(name)
    if model is None:
        raise UsageError(f"no price of the model {name!r} is known", _near(provider, name), key=key)
    stated = model.get_prices(datetime.datetime.now(datetime.UTC))
    found = getattr(stated, PARTS[part])
    if found is None:
        raise UsageError(f"the model {name!r} has no price of {part}", "leave them out", key=key)
    notes = ""
    if not isinstance(found, (Decimal, int, float)):
        notes, found = "long prompts cost more: the price of short ones is taken", found.base
    price = Price(
        (Tier(Decimal(0), Decimal(str(found)) / MILLION),),
        f"genai-prices {_version()}",
        "",
        "medium",
        notes,
    )
    return Dimension("Bedrock", f"{model.name or name} {part.replace('_', ' ')}", "token", {GLOBAL: price})


def _near(provider: Any, name: str) -> str:
    from difflib import get_close_matches

    found = get_close_matches(name, [model.id for model in provider.models], 1, 0.4)
    return f"did you mean {found[0]}?" if found else "write the id that Bedrock is called with"


def _version() -> str:
    from importlib.metadata import version

    return version("genai-prices")
