"""Whole capabilities, written into stacks that lack them, and proven like fixes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.registry import improvements
from stackworthy.config import Settings
from stackworthy.config_file import ConfigError
from stackworthy.core.patch import CannotWrite, by_file
from stackworthy.core.workspace import Overlay, Unreadable, Workspace
from stackworthy.remedy.engine import laid
from stackworthy.remedy.proof import prove
from stackworthy.remedy.state import State, state_of
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.stack import StackRef
from stackworthy.sources.writing import patch


class Generated(msgspec.Struct):
    """One improvement of one stack. `checks` prove its edits; `refused` says why there are none ("" when there are, or need not be)."""

    stack: StackRef
    improvement: Improvement
    edits: dict[str, tuple[bytes | None, bytes]] = msgspec.field(default_factory=dict)
    checks: list[str] = msgspec.field(default_factory=list)
    refused: str = ""


class Generation(msgspec.Struct):
    """What a capability comes to below a path. `edits` are all files as they would be, `unread` stacks that cannot be read."""

    root: str
    found: list[Generated] = msgspec.field(default_factory=list)
    edits: dict[str, bytes] = msgspec.field(default_factory=dict)
    originals: dict[str, bytes | None] = msgspec.field(default_factory=dict)
    unread: list[tuple[StackRef, str]] = msgspec.field(default_factory=list)


def generate(workspace: Workspace, stacks: list[StackRef], settings: Settings, name: str) -> Generation:
    """Write a capability into these stacks, on a copy. Nothing is written to disk."""
    made = Generation(workspace.root)
    current = workspace
    for stack in stacks:
        try:
            state = state_of(current, stack, settings)
        except (Unreadable, Malformed, ConfigError) as error:
            made.unread.append((stack, str(error)))
            continue
        start = state
        for improvement in improvements(name, state.views[0].reading.graph):
            current_one = improvement if state is start else _again(name, state, improvement)
            if current_one is not None:
                generated, state = _proven(state, current_one)
                made.found.append(generated)
        if isinstance(state.workspace, Overlay):
            current = state.workspace
    edits: Mapping[str, bytes | None] = current.edits if isinstance(current, Overlay) else {}
    made.edits = {file: content for file, content in edits.items() if content is not None}
    made.originals = {file: _bytes(workspace, file) for file in made.edits}
    return made


def _again(name: str, state: State, improvement: Improvement) -> Improvement | None:
    """The same improvement of the stack as others have left it; None when they have brought it along."""
    found = improvements(name, state.views[0].reading.graph)
    wanted = (improvement.title, improvement.resources)
    return next((item for item in found if (item.title, item.resources) == wanted), None)


def _proven(state: State, improvement: Improvement) -> tuple[Generated, State]:
    made = Generated(state.stack, improvement)
    if not improvement.changes:
        return made, state
    try:
        splices = patch(state.workspace, state.stack, state.views[0].reading, improvement.changes)
    except (CannotWrite, Unreadable) as error:
        made.refused = str(error)
        return made, state
    try:
        overlay = laid(state.workspace, splices)
    except ValueError as error:
        made.refused = str(error)
        return made, state
    proof = prove(state, overlay, improvement.changes, ())
    if not proof.holds or proof.after is None:
        made.refused = proof.failure
        return made, state
    made.checks = [check for check in proof.checks if check != "the finding is gone"]
    made.edits = {file: (_bytes(state.workspace, file), overlay.read(file)) for file in by_file(splices)}
    return made, proof.after


def _bytes(workspace: Workspace, file: str) -> bytes | None:
    return workspace.read(file) if workspace.exists(file) else None
