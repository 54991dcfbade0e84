"""The proof of edits, on a copy: the stack is read and judged again, and nothing but what was meant is different."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from stackworthy.config_file import ConfigError
from stackworthy.core.fix import Change, Rewrite
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.remedy.difference import Difference, differences
from stackworthy.remedy.intent import Intent
from stackworthy.remedy.moved import only_moved
from stackworthy.remedy.state import Fault, State, View, state_of
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.code.writing import broken_code

SHOWN = 3


class Proof(msgspec.Struct):
    """What was checked, in words, and the first thing that failed ("" when the proof holds). `after` is the stack as edited.

    `differences` are those of each environment's graph. `suspects` are the addresses and finding ids at which it failed.
    """

    checks: list[str] = msgspec.field(default_factory=list)
    failure: str = ""
    after: State | None = None
    unasked: tuple[str, ...] = ()
    differences: list[list[Difference]] = msgspec.field(default_factory=list)
    suspects: set[str] = msgspec.field(default_factory=set)

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failure


def prove(before: State, workspace: Workspace, changes: Sequence[Change], wanted: Iterable[str]) -> Proof:
    """Prove edits that are laid over `workspace`: `wanted` are the ids of the findings that must be gone."""
    proof = Proof()
    try:
        after = proof.after = state_of(workspace, before.stack, before.settings)
    except (Unreadable, Malformed, ConfigError) as error:
        proof.failure = f"the patched files cannot be read: {error}"
        return proof
    for check in (_read, _graph, _gone, _nothing_new):
        proof.failure = check(before, after, changes, wanted, proof)
        if proof.failure:
            break
    return proof


def _read(before: State, after: State, changes: Sequence[Change], _: Iterable[str], proof: Proof) -> str:
    files = {change.place.span.file for change in changes if isinstance(change, Rewrite)}
    new = sorted(after.troubles - before.troubles)
    if new:
        return f"the patched files do not read as before: {new[0]}"
    broken = next((reason for file in files if (reason := broken_code(after.workspace, file))), "")
    if broken:
        return f"the patched code no longer parses: {broken}"
    proof.checks.append("the patched files read without a new error")
    return ""


def _graph(
    before: State, after: State, changes: Sequence[Change], wanted: Iterable[str], proof: Proof
) -> str:
    ids = set(wanted)
    for one, other in zip(before.views, after.views, strict=True):
        intent = Intent(one.reading.graph, changes)
        found = list(differences(one.reading.graph, other.reading.graph))
        beyond = [item for item in found if not intent.allows(item, other.reading.graph)]
        where = f" in environment {one.environment}" if one.environment else ""
        if beyond:
            proof.suspects.update(item.address for item in beyond)
            return f"the patch would also change {_listed(beyond)}{where}"
        if found and not ids & one.faults.keys():
            proof.unasked = (*proof.unasked, one.environment)
        proof.differences.append(found)
    if not any(proof.differences) and not any(isinstance(change, Rewrite) for change in changes):
        return "the patch changes nothing on the graph"
    return ""


def own_checks(before: State, proof: Proof, changes: Sequence[Change], findings: int) -> list[str]:
    """The checks of one fix among those that were proven together, with what it accounts for itself of the differences."""
    assert proof.after is not None
    count = 0
    for one, other, found in zip(before.views, proof.after.views, proof.differences, strict=True):
        intent = Intent(one.reading.graph, changes)
        count += sum(intent.allows(item, other.reading.graph) for item in found)
    graph = "the graph stays as it is: the change is in the code"
    if count:
        graph = f"the graph differs in {count} place{'s' if count > 1 else ''}, all of them meant"
    gone = "the finding is gone" if findings == 1 else f"the {findings} findings are gone"
    first, *rest = proof.checks
    return [first, graph, gone, *rest]


def _listed(found: Sequence[Difference]) -> str:
    shown = ", ".join(str(item) for item in found[:SHOWN])
    return f"{shown} and {len(found) - SHOWN} more" if len(found) > SHOWN else shown


def _gone(_: State, after: State, __: Sequence[Change], wanted: Iterable[str], proof: Proof) -> str:
    standing = {identity: found for identity in wanted if (found := after.faults(identity))}
    proof.suspects.update(standing)
    for found in standing.values():
        view, fault = found[0]
        where = f" in environment {view.environment}" if view.environment else ""
        return f"{fault.rule.id} still finds {fault.finding.resource.name or 'the stack'} at fault{where}"
    return ""


def _only_uncovered(before: View, fault: Fault, found: Sequence[Difference]) -> bool:
    """Whether the fault was there before, in what the patch does not touch, and only now can be told."""
    address = fault.finding.resource.address
    return (fault.rule.id, address) in before.open and address not in {item.address for item in found}


def _nothing_new(
    before: State, after: State, changes: Sequence[Change], wanted: Iterable[str], proof: Proof
) -> str:
    meant = set(wanted)
    mended = {fault.rule.id for identity in meant for _, fault in before.faults(identity)}
    new = [
        other.faults[identity]
        for one, other, found in zip(before.views, after.views, proof.differences, strict=True)
        for identity in other.faults.keys() - one.faults.keys()
        if mended.isdisjoint(other.faults[identity].rule.next_after)
        and not _only_uncovered(one, other.faults[identity], found)
        and not only_moved(one, other, other.faults[identity], changes, meant)
    ]
    proof.suspects.update(fault.finding.resource.address for fault in new)
    for fault in new:
        return f"the patch would bring up {fault.rule.id} at {fault.finding.resource.name or 'the stack'}"
    proof.checks.append("no rule finds anything new")
    return ""
