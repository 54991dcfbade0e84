"""Files that several stacks read: an edit for one of them must not harm the others."""

from __future__ import annotations

from collections.abc import Mapping

from stackworthy.config import Settings
from stackworthy.config_file import ConfigError
from stackworthy.core.workspace import Overlay, Unreadable, Workspace
from stackworthy.remedy.state import State, state_of
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.stack import StackRef


class Shared:
    """The stacks of one run as they were. A stack is read again only when a file outside its own folder was edited."""

    def __init__(self, workspace: Workspace, stacks: list[StackRef], settings: Settings) -> None:
        self.workspace = workspace
        self.stacks = stacks
        self.settings = settings
        self._before: dict[str, State | None] = {}

    def harmed(self, edits: Mapping[str, bytes], mended: set[str]) -> dict[str, str]:
        """The edited files that bring another stack a new error or finding, with the reason. `mended` stacks are proven already."""
        if len(self.stacks) < 2 or not edits:
            return {}
        overlay = Overlay(self.workspace, dict(edits))
        found: dict[str, str] = {}
        for stack in self.stacks:
            if stack.path in mended:
                continue
            before = self._state(stack)
            if before is None:
                continue
            read = {resource.origin.file for view in before.views for resource in view.reading.graph}
            touched = sorted(read & edits.keys())
            reason = self._harm(before, overlay, stack) if touched else ""
            for file in touched if reason else ():
                found[file] = f"{stack.path} reads this file too, and there {reason}"
        return found

    def _state(self, stack: StackRef) -> State | None:
        if stack.path not in self._before:
            try:
                self._before[stack.path] = state_of(self.workspace, stack, self.settings)
            except (Unreadable, Malformed, ConfigError):
                self._before[stack.path] = None
        return self._before[stack.path]

    def _harm(self, before: State, overlay: Overlay, stack: StackRef) -> str:
        try:
            after = state_of(overlay, stack, self.settings)
        except (Unreadable, Malformed, ConfigError) as error:
            return f"it would no longer read: {error}"
        for one, other in zip(before.views, after.views, strict=True):
            for identity in other.faults.keys() - one.faults.keys():
                return f"it would bring up {other.faults[identity].rule.id}"
        return ""
