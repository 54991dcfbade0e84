"""SQS: https://aws.amazon.com/sqs/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, ceil, prices, usage

usage(
    "AWS::SQS::Queue",
    monthly_requests=("requests", 0, "API calls: sends, receives (empty ones too), deletes; a batch of up to ten messages is one call."),
    request_size_kb=("KB", 64, "Average payload of a call: each 64 KB is one request."),
    monthly_empty_receives=("requests", 0, "Receives that find nothing, such as those of an idle event source mapping."),
    monthly_fair_requests=("requests", 0, "Requests with a message group on a standard queue (fair queues)."),
)  # fmt: skip


@prices("AWS::SQS::Queue")
def requests(queue: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Requests."""
    kind = "fifo" if queue["FifoQueue"] else "standard"
    amount = asked["monthly_requests"] * ceil(asked["request_size_kb"], 64) + asked["monthly_empty_receives"]
    words = "{monthly_requests} calls × {request_size_kb} KB in units of 64 KB"
    if asked["monthly_empty_receives"]:
        words += " + {monthly_empty_receives} empty receives"
    yield Cost("Requests", amount, f"sqs.{kind}", words)
    if asked["monthly_fair_requests"]:
        words = "{monthly_fair_requests} requests"
        yield Cost("Fair queue requests", asked["monthly_fair_requests"], "sqs.fair", words)
