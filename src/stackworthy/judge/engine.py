"""Rules meet a graph: one outcome for every rule on every subject. Nothing is dropped; what needs the unknown says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import msgspec

from stackworthy.core.finding import Finding, Guard
from stackworthy.core.graph import Edge, Graph
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Code, Kinds, Relation, Rule, Stack
from stackworthy.core.value import NotKnown
from stackworthy.core.verdict import State
from stackworthy.rules import rules_for, rules_in
from stackworthy.sources.stack import has_code

BROKE = "malformed input, or a fault of the rule"
"""How the reason begins when a rule met a value of a kind that no valid template has."""

FAULTS = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RuntimeError)
"""What a rule or a relation raises that meets such a value."""


class Outcome(msgspec.Struct):
    """What one rule says of one subject; `findings` when it failed, `reason` when it could not be assessed.

    `guards` are the protections that a rule found in code.
    """

    rule: Rule
    address: str
    state: State
    reason: str = ""
    findings: list[Finding] = msgspec.field(default_factory=list)
    guards: list[Guard] = msgspec.field(default_factory=list)


class RuleSet(msgspec.Struct):
    """Rules by what they judge."""

    by_kind: dict[str, list[Rule]] = msgspec.field(default_factory=dict)
    relations: list[tuple[Relation, Rule]] = msgspec.field(default_factory=list)
    stacks: list[tuple[Stack, Rule]] = msgspec.field(default_factory=list)
    code: list[Rule] = msgspec.field(default_factory=list)

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> RuleSet:
        """Sort rules by their `on`."""
        made = cls()
        for rule in rules:
            on = rule.on
            if isinstance(on, Relation):
                made.relations.append((on, rule))
            elif isinstance(on, Stack):
                made.stacks.append((on, rule))
            elif isinstance(on, Code):
                made.code.append(rule)
            else:
                for kind in on.kinds if isinstance(on, Kinds) else (on,):
                    made.by_kind.setdefault(kind, []).append(rule)
        return made


class Selection(msgspec.Struct, frozen=True):
    """Which rules take part: profile, ids (or former ids, or other scanners' ids) to run or skip, pillars."""

    profile: str = "recommended"
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    pillars: tuple[str, ...] = ()

    def takes(self, rule: Rule) -> bool:
        """Whether a rule takes part. A rule that is asked for by name does, whatever its profile."""
        names = rule.names
        if not names.isdisjoint(self.skip) or (self.pillars and rule.pillar.value not in self.pillars):
            return False
        if self.only:
            return not names.isdisjoint(self.only)
        return rule.profile == "recommended" or self.profile == "strict"


@lru_cache(maxsize=256)
def _chosen(modules: tuple[tuple[Rule, ...], ...], selection: Selection) -> RuleSet:
    return RuleSet.of(rule for module in modules for rule in module if selection.takes(rule))


def judge(graph: Graph, selection: Selection) -> list[Outcome]:
    """The outcomes of all selected rules whose services the graph has, in the order of resources."""
    modules = rules_for(graph.kinds(), code=has_code(graph))
    return list(outcomes(graph, _chosen(tuple(map(rules_in, modules)), selection)))


def outcomes(graph: Graph, rules: RuleSet) -> Iterator[Outcome]:
    """The outcomes of these rules on a graph."""
    for kind in graph.kinds():
        applicable = rules.by_kind.get(kind)
        if applicable:
            for resource in graph.of(kind):
                for rule in applicable:
                    yield _outcome(rule, resource, resource.address)
    for relation, rule in rules.relations:
        yield from _related(graph, relation, rule)
    for stack, rule in rules.stacks:
        if not stack.kinds or any(graph.of(kind) for kind in stack.kinds):
            yield _outcome(rule, graph, "")
    if rules.code:
        yield from _code(graph, rules.code)


def _code(graph: Graph, rules: list[Rule]) -> Iterator[Outcome]:
    """The outcomes of rules on source code, for every function whose code is in reach."""
    from stackworthy.sources.code.handler import Handler, code_of
    from stackworthy.sources.code.handlers import NotFound

    for function in graph.of("AWS::Lambda::Function"):
        found = code_of(function)
        if isinstance(found, Handler):
            for rule in rules:
                yield _numbered(_outcome(rule, found, function.address))
        elif isinstance(found, NotFound) and len(rules) > 1:
            # What cannot be seen is one thing that nobody knows, not fifty: one verdict says so for all rules.
            first = min(rules, key=lambda rule: rule.id)
            reason = f"{found.reason}; none of the rules on code could look"
            yield Outcome(first, function.address, State.NOT_ASSESSED, reason)
        elif found is not None:
            for rule in rules:
                yield Outcome(rule, function.address, State.NOT_ASSESSED, found.reason)


def _numbered(outcome: Outcome) -> Outcome:
    """Faults of one part of the code, told apart by their order."""
    if len(outcome.findings) > 1:
        outcome.findings.sort(key=_place)
        seen: dict[str, int] = {}
        for finding in outcome.findings:
            count = seen[finding.property] = seen.get(finding.property, 0) + 1
            if count > 1:
                finding.property += f" #{count}"
    return outcome


def _place(finding: Finding) -> tuple[str, int]:
    return (finding.code.span.file, finding.code.span.start_byte) if finding.code else ("", 0)


def _outcome(rule: Rule, subject: Any, address: str) -> Outcome:
    findings: list[Finding] = []
    guards: list[Guard] = []
    try:
        for finding in rule.check(subject):
            (guards if isinstance(finding, Guard) else findings).append(finding)  # type: ignore[arg-type]
    except NotKnown as error:
        if not findings:
            return Outcome(rule, address, State.NOT_ASSESSED, error.reason)
    except FAULTS as error:
        if not findings:
            return Outcome(rule, address, State.NOT_ASSESSED, _broke(rule, error))
    return Outcome(rule, address, State.FAIL if findings else State.PASS, "", findings, guards)


def _broke(rule: Rule, error: Exception) -> str:
    return f"{BROKE} {rule.id}: {type(error).__name__}: {error}"


def _related(graph: Graph, relation: Relation, rule: Rule) -> Iterator[Outcome]:
    if not graph.of(relation.source) and not graph.of(relation.target):
        return
    try:
        edges = graph.edges(relation.kind)
    except (NotKnown, *FAULTS) as error:
        reason = error.reason if isinstance(error, NotKnown) else _broke(rule, error)
        for resource in graph.of(relation.target if relation.subject == "target" else relation.source):
            yield Outcome(rule, resource.address, State.NOT_ASSESSED, reason)
        return
    for edge in edges.all:
        if edge.source.kind == relation.source and edge.target.kind == relation.target:
            yield _outcome(rule, edge, _subject(relation, edge).address)
    for end in edges.loose:
        known = end.source or end.target
        wanted = relation.source if end.source is not None else relation.target
        other = relation.target if end.source is not None else relation.source
        if known is not None and known.kind == wanted and (not end.kinds or other in end.kinds):
            yield Outcome(rule, known.address, State.NOT_ASSESSED, end.reason)


def _subject(relation: Relation, edge: Edge) -> Resource:
    if relation.subject == "via" and edge.resource is not None:
        return edge.resource
    return edge.target if relation.subject == "target" else edge.source
