"""Which IAM actions read, write or invoke which kinds of resource.

The action lists follow https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html;
only actions on data count: describing or configuring a resource neither reads nor writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from stackworthy.aws.arn_patterns import glob
from stackworthy.aws.names import (
    API,
    BUCKET,
    DATABASE,
    DELIVERY_STREAM,
    EVENT_BUS,
    FILE_SYSTEM,
    FUNCTION,
    GRAPHQL_API,
    JOB_DEFINITION,
    JOB_QUEUE,
    KAFKA,
    PARAMETER,
    PIPELINE,
    PROJECT,
    QUEUE,
    SEARCH_DOMAIN,
    SECRET,
    STATE_MACHINE,
    STREAM,
    TABLE,
    TASK_DEFINITION,
    TOPIC,
    USER_POOL,
    Kinds,
)

READS, WRITES, INVOKES = "reads", "writes", "invokes"


class Access(NamedTuple):
    """Actions of one service that make one relation with resources of these kinds."""

    relation: str
    kinds: Kinds
    actions: tuple[str, ...]


class Granted(NamedTuple):
    """The part of an access that a policy's action pattern covers."""

    relation: str
    kinds: Kinds
    actions: tuple[str, ...]


def _access(relation: str, kinds: Kinds, actions: str) -> Access:
    return Access(relation, kinds, tuple(actions.split()))


def _kinds(*names: str) -> Kinds:
    return frozenset(f"AWS::{name}" for name in names)


_CACHE = _kinds("ElastiCache::ServerlessCache", "ElastiCache::ReplicationGroup", "ElastiCache::CacheCluster")
_TIMESTREAM = _kinds("Timestream::Table")

ACCESS: Mapping[str, tuple[Access, ...]] = {
    "aoss": (_access(READS, SEARCH_DOMAIN, "APIAccessAll"), _access(WRITES, SEARCH_DOMAIN, "APIAccessAll")),
    "appconfig": (
        _access(
            READS,
            _kinds("AppConfig::Application"),
            "GetLatestConfiguration StartConfigurationSession GetConfiguration",
        ),
    ),
    "appsync": (_access(INVOKES, GRAPHQL_API, "GraphQL"),),
    "athena": (_access(READS, _kinds("Athena::WorkGroup"), "StartQueryExecution GetQueryResults"),),
    "batch": (_access(INVOKES, JOB_QUEUE | JOB_DEFINITION, "SubmitJob"),),
    "bedrock": (
        _access(READS, _kinds("Bedrock::KnowledgeBase"), "Retrieve RetrieveAndGenerate"),
        _access(INVOKES, _kinds("Bedrock::Agent"), "InvokeAgent"),
        _access(INVOKES, _kinds("Bedrock::Flow"), "InvokeFlow"),
    ),
    "bedrock-agentcore": (
        _access(INVOKES, _kinds("BedrockAgentCore::Runtime"), "InvokeAgentRuntime"),
        _access(READS, _kinds("BedrockAgentCore::Memory"), "ListEvents GetEvent RetrieveMemoryRecords"),
        _access(WRITES, _kinds("BedrockAgentCore::Memory"), "CreateEvent"),
    ),
    "cloudfront": (_access(WRITES, _kinds("CloudFront::Distribution"), "CreateInvalidation"),),
    "codebuild": (_access(INVOKES, PROJECT, "StartBuild StartBuildBatch"),),
    "codepipeline": (_access(INVOKES, PIPELINE, "StartPipelineExecution"),),
    "cognito-idp": (
        _access(
            READS, USER_POOL, "AdminGetUser ListUsers ListUsersInGroup ListGroups AdminListGroupsForUser"
        ),
        _access(
            WRITES,
            USER_POOL,
            """AdminCreateUser AdminDeleteUser AdminUpdateUserAttributes AdminSetUserPassword AdminAddUserToGroup
            AdminRemoveUserFromGroup AdminDisableUser AdminEnableUser AdminConfirmSignUp AdminResetUserPassword
            AdminDeleteUserAttributes CreateGroup DeleteGroup""",
        ),
    ),
    "dax": (
        _access(READS, _kinds("DAX::Cluster"), "GetItem BatchGetItem Query Scan"),
        _access(WRITES, _kinds("DAX::Cluster"), "PutItem UpdateItem DeleteItem BatchWriteItem"),
    ),
    "dsql": (
        _access(READS, _kinds("DSQL::Cluster"), "DbConnect DbConnectAdmin"),
        _access(WRITES, _kinds("DSQL::Cluster"), "DbConnect DbConnectAdmin"),
    ),
    "dynamodb": (
        _access(READS, TABLE, "GetItem BatchGetItem Query Scan ConditionCheckItem PartiQLSelect GetRecords"),
        _access(
            WRITES,
            TABLE,
            "PutItem UpdateItem DeleteItem BatchWriteItem PartiQLInsert PartiQLUpdate PartiQLDelete ImportTable",
        ),
    ),
    "ecs": (_access(INVOKES, TASK_DEFINITION, "RunTask StartTask"),),
    "elasticache": (
        _access(READS, _CACHE, "Connect"),
        _access(WRITES, _CACHE, "Connect"),
    ),
    "elasticfilesystem": (
        _access(READS, FILE_SYSTEM, "ClientMount"),
        _access(WRITES, FILE_SYSTEM, "ClientWrite"),
    ),
    "es": (
        _access(READS, SEARCH_DOMAIN, "ESHttpGet ESHttpHead ESHttpPost"),
        _access(WRITES, SEARCH_DOMAIN, "ESHttpPost ESHttpPut ESHttpPatch ESHttpDelete"),
    ),
    "events": (_access(WRITES, EVENT_BUS, "PutEvents"),),
    "execute-api": (_access(INVOKES, API, "Invoke ManageConnections"),),
    "firehose": (_access(WRITES, DELIVERY_STREAM, "PutRecord PutRecordBatch"),),
    "glue": (
        _access(INVOKES, _kinds("Glue::Job"), "StartJobRun"),
        _access(INVOKES, _kinds("Glue::Crawler"), "StartCrawler"),
    ),
    "kafka-cluster": (_access(READS, KAFKA, "ReadData"), _access(WRITES, KAFKA, "WriteData")),
    "kinesis": (
        _access(READS, STREAM, "GetRecords GetShardIterator SubscribeToShard"),
        _access(WRITES, STREAM, "PutRecord PutRecords"),
    ),
    "lambda": (_access(INVOKES, FUNCTION, "InvokeFunction InvokeAsync InvokeFunctionUrl"),),
    "rds-data": (
        _access(READS, DATABASE, "ExecuteStatement BatchExecuteStatement"),
        _access(WRITES, DATABASE, "ExecuteStatement BatchExecuteStatement"),
    ),
    "rds-db": (_access(READS, DATABASE, "connect"), _access(WRITES, DATABASE, "connect")),
    "s3": (
        _access(
            READS,
            BUCKET,
            """GetObject GetObjectVersion GetObjectTagging GetObjectAttributes ListBucket ListBucketVersions
            SelectObjectContent""",
        ),
        _access(
            WRITES,
            BUCKET,
            """PutObject PutObjectTagging PutObjectAcl DeleteObject DeleteObjectVersion AbortMultipartUpload
            RestoreObject ReplicateObject""",
        ),
    ),
    "s3express": (
        _access(READS, _kinds("S3Express::DirectoryBucket"), "CreateSession"),
        _access(WRITES, _kinds("S3Express::DirectoryBucket"), "CreateSession"),
    ),
    "s3tables": (
        _access(READS, _kinds("S3Tables::TableBucket"), "GetTableData"),
        _access(WRITES, _kinds("S3Tables::TableBucket"), "PutTableData"),
    ),
    "s3vectors": (
        _access(READS, _kinds("S3Vectors::VectorBucket"), "QueryVectors GetVectors ListVectors"),
        _access(WRITES, _kinds("S3Vectors::VectorBucket"), "PutVectors DeleteVectors"),
    ),
    "sagemaker": (_access(INVOKES, _kinds("SageMaker::Endpoint"), "InvokeEndpoint InvokeEndpointAsync"),),
    "scheduler": (
        _access(WRITES, _kinds("Scheduler::ScheduleGroup"), "CreateSchedule UpdateSchedule DeleteSchedule"),
    ),
    "secretsmanager": (
        _access(READS, SECRET, "GetSecretValue BatchGetSecretValue"),
        _access(WRITES, SECRET, "PutSecretValue UpdateSecret RotateSecret UpdateSecretVersionStage"),
    ),
    "ses": (_access(WRITES, _kinds("SES::EmailIdentity"), "SendEmail SendRawEmail SendTemplatedEmail"),),
    "sns": (_access(WRITES, TOPIC, "Publish"),),
    "sqs": (
        _access(READS, QUEUE, "ReceiveMessage DeleteMessage"),
        _access(WRITES, QUEUE, "SendMessage PurgeQueue"),
    ),
    "ssm": (
        _access(READS, PARAMETER, "GetParameter GetParameters GetParametersByPath GetParameterHistory"),
        _access(WRITES, PARAMETER, "PutParameter DeleteParameter"),
    ),
    "states": (_access(INVOKES, STATE_MACHINE, "StartExecution StartSyncExecution"),),
    "timestream": (_access(READS, _TIMESTREAM, "Select"), _access(WRITES, _TIMESTREAM, "WriteRecords")),
}
"""The accesses of each service, by the prefix of its actions."""


@lru_cache(maxsize=8192)
def granted(pattern: str) -> tuple[Granted, ...]:
    """What an action pattern of a policy (`s3:Get*`, `dynamodb:*`, `*`) grants of the accesses above."""
    service, _, name = pattern.partition(":")
    if pattern == "*":
        services: tuple[str, ...] = tuple(ACCESS)
        name = "*"
    elif "*" in service or "?" in service:
        services = tuple(known for known in ACCESS if glob(known, service.lower()))
    else:
        services = (service.lower(),)
    wanted = name.lower()
    found = []
    for prefix in services:
        for access in ACCESS.get(prefix, ()):
            actions = tuple(f"{prefix}:{action}" for action in access.actions if glob(action.lower(), wanted))
            if actions:
                found.append(Granted(access.relation, access.kinds, actions))
    return tuple(found)


@lru_cache(maxsize=8)
def kinds_of(relation: str) -> Kinds:
    """Every kind that a permission may let somebody read, write or invoke."""
    found: Kinds = frozenset()
    for accesses in ACCESS.values():
        for access in accesses:
            if access.relation == relation:
                found |= access.kinds
    return found
