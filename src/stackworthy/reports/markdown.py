"""The review as Markdown, for a comment on a pull request or the summary of a job.

GitHub's flavour (https://github.github.com/gfm/): tables, and `details` that open on a click. What strangers wrote
cannot become markup: every character that could is written as a numeric reference, which Markdown never reads as structure.
"""

from __future__ import annotations

import posixpath
import re
import textwrap
from collections.abc import Iterable, Iterator

from stackworthy.core.review import DiagnosticRecord, FindingRecord, Review, StackReview
from stackworthy.reports.excerpt import Reader, excerpt
from stackworthy.reports.groups import (
    Explain,
    Group,
    changes,
    differing_environments,
    grouped,
    held_against,
    ignored,
    known,
    owner_line,
    place,
    sentence,
    stack_facts,
)
from stackworthy.reports.masking import masked_finding, masked_text
from stackworthy.reports.terminal import SEVERITIES, Layout, amount, harmless

MAX_BYTES = 65_536
"""The longest comment that GitHub takes, in characters; counted in bytes here, so that it holds for GitLab and others too."""
TABLES_SHARE = 0.6
"""The part of a report that its tables may fill; the rest is for lines of code and fixes."""
MARKS = {"critical": "⛔", "high": "🔴", "medium": "🟠", "low": "🔵"}
MAX_LISTED = 8
ROOM_FOR_CLOSING = 400

_SPECIAL = re.compile(
    r"[\\`*{}\[\]<>&|~$^]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?<=:)//|^[#+\-=:.\d)]+|(?<=\d)[.)](?=\s)"
)
_PLAIN_CODE = re.compile(r"[\w.,:;/()\[\]\"'=+@#*-]+(?: [\w.,:;/()\[\]\"'=+@#*-]+)*", re.ASCII)
_CALLS = re.compile(r"([@#])(?=\w)|\b(www)(?=\.)|(://)")


def escaped(text: str) -> str:
    """The text on one line, shown as it is written; nobody is notified (`@name`), nothing is linked (`#12`, `www.`)."""
    return _encoded(_CALLS.sub("\\g<0>\u200b", text))


def code(text: str) -> str:
    """The text on one line as code, in tables too."""
    shown = harmless(text).strip()
    return f"`{shown}`" if _PLAIN_CODE.fullmatch(shown) else code_in_html(text)


def code_in_html(text: str) -> str:
    """The same between tags of HTML, where Markdown is not read."""
    return f"<code>{_encoded(text)}</code>"


def _encoded(text: str) -> str:
    return _SPECIAL.sub(
        lambda found: "".join(f"&#{ord(character)};" for character in found[0]), harmless(text).strip()
    )


def report(review: Review, reader: Reader, explain: Explain, prefix: str = "", limit: int = MAX_BYTES) -> str:
    """The document, at most `limit` bytes long: when not all fits, the worst findings stay and the rest is counted.

    `prefix` is the reviewed folder, relative to the root of the repository, which stacks are named from.
    """
    head = "".join(_head(review))
    tail = "".join(_tail(review))
    room = limit - _size(head) - _size(tail) - ROOM_FOR_CLOSING
    if room < 0:
        return head
    sections = _Sections(review, reader, explain, prefix)
    shown = sections.fitting(room)
    return head + shown + tail


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _head(review: Review) -> Iterator[str]:
    counted = review.summary
    total = sum(counted.findings.values())
    yield f"## stackworthy: {amount(total, 'finding') if total else 'no findings'}\n\n"
    if total:
        present = [name for name in SEVERITIES if counted.findings.get(name)]
        yield "| " + " | ".join(f"{MARKS[name]} {name}" for name in present) + " |\n"
        yield "|" + ":-:|" * len(present) + "\n"
        yield "| " + " | ".join(f"**{counted.findings[name]:,}**" for name in present) + " |\n\n"
    facts = [amount(counted.stacks, "stack"), amount(counted.resources, "resource")]
    facts.append(amount(sum(counted.verdicts.values()), "verdict"))
    if counted.fixes.get("safe"):
        facts.append(f"{amount(counted.fixes['safe'], 'finding has', 'findings have')} a safe fix")
    if counted.suppressed > known(review):
        facts.append(f"{counted.suppressed - known(review):,} ignored")
    yield " · ".join(facts) + "\n\n"
    for said in held_against(review):
        yield _cut_text(sentence(said)) + "\n\n"
    errors = [entry for entry in _diagnostics(review) if entry.level == "error"]
    for entry in errors[:MAX_LISTED]:
        yield f"> ⚠️ {_problem(entry)}\n\n"
    if len(errors) > MAX_LISTED:
        yield f"> ⚠️ and {amount(len(errors) - MAX_LISTED, 'more error')}\n\n"


def _tail(review: Review) -> Iterator[str]:
    fixed = review.since.fixed if review.since is not None else []
    if fixed:
        rows = [_named(finding) for finding in map(masked_finding, fixed[:MAX_LISTED])]
        yield from _folded(f"{len(fixed):,} fixed", rows, len(fixed))
    suppressed = [finding for stack in review.stacks for finding in ignored(stack)]
    if suppressed:
        rows = [
            f"{_named(finding)} {_silenced(finding)}"
            for finding in map(masked_finding, suppressed[:MAX_LISTED])
        ]
        yield from _folded(f"{len(suppressed):,} ignored", rows, len(suppressed))
    reasons = sorted(review.summary.not_assessed, key=lambda entry: -entry.count)
    if reasons:
        total = sum(entry.count for entry in reasons)
        rows = [f"- {entry.count:,} × {_cut_text(entry.reason)}" for entry in reasons[:MAX_LISTED]]
        yield from _folded(f"{amount(total, 'verdict')} not assessed", rows, len(reasons))
    notes = [entry for entry in _diagnostics(review) if entry.level != "error"]
    if notes:
        rows = [f"- {_problem(entry)}" for entry in notes[:MAX_LISTED]]
        yield from _folded(amount(len(notes), "remark") + " on the files", rows, len(notes))


def _folded(title: str, rows: list[str], total: int) -> Iterator[str]:
    more = f"\n- and {total - len(rows):,} more" if total > len(rows) else ""
    yield f"<details><summary>{title}</summary>\n\n" + "\n".join(rows) + more + "\n\n</details>\n\n"


def _named(finding: FindingRecord) -> str:
    return f"- {code(finding.rule)}" + (f" {code(_cut(finding.address))}" if finding.address else "")


def _silenced(finding: FindingRecord) -> str:
    silenced = finding.suppressed
    if silenced is None:
        return ""
    until = f" until {escaped(silenced.until)}" if silenced.until else ""
    return _cut_text(silenced.reason) + until


def _diagnostics(review: Review) -> list[DiagnosticRecord]:
    return [*review.diagnostics, *(entry for stack in review.stacks for entry in stack.diagnostics)]


def _problem(entry: DiagnosticRecord) -> str:
    where = f"{entry.file}:{entry.line}" if entry.line else entry.file
    text = entry.message + (f" ({entry.hint})" if entry.hint else "")
    return (code(_cut(where)) + " " if where else "") + _cut_text(text)


def _cut(text: str, length: int = 200) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _cut_text(text: str, length: int = 500) -> str:
    return escaped(_cut(masked_text(harmless(text)), length))


class _Sections:
    """The findings by stack: a table of all groups, then what there is to say of each."""

    def __init__(self, review: Review, reader: Reader, explain: Explain, prefix: str) -> None:
        self.prefix = prefix
        self.review = review
        self.reader = reader
        self.explain = explain
        self.explained: set[str] = set()
        self.groups = sorted(
            (group for stack in review.stacks for group in grouped(stack)), key=lambda group: group.rank
        )

    def fitting(self, room: int) -> str:
        """As much as fits; the stack with the worst finding comes first."""
        left = room
        rows: dict[int, list[str]] = {}
        blocks: dict[int, list[str]] = {}
        shown = 0
        for group in self.groups:
            row = self.row(group)
            cost = _size(row) + (0 if id(group.stack) in rows else _size(self.title(group.stack)) + 200)
            if room - left + cost > room * TABLES_SHARE:
                break
            rows.setdefault(id(group.stack), []).append(row)
            left -= cost
            shown += 1
        for group in self.groups[:shown]:
            block = self.block(group)
            if _size(block) > left:
                continue
            blocks.setdefault(id(group.stack), []).append(block)
            left -= _size(block)
        stacks = {id(stack): stack for stack in self.review.stacks}
        parts = [self.section(stacks[key], rows[key], blocks.get(key, [])) for key in rows]
        return "".join(parts) + self.rest(self.groups[shown:])

    def section(self, stack: StackReview, rows: list[str], blocks: list[str]) -> str:
        table = "| severity | rule | what is wrong | where |\n|---|---|---|---|\n" + "".join(rows)
        made = self.title(stack) + table + "\n"
        if blocks:
            left = len(rows) - len(blocks)
            more = f"and {left:,} more, which would make this too long\n\n" if left else ""
            made += (
                "<details><summary>Lines, reasons and fixes</summary>\n\n"
                + "".join(blocks)
                + more
                + "</details>\n\n"
            )
        return made

    def rest(self, groups: Iterable[Group]) -> str:
        groups = list(groups)
        if not groups:
            return ""
        findings = sum(len(group.findings) for group in groups)
        rules = len({group.findings[0].rule for group in groups})
        return f"and {amount(findings, 'more finding')} of {amount(rules, 'rule')}, which would make this too long\n\n"

    def title(self, stack: StackReview) -> str:
        path = posixpath.normpath(posixpath.join(self.prefix, stack.path))
        return f"### {code(_cut(path))}\n\n{escaped(stack_facts(stack))}\n\n"

    def row(self, group: Group) -> str:
        finding = masked_finding(group.findings[0])
        where = code(_cut(place(finding.file, finding.line, group.stack)))
        if len(group.findings) > 1:
            where += f" and {len(group.findings) - 1:,} more"
        said = _cut_text(sentence(finding.message))
        return f"| {MARKS[finding.severity]}&nbsp;{finding.severity} | {code(finding.rule)} | {said} | {where} |\n"

    def block(self, group: Group) -> str:
        finding = masked_finding(group.findings[0])
        stack = group.stack
        parts = [
            f"#### {MARKS[finding.severity]} {code(finding.rule)} · {finding.severity} · {escaped(finding.pillar)}"
        ]
        parts.append(_cut_text(sentence(finding.message)))
        explanation = self.explain(finding.rule)
        if explanation and finding.rule not in self.explained:
            parts.append(escaped(explanation))
            self.explained.add(finding.rule)
        if finding.confidence != "high":
            parts.append(f"({finding.confidence} confidence)")
        lines = excerpt(finding, owner_line(finding, stack), self.reader, Layout(96), {})
        if lines:
            parts.append(fenced(textwrap.dedent("\n".join(lines))))
        environments = differing_environments(finding, stack)
        if environments:
            parts.append(f"In {_cut_text(environments)}.")
        if finding.owner:
            parts.append(f"Owner: {code(_cut(finding.owner))}")
        if finding.fix is not None:
            todo = _cut_text(changes(finding))
            why = f" ({_cut_text(finding.fix.why)})" if finding.fix.why else ""
            parts.append(f"**Fix, {finding.fix.safety}**{': ' + todo if todo else ''}{why}")
        parts.append("\n".join(self.places(group)))
        return "\n\n".join(part for part in parts if part) + "\n\n"

    def places(self, group: Group) -> Iterator[str]:
        listed = group.findings[:MAX_LISTED]
        for finding in listed:
            where = code(_cut(place(finding.file, finding.line, group.stack)))
            address = " " + code(_cut(finding.address)) if finding.address else ""
            yield f"- {where}{address}"
        if len(group.findings) > len(listed):
            yield f"- and {len(group.findings) - len(listed):,} more"


def fenced(text: str) -> str:
    """The lines as a block of code that nothing in them can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
