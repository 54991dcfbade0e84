"""Where the messages of a queue go when they fail.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""

from __future__ import annotations

from stackworthy.aws.arns import resolve
from stackworthy.aws.documents import document
from stackworthy.aws.names import QUEUE
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, Unknown, Value


def redrive(queue: Resource) -> Value:
    """The redrive policy as a map, whether it was written as one or as JSON text; `ABSENT` or unknown."""
    return document(queue["RedrivePolicy"])


def dead_letter_queue(queue: Resource) -> Resource | None:
    """The queue of the stack that takes the messages which fail here; None when there is none. Raises `NotKnown`."""
    policy = redrive(queue)
    if isinstance(policy, Unknown):
        raise NotKnown(policy.reason)
    found = resolve(queue.graph, policy["deadLetterTargetArn"], QUEUE)
    if isinstance(found, Unknown):
        raise NotKnown(found.reason)
    return found


def max_receive_count(queue: Resource) -> Value:
    """How often a message is received before it moves to the dead-letter queue; `ABSENT` without one, or unknown."""
    policy = redrive(queue)
    count = policy["maxReceiveCount"] if isinstance(policy, (Map, Unknown)) else ABSENT
    return int(count) if isinstance(count, str) and count.isdigit() else count


def dead_letter_queues(graph: Graph) -> dict[str, list[Resource]]:
    """The queues that each dead-letter queue of the stack serves, by its address; those that cannot be told are left out."""
    found: dict[str, list[Resource]] = {}
    for queue in graph.of("AWS::SQS::Queue"):
        try:
            served = dead_letter_queue(queue)
        except NotKnown:
            continue
        if served is not None:
            found.setdefault(served.address, []).append(queue)
    return found
