"""ECR: https://aws.amazon.com/ecr/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, prices, usage

REPOSITORY = "AWS::ECR::Repository"

usage(REPOSITORY, storage_gb=("GB", 0, "Images held, layers that they share counted once."))


@prices(REPOSITORY)
def storage(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Images held."""
    yield Cost("Storage", asked["storage_gb"], "ecr.storage", "{storage_gb} GB")
