"""Source code: what a function waits for while it is paid: pauses, other functions, calls one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import FUNCTION
from stackworthy.core.code import Await, Call, Catch, Function, Literal, Loop, Node, Try
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.rules._code import behind, callee_word, loop_around, routes, text_of
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.sdk import SdkCall

SLEEPS = {
    "time.sleep": 1.0,
    "asyncio.sleep": 1.0,
    "timers/promises.setTimeout": 0.001,
    "timers.promises.setTimeout": 0.001,
    "sleep": 0.001,
    "setTimeout": 0.001,
}
"""What pauses, and the seconds that its unit is."""
_ASKS = ("Describe", "Get", "List", "Query", "Check", "Head")
_SHORT = 1.0
_RETRIES = 3.0


class WaitsInFunction(Rule):
    """A function that waits is paid for waiting, and ended when the wait is longer than it lives.

    A loop that asks a service again and again until something is done, and a pause of seconds, cost what computing costs. Behind an API the caller gives up first. Step
    Functions wait up to a year for nothing (`Wait`, `.sync`, task tokens); EventBridge and notifications tell when it is done.
    """

    on = Code()
    pillar, severity = Pillar.COST, Severity.MEDIUM
    message = "the function {what}, and is paid all that time{end}: let Step Functions or an event wait"
    references = (
        "https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html",
        "https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html",
    )
    equivalents = ("aws-polling-instead-of-waiter",)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look for pauses, for loops that ask, and for the SDK's waiters."""
        if handler.is_custom_resource:
            return
        seen: set[int] = set()
        for call, seconds in _sleeps(handler):
            if id(handler.scope(call)) in seen:
                continue
            loop = _loop(handler, call)
            asked = _asks(handler, loop) if loop is not None else None
            if asked is not None and (loop.kind == "while" if seconds is None and loop else _long(seconds)):
                seen.add(id(handler.scope(call)))
                pause = f" with pauses of {seconds:g} s" if seconds else ""
                yield _finding(handler, call, f"asks {asked.action} in a loop{pause}")
            elif (
                asked is None
                and seconds is not None
                and seconds >= (_RETRIES if loop is not None or _after_failure(handler, call) else _SHORT)
            ):
                seen.add(id(handler.scope(call)))
                yield _finding(handler, call, f"pauses for {seconds:g} s" + (" in a loop" if loop else ""))
        for site in handler.calls():
            if (callee_word(site.node) == "wait" and "get_waiter()" in site.name) or (
                site.name.startswith("@aws-sdk/")
                and ".waitUntil" in site.name
                and not site.name.endswith(")")
            ):
                yield _finding(handler, site.node, "waits with a waiter of the SDK")

    bad = (
        python(
            """
            import time

            import boto3

            athena = boto3.client("athena")

            def handler(event, context):
                query = athena.start_query_execution(QueryString="SELECT 1", WorkGroup="orders")["QueryExecutionId"]
                while athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] == "RUNNING":
                    time.sleep(5)
                return query
            """
        ),
        python(
            """
            import time

            def handler(event, context):
                time.sleep(10)
                return event
            """
        ),
        typescript(
            """
            import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";

            const client = new CloudFormationClient({});

            export const handler = async (event: { stack: string }) => {
              for (;;) {
                const found = await client.send(new DescribeStacksCommand({ StackName: event.stack }));
                if (found.Stacks![0].StackStatus !== "CREATE_IN_PROGRESS") return found;
                await new Promise((resolve) => setTimeout(resolve, 5000));
              }
            };
            """
        ),
    )
    good = (
        python(
            """
            import time

            import boto3

            athena = boto3.client("athena")

            def handler(event, context):
                for attempt in range(3):
                    answer = athena.start_query_execution(QueryString="SELECT 1", WorkGroup="orders")
                    if answer:
                        return answer["QueryExecutionId"]
                    time.sleep(0.2)
            """
        ),
        typescript(
            """
            import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";

            const client = new CloudFormationClient({});

            export const handler = async (event: { stack: string }) => {
              const timer = setTimeout(() => console.warn("slow"), 5000);
              const found = await client.send(new DescribeStacksCommand({ StackName: event.stack }));
              clearTimeout(timer);
              return found;
            };
            """
        ),
    )


def _long(seconds: float | None) -> bool:
    return seconds is not None and seconds >= _SHORT


def _finding(handler: Handler, node: Node, what: str) -> Finding:
    found = routes(handler)
    end = f", while the caller of {found[0].name} waits too" if found else ""
    return handler.finding(node, what=what, end=end)


def _sleeps(handler: Handler) -> Iterator[tuple[Call, float | None]]:
    """The calls that pause, with their seconds where these are known."""
    for site in handler.calls(*SLEEPS, *(f".{name}" for name in ("sleep", "wait", "delay", "pause"))):
        call = site.node
        if site.name == "setTimeout" and not _is_awaited(handler, call):
            continue
        if site.name.startswith("."):
            target = handler.called(call)
            if target is None or not any(callee_word(inner) == "setTimeout" for inner in target.all(Call)):
                continue
        position = 1 if site.name == "setTimeout" else 0
        value = call.arguments[position] if len(call.arguments) > position else None
        unit = SLEEPS.get(site.name, 0.001)
        yield call, _seconds(handler, value, unit)


def _seconds(handler: Handler, node: Node | None, unit: float) -> float | None:
    """The pause; of one that is partly known (`int(header or "30")`), its default."""
    if node is None:
        return None
    number = handler.number(node)
    if number is None:
        for part in behind(handler, node):
            if isinstance(part, Literal) and isinstance(part.value, str) and part.value.isdigit():
                number = float(part.value)
                break
    return None if number is None else number * unit


def _is_awaited(handler: Handler, call: Call) -> bool:
    """Whether the function goes on only when the timer has run: `await new Promise((resolve) => setTimeout(resolve, 5000))`."""
    first = call.arguments[0] if call.arguments else None
    promise = next(
        (
            outer
            for outer in handler.around(call)
            if isinstance(outer, Call) and callee_word(outer) == "Promise"
        ),
        None,
    )
    if promise is None or first is None or (isinstance(first, Function) and _rejects(handler, first)):
        return False
    return "reject" not in handler.source(first).lower() and any(
        isinstance(outer, Await) for outer in handler.around(promise)
    )


def _rejects(handler: Handler, node: Function) -> bool:
    return "reject" in handler.source(node).lower()


def _loop(handler: Handler, node: Node) -> Loop | None:
    """The loop that a pause stands in, unless it is there to try again after a failure."""
    for outer in handler.around(node):
        if isinstance(outer, Catch):
            return None
        if isinstance(outer, Loop):
            return outer
    return None


def _after_failure(handler: Handler, node: Node) -> bool:
    return any(isinstance(outer, Catch) for outer in handler.around(node))


def _asks(handler: Handler, loop: Loop) -> SdkCall | None:
    """The call in a loop that asks how far something is."""
    for call in handler.sdk_calls():
        if call.operation.startswith(_ASKS) and any(outer is loop for outer in handler.around(call.node)):
            return call
    return None


class FunctionWaitsForFunction(Rule):
    """A function that calls another and waits for its answer is paid twice for the same time.

    The caller's memory is paid while it does nothing, its timeout has to hold the other's, and an error of one is an error of both. Code that always runs together belongs
    into one function; steps belong into Step Functions; what need not be answered goes through a queue or an asynchronous call (`Event`).
    """

    on = Code()
    pillar, severity = Pillar.COST, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "the function waits for {target} and is paid meanwhile: call the code itself, or let a queue or Step Functions pass it on"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
        "https://docs.aws.amazon.com/wellarchitected/latest/serverless-applications-lens/welcome.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at calls of functions whose answer is waited for."""
        for call in handler.sdk_calls("lambda:Invoke"):
            if call.form != "call" or (call.is_open and "InvocationType" not in call.parameters):
                continue
            kind = call.parameters.get("InvocationType")
            text = text_of(handler, kind) if kind is not None else "RequestResponse"
            if text in ("Event", "DryRun"):
                yield handler.guard(call.node, "nobody waits for the other function's answer")
            elif text == "RequestResponse":
                yield handler.finding(call.node, part="Invoke", target=_target(handler, call))

    bad = (
        python(
            """
            import json

            import boto3

            functions = boto3.client("lambda")

            def handler(event, context):
                answer = functions.invoke(FunctionName="render", Payload=json.dumps(event))
                return json.load(answer["Payload"])
            """
        ),
        typescript(
            """
            import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

            const functions = new LambdaClient({});

            export const handler = async (event: object) =>
              functions.send(
                new InvokeCommand({ FunctionName: "render", InvocationType: "RequestResponse", Payload: JSON.stringify(event) }),
              );
            """
        ),
    )
    good = (
        python(
            """
            import json

            import boto3

            functions = boto3.client("lambda")

            def handler(event, context):
                functions.invoke(FunctionName="render", InvocationType="Event", Payload=json.dumps(event))
            """
        ),
        typescript(
            """
            import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

            const functions = new LambdaClient({});

            export const handler = async (event: object) =>
              functions.send(
                new InvokeCommand({ FunctionName: "render", InvocationType: "Event", Payload: JSON.stringify(event) }),
              );
            """
        ),
    )


def _target(handler: Handler, call: SdkCall) -> str:
    value = call.parameters.get("FunctionName")
    if value is None:
        return "another function"
    found = resolve(handler.graph, handler.value(value), FUNCTION)
    return found.name if isinstance(found, Resource) else text_of(handler, value) or "another function"


_READS = {
    "dynamodb:GetItem": "BatchGetItem",
    "dynamodb:PutItem": "BatchWriteItem",
    "dynamodb:DeleteItem": "BatchWriteItem",
    "sqs:SendMessage": "SendMessageBatch",
    "sqs:DeleteMessage": "DeleteMessageBatch",
    "sns:Publish": "PublishBatch",
    "events:PutEvents": "more entries in one PutEvents",
    "kinesis:PutRecord": "PutRecords",
    "firehose:PutRecord": "PutRecordBatch",
    "s3:HeadObject": "what ListObjectsV2 says already, or several at a time",
    "s3:DeleteObject": "DeleteObjects",
    "ssm:GetParameter": "GetParameters",
    "secretsmanager:GetSecretValue": "BatchGetSecretValue",
}
"""Calls on one thing, and those that take many at once."""


class CallForEachItem(Rule):
    """A call for each item of a list takes as many round trips as there are items.

    Each takes some milliseconds, one after another, and each is counted and throttled by itself. The services take many at once: up to 100 reads or 25 writes of DynamoDB, ten messages,
    500 records. Where they do not, run several at a time.
    """

    on = Code()
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "{action} is called for each item, one after another: {better} takes many at once"
    references = (
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html",
    )
    equivalents = ("no-await-in-loop",)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at calls in loops over lists; attempts, and records of the event that may fail one by one, are left out."""
        for call in handler.sdk_calls(*_READS):
            if call.form != "call" or {"ConditionExpression", "ReturnValues"} & set(call.parameters):
                continue
            loop = loop_around(handler, call.node)
            if loop is None or not _is_list(handler, loop, call):
                continue
            if _is_together(handler, call.node):
                yield handler.guard(call.node, f"{call.action} runs several at a time")
                continue
            better = _READS[f"{call.service}:{call.operation}"]
            yield handler.finding(call.node, part=call.operation, action=call.action, better=better)

    bad = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                found = []
                for number in event["ids"]:
                    found.append(table.get_item(Key={"id": number}).get("Item"))
                return found
            """
        ),
        typescript(
            """
            import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: { ids: string[] }) => {
              const found = [];
              for (const id of event.ids) {
                found.push(await client.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: id } } })));
              }
              return found;
            };
            """
        ),
    )
    good = (
        python(
            """
            import boto3

            dynamodb = boto3.resource("dynamodb")

            def handler(event, context):
                found, keys = [], [{"id": number} for number in event["ids"]]
                while keys:
                    page = dynamodb.batch_get_item(RequestItems={"orders": {"Keys": keys[:100]}})
                    found += page["Responses"]["orders"]
                    keys = keys[100:] + page["UnprocessedKeys"].get("orders", {}).get("Keys", [])
                return found
            """
        ),
        typescript(
            """
            import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: { ids: string[] }) =>
              Promise.all(
                event.ids.map((id) => client.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: id } } }))),
              );
            """
        ),
    )


def _is_list(handler: Handler, loop: Node, call: SdkCall) -> bool:
    """Whether a loop goes over data whose length is not fixed, and the call is about its items, not the records of a batch."""
    if isinstance(loop, Loop):
        if loop.kind != "for" or loop.iterable is None or loop.target is None:
            return False
        source = handler.source(loop.iterable)
        if "Records" in source or "range(" in source or "records" in source.lower():
            return False
        if any(isinstance(outer, Try) for outer in _between(handler, call.node, loop)):
            return False
        if known_sequence(handler, loop.iterable):
            return False
        name = handler.source(loop.target)
    else:
        if not isinstance(loop, Call) or "Records" in handler.source(loop.callee):
            return False
        name = ""
    words = {part.strip("([{}]) ") for part in name.split(",")}
    return not name or any(word and word in handler.source(call.node) for word in words)


def known_sequence(handler: Handler, node: Node) -> bool:
    """Whether a list is written down: its length is what it is."""
    return type(handler.definition(node)).__name__ == "Sequence"


def _between(handler: Handler, node: Node, loop: Node) -> Iterator[Node]:
    for outer in handler.around(node):
        if outer is loop:
            return
        yield outer


def _is_together(handler: Handler, node: Node) -> bool:
    """Whether the calls of a list run at the same time: `Promise.all`, an executor, `asyncio.gather`."""
    for outer in handler.around(node):
        if isinstance(outer, Call):
            word = callee_word(outer)
            if word in ("all", "allSettled", "gather", "submit", "map", "forEach", "flatMap"):
                return True
    return False


RULES = (WaitsInFunction(), FunctionWaitsForFunction(), CallForEachItem())
