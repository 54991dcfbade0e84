"""The partitions of AWS: which one a Region lies in, and the domain of its services.

https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
"""

from __future__ import annotations

SUFFIXES = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
"""`AWS::URLSuffix` by partition."""

_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-iso-", "aws-iso"),
    ("us-isob", "aws-iso-b"),
    ("us-gov", "aws-us-gov"),
    ("eu-isoe", "aws-iso-e"),
    ("us-isof", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)


def partition_of(region: str) -> str:
    """`aws`, `aws-cn`, `aws-us-gov`, ... for a region's name."""
    lowered = region.lower()
    return next((partition for prefix, partition in _PARTITIONS if lowered.startswith(prefix)), "aws")
