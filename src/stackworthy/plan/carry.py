"""Carries improvements out on a copy, one on top of the other, and prices the stacks after each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import msgspec

from stackworthy.config import Settings
from stackworthy.core.cost import UsageError
from stackworthy.core.workspace import Overlay, Workspace
from stackworthy.plan.capability import Edits, capability
from stackworthy.plan.draft import Draft, WhatIf
from stackworthy.plan.phases import Placed
from stackworthy.plan.pricing import Bills, Pricer
from stackworthy.plan.whatif import whatif
from stackworthy.remedy import Wanted
from stackworthy.remedy.engine import Engine
from stackworthy.remedy.state import State


class Snapshot(msgspec.Struct):
    """How everything stands between two improvements."""

    workspace: Workspace
    states: dict[str, State]
    whatifs: list[WhatIf]
    bills: Bills

    def same(self, other: Snapshot) -> bool:
        """Whether the files are the same, and what is taken for granted."""
        return _edits(self.workspace) == _edits(other.workspace) and set(self.whatifs) == set(other.whatifs)


def _edits(workspace: Workspace) -> Mapping[str, bytes | None]:
    return workspace.edits if isinstance(workspace, Overlay) else {}


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
    came_from: Snapshot | None = None
    came_to: Snapshot | None = None


class _Made(msgspec.Struct):
    """What carrying out came to: the stack afterwards (None: as it was), edits with their proof, the price's basis."""

    state: State | None = None
    edits: Edits = {}
    checks: list[str] = []
    basis: str = ""
    refused: str = ""
    gone: bool = False
    whatif: WhatIf | None = None


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
        self.first = states
        self.states = dict(states)
        self.pricer = pricer()
        for state in states.values():
            self.pricer.put(state.stack, state)
        self.bills = self.start = self.pricer.bills()
        self.keep_dear = keep_dear

    def run(
        self,
        order: Sequence[Placed],
        progress: Callable[[int, int], None] | None = None,
        earlier: Sequence[Carried] = (),
    ) -> list[Carried]:
        """Carry them out in this order. What an `earlier` run in another order came to is taken over wherever the stacks stood the same."""
        made: list[Carried] = []
        for count, placed in enumerate(order):
            known = earlier[count] if count < len(earlier) else None
            if known is not None and known.placed is placed and self._stands_as(known):
                self._resume(known)
                made.append(known)
            else:
                made.append(self._one(placed))
            if progress is not None:
                progress(count + 1, len(order))
        return made

    def _snapshot(self) -> Snapshot:
        return Snapshot(self.workspace, dict(self.states), list(self.pricer.whatifs), self.bills)

    def _stands_as(self, known: Carried) -> bool:
        """Whether everything stands as it did before this improvement in the earlier run."""
        return known.came_from is not None and known.came_from.same(self._snapshot())

    def _resume(self, known: Carried) -> None:
        """Take over how everything stood after it."""
        assert known.came_to is not None
        self.workspace, self.bills = known.came_to.workspace, known.came_to.bills
        self.pricer.whatifs = list(known.came_to.whatifs)
        for path, state in known.came_to.states.items():
            if self.states[path] is not state:
                self.states[path] = state
                self.pricer.put(state.stack, state)

    def _one(self, placed: Placed) -> Carried:
        draft = placed.draft
        before = self.bills
        came_from = self._snapshot()
        kept = (self.workspace, self.states[draft.stack.path])
        made = self._carried_out(draft)
        if made.state is not None:
            self._stand(made.state)
        if made.whatif is not None:
            self.pricer.whatifs.append(made.whatif)
        priced = made.state is not None or made.whatif is not None
        basis = made.basis
        if priced:
            try:
                self.bills = self.pricer.bills()
            except UsageError as error:
                priced, basis = False, f"cannot be priced: {error}"
                if made.whatif is not None:
                    self.pricer.whatifs.remove(made.whatif)
        withheld = priced and self._too_dear(placed, before)
        after = self.bills
        if withheld:
            self.workspace, state = kept
            self._stand(state, kept[0])
            if made.whatif is not None:
                self.pricer.whatifs.remove(made.whatif)
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
            came_from,
            self._snapshot(),
        )

    def _stand(self, state: State, workspace: Workspace | None = None) -> None:
        self.states[state.stack.path] = state
        self.workspace = workspace or state.workspace
        self.pricer.put(state.stack, state)

    def _too_dear(self, placed: Placed, before: Bills) -> bool:
        """Whether advice costs more than everything did at first. A grave fault is never left unsaid for its price."""
        limit = self.start.cost
        if not any(table.table for table in self.pricer.tables.values()):
            limit = max(limit, LITTLE)
        added = self.bills.cost - before.cost
        grave = placed.severity in ("critical", "high")
        return not self.keep_dear and not grave and added > limit

    def _carried_out(self, draft: Draft) -> _Made:
        return self._rule(draft) if draft.source == "rule" else self._capability(draft)

    def _rule(self, draft: Draft) -> _Made:
        standing = {record.id for record in self.states[draft.stack.path].review.findings}
        if not standing & {record.id for record in draft.findings}:
            return _Made(gone=True)
        if not draft.fixable:
            return _Made(basis="done by hand: nothing to price")
        state = self.states[draft.stack.path]
        before = state if state.workspace is self.workspace else None
        wanted = Wanted(findings=draft.fixable, unsafe=True)
        stack = Engine(self.workspace, draft.stack, self.settings, wanted).run(before)
        if not stack.proposals or stack.after is None:
            reason = stack.refused[0].reason if stack.refused else "no fix holds any more"
            return _Made(refused=reason, basis="no patch, so nothing to price")
        edits: Edits = {}
        for proposal in stack.proposals:
            for file, (old, new) in proposal.edits.items():
                edits[file] = (edits[file][0] if file in edits else old, new)
        return _Made(stack.after, edits, stack.proposals[0].checks, _PATCHED)

    def _capability(self, draft: Draft) -> _Made:
        made = capability(draft.name, self.states[draft.stack.path], self.workspace)
        if not made.missing and not draft.findings:
            return _Made(gone=True)
        views = self.states[draft.stack.path].views
        graph = next((one for one in views if one.environment == self.bills.main), views[0]).reading.graph
        asked = self.pricer.asked(self.bills).get(graph.path, {})
        assumed, basis = whatif(draft.name, graph, asked, made.missing)
        refused = next(iter(made.refused), "")
        if made.after is None:
            by_hand = refused or basis or "done by hand: nothing to price"
            return _Made(basis=basis or by_hand, refused=refused, whatif=assumed)
        return _Made(made.after, made.edits, made.checks, basis or _PATCHED, refused, whatif=assumed)


LITTLE = Decimal(1)
"""What advice may cost where no workload is stated, and so the bill says little."""
_PATCHED = "the patched graph under the same workload"
