"""The report that people read, as it looks. UPDATE_GOLDEN=1 writes the pictures anew: look at them before you commit."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reports import fakes

from stackworthy.core.review import FixRecord, SuppressionRecord
from stackworthy.reports.terminal import Layout, cells, squeezed, unstyled
from stackworthy.reports.text import one_per_line, report

GOLDEN = Path(__file__).parent / "golden"


def shown(review=None, **layout):
    made = report(
        review or fakes.review(), Layout(**{"limit": 40, **layout}), fakes.reader, fakes.explain, "high"
    )
    return "\n".join(made) + "\n"


def assert_golden(name, text):
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_report_follows_the_width(width):
    text = shown(width=width)
    assert_golden(f"text-{width}.txt", text)
    assert all(cells(line) <= width for line in text.splitlines())


def test_colour_changes_nothing_but_the_colour():
    colored = shown(width=80, color=True)
    assert_golden("text-80-color.txt", colored)
    assert unstyled(colored) == shown(width=80)


def test_secrets_are_not_shown():
    assert "hunter2" not in shown(width=120, limit=None)


def many(stacks, rules):
    """A review of many stacks with many rules' findings each; one of them is high."""
    (template, _) = fakes.review().stacks
    made = []
    for number in range(stacks):
        findings = [
            fakes.finding(
                f"rule-{rule}",
                f"Fn{rule}-{copy}",
                line=0,
                locations=[],
                severity="medium" if rule == 0 else "low",
            )
            for rule in range(rules)
            for copy in range(8)
        ]
        if number == stacks - 1:
            findings.append(fakes.finding("the-worst", "Fn", "critical"))
        path = f"apps/app{number}/template.yaml"
        made.append(type(template)(path, "sam", [], [], [], findings, [], []))
    review = fakes.review(stacks=made)
    count = sum(len(stack.findings) for stack in made)
    review.summary.findings = {"critical": 1, "medium": stacks * 8, "low": count - 1 - stacks * 8}
    return review


def test_hundreds_of_stacks_stay_readable_and_the_worst_is_among_what_is_shown():
    text = shown(many(300, 5), width=100)
    assert_golden("text-many.txt", text)
    lines = text.splitlines()
    assert len(lines) < 600
    assert any("the-worst" in line and "CRITICAL" in line for line in lines)
    assert "All 12,001 findings by rule" in text


def test_everything_is_shown_when_it_is_asked_for():
    text = shown(many(5, 3), width=100, limit=None)
    assert "more: --all" not in text
    assert sum("Fn2-7" in line for line in text.splitlines()) == 5


def test_a_stack_without_findings_says_so_when_it_is_the_only_one():
    clean = fakes.review().stacks[1]
    review = fakes.review(stacks=[clean], diagnostics=[])
    review.summary.findings = {}
    text = shown(review, width=80)
    assert text.startswith("web/template.yaml   CloudFormation · 0 resources\n")
    assert " no findings" in text
    assert "fails" not in text


def test_what_strangers_wrote_cannot_steer_the_terminal():
    finding = fakes.finding(
        "tracing-off", "Fn\x1b[2J", message="a\x1b]0;owned\x07\u202eb", line=2, column=1, end=4
    )
    stack = type(fakes.review().stacks[0])("t\x1b[31m.yaml", "sam", [], [], [], [finding], [], [])
    review = fakes.review(stacks=[stack])

    def reader(file):
        return ["", "x: \x1b[31mred\x9b\u2066"]

    text = "\n".join(report(review, Layout(80, False, None), reader, fakes.explain))
    assert not set("\x1b\x07\x9b\u202e\u2066") & set(text)


@pytest.mark.parametrize(
    ("line", "column", "end", "code", "under"),
    [
        ("  Timeout: 3", 3, 13, "Timeout: 3", "──────────"),
        ("\tTimeout:\t3", 11, 12, "Timeout:    3", "            ─"),
        ("名前: 3", 5, 6, "名前: 3", "      ─"),
        ("x" * 500 + "FAULT" + "y" * 500, 501, 506, None, "─────"),
        ("key: FAULT" + "y" * 500, 6, 11, None, "     ─────"),
        ("  ", 1, 1, "", None),
    ],
)
def test_the_fault_is_underlined_where_it_stands(line, column, end, code, under):
    finding = fakes.finding("r", "Fn", line=1, locations=[fakes.place(1, column, end)])
    stack = type(fakes.review().stacks[0])("t.yaml", "sam", [], [], [], [finding], [], [])
    text = report(fakes.review(stacks=[stack]), Layout(80, False, None), lambda _: [line], fakes.explain)
    drawn = [text for text in text if "│" in text]
    parts = [text.split("│ ", 1)[1] for text in drawn]
    if code is not None:
        assert parts[0] == code
    else:
        at = parts[0].index("FAULT")
        assert parts[1].index("─") == at
    if under is None:
        assert len(parts) == 1
    else:
        assert parts[1].lstrip() == under.lstrip()
        assert code is None or parts[1] == under


def test_a_line_that_is_not_there_is_not_shown():
    finding = fakes.finding("r", "Fn", line=99, locations=[fakes.place(99, 1, 2)])
    stack = type(fakes.review().stacks[0])("t.yaml", "sam", [], [], [], [finding], [], [])
    assert "│" not in shown(fakes.review(stacks=[stack]), width=80)


def test_one_line_for_each_finding_worst_first():
    lines = list(one_per_line(fakes.review()))
    assert lines[0] == "api/template.yaml:13:24: high plain-text-secret: DB_PASSWORD is **** [CardsFunction]"
    assert len(lines) == 6


def test_a_suppression_says_its_reason_and_its_end():
    ignored = fakes.finding("r", "Fn", suppressed=SuppressionRecord("comment", "for now", until="2027-01-31"))
    stack = type(fakes.review().stacks[0])("t.yaml", "sam", [], [], [], [], [ignored] * 7, [])
    text = shown(fakes.review(stacks=[stack]), width=100)
    assert '  ignored api/template.yaml:15  Fn  r "for now" until 2027-01-31' in text
    assert "… 2 more are ignored: --all" in text


@given(
    st.text(max_size=300),
    st.text(max_size=120),
    st.integers(0, 130),
    st.integers(0, 130),
    st.integers(40, 160),
)
@settings(max_examples=150, deadline=None)
def test_whatever_strangers_wrote_stays_within_the_width_and_steers_nothing(
    message, line, column, end, width
):
    place = fakes.place(1, column, end)
    fix = FixRecord("unsafe", message, [message])
    finding = fakes.finding(
        "a-rule", line, message=message, line=1, locations=[place, place], fix=fix, owner=line
    )
    stack = type(fakes.review().stacks[0])(line, "sam", [message], [], [], [finding] * 3, [finding], [])
    made = report(fakes.review(stacks=[stack]), Layout(width, False, 40), lambda _: [line], lambda _: message)
    for text in made:
        assert cells(text) <= max(width, 9 + 8 + 20)
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


LONG = 'module.orders_service_of_the_team.module.functions["process-incoming-orders"].aws_lambda_function.this[0]'


@pytest.mark.parametrize("width", [60, 80, 200])
def test_long_names_keep_the_end_that_tells_them_apart(width):
    path = "services/" + "a-long-folder-name/" * 5 + "template.yaml"
    finding = fakes.finding("tracing-off", LONG, file=path)
    ignored = fakes.finding("tracing-off", LONG, suppressed=SuppressionRecord("comment", "for now"))
    stack = type(fakes.review().stacks[0])(path, "sam", [], [], [], [finding] * 2, [ignored], [])
    text = shown(fakes.review(stacks=[stack]), width=width)
    assert max(map(cells, text.splitlines())) <= width
    head, rest = text.split("\n\n", 1)
    assert head.replace("\n", "").startswith(path)
    assert rest.count("this[0]") >= 4
    assert '"for now"' in rest


@given(st.text(max_size=60), st.integers(min_value=4, max_value=50))
def test_a_squeezed_name_fits_and_keeps_both_ends(text, width):
    made = squeezed(text, width)
    assert cells(made) <= width
    if cells(text) <= width:
        assert made == text
    elif text.isascii():
        assert made.endswith(text[-1])
