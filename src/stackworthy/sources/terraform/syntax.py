"""What the evaluator asks of a file's syntax, whichever it is written in: blocks, bodies and attributes.

Source: https://github.com/hashicorp/hcl/blob/main/spec.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stackworthy.sources.terraform.expressions import Expression

Route = tuple[str | int, ...]

MAX_BYTES = 1024 * 1024
"""Files above this are not parsed: people do not write them, and a syntax tree is seventy times as large as its text."""


class Problem(Exception):
    """A file that cannot be read as configuration: where, what, and what to do."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.hint = hint


class Attribute(Protocol):
    """`name = expression`."""

    name: str

    @property
    def name_start(self) -> int:
        """The position of the name."""
        ...

    @property
    def route(self) -> Route:
        """The route inside the file."""
        ...

    @property
    def path(self) -> str:
        """The file that it stands in."""
        ...

    @property
    def expression(self) -> Expression:
        """The compiled expression."""
        ...

    @property
    def text(self) -> str:
        """The expression as it stands in the file."""
        ...

    @property
    def line(self) -> int:
        """The line on which the attribute starts, counted from 1."""
        ...


class Body(Protocol):
    """What stands between the braces of a block; `broken` says why there may be more than could be read, empty when there is not."""

    broken: str

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        """The arguments by name."""
        ...

    @property
    def blocks(self) -> Sequence[Block]:
        """The nested blocks in order."""
        ...


class Block(Protocol):
    """A block: its type, its labels, and its body, which is walked on first use."""

    type: str
    labels: tuple[str, ...]

    @property
    def route(self) -> Route:
        """The route inside the file."""
        ...

    @property
    def file(self) -> str:
        """The path of the file."""
        ...

    @property
    def body(self) -> Body:
        """The attributes and blocks inside."""
        ...

    @property
    def line(self) -> int:
        """The line of the block's header, counted from 1."""
        ...
