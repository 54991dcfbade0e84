"""The review as one page of HTML: nothing is fetched, no script runs, and it can be printed.

The template escapes whatever it is given. A content security policy forbids scripts, should anything slip through.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackworthy import __version__
from stackworthy.core.review import DiagnosticRecord, FindingRecord, LocationRecord, Review, StackReview
from stackworthy.core.rule import Rule
from stackworthy.reports.excerpt import CodeLine, Reader, code_lines
from stackworthy.reports.groups import (
    Group,
    changes,
    differing_environments,
    differs,
    grouped,
    held_against,
    ignored,
    known,
    names_in,
    owner_line,
    place,
    sentence,
    stack_facts,
    step_words,
)
from stackworthy.reports.masking import masked_diagnostics, masked_finding, masked_text
from stackworthy.reports.rule_facts import RuleFacts, facts
from stackworthy.reports.terminal import MAX_LISTED, SEVERITIES, amount, cropped, harmless

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"
MARKS = {"critical": "◆", "high": "▲", "medium": "●", "low": "○"}
"""Shapes that tell severities apart without colour."""
PILLARS = ("security", "reliability", "performance", "cost", "operations", "sustainability")
MAX_LINE = 400
"""Cells of a line of code that are shown; a minified template may stand on one line."""
MAX_REMARKS = 200
FIRST_RULES = 15
"""Rules of the overview that are shown before a click."""

Lookup = Callable[[str], Rule | None]


def report(
    review: Review, reader: Reader, lookup: Lookup, graphs: Mapping[str, str], now: datetime, prefix: str = ""
) -> Iterator[str]:
    """The page in pieces. `graphs` has the SVG of stacks, by path; a stack without one has no picture.

    `prefix` is the reviewed folder, relative to the root of the repository, for the title.
    """
    yield from _template().generate(_Page(review, reader, lookup, graphs).values(now, prefix))


def _template() -> Template:
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
        keep_trailing_newline=True,
    )
    environment.globals["css"] = Markup((TEMPLATES / "report.css").read_text("utf-8"))  # noqa: S704  our own file
    return environment.get_template("report.html")


class _Page:
    """What the template shows, as plain values. Secrets are masked."""

    def __init__(self, review: Review, reader: Reader, lookup: Lookup, graphs: Mapping[str, str]) -> None:
        self.review = review
        self.reader = reader
        self.lookup = lookup
        self.graphs = graphs
        self.known: dict[str, RuleFacts | None] = {}
        self.explained: set[str] = set()
        self.anchors = 0
        self.overview: dict[tuple[int, str], dict[str, Any]] = {}

    def values(self, now: datetime, prefix: str) -> dict[str, Any]:
        review = self.review
        stacks = [self.stack(stack) for stack in review.stacks if stack.findings]
        stacks += [
            self.stack(stack) for stack in review.stacks if not stack.findings and stack.path in self.graphs
        ]
        clean = [stack for stack in review.stacks if not stack.findings and stack.path not in self.graphs]
        entries = [*review.diagnostics, *(entry for stack in review.stacks for entry in stack.diagnostics)]
        entries = masked_diagnostics(entries)
        present = {finding.severity for finding in review.findings}
        pillars = {finding.pillar for finding in review.findings}
        return {
            "version": __version__,
            "headline": self.headline(prefix),
            "facts": self.facts(now),
            "counts": list(self.counts()),
            "problems": [_problem(entry) for entry in entries if entry.level == "error"],
            "remarks": [_problem(entry) for entry in entries if entry.level != "error"][:MAX_REMARKS],
            "overview": [row for _, row in sorted(self.overview.items(), key=_worst_and_most)],
            "first_rules": FIRST_RULES,
            "severities": [name for name in SEVERITIES if name in present],
            "pillars": [name for name in PILLARS if name in pillars],
            "stacks": stacks,
            "clean": [{"path": stack.path or ".", "facts": stack_facts(stack)} for stack in clean],
            "ignored": [_ignored(finding, stack) for stack in review.stacks for finding in ignored(stack)],
            "fixed": [
                {"place": finding.file, "address": finding.address, "rule": finding.rule}
                for finding in map(masked_finding, review.since.fixed if review.since else ())
            ],
            "not_assessed": [
                {"count": f"{entry.count:,}", "reason": masked_text(entry.reason)}
                for entry in sorted(review.summary.not_assessed, key=lambda entry: -entry.count)[:MAX_REMARKS]
            ],
            "closing": f"stackworthy {__version__} · {review.summary.seconds:.2f} s",
        }

    def headline(self, prefix: str) -> str:
        total = sum(self.review.summary.findings.values())
        stacks = self.review.stacks
        where = posixpath.join(prefix, stacks[0].path) if len(stacks) == 1 else amount(len(stacks), "stack")
        if prefix and len(stacks) != 1:
            where += f" of {prefix}"
        return f"{amount(total, 'finding') if total else 'No findings'} in {where or 'this folder'}"

    def facts(self, now: datetime) -> str:
        counted = self.review.summary
        said = [f"{now:%d %B %Y, %H:%M}".lstrip("0"), amount(counted.resources, "resource")]
        said.append(amount(sum(counted.verdicts.values()), "verdict"))
        if counted.suppressed > known(self.review):
            said.append(f"{counted.suppressed - known(self.review):,} ignored")
        if counted.verdicts.get("not-assessed"):
            said.append(f"{counted.verdicts['not-assessed']:,} not assessed")
        return " · ".join([*said, *held_against(self.review)])

    def counts(self) -> Iterator[dict[str, str]]:
        counted = self.review.summary
        for name in SEVERITIES:
            if counted.findings.get(name):
                count = f"{counted.findings[name]:,}"
                yield {"count": count, "words": f"{MARKS[name]} {name}", "look": name}
        if counted.fixes.get("safe"):
            yield {"count": f"{counted.fixes['safe']:,}", "words": "✓ safe to fix", "look": "good"}

    def stack(self, stack: StackReview) -> dict[str, Any]:
        from markupsafe import Markup

        graph = self.graphs.get(stack.path, "")
        return {
            "path": stack.path or ".",
            "facts": stack_facts(stack),
            "graph": Markup(graph),  # noqa: S704  drawn by graph_svg, which escapes
            "groups": [self.group(group) for group in grouped(stack)],
        }

    def group(self, group: Group) -> dict[str, Any]:
        finding, stack = masked_finding(group.findings[0]), group.stack
        self.anchors += 1
        rule = self.rule(finding.rule)
        new = rule is not None and finding.rule not in self.explained
        self.explained.add(finding.rule)
        made = {
            "anchor": f"g{self.anchors}",
            "severity": finding.severity,
            "mark": MARKS[finding.severity],
            "pillar": finding.pillar,
            "rule": finding.rule,
            "count": len(group.findings),
            "confidence": finding.confidence,
            "message": sentence(finding.message),
            "place": place(finding.file, finding.line, stack),
            "address": finding.address,
            "explanation": rule.summary if rule and new else "",
            "reference": rule.references[0] if rule and new and rule.references else "",
            "page": _short_url(rule.references[0]) if rule and rule.references else "",
            "fix": finding.fix.safety if finding.fix else "",
            "todo": _todo(finding),
            "lines": [_parts(line) for line in code_lines(finding, owner_line(finding, stack), self.reader)],
            "details": list(_details(finding, stack)),
            "also": list(_also(group, finding)),
        }
        row = self.overview.setdefault((group.rank, finding.rule), {**made, "count": 0})
        row["count"] += len(group.findings)
        return made

    def rule(self, name: str) -> RuleFacts | None:
        if name not in self.known:
            found = self.lookup(name)
            self.known[name] = facts(found) if found else None
        return self.known[name]


def _worst_and_most(entry: tuple[tuple[int, str], dict[str, Any]]) -> tuple[int, int, str]:
    (rank, rule), row = entry
    return rank, -row["count"], rule


def _todo(finding: FindingRecord) -> str:
    why = f"({finding.fix.why})" if finding.fix and finding.fix.why else ""
    return " ".join(part for part in (changes(finding), why) if part)


def _short_url(url: str) -> str:
    """`docs.aws.amazon.com/…/page.html`."""
    host, _, path = url.partition("://")[2].partition("/")
    name = path.rstrip("/").rpartition("/")[2]
    return f"{host}/…/{name}" if "/" in path.rstrip("/") else f"{host}/{path}"


def _details(finding: FindingRecord, stack: StackReview) -> Iterator[tuple[str, str]]:
    """What else there is to say of a finding, as pairs of a word and a text."""
    if finding.trail:
        yield "from", " ← ".join(step_words(step, stack) for step in finding.trail)
    for other in finding.locations[1 : 1 + MAX_LISTED]:
        yield "see", _seen(other, stack)
    if len(finding.instances) > 1:
        yield "for", _listed(finding.instances)
    environments = differing_environments(finding, stack)
    if environments:
        yield "in", environments
    if finding.owner:
        yield "owner", finding.owner


def _seen(other: LocationRecord, stack: StackReview) -> str:
    return f"{place(other.file, other.line, stack)} {other.role}"


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - MAX_LISTED
    return ", ".join(names[:MAX_LISTED]) + (f" and {rest:,} more" if rest > 0 else "")


def _also(group: Group, first: FindingRecord) -> Iterator[dict[str, str]]:
    """The other findings of a group: the message only when it says something else."""
    names = names_in(group.stack) if len(group.findings) > 1 else set()
    for other in map(masked_finding, group.findings[1:]):
        yield {
            "place": place(other.file, other.line, group.stack),
            "address": other.address,
            "message": other.message if differs(other, first, names) else "",
        }


def _parts(line: CodeLine) -> dict[str, Any]:
    """A line of code in three parts, the fault in the middle; of a very long one, what is around the fault."""
    first = 0 if line.end <= MAX_LINE else max(0, line.start - MAX_LINE // 3)
    last = first + MAX_LINE
    return {
        "number": line.number,
        "before": ("…" if first else "") + line.text[first : line.start],
        "fault": cropped(line.text[line.start : line.end], MAX_LINE),
        "after": line.text[line.end : last] + ("…" if len(line.text) > last else ""),
    }


def _ignored(finding: FindingRecord, stack: StackReview) -> dict[str, str]:
    silenced = masked_finding(finding).suppressed
    until = f" (until {silenced.until})" if silenced and silenced.until else ""
    return {
        "place": place(finding.file, finding.line, stack),
        "address": finding.address,
        "rule": finding.rule,
        "why": masked_text(silenced.reason if silenced else "") + until,
    }


def _problem(entry: DiagnosticRecord) -> dict[str, str]:
    return {
        "level": entry.level,
        "place": f"{entry.file}:{entry.line}" if entry.line else entry.file,
        "text": entry.message + (f" ({entry.hint})" if entry.hint else ""),
    }
