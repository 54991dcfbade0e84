"""CloudWatch Logs: https://aws.amazon.com/cloudwatch/pricing/

What Lambda (and other services of AWS) write is billed as vended logs since May 2025, with tiers.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import Partial, is_stated
from stackworthy.prices.registry import UsageOf, number, prices, unpriced, usage

GROUP = "AWS::Logs::LogGroup"
COMPRESSED = Decimal("0.15")
DAYS_PER_MONTH = Decimal(730) / 24
KEPT = 12

usage(
    GROUP,
    monthly_data_ingested_gb=("GB", 0, "Log data written."),
    storage_gb=("GB", None, "Compressed log data held; when not stated, 15 % of what is written in the time of retention, a year without one."),
    monthly_data_scanned_gb=("GB", 0, "Log data that queries of Logs Insights scan."),
)  # fmt: skip


@prices(GROUP)
def ingestion(group: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Log data written."""
    key, assumed = ingestion_key(asked, infrequent=_infrequent(group), vended=_vended(group))
    words = "{monthly_data_ingested_gb} GB"
    yield Cost("Ingestion", asked["monthly_data_ingested_gb"], key, words, assumption=assumed)


def ingestion_key(asked: UsageOf, *, infrequent: bool, vended: bool) -> tuple[str, str]:
    """The price of ingestion, and what is assumed where the vended price of a region is not known."""
    name = "ia" if infrequent else "standard"
    if not vended:
        return f"logs.ingestion.{name}", ""
    if asked.priced(f"logs.vended.{name}") or not asked.priced(f"logs.ingestion.{name}"):
        return f"logs.vended.{name}", ""
    return (
        f"logs.ingestion.{name}",
        "logs of services cost as much as custom ones, which holds up to 10 TB a month",
    )


def _infrequent(group: Resource) -> bool:
    return bool(group["LogGroupClass"] == "INFREQUENT_ACCESS")


def _vended(group: Resource) -> bool:
    """Whether Lambda writes the group: by its name, or because a function logs to it."""
    name = group["LogGroupName"]
    if isinstance(name, (str, Partial)):
        prefix = name if isinstance(name, str) else name.prefix
        if prefix.startswith("/aws/lambda/"):
            return True
    edges = group.graph.edges("logs to").by_target.get(group.address, [])
    return any(edge.source.kind == "AWS::Lambda::Function" for edge in edges)


@prices(GROUP)
def storage(group: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Log data held."""
    if asked.stated("storage_gb"):
        yield Cost("Storage", asked["storage_gb"], "logs.storage", "{storage_gb} GB")
        return
    if is_stated(group["RetentionInDays"]):
        months = number(group["RetentionInDays"]) / DAYS_PER_MONTH
        said = f"{group['RetentionInDays']} days"
    else:
        months, said = Decimal(KEPT), f"{KEPT} months, because nothing expires"
    amount = asked["monthly_data_ingested_gb"] * COMPRESSED * months
    words = f"{{monthly_data_ingested_gb}} GB a month × 15 % × {said}"
    yield Cost("Storage", amount, "logs.storage", words, assumption="logs compress to 15 %")


@prices(GROUP)
def queries(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Queries of Logs Insights."""
    if asked["monthly_data_scanned_gb"]:
        words = "{monthly_data_scanned_gb} GB"
        yield Cost("Logs Insights", asked["monthly_data_scanned_gb"], "logs.insights", words)


@prices(GROUP)
def protection(group: Resource, _: UsageOf) -> Iterator[Cost]:
    """Data protection."""
    if is_stated(group["DataProtectionPolicy"]):
        yield unpriced("Data protection", "no price of data protection for logs is in the catalogue")
