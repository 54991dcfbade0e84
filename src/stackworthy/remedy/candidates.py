"""Which findings have a fix that could be written, and which only a person can mend."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from stackworthy.aws.schemas import schema
from stackworthy.core.fix import AddResource, Allow, Change, Fix, Remove, Safety, Set
from stackworthy.core.path import general
from stackworthy.core.review import FindingRecord
from stackworthy.core.rule import Rule
from stackworthy.judge.records import fix_of
from stackworthy.remedy.state import State, View

POLICIES = (
    "PolicyDocument",
    "AssumeRolePolicyDocument",
    "Policies",
    "ManagedPolicyArns",
    "KeyPolicy",
    "Policy",
)


class Wanted(msgspec.Struct, frozen=True):
    """Which fixes are asked for: rules (any of their names) and resources (addresses) narrow, `unsafe` widens.

    `findings` are ids; None takes all.
    """

    rules: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    findings: frozenset[str] | None = None
    unsafe: bool = False

    def takes(self, record: FindingRecord, rule: Rule) -> bool:
        """Whether this finding's fix is asked for."""
        if self.rules and self.rules.isdisjoint(rule.names):
            return False
        if self.resources and self.resources.isdisjoint((record.address, *record.instances)):
            return False
        return self.findings is None or record.id in self.findings


class Candidate(msgspec.Struct):
    """A finding with the fix that its rule has for it, in the first environment that has it."""

    record: FindingRecord
    rule: Rule
    fix: Fix
    view: View

    @property
    def unsafe_because(self) -> str:
        """Why the fix must be asked for: as its rule declares, or as the kind's schema tells; "" for a safe one."""
        if self.fix.safety is Safety.UNSAFE:
            return self.fix.why
        for change in self.fix.changes:
            reason = _danger(change)
            if reason:
                return reason
        return ""

    def touches(self) -> set[tuple[str, ...]]:
        """What the fix edits, in words that clash with those of another fix of the same place."""
        return {_place(change) for change in self.fix.changes}


def candidates(state: State, wanted: Wanted) -> Iterator[Candidate]:
    """The findings that stand and are asked for, worst first, with their fixes; those without any fix are left out."""
    for record in state.review.findings:
        found = state.faults(record.id)
        if not found:
            continue
        view, fault = found[0]
        if not wanted.takes(record, fault.rule):
            continue
        fix = fix_of(fault.rule, fault.finding)
        if fix is not None:
            yield Candidate(record, fault.rule, fix, view)


def _place(change: Change) -> tuple[str, ...]:
    if isinstance(change, AddResource):
        return ("add", change.kind, change.label, change.beside.address)
    resource = change.principal if isinstance(change, Allow) else change.resource
    origin = resource.origin
    what = "Allow" if isinstance(change, Allow) else change.path.split(".")[0].split("[")[0]
    return (origin.file, *map(str, origin.route), what)


def _danger(change: Change) -> str:
    if isinstance(change, Allow):
        return "grants a permission"
    if not isinstance(change, (Set, Remove)) or change.resource.kind is None:
        return ""
    known = schema(change.resource.kind)
    path = general(change.path)
    if known is not None and known.is_create_only(path):
        return (
            f"{change.path} can only be set at creation: the resource is replaced, and what it holds is lost"
        )
    if known is not None and any(_at_or_below(path, fixed) for fixed in known.conditional_create_only):
        return f"a change of {change.path} may replace the resource, and what it holds would be lost"
    if path.split(".")[0].split("[")[0] in POLICIES:
        return "changes what a policy allows"
    return ""


def _at_or_below(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))
