"""The report that people read: findings by stack, worst first, the fault before the advice, the line of code, the way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from stackworthy.core.review import FindingRecord, Review, StackReview
from stackworthy.reports.excerpt import Reader, excerpt
from stackworthy.reports.groups import (
    Explain,
    Group,
    differing_environments,
    differs,
    grouped,
    ignored,
    names_in,
    owner_line,
    place,
    sentence,
    stack_facts,
    step_words,
)
from stackworthy.reports.masking import masked_finding, masked_text
from stackworthy.reports.terminal import (
    LOOKS,
    MAX_LISTED,
    MAX_TEXT,
    SEVERITIES,
    Layout,
    amount,
    cells,
    cropped,
    harmless,
    joined_sides,
    labelled,
    squeezed,
    wrapped,
)
from stackworthy.reports.text_summary import not_shown, summary

INDENT = 9


def report(
    review: Review, layout: Layout, reader: Reader, explain: Explain, fail_on: str = "never"
) -> Iterator[str]:
    """The lines of the report, without line ends. `fail_on` is the severity that fails, as the last line says when one did."""
    groups = [group for stack in review.stacks for group in grouped(stack)]
    shown = groups
    if layout.limit is not None and len(groups) > layout.limit:
        shown = _most_telling(groups)[: layout.limit]
    once = _Once(explain)
    for stack in review.stacks:
        mine = [group for group in shown if group.stack is stack]
        if mine or len(review.stacks) == 1:
            yield from _stack(stack, sorted(mine, key=lambda group: group.rank), layout, reader, once)
    if len(shown) < len(groups):
        yield from not_shown(groups, len(shown), layout)
    yield from summary(review, layout)
    if fail_on in SEVERITIES:
        worse = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        failing = sum(review.summary.findings.get(name, 0) for name in worse)
        if failing:
            what = amount(failing, "finding is", "findings are")
            yield layout.style(
                f" fails: {what} {fail_on}{' or worse' if fail_on != 'critical' else ''}", fg="red"
            )


class _Once:
    """Says one time what is the same for all findings of a rule: why it matters, what to do by hand, what a fix costs."""

    def __init__(self, explain: Explain) -> None:
        self.explain = explain
        self.said: set[tuple[str, ...]] = set()

    def explanation(self, rule: str) -> str:
        return self.explain(rule) if self._new(rule) else ""

    def steps(self, rule: str, steps: list[str]) -> str:
        return "; ".join(steps) if self._new(rule, "steps", *steps) else "as above"

    def why(self, rule: str, reason: str) -> str:
        return reason if self._new(rule, "why", reason) else ""

    def _new(self, *words: str) -> bool:
        before = len(self.said)
        self.said.add(words)
        return len(self.said) > before


def one_per_line(review: Review) -> Iterator[str]:
    """Findings alone, one per line, as `file:line:column: severity rule: message`."""
    for stack in review.stacks:
        for finding in map(masked_finding, _by_severity(stack.findings)):
            place = f"{finding.file}:{finding.line}:{finding.column}"
            where = f" [{finding.address}]" if finding.address else ""
            yield harmless(f"{place}: {finding.severity} {finding.rule}: {finding.message}{where}")


def _by_severity(findings: list[FindingRecord]) -> list[FindingRecord]:
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def _most_telling(groups: list[Group]) -> list[Group]:
    """The worst first; among equals each rule once before any rule a second time."""
    seen: Counter[str] = Counter()
    ranked = []
    for index, group in enumerate(groups):
        rule = group.findings[0].rule
        ranked.append((group.rank, seen[rule], index))
        seen[rule] += 1
    return [groups[index] for _, _, index in sorted(ranked)]


def _stack(
    stack: StackReview, groups: list[Group], layout: Layout, reader: Reader, once: _Once
) -> Iterator[str]:
    name = harmless(stack.path or ".")
    rest = stack_facts(stack)
    if cells(name) + 3 + cells(rest) <= layout.width:
        yield f"{layout.style(name, bold=True)}   {rest}"
    else:
        yield from (layout.style(line, bold=True) for line in wrapped(name, layout.width))
        yield from ("  " + line for line in wrapped(rest, layout.width - 2))
    yield ""
    for group in groups:
        yield from _Block(group, layout, reader, once).lines()
        yield ""
    yield from _suppressed(stack, layout)


class _Block:
    """One group of findings: the first one whole, the others in a list."""

    def __init__(self, group: Group, layout: Layout, reader: Reader, once: _Once) -> None:
        self.stack = group.stack
        self.finding = masked_finding(group.findings[0])
        self.others = group.findings[1:]
        self.layout = layout
        self.reader = reader
        self.once = once
        self.look = LOOKS[self.finding.severity]
        self.room = min(layout.width, MAX_TEXT + INDENT) - INDENT

    def lines(self) -> Iterator[str]:
        finding = self.finding
        yield from self.head()
        for line in wrapped(sentence(harmless(finding.message)), self.room):
            yield " " * INDENT + self.layout.style(line, bold=True)
        explanation = harmless(self.once.explanation(finding.rule))
        if finding.confidence != "high":
            explanation = f"{explanation} ({finding.confidence} confidence)".strip()
        for line in wrapped(explanation, self.room):
            yield " " * INDENT + line
        yield from excerpt(finding, owner_line(finding, self.stack), self.reader, self.layout, self.look)
        yield from self.details()
        yield from self.also()

    def head(self) -> Iterator[str]:
        """Severity, place and address at the left, rule and pillar at the right; on two lines when they do not fit."""
        finding, layout = self.finding, self.layout
        severity = f"{finding.severity.upper():<6}"
        where = place(finding.file, finding.line, self.stack)
        address = harmless(finding.address)
        left = f"  {severity} {where}" + (f"  {address}" if address else "")
        right = f"{finding.rule} · {finding.pillar}"
        styled = f"  {layout.style(severity, **self.look)} {layout.style(where, underline=True)}"
        line = joined_sides(left, right, min(layout.width, MAX_TEXT + INDENT))
        if line is not None:
            gap = line[len(left) : len(line) - len(right)]
            yield styled + (f"  {address}" if address else "") + gap + layout.style(right, dim=True)
            return
        if address and cells(left) <= layout.width:
            yield f"{styled}  {address}"
        else:
            yield styled
            if address:
                yield " " * INDENT + squeezed(address, layout.width - INDENT)
        yield " " * INDENT + layout.style(cropped(right, layout.width - INDENT), dim=True)

    def details(self) -> Iterator[str]:
        finding = self.finding
        if finding.trail:
            yield from self.label("from", " ← ".join(step_words(step, self.stack) for step in finding.trail))
        for other in finding.locations[1 : 1 + MAX_LISTED]:
            yield from self.label("see", f"{place(other.file, other.line, self.stack)}  {other.role}")
        if len(finding.instances) > 1:
            yield from self.label("for", self.some(finding.instances))
        environments = differing_environments(finding, self.stack)
        if environments:
            yield from self.label("in", environments)
        if finding.owner:
            yield from self.label("owner", finding.owner)
        fix = finding.fix
        if fix is not None:
            said = "; ".join(fix.changes).replace(f" of {finding.address} to ", " to ")
            said = said or self.once.steps(finding.rule, fix.steps)
            why = self.once.why(finding.rule, fix.why)
            text = fix.safety + (f" · {said}" if said else "") + (f" ({why})" if why else "")
            yield from self.label("fix", text, look=_fix_look(fix.safety))

    def label(self, name: str, text: str, look: dict[str, str | bool] | None = None) -> Iterator[str]:
        styled = self.layout.style(f"{name:<7}", **(look or {"dim": True}))
        yield from labelled(styled, wrapped(harmless(masked_text(text)), self.room - 7), INDENT, 7)

    def some(self, items: list[str]) -> str:
        if self.layout.limit is None or len(items) <= MAX_LISTED:
            return ", ".join(items)
        return ", ".join(items[:MAX_LISTED]) + f" and {amount(len(items) - MAX_LISTED, 'more', 'more')}"

    def also(self) -> Iterator[str]:
        """The other findings of the group: place, address, and the message when it says something else."""
        listed = self.others if self.layout.limit is None else self.others[:MAX_LISTED]
        rows = [(place(entry.file, entry.line, self.stack), masked_finding(entry)) for entry in listed]
        width = max((cells(where) for where, _ in rows), default=0)
        texts = []
        names = names_in(self.stack)
        for where, finding in rows:
            address = squeezed(harmless(finding.address), max(self.room - 7 - width - 2, 20))
            text = where + " " * (width - cells(where)) + "  " + address
            if differs(finding, self.finding, names):
                text += "  " + harmless(finding.message)
            texts.append(cropped(text.rstrip(), self.room - 7))
        if len(listed) < len(self.others):
            texts.append(f"… {len(self.others) - len(listed):,} more: --all")
        yield from labelled(self.layout.style(f"{'also':<7}", dim=True), texts, INDENT, 7)


def _fix_look(safety: str) -> dict[str, str | bool]:
    return {"fg": "green"} if safety == "safe" else {"dim": True}


def _suppressed(stack: StackReview, layout: Layout) -> Iterator[str]:
    silenced_ones = ignored(stack)
    listed = silenced_ones if layout.limit is None else silenced_ones[:MAX_LISTED]
    for finding in listed:
        silenced = finding.suppressed
        why = f' "{silenced.reason}"' if silenced and silenced.reason else ""
        until = f" until {silenced.until}" if silenced and silenced.until else ""
        text = f"{place(finding.file, finding.line, stack)}  {finding.address}  {finding.rule}{why}{until}"
        text = masked_text(harmless(text))
        room = layout.width - 10
        lines = [text] if cells(text) <= room else wrapped(text, room)
        yield from (layout.style(line, dim=True) for line in labelled("ignored ", lines, 2, 8))
    if len(listed) < len(silenced_ones):
        yield layout.style(f"  … {len(silenced_ones) - len(listed):,} more are ignored: --all", dim=True)
    if listed:
        yield ""
