"""What the code of a function does with AWS against what its role allows: used, granted, missing, in excess.

Operations and actions differ for some services: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from stackworthy.aws.arns import resolve
from stackworthy.aws.iam import statements
from stackworthy.aws.roles import roles
from stackworthy.aws.statements import Statement
from stackworthy.core.code import Assign, Attribute, Name, Node
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, NotKnown, OpenList
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.handlers import FUNCTION
from stackworthy.sources.code.sdk import Client, SdkCall
from stackworthy.sources.code.uses import effects_of

N = TypeVar("N", bound=Node)

ACTIONS: dict[str, tuple[str, ...]] = {
    "s3:ListObjects": ("s3:ListBucket",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:CopyObject": ("s3:PutObject", "s3:GetObject"),
    "s3:DeleteObjects": ("s3:DeleteObject",),
    "s3:CreateMultipartUpload": ("s3:PutObject",),
    "s3:UploadPart": ("s3:PutObject",),
    "s3:CompleteMultipartUpload": ("s3:PutObject",),
    "s3:SelectObjectContent": ("s3:GetObject",),
    "s3:WriteGetObjectResponse": ("s3-object-lambda:WriteGetObjectResponse",),
    "rds:GenerateDbAuthToken": ("rds-db:connect",),
    "lambda:Invoke": ("lambda:InvokeFunction",),
    "lambda:InvokeAsync": ("lambda:InvokeFunction",),
    "lambda:InvokeWithResponseStream": ("lambda:InvokeFunction",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sns:PublishBatch": ("sns:Publish",),
    "dynamodb:TransactGetItems": ("dynamodb:GetItem",),
    "dynamodb:TransactWriteItems": (),
    "dynamodb:ExecuteStatement": (),
    "dynamodb:BatchExecuteStatement": (),
    "dynamodb:ExecuteTransaction": (),
    "bedrock-runtime:Converse": ("bedrock:InvokeModel",),
    "bedrock-runtime:ConverseStream": ("bedrock:InvokeModelWithResponseStream",),
    "apigatewaymanagementapi:PostToConnection": ("execute-api:ManageConnections",),
    "apigatewaymanagementapi:GetConnection": ("execute-api:ManageConnections",),
    "apigatewaymanagementapi:DeleteConnection": ("execute-api:ManageConnections",),
    "sts:GetCallerIdentity": (),
    "sesv2:SendEmail": ("ses:SendEmail",),
    "ses:SendTemplatedEmail": ("ses:SendTemplatedEmail",),
    "secretsmanager:BatchGetSecretValue": (
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetSecretValue",
    ),
}
"""The actions that an operation needs, where they are not its own name; none: it needs none, or it hangs on what is passed."""

PLATFORM = frozenset(
    """logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents xray:PutTraceSegments xray:PutTelemetryRecords
    xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries
    ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses
    ec2:UnassignPrivateIpAddresses ec2:DescribeSubnets ec2:DescribeSecurityGroups ec2:DescribeVpcs
    sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ChangeMessageVisibility
    kinesis:GetRecords kinesis:GetShardIterator kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:ListShards kinesis:ListStreams
    kinesis:SubscribeToShard dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:DescribeStream dynamodb:ListStreams
    kafka:DescribeCluster kafka:DescribeClusterV2 kafka:GetBootstrapBrokers mq:DescribeBroker logs:DescribeLogStreams logs:DescribeLogGroups
    kms:Decrypt kms:GenerateDataKey kms:Encrypt kms:DescribeKey s3:ListBucket iam:PassRole
    lambda:CheckpointDurableExecution lambda:GetDurableExecutionState""".lower().split()
)
"""Actions that Lambda, or a service behind a call, takes under the function's role: their use does not show in code."""


HARMLESS = frozenset(
    """requests urllib3 httpx aiohttp pydantic jsonschema cfnresponse crhelper yaml jwt jose cryptography pytz dateutil numpy pandas psycopg2
    psycopg pymysql redis pymongo simplejson orjson aws_xray_sdk typing_extensions dotenv jinja2 markdown bs4 PIL boto3 botocore
    axios node-fetch uuid moment dayjs lodash zod pg mysql mysql2 mysql2/promise ioredis mongodb sharp jsonwebtoken crypto-js
    aws-xray-sdk aws-xray-sdk-core aws-lambda ulid nanoid luxon date-fns ajv joi got""".split()  # noqa: SIM905
)
"""Packages that make no calls of AWS of their own."""


ON_BEHALF = frozenset(
    {
        "rekognition",
        "textract",
        "transcribe",
        "comprehend",
        "athena",
        "translate",
        "polly",
        "glue",
        "redshift-data",
        "sagemaker",
    }
    | {
        "bedrock",
        "bedrock-runtime",
        "bedrock-agent-runtime",
        "bedrock-data-automation-runtime",
        "personalize",
        "s3control",
    }
)
"""Services that read or write a bucket with the permissions of their caller."""


class Use(msgspec.Struct, frozen=True, eq=False):
    """One action that the code needs, with a call that needs it; `resources` are those of the stack that it certainly reaches."""

    action: str
    call: SdkCall
    resources: tuple[Resource, ...] = ()


class Grant(msgspec.Struct, frozen=True, eq=False):
    """One action that a statement allows by its full name."""

    action: str
    statement: Statement


class Comparison(msgspec.Struct, frozen=True, eq=False):
    """`used` and `granted` side by side. `missing` is used and allowed by no statement, `excess` allowed and certainly not used.

    `is_whole` says that every client of the code was followed to its calls; without it there is no `excess`.
    """

    used: tuple[Use, ...]
    granted: tuple[Grant, ...]
    missing: tuple[Use, ...]
    excess: tuple[Grant, ...]
    is_whole: bool


def compare(handler: Handler) -> Comparison:
    """The permissions of a function and the calls of its code. What is not known is neither missing nor in excess."""
    memo = handler.graph.memo
    key = ("permissions", handler.function.address)
    found = memo.get(key)
    if not isinstance(found, Comparison):
        found = memo[key] = _compared(handler)
    return found


def actions_of(call: SdkCall) -> tuple[str, ...]:
    """The actions that a call needs."""
    return ACTIONS.get(f"{call.service}:{call.operation}", (call.action,))


def _compared(handler: Handler) -> Comparison:
    used = tuple(_used(handler))
    stated = statements(handler.function)
    granted = tuple(_granted(stated))
    needed = {use.action.lower() for use in used}
    missing = () if isinstance(stated, OpenList) else tuple(use for use in used if _is_missing(use, stated))
    is_whole = _is_whole(handler)
    excess = tuple(_excess(handler, granted, needed)) if is_whole else ()
    return Comparison(used, granted, missing, excess, is_whole)


def _excess(handler: Handler, granted: tuple[Grant, ...], needed: set[str]) -> Iterator[Grant]:
    """The grants that an author listed and that no call needs."""
    vague = {call.action.partition(":")[0] for call in handler.sdk_calls(init=True) if not actions_of(call)}
    if any(call.service in ON_BEHALF or _names_bucket(call) for call in handler.sdk_calls(init=True)):
        vague.add("s3")
    vague |= _for_platform(handler)
    tags = {call.action.partition(":")[0] for call in handler.sdk_calls(init=True) if _tags(call)}
    tagging = any(call.service == "resourcegroupstaggingapi" for call in handler.sdk_calls(init=True))
    polls = any(edge.by == "event source mapping" for edge in list.__iter__(handler.triggers()))
    for grant in granted:
        action = grant.action.lower()
        service = action.partition(":")[0]
        by_platform = (
            (tagging and "tag" in action)
            or action in PLATFORM
            or service == "kafka-cluster"
            or (polls and service == "secretsmanager")
        )
        by_platform |= "tag" in action and service in tags
        if action not in needed and service not in vague and not by_platform and _is_listed(grant.statement):
            yield grant


def _tags(call: SdkCall) -> bool:
    """Whether a call makes something with tags, for which most services ask another permission."""
    return call.is_open or any("tag" in name.lower() for name in call.parameters)


def _names_bucket(call: SdkCall) -> bool:
    """Whether another service is told to read or write a bucket (`S3Bucket`, `OutputLocation`)."""
    return call.service != "s3" and any(
        "S3" in name or "Bucket" in name or name == "OutputLocation" for name in call.parameters
    )


def _for_platform(handler: Handler) -> set[str]:
    """The services that Lambda or a data API use under the role: destinations of failures, secrets of databases."""
    found: set[str] = set()
    function = handler.function
    settings = [
        edge.resource for edge in list.__iter__(handler.triggers()) if edge.by == "event source mapping"
    ]
    settings += [
        setting
        for setting in function.graph.of("AWS::Lambda::EventInvokeConfig")
        if resolve(function.graph, setting["FunctionName"], frozenset({FUNCTION})) is function
    ]
    stated = any(setting is not None and setting["DestinationConfig"] is not ABSENT for setting in settings)
    if stated or function["DeadLetterConfig"] is not ABSENT:
        found |= {"sqs", "sns", "lambda", "events", "s3"}
    if any(call.service in ("rds-data", "redshift-data") for call in handler.sdk_calls(init=True)):
        found.add("secretsmanager")
    return found


def _is_listed(statement: Statement) -> bool:
    """Whether an author wrote the actions, and not a policy template of SAM's or a grant of the CDK's for them."""
    if statement.origin.address.endswith("/DefaultPolicy/Resource"):
        return False  # what grants of the CDK add up to
    return (
        "Statement" in statement.origin.properties.origin(statement.path).route
        or "aws_" in statement.origin.type
    )


def _used(handler: Handler) -> Iterator[Use]:
    for call in handler.sdk_calls(init=True):
        if call.client is not None and _has_own_credentials(call):
            continue
        targets = tuple({target.address: target for _, target in effects_of(handler, call)}.values())
        for action in actions_of(call):
            yield Use(action, call, targets if len(targets) == 1 else ())


def _has_own_credentials(call: SdkCall) -> bool:
    """Whether the client acts under another role than the function's, or may."""
    client = call.client
    assert client is not None
    words = {name for name, _ in client.node.keywords}
    if words & {None, "aws_access_key_id", "aws_session_token"}:
        return True
    return client.style in ("v2", "v3") and b"credentials" in client.scope.unit.module.text


def _granted(stated: List) -> Iterator[Grant]:
    for statement in list.__iter__(stated):
        try:
            if not statement.allows or statement.managed:
                continue
        except NotKnown:
            continue
        for action in list.__iter__(statement.actions):
            if isinstance(action, str) and "*" not in action and "?" not in action:
                yield Grant(action, statement)


def _is_missing(use: Use, stated: List) -> bool:
    """Whether no statement allows the action on the resources; what cannot be decided is not missing."""
    for statement in list.__iter__(stated):
        try:
            if not statement.allows or not statement.matches_action(use.action):
                continue
            if not use.resources or all(statement.matches_resource(target) for target in use.resources):
                return False
        except NotKnown:
            return False
    return True


def _is_whole(handler: Handler) -> bool:
    """Whether the code is read whole, and the role is the function's alone."""
    return not _shares_its_role(handler.function) and is_read_whole(handler)


def is_read_whole(handler: Handler) -> bool:
    """Whether each client that the code makes was seen to make a call, and no code runs that is not read (a layer, what is loaded by name)."""
    try:
        if handler.function["Layers"]:
            return False
    except NotKnown:
        return False
    if not all(map(_is_harmless, _imported(handler))):
        return False
    called = {id(call.client.node) for call in handler.sdk_calls(init=True) if call.client is not None}
    clients = handler.clients(init=True)
    loads = any(
        True for _ in handler.calls("importlib.import_module", "__import__", "eval", "exec", init=True)
    )
    seen = all(id(client.node) in called or _is_idle(handler, client) for client in clients)
    return not handler.program.unread and not loads and seen


def _is_idle(handler: Handler, client: Client) -> bool:
    """Whether a client stands ready at the top of a file and nothing that the handler reaches takes it from there."""
    if client.scope.node is not None:
        return False
    holder = next((outer for outer in handler.around(client.node) if isinstance(outer, Assign)), None)
    targets = holder.targets if holder is not None else ()
    names = {
        part.id if isinstance(part, Name) else part.name
        for part in targets
        if isinstance(part, (Name, Attribute))
    }
    if len(names) != 1 or len(targets) != 1:
        return False
    (name,) = names
    for unit in handler.program.units.values():
        if unit is not client.scope.unit and any(item.member in (name, "*") for item in unit.module.imports):
            return False
    uses = [part for part in _everywhere(handler, Name) if part.id == name and part not in targets]
    members = [part for part in _everywhere(handler, Attribute) if part.name == name and part not in targets]
    return not members and not any(handler.program.unit(part) is client.scope.unit for part in uses)


def _everywhere(handler: Handler, kind: type[N]) -> Iterator[N]:
    """The nodes of a kind in all files, in functions too that nobody is seen to call."""
    for unit in handler.program.units.values():
        for scope in (unit.top, *unit.functions.values()):
            yield from scope.all(kind)


def _shares_its_role(function: Resource) -> bool:
    mine = {id(role) for role in roles(function)}
    others = (other for other in function.graph.of(FUNCTION) if other is not function)
    return any(id(role) in mine for other in others for role in roles(other))


def _imported(handler: Handler) -> Iterator[tuple[str, str]]:
    """The packages that the program loads from elsewhere, each with the language that loads it."""
    for unit in handler.program.units.values():
        for item in unit.module.imports:
            if handler.program.target(unit.module, item) is None and item.module:
                yield item.module, unit.module.language


def _is_harmless(imported: tuple[str, str]) -> bool:
    module, language = imported
    if module in HARMLESS:
        return True
    if language == "python":
        first = module.partition(".")[0]
        if first == "aws_lambda_powertools":
            return not module.startswith(
                ("aws_lambda_powertools.utilities.parameters", "aws_lambda_powertools.utilities.idempotency")
            )
        return first in HARMLESS or first in sys.stdlib_module_names
    if module.startswith(("@aws-sdk/", "aws-sdk", "node:", "@smithy/", "@types/")):
        return True
    return module.partition("/")[0] in _NODE or module.startswith(
        ("@aws-lambda-powertools/logger", "@aws-lambda-powertools/tracer", "@middy/")
    )


_NODE = frozenset(
    """assert buffer child_process cluster console crypto dns events fs http http2 https net os path perf_hooks process querystring
    readline stream string_decoder timers tls url util v8 vm worker_threads zlib""".split()  # noqa: SIM905
)
