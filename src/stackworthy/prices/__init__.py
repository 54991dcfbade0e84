"""What AWS resources cost: a dated catalogue of unit prices, and one file of price functions per service.

    from stackworthy.prices import catalogue, usage_keys

`catalogue()` is the shipped catalogue; `usage_keys(kind)` are the quantities that a kind's price depends on (names are those of
infracost's usage files wherever it has the same quantity); `functions(kind)` are its price functions; `free(kind)` says why a kind costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from stackworthy.core.cost import UsageKey
from stackworthy.prices import registry
from stackworthy.prices.catalogue import Catalogue, Free, Price, Tier, shipped
from stackworthy.prices.registry import PriceFunction

__all__ = [
    "Catalogue",
    "Free",
    "Price",
    "Tier",
    "catalogue",
    "free",
    "functions",
    "priced_kinds",
    "usage_keys",
]

SERVICES = (
    "analytics",
    "apigateway",
    "appsync",
    "backup",
    "batch",
    "budgets",
    "calls",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "cognito",
    "config_",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "efs",
    "elb",
    "eventbridge",
    "firehose",
    "guardduty",
    "kinesis",
    "kms",
    "lambda_",
    "logs",
    "route53",
    "s3",
    "secrets",
    "sns",
    "sqs",
    "stepfunctions",
    "vpc",
    "waf",
)


@cache
def _load() -> None:
    for service in SERVICES:
        import_module(f"stackworthy.prices.{service}")


def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return shipped()


def functions(kind: str) -> list[PriceFunction]:
    """The price functions of a kind; none for a kind without a price."""
    _load()
    return registry.FUNCTIONS.get(kind, [])


def usage_keys(kind: str) -> Mapping[str, UsageKey]:
    """The usage keys of a kind, with unit, assumed value and meaning."""
    _load()
    return registry.USAGE.get(kind, {})


def model_key(key: str) -> UsageKey | None:
    """The usage key of a model's tokens (`bedrock.claude-haiku-4.5-input-tokens-global-profile`), which any caller has; else None."""
    from stackworthy.prices.calls import MODEL_PREFIXES

    return UsageKey("tokens", None, "Tokens of a model.") if key.startswith(MODEL_PREFIXES) else None


def priced_kinds() -> list[str]:
    """Every kind that has a price."""
    _load()
    return sorted(registry.FUNCTIONS)


def free(kind: str) -> str | None:
    """Why a kind costs nothing by itself, or None when it may cost money."""
    from stackworthy.prices.free_kinds import reason

    return reason(kind)
