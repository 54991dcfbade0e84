"""`stackworthy comment`: one comment on a pull request: what is new, what is fixed, what changed, what it costs."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

import click

from stackworthy.cli import CLEAN, FOUND, against
from stackworthy.cli.against import with_own_rules
from stackworthy.cli.arguments import what_to_read
from stackworthy.cli.errors import Refusal
from stackworthy.config_file import SEVERITIES

if TYPE_CHECKING:
    from stackworthy.cli.forges import GitHub, GitLab
    from stackworthy.cli.review import _Reporter
    from stackworthy.config import Settings
    from stackworthy.core.review import Review

MAX_PATCH = 4_000
MAX_LISTED = 20

EXAMPLES = """\b
Examples:
  stackworthy comment --github
  stackworthy comment --gitlab infra/ --new-since origin/main
  stackworthy comment --github --print

Tokens: GITHUB_TOKEN; GITLAB_TOKEN (scope api), else CI_JOB_TOKEN.
Exit code: 0 written, 1 written and new findings at or above --fail-on, 2 not written.
"""


@click.command("comment", epilog=EXAMPLES)
@what_to_read
@with_own_rules
@click.option("--github", "forge", flag_value="github", help="Write to a pull request of GitHub.")
@click.option("--gitlab", "forge", flag_value="gitlab", help="Write to a merge request of GitLab.")
@click.option(
    "--new-since", metavar="REV", help="The revision to compare with (default: the target of the request)."
)
@click.option("--number", metavar="N", help="The request's number (default: the one that this job runs for).")
@click.option("--baseline", metavar="FILE", help="Known findings, which are left out.")
@click.option(
    "--cost",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="The JSON of a cost difference, to show it too.",
)
@click.option("--print", "printed", is_flag=True, help="Print the comment instead of writing it.")
@click.option(
    "--fail-on",
    type=click.Choice((*SEVERITIES, "never")),
    help="The least severity of a new finding that fails (default: never).",
)
@click.option("--no-cache", is_flag=True, help="Read everything anew.")
def command(
    path: str,
    root: str | None,
    forge: str | None,
    new_since: str | None,
    number: str | None,
    baseline: str | None,
    cost: str | None,
    printed: bool,
    fail_on: str | None,
    no_cache: bool,
    **options: Any,
) -> int:
    """Comment on the pull request that this job runs for, from the stacks below PATH. An earlier comment is updated in place."""
    from stackworthy.cli import forges, review
    from stackworthy.config import Options, load, merge

    if forge is None:
        raise Refusal("comment where?", "give --github or --gitlab")
    revision = new_since or _target(forge)
    place = None if printed else _forge(forge, number)
    limit = forges.GitHub.limit if forge == "github" else forges.GitLab.limit
    difference = read_cost(cost) if cost else ""
    settings = merge(load(path, root=root), Options(**options))
    against.load_own_rules(settings)
    since = {"baseline": baseline, "changed_since": None, "new_since": revision}
    made = against.review(path, settings, None, since, cached=not no_cache)
    text = body(
        review._Reporter(path, settings, made, quiet=True), difference, limit, _mended(path, settings, made)
    )
    if place is None:
        sys.stdout.write(text + "\n")
    else:
        sys.stdout.write(forges.write(place, text) + "\n")
    return FOUND if review.failing(made, fail_on or "never") else CLEAN


def _mended(path: str, settings: Settings, review: Review) -> dict[str, str]:
    """The proven patches of new findings, by their ids; only those of the first few, so that a comment takes no longer than a review."""
    from stackworthy.remedy import Wanted, remedy
    from stackworthy.remedy.diff import unified

    ids = [finding.id for finding in review.findings if finding.fix and finding.fix.safety != "manual"]
    if not ids:
        return {}
    found = remedy(path, settings, Wanted(findings=frozenset(ids[:MAX_LISTED]), unsafe=True))
    return {
        proposal.record.id: "".join(
            line for file, (before, after) in proposal.edits.items() for line in unified(file, before, after)
        )
        for proposal in found.proposals
    }


def body(reporter: _Reporter, cost: str, limit: int, patches: Mapping[str, str] | None = None) -> str:
    """The comment, at most so many characters: the marker, what changed, what it costs, then the report of what is new, and its patches."""
    from stackworthy.cli.forges import MARKER
    from stackworthy.reports import markdown

    review = reporter.review
    ahead = f"{MARKER}\n{cost}"
    behind = _what_changed(review)
    room = limit - len((ahead + behind).encode("utf-8", "replace"))
    report = markdown.report(review, reporter.lines, reporter.explained, reporter.base, room // 2)
    text = f"{ahead}{report}{behind}"
    for patch in _patches(review, patches or {}):
        if len((text + patch).encode("utf-8", "replace")) > limit:
            break
        text += patch
    return text


def _what_changed(review: Review) -> str:
    """The stacks that are not what they were, with the resources that came and went."""
    from stackworthy.reports.markdown import code
    from stackworthy.reports.masking import masked_text

    changed = review.since.changed if review.since else []
    if not changed:
        return ""
    lines = []
    for stack in changed[:MAX_LISTED]:
        parts = [_counted(stack.added, "added"), _counted(stack.removed, "removed")]
        lines.append(
            f"- {code(masked_text(stack.path))}: {' · '.join(filter(None, parts)) or 'same resources'}"
        )
    if len(changed) > MAX_LISTED:
        lines.append(f"- and {len(changed) - MAX_LISTED:,} more")
    title = f"{len(changed):,} {'stack' if len(changed) == 1 else 'stacks'} changed"
    return f"\n<details><summary>{title}</summary>\n\n" + "\n".join(lines) + "\n\n</details>\n"


def _counted(addresses: list[str], what: str) -> str:
    from stackworthy.reports.markdown import code

    if not addresses:
        return ""
    named = ", ".join(code(address[:120]) for address in addresses[:3])
    more = f" and {len(addresses) - 3:,} more" if len(addresses) > 3 else ""
    return f"{len(addresses):,} {what} ({named}{more})"


def _patches(review: Review, patches: Mapping[str, str]) -> Iterator[str]:
    """The patches of new findings that have one."""
    from stackworthy.reports.markdown import code_in_html
    from stackworthy.reports.masking import masked_line

    for finding in review.findings:
        patch = patches.get(finding.id, "")
        if not 0 < len(patch) <= MAX_PATCH:
            continue
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", patch)), 3)
        shown = "\n".join(masked_line(line) for line in patch.rstrip("\n").split("\n"))
        safety = f"{finding.fix.safety} " if finding.fix else ""
        title = f"{safety}patch for {code_in_html(finding.rule)} of {code_in_html(finding.address)}"
        yield f"\n<details><summary>{title}</summary>\n\n{fence}diff\n{shown}\n{fence}\n\n</details>\n"


def read_cost(path: str) -> str:
    """A cost difference in a line: its numbers `before` and `after` are monthly, in `currency` (USD). Raises `Refusal`."""
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError, RecursionError):
        raise Refusal(
            f"{path} is no JSON that can be read", "give what stackworthy cost diff wrote"
        ) from None
    before, after = (found.get("before"), found.get("after")) if isinstance(found, dict) else (None, None)
    if not _is_amount(before) or not _is_amount(after):
        raise Refusal(f"{path} states no numbers before and after", "give what stackworthy cost diff wrote")
    currency = found.get("currency", "USD")
    unit = currency if isinstance(currency, str) and re.fullmatch("[A-Z]{3}", currency) else "USD"
    return f"**{after - before:+,.2f} {unit} a month** ({before:,.2f} before, {after:,.2f} after)\n\n"


def _is_amount(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _event() -> Mapping[str, Any]:
    """What GitHub says of the event that this job runs for."""
    try:
        with open(os.environ.get("GITHUB_EVENT_PATH", ""), encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _target(forge: str) -> str:
    """The revision that the request is to be merged into. Raises `Refusal` when the job does not say."""
    if forge == "gitlab":
        stated = os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", "")
    else:
        base = (_event().get("pull_request") or {}).get("base") or {}
        stated = base.get("sha") or ""
        if not stated and os.environ.get("GITHUB_BASE_REF"):
            stated = f"origin/{os.environ['GITHUB_BASE_REF']}"
    if not stated:
        raise Refusal("this job does not say which revision to compare with", "give --new-since")
    return str(stated)


def _forge(name: str, number: str | None) -> GitHub | GitLab:
    """Where to write. Raises `Refusal` for what the environment does not say."""
    from stackworthy.cli.forges import GitHub, GitLab

    if name == "github":
        event = _event()
        number = number or str((event.get("pull_request") or {}).get("number") or "")
        return GitHub(
            os.environ.get("GITHUB_API_URL", "https://api.github.com"),
            _stated("GITHUB_REPOSITORY"),
            _number(number),
            _stated("GITHUB_TOKEN"),
        )
    token = os.environ.get("GITLAB_TOKEN", "")
    return GitLab(
        os.environ.get("CI_API_V4_URL", "https://gitlab.com/api/v4"),
        _stated("CI_PROJECT_ID"),
        _number(number or os.environ.get("CI_MERGE_REQUEST_IID", "")),
        token or _stated("CI_JOB_TOKEN", "GITLAB_TOKEN"),
        of_job=not token,
    )


def _stated(name: str, better: str = "") -> str:
    value = os.environ.get(name, "")
    if not value:
        raise Refusal(f"{better or name} is not set", "the job's environment has to say it")
    return value


def _number(text: str) -> str:
    if not text.isdigit():
        raise Refusal("this job does not say for which request it runs", "give --number")
    return text
