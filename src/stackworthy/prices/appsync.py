"""AppSync: https://aws.amazon.com/appsync/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, prices, unpriced, usage

API = "AWS::AppSync::GraphQLApi"

usage(
    API,
    monthly_requests=("operations", 0, "Queries and mutations."),
    monthly_messages=(
        "messages",
        0,
        "Real-time updates delivered: each 5 KB of a message to each client counts one.",
    ),
    monthly_connection_mins=("minutes", 0, "Minutes that clients are connected for subscriptions."),
    monthly_outbound_gb=("GB", 0, "Answers sent to the internet."),
)


@prices(API)
def operations(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Queries, mutations and real-time updates."""
    yield Cost(
        "Queries and mutations",
        asked["monthly_requests"],
        "appsync.operations",
        "{monthly_requests} operations",
    )
    if asked["monthly_messages"] or asked["monthly_connection_mins"]:
        yield Cost(
            "Real-time updates", asked["monthly_messages"], "appsync.messages", "{monthly_messages} messages"
        )
        minutes = asked["monthly_connection_mins"]
        yield Cost("Connection minutes", minutes, "appsync.minutes", "{monthly_connection_mins} minutes")
    if asked["monthly_outbound_gb"]:
        yield Cost(
            "Data transfer out", asked["monthly_outbound_gb"], "data-transfer.out", "{monthly_outbound_gb} GB"
        )


@prices("AWS::AppSync::ApiCache")
def cache(_: Resource, __: UsageOf) -> Iterator[Cost]:
    """Cache."""
    yield unpriced("Cache", "no price of AppSync caches is in the catalogue")
