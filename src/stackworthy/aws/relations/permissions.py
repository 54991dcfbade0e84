"""What code may read, write and invoke, as the permissions of the role under which it runs say.

A permission for named resources is taken for their use. A permission for everything (`Resource: "*"`) says nothing
of what is used: it gives edges only to the resources that the code's environment variables name, and a loose end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from stackworthy.aws.arn_patterns import matching
from stackworthy.aws.arns import resolve
from stackworthy.aws.iam import Statement, statements
from stackworthy.aws.names import Kinds
from stackworthy.aws.paths import each
from stackworthy.aws.relations.actions import granted, kinds_of
from stackworthy.aws.roles import roles
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, NotKnown, OpenList, Unknown, Value, show

RUNS_CODE = (
    "AWS::Lambda::Function",
    "AWS::ECS::TaskDefinition",
    "AWS::Batch::JobDefinition",
    "AWS::AppRunner::Service",
    "AWS::BedrockAgentCore::Runtime",
    "AWS::CodeBuild::Project",
    "AWS::EC2::Instance",
    "AWS::Glue::Job",
    "AWS::KinesisAnalyticsV2::Application",
    "AWS::SageMaker::NotebookInstance",
    "AWS::Synthetics::Canary",
)
"""Kinds whose own code decides what it calls; for all others the stack says it."""

POLLING = frozenset(
    {
        "AWSLambdaDynamoDBExecutionRole",
        "AWSLambdaKinesisExecutionRole",
        "AWSLambdaMSKExecutionRole",
        "AWSLambdaSQSQueueExecutionRole",
    }
)
"""Managed policies that let Lambda poll for a function: the event source mapping says what it polls."""

VARIABLES = {
    "AWS::Lambda::Function": ("Environment.Variables.*",),
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions[].Environment[].Value",),
    "AWS::Batch::JobDefinition": ("ContainerProperties.Environment[].Value",),
    "AWS::AppRunner::Service": (
        "SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables[].Value",
    ),
    "AWS::BedrockAgentCore::Runtime": ("EnvironmentVariables.*",),
    "AWS::CodeBuild::Project": ("Environment.EnvironmentVariables[].Value",),
}
"""Where a kind hands values to its code."""

RELATIONS = ("reads", "writes", "invokes")
PATHS = tuple((kind, path) for kind, paths in VARIABLES.items() for path in paths)


class _Use(NamedTuple):
    """One access of one role: `targets` are certain, `every` says that all of `kinds` are meant, `unknown` why more may be."""

    relation: str
    kinds: Kinds
    actions: tuple[str, ...]
    targets: tuple[Resource, ...]
    every: bool
    unknown: Unknown | None
    statement: Statement | None


class _Granted(NamedTuple):
    relation: str
    kinds: Kinds
    actions: tuple[str, ...]
    unknown: Unknown | None = None


def find(graph: Graph, relation: str) -> Iterator[Edge | LooseEnd]:
    """The edges of one relation that permissions give, one for each pair of resources."""
    for kind in RUNS_CODE:
        for principal in graph.of(kind):
            yield from _of_principal(graph, principal, relation)


def _of_principal(graph: Graph, principal: Resource, relation: str) -> Iterator[Edge | LooseEnd]:
    edges: dict[str, Edge] = {}
    loose: dict[Kinds, str] = {}
    for role in roles(principal):
        others = _users(graph, role)
        more: dict[str, Any] = {"shared": others} if others > 1 else {}
        for use in _uses(graph, role):
            if use.relation != relation:
                continue
            if use.every:
                for target, variable in _named_by_variables(graph, principal, use.kinds):
                    _add(edges, principal, target, use, {**more, "broad": True, "variable": variable})
                loose.setdefault(use.kinds, f"{use.actions[0]} is allowed on every resource")
            else:
                for target in use.targets:
                    _add(edges, principal, target, use, more)
            if use.unknown is not None:
                loose.setdefault(use.kinds, f"permission: {use.unknown.reason}")
    yield from edges.values()
    for kinds, reason in loose.items():
        if all(other is principal for other in graph.of(*kinds)):
            continue
        yield LooseEnd(relation, f"{principal.name}: {reason}", principal, None, kinds)


def _add(
    edges: dict[str, Edge], principal: Resource, target: Resource, use: _Use, more: Mapping[str, Any]
) -> None:
    """Add an access to the one edge between two resources; a permission for named resources outweighs a broad one."""
    known = edges.get(target.address)
    if known is None or (known.details.get("broad") and "broad" not in more):
        origin, path = (use.statement.origin, use.statement.path) if use.statement else (None, "")
        actions = () if known is None else known.details["actions"]
        details = {"path": path, "actions": (*actions, *use.actions), **more}
        edges[target.address] = Edge(principal, target, use.relation, "permission", origin, details)
    else:
        details = dict(known.details)
        details["actions"] = tuple(dict.fromkeys((*details["actions"], *use.actions)))
        edges[target.address] = msgspec.structs.replace(known, details=details)


def _users(graph: Graph, role: Resource | Unknown) -> int:
    """How many resources run code under a role."""
    if isinstance(role, Unknown):
        return 1
    found = graph.memo.get("users of roles")
    if not isinstance(found, Counter):
        found = graph.memo["users of roles"] = Counter(
            acting.address
            for principal in graph.of(*RUNS_CODE)
            for acting in roles(principal)
            if isinstance(acting, Resource)
        )
    return found[role.address]


def _uses(graph: Graph, role: Resource | Unknown) -> list[_Use]:
    """What a role's statements let somebody do with resources of the graph."""
    if isinstance(role, Unknown):
        return [_anything(relation, role) for relation in RELATIONS if _possible(graph, kinds_of(relation))]
    key = ("uses", role.address)
    found = graph.memo.get(key)
    if not isinstance(found, list):
        found = graph.memo[key] = list(_worked_out(graph, role))
    return found


def _anything(relation: str, unknown: Unknown) -> _Use:
    return _Use(relation, kinds_of(relation), (), (), False, unknown, None)


def _possible(graph: Graph, kinds: Kinds) -> bool:
    return not kinds.isdisjoint(graph.kinds())


def _worked_out(graph: Graph, role: Resource) -> Iterator[_Use]:
    stated = statements(role)
    for statement in list.__iter__(stated):
        if statement.managed in POLLING or not _may_allow(statement):
            continue
        for grant in _grants(statement):
            if _possible(graph, grant.kinds):
                yield _use(graph, statement, grant)
    if isinstance(stated, OpenList):
        for relation in RELATIONS:
            if _possible(graph, kinds_of(relation)):
                yield _anything(relation, stated.rest)


def _may_allow(statement: Statement) -> bool:
    try:
        return statement.allows
    except NotKnown:
        return True


def _grants(statement: Statement) -> Iterator[_Granted]:
    """The accesses that the actions of a statement stand for, each once."""
    merged: dict[tuple[str, Kinds], tuple[str, ...]] = {}
    unknown: Unknown | None = None
    if list.__len__(statement.not_actions) or isinstance(statement.not_actions, OpenList):
        for grant in granted("*"):
            actions = tuple(action for action in grant.actions if _not_excluded(statement, action))
            if actions:
                merged[grant.relation, grant.kinds] = actions
    for action in list.__iter__(statement.actions):
        if isinstance(action, str):
            for grant in granted(action):
                key = (grant.relation, grant.kinds)
                merged[key] = tuple(dict.fromkeys((*merged.get(key, ()), *grant.actions)))
        else:
            unknown = Unknown(f"the action {show(action)} is not known")
    if isinstance(statement.actions, OpenList):
        unknown = statement.actions.rest
    for (relation, kinds), actions in merged.items():
        yield _Granted(relation, kinds, actions)
    if unknown is not None:
        for relation in RELATIONS:
            yield _Granted(relation, kinds_of(relation), (), unknown)


def _not_excluded(statement: Statement, action: str) -> bool:
    try:
        return statement.matches_action(action)
    except NotKnown:
        return True


def _use(graph: Graph, statement: Statement, grant: _Granted) -> _Use:
    """The resources of the graph that a statement grants an access to."""
    targets: dict[str, Resource] = {}
    every = bool(list.__len__(statement.not_resources))
    unknown = grant.unknown
    for pattern in list.__iter__(statement.resources):
        covered = matching(graph, pattern, grant.kinds)
        every = every or covered.every
        unknown = covered.undecided if unknown is None else unknown
        if not covered.every:
            targets.update((resource.address, resource) for resource in covered.resources)
    if isinstance(statement.resources, OpenList) and unknown is None:
        unknown = statement.resources.rest
    if grant.unknown is not None:
        return _Use(grant.relation, grant.kinds, (), (), False, unknown, statement)
    certain = () if every else tuple(targets.values())
    return _Use(grant.relation, grant.kinds, grant.actions, certain, every, unknown, statement)


def _named_by_variables(graph: Graph, principal: Resource, kinds: Kinds) -> Iterator[tuple[Resource, str]]:
    for name, value in _variables(principal):
        target = resolve(graph, value, kinds)
        if isinstance(target, Resource):
            yield target, name


def _variables(principal: Resource) -> list[tuple[str, Value]]:
    """The environment variables of a resource, by name."""
    key = ("variables", principal.address)
    found = principal.graph.memo.get(key)
    if not isinstance(found, list):
        found = principal.graph.memo[key] = [
            (
                show(item.item["Name"]) if isinstance(item.item, Map) else item.path.rpartition(".")[2],
                item.value,
            )
            for path in VARIABLES.get(principal.kind or "", ())
            for item in each(principal, path)
        ]
    return found
