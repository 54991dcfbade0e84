"""`stackworthy plan` on the command line."""

from __future__ import annotations

import json

import pytest
from tests.plan.stacks import WORKLOAD, written

from stackworthy.cli import main


@pytest.fixture
def stack(tmp_path):
    return written(tmp_path, settings=WORKLOAD)


def test_it_prints_markdown_when_nothing_else_is_asked(stack, capsys):
    assert main(["plan", str(stack), "--root", str(stack)]) == 0
    assert "## Phase 1: Critical faults" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("plan.md", "# Plan for"),
        ("plan.html", "<!DOCTYPE html>"),
        ("plan.json", "{"),
        ("plan.csv", "number,title"),
    ],
)
def test_the_ending_of_the_file_says_the_format(stack, name, begins):
    assert main(["plan", str(stack), "--root", str(stack), "-o", str(stack / name)]) == 0
    assert (stack / name).read_text("utf-8").lstrip().startswith(begins)


def test_a_kept_plan_tells_what_is_left(stack, capsys):
    kept = str(stack / "plan.json")
    main(["plan", str(stack), "--root", str(stack), "-o", kept])
    assert main(["plan", str(stack), "--root", str(stack), "--check", kept]) == 1
    assert "left: recovery-off passes at Orders" in capsys.readouterr().out


def test_ten_times_the_traffic_is_another_bill(stack, capsys):
    bills = []
    for times in ("1x", "10x"):
        assert main(["plan", str(stack), "--root", str(stack), "--format", "json", "--at", times]) == 0
        bills.append(float(json.loads(capsys.readouterr().out)["cost"]["before"]))
    assert bills[1] > bills[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "plan.odd"], "does not say its format"),
        (["--check", "{folder}/template.yaml"], "is no plan"),
        (["--at", "minus"], "minus"),
    ],
)
def test_bad_use_is_refused_with_the_way_out(stack, capsys, arguments, said):
    given = [text.format(folder=stack) for text in arguments]
    assert main(["plan", str(stack), "--root", str(stack), *given]) == 2
    assert said in capsys.readouterr().err
