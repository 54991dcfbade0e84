"""Findings in code that moved: they have another name where they stand now, and are not new."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from stackworthy.core.fix import Change, Rewrite
from stackworthy.remedy.state import Fault, View


def only_moved(
    before: View, after: View, fault: Fault, changes: Iterable[Change], wanted: Collection[str]
) -> bool:
    """Whether a finding went along with code: its rule finds no more in that function than before, but for what is mended."""
    if fault.finding.code is None or not any(isinstance(change, Rewrite) for change in changes):
        return False
    place = (fault.rule.id, fault.finding.resource.address)

    def alike(view: View) -> set[str]:
        found = view.faults.items()
        return {
            identity for identity, item in found if (item.rule.id, item.finding.resource.address) == place
        }

    return len(alike(after)) <= len(alike(before).difference(wanted))
