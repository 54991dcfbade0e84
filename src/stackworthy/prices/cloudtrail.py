"""CloudTrail: https://aws.amazon.com/cloudtrail/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, length, prices, usage

TRAIL = "AWS::CloudTrail::Trail"
STORE = "AWS::CloudTrail::EventDataStore"

usage(
    TRAIL,
    monthly_additional_management_events=("events", 0, "Management events delivered by a second or further trail; the first copy is free."),
    monthly_data_events=("events", 0, "Data events delivered."),
    monthly_network_events=("events", 0, "Network activity events delivered."),
    monthly_insight_events=("events", 0, "Events that Insights analyses, for each type of insight."),
)  # fmt: skip
usage(
    STORE,
    monthly_data_ingested_gb=("GB", 0, "Events taken into the store."),
    monthly_data_scanned_gb=("GB", 0, "Data that queries scan."),
)


@prices(TRAIL)
def trails(trail: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Events beyond the first copy of management events."""
    yield Cost("Management events, first copy", 0, "cloudtrail.management-first", "free")
    for component, key, price in (
        (
            "Management events, further copies",
            "monthly_additional_management_events",
            "cloudtrail.management",
        ),
        ("Data events", "monthly_data_events", "cloudtrail.data"),
        ("Network activity events", "monthly_network_events", "cloudtrail.network"),
    ):
        if asked[key]:
            yield Cost(component, asked[key], price, f"{{{key}}} events")
    if asked["monthly_insight_events"] or length(trail["InsightSelectors"]):
        words = "{monthly_insight_events} events"
        yield Cost("Insights", asked["monthly_insight_events"], "cloudtrail.insights", words)


@prices(STORE)
def lakes(store: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Events of a lake."""
    seven = store["BillingMode"] == "FIXED_RETENTION_PRICING"
    price = "cloudtrail.lake-7-year" if seven else "cloudtrail.lake-1-year"
    yield Cost("Ingestion", asked["monthly_data_ingested_gb"], price, "{monthly_data_ingested_gb} GB")
    if asked["monthly_data_scanned_gb"]:
        words = "{monthly_data_scanned_gb} GB"
        yield Cost("Queries", asked["monthly_data_scanned_gb"], "cloudtrail.lake-query", words)
