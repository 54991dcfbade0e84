"""`stackworthy baseline`: write down the findings that a team knows, take in more of them, forget those that are gone."""

from __future__ import annotations

import datetime
import os
from typing import TYPE_CHECKING, Any

import click

from stackworthy.cli import CLEAN
from stackworthy.cli.against import with_own_rules
from stackworthy.cli.arguments import what_to_read
from stackworthy.cli.errors import Refusal

if TYPE_CHECKING:
    from stackworthy.core.review import FindingRecord
    from stackworthy.judge import Run
    from stackworthy.judge.baseline import Baseline
    from stackworthy.sources.stack import StackRef

REASON = "was there when the baseline was written"

EXAMPLES = """\b
Examples:
  stackworthy baseline                      take in every finding that is not known yet
  stackworthy baseline --prune              forget those that are gone
  stackworthy baseline --add tracing-off --reason "until the summer"
  stackworthy review --baseline stackworthy-baseline.json
"""


@click.command("baseline", epilog=EXAMPLES)
@what_to_read
@with_own_rules
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="The baseline (default: that of stackworthy.toml, else stackworthy-baseline.json).",
)
@click.option("--prune", is_flag=True, help="Only remove entries that no finding answers to.")
@click.option(
    "--add",
    "added",
    multiple=True,
    metavar="ID",
    help="Only take in this finding (its id), or all of this rule. Repeatable; needs --reason.",
)
@click.option("--reason", default="", help="Why they may stay.")
@click.option("--author", default="", help="Who says so (default: the user that git knows).")
@click.option("--no-cache", is_flag=True, help="Read everything anew.")
def command(
    path: str,
    root: str | None,
    output: str | None,
    prune: bool,
    added: tuple[str, ...],
    reason: str,
    author: str,
    no_cache: bool,
    **options: Any,
) -> int:
    """Write or change the baseline of the stacks below PATH: findings that fail nothing from now on."""
    from stackworthy import judge
    from stackworthy.cli import against, progress
    from stackworthy.cli import output as files
    from stackworthy.config import Options, load, merge
    from stackworthy.judge.baseline import FILE_NAME, Baseline

    if added and not reason.strip():
        raise Refusal("--add needs --reason", "say why the finding may stay")
    settings = merge(load(path, root=root), Options(**options))
    against.load_own_rules(settings, told=True)
    file = output or (_in_root(settings.root, settings.baseline) if settings.baseline else FILE_NAME)
    files.checked(file)
    baseline = against.read(file) if os.path.exists(file) else Baseline()
    with progress.Bar() as bar:
        run = judge.run(path, settings, bar, cached=not no_cache)
    if not run.judged:
        raise Refusal(f"no stack found below {path}", "a baseline speaks of the findings of stacks")
    author = author or _git_user(settings.root)
    stale = [] if settings.options.narrow else baseline.stale(run.judged, run.target)
    taken = 0
    if added or not prune:
        day = datetime.date.today()
        for stack, finding in _chosen(run, added):
            taken += baseline.add(stack, finding, author, reason.strip() or REASON, day)
    if prune:
        baseline.remove(stale)
    files.write(file, [baseline.encoded()])
    _say(file, baseline, taken, len(stale), prune)
    return CLEAN


def _in_root(root: str, path: str) -> str:
    return os.path.relpath(os.path.join(root, path))


def _chosen(run: Run, added: tuple[str, ...]) -> list[tuple[StackRef, FindingRecord]]:
    """The findings that are taken in. Raises `Refusal` for an id that nothing has."""
    every = [(stack, finding) for stack, one in run.judged.items() for finding in one.review.findings]
    if not added:
        return every
    for name in added:
        if not any(name in (finding.id, finding.rule) for _, finding in every):
            hint = "the ids stand in the JSON report: stackworthy review --format json"
            raise Refusal(f"no finding has the id or the rule {name!r}", hint)
    return [(stack, finding) for stack, finding in every if {finding.id, finding.rule} & set(added)]


def _git_user(root: str) -> str:
    """The name of git's user, or their address. Raises `Refusal` when git knows nobody."""
    from stackworthy.core.workspace import Unreadable, git

    for key in ("user.name", "user.email"):
        try:
            name = git(root, "config", "--get", key).decode("utf-8", "replace").strip()
        except Unreadable:
            continue
        if name:
            return name
    raise Refusal("git knows no user to name as the author", "give --author")


def _say(file: str, baseline: Baseline, taken: int, stale: int, pruned: bool) -> None:
    from stackworthy.cli import terminal
    from stackworthy.reports.terminal import harmless

    parts = [f"{taken:,} taken in"]
    if stale:
        parts.append(
            f"{stale:,} removed that nothing answers to"
            if pruned
            else f"{stale:,} stale: stackworthy baseline --prune"
        )
    entries = "entry" if len(baseline.entries) == 1 else "entries"
    terminal.show([harmless(f"{file}: {len(baseline.entries):,} {entries}, {', '.join(parts)}")])
