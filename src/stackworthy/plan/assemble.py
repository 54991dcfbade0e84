"""Makes the document of what was surveyed and carried out. Every figure that a report shows is a field here."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal

from stackworthy.core.cost import decimal_text
from stackworthy.masking import masked_line, masked_text
from stackworthy.plan import words
from stackworthy.plan.carry import Carried, Carrier
from stackworthy.plan.draft import Draft
from stackworthy.plan.judgement import VERDICTS, effort, impact, level, risk
from stackworthy.plan.model import (
    CellRecord,
    CostRecord,
    CostSummary,
    CountRecord,
    EvidenceRecord,
    ImprovementRecord,
    LevelName,
    MetricRecord,
    PatchRecord,
    PhaseRecord,
    Plan,
    ProblemRecord,
    RollbackRecord,
    StatusName,
    TotalRecord,
)
from stackworthy.plan.pricing import Bills, cents
from stackworthy.plan.settings import WHY, PlanSettings
from stackworthy.remedy.diff import unified

STATUSES: tuple[StatusName, ...] = ("done", "todo", "needs testing", "experiment", "major change")
LEVELS: tuple[LevelName, ...] = ("high", "medium", "low")
_RANK = {"critical": 3, "high": 2, "medium": 1, "low": 0}
MOST_EVIDENCE = 12
FIRST_STEPS = 3


def assemble(
    title: str,
    carrier: Carrier,
    carried: Sequence[Carried],
    done: Sequence[Draft],
    settings: PlanSettings,
    problems: Sequence[ProblemRecord],
    workload: str,
    today: datetime.date,
) -> Plan:
    """The plan as a document."""
    kept = [one for one in carried if not one.gone and not one.withheld]
    records = [_record(one, carrier.start, settings) for one in kept]
    withheld = [_withheld(one, carrier.start, settings) for one in carried if one.withheld]
    finished = [_done(draft, carrier.start) for draft in done]
    phases = _phases(records, settings)
    everything = [*records, *finished, *withheld]
    hours = sum((Decimal(one.effort_hours) for one in records), Decimal(0))
    return Plan(
        title=title,
        stacks=[state.stack.path or "." for state in carrier.states.values()],
        date=today.isoformat(),
        cost=_cost(carrier, records, workload),
        counts=[
            CountRecord(name, sum(one.status == name for one in (*records, *finished))) for name in STATUSES
        ],
        total=len(records) + len(finished),
        effort_hours=decimal_text(hours),
        phases=phases,
        improvements=everything,
        done=[one.id for one in finished],
        withheld=[one.id for one in withheld],
        matrix=_matrix(records),
        waterfall=_waterfall(records, phases),
        metrics=_metrics(carrier, records, everything),
        testing=list(words.TEST_ALL),
        watch=list(dict.fromkeys(line for one in records for line in one.watch)),
        next_steps=_next_steps(records, phases),
        problems=list(problems),
    )


def _record(one: Carried, start: Bills, settings: PlanSettings) -> ImprovementRecord:
    placed = one.placed
    draft = placed.draft
    before, after = cents(one.before), cents(one.after)
    lost = words.lost(draft.touched)
    risk_level, reason = risk(draft, placed.status, draft.touched, lost)
    hours = placed.hours
    return ImprovementRecord(
        id=draft.id,
        number="",
        title=_safe(draft.title),
        source=draft.source,  # type: ignore[arg-type]
        name=draft.name,
        stack=draft.stack.path,
        status=placed.status,
        phase=placed.phase,
        severity=placed.severity,  # type: ignore[arg-type]
        pillar=placed.pillar,
        current=_safe(_current(draft)),
        proposed=_safe(_proposed(draft, one)),
        why=_safe(draft.why),
        resources=list(draft.resources),
        findings=[*(record.id for record in draft.findings), *draft.also],
        evidence=_evidence(draft.evidence),
        patch=_patch(one),
        steps=[_safe(step) for step in draft.steps],
        effort_hours=decimal_text(hours),
        effort_basis=_effort_basis(draft, placed.status, settings),
        risk=risk_level,
        risk_reason=_safe(reason),
        impact=impact(draft, placed.severity, one.after - one.before, start.cost),
        effort_level=level(hours),
        cost=CostRecord(
            _money(before),
            _money(after),
            _money(after - before),
            decimal_text(one.after - one.before),
            one.priced,
            _safe(one.basis),
            {
                name: _money(cents(change))
                for name, change in one.exact.items()
                if name != start.main and cents(change)
            },
        ),
        rollback=_rollback(one, lost),
        testing=words.tests(draft.touched),
        watch=words.watch(draft.touched),
        acceptance=list(draft.acceptance),
        after=list(placed.after),
        note=_safe(_note(one)),
    )


def _note(one: Carried) -> str:
    """What else is to be known of the patch."""
    parts = []
    if one.refused:
        parts.append(f"no patch is offered: {one.refused}")
    elif one.edits and 0 < len(one.placed.draft.fixable) < len(one.placed.draft.findings):
        parts.append("the patch mends a part; the rest is for a person")
    if one.placed.draft.safety_why:
        parts.append(f"to know: {one.placed.draft.safety_why}")
    return "; ".join(parts)


def _effort_basis(draft: Draft, status: StatusName, settings: PlanSettings) -> str:
    return effort(draft, status, settings)[1]


def _withheld(one: Carried, start: Bills, settings: PlanSettings) -> ImprovementRecord:
    record = _record(one, start, settings)
    record.note = f"costs ${record.cost.change} a month, more than the ${_money(cents(start.cost))} that everything is known to cost today"
    record.phase = ""
    return record


def _done(draft: Draft, start: Bills) -> ImprovementRecord:
    bill = _money(cents(start.cost))
    return ImprovementRecord(
        draft.id,
        "",
        _safe(draft.title),
        draft.source,  # type: ignore[arg-type]
        draft.name,
        draft.stack.path,
        "done",
        "",
        None,
        "",
        "the stack has it" if draft.source == "capability" else _safe(draft.done),
        "nothing is left to do",
        _safe(draft.why),
        list(draft.resources),
        [],
        _evidence(draft.evidence),
        None,
        [],
        "0",
        "already there",
        "low",
        "nothing changes",
        "low",
        "low",
        CostRecord(bill, bill, _money(Decimal(0)), "0", True, "nothing changes"),
        RollbackRecord("Nothing to take back.", []),
        [],
        [],
        list(draft.acceptance),
    )


def _current(draft: Draft) -> str:
    if not draft.findings:
        return words.CURRENT.get(draft.name, "the stack has none")
    first = draft.findings[0]
    more = len(draft.findings) - 1
    return first.message + (f" (and {more} more like it)" if more else "")


def _proposed(draft: Draft, one: Carried) -> str:
    changes = [change for record in draft.findings if record.fix is not None for change in record.fix.changes]
    if draft.source == "capability":
        return draft.title[:1].lower() + draft.title[1:] + (", by the patch below" if one.edits else "")
    if changes:
        more = len(changes) - 1
        return changes[0] + (f" (and {more} more {'change' if more == 1 else 'changes'})" if more else "")
    return draft.steps[0] if draft.steps else f"{draft.name} passes"


def _evidence(found: Sequence[EvidenceRecord]) -> list[EvidenceRecord]:
    return [
        EvidenceRecord(_safe(one.text), one.file, one.line, list(one.environments))
        for one in found[:MOST_EVIDENCE]
    ]


def _patch(one: Carried) -> PatchRecord | None:
    if not one.edits:
        return None
    text = "".join(line for file, pair in sorted(one.edits.items()) for line in unified(file, *pair))
    reverse = "".join(
        line for file, (before, after) in sorted(one.edits.items()) for line in unified(file, after, before)
    )
    shown, hidden = _lines(text), _lines(reverse)
    return PatchRecord(
        sorted(one.edits),
        shown,
        hidden,
        (shown, hidden) != (text, reverse),
        list(one.checks),
        _command(one.placed.draft),
    )


def _lines(text: str) -> str:
    """The text with secrets hidden, line by line; lines end as they did."""
    clean = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "\n".join(line[:1] + masked_line(line[1:]) for line in clean.split("\n"))


def _command(draft: Draft) -> str:
    if draft.source == "rule":
        unsafe = " --unsafe" if draft.safety == "unsafe" else ""
        return f"stackworthy fix --rule {draft.name}{unsafe} --write"
    return f"stackworthy generate {draft.name} --write"


def _rollback(one: Carried, lost: list[str]) -> RollbackRecord:
    if one.edits:
        how = "Apply the reverse patch and deploy."
    else:
        how = words.BY_HAND
    return RollbackRecord(how, lost)


def _phases(records: Sequence[ImprovementRecord], settings: PlanSettings) -> list[PhaseRecord]:
    """The phases that have something in them; numbers are given here."""
    made: list[PhaseRecord] = []
    for name in settings.phases:
        found = [one for one in records if one.phase == name]
        if not found:
            continue
        number = len(made) + 1
        for index, one in enumerate(found):
            one.number = f"{number}.{index + 1}"
        before, after = Decimal(found[0].cost.before), Decimal(found[-1].cost.after)
        hours = sum((Decimal(one.effort_hours) for one in found), Decimal(0))
        made.append(
            PhaseRecord(
                name,
                str(number),
                settings.title(name),
                WHY.get(name, ""),
                [one.id for one in found],
                len(found),
                decimal_text(hours),
                _money(before),
                _money(after),
                _money(after - before),
                _percent(after - before, before),
            )
        )
    return made


def _matrix(records: Sequence[ImprovementRecord]) -> list[CellRecord]:
    return [
        CellRecord(
            high,
            low,
            VERDICTS[high, low],
            [one.id for one in records if one.impact == high and one.effort_level == low],
        )
        for high in LEVELS
        for low in reversed(LEVELS)
    ]


def _waterfall(records: Sequence[ImprovementRecord], phases: Sequence[PhaseRecord]) -> list[TotalRecord]:
    """The bill now, each change of it, and a running total after each phase."""
    if not records:
        return []
    first = records[0].cost.before
    bars = [TotalRecord("now", first, first, _money(Decimal(0)))]
    by_id = {one.id: one for one in records}
    for phase in phases:
        for identity in phase.improvements:
            one = by_id[identity]
            if Decimal(one.cost.change):
                bars.append(
                    TotalRecord(f"{one.number} {one.title}", one.cost.before, one.cost.after, one.cost.change)
                )
        bars.append(TotalRecord(f"after phase {phase.number}", phase.after, phase.after, _money(Decimal(0))))
    return bars


def _cost(carrier: Carrier, records: Sequence[ImprovementRecord], workload: str) -> CostSummary:
    bill = carrier.start.bill
    before = cents(carrier.start.cost)
    after = Decimal(records[-1].cost.after) if records else before
    changes = [Decimal(one.cost.change) for one in records]
    end = carrier.bills.bill
    unpriced = {
        f"{one.address}: {one.component}: {one.reason}"
        if one.component
        else f"{one.address}: {one.reason}": None
        for found in (bill, end)
        for stack in found.stacks
        for one in stack.unpriced
    }
    return CostSummary(
        currency=bill.currency,
        environment=carrier.start.main,
        before=_money(before),
        after=_money(after),
        change=_money(after - before),
        percent=_percent(after - before, before),
        savings=_money(-sum((one for one in changes if one < 0), Decimal(0))),
        added=_money(sum((one for one in changes if one > 0), Decimal(0))),
        complete=bill.complete,
        workload=workload,
        unpriced=[_safe(line) for line in unpriced],
        warnings=[_safe(line) for line in bill.warnings],
    )


def _metrics(
    carrier: Carrier, records: Sequence[ImprovementRecord], everything: Sequence[ImprovementRecord]
) -> list[MetricRecord]:
    """What to measure to tell that the plan worked."""
    before, after = records[0].cost.before if records else "", records[-1].cost.after if records else ""
    found = [one for state in carrier.first.values() for one in state.review.findings]
    grave = sum(_RANK[one.severity] >= _RANK["high"] for one in found)
    criteria = sum(len(one.acceptance) for one in records)
    metrics = []
    if before != after:
        metrics.append(
            MetricRecord(
                "Monthly bill", f"${before}", f"${after}", "stackworthy cost, and Cost Explorer after a month"
            )
        )
    if grave:
        metrics.append(
            MetricRecord("Critical and high findings", str(grave), "0", "stackworthy review --fail-on high")
        )
    if criteria:
        met = sum(len(one.acceptance) for one in everything if one.status == "done")
        metrics.append(
            MetricRecord(
                "Acceptance criteria met",
                f"{met} of {met + criteria}",
                f"{met + criteria} of {met + criteria}",
                "stackworthy plan --check PLAN.json",
            )
        )
    return metrics


def _next_steps(records: Sequence[ImprovementRecord], phases: Sequence[PhaseRecord]) -> list[str]:
    """What to do first, with the command where there is one."""
    if not records:
        return [
            "Nothing is left to do: run stackworthy review in continuous integration, so that it stays so"
        ]
    steps = ["Read phase 1 with whoever owns the stack, and agree on what is done and by whom"]
    for one in [one for one in records if one.patch is not None and one.phase == phases[0].id][:FIRST_STEPS]:
        assert one.patch is not None
        way = f": {one.patch.command}" if one.patch.command else ""
        steps.append(f"{one.number} {one.title}{way}")
    tested = [one.number for one in records if one.status in ("needs testing", "experiment", "major change")]
    if tested:
        steps.append(f"Set time aside for what has to be tried first: {', '.join(tested)}")
    steps.append("Deploy phase by phase to an environment that is not production, then to production")
    steps.append("Keep this plan as JSON, and see how far it is with stackworthy plan --check PLAN.json")
    return steps


def _safe(text: str) -> str:
    return masked_text(text)


def _money(amount: Decimal) -> str:
    return format(amount + 0, ".2f")


def _percent(change: Decimal, before: Decimal) -> str:
    return format(change * 100 / before, ".0f") if before > 0 else ""


def problem_records(unread: Mapping[str, str]) -> list[ProblemRecord]:
    """Stacks that could not be read."""
    return [ProblemRecord(file, message, "stackworthy review says more") for file, message in unread.items()]
