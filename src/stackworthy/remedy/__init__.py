"""Fixes that are proven before they are written: choose, patch a copy, read and judge it again, and only then write."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from stackworthy.config import Settings
from stackworthy.config_file import ConfigError
from stackworthy.core.workspace import Overlay, Unreadable, Workspace
from stackworthy.judge import place
from stackworthy.remedy.candidates import Wanted
from stackworthy.remedy.engine import Barred, Engine, Proposal, Refused, StackRemedy
from stackworthy.remedy.objections import objections
from stackworthy.remedy.outside import Outside
from stackworthy.remedy.shared import Shared
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.find import find
from stackworthy.sources.stack import StackRef

__all__ = ["Outside", "Proposal", "Refused", "Remedy", "StackRemedy", "Wanted", "mend", "remedy"]

Progress = Callable[[int, int], None]


MAX_BLAMED = 12
"""So many fixes are refused one by one for what the tools of others say; then the files that they object to stay as they are."""


class Remedy(msgspec.Struct):
    """What can be mended below a path. `edits` are all files as they would be; `unread` are stacks that cannot be read."""

    root: str
    stacks: list[StackRemedy] = msgspec.field(default_factory=list)
    edits: dict[str, bytes] = msgspec.field(default_factory=dict)
    originals: dict[str, bytes | None] = msgspec.field(default_factory=dict)
    unread: list[tuple[StackRef, str]] = msgspec.field(default_factory=list)

    @property
    def proposals(self) -> list[Proposal]:
        """The proven fixes of all stacks, in the order in which they are carried out."""
        return [proposal for stack in self.stacks for proposal in stack.proposals]


def remedy(
    path: str | os.PathLike[str],
    settings: Settings,
    wanted: Wanted,
    progress: Progress | None = None,
    outside: Outside | None = None,
) -> Remedy:
    """The proven fixes of every stack below a path. Nothing is written."""
    workspace, _, target = place(path, settings)
    return mend(workspace, find(workspace, target, settings).stacks, settings, wanted, progress, outside)


def mend(
    workspace: Workspace,
    stacks: list[StackRef],
    settings: Settings,
    wanted: Wanted,
    progress: Progress | None = None,
    outside: Outside | None = None,
) -> Remedy:
    """The proven fixes of these stacks, one stack on top of the other, so that a file that two of them read is edited once.

    With `outside`, what comes out is shown to the tools of others at last; a fix that they object to is refused, and the rest proven again.
    """
    shared = Shared(workspace, stacks, settings)
    frozen: dict[str, str] = {}
    barred: dict[str, str] = {}
    while True:
        found = _one_pass(workspace, stacks, settings, wanted, Barred(frozen, barred), progress)
        harmed = shared.harmed(found.edits, {item.stack.path for item in found.stacks if item.proposals})
        if harmed.keys() - frozen.keys():
            frozen.update(harmed)
            continue
        blamed = objections(outside, found.originals, found.proposals) if outside is not None else {}
        if not blamed.keys() - barred.keys():
            return found
        barred.update(blamed)
        if len(barred) > MAX_BLAMED:
            frozen.update(
                (file, words)
                for item in found.proposals
                if (words := blamed.get(item.record.id))
                for file in item.edits
            )


def _one_pass(
    workspace: Workspace,
    stacks: list[StackRef],
    settings: Settings,
    wanted: Wanted,
    barred: Barred,
    progress: Progress | None,
) -> Remedy:
    found = Remedy(workspace.root)
    current = workspace
    for index, stack in enumerate(stacks):
        try:
            mended = Engine(current, stack, settings, wanted, barred).run()
        except (Unreadable, Malformed, ConfigError) as error:
            found.unread.append((stack, str(error)))
            continue
        found.stacks.append(mended)
        after = mended.after.workspace if mended.after is not None else current
        if mended.proposals and isinstance(after, Overlay):
            current = after
        if progress is not None:
            progress(index + 1, len(stacks))
    if isinstance(current, Overlay):
        given = workspace.edits if isinstance(workspace, Overlay) else {}
        found.edits = {
            file: content
            for file, content in current.edits.items()
            if content is not None and content != given.get(file)
        }
        found.originals = {
            file: workspace.read(file) if workspace.exists(file) else None for file in found.edits
        }
    return found
