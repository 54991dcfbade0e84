"""What the fixes of many rules add: a log group with an end, a watched queue for what failed, a permission for it."""

from __future__ import annotations

from typing import ClassVar

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import FUNCTION, ROLE
from stackworthy.aws.roles import roles
from stackworthy.capabilities.notifications import ALARM, actions, notified
from stackworthy.core.finding import Finding
from stackworthy.core.fix import AddResource, Allow, Change, Fix, Safety
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import List, Map, NotKnown, Reference, Unknown, Value

KEEP_LOGS = 90
"""Days for which a log group that a fix adds keeps its lines."""

KEEP_FAILED = 1_209_600
"""Seconds for which a queue that a fix adds keeps what failed: the longest that SQS knows."""

COSTS = "the queue's alarm costs about $0.10 a month; an address to send it to may be asked for at deployment"
"""What every fix that adds a queue of failures says."""

APPLIED_TWICE = "where role and permission are made by one apply, a second apply may be needed"

ACCOUNT = Unknown("the account is known only at deployment", "AWS::AccountId", stated=True)
"""The account that the stack is deployed to."""

PARTITION = Unknown("the partition is known only at deployment", "AWS::Partition", stated=True)
REGION = Unknown("the Region is known only at deployment", "AWS::Region", stated=True)
"""The Region that the stack is deployed to."""

ACCESS_LOG = (
    '{"requestId":"$context.requestId","time":"$context.requestTime","ip":"$context.identity.sourceIp",'
    '"method":"$context.httpMethod","path":"$context.path","status":"$context.status",'
    '"latency":"$context.responseLatency","error":"$context.error.message"}'
)
"""One line of an access log, in JSON, with what REST and HTTP APIs both know."""


class ByHand(Rule):
    """A fault that only a person can mend: `steps` say how."""

    steps: ClassVar[tuple[str, ...]]
    fix_safety = Safety.MANUAL

    def fix(self, finding: Finding) -> Fix | None:  # noqa: ARG002
        """What a person has to do."""
        return Fix.manual(*self.steps)


def word(resource: Resource) -> str:
    """The resource's own name, without its type."""
    return resource.name.rsplit(".", 1)[-1]


def log_group(beside: Resource, what: str) -> AddResource:
    """A log group for a resource."""
    properties = Map(RetentionInDays=KEEP_LOGS)
    return AddResource("AWS::Logs::LogGroup", f"{word(beside)}{what}", properties, beside)


def failure_queue(beside: Resource, *, ordered: bool = False) -> tuple[Reference, list[Change]]:
    """The ARN of a new queue for what fails at a resource, and the changes that make it and watch it."""
    properties = Map(MessageRetentionPeriod=KEEP_FAILED, SqsManagedSseEnabled=True)
    if ordered:
        properties = Map(FifoQueue=True, **properties)
    queue = AddResource("AWS::SQS::Queue", f"{word(beside)}Failed", properties, beside)
    topic, telling = notified(beside.graph, beside, "alarms")
    watch = Map(
        AlarmDescription=f"what failed at {word(beside)} waits to be looked at",
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=List([Map(Name="QueueName", Value=queue.reference("QueueName"))]),
        Statistic="Maximum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=actions(topic),
    )
    alarm = AddResource(ALARM, f"{word(beside)}FailedWaiting", watch, beside)
    return queue.reference("Arn"), [queue, *telling, alarm]


def role_of(principal: Resource) -> Resource | None:
    """The one role of the stack under which a resource acts, None when it cannot be told."""
    found = roles(principal)
    return found[0] if len(found) == 1 and isinstance(found[0], Resource) else None


def may_send(principal: Resource, queue: Value) -> list[Change] | None:
    """The permission to send to a queue for the role of a resource; None when that role is not in the stack.

    A function that makes its own role grants it by itself.
    """
    role = role_of(principal)
    if role is None:
        return None
    return [] if makes_its_role(principal) else [Allow(role, ("sqs:SendMessage",), (queue,))]


def makes_its_role(principal: Resource) -> bool:
    """Whether the role under which a resource acts comes with it, as a SAM function's does."""
    role = role_of(principal)
    return role is not None and role.made_by is not None and role.made_by.address == principal.address


def role_named(resource: Resource, value: Value) -> Resource | None:
    """The role of the stack that a value of a resource names, None when it is none of the stack."""
    found = resolve(resource.graph, value, ROLE)
    return found if isinstance(found, Resource) else None


def function_of(mapping: Resource) -> Resource:
    """The function that a mapping feeds; raises `NotKnown`."""
    found = resolve(mapping.graph, mapping["FunctionName"], FUNCTION)
    if not isinstance(found, Resource):
        raise NotKnown("which function is fed cannot be told")
    return found
