"""Cognito: https://aws.amazon.com/cognito/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import is_stated
from stackworthy.prices.registry import UsageOf, prices, usage

POOL = "AWS::Cognito::UserPool"
TIERS = {"LITE": "lite", "ESSENTIALS": "essentials", "PLUS": "plus"}

usage(
    POOL,
    monthly_active_users=("users", 0, "Users who sign in directly or by social accounts."),
    monthly_federated_users=(
        "users",
        0,
        "Users who sign in by SAML or OpenID Connect; the first 50 are free.",
    ),
    monthly_token_requests=("requests", 0, "Tokens given to applications (client credentials)."),
    machine_clients=("clients", 0, "Application clients with client credentials."),
    monthly_sms=("messages", 0, "SMS sent, taken to be in the United States."),
)


@prices(POOL)
def users(pool: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Active users."""
    tier = pool["UserPoolTier"] if is_stated(pool["UserPoolTier"]) else "ESSENTIALS"
    if pool["UserPoolAddOns.AdvancedSecurityMode"] in ("AUDIT", "ENFORCED"):
        tier = "PLUS"
    price = f"cognito.{TIERS.get(tier, 'essentials')}"
    words = "{monthly_active_users} users"
    yield Cost("Active users", asked["monthly_active_users"], price, words)
    for component, key, price in (
        ("Federated users", "monthly_federated_users", "cognito.federated"),
        ("Token requests of applications", "monthly_token_requests", "cognito.m2m-requests"),
        ("Application clients", "machine_clients", "cognito.m2m-clients"),
        ("SMS", "monthly_sms", "sns.sms-us"),
    ):
        if asked[key]:
            yield Cost(component, asked[key], price, f"{{{key}}}")
