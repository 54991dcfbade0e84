"""What proven fixes do to the bill, each on top of those before it, when a workload is stated."""

from __future__ import annotations

from decimal import Decimal

from stackworthy.config import Settings, closest
from stackworthy.config_file import ConfigError
from stackworthy.core.cost import UsageError
from stackworthy.core.workspace import Disk, Overlay, Unreadable
from stackworthy.judge import readings, stack_folder
from stackworthy.plan.pricing import Pricer
from stackworthy.remedy import Remedy
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.workload.billing import Terms
from stackworthy.workload.reading import own_prices


def effects(found: Remedy, settings: Settings, base: str = "") -> dict[str, Decimal]:
    """The change of the monthly bill by finding; empty when no workload is stated, or the bill cannot be made."""
    stacks = [stack for stack in found.stacks if stack.before is not None]
    if not any(stack.proposals for stack in stacks):
        return {}
    workspace = Disk(found.root)
    made: dict[str, Decimal] = {}
    try:
        pricer = Pricer(workspace, base, settings, Terms(), own_prices(workspace, settings))
        for stack in stacks:
            if stack.before is not None:
                pricer.put(stack.stack, stack.before)
        if not any(table.table for table in pricer.tables.values()):
            return {}
        cost = pricer.bills().cost
        edits: dict[str, bytes | None] = {}
        for stack in stacks:
            own = closest(settings, stack_folder(stack.stack), workspace)
            for proposal in stack.proposals:
                edits.update({file: after for file, (_, after) in proposal.edits.items()})
                read = readings(Overlay(workspace, edits), stack.stack, own)
                pricer.replace(stack.stack, {one.name if one else "": reading.graph for one, reading in read})
                after = pricer.bills().cost
                made[proposal.record.id] = after - cost
                cost = after
    except (UsageError, Unreadable, Malformed, ConfigError):
        return made
    return made
