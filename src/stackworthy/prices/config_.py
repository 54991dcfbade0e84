"""AWS Config: https://aws.amazon.com/config/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, prices, unpriced, usage

RECORDER = "AWS::Config::ConfigurationRecorder"
RULES = ("AWS::Config::ConfigRule", "AWS::Config::OrganizationConfigRule")
PACKS = ("AWS::Config::ConformancePack", "AWS::Config::OrganizationConformancePack")

usage(
    RECORDER,
    monthly_config_items=(
        "items",
        0,
        "Configuration items recorded: changes, or a day's state where recording is daily.",
    ),
    monthly_custom_config_items=("items", 0, "Items of resources that are no AWS ones."),
)
usage(*RULES, *PACKS, monthly_rule_evaluations=("evaluations", 0, "Evaluations of rules."))


@prices(RECORDER)
def items(recorder: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Configuration items."""
    daily = recorder["RecordingMode.RecordingFrequency"] == "DAILY"
    price = "config.items-daily" if daily else "config.items"
    yield Cost("Configuration items", asked["monthly_config_items"], price, "{monthly_config_items} items")
    if asked["monthly_custom_config_items"]:
        words = "{monthly_custom_config_items} items"
        yield Cost("Custom items", asked["monthly_custom_config_items"], "config.items", words)


@prices(*RULES)
def rules(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Evaluations of a rule."""
    words = "{monthly_rule_evaluations} evaluations"
    yield Cost("Evaluations", asked["monthly_rule_evaluations"], "config.evaluations", words)


@prices(*PACKS)
def packs(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Evaluations of a conformance pack."""
    words = "{monthly_rule_evaluations} evaluations"
    yield Cost("Evaluations", asked["monthly_rule_evaluations"], "config.pack-evaluations", words)


@prices("AWS::Config::ConfigurationAggregator")
def aggregators(_: Resource, __: UsageOf) -> Iterator[Cost]:
    """Nothing: aggregating is free."""
    yield from ()


@prices("AWS::Config::RemediationConfiguration")
def remediation(_: Resource, __: UsageOf) -> Iterator[Cost]:
    """Steps of the automation that remedies."""
    yield unpriced("Automation steps", "no price of Systems Manager's automation is in the catalogue")
