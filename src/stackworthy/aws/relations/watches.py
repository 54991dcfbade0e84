"""`watches`: the source notices when something is wrong with the target: an alarm by its metric, a canary, a health check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from stackworthy.aws.arns import locate, marked, resolve, unmarked
from stackworthy.aws.names import (
    ALARM,
    API,
    DISTRIBUTION,
    DOMAIN_NAME,
    FUNCTION,
    FUNCTION_URL,
    LOAD_BALANCER,
    LOG_GROUP,
    REST_API,
    Kinds,
)
from stackworthy.aws.paths import each
from stackworthy.aws.relations.dimensions import DIMENSIONS, Dimension, every_kind
from stackworthy.aws.relations.links import Links, follow, to
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    ABSENT,
    Map,
    Partial,
    Reference,
    Unknown,
    Value,
    references,
    show,
)

_ENDPOINTS = LOAD_BALANCER | API | DISTRIBUTION | DOMAIN_NAME | FUNCTION_URL
_CHILD = re.compile(r"(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*([\"']?)([^\"')]+)\1\s*\)")

LINKS: Links = {
    "AWS::Route53::HealthCheck": (
        to("HealthCheckConfig.FullyQualifiedDomainName", _ENDPOINTS, "health check"),
        to("HealthCheckConfig.AlarmIdentifier.Name", ALARM, "health check"),
        to("HealthCheckConfig.ChildHealthChecks[]", frozenset({"AWS::Route53::HealthCheck"}), "health check"),
    ),
    "AWS::Synthetics::Canary": (to("RunConfig.EnvironmentVariables.*", _ENDPOINTS, "canary"),),
    "AWS::Logs::MetricFilter": (to("LogGroupName", LOG_GROUP, "metric filter", "FilterPattern"),),
}

METRICS: dict[str, tuple[tuple[str, str], ...]] = {
    "AWS::CloudWatch::Alarm": (("", "Statistic"), ("Metrics[].MetricStat.Metric", "")),
    "AWS::CloudWatch::AnomalyDetector": (
        ("", "Stat"),
        ("SingleMetricAnomalyDetector", "Stat"),
        ("MetricMathAnomalyDetector.MetricDataQueries[].MetricStat.Metric", ""),
    ),
}
"""Where a kind states metrics, as maps of Namespace, MetricName and Dimensions ("": at its top), and their statistic."""

PATHS = (
    *(
        (kind, f"{at}.{name}" if at else name)
        for kind, places in METRICS.items()
        for at, statistic in places
        for name in (
            "Namespace",
            "MetricName",
            "Dimensions[].Name",
            "Dimensions[].Value",
            *filter(None, [statistic]),
        )
    ),
    ("AWS::CloudWatch::Alarm", "Metrics[].Expression"),
    ("AWS::CloudWatch::CompositeAlarm", "AlarmRule"),
    ("AWS::Logs::MetricFilter", "MetricTransformations[].MetricName"),
    ("AWS::Logs::MetricFilter", "MetricTransformations[].MetricNamespace"),
    ("AWS::ApiGateway::RestApi", "Name"),
    ("AWS::ApiGateway::RestApi", "Body"),
)


class Metric(NamedTuple):
    """A metric that a resource watches: `path` is where it is stated, `dimensions` are pairs of name and value."""

    path: str
    namespace: Value
    name: Value
    dimensions: list[tuple[Value, Value]]


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All watching in the stack."""
    yield from follow(graph, "watches", LINKS)
    for kind in METRICS:
        for watcher in graph.of(kind):
            yield from _watched(graph, watcher)
    for alarm in graph.of("AWS::CloudWatch::CompositeAlarm"):
        yield from _children(graph, alarm)


def metrics_of(watcher: Resource) -> Iterator[Metric]:
    """The metrics that an alarm or anomaly detector states."""
    for at, _ in METRICS.get(watcher.kind or "", ()):
        if not at:
            if watcher["MetricName"] is not ABSENT or watcher["Namespace"] is not ABSENT:
                dimensions = _dimensions(each(watcher, "Dimensions[]"))
                yield Metric("", watcher["Namespace"], watcher["MetricName"], dimensions)
            continue
        for found in each(watcher, at):
            if isinstance(found.value, Map):
                inner = found.value
                items = each(watcher, f"{found.path}.Dimensions[]")
                yield Metric(found.path, inner["Namespace"], inner["MetricName"], _dimensions(items))
            elif isinstance(found.value, Unknown):
                yield Metric(found.path, found.value, found.value, [])


def _dimensions(items: Iterator[Any]) -> list[tuple[Value, Value]]:
    return [
        (item.value["Name"], item.value["Value"])
        if isinstance(item.value, Map)
        else (Unknown(f"{item.path} is not known"), Unknown(f"{item.path} is not known"))
        for item in items
    ]


def _watched(graph: Graph, watcher: Resource) -> Iterator[Edge | LooseEnd]:
    seen: set[str] = set()
    for metric in metrics_of(watcher):
        for item in _of_metric(graph, watcher, metric):
            if isinstance(item, LooseEnd):
                yield item
            elif item.target.address not in seen:
                seen.add(item.target.address)
                yield item
    for found in each(watcher, "Metrics[].Expression") if watcher.kind == "AWS::CloudWatch::Alarm" else ():
        for reference in references(found.value):
            target = resolve(graph, reference)
            if isinstance(target, Resource) and target.address not in seen:
                seen.add(target.address)
                yield Edge(watcher, target, "watches", "metric expression", watcher, {"path": found.path})


def _of_metric(graph: Graph, watcher: Resource, metric: Metric) -> Iterator[Edge | LooseEnd]:
    if not isinstance(metric.namespace, str):
        if isinstance(metric.namespace, (Unknown, Partial)):
            yield _loose(watcher, metric.namespace.reason, every_kind())
        return
    details: dict[str, Any] = {
        "path": metric.path,
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": {show(name): value for name, value in metric.dimensions},
    }
    known = DIMENSIONS.get(metric.namespace)
    if known is None:
        yield from _custom(graph, watcher, metric, details)
        return
    for name, value in metric.dimensions:
        if not isinstance(name, str):
            yield _loose(watcher, f"the name of a dimension of {watcher.name} is not known", every_kind())
            continue
        dimension = known.get(name)
        if dimension is not None:
            yield from _by_dimension(graph, watcher, dimension, name, value, details)
    if not metric.dimensions and metric.namespace == "AWS/Lambda":
        for function in graph.of(*FUNCTION):
            yield Edge(
                watcher, function, "watches", "metric of all functions", watcher, {**details, "broad": True}
            )


def _by_dimension(
    graph: Graph, watcher: Resource, dimension: Dimension, name: str, value: Value, details: dict[str, Any]
) -> Iterator[Edge | LooseEnd]:
    target = resolve(graph, value, dimension.kinds)
    if target is None and dimension.kinds & REST_API:
        target = _api_by_name(graph, value)
    if isinstance(target, Resource):
        facts = {**details, "dimension": name, "fits": _fits(dimension, value)}
        yield Edge(watcher, target, "watches", "metric", watcher, facts)
    elif target is not None:
        yield _loose(watcher, target.reason, dimension.kinds)


def _fits(dimension: Dimension, value: Value) -> bool:
    """Whether the value has the form in which the metric is published (a name, where an ARN is no name)."""
    if isinstance(value, Reference):
        return value.attribute in dimension.attributes
    text = show(value)
    return (text.startswith("arn:") or "://" in text) == dimension.arn


def _api_by_name(graph: Graph, value: Value) -> Resource | None:
    """REST APIs publish under their name, which may stand in their OpenAPI document only."""
    for api in graph.of("AWS::ApiGateway::RestApi"):
        names = [api["Name"]]
        body = api["Body"]
        info = body["info"] if isinstance(body, Map) else ABSENT
        if isinstance(info, Map):
            names.append(info["title"])
        if any(name is not ABSENT and show(name) == show(value) for name in names):
            return api
    return None


def _custom(
    graph: Graph, watcher: Resource, metric: Metric, details: dict[str, Any]
) -> Iterator[Edge | LooseEnd]:
    """A metric of one's own: made by a metric filter from a log group, or published with names of resources."""
    for log_filter in _filters(graph).get((show(metric.namespace), show(metric.name)), ()):
        group = resolve(graph, log_filter["LogGroupName"], LOG_GROUP)
        if isinstance(group, Resource):
            facts = {**details, "filter": log_filter}
            yield Edge(watcher, group, "watches", "metric filter", watcher, facts)
            for logs in graph.edges("logs to").by_target.get(group.address, ()):
                yield Edge(watcher, logs.source, "watches", "metric filter on its log group", watcher, facts)
        elif isinstance(group, Unknown):
            yield _loose(watcher, group.reason, LOG_GROUP)
    for _, value in metric.dimensions:
        for reference in references(value):
            target = resolve(graph, reference)
            if isinstance(target, Resource):
                yield Edge(watcher, target, "watches", "custom metric", watcher, details)


def _filters(graph: Graph) -> dict[tuple[str, str], list[Resource]]:
    """Metric filters by the namespace and name of the metrics that they make."""
    found = graph.memo.get("metric filters")
    if not isinstance(found, dict):
        found = graph.memo["metric filters"] = {}
        for log_filter in graph.of("AWS::Logs::MetricFilter"):
            for item in each(log_filter, "MetricTransformations[]"):
                if isinstance(item.value, Map):
                    key = (show(item.value["MetricNamespace"]), show(item.value["MetricName"]))
                    found.setdefault(key, []).append(log_filter)
    return found


def _loose(watcher: Resource, reason: str, kinds: Kinds) -> LooseEnd:
    return LooseEnd("watches", f"{watcher.name}: {reason}", watcher, None, kinds)


def _children(graph: Graph, alarm: Resource) -> Iterator[Edge | LooseEnd]:
    """The alarms in the rule of a composite alarm."""
    rule = alarm["AlarmRule"]
    if isinstance(rule, Unknown):
        yield _loose(alarm, rule.reason, ALARM)
        return
    text, pieces = marked(rule)
    seen: set[str] = set()
    for found in _CHILD.finditer(text):
        child = locate(graph, unmarked(found[2].strip(), pieces), ALARM).resource
        if isinstance(child, Unknown):
            yield _loose(alarm, child.reason, ALARM)
        elif child is not None and child.address not in seen:
            seen.add(child.address)
            yield Edge(alarm, child, "watches", "composite alarm", alarm, {"path": "AlarmRule"})
