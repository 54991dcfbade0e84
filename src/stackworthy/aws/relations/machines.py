"""What state machines, and schedules that call services directly, do to the resources of the stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from stackworthy.aws.arns import locate
from stackworthy.aws.documents import document
from stackworthy.aws.names import ACTIVITY, BUCKET, FUNCTION
from stackworthy.aws.relations.calls import Effect, effects, kinds_of
from stackworthy.aws.state_machines import State, argument, states
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, OpenList, Partial, show

_UNIVERSAL = re.compile(r"arn:[^:]*:scheduler:[^:]*:[^:]*:aws-sdk:([a-z0-9]+):([A-Za-z0-9]+)")
_HOLE = re.compile(r"\$\{[^}]*\}")
_FACTS = ("Retry", "Catch", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds")

PATHS = (
    ("AWS::StepFunctions::StateMachine", "Definition"),
    ("AWS::StepFunctions::StateMachine", "DefinitionString"),
    ("AWS::StepFunctions::StateMachine", "DefinitionSubstitutions"),
    ("AWS::Scheduler::Schedule", "Target.Arn"),
    ("AWS::Scheduler::Schedule", "Target.Input"),
)


class _Done(NamedTuple):
    """One effect of one caller, with the words and details of its edge."""

    caller: Resource
    effect: Effect
    by: str
    details: dict[str, Any]


def find(graph: Graph, relation: str) -> Iterator[Edge | LooseEnd]:
    """The edges of one relation, and the loose ends where a definition or a name is not known."""
    for done in _done(graph):
        if done.effect.relation != relation:
            continue
        target = done.effect.resource
        if isinstance(target, Resource):
            yield Edge(done.caller, target, relation, done.by, done.caller, done.details)
        else:
            reason = f"{done.by} {done.details.get('state', '')}: {target.reason}"
            yield LooseEnd(relation, reason, done.caller, None, done.effect.kinds)
    for machine in graph.of("AWS::StepFunctions::StateMachine"):
        found = states(machine)
        kinds = kinds_of(relation)
        if isinstance(found, OpenList) and not kinds.isdisjoint(graph.kinds()):
            yield LooseEnd(
                relation, f"state machine {machine.name}: {found.rest.reason}", machine, None, kinds
            )


def _done(graph: Graph) -> list[_Done]:
    memo = graph.memo.get("service calls")
    if not isinstance(memo, list):
        memo = [
            done for machine in graph.of("AWS::StepFunctions::StateMachine") for done in _machine(machine)
        ]
        memo.extend(done for schedule in graph.of("AWS::Scheduler::Schedule") for done in _schedule(schedule))
        graph.memo["service calls"] = memo
    return memo


def _machine(machine: Resource) -> Iterator[_Done]:
    for state in list.__iter__(states(machine)):
        details: dict[str, Any] = {"path": state.path, "state": state.name}
        for name in _FACTS:
            value = dict.get(state.body, name, ABSENT)
            if value is not ABSENT:
                details[name] = value
        if state.concurrency is not ABSENT:
            details["MaxConcurrency"] = state.concurrency
        for effect in _effects(machine.graph, state, details):
            yield _Done(machine, effect, "state", details)


def _effects(graph: Graph, state: State, details: dict[str, Any]) -> Iterator[Effect]:
    integration = state.integration
    if integration is not None:
        details["action"] = f"{integration.service}:{integration.action}"
        if integration.pattern:
            details["pattern"] = integration.pattern
        yield from effects(graph, integration.service, integration.action, integration.arguments)
    elif _is(state, "Task"):
        resource = argument(state.body, "Resource")
        named = locate(graph, resource, FUNCTION | ACTIVITY)
        if named.resource is not None:
            details["action"] = "lambda:invoke"
            if named.through is not None:
                details["through"] = named.through
            yield Effect("invokes", named.resource, FUNCTION | ACTIVITY)
    if _is(state, "Map"):
        for key, relation in (("ItemReader", "reads"), ("ResultWriter", "writes")):
            part = state.body[key]
            if isinstance(part, Map):
                given = part["Arguments"] if part["Arguments"] is not ABSENT else part["Parameters"]
                bucket = locate(graph, argument(given, "Bucket"), BUCKET).resource
                if bucket is not None:
                    yield Effect(relation, bucket, BUCKET)


def _is(state: State, name: str) -> bool:
    try:
        return bool(state.type == name)
    except NotKnown:
        return False


def _schedule(schedule: Resource) -> Iterator[_Done]:
    target = schedule["Target.Arn"]
    if not isinstance(target, (str, Partial)):
        return
    found = _UNIVERSAL.fullmatch(_HOLE.sub("", show(target)))
    if found is None:
        return
    details = {"path": "Target.Input", "action": f"{found[1]}:{found[2]}"}
    arguments = document(schedule["Target.Input"])
    for effect in effects(schedule.graph, found[1], found[2], arguments):
        yield _Done(schedule, effect, "schedule", details)
