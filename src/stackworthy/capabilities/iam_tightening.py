"""Policies from the calls that are made: by the code of functions, by the states of workflows.

https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.capabilities.calls_of_code import needs_of_functions
from stackworthy.capabilities.calls_of_states import needs_of_machines
from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.needs import CannotTell, statements_of
from stackworthy.capabilities.parts import is_own, items, own, word
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, Value, show
from stackworthy.sources.code.handler import handlers

ROLE, FUNCTION, MACHINE = "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::StepFunctions::StateMachine"
NARROW_ENOUGH = (
    "service-role/",
    "AWSXRayDaemonWriteAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "AWSXrayWriteOnlyAccess",
)
CLEANED = {"RoleSessionName": "the name of a session"}


def improvements(graph: Graph) -> list[Improvement]:
    """One improvement for each role whose policies are broad, and what code already does well."""
    made = [_of(graph, role) for role in own(graph, ROLE) if _broad(role)]
    return [*made, *_sessions(graph)]


def _broad(role: Resource) -> list[str]:
    """The paths of the role's statements, and its AWS managed policies, that allow whole services."""
    found = [path for path, _ in _broad_statements(role)]
    return found + [
        name
        for name in _managed(role)
        if name.endswith("FullAccess") or name in ("AdministratorAccess", "PowerUserAccess")
    ]


def _managed(role: Resource) -> Iterator[str]:
    for value in items(role["ManagedPolicyArns"]):
        name = show(value).partition(":policy/")[2]
        if name and not name.startswith(NARROW_ENOUGH):
            yield name


def _broad_statements(role: Resource) -> Iterator[tuple[str, Map]]:
    for index, policy in enumerate(items(role["Policies"])):
        document = policy["PolicyDocument"] if isinstance(policy, Map) else ABSENT
        statements = document["Statement"] if isinstance(document, Map) else ABSENT
        for statement in items(statements if isinstance(statements, list) else List([statements])):
            if isinstance(statement, Map) and _is_broad(statement):
                yield f"Policies[{index}].PolicyDocument.Statement", statement


def _is_broad(statement: Map) -> bool:
    actions = _listed(statement["Action"])
    wild = any(action == "*" or action.endswith(":*") for action in actions)
    everything = "*" in _listed(statement["Resource"])
    return _listed(statement["Effect"]) == ["Allow"] and (wild or (everything and "iam:PassRole" in actions))


def _listed(value: Value) -> list[str]:
    found = list(items(value)) if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, str)]


def _of(graph: Graph, role: Resource) -> Improvement:
    title = f"Allow {word(role)} what it does, no more"
    why = (
        f"{', '.join(_allowed(role))} is more than its users call: whoever takes one of them over has it all"
    )
    users = [edge.source for edge in graph.edges("assumes").by_target.get(role.address, ())]
    resources = (role.address, *(user.address for user in users))
    try:
        needs = [*needs_of_functions(graph, role, users), *needs_of_machines(graph, role, users)]
        if not needs:
            raise CannotTell("nothing of this stack that is read acts under it")
        made = statements_of(graph, needs)
    except (CannotTell, NotKnown) as error:
        guide = (
            f"{error.reason}: list the actions from CloudTrail (IAM Access Analyzer makes a policy of 90 days), and allow those on the resources that they name",
        )
        return Improvement(title, why, steps=guide, resources=resources)
    paths = list(dict.fromkeys(path for path, _ in _broad_statements(role)))
    steps = tuple(
        f"take {name} from the role: what is called of it is allowed by name" for name in _managed(role)
    )
    if len(paths) != 1 or _keeps_others(role, paths[0]):
        words = tuple(f"allow {show(one['Action'])} on {show(one['Resource'])}" for one in made)
        return Improvement(title, why, steps=(*words, *steps), resources=resources)
    return Improvement(
        title,
        f"{why}. It can call nothing else from then on",
        (role.set(paths[0], List(made)),),
        steps,
        resources,
    )


def _keeps_others(role: Resource, path: str) -> bool:
    """Whether the policy says more than the broad statements: denials, conditions, other grants."""
    broad = [statement for _, statement in _broad_statements(role)]
    stated = role[path]
    return not isinstance(stated, list) or any(statement not in broad for statement in items(stated))


def _allowed(role: Resource) -> list[str]:
    actions = [action for _, statement in _broad_statements(role) for action in _listed(statement["Action"])]
    wild = [action for action in actions if action.endswith("*")] or actions[:3]
    return [*wild, *(name for name in _managed(role))]


def _sessions(graph: Graph) -> Iterator[Improvement]:
    """Names of sessions that code takes from callers and cleans: what an auditor would ask for, done."""
    for handler in handlers(graph):
        if not is_own(handler.function):
            continue
        for call in handler.sdk_calls("sts:AssumeRole", init=True):
            node = call.parameters.get("RoleSessionName")
            if node is None or not handler.tainted(node):
                continue
            guard = handler.guarded(node)
            title = f"Check the session name in {word(handler.function)}"
            where = f"{call.scope.unit.module.file}:{call.node.line}"
            resources = (handler.function.address,)
            if guard is not None:
                line = f"{handler.scope(guard).unit.module.file}:{guard.line}"
                done = f"{handler.source(guard)} at {line} cleans it before {where}"
                yield Improvement(title, "", resources=resources, done=done)
            else:
                why = "the name stands in CloudTrail and in each ARN of the session, and a caller chooses it"
                yield Improvement(
                    title,
                    why,
                    steps=(f"check it, or replace signs that STS does not take, before {where}",),
                    resources=resources,
                )
