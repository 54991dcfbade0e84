"""What an alarm looks at, held against the catalogue of metrics.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from stackworthy.aws import metrics
from stackworthy.aws.arns import resolve
from stackworthy.aws.names import Kinds
from stackworthy.aws.relations.dimensions import DIMENSIONS
from stackworthy.aws.relations.watches import metrics_of
from stackworthy.aws.schemas import schema
from stackworthy.core.graph import Edge, Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    show,
)

SHARES = ("Average", "Maximum", "Minimum")
ABOVE = ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold")


class Watched(msgspec.Struct, frozen=True, eq=False):
    """One metric of an alarm. `at` is what its paths begin with: "" or `Metrics[0].MetricStat.Metric.`; `known` its entry
    in the catalogue, None when it is a metric of somebody's own or not in the catalogue."""

    alarm: Resource
    at: str
    namespace: str
    name: str
    dimensions: dict[str, Value]
    known: metrics.Metric | None

    @property
    def statistic(self) -> Value:
        """`Sum`, `p99`, ... as it is stated."""
        if self.at:
            return self.alarm[self._beside("Stat")]
        stated = self.alarm["Statistic"]
        return self.alarm["ExtendedStatistic"] if stated is ABSENT else stated

    @property
    def period_path(self) -> str:
        """Where the alarm states the period of this metric."""
        return self._beside("Period") if self.at else "Period"

    def _beside(self, name: str) -> str:
        return self.at.removesuffix("Metric.") + name

    def value_path(self, dimension: str) -> str:
        """Where the value of a dimension stands."""
        for index, name in enumerate(self.dimensions):
            if name == dimension:
                return f"{self.at}Dimensions[{index}].Value"
        return f"{self.at}Dimensions"


def watched(alarm: Resource) -> Iterator[Watched]:
    """The metrics that an alarm or anomaly detector looks at; raises `NotKnown` at one that cannot be told.

    A metric whose entry is poorly attested counts as one that cannot be told.
    """
    for metric in metrics_of(alarm):
        namespace, name = _text(metric.namespace), _text(metric.name)
        found = metrics.metric(namespace, name) if name else None
        if found is not None and found.confidence == "low":
            raise NotKnown(f"where {namespace} {name} is published is not well enough known")
        dimensions = {_text(key): value for key, value in metric.dimensions}
        yield Watched(alarm, f"{metric.path}." if metric.path else "", namespace, name, dimensions, found)


def targets(metric: Watched) -> Iterator[tuple[str, Resource]]:
    """The resources of the stack that the dimensions of a metric name, each with its dimension; raises `NotKnown`."""
    known = DIMENSIONS.get(metric.namespace, {})
    graph = metric.alarm.graph
    for name, value in metric.dimensions.items():
        if name not in known:
            continue
        found = named(graph, value, known[name].kinds)
        if found is None and name == "ApiName":
            apis = [edge.target for edge in graph.edges("watches").by_source.get(metric.alarm.address, ())]
            found = next((api for api in apis if api.kind in known[name].kinds), None)
        if found is not None:
            yield name, found


def named(graph: Graph, value: Value, kinds: Kinds) -> Resource | None:
    """The resource of the stack, of one of these kinds, that a value names; None when it names none. Raises `NotKnown`."""
    found = resolve(graph, value, kinds)
    if isinstance(found, Unknown):
        raise NotKnown(found.reason)
    return found


def published(metric: metrics.Metric, asked: frozenset[str]) -> str:
    """The combinations that a metric is published for, as people say it: those nearest to what is asked, of many."""
    sets = [frozenset(one.split("+")) if one else frozenset() for one in metric.dimensions]
    sets.sort(key=lambda one: len(one ^ asked))
    return " or ".join(in_words(one) for one in sets[:3]) + (" and others" if len(sets) > 3 else "")


def in_words(names: Collection[str]) -> str:
    """A combination of dimensions as people say it."""
    return "by " + " and ".join(sorted(names)) if names else "without dimensions"


def fitting_value(edge: Edge, attributes: frozenset[str]) -> Value:
    """The value that a dimension needs to name the resource at the end of a `watches` edge; `ABSENT` when it cannot be written."""
    target = edge.target
    found = schema(target.kind or "")
    for attribute in sorted(attributes, key=lambda name: (name != "Ref", name)):
        if attribute == "Ref" or (found is not None and attribute in found.attributes):
            return Reference(target.address, attribute)
        value = target[attribute]
        if isinstance(value, str):
            return value
    return ABSENT


def can_be_written(value: Value) -> bool:
    """Whether a value can be written down again: it is known, or a reference."""
    if isinstance(value, (Unknown, OpenList, OpenMap)):
        return False
    if isinstance(value, Partial):
        return not any(isinstance(piece, Unknown) for piece in value.pieces)
    if isinstance(value, Map):
        return all(can_be_written(item) for item in value.values())
    return not isinstance(value, List) or all(can_be_written(item) for item in value)


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if value is ABSENT:
        return ""
    if isinstance(value, (Unknown, Partial)):
        raise NotKnown(value.reason)
    return show(value)
