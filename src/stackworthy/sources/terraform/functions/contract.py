"""What callers of functions and the functions themselves agree on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from stackworthy.core.value import Value
from stackworthy.sources.terraform.types import Type


class FunctionError(ValueError):
    """Terraform would refuse the call; the message is worded as Terraform's."""


class Failure(Exception):
    """A call whose arguments have the right types cannot be computed; `call` puts the function's name before the message."""


def invalid(parameter: str, message: str) -> FunctionError:
    """The error of a call in which the argument for this parameter is wrong."""
    return FunctionError(f'Invalid value for "{parameter}" parameter: {message}.')


class FileReader(Protocol):
    """Reads the files beside a configuration; paths are as the configuration writes them, relative to its directory.

    A path outside of what may be read raises `NotKnown`.
    """

    def read(self, path: str) -> bytes:
        """The bytes of the file; raises `FileNotFoundError` or `IsADirectoryError`."""

    def exists(self, path: str) -> bool:
        """Whether there is a regular file; raises `IsADirectoryError` for a directory."""

    def files(self, path: str) -> Iterable[str]:
        """The regular files below the directory, relative to it, with `/`; none when there is no such directory."""


Render = Callable[[str, Mapping[str, Value], str], Value]
"""Renders a template: its text, its variables, and its name for messages; raises `FunctionError`."""


class Context:
    """What functions need from outside: files and templates."""

    __slots__ = ("files", "render")

    def __init__(self, files: FileReader | None, render: Render | None) -> None:
        self.files = files
        self.render = render


class Parameter:
    """A parameter; an argument that is not `nullable` must not be null."""

    __slots__ = ("name", "nullable", "type")

    def __init__(self, name: str, type_: Type, nullable: bool) -> None:
        self.name = name
        self.type = type_
        self.nullable = nullable


class Function:
    """A built-in function's signature and where it is implemented.

    `open`: it decides itself what unknown arguments mean. `contextual`: it needs a `Context` as its first argument.
    `impure`: why its answer is never known.
    """

    __slots__ = ("contextual", "family", "impure", "name", "open", "parameters", "rest")

    def __init__(
        self,
        name: str,
        family: str,
        parameters: tuple[Parameter, ...],
        rest: Parameter | None,
        *,
        open_: bool = False,
        contextual: bool = False,
        impure: str = "",
    ) -> None:
        self.name = name
        self.family = family
        self.parameters = parameters
        self.rest = rest
        self.open = open_
        self.contextual = contextual
        self.impure = impure
