"""Source code: what calls of AWS answer, and whether anybody looks."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.code import Assign, Attribute, Await, Call, Name, Node, Return, walk
from stackworthy.core.finding import Finding, Guard, Pillar, Severity
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.sources.code.handler import Handler

LEFT_OVER = {
    "dynamodb:BatchWriteItem": ("UnprocessedItems",),
    "dynamodb:BatchGetItem": ("UnprocessedKeys",),
    "sqs:SendMessageBatch": ("Failed",),
    "sns:PublishBatch": ("Failed",),
    "kinesis:PutRecords": ("FailedRecordCount", "ErrorCode"),
    "firehose:PutRecordBatch": ("FailedPutCount", "ErrorCode"),
    "events:PutEvents": ("FailedEntryCount", "ErrorCode"),
}
"""What each call answers that it did not do, though it succeeded."""


class BatchResultUnchecked(Rule):
    """A batch call succeeds even when it did only a part of its work, and says in its answer what it left over.

    Entries are refused one by one, by throttling or by their size; no exception is raised. What nobody reads is lost: no retry, no error, no alarm.
    Send what is left again, with a pause that grows, or let the SDK do it (boto3's `batch_writer`).
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = (
        "{action} may do a part of its work only, and nobody reads {field} of its answer: the rest is lost"
    )
    references = (
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html",
        "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look for the members of the answer that tell what was left over."""
        for call in handler.sdk_calls(*LEFT_OVER):
            if call.form != "call" or _is_handed_on(handler, call.node):
                continue
            fields = LEFT_OVER[f"{call.service}:{call.operation}"]
            read = handler.mentions(*fields)
            if read is not None:
                yield handler.guard(read, f"{fields[0]} of {call.action} is read")
            else:
                yield handler.finding(call.node, part=call.operation, action=call.action, field=fields[0])

    bad = (
        python(
            """
            import boto3

            sqs = boto3.client("sqs")

            def handler(event, context):
                entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(event["bodies"])]
                sqs.send_message_batch(QueueUrl=event["queue"], Entries=entries)
            """
        ),
        typescript(
            """
            import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";

            const events = new EventBridgeClient({});

            export const handler = async (event: any) => {
              const answer = await events.send(new PutEventsCommand({ Entries: event.entries }));
              console.log("sent", answer.$metadata.requestId);
            };
            """
        ),
    )
    good = (
        python(
            """
            import boto3

            sqs = boto3.client("sqs")

            def handler(event, context):
                entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(event["bodies"])]
                answer = sqs.send_message_batch(QueueUrl=event["queue"], Entries=entries)
                if answer.get("Failed"):
                    raise RuntimeError(answer["Failed"])
            """
        ),
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                with table.batch_writer() as batch:
                    for order in event["orders"]:
                        batch.put_item(Item=order)
            """
        ),
        typescript(
            """
            import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";

            const events = new EventBridgeClient({});

            export const handler = async (event: any) => {
              const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries: event.entries }));
              if (FailedEntryCount) throw new Error(`${FailedEntryCount} events were refused`);
            };
            """
        ),
    )


def _is_handed_on(handler: Handler, node: Node) -> bool:
    """Whether the answer leaves the function of the call, by itself or in what is returned: the caller may look at it."""
    for outer in handler.around(node):
        if isinstance(outer, (Await, Attribute)) or (
            isinstance(outer, Call) and isinstance(outer.callee, Attribute)
        ):
            continue
        if isinstance(outer, Return):
            return True
        names = (
            {target.id for target in outer.targets if isinstance(target, Name)}
            if isinstance(outer, Assign)
            else set()
        )
        returned = (part for item in handler.scope(node).all(Return) for part in walk(item))
        return any(isinstance(part, Name) and part.id in names for part in returned)
    return False


RULES = (BatchResultUnchecked(),)
