"""The baseline: findings that a team knows and does not fix now, by rule, stack, resource and property. Never by line.

The file is JSON of the schema `stackworthy.baseline/1`, one finding a line, sorted, so that branches merge it.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from stackworthy.core.review import BaselineRecord, FindingRecord, StackReview, StaleRecord, SuppressionRecord
from stackworthy.judge.cache import Judged
from stackworthy.judge.known import silenced
from stackworthy.sources.stack import StackRef

SCHEMA = "stackworthy.baseline/1"
FILE_NAME = "stackworthy-baseline.json"
MAX_BYTES = 64 * 2**20
Identity = tuple[str, str, str, str]


class Damaged(Exception):
    """A baseline that cannot be read: `line` (0: the whole file), what is wrong, what to do."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.hint = hint


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A known finding: `stack` is its path relative to the root, `date` the day on which it was taken in (ISO)."""

    rule: str
    stack: str
    resource: str
    property: str
    date: datetime.date
    author: str
    reason: str

    def identity(self) -> Identity:
        """What a finding is known by."""
        return self.rule, self.stack, self.resource, self.property

    def record(self) -> StaleRecord:
        """As a review shows it."""
        return StaleRecord(
            self.rule,
            self.stack,
            self.resource,
            self.property,
            self.date.isoformat(),
            self.author,
            self.reason,
        )


class Baseline:
    """Entries by what they know."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries: dict[Identity, Entry] = {entry.identity(): entry for entry in entries}

    def known(self, stack: StackRef, finding: FindingRecord) -> Entry | None:
        """The entry that knows a finding, through any of the addresses that its line makes."""
        return next(
            (self.entries[identity] for identity in identities(stack, finding) if identity in self.entries),
            None,
        )

    def add(
        self, stack: StackRef, finding: FindingRecord, author: str, reason: str, day: datetime.date
    ) -> bool:
        """Take in a finding; whether it was unknown."""
        if self.known(stack, finding) is not None:
            return False
        entry = Entry(finding.rule, stack.path, finding.address, finding.property, day, author, reason)
        self.entries[entry.identity()] = entry
        return True

    def stale(self, judged: Mapping[StackRef, Judged], target: str) -> list[Entry]:
        """The entries below a reviewed path that no finding of it answers to, suppressed ones included."""
        within = f"{target}/" if target else ""
        answering = {
            identity
            for stack, one in judged.items()
            for finding in (*one.review.findings, *one.review.suppressed)
            for identity in identities(stack, finding)
        }
        return [
            entry
            for identity, entry in self.entries.items()
            if identity not in answering and (entry.stack == target or entry.stack.startswith(within))
        ]

    def remove(self, entries: Iterable[Entry]) -> None:
        """Forget entries."""
        for entry in entries:
            del self.entries[entry.identity()]

    def encoded(self) -> bytes:
        """The file: one entry a line, sorted."""
        lines = [
            json.dumps(msgspec.to_builtins(self.entries[identity]), ensure_ascii=False)
            for identity in sorted(self.entries)
        ]
        body = ",\n".join(f"    {line}" for line in lines)
        findings = f"[\n{body}\n  ]" if lines else "[]"
        text = f'{{\n  "schema": "{SCHEMA}",\n  "findings": {findings}\n}}\n'
        return text.encode("utf-8", "surrogateescape")


def identities(stack: StackRef, finding: FindingRecord) -> list[Identity]:
    """What a finding may be known by."""
    return [
        (finding.rule, stack.path, address, finding.property)
        for address in dict.fromkeys((finding.address, *finding.instances))
    ]


def read(path: str) -> Baseline:
    """The baseline of a file. Raises `Damaged`, and `OSError` for one that cannot be opened."""
    file = Path(path)
    if file.stat().st_size > MAX_BYTES:
        raise Damaged(0, "is larger than any baseline", "is this the right file?")
    try:
        text = file.read_bytes().decode("utf-8-sig")
        content = json.loads(text)
    except UnicodeDecodeError:
        raise Damaged(0, "is not UTF-8", "restore it from git") from None
    except json.JSONDecodeError as error:
        conflict = any(line.startswith(("<<<<<<<", ">>>>>>>")) for line in text.splitlines())
        hint = "resolve the merge: both sides' lines may stay" if conflict else "restore it from git"
        raise Damaged(error.lineno, f"is not valid JSON: {error.msg}", hint) from None
    except RecursionError:
        raise Damaged(0, "is nested too deeply", "restore it from git") from None
    return Baseline(_entries(text, content))


def _entries(text: str, content: Any) -> list[Entry]:
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        if isinstance(schema, str) and schema.startswith("stackworthy.baseline/"):
            raise Damaged(0, f"is a {schema}, which this version does not read", "upgrade stackworthy")
        raise Damaged(0, f'is no baseline: its "schema" is not "{SCHEMA}"', "stackworthy baseline makes one")
    findings = content.get("findings")
    if not isinstance(findings, list):
        raise Damaged(0, 'has no list of "findings"', "restore it from git")
    found = []
    for index, entry in enumerate(findings):
        try:
            found.append(msgspec.convert(entry, Entry))
        except msgspec.ValidationError as error:
            hint = "an entry has rule, stack, resource, property, date (2026-01-31), author and reason"
            raise Damaged(_line(text, index), f"entry {index + 1}: {error}", hint) from None
    return found


def _line(text: str, index: int) -> int:
    """The line on which an element of `findings` begins. The text is known to be valid JSON with that list."""
    decoder = json.JSONDecoder()
    at = text.find("[", text.rfind('"findings"')) + 1
    for _ in range(index + 1):
        while text[at] in " \t\r\n,":
            at += 1
        start = at
        _, at = decoder.raw_decode(text, at)
    return text.count("\n", 0, start) + 1


def applied(
    baseline: Baseline, judged: Mapping[StackRef, Judged], file: str, stale: list[Entry]
) -> tuple[list[StackReview], BaselineRecord]:
    """The reviews with what the baseline knows among the suppressed."""
    stacks = []
    known = 0
    for stack, one in judged.items():

        def record(finding: FindingRecord, stack: StackRef = stack) -> SuppressionRecord | None:
            entry = baseline.known(stack, finding)
            if entry is None:
                return None
            reason = f"{entry.reason} ({entry.author}, {entry.date})"
            return SuppressionRecord("baseline", reason, file)

        review = silenced(one.review, record)
        known += len(one.review.findings) - len(review.findings)
        stacks.append(review)
    return stacks, BaselineRecord(file, known, [entry.record() for entry in stale])
