"""AWS Lambda: the event source mappings that feed functions, and what becomes of events that fail."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.arns import resolve
from stackworthy.aws.event_sources import asynchronous_settings, batch_size, polled
from stackworthy.aws.names import FUNCTION
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import AddResource, Change, Fix, Rewrite, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import List, Map, NotKnown, Reference, Value, is_stated
from stackworthy.rules._mending import (
    APPLIED_TWICE,
    COSTS,
    failure_queue,
    function_of,
    makes_its_role,
    may_send,
    word,
)

STREAMS = ("kinesis", "dynamodb")
PARTIAL = "ReportBatchItemFailures"
RETRIES = 10
"""How often a fix lets a batch of a stream be tried again."""

ASYNCHRONOUS = (
    "subscription",
    "bucket notification",
    "rule target",
    "schedule",
    "IoT rule action",
    "receipt rule",
    "log subscription",
)
"""What makes AWS invoke a function asynchronously: nobody waits for the answer, Lambda retries twice, then gives up."""

_STREAM_ERRORS = "https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html"


class PartialBatchFailuresOff(Rule):
    """One failed record makes the whole batch fail, and every record in it is handed out again.

    With `ReportBatchItemFailures` the function names the records that failed and only those come back. Without it,
    records that succeeded are processed twice or more, and one poisonous message takes its neighbours to the
    dead-letter queue.
    """

    on = "AWS::Lambda::EventSourceMapping"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "one failed record sends its whole batch of up to {size} back: partial batch responses are off"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html",
    )
    fix_safety = Unsafe("the function must then answer with the records that failed, as batchItemFailures")

    def check(self, mapping: Resource) -> Iterable[Finding]:
        """Look at mappings that hand over several records at once."""
        service = polled(mapping)
        if service == "sqs" or service in STREAMS:
            size = batch_size(mapping, service)
            if PARTIAL not in mapping["FunctionResponseTypes"] and size != 1:
                yield mapping.finding("FunctionResponseTypes", size=size)

    def fix(self, finding: Finding) -> Fix | None:
        """Expect the function to name the records that failed, and let it do so where its code is one plain loop."""
        mapping = finding.resource
        rewrite, mappings = _reporting(mapping)
        expect = [item.set("FunctionResponseTypes", List([PARTIAL])) for item in mappings]
        return self.offer(*expect, rewrite) if rewrite is not None else self.offer(*expect)

    bad = """
        Jobs: {Type: AWS::SQS::Queue}
        Worker: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}
        Pull:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Jobs.Arn}
    """
    good = (
        bad.replace("Jobs.Arn}", "Jobs.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}"),
        bad.replace("Jobs.Arn}", "Jobs.Arn, BatchSize: 1}"),
    )


def _reporting(mapping: Resource) -> tuple[Rewrite | None, list[Resource]]:
    """The edit of the function's code, where it is simple and no failed record must hold back those after it; and the mappings that must expect it.

    Functions that run the same file answer alike, so that the mappings of all of them are told.
    """
    from stackworthy.sources.code.writing.report_failures import reporting, sharing

    try:
        function, service = function_of(mapping), polled(mapping)
        alike = sharing(function)
        fed = [item for item in mapping.graph.of(mapping.kind or "") if function_of(item) in alike]
        if any(polled(item) != service or _is_fifo(item) for item in fed):
            return None, [mapping]
        rewrite = reporting(function, service)
        return rewrite, [mapping] if rewrite is None else fed
    except NotKnown:
        return None, [mapping]


def _is_fifo(mapping: Resource) -> bool:
    queue = resolve(mapping.graph, mapping["EventSourceArn"])
    return isinstance(queue, Resource) and queue.kind == "AWS::SQS::Queue" and bool(queue["FifoQueue"])


class StreamRetriesWithoutLimit(Rule):
    """A record that always fails blocks its shard until it expires, for a day or up to a year.

    Lambda retries a failed batch of a stream for ever by default, and hands out nothing behind it. `MaximumRetryAttempts`
    or `MaximumRecordAgeInSeconds` bounds it, and a failure destination keeps what is given up.
    """

    on = "AWS::Lambda::EventSourceMapping"
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "one record that always fails blocks its shard until it expires: retries have no limit"
    references = (
        _STREAM_ERRORS,
        "https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html",
    )
    fix_safety = Unsafe(
        f"a batch that failed eleven times is then set aside; only its place in the stream is kept, while the stream keeps it; "
        f"{COSTS}; {APPLIED_TWICE}"
    )

    def check(self, mapping: Resource) -> Iterable[Finding]:
        """Look at streams for a limit of either kind."""
        if polled(mapping) not in STREAMS:
            return
        if mapping["MaximumRetryAttempts"] == -1 and mapping["MaximumRecordAgeInSeconds"] == -1:
            yield mapping.finding("MaximumRetryAttempts")

    def fix(self, finding: Finding) -> Fix | None:
        """Try ten times more, halve batches that fail, and keep word of what is given up in a queue that is watched."""
        mapping = finding.resource
        limits: list[Change] = [mapping.set("MaximumRetryAttempts", RETRIES)]
        if not mapping["BisectBatchOnFunctionError"]:
            limits.append(mapping.set("BisectBatchOnFunctionError", True))
        if is_stated(mapping["DestinationConfig.OnFailure.Destination"]):
            return self.offer(*limits)
        caught = _catch(mapping)
        if caught is not None:
            return self.offer(*limits, *caught)
        return Fix.manual(
            "set MaximumRetryAttempts (or MaximumRecordAgeInSeconds) to what the work can bear",
            "add a queue or topic as DestinationConfig.OnFailure, and let the function's role send to it",
            "watch that queue with an alarm",
        )

    bad = """
        Clicks: {Type: AWS::Kinesis::Stream}
        Work: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
        Worker: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14, Role: !GetAtt Work.Arn}}
        Read:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Clicks.Arn, StartingPosition: LATEST}
    """
    good = bad.replace("LATEST", "LATEST, MaximumRetryAttempts: 5")


class StreamFailuresDropped(Rule):
    """When the retries of a stream's batch are used up and nothing catches it, its records are lost without a trace.

    A failure destination receives where the records stand in the stream, so that they can be read again.
    """

    on = "AWS::Lambda::EventSourceMapping"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "records whose retries are used up are dropped: no failure destination keeps them"
    references = (_STREAM_ERRORS,)

    def check(self, mapping: Resource) -> Iterable[Finding]:
        """Look at streams whose retries end for a destination."""
        if polled(mapping) not in STREAMS or is_stated(mapping["DestinationConfig.OnFailure.Destination"]):
            return
        if mapping["MaximumRetryAttempts"] != -1 or mapping["MaximumRecordAgeInSeconds"] != -1:
            yield mapping.finding("DestinationConfig.OnFailure.Destination")

    fix_safety = Unsafe(
        f"the queue keeps where the records stand in the stream, not the records; {COSTS}; {APPLIED_TWICE}"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Keep word of what is given up in a queue that is watched."""
        caught = _catch(finding.resource)
        return self.offer(*caught) if caught is not None else None

    bad = """
        Orders: {Type: AWS::DynamoDB::Table, Properties: {StreamSpecification: {StreamViewType: NEW_IMAGE}}}
        Lost: {Type: AWS::SQS::Queue}
        Work: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
        Worker: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14, Role: !GetAtt Work.Arn}}
        Read:
          Type: AWS::Lambda::EventSourceMapping
          Properties:
            FunctionName: !Ref Worker
            EventSourceArn: !GetAtt Orders.StreamArn
            StartingPosition: LATEST
            MaximumRetryAttempts: 3
    """
    good = bad.replace(
        "MaximumRetryAttempts: 3",
        "MaximumRetryAttempts: 3\n            DestinationConfig: {OnFailure: {Destination: !GetAtt Lost.Arn}}",
    )


class AsyncFailuresDropped(Rule):
    """An event whose asynchronous retries are used up is gone, unless a destination or a dead-letter queue takes it.

    S3, SNS, EventBridge and other services hand their event over and do not wait. Lambda tries a failing event three
    times in all, within six hours, and then forgets it. The service that sent it counts it as delivered.
    """

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = (
        "events from {source} that fail three times are dropped: no failure destination or dead-letter queue"
    )
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
    )

    def check(self, function: Resource) -> Iterable[Finding]:
        """Look at functions that are invoked asynchronously for what keeps a failed event."""
        callers = function.graph.edges_to(function, "triggers")
        if not callers.any_of(lambda edge: edge.by in ASYNCHRONOUS):
            return
        if is_stated(function["DeadLetterConfig.TargetArn"]):
            return
        if asynchronous_settings(function).any_of(_has_destination):
            return
        for edge in callers:
            if edge.by in ASYNCHRONOUS:
                yield function.finding("DeadLetterConfig.TargetArn", source=edge.source.name)
                return

    fix_safety = Unsafe(f"{COSTS}; {APPLIED_TWICE}")

    def fix(self, finding: Finding) -> Fix | None:
        """Keep the events that fail in a queue that is watched, and let the function's role send to it."""
        function = finding.resource
        queue, changes = failure_queue(function)
        permission = may_send(function, queue)
        if permission is None:
            return None
        return self.offer(*changes, *permission, *_keep_failed(function, queue))

    bad = """
        Uploads:
          Type: AWS::S3::Bucket
          Properties:
            NotificationConfiguration:
              LambdaConfigurations: [{Event: 's3:ObjectCreated:*', Function: !GetAtt Resize.Arn}]
        Failed: {Type: AWS::SQS::Queue}
        Work: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
        Resize: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14, Role: !GetAtt Work.Arn}}
    """
    good = (
        bad.replace("python3.14", "python3.14, DeadLetterConfig: {TargetArn: !GetAtt Failed.Arn}"),
        bad
        + """
        Asynchronous:
          Type: AWS::Lambda::EventInvokeConfig
          Properties:
            FunctionName: !Ref Resize
            Qualifier: $LATEST
            DestinationConfig: {OnFailure: {Destination: !GetAtt Failed.Arn}}
    """,
    )


def _catch(mapping: Resource) -> list[Change] | None:
    """A queue for what a mapping gives up, and the permission to send to it; None when the function's role is not here."""
    queue, changes = failure_queue(mapping)
    permission = may_send(function_of(mapping), queue)
    if permission is None:
        return None
    return [*changes, *permission, mapping.set("DestinationConfig.OnFailure.Destination", queue)]


def _keep_failed(function: Resource, queue: Value) -> list[Change]:
    """Let a function's failed events go to a queue: by its settings for asynchronous calls, or by the function's own."""
    graph = function.graph
    settings = asynchronous_settings(function)
    if len(settings) == 1:
        return [settings[0].set("DestinationConfig.OnFailure.Destination", queue)]
    named = (resolve(graph, alias["FunctionName"], FUNCTION) for alias in graph.of("AWS::Lambda::Alias"))
    if (
        len(settings)
        or makes_its_role(function)
        or any(found is None or found is function for found in named)
    ):
        return [function.set("DeadLetterConfig.TargetArn", queue)]
    properties = Map(
        FunctionName=Reference(function.address),
        Qualifier="$LATEST",
        DestinationConfig=Map(OnFailure=Map(Destination=queue)),
    )
    return [
        AddResource("AWS::Lambda::EventInvokeConfig", f"{word(function)}Asynchronous", properties, function)
    ]


def _has_destination(settings: Resource) -> bool:
    return is_stated(settings["DestinationConfig.OnFailure.Destination"])


RULES = (
    PartialBatchFailuresOff(),
    StreamRetriesWithoutLimit(),
    StreamFailuresDropped(),
    AsyncFailuresDropped(),
)
