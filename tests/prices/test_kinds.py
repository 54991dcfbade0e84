"""Every priced kind: known kinds, known prices, documented usage, and no property that can break a bill."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.support.graphs import graph_of, graph_with

import stackworthy.prices
from stackworthy.aws.schemas import schema
from stackworthy.core.cost import Usage
from stackworthy.core.value import Unknown
from stackworthy.estimate import Options, estimate
from stackworthy.prices import catalogue, free, functions, priced_kinds, usage_keys
from stackworthy.prices.calls import STACK
from stackworthy.prices.free_kinds import _KINDS

KINDS = [kind for kind in priced_kinds() if kind.startswith("AWS::")]
FOLDER = Path(stackworthy.prices.__file__).parent


def tops(kind: str) -> list[str]:
    """The top-level properties of a kind."""
    return list(dict.fromkeys(path.partition(".")[0].partition("[")[0] for path, _ in schema(kind).paths()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_priced_kind_is_a_kind_of_aws(kind):
    assert schema(kind) is not None


def test_a_free_kind_is_a_kind_of_aws_and_has_no_price():
    # Kinds that AWS has withdrawn from its schemas, but that old templates have.
    withdrawn = {kind for kind in _KINDS if schema(kind) is None}
    assert len(withdrawn) < 12, sorted(withdrawn)
    assert not [kind for kind in KINDS if free(kind)]


def test_every_price_that_a_function_names_is_in_the_catalogue():
    named = set()
    for file in FOLDER.glob("*.py"):
        named |= set(re.findall(r'"((?:[a-z0-9]+-?)+(?:\.[a-z0-9-]+)+)"', file.read_text(encoding="utf-8")))
    services = {key.partition(".")[0] for key in catalogue().dimensions}
    asked = {
        name for name in named if name.partition(".")[0] in services and not name.endswith((".json", ".py"))
    }
    prefixes = {"s3." + part for part in ("standard", "intelligent", "standard-ia", "one-zone-ia")}
    prefixes |= {"s3." + part for part in ("glacier-instant", "glacier", "deep-archive", "express")}
    assert asked - set(catalogue().dimensions) - prefixes == set()
    assert len(asked) > 150


@pytest.mark.parametrize("kind", [*KINDS, STACK])
def test_every_usage_key_says_its_unit_and_meaning(kind):
    for name, key in usage_keys(kind).items():
        assert key.unit, name
        assert key.meaning[0].isupper(), name
        assert key.meaning.endswith("."), name


@pytest.mark.parametrize("kind", KINDS)
def test_properties_that_are_not_known_leave_the_bill_incomplete_or_untouched_but_never_broken(kind):
    graph = graph_with({"One": (kind, {name: Unknown("var.x has no value") for name in tops(kind)})})
    bill = estimate([graph], options=Options(region="us-east-1"))
    stack = bill.stacks[0]
    assert bill.complete == (not stack.unpriced)
    assert all(one.reason for one in stack.unpriced)


@pytest.mark.parametrize(
    "odd", ['"x"', "5", "[]", "[1]", "{}", "{x: [y]}", "true", "-1", '"-5"', '"NaN"', "1e400"]
)
def test_odd_values_never_break_a_bill(odd):
    for kind in KINDS:
        text = ", ".join(f"{name}: {odd}" for name in tops(kind))
        bill = estimate([graph_of(f"One: {{Type: {kind}, Properties: {{{text}}}}}", region="us-east-1")])
        assert bill.cost >= 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_usage_key_can_be_stated_and_never_lowers_the_bill(kind):
    graph = graph_of(f"One: {{Type: {kind}, Properties: {{}}}}", region="us-east-1")
    least = estimate([graph], options=Options(free_tier=False)).cost
    for key in usage_keys(kind):
        if key in ("consistent_read_percent", "transactional_read_percent", "aws_endpoint", "spot_percent"):
            continue
        usage = Usage()
        usage.add("One", key, 40)
        bill = estimate([graph], usage, options=Options(free_tier=False))
        assert bill.cost >= least or usage_keys(kind)[key].default != 0, key


def test_a_kind_without_a_price_is_listed_unless_it_is_free():
    graph = graph_of(
        "Db: {Type: AWS::RDS::DBInstance, Properties: {}}\nRole: {Type: AWS::IAM::Role, Properties: {}}"
    )
    bill = estimate([graph])
    assert [(one.address, one.reason) for one in bill.stacks[0].unpriced] == [
        ("Db", "no price is known for AWS::RDS::DBInstance")
    ]
    assert not bill.complete


def test_names_of_usage_are_those_that_infracost_has():
    """A sample of what usage files say; the whole table is translated by name."""
    for kind, names in {
        "AWS::Lambda::Function": ("monthly_requests", "request_duration_ms"),
        "AWS::ApiGatewayV2::Api": (
            "monthly_requests",
            "request_size_kb",
            "monthly_messages",
            "message_size_kb",
        ),
        "AWS::DynamoDB::Table": ("monthly_write_request_units", "monthly_read_request_units", "storage_gb"),
        "AWS::S3::Bucket": ("standard.storage_gb", "glacier_deep_archive.monthly_bulk_data_retrieval_gb"),
        "AWS::CloudFront::Distribution": ("monthly_https_requests.us", "monthly_shield_requests.south_korea"),
        "AWS::Kinesis::Stream": ("monthly_on_demand_data_in_gb", "monthly_provisioned_put_units"),
        "AWS::Logs::LogGroup": ("storage_gb", "monthly_data_ingested_gb", "monthly_data_scanned_gb"),
        "AWS::WAFv2::WebACL": ("rule_group_rules", "managed_rule_group_rules", "monthly_requests"),
        STACK: ("monthly_outbound_internet_gb", "monthly_intra_region_gb"),
    }.items():
        assert set(names) <= set(usage_keys(kind))


def test_every_priced_kind_has_functions():
    assert all(functions(kind) for kind in KINDS)
    assert json.loads((FOLDER / "data" / "catalogue.json").read_text(encoding="utf-8"))["made_by"]
