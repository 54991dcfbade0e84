"""Files of code, each parsed once for all functions and stacks of a workspace."""

from __future__ import annotations

import posixpath
from weakref import WeakKeyDictionary

from stackworthy.core.code import Module
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.code.text import JAVASCRIPT, PYTHON, NotParsed
from stackworthy.sources.code.unit import Unit

MAX_BYTES = 1_000_000
"""A file beyond this is a bundle or data, which nobody reviews."""
KEPT = 400
"""Files whose trees are kept at a time."""

_SOURCES: WeakKeyDictionary[Workspace, Sources] = WeakKeyDictionary()


class Sources:
    """The parsed files of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._units: dict[str, Unit | NotParsed] = {}

    def unit(self, file: str) -> Unit:
        """A parsed file; raises `NotParsed`."""
        found = self._units.get(file)
        if found is None:
            if len(self._units) >= KEPT:
                self._units.clear()
            try:
                found = Unit(self._read(file))
            except NotParsed as error:
                found = error
            self._units[file] = found
        if isinstance(found, NotParsed):
            raise found
        return found

    def _read(self, file: str) -> Module:
        try:
            content = self.workspace.read(file)
        except Unreadable as error:
            raise NotParsed(file, 0, error.message) from None
        return parse(file, content)


def parse(file: str, content: bytes) -> Module:
    """The tree of a text in the language that the file's name tells; raises `NotParsed`."""
    if len(content) > MAX_BYTES:
        raise NotParsed(file, 0, f"is {len(content) / 1e6:.1f} MB: a bundle, not source")
    ending = posixpath.splitext(file)[1]
    if ending in PYTHON:
        from stackworthy.sources.code import python

        return python.lower(file, content)
    if ending in JAVASCRIPT:
        from stackworthy.sources.code import typescript

        return typescript.lower(file, content)
    raise NotParsed(file, 0, "is in no language that is read")


def sources_of(workspace: Workspace) -> Sources:
    """The parsed files of a workspace, shared by all who ask."""
    found = _SOURCES.get(workspace)
    if found is None:
        found = _SOURCES[workspace] = Sources(workspace)
    return found
