"""Source code: writes that may undo other writes, and locks against them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stackworthy.core.code import (
    Attribute,
    Await,
    Call,
    Index,
    Name,
    Node,
    Operation,
    Record,
)
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.core.value import same, show
from stackworthy.rules._code import text_of
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.sdk import SdkCall
from stackworthy.sources.code.uses import effects_of

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


class LockGivenBackByAnybody(Rule):
    """A lock that is deleted without asking whose it is may be somebody else's by then.

    The first holder takes longer than the lock lasts, a second one takes it over, and then the first deletes the second one's lock: a third gets in beside it. Write the owner with the lock
    (the request's id), and delete it on condition that it is still there.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "the lock in {table} is deleted without asking whose it is: after it has expired it is somebody else's"
    references = (_CONDITIONS,)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at locks that expire, and at what deletes from the same table."""
        locks = [
            call
            for call in handler.sdk_calls("dynamodb:PutItem")
            if "Item" in call.parameters
            and "not_exists" in handler.source(call.parameters.get("ConditionExpression", call.node))
            and (_LOCK.search(_named(handler, call)) or _LOCK.search(handler.source(call.parameters["Item"])))
            and any(_EXPIRY.search(name) for name in handler.members(call.parameters["Item"])[0])
        ]
        for call in handler.sdk_calls("dynamodb:DeleteItem") if locks else ():
            if not any(_is_same_thing(handler, lock, call) for lock in locks):
                continue
            condition = call.parameters.get("ConditionExpression")
            if condition is not None:
                yield handler.guard(condition, "the lock is given back on a condition")
            elif not call.is_open:
                yield handler.finding(call.node, part="unlock", table=_named(handler, call))

    _take = """
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
                work(event)
                locks.delete_item(Key={"id": event["job"]})

            def work(event):
                print(event["job"])
            """
    _take_js = """
            import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: { job: string; run: string; until: string }) => {
              await client.send(
                new PutItemCommand({
                  TableName: "locks",
                  Item: { id: { S: event.job }, owner: { S: event.run }, expiresAt: { N: event.until } },
                  ConditionExpression: "attribute_not_exists(id)",
                }),
              );
              await client.send(new DeleteItemCommand({ TableName: "locks", Key: { id: { S: event.job } } }));
            };
            """
    bad = (python(_take), typescript(_take_js))
    good = (
        python(
            _take.replace(
                'Key={"id": event["job"]})',
                'Key={"id": event["job"]}, ConditionExpression="owner = :me", ExpressionAttributeValues={":me": context.aws_request_id})',
            )
        ),
        typescript(
            _take_js.replace(
                "Key: { id: { S: event.job } } }",
                'Key: { id: { S: event.job } }, ConditionExpression: "owner = :me" }',
            )
        ),
    )


def _named(handler: Handler, call: SdkCall) -> str:
    """What a call's table is called: the resource, its name, or the variable that holds it."""
    table = next((found for _, found in effects_of(handler, call)), None)
    if table is not None:
        return table.name
    value = call.parameters.get("TableName")
    if value is None:
        return "a table"
    return text_of(handler, value) or handler.variable(value) or show(handler.value(value))


RULES = (WriteUndoesOtherWrite(), LockWithoutExpiry(), LockGivenBackByAnybody())
