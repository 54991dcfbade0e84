"""Retries of workflows' tasks where Lambda itself fails, and a breaker that functions share before calls to other companies' services.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
https://docs.aws.amazon.com/prescriptive-guidance/latest/cloud-design-patterns/circuit-breaker.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.state_machines import State, states
from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import own, word
from stackworthy.core.fix import AddResource
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown
from stackworthy.sources.code.handler import Handler, handlers

APART = "circuit-breaker"
MACHINE, TABLE = "AWS::StepFunctions::StateMachine", "AWS::DynamoDB::Table"
VARIABLE = "CIRCUIT_BREAKER_TABLE"
_PASSING = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
"""Errors of Lambda, not of the code: AWS advises to retry them."""

_SERVICES = {
    "batch": "Batch",
    "dynamodb": "DynamoDB",
    "ecs": "ECS",
    "events": "EventBridge",
    "sns": "SNS",
    "sqs": "SQS",
    "states": "StepFunctions",
}
"""What the names of a service's errors begin with."""

_CALLS = (
    "requests.*",
    "httpx.*",
    "urllib.request.urlopen",
    "urllib3.*",
    "aiohttp.*",
    "axios",
    "axios.*",
    "node-fetch",
    "fetch",
    "got",
    "got.*",
)


def improvements(graph: Graph) -> list[Improvement]:
    """Retries for each workflow, and a breaker for the functions that call others over HTTP."""
    made = [_retries(machine) for machine in own(graph, MACHINE)]
    return [*(improvement for improvement in made if improvement is not None), *_breaker(graph)]


def _retries(machine: Resource) -> Improvement | None:
    title = f"Retry what fails in passing in {word(machine)}"
    tasks = [state for state in list.__iter__(states(machine)) if _passing(state)]
    bare = [state for state in tasks if state.body["Retry"] is ABSENT]
    if not tasks:
        return None
    if not bare:
        return Improvement(title, "", resources=(machine.address,), done="each task is retried")
    why = (
        "services refuse or fail a call now and then; without a retry, the whole execution fails with it. Only errors of the services themselves are retried, not those of the "
        "code, which may have done half of its work; each retry is one more state transition and one more run"
    )
    steps = [
        f"{state.name}: catch what is left (Catch with States.ALL) in a state that tells somebody, or marks the item as failed"
        for state in tasks
        if state.body["Catch"] is ABSENT
    ]
    if not all(state.path.startswith("Definition.") for state in bare):
        names = ", ".join(state.name for state in bare)
        return Improvement(
            title,
            why,
            steps=(f"add Retry for throttling and for errors of Lambda itself to {names}", *steps),
            resources=(machine.address,),
        )
    changes = tuple(machine.set(f"{state.path}.Retry", List([_retry(state)])) for state in bare)
    return Improvement(title, why, changes, tuple(steps[:5]), (machine.address,))


def _passing(state: State) -> tuple[str, ...]:
    """The errors of a task that pass by themselves; none for states that are no tasks, and for services not known here."""
    call = state.integration
    try:
        if state.type != "Task":
            return ()
    except NotKnown:
        return ()
    if call is None:
        return () if state.body["Resource"] is ABSENT else _PASSING
    if call.service == "lambda":
        return _PASSING
    prefix = _SERVICES.get(call.service)
    return (f"{prefix}.SdkClientException", f"{prefix}.ThrottlingException") if prefix else ()


def _retry(state: State) -> Map:
    return Map(
        ErrorEquals=List(_passing(state)),
        IntervalSeconds=2,
        MaxAttempts=6,
        BackoffRate=2,
        JitterStrategy="FULL",
    )


def _breaker(graph: Graph) -> Iterator[Improvement]:
    """A table with the state of each service that is called, which all functions see."""
    callers = [handler for handler in handlers(graph) if any(True for _ in handler.calls(*_CALLS))]
    if not callers:
        return
    title = "Stop calling services that are down"
    resources = tuple(handler.function.address for handler in callers)
    done = [
        handler for handler in callers if handler.mentions(VARIABLE, "circuitbreaker", "opossum", "pybreaker")
    ]
    if len(done) == len(callers):
        yield Improvement(
            title, "", resources=resources, done="the code asks a circuit breaker before it calls"
        )
        return
    there = any("circuit" in table.address.lower() for table in graph.of(TABLE))
    yield Improvement(title, _WHY, () if there else (_table(callers),), _STEPS, resources)


_WHY = (
    "while another company's service is down, each call waits for its timeout, which is billed and keeps environments busy. A table that all environments share "
    "tells them to fail at once for a while; it is billed by its few reads and writes"
)
_STEPS = (
    f"hand the name of the table to the functions as {VARIABLE}, and allow dynamodb:GetItem and dynamodb:UpdateItem on it to their roles",
    "before the call, read the item of the service (keep it in memory for some seconds): when it is open and not yet past its time, fail at once",
    "after five failures in a row, write it open for 30 seconds (expires_at lets it go by itself); let one call through when the time is past",
    "give each call a timeout far below the function's",
)


def _table(callers: list[Handler]) -> AddResource:
    first = callers[0].function
    return AddResource(
        TABLE,
        "CircuitBreakerTable",
        Map(
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=List([Map(AttributeName="service", AttributeType="S")]),
            KeySchema=List([Map(AttributeName="service", KeyType="HASH")]),
            TimeToLiveSpecification=Map(AttributeName="expires_at", Enabled=True),
            PointInTimeRecoverySpecification=Map(PointInTimeRecoveryEnabled=True),
            DeletionProtectionEnabled=True,
        ),
        first,
        APART,
    )
