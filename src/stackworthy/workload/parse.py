"""Reads `[workload]`: every key is checked, and an error names file, line and the nearest valid key.

[workload]
users = 100
curve = "evening"
"GET /decks" = "3/day/user"
"POST /review" = { rate = "50 peak/s", response_kb = 8 }
[workload.calls]
"ApiFunction -> UsersTable" = { reads = 1, writes = 0.1 }
[workload.resource.ApiFunction]
duration_ms = 120
[workload.defaults]
log_lines = 3
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from stackworthy.core.cost import UsageError, quantity
from stackworthy.workload.model import FACTS, Call, Entry, Facts, Named, Workload
from stackworthy.workload.rates import BadRate, curve_of, rate

RESERVED = ("calls", "curve", "defaults", "resource", "users")
CALLS = ("reads", "writes", "calls")
MOST = 10_000
DEEPEST = 6
Line = Callable[[tuple[str, ...]], int]
Path = tuple[str, ...]


def parse(
    table: Mapping[str, Any],
    file: str,
    seconds: Decimal,
    line: Line | None = None,
    at: Path = ("workload",),
) -> Workload:
    """The workload of a table, in a month of so many seconds; `line` finds the line of a key. Raises `UsageError`."""
    return _Parser(file, seconds, line or (lambda _: 0), at).workload(table)


class _Parser:
    def __init__(self, file: str, seconds: Decimal, line: Line, at: Path) -> None:
        self.file = file
        self.seconds = seconds
        self.line = line
        self.at = at
        self.users: Decimal | None = None
        self.curve: tuple[Decimal, ...] = ()

    def workload(self, table: Mapping[str, Any]) -> Workload:
        """Check and read all of it."""
        if len(table) > MOST:
            raise self.wrong(
                (), f"more than {MOST} entries", "state a rate for the API instead of each route"
            )
        if "users" in table:
            self.users = self.number(table["users"], ("users",))
        self.curve = self.understood(lambda: curve_of(table.get("curve", "flat")), ("curve",))
        entries = tuple(self.entry(name, value) for name, value in table.items() if name not in RESERVED)
        calls = tuple(self.call(name, value) for name, value in self.table(table, "calls").items())
        resources = tuple(
            Named(name, self.facts(value, ("resource", name)), self.line((*self.at, "resource", name)))
            for name, value in self.table(table, "resource").items()
        )
        return Workload(self.file, entries, calls, resources, self.defaults(table), self.users)

    def entry(self, name: str, value: Any) -> Entry:
        """One entry point: a rate, or a table with `rate` and facts."""
        facts: Facts = {}
        stated = value
        if isinstance(value, Mapping):
            rest = dict(value)
            if "rate" not in rest:
                near = get_close_matches("rate", rest, 1, 0.6)
                hint = (
                    f"did you mean rate instead of {near[0]}?" if near else 'write { rate = "60000/month" }'
                )
                raise self.wrong((name,), f"{name} states no rate", hint)
            stated = rest.pop("rate")
            facts = self.facts(rest, (name,))
        found = self.understood(lambda: rate(stated, self.seconds, self.users, self.curve), (name,))
        quantity(found.monthly, name, self.file, self.line((*self.at, name)))
        return Entry(name, found, facts, self.line((*self.at, name)))

    def call(self, name: str, value: Any) -> Call:
        """How often one resource uses another: a number, or a table of reads, writes and calls."""
        source, arrow, target = (part.strip() for part in name.partition("->"))
        if not (source and arrow and target):
            raise self.wrong(("calls", name), f"{name!r} is no call", 'write "Source -> Target" = 1')
        line = self.line((*self.at, "calls", name))
        if not isinstance(value, Mapping):
            number = self.number(value, ("calls", name))
            return Call(source, target, number, number, number, line)
        for key in value:
            if key not in CALLS:
                raise self.wrong(("calls", name), f"{name} has no {key!r}", self.near(key, CALLS))
        numbers = {key: self.number(entry, ("calls", name, key)) for key, entry in value.items()}
        zero = Decimal(0)
        return Call(
            source,
            target,
            numbers.get("reads", zero),
            numbers.get("writes", zero),
            numbers.get("calls", zero),
            line,
        )

    def defaults(self, table: Mapping[str, Any]) -> Facts:
        """What is to be assumed of every resource."""
        found = self.table(table, "defaults")
        for key in found:
            if key not in FACTS:
                raise self.wrong(("defaults", key), f"there is no default {key!r}", self.near(key, FACTS))
        return self.facts(found, ("defaults",))

    def facts(self, table: Any, where: Path) -> Facts:
        """Quantities by name; nested tables give dotted names. Which names a kind has is checked at the graph."""
        if not isinstance(table, Mapping):
            raise self.wrong(where, f"{'.'.join(where)} is no table", "write name = number pairs")
        if len(where) > DEEPEST:
            raise self.wrong(where, "tables are nested too deeply", 'write "standard.storage_gb" = 5')
        found: dict[str, Decimal] = {}
        for key, value in table.items():
            if isinstance(value, Mapping):
                found |= {f"{key}.{name}": one for name, one in self.facts(value, (*where, key)).items()}
            else:
                number = self.number(value, (*where, key))
                _sensible(key, number, lambda *said: self.wrong((*where, key), *said))  # noqa: B023
                found[key] = number
        return found

    def table(self, table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """A part of the table."""
        found = table.get(name, {})
        if not isinstance(found, Mapping):
            raise self.wrong((name,), f"[workload] {name} is no table", f"write [workload.{name}]")
        return found

    def number(self, value: Any, where: Path) -> Decimal:
        """A quantity."""
        return quantity(value, ".".join((*self.at, *where)), self.file, self.line((*self.at, *where)))

    def understood(self, read: Callable[[], Any], where: Path) -> Any:
        """What a reader of rates and curves gives, its errors with their place."""
        try:
            return read()
        except BadRate as error:
            raise self.wrong(where, error.message, error.hint) from None

    def near(self, key: str, known: Any) -> str:
        """A hint to the nearest known name."""
        found = get_close_matches(key, list(known), 1, 0.5)
        return f"did you mean {found[0]}?" if found else f"it may have {', '.join(known)}"

    def wrong(self, where: Path, message: str, hint: str) -> UsageError:
        """An error at a key."""
        full = (*self.at, *where)
        return UsageError(message, hint, key=".".join(full), file=self.file, line=self.line(full))


def _sensible(key: str, number: Decimal, wrong: Callable[[str, str], UsageError]) -> None:
    """Refuse shares above all and durations of nothing."""
    if key.endswith("_percent") and number > 100:
        raise wrong(f"{key} is {number} %", "a share is 0 to 100")
    if key.endswith(("duration_ms", "duration_s")) and not number:
        raise wrong(f"{key} is 0", "whatever runs takes some time; leave it out to take the assumed duration")
    if key == "batch" and number < 1:
        raise wrong(f"a batch of {number}", "a batch has at least one item")
