"""`stackworthy rules`: every rule in a line, or all that there is to say of them as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from stackworthy.config_file import PILLARS, PROFILES

if TYPE_CHECKING:
    from stackworthy.reports.rule_facts import RuleFacts
    from stackworthy.reports.terminal import Layout

EXAMPLES = """\b
Examples:
  stackworthy rules --pillar security
  stackworthy rules --format json
"""


@click.command("rules", epilog=EXAMPLES)
@click.option("--format", "format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option(
    "--pillar", "pillars", multiple=True, type=click.Choice(PILLARS), help="Only this pillar. Repeatable."
)
@click.option(
    "--profile", type=click.Choice(PROFILES), help="Only the rules of this profile (strict has them all)."
)
def command(format: str, pillars: tuple[str, ...], profile: str | None) -> int:
    """List the rules: id, severity, pillar, profile and what they say."""
    from stackworthy.reports.rule_facts import facts
    from stackworthy.rules import all_rules

    rules = [
        facts(rule)
        for rule in all_rules()
        if (not pillars or rule.pillar in pillars)
        and (profile in (None, "strict") or rule.profile == profile)
    ]
    if format == "json":
        _json(rules)
    else:
        import sys

        from stackworthy.cli import terminal
        from stackworthy.reports.terminal import Layout

        terminal.show(listed(rules, Layout(terminal.width(), terminal.colored(sys.stdout))))
    return 0


def _json(rules: list[RuleFacts]) -> None:
    import msgspec

    from stackworthy.cli import output

    encoded = msgspec.json.format(msgspec.json.encode(rules), indent=2)
    output.to_stdout([encoded, b"\n"])


def listed(rules: list[RuleFacts], layout: Layout) -> Iterator[str]:
    """The rules in columns, by pillar and severity; `+` marks those of the strict profile, F those with a fix."""
    from stackworthy.reports.terminal import LOOKS, SEVERITIES, amount, cropped

    widest = max((len(rule.id) for rule in rules), default=0)
    for pillar in PILLARS:
        mine = [rule for rule in rules if rule.pillar == pillar]
        mine.sort(key=lambda rule: (SEVERITIES.index(rule.severity), rule.id))
        if not mine:
            continue
        yield layout.style(pillar, bold=True)
        for rule in mine:
            marks = ("F" if rule.fix in ("safe", "unsafe") else " ") + (
                "+" if rule.profile == "strict" else " "
            )
            severity = layout.style(f"{rule.severity:<8}", **LOOKS[rule.severity])
            room = layout.width - widest - 17
            summary = f"  {cropped(rule.summary, room)}" if room > 20 else ""
            yield f"  {severity} {marks} {rule.id:<{widest}}{summary}".rstrip()
        yield ""
    yield f"{amount(len(rules), 'rule')}. F: has a fix. +: of the strict profile only. stackworthy explain RULE tells more."
