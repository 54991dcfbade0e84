"""What `stackworthy fix` prints: differences by file with their reasons, what is left out and why; and the same as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from stackworthy.core.cost import decimal_text
from stackworthy.remedy import Proposal, Refused, Remedy
from stackworthy.remedy.diff import patch, rollback, unified

SCHEMA = "stackworthy.fixes/1"

_COLORS = {"+": "32", "-": "31", "@": "36"}
MESSAGE = 300
NAMED = 4


def text(
    found: Remedy, *, colored: bool, explain: bool, unsafe: bool, bills: Mapping[str, Decimal] | None = None
) -> Iterator[str]:
    """The report of a run. `bills` are changes of the monthly bill by finding."""
    from stackworthy.reports.masking import masked_text
    from stackworthy.reports.terminal import harmless

    by_file: dict[str, list[Proposal]] = {}
    for proposal in found.proposals:
        for file in proposal.edits:
            by_file.setdefault(file, []).append(proposal)
    for file, proposals in sorted(by_file.items()):
        yield _bold(harmless(file), colored)
        for alike in _alike(proposals):
            yield from (masked_text(harmless(line)) for line in _reason(alike, explain, bills or {}))
        yield ""
        yield from difference(file, found.originals.get(file), found.edits[file], colored)
        yield ""
    yield from (masked_text(harmless(line)) for line in _left_out(found, explain))
    yield _summary(found, unsafe)


def difference(file: str, before: bytes | None, after: bytes | None, colored: bool) -> Iterator[str]:
    """The difference of one file, as it is shown."""
    from stackworthy.reports.masking import masked_text
    from stackworthy.reports.terminal import harmless

    for line in unified(file, before, after):
        if not line.startswith("diff --git"):
            yield _painted(masked_text(harmless(line.rstrip("\r\n"))), colored)


def _alike(proposals: Sequence[Proposal]) -> list[list[Proposal]]:
    """Fixes that say the same of several resources, together."""
    groups: dict[tuple[str, ...], list[Proposal]] = {}
    for proposal in proposals:
        record = proposal.record
        groups.setdefault((record.rule, proposal.safety, record.message, proposal.why), []).append(proposal)
    return list(groups.values())


def _reason(
    alike: Sequence[Proposal], explain: bool, bills: Mapping[str, Decimal] | None = None
) -> Iterator[str]:
    first = alike[0]
    names = [proposal.record.address or "the stack" for proposal in alike]
    yield f"  {first.safety:<7} {first.record.rule}  {_named(names)}"
    yield f"          {first.record.message[:MESSAGE]}"
    if first.why:
        yield f"          to know: {first.why}"
    priced = [bills[proposal.record.id] for proposal in alike if bills and proposal.record.id in bills]
    if any(priced):
        yield f"          bill  {_money(sum(priced, Decimal(0)))} a month"
    more = sum(len(proposal.also) for proposal in alike)
    if more:
        yield f"          removes {more} more finding{'s' if more > 1 else ''}"
    if explain:
        yield from (f"          proof: {check}" for check in _checks(alike))


def _checks(alike: Sequence[Proposal]) -> list[str]:
    """The checks of fixes that are shown together; where they differ, each of them."""
    found: dict[str, int] = {}
    for proposal in alike:
        for check in proposal.checks:
            found[check] = found.get(check, 0) + 1
    return [
        check if number == len(alike) else f"{check} ({number} of {len(alike)})"
        for check, number in found.items()
    ]


def _money(change: Decimal) -> str:
    """`+$0.20`, `-$1.78`; what is less than half a cent says so."""
    cents = abs(change).quantize(Decimal("0.01"))
    sign = "+" if change > 0 else "-"
    return f"{sign}${cents}" if cents else f"{sign} less than a cent"


def _left_out(found: Remedy, explain: bool) -> Iterator[str]:
    refused = [item for stack in found.stacks for item in stack.refused]
    if explain:
        yield from _refused_alike(refused)
        for stack in found.stacks:
            for record, why in stack.optional:
                yield f"  unsafe       {record.rule}  {record.address or 'the stack'}"
                yield f"               {why}"
            for record in stack.manual:
                yield f"  by hand      {record.rule}  {record.address or 'the stack'}"
                steps = record.fix.steps if record.fix else []
                yield from (f"               {step}" for step in steps)
    for stack_ref, reason in found.unread:
        yield f"  not read     {stack_ref.path}: {reason}"


def _refused_alike(refused: Sequence[Refused]) -> Iterator[str]:
    """What is not offered, one rule and reason at a time; resources that only the reason's own name tells apart stand together."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for item in refused:
        name = item.record.address or "the stack"
        reason = item.reason.replace(name, "it") if item.record.address else item.reason
        groups.setdefault((item.record.rule, reason, item.instead), []).append(name)
    for (rule, reason, instead), names in groups.items():
        yield f"  not offered  {rule}  {_named(names)}"
        yield f"               {reason}"
        if instead:
            yield f"               {instead}"


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _summary(found: Remedy, unsafe: bool) -> str:
    refused = sum(len(stack.refused) for stack in found.stacks)
    optional = sum(len(stack.optional) for stack in found.stacks)
    manual = sum(len(stack.manual) for stack in found.stacks)
    proposals = found.proposals
    mended = len(proposals) + sum(len(proposal.also) for proposal in proposals)
    parts = [
        f"{_count(len(proposals), 'proven fix', 'proven fixes')} in {_count(len(found.edits), 'file', 'files')}"
    ]
    if mended > len(proposals):
        parts[0] += f" for {mended} findings"
    if optional:
        parts.append(
            f"{optional} more must be asked for: --unsafe" if not unsafe else f"{optional} more left out"
        )
    if manual:
        parts.append(f"{manual} need a person")
    if refused:
        parts.append(f"{refused} could not be written or proven: --explain says why")
    return " · ".join(parts)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _bold(line: str, colored: bool) -> str:
    return f"\x1b[1m{line}\x1b[0m" if colored else line


def _painted(line: str, colored: bool) -> str:
    color = _COLORS.get(line[:1])
    if not colored or color is None or line.startswith(("+++", "---")):
        return line
    return f"\x1b[{color}m{line}\x1b[0m"


def one(proposal: Proposal, *, colored: bool) -> Iterator[str]:
    """One fix with its own difference, for a person to decide on."""
    from stackworthy.reports.masking import masked_text
    from stackworthy.reports.terminal import harmless

    yield from (masked_text(harmless(line)) for line in _reason([proposal], False))
    for file, (before, after) in proposal.edits.items():
        yield from difference(file, before, after, colored)


def data(found: Remedy, bills: Mapping[str, Decimal] | None = None) -> dict[str, Any]:
    """The run as plain data; the whole patch and its reverse are texts that git takes."""
    return {
        "schema": SCHEMA,
        "fixes": [
            _fix(stack.stack.path, proposal, bills or {})
            for stack in found.stacks
            for proposal in stack.proposals
        ],
        "refused": [_refused(stack.stack.path, item) for stack in found.stacks for item in stack.refused],
        "unsafe": [
            {
                "stack": stack.stack.path,
                "finding": record.id,
                "rule": record.rule,
                "address": record.address,
                "why": why,
            }
            for stack in found.stacks
            for record, why in stack.optional
        ],
        "manual": [
            {
                "stack": stack.stack.path,
                "finding": record.id,
                "rule": record.rule,
                "address": record.address,
                "steps": record.fix.steps if record.fix else [],
            }
            for stack in found.stacks
            for record in stack.manual
        ],
        "unread": [{"stack": stack.path, "reason": reason} for stack, reason in found.unread],
        "patch": patch(found.originals, found.edits).decode("utf-8", "replace"),
        "rollback": rollback(found.originals, found.edits).decode("utf-8", "replace"),
        "summary": dict(Counter(proposal.record.rule for proposal in found.proposals).most_common()),
    }


def _fix(stack: str, proposal: Proposal, bills: Mapping[str, Decimal]) -> dict[str, Any]:
    record = proposal.record
    return {
        "stack": stack,
        "finding": record.id,
        "rule": record.rule,
        "address": record.address,
        "severity": record.severity,
        "message": record.message,
        "safety": proposal.safety,
        "why": proposal.why,
        "also": proposal.also,
        "files": sorted(proposal.edits),
        "patch": "".join(
            line
            for file, (before, after) in sorted(proposal.edits.items())
            for line in unified(file, before, after)
        ),
        "proof": proposal.checks,
        "bill": decimal_text(bills[record.id]) if record.id in bills else None,
    }


def _refused(stack: str, item: Refused) -> dict[str, Any]:
    record = item.record
    return {
        "stack": stack,
        "finding": record.id,
        "rule": record.rule,
        "address": record.address,
        "reason": item.reason,
        "instead": item.instead,
    }
