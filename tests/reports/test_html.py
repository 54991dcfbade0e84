"""The page: self-contained, escaped, small, and looked at in a browser where there is one."""

import os
import re
import time
from datetime import datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reports import fakes, hostile

from stackworthy.core.finding import Pillar, Severity
from stackworthy.core.review import DiagnosticRecord, FixRecord, StackReview
from stackworthy.core.rule import Rule
from stackworthy.reports.drawing import Arrow, Node, Picture
from stackworthy.reports.graph_svg import inline
from stackworthy.reports.html import report
from stackworthy.reports.terminal import harmless

CHROMIUM = "/usr/bin/chromium"
NOW = datetime(2026, 3, 4, 5, 6)
VOID = {"meta", "input"}
OURS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "main",
    "footer",
    "section",
    "article",
    "div",
}
OURS |= {"h1", "h2", "h3", "p", "ul", "li", "b", "i", "span", "strong", "code", "pre", "mark", "a", "details"}
OURS |= {"summary", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "fieldset", "legend"}
OURS |= {"label", "input"}


class TracingOff(Rule):
    """Without tracing, a slow request cannot be followed."""

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "is not traced"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",)
    bad = good = "Fn: {Type: AWS::Lambda::Function}"


def lookup(name):
    return TracingOff() if name == "tracing-off" else None


def made(review=None, reader=fakes.reader, graphs=None, **options):
    return "".join(report(review or fakes.review(), reader, lookup, graphs or {}, NOW, **options))


class Page(HTMLParser):
    """The elements of a page, with the text of each kind."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open, self.texts = set(), [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)


def many(count):
    """A review of as many findings, a hundred in each stack, each of a rule of its own and with an excerpt."""
    stacks = []
    for number in range(count // 100):
        findings = [
            fakes.finding(
                f"rule-{n:02}",
                f"Function{n}",
                ("critical", "high", "medium", "low")[n % 4],
                line=10,
                column=19,
                end=30,
                message="a fault that is told in a sentence of a length that is usual for one, with a name in it",
                fix=FixRecord("unsafe", "it has a price", ["set TracingConfig.Mode to Active"]),
            )
            for n in range(100)
        ]
        stacks.append(StackReview(f"stack{number}/template.yaml", "sam", [], [], [], findings, [], []))
    review = fakes.review(stacks=stacks)
    review.summary.findings = dict.fromkeys(("critical", "high", "medium", "low"), count // 4)
    return review


def test_the_summary_stands_before_the_findings():
    text = Page(made()).text
    assert text.index("6 findings in 2 stacks") < text.index("By rule") < text.index("DB_PASSWORD is ****")
    assert "4 March 2026, 05:06 · 4 resources · 412 verdicts · 1 ignored · 25 not assessed" in text


def test_a_single_stack_names_the_page():
    review = fakes.review()
    review.stacks.pop()
    assert "<h1>6 findings in infra/api/template.yaml</h1>" in made(review, prefix="infra")


def test_nothing_is_fetched_and_no_script_runs():
    page = Page(made())
    assert not page.tags & {"script", "link", "img", "iframe", "object", "base", "form"}
    assert not {name for name, _ in page.attributes if name.startswith("on") or name == "src"}
    assert "default-src 'none'" in dict(page.attributes)["content"] or "default-src 'none'" in made()
    assert "url(" not in made()
    assert "@import" not in made()


def test_a_finding_shows_its_line_with_the_fault_marked_its_reason_and_its_fix():
    text = made()
    assert "<mark>!Ref Memory</mark>" in text
    assert "Without tracing, a slow request cannot be followed." in text
    assert '<strong class="good">✓ safe</strong>: set TracingConfig.Mode to Active' in text
    assert ">docs.aws.amazon.com/…/services-xray.html</a>" in text
    assert "dev, not prod" in text
    assert "2 more of the same" in text


def test_severity_is_told_by_word_and_shape_as_well_as_by_colour():
    text = made()
    for mark, name in (("▲", "high"), ("●", "medium"), ("○", "low")):
        assert f"{mark} {name}</span>" in text


def test_what_was_ignored_not_assessed_and_wrong_with_the_files_is_said():
    text = Page(made()).text
    assert "kept for ever by law (until 2027-01-31)" in text
    assert "Parameters.Stage has no value" in text
    assert "broken.yaml:3 is not valid YAML: a tab starts the line (use blanks)" in text
    assert "Parameters.Memory is never checked (give it AllowedValues)" in text


def test_a_comparison_tells_what_is_new_fixed_and_known_and_lists_no_known_finding():
    text = Page(made(fakes.compared())).text
    assert "since main: 6 new, 1 fixed, 1 known · 1 known by known.json" in text
    assert "OldFiles bucket-public" in text
    assert "1 ignored" in text
    assert "old-fault" not in text


def test_links_of_the_overview_lead_to_findings():
    text = made()
    targets = re.findall(r'href="#(\w+)"', text)
    assert len(targets) == 4
    assert all(f'id="{target}"' in text for target in targets)


def test_a_very_long_line_is_cut_around_the_fault():
    finding = fakes.finding("tracing-off", "Fn", line=1, column=5001, end=5004)
    stack = StackReview("a.yaml", "sam", [], [], [], [finding], [], [])
    text = made(fakes.review(stacks=[stack]), lambda _: ["x" * 5000 + "Fn:" + "y" * 5000])
    assert "<mark>Fn:</mark>" in text
    assert "y" * 500 not in text


def test_secrets_stay_out():
    assert "hunter2" not in made()


def test_pictures_keep_their_ids_apart():
    picture = Picture("s", [Node("A", "a", "data"), Node("B", "b", "data")], [Arrow("A", "B", "reads", 1)])
    review = fakes.review()
    graphs = {s.path: "\n".join(inline([picture], f"p{n}-")) for n, s in enumerate(review.stacks)}
    ids = re.findall(r' id="([^"]+)"', made(review, graphs=graphs))
    assert len(ids) == len(set(ids))
    assert "p1-reads" in ids


@hostile.attacked
@given(hostile.texts)
def test_hostile_text_is_shown_as_it_was_written(text):
    page = Page(made(hostile.review(text), hostile.reader(text)))
    assert page.tags <= OURS
    assert page.open == []
    assert f"Fn2{harmless(text)}" in page.text
    links = {value for name, value in page.attributes if name == "href"}
    assert all(re.fullmatch(r"#g\d+|https://docs\.aws\.amazon\.com/.*", link) for link in links)


@given(st.sampled_from(hostile.ATTACKS))
def test_hostile_names_of_resources_stay_text_in_the_picture(text):
    picture = Picture(
        text, [Node(text, text, "data"), Node("B", text, "data")], [Arrow(text, "B", "reads", 1)]
    )
    page = Page("\n".join(inline([picture], "p-")))
    assert page.tags <= {"svg", "title", "defs", "marker", "path", "rect", "g", "text", "tspan"}


def test_five_hundred_findings_take_less_than_a_megabyte():
    assert len(made(many(500)).encode()) < 1_000_000


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if not os.path.exists(CHROMIUM):
        pytest.skip("there is no Chromium here")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page without JavaScript; says what the browser complained of."""
    contexts = []

    def open_page(text, width=1280):
        file = tmp_path / "report.html"
        file.write_text(text)
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
        contexts.append(context)
        page = context.new_page()
        page.told = []
        page.on("console", lambda message: page.told.append(message.text))
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


LONG = "x" * 300


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_as_wide_as_the_window_however_long_the_names_are(opened, width):
    finding = fakes.finding(LONG, LONG, "high", message=LONG, line=1, file=LONG, locations=[], owner=LONG)
    stack = StackReview(LONG, "sam", [LONG], [], [], [finding], [finding], [])
    problems = [DiagnosticRecord(LONG, 1, "error", LONG, LONG)]
    picture = Picture(
        LONG, [Node(LONG, LONG, "data"), Node("B", "b", "data")], [Arrow(LONG, "B", "reads", 1)]
    )
    graphs = {LONG: "\n".join(inline([picture], "p-"))}
    page = opened(made(fakes.review(stacks=[stack], diagnostics=problems), lambda _: [LONG], graphs), width)
    width_of_page = page.locator("html").bounding_box()["width"]
    assert width_of_page == width
    for name in ("h1", ".finding", "pre", ".graph", "table", ".problem", "footer"):
        box = page.locator(name).first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert page.told == []


def test_findings_are_filtered_without_a_script(opened):
    page = opened(made())
    shown = page.locator(".finding:visible")
    assert shown.count() == 4
    page.uncheck("#show-low")
    assert shown.count() == 2
    page.uncheck("#show-security")
    assert shown.count() == 1


def test_print_shows_what_is_folded_and_hides_the_filters(opened):
    finding = [fakes.finding("tracing-off", f"Function{n}") for n in range(20)]
    stack = StackReview("a.yaml", "sam", [], [], [], finding, [], [])
    page = opened(made(fakes.review(stacks=[stack])))
    assert not page.get_by_text("Function19").is_visible()
    page.emulate_media(media="print")
    assert page.get_by_text("Function19").bounding_box()["height"] > 0
    assert not page.locator(".filters").is_visible()


def test_five_hundred_findings_open_in_a_second(opened):
    text = made(many(500))
    times = []
    for _ in range(3):
        started = time.perf_counter()
        opened(text)
        times.append(time.perf_counter() - started)
    assert min(times) < 1
