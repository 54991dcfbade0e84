"""Environments that are ready before a request comes, on the alias that callers use.

https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import word
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, NotKnown, references

ALIAS, FUNCTION = "AWS::Lambda::Alias", "AWS::Lambda::Function"
CONFIG = "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"
KEPT_READY = 1
_CALLERS = frozenset(
    {
        "AWS::ApiGateway::Method",
        "AWS::ApiGateway::RestApi",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Api",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
    }
)


def improvements(graph: Graph) -> list[Improvement]:
    """One kept ready for each alias behind an API; where callers use no alias, what has to be done first."""
    made = [_of(alias) for alias in graph.of(ALIAS) if _is_called(graph, alias)]
    if made:
        return made
    waiting = [function for function in graph.of(FUNCTION) if _answers(graph, function)]
    if not waiting:
        return []
    names = ", ".join(word(function) for function in waiting[:5])
    steps = (
        f"measure how often and how long {names} start anew (Init Duration in the log's REPORT lines): below one in a hundred requests it is seldom worth the money",
        "publish versions and give the function an alias (SAM: AutoPublishAlias), and let the API call the alias: what calls the function itself gets nothing of it",
        "then keep one environment ready on the alias, and let Application Auto Scaling follow the use",
    )
    addresses = tuple(function.address for function in waiting)
    return [Improvement("Keep functions behind APIs ready", _why(), steps=steps, resources=addresses)]


def _why() -> str:
    return "requests that would wait for a new environment are answered at once. Each environment that is kept ready is billed by the hour and by memory, used or not"


def _of(alias: Resource) -> Improvement:
    title = f"Keep {word(alias)} ready"
    resources = (alias.address,)
    try:
        stated = alias[CONFIG]
    except NotKnown as error:
        return Improvement(
            title, "", resources=resources, done=f"its number is not known here: {error.reason}"
        )
    if stated is not ABSENT:
        return Improvement(title, "", resources=resources, done=f"{alias.address} keeps {stated} ready")
    return Improvement(title, _why(), (alias.set(CONFIG, KEPT_READY),), resources=resources)


def _is_called(graph: Graph, alias: Resource) -> bool:
    """Whether an API refers to the alias."""
    return any(
        reference.address == alias.address
        for caller in graph.of(*_CALLERS)
        for value in caller.all_properties().values()
        for reference in references(value)
    )


def _answers(graph: Graph, function: Resource) -> bool:
    """Whether somebody waits for the function's answer: an API calls it."""
    edges = graph.edges("triggers").by_target.get(function.address, ())
    more = graph.edges("invokes").by_target.get(function.address, ())
    return any(
        (edge.source.kind or "").startswith(("AWS::ApiGateway", "AWS::ElasticLoadBalancing"))
        for edge in (*edges, *more)
    )
