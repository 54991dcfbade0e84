"""Which resources the code of a function reads, writes and calls: the evidence that takes the place of mere permissions."""

from __future__ import annotations

import posixpath
from typing import Any, NamedTuple

import msgspec

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import (
    BUCKET,
    DELIVERY_STREAM,
    EVENT_BUS,
    FUNCTION,
    PARAMETER,
    QUEUE,
    SECRET,
    STATE_MACHINE,
    STREAM,
    TABLE,
    TOPIC,
    Kinds,
)
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown, Unknown

_TABLES = {
    "reads": "GetItem BatchGetItem Query Scan TransactGetItems",
    "writes": "PutItem UpdateItem DeleteItem BatchWriteItem TransactWriteItems",
}
_OBJECTS = {
    "reads": "GetObject HeadObject SelectObjectContent",
    "writes": "PutObject CopyObject CreateMultipartUpload CompleteMultipartUpload",
    "deletes": "DeleteObject DeleteObjects",
}
"""Deletions are free and upload nothing. A list of a bucket is priced as a write is, but holds nothing: it is left out."""


def _operations() -> dict[str, tuple[str, str, Kinds]]:
    found: dict[str, tuple[str, str, Kinds]] = {}
    for relation, names in _TABLES.items():
        found |= {f"dynamodb:{name}": (relation, "TableName", TABLE) for name in names.split()}
    for relation, names in _OBJECTS.items():
        found |= {f"s3:{name}": (relation, "Bucket", BUCKET) for name in names.split()}
    for names, relation, parameter, kinds in (
        ("sqs:SendMessage sqs:SendMessageBatch", "writes", "QueueUrl", QUEUE),
        ("sns:Publish sns:PublishBatch", "writes", "TopicArn", TOPIC),
        ("kinesis:PutRecord kinesis:PutRecords", "writes", "StreamName", STREAM),
        ("firehose:PutRecord firehose:PutRecordBatch", "writes", "DeliveryStreamName", DELIVERY_STREAM),
        ("events:PutEvents", "writes", "EventBusName", EVENT_BUS),
        ("lambda:Invoke lambda:InvokeAsync", "invokes", "FunctionName", FUNCTION),
        (
            "stepfunctions:StartExecution stepfunctions:StartSyncExecution",
            "invokes",
            "stateMachineArn",
            STATE_MACHINE,
        ),
        ("secretsmanager:GetSecretValue", "reads", "SecretId", SECRET),
        ("ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath", "reads", "Name", PARAMETER),
    ):
        found |= dict.fromkeys(names.split(), (relation, parameter, kinds))
    return found


OPERATIONS = _operations()


class Service(NamedTuple):
    """A service that costs by what it is asked: its name, the operations that cost, the usage keys that state it."""

    name: str
    operations: tuple[str, ...]
    keys: str


SERVICES = {
    "bedrock-runtime": Service("Bedrock", ("Invoke", "Converse"), "bedrock."),
    "transcribe": Service("Transcribe", ("Start",), "transcribe_"),
    "athena": Service("Athena", ("StartQuery",), "athena_"),
    "ses": Service("SES", ("Send",), "emails"),
    "sesv2": Service("SES", ("Send",), "emails"),
    "textract": Service("Textract", ("Analyze", "Detect", "Start"), ""),
    "rekognition": Service("Rekognition", ("Detect", "Recognize", "Search", "Start", "Compare", "Index"), ""),
    "comprehend": Service("Comprehend", ("Detect", "Batch", "Start", "Contains"), ""),
    "translate": Service("Translate", ("Translate", "Start"), ""),
    "polly": Service("Polly", ("Synthesize", "Start"), ""),
}
"""Services that need no resource of the stack, by boto3's name; `keys` begin the usage keys ("": they have no price here)."""


class CodeCalls(msgspec.Struct):
    """What code does: `used` names where it calls which resource, `open` what it calls without a target that can be told.

    `services` names the operation and place of calls of services that need no resource. `unclear` are
    services of which it makes a client whose calls are not seen ("": it uses a library that calls by itself). `covered` are the kinds that the table above knows: of others the code says nothing here.
    """

    used: dict[tuple[str, str], str]
    open: dict[tuple[str, str], str]
    presigned: set[tuple[str, str]]
    services: dict[str, tuple[str, str]]
    covered: frozenset[str]
    unclear: set[str]

    def says(self, target: Resource, relation: str) -> tuple[bool | None, str]:
        """Whether the code uses a target so, and where; None when that cannot be told."""
        kind = target.kind or ""
        if kind not in self.covered:
            return None, ""
        place = self.used.get((target.address, relation))
        if place is not None:
            return True, place
        place = self.open.get((kind, relation))
        if place is not None:
            return None, place
        hidden = "" in self.unclear or not self.unclear.isdisjoint(_SERVICES_OF.get(kind, ()))
        return (None if hidden else False), ""


LIBRARIES = (
    "pynamodb", "dynamoose", "electrodb", "dynamodb-toolbox", "s3fs", "smart_open", "awswrangler", "aioboto3",
    "aws_lambda_powertools.utilities.idempotency", "aws_lambda_powertools.utilities.parameters",
    "aws_lambda_powertools.utilities.feature_flags", "@aws-lambda-powertools/idempotency", "@aws-lambda-powertools/parameters",
    "@middy/dynamodb", "@middy/s3", "@middy/ssm", "@middy/secrets-manager", "sqs-consumer", "sqs-producer", "aws-amplify",
)  # fmt: skip
"""Libraries that call AWS for the code that uses them: what such code never does cannot be told."""
_SERVICES_OF: dict[str, set[str]] = {}
for _name, (_, _, _kinds) in OPERATIONS.items():
    for _kind in _kinds:
        _SERVICES_OF.setdefault(_kind, set()).add(_name.partition(":")[0])
_COVERED = frozenset(kind for _, _, kinds in OPERATIONS.values() for kind in kinds)


def calls_of(function: Resource) -> CodeCalls | None:
    """What the code of a function calls; None when its code is not in reach or not read as a whole. Worked out once."""
    memo = function.graph.memo
    key = ("calls of code", function.address)
    if key not in memo:
        memo[key] = _read(function)
    found: CodeCalls | None = memo[key]
    return found


def _read(function: Resource) -> CodeCalls | None:
    from stackworthy.sources.code.dataflow import Values
    from stackworthy.sources.code.handler import Handler, code_of
    from stackworthy.sources.code.sdk import Sdk

    handler = code_of(function)
    if not isinstance(handler, Handler) or handler.program.unread:
        return None
    made = CodeCalls({}, {}, set(), {}, _COVERED, set())
    sdk = Sdk(handler.program, Values(handler.program, function))
    # All functions of all files: a table of routes may lead to those that nothing calls by name.
    scopes = [scope for unit in handler.program.units.values() for scope in (unit.top, *unit.scopes.values())]
    made.unclear |= {client.service for scope in scopes for client in sdk.clients(scope)}
    for unit in handler.program.units.values():
        if any(item.module.startswith(LIBRARIES) for item in unit.module.imports):
            made.unclear.add("")
    seen: set[str] = set()
    for call in (call for scope in scopes for call in sdk.calls(scope)):
        seen.add(call.service)
        if call.service in SERVICES and call.operation.startswith(SERVICES[call.service].operations):
            made.services.setdefault(call.service, (call.operation, _place(handler, call)))
        known = OPERATIONS.get(f"{call.service}:{call.operation}")
        if known is None:
            continue
        relation, parameter, kinds = known
        place = _place(handler, call)
        target = _target(function.graph, handler, call.parameters.get(parameter), kinds)
        if isinstance(target, Resource):
            made.used.setdefault((target.address, relation), place)
            if call.form == "presigned":
                made.presigned.add((target.address, relation))
        elif isinstance(target, Unknown):
            for kind in kinds:
                made.open.setdefault((kind, relation), place)
    made.unclear -= seen
    return made


def _target(graph: Graph, handler: Any, node: Any, kinds: Kinds) -> Resource | Unknown | None:
    """The resource that an argument names; unknown when it is worked out at run time, None when it lies elsewhere."""
    if node is None:
        return Unknown("the call does not say it in one place")
    try:
        return resolve(graph, handler.value(node), kinds)
    except NotKnown as error:
        return Unknown(error.reason)


def _place(handler: Any, call: Any) -> str:
    file = handler.program.unit(call.node).module.file
    return f"{call.operation} in {posixpath.basename(file.partition('#')[0])}:{call.node.line}"
