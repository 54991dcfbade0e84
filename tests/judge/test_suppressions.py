"""What silences a rule: comments and metadata, ours and those of other scanners."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from stackworthy.core.rule import Rule
from stackworthy.judge.suppressions import in_comments, in_metadata

TODAY = datetime.date(2026, 6, 15)


class SomethingWrong(Rule):
    equivalents = ("CKV_AWS_1", "AVD-AWS-0001", "W11", "E3001", "aws-s3-wrong")
    aliases = ("formerly-wrong",)


def comments(text: str) -> tuple[list[tuple[Any, ...]], list[str]]:
    """The names, reasons, lines and last days of what a text silences, and what is wrong with it."""
    found, problems = in_comments("f", text)
    return [(each.names, each.reason, each.line, each.until) for each in found], [p.message for p in problems]


@pytest.mark.parametrize(
    ("line", "names", "reason", "until"),
    [
        ("# stackworthy: ignore[a] because", ("a",), "because", None),
        ("x = 1 # stackworthy:ignore[a, b] it is so", ("a", "b"), "it is so", None),
        ("// stackworthy: ignore[a] until=2027-01-31 for now", ("a",), "for now", datetime.date(2027, 1, 31)),
        ("# stackworthy: ignore[a] for now until=2027-01-31", ("a",), "for now", datetime.date(2027, 1, 31)),
        ("#checkov:skip=CKV_AWS_1:known risk", ("CKV_AWS_1",), "known risk", None),
        ("# checkov:skip=CKV_AWS_1,CKV_AWS_2: known", ("CKV_AWS_1", "CKV_AWS_2"), "known", None),
        ("#checkov:skip=CKV_AWS_1", ("CKV_AWS_1",), "no reason given", None),
        ("#tfsec:ignore:aws-s3-wrong", ("aws-s3-wrong",), "no reason given", None),
        ("x = 1 #trivy:ignore:AVD-AWS-0001 public on purpose", ("AVD-AWS-0001",), "public on purpose", None),
        ("#trivy:ignore:AVD-AWS-0001:exp:2027-01-31", ("AVD-AWS-0001",), "no reason given", datetime.date(2027, 1, 31)),
    ],
)  # fmt: skip
def test_a_comment_silences_the_rules_that_it_names(
    line: str, names: tuple[str, ...], reason: str, until: datetime.date | None
) -> None:
    assert comments(f"first\n{line}\n") == ([(names, reason, 2, until)], [])


def test_one_comment_may_carry_several_of_other_scanners() -> None:
    found, _ = comments("#tfsec:ignore:aws-a-b tfsec:ignore:aws-c-d both are meant")
    assert [(names, reason) for names, reason, _, _ in found] == [
        (("aws-a-b",), "both are meant"),
        (("aws-c-d",), "both are meant"),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("# stackworthy: ignore[a]", "a suppression without a reason is not honoured"),
        ("# stackworthy: ignore[a] until=2027-01-31", "a suppression without a reason is not honoured"),
        ("# stackworthy: ignore because", "a suppression that names no rule is not honoured"),
        ("# stackworthy: ignore[a] until=soon because", "soon is not a date, so the suppression is not honoured"),
        ("#tfsec:ignore:a:exp:2027-31-31", "2027-31-31 is not a date, so the suppression is not honoured"),
    ],
)  # fmt: skip
def test_a_comment_that_says_too_little_silences_nothing_and_is_told(line: str, problem: str) -> None:
    assert comments(line) == ([], [problem])


def test_text_that_is_no_comment_silences_nothing() -> None:
    assert comments("stackworthy: ignore[a] because\ncheckov:skip=CKV_AWS_1:x\ntfsec:ignore:a\n") == ([], [])


def test_a_comment_that_stands_alone_speaks_of_what_follows() -> None:
    found, _ = in_comments(
        "f",
        "# stackworthy: ignore[a] x\n# and\n# stackworthy: ignore[b] y\nQueue:\n  Size: 1 # stackworthy: ignore[c] z\nNext:\n",
    )
    assert [(each.line, each.of) for each in found] == [(1, 4), (3, 4), (5, 5)]
    assert [each.beside(4, 5) for each in found] == [True, True, True]
    assert [each.beside(6, 6) for each in found] == [False, False, False]


@pytest.mark.parametrize("name", ["something-wrong", "formerly-wrong", "CKV_AWS_1", "W11"])
def test_a_rule_answers_to_all_of_its_names(name: str) -> None:
    ((one,), _) = in_comments("f", f"# stackworthy: ignore[other, {name}] why")
    assert one.covers(SomethingWrong(), TODAY)
    ((other,), _) = in_comments("f", "# stackworthy: ignore[other] why")
    assert not other.covers(SomethingWrong(), TODAY)


@pytest.mark.parametrize(
    ("until", "covered"), [("2026-06-14", False), ("2026-06-15", True), ("2026-06-16", True)]
)
def test_a_suppression_holds_until_its_day_is_over(until: str, covered: bool) -> None:
    ((one,), _) = in_comments("f", f"# stackworthy: ignore[something-wrong] until={until} why")
    assert one.covers(SomethingWrong(), TODAY) is covered


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"stackworthy": {"ignore": [{"rule": "something-wrong", "reason": "why"}]}}, "why"),
        ({"stackworthy": {"ignore": {"something-wrong": "why"}}}, "why"),
        ({"stackworthy": {"ignore": {"something-wrong": {"reason": "why", "until": "2027-01-31"}}}}, "why"),
        ({"checkov": {"skip": [{"id": "CKV_AWS_1", "comment": "why"}]}}, "why"),
        ({"checkov": {"skip": [{"id": "CKV_AWS_1"}]}}, "no reason given"),
        ({"cfn_nag": {"rules_to_suppress": [{"id": "W11", "reason": "why"}]}}, "why"),
        ({"cfn-lint": {"config": {"ignore_checks": ["E3001"]}}}, "cfn-lint ignores it here"),
    ],
)
def test_metadata_silences_too(metadata: Any, reason: str) -> None:
    ((one,), problems) = in_metadata("f", 3, metadata)
    assert one.covers(SomethingWrong(), TODAY)
    assert (one.reason, one.kind, problems) == (reason, "metadata", [])


@pytest.mark.parametrize(
    "entry",
    [
        [{"rule": "something-wrong"}],
        [{"rule": "something-wrong", "reason": "why", "until": "soon"}],
        ["something-wrong"],
    ],
)
def test_metadata_that_says_too_little_silences_nothing_and_is_told(entry: Any) -> None:
    found, (problem,) = in_metadata("f", 3, {"stackworthy": {"ignore": entry}})
    assert (found, problem.line, problem.level) == ([], 3, "warning")
    assert "not honoured" in problem.message


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "x",
        {"stackworthy": "x"},
        {"checkov": {"skip": "x"}},
        {"cfn-lint": {"config": []}},
        {"cfn_nag": None},
    ],
)
def test_odd_metadata_silences_nothing(odd: Any) -> None:
    assert in_metadata("f", 1, odd) == ([], [])
