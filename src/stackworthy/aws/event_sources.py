"""What an event source mapping polls, how many records it hands over at once, and how asynchronous calls are set up.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html and
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
"""

from __future__ import annotations

from stackworthy.aws.arns import parse, resolve
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, NotKnown, OpenList, Partial, Reference, Unknown, Value

SERVICES = {
    "AWS::SQS::Queue": "sqs",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::Kinesis::StreamConsumer": "kinesis",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::MSK::Cluster": "kafka",
    "AWS::MSK::ServerlessCluster": "kafka",
    "AWS::AmazonMQ::Broker": "mq",
    "AWS::DocDB::DBCluster": "docdb",
    "AWS::DocDBElastic::Cluster": "docdb",
}


def polled(mapping: Resource) -> str:
    """The service that a mapping polls: sqs, kinesis, dynamodb, kafka, mq or docdb. Raises `NotKnown`."""
    value = mapping["EventSourceArn"]
    if value is ABSENT:
        return "kafka"
    found = resolve(mapping.graph, value)
    if isinstance(found, Resource) and found.kind in SERVICES:
        return SERVICES[found.kind]
    arn = parse(value)
    if arn is not None and isinstance(arn.service, str):
        return "docdb" if arn.service == "rds" else arn.service
    if mapping["Queues"] is not ABSENT:
        return "mq"
    if mapping["Topics"] is not ABSENT:
        return "kafka"
    raise NotKnown(_reason(value))


def batch_size(mapping: Resource, service: str) -> Value:
    """The number of records of a batch, or AWS's default for the service."""
    size = mapping["BatchSize"]
    return (10 if service == "sqs" else 100) if size is ABSENT else size


def asynchronous_settings(function: Resource) -> List:
    """The `AWS::Lambda::EventInvokeConfig`s of a function, its versions and aliases; open when one may be its."""
    graph = function.graph
    found: list[Resource] = []
    rest: Unknown | None = None
    for settings in graph.of("AWS::Lambda::EventInvokeConfig"):
        named = resolve(graph, settings["FunctionName"], frozenset({"AWS::Lambda::Function"}))
        if named is function:
            found.append(settings)
        elif isinstance(named, Unknown):
            rest = named
    return List(found) if rest is None else OpenList(found, rest)


def reads_stream(function: Resource) -> bool:
    """Whether a mapping hands the function the records of a stream, which have an age; raises `NotKnown`."""
    graph = function.graph
    undecided: NotKnown | None = None
    for mapping in graph.of("AWS::Lambda::EventSourceMapping"):
        named = resolve(graph, mapping["FunctionName"], frozenset({"AWS::Lambda::Function"}))
        if isinstance(named, Unknown):
            undecided = NotKnown(named.reason)
        elif named is function and polled(mapping) != "sqs":
            return True
    if undecided is not None:
        raise undecided
    return False


def _reason(value: Value) -> str:
    if isinstance(value, (Unknown, Partial)):
        return value.reason
    if isinstance(value, Reference):
        return f"what {value.address}.{value.attribute} polls is known only after deployment"
    return "what the mapping polls cannot be told"
