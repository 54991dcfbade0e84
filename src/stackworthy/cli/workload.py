"""`stackworthy workload`: what flows through each resource, and a start file that names the entry points."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from stackworthy.cli.arguments import what_to_read
from stackworthy.cli.cost import refusing, terms_options
from stackworthy.cli.errors import Refusal

EXAMPLES = """\b
Examples:
  stackworthy workload                          what flows through each resource
  stackworthy workload init . --size medium     write [workload] into stackworthy.toml
"""


class FlowOrInit(click.Group):
    """A group whose arguments are those of the flow unless they begin with a subcommand."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the flow's command before arguments that name none."""
        if not args or args[0] not in self.commands:
            args = ["flow", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; that of the flow has no name of its own."""
        name, found, rest = super().resolve_command(ctx, args)
        return "" if name == "flow" else name, found, rest


@click.group("workload", cls=FlowOrInit, add_help_option=False)
def command() -> None:
    """Show what flows through stacks, or write a start file."""


@command.command("flow", epilog=EXAMPLES, hidden=True)
@what_to_read
@terms_options
@click.option("--format", "format", type=click.Choice(("text", "json")), default="text", show_default=True)
def show(path: str, format: str, **options: Any) -> int:
    """Show how the workload of stackworthy.toml flows through the stacks below PATH (default: this folder), resource by resource.

    `stackworthy workload init` writes a start file.
    """

    def run() -> int:
        from stackworthy.cli import bills
        from stackworthy.reports import workload_text
        from stackworthy.workload.billing import price

        asked = bills.Asked.of(path, options)
        found = price(asked.stacks, asked.terms, asked.prices)
        shown = [workload_text.Shown(flow, asked.environment, found.usage) for flow in found.flows]
        if format == "json":
            import msgspec

            from stackworthy.cli import output

            document = workload_text.document(shown, found.warnings)
            output.to_stdout([msgspec.json.format(msgspec.json.encode(document), indent=1), b"\n"])
        else:
            from stackworthy.cli import terminal
            from stackworthy.reports.terminal import Layout

            layout = Layout(terminal.width(), terminal.colored(sys.stdout))
            terminal.show(workload_text.report(shown, found.warnings, layout))
        return asked.told()

    return refusing(run)


@command.command("init")
@click.argument("path", default=".", type=click.Path(exists=True))
@click.option("--size", type=click.Choice(("small", "medium", "large")), default="small", show_default=True)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write a file of its own, for --workload (default: PATH's stackworthy.toml).",
)
@click.option(
    "--root", type=click.Path(exists=True, file_okay=False), help="Read nothing outside this folder."
)
def init(path: str, size: str, output: str | None, root: str | None) -> int:
    """Write a commented [workload] that names the entry points of the stacks below PATH (default: this folder).

    It is added to a stackworthy.toml that has none; nothing that stands there is changed.
    """
    from stackworthy.config import load
    from stackworthy.judge import place
    from stackworthy.workload import reading
    from stackworthy.workload.presets import start_file

    settings = load(path, root=root)
    workspace, base, target = place(path, settings)
    read = reading.read(workspace, target, base, settings)
    if not read.by_environment:
        raise Refusal(f"no stack found below {path}", "name a folder, a template, or an assembly (cdk.out)")
    graphs = [stack.graph for stack in read.by_environment[read.chosen()]]
    text = start_file(graphs, size)
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    file = output or os.path.join(folder, "stackworthy.toml")
    _add(file, text, fresh=output is not None)
    count = sum(line.endswith('/month"') for line in text.splitlines())
    click.echo(f"{file}: {size} rates for {count} entry points")
    return 0


def _add(file: str, text: str, *, fresh: bool) -> None:
    """Write the start file, or put it behind what a settings file says already. Raises `Refusal`."""
    import tomllib

    from stackworthy.cli import output

    before = ""
    if os.path.exists(file):
        if fresh:
            raise Refusal(f"{file} exists already", "it stays as it is; name another file with -o")
        try:
            with open(file, encoding="utf-8") as stream:
                before = stream.read()
            stated = tomllib.loads(before)
        except (OSError, ValueError) as error:
            raise Refusal(
                f"{file} cannot be read: {str(error)[:100]}", "mend it first, or name a file with -o"
            ) from None
        if "workload" in stated:
            raise Refusal(f"{file} states a workload already", "it stays as it is; name a file with -o")
        before = before.rstrip("\n") + "\n\n" if before.strip() else ""
    output.write(output.checked(file), [(before + text).encode()])
