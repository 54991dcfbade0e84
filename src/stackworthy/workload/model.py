"""A workload as it is stated, before it meets a graph."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from stackworthy.workload.rates import Rate

Facts = Mapping[str, Decimal]
"""Quantities by name: usage keys of the resource's kind, or facts that the flow asks for (`FACTS`)."""


class Fact(msgspec.Struct, frozen=True):
    """A figure that the flow needs: its unit, what is taken when nobody states it, and why that."""

    unit: str
    value: Decimal
    why: str


def _fact(unit: str, value: str, why: str) -> Fact:
    return Fact(unit, Decimal(value), why)


FACTS = {
    "duration_ms": _fact("ms", "100", "typical of a handler that makes a few calls of AWS"),
    "log_lines": _fact("lines", "5", "lines that the code writes in each invocation"),
    "log_line_bytes": _fact("bytes", "200", "a line of JSON with a time stamp, and CloudWatch's 26 bytes beside it"),
    "error_percent": _fact("%", "0", "no failure is taken for granted, and so no retry"),
    "batch": _fact("items", "1", "as many as come together at this rate, up to the batch size"),
    "items": _fact("items", "10", "items that a Map state is given"),
    "cache_hit_percent": _fact("%", "0", "nothing is answered from a cache"),
    "object_kb": _fact("KB", "1024", "size of an object that is uploaded"),
    "message_kb": _fact("KB", "4", "size of a message, event or record"),
    "item_kb": _fact("KB", "1", "size of an item in a table"),
    "reads_per_call": _fact("reads", "1", "each call reads a store once where it may"),
    "writes_per_call": _fact("writes", "1", "each call writes a store once where it may"),
    "calls_per_call": _fact("calls", "1", "each call calls another resource once where it may"),
    "secret_read_percent": _fact("%", "1", "secrets and parameters are read when an environment starts"),
    "access_log_bytes": _fact("bytes", "500", "a line of the access log"),
}  # fmt: skip
"""What is assumed where nobody states it; `[workload.defaults]` states it for all resources, `[workload.resource.NAME]` for one."""


class Entry(msgspec.Struct, frozen=True):
    """A rate at an entry point, with facts of the resource that it enters at."""

    name: str
    rate: Rate
    facts: Facts = msgspec.field(default_factory=dict)
    line: int = 0


class Call(msgspec.Struct, frozen=True):
    """How often a source reads, writes or calls a target for each request that reaches the source (None: not stated)."""

    source: str
    target: str
    reads: Decimal | None = None
    writes: Decimal | None = None
    calls: Decimal | None = None
    line: int = 0


class Named(msgspec.Struct, frozen=True):
    """What is stated of one resource, by the name that the author uses."""

    name: str
    facts: Facts
    line: int = 0


class Workload(msgspec.Struct, frozen=True):
    """Everything that `[workload]` says. `file` is where errors point to."""

    file: str = ""
    entries: tuple[Entry, ...] = ()
    calls: tuple[Call, ...] = ()
    resources: tuple[Named, ...] = ()
    defaults: Facts = msgspec.field(default_factory=dict)
    users: Decimal | None = None

    def scaled(self, factor: Decimal) -> Workload:
        """The same workload with every entry's rate multiplied, and so with what is stated of resources per month."""
        if factor == 1:
            return self
        entries = tuple(
            msgspec.structs.replace(
                entry,
                rate=msgspec.structs.replace(entry.rate, monthly=entry.rate.monthly * factor),
                facts=grown(entry.facts, factor),
            )
            for entry in self.entries
        )
        resources = tuple(
            msgspec.structs.replace(one, facts=grown(one.facts, factor)) for one in self.resources
        )
        users = self.users * factor if self.users is not None else None
        return msgspec.structs.replace(self, entries=entries, resources=resources, users=users)


HELD = frozenset({"storage_gb", "items", "noncurrent_storage_gb", "log_storage_gb"})


def grows(key: str) -> bool:
    """Whether a usage key is an amount that grows with the traffic, rather than a size, a duration or a share."""
    last = key.split(".", 1)[-1]
    return (
        key.startswith(("monthly_", "transcribe_", "bedrock.", "model."))
        or last.startswith("monthly_")
        or (
            last.endswith("storage_gb")
            or last in HELD
            or last in ("monitored_objects", "emails", "object_tags")
        )
    ) and key not in ("monthly_hrs", "monthly_duration_hrs")


def grown(facts: Facts, factor: Decimal) -> Facts:
    """The facts with those that grow multiplied. `items` of a Map state is a size: it is only held where a table has it."""
    return {key: value * factor if grows(key) and key != "items" else value for key, value in facts.items()}
