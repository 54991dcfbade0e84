"""Batch on Fargate: https://aws.amazon.com/batch/pricing/ (Batch itself is free)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown
from stackworthy.prices.ecs import FREE_STORAGE_GB, fargate
from stackworthy.prices.registry import UsageOf, maps, number, prices, unpriced, usage

JOB = "AWS::Batch::JobDefinition"
ENVIRONMENT = "AWS::Batch::ComputeEnvironment"

usage(
    JOB,
    monthly_jobs=("jobs", 0, "Jobs run on Fargate, retries too."),
    job_duration_s=("s", 60, "Average duration of a job; at least 60 s."),
    spot_percent=(
        "%",
        None,
        "Jobs on Spot; all of them when the stack's only environments are on Fargate Spot.",
    ),
)


def _kinds(graph_of: Resource) -> set[str]:
    return {str(one["ComputeResources.Type"]) for one in graph_of.graph.of(ENVIRONMENT)}


@prices(JOB)
def jobs(job: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Jobs on Fargate."""
    if "FARGATE" not in job["PlatformCapabilities"]:
        return
    needs = {item["Type"]: item["Value"] for item in maps(job["ContainerProperties.ResourceRequirements"])}
    if "VCPU" not in needs or "MEMORY" not in needs:
        raise NotKnown("the size of the job is not stated")
    spot = asked.get("spot_percent", 100 if _kinds(job) == {"FARGATE_SPOT"} else 0)
    seconds = max(asked["job_duration_s"].to_integral_value(ROUND_CEILING), Decimal(60))
    hours = asked["monthly_jobs"] * seconds / 3600
    extra = number(job["ContainerProperties.EphemeralStorage.SizeInGiB"], FREE_STORAGE_GB) - FREE_STORAGE_GB
    platform = "arm64" if job["ContainerProperties.RuntimePlatform.CpuArchitecture"] == "ARM64" else "x86"
    words = "{monthly_jobs} jobs × {job_duration_s} s (at least 60) / 3,600"
    memory = number(needs["MEMORY"]) / 1024
    yield from fargate(hours, number(needs["VCPU"]), memory, extra, platform, spot, words)


@prices(ENVIRONMENT)
def environments(one: Resource, _: UsageOf) -> Iterator[Cost]:
    """Instances of a compute environment."""
    kind = one["ComputeResources.Type"]
    if kind in ("EC2", "SPOT"):
        yield unpriced(
            "Instances", "the instances of EC2 compute environments are not priced: only Fargate is"
        )
