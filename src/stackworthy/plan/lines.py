"""Words that every form of a plan shares: amounts, and what stands in one line."""

from __future__ import annotations

from decimal import Decimal

from stackworthy.plan.model import EvidenceRecord, ImprovementRecord, Plan


def change(amount: str) -> str:
    """A change of the bill: `−$1.78`, `+$0.20`, `$0.00`."""
    if not Decimal(amount):
        return "$0.00"
    return f"−${amount[1:]}" if amount.startswith("-") else f"+${amount}"


def cost(one: ImprovementRecord) -> str:
    """What an improvement does to the bill, with what it rests on."""
    words = f"{change(one.cost.change)} a month" if one.cost.priced else "not priced"
    others = ", ".join(f"{change(amount)} in {name}" for name, amount in one.cost.environments.items())
    return words + (f" ({others})" if others else "")


def headline(plan: Plan) -> str:
    """The whole plan in one sentence."""
    spent = plan.cost
    where = f" in {spent.environment}" if spent.environment else ""
    shown = spent.percent.replace("-", "−")
    percent = f", {shown} %" if shown not in ("", "0", "−0") else ""
    return (
        f"${spent.before} a month{where} now, ${spent.after} after all phases "
        f"({change(spent.change)}{percent}): {spent.workload}."
    )


def place(one: EvidenceRecord) -> str:
    """File and line of evidence; "" for none."""
    return f"{one.file}:{one.line}" if one.line else one.file


def facts(one: ImprovementRecord) -> list[tuple[str, str]]:
    """The short facts of an improvement, by name."""
    found: list[tuple[str, str]] = [("Status", one.status)]
    if one.severity:
        found.append(("Severity", one.severity))
    if one.pillar:
        found.append(("Pillar", one.pillar))
    found += [
        ("Effort", f"{one.effort_hours} h ({one.effort_basis})"),
        ("Risk", f"{one.risk}: {one.risk_reason}"),
        ("Bill", f"{cost(one)} ({one.cost.basis})"),
    ]
    return found


def waits(one: ImprovementRecord, plan: Plan) -> list[str]:
    """The improvements that it waits for, as number and title."""
    found = [
        plan.get(identity)
        for identity in one.after
        if any(other.id == identity for other in plan.improvements)
    ]
    return [f"{other.number} {other.title}".strip() for other in found]


def sentence(text: str) -> str:
    """The text as a sentence: a capital first, a full stop last."""
    stripped = text.strip()
    ended = stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."
    return ended[:1].upper() + ended[1:]


def unknown(plan: Plan) -> list[str]:
    """What the plan does not know: prices, and files that cannot be read."""
    found = [*plan.cost.warnings, *(f"Not priced: {line}" for line in plan.cost.unpriced)]
    return found + [f"Not read: {one.file}: {one.message}" for one in plan.problems]
