"""The verdicts as JUnit XML, for build servers: a suite per stack, a test case per rule and subject.

The document follows both the schema of Ant's tasks and the one that Jenkins checks:
https://github.com/windyroad/JUnit-Schema
https://github.com/jenkinsci/xunit-plugin (junit-10.xsd)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from stackworthy.core.review import DiagnosticRecord, FindingRecord, Review, StackReview, VerdictRecord
from stackworthy.reports.groups import changes, sentence
from stackworthy.reports.masking import masked_diagnostics, masked_stack

_WORST = ("pass", "not-assessed", "suppressed", "fail")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def lines(review: Review, now: datetime) -> Iterator[str]:
    """The lines of the document. Findings fail, ignored and not assessed verdicts are skipped, broken files are errors."""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield "<testsuites>"
    number = 0
    for stack in map(masked_stack, review.stacks):
        cases = [*_verdicts(stack), *_errors(stack.diagnostics, stack.path)]
        yield from _suite(number, stack.path.strip() or ".", cases, now)
        number += 1
    errors = list(_errors(masked_diagnostics(review.diagnostics), ""))
    if errors:
        yield from _suite(number, "files", errors, now)
    yield "</testsuites>"


def _suite(number: int, name: str, cases: list[tuple[str, str]], now: datetime) -> Iterator[str]:
    counts = {what: sum(1 for kind, _ in cases if kind == what) for what in ("failure", "error", "skipped")}
    yield (
        f'<testsuite id="{number}" name={_quoted(name)} package="stackworthy" hostname="localhost" '
        f'timestamp="{now:%Y-%m-%dT%H:%M:%S}" time="0" tests="{len(cases)}" failures="{counts["failure"]}" '
        f'errors="{counts["error"]}" skipped="{counts["skipped"]}">'
    )
    yield "<properties/>"
    for _, case in cases:
        yield case
    yield "<system-out/>"
    yield "<system-err/>"
    yield "</testsuite>"


def _verdicts(stack: StackReview) -> Iterator[tuple[str, str]]:
    """One case for each rule and subject; where environments differ, the worst verdict counts."""
    worst: dict[tuple[str, str], VerdictRecord] = {}
    for verdict in stack.verdicts:
        known = worst.setdefault((verdict.rule, verdict.address), verdict)
        if _WORST.index(verdict.state) > _WORST.index(known.state):
            worst[verdict.rule, verdict.address] = verdict
    findings: dict[tuple[str, str], list[FindingRecord]] = {}
    for finding in stack.findings:
        for address in {finding.address, *finding.instances}:
            findings.setdefault((finding.rule, address), []).append(finding)
    for key in findings:
        worst.setdefault(key, VerdictRecord(*key, "fail"))
    told = {rule for rule, _ in findings}
    for key, verdict in worst.items():
        # A rule that judges one resource may find fault with another: that one then has the case.
        if verdict.state != "fail" or key in findings or verdict.rule not in told:
            yield _case(verdict, findings.get(key, []), stack)


def _case(verdict: VerdictRecord, findings: list[FindingRecord], stack: StackReview) -> tuple[str, str]:
    opened = _opened(verdict.rule, verdict.address or stack.path)
    if findings:
        worst = findings[0]
        text = "\n\n".join(_told(finding) for finding in findings)
        failure = f"<failure type={_quoted(worst.severity)} message={_quoted(worst.message)}>{_text(text)}</failure>"
        return "failure", f"{opened}>{failure}</testcase>"
    if verdict.state == "fail":
        return "failure", f'{opened}><failure type="failure" message={_quoted(verdict.rule)}/></testcase>'
    if verdict.state == "pass":
        return "", f"{opened}/>"
    why = ("ignored: " if verdict.state == "suppressed" else "not assessed: ") + (
        verdict.reason or "no reason given"
    )
    return "skipped", f"{opened}><skipped message={_quoted(why)}/></testcase>"


def _told(finding: FindingRecord) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    parts = [f"{place}: {finding.severity} {finding.rule}", sentence(finding.message)]
    if finding.environments:
        parts.append("in " + ", ".join(finding.environments))
    if finding.fix is not None and changes(finding):
        parts.append(f"fix ({finding.fix.safety}): {changes(finding)}")
    return "\n".join(parts)


def _errors(diagnostics: list[DiagnosticRecord], path: str) -> Iterator[tuple[str, str]]:
    for entry in diagnostics:
        if entry.level == "error":
            place = f"{entry.file or path}:{entry.line}" if entry.line else entry.file or path
            text = entry.message + (f" ({entry.hint})" if entry.hint else "")
            error = f'<error type="unreadable" message={_quoted(text)}>{_text(f"{place}: {text}")}</error>'
            yield "error", f"{_opened('input', place or 'input')}>{error}</testcase>"


def _opened(rule: str, subject: str) -> str:
    return f'<testcase classname={_quoted(rule)} name={_quoted(subject)} time="0"'


def _text(text: str) -> str:
    """Character data; `]]>` cannot stand in it, for `>` is escaped."""
    return escape(_NOT_XML.sub("�", text))


def _quoted(text: str) -> str:
    """An attribute's value in quotes, on one line."""
    one_line = " ".join(text.split())
    return '"' + escape(_NOT_XML.sub("�", one_line), {'"': "&quot;"}) + '"'
