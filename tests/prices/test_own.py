"""Prices of one's own: overrides, discounts, currencies, and what is wrong with them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from stackworthy.core.cost import UsageError
from stackworthy.prices import catalogue
from stackworthy.prices.own import parse, with_own


def price(table, key="lambda.requests", region="us-east-1"):
    return with_own(catalogue(), table).price(key, region)


def test_a_single_number_is_the_price_wherever_the_key_is_used():
    for region in ("us-east-1", "eu-south-2"):
        found = price({"override": {"lambda.requests": 0.0000001}}, region=region)
        assert found.tiers[0].price == Decimal("1E-7")
        assert found.confidence == "stated"
        assert found.source == "stackworthy.toml"


def test_a_price_of_one_region_leaves_the_others():
    table = {"override": {"lambda.requests": {"region": "eu-west-1", "price": "0.1"}}}
    assert price(table, region="eu-west-1").tiers[0].price == Decimal("0.1")
    assert price(table).tiers[0].price == Decimal("0.0000002")


def test_tiers_are_pairs_that_rise_from_zero():
    table = {"override": {"data-transfer.out": {"tiers": [[0, "0.08"], [10240, "0.07"]]}}}
    assert [tier.start for tier in price(table, "data-transfer.out").tiers] == [0, 10240]


def test_a_discount_holds_for_every_key_that_begins_so():
    table = {"discounts": {"lambda": 10}}
    assert price(table).tiers[0].price == Decimal("0.00000018")
    assert price(table, "sqs.standard").tiers[0].price == Decimal("0.0000004")
    assert "10 %" in price(table).notes


def test_discounts_multiply_overrides_and_each_other():
    table = {"discount": 50, "discounts": {"lambda": 10}, "override": {"lambda.requests": 1}}
    assert price(table).tiers[0].price == Decimal("0.45")


def test_a_currency_needs_a_rate():
    made = with_own(catalogue(), {"currency": "EUR", "rate": 0.9})
    assert (made.currency, made.rate) == ("EUR", Decimal("0.9"))
    with pytest.raises(UsageError, match="belong together"):
        with_own(catalogue(), {"currency": "EUR"})


@pytest.mark.parametrize(
    ("table", "message", "hint"),
    [
        ({"overide": {}}, "no key 'overide'", "did you mean override?"),
        ({"override": {"lambda.request": 1}}, "no price 'lambda.request'", "did you mean lambda.requests?"),
        ({"override": {"lambda.requests": {"prize": 1}}}, "has no 'prize'", "did you mean price?"),
        ({"override": {"lambda.requests": {}}}, "needs a price or tiers", "write price"),
        ({"override": {"lambda.requests": -1}}, "no number from 0 up", "write it like"),
        ({"override": {"lambda.requests": True}}, "no number from 0 up", "write it like"),
        ({"override": {"lambda.requests": {"price": 1, "region": "us-esat-1"}}}, "no region", "us-east-1"),
        ({"override": {"sqs.fifo": {"tiers": [[5, 1]]}}}, "do not rise from 0", "write tiers"),
        ({"override": {"sqs.fifo": {"tiers": [[0, 1], [0, 1]]}}}, "do not rise from 0", "write tiers"),
        ({"override": {"sqs.fifo": {"tiers": "x"}}}, "are no list", "write tiers"),
        ({"override": {"sqs.fifo": {"tiers": [1]}}}, "is no pair", "write tiers"),
        ({"override": []}, "is no table", "[prices.override]"),
        ({"discount": 101}, "more than all", "0 to 100"),
        ({"discounts": {"lambdas": 5}}, "no price begins with", "did you mean lambda?"),
        ({"currency": "EUR", "rate": 0}, "rate is 0", "one USD"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(table, message, hint):
    with pytest.raises(UsageError) as error:
        with_own(catalogue(), table, "prices.toml")
    assert message in error.value.message
    assert hint in error.value.hint
    assert error.value.file == "prices.toml"


def test_a_price_file_is_json_or_toml_by_its_name():
    assert with_own(catalogue(), parse('{"override": {"sqs.fifo": 1}}', "p.json")).price(
        "sqs.fifo", "us-east-1"
    )
    assert parse("[override]\n'sqs.fifo' = 1\n", "p.toml") == {"override": {"sqs.fifo": 1}}
    for text in ("{", "[" * 100_000, "[]"):
        with pytest.raises(UsageError):
            parse(text, "p.json")
