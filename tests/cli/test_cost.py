"""`stackworthy cost` and `stackworthy workload` end to end."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from stackworthy.cli import main

ROOT = Path(__file__).parent.parent.parent
SCHEMAS = ROOT / "src/stackworthy/reports/schemas"
GOLDEN = ROOT / "tests/golden"
TEMPLATE = """
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: "def handler(event, context): pass"
      Handler: index.handler
      Runtime: python3.12
      MemorySize: 1024
      Events:
        Get: {Type: HttpApi, Properties: {Method: GET, Path: /decks}}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: subnet-1}}
Transform: AWS::Serverless-2016-10-31
"""
SETTINGS = """
[workload]
"GET /decks" = "2000000/month"
[scenario.arm.set.Fn]
Architectures = ["arm64"]
"""


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "stackworthy.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(["cost", *arguments]) == code
    captured = capsys.readouterr()
    return captured.out if code != 2 else captured.err


def valid(text: str, name: str) -> Any:
    document = json.loads(text)
    jsonschema.validate(document, json.loads((SCHEMAS / f"{name}-1.schema.json").read_text()))
    return document


def test_the_bill_shows_quantities_totals_and_what_they_are_at_more_traffic(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, ".")
    assert "2,000,000 requests a month" in text
    assert "730 hours NAT gateway" in text
    assert "without free tiers" in text
    assert "at 10x" in text
    assert "at 1,000x" in text


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_lines_keep_within_the_terminal(
    columns: int, stack: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = said(capsys, ".")
    assert max(len(line) for line in text.splitlines()) <= columns


def test_the_json_keeps_to_its_schema_and_adds_up(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bill = valid(said(capsys, ".", "--format", "json"), "bill")
    lines = [line for one in bill["stacks"] for line in one["components"]]
    assert abs(sum(float(line["monthly_cost"]) for line in lines) - float(bill["monthly_cost"])) < 1e-9
    assert bill["stacks"][0]["path"] == "template.yaml"


def test_scenarios_stand_beside_the_bill_with_the_difference(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = valid(said(capsys, ".", "--scenario", "arm", "--no-free-tier", "--format", "json"), "bills")
    assert [one["name"] for one in document["bills"]] == ["", "arm"]
    assert float(document["difference"]) < 0
    text = said(capsys, ".", "--scenario", "all")
    assert "arm" in text.splitlines()[0]


def test_csv_has_a_row_for_each_component(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(said(capsys, ".", "--format", "csv"))))
    assert {"address", "quantity", "unit_price", "monthly_cost", "source"} <= rows[0].keys()
    assert any(row["address"] == "Nat" and row["monthly_cost"] == "32.85" for row in rows)


def test_markdown_is_a_table_and_html_a_page_without_scripts(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "| **NAT Gateway** |" in said(capsys, ".", "--format", "markdown")
    page = said(capsys, ".", "--format", "html")
    assert "<!DOCTYPE html>" in page
    assert "<script" not in page
    assert "NAT Gateway" in page


@pytest.mark.parametrize("by", ["service", "resource", "stack", "environment"])
def test_lines_are_summed_as_asked(by: str, stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "$" in said(capsys, ".", "--by", by)


def test_at_ten_times_the_traffic_the_requests_are_ten_times_as_many(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bill = json.loads(said(capsys, ".", "--at", "10x", "--format", "json"))
    (requests,) = [
        line["quantity"]
        for line in bill["stacks"][0]["components"]
        if line["kind"] == "AWS::ApiGatewayV2::Api" and line["component"] == "Requests"
    ]
    assert requests == "20000000"


def test_usage_files_are_taken_as_they_are(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("infracost-usage.yml").write_text(
        yaml.dump({"version": "0.1", "resource_usage": {"Fn": {"monthly_requests": 77}}})
    )
    bill = json.loads(said(capsys, ".", "--usage", "infracost-usage.yml", "--format", "json"))
    assert any(
        line["address"] == "Fn" and line["quantity"] == "77" for line in bill["stacks"][0]["components"]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--region", "eu-wst-1"), "did you mean eu-west-1?"),
        (("--month", "2026-13"), "write it like 2026-11"),
        (("--at", "lots"), "write a number"),
        (("--at", "-3x"), "0 or more"),
        (("--scenario", "amr"), "did you mean arm?"),
        (("--sweep", "requests=5..1"), "smaller number first"),
        (("--sweep", "requests=1..5", "--format", "html"), "-o curve.svg draws it"),
        (("-o", "bill.unknown"), "does not say its format"),
    ],
)
def test_bad_options_are_refused_with_the_way_out(
    arguments: tuple[str, ...], message: str, stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in said(capsys, ".", *arguments, code=2)


@pytest.mark.parametrize(
    ("settings", "place", "message"),
    [
        ('[workload]\n"GET /deks" = "5/s"\n', "stackworthy.toml:2", "did you mean 'GET /decks'?"),
        ('[workload]\n"GET /decks" = "5/fortnight"\n', "stackworthy.toml:2", "a period is"),
        ('[workload]\n"GET /decks" = -5\n', "stackworthy.toml:2", "0 or more"),
        ('[workload]\n"GET /decks" = 5\n[workload.resource.Fn]\nmemory = 5\n', "stackworthy.toml:", "no usage key 'memory'"),
        ('[workload]\n[prices]\ndiscnt = 5\n', "stackworthy.toml", "did you mean discount?"),
    ],
)  # fmt: skip
def test_bad_settings_are_refused_with_their_line(
    settings: str, place: str, message: str, stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("stackworthy.toml").write_text(settings)
    error = said(capsys, ".", code=2)
    assert place in error
    assert message in error


def test_own_prices_are_taken_from_the_settings(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = json.loads(said(capsys, ".", "--format", "json"))
    Path("stackworthy.toml").write_text(SETTINGS + '[prices]\ncurrency = "EUR"\nrate = 0.5\n')
    after = json.loads(said(capsys, ".", "--format", "json"))
    assert after["currency"] == "EUR"
    assert float(after["monthly_cost"]) == pytest.approx(float(before["monthly_cost"]) / 2)


def test_a_sweep_is_printed_and_drawn(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, ".", "--sweep", "requests=1e3..1e6", "-o", "curve.svg")
    assert "1,000,000" in text
    assert "arm64 is cheaper" in text or "as it is" in text
    assert Path("curve.svg").read_text().startswith("<svg")
    document = valid(said(capsys, ".", "--sweep", "requests=1e3..1e6", "--format", "json"), "sweep")
    assert document["points"][0]["requests"] == "1000"


def test_a_sweep_is_drawn_as_png_too(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    said(capsys, ".", "--sweep", "requests=1e3..1e5", "-o", "curve.png")
    assert Path("curve.png").read_bytes().startswith(b"\x89PNG")


def test_a_difference_is_that_of_two_revisions_under_the_workload_of_now(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
            cwd=stack,
            check=True,
            capture_output=True,
        )

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    Path("template.yaml").write_text(
        TEMPLATE.replace("  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: subnet-1}}\n", "")
    )
    document = valid(said(capsys, "diff", "HEAD", ".", "--format", "json"), "bills")
    assert document["difference"] == "-32.85"
    assert "-$32.85" in said(capsys, "diff", "HEAD", ".", "--format", "markdown")
    said(capsys, "diff", ".", "HEAD", "--fail-above", "10", code=1)
    assert "neither a path nor a revision" in said(capsys, "diff", "nowhere", ".", code=2)


def test_a_difference_is_that_of_two_folders_too(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("old", TEMPLATE), ("new", TEMPLATE.replace("1024", "2048"))):
        Path(name).mkdir()
        Path(name, "template.yaml").write_text(text)
    Path("new", "stackworthy.toml").write_text(SETTINGS)
    document = valid(said(capsys, "diff", "old", "new", "--no-free-tier", "--format", "json"), "bills")
    assert [one["name"] for one in document["bills"]] == ["old", "new"]
    assert float(document["difference"]) > 0
    assert "as before" in said(capsys, "diff", "old", "new", "--no-free-tier")


def test_without_a_workload_it_says_how_to_state_one(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackworthy.toml").write_text("")
    assert "stackworthy workload init" in said(capsys, ".").replace("\n  ", " ")


def test_a_start_file_names_the_entry_points_and_is_a_valid_workload(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("stackworthy.toml").write_text('profile = "strict"\n')
    assert main(["workload", "init", ".", "--size", "medium"]) == 0
    text = Path("stackworthy.toml").read_text()
    assert text.startswith('profile = "strict"\n')
    assert '"GET /decks" = "100000/month"' in text
    assert "100,000 requests" in said(capsys, ".").split("init")[-1] or "100,000" in text
    assert main(["workload", "init", "."]) == 2
    assert "states a workload already" in capsys.readouterr().err


def test_the_flow_is_shown_for_each_resource(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workload", "."]) == 0
    text = capsys.readouterr().out
    assert "2,000,000 invocations" in text
    assert "assumed" in text
    assert main(["workload", ".", "--format", "json"]) == 0
    document = valid(capsys.readouterr().out, "workload")
    function = next(one for one in document["stacks"][0]["resources"] if one["address"] == "Fn")
    assert function["count"] == "2000000"
    assert {one["basis"] for one in function["usage"]} >= {"derived", "assumed"}


@pytest.mark.parametrize("example", ["flashcards/sam", "meetings"])
def test_the_bills_of_the_examples_are_as_they_were(
    example: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    import os

    monkeypatch.chdir(ROOT)
    bill = valid(
        said(capsys, f"examples/{example}", "--root", ".", "--month", "2026-11", "--format", "json"), "bill"
    )
    found = {
        "monthly_cost": bill["monthly_cost"],
        "complete": bill["complete"],
        "lines": [
            f"{line['address']} | {line['component']} | {line['quantity']} {line['unit']} | {line['monthly_cost']}"
            for line in bill["stacks"][0]["components"]
        ],
    }
    golden = GOLDEN / f"bill-{example.replace('/', '-')}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(golden.read_text())
