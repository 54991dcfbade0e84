"""Suppressions beside the resource: comments and metadata, ours and those of other scanners.

`# stackworthy: ignore[rule-id] reason` (with an optional `until=2027-01-31`) silences a rule for the resource whose lines hold it, or that
follows a comment which stands alone; `Metadata: stackworthy: ignore:` does the same, at the top of a template for all of it. `#checkov:skip=ID:reason`, cfn-lint and cfn_nag metadata,
`tfsec:ignore` and `trivy:ignore` (with their `:exp:` dates) count through the rules' `equivalents`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.rule import Rule

MARKERS = (
    "stackworthy:",
    "checkov:skip",
    "tfsec:ignore",
    "trivy:ignore",
)

_OURS = re.compile(r"(?:#|//)\s*stackworthy:\s*ignore\[([^\]]*)\][ \t]*(.*)")
_MALFORMED = re.compile(r"(?:#|//)\s*stackworthy:\s*ignore(?!\[)")
_CHECKOV = re.compile(r"(?:#|//)\s*checkov:skip=\s*([A-Za-z0-9_]+(?:,[A-Za-z0-9_]+)*)(?::[ \t]*(.*))?")
_TFSEC = re.compile(r"(?:tfsec|trivy):ignore:([A-Za-z0-9_-]+)(?::exp:([0-9-]+))?")
_COMMENT = re.compile(r"\s*(?:#|//)")
NO_REASON = "no reason given"
_UNTIL = re.compile(r"\buntil=(\S+)\s*")


class Suppression(msgspec.Struct, frozen=True):
    """One rule (by any of its ids) that somebody silenced; `line` 0 for metadata. `until` is the last day on which it holds.

    `of` is the line that the comment speaks of: its own, or for one that stands alone the first line below that is no comment,
    or, when that is indented less, the line that holds what the comment stands at the end of. `own` tells ours from those of other scanners.
    """

    names: tuple[str, ...]
    reason: str
    kind: str
    file: str
    line: int = 0
    until: datetime.date | None = None
    of: int = 0
    own: bool = False

    def beside(self, first: int, last: int) -> bool:
        """Whether the comment stands in these lines, speaks of the first of them, or stands at their end."""
        at_end = self.of < self.line and first <= self.of <= last
        return first <= self.line <= last or self.of == first or at_end

    def speaks_of(self, rule: Rule) -> bool:
        """Whether it names this rule, in force or not."""
        return not rule.names.isdisjoint(self.names)

    def covers(self, rule: Rule, today: datetime.date) -> bool:
        """Whether it silences this rule today."""
        return self.speaks_of(rule) and (self.until is None or today <= self.until)


def in_comments(file: str, text: str) -> tuple[list[Suppression], list[Diagnostic]]:
    """The suppressions in a file's comments, and what is wrong with them."""
    found: list[Suppression] = []
    problems: list[Diagnostic] = []
    if not any(marker in text for marker in MARKERS):
        return found, problems
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if any(marker in line for marker in MARKERS):
            _ours(file, number, line, found, problems)
            _others(file, number, line, found, problems)
    spoken = _spoken_of(lines) if found else []
    return [msgspec.structs.replace(item, of=spoken[item.line - 1]) for item in found], problems


def _spoken_of(lines: list[str]) -> list[int]:
    """For each line, the line (from 1) that a comment on it speaks of; 0 when it speaks of nothing."""
    spoken: list[int] = []
    below = len(lines) + 1
    for number in range(len(lines), 0, -1):
        line = lines[number - 1]
        if not _COMMENT.match(line):
            below = number
        follows = lines[below - 1] if below <= len(lines) else ""
        leads = below == number or (bool(follows.strip()) and _indent(line) <= _indent(follows))
        spoken.append(below if leads else _holder(lines, number))
    return spoken[::-1]


def _holder(lines: list[str], number: int) -> int:
    """The line above that is indented less than this one: what this one stands in."""
    own = _indent(lines[number - 1])
    for above in range(number - 1, 0, -1):
        line = lines[above - 1]
        if line.strip() and _indent(line) < own and not _COMMENT.match(line):
            return above
    return 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def strangers(suppressions: Iterable[Suppression]) -> Iterator[Diagnostic]:
    """Names in our own suppressions that no rule has: somebody misspelt them, or the rule is gone."""
    from stackworthy.rules import all_rules, rule_named, rules_equivalent

    for suppression in suppressions:
        for name in suppression.names if suppression.own else ():
            if rule_named(name) is None and not rules_equivalent(name):
                import difflib

                near = difflib.get_close_matches(name, [rule.id for rule in all_rules()], 1)
                hint = f"did you mean {near[0]}?" if near else "stackworthy rules lists them"
                message = f"a suppression names {name}, which is no rule"
                yield Diagnostic(suppression.file, suppression.line, "warning", message, hint)


def _others(file: str, number: int, line: str, found: list[Suppression], problems: list[Diagnostic]) -> None:
    for names, reason in _CHECKOV.findall(line):
        found.append(
            Suppression(tuple(names.split(",")), reason.strip() or NO_REASON, "comment", file, number)
        )
    comment = max(line.find("#"), line.find("//"))
    ignored = list(_TFSEC.finditer(line, comment)) if comment >= 0 else []
    reason = line[ignored[-1].end() :].strip() if ignored else ""
    for each in ignored:
        until, _, problem = _until(f"until={each.group(2)}" if each.group(2) else "")
        if problem:
            problems.append(Diagnostic(file, number, "warning", problem, "write :exp:2027-01-31"))
        else:
            found.append(Suppression((each.group(1),), reason or NO_REASON, "comment", file, number, until))


def _ours(file: str, number: int, line: str, found: list[Suppression], problems: list[Diagnostic]) -> None:
    for names, rest in _OURS.findall(line):
        until, rest, problem = _until(rest)
        reason = rest.strip()
        if problem:
            problems.append(Diagnostic(file, number, "warning", problem, "write until=2027-01-31"))
        elif not reason:
            hint = "say why: # stackworthy: ignore[rule-id] the reason"
            problems.append(
                Diagnostic(file, number, "warning", "a suppression without a reason is not honoured", hint)
            )
        else:
            ids = tuple(name.strip() for name in names.split(",") if name.strip())
            found.append(Suppression(ids, reason, "comment", file, number, until, own=True))
    if _MALFORMED.search(line):
        hint = "write # stackworthy: ignore[rule-id] reason"
        problems.append(
            Diagnostic(file, number, "warning", "a suppression that names no rule is not honoured", hint)
        )


def _until(rest: str) -> tuple[datetime.date | None, str, str]:
    found = _UNTIL.search(rest)
    if not found:
        return None, rest, ""
    try:
        day = datetime.date.fromisoformat(found.group(1))
    except ValueError:
        return None, rest, f"{found.group(1)} is not a date, so the suppression is not honoured"
    return day, rest[: found.start()] + rest[found.end() :], ""


def in_metadata(
    file: str, line: int, metadata: Any, *, whole: bool = False
) -> tuple[list[Suppression], list[Diagnostic]]:
    """The suppressions in the `Metadata` of the resource on this line, or (`whole`) of a template; and what is wrong with them.

    Of the other scanners, only cfn-lint reads the metadata of a whole template.
    """
    found: list[Suppression] = []
    problems: list[Diagnostic] = []
    if not isinstance(metadata, Mapping):
        return found, problems

    def add(name: str, reason: str, until: datetime.date | None = None) -> None:
        found.append(Suppression((name,), reason or NO_REASON, "metadata", file, 0, until))

    for owner, entry in metadata.items():
        if owner == "stackworthy":
            for item in _items(entry, "ignore"):
                until, _, problem = _until(f"until={_text(item, 'until')}" if _text(item, "until") else "")
                if problem or not _text(item, "reason"):
                    problem = problem or "a suppression without a reason is not honoured"
                    hint = "write rule, reason and, if you like, until: 2027-01-31"
                    problems.append(Diagnostic(file, line, "warning", problem, hint))
                else:
                    add(_text(item, "rule") or _text(item, "id"), _text(item, "reason"), until)
        elif owner == "checkov" and not whole:
            for item in _items(entry, "skip"):
                add(_text(item, "id"), _text(item, "comment"))
        elif owner == "cfn_nag" and not whole:
            for item in _items(entry, "rules_to_suppress"):
                add(_text(item, "id"), _text(item, "reason"))
        elif owner == "cfn-lint":
            config = entry.get("config") if isinstance(entry, Mapping) else None
            names = config.get("ignore_checks") if isinstance(config, Mapping) else None
            for name in names if isinstance(names, list) else ():
                add(str(name), "cfn-lint ignores it here")
    return found, problems


def _items(entry: Any, name: str) -> Iterable[Any]:
    found = entry.get(name) if isinstance(entry, Mapping) else None
    if isinstance(found, Mapping):
        return [
            {"rule": key, **(value if isinstance(value, Mapping) else {"reason": str(value)})}
            for key, value in found.items()
        ]
    return found if isinstance(found, list) else ()


def _text(item: Any, name: str) -> str:
    value = item.get(name) if isinstance(item, Mapping) else None
    return str(value).strip() if value is not None else ""
