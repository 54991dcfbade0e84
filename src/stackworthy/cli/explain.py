"""`stackworthy explain`: what a rule finds, why it matters, and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from stackworthy.core.rule import Rule
    from stackworthy.reports.rule_facts import RuleFacts
    from stackworthy.reports.terminal import Layout

EXAMPLES = """\b
Examples:
  stackworthy explain tracing-off
  stackworthy explain CKV_AWS_50       another scanner's id for the same fault
"""


@click.command("explain", epilog=EXAMPLES)
@click.argument("rule")
def command(rule: str) -> int:
    """Explain RULE, given by its id, a former id, or the id of another scanner."""
    import sys

    from stackworthy.cli import terminal
    from stackworthy.reports.rule_facts import facts
    from stackworthy.reports.terminal import Layout

    layout = Layout(terminal.width(), terminal.colored(sys.stdout))
    for index, found in enumerate(find(rule)):
        if index:
            terminal.show(["", ""])
        terminal.show(explanation(facts(found), layout))
    return 0


def find(name: str) -> list[Rule]:
    """The rules that a name stands for: one by id or former id, else all that other scanners call so. Raises `Refusal`."""
    from stackworthy.cli.errors import Refusal, nearest
    from stackworthy.rules import all_rules

    rules = all_rules()
    wanted = name.strip().lower()
    found = [rule for rule in rules if wanted == rule.id or wanted in rule.aliases]
    found = found or [rule for rule in rules if wanted in (one.lower() for one in rule.equivalents)]
    if found:
        return found
    ids = [known for rule in rules for known in (rule.id, *rule.aliases, *rule.equivalents)]
    raise Refusal(f"there is no rule {name!r}", nearest(name, ids) or "stackworthy rules lists them")


def explanation(rule: RuleFacts, layout: Layout) -> Iterator[str]:
    """The screen that explains a rule."""
    from stackworthy.reports.terminal import LOOKS, MAX_TEXT, wrapped

    room = min(layout.width, MAX_TEXT) - 2
    profile = "" if rule.profile == "recommended" else f" · {rule.profile} profile only"
    yield layout.style(rule.id, bold=True)
    yield f"{layout.style(rule.severity, **LOOKS[rule.severity])} · {rule.pillar}{profile} · judges {rule.on}"
    for paragraph in rule.explanation.split("\n\n"):
        yield ""
        yield from ("  " + line for line in wrapped(paragraph, room))
    for title, examples in (("Found", rule.bad), ("Fine", rule.good)):
        for index, example in enumerate(examples):
            yield ""
            yield layout.style(title if index == 0 else f"{title}, too", bold=True)
            yield from ("  " + line for line in example.text.splitlines())
            if example.stack:
                yield "  in a stack with"
                yield from ("    " + line for line in example.stack.splitlines())
    yield ""
    yield layout.style("Fix", bold=True)
    why = f": {rule.fix_why}" if rule.fix_why else ""
    yield from (
        "  " + line for line in wrapped(f"{rule.fix}{why}" if rule.fix else "none; change it by hand", room)
    )
    if rule.references:
        yield ""
        yield layout.style("References", bold=True)
        yield from ("  " + url for url in rule.references)
    if rule.equivalents:
        yield ""
        yield layout.style("Other scanners' ids", bold=True)
        yield from ("  " + line for line in wrapped(", ".join(rule.equivalents), room))
    yield ""
    yield layout.style("Ignore it for one resource, with the reason", bold=True)
    yield f"  # stackworthy: ignore[{rule.id}] the reason"
