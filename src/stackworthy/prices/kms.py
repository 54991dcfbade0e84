"""KMS: https://aws.amazon.com/kms/pricing/"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, prices, usage

KEY = "AWS::KMS::Key"
REPLICA = "AWS::KMS::ReplicaKey"

usage(
    KEY,
    REPLICA,
    monthly_requests=("requests", 0, "Calls that use the key."),
    monthly_ecc_key_pairs=("requests", 0, "Elliptic-curve data key pairs made."),
    monthly_rsa_key_pairs=("requests", 0, "RSA data key pairs made."),
    rotations=(
        "rotations",
        0,
        "Times that the key's material was rotated: the first two add a dollar a month each.",
    ),
)


@prices(KEY, REPLICA)
def key(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """The key itself."""
    rotated = min(asked["rotations"], Decimal(2))
    words = "1 key + {rotations} rotations, of which two count" if rotated else "1 key"
    yield Cost("Key", 1 + rotated, "kms.key", words)


@prices(KEY, REPLICA)
def requests(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Requests."""
    spec = one["KeySpec"] if one.kind == KEY else "SYMMETRIC_DEFAULT"
    if spec == "RSA_2048":
        price = "kms.rsa-2048-requests"
    elif not spec or spec == "SYMMETRIC_DEFAULT" or spec.startswith("HMAC"):
        price = "kms.requests"
    else:
        price = "kms.asymmetric-requests"
    yield Cost("Requests", asked["monthly_requests"], price, "{monthly_requests} requests")
    if asked["monthly_ecc_key_pairs"]:
        words = "{monthly_ecc_key_pairs} requests"
        yield Cost("Elliptic-curve key pairs", asked["monthly_ecc_key_pairs"], "kms.ecc-key-pairs", words)
    if asked["monthly_rsa_key_pairs"]:
        words = "{monthly_rsa_key_pairs} requests"
        yield Cost("RSA key pairs", asked["monthly_rsa_key_pairs"], "kms.rsa-key-pairs", words)
