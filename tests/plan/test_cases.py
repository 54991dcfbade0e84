"""The cases in the documentation: what teams claimed, worked out again."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from stackworthy.config import load
from stackworthy.judge import place
from stackworthy.prices import catalogue
from stackworthy.prices.own import with_own
from stackworthy.workload.billing import Priced, Stack, Table, Terms, price
from stackworthy.workload.reading import read
from stackworthy.workload.scenario import scenarios, under

ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "docs/cases"
SAM = ROOT / "examples/flashcards/sam"


def stacks_of(example: Path, workload: Path) -> tuple[list[Stack], dict]:
    settings = load(example, root=str(ROOT))
    workspace, base, target = place(example, settings)
    text = workload.read_text("utf-8")
    content = tomllib.loads(text)
    table = Table(content["workload"], workload.name, text)
    found = read(workspace, target, base, settings, table)
    return found.by_environment[found.chosen()], content


def flashcards(file: str, *, free_tier: bool, scenario: str = "") -> Priced:
    workload = CASES / "flashcards" / file
    stacks, content = stacks_of(SAM, workload)
    terms = Terms(free_tier=free_tier)
    if scenario:
        known = scenarios(content["scenario"], file, workload.read_text("utf-8"))
        stacks, terms = under(next(one for one in known if one.name == scenario), stacks, terms)
    prices = with_own(catalogue(), content.get("prices", {}), file)
    return price(stacks, terms, prices)


def by_service(priced: Priced) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for stack in priced.bill.stacks:
        for one in stack.components:
            service = one.kind.split("::")[1]
            sums[service] = sums.get(service, Decimal(0)) + one.cost
    return sums


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def test_the_launch_review_of_flashcards_comes_out_to_the_cent_with_its_own_prices():
    plain = flashcards("review.toml", free_tier=False)
    assert cents(plain.bill.cost) == Decimal("0.47")
    sums = by_service(plain)
    assert sums["ApiGatewayV2"] == Decimal("0.21")
    assert cents(sums["Lambda"]) == Decimal("0.16")
    assert sums["DynamoDB"] == Decimal("0.09")
    assert sums["S3"].quantize(Decimal("0.001")) == Decimal("0.005")
    quantities = {
        (one.address, one.component): Decimal(one.quantity)
        for one in plain.bill.stacks[0].components
        if one.cost
    }
    assert quantities["ApiFunction", "Compute"] == 9000
    assert quantities["HttpApi", "Requests"] == 60000


def test_the_launch_review_with_cloudfront_comes_out_to_the_cent_too():
    with_pages = flashcards("review.toml", free_tier=False, scenario="cloudfront")
    assert cents(with_pages.bill.cost) == Decimal("1.32")
    assert by_service(with_pages)["CloudFront"] == Decimal("0.85")


@pytest.mark.parametrize(
    ("free_tier", "scenario", "total"),
    [(False, "", "0.60"), (True, "", "0.13"), (False, "cloudfront", "1.45"), (True, "cloudfront", "0.13")],
)
def test_the_true_bill_of_flashcards_is_what_the_case_says(free_tier, scenario, total):
    priced = flashcards("corrected.toml", free_tier=free_tier, scenario=scenario)
    assert cents(priced.bill.cost) == Decimal(total)


def test_each_difference_of_flashcards_is_the_one_that_the_case_explains():
    theirs = by_service(flashcards("review.toml", free_tier=False))
    ours = by_service(flashcards("corrected.toml", free_tier=False))
    free = by_service(flashcards("corrected.toml", free_tier=True))
    assert (theirs["ApiGatewayV2"], ours["ApiGatewayV2"]) == (Decimal("0.21"), Decimal("0.06"))
    assert (theirs["DynamoDB"], ours["DynamoDB"]) == (Decimal("0.09"), Decimal("0.04125"))
    assert ours["S3"] == Decimal("0.0324") + Decimal("0.000046")
    assert (ours["Lambda"], free["Lambda"]) == (theirs["Lambda"].quantize(Decimal("1e-7")), 0)
    assert (ours["CloudWatch"], free["CloudWatch"]) == (Decimal("0.3"), 0)


def test_without_its_session_cache_flashcards_pays_for_writes_and_not_for_reads():
    theirs = by_service(flashcards("review.toml", free_tier=False, scenario="uncached"))["S3"]
    ours = by_service(flashcards("corrected.toml", free_tier=False, scenario="uncached"))["S3"]
    assert theirs.quantize(Decimal("0.001")) == Decimal("0.048")
    assert ours.quantize(Decimal("0.001")) == Decimal("0.324")


def test_the_sums_in_the_case_of_flashcards_are_those_of_its_rows():
    rows = re.findall(
        r"^\| [^|*]+ \| ([$–\d.]+) \| ([$\d.]+) \| ([$\d.]+) \|",
        (CASES / "flashcards.md").read_text("utf-8"),
        re.M,
    )
    columns = [
        [Decimal(cell.lstrip("$").replace("–", "0")) for cell in column] for column in zip(*rows, strict=True)
    ]
    assert [cents(sum(column[:-1])) for column in columns] == [
        Decimal("0.47"),
        Decimal("0.60"),
        Decimal("0.13"),
    ]
    assert [cents(sum(column)) for column in columns] == [Decimal("1.32"), Decimal("1.45"), Decimal("0.13")]


def test_the_next_steps_of_flashcards_break_its_budget():
    prices = catalogue()

    def unit(key: str) -> Decimal:
        found = prices.price(key, "us-east-1")
        assert found is not None
        return found.tiers[0].price

    provisioned = Decimal("0.5") * 730 * 3600 * unit("lambda.provisioned.x86")
    assert cents(provisioned) == Decimal("5.48")
    assert unit("waf.web-acl") + unit("waf.rule") == 6
