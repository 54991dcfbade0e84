"""What holds for any workload."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.graphs import graph_of
from tests.workload.support import API, QUEUE

from stackworthy.workload.billing import Stack, Table, Terms, price

GRAPHS = {"GET /decks": graph_of(API, region="us-east-1"), "Jobs": graph_of(QUEUE, region="us-east-1")}
RATES = st.integers(min_value=0, max_value=10**12)


def cost(name: str, rate: int, factor: Decimal = Decimal(1), *, free: bool = True) -> Decimal:
    stacks = [Stack(GRAPHS[name], Table({name: rate}, "s.toml", ""))]
    return price(stacks, Terms(factor=factor, free_tier=free)).bill.cost


@given(st.sampled_from(sorted(GRAPHS)), RATES, RATES, st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_bill_never_falls_when_traffic_rises(name: str, one: int, more: int, free: bool) -> None:
    low, high = sorted((one, more))
    # A share of a free tier is rounded to twelve places in each line.
    assert cost(name, high, free=free) - cost(name, low, free=free) >= Decimal("-1e-9")


@given(st.sampled_from(sorted(GRAPHS)), RATES)
@settings(max_examples=30, deadline=None)
def test_once_the_traffic_is_the_traffic(name: str, rate: int) -> None:
    assert cost(name, rate, Decimal(1)) == cost(name, rate)
    assert (
        price([Stack(GRAPHS[name], Table({name: rate}, "", ""))], Terms()).bill
        == price([Stack(GRAPHS[name], Table({name: rate}, "", ""))], Terms(factor=Decimal(1))).bill
    )


@given(
    st.sampled_from(sorted(GRAPHS)),
    st.integers(min_value=0, max_value=10**9),
    st.integers(min_value=1, max_value=1000),
)
@settings(max_examples=30, deadline=None)
def test_ten_times_the_traffic_is_a_rate_of_ten_times_as_many(name: str, rate: int, times: int) -> None:
    assert cost(name, rate, Decimal(times)) == cost(name, rate * times)


@given(st.sampled_from(sorted(GRAPHS)), RATES)
@settings(max_examples=30, deadline=None)
def test_free_tiers_never_make_a_bill_dearer(name: str, rate: int) -> None:
    assert cost(name, rate) <= cost(name, rate, free=False)
