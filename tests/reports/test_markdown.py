"""Markdown for comments: rendered as GitHub does, nothing of strangers is markup, and it fits."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.reports import fakes, hostile

from stackworthy.core.review import DiagnosticRecord, StackReview
from stackworthy.reports.markdown import MAX_BYTES, code, escaped, fenced, report
from stackworthy.reports.terminal import harmless

OURS = {"h2", "h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "details"}
OURS |= {"summary", "blockquote", "ul", "li", "strong"}


class Seen(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = set(), set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= set(attributes)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)


def rendered(text):
    return Seen(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))


def made(review=None, **options):
    return report(review or fakes.review(), fakes.reader, fakes.explain, **options)


def many(count):
    """A review with as many rules, each with two findings."""
    findings = [
        fakes.finding(f"rule-{n:04}", f"Fn{copy}", "critical" if n == count - 1 else "low")
        for n in range(count)
        for copy in range(2)
    ]
    stack = StackReview("api/template.yaml", "sam", [], [], [], findings, [], [])
    return fakes.review(stacks=[stack])


def test_counts_come_first_and_findings_in_a_table():
    text = made()
    assert text.startswith("## stackworthy: 6 findings\n\n| 🔴 high | 🟠 medium | 🔵 low |\n")
    page = rendered(text)
    assert {"table", "details", "pre"} <= page.tags
    assert "MemorySize: !Ref Memory" in page.text
    assert "Fix, safe: set TracingConfig.Mode to Active" in page.text


def test_no_findings_are_said_in_so_many_words():
    stack = StackReview("a.yaml", "sam", [], [], [], [], [], [])
    review = fakes.review(stacks=[stack], diagnostics=[])
    review.summary.findings = {}
    assert made(review).startswith("## stackworthy: no findings\n\n")


def test_stacks_are_named_from_the_root_of_the_repository():
    assert "### `infra/api/template.yaml`" in made(prefix="infra")


def test_the_stack_with_the_worst_finding_comes_first():
    stacks = [
        StackReview(path, "sam", [], [], [], [fakes.finding("tracing-off", "Fn", severity)], [], [])
        for path, severity in (("a.yaml", "low"), ("b.yaml", "critical"))
    ]
    text = made(fakes.review(stacks=stacks))
    assert text.index("b.yaml") < text.index("a.yaml")


def test_files_that_cannot_be_read_are_said_before_the_findings():
    text = made()
    assert text.index("is not valid YAML") < text.index("tracing-off")


def test_what_was_ignored_and_not_assessed_folds_at_the_end():
    text = rendered(made()).text
    assert "1 ignored" in text
    assert "kept for ever by law until 2027-01-31" in text
    assert "25 verdicts not assessed" in text


def test_a_comparison_tells_what_is_new_fixed_and_known_and_lists_no_known_finding():
    text = rendered(made(fakes.compared())).text
    assert "Since main: 6 new, 1 fixed, 1 known." in text
    assert "1 known by known.json." in text
    assert "1 fixed\n" in text
    assert "bucket-public OldFiles" in text
    assert "1 ignored" in text
    assert "old-fault" not in text


@pytest.mark.parametrize("limit", [MAX_BYTES, 8000, 3000])
def test_a_report_that_is_too_long_keeps_the_worst_and_counts_the_rest(limit):
    text = made(many(1000), limit=limit)
    assert limit / 2 < len(text.encode()) <= limit
    page = rendered(text)
    assert page.open == []
    assert "rule-0999" in page.text
    rows = len(re.findall(r"^\| .{1,3}&nbsp;", text, re.MULTILINE))
    assert f"and {2000 - 2 * rows:,} more findings of {1000 - rows:,} rules" in page.text


def test_a_report_stays_within_the_limit_whatever_is_in_it():
    text = "|" * 3000
    stack = StackReview(text, "sam", [], [], [], [fakes.finding(text, text, message=text)], [], [])
    problems = [DiagnosticRecord(text, 1, "error", text, text)] * 50
    review = fakes.review(stacks=[stack] * 50, diagnostics=problems)
    assert len(made(review).encode()) <= MAX_BYTES


def test_secrets_stay_out():
    assert "hunter2" not in made()


def test_nobody_is_notified():
    assert "@" + "org" not in escaped("@org/team #12 www.example.com http://x")
    assert rendered(escaped("@org #12")).text.replace("\u200b", "").strip() == "@org #12"


@hostile.attacked
@given(hostile.texts)
def test_escaped_text_reads_as_it_was_written(text):
    page = rendered("x " + escaped(text) + " y")
    assert page.tags == {"p"}
    assert page.text.replace("\u200b", "") == f"x {harmless(text).strip()} y\n".replace("\u200b", "")


@hostile.attacked
@given(hostile.texts)
def test_code_in_a_table_reads_as_it_was_written(text):
    page = rendered(f"| a | b |\n|---|---|\n| {code(text)} | x |\n")
    assert page.tags == {"table", "thead", "tbody", "tr", "th", "td", "code"}
    assert "x" in page.texts


@given(st.text(alphabet="`~ \nab"))
def test_a_block_of_code_cannot_be_closed_from_inside(text):
    assert rendered(fenced(text) + "\n").tags == {"pre", "code"}


@hostile.attacked
@given(hostile.texts)
def test_hostile_text_makes_no_markup(text):
    review = hostile.review(text)
    page = rendered(report(review, hostile.reader(text), lambda _: text))
    assert page.tags <= OURS
    assert page.attributes <= {("class", "language-text"), ("style", "text-align:center")}
    assert page.open == []
