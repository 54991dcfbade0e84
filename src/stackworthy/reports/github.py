"""The findings as annotations of GitHub Actions: workflow commands, one per line.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from stackworthy.core.review import FindingRecord, Review, StackReview
from stackworthy.reports.groups import changes, sentence
from stackworthy.reports.masking import masked_finding
from stackworthy.reports.terminal import SEVERITIES, amount, harmless

KINDS = {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}
MAX_OF_A_KIND = 10
"""GitHub shows ten errors, ten warnings and ten notices of one step, and drops the others without a word."""
MAX_MESSAGE = 4000


def lines(review: Review, prefix: str = "") -> Iterator[str]:
    """The ten worst findings of each kind, and last what is not annotated. `prefix` is the reviewed folder, seen from the root."""
    found = [(finding, stack) for stack in review.stacks for finding in stack.findings]
    found.sort(key=lambda entry: SEVERITIES.index(entry[0].severity))
    counts: dict[str, int] = {}
    for finding, stack in found:
        kind = KINDS[finding.severity]
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= MAX_OF_A_KIND:
            yield command(kind, masked_finding(finding), stack, prefix)
    for kind, count in counts.items():
        if count > MAX_OF_A_KIND:
            yield (
                f"{amount(count - MAX_OF_A_KIND, f'more {kind}')} not annotated: "
                f"GitHub shows {MAX_OF_A_KIND} of a kind for each step"
            )


def command(kind: str, finding: FindingRecord, stack: StackReview, prefix: str) -> str:
    """`::error file=…,line=…,title=…::message`; GitHub shows a column only when the fault stands on one line."""
    properties = {"file": posixpath.normpath(posixpath.join(prefix, finding.file or stack.path))}
    if finding.line > 0:
        properties["line"] = str(finding.line)
        place = finding.locations[0] if finding.locations else None
        if place is not None and place.end_line > place.line:
            properties["endLine"] = str(place.end_line)
        elif finding.column > 0:
            properties["col"] = str(finding.column)
            if place is not None and place.end_column > place.column:
                properties["endColumn"] = str(place.end_column)
    properties["title"] = f"{finding.severity}: {finding.rule}"
    said = [sentence(finding.message)]
    if finding.address and finding.address not in finding.message:
        said.append(finding.address)
    todo = changes(finding)
    if finding.fix is not None and todo:
        said.append(f"Fix ({finding.fix.safety}): {todo}")
    message = "\n".join(harmless(part) for part in said)[:MAX_MESSAGE]
    stated = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {stated}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(harmless(text)).replace(":", "%3A").replace(",", "%2C")
