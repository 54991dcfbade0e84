"""The `[plan]` table of stackworthy.toml: phases and their order, efforts, and where an improvement belongs.

[plan]
phases = ["critical", "quick-wins", "compute", "network-monitoring", "hardening"]
dearer_than_bill = false           # true: advice that costs more than the whole bill stays in the plan
[plan.titles]
hardening = "After the launch"
[plan.phase]
tracing-off = "quick-wins"         # a rule or a capability
[plan.effort]
batch-spot-migration = 16          # hours
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import msgspec

from stackworthy.config_file import ConfigError

KEYS = ("phases", "titles", "phase", "effort", "dearer_than_bill")
TITLES = {
    "critical": "Critical faults",
    "quick-wins": "Quick cost wins",
    "compute": "Compute",
    "network-monitoring": "Network and monitoring",
    "hardening": "Hardening",
}
WHY = {
    "critical": "What loses data, lets strangers in or fails unseen comes first.",
    "quick-wins": "Money for a few hours of work.",
    "compute": "What runs, on what, and for how long.",
    "network-monitoring": "How traffic flows, and who is told when something is wrong.",
    "hardening": "What makes the stack harder to break, once the rest stands.",
}
MOST_HOURS = 10_000


class PlanSettings(msgspec.Struct, frozen=True):
    """What `[plan]` says, checked."""

    phases: tuple[str, ...] = tuple(TITLES)
    titles: Mapping[str, str] = msgspec.field(default_factory=dict)
    phase: Mapping[str, str] = msgspec.field(default_factory=dict)
    effort: Mapping[str, Decimal] = msgspec.field(default_factory=dict)
    dearer_than_bill: bool = False

    def title(self, phase: str) -> str:
        """A phase in words."""
        return self.titles.get(phase) or TITLES.get(phase) or phase.replace("-", " ").capitalize()


def parse(table: Mapping[str, Any], file: str) -> PlanSettings:
    """The settings of a `[plan]` table. Raises `ConfigError` that names the key and the nearest valid one."""
    for key in table:
        if key not in KEYS:
            raise _wrong(file, f"[plan] has no key {key!r}", _near(key, KEYS))
    phases = table.get("phases", list(TITLES))
    if not isinstance(phases, (list, tuple)) or not phases or not all(_name(item) for item in phases):
        raise _wrong(file, "[plan] phases is no list of names", 'write phases = ["critical", "hardening"]')
    if len(set(phases)) < len(phases):
        raise _wrong(file, "[plan] phases names one twice", "name each phase once")
    titles = _table(table, "titles", file)
    for name, title in titles.items():
        if not isinstance(title, str):
            raise _wrong(file, f"[plan.titles] {name} is no text", "write the title in quotes")
        _known(name, phases, "titles", file)
    placed = _table(table, "phase", file)
    for name, phase in placed.items():
        if not isinstance(phase, str):
            raise _wrong(file, f"[plan.phase] {name} is no text", "name one of the phases")
        _known(phase, phases, f"phase.{name}", file)
    kept = table.get("dearer_than_bill", False)
    if not isinstance(kept, bool):
        raise _wrong(file, "[plan] dearer_than_bill is neither true nor false", "write true or false")
    efforts = {name: _hours(name, value, file) for name, value in _table(table, "effort", file).items()}
    return PlanSettings(tuple(phases), dict(titles), dict(placed), efforts, kept)


def _name(item: Any) -> bool:
    return isinstance(item, str) and bool(item)


def _table(table: Mapping[str, Any], name: str, file: str) -> Mapping[str, Any]:
    found = table.get(name, {})
    if not isinstance(found, Mapping):
        raise _wrong(file, f"[plan] {name} is no table", f"write [plan.{name}]")
    return found


def _known(phase: str, phases: Any, where: str, file: str) -> None:
    if phase not in phases:
        raise _wrong(file, f"[plan] {where} names {phase!r}, which is no phase", _near(phase, tuple(phases)))


def _hours(name: str, value: Any, file: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MOST_HOURS:
        raise _wrong(file, f"[plan.effort] {name} is no number of hours", f"write 0 to {MOST_HOURS}")
    return Decimal(str(value))


def _near(name: str, known: tuple[str, ...]) -> str:
    found = get_close_matches(name, known, 1, 0.5)
    return f"did you mean {found[0]!r}?" if found else f"it may be {', '.join(known)}"


def _wrong(file: str, message: str, hint: str) -> ConfigError:
    return ConfigError(file, 0, message, hint)
