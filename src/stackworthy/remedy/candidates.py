"""Which findings have a fix that could be written, and which only a person can mend."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from stackworthy.aws.schemas import schema
from stackworthy.core.fix import (
    AddParameter,
    AddResource,
    Allow,
    Always,
    Change,
    Fix,
    Remove,
    Rewrite,
    Safety,
    Set,
)
from stackworthy.core.path import general
from stackworthy.core.resource import Resource
from stackworthy.core.review import FindingRecord
from stackworthy.core.rule import Rule
from stackworthy.core.value import show
from stackworthy.judge.records import fix_of
from stackworthy.remedy.state import Fault, State, View

SAM_FUNCTION = "AWS::Serverless::Function"
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
    others: tuple[FindingRecord, ...] = ()
    instances: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The findings that the fix is for."""
        return [self.record.id, *(other.id for other in self.others), *self.instances]

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


def candidates(
    state: State, wanted: Wanted, settled: Collection[str] = (), apart: Collection[str] = ()
) -> list[Candidate]:
    """The findings that stand, are asked for and not settled, worst first, with their fixes; those without any fix are left out.

    What all functions of a SAM template need alike is one candidate, unless one of its findings is among `apart`.
    """
    found = [item for item in _each(state, wanted) if item.record.id not in settled]
    if state.stack.format != "sam":
        return found
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for item in found:
        if item.record.id not in apart and (key := _need(item)):
            groups.setdefault(key, []).append(item)
    merged: dict[str, Candidate | None] = {}
    for group in groups.values():
        functions = {
            resource.address for resource in group[0].view.reading.graph if resource.type == SAM_FUNCTION
        }
        if len(group) > 1 and functions == {item.record.address for item in group}:
            merged.update(dict.fromkeys((item.record.id for item in group[1:]), None))
            merged[group[0].record.id] = _together(group)
    return [one for item in found if (one := merged.get(item.record.id, item)) is not None]


def _need(item: Candidate) -> tuple[str, ...]:
    """What a function needs, when it is one property of it; () for anything else."""
    if len(item.fix.changes) != 1 or not isinstance(change := item.fix.changes[0], Set):
        return ()
    if change.resource.type != SAM_FUNCTION or change.resource.address != item.record.address:
        return ()
    return (item.rule.id, change.path, show(change.value))


def _together(group: list[Candidate]) -> Candidate:
    changes = tuple(change for item in group for change in item.fix.changes)
    fix = msgspec.structs.replace(group[0].fix, changes=changes)
    others = tuple(item.record for item in group[1:])
    return msgspec.structs.replace(group[0], fix=fix, others=others)


def _each(state: State, wanted: Wanted) -> Iterator[Candidate]:
    faults = [_by_rule_and_address(view) for view in state.views]
    for record in state.review.findings:
        found = state.faults(record.id)
        if not found:
            continue
        view, fault = found[0]
        if not wanted.takes(record, fault.rule):
            continue
        fix = fix_of(fault.rule, fault.finding)
        if fix is None:
            continue
        more = list(_instances(record, faults[state.views.index(view)]))
        fixes = [other for _, item in more if (other := fix_of(item.rule, item.finding)) is not None]
        changes = [change for other in fixes for change in other.changes]
        fix = msgspec.structs.replace(fix, changes=(*fix.changes, *changes))
        yield Candidate(record, fault.rule, fix, view, (), tuple(identity for identity, _ in more))


_Faults = dict[tuple[str, str], list[tuple[str, Fault]]]


def _by_rule_and_address(view: View) -> _Faults:
    made: _Faults = {}
    for identity, fault in view.faults.items():
        made.setdefault((fault.rule.id, fault.finding.resource.address), []).append((identity, fault))
    return made


def _instances(record: FindingRecord, faults: _Faults) -> Iterator[tuple[str, Fault]]:
    """The same fault of the other resources that one line makes."""
    for address in record.instances:
        for identity, fault in faults.get((record.rule, address), ()):
            alike = general(fault.finding.property) == general(record.property)
            if identity != record.id and address != record.address and alike:
                yield identity, fault


def owner(change: Change) -> Resource:
    """The resource that a change is for."""
    if isinstance(change, (AddResource, AddParameter)):
        return change.beside
    if isinstance(change, Rewrite):
        return change.function
    return change.principal if isinstance(change, Allow) else change.resource


def _place(change: Change) -> tuple[str, ...]:
    if isinstance(change, AddResource):
        return ("add", change.kind, change.label, change.beside.address)
    if isinstance(change, AddParameter):
        return ("add", "parameter", change.label)
    if isinstance(change, Rewrite):
        return ("rewrite", change.place.span.file)
    origin = owner(change).origin
    if isinstance(change, Always):
        return (origin.file, *map(str, origin.route), "condition")
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
