"""The files that functions read, confined to the workspace, and templates rendered from text.

Paths are relative to the root module's folder, which is where Terraform runs.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from stackworthy.core.value import NotKnown, Value
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.terraform.compiler import parse_template
from stackworthy.sources.terraform.expressions import Scope
from stackworthy.sources.terraform.functions import FunctionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stackworthy.core.workspace import Workspace


class Files:
    """The files beside a root module."""

    __slots__ = ("folder", "workspace")

    def __init__(self, workspace: Workspace, folder: str) -> None:
        self.workspace = workspace
        self.folder = folder

    def _path(self, path: str) -> str:
        if path.startswith(("/", "~")):
            raise NotKnown(f"the file {path} lies outside of the reviewed root")
        simple = posixpath.normpath(posixpath.join(self.folder, path))
        if simple.startswith("../") or simple == ".." or "\0" in simple:
            raise NotKnown(f"the file {path} lies outside of the reviewed root")
        return "" if simple == "." else simple

    def read(self, path: str) -> bytes:
        """The bytes of the file."""
        full = self._path(path)
        if self.workspace.is_folder(full):
            raise IsADirectoryError(path)
        if not self.workspace.exists(full):
            raise FileNotFoundError(path)
        try:
            return self.workspace.read(full)
        except Unreadable as error:
            raise NotKnown(f"the file {path} {error.message}") from None

    def exists(self, path: str) -> bool:
        """Whether there is a regular file."""
        full = self._path(path)
        if self.workspace.is_folder(full):
            raise IsADirectoryError(path)
        return self.workspace.exists(full)

    def files(self, path: str) -> Iterable[str]:
        """The files below the directory, relative to it."""
        full = self._path(path)
        start = len(full) + 1 if full else 0
        try:
            return [name[start:] for name in self.workspace.files(full)]
        except Unreadable as error:
            raise NotKnown(f"the folder {path} {error.message}") from None


def rendered(scope: Scope, text: str, variables: Mapping[str, Value], name: str) -> Value:
    """The template's text with its variables."""
    try:
        template = parse_template(text)
    except ValueError as error:
        raise FunctionError(f"{name}: {error}") from None
    return template.evaluate(Scope(_Template(scope), scope.engine, variables))


class _Template:
    """What an expression inside a template file sees: its variables, and files."""

    __slots__ = ("address", "files", "functions", "render")

    def __init__(self, scope: Scope) -> None:
        self.address = scope.module.address
        self.files = scope.module.files
        self.functions = scope.module.functions
        self.render = _refuse

    def resolve(self, root: str, _: tuple[object, ...], __: Scope) -> Value:
        """Nothing but the variables has a name here."""
        raise FunctionError(f'vars map does not contain key "{root}"')


def _refuse(_: str, __: Mapping[str, Value], name: str, /) -> Value:
    raise FunctionError(f"{name}: a template cannot render another")
