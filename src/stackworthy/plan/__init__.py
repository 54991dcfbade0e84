"""What to do first, what it saves, and how to take it back: findings and capabilities as a plan in phases.

    made = plan("examples/meetings", load("examples/meetings"))
    made.cost.before, made.cost.after          # "61.20", "24.70"

Every saving is a bill of the patched stacks minus the bill before, under the same workload.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from decimal import Decimal

import msgspec

from stackworthy.config import Settings
from stackworthy.judge import place
from stackworthy.plan import judgement, words
from stackworthy.plan.assemble import assemble, problem_records
from stackworthy.plan.carry import Carried, Carrier
from stackworthy.plan.draft import Draft
from stackworthy.plan.model import Plan
from stackworthy.plan.phases import Placed, ordered
from stackworthy.plan.pricing import Pricer
from stackworthy.plan.settings import PlanSettings, parse
from stackworthy.plan.survey import survey
from stackworthy.prices.catalogue import Catalogue
from stackworthy.sources.find import find
from stackworthy.workload.billing import Table, Terms
from stackworthy.workload.reading import own_prices

__all__ = ["Plan", "plan"]

Progress = Callable[[int, int], None]
_SEVERITY = ("critical", "high", "medium", "low")
CAPABILITY_PILLARS = {
    "alarms": "operations",
    "cost-anomaly-detection": "cost",
    "budget": "cost",
    "iam-tightening": "security",
    "s3-lifecycle": "cost",
    "log-retention": "cost",
    "vpc-endpoints": "cost",
    "batch-spot-migration": "cost",
    "dynamodb-autoscaling": "reliability",
    "api-throttling-and-waf": "security",
    "backup": "reliability",
    "managed-key": "cost",
    "unused-indexes": "cost",
    "model-choice": "cost",
    "nat-gateway": "cost",
    "access-logs": "operations",
    "custom-metrics": "operations",
}


class Asked(msgspec.Struct, frozen=True):
    """What the command line says of a plan: an environment, terms of the bill, a workload and prices in the place of the settings' own, today."""

    environment: str = ""
    terms: Terms = msgspec.field(default_factory=Terms)
    workload: Table | None = None
    prices: Catalogue | None = None
    dearer_than_bill: bool = False
    today: datetime.date | None = None


def plan(
    path: str | os.PathLike[str],
    settings: Settings,
    asked: Asked | None = None,
    progress: Progress | None = None,
) -> Plan:
    """The plan of every stack below a path. Nothing is written.

    Raises `ConfigError` for settings, `UsageError` for a workload or prices that cannot be followed.
    """
    asked = asked or Asked()
    own = parse(settings.plan, settings.file or "stackworthy.toml")
    if asked.dearer_than_bill:
        own = msgspec.structs.replace(own, dearer_than_bill=True)
    workspace, base, target = place(path, settings)
    found = survey(workspace, find(workspace, target, settings).stacks, settings)
    states = {stack.stack.path: stack.before for stack in found.remedy.stacks if stack.before is not None}
    prices = asked.prices or own_prices(workspace, settings)

    def pricer() -> Pricer:
        return Pricer(workspace, base, settings, asked.terms, prices, asked.workload, asked.environment)

    def carrier() -> Carrier:
        return Carrier(workspace, settings, states, pricer, own.dearer_than_bill)

    first = carrier()
    items = [_placed(draft, own) for draft in found.drafts]
    done, carried = _carried(items, own, carrier, first, progress)
    title = f"Plan for {os.path.basename(os.path.realpath(path)) or 'this folder'}"
    return assemble(
        title,
        done,
        carried,
        found.done,
        own,
        problem_records({stack.path: reason for stack, reason in found.remedy.unread}),
        _workload(first, asked),
        asked.today or datetime.date.today(),
    )


def _carried(
    items: list[Placed],
    settings: PlanSettings,
    carrier: Callable[[], Carrier],
    first: Carrier,
    progress: Progress | None,
) -> tuple[Carrier, list[Carried]]:
    """Carry everything out; once more when what it saves calls for another order."""
    order = ordered(items, settings)
    made = first.run(order, progress)
    for one in made:
        one.placed.change = Decimal(0) if one.withheld else one.after - one.before
    again = ordered(items, settings)
    if [item.draft.id for item in again] == [item.draft.id for item in order]:
        return first, made
    second = carrier()
    return second, second.run(again, None, made)


def _placed(draft: Draft, settings: PlanSettings) -> Placed:
    severities = {record.severity for record in draft.findings}
    severity = next((name for name in _SEVERITY if name in severities), None)
    state = judgement.status(draft)
    hours, _ = judgement.effort(draft, state, settings)
    pillar = draft.findings[0].pillar if draft.findings else ""
    if draft.source == "capability":
        pillar = CAPABILITY_PILLARS.get(draft.name, pillar)
    kinds = tuple(item.kind for item in draft.touched)
    return Placed(draft, state, hours, severity, pillar, kinds, loses=bool(words.lost(draft.touched)))


def _workload(first: Carrier, asked: Asked) -> str:
    """What the bill rests on, in words."""
    if asked.workload is not None:
        return f"the workload of {asked.workload.file}"
    stated = sorted({table.file for table in first.pricer.tables.values() if table.table})
    if stated:
        return f"the workload of {', '.join(stated)}"
    if asked.terms.usage:
        return f"the usage of {', '.join(one.file for one in asked.terms.usage)}"
    return "no workload: only what costs money by itself is priced; state [workload] in stackworthy.toml"
