"""Source code: functions that trigger themselves."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import BUCKET, FUNCTION, QUEUE, STREAM, TABLE, TOPIC, Kinds
from stackworthy.core.code import (
    Attribute,
    Call,
    If,
    Literal,
    Name,
    Node,
    Operation,
    walk,
)
from stackworthy.core.finding import Finding, Guard, Pillar, Severity
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.core.value import ABSENT, Map, Partial, is_stated, show
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.sdk import SdkCall

_WRITES: dict[str, tuple[str, Kinds]] = {
    "s3:PutObject": ("Bucket", BUCKET),
    "s3:CopyObject": ("Bucket", BUCKET),
    "s3:CompleteMultipartUpload": ("Bucket", BUCKET),
    "sqs:SendMessage": ("QueueUrl", QUEUE),
    "sqs:SendMessageBatch": ("QueueUrl", QUEUE),
    "sns:Publish": ("TopicArn", TOPIC),
    "sns:PublishBatch": ("TopicArn", TOPIC),
    "dynamodb:PutItem": ("TableName", TABLE),
    "dynamodb:UpdateItem": ("TableName", TABLE),
    "kinesis:PutRecord": ("StreamName", STREAM),
    "kinesis:PutRecords": ("StreamName", STREAM),
    "lambda:Invoke": ("FunctionName", FUNCTION),
}


class WritesToOwnTrigger(Rule):
    """A function that writes to what triggers it is triggered by what it writes, again and again.

    Each invocation pays for the next, as fast as the account's concurrency allows, until somebody notices. Lambda stops some of these loops (SQS, SNS, S3) after about
    sixteen rounds, others never. Write elsewhere, or under a prefix that the notification leaves out.
    """

    on = Code()
    pillar, severity = Pillar.COST, Severity.HIGH
    message = "{what}: each event makes the next"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Compare where calls write with what triggers the function."""
        sources = {edge.source.address: edge for edge in list.__iter__(handler.triggers())}
        for call in handler.sdk_calls(*_WRITES):
            parameter, kinds = _WRITES[f"{call.service}:{call.operation}"]
            value = call.parameters.get(parameter)
            if value is None or call.form == "presigned":
                continue
            found = resolve(handler.graph, handler.value(value), kinds)
            if found is handler.function:
                mark = _marked(handler, call)
                if mark is not None:
                    yield handler.guard(mark, "the event that the function sends itself is told from others")
                else:
                    what = f"{call.action} calls the function itself"
                    yield handler.finding(call.node, part=call.operation, what=what)
                continue
            edge = sources.get(found.address if isinstance(found, Resource) else "") or _named_by_event(
                handler, call, value, sources
            )
            if edge is None:
                continue
            stop = _stop(handler, call, edge)
            if stop is None:
                what = f"{call.action} writes to {edge.source.name}, which triggers this function"
                yield handler.finding(call.node, part=call.operation, what=what)
            elif stop is not call.node:
                yield handler.guard(stop, "what is written does not trigger the function")

    bad = (
        python(
            """
            import os

            import boto3

            s3 = boto3.client("s3")

            def handler(event, context):
                for record in event["Records"]:
                    key = record["s3"]["object"]["key"]
                    s3.put_object(Bucket=os.environ["BUCKET"], Key=f"thumbnails/{key}", Body=b"")
            """,
            properties="Environment: {Variables: {BUCKET: pictures-of-shop}}",
            stack="""
                Pictures:
                  Type: AWS::S3::Bucket
                  Properties:
                    BucketName: pictures-of-shop
                    NotificationConfiguration:
                      LambdaConfigurations: [{Event: 's3:ObjectCreated:*', Function: !GetAtt Function.Arn}]
            """,
        ),
        typescript(
            """
            import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";

            const sqs = new SQSClient({});

            export const handler = async (event: any) => {
              for (const record of event.Records) {
                await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: record.body }));
              }
            };
            """,
            properties="Environment: {Variables: {QUEUE: !Ref Jobs}}",
            stack="""
                Jobs: {Type: AWS::SQS::Queue}
                Pull:
                  Type: AWS::Lambda::EventSourceMapping
                  Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn}
            """,
        ),
    )
    good = (
        python(
            """
            import os

            import boto3

            s3 = boto3.client("s3")

            def handler(event, context):
                for record in event["Records"]:
                    key = record["s3"]["object"]["key"]
                    s3.put_object(Bucket=os.environ["BUCKET"], Key=f"thumbnails/{key}", Body=b"")
            """,
            properties="Environment: {Variables: {BUCKET: pictures-of-shop}}",
            stack="""
                Pictures:
                  Type: AWS::S3::Bucket
                  Properties:
                    BucketName: pictures-of-shop
                    NotificationConfiguration:
                      LambdaConfigurations:
                        - Event: 's3:ObjectCreated:*'
                          Function: !GetAtt Function.Arn
                          Filter: {S3Key: {Rules: [{Name: prefix, Value: uploads/}]}}
            """,
        ),
        python(
            """
            import boto3

            s3 = boto3.client("s3")

            def handler(event, context):
                for record in event["Records"]:
                    bucket, key = record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]
                    if key.endswith(".webp"):
                        continue
                    s3.put_object(Bucket=bucket, Key=f"{key}.webp", Body=b"")
            """,
            stack="""
                Pictures:
                  Type: AWS::S3::Bucket
                  Properties:
                    NotificationConfiguration:
                      LambdaConfigurations: [{Event: 's3:ObjectCreated:*', Function: !GetAtt Function.Arn}]
            """,
        ),
        typescript(
            """
            import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";

            const sqs = new SQSClient({});

            export const handler = async (event: any) => {
              for (const record of event.Records) {
                await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: record.body }));
              }
            };
            """,
            properties="Environment: {Variables: {QUEUE: !Ref Done}}",
            stack="""
                Jobs: {Type: AWS::SQS::Queue}
                Done: {Type: AWS::SQS::Queue}
                Pull:
                  Type: AWS::Lambda::EventSourceMapping
                  Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn}
            """,
        ),
    )


def _marked(handler: Handler, call: SdkCall) -> Node | None:
    """The condition that tells the event which the function sends itself: a word of it is asked for in the code."""
    payload = call.parameters.get("Payload")
    if payload is None:
        return None
    words: set[object] = set()
    pending, seen = [payload], 0
    while pending and seen < 50:
        seen += 1
        for part in walk(pending.pop()):
            if isinstance(part, Literal) and isinstance(part.value, str):
                words.add(part.value)
            elif isinstance(part, Name):
                found = handler.definition(part)
                if found is not part:
                    pending.append(found)
    for condition in handler.all(If):
        for part in walk(condition.test):
            if isinstance(part, Literal) and isinstance(part.value, str) and part.value in words:
                return condition.test
            if isinstance(part, Attribute) and part.name in words:
                return condition.test
    return None


def _named_by_event(handler: Handler, call: SdkCall, value: Node, sources: dict[str, Edge]) -> Edge | None:
    """The bucket of the event itself: the one that it came from."""
    if call.service != "s3" or not handler.tainted(value):
        return None
    buckets = [edge for edge in sources.values() if edge.by == "bucket notification"]
    return buckets[0] if len(buckets) == 1 and len(sources) == 1 else None


def _stop(handler: Handler, call: SdkCall, edge: Edge) -> Node | None:
    """What keeps the written thing from triggering the function: a filter of the trigger, or a look at the kind of event."""
    if call.service == "s3":
        key = call.parameters.get("Key")
        left_out = key is not None and _is_left_out(handler, key, edge)
        return key if left_out else _asks_for_key(handler)
    if call.service == "dynamodb":
        if is_stated(edge["FilterCriteria"]):
            return call.node
        return handler.mentions("eventName", "NewImage", "OldImage")
    return call.node if call.service in ("sqs", "sns") and is_stated(edge["FilterCriteria"]) else None


def _asks_for_key(handler: Handler) -> Node | None:
    """The condition that tells what the function wrote itself by the name of the object."""
    for condition in handler.all(If):
        for part in walk(condition.test):
            asked: tuple[Node, ...] = ()
            if (
                isinstance(part, Call)
                and isinstance(part.callee, Attribute)
                and part.callee.name in _KEY_TESTS
            ):
                asked = (part.callee.value, *part.arguments)
            elif isinstance(part, Operation) and part.operator in ("in", "not in"):
                asked = part.operands[-1:]
            if any(handler.tainted(item) for item in asked):
                return condition.test
    return None


_KEY_TESTS = frozenset(
    {"endswith", "endsWith", "startswith", "startsWith", "includes", "match", "test", "search", "fullmatch"}
)


def _is_left_out(handler: Handler, key: Node, edge: Edge) -> bool:
    """Whether the notification's filter leaves out the key."""
    text = handler.value(key)
    pieces = text.pieces if isinstance(text, Partial) else (text,)
    first, last = (piece if isinstance(piece, str) else "" for piece in (pieces[0], pieces[-1]))
    rules = edge.details.get("Filter", ABSENT)
    for rule in rules["S3Key"]["Rules"] if isinstance(rules, Map) else ():
        name, wanted = show(rule["Name"]).lower(), show(rule["Value"])
        if name == "prefix" and first and not first.startswith(wanted[: len(first)]):
            return True
        if name == "suffix" and last and not last.endswith(wanted[-len(last) :]):
            return True
    return False


RULES = (WritesToOwnTrigger(),)
