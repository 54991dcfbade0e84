"""Containers that a workflow runs on Fargate, as jobs of AWS Batch on Fargate Spot.

A queue of Batch cannot mix Fargate with instances, so that Spot is Fargate Spot here, and plain Fargate its second choice:
https://docs.aws.amazon.com/batch/latest/userguide/job_queue_parameters.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import ROLE, TASK_DEFINITION
from stackworthy.aws.state_machines import State, argument, states
from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import ACCOUNT, REGION, asked, items, own, partition, word
from stackworthy.core.fix import AddResource, Allow, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, Reference, Unknown, Value, joined, show

APART = "batch"
MACHINE = "AWS::StepFunctions::StateMachine"
ATTEMPTS = 3
MOST_VCPUS = 16
INTERRUPTED = "Your Spot Task was interrupted*"
RULE = "StepFunctionsGetEventsForBatchJobsRule"
LONGEST_SECONDS = 4 * 3600


def improvements(graph: Graph) -> list[Improvement]:
    """One improvement for each state that waits for a Fargate task; done for those that submit jobs already."""
    made = []
    for machine in own(graph, MACHINE):
        for state in list.__iter__(states(machine)):
            improvement = _of(graph, machine, state)
            if improvement is not None:
                made.append(improvement)
    return made


def _of(graph: Graph, machine: Resource, state: State) -> Improvement | None:
    call = state.integration
    title = f"Run {state.name} on Spot capacity with AWS Batch"
    if call is not None and (call.service, call.action) == ("batch", "submitJob"):
        return Improvement(
            title, "", resources=(machine.address,), done=f"{machine.address} submits a job there"
        )
    if call is None or (call.service, call.action, call.pattern) != ("ecs", "runTask", "sync"):
        return None
    if argument(call.arguments, "LaunchType") != "FARGATE":
        return None
    task = resolve(graph, argument(call.arguments, "TaskDefinition"), TASK_DEFINITION)
    if not isinstance(task, Resource):
        return None
    resources = (machine.address, task.address)
    try:
        changes = tuple(_changes(graph, machine, state, task))
    except (_ByHand, NotKnown) as reason:
        steps = (
            f"{reason}: write a job definition of the task's container, a queue with FARGATE_SPOT first and FARGATE second, and let the state submit a job",
        )
        return Improvement(title, _why(), steps=steps, resources=resources)
    return Improvement(title, _why(), changes, _STEPS, resources)


class _ByHand(Exception):
    """Why a task cannot be turned into a job here."""


_STEPS = (
    "run sample inputs through it in a test environment, and stop one job midway: it must start anew and leave nothing half done",
    "watch for two weeks how often jobs are interrupted and wait; Fargate stays second in the queue's order, and the task definition stays for the way back",
    "take the task definition and the permission to run tasks away when nothing runs it any more",
)


def _why() -> str:
    return (
        "Fargate Spot costs a fraction of Fargate for the same CPU and memory, and Batch itself nothing; a job may be interrupted with two minutes' notice, "
        f"and is tried up to {ATTEMPTS} times. A queue cannot mix instances with Fargate: with Fargate as the second choice, Spot means Fargate Spot"
    )


def _changes(graph: Graph, machine: Resource, state: State, task: Resource) -> Iterator[Change]:
    containers = [item for item in items(task["ContainerDefinitions"]) if isinstance(item, Map)]
    if len(containers) != 1 or task["Volumes"] is not ABSENT:
        raise _ByHand("the task has more than one container, or volumes")
    if not state.path.startswith("Definition."):
        raise _ByHand("the definition of the workflow is a text")
    name = word(task)
    environments = [_environment(state, task, name, kind) for kind in ("FARGATE_SPOT", "FARGATE")]
    yield from environments
    queue = AddResource(
        "AWS::Batch::JobQueue",
        f"{name}Queue",
        Map(
            State="ENABLED",
            Priority=1,
            ComputeEnvironmentOrder=List(
                Map(Order=order, ComputeEnvironment=made.reference())
                for order, made in enumerate(environments, 1)
            ),
        ),
        task,
        APART,
    )
    definition = AddResource(
        "AWS::Batch::JobDefinition",
        f"{name}Definition",
        _definition(graph, state, task, containers[0]),
        task,
        APART,
    )
    yield queue
    yield definition
    yield machine.set(f"{state.path}.Resource", _submit(state))
    yield machine.set(f"{state.path}.Parameters", _parameters(state, queue, definition))
    role = resolve(graph, machine["RoleArn"], ROLE)
    if not isinstance(role, Resource):
        raise _ByHand("the role of the workflow is not in this stack")
    yield Allow(role, ("batch:SubmitJob",), (queue.reference(), definition.reference()))
    yield Allow(role, ("batch:DescribeJobs", "batch:TerminateJob"), ("*",))
    rule = joined(("arn:", partition(graph), ":events:", REGION, ":", ACCOUNT, f":rule/{RULE}"))
    yield Allow(role, ("events:DescribeRule", "events:PutRule", "events:PutTargets"), (rule,))


def _submit(state: State) -> Value:
    text = state.body["Resource"]
    if not isinstance(text, str):
        raise _ByHand("the state's resource is put together")
    return text.replace(":ecs:runTask", ":batch:submitJob")


def _environment(state: State, task: Resource, name: str, kind: str) -> AddResource:
    network = state.arguments["NetworkConfiguration"]["AwsvpcConfiguration"]
    subnets, groups = network["Subnets"], network["SecurityGroups"]
    if not isinstance(subnets, List) or not isinstance(groups, List):
        raise _ByHand("the subnets and security groups of the task are not known")
    label = f"{name}{'Spot' if kind == 'FARGATE_SPOT' else 'OnDemand'}Environment"
    return AddResource(
        "AWS::Batch::ComputeEnvironment",
        label,
        Map(
            Type="MANAGED",
            State="ENABLED",
            ComputeResources=Map(Type=kind, MaxvCpus=MOST_VCPUS, Subnets=subnets, SecurityGroupIds=groups),
        ),
        task,
        APART,
    )


def _definition(graph: Graph, state: State, task: Resource, container: Map) -> Map:
    """The job definition that is the task definition's container, in Batch's words."""
    properties = Map(
        Image=container["Image"],
        ResourceRequirements=List(
            [
                Map(Type="VCPU", Value=_vcpus(task["Cpu"])),
                Map(Type="MEMORY", Value=str(task["Memory"])),
            ]
        ),
    )
    for own_name, theirs in (("Command", "Command"), ("Environment", "Environment"), ("Secrets", "Secrets")):
        if container[theirs] is not ABSENT:
            properties[own_name] = container[theirs]
    for own_name, path in (("JobRoleArn", "TaskRoleArn"), ("ExecutionRoleArn", "ExecutionRoleArn")):
        if task[path] is not ABSENT:
            properties[own_name] = task[path]
    if task["EphemeralStorage.SizeInGiB"] is not ABSENT:
        properties["EphemeralStorage"] = Map(SizeInGiB=task["EphemeralStorage.SizeInGiB"])
    if task["RuntimePlatform"] is not ABSENT:
        properties["RuntimePlatform"] = task["RuntimePlatform"]
    network = state.arguments["NetworkConfiguration"]["AwsvpcConfiguration"]
    if network["AssignPublicIp"] == "ENABLED":
        properties["NetworkConfiguration"] = Map(AssignPublicIp="ENABLED")
    logs = container["LogConfiguration"]
    if isinstance(logs, Map):
        properties["LogConfiguration"] = Map(
            LogDriver=logs["LogDriver"],
            Options=Map({key: _option(graph, key, item) for key, item in logs["Options"].items()}),
        )
    return Map(
        Type="container",
        PlatformCapabilities=List(["FARGATE"]),
        ContainerProperties=properties,
        RetryStrategy=Map(
            Attempts=ATTEMPTS,
            EvaluateOnExit=List(
                [
                    Map(Action="RETRY", OnStatusReason=INTERRUPTED),
                    Map(Action="EXIT", OnReason="*"),
                ]
            ),
        ),
        Timeout=Map(AttemptDurationSeconds=LONGEST_SECONDS),
    )


def _vcpus(cpu: Value) -> str:
    units = int(str(cpu))
    return str(units // 1024) if units % 1024 == 0 else str(units / 1024)


def _option(graph: Graph, name: str, value: Value) -> Value:
    """An option of the log driver: the group by reference, the Region as that of the deployment."""
    if name == "awslogs-region":
        return REGION
    if name == "awslogs-group":
        for group in own(graph, "AWS::Logs::LogGroup"):
            if asked(group, "LogGroupName") is not ABSENT and show(group["LogGroupName"]) == show(value):
                return Reference(group.address)
    return value


def _parameters(state: State, queue: AddResource, definition: AddResource) -> Map:
    made = Map(
        JobName=state.name.rsplit(".", 1)[-1],
        JobQueue=queue.reference(),
        JobDefinition=definition.reference(),
    )
    overrides = state.arguments["Overrides"]
    if overrides is ABSENT:
        return made
    if (
        not isinstance(overrides, Map)
        or isinstance(overrides, Unknown)
        or list(overrides) != ["ContainerOverrides"]
    ):
        raise _ByHand("the state overrides more than the container's environment and command")
    listed = list(items(overrides["ContainerOverrides"]))
    if (
        len(listed) != 1
        or not isinstance(listed[0], Map)
        or not set(listed[0]) <= {"Name", "Environment", "Command", "Command.$"}
    ):
        raise _ByHand("the state overrides more than the container's environment and command")
    made["ContainerOverrides"] = Map({key: item for key, item in listed[0].items() if key != "Name"})
    return made
