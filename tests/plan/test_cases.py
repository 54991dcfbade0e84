"""The cases in the documentation: what teams claimed, worked out again."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from tests.plan.test_reports import numbers, visible

from stackworthy.config import load
from stackworthy.judge import place
from stackworthy.plan import html, markdown
from stackworthy.plan.document import encoded
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


def unit_price(key: str) -> Decimal:
    found = catalogue().price(key, "us-east-1")
    assert found is not None
    return found.tiers[0].price


def test_what_the_plan_of_meetings_claims_needs_far_more_work_than_it_names():
    standard = unit_price("s3.standard.storage")
    assert round(Decimal("6.50") / standard, -1) == 280
    assert Decimal(2) / unit_price("dynamodb.wru.standard") == 3_200_000
    assert unit_price("kms.key") == 1
    assert round(Decimal("0.50") / unit_price("nat-gateway.data")) == 11
    assert Decimal(12) / Decimal("0.8") / Decimal("0.12") == 125


def test_a_haiku_token_is_two_thirds_cheaper_and_six_dollars_are_a_hundred_and_sixty_meetings():
    sonnet = [
        unit_price(f"bedrock.claude-sonnet-4.5-{part}-tokens-geo-profile") for part in ("input", "output")
    ]
    haiku = [
        unit_price(f"bedrock.claude-haiku-4.5-{part}-tokens-geo-profile") for part in ("input", "output")
    ]
    assert {round(100 - small * 100 / large) for small, large in zip(haiku, sonnet, strict=True)} == {67}
    saved = sum(
        (one - other) * tokens for one, other, tokens in zip(sonnet, haiku, (12000, 1000), strict=True)
    )
    assert round(Decimal(6) / saved, -1) == 160


def test_half_the_size_at_their_spot_price_saves_half_and_not_eighty_per_cent():
    hour = 2 * unit_price("fargate.vcpu.x86") + 4 * unit_price("fargate.memory.x86")
    assert hour.quantize(Decimal("0.0001")) == Decimal("0.0987")
    assert round(100 - 2 * Decimal("0.025") * 100 / hour) == 49


@pytest.fixture(scope="module")
def meetings():
    from stackworthy.plan import plan

    example = ROOT / "examples/meetings"
    return plan(example, load(example, root=str(example)))


def test_the_plan_of_meetings_has_every_improvement_that_the_team_named_and_a_state_for_each(meetings):
    names = {one.name for one in meetings.improvements}
    assert names >= {
        "iam-tightening",
        "cost-anomaly-detection",
        "alarms",
        "s3-lifecycle",
        "unused-indexes",
        "managed-key",
        "model-choice",
        "batch-spot-migration",
        "vpc-endpoints",
        "access-logs",
        "custom-metrics",
        "backup",
    }
    assert {one.status for one in meetings.improvements} == {
        "done",
        "todo",
        "needs testing",
        "experiment",
        "major change",
    }
    done = [place for one in meetings.done for place in meetings.get(one).evidence]
    assert ("processing/lambdas/auth_exchange/handler.py", 97) in {(one.file, one.line) for one in done}


def test_the_plan_of_meetings_finds_the_savings_that_the_case_shows(meetings):
    changes = {one.name: Decimal(one.cost.change) for one in meetings.improvements if one.number}
    assert changes["managed-key"] == -1
    assert changes["model-choice"] == Decimal("-0.75")
    assert changes["batch-spot-migration"] == Decimal("-0.11")
    assert changes["nat-gateway"] == Decimal("-36.50")
    assert changes["vpc-endpoints"] == 0


def test_every_number_of_the_plan_of_meetings_stands_in_its_json(meetings):
    known = numbers(encoded(meetings))
    assert numbers(unescape("\n".join(markdown.report(meetings)))) <= known
    assert numbers(visible("".join(html.report(meetings)))) <= known


def test_the_two_bills_of_meetings_are_those_of_the_case(meetings):
    text = (CASES / "meetings.md").read_text("utf-8")
    cost = meetings.cost
    assert f"| Now | $55.69 | ${cost.before} |" in text
    assert f"| Savings | $29.00 | ${cost.savings} |" in text
    assert f"| Added | – | ${cost.added} |" in text
    assert f"| After | $26.69 | ${cost.after} |" in text


def test_the_patches_of_meetings_apply_in_order_and_their_reverses_bring_every_file_back(meetings, tmp_path):
    shutil.copytree(ROOT / "examples/meetings", tmp_path / "meetings")
    folder = tmp_path / "meetings"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    patches = [
        one.patch for phase in meetings.phases for one in map(meetings.get, phase.improvements) if one.patch
    ]
    assert len(patches) >= 15
    for patch in patches:
        git_apply(folder, patch.text)
    assert {path: path.read_bytes() for path in before} != before
    for patch in reversed(patches):
        git_apply(folder, patch.reverse)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def git_apply(folder: Path, text: str) -> None:
    done = subprocess.run(
        ["git", "apply", "-"], cwd=folder, input=text.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
