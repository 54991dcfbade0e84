"""Other designs of the same stack: each is a change of resources, and is priced like any stack.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html (1,769 MB is one vCPU),
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

import msgspec

from stackworthy.aws.state_machines import states
from stackworthy.core.cost import Given, Usage
from stackworthy.core.graph import Graph
from stackworthy.core.plain import plain
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, NotKnown, OpenList
from stackworthy.workload.changed import changed, new
from stackworthy.workload.flow import Flow

REST, HTTP = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"
FUNCTION, TABLE = "AWS::Lambda::Function", "AWS::DynamoDB::Table"
MACHINE, BUCKET = "AWS::StepFunctions::StateMachine", "AWS::S3::Bucket"
MB_PER_VCPU = Decimal(1769)
UTILISATION = Decimal("0.7")
LEAST_TASKS = 2
TASK_SIZES = ((256, 512), (512, 1024), (1024, 2048), (2048, 4096), (4096, 8192))
"""CPU units and MB of Fargate tasks that are taken, the smallest that holds the function's memory."""
ONLY_REST = ("AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::RequestValidator", "AWS::ApiGateway::ApiKey")
EXPRESS_SECONDS = 300

Usages = Callable[[Flow, Mapping[str, Given], Usage], None]
"""Adds to a usage what a design is asked to do, from the flow and from what was asked of the resource as it is."""


class Design(msgspec.Struct):
    """Another design for one resource: its names, the changed graph, what else it is asked to do, and what the change takes."""

    address: str
    now: str
    instead: str
    graph: Graph
    note: str
    usage: Usages


def _same(_: Flow, __: Mapping[str, Given], ___: Usage) -> None:
    """Nothing else is asked of it."""


def designs(resources: Iterable[Resource]) -> Iterator[Design]:
    """Other designs of these resources, of each kind of change the first that fits: give the dearest resource first."""
    done: set[str] = set()
    for resource in resources:
        for make in MAKERS.get(resource.kind or "", ()):
            if make.__name__ in done:
                continue
            try:
                found = list(make(resource))
            except NotKnown:
                continue
            if found:
                done.add(make.__name__)
                yield from found


def _http_api(api: Resource) -> Iterator[Design]:
    """An HTTP API in the place of a REST API that uses nothing that only REST APIs have."""
    if any(api.graph.of(kind) for kind in ONLY_REST):
        return
    stages = [
        edge.target
        for edge in api.graph.edges("routes").by_source.get(api.address, ())
        if edge.target.kind == "AWS::ApiGateway::Stage"
    ]
    if any(stage["CacheClusterEnabled"] for stage in stages):
        return
    other = new(api.address, HTTP, {"ProtocolType": "HTTP"}, api, api.graph)
    graph = changed(api.graph, without=[api.address], added=[other])
    yield Design(
        api.address,
        "REST API",
        "HTTP API",
        graph,
        "an HTTP API has no API keys, cache, WAF or request validation",
        _same,
    )


def _rest_api(api: Resource) -> Iterator[Design]:
    """A REST API in the place of an HTTP API."""
    if api["ProtocolType"] == "WEBSOCKET":
        return
    graph = changed(api.graph, without=[api.address], added=[new(api.address, REST, {}, api, api.graph)])
    yield Design(
        api.address,
        "HTTP API",
        "REST API",
        graph,
        "a REST API adds API keys, a cache, WAF and request validation",
        _same,
    )


def _architecture(fn: Resource) -> Iterator[Design]:
    """The other architecture."""
    arm = "arm64" in fn["Architectures"]
    now, instead = ("arm64", "x86") if arm else ("x86", "arm64")
    graph = changed(fn.graph, {fn.address: {"Architectures": ["x86_64" if arm else "arm64"]}})
    yield Design(
        fn.address,
        now,
        instead,
        graph,
        "taken to run as long; native libraries have to be built for it",
        _same,
    )


def _fargate(fn: Resource) -> Iterator[Design]:
    """A service on Fargate that runs day and night, with as many tasks as the function's work needs."""
    memory = Decimal(str(fn["MemorySize"]))
    cpu, ram = next(((cpu, ram) for cpu, ram in TASK_SIZES if ram >= memory), TASK_SIZES[-1])
    arm = "arm64" in fn["Architectures"]
    task_address, service_address = f"{fn.address} as a task", f"{fn.address} as a service"
    platform = {"CpuArchitecture": "ARM64" if arm else "X86_64", "OperatingSystemFamily": "LINUX"}
    family = f"instead-of-{fn.name}"
    task = new(
        task_address,
        "AWS::ECS::TaskDefinition",
        {"Cpu": str(cpu), "Memory": str(ram), "Family": family, "RuntimePlatform": platform},
        fn,
        fn.graph,
    )
    service = new(
        service_address,
        "AWS::ECS::Service",
        {"LaunchType": "FARGATE", "TaskDefinition": family},
        fn,
        fn.graph,
    )
    graph = changed(fn.graph, without=[fn.address], added=[task, service])

    def usage(flow: Flow, asked: Mapping[str, Given], given: Usage) -> None:
        count = asked["monthly_requests"].value if "monthly_requests" in asked else Decimal(0)
        duration = asked["request_duration_ms"].value if "request_duration_ms" in asked else Decimal(100)
        busy = flow.load(fn.address).busy
        vcpus = count * duration / 1000 / flow.seconds * busy * memory / MB_PER_VCPU
        tasks = (vcpus / UTILISATION / (Decimal(cpu) / 1024)).to_integral_value(ROUND_CEILING)
        given.add(
            service_address,
            "average_tasks",
            max(tasks, Decimal(LEAST_TASKS)),
            stack=flow.graph.path,
            basis="derived",
        )

    note = f"tasks of {cpu} CPU units for the busiest hour, 70 % used, at least {LEAST_TASKS}; without a load balancer"
    yield Design(fn.address, "Lambda", "Fargate", graph, note, usage)


def _capacity(table: Resource) -> Iterator[Design]:
    """The other way of paying for a table's reads and writes."""
    indexes = plain(table["GlobalSecondaryIndexes"]) if table["GlobalSecondaryIndexes"] is not ABSENT else []
    if table["BillingMode"] != "PAY_PER_REQUEST":
        graph = changed(table.graph, {table.address: {"BillingMode": "PAY_PER_REQUEST"}})
        yield Design(
            table.address,
            "provisioned",
            "on demand",
            graph,
            "pays for each request, and needs no capacity",
            _same,
        )
        return
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    changes: dict[str, Any] = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units}
    count = len(indexes) if isinstance(indexes, list) else 0
    if count and isinstance(indexes, list):
        changes["GlobalSecondaryIndexes"] = [{**index, "ProvisionedThroughput": {}} for index in indexes]
    graph = changed(table.graph, {table.address: changes})

    def usage(flow: Flow, asked: Mapping[str, Given], given: Usage) -> None:
        size = asked["item_kb"].value if "item_kb" in asked else Decimal(1)
        for key, name, kilobytes, each, places in (
            ("monthly_writes", "average_write_capacity", 1, Decimal(1), 1 + count),
            ("monthly_reads", "average_read_capacity", 4, Decimal("0.5"), 1),
        ):
            amount = asked[key].value if key in asked else Decimal(0)
            steps = max((size / kilobytes).to_integral_value(ROUND_CEILING), Decimal(1))
            needed = (amount * each * steps / flow.seconds / UTILISATION).to_integral_value(ROUND_CEILING)
            given.add(
                table.address, name, max(needed, Decimal(1)) * places, stack=flow.graph.path, basis="derived"
            )

    note = "auto scaling follows the load at 70 %, indexes included; bursts above it are throttled"
    yield Design(table.address, "on demand", "provisioned", graph, note, usage)


def _workflow(machine: Resource) -> Iterator[Design]:
    """The other type of a workflow; an express one waits for nobody and ends within five minutes."""
    express = machine["StateMachineType"] == "EXPRESS"
    found = states(machine)
    if not express:
        if isinstance(found, OpenList):
            return
        for state in list.__iter__(found):
            waits = state.body["Seconds"]
            pattern = state.integration.pattern if state.integration is not None else ""
            if pattern or (isinstance(waits, int) and waits >= EXPRESS_SECONDS):
                return
    kind = "STANDARD" if express else "EXPRESS"
    graph = changed(machine.graph, {machine.address: {"StateMachineType": kind}})

    def usage(flow: Flow, asked: Mapping[str, Given], given: Usage) -> None:
        count = len(found) if not isinstance(found, OpenList) else 1
        if not express and "workflow_duration_ms" not in asked:
            each = flow.workload.defaults.get("duration_ms", Decimal(100))
            given.add(
                machine.address,
                "workflow_duration_ms",
                max(count, 1) * each,
                stack=flow.graph.path,
                basis="assumed",
            )
        if express and "transitions_per_execution" not in asked:
            given.add(
                machine.address,
                "transitions_per_execution",
                count + 1,
                stack=flow.graph.path,
                basis="derived",
            )

    note = (
        "an express workflow ends within five minutes, and may run a step twice"
        if not express
        else "a standard workflow runs each step once, up to a year"
    )
    yield Design(
        machine.address,
        "express" if express else "standard",
        "standard" if express else "express",
        graph,
        note,
        usage,
    )


def _storage(bucket: Resource) -> Iterator[Design]:
    """The other class for objects that are seldom read: Intelligent-Tiering in the place of Standard-IA, or the reverse."""
    rules = bucket["LifecycleConfiguration.Rules"]
    stated = plain(rules) if isinstance(rules, List) else []
    swap = {"STANDARD_IA": "INTELLIGENT_TIERING", "INTELLIGENT_TIERING": "STANDARD_IA"}
    names = {"STANDARD_IA": "Standard-IA", "INTELLIGENT_TIERING": "Intelligent-Tiering"}
    moved = {
        str(move.get("StorageClass")) for rule in stated if isinstance(rule, dict) for move in _moves(rule)
    } & swap.keys()
    note = "objects are taken to be read as often; Standard-IA charges reads by the GB, Intelligent-Tiering watches each object"
    if len(moved) == 1:
        (now,) = moved
        rule_list = [_swapped(rule, now, swap[now]) for rule in stated]
        graph = changed(bucket.graph, {bucket.address: {"LifecycleConfiguration.Rules": rule_list}})
        yield Design(bucket.address, names[now], names[swap[now]], graph, note, _read_back(bucket, swap[now]))
    elif not any(_moves(rule) for rule in stated if isinstance(rule, dict)):
        for kind, days in (("STANDARD_IA", 30), ("INTELLIGENT_TIERING", 0)):
            rule = {"Status": "Enabled", "Transitions": [{"StorageClass": kind, "TransitionInDays": days}]}
            graph = changed(
                bucket.graph, {bucket.address: {"LifecycleConfiguration": {"Rules": [*stated, rule]}}}
            )
            yield Design(bucket.address, "Standard", names[kind], graph, note, _read_back(bucket, kind))


def _moves(rule: dict[str, Any]) -> list[dict[str, Any]]:
    found = [move for move in rule.get("Transitions") or () if isinstance(move, dict)]
    if isinstance(rule.get("Transition"), dict):
        found.append(rule["Transition"])
    return found


def _swapped(rule: dict[str, Any], now: str, instead: str) -> dict[str, Any]:
    moves = [
        {**move, "StorageClass": instead} if move.get("StorageClass") == now else move
        for move in _moves(rule)
    ]
    rest = {key: value for key, value in rule.items() if key not in ("Transitions", "Transition")}
    return {**rest, "Transitions": moves} if moves else rest


def _read_back(bucket: Resource, kind: str) -> Usages:
    """Reads of what lies in Standard-IA are charged by the GB."""

    def usage(flow: Flow, asked: Mapping[str, Given], given: Usage) -> None:
        if kind != "STANDARD_IA":
            return
        reads, size = (
            asked[key].value if key in asked else Decimal(0)
            for key in ("standard.monthly_tier_2_requests", "object_kb")
        )
        key = "standard_infrequent_access.monthly_data_retrieval_gb"
        given.add(bucket.address, key, reads * size / (1024 * 1024), stack=flow.graph.path, basis="derived")

    return usage


MAKERS: dict[str, tuple[Callable[[Resource], Iterator[Design]], ...]] = {
    REST: (_http_api,),
    HTTP: (_rest_api,),
    FUNCTION: (_architecture, _fargate),
    TABLE: (_capacity,),
    MACHINE: (_workflow,),
    BUCKET: (_storage,),
}
"""The other designs of each kind."""

__all__ = ["Design", "designs"]
