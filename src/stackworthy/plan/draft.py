"""An improvement on its way into the plan: what it rests on, before it is placed, carried out and priced."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from stackworthy.core.review import FindingRecord
from stackworthy.plan.model import CriterionRecord, EvidenceRecord
from stackworthy.plan.words import Touched
from stackworthy.sources.stack import StackRef


class WhatIf(msgspec.Struct, frozen=True):
    """What a bill is to take for granted that no patch states: quantities by (address, usage key), tokens that another model bears, resources that are gone."""

    quantities: tuple[tuple[str, str, Decimal], ...] = ()
    moved: tuple[tuple[str, str, str], ...] = ()
    without: tuple[str, ...] = ()


class Draft(msgspec.Struct):
    """One improvement of one stack. `findings` are its own; `also` those that go with it; `fixable` those with a proven patch."""

    source: str
    name: str
    stack: StackRef
    title: str
    findings: list[FindingRecord] = []
    also: list[str] = []
    fixable: frozenset[str] = frozenset()
    safety: str = ""
    safety_why: str = ""
    instead: list[str] = []
    resources: list[str] = []
    why: str = ""
    steps: list[str] = []
    done: str = ""
    evidence: list[EvidenceRecord] = []
    edits: int = 0
    touched: list[Touched] = []
    acceptance: list[CriterionRecord] = []

    @property
    def id(self) -> str:
        """Stable: the stack and the rule or capability; what is there already is told from what is missing."""
        return f"{self.stack.path}:{self.name}" + (":done" if self.done else "")

    @property
    def writes(self) -> bool:
        """Whether a patch may come out."""
        return bool(self.fixable) or self.edits > 0
