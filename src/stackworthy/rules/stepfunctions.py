"""AWS Step Functions: what a state machine does when a step fails, hangs, or somebody asks what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.aws.documents import document
from stackworthy.aws.state_machines import State, states
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Allow, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import List, Map, is_stated
from stackworthy.rules._mending import APPLIED_TWICE, ByHand, log_group, role_of
from stackworthy.rules._reading import as_list, as_map

_ERRORS = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html"
_ADVICE = "https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html"
_LOGS = "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"

TRANSIENT = ("Lambda.ServiceException", "Lambda.SdkClientException", "Lambda.AWSLambdaException")
ANYTHING = ("States.ALL", "States.TaskFailed")

LOGGING = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""What the role of a state machine needs to log; none of them can be narrowed to a resource."""

_MACHINE = """
        Run: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
        Flow:
          Type: AWS::StepFunctions::StateMachine
          Properties:
            StateMachineType: STANDARD
            RoleArn: !GetAtt Run.Arn
            Definition:
              StartAt: Charge
              States:
                Charge: {Type: Task, Resource: 'arn:aws:states:::lambda:invoke', End: true}
    """


def tasks(machine: Resource) -> Iterator[State]:
    """The tasks of a state machine; raises `NotKnown` behind those that can be read."""
    for state in states(machine):
        if state.type == "Task":
            yield state


def names(found: list[State]) -> str:
    """The names of some states, the first three of many."""
    shown = ", ".join(state.name for state in found[:3])
    return f"{shown} and {len(found) - 3} more" if len(found) > 3 else shown


class TaskFailureUnhandled(ByHand):
    """One failed call ends the whole execution when its task neither retries nor catches.

    Network errors, throttling and short outages are certain to happen. What the steps before had already done stays done,
    and nobody undoes or repeats it.
    """

    on = "AWS::StepFunctions::StateMachine"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "one failed call ends the execution: there is neither Retry nor Catch at {states}"
    references = (_ERRORS,)
    steps = (
        "add Retry for errors that pass, where the task may run twice: States.Timeout, throttling, and for functions Lambda.ServiceException, Lambda.AWSLambdaException, Lambda.SdkClientException",
        "add Catch for the others, and lead to a state that undoes, reports or parks the work",
    )

    def check(self, machine: Resource) -> Iterable[Finding]:
        """Look at every task, and at the states around it."""
        alone = [
            state
            for state in tasks(machine)
            if not any(_handles(body) for body in (state.body, *state.around))
        ]
        if alone:
            yield machine.finding(alone[0].path, states=names(alone))

    bad = _MACHINE
    good = _MACHINE.replace("End: true", "End: true, Retry: [{ErrorEquals: [States.ALL], MaxAttempts: 3}]")


def _handles(body: Map) -> bool:
    return is_stated(body["Retry"]) or is_stated(body["Catch"])


class LambdaOutagesNotRetried(Rule):
    """Lambda itself fails now and then, and AWS asks every task that calls a function to retry those errors.

    A `Retry` for errors of one's own, or a `Catch` alone, lets an execution fail for an error that is gone a second later.
    """

    on = "AWS::StepFunctions::StateMachine"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "a short failure of Lambda itself is not retried at {states}"
    references = (_ADVICE, _ERRORS)

    def check(self, machine: Resource) -> Iterable[Finding]:
        """Look at tasks that call functions and handle some errors."""
        found = [
            state
            for state in tasks(machine)
            if _calls_function(state) and _handles(state.body) and not _retries_transient(state.body)
        ]
        if found:
            yield machine.finding(found[0].path, states=names(found))

    bad = _MACHINE.replace("End: true", "End: true, Retry: [{ErrorEquals: [CardDeclined], MaxAttempts: 1}]")
    good = bad.replace("[CardDeclined]", "[Lambda.ServiceException, Lambda.AWSLambdaException]")


def _calls_function(state: State) -> bool:
    integration = state.integration
    return integration.service == "lambda" if integration else False


def _retries_transient(body: Map) -> bool:
    retriers = as_list(body["Retry"])
    return any(
        as_list(retrier["ErrorEquals"]).any_of(lambda error: error in ANYTHING or error in TRANSIENT)
        for retrier in map(as_map, retriers)
    )


class TaskWaitsForEver(ByHand):
    """A task that waits for a token or a worker waits a year when the answer never comes.

    The execution stays open, counts against the quota, and nobody notices. A timeout or a heartbeat turns silence into an
    error that can be handled.
    """

    on = "AWS::StepFunctions::StateMachine"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "if no answer comes, the execution hangs for a year: there is no timeout at {states}"
    references = (_ADVICE, "https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html")
    steps = (
        "state TimeoutSeconds, or HeartbeatSeconds where the worker reports, from how long the answer may take",
        "catch States.Timeout, and say what becomes of the work then",
    )

    def check(self, machine: Resource) -> Iterable[Finding]:
        """Look at tasks that wait for somebody else."""
        found = [
            state for state in tasks(machine) if _waits(state) and not any(map(_bounded, _around(state)))
        ]
        if found and not _bounded(document(machine["Definition"] or machine["DefinitionString"])):
            yield machine.finding(found[0].path, states=names(found))

    bad = _MACHINE.replace("lambda:invoke", "sqs:sendMessage.waitForTaskToken")
    good = bad.replace("End: true", "End: true, TimeoutSeconds: 3600")


def _waits(state: State) -> bool:
    integration = state.integration
    return integration.pattern == "waitForTaskToken" if integration else False


def _around(state: State) -> tuple[Map, ...]:
    return (state.body, *state.around)


def _bounded(body: Map) -> bool:
    return any(
        is_stated(body[name])
        for name in ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath")
    )


_LOGGED = Unsafe(
    f"log lines are billed by their size; the role gets the permissions that logging needs, which AWS grants on every resource only; "
    f"{APPLIED_TWICE}"
)


def _logged(rule: Rule, machine: Resource) -> Fix | None:
    role = role_of(machine)
    if role is None:
        return None
    group = log_group(machine, "Logs")
    place = Map(CloudWatchLogsLogGroup=Map(LogGroupArn=group.reference("Arn")))
    setting = Map(Level="ERROR", IncludeExecutionData=False, Destinations=List([place]))
    return rule.offer(group, Allow(role, LOGGING, ("*",)), machine.set("LoggingConfiguration", setting))


class ExecutionsNotLogged(Rule):
    """Without logs, the history of a standard workflow is all there is, and it is gone after 90 days.

    It also cannot be searched: nobody can tell how often a step failed last week.
    """

    on = "AWS::StepFunctions::StateMachine"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "executions are not logged: their history cannot be searched and is gone after 90 days"
    references = (_LOGS,)
    equivalents = ("CKV_AWS_285", "StepFunctions.1")

    def check(self, machine: Resource) -> Iterable[Finding]:
        """Look at standard workflows."""
        if machine["StateMachineType"] != "EXPRESS" and machine["LoggingConfiguration.Level"] == "OFF":
            yield machine.finding("LoggingConfiguration.Level")

    fix_safety = _LOGGED

    def fix(self, finding: Finding) -> Fix | None:
        """Log what fails, without the data, to a log group that ends, and let the role do so."""
        return _logged(self, finding.resource)

    bad = _MACHINE
    good = _MACHINE.replace("StateMachineType: STANDARD", "LoggingConfiguration: {Level: ERROR}")


class ExecutionDataNotLogged(PropertyRule):
    """The log tells that a step failed, and not with which input: some teams want the data in it, others must not have it there."""

    on, property, expected = (
        "AWS::StepFunctions::StateMachine",
        "LoggingConfiguration.IncludeExecutionData",
        True,
    )
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "the log does not say with which input a step failed: execution data is left out"
    references = (_LOGS,)
    equivalents = ("CKV_AWS_285",)

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at machines that log."""
        if subject["LoggingConfiguration.Level"] != "OFF":
            yield from super().check(subject)

    fix_safety = Unsafe("whoever reads the log reads the data of every execution")
    bad = _MACHINE.replace("StateMachineType: STANDARD", "LoggingConfiguration: {Level: ERROR}")
    good = bad.replace("ERROR}", "ERROR, IncludeExecutionData: true}")


class ExpressExecutionsNotLogged(Rule):
    """An express workflow leaves no history: without logs, a failed execution leaves no trace at all."""

    on = "AWS::StepFunctions::StateMachine"
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "a failed execution leaves no trace: express workflows have no history, and logging is off"
    references = (_LOGS,)
    equivalents = ("CKV_AWS_285", "StepFunctions.1")

    def check(self, machine: Resource) -> Iterable[Finding]:
        """Look at express workflows."""
        if machine["StateMachineType"] == "EXPRESS" and machine["LoggingConfiguration.Level"] == "OFF":
            yield machine.finding("LoggingConfiguration.Level")

    fix_safety = _LOGGED

    def fix(self, finding: Finding) -> Fix | None:
        """Log what fails, without the data, to a log group that ends, and let the role do so."""
        return _logged(self, finding.resource)

    bad = _MACHINE.replace("STANDARD", "EXPRESS")
    good = bad.replace(
        "StateMachineType: EXPRESS",
        "StateMachineType: EXPRESS\n            LoggingConfiguration: {Level: ERROR}",
    )


class WorkflowTracingOff(PropertyRule):
    """Without tracing, a slow execution cannot be followed into the services that it calls."""

    on, property, expected = "AWS::StepFunctions::StateMachine", "TracingConfiguration.Enabled", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "tracing is off: a slow execution cannot be followed into the services that it calls"
    references = ("https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html",)
    equivalents = ("CKV_AWS_284",)
    fix_safety = Unsafe("adds permissions for X-Ray to the role, and X-Ray's price per trace")
    bad = _MACHINE
    good = _MACHINE.replace("StateMachineType: STANDARD", "TracingConfiguration: {Enabled: true}")


RULES = (
    TaskFailureUnhandled(),
    LambdaOutagesNotRetried(),
    TaskWaitsForEver(),
    ExecutionsNotLogged(),
    ExecutionDataNotLogged(),
    ExpressExecutionsNotLogged(),
    WorkflowTracingOff(),
)
