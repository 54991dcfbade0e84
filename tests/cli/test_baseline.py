"""`stackworthy baseline` and `review --baseline`, as whole commands in real repositories."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.repositories import ENVIRONMENT, Repository, function

SOURCE = str(Path(__file__).parents[2] / "src")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.git("config", "user.name", "Grace")
    made.commit({"a/template.yaml": function("One", "PassThrough"), "b/template.yaml": function("Two")})
    return made


def run(repository: Repository, *arguments: str) -> tuple[int, str, str]:
    environment = {**ENVIRONMENT, "PYTHONPATH": SOURCE, "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]}
    done = subprocess.run(
        [sys.executable, "-m", "stackworthy", *arguments],
        cwd=repository.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def entries(repository: Repository) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((repository.folder / "stackworthy-baseline.json").read_text())[
        "findings"
    ]
    return found


def review(repository: Repository, *more: str) -> tuple[int, str, str]:
    return run(repository, "review", "--fail-on", "low", "--baseline", "stackworthy-baseline.json", *more)


def test_what_is_written_down_fails_nothing_any_more(repository):
    assert run(repository, "review", "--fail-on", "low")[0] == 1
    code, out, err = run(repository, "baseline")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"stackworthy-baseline.json: (\d+) entries, \1 taken in\n", out)
    traced = next(entry for entry in entries(repository) if entry["rule"] == "tracing-off")
    assert (traced["stack"], traced["resource"]) == ("a/template.yaml", "One")
    assert (traced["property"], traced["author"]) == ("TracingConfig.Mode", "Grace")
    code, out, err = review(repository)
    assert (code, err) == (0, "")
    assert f"{len(entries(repository))} known by stackworthy-baseline.json (--show-known shows them)" in out
    assert "tracing-off" not in out


def test_known_findings_can_be_shown(repository):
    run(repository, "baseline")
    _, out, _ = review(repository, "--show-known")
    assert re.search(r"^ known  a/template.yaml:7:\d+: low tracing-off: ", out, re.M)


def test_only_new_findings_are_shown_and_fail_wherever_their_line_is(repository):
    run(repository, "baseline")
    repository.write(
        {
            "a/template.yaml": "# moved\n\n" + function("One", "PassThrough"),
            "b/template.yaml": function("Two", "Off"),
        }
    )
    code, out, _ = review(repository, "-q")
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["b/template.yaml"]


def test_known_findings_stand_among_the_suppressed_of_other_reports(repository):
    run(repository, "baseline")
    _, out, _ = review(repository, "--format", "json")
    data = json.loads(out)
    assert data["baseline"]["known"] == len(entries(repository)) == data["summary"]["suppressed"]
    assert data["summary"]["findings"] == {}
    assert {finding["suppressed"]["kind"] for stack in data["stacks"] for finding in stack["suppressed"]} == {
        "baseline"
    }
    assert {verdict["state"] for stack in data["stacks"] for verdict in stack["verdicts"]} <= {
        "pass",
        "suppressed",
        "not-assessed",
    }


def test_a_baseline_grows_and_keeps_what_it_said(repository):
    run(repository, "baseline", "--reason", "first", "--author", "Ada")
    before = entries(repository)
    repository.write({"b/template.yaml": function("Two", "PassThrough")})
    code, out, _ = run(repository, "baseline", "--reason", "second")
    assert code == 0
    assert "1 taken in" in out
    assert {entry["reason"]: entry["author"] for entry in entries(repository)} == {
        "first": "Ada",
        "second": "Grace",
    }
    assert [entry for entry in entries(repository) if entry["reason"] == "first"] == before


def test_stale_entries_are_told_and_pruned(repository):
    run(repository, "baseline")
    count = len(entries(repository))
    repository.write({"a/template.yaml": function("One")})
    assert "1 of its entries is stale: stackworthy baseline --prune" in review(repository)[1]
    assert "1 stale: stackworthy baseline --prune" in run(repository, "baseline")[1]
    assert len(entries(repository)) == count
    assert "1 removed that nothing answers to" in run(repository, "baseline", "--prune")[1]
    assert len(entries(repository)) == count - 1
    assert "stale" not in review(repository)[1]


def test_what_was_not_looked_at_is_not_stale(repository):
    run(repository, "baseline")
    count = len(entries(repository))
    for narrowed in (["b"], ["--only-format", "terraform", "b"]):
        run(repository, "baseline", "--prune", "--output", "stackworthy-baseline.json", *narrowed)
        assert len([entry for entry in entries(repository) if entry["stack"].startswith("a/")]) > 0
    assert len(entries(repository)) == count
    assert "stale" not in review(repository, "--rule", "recovery-off")[1]


def test_one_rule_or_one_finding_is_taken_in_with_a_reason(repository):
    code, _, err = run(repository, "baseline", "--add", "tracing-off")
    assert code == 2
    assert "--add needs --reason" in err
    code, _, err = run(repository, "baseline", "--add", "tracing-on", "--reason", "x")
    assert code == 2
    assert "no finding has the id or the rule 'tracing-on'" in err
    run(repository, "baseline", "--add", "tracing-off", "--reason", "until June", "--author", "Ada")
    assert [(entry["rule"], entry["reason"]) for entry in entries(repository)] == [
        ("tracing-off", "until June")
    ]
    data = json.loads(run(repository, "review", "--format", "json")[1])
    other = next(f for stack in data["stacks"] for f in stack["findings"] if f["rule"] != "tracing-off")
    run(repository, "baseline", "--add", other["id"], "--reason", "this one")
    assert len(entries(repository)) == 2


def test_the_settings_may_name_the_baseline(repository):
    repository.write({"stackworthy.toml": 'baseline = "known/b.json"\n', "known/.keep": ""})
    code, _, err = run(repository, "review", "a")
    assert code == 2
    assert "there is no baseline" in err
    run(repository, "baseline")
    assert (repository.folder / "known/b.json").exists()
    assert run(repository, "review", "a", "--fail-on", "low")[0] == 0


def test_a_baseline_that_leads_out_of_the_root_is_refused(repository, tmp_path):
    (tmp_path / "outside.json").write_text('{"schema": "stackworthy.baseline/1", "findings": []}')
    repository.write({"stackworthy.toml": 'baseline = "b.json"\n'})
    (repository.folder / "b.json").symlink_to(tmp_path / "outside.json")
    code, _, err = run(repository, "review")
    assert code == 2
    assert "leads out of the reviewed root" in err


def test_a_damaged_baseline_is_told_with_its_line_and_stays(repository):
    (repository.folder / "stackworthy-baseline.json").write_text('{\n"schema": \n')
    code, _, err = review(repository)
    assert code == 2
    assert "stackworthy-baseline.json:3 is not valid JSON" in err
    assert run(repository, "baseline")[0] == 2
    assert (repository.folder / "stackworthy-baseline.json").read_text() == '{\n"schema": \n'


def test_nobody_to_name_is_told(repository):
    repository.git("config", "--unset", "user.name")
    code, _, err = run(repository, "baseline")
    assert code == 2
    assert "give --author" in err


def test_own_rules_have_a_place_in_the_baseline_too(repository, tmp_path):
    from stackworthy import api

    (tmp_path / "own.py").write_text((api.__doc__ or "").split("\n\n", 1)[1])
    run(
        repository,
        "baseline",
        "--own-rules",
        str(tmp_path / "own.py"),
        "--add",
        "tracing-off-here",
        "--reason",
        "x",
    )
    assert [entry["rule"] for entry in entries(repository)] == ["tracing-off-here"]
    (tmp_path / "own.py").write_text("def broken(:")
    code, _, err = run(repository, "baseline", "--own-rules", str(tmp_path / "own.py"))
    assert code == 0
    assert "own.py:1 is no Python: invalid syntax" in err
