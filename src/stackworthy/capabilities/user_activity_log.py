"""Who did what: a log group of its own for entries on users' actions, kept as long as questions may come.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AnalyzingLogData.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import is_own
from stackworthy.core.fix import AddResource, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, Reference, joined

APART = "user-activity"
TITLE = "Log what users do"
GROUP, FILTER, FUNCTION = "AWS::Logs::LogGroup", "AWS::Logs::QueryDefinition", "AWS::Lambda::Function"
_APIS = ("AWS::ApiGateway", "AWS::AppSync")
QUERY = "fields @timestamp, user, action, subject, outcome\n| filter ispresent(action)\n| sort @timestamp desc\n| limit 200"


def improvements(graph: Graph) -> list[Improvement]:
    """A saved query over the logs of functions that answer users, and the form of entry that it finds; done when one is there."""
    there = [query.address for query in graph.of(FILTER)]
    if there:
        return [Improvement(TITLE, "", resources=tuple(there), done=f"queries are saved: {', '.join(there)}")]
    functions = [function for function in graph.of(FUNCTION) if _serves(graph, function)]
    beside = next(
        (function for function in functions if is_own(function)), functions[0] if functions else None
    )
    if beside is None:
        return []
    names = [joined(("/aws/lambda/", Reference(function.address))) for function in functions]
    query = AddResource(
        FILTER,
        "UserActivityQuery",
        Map(Name="user-activity", QueryString=QUERY, LogGroupNames=List(names)),
        beside,
        APART,
    )
    changes: tuple[Change, ...] = (query,)
    why = "when a user says that something is gone, the log says who did it; a line for each action is billed by its size, a query by what it reads"
    steps = (
        "write one JSON line for each action that changes something: user (the token's sub, never a mail address), action, subject, outcome, request id",
        "never log tokens, bodies or what users wrote; say in the privacy notice that actions are logged, and for how long",
    )
    return [Improvement(TITLE, why, changes, steps, tuple(function.address for function in functions))]


def _serves(graph: Graph, function: Resource) -> bool:
    edges = (
        *graph.edges("triggers").by_target.get(function.address, ()),
        *graph.edges("invokes").by_target.get(function.address, ()),
    )
    return any((edge.source.kind or "").startswith(_APIS) for edge in edges)
