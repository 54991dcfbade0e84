"""`stackworthy review`: judge every stack below a path, and report."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from stackworthy.cli import CLEAN, FOUND, MISUSED
from stackworthy.cli.against import held_against
from stackworthy.cli.arguments import what_to_read
from stackworthy.config_file import PILLARS, PROFILES, SEVERITIES

if TYPE_CHECKING:
    from stackworthy.cli.output import Target
    from stackworthy.config import Settings
    from stackworthy.core.review import Review
    from stackworthy.core.rule import Rule
    from stackworthy.core.workspace import Workspace

FORMATS = ("text", "json", "sarif", "html", "markdown", "junit", "gitlab", "github")
SHOWN = 30
KEPT_FILES = 8

EXAMPLES = """\b
Examples:
  stackworthy review
  stackworthy review infra/ --environment prod=prod.json --fail-on medium
  stackworthy review -o review.html -o review.sarif
  stackworthy review template.yaml --rule tracing-off --all

Exit code: 0 clean, 1 findings at or above --fail-on, 2 bad use or nothing readable.
"""


@click.command("review", epilog=EXAMPLES)
@what_to_read
@click.option(
    "--format",
    "format",
    type=click.Choice(FORMATS),
    help="What to print (default: text); with -o, what to write.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Write a file besides the printed text: its ending (.txt .json .sarif .html .md .xml), FORMAT=FILE or --format says how. Repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice((*SEVERITIES, "never")),
    help="The least severity that fails (default: high).",
)
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="Judge by this rule only. Repeatable.")
@click.option("--skip", multiple=True, metavar="RULE", help="Leave this rule out. Repeatable.")
@click.option(
    "--pillar",
    "pillars",
    multiple=True,
    type=click.Choice(PILLARS),
    help="Only rules of this pillar. Repeatable.",
)
@click.option("--profile", type=click.Choice(PROFILES), help="Which rules take part (default: recommended).")
@click.option(
    "--max-findings",
    type=click.IntRange(min=0),
    default=SHOWN,
    show_default=True,
    help="How many are shown, worst first.",
)
@click.option("--all", "everything", is_flag=True, help="Show everything, however long.")
@click.option("--quiet", "-q", is_flag=True, help="One line per finding and nothing else.")
@held_against
@click.option("--no-cache", is_flag=True, help="Read everything anew.")
def command(
    path: str,
    format: str | None,
    outputs: tuple[str, ...],
    root: str | None,
    max_findings: int,
    everything: bool,
    quiet: bool,
    no_cache: bool,
    since: dict[str, Any],
    **options: Any,
) -> int:
    """Review the stacks below PATH (default: this folder), a template or an assembly.

    Stacks are found by themselves; settings come from the nearest stackworthy.toml.
    """
    from stackworthy.cli import against
    from stackworthy.cli.output import targets
    from stackworthy.cli.progress import Bar
    from stackworthy.config import Options, load, merge

    files = targets(outputs, FORMATS, format)
    settings = merge(load(path, root=root), Options(**options))
    against.load_own_rules(settings)
    check_rules(settings)
    with Bar(wanted=not quiet) as bar:
        review = against.review(path, settings, bar, since, cached=not no_cache)
    printed = format if format and not outputs else "text"
    limit = None if everything else max_findings
    _Reporter(path, settings, review, quiet).report(printed, files, limit)
    if printed == "text" and not quiet:
        against.show(review, known=since["show_known"])
    if since["changed_since"] and not review.stacks:
        return against.untouched(since["changed_since"])
    if not any(stack.resources for stack in review.stacks):
        return _nothing_read(path, review)
    return FOUND if failing(review, settings.fail_on) else CLEAN


def failing(review: Review, fail_on: str) -> int:
    """How many findings are at or above a severity; none for "never"."""
    if fail_on == "never":
        return 0
    counted = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return sum(count for severity, count in review.summary.findings.items() if severity in counted)


def check_rules(settings: Settings) -> None:
    """Refuse names that are no rule's id, former id or equivalent, before anything is read; unless rules were left out that may have them."""
    from stackworthy.cli.errors import Refusal, nearest
    from stackworthy.judge import own_rules

    skipped = [name for entry in settings.policy.paths for name in entry.skip_rules]
    names = [*settings.rules, *settings.skip, *settings.policy.severity, *skipped]
    if not names or own_rules.loaded().left_out:
        return
    from stackworthy.rules import all_rules

    known = {name for rule in all_rules() for name in (rule.id, *rule.aliases, *rule.equivalents)}
    for name in names:
        if name not in known:
            hint = nearest(name, known) or "stackworthy rules lists them"
            raise Refusal(f"there is no rule {name!r}", hint)


def _nothing_read(path: str, review: Review) -> int:
    """Nothing was judged: that is no clean result. A stack that has no resources is."""
    from stackworthy.cli.errors import Refusal, refused

    broken = [stack for stack in review.stacks if any(entry.level == "error" for entry in stack.diagnostics)]
    if review.stacks and len(broken) < len(review.stacks):
        return CLEAN
    if not review.stacks:
        refused(
            Refusal(
                f"no stack found below {path}",
                "templates, CDK assemblies (cdk.out), Terraform roots and plans, and serverless.yml are found; name the right folder",
            )
        )
    return MISUSED


class _Reporter:
    """Writes one review in as many forms as were asked for."""

    def __init__(self, path: str, settings: Settings, review: Review, quiet: bool) -> None:
        from stackworthy.core.workspace import Disk

        self.path = path
        self.review = review
        self.quiet = quiet
        self.workspace: Workspace = Disk(review.root or settings.root)
        self.base = reviewed_folder(self.workspace, path)
        self.settings = settings
        self.read: dict[str, list[str] | None] = {}

    def report(self, printed: str, files: Sequence[Target], limit: int | None) -> None:
        from stackworthy.cli import output

        for wanted in files:
            output.write(wanted.path, self.chunks(wanted.format, limit=None))
        if printed == "text":
            self.show(limit)
        else:
            output.to_stdout(self.chunks(printed, limit))

    def show(self, limit: int | None) -> None:
        import sys

        from stackworthy.cli import terminal
        from stackworthy.reports.terminal import Layout

        layout = Layout(terminal.width(), terminal.colored(sys.stdout), limit)
        terminal.show(self.text(layout))

    def text(self, layout: Any) -> Iterator[str]:
        from stackworthy.reports import text
        from stackworthy.reports.terminal import inert

        if self.quiet:
            lines = text.one_per_line(self.review)
        else:
            lines = text.report(self.review, layout, self.lines, self.explained, self.settings.fail_on)
        return map(inert, lines)

    def chunks(self, format: str, limit: int | None) -> Iterable[bytes]:
        if format == "json":
            from stackworthy.reports import json

            return json.chunks(self.review)
        if format == "sarif":
            from stackworthy.reports import sarif

            return [sarif.encoded(self.review, self.rules.get, self.base)]
        if format == "gitlab":
            from stackworthy.reports import gitlab

            return [gitlab.encoded(self.review, self.base)]
        if format == "html":
            return (text.encode("utf-8", "replace") for text in self.html())
        return (line.encode("utf-8", "replace") + b"\n" for line in self.written(format, limit))

    def written(self, format: str, limit: int | None) -> Iterable[str]:
        """The lines of a report in one of the formats that are text."""
        from datetime import UTC, datetime

        if format == "junit":
            from stackworthy.reports import junit

            return junit.lines(self.review, datetime.now(UTC))
        if format == "github":
            from stackworthy.reports import github

            return github.lines(self.review, self.base)
        if format == "markdown":
            from stackworthy.reports import markdown

            made = markdown.report(self.review, self.lines, self.explained, self.base)
            return made.rstrip("\n").split("\n")
        from stackworthy.reports.terminal import Layout

        return self.text(Layout(100, False, limit))

    def html(self) -> Iterator[str]:
        from datetime import datetime

        from stackworthy.cli.drawn import drawn
        from stackworthy.reports import html

        graphs = drawn(self.path, self.settings, self.review)
        now = datetime.now().astimezone()
        return html.report(self.review, self.lines, self.rules.get, graphs, now, self.base)

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules that may have judged these stacks; modules that had nothing to judge stay unread."""
        from stackworthy.rules import rules_for, rules_in

        kinds = {
            resource.kind for stack in self.review.stacks for resource in stack.resources if resource.kind
        }
        return {rule.id: rule for module in rules_for(kinds) for rule in rules_in(module)}

    def explained(self, rule: str) -> str:
        """The first paragraph of a rule's explanation, "" for a rule that is not known."""
        from stackworthy.reports.rule_facts import facts

        found = self.rules.get(rule)
        return facts(found).summary if found else ""

    def lines(self, file: str) -> list[str] | None:
        """The lines of a file that the review names; the last few files are kept."""
        from stackworthy.core.workspace import Unreadable

        if file not in self.read:
            if len(self.read) >= KEPT_FILES:
                self.read.pop(next(iter(self.read)))
            try:
                content = self.workspace.read(posixpath.normpath(posixpath.join(self.base, file)))
                self.read[file] = content.decode("utf-8-sig", "replace").split("\n")
            except Unreadable:
                self.read[file] = None
        return self.read[file]


def reviewed_folder(workspace: Workspace, path: str) -> str:
    """The folder that a review's files are relative to, itself relative to the root."""
    import os

    relative = os.path.relpath(os.path.realpath(path), workspace.root).replace(os.sep, "/")
    relative = "" if relative == "." else relative
    return relative if workspace.is_folder(relative) else posixpath.dirname(relative)
