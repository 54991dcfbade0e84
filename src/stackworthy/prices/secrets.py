"""Secrets Manager and Parameter Store: https://aws.amazon.com/secrets-manager/pricing/
https://aws.amazon.com/systems-manager/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, is_stated
from stackworthy.prices.registry import UsageOf, length, prices, usage

KIND = "AWS::SecretsManager::Secret"
PARAMETER = "AWS::SSM::Parameter"

usage(KIND, monthly_requests=("requests", 0, "API calls."))
usage(
    PARAMETER,
    monthly_api_interactions=("interactions", 0, "Reads and writes of an advanced parameter, or at higher throughput; each parameter of a call counts."),
    parameter_storage_hrs=("hours", None, "Hours that an advanced parameter exists; all hours of the month when not stated."),
)  # fmt: skip


@prices(KIND)
def secrets(secret: Resource, asked: UsageOf) -> Iterator[Cost]:
    """A secret, its replicas, and calls."""
    copies = 1 + length(secret["ReplicaRegions"])
    yield Cost("Secret", 1, "secrets-manager.secret", "1 secret")
    if copies > 1:
        for replica in secret["ReplicaRegions"]:
            region = replica["Region"] if isinstance(replica, Map) else ""
            place = region if isinstance(region, str) else ""
            yield Cost(
                f"Replica in {place or 'another region'}", 1, "secrets-manager.secret", "1 secret", place
            )
    yield Cost("API calls", asked["monthly_requests"], "secrets-manager.requests", "{monthly_requests} calls")


@prices(PARAMETER)
def parameters(parameter: Resource, asked: UsageOf) -> Iterator[Cost]:
    """An advanced parameter; a standard one is free."""
    tier = parameter["Tier"] if is_stated(parameter["Tier"]) else "Standard"
    if tier != "Standard":
        hours = asked.get("parameter_storage_hrs", asked.hours)
        words = f"{hours} h of {asked.hours} h"
        yield Cost("Advanced parameter", hours / asked.hours, "ssm.advanced", words)
    if asked["monthly_api_interactions"]:
        words = "{monthly_api_interactions} interactions"
        yield Cost("API interactions", asked["monthly_api_interactions"], "ssm.interactions", words)
