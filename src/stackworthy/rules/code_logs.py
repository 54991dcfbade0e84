"""Source code: what functions say of themselves: logs and traces."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from stackworthy.core.code import Call, Literal, Name, Node, Parameter, Record, Sequence
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.fix import Fix, Rewrite, Unsafe
from stackworthy.core.graph import Edge, Graph
from stackworthy.core.rule import STRICT, Code, Rule, Stack, python, typescript
from stackworthy.core.value import ABSENT, NotKnown, show
from stackworthy.rules._code import answered, callee_word, callers, tests_around, triggers
from stackworthy.rules._reading import as_list
from stackworthy.sources.code.handler import CallSite, Handler, handlers
from stackworthy.sources.code.handlers import FUNCTION

_LEVELS = frozenset({"info", "warning", "warn", "error", "critical", "exception"})
_WRITERS = frozenset({"print", "console.log", "console.info", "console.warn", "console.error", "console.dir"})
MAX_NAMED = 4
"""Functions that one message names."""
_TEXT = frozenset({"json.dumps", "JSON.stringify", "str", "repr", "util.inspect", "String"})


def _is_log(handler: Handler, site: CallSite) -> bool:
    """Whether a call writes a line of the log that is not for debugging only."""
    if site.name in _WRITERS:
        return True
    word = callee_word(site.node)
    owner = handler.source(site.node.callee).rpartition(".")[0].lower()
    return word in _LEVELS and ("log" in owner or owner.endswith("logging"))


class EventLogged(Rule):
    """A whole event in the log is everything its sender said: tokens, addresses, names, for as long as the log is kept.

    Events of an API hold the caller's headers with their tokens and the claims about them, queues and streams whole records. Who may read the log reads them all, and each byte
    is paid for. Log the ids that are needed to find it again.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    confidence = Confidence.MEDIUM
    message = "{call} writes the whole event of {source} into the log: {held}"
    references = (
        "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_data_rest_access_control.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html",
    )
    fix_safety = Unsafe("whoever looks for an event by what it said no longer finds it in the log")

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look for the event itself among what is written; schedules and deployments say nothing of people."""
        source, held = _of_people(handler)
        if not source or not handler.entry.parameters:
            return
        for site in handler.calls():
            if not site.node.arguments or not _is_log(handler, site):
                continue
            if any(_is_event(handler, item) for item in site.node.arguments):
                test = next(
                    (test for test in tests_around(handler, site.node) if _is_debug(handler, test)), None
                )
                if test is not None:
                    yield handler.guard(test, "the event is written for debugging only")
                else:
                    call = handler.source(site.node.callee)
                    yield handler.finding(site.node, call=call, source=source, held=held)
                    return

    def fix(self, finding: Finding) -> Fix | None:
        """Log the request's id in its place."""
        return None if finding.code is None else self.offer(Rewrite(finding.resource, finding.code, "redact"))

    _api = """
        Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: NONE}}
    """
    bad = (
        python(
            """
            import json

            def handler(event, context):
                print("received", json.dumps(event))
                return {"statusCode": 200}
            """,
            stack=_api,
        ),
        typescript(
            """
            export const handler = async (event: any) => {
              console.log("received", JSON.stringify(event, null, 2));
              return { statusCode: 200 };
            };
            """,
            stack=_api,
        ),
    )
    good = (
        python(
            """
            import json

            def handler(event, context):
                print("received", json.dumps(event["requestContext"]["requestId"]))
                return {"statusCode": 200}
            """,
            stack=_api,
        ),
        typescript(
            """
            export const handler = async (event: any) => {
              if (process.env.DEBUG) console.log("received", JSON.stringify(event, null, 2));
              return { statusCode: 200 };
            };
            """,
            stack=_api,
        ),
    )


_HEADERS = "its headers hold the caller's tokens"
_ANYTHING = "all that its sender said, of people too"


def _of_people(handler: Handler) -> tuple[str, str]:
    """Where events come from that may speak of people (an API, a queue, a topic, a stream), and what they hold."""
    for edge in callers(handler):
        api = edge.source.kind in ("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route")
        if api or edge.by in ("integration", "function URL", "resolver", "authorizer"):
            return edge.source.name, _HEADERS
    for edge in triggers(handler):
        if edge.by not in ("schedule", "bucket notification", "log subscription") and not _is_of_aws(edge):
            return edge.source.name, _ANYTHING
    return "", ""


def _is_of_aws(edge: Edge) -> bool:
    """Whether a rule is a schedule, or takes events of AWS's own services only."""
    if edge.source.kind != "AWS::Events::Rule":
        return False
    pattern = edge.source["EventPattern"]
    return pattern is ABSENT or show(edge.source["EventPattern.source"]).startswith("[aws.")


def _is_event(handler: Handler, node: Node) -> bool:
    """Whether an expression is the event whole, as it is or as text."""
    if isinstance(node, Call) and handler.name(node.callee) in _TEXT and node.arguments:
        return _is_event(handler, node.arguments[0])
    if isinstance(node, (Record, Sequence)):
        return any(_is_event(handler, part) for part in node.parts() if isinstance(part, Name))
    if type(node).__name__ in ("Template", "Operation"):
        return any(_is_event(handler, part) for part in node.parts() if isinstance(part, (Name, Call)))
    if not isinstance(node, Name):
        return False
    found = handler.definition(node)
    first = handler.entry.parameters[0]
    return found is first if isinstance(found, Parameter) else False


def _is_debug(handler: Handler, test: Node) -> bool:
    return "debug" in handler.source(test).lower() or "verbose" in handler.source(test).lower()


class DebugLogging(Rule):
    """A log level of DEBUG that stands in the code writes everything in production, too.

    Libraries join in: boto3 and urllib3 write each request with its headers. The log costs more than the computing, and says more than it should. Take the level from the environment
    or from the function's `LoggingConfig`.
    """

    on = Code()
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "{call} fixes the level at DEBUG, in production too"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html",)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look for constants that set the level."""
        for site in handler.calls(init=True):
            word = callee_word(site.node)
            if word in ("setLevel", "setLogLevel", "basicConfig", "Logger"):
                given = [
                    *site.node.arguments[:1],
                    *(value for key, value in site.node.keywords if key == "level"),
                ]
                members, _ = handler.members(site.node.arguments[0]) if site.node.arguments else ({}, False)
                given += [value for key, value in members.items() if key in ("logLevel", "level")]
                if any(_is_debug_level(handler, item) for item in given):
                    yield handler.finding(site.node, call=handler.source(site.node.callee))

    bad = (
        python(
            """
            import logging

            logging.getLogger().setLevel(logging.DEBUG)

            def handler(event, context):
                return {"statusCode": 200}
            """
        ),
        typescript(
            """
            import { Logger } from "@aws-lambda-powertools/logger";

            const logger = new Logger({ logLevel: "DEBUG" });

            export const handler = async () => logger.debug("called");
            """
        ),
    )
    good = (
        python(
            """
            import logging
            import os

            logging.getLogger().setLevel(os.environ.get("LOG_LEVEL", "INFO"))

            def handler(event, context):
                return {"statusCode": 200}
            """
        ),
        typescript(
            """
            import { Logger } from "@aws-lambda-powertools/logger";

            const logger = new Logger({ logLevel: "INFO" });

            export const handler = async () => logger.debug("called");
            """
        ),
    )


def _is_debug_level(handler: Handler, node: Node) -> bool:
    return handler.name(node) == "logging.DEBUG" or (isinstance(node, Literal) and node.value == "DEBUG")


_STRUCTURED = (
    "aws_lambda_powertools",
    "structlog",
    "pythonjsonlogger",
    "loguru",
    "aws_embedded_metrics",
    "opentelemetry",
    "@aws-lambda-powertools/",
    "pino",
    "winston",
    "bunyan",
    "aws-embedded-metrics",
    "@opentelemetry/",
    "lambda-log",
)


def modules_of(handler: Handler) -> frozenset[str]:
    """The names of all modules that the program loads, as written."""
    return frozenset(item.module for unit in handler.program.units.values() for item in unit.module.imports)


class LogLinesWithoutFields(Rule):
    """Log lines of plain text cannot be searched by their fields, nor joined by the request that they belong to.

    Logs Insights finds the fields of JSON by itself: a request id, a customer, a duration. Plain text has to be taken apart by patterns for every question. The function's
    `LoggingConfig.LogFormat: JSON`, or a logger such as Powertools', writes fields and the request's id.
    """

    on = Code()
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "the log is plain text ({call}): neither LogFormat JSON nor a structured logger is used"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html",
        "https://docs.aws.amazon.com/powertools/python/latest/core/logger/",
    )
    fix_safety = Unsafe(
        "what reads the lines as they are (metric filters, subscriptions, people) finds JSON instead"
    )

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at how the program writes, and at the function's log format."""
        if handler.function["LoggingConfig.LogFormat"] == "JSON":
            return
        if any(module.startswith(_STRUCTURED) for module in modules_of(handler)):
            return
        for site in handler.calls():
            if site.name in _WRITERS and not any(
                _is_fields(handler, item) for item in site.node.arguments[:1]
            ):
                yield handler.finding(site.node, part="log", call=handler.source(site.node.callee))
                return

    def fix(self, finding: Finding) -> Fix | None:
        """Log by Powertools in Python, where `print` stays text in every format; let Lambda write JSON for the rest."""
        if finding.code is None:
            return None
        if finding.code.span.file.endswith(".py"):
            return self.offer(Rewrite(finding.resource, finding.code, "log"))
        return self.offer(finding.resource.set("LoggingConfig.LogFormat", "JSON"))

    bad = (
        python(
            """
            def handler(event, context):
                print("order", event["id"])
                return {"statusCode": 200}
            """
        ),
        typescript(
            """
            export const handler = async (event: { id: string }) => {
              console.log("order", event.id);
              return { statusCode: 200 };
            };
            """
        ),
    )
    good = (
        python(
            """
            from aws_lambda_powertools import Logger

            logger = Logger()

            def handler(event, context):
                logger.info("order", order=event["id"])
                return {"statusCode": 200}
            """
        ),
        typescript(
            """
            export const handler = async (event: { id: string }) => {
              console.log("order", event.id);
              return { statusCode: 200 };
            };
            """,
            properties="LoggingConfig: {LogFormat: JSON}",
        ),
    )


def _is_fields(handler: Handler, node: Node) -> bool:
    return isinstance(node, Call) and handler.name(node.callee) in ("json.dumps", "JSON.stringify")


_CAPTURES = frozenset(
    {
        "patch_all",
        "captureAWS",
        "captureAWSClient",
        "captureAWSv3Client",
        "captureHTTPsGlobal",
        "registerInstrumentations",
    }
)


def _end_of_trace(handler: Handler) -> Guard | bool:
    """Whether traces end at a function whose tracing is on; what instruments its clients, when something does."""
    if handler.function["TracingConfig.Mode"] != "Active" or not handler.sdk_calls():
        return False
    captured = _captured(handler)
    if captured is not None:
        return handler.guard(captured, "the clients are instrumented")
    return not _is_instrumented(handler)


class TraceEndsAtFunction(Rule):
    """A trace that ends at the function does not say which of its calls was slow or failed.

    `TracingConfig: Active` records that the function ran. What it called (a table, a queue, another API) shows only when its clients are instrumented: by Powertools' Tracer, by the X-Ray SDK, or
    by the OpenTelemetry layer of AWS.
    """

    on = Stack((FUNCTION,))
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "tracing is switched on for {functions}, and nothing instruments the calls ({action}, ...): traces end at the function"
    next_after = ("tracing-off",)
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",
        "https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-nodejs-awssdkclients.html",
    )

    def check(self, graph: Graph) -> Iterable[Finding | Guard]:
        """Look for what instruments the clients, in the code and around it; one finding for all functions of a stack."""
        ending: list[Handler] = []
        unknown: NotKnown | None = None
        for handler in handlers(graph):
            state = answered(lambda handler=handler: _end_of_trace(handler))  # type: ignore[misc]
            if isinstance(state, Guard):
                yield state
            elif isinstance(state, NotKnown):
                unknown = state
            elif state:
                ending.append(handler)
        if ending:
            first = ending[0]
            names = ", ".join(handler.function.name for handler in ending[:MAX_NAMED])
            more = f" and {len(ending) - MAX_NAMED} more" if len(ending) > MAX_NAMED else ""
            found = graph.finding(functions=names + more, action=first.sdk_calls()[0].action)
            place = first.function.place("TracingConfig.Mode", "switched on")
            yield msgspec.structs.replace(found, also=(place,))
        elif unknown is not None:
            raise unknown

    bad = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                return table.get_item(Key={"id": event["id"]})
            """,
            properties="TracingConfig: {Mode: Active}",
        ),
        typescript(
            """
            import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: { id: string }) =>
              client.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: event.id } } }));
            """,
            properties="TracingConfig: {Mode: Active}",
        ),
    )
    good = (
        python(
            """
            import boto3
            from aws_lambda_powertools import Tracer

            tracer = Tracer()
            table = boto3.resource("dynamodb").Table("orders")

            @tracer.capture_lambda_handler
            def handler(event, context):
                return table.get_item(Key={"id": event["id"]})
            """,
            properties="TracingConfig: {Mode: Active}",
        ),
        typescript(
            """
            import AWSXRay from "aws-xray-sdk-core";
            import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

            const client = AWSXRay.captureAWSv3Client(new DynamoDBClient({}));

            export const handler = async (event: { id: string }) =>
              client.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: event.id } } }));
            """,
            properties="TracingConfig: {Mode: Active}",
        ),
    )


def _captured(handler: Handler) -> Node | None:
    """The call of the X-Ray SDK that instruments clients."""
    return next((site.node for site in handler.calls(init=True) if callee_word(site.node) in _CAPTURES), None)


def _is_instrumented(handler: Handler) -> bool:
    """Whether a tracing library is loaded, or a layer or wrapper that may instrument everything is there; raises `NotKnown`."""
    modules = modules_of(handler)
    if handler.language == "python":
        if any(
            module.startswith(("aws_xray_sdk", "opentelemetry", "ddtrace", "datadog_lambda", "lumigo"))
            for module in modules
        ):
            return True
        tracer = any(site.name.endswith(".Tracer") for site in handler.calls(init=True))
        if tracer:
            return True
    elif any(module.startswith(("@opentelemetry/", "datadog", "dd-trace", "@lumigo/")) for module in modules):
        return True
    if handler.function["Environment.Variables.AWS_LAMBDA_EXEC_WRAPPER"] is not ABSENT:
        return True
    return any("otel" in show(layer).lower() for layer in as_list(handler.function["Layers"]))


RULES = (EventLogged(), DebugLogging(), LogLinesWithoutFields(), TraceEndsAtFunction())
