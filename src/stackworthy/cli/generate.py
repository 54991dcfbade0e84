"""`stackworthy generate`: add a whole capability to stacks that lack it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from stackworthy.cli import CLEAN, MISUSED
from stackworthy.cli.arguments import what_to_read

if TYPE_CHECKING:
    from stackworthy.remedy.generate import Generation

EXAMPLES = """\b
Examples:
  stackworthy generate                       the capabilities by name
  stackworthy generate alarms infra/         show what would be written
  stackworthy generate alarms infra/ --write
"""


@click.command("generate", epilog=EXAMPLES)
@click.argument("name", required=False)
@what_to_read
@click.option("--write", "-w", is_flag=True, help="Write it into the files.")
@click.option("--patch", "patch_file", metavar="FILE", help="Write it as a patch that git apply takes.")
@click.option("--allow-dirty", is_flag=True, help="Write although files have changes that are not committed.")
def command(
    name: str | None,
    path: str,
    root: str | None,
    write: bool,
    patch_file: str | None,
    allow_dirty: bool,
    **options: Any,
) -> int:
    """Show the capability NAME as it would be written into the stacks below PATH (default: this folder)."""
    from stackworthy.capabilities.registry import CAPABILITIES
    from stackworthy.cli import output, terminal
    from stackworthy.cli.errors import Refusal, nearest
    from stackworthy.cli.fix import write_edits
    from stackworthy.config import Options, load, merge
    from stackworthy.judge import place
    from stackworthy.remedy.diff import patch
    from stackworthy.remedy.generate import generate
    from stackworthy.sources.find import find

    if name is None:
        width = max(map(len, CAPABILITIES))
        terminal.show(f"{known:<{width}}  {summary}" for known, summary in CAPABILITIES.items())
        return CLEAN
    if name not in CAPABILITIES:
        hint = nearest(name, CAPABILITIES) or "stackworthy generate lists them"
        raise Refusal(f"there is no capability {name!r}", hint)
    settings = merge(load(path, root=root), Options(**options))
    workspace, _, target = place(path, settings)
    made = generate(workspace, find(workspace, target, settings).stacks, settings, name)
    terminal.show(_text(made, terminal.colored(sys.stdout)))
    if patch_file:
        output.write(output.checked(patch_file), [patch(made.originals, made.edits)])
    if write and made.edits:
        write_edits(made.root, made.edits, made.originals, allow_dirty=allow_dirty)
    return CLEAN if made.found or not made.unread else MISUSED


def _text(made: Generation, colored: bool) -> Iterator[str]:
    from stackworthy.cli.fix_output import difference
    from stackworthy.reports.masking import masked_text
    from stackworthy.reports.terminal import harmless

    for item in made.found:
        improvement = item.improvement
        yield masked_text(harmless(f"{item.stack.path}: {improvement.title}"))
        for line in (
            f"already there: {improvement.done}" if improvement.done else improvement.why,
            f"not written: {item.refused}" if item.refused else "",
            *(f"by hand: {step}" for step in improvement.steps),
        ):
            if line:
                yield masked_text(harmless(f"  {line}"))
    for stack, reason in made.unread:
        yield masked_text(harmless(f"{stack.path}: not read: {reason}"))
    if not made.found and not made.unread:
        yield "nothing here that it is for"
    for file in sorted(made.edits):
        yield ""
        yield from difference(file, made.originals.get(file), made.edits[file], colored)
