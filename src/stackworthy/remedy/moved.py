"""Findings in code that moved: they have another name where they stand now, and are not new."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from stackworthy.core.fix import Change, Rewrite
from stackworthy.remedy.state import Fault, View


def only_moved(
    before: View, after: View, fault: Fault, changes: Iterable[Change], wanted: Collection[str]
) -> bool:
    """Whether a finding went along with code: its rule finds no more places in that file than before, but for what is mended.

    What moves to the top of a file that several functions run is found in each of them.
    """
    code = fault.finding.code
    if code is None or not any(isinstance(change, Rewrite) for change in changes):
        return False
    rule, file = fault.rule.id, code.span.file

    def places(view: View, without: Collection[str] = ()) -> set[int]:
        return {
            item.finding.code.span.start_byte
            for identity, item in view.faults.items()
            if item.rule.id == rule
            and item.finding.code is not None
            and item.finding.code.span.file == file
            and identity not in without
        }

    return len(places(after)) <= len(places(before, wanted))
