"""What a review says, as plain data: the published JSON is these structures, field by field (`stackworthy.review/1`)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

SCHEMA = "stackworthy.review/1"

StateName = Literal["pass", "fail", "suppressed", "not-assessed"]
SeverityName = Literal["critical", "high", "medium", "low"]


class MadeByRecord(msgspec.Struct):
    """What generated a resource: the author's resource, and the property path to edit there (null: none)."""

    address: str
    path: str | None = None


class ResourceRecord(msgspec.Struct):
    """One resource. `kind` is null when the type has none; `type` is the format's own; `when` is the condition's text."""

    address: str
    kind: str | None
    type: str
    file: str
    line: int
    region: str | None = None
    account: str | None = None
    part_of: str | None = None
    made_by: MadeByRecord | None = None
    when: str | None = None
    present: bool = True


class VerdictRecord(msgspec.Struct):
    """What one rule says of one subject; address "" is the stack. `reason` explains suppressed and not-assessed.

    `environments` names those in which the verdict holds when they differ; empty: in all.
    """

    rule: str
    address: str
    state: StateName
    reason: str = ""
    environments: list[str] = []


class LocationRecord(msgspec.Struct):
    """A place in a file, relative to the reviewed path; lines and columns count from 1, the end column is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    role: str


class StepRecord(msgspec.Struct):
    """One step of how a derived value came to be."""

    what: str
    file: str
    line: int
    users: int = 1


class FixRecord(msgspec.Struct):
    """The fix that a finding has: its safety, why it must be asked for, what it changes in words, what a person has to do."""

    safety: Literal["safe", "unsafe", "manual"]
    why: str = ""
    changes: list[str] = []
    steps: list[str] = []


class SuppressionRecord(msgspec.Struct):
    """Who silenced a finding: where the comment stands, its reason, and until when it holds (ISO date)."""

    kind: Literal["comment", "metadata", "configuration", "baseline", "revision"]
    reason: str
    file: str = ""
    line: int = 0
    until: str | None = None


class FindingRecord(msgspec.Struct):
    """One fault. `id` is stable: rule, address and property, never the line. `instances` are the addresses one line makes."""

    id: str
    rule: str
    equivalents: list[str]
    address: str
    instances: list[str]
    property: str
    pillar: str
    severity: SeverityName
    confidence: Literal["high", "medium", "low"]
    file: str
    line: int
    column: int
    locations: list[LocationRecord]
    trail: list[StepRecord]
    environments: list[str]
    owner: str | None
    message: str
    evidence: dict[str, Any]
    fix: FixRecord | None = None
    suppressed: SuppressionRecord | None = None


class DiagnosticRecord(msgspec.Struct):
    """What is wrong with the input: `line` 0 means the whole file."""

    file: str
    line: int
    level: Literal["error", "warning", "note"]
    message: str
    hint: str = ""


class StackReview(msgspec.Struct):
    """The review of one stack. `path` is the template, the root folder or the assembly, relative to the reviewed path.

    `findings` are those that failed; suppressed ones stand in `suppressed`, so that nothing drops silently.
    """

    path: str
    format: str
    environments: list[str]
    resources: list[ResourceRecord]
    verdicts: list[VerdictRecord]
    findings: list[FindingRecord]
    suppressed: list[FindingRecord]
    diagnostics: list[DiagnosticRecord]


class NotAssessedCount(msgspec.Struct):
    """How many verdicts one reason kept from being assessed."""

    reason: str
    count: int


class Summary(msgspec.Struct):
    """Counts over all stacks; `seconds` is wall time."""

    stacks: int
    resources: int
    unmapped: dict[str, int]
    verdicts: dict[str, int]
    findings: dict[str, int]
    suppressed: int
    fixes: dict[str, int]
    not_assessed: list[NotAssessedCount]
    errors: int
    seconds: float


class ChangedStackRecord(msgspec.Struct):
    """A stack that is not what it was: the addresses of resources that came and went; one that came or went as a whole has all of them."""

    path: str
    added: list[str]
    removed: list[str]


class SinceRecord(msgspec.Struct):
    """What a review is compared with: the revision as named, its commit, how many findings it had too, those that are gone, and the stacks that changed.

    The known ones stand among the suppressed, with the kind "revision".
    """

    revision: str
    commit: str
    known: int
    fixed: list[FindingRecord]
    changed: list[ChangedStackRecord] = []


class StaleRecord(msgspec.Struct):
    """An entry of a baseline that nothing answers to any more."""

    rule: str
    stack: str
    resource: str
    property: str
    date: str
    author: str
    reason: str


class BaselineRecord(msgspec.Struct):
    """The baseline of a review: its file, how many findings it knew (suppressed, kind "baseline"), and its stale entries."""

    file: str
    known: int
    stale: list[StaleRecord]


class Review(msgspec.Struct):
    """A whole review. `diagnostics` are those that belong to no stack (a file that could not be read)."""

    stacks: list[StackReview]
    diagnostics: list[DiagnosticRecord]
    summary: Summary
    root: str = ""
    since: SinceRecord | None = None
    baseline: BaselineRecord | None = None
    schema: str = SCHEMA

    @property
    def findings(self) -> list[FindingRecord]:
        """The findings of all stacks, worst first within each stack's order."""
        return [finding for stack in self.stacks for finding in stack.findings]
