from __future__ import annotations

import pytest
from tests.support.templates import graph_of_resources

from stackworthy.aws.keys import is_managed
from stackworthy.aws.queues import dead_letter_queue, dead_letter_queues, max_receive_count
from stackworthy.core.value import ABSENT, NotKnown, Partial, Reference, Unknown

QUEUES = """
    Failed: {Type: AWS::SQS::Queue}
    Jobs: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: POLICY}}
"""


@pytest.mark.parametrize(
    "policy",
    [
        "{deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 3}",
        "{deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: '3'}",
        '!Sub \'{"deadLetterTargetArn": "${Failed.Arn}", "maxReceiveCount": 3}\'',
    ],
)
def test_a_redrive_policy_is_read_as_a_map_and_as_text(policy: str) -> None:
    graph = graph_of_resources(QUEUES.replace("POLICY", policy))
    assert dead_letter_queue(graph["Jobs"]) is graph["Failed"]
    assert max_receive_count(graph["Jobs"]) == 3
    assert {
        address: [q.address for q in queues] for address, queues in dead_letter_queues(graph).items()
    } == {"Failed": ["Jobs"]}


def test_a_queue_without_a_policy_moves_nothing() -> None:
    graph = graph_of_resources(QUEUES)
    assert dead_letter_queue(graph["Failed"]) is None
    assert max_receive_count(graph["Failed"]) is ABSENT


def test_a_dead_letter_queue_elsewhere_is_none_of_the_stack() -> None:
    policy = "{deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:111122223333:failed', maxReceiveCount: 3}"
    assert dead_letter_queue(graph_of_resources(QUEUES.replace("POLICY", policy))["Jobs"]) is None


def test_a_policy_that_cannot_be_known_is_not_known() -> None:
    graph = graph_of_resources(QUEUES.replace("POLICY", "!If [Unknown, !Ref Unknown, !Ref 'AWS::NoValue']"))
    with pytest.raises(NotKnown):
        dead_letter_queue(graph["Jobs"])
    assert dead_letter_queues(graph) == {}


def test_the_key_of_aws_is_told_from_ones_own() -> None:
    assert is_managed("alias/aws/sqs", "sqs")
    assert is_managed("arn:aws:kms:eu-west-1:111122223333:alias/aws/sqs", "sqs")
    assert is_managed(Partial(("arn:aws:kms:", Unknown("the Region"), ":111122223333:alias/aws/sqs")), "sqs")
    assert not is_managed("alias/aws/sns", "sqs")
    assert not is_managed("alias/jobs", "sqs")
    assert not is_managed(Reference("Key", "Arn"), "sqs")
    assert not is_managed(ABSENT, "sqs")
    with pytest.raises(NotKnown):
        is_managed(Unknown("a parameter"), "sqs")
