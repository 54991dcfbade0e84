"""Findings that somebody knew before: they stand among the suppressed, and fail nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from stackworthy.core.finding import finding_id
from stackworthy.core.review import FindingRecord, StackReview, SuppressionRecord


def identities(finding: FindingRecord) -> Iterator[str]:
    """The ids of a finding: one for each address that its line makes, for the first of them may be another one tomorrow."""
    for address in dict.fromkeys((finding.address, *finding.instances)):
        yield finding_id(finding.rule, address, finding.property)


def silenced(stack: StackReview, known: Callable[[FindingRecord], SuppressionRecord | None]) -> StackReview:
    """The review with the known findings among the suppressed, and their verdicts too."""
    left: list[FindingRecord] = []
    moved: list[FindingRecord] = []
    for finding in stack.findings:
        record = known(finding)
        if record is None:
            left.append(finding)
        else:
            moved.append(msgspec.structs.replace(finding, suppressed=record))
    if not moved:
        return stack
    failing = {finding.rule for finding in left}
    still = {(finding.rule, address) for finding in left for address in _addresses(finding)}
    reasons = {
        (finding.rule, address): finding.suppressed.reason
        for finding in moved
        for address in _addresses(finding)
        if finding.suppressed
    }
    by_rule = {finding.rule: finding.suppressed.reason for finding in moved if finding.suppressed}
    verdicts = []
    for verdict in stack.verdicts:
        subject = (verdict.rule, verdict.address)
        reason = reasons.get(subject)
        if reason is None and verdict.rule not in failing:
            reason = by_rule.get(verdict.rule)
        if verdict.state == "fail" and reason is not None and subject not in still:
            verdict = msgspec.structs.replace(verdict, state="suppressed", reason=reason)
        verdicts.append(verdict)
    return msgspec.structs.replace(
        stack, findings=left, suppressed=[*stack.suppressed, *moved], verdicts=verdicts
    )


def _addresses(finding: FindingRecord) -> tuple[str, ...]:
    return (finding.address, *finding.instances)
