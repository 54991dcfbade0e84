"""`stackworthy prices`: the catalogue's prices of a service, and a file of today's prices from AWS."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from stackworthy.cli.errors import Refusal, nearest

if TYPE_CHECKING:
    from stackworthy.prices.catalogue import Catalogue, Free, Price
    from stackworthy.reports.terminal import Layout

EXAMPLES = """\b
Examples:
  stackworthy prices show lambda --region eu-west-1
  stackworthy prices update --region eu-west-1 --region us-east-1
"""
FILE = "stackworthy-prices.json"


@click.group("prices", epilog=EXAMPLES)
def command() -> None:
    """Show the prices that the bill is made with, and refresh them."""


@command.command("show")
@click.argument("service", required=False)
@click.option("--region", help="Only this region (and what has one price worldwide).")
@click.option("--format", "format", type=click.Choice(("text", "json")), default="text", show_default=True)
def show(service: str | None, region: str | None, format: str) -> int:
    """Show the prices and free tiers of SERVICE (`lambda`, `s3`, `api-gateway`), or the services without it."""
    from stackworthy.core.cost import UsageError
    from stackworthy.prices import catalogue
    from stackworthy.prices.regions import check_region

    prices = catalogue()
    services = list(dict.fromkeys(key.partition(".")[0] for key in prices.dimensions))
    if service is None:
        _write("\n".join(services) + "\n")
        return 0
    if region is not None:
        try:
            check_region(region)
        except UsageError as error:
            raise Refusal(error.message, error.hint) from None
    wanted = service.lower()
    if wanted not in services:
        raise Refusal(
            f"there is no price of {service!r}",
            nearest(wanted, services) or "stackworthy prices show lists the services",
        )
    if format == "json":
        _json(prices, wanted, region)
        return 0
    from stackworthy.cli import terminal
    from stackworthy.reports.terminal import Layout

    terminal.show(listed(prices, wanted, region, Layout(terminal.width(), terminal.colored(sys.stdout))))
    return 0


def listed(prices: Catalogue, service: str, region: str | None, layout: Layout) -> Iterator[str]:
    """The prices of a service by key and region, then its free tiers, as lines."""
    from stackworthy.core.cost import decimal_text

    for key, dimension in prices.dimensions.items():
        if key.partition(".")[0] != service:
            continue
        yield layout.style(f"{key}  {dimension.name}, per {dimension.unit}", bold=True)
        shown = False
        for place, price in sorted(dimension.regions.items()):
            if region and place != region and not place.startswith("global"):
                continue
            shown = True
            tiers = ", ".join(
                f"{decimal_text(tier.price)}" + (f" from {decimal_text(tier.start)}" if tier.start else "")
                for tier in price.tiers
            )
            yield f"  {place:<16} ${tiers}   {price.confidence}, {price.as_of or 'undated'}, {price.source}"
            if price.notes:
                yield f"  {'':<16} {price.notes}"
        if not shown:
            yield f"  no price for {region}"
    for name, meaning in prices.sources.items():
        if any(name in price.source.replace(";", " ").split() for price in _of(prices, service, region)):
            yield f"{name}: {meaning}"
    for offer in _free(prices, service):
        yield f"free: {offer.name}, {decimal_text(offer.quantity)} {offer.unit} a month per {offer.scope}"
    yield f"Prices in USD, as of {prices.as_of}."


def _of(prices: Catalogue, service: str, region: str | None) -> Iterator[Price]:
    for key, dimension in prices.dimensions.items():
        if key.partition(".")[0] == service:
            for place, price in dimension.regions.items():
                if not region or place == region or place.startswith("global"):
                    yield price


def _free(prices: Catalogue, service: str) -> list[Free]:
    return [one for one in prices.free if any(key.partition(".")[0] == service for key in one.keys)]


def _json(prices: Catalogue, service: str, region: str | None) -> None:
    import msgspec

    from stackworthy.cli import output

    found: dict[str, Any] = {}
    for key, dimension in prices.dimensions.items():
        if key.partition(".")[0] == service:
            places = {
                place: price
                for place, price in dimension.regions.items()
                if not region or place == region or place.startswith("global")
            }
            found[key] = msgspec.structs.replace(dimension, regions=places)
    document = {"as_of": prices.as_of, "dimensions": found, "free": _free(prices, service)}
    output.to_stdout([msgspec.json.format(msgspec.json.encode(document), indent=2), b"\n"])


@command.command("update")
@click.option("--region", "regions", multiple=True, required=True, help="A region to ask for. Repeatable.")
@click.option("-o", "--output", "target", default=FILE, show_default=True, help="The price file to write.")
def update(regions: tuple[str, ...], target: str) -> int:
    """Ask AWS's Price List API for today's prices and write a price file for `[prices] file`.

    Needs boto3 (`pip install 'stackworthy[aws]'`) and credentials that may call pricing:GetProducts.
    """
    import datetime
    import json
    from pathlib import Path

    from stackworthy.core.cost import UsageError
    from stackworthy.prices import catalogue
    from stackworthy.prices.price_list import price_file, refresh
    from stackworthy.prices.regions import check_region

    for region in regions:
        try:
            check_region(region)
        except UsageError as error:
            raise Refusal(error.message, error.hint) from None
    found = list(_asked(refresh, regions))
    if not found:
        raise Refusal(
            f"AWS named no price that is known here for {', '.join(regions)}", "check the region's name"
        )
    document = price_file(found, catalogue(), datetime.date.today().isoformat())
    try:
        Path(target).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{target} cannot be written: {error.strerror}", "name another file with -o") from None
    count = sum(len(entries) for entries in document["override"].values())
    _write(f'{target}: {count} prices. Put  file = "{target}"  under [prices] in stackworthy.toml.\n')
    return 0


def _asked(refresh: Any, regions: tuple[str, ...]) -> Iterator[Any]:
    """What the Price List API says; refusals instead of boto3's errors."""
    try:
        import boto3  # type: ignore[import-untyped]
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
    except ImportError:
        raise Refusal("boto3 is not installed", "pip install 'stackworthy[aws]'") from None
    try:
        # The API answers in two regions only, for all of them.
        yield from refresh(boto3.client("pricing", region_name="us-east-1"), regions)
    except (BotoCoreError, ClientError) as error:
        said = " ".join(str(error).split())[:200]
        raise Refusal(
            f"the Price List API cannot be asked: {said}", "it needs credentials with pricing:GetProducts"
        ) from None


def _write(text: str) -> None:
    from stackworthy.cli import output

    output.to_stdout([text.encode()])
