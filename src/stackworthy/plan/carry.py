"""Carries improvements out on a copy, one on top of the other, and prices the stacks after each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import msgspec

from stackworthy.config import Settings
from stackworthy.core.cost import UsageError
from stackworthy.core.patch import CannotWrite, by_file
from stackworthy.core.workspace import Overlay, Unreadable, Workspace
from stackworthy.judge.engine import FAULTS
from stackworthy.plan.advice import advice
from stackworthy.plan.draft import Advice, Draft
from stackworthy.plan.phases import Placed
from stackworthy.plan.pricing import Bills, Pricer
from stackworthy.remedy import Wanted, mend
from stackworthy.remedy.engine import laid
from stackworthy.remedy.generate import generate
from stackworthy.remedy.proof import prove
from stackworthy.remedy.state import State, state_of
from stackworthy.sources.writing import patch

Edits = dict[str, tuple[bytes | None, bytes]]


class Carried(msgspec.Struct):
    """An improvement that was carried out. `exact` are the changes of the bills by environment; `refused` says why there is no patch.

    `gone`: another one before it has brought it along. `withheld`: it costs more than everything, and was taken back.
    """

    placed: Placed
    before: Decimal
    after: Decimal
    exact: dict[str, Decimal]
    priced: bool
    basis: str
    edits: Edits = {}
    checks: list[str] = []
    refused: str = ""
    gone: bool = False
    withheld: bool = False


class _Made(msgspec.Struct):
    """What carrying out came to: the stack afterwards (None: as it was), edits with their proof, the price's basis."""

    state: State | None = None
    edits: Edits = {}
    checks: list[str] = []
    basis: str = ""
    refused: str = ""
    gone: bool = False
    advice: Advice | None = None


class Carrier:
    """The stacks as the improvements so far have left them."""

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        states: Mapping[str, State],
        pricer: Callable[[], Pricer],
        keep_dear: bool,
    ) -> None:
        self.workspace = workspace
        self.settings = settings
        self.states = dict(states)
        self.pricer = pricer()
        for state in states.values():
            self.pricer.put(state.stack, state)
        self.bills = self.start = self.pricer.bills()
        self.keep_dear = keep_dear

    def run(
        self, order: Sequence[Placed], progress: Callable[[int, int], None] | None = None
    ) -> list[Carried]:
        """Carry them out in this order."""
        made = []
        for count, placed in enumerate(order):
            made.append(self._one(placed))
            if progress is not None:
                progress(count + 1, len(order))
        return made

    def _one(self, placed: Placed) -> Carried:
        draft = placed.draft
        before = self.bills
        kept = (self.workspace, self.states[draft.stack.path])
        made = self._carried_out(draft)
        whatif = made.advice.whatif if made.advice is not None else None
        if made.state is not None:
            self._stand(made.state)
        if whatif is not None:
            self.pricer.whatifs.append(whatif)
        priced = made.state is not None or whatif is not None
        basis = made.basis
        if priced:
            try:
                self.bills = self.pricer.bills()
            except UsageError as error:
                priced, basis = False, f"cannot be priced: {error}"
        withheld = priced and self._too_dear(placed, before)
        after = self.bills
        if withheld:
            self.workspace, state = kept
            self._stand(state, kept[0])
            if whatif is not None:
                self.pricer.whatifs.remove(whatif)
            self.bills = before
        return Carried(
            placed,
            before.cost,
            after.cost,
            {
                name: one.bill.cost - before.by_environment[name].bill.cost
                for name, one in after.by_environment.items()
                if name in before.by_environment
            },
            priced,
            basis,
            made.edits,
            made.checks,
            made.refused,
            made.gone,
            withheld,
        )

    def _stand(self, state: State, workspace: Workspace | None = None) -> None:
        self.states[state.stack.path] = state
        self.workspace = workspace or state.workspace
        self.pricer.put(state.stack, state)

    def _too_dear(self, placed: Placed, before: Bills) -> bool:
        """Whether advice costs more than everything did at first. A grave fault is never left unsaid for its price."""
        whole = self.start.cost
        added = self.bills.cost - before.cost
        grave = placed.severity in ("critical", "high")
        return not self.keep_dear and not grave and whole > 0 and added > whole

    def _carried_out(self, draft: Draft) -> _Made:
        if draft.source == "rule":
            return self._rule(draft)
        return self._capability(draft) if draft.source == "capability" else self._advice(draft)

    def _rule(self, draft: Draft) -> _Made:
        standing = {record.id for record in self.states[draft.stack.path].review.findings}
        if not standing & {record.id for record in draft.findings}:
            return _Made(gone=True)
        if not draft.fixable:
            return _Made(basis="done by hand: nothing to price")
        wanted = Wanted(findings=draft.fixable, unsafe=True)
        found = mend(self.workspace, [draft.stack], self.settings, wanted)
        stack = found.stacks[0] if found.stacks else None
        if stack is None or not stack.proposals or stack.after is None:
            reason = (
                stack.refused[0].reason if stack is not None and stack.refused else "no fix holds any more"
            )
            return _Made(refused=reason, basis="no patch, so nothing to price")
        edits = {file: (found.originals[file], content) for file, content in found.edits.items()}
        return _Made(stack.after, edits, stack.proposals[0].checks, _PATCHED)

    def _capability(self, draft: Draft) -> _Made:
        made = generate(self.workspace, [draft.stack], self.settings, draft.name)
        missing = [item for item in made.found if not item.improvement.done]
        if not missing and not draft.findings:
            return _Made(gone=True)
        given = self.workspace.edits if isinstance(self.workspace, Overlay) else {}
        edits = {
            file: (made.originals[file], content)
            for file, content in made.edits.items()
            if given.get(file) != content
        }
        if not edits:
            reason = next((item.refused for item in missing if item.refused), "")
            return _Made(refused=reason, basis="done by hand: nothing to price")
        overlay = _over(self.workspace, edits)
        state = state_of(overlay, draft.stack, self.settings)
        checks = next((item.checks for item in missing if item.checks), [])
        return _Made(state, edits, checks, _PATCHED)

    def _advice(self, draft: Draft) -> _Made:
        assert draft.advice is not None
        item = draft.advice
        state = self.states[draft.stack.path]
        if not item.changes:
            return _Made(basis=item.basis or "nothing to price", advice=item)
        view = next((one for one in state.views if one.environment == self.bills.main), state.views[0])
        graph = view.reading.graph
        same = next(
            (
                one
                for one in advice(graph, self.pricer.asked(self.bills).get(graph.path, {}), (), ())
                if (one.name, one.resources) == (item.name, item.resources)
            ),
            None,
        )
        if same is None:
            return _Made(gone=True)
        try:
            splices = patch(self.workspace, state.stack, view.reading, same.changes)
        except (CannotWrite, Unreadable) as error:
            return _Made(refused=str(error), basis=item.basis, advice=item)
        except FAULTS as error:
            return _Made(refused=f"{type(error).__name__}: {error}", basis=item.basis, advice=item)
        overlay = laid(self.workspace, splices)
        proof = prove(state, overlay, same.changes, ())
        if not proof.holds or proof.after is None:
            return _Made(refused=proof.failure, basis=item.basis, advice=item)
        edits = {
            file: (self.workspace.read(file) if self.workspace.exists(file) else None, overlay.read(file))
            for file in by_file(splices)
        }
        checks = [check for check in proof.checks if check != "the finding is gone"]
        return _Made(proof.after, edits, checks, item.basis or _PATCHED, advice=item)


_PATCHED = "the patched graph under the same workload"


def _over(workspace: Workspace, edits: Edits) -> Overlay:
    base, given = (
        (workspace.base, dict(workspace.edits)) if isinstance(workspace, Overlay) else (workspace, {})
    )
    return Overlay(base, {**given, **{file: after for file, (_, after) in edits.items()}})
