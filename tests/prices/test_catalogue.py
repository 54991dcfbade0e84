"""The shipped catalogue, and the tool that packs it."""

from __future__ import annotations

import datetime
import tomllib

import pytest
from tools import make_prices

from stackworthy.prices import catalogue

PLAN = {
    "keys": {"A|x": "a.x"},
    "skip": {"OLD ": "old"},
    "read_in": {},
    "same": [],
    "extra": [],
    "decided": [],
    "free_bands": {},
    "free": [],
}
ROW = {
    "service": "A", "dimension": "x", "region": "us-east-1", "tier_from": "0", "tier_to": "inf", "unit": "request",
    "usd_price": "0.5", "free_tier": "", "source": "S", "as_of": "2026-01-02", "confidence": "high", "notes": "",
}  # fmt: skip


def pack(rows, **plan):
    return make_prices.pack([{**ROW, **row} for row in rows], {"S": "a source"}, {**PLAN, **plan})


def test_every_price_has_tiers_from_zero_a_source_and_a_confidence():
    for key, dimension in catalogue().dimensions.items():
        for region, price in dimension.regions.items():
            starts = [tier.start for tier in price.tiers]
            assert starts[0] == 0, (key, region)
            assert starts == sorted(set(starts)), (key, region)
            assert price.source, (key, region)
            assert price.confidence in ("high", "medium", "low"), (key, region)


def test_what_is_only_remembered_is_of_low_confidence():
    remembered = [
        price
        for dimension in catalogue().dimensions.values()
        for price in dimension.regions.values()
        if price.source.startswith("MODEL")
    ]
    assert remembered
    assert {price.confidence for price in remembered} <= {"low", "medium"}


def test_every_source_is_explained():
    known = catalogue().sources
    for key, dimension in catalogue().dimensions.items():
        for price in dimension.regions.values():
            assert price.source.replace(";", " ").split()[0] in known, (key, price.source)


def test_conflicting_sources_are_decided_and_the_choice_is_said():
    for key in ("s3.glacier.standard-retrieval-request", "eventbridge.archive-storage", "kms.rsa-key-pairs"):
        price = catalogue().price(key, "us-east-1")
        assert "CONFLICT" in price.notes
        assert "chosen:" in price.notes


def test_old_prices_are_not_carried():
    assert not [key for key in catalogue().dimensions if "old" in key.split(".")[1].split("-")]
    assert str(catalogue().price("transcribe.batch", "us-east-1").tiers[0].price) == "0.0001"


def test_a_price_of_one_region_is_not_taken_for_another():
    assert catalogue().price("lambda.provisioned.x86", "eu-west-1") is None
    assert catalogue().price("route53.zone", "eu-west-1") is not None


def test_the_newest_date_is_the_catalogues():
    assert catalogue().stale(datetime.date.fromisoformat(catalogue().as_of)) is None


def test_the_nearest_key_and_region_are_found():
    assert catalogue().nearest_key("lambda.reqests") == "lambda.requests"
    assert catalogue().nearest_region("eu-west-11") == "eu-west-1"


def test_tiers_with_a_hole_are_refused():
    rows = [{"tier_to": "10"}, {"tier_from": "20"}]
    with pytest.raises(ValueError, match="a tier ends at 10"):
        pack(rows)


def test_a_dimension_with_two_units_is_refused():
    with pytest.raises(ValueError, match="has the units"):
        pack([{}, {"region": "eu-west-1", "unit": "GB"}])


def test_a_free_band_is_taken_off_the_tiers():
    rows = [{"tier_to": "25", "usd_price": "0"}, {"tier_from": "25", "usd_price": "0.25"}]
    made = pack(rows, free_bands={"a.x": 25})
    assert made["dimensions"]["a.x"]["regions"]["us-east-1"]["tiers"] == [["0", "0.25"]]


def test_a_free_tier_that_nobody_wrote_down_is_refused():
    with pytest.raises(ValueError, match="no free tier is written"):
        pack([{"free_tier": "always-free: 10 requests"}])


def test_a_price_that_is_only_remembered_is_never_high():
    assert pack([{"source": "MODEL"}])["dimensions"]["a.x"]["regions"]["us-east-1"]["confidence"] == "low"
    mixed = pack([{"source": "S; later tiers MODEL"}])
    assert mixed["dimensions"]["a.x"]["regions"]["us-east-1"]["confidence"] == "medium"


def test_the_plan_names_every_key_once():
    plan = tomllib.loads(make_prices.PLAN.read_text(encoding="utf-8"))
    assert len(plan["keys"]) > 300
    assert all(" " not in key for key in plan["keys"].values())
