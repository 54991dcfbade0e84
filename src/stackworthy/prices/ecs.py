"""Fargate: https://aws.amazon.com/fargate/pricing/

vCPU, memory and temporary storage above 20 GB, by the second, at least a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, Unknown, Value, is_stated, references
from stackworthy.prices.registry import UsageOf, maps, number, prices, referred, unpriced, usage

SERVICE = "AWS::ECS::Service"
TASK = "AWS::ECS::TaskDefinition"
CLUSTER = "AWS::ECS::Cluster"
FREE_STORAGE_GB = 20

usage(
    SERVICE,
    average_tasks=("tasks", None, "Tasks that run on average; the desired count when not stated."),
    spot_percent=("%", None, "Tasks on Spot; from the weights of the capacity providers when not stated."),
)
usage(
    TASK,
    monthly_tasks=("tasks", 0, "Tasks run on Fargate, besides those of services."),
    task_duration_s=(
        "s",
        60,
        "Average duration of such a task, from the pull of its image to its end; at least 60 s.",
    ),
    spot_percent=("%", 0, "Such tasks on Spot."),
)


def vcpus(value: Value) -> Decimal:
    """The vCPUs of `1024` or `1 vCPU`; raises `NotKnown`."""
    text = _text(value).lower()
    if text.endswith("vcpu"):
        return number(text.removesuffix("vcpu").strip())
    return number(text) / 1024


def memory(value: Value) -> Decimal:
    """The GB of `2048` (MB) or `2 GB`; raises `NotKnown`."""
    text = _text(value).lower()
    if text.endswith("gb"):
        return number(text.removesuffix("gb").strip())
    return number(text) / 1024


def _text(value: Value) -> str:
    if isinstance(value, (str, int, float)):
        return str(value)
    reason = value.reason if isinstance(value, Unknown) else "the size of the task is not stated"
    raise NotKnown(reason if value is not ABSENT else "the size of the task is not stated")


def fargate(
    count: Decimal, cpu: Decimal, ram: Decimal, extra: Decimal, platform: str, spot: Decimal, words: str
) -> Iterator[Cost]:
    """The lines of so many task hours (`count`), of which `spot` per cent are on Spot; `words` says how they come about."""
    if platform == "windows":
        yield Cost("vCPU", count * cpu, "fargate.vcpu.windows", f"{words} × {cpu} vCPU")
        yield Cost("Windows licence", count * cpu, "fargate.licence.windows", f"{words} × {cpu} vCPU")
        yield Cost("Memory", count * ram, "fargate.memory.windows", f"{words} × {ram} GB")
        return
    on_demand = count * (100 - spot) / 100
    if on_demand or not spot:
        share = f"{words} × {100 - spot} %" if spot else words
        yield Cost("vCPU", on_demand * cpu, f"fargate.vcpu.{platform}", f"{share} × {cpu} vCPU")
        yield Cost("Memory", on_demand * ram, f"fargate.memory.{platform}", f"{share} × {ram} GB")
    if spot:
        cheap = count * spot / 100
        share = f"{words} × {spot} % on Spot"
        varies = "Spot prices vary: this is a typical one"
        yield Cost(
            "Spot vCPU", cheap * cpu, f"fargate.spot-vcpu.{platform}", f"{share} × {cpu} vCPU", "", varies
        )
        yield Cost(
            "Spot memory", cheap * ram, f"fargate.spot-memory.{platform}", f"{share} × {ram} GB", "", varies
        )
    if extra > 0:
        yield Cost("Temporary storage", count * extra, "fargate.storage", f"{words} × {extra} GB above 20 GB")


def _platform(task: Resource) -> str:
    family = task["RuntimePlatform.OperatingSystemFamily"]
    if isinstance(family, str) and family.upper().startswith("WINDOWS"):
        return "windows"
    return "arm64" if task["RuntimePlatform.CpuArchitecture"] == "ARM64" else "x86"


def _extra(task: Resource) -> Decimal:
    return number(task["EphemeralStorage.SizeInGiB"], FREE_STORAGE_GB) - FREE_STORAGE_GB


def _on_fargate(service: Resource) -> tuple[bool, Decimal]:
    """Whether a service runs on Fargate, and how much of it on Spot, in per cent."""
    if is_stated(service["LaunchType"]) and service["LaunchType"] == "FARGATE":
        return True, Decimal(0)
    strategy = _strategy(service)
    weights = {"FARGATE": Decimal(0), "FARGATE_SPOT": Decimal(0)}
    other = False
    for item in strategy:
        name = item["CapacityProvider"]
        if name in ("FARGATE", "FARGATE_SPOT"):
            weights[name] += number(item["Weight"], 0)
        else:
            other = True
    total = sum(weights.values())
    if other or not total:
        return bool(strategy) and not other, Decimal(0)
    return True, weights["FARGATE_SPOT"] * 100 / total


def _strategy(service: Resource) -> list[Map]:
    """The capacity providers of a service: its own, else the default ones of its cluster."""
    if is_stated(service["CapacityProviderStrategy"]):
        return list(maps(service["CapacityProviderStrategy"]))
    cluster = _cluster(service)
    if cluster is None:
        return []
    for one in service.graph.of("AWS::ECS::ClusterCapacityProviderAssociations"):
        named = one["Cluster"]
        if named == cluster["ClusterName"] or any(at.address == cluster.address for at in references(named)):
            return list(maps(one["DefaultCapacityProviderStrategy"]))
    return list(maps(cluster["DefaultCapacityProviderStrategy"]))


def _cluster(service: Resource) -> Resource | None:
    named = service["Cluster"]
    addresses = {reference.address for reference in references(named)}
    for cluster in service.graph.of(CLUSTER):
        if cluster.address in addresses or (isinstance(named, str) and cluster["ClusterName"] == named):
            return cluster
    return None


def _task(service: Resource) -> Resource:
    """The task definition of a service, by reference or by its family's name."""
    named = service["TaskDefinition"]
    if isinstance(named, str):
        family = named.rsplit("/", 1)[-1].partition(":")[0]
        for task in service.graph.of(TASK):
            if isinstance(task["Family"], str) and task["Family"] == family:
                return task
    return referred(service, "TaskDefinition", TASK)


@prices(SERVICE)
def service(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Tasks of a service on Fargate."""
    runs, spot = _on_fargate(one)
    if not runs:
        # Tasks on EC2 cost nothing beside their instances.
        if one["LaunchType"] == "EXTERNAL":
            yield unpriced("Tasks", "no price of ECS Anywhere is in the catalogue")
        return
    task = _task(one)
    spot = asked.get("spot_percent", spot)
    if asked.stated("average_tasks"):
        count, words = asked["average_tasks"], "{average_tasks} tasks"
    else:
        count = number(one["DesiredCount"], 1)
        words = f"{count} tasks"
    said = f"{words} × {asked.hours} h"
    cpu, ram = vcpus(task["Cpu"]), memory(task["Memory"])
    yield from fargate(count * asked.hours, cpu, ram, _extra(task), _platform(task), spot, said)
    if one["NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp"] == "ENABLED":
        yield Cost("Public IPv4 addresses", count * asked.hours, "vpc.public-ipv4", said)


@prices(TASK)
def tasks(task: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Tasks that no service runs."""
    if not asked["monthly_tasks"]:
        return
    seconds = max(asked["task_duration_s"].to_integral_value(ROUND_CEILING), Decimal(60))
    hours = asked["monthly_tasks"] * seconds / 3600
    words = "{monthly_tasks} tasks × {task_duration_s} s (at least 60) / 3,600"
    cpu, ram = vcpus(task["Cpu"]), memory(task["Memory"])
    yield from fargate(hours, cpu, ram, _extra(task), _platform(task), asked["spot_percent"], words)
