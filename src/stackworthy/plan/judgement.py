"""How an improvement is judged: status, risk, effort, impact. Each figure comes with the words that explain it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from stackworthy.plan import words
from stackworthy.plan.draft import Draft
from stackworthy.plan.model import LevelName, StatusName
from stackworthy.plan.settings import PlanSettings
from stackworthy.plan.words import Touched

MAJOR = ("batch-spot-migration", "canary-deployment", "cloudfront-caching")
"""Capabilities that change how a stack is built or deployed."""
TESTED = (
    "iam-tightening",
    "api-throttling-and-waf",
    "dynamodb-autoscaling",
    "s3-lifecycle",
    "log-retention",
    "managed-key",
    "unused-indexes",
    "nat-gateway",
)
"""Capabilities that may refuse or delete what somebody relies on."""
FELT = ("alarms", "cost-anomaly-detection", "budget", "backup")
"""Capabilities that are worth something whatever the rules found."""
EXPERIMENTS = ("model-choice", "custom-metrics")
"""Capabilities that only a trial can decide on."""
_DELETES = ("deleted", "are gone", "is lost", "expire")
_REFUSES = ("answered with", "refused", "permission", "policy allows", "replaced", "fails until", "import it")

FIRST = Decimal("0.5")
EACH_EDIT = Decimal("0.25")
BY_HAND = Decimal(1)
EACH_STEP = Decimal("0.5")
EACH_PLACE = Decimal("0.25")
TESTING = Decimal(1)
EXPERIMENT = Decimal(4)
MAJOR_HOURS = Decimal(12)
MOST_EDITS = 20
SMALL, LARGE = Decimal(2), Decimal(8)
BIG_SAVING = Decimal("0.10")
"""The part of the bill whose saving alone makes the impact high."""


def status(draft: Draft) -> StatusName:
    """How far it is, and what kind of work is left."""
    if draft.done:
        return "done"
    if draft.source == "capability":
        if draft.name in MAJOR:
            return "major change"
        if draft.name in EXPERIMENTS:
            return "experiment"
        return "needs testing" if draft.name in TESTED else "todo"
    if draft.safety_why and any(word in draft.safety_why for word in (*_DELETES, *_REFUSES)):
        return "needs testing"
    if any(finding.rule and _is_access(finding.property) for finding in draft.findings):
        return "needs testing"
    return "todo"


def _is_access(property: str) -> bool:
    return property.startswith(
        ("Policies", "ManagedPolicyArns", "AssumeRolePolicyDocument", "PolicyDocument")
    )


def effort(draft: Draft, state: StatusName, settings: PlanSettings) -> tuple[Decimal, str]:
    """Hours, and how they come about."""
    stated = settings.effort.get(draft.name)
    if stated is not None:
        return stated, "stated in [plan.effort]"
    if state == "done":
        return Decimal(0), "already there"
    if state == "major change":
        return MAJOR_HOURS, "a major change"
    if state == "experiment":
        return EXPERIMENT, "an experiment"
    hours, parts = FIRST, [f"{FIRST} h to deploy and look"]
    if draft.writes:
        edits = min(max(draft.edits, len(draft.fixable), 1), MOST_EDITS)
        hours += edits * EACH_EDIT
        parts.append(
            f"{EACH_EDIT} h for {'one proven edit' if edits == 1 else f'each of {edits} proven edits'}"
        )
    if not draft.writes or draft.instead:
        places = min(max(len(draft.findings) - len(draft.fixable), 1), MOST_EDITS)
        steps = len(draft.steps)
        by_hand = BY_HAND + EACH_STEP * max(steps - 1, 0) + EACH_PLACE * (places - 1)
        hours += by_hand
        parts.append(f"{by_hand.normalize():f} h by hand")
    if state == "needs testing":
        hours += TESTING
        parts.append(f"{TESTING} h to test")
    return hours, "; ".join(parts)


def risk(
    draft: Draft, state: StatusName, touched: Sequence[Touched], lost: Sequence[str]
) -> tuple[LevelName, str]:
    """What may go wrong, and why."""
    if state == "done":
        return "low", "nothing changes"
    if state == "major change":
        return "high", "what runs in production is built anew"
    if any(text in draft.safety_why for text in ("resource is replaced", "replace the resource")):
        return "high", draft.safety_why
    if any(item.property.startswith("GlobalSecondaryIndexes") for item in touched):
        return "high", lost[0]
    if any(words.DELETED in text for text in lost):
        return "medium", next(text for text in lost if words.DELETED in text)
    if state == "experiment":
        return "low", "nothing changes until the experiment says so"
    if draft.safety_why:
        return ("medium" if state == "needs testing" else "low"), draft.safety_why
    if draft.source == "rule" and draft.writes:
        return "low", "nothing changes that anybody could rely on"
    if any(_is_access(finding.property) for finding in draft.findings):
        return "medium", "what the role is really used for must stay allowed"
    if state == "needs testing":
        return "medium", "something may rely on what changes"
    return "low", "what is there stays as it is" if draft.source == "capability" else "a small change by hand"


def impact(draft: Draft, severity: str | None, change: Decimal, before: Decimal) -> LevelName:
    """What it is worth: by the severity of what it ends, or by the part of the bill that it saves."""
    saving = -change
    if severity in ("critical", "high") or (before > 0 and saving >= before * BIG_SAVING):
        return "high"
    if severity == "medium" or saving > 0 or draft.name in FELT:
        return "medium"
    return "low"


def level(hours: Decimal) -> LevelName:
    """The effort as a level: up to two hours is low, up to eight medium."""
    return "low" if hours <= SMALL else "medium" if hours <= LARGE else "high"


VERDICTS: dict[tuple[LevelName, LevelName], str] = {
    ("high", "low"): "do now",
    ("high", "medium"): "do next",
    ("high", "high"): "plan it",
    ("medium", "low"): "do next",
    ("medium", "medium"): "plan it",
    ("medium", "high"): "think twice",
    ("low", "low"): "in passing",
    ("low", "medium"): "later",
    ("low", "high"): "leave it",
}
"""What to make of (impact, effort)."""
