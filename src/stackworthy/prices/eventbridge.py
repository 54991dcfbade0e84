"""EventBridge buses, Scheduler and Pipes: https://aws.amazon.com/eventbridge/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, ceil, prices, usage
from stackworthy.prices.schedules import runs

BUS = "AWS::Events::EventBus"
RULE = "AWS::Events::Rule"

usage(
    BUS,
    monthly_custom_events=("events", 0, "Custom events put on the bus."),
    event_size_kb=("KB", 64, "Average size of an event: each 64 KB is one event."),
    monthly_third_party_events=("events", 0, "Events of partners."),
    monthly_cross_account_events=("events", 0, "Events sent on to another account's bus."),
    monthly_archive_processing_gb=("GB", 0, "Events taken into archives that are no resources of the stack."),
    archive_storage_gb=("GB", 0, "Events held in archives that are no resources of the stack."),
    monthly_schema_discovery_events=("events", 0, "Events looked at for schemas, in units of 8 KB; the first five million are free."),
    monthly_replayed_events=("events", 0, "Events replayed from archives."),
)  # fmt: skip
usage(
    RULE,
    monthly_custom_events=("events", 0, "Custom events put on the default bus for this rule; AWS's own events and schedules are free."),
    event_size_kb=("KB", 64, "Average size of an event: each 64 KB is one event."),
    monthly_cross_account_events=("events", 0, "Events sent on to another account's bus."),
)  # fmt: skip
usage(
    "AWS::Events::Archive",
    monthly_archive_processing_gb=("GB", 0, "Events taken into the archive."),
    archive_storage_gb=("GB", 0, "Events held in the archive."),
    monthly_replayed_events=("events", 0, "Events replayed from the archive."),
)
usage(
    "AWS::Events::ApiDestination",
    monthly_requests=("invocations", 0, "Calls of the destination, retries too."),
)
usage(
    "AWS::EventSchemas::Discoverer",
    monthly_schema_discovery_events=("events", 0, "Events looked at for schemas."),
    event_size_kb=("KB", 8, "Average size of an event: each 8 KB is one event."),
)
usage(
    "AWS::Pipes::Pipe",
    monthly_requests=(
        "requests",
        0,
        "Events that pass the pipe's filter, singly or in batches of up to 64 KB.",
    ),
    request_size_kb=("KB", 64, "Average size of an event or batch: each 64 KB is one request."),
)
usage(
    "AWS::Scheduler::Schedule",
    monthly_requests=(
        "invocations",
        None,
        "Invocations of the target; worked out from the schedule when not stated.",
    ),
)


@prices(BUS, RULE)
def events(source: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Events."""
    chunks = ceil(asked["event_size_kb"], 64)
    words = "{monthly_custom_events} events × {event_size_kb} KB in units of 64 KB"
    if source.kind == BUS or asked["monthly_custom_events"]:
        yield Cost(
            "Custom events", asked["monthly_custom_events"] * chunks, "eventbridge.custom-events", words
        )
    if asked["monthly_cross_account_events"]:
        words = "{monthly_cross_account_events} events × {event_size_kb} KB in units of 64 KB"
        amount = asked["monthly_cross_account_events"] * chunks
        yield Cost("Cross-account events", amount, "eventbridge.cross-account", words)


@prices(BUS)
def other_events(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Partner events and schema discovery."""
    if asked["monthly_third_party_events"]:
        chunks = ceil(asked["event_size_kb"], 64)
        words = "{monthly_third_party_events} events × {event_size_kb} KB in units of 64 KB"
        amount = asked["monthly_third_party_events"] * chunks
        yield Cost("Partner events", amount, "eventbridge.partner-events", words)
    if asked["monthly_schema_discovery_events"]:
        amount = asked["monthly_schema_discovery_events"]
        words = "{monthly_schema_discovery_events} events"
        yield Cost("Schema discovery", amount, "eventbridge.schema-discovery", words)


@prices(BUS, "AWS::Events::Archive")
def archives(archive: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Archived and replayed events."""
    own = archive.kind != BUS
    if own or asked["monthly_archive_processing_gb"]:
        amount = asked["monthly_archive_processing_gb"]
        words = "{monthly_archive_processing_gb} GB"
        yield Cost("Archive processing", amount, "eventbridge.archive-processing", words)
    if own or asked["archive_storage_gb"]:
        yield Cost(
            "Archive storage",
            asked["archive_storage_gb"],
            "eventbridge.archive-storage",
            "{archive_storage_gb} GB",
        )
    if asked["monthly_replayed_events"]:
        words = "{monthly_replayed_events} events"
        yield Cost("Replayed events", asked["monthly_replayed_events"], "eventbridge.replayed-events", words)


@prices("AWS::Events::ApiDestination")
def destinations(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Calls of API destinations."""
    yield Cost(
        "Invocations", asked["monthly_requests"], "eventbridge.api-destinations", "{monthly_requests} calls"
    )


@prices("AWS::EventSchemas::Discoverer")
def discovery(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Schema discovery."""
    amount = asked["monthly_schema_discovery_events"] * ceil(asked["event_size_kb"], 8)
    words = "{monthly_schema_discovery_events} events × {event_size_kb} KB in units of 8 KB"
    yield Cost("Schema discovery", amount, "eventbridge.schema-discovery", words)


@prices("AWS::Pipes::Pipe")
def pipes(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Requests of a pipe."""
    amount = asked["monthly_requests"] * ceil(asked["request_size_kb"], 64)
    words = "{monthly_requests} requests × {request_size_kb} KB in units of 64 KB"
    yield Cost("Requests", amount, "eventbridge.pipes", words)


@prices("AWS::Scheduler::Schedule")
def schedules(schedule: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Invocations of a schedule."""
    if schedule["State"] == "DISABLED":
        return
    if asked.stated("monthly_requests"):
        yield Cost(
            "Invocations",
            asked["monthly_requests"],
            "eventbridge.scheduler",
            "{monthly_requests} invocations",
        )
        return
    expression = schedule["ScheduleExpression"]
    amount = runs(expression, asked.hours)
    yield Cost("Invocations", amount, "eventbridge.scheduler", f"{expression} in {asked.hours} h")
