"""SNS: https://aws.amazon.com/sns/pricing/"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import references
from stackworthy.prices.registry import UsageOf, ceil, maps, prices, unpriced, usage

TOPIC = "AWS::SNS::Topic"
SUBSCRIPTION = "AWS::SNS::Subscription"
KB_PER_GB = 1024 * 1024
DELIVERIES = {
    "http": ("HTTP deliveries", "sns.http"),
    "https": ("HTTPS deliveries", "sns.http"),
    "email": ("Email deliveries", "sns.email"),
    "email-json": ("Email deliveries", "sns.email"),
    "firehose": ("Firehose deliveries", "sns.firehose"),
    "application": ("Mobile push deliveries", "sns.mobile-push"),
    "sms": ("SMS deliveries", "sns.sms-us"),
}
OUTSIDE = {
    "http_subscriptions": ("HTTP deliveries", "sns.http"),
    "email_subscriptions": ("Email deliveries", "sns.email"),
    "kinesis_subscriptions": ("Firehose deliveries", "sns.firehose"),
    "mobile_push_subscriptions": ("Mobile push deliveries", "sns.mobile-push"),
    "sms_subscriptions": ("SMS deliveries", "sns.sms-us"),
}

usage(
    TOPIC,
    monthly_requests=("requests", 0, "Publish calls; a batch of up to ten messages is one call."),
    request_size_kb=("KB", 64, "Average payload of a call: each 64 KB is one request."),
    http_subscriptions=("subscriptions", 0, "HTTP subscriptions that are no resources of the stack."),
    email_subscriptions=("subscriptions", 0, "Email subscriptions that are no resources of the stack."),
    kinesis_subscriptions=("subscriptions", 0, "Firehose subscriptions that are no resources of the stack."),
    mobile_push_subscriptions=("subscriptions", 0, "Mobile push subscriptions."),
    sms_subscriptions=("subscriptions", 0, "SMS subscriptions, taken to be in the United States."),
    macos_subscriptions=("subscriptions", 0, "Mac push subscriptions: priced as mobile push."),
    sms_notification_price=("USD", None, "Price of one SMS: state it as the price sns.sms-us instead."),
)
usage(
    SUBSCRIPTION,
    monthly_requests=("messages", 0, "Messages delivered."),
    request_size_kb=("KB", 64, "Average size of a message: each 64 KB is one delivery."),
)


def _fifo(topic: Resource) -> bool:
    return bool(topic["FifoTopic"])


def _subscriptions(topic: Resource) -> int:
    """The subscriptions of a topic on the graph: those stated on it, and those that name it."""
    named = sum(
        any(reference.address == topic.address for reference in references(one["TopicArn"]))
        for one in topic.graph.of(SUBSCRIPTION)
    )
    return named or sum(1 for _ in maps(topic["Subscription"]))


@prices(TOPIC)
def publishing(topic: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Publishing, and deliveries to subscriptions outside the stack."""
    if _fifo(topic):
        yield from _first_in_first_out(topic, asked)
        return
    requests = asked["monthly_requests"] * ceil(asked["request_size_kb"], 64)
    words = "{monthly_requests} calls × {request_size_kb} KB in units of 64 KB"
    yield Cost("Requests", requests, "sns.requests", words)
    for key, (name, price) in OUTSIDE.items():
        if key == "sms_subscriptions" and asked.stated("sms_notification_price"):
            yield unpriced(name, "a price of SMS of your own belongs in [prices], as sns.sms-us")
        elif asked[key]:
            yield Cost(name, requests * asked[key], price, f"{{{key}}} subscriptions × ({words})")
    if asked["macos_subscriptions"]:
        amount = requests * asked["macos_subscriptions"]
        yield Cost(
            "Mac push deliveries",
            amount,
            "sns.mobile-push",
            f"{{macos_subscriptions}} subscriptions × ({words})",
        )


def _first_in_first_out(topic: Resource, asked: UsageOf) -> Iterator[Cost]:
    requests, size = asked["monthly_requests"], asked.get("request_size_kb", 1)
    payload = requests * size / KB_PER_GB
    said = f"{{monthly_requests}} messages × {size} KB / 1,048,576"
    yield Cost("Requests", requests, "sns.fifo-requests", "{monthly_requests} messages")
    yield Cost("Payload", payload, "sns.fifo-payload", said)
    count = _subscriptions(topic)
    if count:
        yield Cost(
            "Deliveries",
            requests * count,
            "sns.fifo-deliveries",
            f"{{monthly_requests}} messages × {count} subscriptions",
        )
        yield Cost(
            "Delivered payload",
            payload * count,
            "sns.fifo-delivery-payload",
            f"{said} × {count} subscriptions",
        )


@prices(SUBSCRIPTION)
def deliveries(subscription: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Deliveries; those to SQS and Lambda are free."""
    protocol = subscription["Protocol"]
    if protocol in ("sqs", "lambda"):
        return
    if protocol not in DELIVERIES:
        yield unpriced("Deliveries", f"no price is known for the protocol {protocol}")
        return
    name, price = DELIVERIES[protocol]
    chunks = ceil(asked["request_size_kb"], 64) if protocol.startswith("http") else Decimal(1)
    words = "{monthly_requests} messages"
    if chunks > 1:
        words += " × {request_size_kb} KB in units of 64 KB"
    yield Cost(name, asked["monthly_requests"] * chunks, price, words)
