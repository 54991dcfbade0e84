"""The plan as one page of HTML: nothing is fetched, no script runs, and it can be printed. The template escapes what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stackworthy.plan import charts, lines
from stackworthy.plan.model import ImprovementRecord, Plan
from stackworthy.reports.html import TEMPLATES as REPORTS
from stackworthy.reports.terminal import harmless

TEMPLATES = Path(__file__).parent / "templates"


def report(plan: Plan) -> Iterator[str]:
    """The page in pieces."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css = "\n".join(
        ((REPORTS / "report.css").read_text("utf-8"), (TEMPLATES / "plan.css").read_text("utf-8"), charts.CSS)
    )
    environment.globals.update(
        change=lines.change, facts=lines.facts, place=lines.place, sentence=lines.sentence
    )

    def waits(one: ImprovementRecord) -> list[str]:
        return lines.waits(one, plan)

    yield from environment.get_template("plan.html").generate(
        plan=plan,
        headline=lines.headline(plan),
        css=Markup(css),  # noqa: S704  our own files
        waterfall=Markup(charts.waterfall(plan)),  # noqa: S704  escaped where it is drawn
        matrix=Markup(charts.matrix(plan)),  # noqa: S704  escaped where it is drawn
        waits=waits,
        unknown=lines.unknown(plan),
    )
