"""What the code of functions calls, as needs of their role."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import resolve
from stackworthy.capabilities.needs import CannotTell, Need
from stackworthy.capabilities.parts import ACCOUNT, PARTITION, REGION, TERRAFORM
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import Reference, Value, joined, references, same
from stackworthy.sources.code.handler import Handler, code_of
from stackworthy.sources.code.permissions import ON_BEHALF, Use, actions_of, compare, is_read_whole
from stackworthy.sources.code.sdk import SdkCall

FUNCTION, BUCKET, TABLE = "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::DynamoDB::Table"
_MODELS = frozenset({"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"})


def needs_of_functions(graph: Graph, role: Resource, users: list[Resource]) -> Iterator[Need]:
    """The needs of all functions that act under a role; raises `CannotTell` when the code of one is not read whole."""
    for user in users:
        if user.kind == "AWS::StepFunctions::StateMachine":
            continue
        handler = code_of(user) if user.kind == FUNCTION else None
        if not isinstance(handler, Handler):
            raise CannotTell(f"what {user.name} calls is not read")
        if not is_read_whole(handler):
            raise CannotTell(f"the code of {user.name} is not read whole")
        yield from _of(graph, handler)
        yield from _of_platform(graph, user, role)


def _of(graph: Graph, handler: Handler) -> Iterator[Need]:
    for call in handler.sdk_calls(init=True):
        if not actions_of(call) and call.action != "sts:GetCallerIdentity":
            raise CannotTell(f"{call.action} needs what is passed to it")
    for use in compare(handler).used:
        yield _need(graph, handler, use)
    if any(call.service in ON_BEHALF for call in handler.sdk_calls(init=True)):
        for bucket in _buckets_named(graph, handler):
            yield Need("s3:GetObject", bucket)
            yield Need("s3:PutObject", bucket)


def _need(graph: Graph, handler: Handler, use: Use) -> Need:
    """Where an action is used, as narrowly as the call shows."""
    call = use.call
    if len(use.resources) == 1:
        target = use.resources[0]
        index = call.parameters.get("IndexName")
        return Need(use.action, target, indexes=(handler.text(index),) if index is not None else ())
    table = _table(graph, handler, call)
    if table is not None:
        return Need(use.action, table)
    if use.action == "sts:AssumeRole":
        value = handler.value(call.parameters["RoleArn"]) if "RoleArn" in call.parameters else ""
        if isinstance(value, Reference):
            return Need(use.action, None, (value,))
    if use.action in _MODELS:
        return Need(use.action, None, tuple(_models(graph, handler, call)))
    return Need(use.action)


def _table(graph: Graph, handler: Handler, call: SdkCall) -> Resource | None:
    """The table that a call names, where the call's own form does not say what it does with it."""
    node = call.parameters.get("TableName")
    if node is None:
        return None
    value = handler.value(node)
    for table in graph.of(TABLE):
        if same(value, table["TableName"]) or same(value, Reference(table.address)):
            return table
    return None


def _models(graph: Graph, handler: Handler, call: SdkCall) -> Iterator[Value]:
    """The models of the same maker, whatever Region a profile sends a request to."""
    node = call.parameters.get("modelId")
    model = handler.value(node) if node is not None else ""
    parts = model.split(".") if isinstance(model, str) else []
    maker = next(
        (part for part in parts if part in ("anthropic", "amazon", "meta", "mistral", "cohere", "ai21")), ""
    )
    if not maker:
        yield "*"
        return
    where = "aws" if graph.format == TERRAFORM else PARTITION
    yield joined(("arn:", where, f":bedrock:*::foundation-model/{maker}.*"))
    if parts[0] != maker:
        yield joined(("arn:", where, ":bedrock:", REGION, ":", ACCOUNT, f":inference-profile/*{maker}.*"))


def _buckets_named(graph: Graph, handler: Handler) -> Iterator[Resource]:
    """The buckets whose names the function is given."""
    variables = handler.function["Environment.Variables"]
    for reference in references(variables):
        bucket = graph.get(reference.address)
        if bucket is not None and bucket.kind == BUCKET:
            yield bucket


def _of_platform(graph: Graph, function: Resource, role: Resource) -> Iterator[Need]:
    """What Lambda does for the function under the role, where the role's AWS managed policies do not allow it."""
    for path in ("DeadLetterConfig.TargetArn",):
        found = resolve(graph, function[path], None) if function.stated(path) else None
        if isinstance(found, Resource):
            yield Need("sqs:SendMessage" if found.kind == "AWS::SQS::Queue" else "sns:Publish", found)
    del role
