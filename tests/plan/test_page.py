"""The page of a plan fits phones and desks. Needs a browser; skipped where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.plan.stacks import WORKLOAD, planned, written

from stackworthy.plan import html

BROWSER = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if not BROWSER.exists():
        pytest.skip("no browser")
    sync_api = pytest.importorskip("playwright.sync_api")
    folder = tmp_path_factory.mktemp("page")
    (folder / "plan.html").write_text(
        "".join(html.report(planned(written(folder, settings=WORKLOAD)))), "utf-8"
    )
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(BROWSER), args=["--no-sandbox"])
        yield browser, (folder / "plan.html").as_uri()
        browser.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_window_and_the_charts_are_drawn(page, width, scheme):
    browser, address = page
    view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wrong = []
    view.on("console", lambda message: wrong.append(message.text))
    view.goto(address)
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    for box in view.evaluate(
        "[...document.querySelectorAll('svg.chart')].map(one => one.getBoundingClientRect().width)"
    ):
        assert 300 < box <= min(width, 600)
    # Text of a chart stays inside it.
    outside = view.evaluate(
        "[...document.querySelectorAll('svg.chart text')].filter(one => one.getBoundingClientRect().right > "
        "one.closest('svg').getBoundingClientRect().right + 1).map(one => one.textContent)"
    )
    assert outside == []
    assert wrong == []
    view.close()


def test_labels_of_the_waterfall_do_not_run_into_its_amounts(page):
    browser, address = page
    view = browser.new_page(viewport={"width": 390, "height": 900})
    view.goto(address)
    overlapping = view.evaluate(
        "[...document.querySelectorAll('svg.chart text.label')].filter(one => one.getBoundingClientRect().right > "
        "one.nextElementSibling.getBoundingClientRect().left).map(one => one.textContent)"
    )
    assert overlapping == []
    view.close()
