"""The parts of a CloudFront distribution: its cache behaviours and its origins."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, NotKnown, Partial, Reference, Unknown, Value, is_stated, show
from stackworthy.rules._forms import items

DISTRIBUTION = "AWS::CloudFront::Distribution"
CONFIG = "DistributionConfig"
DEFAULT = f"{CONFIG}.DefaultCacheBehavior"

_BUCKET_DOMAINS = ("DomainName", "RegionalDomainName", "DualStackDomainName")


def behaviours(distribution: Resource) -> Iterator[tuple[str, Map]]:
    """The cache behaviours, the default one first, each with its path; raises `NotKnown`."""
    default = distribution[DEFAULT]
    if isinstance(default, Map):
        yield DEFAULT, default
    elif isinstance(default, Unknown):
        raise NotKnown(default.reason)
    yield from items(distribution, f"{CONFIG}.CacheBehaviors")


def is_website(domain: Value) -> bool:
    """Whether a domain name is the website endpoint of a bucket."""
    if isinstance(domain, Unknown):
        raise NotKnown(domain.reason)
    return ".s3-website" in show(domain) or (
        isinstance(domain, Reference) and domain.attribute == "WebsiteURL"
    )


def is_bucket(distribution: Resource, origin: Map) -> bool:
    """Whether an origin is a bucket asked by its own name; raises `NotKnown` when the name is not known."""
    if is_stated(origin["S3OriginConfig"]):
        return True
    domain = origin["DomainName"]
    if isinstance(domain, Reference):
        named = distribution.graph.get(domain.address)
        return bool(named and named.kind == "AWS::S3::Bucket" and domain.attribute in _BUCKET_DOMAINS)
    if isinstance(domain, (str, Partial)):
        text = show(domain)
        return (
            text.endswith(".amazonaws.com") and (".s3." in text or ".s3-" in text) and not is_website(domain)
        )
    return bool(domain == "")


def origins(distribution: Resource) -> Iterator[tuple[str, Map]]:
    """The origins, each with its path; raises `NotKnown`."""
    return items(distribution, f"{CONFIG}.Origins")


def serves_plain_http(distribution: Resource, origin: Map) -> bool:
    """Whether viewers may ask for what comes from the origin over plain HTTP; raises `NotKnown`."""
    return any(
        behaviour["ViewerProtocolPolicy"] == "allow-all"
        and show(behaviour["TargetOriginId"]) == show(origin["Id"])
        for _, behaviour in behaviours(distribution)
    )
