"""From findings to proven edits, stack by stack: choose fixes, write them on a copy, prove them, keep what holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from stackworthy.config import Settings
from stackworthy.core.fix import Change, Safety
from stackworthy.core.patch import CannotWrite, Splice, by_file, clash, spliced
from stackworthy.core.review import FindingRecord
from stackworthy.core.value import NotKnown
from stackworthy.core.workspace import Overlay, Unreadable, Workspace
from stackworthy.judge.engine import BROKE, FAULTS
from stackworthy.remedy.candidates import Candidate, Wanted, candidates, owner
from stackworthy.remedy.proof import Proof, own_checks, prove
from stackworthy.remedy.state import State, state_of
from stackworthy.sources.stack import StackRef
from stackworthy.sources.writing import patch

MAX_ROUNDS = 40


class Proposal(msgspec.Struct):
    """A proven fix. `edits` are the files before and after it, when the ones before it in the list are carried out.

    `also` are further findings that it removes.
    """

    record: FindingRecord
    safety: str
    why: str
    edits: dict[str, tuple[bytes | None, bytes]]
    checks: list[str]
    also: list[str] = msgspec.field(default_factory=list)


class Refused(msgspec.Struct):
    """A fix that is not offered: it cannot be written there, or its proof failed. `instead` is what a person can do."""

    record: FindingRecord
    reason: str
    instead: str = ""


class StackRemedy(msgspec.Struct):
    """What can be mended in one stack. `optional` are unsafe fixes that nobody asked for, with the reason; `manual` need a person."""

    stack: StackRef
    proposals: list[Proposal] = msgspec.field(default_factory=list)
    refused: list[Refused] = msgspec.field(default_factory=list)
    optional: list[tuple[FindingRecord, str]] = msgspec.field(default_factory=list)
    manual: list[FindingRecord] = msgspec.field(default_factory=list)
    before: State | None = None
    after: State | None = None


class _Planned(msgspec.Struct):
    candidate: Candidate
    splices: list[Splice]
    why: str


class Barred(msgspec.Struct):
    """What an earlier pass found to harm: files that may not be edited, and findings whose fix is refused, with the reasons."""

    files: Mapping[str, str] = msgspec.field(default_factory=dict)
    findings: Mapping[str, str] = msgspec.field(default_factory=dict)


class Engine:
    """Mends one stack."""

    def __init__(
        self,
        workspace: Workspace,
        stack: StackRef,
        settings: Settings,
        wanted: Wanted,
        barred: Barred | None = None,
    ) -> None:
        self.workspace = workspace
        self.wanted = wanted
        self.settings = settings
        self.barred = barred or Barred()
        self.found = StackRemedy(stack)
        self.settled: set[str] = set()
        self.apart: set[str] = set()

    def run(self, before: State | None = None) -> StackRemedy:
        """Offer what can be proven; raises what reading the stack raises. `before` is the stack in this workspace, if it was read."""
        state = self.found.before = before or state_of(self.workspace, self.found.stack, self.settings)
        for _ in range(MAX_ROUNDS):
            batch = self._batch(state)
            if not batch and not self._pending(state):
                break
            state = self._accept(state, batch) if batch else state
        self.found.after = state
        return self.found

    def _pending(self, state: State) -> bool:
        """Whether a fix for several findings was just taken apart, so that each is still to be tried."""
        return bool(candidates(state, self.wanted, self.settled, self.apart))

    def _batch(self, state: State) -> list[_Planned]:
        """The fixes of this round: those that neither clash with another nor are settled."""
        batch: list[_Planned] = []
        taken: set[tuple[str, ...]] = set()
        for candidate in candidates(state, self.wanted, self.settled, self.apart):
            why = self._wanted(candidate)
            if why is None or not taken.isdisjoint(candidate.touches()):
                continue
            splices = self._splices(state, candidate)
            if splices is None or any(
                clash(one, two) for plan in batch for one in plan.splices for two in splices
            ):
                continue
            taken |= candidate.touches()
            batch.append(_Planned(candidate, splices, why))
        return batch

    def _wanted(self, candidate: Candidate) -> str | None:
        """Why the fix had to be asked for ("" for a safe one); None when it is none of this run's."""
        record = candidate.record
        if candidate.fix.safety is Safety.MANUAL:
            self.settled.add(record.id)
            self.found.manual.append(record)
            return None
        why = candidate.unsafe_because
        if why and not self.wanted.unsafe:
            self._leave(candidate, why)
            return None
        return why

    def _leave(self, candidate: Candidate, why: str) -> None:
        for record in (candidate.record, *candidate.others):
            self.settled.add(record.id)
            self.found.optional.append((record, why))

    def _refuse(self, candidate: Candidate, reason: str, instead: str = "") -> None:
        """Settle a fix that is not offered; one that was meant for several findings is tried for each of them."""
        if candidate.others:
            self.apart.update(candidate.ids)
            return
        self.settled.add(candidate.record.id)
        self.found.refused.append(Refused(candidate.record, reason, instead))

    def _splices(self, state: State, candidate: Candidate) -> list[Splice] | None:
        harm = self.barred.findings.get(candidate.record.id)
        if harm is not None:
            self._refuse(candidate, harm)
            return None
        try:
            splices = patch(state.workspace, state.stack, candidate.view.reading, candidate.fix.changes)
        except CannotWrite as error:
            self._refuse(candidate, error.reason, error.instead)
            return None
        except Unreadable as error:
            self._refuse(candidate, str(error), error.hint)
            return None
        except NotKnown as error:
            self._refuse(candidate, f"where it is written rests on what is not known: {error.reason}")
            return None
        except FAULTS as error:
            self._refuse(candidate, f"{BROKE} {candidate.rule.id}: {type(error).__name__}: {error}")
            return None
        kept = next((splice.file for splice in splices if splice.file in self.barred.files), None)
        if kept is not None:
            self._refuse(candidate, self.barred.files[kept])
            return None
        if not splices:
            self._refuse(candidate, "the file says so already; the finding rests on something else")
            return None
        return splices

    def _accept(self, state: State, batch: Sequence[_Planned]) -> State:
        """Prove the batch as one; when that fails, its parts, and so find the fixes to blame."""
        kept: list[_Planned] = []
        after = state
        for group in self._proven(state, _units(batch), kept):
            after = group
        return after

    def _proven(self, state: State, units: Sequence[list[_Planned]], kept: list[_Planned]) -> Iterator[State]:
        group = [plan for unit in units for plan in unit]
        proof = self._prove(state, [*kept, *group])
        if proof.holds and self._asked(proof, units):
            assert proof.after is not None
            self._propose(state, kept, group, proof)
            kept.extend(group)
            yield proof.after
            return
        if len(units) == 1:
            for plan in group:
                if proof.holds:
                    self._leave(plan.candidate, f"it also changes environment {', '.join(proof.unasked)}")
                else:
                    self._refuse(plan.candidate, proof.failure)
            return
        for part in _parts(units, proof.suspects):
            yield from self._proven(state, part, kept)

    def _asked(self, proof: Proof, units: Sequence[list[_Planned]]) -> bool:
        """Whether no environment changes unasked; for one fix that is wanted nevertheless, it may."""
        if not proof.unasked:
            return True
        return self.wanted.unsafe and len(units) == 1

    def _prove(self, state: State, plans: Sequence[_Planned]) -> Proof:
        changes: list[Change] = [change for plan in plans for change in plan.candidate.fix.changes]
        overlay = laid(state.workspace, [splice for plan in plans for splice in plan.splices])
        return prove(state, overlay, changes, [identity for plan in plans for identity in plan.candidate.ids])

    def _propose(
        self, state: State, kept: Sequence[_Planned], group: Sequence[_Planned], proof: Proof
    ) -> None:
        before: Workspace = laid(state.workspace, [splice for plan in kept for splice in plan.splices])
        done = [splice for plan in kept for splice in plan.splices]
        for plan in group:
            after = laid(state.workspace, [*done, *plan.splices])
            edits = {file: (_bytes(before, file), after.read(file)) for file in by_file(plan.splices)}
            done += plan.splices
            before = after
            record = plan.candidate.record
            self.settled.update(plan.candidate.ids)
            unasked = f"it also changes environment {', '.join(proof.unasked)}" if proof.unasked else ""
            why = "; ".join(part for part in (plan.why, unasked) if part)
            safety = "unsafe" if why else "safe"
            also = [other.id for other in plan.candidate.others]
            checks = own_checks(state, proof, plan.candidate.fix.changes, 1 + len(also))
            self.found.proposals.append(Proposal(record, safety, why, edits, checks, also))
        self._also(state, group, proof)

    def _also(self, state: State, group: Sequence[_Planned], proof: Proof) -> None:
        """Findings that went with those that were meant belong to a fix of the same resource, else to the first."""
        assert proof.after is not None
        meant = {identity for plan in group for identity in plan.candidate.ids} | self.settled
        standing = {record.id for record in proof.after.review.findings}
        for record in state.review.findings:
            if record.id in standing or record.id in meant:
                continue
            self.settled.add(record.id)
            offered = self.found.proposals[-len(group) :]
            owner = next((item for item in offered if item.record.address == record.address), offered[0])
            owner.also.append(record.id)


def _units(batch: Sequence[_Planned]) -> list[list[_Planned]]:
    """The fixes that stand or fall together: those that are written by the same edits."""
    units: dict[frozenset[Splice], list[_Planned]] = {}
    for plan in batch:
        units.setdefault(frozenset(plan.splices), []).append(plan)
    return list(units.values())


def _parts(units: Sequence[list[_Planned]], suspects: Collection[str]) -> Iterator[Sequence[list[_Planned]]]:
    """What is to be proven apart after a failure: those that touch nothing at which it failed first, the others one by one; else halves."""
    suspected: list[list[_Planned]] = []
    others: list[list[_Planned]] = []
    for unit in units:
        (others if _touched(unit).isdisjoint(suspects) else suspected).append(unit)
    if not suspected or not others or len(suspected) > 2 * len(suspects):
        middle = len(units) // 2
        yield units[:middle]
        yield units[middle:]
        return
    yield others
    for unit in suspected:
        yield [unit]


def _touched(unit: Sequence[_Planned]) -> set[str]:
    """The findings that fixes are for, and the addresses that they change."""
    found: set[str] = set()
    for plan in unit:
        found.update((*plan.candidate.ids, plan.candidate.record.address))
        for change in plan.candidate.fix.changes:
            resource = owner(change)
            found.add(resource.address)
            if resource.made_by is not None:
                found.add(resource.made_by.address)
    return found


def laid(workspace: Workspace, splices: Sequence[Splice]) -> Overlay:
    """A workspace with these edits carried out."""
    base, edits = (
        (workspace.base, dict(workspace.edits)) if isinstance(workspace, Overlay) else (workspace, {})
    )
    for file, found in by_file(splices).items():
        content = _bytes(workspace, file)
        edits[file] = spliced(content or b"", found)
    return Overlay(base, edits)


def _bytes(workspace: Workspace, file: str) -> bytes | None:
    return workspace.read(file) if workspace.exists(file) else None
