"""`stackworthy graph`: the resources of stacks and the relations between them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from stackworthy.cli.arguments import what_to_read

if TYPE_CHECKING:
    from stackworthy.config import Settings
    from stackworthy.core.diagnostic import Diagnostic
    from stackworthy.core.review import DiagnosticRecord
    from stackworthy.core.workspace import Workspace
    from stackworthy.reports.graph_json import EnvironmentGraph, StackGraph
    from stackworthy.sources.stack import Reading, StackRef

FORMATS = ("json", "mermaid", "dot", "svg")
ENDINGS = {
    ".json": "json",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    ".svg": "svg",
}

EXAMPLES = """\b
Examples:
  stackworthy graph template.yaml -o stack.svg
  stackworthy graph infra/ --format mermaid --environment prod
  stackworthy graph . | jq '.stacks[].environments[].relations'
"""


@click.command("graph", epilog=EXAMPLES)
@what_to_read
@click.option(
    "--format",
    "format",
    type=click.Choice(FORMATS),
    help="What to write (default: by FILE's ending, else json).",
)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
def command(path: str, format: str | None, output: str | None, root: str | None, **options: Any) -> int:
    """Show the resources of the stacks below PATH (default: this folder) and the relations between them.

    The JSON holds everything, with properties; pictures leave out what only states a relation, such as roles and permissions.
    """
    from stackworthy.cli import output as out
    from stackworthy.cli.errors import Refusal
    from stackworthy.config import Options, load, merge

    chosen = format or _by_ending(output) or "json"
    settings = merge(load(path, root=root), Options(**options))
    graphs = Graphs(path, settings)
    if not graphs.stacks:
        raise Refusal(f"no stack found below {path}", "name a folder, a template, or an assembly (cdk.out)")
    chunks = _chunks(chosen, graphs)
    if output is None:
        out.to_stdout(chunks)
    else:
        out.write(out.checked(output), chunks)
    return graphs.told()


def _by_ending(output: str | None) -> str | None:
    return ENDINGS.get(posixpath.splitext(output.lower())[1]) if output else None


def _chunks(format: str, graphs: Graphs) -> Iterator[bytes]:
    from stackworthy.reports import graph_json

    if format == "json":
        yield from graph_json.chunks(graphs, graphs.diagnostics, graphs.workspace.root)
        return
    from stackworthy.reports.drawing import pictures

    drawn = pictures(graphs)
    if format == "svg":
        from stackworthy.reports.graph_svg import svg as draw
    elif format == "dot":
        from stackworthy.reports.graph_text import dot as draw
    else:
        from stackworthy.reports.graph_text import mermaid as draw
    for line in draw(drawn):
        yield line.encode("utf-8", "replace") + b"\n"


class Graphs:
    """The graphs of the stacks below a path, read one by one as they are asked for."""

    def __init__(self, path: str, settings: Settings) -> None:
        from stackworthy.cli.review import reviewed_folder
        from stackworthy.core.workspace import Disk
        from stackworthy.sources.find import find

        self.settings = settings
        self.workspace: Workspace = Disk(settings.root)
        self.base = reviewed_folder(self.workspace, path)
        found = find(self.workspace, _target(self.workspace, path), settings)
        self.stacks: list[StackRef] = found.stacks
        self.diagnostics = [self._record(entry) for entry in found.diagnostics]
        self.read = 0
        self.problems: list[DiagnosticRecord] = list(self.diagnostics)

    def __iter__(self) -> Iterator[StackGraph]:
        for stack in self.stacks:
            yield self._stack(stack)

    def told(self) -> int:
        """Say on standard error what could not be read; 2 when nothing could."""
        from stackworthy.cli.errors import Refusal, refused

        for entry in self.problems:
            if entry.level == "error":
                place = f"{entry.file}:{entry.line}" if entry.line else entry.file
                refused(Refusal(f"{place}: {entry.message}", entry.hint))
        return 0 if self.read else 2

    def relative(self, file: str) -> str:
        """A file's name as it is shown: relative to the path."""
        return posixpath.relpath(file, self.base) if self.base else file

    def _stack(self, stack: StackRef) -> StackGraph:
        from stackworthy.config import ConfigError, closest
        from stackworthy.core.diagnostic import Diagnostic
        from stackworthy.core.workspace import Unreadable
        from stackworthy.judge import readings, stack_folder
        from stackworthy.reports.graph_json import StackGraph
        from stackworthy.sources.cloudformation.yaml_text import Malformed

        made = StackGraph(self.relative(stack.path), stack.format, [], [])
        try:
            settings = closest(self.settings, stack_folder(stack), self.workspace)
            for environment, reading in readings(self.workspace, stack, settings):
                made.environments.append(
                    self._environment(environment.name if environment else None, reading)
                )
                made.diagnostics += [self._record(entry) for entry in reading.diagnostics]
            self.read += 1
        except Unreadable as error:
            problem = Diagnostic(error.path, 0, "error", error.message, error.hint)
            made.diagnostics.append(self._record(problem))
        except Malformed as error:
            made.diagnostics.append(
                self._record(Diagnostic(stack.path, error.line, "error", error.message, error.hint))
            )
        except ConfigError as error:
            made.diagnostics.append(
                self._record(Diagnostic(error.file, error.line, "error", error.message, error.hint))
            )
        self.problems += made.diagnostics
        return made

    def _environment(self, name: str | None, reading: Reading) -> EnvironmentGraph:
        from stackworthy.reports.graph_json import environment_graph

        return environment_graph(
            reading.graph, name, lambda resource: reading.locator.line(resource.origin), self.relative
        )

    def _record(self, entry: Diagnostic) -> DiagnosticRecord:
        from stackworthy.judge.records import diagnostic_record

        return diagnostic_record(entry, self.relative)


def _target(workspace: Workspace, path: str) -> str:
    import os

    relative = os.path.relpath(os.path.realpath(path), workspace.root).replace(os.sep, "/")
    return "" if relative == "." else relative
