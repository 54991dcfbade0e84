"""Which phase an improvement belongs to, and the order of all of them: danger, dependencies, then saving for each hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from stackworthy.plan.draft import Draft
from stackworthy.plan.model import StatusName
from stackworthy.plan.settings import PlanSettings

FIRST = ("alarms", "cost-anomaly-detection", "budget", "iam-tightening")
COMPUTE = ("AWS::Lambda::", "AWS::ECS::", "AWS::Batch::", "AWS::StepFunctions::", "AWS::Bedrock::")
SEEN = ("AWS::CloudWatch::", "AWS::Logs::", "AWS::EC2::", "AWS::XRay::", "AWS::CloudTrail::")
NAMED = {
    "vpc-endpoints": "network-monitoring",
    "batch-spot-migration": "compute",
    "model-choice": "quick-wins",
    "unused-indexes": "quick-wins",
    "managed-key": "quick-wins",
    "s3-lifecycle": "quick-wins",
    "log-retention": "quick-wins",
    "custom-metrics": "network-monitoring",
    "access-logs": "network-monitoring",
    "backup": "network-monitoring",
}
GUARDS = ("alarms", "failed-messages-unwatched", "nothing-watches-the-stack")
"""What should tell of a failure before anything is changed that may bring one."""
RECOVERS = ("recovery-off", "backup")
"""What should be there before data may be lost."""
BEFORE = frozenset({("nat-gateway", "vpc-endpoints")})
"""(what waits, what it waits for)."""
QUICK_HOURS = Decimal(4)
_RANK = {"critical": 3, "high": 2, "medium": 1, "low": 0}


class Placed(msgspec.Struct):
    """An improvement with all that its place depends on. `change` is that of the bill, negative when it saves."""

    draft: Draft
    status: StatusName
    hours: Decimal
    severity: str | None
    pillar: str
    kinds: tuple[str, ...]
    change: Decimal = Decimal(0)
    loses: bool = False
    phase: str = ""
    after: list[str] = []


def phase_of(item: Placed, settings: PlanSettings) -> str:
    """The phase by settings, else by danger, saving, and the kind of resource."""
    stated = settings.phase.get(item.draft.name)
    if stated is not None:
        return stated
    return next((name for name in _wishes(item) if name in settings.phases), settings.phases[-1])


def _wishes(item: Placed) -> list[str]:
    """The phases that would suit, best first."""
    wishes = []
    if item.severity in ("critical", "high") or item.draft.name in FIRST:
        wishes.append("critical")
    if item.draft.name in NAMED:
        wishes.append(NAMED[item.draft.name])
    cheap = item.hours <= QUICK_HOURS and item.status in ("todo", "needs testing")
    if cheap and (item.change < 0 or item.pillar == "cost"):
        wishes.append("quick-wins")
    if item.status == "major change" or item.pillar in ("cost", "performance", "sustainability"):
        wishes.append("compute")
    if item.pillar == "operations" or any(kind.startswith(SEEN) for kind in item.kinds):
        wishes.append("network-monitoring")
    return wishes


def ordered(items: Sequence[Placed], settings: PlanSettings) -> list[Placed]:
    """All improvements in the order of the plan. Each has its phase and what it should wait for set."""
    for item in items:
        item.phase = phase_of(item, settings)
        item.after = []
    by_id = {item.draft.id: item for item in items}
    for item in items:
        item.after = [other.draft.id for other in items if other is not item and _waits(item, other)]
    _pull(by_id, settings)
    place = {name: index for index, name in enumerate(settings.phases)}
    ranked = sorted(items, key=lambda item: (place[item.phase], *_worth(item)))
    return _after_what_they_need(ranked)


def _worth(item: Placed) -> tuple[int, Decimal, int, Decimal, str]:
    """Danger first, then saving for each hour, then severity, then little effort."""
    rank = _RANK.get(item.severity or "", 0)
    danger = -rank if rank >= _RANK["high"] else 0
    saving = item.change / max(item.hours, Decimal("0.25"))
    return (danger, saving, -rank, item.hours, item.draft.id)


def _waits(item: Placed, other: Placed) -> bool:
    """Whether one should wait for the other: for whoever would tell of its failure, for what would bring data back."""
    if item.draft.stack != other.draft.stack or item.draft.name in (*GUARDS, *RECOVERS):
        return False
    if (item.draft.name, other.draft.name) in BEFORE:
        return True
    if other.draft.name in GUARDS:
        return item.status == "major change" or item.draft.name == "unused-indexes"
    if other.draft.name in RECOVERS:
        return item.loses and bool(set(item.draft.resources) & set(other.draft.resources))
    return False


def _pull(by_id: Mapping[str, Placed], settings: PlanSettings) -> None:
    """What something waits for stands no later than it, unless the settings place it."""
    place = {name: index for index, name in enumerate(settings.phases)}
    for item in by_id.values():
        for identity in item.after:
            needed = by_id[identity]
            if place[needed.phase] > place[item.phase] and needed.draft.name not in settings.phase:
                needed.phase = item.phase


def _after_what_they_need(ranked: Sequence[Placed]) -> list[Placed]:
    """The same order, but that nothing stands before what it waits for in the same phase."""
    made: list[Placed] = []
    seen: set[str] = set()
    here = {item.draft.id: item for item in ranked}

    def add(item: Placed) -> None:
        if item.draft.id in seen:
            return
        seen.add(item.draft.id)
        for identity in item.after:
            if here[identity].phase == item.phase:
                add(here[identity])
        made.append(item)

    for item in ranked:
        add(item)
    return made
