"""The most that one sample of a metric can be, for the resource of the stack that it is about.

Sources: the quotas of `aws/quotas.py`, and the limits that the resource states itself.
"""

from __future__ import annotations

from typing import NamedTuple

from stackworthy.aws.alarms import Watched, targets
from stackworthy.aws.quotas import quota
from stackworthy.core.resource import Resource
from stackworthy.core.value import Value, is_stated

HOUR_MS = 3_600_000


class Limit(NamedTuple):
    """The largest value of a sample, in the metric's unit, and why it is no more."""

    most: Value
    why: str


def limit(metric: Watched) -> Limit | None:
    """What bounds a sample of the metric; None where nothing is known to. Raises `NotKnown`."""
    if metric.known is None:
        return None
    if metric.known.most:
        whole = metric.known.most
        return Limit(whole, "it is a share between 0 and 1" if whole == 1 else "it is a percentage")
    find = _LIMITS.get((metric.namespace, metric.name))
    if find is None:
        return None
    for dimension, target in targets(metric):
        if dimension in ("FunctionName", "QueueName", "StreamName", "ApiId", "ApiName", "GraphQLAPIId"):
            return find(target)
    return None


def _timeout(function: Resource) -> Limit:
    return Limit(
        1000 * function["Timeout"], f"{function.name} is stopped at its timeout, and it counts milliseconds"
    )


def _concurrency(function: Resource) -> Limit | None:
    reserved = function["ReservedConcurrentExecutions"]
    return Limit(reserved, f"no more are reserved for {function.name}") if is_stated(reserved) else None


def _age(_: Resource) -> Limit:
    seconds = quota("lambda.async-event-age").value
    return Limit(1000 * seconds, "Lambda drops events that are older")


def _retention(queue: Resource) -> Limit:
    return Limit(queue["MessageRetentionPeriod"], f"{queue.name} deletes messages that are older")


def _in_flight(queue: Resource) -> Limit:
    name = "sqs.fifo-in-flight" if queue["FifoQueue"] else "sqs.in-flight"
    return Limit(quota(name).value, "SQS lets no more be in flight")


def _records(stream: Resource) -> Limit:
    return Limit(HOUR_MS * stream["RetentionPeriodHours"], f"{stream.name} keeps no records that are older")


def _integration(api: Resource) -> Limit | None:
    if api.kind == "AWS::ApiGateway::RestApi":
        return None
    name = "websocket" if api["ProtocolType"] == "WEBSOCKET" else "http"
    seconds = quota(f"apigatewayv2.{name}-integration-timeout").value
    return Limit(1000 * seconds, "API Gateway waits no longer")


def _query(_: Resource) -> Limit:
    return Limit(1000 * quota("appsync.request-timeout").value, "AppSync ends a request then")


_LIMITS = {
    ("AWS/Lambda", "Duration"): _timeout,
    ("AWS/Lambda", "ConcurrentExecutions"): _concurrency,
    ("AWS/Lambda", "AsyncEventAge"): _age,
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): _retention,
    ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible"): _in_flight,
    ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds"): _records,
    ("AWS/ApiGateway", "IntegrationLatency"): _integration,
    ("AWS/AppSync", "Latency"): _query,
}
