"""Scenarios: the same stacks under another workload, or with other properties."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from tests.support.graphs import graph_of
from tests.workload.support import API

from stackworthy.core.cost import UsageError
from stackworthy.workload.billing import Stack, Table, Terms, price
from stackworthy.workload.scenario import chosen, scale_of, scenarios, under

BASE = '[workload]\n"GET /decks" = "1000000/month"\n'


def cost(text: str, name: str | None = None) -> Decimal:
    content = tomllib.loads(text)
    stacks = [Stack(graph_of(API, region="us-east-1"), Table(content["workload"], "s.toml", text))]
    terms = Terms(free_tier=False)
    if name is not None:
        (one,) = chosen(scenarios(content["scenario"], "s.toml", text), (name,))
        stacks, terms = under(one, stacks, terms)
    return price(stacks, terms).bill.cost


def test_another_property_is_priced_and_leaves_the_stack_as_it_was() -> None:
    text = f'{BASE}[scenario.arm.set.Fn]\nArchitectures = ["arm64"]\n'
    assert cost(text, "arm") < cost(text)
    assert cost(text) == cost(BASE)


def test_a_scenario_lays_its_workload_over_the_stated_one() -> None:
    text = f'{BASE}[scenario.calm.workload]\n"GET /decks" = 0\n[scenario.same]\n'
    assert cost(text, "calm") == 0
    assert cost(text, "same") == cost(text)


def test_a_scale_multiplies_the_traffic() -> None:
    text = f'{BASE}[scenario.busy]\nscale = "10x"\n'
    assert round(cost(text, "busy"), 4) == round(10 * cost(text), 4)


def test_resources_are_taken_out_and_put_in() -> None:
    text = (
        f'{BASE}[scenario.less]\nremove = ["Decks"]\n[scenario.more.add.Nat]\nType = "AWS::EC2::NatGateway"\n'
    )
    assert cost(text, "less") < cost(text)
    assert cost(text, "more") - cost(text) == Decimal("32.85")


def test_a_scenario_in_another_region_is_priced_there() -> None:
    text = f'{BASE}[scenario.there]\nregion = "eu-central-1"\n'
    assert cost(text, "there") != cost(text)


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("[scenario.a]\nscal = 3\n", 4, "'scal'", "did you mean scale?"),
        ("[scenario.a.set.Fm]\nMemorySize = 3\n", 3, "'Fm'", "did you mean"),
        ("[scenario.a.set.Fn]\nMemorySiz = 3\n", 4, "'MemorySiz'", "did you mean MemorySize?"),
        ("[scenario.a.add.X]\nType = 'AWS::EC2::NatGatewy'\n", 3, "NatGatewy", "did you mean AWS::EC2::NatGateway?"),
        ("[scenario.a.add.Fn]\nType = 'AWS::EC2::NatGateway'\n", 3, "Fn already", "another name"),
        ("[scenario.a]\nset = 3\n", 4, "no table", "scenario.a.set"),
        ("[scenario.a]\nremove = 'Fn'\n", 4, "no list", "remove = "),
        ("[scenario.a]\nregion = 'eu-wst-1'\n", 4, "no region", "did you mean eu-west-1?"),
        ("[scenario.a]\nscale = 'lots'\n", 4, "no number", "1000000"),
        ("[scenario.a]\nscale = -2\n", 4, "-2", "0 or more"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line(text: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        cost(BASE + text, "a")
    assert (raised.value.file, raised.value.line) == ("s.toml", line)
    assert message in raised.value.message
    assert hint in raised.value.hint


def test_a_misspelt_scenario_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean busy"):
        cost(f"{BASE}[scenario.busy]\n", "bsy")


def test_a_scale_is_written_as_people_do() -> None:
    assert scale_of("1,000x", "k") == 1000
    assert scale_of("0.5x", "k") == Decimal("0.5")
    assert scale_of(10, "k") == 10
