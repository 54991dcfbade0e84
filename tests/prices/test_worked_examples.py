"""AWS's own worked examples come to the cent: quantities, prices and totals."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.support.graphs import graph_of

from stackworthy.core.cost import Bill, Usage
from stackworthy.estimate import Options, estimate

EXAMPLES = json.loads(
    (Path(__file__).parent.parent / "data" / "worked_cost_examples.json").read_text(encoding="utf-8")
)["examples"]


def bill_of(example: dict[str, Any]) -> Bill:
    graph = graph_of("\n".join(example["resources"]), region=example["region"])
    usage = Usage()
    for address, keys in example["usage"].items():
        for key, value in keys.items():
            usage.add(address, key, value)
    return estimate([graph], usage, options=Options(month=example["month"], free_tier=example["free_tier"]))


@pytest.fixture(params=EXAMPLES, ids=lambda example: example["id"])
def example(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


def test_every_line_has_the_quantity_and_the_cost_that_aws_prints(example):
    bill = bill_of(example)
    for wanted in example["lines"]:
        lines = [one for one in bill.stacks[0].components if one.component == wanted["component"]]
        quantity = sum(Decimal(one.quantity) for one in lines)
        places = Decimal(wanted["quantity"]).as_tuple().exponent
        assert round(quantity, -places) == Decimal(wanted["quantity"]), wanted["component"]
        cost = sum(one.cost for one in lines)
        assert abs(cost - Decimal(wanted["usd"])) <= Decimal("0.006"), wanted["component"]


def test_the_total_is_that_of_aws(example):
    bill = bill_of(example)
    assert bill.complete
    assert abs(bill.cost - Decimal(example["total_usd"])) <= Decimal("0.006")


def test_a_line_costs_what_is_paid_for_times_its_unit_price(example):
    bill = bill_of(example)
    for wanted in example["lines"]:
        lines = [one for one in bill.stacks[0].components if one.component == wanted["component"]]
        paid = max(sum(Decimal(one.quantity) for one in lines) - Decimal(wanted["free"]), Decimal(0))
        cost = sum(one.cost for one in lines)
        # Twelve places of an average price leave an error that grows with the quantity.
        assert abs(paid * Decimal(lines[0].unit_price) - cost) <= Decimal("0.001"), wanted["component"]
