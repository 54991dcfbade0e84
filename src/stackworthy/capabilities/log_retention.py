"""How long logs are kept: groups without an end, and groups that Lambda makes by itself, which have none.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import is_own, word
from stackworthy.core.fix import AddResource, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, Reference, joined

APART = "logs"
TITLE = "Let logs end"
GROUP, FUNCTION = "AWS::Logs::LogGroup", "AWS::Lambda::Function"
KEEP_DAYS = 30


def improvements(graph: Graph) -> list[Improvement]:
    """A retention for each log group of the stack, and a group for each function that has none; done when all have."""
    groups = [group for group in graph.of(GROUP) if is_own(group)]
    endless = [group for group in groups if group["RetentionInDays"] is ABSENT]
    silent = [
        function for function in graph.of(FUNCTION) if _writable(function) and _lacks_group(graph, function)
    ]
    if not endless and not silent:
        there = tuple(group.address for group in groups)
        return (
            [Improvement(TITLE, "", resources=there, done="each log group ends its entries")]
            if groups
            else []
        )
    changes: list[Change] = [group.set("RetentionInDays", KEEP_DAYS) for group in endless]
    changes += [_group(function) for function in silent]
    why = f"entries are billed by the month for as long as they are kept; after {KEEP_DAYS} days they go, so that what must be kept longer has to be kept elsewhere"
    steps = (
        (
            "where a function has run already, its group exists: import it into the stack before the deployment, or delete it",
        )
        if silent
        else ()
    )
    return [
        Improvement(TITLE, why, tuple(changes), steps, tuple(item.address for item in (*endless, *silent)))
    ]


def _writable(function: Resource) -> bool:
    return not function.address.startswith("module.") and "/" not in function.address


def _lacks_group(graph: Graph, function: Resource) -> bool:
    try:
        return function["LoggingConfig.LogGroup"] is ABSENT and not graph.targets(function, "logs to")
    except NotKnown:
        return False


def _group(function: Resource) -> AddResource:
    name = joined(("/aws/lambda/", Reference(function.address)))
    return AddResource(
        GROUP, f"{word(function)}Logs", Map(LogGroupName=name, RetentionInDays=KEEP_DAYS), function, APART
    )
