"""What the states of workflows call, as needs of their role.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import (
    EVENT_BUS,
    FUNCTION,
    JOB_DEFINITION,
    JOB_QUEUE,
    QUEUE,
    ROLE,
    STATE_MACHINE,
    TABLE,
    TASK_DEFINITION,
    TOPIC,
    Kinds,
)
from stackworthy.aws.state_machines import Integration, State, argument, states
from stackworthy.capabilities.needs import CannotTell, Need
from stackworthy.capabilities.parts import ACCOUNT, PARTITION, REGION, TERRAFORM
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, OpenList, Value, joined

MACHINE = "AWS::StepFunctions::StateMachine"
_NAMED = {
    "dynamodb": ("TableName", TABLE),
    "sns": ("TopicArn", TOPIC),
    "sqs": ("QueueUrl", QUEUE),
    "lambda": ("FunctionName", FUNCTION),
    "states": ("StateMachineArn", STATE_MACHINE),
    "events": ("EventBusName", EVENT_BUS),
}
_RULES = {
    "ecs": "StepFunctionsGetEventsForECSTaskRule",
    "batch": "StepFunctionsGetEventsForBatchJobsRule",
    "states": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
}


def needs_of_machines(graph: Graph, _: Resource, users: list[Resource]) -> Iterator[Need]:
    """The needs of all workflows that act under a role; raises `CannotTell` for calls whose needs are not known here."""
    for user in users:
        if user.kind != MACHINE:
            continue
        found = states(user)
        if isinstance(found, OpenList):
            raise CannotTell(f"the definition of {user.name} is not known in full")
        for state in found:
            if state.type == "Task":
                yield from _of(graph, state)
        if user["LoggingConfiguration"] is not ABSENT or user["TracingConfiguration"] is not ABSENT:
            raise CannotTell(f"{user.name} writes logs or traces besides")


def _of(graph: Graph, state: State) -> Iterator[Need]:
    call = state.integration
    if call is None:
        yield Need("lambda:InvokeFunction", _target(graph, state, state.body["Resource"], FUNCTION))
    elif call.service == "ecs" and call.action == "runTask":
        yield from _task(graph, state, call)
    elif call.service == "batch" and call.action == "submitJob":
        yield from _job(graph, state, call)
    elif call.service in _NAMED:
        name, kinds = _NAMED[call.service]
        yield Need(_action(call), _target(graph, state, argument(call.arguments, name), kinds))
        if call.service == "states" and call.pattern == "sync":
            yield from _watched(graph, call)
    else:
        raise CannotTell(f"what {call.service}:{call.action} of {state.name} needs is not known here")


def _action(call: Integration) -> str:
    if call.service == "lambda":
        return "lambda:InvokeFunction"
    return f"{call.service}:{call.action[:1].upper()}{call.action[1:]}"


def _target(graph: Graph, state: State, value: Value, kinds: Kinds) -> Resource:
    found = resolve(graph, value, kinds) if value is not ABSENT else None
    if not isinstance(found, Resource):
        raise CannotTell(f"what {state.name} calls is not in this stack")
    return found


def _task(graph: Graph, state: State, call: Integration) -> Iterator[Need]:
    definition = _target(graph, state, argument(call.arguments, "TaskDefinition"), TASK_DEFINITION)
    yield Need("ecs:RunTask", definition)
    if call.pattern == "sync":
        yield Need("ecs:StopTask")
        yield Need("ecs:DescribeTasks")
        yield from _watched(graph, call)
    for path in ("TaskRoleArn", "ExecutionRoleArn"):
        role = definition[path]
        if role is not ABSENT:
            yield Need("iam:PassRole", _target(graph, state, role, ROLE))


def _job(graph: Graph, state: State, call: Integration) -> Iterator[Need]:
    for name, kinds in (("JobQueue", JOB_QUEUE), ("JobDefinition", JOB_DEFINITION)):
        yield Need("batch:SubmitJob", _target(graph, state, argument(call.arguments, name), kinds))
    yield Need("batch:DescribeJobs")
    yield Need("batch:TerminateJob")
    yield from _watched(graph, call)


def _watched(graph: Graph, call: Integration) -> Iterator[Need]:
    """The rule by which Step Functions hears that what it started has ended."""
    where = "aws" if graph.format == TERRAFORM else PARTITION
    rule = joined(("arn:", where, ":events:", REGION, ":", ACCOUNT, f":rule/{_RULES[call.service]}"))
    for action in ("events:DescribeRule", "events:PutRule", "events:PutTargets"):
        yield Need(action, None, (rule,))
