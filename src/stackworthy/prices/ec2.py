"""Instances and volumes, as far as the catalogue goes: https://aws.amazon.com/ec2/pricing/on-demand/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, number, prices, unpriced, usage

INSTANCE = "AWS::EC2::Instance"
VOLUME = "AWS::EC2::Volume"

usage(
    INSTANCE,
    monthly_hrs=("hours", None, "Hours that the instance runs; all hours of the month when not stated."),
)


@prices(INSTANCE)
def instance(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Hours of an instance with Linux, on demand."""
    kind = one["InstanceType"]
    key = f"ec2.{kind}"
    if key not in asked.catalogue.dimensions:
        named = f"instances of the type {kind}" if kind else "an instance whose type is not stated"
        yield unpriced("Instance", f"no price of {named} is in the catalogue")
        return
    hours = asked.get("monthly_hrs", asked.hours)
    yield Cost("Instance", hours, key, f"{hours} h", assumption="Linux, on demand")


@prices(VOLUME)
def volume(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Storage of a volume."""
    kind = one["VolumeType"] or "gp2"
    key = f"ebs.{kind}"
    if key not in asked.catalogue.dimensions:
        yield unpriced("Volume", f"no price of {kind} volumes is in the catalogue")
        return
    size = number(one["Size"])
    yield Cost("Volume", size, key, f"{size} GB")
    if kind == "gp3" and (number(one["Iops"], 3000) > 3000 or number(one["Throughput"], 125) > 125):
        yield unpriced(
            "Provisioned performance",
            "no price of gp3 performance beyond 3,000 IOPS and 125 MB/s is in the catalogue",
        )
