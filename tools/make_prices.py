"""Packs facts about prices into the catalogue that the bill is made with.

python tools/make_prices.py FACTS.csv SOURCES.json          # write src/stackworthy/prices/data/catalogue.json
python tools/make_prices.py FACTS.csv SOURCES.json --check  # fail when it is stale

FACTS has the columns service, dimension, region, tier_from, tier_to, unit, usd_price, free_tier, source, as_of, confidence, notes;
SOURCES tells what the short names of sources stand for. How they are named and judged stands in tools/data/prices.toml.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TARGET = HERE.parent / "src/stackworthy/prices/data/catalogue.json"
PLAN = HERE / "data/prices.toml"
BEFORE_CREDITS = "2025-07-15"
CONFIDENCE = ("low", "medium", "high")
Row = dict[str, str]


def pack(rows: Iterable[Row], sources: dict[str, str], plan: dict[str, Any]) -> dict[str, Any]:
    """The catalogue. Raises `ValueError` for facts that contradict each other or the plan."""
    dimensions: dict[str, dict[str, Any]] = {}
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in (*rows, *(remembered(extra) for extra in plan["extra"])):
        if any(row["dimension"].startswith(prefix) for prefix in plan["skip"]):
            continue
        key = key_of(row, plan["keys"])
        groups.setdefault((key, row["region"]), []).append(row)
    for (key, region), group in groups.items():
        first = group[0]
        entry = dimensions.setdefault(
            key,
            {"service": first["service"], "name": first["dimension"], "unit": first["unit"], "regions": {}},
        )
        if entry["unit"] != first["unit"]:
            raise ValueError(f"{key} has the units {entry['unit']} and {first['unit']}")
        entry["regions"][region] = price(key, group, plan)
    elsewhere(dimensions, plan["read_in"])
    for rule in plan["same"]:
        same(dimensions, rule)
    for choice in plan["decided"]:
        decide(dimensions, choice)
    free = [offer(entry, dimensions) for entry in plan["free"]]
    stray(groups, free)
    dates = [one["as_of"] for entry in dimensions.values() for one in entry["regions"].values()]
    return {
        "made_by": "tools/make_prices.py",
        "as_of": max(date for date in dates if re.fullmatch(r"\d{4}-\d{2}-\d{2}", date)),
        "sources": sources,
        "dimensions": dict(sorted(dimensions.items())),
        "free": free,
    }


def remembered(extra: dict[str, str]) -> Row:
    """A row for a price that the facts do not have."""
    return {
        **{name: extra[name] for name in ("service", "dimension", "region", "unit")},
        "tier_from": "0",
        "tier_to": "inf",
        "usd_price": extra["price"],
        "free_tier": "",
        "source": extra.get("source", "MODEL"),
        "as_of": extra.get("as_of", ""),
        "confidence": extra.get("confidence", "low"),
        "notes": "",
    }


def key_of(row: Row, named: dict[str, str]) -> str:
    """The stable key of a dimension: its own name in the plan, else service and dimension as words."""
    known = named.get(f"{row['service']}|{row['dimension']}")
    if known:
        return known
    return f"{_slug(row['service'])}.{_slug(row['dimension'])}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def price(key: str, group: list[Row], plan: dict[str, Any]) -> dict[str, Any]:
    """One price from the rows of its tiers; the quantity that a leading free band holds is taken off the tiers."""
    band = plan["free_bands"].get(key, 0)
    tiers: list[list[str]] = []
    end: str | None = None
    for row in sorted(group, key=lambda row: float(row["tier_from"])):
        if end is not None and row["tier_from"] != end:
            raise ValueError(
                f"{key} {row['region']}: a tier ends at {end}, the next begins at {row['tier_from']}"
            )
        end = row["tier_to"]
        start = float(row["tier_from"]) - band
        if start < 0 and float(row["usd_price"]) == 0:
            continue
        tiers.append([_plain(max(start, 0.0)), row["usd_price"]])
    if not tiers or tiers[0][0] != "0":
        raise ValueError(f"{key} {group[0]['region']}: no tier begins at 0")
    made: dict[str, Any] = {
        "tiers": tiers,
        "source": _united(row["source"] for row in group),
        "as_of": max(row["as_of"] for row in group),
        "confidence": min((confidence(row) for row in group), key=CONFIDENCE.index),
    }
    notes = _united(row["notes"] for row in group)
    if notes:
        made["notes"] = notes
    if end != "inf":
        made["known_to"] = _plain(float(str(end)) - band)
    return made


def confidence(row: Row) -> str:
    """The row's confidence; what is only remembered is never high, and low where nothing else speaks for it."""
    if "MODEL" not in row["source"]:
        return row["confidence"]
    return (
        "low" if row["source"].startswith("MODEL") else min(row["confidence"], "medium", key=CONFIDENCE.index)
    )


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _united(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def elsewhere(dimensions: dict[str, dict[str, Any]], read_in: dict[str, str]) -> None:
    """Add the regions that a source read besides the row's own."""
    for entry in dimensions.values():
        here = entry["regions"].get("us-east-1")
        if here is None:
            continue
        for source, region in read_in.items():
            if re.search(rf"\b{source}\b", here["source"]) and region not in entry["regions"]:
                note = f"{source} read it for {region}"
                entry["regions"][region] = {**here, "notes": _united((here.get("notes", ""), note))}


def same(dimensions: dict[str, dict[str, Any]], rule: dict[str, Any]) -> None:
    """State prices for a region by other evidence than a row, with a note that says so."""
    for key in rule["keys"]:
        regions = dimensions[key]["regions"]
        if rule["to"] in regions:
            continue
        base = regions[rule["from"]]
        regions[rule["to"]] = {
            **base,
            "confidence": min(base["confidence"], rule["confidence"], key=CONFIDENCE.index),
            "notes": _united((base.get("notes", ""), rule["note"])),
        }


def decide(dimensions: dict[str, dict[str, Any]], choice: dict[str, Any]) -> None:
    """Write the choice between conflicting sources, and its confidence, into the prices of a key."""
    for one in dimensions[choice["key"]]["regions"].values():
        one["notes"] = _united((one.get("notes", ""), choice["note"]))
        one["confidence"] = choice["confidence"]


def offer(entry: dict[str, Any], dimensions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A free tier; its keys must exist."""
    for key in entry["keys"]:
        if key not in dimensions:
            raise ValueError(f"the free tier {entry['name']} names {key}, which has no price")
    kind = entry.get("kind", "always")
    first = dimensions[entry["keys"][0]]
    made = {
        "name": f"{entry['name']} ({'always free' if kind == 'always' else 'first 12 months'})",
        "keys": entry["keys"],
        "quantity": str(entry["quantity"]),
        "unit": first["unit"],
        "scope": entry.get("scope", "account"),
        "kind": kind,
        "source": "https://aws.amazon.com/free/",
    }
    if kind != "always":
        made["until"] = BEFORE_CREDITS
    if entry.get("notes"):
        made["notes"] = entry["notes"]
    return made


def stray(groups: dict[tuple[str, str], list[Row]], free: list[dict[str, Any]]) -> None:
    """Raise when the facts speak of a free tier that the plan does not have."""
    covered = {key for entry in free for key in entry["keys"]}
    for (key, _), group in groups.items():
        for row in group:
            if re.match(r"always-free|12-month", row["free_tier"]) and key not in covered:
                raise ValueError(f"{key}: no free tier is written for {row['free_tier']!r}")


def main() -> int:
    """Write the catalogue, or compare it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("facts", type=Path)
    parser.add_argument("sources", type=Path)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when the catalogue is stale"
    )
    options = parser.parse_args()
    with options.facts.open(encoding="utf-8", newline="") as file:
        made = pack(
            csv.DictReader(file), json.loads(options.sources.read_text()), tomllib.loads(PLAN.read_text())
        )
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    if options.check:
        print("the price catalogue is stale: run tools/make_prices.py")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    print(f"{len(made['dimensions'])} prices, {len(made['free'])} free tiers, as of {made['as_of']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
