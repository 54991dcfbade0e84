"""Every form of a plan shows the same figures, and each of them stands in the JSON."""

from __future__ import annotations

import csv
import html as stdlib_html
import io
import json
import re
from decimal import Decimal
from importlib import resources

import pytest
from jsonschema import Draft202012Validator
from tests.plan.stacks import TEMPLATE, WORKLOAD, planned, written

from stackworthy.plan import charts, html, markdown, table
from stackworthy.plan.document import NotAPlan, encoded, read

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
HOSTILE = "Bad|`name`*<b>x</b>"


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return planned(written(tmp_path_factory.mktemp("stack"), settings=WORKLOAD))


def numbers(text: str) -> set[Decimal]:
    return {Decimal(found.replace(",", "")) for found in NUMBER.findall(text) if found.count(".") < 2}


def known(plan) -> set[Decimal]:
    return numbers(encoded(plan))


def visible(page: str) -> str:
    body = page[page.index("<body>") :]
    return stdlib_html.unescape(re.sub(r"<[^>]*>", " ", body))


def test_the_json_follows_its_published_schema_and_reads_back_the_same(plan, tmp_path):
    text = resources.files("stackworthy.reports").joinpath("schemas/plan-1.schema.json").read_text()
    Draft202012Validator(json.loads(text)).validate(json.loads(encoded(plan)))
    (tmp_path / "plan.json").write_text(encoded(plan))
    assert read(str(tmp_path / "plan.json")) == plan


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"schema": "stackworthy.bill/1"}', "\x00", "[" * 100_000]
)
def test_what_is_no_plan_is_refused(tmp_path, content):
    (tmp_path / "plan.json").write_text(content)
    with pytest.raises(NotAPlan):
        read(str(tmp_path / "plan.json"))


def test_every_number_of_the_markdown_stands_in_the_json(plan):
    text = stdlib_html.unescape("\n".join(markdown.report(plan)))
    assert numbers(text) <= known(plan)
    assert len(numbers(text)) > 20


def test_every_number_of_the_page_stands_in_the_json(plan):
    text = visible("".join(html.report(plan)))
    assert numbers(text) <= known(plan)
    assert len(numbers(text)) > 20


def test_the_markdown_has_all_that_a_team_works_from(plan):
    text = "\n".join(markdown.report(plan))
    for part in (
        "## Overview",
        "## Phase 1: Critical faults",
        "## Phase 2: Quick cost wins",
        "## Priority matrix",
        "## Cost impact",
        "## Not advised",
        "## What a rollback does not bring back",
        "## Testing checklist",
        "## Watch after each deployment",
        "## Success",
        "## Next steps",
    ):
        assert part in text
    for fact in (
        "**Status**",
        "**Effort**",
        "**Risk**",
        "**Rollback**",
        "**Evidence**",
        "**Done when**",
        "```diff",
    ):
        assert fact in text


def test_the_markdown_renders_tables_lists_and_closed_details(plan):
    from markdown_it import MarkdownIt

    page = MarkdownIt("commonmark", {"html": True}).enable("table").render("\n".join(markdown.report(plan)))
    assert page.count("<table>") >= 5
    assert page.count("<details>") == page.count("</details>") > 0
    assert "<h3>1.1 Recovery off</h3>" in page


def test_the_page_runs_no_script_and_fetches_nothing(plan):
    page = "".join(html.report(plan))
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=[\"'](?!#)", page)
    assert page.count("<svg") == 2


def test_the_page_shows_patches_line_by_line(plan):
    page = stdlib_html.unescape("".join(html.report(plan)))
    for one in plan.improvements:
        if one.number and one.patch is not None:
            assert one.patch.text.rstrip() in page
            assert one.patch.reverse.rstrip() in page


def test_what_strangers_wrote_is_shown_and_never_becomes_markup(tmp_path):
    template = TEMPLATE.replace("Worker:", f'"{HOSTILE}":')
    made = planned(written(tmp_path, template))
    page, text = "".join(html.report(made)), "\n".join(markdown.report(made))
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    outside = re.sub(r"^(`{3,})diff\n.*?^\1$", "", text, flags=re.S | re.M)
    assert "<b>x</b>" not in outside
    assert "&#60;b&#62;" in outside


def test_the_table_has_a_row_for_each_improvement_and_no_formula(plan):
    rows = list(csv.reader(io.StringIO("\n".join(table.report(plan)))))
    assert rows[0] == list(table.COLUMNS)
    assert len(rows) == len(plan.improvements) + 1
    assert {len(row) for row in rows} == {len(table.COLUMNS)}
    change = table.COLUMNS.index("change_per_month")
    assert any(row[change].startswith("-") for row in rows[1:])
    assert not any(cell.startswith(("=", "@", "+")) for row in rows for cell in row)


def test_the_waterfall_draws_savings_and_totals_within_its_width(plan):
    picture = charts.waterfall(plan)
    assert picture.count('class="saves"') == sum(Decimal(bar.change) < 0 for bar in plan.waterfall)
    for x, width in re.findall(r'<rect class="\w+" x="(\d+)" y="\d+" width="(\d+)"', picture):
        assert int(x) + int(width) <= charts.WIDTH + 2


def test_no_waterfall_is_drawn_of_a_bill_of_nothing(tmp_path):
    assert charts.waterfall(planned(written(tmp_path))) == ""


def test_the_matrix_shows_every_improvement_that_has_room(plan):
    picture = charts.matrix(plan)
    for cell in plan.matrix:
        for identity in cell.improvements[:8]:
            assert f">{plan.get(identity).number}</text>" in picture


def test_a_plan_of_nothing_is_shown_in_every_form(tmp_path):
    made = planned(tmp_path)
    assert "Nothing is left to do" in "\n".join(markdown.report(made))
    assert "Nothing is left to do" in "".join(html.report(made))
    assert len(list(table.report(made))) == 1
    assert json.loads(encoded(made))["phases"] == []
