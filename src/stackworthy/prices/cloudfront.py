"""CloudFront: https://aws.amazon.com/cloudfront/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, prices, usage

DISTRIBUTION = "AWS::CloudFront::Distribution"

PLACES = {
    "us": ("North America", "global:US"),
    "europe": ("Europe and Israel", "global:EU"),
    "south_africa": ("South Africa, Kenya and the Middle East", "global:ME-ZA"),
    "south_america": ("South America", "global:SA"),
    "japan": ("Japan", "global:JP"),
    "australia": ("Australia and New Zealand", "global:AU"),
    "asia_pacific": ("Asia Pacific", "global:AP"),
    "india": ("India", "global:IN"),
}
SHIELDS = {
    "us": ("United States", "us-east-1"),
    "europe": ("Europe", "global:EU"),
    "south_america": ("South America", "global:SA"),
    "japan": ("Japan", "global:JP"),
    "australia": ("Australia", "global:AU"),
    "singapore": ("Singapore", "global:SG"),
    "south_korea": ("South Korea", "global:KR"),
    "india": ("India", "global:IN"),
}
SPREAD = {
    "monthly_data_transfer_to_internet_gb": ("Data transfer out", "cloudfront.out", "GB", PLACES),
    "monthly_data_transfer_to_origin_gb": (
        "Data transfer to the origin",
        "cloudfront.out-to-origin",
        "GB",
        PLACES,
    ),
    "monthly_http_requests": ("HTTP requests", "cloudfront.http-requests", "requests", PLACES),
    "monthly_https_requests": ("HTTPS requests", "cloudfront.https-requests", "requests", PLACES),
    "monthly_shield_requests": ("Origin Shield requests", "cloudfront.shield-requests", "requests", SHIELDS),
}
PLAIN = {
    "monthly_invalidation_requests": ("Invalidation paths", "cloudfront.invalidations", "paths"),
    "monthly_encryption_requests": (
        "Field-level encryption requests",
        "cloudfront.encryption-requests",
        "requests",
    ),
    "monthly_log_lines": ("Real-time log lines", "cloudfront.log-lines", "lines"),
}

PLANS = {
    "free_plan": ("Free", "cloudfront.flat-rate-plan-free"),
    "pro_plan": ("Pro", "cloudfront.flat-rate-plan-pro"),
    "business_plan": ("Business", "cloudfront.flat-rate-plan-business"),
    "premium_plan": ("Premium", "cloudfront.flat-rate-plan-premium"),
}

usage(
    DISTRIBUTION,
    **{
        key: (
            "0 or 1",
            0,
            f"Whether the distribution is on the flat-rate plan {name}, instead of paying as it goes.",
        )
        for key, (name, _) in PLANS.items()
    },
)
for _key, (_what, _, _unit, _places) in SPREAD.items():
    usage(
        DISTRIBUTION,
        **{_key: (_unit, 0, f"{_what}, wherever the viewers are: priced as in North America.")},
        **{f"{_key}__{place}": (_unit, 0, f"{_what} in {name}.") for place, (name, _) in _places.items()},
    )
usage(
    DISTRIBUTION,
    monthly_invalidation_requests=("paths", 0, "Paths invalidated; the first thousand are free."),
    monthly_encryption_requests=("requests", 0, "Requests with field-level encryption."),
    monthly_log_lines=("lines", 0, "Lines of real-time logs."),
    custom_ssl_certificates=("certificates", None, "Certificates on dedicated addresses; one when the distribution is set so."),
)  # fmt: skip
usage("AWS::CloudFront::Function", monthly_requests=("invocations", 0, "Invocations."))
usage("AWS::CloudFront::KeyValueStore", monthly_reads=("reads", 0, "Reads by functions."))


@prices(DISTRIBUTION)
def plan(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """A flat-rate plan, which takes the place of everything else."""
    for key, (name, price) in PLANS.items():
        if asked[key]:
            yield Cost(f"Flat-rate plan {name}", 1, price, "1 month")


def _flat(asked: UsageOf) -> bool:
    return any(asked[key] for key in PLANS)


@prices(DISTRIBUTION)
def delivery(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Requests and data transfer, by the place of the viewers."""
    if _flat(asked):
        return
    for key, (what, price, unit, places) in SPREAD.items():
        if asked[key]:
            assumed = "all viewers are in North America"
            region = places["us"][1]
            yield Cost(what, asked[key], price, f"{{{key}}} {unit}", region, assumed)
        for place, (name, region) in places.items():
            path = f"{key}.{place}"
            if asked[path]:
                yield Cost(f"{what}: {name}", asked[path], price, f"{{{path}}} {unit}", region)
    if not any(key.startswith("monthly_https_requests") for key in asked.given):
        yield Cost(
            "HTTPS requests", 0, "cloudfront.https-requests", "{monthly_https_requests} requests", "global:US"
        )


@prices(DISTRIBUTION)
def extras(distribution: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Invalidations, field-level encryption, real-time logs, dedicated addresses."""
    if _flat(asked):
        return
    for key, (what, price, unit) in PLAIN.items():
        if asked[key]:
            yield Cost(what, asked[key], price, f"{{{key}}} {unit}")
    dedicated = distribution["DistributionConfig.ViewerCertificate.SslSupportMethod"] == "vip"
    count = asked.get("custom_ssl_certificates", 1 if dedicated else 0)
    if count:
        yield Cost("Dedicated addresses", count, "cloudfront.dedicated-ip", f"{count} certificates")


@prices("AWS::CloudFront::Function")
def functions(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Invocations."""
    yield Cost(
        "Invocations", asked["monthly_requests"], "cloudfront.functions", "{monthly_requests} invocations"
    )


@prices("AWS::CloudFront::KeyValueStore")
def store(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Reads."""
    yield Cost("Reads", asked["monthly_reads"], "cloudfront.key-value-reads", "{monthly_reads} reads")
