"""Prices of language models from the package genai-prices."""

from __future__ import annotations

import sys
from decimal import Decimal

import pytest
from tests.support.graphs import graph_of

from stackworthy.core.cost import Usage, UsageError
from stackworthy.estimate import estimate
from stackworthy.prices import catalogue
from stackworthy.prices.models import with_models

FN = "Fn: {Type: AWS::Lambda::Function, Properties: {}}"
NOVA = "model.amazon.nova-lite-v1:0"


def line_of(key, amount=1_000_000):
    usage = Usage()
    usage.add("Fn", key, amount)
    bill = estimate([graph_of(FN, region="eu-west-1")], usage)
    (line,) = [one for one in bill.stacks[0].components if one.price == key]
    return line


def test_tokens_of_a_model_are_billed_wherever_the_function_runs():
    line = line_of(f"{NOVA}.input_tokens")
    assert (line.monthly_cost, line.unit, line.confidence) == ("0.06", "token", "medium")
    assert line.source.startswith("genai-prices ")
    assert line_of(f"{NOVA}.output_tokens").cost == Decimal("0.24")


def test_dearer_long_prompts_are_said():
    made = with_models(catalogue(), ["model.global.anthropic.claude-haiku-5-5.input_tokens"])
    price = made.price("model.global.anthropic.claude-haiku-5-5.input_tokens", "us-east-1")
    assert price.tiers[0].price > 0
    assert "the price of short ones is taken" in price.notes


def test_the_catalogue_is_left_alone_without_models():
    assert with_models(catalogue(), ["monthly_requests"]) is catalogue()


@pytest.mark.parametrize(
    ("key", "message", "hint"),
    [
        (f"{NOVA}.tokens", "no kind of tokens", "input_tokens"),
        ("model.amazon.nova-light-v9.input_tokens", "no price of the model", "did you mean"),
        ("model.amazon.titan-embed-text-v1.cache_read_tokens", "has no price of", "leave them out"),
    ],
)
def test_what_is_no_model_is_told_with_the_way_out(key, message, hint):
    with pytest.raises(UsageError) as error:
        line_of(key)
    assert message in error.value.message
    assert hint in error.value.hint


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    with pytest.raises(UsageError, match="stackworthy\\[models\\]"):
        line_of(f"{NOVA}.input_tokens")
