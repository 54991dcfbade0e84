"""The bill: lines, pools, free tiers, months, what is not priced, and what can never happen."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from importlib import resources

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.graphs import graph_of, graph_with

from stackworthy.core.cost import Bill, Usage, UsageError, decimal_text
from stackworthy.core.value import Unknown
from stackworthy.estimate import Options, estimate
from stackworthy.prices import catalogue
from stackworthy.prices.catalogue import Tier, cost
from stackworthy.prices.own import with_own

FN = "Fn: {Type: AWS::Lambda::Function, Properties: {MemorySize: 1536}}"
TWO = "A: {Type: AWS::Lambda::Function, Properties: {}}\nB: {Type: AWS::Lambda::Function, Properties: {Architectures: [arm64]}}"


def bill_of(
    text: str,
    usage: dict[str, dict[str, object]] | None = None,
    at: str | None = "us-east-1",
    **options: object,
) -> Bill:
    stated = Usage()
    for address, keys in (usage or {}).items():
        for key, value in keys.items():
            stated.add(address, key, value)
    return estimate([graph_of(text, region=at)], stated, options=Options(**options))


def test_a_function_is_billed_for_requests_and_compute_less_the_free_tier():
    bill = bill_of(FN, {"Fn": {"monthly_requests": 3_000_000, "request_duration_ms": 120}})
    lines = {line.component: line for line in bill.stacks[0].components}
    assert lines["Compute"].quantity == "540000"
    assert lines["Compute"].unit_price == "0.0000166667"
    assert "400000 of 540000 GB-second free" in lines["Compute"].tier
    assert lines["Compute"].formula == "3000000 requests × 120 ms × 1536 MB / 1,024 / 1,000"
    assert round(bill.cost, 2) == Decimal("2.73")
    assert bill.complete


def test_a_region_without_a_price_is_said_and_leaves_the_bill_incomplete():
    bill = bill_of(FN, at="eu-south-2")
    assert {one.reason for one in bill.stacks[0].unpriced} == {"no price for eu-south-2"}
    assert not bill.complete


def test_without_free_tier_everything_is_charged():
    usage = {"Fn": {"monthly_requests": 1_000_000}}
    assert bill_of(FN, usage).stacks[0].components[0].monthly_cost == "0"
    assert bill_of(FN, usage, free_tier=False).stacks[0].components[0].monthly_cost == "0.2"


def test_the_free_tier_is_given_once_to_all_stacks_of_an_account():
    usage = Usage()
    usage.add("Fn", "monthly_requests", 1_000_000)
    graphs = [graph_of(FN, region="us-east-1"), graph_of(FN, region="eu-west-1")]
    graphs[1].path = "other.yaml"
    bill = estimate(graphs, usage)
    costs = [line.cost for stack in bill.stacks for line in stack.components if line.component == "Requests"]
    assert costs == [Decimal("0.1"), Decimal("0.1")]


def test_accounts_have_a_free_tier_each():
    usage = Usage()
    usage.add("Fn", "monthly_requests", 1_000_000)
    graphs = [graph_of(FN, region="us-east-1", account=account) for account in ("1", "2")]
    assert (
        sum(
            line.cost
            for stack in estimate(graphs, usage).stacks
            for line in stack.components
            if line.component == "Requests"
        )
        == 0
    )


def test_x86_and_arm_share_the_free_compute_by_quantity():
    usage = {
        "A": {"monthly_requests": 4_000_000, "request_duration_ms": 800},
        "B": {"monthly_requests": 4_000_000, "request_duration_ms": 800},
    }
    lines = [one for one in bill_of(TWO, usage).stacks[0].components if one.component == "Compute"]
    assert [one.quantity for one in lines] == ["400000", "400000"]
    assert [one.cost for one in lines] == [Decimal("3.33334"), Decimal("2.66668")]


def test_volume_tiers_are_pooled_over_the_resources_of_a_region():
    usage = {one: {"monthly_requests": 300_000_000} for one in ("A", "B")}
    text = "\n".join(
        f"{one}: {{Type: AWS::ApiGatewayV2::Api, Properties: {{ProtocolType: HTTP}}}}" for one in "AB"
    )
    bill = bill_of(text, usage, free_tier=False)
    assert bill.cost == 300 + 270
    assert "300000000 at 0.000001, 300000000 at 0.0000009" in bill.stacks[0].components[0].tier


def test_the_lines_of_a_pool_add_up_to_its_cost_exactly():
    names = [f"Q{number}" for number in range(7)]
    text = "\n".join(f"{name}: {{Type: AWS::SQS::Queue, Properties: {{}}}}" for name in names)
    bill = bill_of(text, {name: {"monthly_requests": 1_000_000} for name in names[:6]})
    assert bill.cost == 2
    assert bill.stacks[0].components[6].monthly_cost == "0"


@pytest.mark.parametrize(
    ("created", "month", "free"),
    [
        (None, "2026-01", False),
        (datetime.date(2025, 5, 1), "2026-01", True),
        (datetime.date(2025, 5, 1), "2026-05", False),
        (datetime.date(2025, 8, 1), "2026-01", False),
        (datetime.date(2024, 2, 29), "2025-02", True),
    ],
)
def test_offers_of_twelve_months_hold_for_young_accounts_created_in_time(created, month, free):
    text = "One: {Type: AWS::ApiGateway::RestApi, Properties: {}}"
    bill = bill_of(text, {"One": {"monthly_requests": 1_000_000}}, account_created=created, month=month)
    assert (bill.cost == 0) == free


def test_a_month_has_730_hours_unless_it_is_named():
    text = "One: {Type: AWS::EC2::NatGateway, Properties: {}}"
    assert bill_of(text).stacks[0].components[0].quantity == "730"
    assert bill_of(text, month="2026-11").stacks[0].components[0].quantity == "720"
    assert bill_of(text, month="2028-02").hours == "696"
    for wrong in ("2026-13", "november", "2026-1", "0000-01"):
        with pytest.raises(UsageError, match="is no month"):
            bill_of(text, month=wrong)


def test_a_misspelt_region_is_told_with_the_nearest():
    with pytest.raises(UsageError) as error:
        bill_of(FN, region="us-esat-1")
    assert error.value.hint == "did you mean us-east-1?"


def test_a_misspelt_usage_key_is_told_with_the_nearest():
    with pytest.raises(UsageError) as error:
        bill_of(FN, {"Fn": {"monthly_request": 1}})
    assert error.value.hint == "did you mean monthly_requests?"
    assert error.value.key == "Fn.monthly_request"


def test_usage_of_nothing_is_warned_of_with_the_nearest_address():
    usage = {"Fnn": {"monthly_requests": 1}, **{f"{letter * 9}": {"x": 1} for letter in "abcdefg"}}
    warnings = bill_of(FN, usage, today=datetime.date(2026, 11, 1)).warnings
    assert warnings[0] == "usage of Fnn names no resource: did you mean Fn?"
    assert warnings[1] == "usage of aaaaaaaaa names no resource"
    assert warnings[-1] == "usage of 3 more addresses names no resource"
    assert len(warnings) == 6


def test_a_model_without_a_price_is_told_with_the_nearest():
    with pytest.raises(UsageError, match="there is no price"):
        bill_of(FN, {"Fn": {"bedrock.claude-haiku-4.5-inputs": 1}})


@pytest.mark.parametrize("value", [-1, "-0.1", "many", float("nan"), float("inf"), 10**19, True, None, [1]])
def test_absurd_usage_is_refused_with_file_key_and_way_out(value):
    with pytest.raises(UsageError) as error:
        Usage().add("Fn", "monthly_requests", value, file="usage.yml", line=7)
    assert (error.value.file, error.value.line, error.value.key) == ("usage.yml", 7, "Fn.monthly_requests")
    assert error.value.hint


def test_what_nobody_stated_is_listed_with_its_figure():
    line = bill_of(FN, {"Fn": {"monthly_requests": 5}}).stacks[0].components[1]
    assert line.assumption == "request_duration_ms = 100 (assumed)"


def test_derived_usage_says_from_what():
    usage = Usage()
    usage.add("Fn", "monthly_requests", 5, basis="derived", why="Api invokes it once")
    line = estimate([graph_of(FN, region="us-east-1")], usage).stacks[0].components[0]
    assert line.assumption == "monthly_requests = 5 (derived: Api invokes it once)"


def test_a_region_that_nothing_names_is_an_assumption():
    assert "region us-east-1" in bill_of(FN, at=None).stacks[0].components[0].assumption


def test_an_unknown_property_leaves_the_other_lines_their_figures():
    graph = graph_with({"Fn": ("AWS::Lambda::Function", {"MemorySize": Unknown("var.memory has no value")})})
    stack = estimate([graph], options=Options(region="us-east-1")).stacks[0]
    assert [line.component for line in stack.components] == ["Requests"]
    assert [(one.component, one.reason) for one in stack.unpriced] == [
        ("Compute in GB-seconds", "var.memory has no value")
    ]


def test_usage_of_a_stack_wins_over_usage_of_no_stack():
    usage = Usage()
    usage.add("Fn", "monthly_requests", 1)
    usage.add("Fn", "monthly_requests", 2, stack="template.yaml")
    assert estimate([graph_of(FN, region="us-east-1")], usage).stacks[0].components[0].quantity == "2"


def test_scaled_usage_multiplies_the_named_keys_only():
    usage = Usage()
    usage.add("Fn", "monthly_requests", 2)
    usage.add("Fn", "request_duration_ms", 3)
    scaled = usage.scaled(Decimal(10), ["monthly_requests"]).of("", "Fn")
    assert {key: int(one.value) for key, one in scaled.items()} == {
        "monthly_requests": 20,
        "request_duration_ms": 3,
    }


def test_old_prices_warn_and_young_ones_do_not():
    day = datetime.date.fromisoformat(catalogue().as_of)
    assert bill_of(FN, today=day + datetime.timedelta(days=180)).warnings == []
    (warning,) = bill_of(FN, today=day + datetime.timedelta(days=181)).warnings
    assert "181 days old" in warning


def test_another_currency_goes_through_every_figure():
    usage = Usage()
    usage.add("Fn", "monthly_requests", 10_000_000)
    euros = with_own(catalogue(), {"currency": "EUR", "rate": "0.5"})
    bill = estimate([graph_of(FN, region="us-east-1")], usage, euros, Options(free_tier=False))
    assert bill.currency == "EUR"
    assert bill.stacks[0].components[0].unit_price == "0.0000001"
    assert bill.stacks[0].components[0].monthly_cost == "1"


def test_tiers_that_are_not_known_to_the_end_say_so():
    usage = {"Fn": {"monthly_requests": 10**9, "request_duration_ms": 10_000}}
    line = bill_of(FN, usage, at="eu-west-1").stacks[0].components[1]
    assert "no price is known above 6000000000 GB-second" in line.assumption


def test_the_bill_fits_the_published_schema():
    text = (
        resources.files("stackworthy.reports")
        .joinpath("schemas/bill-1.schema.json")
        .read_text(encoding="utf-8")
    )
    document = json.loads(
        msgspec.json.encode(bill_of(FN + "\nDb: {Type: AWS::RDS::DBInstance, Properties: {}}"))
    )
    jsonschema.Draft202012Validator(json.loads(text)).validate(document)
    assert document["schema"] == "stackworthy.bill/1"


def test_money_is_written_as_decimal_strings_without_exponents():
    assert decimal_text(Decimal("2E-7")) == "0.0000002"
    assert decimal_text(Decimal("1E+9")) == "1000000000"
    assert decimal_text(Decimal("1.500")) == "1.5"
    assert decimal_text(Decimal(0)) == "0"
    assert decimal_text(Decimal("1E-30")) == "0"


QUANTITY = st.integers(min_value=0, max_value=10**13)
KEYS = sorted(key for key, one in catalogue().dimensions.items() if "us-east-1" in one.regions)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KEYS), QUANTITY, QUANTITY)
def test_a_price_never_falls_when_more_is_used_and_has_no_jumps(key, one, other):
    tiers = catalogue().price(key, "us-east-1").tiers
    less, more = sorted((Decimal(one), Decimal(other)))
    assert cost(tiers, less) <= cost(tiers, more)
    dearest = max(tier.price for tier in tiers)
    assert cost(tiers, more) - cost(tiers, less) <= (more - less) * dearest


@settings(max_examples=40, deadline=None)
@given(QUANTITY, QUANTITY, QUANTITY)
def test_the_bill_never_falls_when_one_resource_is_used_more(first, second, extra):
    def total(requests: int) -> Decimal:
        usage = {
            "A": {"monthly_requests": requests, "request_duration_ms": 200},
            "B": {"monthly_requests": second, "request_duration_ms": 200},
        }
        return bill_of(TWO, usage).cost

    # Lines are rounded to the twelfth place.
    assert total(first) <= total(first + extra) + Decimal("1e-9")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_pooled_is_the_sum_of_the_parts_below_the_first_tier(one, other):
    text = "\n".join(f"{name}: {{Type: AWS::SQS::Queue, Properties: {{}}}}" for name in "AB")
    together = bill_of(
        text, {"A": {"monthly_requests": one}, "B": {"monthly_requests": other}}, free_tier=False
    ).cost
    apart = bill_of(text, {"A": {"monthly_requests": one}}, free_tier=False).cost
    apart += bill_of(text, {"B": {"monthly_requests": other}}, free_tier=False).cost
    assert abs(together - apart) < Decimal("1e-9")


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 100)), max_size=5), st.integers(0, 6000))
def test_tiers_cost_what_unit_by_unit_addition_costs(bands, quantity):
    tiers, start = [Tier(Decimal(0), Decimal(7))], 0
    for width, price in bands:
        start += width
        tiers.append(Tier(Decimal(start), Decimal(price)))
    slow = 0
    for unit in range(quantity):
        slow += int(next(tier.price for tier in reversed(tiers) if tier.start <= unit))
    assert cost(tiers, Decimal(quantity)) == slow
