"""`stackworthy fix` shows proven patches, and writes them when asked to."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from stackworthy.cli import main

TEMPLATE = """\
Resources:
  Images:
    Type: AWS::ECR::Repository   # ours
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: a, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: a, AttributeType: S}]
      BillingMode: PAY_PER_REQUEST
"""


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.com")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "start")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_shows_a_difference_and_writes_nothing(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix"]) == 0
    said = capsys.readouterr().out
    assert "ScanOnPush: true" in said
    assert "1 proven fix in 1 file" in said
    assert (stack / "template.yaml").read_text() == TEMPLATE


def test_writes_when_asked_to_and_offers_nothing_afterwards(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fix", "--write", "--unsafe"]) == 0
    after = (stack / "template.yaml").read_text()
    assert "Type: AWS::ECR::Repository   # ours" in after
    capsys.readouterr()
    assert main(["fix", "--unsafe"]) == 0
    assert "0 proven fixes" in capsys.readouterr().out


def test_refuses_to_write_over_changes_that_are_not_committed(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stack / "template.yaml").write_text(TEMPLATE + "# more\n")
    assert main(["fix", "--write"]) == 2
    assert "changes that are not committed: template.yaml" in capsys.readouterr().err
    assert main(["fix", "--write", "--allow-dirty"]) == 0
    assert "ScanOnPush" in (stack / "template.yaml").read_text()


def test_a_patch_is_taken_by_git_and_the_rollback_takes_it_back(stack: Path) -> None:
    assert main(["fix", "--unsafe", "--patch", "fix.patch", "--rollback", "undo.patch"]) == 0
    git(stack, "apply", "fix.patch")
    assert "ScanOnPush" in (stack / "template.yaml").read_text()
    git(stack, "apply", "undo.patch")
    assert (stack / "template.yaml").read_text() == TEMPLATE


def test_a_branch_holds_one_commit_for_each_rule_and_the_work_tree_stays(stack: Path) -> None:
    assert main(["fix", "--unsafe", "--branch", "better"]) == 0
    subjects = git(stack, "log", "--format=%s", "main..better").splitlines()
    assert "Mend recovery-off of Table" in subjects
    assert len(subjects) == len(set(subjects)) > 2
    assert "ScanOnPush" in git(stack, "show", "better:template.yaml")
    assert (stack / "template.yaml").read_text() == TEMPLATE
    assert git(stack, "status", "--porcelain") == ""
    body = git(stack, "log", "--format=%b", "-1", "better")
    assert "Proven on a copy:" in body


def test_a_branch_that_is_there_is_not_touched(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "--branch", "main"]) == 2
    assert "is a branch already" in capsys.readouterr().err


def test_json_holds_the_proof_of_every_fix(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "--unsafe", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["schema"] == "stackworthy.fixes/1"
    assert all("the finding is gone" in fix["proof"] for fix in said["fixes"])
    assert said["patch"].startswith("diff --git a/template.yaml b/template.yaml\n")


def test_interactive_writes_what_was_taken_and_nothing_else(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["n", "y", "q"])
    monkeypatch.setattr("click.prompt", lambda *_, **__: next(answers))
    assert main(["fix", "--unsafe", "--interactive"]) == 0
    after = (stack / "template.yaml").read_text()
    changed = {line for line in after.splitlines() if line not in TEMPLATE.splitlines()}
    assert changed in (
        {"      DeletionProtectionEnabled: true"},
        {"    Properties:", "      ImageScanningConfiguration:", "        ScanOnPush: true"},
        {"      ImageScanningConfiguration:", "        ScanOnPush: true"},
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rule", "tracing-of"], "did you mean tracing-off?"),
        (["--resource", "Tabel"], "did you mean Table?"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest(
    stack: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["fix", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_explain_says_why_something_is_not_offered(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "--explain"]) == 0
    said = capsys.readouterr().out
    assert "unsafe       recovery-off  Table" in said
    assert "proof: the finding is gone" in said


def test_generate_lists_the_capabilities_and_writes_one(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate"]) == 0
    assert "alarms  " in capsys.readouterr().out
    (stack / "template.yaml").write_text("Resources:\n  Flow:\n    Type: AWS::StepFunctions::StateMachine\n")
    assert main(["generate", "alarms", "--write", "--allow-dirty"]) == 0
    assert "MetricName: ExecutionsFailed" in (stack / "template.yaml").read_text()
