"""`stackworthy cost`: the monthly bill of stacks, by scenario, at more traffic, and against another path or revision."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from stackworthy.cli.arguments import what_to_read
from stackworthy.cli.errors import Refusal

if TYPE_CHECKING:
    from stackworthy.reports.bill_rows import View

FORMATS = ("text", "json", "markdown", "html", "csv")
DIFF_FORMATS = ("text", "json", "markdown")
BY = ("service", "resource", "stack", "environment")

EXAMPLES = """\b
Examples:
  stackworthy cost                                   the bill of every stack below this folder
  stackworthy cost infra/ --usage infracost-usage.yml --no-free-tier
  stackworthy cost . --scenario cache --format markdown
  stackworthy cost . --sweep requests=1e3..1e9 -o curve.svg
  stackworthy cost diff main .                       what a branch adds to the bill
"""


class BillOrDiff(click.Group):
    """A group whose arguments are a bill's unless they begin with a subcommand."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the bill's command before arguments that name none."""
        if not args or args[0] not in self.commands:
            args = ["bill", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; that of the bill has no name of its own."""
        name, found, rest = super().resolve_command(ctx, args)
        return "" if name == "bill" else name, found, rest


@click.group("cost", cls=BillOrDiff, add_help_option=False)
def command() -> None:
    """Show what stacks cost in a month."""


def terms_options(decorated: Any) -> Any:
    """The options that say under which terms a bill is made."""
    for decorate in reversed(
        (
            click.option("--usage", "usage", multiple=True, type=click.Path(exists=True, dir_okay=False),
                         help="Infracost's usage file (YAML), or measurements (CSV, JSON). Repeatable."),
            click.option("--workload", "workload", type=click.Path(exists=True, dir_okay=False),
                         help="A file with [workload] and [scenario.NAME], instead of those in stackworthy.toml."),
            click.option("--region", default="", help="The region of resources that name none."),
            click.option("--no-free-tier", is_flag=True, help="Charge everything from the first unit."),
            click.option("--account-created", metavar="DATE", type=click.DateTime(("%Y-%m-%d",)),
                         help="When the account was made: opens 12-month offers."),
            click.option("--month", default="", metavar="YYYY-MM", help="A month, instead of the average of 730 h."),
            click.option("--at", "at", default="1x", metavar="10x", help="So many times the traffic."),
        )
    ):  # fmt: skip
        decorated = decorate(decorated)
    return decorated


@command.command("bill", epilog=EXAMPLES, hidden=True)
@what_to_read
@terms_options
@click.option(
    "--by", type=click.Choice(BY), default="service", show_default=True, help="What lines are summed by."
)
@click.option("--scenario", "scenario_names", multiple=True, metavar="NAME",
              help="Set this scenario beside the bill; `all` sets every one. Repeatable.")  # fmt: skip
@click.option(
    "--sweep", metavar="requests=1e3..1e9", help="Show the cost over this range of requests a month."
)
@click.option(
    "--format",
    "format",
    type=click.Choice(FORMATS),
    help="What to write (default: by FILE's ending, else text).",
)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE; with --sweep also .svg or .png.")
def bill(path: str, format: str | None, output: str | None, by: str, scenario_names: tuple[str, ...], sweep: str | None,
         **options: Any) -> int:  # fmt: skip
    """Show what the stacks below PATH (default: this folder) cost in a month, under the workload of stackworthy.toml.

    `stackworthy cost diff A B` compares two paths or git revisions.
    """
    return refusing(lambda: _bill(path, format, output, by, scenario_names, sweep, options))


def refusing(run: Callable[[], int]) -> int:
    """Run, and tell bad usage as a refusal."""
    from stackworthy.core.cost import UsageError

    try:
        return run()
    except UsageError as error:
        where = (
            f"{error.file}:{error.line}: "
            if error.file and error.line
            else f"{error.file}: "
            if error.file
            else ""
        )
        raise Refusal(where + error.message, error.hint) from None


def _bill(
    path: str,
    format: str | None,
    output: str | None,
    by: str,
    names: tuple[str, ...],
    sweep: str | None,
    options: dict[str, Any],
) -> int:
    from stackworthy.cli import bills

    asked = bills.Asked.of(path, options)
    if sweep is not None:
        from stackworthy.cli.sweeps import show

        return show(asked, sweep, format, output)
    views = bills.views(asked, names, everything=by == "environment")
    _write(views, _format(format, output), output, by, path)
    return asked.told()


def _format(format: str | None, output: str | None) -> str:
    if format:
        return format
    if output is None:
        return "text"
    endings = {
        ".json": "json",
        ".md": "markdown",
        ".html": "html",
        ".htm": "html",
        ".csv": "csv",
        ".txt": "text",
    }
    found = next((known for ending, known in endings.items() if output.lower().endswith(ending)), None)
    if found is None:
        raise Refusal(f"the name {output} does not say its format", "give --format")
    return found


def _write(
    views: list[View], format: str, output: str | None, by: str, path: str, *, changes_only: bool = False
) -> None:
    from stackworthy.cli import output as out

    if format == "text" and output is None:
        from stackworthy.cli import terminal
        from stackworthy.reports.terminal import Layout

        layout = Layout(terminal.width(), terminal.colored(sys.stdout))
        terminal.show(_text(views, layout, by, path, changes_only=changes_only))
        return
    chunks = _chunks(views, format, by, path)
    if output is None:
        out.to_stdout(chunks)
    else:
        out.write(out.checked(output), chunks)


def _text(views: list[View], layout: Any, by: str, path: str, *, changes_only: bool = False) -> Iterator[str]:
    from stackworthy.reports import bill_text

    if len(views) == 1:
        yield from bill_text.report(views[0], layout, by, path)
        return
    group = "service" if by == "environment" else by
    yield from bill_text.compared(views, layout, group, changes_only=changes_only)


def _chunks(views: list[View], format: str, by: str, path: str) -> Iterator[bytes]:
    if format == "json":
        from stackworthy.reports import bill_json

        yield bill_json.document(views)
        return
    if format == "text":
        from stackworthy.reports.terminal import Layout

        lines = _text(views, Layout(100), by, path)
    elif format == "markdown":
        from stackworthy.reports import bill_markdown

        lines = bill_markdown.report(views, by)
    elif format == "csv":
        from stackworthy.reports import bill_csv

        lines = bill_csv.report(views)
    else:
        from stackworthy.reports import bill_html

        lines = bill_html.report(views, by)
    for line in lines:
        yield line.encode("utf-8", "replace") + b"\n"


@command.command("diff")
@click.argument("before")
@click.argument("after", default=".")
@click.option(
    "--path", "path", default=".", type=click.Path(exists=True), help="The folder that revisions are read at."
)
@terms_options
@click.option(
    "--by", type=click.Choice(BY[:3]), default="service", show_default=True, help="What lines are summed by."
)
@click.option("--format", "format", type=click.Choice(DIFF_FORMATS), default="text", show_default=True)
@click.option(
    "--fail-above",
    metavar="AMOUNT",
    type=float,
    help="Exit with 1 when the bill rises by more than this a month.",
)
def diff(
    before: str, after: str, path: str, format: str, by: str, fail_above: float | None, **options: Any
) -> int:
    """Show what changes on the bill from BEFORE to AFTER: each a path or a git revision.

    Both are priced under the workload of AFTER.
    """

    def run() -> int:
        from stackworthy.cli import bills

        views = bills.compared(before, after, path, options)
        _write(views, format, None, by, path, changes_only=True)
        rise = views[-1].bill.cost - views[0].bill.cost
        return 1 if fail_above is not None and rise > fail_above else 0

    return refusing(run)
