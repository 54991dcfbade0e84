"""The bill of all stacks as improvements are carried out: one number for each environment, priced again after each."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from stackworthy.config import Settings, closest
from stackworthy.core.cost import Bill, Given, Usage
from stackworthy.core.graph import Graph
from stackworthy.core.value import show
from stackworthy.core.workspace import Workspace
from stackworthy.estimate import estimate
from stackworthy.judge import stack_folder
from stackworthy.plan.draft import WhatIf
from stackworthy.prices.catalogue import Catalogue
from stackworthy.remedy.state import State
from stackworthy.sources.stack import StackRef
from stackworthy.workload.billing import Priced, Stack, Table, Terms, price
from stackworthy.workload.changed import changed
from stackworthy.workload.reading import PRODUCTION, text_of

CENT = Decimal("0.01")
TASK, JOB, ENVIRONMENT = (
    "AWS::ECS::TaskDefinition",
    "AWS::Batch::JobDefinition",
    "AWS::Batch::ComputeEnvironment",
)
SPOT = "FARGATE_SPOT"
ON_SPOT = Given(Decimal(100), "assumed", "Spot has capacity, and is the queue's first choice")


class Bills(msgspec.Struct):
    """The bills by environment; `main` is the one that the plan is about."""

    main: str
    by_environment: dict[str, Priced]

    @property
    def bill(self) -> Bill:
        """The bill that the plan is about."""
        return self.by_environment[self.main].bill

    @property
    def cost(self) -> Decimal:
        """Its sum."""
        return self.bill.cost


class Pricer:
    """Prices stacks as they stand now. `put` replaces a stack by what a patch made of it; what-ifs stay for all that follows."""

    def __init__(
        self,
        workspace: Workspace,
        base: str,
        settings: Settings,
        terms: Terms,
        prices: Catalogue,
        workload: Table | None = None,
        environment: str = "",
    ) -> None:
        self.workspace = workspace
        self.base = base
        self.settings = settings
        self.terms = terms
        self.prices = prices
        self.workload = workload
        self.wanted = environment
        self.graphs: dict[str, dict[str, Graph]] = {}
        self.tables: dict[str, Table] = {}
        self.by_file: dict[str, Table] = {}
        self.whatifs: list[WhatIf] = []
        self.first: dict[str, set[str]] = {}

    def put(self, stack: StackRef, state: State) -> None:
        """Price this stack as it stands in this state from now on."""
        self.replace(stack, {view.environment: view.reading.graph for view in state.views})

    def replace(self, stack: StackRef, graphs: dict[str, Graph]) -> None:
        """Price these graphs, by environment, as the stack from now on."""
        for graph in graphs.values():
            graph.path = posixpath.relpath(stack.path, self.base) if self.base else stack.path or "."
        if stack.path not in self.graphs:
            self.tables[stack.path] = self._table(stack)
            self.first[stack.path] = {address for graph in graphs.values() for address in graph.resources}
        self.graphs[stack.path] = graphs

    def _table(self, stack: StackRef) -> Table:
        """The workload of a stack; stacks of one settings file share one."""
        if self.workload is not None:
            return self.workload
        own = closest(self.settings, stack_folder(stack), self.workspace)
        name = own.file or ""
        if name not in self.by_file:
            shown = posixpath.relpath(name, self.base) if self.base and name else name
            self.by_file[name] = Table(own.workload, shown, text_of(self.workspace, own))
        return self.by_file[name]

    def environments(self) -> dict[str, list[Stack]]:
        """The stacks of each environment; one without environments is part of each."""
        found: dict[str, list[Stack]] = {}
        everywhere = []
        for path, graphs in self.graphs.items():
            for name, graph in graphs.items():
                entry = Stack(graph, self.tables[path], name)
                found.setdefault(name, []).append(entry)
                if not name:
                    everywhere.append(entry)
        if len(found) > 1 and "" in found:
            del found[""]
            for stacks in found.values():
                stacks.extend(everywhere)
        return found

    def main(self, names: Iterable[str]) -> str:
        """The environment that the plan is about: the one asked for, else production, else the first."""
        known = list(names)
        if self.wanted in known:
            return self.wanted
        return next((name for name in known if name.lower() in PRODUCTION), known[0] if known else "")

    def bills(self) -> Bills:
        """The bills now. Raises `UsageError`."""
        environments = self.environments()
        made = {name: self._priced(stacks) for name, stacks in environments.items()}
        if not made:
            made = {"": price([], self.terms, self.prices)}
        return Bills(self.main(made), made)

    def _priced(self, stacks: list[Stack]) -> Priced:
        priced = price(stacks, self.terms, self.prices)
        rows = list(self._carried(stacks, priced.usage))
        if not self.whatifs and not rows:
            return priced
        usage = self._usage(stacks, priced.usage, rows)
        gone = {address for one in self.whatifs for address in one.without}
        graphs = [changed(stack.graph, None, gone) if gone else stack.graph for stack in stacks]
        bill = estimate(graphs, usage, self.prices, self.terms.options())
        for new, old in zip(bill.stacks, priced.bill.stacks, strict=True):
            known = {(one.address, one.component) for one in new.unpriced}
            new.unpriced += [one for one in old.unpriced if (one.address, one.component) not in known]
        bill.complete = bill.complete and priced.bill.complete
        return Priced(bill, priced.flows, usage, priced.warnings)

    def _carried(self, stacks: list[Stack], usage: Usage) -> Iterable[tuple[str, str, str, Given]]:
        """A job that takes a container task's place runs as long as the task did, and on Spot where its queue has Spot."""
        for stack in stacks:
            graph = stack.graph
            path = next(path for path, found in self.graphs.items() if found.get(stack.environment) is graph)
            new = [job for job in graph.of(JOB) if job.address not in self.first[path]]
            spot = any(show(one["ComputeResources.Type"]) == SPOT for one in graph.of(ENVIRONMENT))
            for job in new:
                asked = usage.of(graph.path, job.address)
                if spot and "spot_percent" not in asked:
                    yield graph.path, job.address, "spot_percent", ON_SPOT
                stated = [
                    usage.of(graph.path, task.address).get("task_duration_s") for task in graph.of(TASK)
                ]
                durations = [given for given in stated if given is not None]
                if durations and "job_duration_s" not in asked:
                    longest = max(durations, key=lambda given: given.value)
                    yield graph.path, job.address, "job_duration_s", longest

    def _usage(self, stacks: list[Stack], usage: Usage, rows: Iterable[tuple[str, str, str, Given]]) -> Usage:
        made = Usage()
        moved = {(address, key): new for one in self.whatifs for address, key, new in one.moved}
        for path, address, key, given in (*usage.rows(), *rows):
            name = moved.get((address, key), key)
            made.add(address, name, given.value, stack=path, basis=given.basis, why=given.why)
        for one in self.whatifs:
            for address, key, value in one.quantities:
                for stack in stacks:
                    if stack.graph.get(address) is not None:
                        made.add(address, key, value, stack=stack.graph.path, basis="assumed", why="planned")
        return made

    def asked(self, bills: Bills) -> Mapping[str, Mapping[str, Mapping[str, Given]]]:
        """The usage of the bill that the plan is about, by stack, address and key."""
        found: dict[str, dict[str, dict[str, Given]]] = {}
        for path, address, key, given in bills.by_environment[bills.main].usage.rows():
            found.setdefault(path, {}).setdefault(address, {})[key] = given
        return found


def cents(amount: Decimal) -> Decimal:
    """Rounded to whole cents."""
    return amount.quantize(CENT)


__all__ = ["Bills", "Pricer", "cents"]
