"""`stackworthy plan`: what to do first, what it saves, and how to take it back; and how far a plan is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from stackworthy.cli import CLEAN, FOUND
from stackworthy.cli.arguments import what_to_read
from stackworthy.cli.cost import refusing, terms_options

if TYPE_CHECKING:
    from stackworthy.plan.model import Plan

FORMATS = ("markdown", "html", "json", "csv")
ENDINGS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".csv": "csv",
}

EXAMPLES = """\b
Examples:
  stackworthy plan                                  the plan of every stack below this folder, as Markdown
  stackworthy plan infra/ -o plan.html              the same as a page with charts
  stackworthy plan infra/ -o plan.json              keep it
  stackworthy plan infra/ --check plan.json         how far it is

Savings are bills: after minus before, under the workload of stackworthy.toml, each improvement on top of those before it.
"""


@click.command("plan", epilog=EXAMPLES)
@what_to_read
@terms_options
@click.option(
    "--format",
    "format",
    type=click.Choice(FORMATS),
    help="What to write (default: by FILE's ending, else markdown).",
)
@click.option("-o", "--output", metavar="FILE", help="Write to FILE.")
@click.option("--all", "everything", is_flag=True, help="Keep advice that costs more than all the stacks do.")
@click.option("--check", "kept", type=click.Path(exists=True, dir_okay=False), metavar="PLAN.json",
              help="Say which acceptance criteria of a kept plan hold now.")  # fmt: skip
def command(
    path: str, format: str | None, output: str | None, everything: bool, kept: str | None, **options: Any
) -> int:
    """Plan improvements of the stacks below PATH (default: this folder): in phases, with what they save.

    With --check, exit code 1 means that something is left to do.
    """
    return refusing(lambda: _run(path, format, output, everything, kept, options))


def _run(
    path: str,
    format: str | None,
    output: str | None,
    everything: bool,
    kept: str | None,
    options: dict[str, Any],
) -> int:
    from stackworthy.cli import bills, terminal
    from stackworthy.cli import output as files
    from stackworthy.cli.progress import Bar
    from stackworthy.config import Options, load, merge
    from stackworthy.judge import place
    from stackworthy.plan import Asked, plan
    from stackworthy.workload.reading import own_prices

    chosen = _format(format, output)
    if output is not None:
        files.checked(output)
    settings = load(path, root=options.get("root"))
    settings = merge(settings, Options(**{name: options[name] for name in bills.READ if options.get(name)}))
    if kept is not None:
        return _check(kept, path, settings)
    workspace, _, _ = place(path, settings)
    workload = options.get("workload")
    asked = Asked(
        terms=bills.terms_of(options),
        workload=bills.workload_of(workload),
        prices=bills.prices_of(workload, own_prices(workspace, settings)) if workload else None,
        dearer_than_bill=everything,
    )
    with Bar(wanted=output is not None or chosen in ("markdown", "csv")) as bar:
        made = plan(path, settings, asked, bar)
    text = "\n".join(_written(made, chosen)) + "\n" if chosen != "html" else "".join(_written(made, chosen))
    if output is not None:
        files.write(output, [text.encode("utf-8", "replace")])
        sys.stderr.write(f"wrote {output}\n")
    elif chosen in ("markdown", "csv"):
        terminal.show(text.splitlines())
    else:
        click.echo(text, nl=False)
    return CLEAN


def _format(format: str | None, output: str | None) -> str:
    from stackworthy.cli.errors import Refusal

    if format or output is None:
        return format or "markdown"
    found = next((known for ending, known in ENDINGS.items() if output.lower().endswith(ending)), None)
    if found is None:
        raise Refusal(f"the name {output} does not say its format", "give --format")
    return found


def _written(plan: Plan, format: str) -> Iterator[str]:
    if format == "json":
        from stackworthy.plan.document import encoded

        yield encoded(plan)
    elif format == "html":
        from stackworthy.plan import html

        yield from html.report(plan)
    elif format == "csv":
        from stackworthy.plan import table

        yield from table.report(plan)
    else:
        from stackworthy.plan import markdown

        yield from markdown.report(plan)


def _check(kept: str, path: str, settings: Any) -> int:
    from stackworthy.cli import terminal
    from stackworthy.cli.errors import Refusal
    from stackworthy.plan.document import NotAPlan, read
    from stackworthy.plan.progress import progress
    from stackworthy.reports.terminal import harmless

    try:
        made = progress(read(kept), path, settings)
    except NotAPlan as error:
        raise Refusal(f"{kept} {error}", "stackworthy plan -o plan.json writes one") from None
    lines = []
    for item in made:
        state = "done" if item.done else f"{item.met} of {item.total}"
        lines.append(harmless(f"{state:>9}  {item.number} {item.title}"))
        lines += [harmless(f"{'':>11}left: {text}") for text in item.left]
    finished = sum(item.done for item in made)
    lines.append(f"{finished} of {len(made)} improvements are done")
    terminal.show(lines)
    return CLEAN if finished == len(made) else FOUND
