"""Whole capabilities on a stack that was read already: written on a copy and proven, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.registry import improvements
from stackworthy.core.fix import Change
from stackworthy.core.patch import CannotWrite, by_file
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.judge.engine import FAULTS
from stackworthy.remedy.engine import laid
from stackworthy.remedy.proof import prove
from stackworthy.remedy.state import State
from stackworthy.sources.stack import Reading
from stackworthy.sources.writing import patch

Edits = dict[str, tuple[bytes | None, bytes]]
UNASKED = "the finding is gone"
"""What the proof says of edits that are for no finding."""


class Written(msgspec.Struct):
    """Changes as proven edits and the stack with them, or the reason why there are none."""

    edits: Edits = {}
    checks: list[str] = []
    after: State | None = None
    refused: str = ""


class Capability(msgspec.Struct):
    """What a capability comes to. `there` are the improvements that the stack has, `missing` those that it lacks, `after` the stack with them."""

    there: list[Improvement]
    missing: list[Improvement]
    written: list[Improvement]
    edits: Edits
    checks: list[str]
    refused: list[str]
    after: State | None = None


def capability(name: str, state: State, workspace: Workspace) -> Capability:
    """A capability on a stack: each improvement is written on top of those before it."""
    found = improvements(name, state.views[0].reading.graph)
    made = Capability([one for one in found if one.done], [], [], {}, [], [])
    current = state
    for one in found:
        if one.done:
            continue
        again = one if current is state else _again(name, current, one)
        if again is None:
            continue
        made.missing.append(again)
        if not again.changes:
            continue
        written = write(current, workspace, current.views[0].reading, again.changes)
        if written.after is None:
            made.refused.append(written.refused)
            continue
        made.written.append(again)
        current = written.after
        workspace = current.workspace
        made.checks = made.checks or written.checks
        for file, (before, after) in written.edits.items():
            made.edits[file] = (made.edits[file][0] if file in made.edits else before, after)
    made.after = current if made.edits else None
    return made


def _again(name: str, state: State, improvement: Improvement) -> Improvement | None:
    """The same improvement of the stack as others have left it; None when they have brought it along."""
    wanted = (improvement.title, improvement.resources)
    found = improvements(name, state.views[0].reading.graph)
    return next((one for one in found if (one.title, one.resources) == wanted and not one.done), None)


def write(state: State, workspace: Workspace, reading: Reading, changes: Sequence[Change]) -> Written:
    """Changes as edits on a copy of the workspace, proven as fixes are."""
    try:
        splices = patch(workspace, state.stack, reading, changes)
    except (CannotWrite, Unreadable) as error:
        return Written(refused=str(error))
    except FAULTS as error:
        return Written(refused=f"{type(error).__name__}: {error}")
    overlay = laid(workspace, splices)
    proof = prove(state, overlay, changes, ())
    if not proof.holds or proof.after is None:
        return Written(refused=proof.failure)
    edits = {
        file: (workspace.read(file) if workspace.exists(file) else None, overlay.read(file))
        for file in by_file(splices)
    }
    return Written(edits, [check for check in proof.checks if check != UNASKED], proof.after)
