"""Quotas are dated, sourced, and those that older texts state wrongly are right."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from stackworthy.aws.quotas import DATA, Quota, quota, quotas
from stackworthy.aws.schemas import kinds

ALL = quotas()


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.id)
def test_a_quota_says_what_it_limits_who_states_it_and_since_when(found: Quota) -> None:
    assert re.fullmatch(r"[a-z0-9]+\.[a-z0-9-]+", found.id)
    assert found.name
    assert found.value > 0
    assert found.source.startswith("https://docs.aws.amazon.com/")
    assert date(2025, 1, 1) <= date.fromisoformat(found.as_of)
    assert found.unit in {
        "bytes", "MB", "GB", "characters", "count", "seconds", "hours", "days", "per second", "per day",
    }  # fmt: skip


def test_a_quotas_service_is_named_as_the_kinds_name_it() -> None:
    assert {found.service for found in ALL} <= {kind.split("::")[1] for kind in kinds()}


def test_no_id_is_given_twice() -> None:
    ids = [entry["id"] for entry in json.loads(DATA.read_text())]
    assert len(ids) == len(set(ids)) == len(ALL)


@pytest.mark.parametrize(
    ("id", "value", "unit", "adjustable"),
    [
        ("lambda.timeout", 900, "seconds", False),
        ("lambda.memory", 10_240, "MB", False),
        ("lambda.ephemeral-storage", 10_240, "MB", False),
        ("lambda.concurrency", 1_000, "count", True),
        ("lambda.environment", 4_096, "bytes", False),
        ("lambda.layers", 5, "count", False),
        ("lambda.sync-payload", 6 * 1_048_576, "bytes", False),
        ("lambda.async-payload", 1_048_576, "bytes", False),
        ("sqs.message", 1_048_576, "bytes", False),
        ("sqs.in-flight", 120_000, "count", True),
        ("events.entry", 1_048_576, "bytes", False),
        ("events.targets", 5, "count", True),
        ("sns.message", 262_144, "bytes", True),
        ("apigateway.integration-timeout", 29, "seconds", True),
        ("apigatewayv2.http-integration-timeout", 30, "seconds", False),
        ("apigatewayv2.websocket-message", 131_072, "bytes", False),
        ("apigatewayv2.websocket-frame", 32_768, "bytes", False),
        ("cloudformation.resources", 500, "count", False),
        ("cloudformation.parameters", 200, "count", False),
        ("dynamodb.item", 409_600, "bytes", False),
        ("dynamodb.global-secondary-indexes", 20, "count", True),
        ("stepfunctions.payload", 262_144, "bytes", False),
        ("stepfunctions.history", 25_000, "count", False),
        ("ssm.standard-value", 4_096, "bytes", False),
    ],
)
def test_a_known_quota_has_its_value(id: str, value: int, unit: str, adjustable: bool) -> None:
    found = quota(id)
    assert (found.value, found.unit, found.adjustable) == (value, unit, adjustable)


def test_the_quotas_of_a_service_are_its_own() -> None:
    assert {found.id.split(".")[0] for found in quotas("SQS")} == {"sqs"}
    assert quotas("NoSuchService") == ()


def test_an_unknown_quota_is_an_error_of_the_author() -> None:
    with pytest.raises(KeyError, match=r"lambda\.no-such"):
        quota("lambda.no-such")
