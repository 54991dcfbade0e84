"""One page for each rule, and their index, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.config_file import PILLARS
from stackworthy.core.rule import Rule
from stackworthy.reports.rule_facts import ExampleFacts, RuleFacts, facts
from stackworthy.reports.terminal import SEVERITIES

NOTE = "<!-- Written by tools/make_rule_pages.py from the rule itself; change it there. -->"
INDEX = "README.md"


def pages(rules: Iterable[Rule]) -> dict[str, str]:
    """The text of every page by file name: one per rule, and the index."""
    known = [facts(rule) for rule in rules]
    made = {f"{rule.id}.md": page(rule) for rule in known}
    made[INDEX] = index(known)
    return made


def page(rule: RuleFacts) -> str:
    """The page of one rule."""
    profile = "both profiles" if rule.profile == "recommended" else "the strict profile only"
    parts = [
        f"{NOTE}\n# {rule.id}",
        f"**{rule.severity}** · {rule.pillar} · {profile} · judges {_judged(rule.on)}",
        f"> {rule.message}",
        rule.explanation,
        "## Found",
        *(block for example in rule.bad for block in _shown(example)),
        "## Fine",
        *(block for example in rule.good for block in _shown(example)),
        f"## Fix\n\n{_fix(rule)}",
        f"## Ignore\n\nFor one resource, with the reason:\n\n```yaml\n# stackworthy: ignore[{rule.id}] the reason\n```",
    ]
    if rule.aliases:
        parts.append("## Former names\n\n" + ", ".join(f"`{name}`" for name in rule.aliases))
    if rule.equivalents:
        parts.append(
            "## Other scanners\n\nKnown there as "
            + ", ".join(f"`{name}`" for name in rule.equivalents)
            + "; suppressions under these names are honoured."
        )
    if rule.references:
        parts.append("## References\n\n" + "\n".join(f"- <{url}>" for url in rule.references))
    return "\n\n".join(parts) + "\n"


def index(rules: list[RuleFacts]) -> str:
    """The index: a table for each pillar, the most severe rules first."""
    parts = [
        f"{NOTE}\n# Rules",
        f"{len(rules)} rules. Those marked *strict* take part in `--profile strict` only.",
    ]
    for pillar in PILLARS:
        mine = [rule for rule in rules if rule.pillar == pillar]
        if not mine:
            continue
        mine.sort(key=lambda rule: (SEVERITIES.index(rule.severity), rule.id))
        rows = "\n".join(
            f"| [{rule.id}]({rule.id}.md){' *strict*' if rule.profile != 'recommended' else ''} "
            f"| {rule.severity} | {rule.fix or ''} | {_cell(rule.summary)} |"
            for rule in mine
        )
        parts.append(
            f"## {pillar.capitalize()}\n\n| rule | severity | fix | why |\n|---|---|---|---|\n{rows}"
        )
    return "\n\n".join(parts) + "\n"


def _shown(example: ExampleFacts) -> list[str]:
    """An example as blocks of code: its own, and below it the stack that it belongs to."""
    blocks = [f"```{example.language}\n{example.text}\n```"]
    return [*blocks, f"in a stack with\n\n```yaml\n{example.stack}\n```"] if example.stack else blocks


def _judged(on: str) -> str:
    return " ".join(
        f"`{word.rstrip(',')}`{',' * word.endswith(',')}" if "::" in word else word for word in on.split(" ")
    )


def _fix(rule: RuleFacts) -> str:
    if rule.fix is None:
        return "None: what to change depends on what the stack is for."
    said = {
        "safe": "Safe: it changes nothing that anybody could rely on.",
        "manual": "By hand: the finding says what to do.",
        "unsafe": "Unsafe, so it must be asked for",
    }[rule.fix]
    return f"{said}: {rule.fix_why}." if rule.fix == "unsafe" and rule.fix_why else f"{said.rstrip('.')}."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
