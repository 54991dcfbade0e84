"""Step Functions: https://aws.amazon.com/step-functions/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, ceil, prices, usage

MACHINE = "AWS::StepFunctions::StateMachine"

usage(
    MACHINE,
    monthly_requests=("executions", 0, "Executions started."),
    monthly_transitions=("transitions", None, "State transitions of a standard workflow, retries too; worked out from the executions when not stated."),
    transitions_per_execution=("transitions", 0, "State transitions of one execution of a standard workflow, its start included."),
    memory_mb=("MB", 64, "Memory of an express workflow: 50 MB, its definition, and its payload times the parallel steps; in 64 MB."),
    workflow_duration_ms=("ms", 100, "Average duration of an express workflow, rounded up to 100 ms."),
)  # fmt: skip


@prices(MACHINE)
def workflow(machine: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Transitions of a standard workflow, requests and duration of an express one."""
    if machine["StateMachineType"] == "EXPRESS":
        yield from _express(asked)
    elif asked.stated("monthly_transitions"):
        words = "{monthly_transitions} transitions"
        yield Cost("State transitions", asked["monthly_transitions"], "step-functions.transitions", words)
    else:
        amount = asked["monthly_requests"] * asked["transitions_per_execution"]
        words = "{monthly_requests} executions × {transitions_per_execution} transitions"
        yield Cost("State transitions", amount, "step-functions.transitions", words)


def _express(asked: UsageOf) -> Iterator[Cost]:
    requests = asked["monthly_requests"]
    yield Cost("Requests", requests, "step-functions.express-requests", "{monthly_requests} requests")
    milliseconds = ceil(asked["workflow_duration_ms"], 100) * 100
    memory = ceil(asked["memory_mb"], 64) * 64
    hours = requests * milliseconds * memory / 1000 / 3600 / 1024
    words = (
        "{monthly_requests} requests × {workflow_duration_ms} ms in units of 100 ms × {memory_mb} MB in units of 64 MB"
        " / 1,024 / 3,600,000"
    )
    yield Cost("Duration", hours, "step-functions.express-gb-hour", words)
