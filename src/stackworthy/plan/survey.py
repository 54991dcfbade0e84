"""What could be better in each stack, and what is already good: findings by rule, capabilities."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.registry import CAPABILITIES
from stackworthy.config import Settings
from stackworthy.core.fix import AddResource, Allow, Change, Remove, Rewrite, Set
from stackworthy.core.review import FindingRecord
from stackworthy.core.workspace import Workspace
from stackworthy.plan.capability import capability
from stackworthy.plan.draft import Draft
from stackworthy.plan.model import CriterionRecord, EvidenceRecord
from stackworthy.plan.words import Touched, heading
from stackworthy.remedy import Remedy, StackRemedy, Wanted, mend
from stackworthy.remedy.state import State
from stackworthy.rules import all_rules
from stackworthy.sources.stack import StackRef

PLANNED = (
    "alarms",
    "cost-anomaly-detection",
    "budget",
    "iam-tightening",
    "s3-lifecycle",
    "log-retention",
    "managed-key",
    "unused-indexes",
    "model-choice",
    "batch-spot-migration",
    "vpc-endpoints",
    "nat-gateway",
    "access-logs",
    "custom-metrics",
    "dynamodb-autoscaling",
    "api-throttling-and-waf",
    "backup",
)
"""The capabilities that a plan looks for, where they exist; the others are a matter of what a stack is for."""

WHOLE = ("vpc-endpoints", "access-logs")
"""Capabilities whose patch is better than the patches of the findings that it ends, each of which does a part."""

_PLACE = re.compile(r"(?P<what>.+?) \((?P<file>[^()\s][^()]*?):(?P<line>\d+)(?:-\d+)?\)(?:; |$)")
SHOWN = 3


class Survey(msgspec.Struct):
    """The stacks as they are, with everything that may be improved or is there already."""

    remedy: Remedy
    drafts: list[Draft]
    done: list[Draft]


def survey(workspace: Workspace, stacks: list[StackRef], settings: Settings) -> Survey:
    """Read, judge and try to mend the stacks. Nothing is written."""
    found = mend(workspace, stacks, settings, Wanted(unsafe=True))
    made = Survey(found, [], [])
    explain = _explanations()
    for stack in found.stacks:
        assert stack.before is not None
        drafts = _rules(stack, stack.before, explain)
        capabilities, done = _capabilities(workspace, stack.before)
        made.drafts += absorbed(drafts, capabilities)
        made.done += distinct(_guarded(stack.before), done)
    return made


def _explanations() -> Callable[[str], str]:
    known = {rule.id: rule for rule in all_rules()}

    def explain(rule: str) -> str:
        text = known[rule].explanation if rule in known else ""
        return " ".join(text.split("\n\n")[0].split())

    return explain


def distinct(guarded: Sequence[Draft], there: Sequence[Draft]) -> list[Draft]:
    """What is done already. A capability that rests on the same line of code as a rule's pass takes that line as its evidence."""
    kept = list(guarded)
    for draft in there:
        for other in list(kept):
            places = {f"{one.file}:{one.line}" for one in other.evidence}
            if any(place in one.text for place in places for one in draft.evidence):
                draft.evidence = other.evidence
                draft.acceptance += other.acceptance
                kept.remove(other)
    return [*kept, *there]


def _rules(stack: StackRemedy, state: State, explain: Callable[[str], str]) -> list[Draft]:
    """One improvement for each rule that found something."""
    proposals = {proposal.record.id: proposal for proposal in stack.proposals}
    together = {identity: proposal for proposal in stack.proposals for identity in proposal.also}
    refused = {item.record.id: item for item in stack.refused}
    groups: dict[str, list[FindingRecord]] = {}
    for record in state.review.findings:
        groups.setdefault(record.rule, []).append(record)
    kinds = {one.address: one.kind or "" for one in state.review.resources}
    drafts = []
    for rule, records in groups.items():
        own = [one for one in records if one.id not in together or together[one.id].record.rule == rule]
        if not own:
            continue
        fixable = frozenset(one.id for one in own if one.id in proposals or one.id in together)
        whys = [proposals[one.id].why for one in own if one.id in proposals and proposals[one.id].why]
        also = [identity for one in own if one.id in proposals for identity in proposals[one.id].also]
        instead = [
            f"{one.address or 'the stack'}: {refused[one.id].instead or refused[one.id].reason}"
            for one in own
            if one.id in refused
        ]
        by_hand = [one for one in own if one.id not in fixable]
        drafts.append(
            Draft(
                "rule",
                rule,
                stack.stack,
                heading(rule),
                findings=own,
                also=[identity for identity in also if identity not in {one.id for one in own}],
                fixable=fixable,
                safety="unsafe" if whys else "safe",
                safety_why="; ".join(dict.fromkeys(whys)) or _declared(own),
                instead=list(dict.fromkeys(instead))
                if instead
                else (["by hand"] if by_hand and fixable else []),
                resources=list(dict.fromkeys(one.address for one in own)),
                why=explain(rule),
                steps=_steps(by_hand, [refused[one.id].reason for one in by_hand if one.id in refused]),
                evidence=_evidence(own),
                edits=len(fixable),
                touched=[
                    Touched(*pair)
                    for pair in dict.fromkeys((kinds.get(one.address, ""), one.property) for one in own)
                ],
                acceptance=[
                    CriterionRecord(
                        f"{rule} passes at {one.address or 'the stack'}", stack.stack.path, rule, one.address
                    )
                    for one in {one.address: one for one in own}.values()
                ],
            )
        )
    return drafts


def _declared(records: Sequence[FindingRecord]) -> str:
    return next((one.fix.why for one in records if one.fix is not None and one.fix.why), "")


def _steps(records: Sequence[FindingRecord], reasons: Sequence[str]) -> list[str]:
    """What a person has to do about findings without a proven patch."""
    steps: dict[str, None] = {}
    for one in records:
        stated = one.fix.steps if one.fix is not None else []
        changes = one.fix.changes if one.fix is not None else []
        for step in stated or changes:
            steps[step[:1].upper() + step[1:]] = None
    if not steps:
        for one in records:
            what = one.property.split("[")[0] or "what is missing"
            steps[f"Change {what} of {one.address or 'the stack'} ({one.file}:{one.line})"] = None
    for reason in dict.fromkeys(reasons):
        steps[f"To know before: {reason}"] = None
    return list(steps)


def _evidence(records: Sequence[FindingRecord]) -> list[EvidenceRecord]:
    return [EvidenceRecord(one.message, one.file, one.line, list(one.environments)) for one in records]


def _guarded(state: State) -> list[Draft]:
    """What the code does right already: rules that pass because of a protection that they found."""
    found: dict[str, Draft] = {}
    for verdict in state.review.verdicts:
        if verdict.state != "pass" or not verdict.reason:
            continue
        evidence = [
            EvidenceRecord(match["what"], match["file"], int(match["line"]), list(verdict.environments))
            for match in _PLACE.finditer(verdict.reason)
        ]
        draft = found.setdefault(
            verdict.rule,
            Draft(
                "rule", verdict.rule, state.stack, heading(verdict.rule), done="the code guards against it"
            ),
        )
        draft.resources.append(verdict.address)
        draft.evidence += evidence or [EvidenceRecord(verdict.reason)]
        draft.acceptance.append(
            CriterionRecord(
                f"{verdict.rule} passes at {verdict.address}", state.stack.path, verdict.rule, verdict.address
            )
        )
    return list(found.values())


def _capabilities(workspace: Workspace, state: State) -> tuple[list[tuple[Draft, set[str]]], list[Draft]]:
    """Capabilities that the stack lacks, each with the findings that it would end; and those that it has."""
    wanted: list[tuple[Draft, set[str]]] = []
    done: list[Draft] = []
    before = {record.id for record in state.review.findings}
    for name in PLANNED:
        if name not in CAPABILITIES:
            continue
        made = capability(name, state, workspace)
        if made.there:
            done.append(_capability(name, made.there, [], [], state))
        if made.missing:
            ended = before - {one.id for one in made.after.review.findings} if made.after else set()
            wanted.append((_capability(name, made.missing, made.written, made.refused, state), ended))
    return wanted, done


def _capability(
    name: str,
    found: Sequence[Improvement],
    written: Sequence[Improvement],
    refused: Sequence[str],
    state: State,
) -> Draft:
    """All that one capability comes to on one stack."""
    titles = list(dict.fromkeys(one.title for one in found))
    summary = CAPABILITIES[name]
    steps = [step for one in found for step in one.steps]
    steps += [f"No patch is offered: {reason}" for reason in refused]
    kinds = {one.address: one.kind or "" for one in state.review.resources}
    changes = [change for one in found for change in one.changes]
    return Draft(
        "capability",
        name,
        state.stack,
        titles[0] if len(titles) == 1 else f"{summary[:1].upper()}{summary[1:]}",
        resources=list(dict.fromkeys(address for one in found for address in one.resources)),
        why="; ".join(dict.fromkeys(one.why for one in found if one.why)) or summary,
        steps=list(dict.fromkeys(steps)),
        done="; ".join(one.done for one in found if one.done),
        evidence=[_found(one.done, one.resources, state) for one in found if one.done]
        or _stated([address for one in found for address in one.resources], state),
        edits=sum(len(one.changes) for one in written),
        touched=touched_by(changes)
        or [Touched(kinds.get(at, ""), "") for one in found for at in one.resources],
        acceptance=[
            CriterionRecord(
                f"stackworthy generate {name} finds nothing left to do: {title}",
                state.stack.path,
                capability=name,
            )
            for title in titles
        ],
    )


def _stated(addresses: Sequence[str], state: State) -> list[EvidenceRecord]:
    """Where resources stand that something is missing for."""
    records = {one.address: one for one in state.review.resources}
    found = [records[address] for address in dict.fromkeys(addresses) if address in records]
    return [EvidenceRecord(f"{one.address} stands here", one.file, one.line) for one in found[:SHOWN]]


def _found(text: str, resources: Sequence[str], state: State) -> EvidenceRecord:
    """What shows that a capability is there, and where: at the first resource that the text names."""
    record = next((one for one in state.review.resources if one.address in text), None)
    if record is None:
        record = next((one for one in state.review.resources if one.address in resources), None)
    return EvidenceRecord(text, record.file, record.line) if record else EvidenceRecord(text)


def touched_by(changes: Sequence[Change]) -> list[Touched]:
    """The kinds and properties that changes touch."""
    found: dict[Touched, None] = {}
    for change in changes:
        if isinstance(change, AddResource):
            found[Touched(change.kind, "")] = None
        elif isinstance(change, (Set, Remove)):
            found[Touched(change.resource.kind or "", change.path)] = None
        elif isinstance(change, Allow):
            found[Touched("AWS::IAM::Role", "Policies")] = None
        elif isinstance(change, Rewrite):
            found[Touched(change.function.kind or "", "Code")] = None
    return list(found)


def absorbed(drafts: Sequence[Draft], capabilities: Sequence[tuple[Draft, set[str]]]) -> list[Draft]:
    """Findings that a capability ends become a part of it, unless their own patches say it better."""
    made = {draft.name: draft for draft in drafts}
    for whole, ended in capabilities:
        for draft in list(made.values()):
            ids = {one.id for one in draft.findings}
            own = draft.writes and whole.name not in WHOLE
            if draft.source != "rule" or own or not ids or not ids <= ended:
                continue
            whole.findings += draft.findings
            whole.evidence += draft.evidence
            whole.acceptance += draft.acceptance
            whole.resources = list(dict.fromkeys((*whole.resources, *draft.resources)))
            del made[draft.name]
    return [*made.values(), *(draft for draft, _ in capabilities)]
