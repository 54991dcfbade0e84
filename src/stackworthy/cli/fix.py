"""`stackworthy fix`: prove fixes on a copy, show them, and write them when asked to."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from stackworthy.cli import CLEAN
from stackworthy.cli.arguments import what_to_read
from stackworthy.config_file import PROFILES

if TYPE_CHECKING:
    from decimal import Decimal

    from stackworthy.config import Settings
    from stackworthy.remedy import Remedy, Wanted

EXAMPLES = """\b
Examples:
  stackworthy fix                                  show the safe fixes as differences
  stackworthy fix --write                          write them
  stackworthy fix --unsafe --rule tracing-off      what must be asked for
  stackworthy fix --branch better --unsafe         one commit for each rule on a new branch
  stackworthy fix --patch fix.patch --rollback undo.patch

Every fix is proven on a copy first: the files still read, the graph differs only as meant, the finding is gone, and
nothing new is found. Nothing is written without --write, --interactive, --patch or --branch.

Exit code: 0 done, 2 bad use or nothing written.
"""


@click.command("fix", epilog=EXAMPLES)
@what_to_read
@click.option("--write", "-w", is_flag=True, help="Write the fixes into the files.")
@click.option("--unsafe", is_flag=True, help="Add the fixes that must be asked for; each says why.")
@click.option(
    "--rule", "only_rules", multiple=True, metavar="RULE", help="Fix this rule's findings only. Repeatable."
)
@click.option(
    "--resource", "resources", multiple=True, metavar="ADDRESS", help="Fix this resource only. Repeatable."
)
@click.option("--interactive", "-i", is_flag=True, help="Ask for each fix, then write those that were taken.")
@click.option(
    "--patch", "patch_file", metavar="FILE", help="Write the fixes as a patch that git apply takes."
)
@click.option("--rollback", "rollback_file", metavar="FILE", help="Write the patch that takes them back.")
@click.option(
    "--branch", metavar="NAME", help="Commit the fixes on a new git branch, one commit for each rule."
)
@click.option("--allow-dirty", is_flag=True, help="Write although files have changes that are not committed.")
@click.option("--explain", is_flag=True, help="Show each proof, and what is not offered and why.")
@click.option(
    "--lint/--no-lint",
    default=None,
    help="Refuse what brings up a new error of cfn-lint, where it is installed (default: when writing or explaining).",
)
@click.option(
    "--profile", type=click.Choice(PROFILES), help="Whose findings are fixed (default: recommended)."
)
@click.option(
    "--format", "format", type=click.Choice(("text", "json")), default="text", help="What to print."
)
def command(
    path: str,
    root: str | None,
    write: bool,
    unsafe: bool,
    only_rules: tuple[str, ...],
    resources: tuple[str, ...],
    interactive: bool,
    patch_file: str | None,
    rollback_file: str | None,
    branch: str | None,
    allow_dirty: bool,
    explain: bool,
    lint: bool | None,
    format: str,
    **options: Any,
) -> int:
    """Show proven fixes for the stacks below PATH (default: this folder), or write them."""
    from stackworthy import remedy
    from stackworthy.cli.progress import Bar
    from stackworthy.config import Options, load, merge

    settings = merge(load(path, root=root), Options(**options))
    wanted = remedy.Wanted(_known(only_rules), frozenset(resources), None, unsafe)
    _recover(path, settings)
    if lint is None:
        lint = bool(write or explain or interactive or branch or patch_file)
    if branch:
        return _branch(path, settings, wanted, branch, lint=lint)
    with Bar(wanted=format == "text") as bar:
        found = remedy.remedy(path, settings, wanted, bar, remedy.Outside(lint=lint and not interactive))
    _check_resources(found, resources)
    if interactive:
        found = _chosen(path, settings, wanted, found, lint=lint)
    if not interactive:
        _show(found, _bills(path, found, settings), format, explain=explain, unsafe=unsafe)
    _write_patches(found, patch_file, rollback_file)
    if (write or interactive) and found.edits:
        write_edits(found.root, found.edits, found.originals, allow_dirty=allow_dirty)
    return CLEAN


def _known(rules: tuple[str, ...]) -> frozenset[str]:
    from stackworthy.cli.errors import Refusal, nearest

    if rules:
        from stackworthy.rules import all_rules

        known = {name for rule in all_rules() for name in rule.names}
        for name in rules:
            if name not in known:
                raise Refusal(
                    f"there is no rule {name!r}", nearest(name, known) or "stackworthy rules lists them"
                )
    return frozenset(rules)


def _check_resources(found: Remedy, resources: tuple[str, ...]) -> None:
    from stackworthy.cli.errors import Refusal, nearest

    known = {
        resource.address
        for stack in found.stacks
        if stack.before is not None
        for view in stack.before.views
        for resource in view.reading.graph
    }
    for address in resources:
        if address not in known:
            hint = nearest(address, known) or "stackworthy graph lists the addresses"
            raise Refusal(f"there is no resource {address!r}", hint)


def _recover(path: str, settings: Settings) -> None:
    """Finish what a killed run began, before anything is read."""
    from stackworthy.cli.errors import Refusal
    from stackworthy.judge import place
    from stackworthy.remedy.files import NotWritten, recover

    workspace, _, _ = place(path, settings)
    try:
        finished = recover(workspace.root)
    except NotWritten as error:
        raise Refusal(error.message, error.hint) from None
    if finished:
        click.echo(f"finished a run that was interrupted: {', '.join(finished)}", err=True)


def _bills(path: str, found: Remedy, settings: Settings) -> dict[str, Decimal]:
    """What each fix does to the bill, when a workload is stated."""
    from stackworthy.judge import place
    from stackworthy.plan.effects import effects

    _, base, _ = place(path, settings)
    return effects(found, settings, base)


def _show(found: Remedy, bills: Mapping[str, Decimal], format: str, *, explain: bool, unsafe: bool) -> None:
    import sys

    from stackworthy.cli import fix_output, terminal

    if format == "json":
        import json

        click.echo(json.dumps(fix_output.data(found, bills), indent=2, ensure_ascii=False))
        return
    terminal.show(
        fix_output.text(
            found, colored=terminal.colored(sys.stdout), explain=explain, unsafe=unsafe, bills=bills
        )
    )


def _chosen(path: str, settings: Settings, wanted: Wanted, found: Remedy, *, lint: bool) -> Remedy:
    """Ask for each fix; then prove those that were taken once more, as they stand together."""
    import sys

    import msgspec

    from stackworthy import remedy
    from stackworthy.cli import fix_output, terminal

    taken: set[str] = set()
    rest = ""
    for proposal in found.proposals:
        terminal.show(fix_output.one(proposal, colored=terminal.colored(sys.stdout)))
        answer = rest or click.prompt(
            "Take this fix? y(es), n(o), a(ll that follow), q(uit)",
            type=click.Choice(("y", "n", "a", "q")),
            default="n",
        )
        if answer == "q":
            break
        rest = "a" if answer == "a" else ""
        if answer in ("y", "a"):
            taken.add(proposal.record.id)
    if not taken:
        return remedy.Remedy(found.root)
    wanted = msgspec.structs.replace(wanted, findings=frozenset(taken))
    return remedy.remedy(path, settings, wanted, None, remedy.Outside(lint=lint))


def _write_patches(found: Remedy, patch_file: str | None, rollback_file: str | None) -> None:
    from stackworthy.cli import output
    from stackworthy.remedy.diff import patch, rollback

    if patch_file:
        output.write(output.checked(patch_file), [patch(found.originals, found.edits)])
    if rollback_file:
        output.write(output.checked(rollback_file), [rollback(found.originals, found.edits)])


def write_edits(
    root: str, edits: Mapping[str, bytes], originals: Mapping[str, bytes | None], *, allow_dirty: bool
) -> None:
    """Write files, all or none, and say so. Raises `Refusal` when that must not or cannot be."""
    from stackworthy.cli.errors import Refusal
    from stackworthy.remedy.files import NotWritten, write

    if not allow_dirty:
        _refuse_dirty(root)
    try:
        write(root, edits, originals)
    except NotWritten as error:
        raise Refusal(error.message, error.hint) from None
    click.echo(f"wrote {len(edits)} file{'' if len(edits) == 1 else 's'}; git diff shows them")


def _refuse_dirty(root: str) -> None:
    """Changes that are not committed would be mixed with ours."""
    from stackworthy.cli.errors import Refusal

    command = ["git", "-c", "core.fsmonitor=false", "status", "--porcelain", "--untracked-files=no"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=60)  # noqa: S603
    except FileNotFoundError:
        return
    changed = [line[3:] for line in done.stdout.decode(errors="replace").splitlines()]
    if done.returncode == 0 and changed:
        shown = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
        raise Refusal(
            f"there are changes that are not committed: {shown}",
            "commit or stash them, or give --allow-dirty",
        )


def _branch(path: str, settings: Settings, wanted: Wanted, branch: str, *, lint: bool) -> int:
    from stackworthy.judge import place
    from stackworthy.remedy import Outside
    from stackworthy.remedy.branch import commit_fixes

    workspace, _, target = place(path, settings)
    commits = commit_fixes(workspace.root, target, settings, wanted, branch, Outside(lint=lint))
    for commit in commits:
        click.echo(f"{commit.hash[:9]} {commit.subject}")
    said = (
        f"{len(commits)} commits on {branch}: git switch {branch}"
        if commits
        else "nothing to fix; no branch was made"
    )
    click.echo(said)
    return CLEAN
