"""A first set of alarms: failures of functions, APIs and workflows, slow answers, and failed messages that wait.

Metrics and dimensions: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.notifications import ALARM, actions, notified
from stackworthy.core.fix import AddResource, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, Reference, Value

APART = "alarms"
FUNCTION, QUEUE, WORKFLOW = "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::StepFunctions::StateMachine"
REST, HTTP, GRAPHQL = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::AppSync::GraphQLApi"
FAILURES = ("dead-letter queue", "on-failure destination")
SLOW_MS = 5_000
TITLE = "Watch the stack"
_WHY = "somebody is told when the stack fails; each alarm costs about $0.10 a month"


def alarms(graph: Graph) -> list[Change]:
    """The alarms that this stack should begin with, and whom they tell; none for a stack that nothing calls."""
    watched = _watchable(graph)
    if not watched:
        return []
    topic, changes = notified(graph, watched[0], APART)
    for resource in (*watched, *_failed_messages(graph)):
        changes += for_resource(resource, topic)
    return changes


def improvements(graph: Graph) -> list[Improvement]:
    """The same as one improvement, for what no alarm watches yet; done when alarms watch it all."""
    watching = [alarm.address for alarm in graph.of(ALARM)]
    if not watching:
        changes = alarms(graph)
        return [Improvement(TITLE, _WHY, tuple(changes))] if changes else []
    watched = graph.edges("watches").by_target
    silent = [
        resource
        for resource in (*_watchable(graph), *_failed_messages(graph))
        if resource.address not in watched
    ]
    changes = []
    if silent:
        topic, changes = notified(graph, silent[0], APART)
        for resource in silent:
            changes += for_resource(resource, topic)
    if not changes:
        return [Improvement(TITLE, "", done=f"alarms are there: {', '.join(watching[:5])}")]
    return [
        Improvement(TITLE, _WHY, tuple(changes), resources=tuple(resource.address for resource in silent))
    ]


def for_resource(resource: Resource, topic: Value) -> list[Change]:
    """The alarms on one resource."""
    return list(_OF[resource.kind or ""](resource, topic))


def waiting(queue: Resource) -> list[Change]:
    """The alarm on one queue of failed messages, and whom it tells."""
    topic, changes = notified(queue.graph, queue, APART)
    return [*changes, *for_resource(queue, topic)]


def _watchable(graph: Graph) -> list[Resource]:
    return [*graph.of(FUNCTION), *graph.of(REST), *graph.of(HTTP), *graph.of(GRAPHQL), *graph.of(WORKFLOW)]


def _failed_messages(graph: Graph) -> list[Resource]:
    edges = graph.edges("protects").all
    found = [edge.source for edge in edges if edge.by in FAILURES and edge.source.kind == QUEUE]
    return list({queue.address: queue for queue in found}.values())


def _alarm(
    resource: Resource,
    what: str,
    description: str,
    namespace: str,
    metric: str,
    dimensions: dict[str, Value],
    topic: Value,
    *,
    statistic: str = "Sum",
    period: int = 60,
    periods: int = 5,
    needed: int = 1,
    above: int = 0,
) -> AddResource:
    properties = Map(
        AlarmDescription=description,
        Namespace=namespace,
        MetricName=metric,
        Dimensions=List(Map(Name=name, Value=value) for name, value in dimensions.items()),
    )
    properties["ExtendedStatistic" if statistic.startswith("p") else "Statistic"] = statistic
    properties.update(
        Period=period,
        EvaluationPeriods=periods,
        DatapointsToAlarm=needed,
        Threshold=above,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=actions(topic),
    )
    return AddResource(ALARM, f"{_word(resource)}{what}", properties, resource, APART)


def _word(resource: Resource) -> str:
    """The resource's own name, without its type."""
    return resource.name.rsplit(".", 1)[-1]


def _function(function: Resource, topic: Value) -> Iterator[Change]:
    name = {"FunctionName": Reference(function.address)}
    lambda_ = "AWS/Lambda"
    yield _alarm(function, "Errors", f"{_word(function)} fails", lambda_, "Errors", name, topic)
    yield _alarm(function, "Throttles", f"{_word(function)} is throttled", lambda_, "Throttles", name, topic)


def _rest(api: Resource, topic: Value) -> Iterator[Change]:
    if api["Name"] is ABSENT:
        return
    named = {"ApiName": api["Name"]}
    gateway = "AWS/ApiGateway"
    yield _alarm(api, "ServerErrors", f"{_word(api)} answers with 5xx", gateway, "5XXError", named, topic)
    yield _slow(api, named, topic)


def _http(api: Resource, topic: Value) -> Iterator[Change]:
    named = {"ApiId": Reference(api.address)}
    gateway = "AWS/ApiGateway"
    if api["ProtocolType"] == "WEBSOCKET":
        yield _alarm(api, "ServerErrors", f"{_word(api)} fails", gateway, "ExecutionError", named, topic)
        return
    yield _alarm(api, "ServerErrors", f"{_word(api)} answers with 5xx", gateway, "5xx", named, topic)
    yield _slow(api, named, topic)


def _slow(api: Resource, named: dict[str, Value], topic: Value) -> AddResource:
    description = f"one in a hundred answers of {_word(api)} takes longer than {SLOW_MS // 1000} s"
    return _alarm(
        api,
        "Latency",
        description,
        "AWS/ApiGateway",
        "Latency",
        named,
        topic,
        statistic="p99",
        needed=5,
        above=SLOW_MS,
    )


def _graphql(api: Resource, topic: Value) -> Iterator[Change]:
    if api.type == "AWS::Serverless::GraphQLApi":
        return  # the transform's own type gives no attribute that cfn-lint knows
    named = {"GraphQLAPIId": Reference(api.address, "ApiId")}
    yield _alarm(
        api, "ServerErrors", f"{_word(api)} answers with 5xx", "AWS/AppSync", "5XXError", named, topic
    )


def _workflow(machine: Resource, topic: Value) -> Iterator[Change]:
    named = {"StateMachineArn": Reference(machine.address)}
    yield _alarm(
        machine, "Failures", f"{_word(machine)} fails", "AWS/States", "ExecutionsFailed", named, topic
    )


def _queue(queue: Resource, topic: Value) -> Iterator[Change]:
    named = {"QueueName": Reference(queue.address, "QueueName")}
    metric = "ApproximateNumberOfMessagesVisible"
    description = f"messages that failed wait in {_word(queue)}"
    yield _alarm(
        queue,
        "Waiting",
        description,
        "AWS/SQS",
        metric,
        named,
        topic,
        statistic="Maximum",
        period=300,
        periods=1,
    )


_OF = {
    FUNCTION: _function,
    REST: _rest,
    HTTP: _http,
    GRAPHQL: _graphql,
    WORKFLOW: _workflow,
    QUEUE: _queue,
}
