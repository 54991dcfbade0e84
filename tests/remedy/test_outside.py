"""The tools of others look at copies of patched files; what they object to is refused, and nothing else."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from stackworthy.config import Options, load, merge
from stackworthy.remedy import Outside, Remedy, Wanted, remedy
from stackworthy.remedy.outside import FORMATTED, LINTED

TEMPLATE = """\
Resources:
  Jobs:
    Type: AWS::SQS::Queue
"""

needs_terraform = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not installed")
needs_lint = pytest.mark.skipif(
    not Path(sys.executable).with_name("cfn-lint").exists(), reason="cfn-lint is not installed"
)


def said(file: str, before: str, after: str) -> str | None:
    found = Outside(lint=True).complaints({file: before.encode()}, {file: after.encode()})
    return found.get(file)


@needs_terraform
def test_a_patched_line_that_terraform_would_lay_out_differently_is_objected_to() -> None:
    assert said("main.tf", "a = 1\n", "a = 1\nbcd = 2\n") == (
        "terraform fmt would write this line differently: a = 1"
    )


@needs_terraform
def test_a_line_that_stood_askew_before_is_nobodys_fault() -> None:
    assert said("main.tf", "a   =  1\n", "a   =  2\n") == ""


@needs_terraform
def test_what_terraform_cannot_read_is_objected_to_unless_it_could_not_before() -> None:
    assert said("main.tf", "a = 1\n", "a = {\n") == "terraform fmt cannot read the patched file"
    assert said("main.tf", "a = [\n", "a = {\n") == ""


@needs_lint
def test_a_new_error_of_cfn_lint_is_objected_to_and_an_old_one_is_not() -> None:
    worse = TEMPLATE + "    Properties: {Colour: red}\n"
    assert "E3002" in (said("t.yaml", TEMPLATE, worse) or "")
    assert said("t.yaml", worse, "# more\n" + worse) == ""


@needs_lint
def test_a_template_that_has_rules_of_its_own_loaded_is_not_given_to_cfn_lint(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    (tmp_path / "rule.py").write_text(f"open({str(mark)!r}, 'w')")
    for key in ("append_rules", '"append\\x5frules"'):
        metadata = f"Metadata: {{cfn-lint: {{config: {{{key}: [{tmp_path}]}}}}}}\n"
        assert said("t.yaml", TEMPLATE, metadata + TEMPLATE) is None
    assert not mark.exists()


def test_what_is_no_template_is_not_given_to_cfn_lint() -> None:
    assert said("serverless.yml", "service: a\n", "service: b\n") is None


class Objecting(Outside):
    """Objects to files that hold a word."""

    def __init__(self, word: bytes) -> None:
        super().__init__(lint=False)
        self.word = word
        self.asked = 0

    def check(self, file: str) -> str:
        return "somebody agrees"

    def complaints(self, befores: Mapping[str, bytes | None], afters: Mapping[str, bytes]) -> dict[str, str]:
        self.asked += 1
        return {file: "I object" if self.word in after else "" for file, after in afters.items()}


def mended(folder: Path, outside: Outside) -> Remedy:
    settings = merge(load(str(folder), root=None), Options())
    return remedy(folder, settings, Wanted(unsafe=True), None, outside)


def test_only_the_fix_to_blame_is_refused(tmp_path: Path) -> None:
    tables = "".join(f"  Table{number}:\n    Type: AWS::DynamoDB::Table\n" for number in range(9))
    (tmp_path / "t.yaml").write_text("Resources:\n" + tables + "  Images:\n    Type: AWS::ECR::Repository\n")
    outside = Objecting(b"ScanOnPush")
    found = mended(tmp_path, outside)
    refused = {item.record.rule: item.reason for stack in found.stacks for item in stack.refused}
    assert refused["images-not-scanned"] == "I object"
    assert b"ScanOnPush" not in found.edits["t.yaml"]
    assert found.edits["t.yaml"].count(b"PointInTimeRecoveryEnabled: true") == 9
    assert all("somebody agrees" in proposal.checks for proposal in found.proposals)
    assert outside.asked < 12


@needs_terraform
@needs_lint
def test_the_proof_says_who_was_asked(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("Resources:\n  Images:\n    Type: AWS::ECR::Repository\n")
    (tmp_path / "main.tf").write_text('resource "aws_dynamodb_table" "t" {\n  name = "t"\n}\n')
    found = mended(tmp_path, Outside(lint=True))
    checks = {check for proposal in found.proposals for check in proposal.checks}
    assert {FORMATTED, LINTED} <= checks


def test_many_objections_leave_the_file_as_it_is(tmp_path: Path) -> None:
    tables = "".join(f"  Table{number}:\n    Type: AWS::DynamoDB::Table\n" for number in range(20))
    (tmp_path / "t.yaml").write_text("Resources:\n" + tables)
    found = mended(tmp_path, Objecting(b"PointInTime"))
    assert b"PointInTime" not in found.edits.get("t.yaml", b"")
