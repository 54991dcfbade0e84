from __future__ import annotations

import pytest
from tests.support.templates import graph_of_resources

from stackworthy.aws.event_sources import asynchronous_settings, batch_size, polled, reads_stream
from stackworthy.core.value import NotKnown

MAPPING = """
    Jobs: {Type: AWS::SQS::Queue}
    Clicks: {Type: AWS::Kinesis::Stream}
    Orders: {Type: AWS::DynamoDB::Table}
    Fn: {Type: AWS::Lambda::Function}
    Pull: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Fn, SOURCE}}
"""


@pytest.mark.parametrize(
    ("source", "service", "size", "stream"),
    [
        ("EventSourceArn: !GetAtt Jobs.Arn", "sqs", 10, False),
        ("EventSourceArn: !GetAtt Clicks.Arn", "kinesis", 100, True),
        ("EventSourceArn: !GetAtt Orders.StreamArn", "dynamodb", 100, True),
        ("EventSourceArn: 'arn:aws:sqs:eu-west-1:111122223333:jobs', BatchSize: 1", "sqs", 1, False),
        ("EventSourceArn: !Sub 'arn:aws:kinesis:eu-west-1:${AWS::AccountId}:stream/a'", "kinesis", 100, True),
        ("EventSourceArn: !Ref Unknown, Queues: [orders]", "mq", 100, True),
        ("EventSourceArn: !Ref Unknown, Topics: [orders]", "kafka", 100, True),
        ("SelfManagedEventSource: {Endpoints: {KafkaBootstrapServers: [a]}}", "kafka", 100, True),
    ],
)
def test_what_a_mapping_polls_is_told_by_its_source(
    source: str, service: str, size: int, stream: bool
) -> None:
    graph = graph_of_resources(MAPPING.replace("SOURCE", source))
    assert polled(graph["Pull"]) == service
    assert batch_size(graph["Pull"], service) == size
    assert reads_stream(graph["Fn"]) is stream


def test_a_source_that_only_a_parameter_knows_is_not_known() -> None:
    graph = graph_of_resources(MAPPING.replace("SOURCE", "EventSourceArn: !Ref Unknown"))
    with pytest.raises(NotKnown):
        polled(graph["Pull"])
    with pytest.raises(NotKnown):
        reads_stream(graph["Fn"])


def test_the_asynchronous_settings_of_an_alias_are_those_of_its_function() -> None:
    graph = graph_of_resources("""
        Fn: {Type: AWS::Lambda::Function}
        Other: {Type: AWS::Lambda::Function}
        Settings: {Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: !Ref Fn, Qualifier: live}}
    """)
    assert list(asynchronous_settings(graph["Fn"])) == [graph["Settings"]]
    assert list(asynchronous_settings(graph["Other"])) == []
