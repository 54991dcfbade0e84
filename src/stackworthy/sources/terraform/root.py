"""A root module, loaded: its blocks, its outputs, and the places of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.core.value import Map
from stackworthy.sources.terraform.bodies import settled
from stackworthy.sources.terraform.engine import Engine
from stackworthy.sources.terraform.model import Settings
from stackworthy.sources.terraform.module import Module, Shared
from stackworthy.sources.terraform.sources import Sources
from stackworthy.sources.terraform.variables import given_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stackworthy.core.diagnostic import Diagnostic
    from stackworthy.core.workspace import Workspace
    from stackworthy.sources.terraform.model import Block, Given


def load(workspace: Workspace, folder: str, settings: Settings | None = None) -> Root:
    """The root module in a folder of the workspace, evaluated when asked; what is wrong with it stands in its diagnostics."""
    return Root(workspace, folder, settings or Settings())


class Root:
    """A root module under some settings.

    Everything is evaluated when it is asked for, once. Diagnostics grow as things are evaluated: read them last.
    """

    def __init__(self, workspace: Workspace, folder: str, settings: Settings) -> None:
        self.folder = folder.strip("/") if folder != "." else ""
        self.settings = settings
        self._engine = Engine(workspace)
        sources = Sources(self._engine, self.folder)
        inputs: dict[str, Given] = {}
        declared = sources.folder(self.folder)
        given = given_values(self._engine, declared, settings, inputs)
        self._module = Module(Shared(self._engine, self.folder, settings, given, sources), declared)
        self._blocks: list[Block] | None = None

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What was wrong with what was read so far."""
        return self._engine.diagnostics

    @property
    def blocks(self) -> list[Block]:
        """Every resource and data instance of all modules, module by module, in the order of the files."""
        if self._blocks is None:
            found: list[Block] = []
            for module in self.modules():
                for mode, type_, name in module.folder.resources:
                    group = module.group(mode, type_, name)
                    if group is not None:
                        found.extend(instance.block for instance in group.instances())
            self._blocks = found
        return self._blocks

    def modules(self) -> Iterator[Module]:
        """Every module instance, the root first."""
        pending = [self._module]
        while pending:
            module = pending.pop()
            yield module
            inner: list[Module] = []
            for name in module.folder.calls:
                call = module.called(name)
                if call is not None:
                    inner.extend(call.modules())
            pending.extend(reversed(inner))

    @property
    def outputs(self) -> Map:
        """The values of the root's outputs."""
        values = ((name, settled(self._module.output(name))) for name in self._module.folder.outputs)
        return Map((name, value) for name, value in values if value is not None)

    @property
    def variables(self) -> Map:
        """The values of the root's variables."""
        values = ((name, settled(self._module.variable(name))) for name in self._module.folder.variables)
        return Map((name, value) for name, value in values if value is not None)

    @property
    def files(self) -> list[str]:
        """The configuration and variable files that were read."""
        return list(self._engine.files)

    def release(self) -> None:
        """Let the syntax trees go; they are made again when something needs them."""
        self._engine.release()
