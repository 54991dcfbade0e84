"""`stackworthy test-rules`: the examples of own rules, by the same checks as those of the built-in ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stackworthy.cli import CLEAN, FOUND
from stackworthy.cli.errors import Refusal

if TYPE_CHECKING:
    from stackworthy.core.rule import Rule

EXAMPLES = """\b
Examples:
  stackworthy test-rules rules/
  stackworthy test-rules rules/tracing.py

Exit code: 0 every example is as its rule says, 1 some are not, 2 bad use.
"""


@click.command("test-rules", epilog=EXAMPLES)
@click.argument("path", default=".", type=click.Path(exists=True))
def command(path: str) -> int:
    """Run the bad and good examples of the rules in PATH, a folder of Python files or one of them (default: this folder).

    The rules are loaded, that is: their code runs.
    """
    from stackworthy.cli import terminal
    from stackworthy.judge import own_rules
    from stackworthy.reports.terminal import harmless

    loaded = own_rules.load(path, typed=(path,), trusted=True)
    lines = []
    for item in loaded.diagnostics:
        where = f"{item.file}:{item.line}" if item.line else item.file
        lines.append(f"{where}: {item.message}")
    count = 0
    for where, rules in loaded.rules.items():
        for rule in rules:
            count += 1
            problems = list(checked(rule))
            lines.append(f"{'failed' if problems else 'passed'}  {rule.id}  {where}")
            lines.extend(f"        {problem}" for problem in problems)
    if not count and not loaded.diagnostics:
        raise Refusal(f"there is no rule in {path}", "a file of rules ends with RULES = (MyRule(),)")
    failed = sum(line.startswith("failed") for line in lines) + len(loaded.diagnostics)
    lines.append(
        f"{count:,} {'rule' if count == 1 else 'rules'}, {failed:,} {'problem' if failed == 1 else 'problems'}"
    )
    terminal.show(harmless(line) for line in lines)
    return FOUND if failed else CLEAN


def checked(rule: Rule) -> list[str]:
    """Everything that is wrong with a rule. What an example raises is told like the rest; checks that need sound examples then end."""
    from stackworthy.judge import harness

    problems: dict[str, None] = {}
    for check in harness.CHECKS:
        try:
            problems.update(dict.fromkeys(check(rule)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  a team's code may raise anything
            said = " ".join(str(error).split())[:300]
            problems[f"{check.__name__.replace('_', ' ')}: {type(error).__name__}: {said}"] = None
        if (
            problems
            and check is harness.says_what_it_is
            and not (getattr(rule, "bad", None) and getattr(rule, "good", None))
        ):
            break
    return list(problems)
