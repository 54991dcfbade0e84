"""A plan as plain data: the published JSON is these structures, field by field (`stackworthy.plan/1`).

Money is decimal strings of whole cents in the bill's currency, per month. Every running total is a bill, rounded; a
change is the difference of two of them, so that changes add up to the total exactly. Hours are decimal strings.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from stackworthy.core.review import SeverityName

SCHEMA = "stackworthy.plan/1"

StatusName = Literal["done", "todo", "needs testing", "experiment", "major change"]
LevelName = Literal["high", "medium", "low"]


class EvidenceRecord(msgspec.Struct):
    """What shows it: a sentence, and the file and line (0: the whole file; "": no file) that it stands at."""

    text: str
    file: str = ""
    line: int = 0
    environments: list[str] = []


class PatchRecord(msgspec.Struct):
    """Proven edits as a unified difference, and their reverse. `masked`: a secret is hidden in the text, so that git would not take it.

    `proof` says what was checked. Each patch stands on those of the improvements before it.
    """

    files: list[str]
    text: str
    reverse: str
    masked: bool
    proof: list[str]
    command: str


class RollbackRecord(msgspec.Struct):
    """The way back in words, and what it does not bring back."""

    how: str
    lost: list[str]


class CostRecord(msgspec.Struct):
    """The bill before and after, on top of all improvements before; `change` is negative when it saves.

    `priced` is false when there is no patch or other figure to price: the bill is then taken to stay. `exact` is the difference
    before rounding, `environments` the changes of the bills of other environments. `basis` says how the figure came about.
    """

    before: str
    after: str
    change: str
    exact: str
    priced: bool
    basis: str
    environments: dict[str, str] = {}


class CriterionRecord(msgspec.Struct):
    """What must hold in the end. With a `rule`, that rule passes at the address ("" is the stack); with a `capability`, the stack has it."""

    text: str
    stack: str
    rule: str = ""
    address: str = ""
    capability: str = ""


class ImprovementRecord(msgspec.Struct):
    """One improvement: findings of one rule in one stack, a whole capability, or advice.

    `id` is stable (stack and rule or capability); `number` is its place in the plan ("2.1"; "" when it is done or withheld). `after` are
    the ids that it should wait for.
    """

    id: str
    number: str
    title: str
    source: Literal["rule", "capability"]
    name: str
    stack: str
    status: StatusName
    phase: str
    severity: SeverityName | None
    pillar: str
    current: str
    proposed: str
    why: str
    resources: list[str]
    findings: list[str]
    evidence: list[EvidenceRecord]
    patch: PatchRecord | None
    steps: list[str]
    effort_hours: str
    effort_basis: str
    risk: LevelName
    risk_reason: str
    impact: LevelName
    effort_level: LevelName
    cost: CostRecord
    rollback: RollbackRecord
    testing: list[str]
    watch: list[str]
    acceptance: list[CriterionRecord]
    after: list[str] = []
    note: str = ""


class PhaseRecord(msgspec.Struct):
    """Improvements that belong together, with the bill before and after all of them."""

    id: str
    number: str
    title: str
    why: str
    improvements: list[str]
    count: int
    effort_hours: str
    before: str
    after: str
    change: str
    percent: str


class CellRecord(msgspec.Struct):
    """One cell of the priority matrix: the ids of the improvements with this impact and effort, and what to make of them."""

    impact: LevelName
    effort: LevelName
    verdict: str
    improvements: list[str]


class TotalRecord(msgspec.Struct):
    """One bar of the waterfall: the running total before and after it."""

    label: str
    before: str
    after: str
    change: str


class CostSummary(msgspec.Struct):
    """What the stacks cost before and after the whole plan. `percent` is of the bill before ("" when that is nothing).

    `workload` says what the bill rests on; `complete` is false when something that may cost money has no price.
    """

    currency: str
    environment: str
    before: str
    after: str
    change: str
    percent: str
    savings: str
    added: str
    complete: bool
    workload: str
    unpriced: list[str]
    warnings: list[str]


class MetricRecord(msgspec.Struct):
    """How success is told: what is measured, its value now and the one to reach."""

    metric: str
    now: str
    target: str
    how: str


class CountRecord(msgspec.Struct):
    """How many improvements have a status."""

    status: StatusName
    count: int


class ProblemRecord(msgspec.Struct):
    """A file that could not be read, and what to do about it."""

    file: str
    message: str
    hint: str


class Plan(msgspec.Struct):
    """A whole plan. `improvements` are all of them, done and withheld ones among them; phases, cells and waterfall name them by id.

    `withheld` are those that are dearer than everything that the stacks cost.
    """

    title: str
    stacks: list[str]
    date: str
    cost: CostSummary
    counts: list[CountRecord]
    total: int
    effort_hours: str
    phases: list[PhaseRecord]
    improvements: list[ImprovementRecord]
    done: list[str]
    withheld: list[str]
    matrix: list[CellRecord]
    waterfall: list[TotalRecord]
    metrics: list[MetricRecord]
    testing: list[str]
    watch: list[str]
    next_steps: list[str]
    problems: list[ProblemRecord]
    schema: str = SCHEMA

    def get(self, identity: str) -> ImprovementRecord:
        """The improvement of this id."""
        return next(item for item in self.improvements if item.id == identity)
