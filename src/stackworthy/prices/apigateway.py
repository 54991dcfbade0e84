"""API Gateway: https://aws.amazon.com/api-gateway/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown
from stackworthy.prices.registry import UsageOf, ceil, prices, usage

REST = "AWS::ApiGateway::RestApi"
STAGE = "AWS::ApiGateway::Stage"
V2 = "AWS::ApiGatewayV2::Api"
KB_PER_GB = 1024 * 1024
CACHES = ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")

usage(
    REST,
    monthly_requests=("requests", 0, "Calls that reach the API, answers from its cache and rejected ones with an API key included."),
    response_kb=("KB", 0, "Average size of an answer that is sent to the internet."),
    monthly_outbound_gb=("GB", None, "Answers sent to the internet; from their size when not stated."),
)  # fmt: skip
usage(
    V2,
    monthly_requests=("requests", 0, "Calls of an HTTP API."),
    request_size_kb=("KB", 512, "Average size of a call or its answer: metered in 512 KB."),
    monthly_messages=("messages", 0, "Messages of a WebSocket API, in both directions."),
    message_size_kb=("KB", 32, "Average size of a message: metered in 32 KB."),
    monthly_connection_mins=("minutes", 0, "Minutes that clients are connected to a WebSocket API."),
    response_kb=("KB", 0, "Average size of an answer that is sent to the internet."),
    monthly_outbound_gb=("GB", None, "Answers sent to the internet; from their size when not stated."),
)


@prices(REST)
def rest_requests(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Requests of a REST API."""
    yield Cost(
        "Requests", asked["monthly_requests"], "api-gateway.rest-requests", "{monthly_requests} requests"
    )


@prices(V2)
def requests(api: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Requests of an HTTP API, messages and minutes of a WebSocket API."""
    if api["ProtocolType"] == "WEBSOCKET":
        chunks = ceil(asked["message_size_kb"], 32)
        words = "{monthly_messages} messages × {message_size_kb} KB in units of 32 KB"
        yield Cost("Messages", asked["monthly_messages"] * chunks, "api-gateway.websocket-messages", words)
        minutes = asked["monthly_connection_mins"]
        words = "{monthly_connection_mins} minutes"
        yield Cost("Connection minutes", minutes, "api-gateway.websocket-minutes", words)
        return
    chunks = ceil(asked["request_size_kb"], 512)
    words = "{monthly_requests} requests × {request_size_kb} KB in units of 512 KB"
    yield Cost("Requests", asked["monthly_requests"] * chunks, "api-gateway.http-requests", words)


@prices(REST, V2)
def transfer(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Data transfer out."""
    if asked.stated("monthly_outbound_gb"):
        amount, words = asked["monthly_outbound_gb"], "{monthly_outbound_gb} GB"
    else:
        amount = asked["monthly_requests"] * asked["response_kb"] / KB_PER_GB
        words = "{monthly_requests} answers × {response_kb} KB / 1,048,576"
    if amount:
        yield Cost("Data transfer out", amount, "data-transfer.out", words)


@prices(STAGE)
def cache(stage: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Cache of a stage."""
    if not stage["CacheClusterEnabled"]:
        return
    size = str(stage["CacheClusterSize"] or "0.5")
    if size not in CACHES:
        raise NotKnown(f"there is no cache of {size} GB: sizes are {', '.join(CACHES)}")
    yield Cost(f"Cache of {size} GB", asked.hours, f"api-gateway.cache.{size}", f"{asked.hours} h")
