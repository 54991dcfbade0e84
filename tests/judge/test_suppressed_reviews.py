"""What a suppression speaks of, seen in whole reviews."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from stackworthy.config import Settings
from stackworthy.core.review import Review
from stackworthy.judge import review
from stackworthy.judge.suppressions import in_comments, in_metadata, strangers
from stackworthy.rules import rule_named

TEXT = """\
Resources:
  # of the first

  # stackworthy: ignore[tracing-off] of the first
  # and why
  First:
    Type: AWS::Lambda::Function
    # stackworthy: ignore[tracing-off] inside the first
    Properties: {}   # stackworthy: ignore[tracing-off] at its end
    # stackworthy: ignore[tracing-off] below the first

      # stackworthy: ignore[tracing-off] still below the first
  # stackworthy: ignore[tracing-off] of the second
  Second:
    Type: AWS::Lambda::Function
# stackworthy: ignore[tracing-off] of nobody

  Third:
    Type: AWS::Lambda::Function
"""


@pytest.mark.parametrize(
    ("region", "reasons"),
    [
        (
            (6, 9),
            ["of the first", "inside the first", "at its end", "below the first", "still below the first"],
        ),
        ((14, 15), ["of the second"]),
        ((18, 19), []),
        ((9, 9), ["inside the first", "at its end", "still below the first"]),
    ],
)
def test_a_comment_speaks_of_what_it_stands_beside(region, reasons) -> None:
    found, _ = in_comments("t.yaml", TEXT)
    assert [item.reason for item in found if item.beside(*region)] == reasons


def reviewed(tmp_path: Path, template: str, **others: str) -> Review:
    (tmp_path / "template.yaml").write_text(textwrap.dedent(template))
    for name, content in others.items():
        (tmp_path / f"{name}.yaml").write_text(textwrap.dedent(content))
    return review(tmp_path / "template.yaml", Settings(rules=("tracing-off",), root=str(tmp_path)))


def told(found: Review) -> tuple[list[str], list[tuple[str, str]], list[tuple[int, str]]]:
    """Addresses with findings; those that are suppressed, with the reason; diagnostics."""
    (stack,) = found.stacks
    suppressed = [
        (address, item.suppressed.reason)
        for item in stack.suppressed
        if item.suppressed
        for address in item.instances
    ]
    return (
        [address for item in stack.findings for address in item.instances],
        suppressed,
        [(item.line, item.message) for item in stack.diagnostics],
    )


FUNCTION = "Type: AWS::Lambda::Function\n    Properties: {Role: r, Code: {ZipFile: x}}\n"


def test_a_suppressed_finding_is_shown_as_such_and_the_others_stand(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path,
        f"Resources:\n  # stackworthy: ignore[tracing-off] a test\n  A:\n    {FUNCTION}  B:\n    {FUNCTION}",
    )
    assert told(found) == (["B"], [("A", "a test")], [])
    states = {verdict.address: (verdict.state, verdict.reason) for verdict in found.stacks[0].verdicts}
    assert states == {"A": ("suppressed", "a test"), "B": ("fail", "")}
    assert found.summary.suppressed == 1
    (item,) = found.stacks[0].suppressed
    assert item.suppressed is not None
    assert (item.suppressed.kind, item.suppressed.file, item.suppressed.line) == (
        "comment",
        "template.yaml",
        2,
    )


def test_a_comment_at_the_end_of_one_resource_is_not_about_the_next(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path,
        "Resources:\n  Q:\n    Type: AWS::SQS::Queue # stackworthy: ignore[tracing-off] not this one\n"
        f"  A:\n    {FUNCTION}    # stackworthy: ignore[tracing-off] this one\n  B:\n    {FUNCTION}",
    )
    assert told(found) == (["B"], [("A", "this one")], [])


def test_metadata_of_a_resource_and_of_the_template_silences(tmp_path: Path) -> None:
    ignore = "Metadata: {stackworthy: {ignore: [{rule: tracing-off, reason: REASON}]}}\n"
    found = reviewed(
        tmp_path, f"Resources:\n  A:\n    {ignore.replace('REASON', 'own')}    {FUNCTION}  B:\n    {FUNCTION}"
    )
    assert told(found) == (["B"], [("A", "own")], [])
    found = reviewed(
        tmp_path, f"{ignore.replace('REASON', 'all')}Resources:\n  A:\n    {FUNCTION}  B:\n    {FUNCTION}"
    )
    assert told(found) == ([], [("A", "all"), ("B", "all")], [])


def test_an_equivalent_of_another_scanner_silences(tmp_path: Path) -> None:
    rule = rule_named("tracing-off")
    assert rule is not None
    assert "CKV_AWS_50" in rule.equivalents
    found = reviewed(tmp_path, f"Resources:\n  A:\n    #checkov:skip=CKV_AWS_50:seen\n    {FUNCTION}")
    assert told(found) == ([], [("A", "seen")], [])


def test_a_suppression_that_ended_is_said_and_the_finding_counts(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path,
        f"Resources:\n  # stackworthy: ignore[tracing-off] until=2020-01-01 for now\n  A:\n    {FUNCTION}",
    )
    assert told(found) == (["A"], [], [(2, "the suppression of tracing-off ended on 2020-01-01")])


def test_a_suppression_without_a_reason_is_said_once_and_the_finding_counts(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path,
        f"Resources:\n  # stackworthy: ignore[tracing-off]\n  A:\n    {FUNCTION}  B:\n    {FUNCTION}",
    )
    assert told(found) == (["A", "B"], [], [(2, "a suppression without a reason is not honoured")])


SAM = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Tracing: PassThrough
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: a.b
      InlineCode: x
"""


def test_a_comment_beside_a_sam_resource_or_the_global_property_silences(tmp_path: Path) -> None:
    assert told(reviewed(tmp_path, SAM))[0] == ["Fn"]
    beside = SAM.replace("  Fn:\n", "  # stackworthy: ignore[tracing-off] beside\n  Fn:\n")
    assert told(reviewed(tmp_path, beside)) == ([], [("Fn", "beside")], [])
    shared = SAM.replace("PassThrough\n", "PassThrough # stackworthy: ignore[tracing-off] everywhere\n")
    assert told(reviewed(tmp_path, shared)) == ([], [("Fn", "everywhere")], [])


def test_what_sam_makes_of_a_resource_is_silenced_beside_it(tmp_path: Path) -> None:
    template = """\
    Transform: AWS::Serverless-2016-10-31
    Resources:
      # stackworthy: ignore[wildcard-permissions] a tool for administrators
      Fn:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.12
          Handler: a.b
          InlineCode: x
          Policies: [{Statement: [{Effect: Allow, Action: "iam:PassRole", Resource: "*"}]}]
    """
    (tmp_path / "template.yaml").write_text(textwrap.dedent(template))
    (stack,) = review(tmp_path / "template.yaml", Settings(root=str(tmp_path))).stacks
    on_role = {item.rule for item in (*stack.findings, *stack.suppressed) if item.address == "FnRole"}
    assert on_role, "some rule judges the permissions of roles"
    name = sorted(on_role)[0]
    (tmp_path / "template.yaml").write_text(textwrap.dedent(template).replace("wildcard-permissions", name))
    (stack,) = review(tmp_path / "template.yaml", Settings(root=str(tmp_path))).stacks
    assert [item.address for item in stack.suppressed if item.rule == name] == ["FnRole"]


def test_resources_that_a_loop_makes_are_silenced_together(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path,
        """\
        Transform: AWS::LanguageExtensions
        Resources:
          Fn::ForEach::Fns:
            - Name
            - [One, Two]
            # stackworthy: ignore[tracing-off] both
            - Fn${Name}:
                Type: AWS::Lambda::Function
                Properties: {Role: r, Code: {ZipFile: x}}
        """,
    )
    assert told(found) == ([], [("FnOne", "both"), ("FnTwo", "both")], [])
    assert len(found.stacks[0].suppressed) == 1


def test_a_comment_in_a_nested_template_counts_there(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path,
        "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: child.yaml}\n",
        child=f"Resources:\n  # stackworthy: ignore[tracing-off] here\n  A:\n    {FUNCTION}",
    )
    assert told(found) == ([], [("S/A", "here")], [])


def test_a_name_that_no_rule_has_is_said_with_the_nearest_one() -> None:
    found, _ = in_comments("t.yaml", "# stackworthy: ignore[tracing-of, CKV_AWS_50, tracing-off] because")
    (problem,) = strangers(found)
    assert problem.message == "a suppression names tracing-of, which is no rule"
    assert problem.hint == "did you mean tracing-off?"
    others, _ = in_comments("t.yaml", "# checkov:skip=CKV_NOTHING_9:because")
    assert list(strangers(others)) == []


def test_only_cfn_lint_and_our_own_metadata_count_for_a_whole_template() -> None:
    metadata = {
        "stackworthy": {"ignore": {"tracing-off": "why"}},
        "cfn-lint": {"config": {"ignore_checks": ["E1"]}},
        "checkov": {"skip": [{"id": "CKV_AWS_50"}]},
        "cfn_nag": {"rules_to_suppress": [{"id": "W89"}]},
    }
    found, _ = in_metadata("t.json", 0, metadata, whole=True)
    assert [item.names for item in found] == [("tracing-off",), ("E1",)]


def test_a_fault_of_the_whole_stack_is_silenced_anywhere_in_its_template(tmp_path: Path) -> None:
    template = f"Resources:\n  A:\n    {FUNCTION}# stackworthy: ignore[nothing-watches-the-stack] a test\n"
    (tmp_path / "template.yaml").write_text(template)
    settings = Settings(rules=("nothing-watches-the-stack",), root=str(tmp_path))
    (stack,) = review(tmp_path / "template.yaml", settings).stacks
    assert [item.suppressed and item.suppressed.reason for item in stack.suppressed] == ["a test"]
    ignored = {"stackworthy": {"ignore": {"nothing-watches-the-stack": "elsewhere"}}}
    (tmp_path / "template.yaml").write_text(f"Metadata: {ignored}\nResources:\n  A:\n    {FUNCTION}")
    (stack,) = review(tmp_path / "template.yaml", settings).stacks
    assert [item.suppressed and item.suppressed.reason for item in stack.suppressed] == ["elsewhere"]


def test_a_fault_that_one_line_makes_in_many_resources_is_one_finding(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path,
        """\
        Transform: AWS::LanguageExtensions
        Resources:
          Fn::ForEach::Fns:
            - Name
            - [One, Two]
            - Fn${Name}:
                Type: AWS::Lambda::Function
                Properties: {Role: r, Code: {ZipFile: x}}
          Other:
            Type: AWS::Lambda::Function
            Properties: {Role: r, Code: {ZipFile: x}}
        """,
    )
    assert [(item.address, item.instances, item.line) for item in found.findings] == [
        ("FnOne", ["FnOne", "FnTwo"], 6),
        ("Other", ["Other"], 9),
    ]
    states = {verdict.address: verdict.state for verdict in found.stacks[0].verdicts}
    assert states == {"FnOne": "fail", "FnTwo": "fail", "Other": "fail"}


def test_a_fault_that_globals_make_in_many_functions_is_one_finding(tmp_path: Path) -> None:
    other = SAM[SAM.index("  Fn:\n") :].replace("  Fn:\n", "  Second:\n")
    found = reviewed(tmp_path, SAM + other)
    assert [(item.instances, item.line) for item in found.findings] == [(["Fn", "Second"], 4)]
