"""What a review is held against: a revision, a baseline; the options that say so, and what is printed of it."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stackworthy.cli import CLEAN
from stackworthy.cli.errors import Refusal

if TYPE_CHECKING:
    from stackworthy.config import Settings
    from stackworthy.core.review import Review
    from stackworthy.judge import Progress
    from stackworthy.judge.baseline import Baseline

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--baseline",
        metavar="FILE",
        help="Known findings, which fail nothing (see stackworthy baseline).",
    ),
    click.option(
        "--changed-since",
        metavar="REV",
        help="Only stacks that changes since a git revision touch, or that a range A..B touches.",
    ),
    click.option(
        "--new-since", metavar="REV", help="Only findings that the stacks at a git revision had not."
    ),
    click.option("--show-known", is_flag=True, help="Show also what the baseline or the revision knows."),
)
OWN_RULES = (
    click.option(
        "--own-rules",
        multiple=True,
        metavar="FOLDER",
        type=click.Path(exists=True),
        help="Judge also by the rules in these Python files. Repeatable.",
    ),
    click.option(
        "--trust-rules",
        is_flag=True,
        help="Load own rules that lie in the reviewed tree. They are code: never for what strangers may change.",
    ),
)
NAMES = ("baseline", "changed_since", "new_since", "show_known")


def held_against(command: F) -> F:
    """The options; the command gets them together, as the map `since`."""

    @functools.wraps(command)
    def gathered(*arguments: Any, **options: Any) -> Any:
        since = {name: options.pop(name) for name in NAMES}
        return command(*arguments, since=since, **options)

    made: Any = gathered
    for decorate in reversed(OPTIONS):
        made = decorate(made)
    return with_own_rules(made)  # type: ignore[no-any-return]


def with_own_rules(command: F) -> F:
    """The options that say which rules of a team take part; they are options of the settings."""
    for decorate in reversed(OWN_RULES):
        command = decorate(command)
    return command


def review(
    path: str, settings: Settings, progress: Progress | None, since: dict[str, Any], *, cached: bool
) -> Review:
    """The review, held against what the options say. Raises `Refusal` for a baseline that cannot be read."""
    from stackworthy import judge

    baseline = since["baseline"] or configured(settings)
    if baseline:
        read(baseline)
    wanted = judge.Against(since["changed_since"] or "", since["new_since"] or "", baseline)
    return judge.review(path, settings, progress, cached=cached, against=wanted, tell=tell)


def load_own_rules(settings: Settings, *, told: bool = False) -> None:
    """Let the rules of a team take part, as far as they may. `told`: say what is wrong with them here, for no report will."""
    from stackworthy.judge import own_rules

    typed = settings.options.own_rules
    loaded = own_rules.load(settings.root, settings.own_rules, typed, trusted=settings.trust_rules)
    for item in loaded.diagnostics if told else ():
        where = f"{item.file}:{item.line}" if item.line else item.file
        tell(f"{where} {item.message}")


def configured(settings: Settings) -> str:
    """The baseline that the settings name, "" for none. Raises `Refusal` when it is not there, or a link that leads out of the root."""
    if not settings.baseline:
        return ""
    path = os.path.join(settings.root, settings.baseline)
    if not os.path.realpath(path).startswith(settings.root.rstrip("/") + "/"):
        raise Refusal(f"{settings.baseline} leads out of the reviewed root")
    return os.path.relpath(path)


def read(path: str) -> Baseline:
    """The baseline of a file. Raises `Refusal` that names file and line."""
    from stackworthy.judge import baseline

    try:
        return baseline.read(path)
    except baseline.Damaged as error:
        where = f"{path}:{error.line}" if error.line else path
        raise Refusal(f"{where} {error.message}", error.hint) from None
    except FileNotFoundError:
        raise Refusal(
            f"there is no baseline {path}", f"stackworthy baseline --output {path} makes it"
        ) from None
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}") from None


def tell(note: str) -> None:
    """Say on standard error what is no part of the review."""
    from stackworthy.cli.terminal import for_stream
    from stackworthy.reports.terminal import harmless

    sys.stderr.write(for_stream(f"stackworthy: {harmless(note)}\n", sys.stderr))


def untouched(revision: str) -> int:
    """Nothing changed that a stack reads: that is a clean result."""
    tell(f"no stack reads anything that changed since {revision}")
    return CLEAN


def show(review: Review, *, known: bool) -> None:
    """Print what the review was held against, if anything."""
    from stackworthy.cli import terminal

    terminal.show(lines(review, known=known))


def lines(review: Review, *, known: bool) -> Iterator[str]:
    """What was known, what is fixed, what is stale; with `known`, each known finding."""
    from stackworthy.reports.masking import masked_finding
    from stackworthy.reports.terminal import harmless

    silent = [
        finding
        for stack in review.stacks
        for finding in stack.suppressed
        if finding.suppressed and finding.suppressed.kind in ("baseline", "revision")
    ]
    for finding in silent if known else ():
        clean = masked_finding(finding)
        where = f"{clean.file}:{clean.line}:{clean.column}"
        yield harmless(f" known  {where}: {clean.severity} {clean.rule}: {clean.message}")
    since, baseline = review.since, review.baseline
    if since is not None:
        for finding in since.fixed:
            yield harmless(f" fixed  {finding.file}  {finding.rule}  {finding.address}")
        new = sum(len(stack.findings) for stack in review.stacks)
        yield harmless(
            f" since {since.revision} ({since.commit[:10]}): {new:,} new · {len(since.fixed):,} fixed · {since.known:,} known"
        )
    if baseline is not None:
        yield harmless(f" {baseline.known:,} known by {baseline.file}{_how_to_see(known)}")
        if baseline.stale:
            yield harmless(
                f" {len(baseline.stale):,} of its entries {'is' if len(baseline.stale) == 1 else 'are'} stale: stackworthy baseline --prune --output {baseline.file}"
            )
            for entry in baseline.stale[:5]:
                yield harmless(f"   {entry.rule}  {entry.stack}  {entry.resource}")


def _how_to_see(known: bool) -> str:
    return "" if known else " (--show-known shows them)"
