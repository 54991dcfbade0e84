"""The bill: lines, pools, free tiers, what is not priced."""

from __future__ import annotations

from decimal import Decimal

from tests.support.graphs import graph_of

from stackworthy.core.cost import Usage
from stackworthy.estimate import Options, estimate

FN = "Fn: {Type: AWS::Lambda::Function, Properties: {MemorySize: 1536}}"


def test_a_function_is_billed_for_requests_and_compute_less_the_free_tier():
    usage = Usage()
    usage.add("Fn", "monthly_requests", 3_000_000)
    usage.add("Fn", "request_duration_ms", 120)
    bill = estimate([graph_of(FN, region="us-east-1")], usage)
    lines = {line.component: line for line in bill.stacks[0].components}
    assert lines["Compute"].quantity == "540000"
    assert round(lines["Compute"].cost, 2) == Decimal("2.33")
    assert round(lines["Requests"].cost, 2) == Decimal("0.40")
    assert bill.complete
    assert round(bill.cost, 2) == Decimal("2.73")


def test_a_region_without_a_price_is_said_and_leaves_the_bill_incomplete():
    bill = estimate([graph_of(FN, region="eu-south-2")])
    assert {one.reason for one in bill.stacks[0].unpriced} == {"no price for eu-south-2"}
    assert not bill.complete


def test_without_free_tier_everything_is_charged():
    usage = Usage()
    usage.add("Fn", "monthly_requests", 1_000_000)
    bill = estimate([graph_of(FN, region="us-east-1")], usage, options=Options(free_tier=False))
    assert bill.stacks[0].components[0].monthly_cost == "0.2"
