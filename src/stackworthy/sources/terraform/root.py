"""A root module, loaded: its blocks, its outputs, and the places of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.core.value import Map
from stackworthy.sources.terraform.bodies import settled
from stackworthy.sources.terraform.engine import Engine
from stackworthy.sources.terraform.folder import add_providers
from stackworthy.sources.terraform.model import Settings
from stackworthy.sources.terraform.module import Module, Shared
from stackworthy.sources.terraform.places import Places
from stackworthy.sources.terraform.resources import Instance
from stackworthy.sources.terraform.sources import Sources
from stackworthy.sources.terraform.terragrunt import FILE, Terragrunt
from stackworthy.sources.terraform.variables import given_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stackworthy.core.diagnostic import Diagnostic
    from stackworthy.core.origin import Origin, Route, Span, Trail
    from stackworthy.core.value import Reference
    from stackworthy.core.workspace import Workspace
    from stackworthy.sources.terraform.folder import Folder
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
        declared, inputs = self._declared(sources)
        given = given_values(self._engine, declared, settings, inputs)
        self._module = Module(Shared(self._engine, self.folder, settings, given, sources), declared)
        self._blocks: list[Block] | None = None
        self._found_places: Places | None = None

    def _declared(self, sources: Sources) -> tuple[Folder, dict[str, Given]]:
        """The root's folder and the values that Terragrunt gives; its module's folder when it only names one."""
        names = self._engine.workspace.entries(self.folder)
        if FILE not in names:
            return sources.folder(self.folder), {}
        terragrunt = Terragrunt(self._engine, self.folder)
        source = terragrunt.source()
        if not any(name.endswith((".tf", ".tf.json")) for name in names) and source is not None:
            self.folder = source
        folder = sources.folder(self.folder)
        for name, text in terragrunt.generated().items():
            add_providers(self._engine, folder, name, text)
        return folder, terragrunt.inputs()

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
        values = (
            (name, settled(self._module.output(name), expand=True)) for name in self._module.folder.outputs
        )
        return Map((name, value) for name, value in values if value is not None)

    @property
    def variables(self) -> Map:
        """The values of the root's variables."""
        values = (
            (name, settled(self._module.variable(name), expand=True))
            for name in self._module.folder.variables
        )
        return Map((name, value) for name, value in values if value is not None)

    @property
    def files(self) -> list[str]:
        """The configuration and variable files that were read."""
        return list(self._engine.files)

    def origin(self, block: Block, route: Route) -> Origin:
        """The place of a value: `route` are names and positions in `block.attributes`, on into text that encodes JSON.

        When nothing stands there, it is the place of the nearest thing that does, at last of the block (role "resource"). In a module that
        nobody here owns, it is the argument of the call that the value comes from, else the call.
        """
        return self._places.origin(self._instance(block), route)

    def trail(self, block: Block, route: Route) -> Trail:
        """How a value came to be: each local, module argument, output, resource attribute and variable on the way, and where it stands.

        The last step is the variable's default, or the line of the variable file. Empty when the value was written at its use.
        """
        return self._places.trail(self._instance(block), route)

    def span(self, origin: Origin) -> Span:
        """The concrete place of an origin."""
        return self._places.span(origin)

    def region(self, origin: Origin) -> tuple[int, int]:
        """The first and last line of the block that an origin lies in."""
        return self._places.region(origin)

    def refers_to(self, block: Block, route: Route) -> Reference | None:
        """The attribute of another block that the value is, whether stated there or computed; None when it is no such thing."""
        return self._places.refers_to(self._instance(block), route)

    def is_sensitive(self, block: Block, route: Route) -> bool:
        """Whether the value comes from a variable that its author calls sensitive."""
        return self._places.is_sensitive(self._instance(block), route)

    def comments(self, file: str) -> Iterator[tuple[int, str]]:
        """Each comment of a file that was read, with its line."""
        found = self._engine.parsed(file)
        return iter(()) if found is None else found.comments()

    @property
    def _places(self) -> Places:
        if self._found_places is None:
            self._found_places = Places(self._engine, list(self.modules()))
        return self._found_places

    def _instance(self, block: Block) -> Instance:
        evaluator = block.evaluator
        assert isinstance(evaluator, Instance)
        return evaluator

    def release(self) -> None:
        """Let the syntax trees go; everything can still be asked."""
        self._engine.release()
