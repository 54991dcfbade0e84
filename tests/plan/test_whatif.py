"""What is taken for granted beyond a patch: tokens at another price, keys and gateways that go."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.plan.stacks import TEMPLATE, planned, written

from stackworthy.capabilities.improvement import Improvement
from stackworthy.config import load
from stackworthy.core.cost import Given
from stackworthy.judge import graphs
from stackworthy.plan.whatif import whatif
from stackworthy.prices import catalogue

KEYED = (
    TEMPLATE.replace(
        "      BillingMode: PAY_PER_REQUEST",
        "      BillingMode: PAY_PER_REQUEST\n      SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt Key.Arn}",
    )
    + "  Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}\n"
)


def graph_of(folder):
    return next(graph for _, _, graph in graphs(folder, load(folder, root=str(folder))))


def tokens(*keys):
    return {"Worker": {key: Given(Decimal(1000)) for key in keys}}


@pytest.mark.parametrize("version", ["4", "4.5", "4.6", "5"])
def test_tokens_go_to_a_smaller_model_that_has_a_price_whatever_the_version(tmp_path, version):
    large = [
        key for key in catalogue().dimensions if key.startswith(f"bedrock.claude-sonnet-{version}-input")
    ]
    assert large
    for key in large:
        found, words = whatif(
            "model-choice",
            graph_of(written(tmp_path)),
            tokens(key),
            [Improvement("", "", resources=("Worker",))],
        )
        if found is None:
            assert not any(
                name.startswith("bedrock.claude-haiku-") and name.endswith(key.split("-input", 1)[1])
                for name in catalogue().dimensions
                if "-input" in name and not name.startswith("bedrock.claude-haiku-3")
            )
            continue
        assert all(new in catalogue().dimensions for _, _, new in found.moved)
        assert words.startswith("all tokens at the price of Claude Haiku")


def test_without_tokens_nothing_is_taken_for_granted(tmp_path):
    asked = tokens("monthly_requests")
    made = whatif(
        "model-choice", graph_of(written(tmp_path)), asked, [Improvement("", "", resources=("Worker",))]
    )
    assert made == (None, "")


def test_a_key_that_only_the_table_uses_goes_and_its_fee_with_it(tmp_path):
    made = planned(written(tmp_path, KEYED))
    key = made.get("template.yaml:managed-key")
    assert key.cost.change == "-1.00"
    assert "once the key is deleted" in key.cost.basis


def test_a_key_that_something_else_uses_stays(tmp_path):
    queue = "  Jobs: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref Key}}\n"
    made = planned(written(tmp_path, KEYED + queue))
    assert made.get("template.yaml:managed-key").cost.change == "0.00"
