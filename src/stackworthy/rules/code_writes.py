"""Source code: writes that may undo other writes, or happen twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.core.code import (
    Attribute,
    Await,
    Call,
    Catch,
    Index,
    Name,
    Node,
    Operation,
    Raise,
    Record,
    Return,
    walk,
)
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.rule import STRICT, Code, Rule, python, typescript
from stackworthy.core.value import same, show
from stackworthy.rules._code import delivers_twice, nobody_waits, shown, text_of
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.sdk import SdkCall

_CONDITIONS = (
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html"
)
_CONDITION = ("ConditionExpression", "Expected", "IfMatch", "IfNoneMatch")
_READS = {"dynamodb:PutItem": ("dynamodb:GetItem", "Item"), "s3:PutObject": ("s3:GetObject", "Body")}
"""What writes a thing as a whole, what reads it as a whole, and the parameter that is written."""


class WriteUndoesOtherWrite(Rule):
    """What is read, changed and written back as a whole undoes everything that others wrote in between.

    Two requests at the same time read the same item; both change their part; the second one's write puts back what the first had changed. It happens under load only, and leaves no error.
    Write on condition that nothing has changed (`ConditionExpression` on a version, `IfMatch` on the ETag), or update only the attributes that are meant.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    confidence = Confidence.MEDIUM
    message = (
        "{action} writes back what {read} had read, without a condition: what others wrote in between is lost"
    )
    references = (
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/BestPractices_ImplementingVersionControl.html",
        _CONDITIONS,
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Compare what is written as a whole with what was read before."""
        for write in handler.sdk_calls(*_READS):
            read, parameter = _READS[f"{write.service}:{write.operation}"]
            written = write.parameters.get(parameter)
            if written is None or write.form != "call":
                continue
            for call in handler.sdk_calls(read):
                if not _is_same_thing(handler, call, write) or not _is_from(handler, written, call.node):
                    continue
                condition = next(
                    (write.parameters[name] for name in _CONDITION if name in write.parameters), None
                )
                if condition is not None:
                    yield handler.guard(condition, f"{write.action} states a condition")
                elif not write.is_open and handler.function["ReservedConcurrentExecutions"] != 1:
                    yield handler.finding(
                        write.node, part=write.operation, action=write.action, read=call.action
                    )
                break

    bad = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                order = table.get_item(Key={"id": event["id"]}).get("Item")
                order["state"] = event["state"]
                table.put_item(Item=order)
            """
        ),
        python(
            """
            import json

            import boto3

            s3 = boto3.client("s3")

            def handler(event, context):
                names = json.loads(s3.get_object(Bucket="lists", Key="names.json")["Body"].read())
                names.append(event["name"])
                s3.put_object(Bucket="lists", Key="names.json", Body=json.dumps(names))
            """
        ),
        typescript(
            """
            import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
            import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";

            const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

            export const handler = async (event: { id: string; state: string }) => {
              const { Item: order } = await client.send(new GetCommand({ TableName: "orders", Key: { id: event.id } }));
              await client.send(new PutCommand({ TableName: "orders", Item: { ...order, state: event.state } }));
            };
            """
        ),
    )
    good = (
        python(
            """
            import boto3
            from boto3.dynamodb.conditions import Attr

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                order = table.get_item(Key={"id": event["id"]}).get("Item")
                read = order["version"]
                order["version"] = read + 1
                table.put_item(Item=order, ConditionExpression=Attr("version").eq(read))
            """
        ),
        typescript(
            """
            import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
            import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";

            const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

            export const handler = async (event: { id: string; state: string }) => {
              const { Item: order } = await client.send(new GetCommand({ TableName: "orders", Key: { id: event.id } }));
              await client.send(new PutCommand({ TableName: "history", Item: { ...order, state: event.state } }));
            };
            """
        ),
    )


def _is_same_thing(handler: Handler, read: SdkCall, write: SdkCall) -> bool:
    """Whether two calls are about the same table, or the same object of a bucket."""
    return all(
        name in read.parameters
        and name in write.parameters
        and _is_same(handler, read.parameters[name], write.parameters[name])
        for name in (("Bucket", "Key") if write.service == "s3" else ("TableName",))
    )


def _is_same(handler: Handler, one: Node, other: Node) -> bool:
    """Whether two expressions are the same: of the same value, or written in the same way."""
    if handler.source(one) == handler.source(other):
        return True
    return same(handler.value(one), handler.value(other))


def _is_from(handler: Handler, node: Node, read: Node) -> bool:
    """Whether an expression is what a call read, changed perhaps, not made anew of parts of it."""
    pending, seen = [node], set[int]()
    while pending and len(seen) < 40:
        part = pending.pop()
        if part is read:
            return True
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Name):
            pending.extend(handler.program.bindings(handler.scope(part), part.id)[1])
        elif isinstance(part, (Attribute, Index, Await)):
            pending.append(part.value)
        elif isinstance(part, Operation) and part.operator in ("or", "??"):
            pending.extend(part.operands)
        elif isinstance(part, Record):
            pending.extend(value for key, value in part.items if key is None)
        elif isinstance(part, Call):
            pending.extend(part.arguments[:1])
            if isinstance(part.callee, Attribute) and part.callee.name in _PASSES:
                pending.append(part.callee.value)
    return False


_PASSES = frozenset(
    {"get", "read", "decode", "encode", "transformToString", "toString", "copy", "json", "text"}
)

_LOCK = re.compile(r"(?i)lock|lease|mutex|semaphore|(?:^|[^a-z])holds?(?:[^a-z]|$)")
_EXPIRY = re.compile(r"(?i)expir|ttl|until|lease|deadline|valid|timeout")


class LockWithoutExpiry(Rule):
    """A lock that names no end is held for ever by a function that dies while it holds it.

    A timeout, a crash or a failed call ends the invocation before it gives the lock back, and nobody gets in again until somebody deletes the item by hand. Write with it when it ends, let
    others take it after that (`attribute_not_exists(id) OR expiresAt < :now`), and name its owner, so that only the owner gives it back.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    confidence = Confidence.MEDIUM
    message = "the lock in {table} names no end: a function that dies while it holds it locks everybody out"
    references = (
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html",
        _CONDITIONS,
    )

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at items that are written only if they are not there, in tables or under keys that are called locks."""
        for call in handler.sdk_calls("dynamodb:PutItem"):
            condition, item = call.parameters.get("ConditionExpression"), call.parameters.get("Item")
            if condition is None or item is None or "not_exists" not in handler.source(condition):
                continue
            table = _named(handler, call)
            if not _LOCK.search(table) and not _LOCK.search(handler.source(item)):
                continue
            members, is_open = handler.members(item)
            end = next((value for name, value in members.items() if _EXPIRY.search(name)), None)
            if end is not None:
                yield handler.guard(end, "the lock ends by itself")
            elif members and not is_open and not _EXPIRY.search(text_of(handler, condition)):
                yield handler.finding(call.node, part="lock", table=table)

    bad = (
        python(
            """
            import boto3

            locks = boto3.resource("dynamodb").Table("locks")

            def handler(event, context):
                locks.put_item(Item={"id": event["job"]}, ConditionExpression="attribute_not_exists(id)")
                work(event)
                locks.delete_item(Key={"id": event["job"]})

            def work(event):
                print(event["job"])
            """
        ),
        typescript(
            """
            import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: { job: string }) =>
              client.send(
                new PutItemCommand({
                  TableName: "locks",
                  Item: { id: { S: event.job } },
                  ConditionExpression: "attribute_not_exists(id)",
                }),
              );
            """
        ),
    )
    good = (
        python(
            """
            import time

            import boto3

            locks = boto3.resource("dynamodb").Table("locks")

            def handler(event, context):
                now = int(time.time())
                locks.put_item(
                    Item={"id": event["job"], "owner": context.aws_request_id, "expiresAt": now + 300},
                    ConditionExpression="attribute_not_exists(id) OR expiresAt < :now",
                    ExpressionAttributeValues={":now": now},
                )
            """
        ),
        typescript(
            """
            import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: { order: string }) =>
              client.send(
                new PutItemCommand({
                  TableName: "orders",
                  Item: { id: { S: event.order } },
                  ConditionExpression: "attribute_not_exists(id)",
                }),
              );
            """
        ),
    )


def _named(handler: Handler, call: SdkCall) -> str:
    """What a call's table is called: its name, the variable that holds it, or the resource."""
    value = call.parameters.get("TableName")
    if value is None:
        return "a table"
    return text_of(handler, value) or handler.variable(value) or show(handler.value(value))


_EFFECTS = {
    "ses:SendEmail": "a mail",
    "ses:SendRawEmail": "a mail",
    "ses:SendTemplatedEmail": "a mail",
    "sesv2:SendEmail": "a mail",
    "pinpoint:SendMessages": "a message",
    "pinpoint-sms-voice-v2:SendTextMessage": "a text message",
}
_IDEMPOTENT = ("idempoten", "dedup", "powertools/idempotency")
_CHARGES = re.compile(r"(?i)(?:stripe|paypal|braintree|adyen)\b.*\.(?:create|charge|capture|refund)")


class SentTwiceWhenRetried(Rule):
    """Mail and payments that are made for every delivery of an event are made twice when the event comes twice.

    Queues, streams, topics and asynchronous calls deliver at least once: again after a timeout, after an error of a later record, and now and then for no reason. Remember what was done under the event's id
    with a conditional write, or let Powertools' idempotency do it.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    confidence = Confidence.LOW
    profile = STRICT
    message = "{source} may deliver an event twice, and {call} then sends {what} twice: nothing remembers what was done"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
        "https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/",
    )

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look for mail and payments in functions whose trigger repeats, and for what remembers them."""
        edge = delivers_twice(handler)
        if edge is None:
            return
        remembered = _remembered(handler)
        for node, call, what in _effects(handler):
            if remembered is not None:
                yield handler.guard(remembered, "what was done is remembered")
            else:
                yield handler.finding(node, source=edge.source.name, call=call, what=what)

    _queue = """
        Jobs: {Type: AWS::SQS::Queue}
        Pull:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn}
    """
    bad = (
        python(
            """
            import boto3

            ses = boto3.client("sesv2")

            def handler(event, context):
                for record in event["Records"]:
                    ses.send_email(FromEmailAddress="shop@example.com", Destination={"ToAddresses": [record["body"]]}, Content={})
            """,
            stack=_queue,
        ),
        typescript(
            """
            import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";

            const ses = new SESv2Client({});

            export const handler = async (event: any) => {
              for (const record of event.Records) {
                await ses.send(new SendEmailCommand({ Destination: { ToAddresses: [record.body] }, Content: {} }));
              }
            };
            """,
            stack=_queue,
        ),
    )
    good = (
        python(
            """
            import boto3

            ses = boto3.client("sesv2")
            sent = boto3.resource("dynamodb").Table("sent")

            def handler(event, context):
                for record in event["Records"]:
                    sent.put_item(Item={"id": record["messageId"]}, ConditionExpression="attribute_not_exists(id)")
                    ses.send_email(FromEmailAddress="shop@example.com", Destination={"ToAddresses": [record["body"]]}, Content={})
            """,
            stack=_queue,
        ),
        typescript(
            """
            import { makeIdempotent } from "@aws-lambda-powertools/idempotency";
            import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";

            const ses = new SESv2Client({});

            const send = makeIdempotent(async (address: string) =>
              ses.send(new SendEmailCommand({ Destination: { ToAddresses: [address] }, Content: {} })),
            );

            export const handler = async (event: any) => {
              for (const record of event.Records) await send(record.body);
            };
            """,
            stack=_queue,
        ),
    )


def _effects(handler: Handler) -> Iterator[tuple[Node, str, str]]:
    for call in handler.sdk_calls(*_EFFECTS):
        yield call.node, call.action, _EFFECTS[f"{call.service}:{call.operation}"]
    for site in handler.calls("stripe.*", "braintree.*"):
        if _CHARGES.search(site.name):
            yield site.node, shown(handler, site.node.callee), "a payment"


def _remembered(handler: Handler) -> Node | None:
    """What keeps a second delivery from doing the same again: a conditional write, an idempotency layer or key."""
    for site in handler.calls(init=True):
        if any(word in site.name.lower() for word in _IDEMPOTENT):
            return site.node
        for name, value in site.node.keywords:
            if name and "idempoten" in name.lower():
                return value
    for call in handler.sdk_calls("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:TransactWriteItems"):
        if "ConditionExpression" in call.parameters or call.operation == "TransactWriteItems":
            return call.node
    return handler.mentions("idempotencyKey", "idempotency_key", "Idempotency-Key", "MessageDeduplicationId")


_FAILURES = range(400, 600)


class FailureAnsweredToNobody(Rule):
    """A status of 500 tells nobody anything when the event came from a queue, a topic or a schedule.

    Lambda takes an invocation that returns for a success, whatever it returns. The event is done: no retry, no dead-letter queue, and `Errors` stays 0. Only an exception, or the ids of the records that
    failed, say that it failed.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "a failure is answered with status {status}, and {source} ({by}) reads no answer: the event is taken for done"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look for statuses that are returned where everything is caught, in functions that nobody waits for."""
        edge = nobody_waits(handler)
        if edge is None or handler.mentions("batchItemFailures", "batch_item_failures") is not None:
            return
        for catch in handler.all(Catch):
            if (
                any(isinstance(part, Raise) for part in walk(*catch.body))
                or handler.scope(catch) is not handler.entry
            ):
                continue
            for part in walk(*catch.body, into_functions=False):
                if isinstance(part, Return) and part.value is not None:
                    status = _status(handler, part.value)
                    if status is not None:
                        yield handler.finding(
                            catch, part="catch", status=status, source=edge.source.name, by=edge.by
                        )
                        break

    _rule = """
        Rule:
          Type: AWS::Events::Rule
          Properties: {EventPattern: {source: [shop]}, Targets: [{Id: fn, Arn: !GetAtt Function.Arn}]}
    """
    bad = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                try:
                    table.put_item(Item=event["detail"])
                except Exception as error:
                    return {"statusCode": 500, "body": str(error)}
                return {"statusCode": 200}
            """,
            stack=_rule,
        ),
        typescript(
            """
            import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: any) => {
              try {
                await client.send(new PutItemCommand({ TableName: "orders", Item: event.detail }));
              } catch (error) {
                return { statusCode: 500, body: String(error) };
              }
            };
            """,
            stack=_rule,
        ),
    )
    good = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                try:
                    table.put_item(Item=event["detail"])
                except Exception as error:
                    print(error)
                    raise
                return {"statusCode": 200}
            """,
            stack=_rule,
        ),
        typescript(
            """
            import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: any) => {
              try {
                await client.send(new PutItemCommand({ TableName: "orders", Item: event.detail }));
              } catch (error) {
                return { statusCode: 500, body: String(error) };
              }
            };
            """,
            stack="""
                Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: AWS_IAM}}
            """,
        ),
    )


def _status(handler: Handler, value: Node) -> int | None:
    """The status of a failure that an answer states."""
    members, _ = handler.members(value)
    status = members.get("statusCode")
    number = handler.number(status) if status is not None else None
    return int(number) if number is not None and int(number) in _FAILURES else None


RULES = (WriteUndoesOtherWrite(), LockWithoutExpiry(), SentTwiceWhenRetried(), FailureAnsweredToNobody())
