"""What the changes of one fix share while they are written: files as they are edited, and what is added on the way."""

from __future__ import annotations

import posixpath

from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.resource import Resource
from stackworthy.core.workspace import Workspace
from stackworthy.sources.terraform.mapping.graph import BlockProperties, Stack
from stackworthy.sources.terraform.model import Block
from stackworthy.sources.terraform.resources import Instance
from stackworthy.sources.terraform.root import Root
from stackworthy.sources.terraform.writing.editor import Editor
from stackworthy.sources.terraform.writing.editor import editor as editor_of
from stackworthy.sources.terraform.writing.references import Added, Referrer


class Context:
    """The files of one fix. `added` are the resources and variables that it adds, by label."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.added: dict[str, Added] = {}
        self._editors: dict[str, Editor] = {}
        self._apart: dict[str, list[str]] = {}
        self._data: dict[str, None] = {}

    def refer(self, stack: Stack, block: Block) -> Referrer:
        """Writes references from within a block."""
        return Referrer(stack, block, self.added, self._looked_up)

    def editor(self, file: str) -> Editor:
        """The editor of a file of HCL; raises `CannotWrite` for what is no such file."""
        editor = self._editors.get(file)
        if editor is None:
            if file.endswith(".json") or not file:
                raise CannotWrite(f"the value stands in {file or 'the command line'}", "change it there")
            editor = self._editors[file] = editor_of(file, self.workspace.read(file))
        return editor

    def _looked_up(self, block: Block, type_: str) -> str:
        """The address of a data source without arguments, which is added when the module has none of its type."""
        evaluator = block.evaluator
        if isinstance(evaluator, Instance):
            for mode, known, name in evaluator.group.module.folder.resources:
                if mode == "data" and known == type_:
                    return f"data.{type_}.{name}"
        if type_ not in self._data:
            self._data[type_] = None
            self.in_file(block, "data", [f'data "{type_}" "current" {{}}'])
        return f"data.{type_}.current"

    def in_file(self, block: Block, name: str, lines: list[str]) -> list[Splice]:
        """Blocks at the end of a file of the module, which is made when it is not there."""
        file = posixpath.join(posixpath.dirname(block.file), f"{name}.tf")
        self._apart.setdefault(file, []).append("\n".join(lines))
        return []

    def gathered(self) -> list[Splice]:
        """The splices of the files that take whole blocks."""
        splices: list[Splice] = []
        for file, blocks in self._apart.items():
            text = "\n\n".join(blocks) + "\n"
            if not self.workspace.exists(file):
                splices.append(Splice(file, 0, 0, text.encode()))
                continue
            editor = self.editor(file)
            end = len(editor.data.rstrip())
            splices.append(editor.splice(end, len(editor.data), "\n\n" + text))
        return splices


def stated_in(resource: Resource) -> BlockProperties:
    """The properties of a resource that is stated in a block of its own; raises `CannotWrite`."""
    properties = resource.properties
    if not isinstance(properties, BlockProperties):
        raise CannotWrite("the resource is not stated in a block of its own")
    return properties


def root_of(stack: Stack) -> Root:
    """The configuration that the stack was read from; raises `CannotWrite` for a plan."""
    if not isinstance(stack.root, Root):
        raise CannotWrite("a plan is no source", "fix the configuration that it was made from")
    return stack.root
