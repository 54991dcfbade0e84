"""Suppressions beside the resource: comments and metadata, ours and those of other scanners.

`# stackworthy: ignore[rule-id] reason` (with an optional `until=2027-01-31`) silences a rule for the resource whose lines hold it or follow it;
`Metadata: stackworthy: ignore:` does the same. `#checkov:skip=ID:reason`, cfn-lint and cfn_nag metadata, `tfsec:ignore` and `trivy:ignore`
count through the rules' `equivalents`.
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
    "cfn_nag",
    "cfn-lint",
    '"checkov"',
    "checkov:",
)

_OURS = re.compile(r"(?:#|//)\s*stackworthy:\s*ignore\[([^\]]*)\][ \t]*(.*)")
_MALFORMED = re.compile(r"(?:#|//)\s*stackworthy:\s*ignore(?!\[)")
_CHECKOV = re.compile(r"(?:#|//)\s*checkov:skip=([A-Za-z0-9_]+)(?::[ \t]*(.*))?")
_TFSEC = re.compile(r"(?:#|//)\s*(?:tfsec|trivy):ignore:([A-Za-z0-9_-]+)(.*)")
_UNTIL = re.compile(r"\buntil=(\S+)\s*")


class Suppression(msgspec.Struct, frozen=True):
    """One rule (by any of its ids) that somebody silenced; `line` 0 for metadata. `until` is the last day on which it holds."""

    names: tuple[str, ...]
    reason: str
    kind: str
    file: str
    line: int = 0
    until: datetime.date | None = None

    def covers(self, rule: Rule, today: datetime.date) -> bool:
        """Whether it silences this rule today."""
        if self.until is not None and today > self.until:
            return False
        return not {rule.id, *rule.aliases, *rule.equivalents}.isdisjoint(self.names)


def in_comments(file: str, text: str) -> tuple[list[Suppression], list[Diagnostic]]:
    """The suppressions in a file's comments, and what is wrong with them."""
    found: list[Suppression] = []
    problems: list[Diagnostic] = []
    if not any(marker in text for marker in MARKERS):
        return found, problems
    for number, line in enumerate(text.splitlines(), 1):
        if "stackworthy:" in line:
            _ours(file, number, line, found, problems)
        if "checkov:skip" in line:
            for identifier, reason in _CHECKOV.findall(line):
                found.append(
                    Suppression((identifier,), reason.strip() or "no reason given", "comment", file, number)
                )
        if ":ignore:" in line:
            for identifier, rest in _TFSEC.findall(line):
                reason = rest.strip() or "no reason given"
                found.append(Suppression((identifier,), reason, "comment", file, number))
    return found, problems


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
            found.append(Suppression(ids, reason, "comment", file, number, until))
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


def in_metadata(file: str, metadata: Any) -> Iterator[Suppression]:
    """The suppressions in a resource's `Metadata`."""
    if not isinstance(metadata, Mapping):
        return
    for owner, entry in metadata.items():
        if owner == "stackworthy":
            yield from _own_metadata(file, entry)
        elif owner == "checkov":
            for item in _items(entry, "skip"):
                yield Suppression(
                    (_text(item, "id"),), _text(item, "comment") or "no reason given", "metadata", file
                )
        elif owner == "cfn_nag":
            for item in _items(entry, "rules_to_suppress"):
                yield Suppression(
                    (_text(item, "id"),), _text(item, "reason") or "no reason given", "metadata", file
                )
        elif owner == "cfn-lint":
            config = entry.get("config") if isinstance(entry, Mapping) else None
            names = config.get("ignore_checks") if isinstance(config, Mapping) else None
            for name in names if isinstance(names, list) else ():
                yield Suppression((str(name),), "cfn-lint ignores it here", "metadata", file)


def _own_metadata(file: str, entry: Any) -> Iterator[Suppression]:
    for item in _items(entry, "ignore"):
        reason = _text(item, "reason")
        until, _, problem = _until(f"until={_text(item, 'until')}" if _text(item, "until") else "")
        if reason and not problem:
            yield Suppression((_text(item, "rule") or _text(item, "id"),), reason, "metadata", file, 0, until)


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
