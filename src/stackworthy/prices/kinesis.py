"""Kinesis Data Streams: https://aws.amazon.com/kinesis/data-streams/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, ceil, number, prices, referred, usage

STREAM = "AWS::Kinesis::Stream"
CONSUMER = "AWS::Kinesis::StreamConsumer"
KB_PER_GB = 1024 * 1024

usage(
    STREAM,
    monthly_records=("records", 0, "Records put."),
    record_kb=("KB", 1, "Average size of a record: 25 KB are one payload unit; on-demand streams count each record up to the next KB."),
    monthly_on_demand_data_in_gb=("GB", None, "Data written to an on-demand stream; from the records when not stated."),
    monthly_on_demand_data_out_gb=("GB", 0, "Data read from an on-demand stream by shared consumers."),
    monthly_on_demand_efo_data_out_gb=("GB", 0, "Data read from an on-demand stream by enhanced fan-out."),
    monthly_on_demand_extended_retention_gb=("GB", 0, "Data of an on-demand stream held from 24 hours to 7 days."),
    monthly_on_demand_long_term_retention_gb=("GB", 0, "Data of an on-demand stream held for more than 7 days."),
    monthly_provisioned_put_units=("units", None, "Payload units of 25 KB; from the records when not stated."),
    monthly_provisioned_extended_retention_gb=("shard-hours", None, "Shard hours with retention from 24 hours to 7 days; all of them when the stream keeps data so long."),
    monthly_provisioned_long_term_retention_gb=("GB", 0, "Data held for more than 7 days."),
    monthly_provisioned_long_term_retrieval_gb=("GB", 0, "Data older than 7 days that is read."),
    monthly_provisioned_efo_data_out_gb=("GB", 0, "Data read by enhanced fan-out."),
    monthly_provisioned_efo_consumer_hours=("consumer-shard-hours", 0, "Hours of enhanced consumers that are no resources of the stack, times shards."),
)  # fmt: skip


@prices(STREAM)
def stream(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Capacity, data in and out, retention."""
    if one["StreamModeDetails.StreamMode"] == "ON_DEMAND":
        yield from _on_demand(asked)
    else:
        yield from _provisioned(one, asked)


def _optional(asked: UsageOf, lines: dict[str, tuple[str, str]]) -> Iterator[Cost]:
    for key, (component, price) in lines.items():
        if asked[key]:
            yield Cost(component, asked[key], price, f"{{{key}}} {asked.keys[key].unit}")


def _on_demand(asked: UsageOf) -> Iterator[Cost]:
    yield Cost("On-demand stream", asked.hours, "kinesis.on-demand.stream", f"{asked.hours} h")
    if asked.stated("monthly_on_demand_data_in_gb"):
        amount, words = asked["monthly_on_demand_data_in_gb"], "{monthly_on_demand_data_in_gb} GB"
    else:
        amount = asked["monthly_records"] * ceil(asked["record_kb"]) / KB_PER_GB
        words = "{monthly_records} records × {record_kb} KB in units of 1 KB / 1,048,576"
    yield Cost("Data in", amount, "kinesis.on-demand.in", words)
    yield from _optional(
        asked,
        {
            "monthly_on_demand_data_out_gb": ("Data out", "kinesis.on-demand.out"),
            "monthly_on_demand_efo_data_out_gb": ("Enhanced fan-out", "kinesis.on-demand.fan-out"),
            "monthly_on_demand_extended_retention_gb": ("Retention to 7 days", "kinesis.on-demand.retention"),
            "monthly_on_demand_long_term_retention_gb": (
                "Retention over 7 days",
                "kinesis.long-term-retention",
            ),
        },
    )


def _provisioned(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    shards = number(one["ShardCount"], 1)
    yield Cost("Shards", shards * asked.hours, "kinesis.shard", f"{shards} shards × {asked.hours} h")
    if asked.stated("monthly_provisioned_put_units"):
        units, words = asked["monthly_provisioned_put_units"], "{monthly_provisioned_put_units} units"
    else:
        units = asked["monthly_records"] * ceil(asked["record_kb"], 25)
        words = "{monthly_records} records × {record_kb} KB in units of 25 KB"
    yield Cost("Put payload units", units, "kinesis.put-units", words)
    key = "monthly_provisioned_extended_retention_gb"
    if asked.stated(key):
        yield Cost("Retention to 7 days", asked[key], "kinesis.retention", f"{{{key}}} shard-hours")
    elif number(one["RetentionPeriodHours"], 24) > 24:
        words = f"{shards} shards × {asked.hours} h, data kept for more than 24 h"
        yield Cost("Retention to 7 days", shards * asked.hours, "kinesis.retention", words)
    yield from _optional(
        asked,
        {
            "monthly_provisioned_long_term_retention_gb": (
                "Retention over 7 days",
                "kinesis.long-term-retention",
            ),
            "monthly_provisioned_long_term_retrieval_gb": (
                "Reads of old data",
                "kinesis.long-term-retrieval",
            ),
            "monthly_provisioned_efo_data_out_gb": ("Enhanced fan-out data", "kinesis.fan-out"),
            "monthly_provisioned_efo_consumer_hours": ("Enhanced fan-out", "kinesis.fan-out-consumer"),
        },
    )


@prices(CONSUMER)
def consumers(consumer: Resource, asked: UsageOf) -> Iterator[Cost]:
    """An enhanced consumer of a provisioned stream."""
    source = referred(consumer, "StreamARN", STREAM)
    if source["StreamModeDetails.StreamMode"] == "ON_DEMAND":
        return
    shards = number(source["ShardCount"], 1)
    words = f"{shards} shards × {asked.hours} h"
    yield Cost("Enhanced fan-out", shards * asked.hours, "kinesis.fan-out-consumer", words)
