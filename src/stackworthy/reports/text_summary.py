"""The end of the text report: what the cap leaves out, counts, what was not assessed and why, what was wrong with the input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stackworthy.core.review import DiagnosticRecord, Review
from stackworthy.reports.groups import known
from stackworthy.reports.masking import masked_text
from stackworthy.reports.terminal import (
    LOOKS,
    MAX_LISTED,
    MAX_TEXT,
    SEVERITIES,
    Layout,
    amount,
    cells,
    harmless,
    labelled,
    unstyled,
    wrapped,
)

if TYPE_CHECKING:
    from stackworthy.reports.groups import Group

MAX_NOTES = 10


def not_shown(groups: list[Group], shown: int, layout: Layout) -> Iterator[str]:
    """What the cap leaves out, by rule: how often, and in how many stacks."""
    by_rule: dict[tuple[int, str], list[Group]] = {}
    for group in groups:
        by_rule.setdefault((group.rank, group.findings[0].rule), []).append(group)
    total = sum(len(group.findings) for group in groups)
    heading = f"The {shown:,} worst are shown above. All {total:,} findings by rule (--all shows them, --rule RULE those of one):"
    for line in wrapped(heading, layout.width):
        yield layout.style(line, bold=True)
    yield ""
    rows = sorted(
        by_rule.items(), key=lambda item: (item[0][0], -sum(len(group.findings) for group in item[1]))
    )
    for (rank, rule), members in rows:
        severity = SEVERITIES[rank]
        findings = sum(len(group.findings) for group in members)
        where = f"in {amount(len({id(group.stack) for group in members}), 'stack')}"
        yield f"  {layout.style(f'{severity.upper():<8}', **LOOKS[severity])} {findings:>6,}  {rule}  {where}"
    yield ""


def summary(review: Review, layout: Layout) -> Iterator[str]:
    """What all of it comes to: counts, what was not assessed or not read, and the time."""
    counted = review.summary
    counts = [
        layout.style(f"{counted.findings.get(name, 0):,} {name}", **LOOKS[name])
        for name in SEVERITIES
        if counted.findings.get(name, 0)
    ]
    line = " " + (" · ".join(counts) if counts else layout.style("no findings", fg="green", bold=True))
    faulty = sum(1 for stack in review.stacks if stack.findings)
    if len(review.stacks) > 1:
        line += (
            f" in {faulty:,} of {amount(len(review.stacks), 'stack')}"
            if faulty
            else f" in {len(review.stacks):,} stacks"
        )
    extras = []
    if counted.fixes.get("safe"):
        extras.append(f"{amount(counted.fixes['safe'], 'has', 'have')} a safe fix")
    if counted.suppressed > known(review):
        extras.append(f"{counted.suppressed - known(review):,} ignored")
    if extras:
        said = ", ".join(extras)
        bare = cells(unstyled(line)) + 3 + cells(said)
        yield from (f"{line}   {said}",) if bare <= layout.width else (line, f" {said}")
    else:
        yield line
    yield from _not_assessed(review, layout)
    yield from _unmapped(review, layout)
    yield from _diagnostics(review, layout)
    verdicts = sum(counted.verdicts.values())
    yield f" {amount(verdicts, 'verdict')} on {amount(counted.resources, 'resource')} in {counted.seconds:.2f} s"


def _not_assessed(review: Review, layout: Layout) -> Iterator[str]:
    reasons = sorted(review.summary.not_assessed, key=lambda entry: -entry.count)
    total = sum(entry.count for entry in reasons)
    if not total:
        return
    listed = reasons if layout.limit is None else reasons[:MAX_LISTED]
    yield f" {amount(total, 'verdict')} not assessed:"
    for entry in listed:
        lines = wrapped(masked_text(harmless(entry.reason)), min(layout.width, MAX_TEXT) - 10)
        yield from labelled(f"{entry.count:>6,}  ", lines, 1, 8)
    if len(listed) < len(reasons):
        rest = sum(entry.count for entry in reasons[len(listed) :])
        yield f" {rest:>6,}  for {amount(len(reasons) - len(listed), 'other reason')}: --all"


def _unmapped(review: Review, layout: Layout) -> Iterator[str]:
    """The types that have no kind, so that no rule knows their resources."""
    types = sorted(review.summary.unmapped.items(), key=lambda item: (-item[1], item[0]))
    if not types:
        return
    listed = types if layout.limit is None else types[:MAX_LISTED]
    names = ", ".join(f"{name} ×{count}" if count > 1 else name for name, count in listed)
    if len(listed) < len(types):
        names += f" and {amount(len(types) - len(listed), 'other type')}: --all"
    lines = wrapped(
        harmless(f"not judged, of types that have no rules: {names}"), min(layout.width, MAX_TEXT) - 9
    )
    yield from labelled(f"{sum(count for _, count in types):>7,} ", lines, 0, 8)


def _diagnostics(review: Review, layout: Layout) -> Iterator[str]:
    found = [entry for stack in review.stacks for entry in stack.diagnostics] + review.diagnostics
    order = {"error": 0, "warning": 1, "note": 2}
    found.sort(key=lambda entry: order.get(entry.level, 3))
    listed = found if layout.limit is None else found[:MAX_NOTES]
    for entry in listed:
        yield from _diagnostic(entry, layout)
    if len(listed) < len(found):
        yield f" … {amount(len(found) - len(listed), 'more message')}: --all"


def _diagnostic(entry: DiagnosticRecord, layout: Layout) -> Iterator[str]:
    place = f"{entry.file}:{entry.line}: " if entry.line else f"{entry.file}: " if entry.file else ""
    level = layout.style(f"{entry.level:<8}", **LOOKS[entry.level])
    text = masked_text(harmless(place + entry.message + (f" ({entry.hint})" if entry.hint else "")))
    yield from labelled(level, wrapped(text, min(layout.width, MAX_TEXT) - 9), 1, 8)
