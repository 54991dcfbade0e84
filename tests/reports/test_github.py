"""Annotations of GitHub Actions."""

import re

from hypothesis import given
from tests.reports import fakes, hostile

from stackworthy.core.review import StackReview
from stackworthy.reports.github import lines
from stackworthy.reports.terminal import Layout, inert
from stackworthy.reports.text import report


def parsed(line):
    """The command, its properties and its data, as the runner reads them; None for a line of the log."""
    found = re.fullmatch(r"\s*::(\w[\w-]*)(?: ([^:]*))?::(.*)", line)
    if found is None:
        return None
    properties = dict(part.split("=", 1) for part in found[2].split(","))
    return found[1], {name: undone(value) for name, value in properties.items()}, undone(found[3])


def undone(text):
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_a_finding_is_a_command_with_its_place():
    made = list(lines(fakes.review(), "infra"))
    assert made[0] == (
        "::error file=infra/api/template.yaml,line=13,col=24,endColumn=31,title=high%3A plain-text-secret"
        "::DB_PASSWORD is ****%0ACardsFunction%0AFix (manual): move the value into Secrets Manager; rotate it"
    )
    assert [line.split(" ", 1)[0] for line in made] == ["::error", "::warning", *["::notice"] * 4]


def test_a_finding_of_the_whole_stack_has_no_line():
    (line,) = (line for line in lines(fakes.review()) if "no-budget" in line)
    assert line == "::notice file=api/template.yaml,title=low%3A no-budget::The stack has no budget."


def test_a_fault_on_several_lines_has_no_columns():
    finding = fakes.finding("tracing-off", "Fn", locations=[fakes.place(3, 5, 9)], line=3)
    finding.locations[0].end_line = 6
    stack = StackReview("a.yaml", "sam", [], [], [], [finding], [], [])
    assert parsed(next(lines(fakes.review(stacks=[stack]))))[1] == {
        "file": "api/template.yaml",
        "line": "3",
        "endLine": "6",
        "title": "low: tracing-off",
    }


def test_ten_of_a_kind_are_annotated_and_the_others_counted():
    findings = [fakes.finding("tracing-off", f"Fn{number}", "low") for number in range(13)]
    findings += [fakes.finding("plain-text-secret", "Fn", "critical")]
    stack = StackReview("a.yaml", "sam", [], [], [], findings, [], [])
    made = list(lines(fakes.review(stacks=[stack])))
    assert made[0].startswith("::error ")
    assert sum(line.startswith("::notice ") for line in made) == 10
    assert made[-1] == "3 more notices not annotated: GitHub shows 10 of a kind for each step"


@hostile.attacked
@given(hostile.texts)
def test_hostile_text_stays_inside_its_command(text):
    made = list(lines(hostile.review(text)))
    assert len(made) == 2
    for line in made:
        assert "\n" not in line
        assert "\r" not in line
        name, properties, _ = parsed(line)
        assert name == "error"
        assert set(properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert properties["title"] == "high: tracing-off"


@hostile.attacked
@given(hostile.texts)
def test_the_text_report_gives_no_commands_to_a_runner(text):
    made = report(hostile.review(text), Layout(60), hostile.reader(text), lambda _: text)
    for line in map(inert, made):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
