"""What AWS uses for a property that is absent, and what its absence means where AWS uses no value at all.

The tables under `data/defaults/`, one file per service, are kept by hand; each kind names the AWS pages it was taken
from. A default that depends on something else (the batch size of an event source mapping depends on the source) is
no default here: it is described under `absent`.

A default says what AWS uses where the property has an effect at all: `PointInTimeRecoverySpecification.
RecoveryPeriodInDays` is 35 for a table without point-in-time recovery, too.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from stackworthy.aws.schemas import registered

DATA = Path(__file__).parent / "data" / "defaults"

_ITEM = re.compile(r"\[[^\[\]]*\]")


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """One kind of a file. `defaults` and `absent` are keyed by path, `[]` for any item of a list."""

    sources: list[str]
    defaults: dict[str, Any] = {}
    absent: dict[str, str] = {}


class _Table:
    """One kind, ready to ask: `whole` holds the leaves of defaults that are objects, with the object's path."""

    __slots__ = ("entry", "whole")

    def __init__(self, entry: _Entry) -> None:
        self.entry = entry
        self.whole: dict[str, tuple[str, Any]] = {}
        for path, value in entry.defaults.items():
            if isinstance(value, dict):
                self.whole.update({f"{path}.{name}": (path, leaf) for name, leaf in value.items()})


def default(kind: str, path: str, given: str = "") -> Any:
    """The value that AWS uses when the property at `path` is absent, or None when AWS has none or none is known.

    `given` is the longest part of the path that is written. It matters where a missing object and an object that
    lacks the property differ: a bucket without `PublicAccessBlockConfiguration` blocks public policies, a bucket whose
    `PublicAccessBlockConfiguration` does not speak of them lets them in. Lists and objects are shared: do not change them.
    """
    table = _table(kind)
    if table is None:
        return None
    if "[" in path:
        path = _ITEM.sub("[]", path)
    inside = table.whole.get(path)
    if inside is not None and not _reaches(given, inside[0]):
        return inside[1]
    return table.entry.defaults.get(path)


def absence(kind: str, path: str) -> str | None:
    """What it means that the property is absent, in words ("log events never expire"), or None when nothing is noted."""
    table = _table(kind)
    return table.entry.absent.get(_ITEM.sub("[]", path)) if table else None


def defaults(kind: str) -> dict[str, Any]:
    """All defaults of a kind, by path."""
    table = _table(kind)
    return dict(table.entry.defaults) if table else {}


def sources(kind: str) -> tuple[str, ...]:
    """The AWS pages that a kind's defaults were taken from."""
    table = _table(kind)
    return tuple(table.entry.sources) if table else ()


def _reaches(given: str, ancestor: str) -> bool:
    return given.startswith(ancestor) and given[len(ancestor) : len(ancestor) + 1] in ("", ".", "[")


@lru_cache(maxsize=4096)
def _table(kind: str) -> _Table | None:
    known = registered(kind)
    entry = _service(known.split("::")[1]).get(known) if known else None
    return _Table(entry) if entry else None


@cache
def _service(service: str) -> dict[str, _Entry]:
    path = DATA / f"{service}.json"
    return msgspec.json.decode(path.read_bytes(), type=dict[str, _Entry]) if path.exists() else {}
