"""How far a plan is: its acceptance criteria, held against the stacks as they are now."""

from __future__ import annotations

import os

import msgspec

from stackworthy.capabilities.registry import CAPABILITIES, improvements
from stackworthy.config import Settings
from stackworthy.config_file import ConfigError
from stackworthy.core.workspace import Unreadable
from stackworthy.judge import place
from stackworthy.plan.model import CriterionRecord, Plan
from stackworthy.remedy.state import State, state_of
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.find import find


class Progress(msgspec.Struct):
    """One improvement: how many of its criteria hold, and which do not."""

    number: str
    title: str
    met: int
    total: int
    left: list[str]

    @property
    def done(self) -> bool:
        """Whether all of them hold."""
        return not self.left


def progress(plan: Plan, path: str | os.PathLike[str], settings: Settings) -> list[Progress]:
    """The improvements of a plan (those that it holds as open) as they stand now below a path."""
    workspace, _, target = place(path, settings)
    states: dict[str, State] = {}
    for stack in find(workspace, target, settings).stacks:
        try:
            states[stack.path] = state_of(workspace, stack, settings)
        except (Unreadable, Malformed, ConfigError):
            continue
    made = []
    for one in plan.improvements:
        if one.number:
            left = [item.text for item in one.acceptance if not met(item, states.get(item.stack))]
            total = len(one.acceptance)
            made.append(Progress(one.number, one.title, total - len(left), total, left))
    return made


def met(criterion: CriterionRecord, state: State | None) -> bool:
    """Whether a criterion holds. A stack that is gone or cannot be read meets none; a resource that is gone has no fault."""
    if state is None:
        return False
    if criterion.rule:
        failing = {
            (one.rule, address) for one in state.review.findings for address in (one.address, *one.instances)
        }
        unsure = {(one.rule, one.address) for one in state.review.verdicts if one.state == "not-assessed"}
        return (criterion.rule, criterion.address) not in failing | unsure
    if criterion.capability not in CAPABILITIES:
        return False
    found = improvements(criterion.capability, state.views[0].reading.graph)
    return all(item.done for item in found)
