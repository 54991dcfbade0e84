"""Source code: how handlers treat the events that the stack sends them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.aws.event_sources import polled
from stackworthy.core.code import (
    Assign,
    Call,
    Catch,
    Literal,
    Loop,
    Node,
    Raise,
    Return,
    Try,
    dotted,
    walk,
)
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.fix import Fix, Rewrite, Unsafe
from stackworthy.core.graph import Edge
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.core.value import List
from stackworthy.rules.lambda_events import ASYNCHRONOUS, PARTIAL, STREAMS
from stackworthy.sources.code.handler import Handler

MAPPING = "event source mapping"
_REPORTS = ("batchItemFailures", "batch_item_failures")
_PROCESSORS = (
    "process_partial_response",
    "processPartialResponse",
    "BatchProcessor",
    "batch_processor",
    "processPartialResponseSync",
)


def mappings(handler: Handler) -> Iterator[Edge]:
    """The event source mappings that feed the function from a queue or a stream, several records at a time."""
    for edge in list.__iter__(handler.triggers()):
        if edge.by == MAPPING and edge.resource is not None:
            service = polled(edge.resource)
            if service == "sqs" or service in STREAMS:
                yield edge


def _reporting(handler: Handler) -> Node | None:
    """Where the handler names the records that failed."""
    found = handler.mentions(*_REPORTS, *_PROCESSORS)
    if found is not None:
        return found
    for site in handler.calls(init=True):
        if site.name.rpartition(".")[2].removesuffix("()") in _PROCESSORS:
            return site.node
    return None


class FailedRecordsForgotten(Rule):
    """The mapping and the code must agree on how records that failed are reported, or these are taken for done.

    With `ReportBatchItemFailures` Lambda believes the handler's answer: one that never names the records that failed tells that all succeeded, and the mapping
    deletes them. Without it the answer is not read at all: code that names them and returns normally has them deleted, too.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "{what}: records that failed are taken for done"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html",
    )
    fix_safety = Unsafe("records that failed come again: what was done for them by halves is done twice")

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Compare what each mapping expects with what the code answers."""
        for edge in mappings(handler):
            mapping = edge.resource
            assert mapping is not None
            reported = _reporting(handler)
            place = (mapping.place("FunctionResponseTypes"),)
            if PARTIAL in mapping["FunctionResponseTypes"]:
                swallowed = next(_swallowing(handler), None) if reported is None else None
                if reported is not None:
                    yield handler.guard(reported, "the records that failed are named")
                elif swallowed is not None:
                    what = f"{mapping.name} expects batchItemFailures, and the code catches failures without naming them"
                    yield handler.finding(swallowed, part="catch", what=what, also=place)
            elif reported is not None:
                what = f"the code names batchItemFailures, and {mapping.name} does not read them"
                yield handler.finding(reported, part="batchItemFailures", what=what, also=place)

    def fix(self, finding: Finding) -> Fix | None:
        """Name the records that failed, or let the mapping read their names."""
        mapping = finding.also[0].resource
        if finding.code is None or not finding.property.endswith(" catch"):
            return self.offer(mapping.set("FunctionResponseTypes", List([PARTIAL])))
        options = {"service": polled(mapping) or "sqs"}
        return self.offer(Rewrite(finding.resource, finding.code, "report-failures", options))

    bad = (
        python(
            """
            def handler(event, context):
                for record in event["Records"]:
                    try:
                        work(record)
                    except Exception as error:
                        print(error)

            def work(record):
                raise ValueError(record["body"])
            """,
            stack="""
                Jobs: {Type: AWS::SQS::Queue}
                Pull:
                  Type: AWS::Lambda::EventSourceMapping
                  Properties:
                    {FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}
            """,
        ),
        typescript(
            """
            export const handler = async (event: any) => {
              const batchItemFailures: { itemIdentifier: string }[] = [];
              for (const record of event.Records) {
                if (!record.body) batchItemFailures.push({ itemIdentifier: record.messageId });
              }
              return { batchItemFailures };
            };
            """,
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
            def handler(event, context):
                failures = []
                for record in event["Records"]:
                    try:
                        work(record)
                    except Exception as error:
                        print(error)
                        failures.append({"itemIdentifier": record["messageId"]})
                return {"batchItemFailures": failures}

            def work(record):
                raise ValueError(record["body"])
            """,
            stack="""
                Jobs: {Type: AWS::SQS::Queue}
                Pull:
                  Type: AWS::Lambda::EventSourceMapping
                  Properties:
                    {FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}
            """,
        ),
        typescript(
            """
            export const handler = async (event: any) => {
              for (const record of event.Records) {
                if (!record.body) throw new Error(record.messageId);
              }
            };
            """,
            stack="""
                Jobs: {Type: AWS::SQS::Queue}
                Pull:
                  Type: AWS::Lambda::EventSourceMapping
                  Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn}
            """,
        ),
    )


_EVERYTHING = frozenset({"", "Exception", "BaseException"})
_REMEMBERS = frozenset(
    {
        "append",
        "push",
        "add",
        "extend",
        "set",
        "reject",
        "fail",
        "exit",
        "abort",
        "raise_for_status",
        "callback",
    }
)
_RETRIES = ("sleep", "range", "retry")


def _swallowing(handler: Handler) -> Iterator[Catch]:
    """The handlers of any exception after which an invocation goes on as if nothing had happened, though work was left undone."""
    for scope in handler.functions:
        for attempt in scope.all(Try):
            for catch in attempt.catches:
                catches_all = not catch.types or any(name in _EVERYTHING for name in catch.types)
                if (
                    catches_all
                    and _works(handler, attempt)
                    and not _tells(handler, catch)
                    and not _is_retried(handler, attempt)
                ):
                    yield catch


def _works(handler: Handler, attempt: Try) -> bool:
    """Whether what is tried does more than read a value: it calls AWS, another service, or the package's own functions."""
    calls = handler.sdk_calls()
    inside = {id(part) for part in walk(*attempt.body, into_functions=False)}
    if any(id(call.node) in inside for call in calls):
        return True
    return any(
        isinstance(part, Call) and handler.called(part) is not None
        for part in walk(*attempt.body, into_functions=False)
    )


def _tells(handler: Handler, catch: Catch) -> bool:
    """Whether somebody learns of the failure: it is raised again, remembered, sent on, or answered with more than success."""
    for part in walk(*catch.body):
        if isinstance(part, Raise) or (isinstance(part, Assign) and part.targets):
            return True
        if isinstance(part, Return) and part.value is not None and not _is_plain_success(handler, part.value):
            return True
        if isinstance(part, Call):
            last = dotted(part.callee).rpartition(".")[2]
            if last in _REMEMBERS or last.startswith(_RETRIES) or handler.called(part) is not None:
                return True
            if any(call.node is part for call in handler.sdk_calls()):
                return True
    return False


def _is_plain_success(handler: Handler, value: Node) -> bool:
    """Whether an answer tells nothing of a failure: None, an empty answer, a status below 400."""
    if isinstance(value, Literal):
        return value.value in (None, True, "", "OK", "ok", "Success", "success")
    members, is_open = handler.members(value)
    status = members.get("statusCode")
    if status is not None:
        number = handler.number(status)
        return number is not None and number < 400
    return not members and not is_open


def _is_retried(handler: Handler, attempt: Try) -> bool:
    """Whether the attempt stands in a loop that tries again."""
    for outer in handler.around(attempt):
        if isinstance(outer, Loop):
            counted = isinstance(outer.iterable, Call) and dotted(outer.iterable.callee) == "range"
            return outer.kind == "while" or counted
    return False


class FailureSwallowed(Rule):
    """A failure that is caught and only printed is a success to whoever sent the event.

    Nobody waits for the answer of this function: the service that invokes it retries, and at last puts the event into a dead-letter queue, when the invocation fails.
    An exception that is caught and not raised again ends all of that: the event is gone, `Errors` stays 0, and no alarm rings.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    confidence = Confidence.MEDIUM
    message = "a failure is caught and goes no further: {source} ({by}) takes the event for done, it is not retried and no alarm rings"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html",
    )
    fix_safety = Unsafe("the event is tried again: what was done for it by halves is done twice")

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at what catches everything, in functions that nobody waits for."""
        edges = [
            edge
            for edge in list.__iter__(handler.triggers())
            if edge.by in ASYNCHRONOUS or edge.by == MAPPING
        ]
        if (
            not edges
            or handler.mentions(*_REPORTS) is not None
            or handler.graph.edges("invokes").by_target.get(handler.function.address)
        ):
            return
        for catch in _swallowing(handler):
            yield handler.finding(catch, part="catch", source=edges[0].source.name, by=edges[0].by)

    def fix(self, finding: Finding) -> Fix | None:
        """Raise the failure again once it has been told."""
        return (
            None if finding.code is None else self.offer(Rewrite(finding.resource, finding.code, "rethrow"))
        )

    bad = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                try:
                    table.put_item(Item=event["detail"])
                except Exception as error:
                    print(f"failed: {error}")
                return {"statusCode": 200}
            """,
            stack="""
                Rule:
                  Type: AWS::Events::Rule
                  Properties: {EventPattern: {source: [shop]}, Targets: [{Id: fn, Arn: !GetAtt Function.Arn}]}
            """,
        ),
        typescript(
            """
            import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: any) => {
              try {
                await client.send(new PutItemCommand({ TableName: "orders", Item: event.detail }));
              } catch (error) {
                console.error(error);
              }
            };
            """,
            stack="""
                Rule:
                  Type: AWS::Events::Rule
                  Properties: {EventPattern: {source: [shop]}, Targets: [{Id: fn, Arn: !GetAtt Function.Arn}]}
            """,
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
                    print(f"failed: {error}")
                    raise
                return {"statusCode": 200}
            """,
            stack="""
                Rule:
                  Type: AWS::Events::Rule
                  Properties: {EventPattern: {source: [shop]}, Targets: [{Id: fn, Arn: !GetAtt Function.Arn}]}
            """,
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
        ),
    )


RULES = (FailedRecordsForgotten(), FailureSwallowed())
