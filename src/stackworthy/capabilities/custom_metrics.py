"""Metrics of the business: durations, tokens and counts that AWS does not publish, written as log lines (EMF).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.state_machines import State, states
from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import word
from stackworthy.core.graph import Graph
from stackworthy.sources.code.handler import Handler, handlers
from stackworthy.sources.code.uses import uses

TITLE = "Measure what the business counts"
MACHINE = "AWS::StepFunctions::StateMachine"
_MARKS = (
    "CloudWatchMetrics",
    "put_metric_data",
    "add_metric",
    "addMetric",
    "PutMetricDataCommand",
    "put_metric",
)
_MODELS = frozenset({"bedrock:InvokeModel", "bedrock-runtime:InvokeModel", "bedrock-runtime:Converse"})


def improvements(graph: Graph) -> list[Improvement]:
    """What each function and workflow could count; done when the code writes metrics of its own."""
    found = handlers(graph)
    if not found:
        return []
    writing = [handler.function.address for handler in found if handler.mentions(*_MARKS) is not None]
    if writing:
        done = f"code writes metrics of its own: {', '.join(writing[:5])}"
        return [Improvement(TITLE, "", resources=tuple(writing), done=done)]
    steps = [*_tokens(found), *_workflows(graph), *_stored(graph)]
    if not steps:
        return []
    why = (
        "AWS counts requests and errors, not tokens, items or minutes from start to end. A line of EMF in the log becomes a metric without a call; "
        "each combination of metric and dimensions is billed by the month, so that dimensions must have few values: never a user, a meeting, a key"
    )
    form = (
        "write one JSON line with _aws.CloudWatchMetrics (Powertools: Metrics.add_metric) at the end of the handler, with "
        "the environment as its only dimension"
    )
    resources = tuple(handler.function.address for handler in found)
    return [Improvement(TITLE, why, steps=(form, *steps), resources=resources)]


def _tokens(found: list[Handler]) -> Iterator[str]:
    for handler in found:
        if any(f"{call.service}:{call.operation}" in _MODELS for call in handler.sdk_calls(init=True)):
            name = word(handler.function)
            yield f"{name}: input and output tokens of each answer (usage of the answer), and their sum for each item"


def _workflows(graph: Graph) -> Iterator[str]:
    for machine in graph.of(MACHINE):
        name = word(machine)
        yield (
            f"{name}: the time from the first event to the last state for each item: write it in the last task, from the start time that "
            "$$.Execution.StartTime passes on"
        )
        for state in list.__iter__(states(machine)):
            if _runs_container(state):
                yield f"{name}.{state.name}: the time that the container works against the length of what it works on"


def _runs_container(state: State) -> bool:
    call = state.integration
    return call is not None and call.service in ("ecs", "batch")


def _stored(graph: Graph) -> Iterator[str]:
    for bucket in graph.of("AWS::S3::Bucket"):
        writers = [
            word(edge.source) for edge in uses(graph) if edge.target is bucket and edge.kind == "writes"
        ]
        if writers:
            names = ", ".join(dict.fromkeys(writers))
            yield f"{word(bucket)}: bytes and objects that {names} store each time: the growth of a bucket in hours, not days"
