"""Where a value was written: a file and a structural route, made concrete late; and how a derived value came to be."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

Route = tuple[str | int, ...]
"""Keys of maps and indices of lists, from the top of a file to a value."""


class Origin(NamedTuple):
    """The place of a value, before anybody needs its line.

    `file` is relative to the workspace's root. `role` says what stands there: "value", "key" (the property is named
    there), or "resource" (the property is absent, so its owner is shown).
    """

    file: str
    route: Route
    role: str = "value"


class Span(msgspec.Struct, frozen=True):
    """A concrete place: lines and columns count from 1, `end_column` is the first column after it; bytes count from 0."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    start_byte: int = 0
    end_byte: int = 0


class Step(msgspec.Struct, frozen=True):
    """One step of a trail: `what` in the source's own words ("var.memory", "Parameters.Memory") and its place.

    `users` is the number of places that use this step's value: a fix at a literal with one user touches nothing else.
    """

    what: str
    origin: Origin
    users: int = 1


Trail = tuple[Step, ...]
