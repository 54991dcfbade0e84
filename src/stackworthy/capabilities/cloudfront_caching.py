"""Distributions that cache files of buckets: a policy, names that change with the content, and what to invalidate.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import TERRAFORM, is_own, items, word
from stackworthy.core.fix import Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, Value, references, show

DISTRIBUTION = "AWS::CloudFront::Distribution"
OPTIMISED, DISABLED = "658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""The ids of the cache policies that AWS manages: CachingOptimized and CachingDisabled."""

STEPS = (
    "give files names that change with their content (app.3f2a.js) and Cache-Control: public, max-age=31536000, immutable",
    "give index.html Cache-Control: no-cache, so that a deployment is seen at once",
    "invalidate /index.html only after a deployment (the first 1,000 paths of a month are free), never /*",
)


def improvements(graph: Graph) -> list[Improvement]:
    """The policy for files of buckets in each distribution that does not cache them; done where it does."""
    made = [_of(graph, distribution) for distribution in graph.of(DISTRIBUTION) if is_own(distribution)]
    return [improvement for improvement in made if improvement is not None]


def _of(graph: Graph, distribution: Resource) -> Improvement | None:
    title = f"Cache the files of {word(distribution)}"
    changes: list[Change] = []
    files = 0
    try:
        buckets = set(_bucket_origins(graph, distribution))
        for path, behavior in _behaviors(distribution):
            if show(behavior["TargetOriginId"]) not in buckets:
                continue
            files += 1
            changes += _cached(distribution, path, behavior)
    except NotKnown:
        return None
    if not files:
        return None
    if not changes:
        return Improvement(
            title, "", resources=(distribution.address,), done="its files are cached by a policy"
        )
    why = (
        "files are answered from the edge: fewer requests reach the bucket, and they are billed less. With the policy of AWS, a file stays for a day unless its "
        "Cache-Control says otherwise: without names that change, callers may get the old one for so long"
    )
    return Improvement(title, why, tuple(changes), STEPS, (distribution.address,))


def _bucket_origins(graph: Graph, distribution: Resource) -> Iterator[str]:
    for origin in items(distribution["DistributionConfig.Origins"]):
        if not isinstance(origin, Map):
            continue
        named = (graph.get(reference.address) for reference in references(origin["DomainName"]))
        if (
            any(found is not None and found.kind == "AWS::S3::Bucket" for found in named)
            or origin["S3OriginConfig"] is not ABSENT
        ):
            yield show(origin["Id"])


def _behaviors(distribution: Resource) -> Iterator[tuple[str, Map]]:
    default: Value = distribution["DistributionConfig.DefaultCacheBehavior"]
    if isinstance(default, Map):
        yield "DistributionConfig.DefaultCacheBehavior", default
    for index, behavior in enumerate(items(distribution["DistributionConfig.CacheBehaviors"])):
        if isinstance(behavior, Map):
            yield f"DistributionConfig.CacheBehaviors[{index}]", behavior


def _cached(distribution: Resource, path: str, behavior: Map) -> list[Change]:
    policy = behavior["CachePolicyId"]
    if policy is not ABSENT:
        return [distribution.set(f"{path}.CachePolicyId", OPTIMISED)] if policy == DISABLED else []
    forwarded = behavior["ForwardedValues"]
    if isinstance(forwarded, Map) and forwarded["QueryString"] is True:
        return []
    gone = [
        name for name in ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL") if behavior[name] is not ABSENT
    ]
    if not gone or distribution.graph.format == TERRAFORM:
        removed = [distribution.remove(f"{path}.{name}") for name in gone]
        return [distribution.set(f"{path}.CachePolicyId", OPTIMISED), *removed]
    kept = Map({name: value for name, value in behavior.items() if name not in gone})
    kept["CachePolicyId"] = OPTIMISED
    return [distribution.set(path, kept)]
