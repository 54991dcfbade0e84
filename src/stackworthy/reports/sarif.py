"""The review as SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec

from stackworthy import __version__
from stackworthy.core.review import DiagnosticRecord, FindingRecord, LocationRecord, Review, StackReview
from stackworthy.core.rule import Rule
from stackworthy.reports.groups import changes, sentence
from stackworthy.reports.masking import masked_diagnostics, masked_stack
from stackworthy.reports.rule_facts import RuleFacts, facts
from stackworthy.reports.terminal import harmless

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
"""GitHub sorts security findings by such a score: over 9 critical, from 7 high, from 4 medium."""
PRECISION = {"high": "high", "medium": "medium", "low": "low"}

Lookup = Callable[[str], Rule | None]


def encoded(review: Review, lookup: Lookup, prefix: str = "") -> bytes:
    """The SARIF log. `prefix` is the reviewed folder, relative to the root of the repository, which files are named from."""
    return msgspec.json.format(msgspec.json.encode(log(review, lookup, prefix)), indent=1) + b"\n"


def log(review: Review, lookup: Lookup, prefix: str = "") -> dict[str, Any]:
    """The SARIF log as plain data. Secrets are masked."""
    writer = _Writer(lookup, prefix)
    results = []
    diagnostics = masked_diagnostics(review.diagnostics)
    for stack in map(masked_stack, review.stacks):
        results += [writer.result(finding, stack) for finding in [*stack.findings, *stack.suppressed]]
        diagnostics += stack.diagnostics
    run = {
        "tool": {
            "driver": {
                "name": "stackworthy",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": writer.rules,
            }
        },
        "automationDetails": {
            "id": f"stackworthy/{prefix}" if prefix.endswith("/") or not prefix else f"stackworthy/{prefix}/"
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [writer.notification(entry) for entry in diagnostics],
            }
        ],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


class _Writer:
    """Turns records into SARIF objects, and gathers the rules that they name."""

    def __init__(self, lookup: Lookup, prefix: str) -> None:
        self.lookup = lookup
        self.prefix = prefix
        self.rules: list[dict[str, Any]] = []
        self.index: dict[str, int] = {}

    def result(self, finding: FindingRecord, stack: StackReview) -> dict[str, Any]:
        made: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": self.rule(finding),
            "level": LEVELS[finding.severity],
            "message": {"text": _message(finding)},
            "locations": [self.main_place(finding)],
            "partialFingerprints": {
                "stackworthyFinding/v1": finding.id,
                "primaryLocationLineHash": f"{finding.id}:{posixpath.join(self.prefix, stack.path)}",
            },
            "properties": {
                "address": finding.address,
                "property": finding.property,
                "pillar": finding.pillar,
                "severity": finding.severity,
                "confidence": finding.confidence,
            },
        }
        if finding.environments:
            made["properties"]["environments"] = finding.environments
        if finding.owner:
            made["properties"]["owner"] = finding.owner
        if finding.fix is not None:
            made["properties"]["fix"] = msgspec.to_builtins(finding.fix)
        related = [self.related(number, place) for number, place in enumerate(finding.locations[1:], 1)]
        if related:
            made["relatedLocations"] = related
        if finding.suppressed is not None:
            made["suppressions"] = [self.suppression(finding)]
        return made

    def main_place(self, finding: FindingRecord) -> dict[str, Any]:
        if finding.locations:
            place = self.physical(finding.locations[0])
        else:
            place = self.physical(LocationRecord(finding.file, finding.line, finding.column, 0, 0, ""))
        if finding.address:
            place["logicalLocations"] = [
                {"fullyQualifiedName": instance, "kind": "resource"}
                for instance in finding.instances or [finding.address]
            ]
        return place

    def related(self, number: int, place: LocationRecord) -> dict[str, Any]:
        return {"id": number, **self.physical(place), "message": {"text": place.role}}

    def physical(self, place: LocationRecord) -> dict[str, Any]:
        physical: dict[str, Any] = {"artifactLocation": self.artifact(place.file)}
        if place.line > 0:
            region = {"startLine": place.line}
            if place.column > 0:
                region["startColumn"] = place.column
            if place.end_line >= place.line and place.end_column > 0:
                region.update(endLine=place.end_line, endColumn=place.end_column)
            physical["region"] = region
        return {"physicalLocation": physical}

    def artifact(self, file: str) -> dict[str, Any]:
        return {"uri": quote(posixpath.normpath(posixpath.join(self.prefix, file))), "uriBaseId": "SRCROOT"}

    def suppression(self, finding: FindingRecord) -> dict[str, Any]:
        silenced = finding.suppressed
        assert silenced is not None
        kind = "inSource" if silenced.kind in ("comment", "metadata") else "external"
        made: dict[str, Any] = {"kind": kind, "status": "accepted", "justification": silenced.reason}
        if silenced.file and silenced.line:
            made["location"] = self.physical(LocationRecord(silenced.file, silenced.line, 0, 0, 0, ""))
        return made

    def notification(self, entry: DiagnosticRecord) -> dict[str, Any]:
        text = entry.message + (f" ({entry.hint})" if entry.hint else "")
        made: dict[str, Any] = {"level": entry.level, "message": {"text": text}}
        if entry.file:
            made["locations"] = [self.physical(LocationRecord(entry.file, entry.line, 0, 0, 0, ""))]
        return made

    def rule(self, finding: FindingRecord) -> int:
        """The index of a finding's rule, which is described when it is first met."""
        if finding.rule not in self.index:
            self.index[finding.rule] = len(self.rules)
            found = self.lookup(finding.rule)
            self.rules.append(_described(facts(found)) if found else _bare(finding))
        return self.index[finding.rule]


def _message(finding: FindingRecord) -> str:
    """The fault as a sentence, then the way out, for code scanning shows no more of a fix that is not a patch.

    A link, which SARIF writes `[words](place)`, cannot come from what strangers wrote.
    """
    said = sentence(finding.message)
    todo = changes(finding)
    if finding.fix is not None and todo:
        said += f" Fix ({finding.fix.safety}): {sentence(todo)}"
    return harmless(said).replace("](", "] (")


def _bare(finding: FindingRecord) -> dict[str, Any]:
    return {"id": finding.rule, "defaultConfiguration": {"level": LEVELS[finding.severity]}}


def _described(rule: RuleFacts) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "tags": [rule.pillar, *(tag for tag in rule.tags if tag != rule.pillar)],
        "precision": PRECISION[rule.confidence],
        "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[
            LEVELS[rule.severity]
        ],
    }
    if rule.pillar == "security":
        properties["security-severity"] = SCORES[rule.severity]
    made = {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": _help(rule, plain=True), "markdown": _help(rule, plain=False)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": properties,
    }
    if rule.references:
        made["helpUri"] = rule.references[0]
    if rule.aliases:
        made["deprecatedIds"] = rule.aliases
    return made


def _help(rule: RuleFacts, *, plain: bool) -> str:
    parts = [rule.explanation]
    if rule.fix:
        parts.append(f"Fix: {rule.fix}" + (f": {rule.fix_why}" if rule.fix_why else "") + ".")
    if not plain:
        parts += [f"```{example.language}\n{example.text}\n```" for example in rule.good]
    if rule.equivalents:
        parts.append("Other scanners know it as " + ", ".join(rule.equivalents) + ".")
    parts += [url if plain else f"- <{url}>" for url in rule.references]
    return "\n\n".join(parts)
