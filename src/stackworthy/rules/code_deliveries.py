"""Source code: events that come twice, and failures that nobody is told of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.core.code import (
    Catch,
    Node,
    Raise,
    Return,
    walk,
)
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.rule import STRICT, Code, Rule, python, typescript
from stackworthy.rules._code import delivers_twice, nobody_waits, shown
from stackworthy.sources.code.handler import Handler

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


RULES = (SentTwiceWhenRetried(), FailureAnsweredToNobody())
