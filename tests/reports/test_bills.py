"""Bills for people: rows, money, pages, curves."""

from __future__ import annotations

import csv
from decimal import Decimal
from xml.etree import ElementTree

import markdown_it
import pytest
from tests.workload.support import API, priced

from stackworthy.reports import bill_csv, bill_curve, bill_html, bill_markdown, bill_text
from stackworthy.reports.bill_rows import View, changes, money, number, rows, taken, unit_price
from stackworthy.reports.terminal import Layout, cells
from stackworthy.workload.sweep import Crossing, Curve, Point

HOSTILE = "Fn<script>|`x`"


def view(table: dict[str, object] | None = None, **terms: object) -> View:
    found = priced(API, table or {"GET /decks": "50000000/month"}, **terms)
    assumptions = [one for flow in found.flows for one in flow.assumptions.values()]
    return View(found.bill, requests=found.requests, assumptions=assumptions)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.004", "$0.00"),
        ("-0.004", "$0.00"),
        ("1234.567", "$1,234.57"),
        ("-3", "-$3.00"),
        ("0.005", "$0.01"),
    ],
)
def test_money_has_two_places_and_its_sign_first(value: str, text: str) -> None:
    assert money(Decimal(value)) == text


def test_other_currencies_have_their_sign() -> None:
    assert money(Decimal(5), "EUR", signed=True) == "+€5.00"
    assert money(Decimal(5), "SEK") == "SEK 5.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [("1000000", "1,000,000"), ("703.125", "703.1"), ("1.005", "1"), ("0.0782", "0.0782"), ("0.0000001", "under 0.001"), ("0", "0")],
)  # fmt: skip
def test_quantities_keep_the_digits_that_matter(value: str, text: str) -> None:
    assert number(Decimal(value)) == text


def test_prices_of_next_to_nothing_are_those_of_a_million() -> None:
    assert unit_price(Decimal("0.0000002"), "request") == "$0.20/million"
    assert unit_price(Decimal("0.045"), "hour") == "$0.045/hour"


@pytest.mark.parametrize("by", ["service", "resource", "stack"])
def test_rows_come_to_the_total_of_the_bill(by: str) -> None:
    bill = view().bill
    assert sum(row.cost for row in rows(bill, by)) == bill.cost


def test_the_groups_of_bills_side_by_side_come_to_their_totals() -> None:
    one, other = view().bill, view({"GET /decks": "5/month"}).bill
    found = changes([one, other])
    assert sum(each.costs[0] for each in found) == one.cost
    assert sum(each.difference for each in found) == other.cost - one.cost


def test_equal_assumptions_of_several_resources_are_one() -> None:
    found = taken(view())
    assert len({(one.what, one.figure, one.reason) for one in found}) == len(found)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
@pytest.mark.parametrize("by", ["service", "resource"])
def test_no_line_is_wider_than_the_terminal(width: int, by: str) -> None:
    lines = list(bill_text.report(view(), Layout(width), by))
    assert max(cells(line) for line in lines) <= max(width, 60)


def test_what_strangers_named_is_shown_as_text_in_every_format() -> None:
    one = view()
    for line in one.bill.stacks[0].components:
        line.address = HOSTILE
    page = "".join(bill_html.report([one], "resource"))
    assert "<script" not in page
    text = "\n".join(bill_markdown.report([one], "resource"))
    assert "<script" not in markdown_it.MarkdownIt("commonmark", {"html": True}).enable("table").render(text)


def test_a_cell_that_a_spreadsheet_would_run_is_text() -> None:
    one = view()
    one.bill.stacks[0].components[0].address = "=cmd()"
    found = list(csv.DictReader(bill_csv.report([one])))
    assert found[0]["address"] == "'=cmd()"


def test_markdown_of_two_bills_shows_what_differs() -> None:
    views = [view(), view({"GET /decks": "5/month"})]
    views[1].name = "calm"
    text = "\n".join(bill_markdown.report(views))
    assert "| service | now | calm | difference |" in text
    assert text.startswith("## -$")


def curve() -> Curve:
    points = [
        Point(Decimal(10) ** n, Decimal(10) ** (n - 3), {"A & B": Decimal(10) ** (n - 3)})
        for n in range(3, 10)
    ]
    crossings = [
        Crossing(HOSTILE, "x86", "arm64", "arm64", Decimal(81234), Decimal(9), Decimal(8), "a note"),
        Crossing("T", "on demand", "provisioned", "on demand", None, Decimal(9), Decimal(10), "a note"),
    ]
    return Curve("USD", Decimal(5000), points, crossings)


def test_the_curve_is_well_formed_and_has_a_line_for_each_service_and_the_total() -> None:
    root = ElementTree.fromstring("".join(bill_curve.svg(curve())))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2
    assert all(
        float(y) > 0 for line in lines for y in [pair.split(",")[1] for pair in line.attrib["points"].split()]
    )


def test_the_table_of_a_curve_has_a_line_for_each_decade_and_the_crossings() -> None:
    text = "\n".join(bill_curve.text(curve(), Layout(100)))
    assert "1,000,000,000" in text
    assert "arm64 is cheaper from 81,000 requests a month on" in text
    assert "cheaper as it is, throughout: on demand than provisioned (T)" in text
