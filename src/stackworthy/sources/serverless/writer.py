"""Writes changes into the configurations that stated them."""

from __future__ import annotations

from collections.abc import Sequence

from stackworthy.core.fix import Change
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.workspace import Workspace
from stackworthy.sources.stack import Reading, StackRef


def patch(_: Workspace, __: StackRef, ___: Reading, changes: Sequence[Change]) -> list[Splice]:
    """The splices that carry out these changes; raises `CannotWrite`."""
    raise CannotWrite("it cannot be written here yet", "change the property in the configuration")
