"""A stack as it stands in one workspace: its graph in every environment, and what the rules say of it."""

from __future__ import annotations

import datetime

import msgspec

from stackworthy.config import Settings, closest
from stackworthy.core.finding import Finding, finding_id
from stackworthy.core.review import StackReview
from stackworthy.core.rule import Rule
from stackworthy.core.verdict import State as Verdict
from stackworthy.core.workspace import Workspace
from stackworthy.judge import readings, selection, stack_folder
from stackworthy.judge.engine import judge
from stackworthy.judge.records import Recorder
from stackworthy.owners import Owners
from stackworthy.sources.stack import Reading, StackRef


class Fault(msgspec.Struct):
    """One failed verdict in one environment."""

    rule: Rule
    finding: Finding


class View(msgspec.Struct):
    """What one environment makes of the stack. `faults` are by finding id, suppressed ones among them; `open` are the rules and
    addresses of what was not assessed.
    """

    environment: str
    reading: Reading
    faults: dict[str, Fault]
    open: frozenset[tuple[str, str]] = frozenset()


class State(msgspec.Struct):
    """All environments of a stack, and the review that they come to."""

    workspace: Workspace
    stack: StackRef
    settings: Settings
    views: list[View]
    review: StackReview

    @property
    def troubles(self) -> set[str]:
        """What could not be read, or not deployed as it is, in words without lines (these move when a file is edited)."""
        return {
            f"{item.file}: {item.message}"
            for item in self.review.diagnostics
            if item.level in ("error", "warning")
        }

    def faults(self, identity: str) -> list[tuple[View, Fault]]:
        """A finding in each environment that has it."""
        return [(view, view.faults[identity]) for view in self.views if identity in view.faults]


def state_of(workspace: Workspace, stack: StackRef, settings: Settings) -> State:
    """Read and judge a stack; raises `Unreadable` or `Malformed` when it cannot be read, `ConfigError` for its settings."""
    settings = closest(settings, stack_folder(stack), workspace)
    recorder = Recorder(stack, settings, Owners(), "", datetime.date.today())
    views = []
    for environment, reading in readings(workspace, stack, settings):
        outcomes = judge(reading.graph, selection(settings, stack, environment))
        recorder.add(reading, outcomes, environment)
        faults = {
            finding_id(outcome.rule.id, finding.resource.address, finding.property): Fault(
                outcome.rule, finding
            )
            for outcome in outcomes
            if outcome.state is Verdict.FAIL
            for finding in outcome.findings
        }
        unknown = frozenset(
            (outcome.rule.id, outcome.address)
            for outcome in outcomes
            if outcome.state is Verdict.NOT_ASSESSED
        )
        views.append(View(environment.name if environment else "", reading, faults, unknown))
    review = recorder.review([environment.name for environment in settings.environments])
    return State(workspace, stack, settings, views, review)
