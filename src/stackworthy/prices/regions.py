"""The names of AWS regions, so that a misspelt one is told from one without prices.

https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
"""

from __future__ import annotations

from difflib import get_close_matches

from stackworthy.core.cost import UsageError

REGIONS = (
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
)


def check_region(region: str) -> None:
    """Raise `UsageError` for a name that is no region's, with the nearest that is; local zones (`us-west-2-lax-1`) pass."""
    if region in REGIONS or any(region.startswith(f"{name}-") for name in REGIONS):
        return
    swapped = [name for name in REGIONS if sorted(name) == sorted(region)]
    near = swapped or get_close_matches(region, REGIONS, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else "write it like us-east-1"
    raise UsageError(f"there is no region {region!r}", hint, key="region")
