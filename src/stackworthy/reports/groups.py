"""What the reports that people read have in common: findings grouped by rule, and the words for their parts."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable

import msgspec

from stackworthy.core.review import FindingRecord, Review, StackReview, StepRecord
from stackworthy.reports.terminal import SEVERITIES, amount, harmless

FORMATS = {
    "terraform": "Terraform",
    "cloudformation": "CloudFormation",
    "sam": "SAM",
    "cdk": "CDK",
    "serverless": "Serverless Framework",
    "account": "account",
}
Explain = Callable[[str], str]
"""The first paragraph of a rule's explanation, "" when there is none. It is shown where the rule first appears."""
_TEMPLATES = (".yaml", ".yml", ".json", ".template")


class Group(msgspec.Struct):
    """The findings of one rule and severity in one stack; the first is shown whole."""

    stack: StackReview
    findings: list[FindingRecord]

    @property
    def rank(self) -> int:
        """0 for critical, 3 for low."""
        return SEVERITIES.index(self.findings[0].severity)


def grouped(stack: StackReview) -> list[Group]:
    """The stack's findings by rule and severity, worst first."""
    groups: dict[tuple[str, str], Group] = {}
    for finding in stack.findings:
        key = (finding.rule, finding.severity)
        if key in groups:
            groups[key].findings.append(finding)
        else:
            groups[key] = Group(stack, [finding])
    return sorted(groups.values(), key=lambda group: group.rank)


def ignored(stack: StackReview) -> list[FindingRecord]:
    """The suppressed findings that somebody chose to ignore; those that a baseline or a revision knows are not listed."""
    return [finding for finding in stack.suppressed if not _is_known(finding)]


def known(review: Review) -> int:
    """How many findings a baseline or a revision knows."""
    return sum(_is_known(finding) for stack in review.stacks for finding in stack.suppressed)


def _is_known(finding: FindingRecord) -> bool:
    return finding.suppressed is not None and finding.suppressed.kind in ("baseline", "revision")


def held_against(review: Review) -> list[str]:
    """What the review was compared with, in words; empty when it stands for itself."""
    said = []
    if review.since is not None:
        since = review.since
        said.append(
            f"since {since.revision}: {len(review.findings):,} new, {len(since.fixed):,} fixed, {since.known:,} known"
        )
    if review.baseline is not None:
        said.append(f"{review.baseline.known:,} known by {review.baseline.file}")
    return said


def stack_facts(stack: StackReview) -> str:
    """`SAM · 47 resources · environments dev, prod`."""
    present = sum(1 for resource in stack.resources if resource.present)
    facts = [FORMATS.get(stack.format, stack.format), amount(present, "resource")]
    if stack.environments:
        word = "environment " if len(stack.environments) == 1 else "environments "
        facts.append(word + ", ".join(stack.environments))
    return harmless(" · ".join(facts))


def sentence(message: str) -> str:
    """The message as a sentence: a first word that is no name gets its capital, an end its full stop."""
    first = message.split(" ", 1)[0]
    if first.isalpha() and first.islower() and first.isascii():
        message = message[0].upper() + message[1:]
    return message + "." if message and (message[-1].isalnum() or message[-1] in ")]}'\"") else message


def place(file: str, line: int, stack: StackReview) -> str:
    """`file:line`, the file as seen from the stack's folder."""
    base = posixpath.dirname(stack.path) if stack.path.endswith(_TEMPLATES) else stack.path
    short = file[len(base) + 1 :] if base and file.startswith(base + "/") else file
    return harmless(f"{short}:{line}" if line else short)


def step_words(step: StepRecord, stack: StackReview) -> str:
    """One step of how a value came to be, with where it stands."""
    where = place(step.file, step.line, stack) if step.file else ""
    users = f", used {step.users} times" if step.users > 1 else ""
    return f"{step.what} ({where}{users})" if where else step.what


def owner_line(finding: FindingRecord, stack: StackReview) -> int:
    """The line of the finding's resource, when it stands in the file that an excerpt shows; 0 otherwise."""
    shown = finding.locations[0].file if finding.locations else finding.file
    for resource in stack.resources:
        if resource.address == finding.address:
            return resource.line if resource.file == shown else 0
    return 0


def differing_environments(finding: FindingRecord, stack: StackReview) -> str:
    """`dev, not prod` when a finding holds in some environments only; "" otherwise."""
    if not finding.environments or set(finding.environments) == set(stack.environments):
        return ""
    missing = [name for name in stack.environments if name not in finding.environments]
    return f"{', '.join(finding.environments)}, not {', '.join(missing)}"


def changes(finding: FindingRecord) -> str:
    """What the finding's fix changes, or what a person has to do; "" without a fix."""
    if finding.fix is None:
        return ""
    said = "; ".join(finding.fix.changes).replace(f" of {finding.address} to ", " to ")
    return said or "; ".join(finding.fix.steps)


def names_in(stack: StackReview) -> set[str]:
    """The names by which a message may call the stack's resources."""
    return _words(resource.address for resource in stack.resources)


def differs(one: FindingRecord, other: FindingRecord, names: set[str]) -> bool:
    """Whether the messages of two findings differ in more than names of resources (`names_in` has those of a stack)."""
    if one.message == other.message:
        return False
    mine, its = (
        ["" if word in names or word in own else word for word in _bare_words(finding.message)]
        for finding, own in ((one, _words((one.address,))), (other, _words((other.address,))))
    )
    return mine != its


def _words(addresses: Iterable[str]) -> set[str]:
    return {part for address in addresses for part in (*address.split(), address.rsplit("/", 1)[-1])}


def _bare_words(message: str) -> list[str]:
    return [word.strip(".,:;'\"()") for word in message.split()]
