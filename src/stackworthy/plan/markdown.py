"""The plan as Markdown, for a wiki or a repository. What strangers wrote cannot become markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from stackworthy.plan import lines
from stackworthy.plan.model import EvidenceRecord, ImprovementRecord, Plan
from stackworthy.reports.markdown import code, code_in_html, escaped
from stackworthy.reports.terminal import harmless

MARKS = {"done": "✅", "todo": "⬜", "needs testing": "🧪", "experiment": "🔬", "major change": "🏗️"}
MOST_PATCH_LINES = 60
MOST_RESOURCES = 12


def report(plan: Plan) -> Iterator[str]:
    """The document in lines."""
    yield f"# {escaped(plan.title)}"
    yield ""
    yield f"{plan.date} · {', '.join(code(path) for path in plan.stacks) or 'no stack'}"
    yield ""
    yield escaped(lines.headline(plan))
    yield ""
    yield from _table(
        ("Status", "Improvements"),
        [(f"{MARKS[one.status]} {one.status}", str(one.count)) for one in plan.counts if one.count],
        ":--|--:",
    )
    yield from _phases(plan)
    yield from _already(plan)
    for phase in plan.phases:
        yield f"## Phase {phase.number}: {escaped(phase.title)}"
        yield ""
        if phase.why:
            yield escaped(phase.why)
            yield ""
        for identity in phase.improvements:
            yield from _improvement(plan.get(identity), plan)
    yield from _priorities(plan)
    yield from _waterfall(plan)
    yield from _withheld(plan)
    yield from _rollback(plan)
    yield from _listed("Testing checklist", [f"[ ] {escaped(line)}" for line in plan.testing])
    yield from _listed("Watch after each deployment", [escaped(line) for line in plan.watch])
    yield from _metrics(plan)
    yield from _numbered("Next steps", plan.next_steps)
    yield from _left_out(plan)


def _phases(plan: Plan) -> Iterator[str]:
    if not plan.phases:
        return
    yield "## Overview"
    yield ""
    rows = [
        (
            one.number,
            escaped(one.title),
            str(one.count),
            f"{one.effort_hours} h",
            lines.change(one.change),
            f"${one.after}",
        )
        for one in plan.phases
    ]
    yield from _table(
        ("Phase", "", "Improvements", "Effort", "Bill", "After"), rows, ":--|:--|--:|--:|--:|--:"
    )


def _already(plan: Plan) -> Iterator[str]:
    if not plan.done:
        return
    yield "## Already implemented"
    yield ""
    for identity in plan.done:
        one = plan.get(identity)
        yield f"- {MARKS['done']} **{escaped(one.title)}**: {escaped(one.current)}"
        for evidence in one.evidence:
            place = lines.place(evidence)
            yield f"  - {escaped(evidence.text)}" + (f" ({code(place)})" if place else "")
    yield ""


def _improvement(one: ImprovementRecord, plan: Plan) -> Iterator[str]:
    yield f"### {one.number} {escaped(one.title)}"
    yield ""
    for name, value in lines.facts(one):
        mark = f"{MARKS[one.status]} " if name == "Status" else ""
        yield f"- **{name}**: {mark}{_inline(value)}"
    waits = lines.waits(one, plan)
    if waits:
        yield f"- **After**: {_inline('; '.join(waits))}"
    yield ""
    yield f"**Now**: {escaped(lines.sentence(one.current))} **Proposed**: {escaped(lines.sentence(one.proposed))}"
    yield ""
    if one.why:
        yield escaped(lines.sentence(one.why))
        yield ""
    if one.note:
        yield escaped(lines.sentence(one.note))
        yield ""
    if one.resources:
        more = len(one.resources) > MOST_RESOURCES
        named = [code(address or "the stack") for address in one.resources[:MOST_RESOURCES]]
        yield f"Resources: {', '.join(named)}{' and more' if more else ''}"
        yield ""
    yield from _points("Evidence", [_evidence(evidence, one.current) for evidence in one.evidence])
    yield from _points("By hand", [escaped(step) for step in one.steps])
    yield from _patch(one)
    yield f"**Rollback**: {escaped(' '.join((one.rollback.how, _lost(one))))}"
    yield ""
    yield from _points("Test", [escaped(line) for line in one.testing])
    yield from _points("Watch", [escaped(line) for line in one.watch])
    yield from _points("Done when", [escaped(item.text) for item in one.acceptance])


def _evidence(evidence: EvidenceRecord, current: str) -> str:
    place = lines.place(evidence)
    where = f" ({', '.join(evidence.environments)})" if evidence.environments else ""
    if place and evidence.text == current:
        return f"{code(place)} {_inline(where)}".strip()
    return (f"{code(place)}: " if place else "") + escaped(evidence.text + where)


def _lost(one: ImprovementRecord) -> str:
    if not one.rollback.lost:
        return "Nothing is lost." if one.patch else ""
    return "It does not bring back everything: " + "; ".join(one.rollback.lost) + "."


def _patch(one: ImprovementRecord) -> Iterator[str]:
    if one.patch is None:
        return
    text = one.patch.text.rstrip("\n").split("\n")
    files = ", ".join(code_in_html(file) for file in one.patch.files)
    yield f"<details><summary>Patch of {files}, proven: {escaped('; '.join(one.patch.proof))}</summary>"
    yield ""
    fence = "`" * max(3, _longest_ticks(one.patch.text) + 1)
    yield f"{fence}diff"
    yield from (harmless(line) for line in text[:MOST_PATCH_LINES])
    yield fence
    if len(text) > MOST_PATCH_LINES:
        yield ""
        yield "The rest of it stands in the JSON."
    if one.patch.masked:
        yield ""
        yield "A secret is hidden here: git does not take this text."
    yield ""
    yield f"Write it: {code(one.patch.command)}"
    yield "</details>"
    yield ""


def _longest_ticks(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _priorities(plan: Plan) -> Iterator[str]:
    if not plan.phases:
        return
    yield "## Priority matrix"
    yield ""
    by_id = {one.id: one for one in plan.improvements}
    rows = []
    for cell in plan.matrix:
        for identity in cell.improvements:
            one = by_id[identity]
            rows.append(
                (
                    one.number,
                    escaped(one.title),
                    cell.verdict,
                    one.impact,
                    f"{one.effort_hours} h",
                    lines.change(one.cost.change) if one.cost.priced else "",
                    f"{MARKS[one.status]} {one.status}",
                )
            )
    yield from _table(
        ("", "Improvement", "Priority", "Impact", "Effort", "Bill", "Status"),
        rows,
        ":--|:--|:--|:--|--:|--:|:--",
    )


def _waterfall(plan: Plan) -> Iterator[str]:
    if not plan.waterfall:
        return
    yield "## Cost impact"
    yield ""
    yield escaped(plan.cost.workload[:1].upper() + plan.cost.workload[1:]) + "."
    yield ""
    rows = [
        (_inline(bar.label), lines.change(bar.change) if float(bar.change) else "", f"**${bar.after}**")
        for bar in plan.waterfall
    ]
    yield from _table(("", "Change", "A month"), rows, ":--|--:|--:")


def _withheld(plan: Plan) -> Iterator[str]:
    if plan.withheld:
        yield "## Not advised"
        yield ""
        for identity in plan.withheld:
            one = plan.get(identity)
            yield f"- **{escaped(one.title)}**: {escaped(one.note)}"
        yield ""


def _rollback(plan: Plan) -> Iterator[str]:
    risky = [one for one in plan.improvements if one.number and one.rollback.lost]
    if not risky:
        return
    yield "## What a rollback does not bring back"
    yield ""
    yield "All other improvements are taken back by their reverse patch, without loss."
    yield ""
    rows = [
        (one.number, escaped(one.title), one.risk, escaped("; ".join(one.rollback.lost))) for one in risky
    ]
    yield from _table(("", "Improvement", "Risk", "Lost"), rows, ":--|:--|:--|:--")


def _metrics(plan: Plan) -> Iterator[str]:
    if plan.metrics:
        yield "## Success"
        yield ""
        rows = [(escaped(one.metric), one.now, one.target, escaped(one.how)) for one in plan.metrics]
        yield from _table(("Metric", "Now", "Target", "How to tell"), rows, ":--|--:|--:|:--")


def _left_out(plan: Plan) -> Iterator[str]:
    parts = lines.unknown(plan)
    yield from _listed("What this plan does not know", [escaped(line) for line in parts])


def _inline(text: str) -> str:
    """The text after other words on its line, where a number or a sign begins no list."""
    return escaped(f"x{text.strip()}")[1:]


def _points(title: str, points: Sequence[str]) -> Iterator[str]:
    if points:
        yield f"**{title}**"
        yield ""
        yield from (f"- {point}" for point in points)
        yield ""


def _listed(title: str, points: Sequence[str]) -> Iterator[str]:
    if points:
        yield f"## {title}"
        yield ""
        yield from (f"- {point}" for point in points)
        yield ""


def _numbered(title: str, points: Sequence[str]) -> Iterator[str]:
    if points:
        yield f"## {title}"
        yield ""
        yield from (f"1. {_inline(point)}" for point in points)
        yield ""


def _table(header: Iterable[str], rows: Iterable[Iterable[str]], align: str) -> Iterator[str]:
    found = list(rows)
    if not found:
        return
    yield f"| {' | '.join(header)} |"
    yield f"|{align}|"
    for row in found:
        yield f"| {' | '.join(row)} |"
    yield ""
