"""Data Firehose: https://aws.amazon.com/firehose/pricing/"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, is_stated
from stackworthy.prices.registry import UsageOf, ceil, length, prices, usage

STREAM = "AWS::KinesisFirehose::DeliveryStream"
KB_PER_GB = 1024 * 1024

usage(
    STREAM,
    monthly_data_ingested_gb=("GB", None, "Data taken in as it is billed, each record up to the next 5 KB; from the records when not stated."),
    monthly_records=("records", 0, "Records taken in."),
    record_kb=("KB", 5, "Average size of a record: counted in 5 KB."),
)  # fmt: skip


def _billed(asked: UsageOf) -> tuple[Decimal, str]:
    if asked.stated("monthly_data_ingested_gb"):
        return asked["monthly_data_ingested_gb"], "{monthly_data_ingested_gb} GB"
    amount = asked["monthly_records"] * ceil(asked["record_kb"], 5) * 5 / KB_PER_GB
    return amount, "{monthly_records} records × {record_kb} KB in units of 5 KB / 1,048,576"


@prices(STREAM)
def delivery(stream: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Ingestion, format conversion and delivery into a VPC."""
    amount, words = _billed(asked)
    yield Cost("Ingestion", amount, "firehose.ingest", words)
    for name in stream.properties.names():
        target = stream[name]
        if not name.endswith("DestinationConfiguration") or not isinstance(target, Map):
            continue
        conversion = target["DataFormatConversionConfiguration"]
        if isinstance(conversion, Map) and conversion["Enabled"] is not False:
            yield Cost("Format conversion", amount, "firehose.conversion", words)
        network = target["VpcConfiguration"]
        if is_stated(network) and isinstance(network, Map):
            zones = length(network["SubnetIds"], 1)
            yield Cost("Delivery into a VPC", amount, "firehose.vpc-data", words)
            said = f"{zones} subnets × {asked.hours} h"
            yield Cost("Delivery into a VPC, by zone", zones * asked.hours, "firehose.vpc-hours", said)
