"""The metrics that AWS publishes to CloudWatch: for which dimensions, in which unit, how often, and what they need.

`data/metrics.json` is packed by `tools/make_metrics.py`. What is not in it is not known, which proves nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

DATA = Path(__file__).parent / "data" / "metrics.json"


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One metric of a namespace.

    dimensions  the combinations it is published for, each with its names sorted and joined by "+"; "" is none at all
    unit        as CloudWatch names it, as far as it is one
    statistics  those that say something, in words
    reported    activity, nonzero, feature (only when something is turned on), always, periodic or daily
    confidence  high, medium or low: how well the row is attested
    requires    what has to be set up for it to be published; may be empty
    period      seconds between two datapoints, at least
    most        the largest value of one sample, where that is fixed (0/1 samples); None elsewhere
    instead     what to watch where somebody asks for a combination that does not exist; may be empty
    """

    dimensions: tuple[str, ...]
    unit: str
    statistics: str
    reported: str
    confidence: str
    requires: str = ""
    period: int = 60
    most: float | None = None
    instead: str = ""

    def is_published_for(self, names: frozenset[str]) -> bool:
        """Whether the metric exists for exactly these dimensions."""
        return "+".join(sorted(names)) in self.dimensions


class _File(msgspec.Struct, forbid_unknown_fields=True):
    made_by: str
    source: str
    namespaces: dict[str, msgspec.Raw]


def metric(namespace: str, name: str) -> Metric | None:
    """The metric of this name, or None when it is not known."""
    return _namespace(namespace).get(name)


def metrics(namespace: str) -> dict[str, Metric]:
    """All metrics that are known of a namespace; none for one that is not known."""
    return dict(_namespace(namespace))


def namespaces() -> frozenset[str]:
    """The namespaces that are known."""
    return frozenset(_file().namespaces)


@cache
def _namespace(namespace: str) -> dict[str, Metric]:
    raw = _file().namespaces.get(namespace)
    return {} if raw is None else msgspec.json.decode(raw, type=dict[str, Metric])


@cache
def _file() -> _File:
    return msgspec.json.decode(DATA.read_bytes(), type=_File)
