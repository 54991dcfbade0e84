"""The findings as GitLab's code quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator
from typing import Any

import msgspec

from stackworthy.core.review import FindingRecord, Review, StackReview
from stackworthy.reports.groups import changes, sentence
from stackworthy.reports.masking import masked_stack
from stackworthy.reports.terminal import harmless

SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}
"""GitLab has info, minor, major, critical and blocker; `info` is for what is no fault, so it is not used."""


def encoded(review: Review, prefix: str = "") -> bytes:
    """The report. `prefix` is the reviewed folder, relative to the root of the repository, which files are named from."""
    return msgspec.json.format(msgspec.json.encode(entries(review, prefix)), indent=1) + b"\n"


def entries(review: Review, prefix: str = "") -> list[dict[str, Any]]:
    """The report as plain data: one entry for each finding; ignored ones are left out. Secrets are masked."""
    return list(_entries(review, prefix))


def _entries(review: Review, prefix: str) -> Iterator[dict[str, Any]]:
    seen: dict[str, int] = {}
    for stack in map(masked_stack, review.stacks):
        for finding in stack.findings:
            identity = f"{posixpath.join(prefix, stack.path)}\n{finding.id}"
            seen[identity] = seen.get(identity, 0) + 1
            yield _entry(finding, stack, prefix, f"{identity}\n{seen[identity]}")


def _entry(finding: FindingRecord, stack: StackReview, prefix: str, identity: str) -> dict[str, Any]:
    lines = {"begin": max(finding.line, 1)}
    if finding.locations and finding.locations[0].end_line > lines["begin"]:
        lines["end"] = finding.locations[0].end_line
    return {
        "description": _description(finding),
        "check_name": finding.rule,
        "fingerprint": hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest(),
        "severity": SEVERITIES[finding.severity],
        "location": {
            "path": posixpath.normpath(posixpath.join(prefix, finding.file or stack.path)),
            "lines": lines,
        },
    }


def _description(finding: FindingRecord) -> str:
    """One line: the address, the fault, and the way out."""
    said = sentence(finding.message)
    if finding.address and finding.address not in finding.message:
        said = f"{finding.address}: {said}"
    todo = changes(finding)
    if finding.fix is not None and todo:
        said += f" Fix ({finding.fix.safety}): {sentence(todo)}"
    return harmless(said)
