"""What a call of an AWS service does to which resource: for service integrations of state machines and schedules.

Parameter names: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from stackworthy.aws.arns import locate
from stackworthy.aws.names import (
    API,
    BUCKET,
    DATABASE,
    DELIVERY_STREAM,
    EVENT_BUS,
    FUNCTION,
    JOB_DEFINITION,
    JOB_QUEUE,
    PARAMETER,
    PIPELINE,
    PROJECT,
    QUEUE,
    SECRET,
    STATE_MACHINE,
    STREAM,
    TABLE,
    TASK_DEFINITION,
    TOPIC,
    USER_POOL,
    Kinds,
)
from stackworthy.aws.paths import within
from stackworthy.aws.state_machines import argument
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, OpenMap, Unknown, Value


class Call(NamedTuple):
    """The actions (lower case) that make the caller read, write or invoke what the parameter names."""

    relation: str
    actions: tuple[str, ...]
    parameter: str
    kinds: Kinds


def _call(relation: str, actions: str, parameter: str, kinds: Kinds) -> Call:
    return Call(relation, tuple(actions.lower().split()), parameter, kinds)


def _kinds(*names: str) -> Kinds:
    return frozenset(f"AWS::{name}" for name in names)


_STATES = (_call("invokes", "startExecution startSyncExecution", "StateMachineArn", STATE_MACHINE),)
_EVENTS = (_call("writes", "putEvents", "Entries[].EventBusName", EVENT_BUS),)
_COGNITO_WRITES = """adminCreateUser adminDeleteUser adminUpdateUserAttributes adminSetUserPassword adminAddUserToGroup
    adminRemoveUserFromGroup adminDisableUser adminEnableUser adminConfirmSignUp signUp"""

CALLS: Mapping[str, tuple[Call, ...]] = {
    "apigateway": (_call("invokes", "invoke", "ApiEndpoint", API),),
    "athena": (_call("reads", "startQueryExecution", "WorkGroup", _kinds("Athena::WorkGroup")),),
    "batch": (
        _call("invokes", "submitJob", "JobDefinition", JOB_DEFINITION),
        _call("invokes", "submitJob", "JobQueue", JOB_QUEUE),
    ),
    "bedrockagentruntime": (
        _call("reads", "retrieve", "KnowledgeBaseId", _kinds("Bedrock::KnowledgeBase")),
        _call("invokes", "invokeAgent", "AgentId", _kinds("Bedrock::Agent")),
    ),
    "cloudfront": (
        _call("writes", "createInvalidation", "DistributionId", _kinds("CloudFront::Distribution")),
    ),
    "codebuild": (_call("invokes", "startBuild startBuildBatch", "ProjectName", PROJECT),),
    "codepipeline": (_call("invokes", "startPipelineExecution", "Name", PIPELINE),),
    "cognitoidentityprovider": (
        _call("reads", "adminGetUser listUsers listGroups adminListGroupsForUser", "UserPoolId", USER_POOL),
        _call("writes", _COGNITO_WRITES, "UserPoolId", USER_POOL),
    ),
    "dynamodb": (
        _call("reads", "getItem query scan", "TableName", TABLE),
        _call("writes", "putItem updateItem deleteItem", "TableName", TABLE),
        _call("reads", "batchGetItem", "RequestItems.*", TABLE),
        _call("writes", "batchWriteItem", "RequestItems.*", TABLE),
        _call("reads", "transactGetItems", "TransactItems[].Get.TableName", TABLE),
        _call("reads", "transactWriteItems", "TransactItems[].ConditionCheck.TableName", TABLE),
        _call("writes", "transactWriteItems", "TransactItems[].Put.TableName", TABLE),
        _call("writes", "transactWriteItems", "TransactItems[].Update.TableName", TABLE),
        _call("writes", "transactWriteItems", "TransactItems[].Delete.TableName", TABLE),
    ),
    "ecs": (_call("invokes", "runTask", "TaskDefinition", TASK_DEFINITION),),
    "eventbridge": _EVENTS,
    "events": _EVENTS,
    "firehose": (_call("writes", "putRecord putRecordBatch", "DeliveryStreamName", DELIVERY_STREAM),),
    "glue": (
        _call("invokes", "startJobRun", "JobName", _kinds("Glue::Job")),
        _call("invokes", "startCrawler", "Name", _kinds("Glue::Crawler")),
    ),
    "kinesis": (
        _call("writes", "putRecord putRecords", "StreamName", STREAM),
        _call("writes", "putRecord putRecords", "StreamARN", STREAM),
    ),
    "lambda": (_call("invokes", "invoke invokeAsync", "FunctionName", FUNCTION),),
    "rdsdata": (
        _call("reads", "executeStatement batchExecuteStatement", "ResourceArn", DATABASE),
        _call("writes", "executeStatement batchExecuteStatement", "ResourceArn", DATABASE),
    ),
    "s3": (
        _call("reads", "getObject headObject listObjects listObjectsV2 getObjectTagging", "Bucket", BUCKET),
        _call(
            "writes",
            "putObject deleteObject deleteObjects copyObject createMultipartUpload putObjectTagging",
            "Bucket",
            BUCKET,
        ),
        _call("reads", "copyObject", "CopySource", BUCKET),
    ),
    "secretsmanager": (
        _call("reads", "getSecretValue", "SecretId", SECRET),
        _call("writes", "putSecretValue updateSecret", "SecretId", SECRET),
    ),
    "sfn": _STATES,
    "sns": (_call("writes", "publish publishBatch", "TopicArn", TOPIC),),
    "sqs": (
        _call("writes", "sendMessage sendMessageBatch purgeQueue", "QueueUrl", QUEUE),
        _call("reads", "receiveMessage deleteMessage", "QueueUrl", QUEUE),
    ),
    "ssm": (
        _call("reads", "getParameter", "Name", PARAMETER),
        _call("reads", "getParameters", "Names[]", PARAMETER),
        _call("reads", "getParametersByPath", "Path", PARAMETER),
        _call("writes", "putParameter", "Name", PARAMETER),
    ),
    "states": _STATES,
}
"""The calls of each service, by the name that an integration's ARN gives it."""


class Effect(NamedTuple):
    """What one call does: the relation, the resource (or why it is unknown), and the kinds that it could be."""

    relation: str
    resource: Resource | Unknown
    kinds: Kinds


def effects(graph: Graph, service: str, action: str, arguments: Value) -> Iterator[Effect]:
    """What a call with these arguments does to the resources of the graph; external ones are left out."""
    for call in CALLS.get(service, ()):
        if action.lower() not in call.actions:
            continue
        for value in _values(arguments, call.parameter):
            found = locate(graph, value, call.kinds).resource
            if found is not None:
                yield Effect(call.relation, found, call.kinds)


def _values(arguments: Value, parameter: str) -> Iterator[Value]:
    top, mark, rest = parameter.partition("[]")
    if not mark:
        top, mark, rest = parameter.partition(".*")
    value = argument(arguments, top)
    if value is ABSENT:
        return
    if mark == ".*":
        if isinstance(value, Map):
            yield from dict.keys(value)
            if isinstance(value, OpenMap):
                yield value.rest
        elif isinstance(value, Unknown):
            yield value
    elif mark:
        for item in within(value, "[]"):
            inner = item.value
            for name in rest.strip(".").split("."):
                inner = argument(inner, name) if name else inner
            if inner is not ABSENT:
                yield inner
    else:
        yield value


@lru_cache(maxsize=8)
def kinds_of(relation: str) -> Kinds:
    """Every kind that a call may read, write or invoke."""
    found: Kinds = frozenset()
    for calls in CALLS.values():
        for call in calls:
            if call.relation == relation:
                found |= call.kinds
    return found
