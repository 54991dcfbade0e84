"""Events that Lambda polls: queues, streams, Kafka and message brokers, each an event source mapping.

https://www.serverless.com/framework/docs/providers/aws/events/sqs (and `streams`, `msk`, `kafka`, `activemq`, `rabbitmq`)
"""

from __future__ import annotations

from typing import Any

from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.build import Build
from stackworthy.sources.serverless.functions import custom_role
from stackworthy.sources.serverless.functions import own_role as role_of_its_own
from stackworthy.sources.serverless.service import Event, Function
from stackworthy.sources.serverless.shapes import (
    as_list,
    as_map,
    as_text,
    first,
    get,
    is_set,
    json_text,
    text,
)

MAPPING = "AWS::Lambda::EventSourceMapping"
BATCH = 10
"""The batch size that the framework sets for queues and streams."""

TABLE = {
    "BatchSize": "batchSize",
    "MaximumBatchingWindowInSeconds": "maximumBatchingWindow",
    "Enabled": "enabled",
    "EventSourceArn": "arn",
    "FilterCriteria": "filterPatterns",
    "FilterCriteria.Filters": "filterPatterns",
    "FunctionResponseTypes": "functionResponseType",
    "FunctionResponseTypes.0": "functionResponseType",
}
QUEUE_TABLE = {
    **TABLE,
    "ScalingConfig": "maximumConcurrency",
    "ScalingConfig.MaximumConcurrency": "maximumConcurrency",
}
STREAM_TABLE = {
    **TABLE,
    "MaximumBatchingWindowInSeconds": "batchWindow",
    "ParallelizationFactor": "parallelizationFactor",
    "StartingPosition": "startingPosition",
    "StartingPositionTimestamp": "startingPositionTimestamp",
    "MaximumRetryAttempts": "maximumRetryAttempts",
    "BisectBatchOnFunctionError": "bisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds": "maximumRecordAgeInSeconds",
    "TumblingWindowInSeconds": "tumblingWindowInSeconds",
    "DestinationConfig": "destinations",
    "DestinationConfig.OnFailure": "destinations.onFailure",
    "DestinationConfig.OnFailure.Destination": "destinations.onFailure",
}
BROKER_TABLE = {
    **TABLE,
    "Topics.0": "topic",
    "Queues.0": "queue",
    "StartingPosition": "startingPosition",
    "StartingPositionTimestamp": "startingPositionTimestamp",
    "SourceAccessConfigurations": "accessConfigurations",
    "AmazonManagedKafkaEventSourceConfig.ConsumerGroupId": "consumerGroupId",
    "SelfManagedKafkaEventSourceConfig.ConsumerGroupId": "consumerGroupId",
}

_SQS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
_DYNAMODB = [
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
    "dynamodb:ListStreams",
]
_KINESIS = ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListStreams"]
_KINESIS_CONSUMER = [
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:DescribeStreamSummary",
    "kinesis:ListShards",
]
_SUBSCRIBE = ["kinesis:SubscribeToShard"]
_FAILED_SNS, _FAILED_SQS = ["sns:Publish"], ["sqs:ListQueues", "sqs:SendMessage"]
_MSK = ["kafka:DescribeCluster", "kafka:GetBootstrapBrokers"]
_SECRETS, _BROKER = ["secretsmanager:GetSecretValue"], ["mq:DescribeBroker"]
_NETWORK = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
]
_ACCESS = {
    "vpcSubnet": ("VPC_SUBNET", "subnet:"),
    "vpcSecurityGroup": ("VPC_SECURITY_GROUP", "security_group:"),
    "saslPlainAuth": ("BASIC_AUTH", ""),
    "saslScram256Auth": ("SASL_SCRAM_256_AUTH", ""),
    "saslScram512Auth": ("SASL_SCRAM_512_AUTH", ""),
    "clientCertificateTlsAuth": ("CLIENT_CERTIFICATE_TLS_AUTH", ""),
    "serverRootCaCertificate": ("SERVER_ROOT_CA_CERTIFICATE", ""),
}


def last_name(arn: Any, separator: str) -> str:
    """The name in an ARN, from which the framework makes a logical id: `Jobs` of `!GetAtt Jobs.Arn`."""
    if isinstance(arn, str):
        return arn.rsplit(separator, 1)[-1]
    for function in ("Fn::GetAtt", "Fn::ImportValue", "Ref", "Fn::Join", "Fn::Sub"):
        argument = get(arn, function)
        if argument is None or isinstance(argument, Unknown):
            continue
        if function == "Fn::GetAtt":
            return as_text(get(argument, 0)) or as_text(argument).split(".")[0]
        if function == "Fn::Join":
            pieces = as_list(get(argument, 1))
            argument = pieces[-1] if pieces else ""
        return as_text(argument if isinstance(argument, (str, dict)) else get(argument, 0)).rsplit(
            separator, 1
        )[-1]
    return ""


def depends_on(build: Build, function: Function) -> list[str] | None:
    """What a mapping waits for: the role and the alias."""
    stated = custom_role(build.service, function)
    role: Any = role_of_its_own(build.service, function) or "IamRoleLambdaExecution"
    if stated is not None:
        role = stated if isinstance(stated, str) and ":" not in stated else get(stated, "Fn::GetAtt", 0)
    found = [role] if isinstance(role, str) else []
    return [*found, *([function.alias[1]] if function.alias else ())] or None


def _filters(event: Event) -> Any:
    patterns = event.get("filterPatterns")
    if not is_set(patterns):
        return None
    return {"Filters": [{"Pattern": json_text(pattern)} for pattern in as_list(patterns)]}


def _response_types(event: Event) -> list[Any] | None:
    stated = event.get("functionResponseType")
    return [stated] if stated is not None else None


def _enabled(event: Event) -> Any:
    stated = event.get("enabled")
    return True if stated is None else stated


def add_queue(build: Build, function: Function, event: Event) -> None:
    """An SQS queue."""
    arn = event.get("arn") if isinstance(event.body, dict) and "arn" in event.body else event.body
    concurrency = event.get("maximumConcurrency")
    mapping = {
        "BatchSize": first(event.get("batchSize"), BATCH),
        "MaximumBatchingWindowInSeconds": event.get("maximumBatchingWindow"),
        "EventSourceArn": arn,
        "FunctionName": function.arn,
        "Enabled": _enabled(event),
        "FunctionResponseTypes": _response_types(event),
        "FilterCriteria": _filters(event),
        "ScalingConfig": {"MaximumConcurrency": concurrency} if is_set(concurrency) else None,
    }
    logical_id = (
        f"{names.normalized(function.key)}EventSourceMappingSQS{names.alphanumeric(last_name(arn, ':'))}"
    )
    logical_id = _free(build, logical_id, event)
    build.of(
        function, event, logical_id, MAPPING, mapping, QUEUE_TABLE, DependsOn=depends_on(build, function)
    )
    build.allow_each(event.route, _SQS, arn)


def _free(build: Build, logical_id: str, event: Event) -> str:
    """A logical id that nobody has: names that are not known would give two mappings the same."""
    return f"{logical_id}{event.index}" if logical_id in build.resources else logical_id


def add_stream(build: Build, function: Function, event: Event) -> None:
    """A DynamoDB or Kinesis stream."""
    arn = event.get("arn") if isinstance(event.body, dict) and "arn" in event.body else event.body
    kind = as_text(event.get("type")) or _service_of(arn)
    name = last_name(arn, "/") if not isinstance(arn, str) else [*arn.split("/"), ""][1]
    mapping = {
        "BatchSize": first(event.get("batchSize"), BATCH),
        "Enabled": _enabled(event),
        "EventSourceArn": arn,
        "FunctionName": function.arn,
        "ParallelizationFactor": event.get("parallelizationFactor"),
        "StartingPosition": first(event.get("startingPosition"), "TRIM_HORIZON"),
        "StartingPositionTimestamp": event.get("startingPositionTimestamp"),
        "MaximumBatchingWindowInSeconds": event.get("batchWindow"),
        "MaximumRetryAttempts": event.get("maximumRetryAttempts"),
        "BisectBatchOnFunctionError": event.get("bisectBatchOnFunctionError"),
        "FunctionResponseTypes": _response_types(event),
        "MaximumRecordAgeInSeconds": first(event.get("maximumRecordAgeInSeconds")),
        "TumblingWindowInSeconds": event.get("tumblingWindowInSeconds"),
        "DestinationConfig": _failures(build, event),
        "FilterCriteria": _filters(event),
    }
    consumer = event.get("consumer")
    if kind == "dynamodb":
        build.allow_each(event.route, _DYNAMODB, arn)
    elif not is_set(consumer):
        build.allow_each(event.route, _KINESIS, arn)
    else:
        build.allow_each(event.route, _KINESIS_CONSUMER, arn)
        mapping["EventSourceArn"] = (
            _consumer(build, function, event, name, arn) if consumer is True else consumer
        )
        build.allow_each(event.route, _SUBSCRIBE, mapping["EventSourceArn"])
    normal = names.normalized(function.key)
    logical_id = f"{normal}EventSourceMapping{names.upper_first(kind)}{names.alphanumeric(name)}"
    logical_id = _free(build, logical_id, event)
    build.of(
        function, event, logical_id, MAPPING, mapping, STREAM_TABLE, DependsOn=depends_on(build, function)
    )


def _service_of(arn: Any) -> str:
    """The service of a stream, as its ARN or the attribute of its resource tells."""
    if isinstance(arn, str):
        return arn.split(":")[2] if arn.count(":") > 2 else ""
    attribute = as_text(get(arn, "Fn::GetAtt", 1))
    return "dynamodb" if attribute == "StreamArn" else "kinesis" if attribute == "Arn" else ""


def _consumer(build: Build, function: Function, event: Event, name: str, arn: Any) -> Any:
    consumer = f"{function.key}{name}Consumer"
    logical_id = f"{names.normalized(consumer)}StreamConsumer"
    stated = {"StreamARN": arn, "ConsumerName": consumer}
    table = {"StreamARN": "arn"}
    return {"Ref": build.of(function, event, logical_id, "AWS::Kinesis::StreamConsumer", stated, table)}


def _failures(build: Build, event: Event) -> Any:
    failed = event.get("destinations", "onFailure")
    if not is_set(failed) or isinstance(failed, Unknown):
        return failed
    arn = failed["arn"] if isinstance(failed, dict) and "arn" in failed else failed
    kind = as_text(get(failed, "type")) if isinstance(failed, dict) else _service_of(failed)
    build.allow_each(event.route, _FAILED_SNS if kind == "sns" else _FAILED_SQS, arn)
    return {"OnFailure": {"Destination": arn}}


def _polled(event: Event) -> dict[str, Any]:
    """What mappings for Kafka and for brokers have in common."""
    return {
        "BatchSize": first(event.get("batchSize")),
        "MaximumBatchingWindowInSeconds": first(event.get("maximumBatchingWindow")),
        "Enabled": event.get("enabled"),
        "FilterCriteria": _filters(event),
    }


def _kafka(event: Event) -> dict[str, Any]:
    return {
        **_polled(event),
        "StartingPosition": first(event.get("startingPosition"), "TRIM_HORIZON"),
        "StartingPositionTimestamp": event.get("startingPositionTimestamp"),
        "Topics": [event.get("topic")],
    }


def add_msk(build: Build, function: Function, event: Event) -> None:
    """A topic of an MSK cluster."""
    arn, secret = event.get("arn"), event.get("saslScram512")
    group = event.get("consumerGroupId")
    mapping = {
        **_kafka(event),
        "EventSourceArn": arn,
        "FunctionName": function.arn,
        "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": group} if is_set(group) else None,
        "SourceAccessConfigurations": [{"Type": "SASL_SCRAM_512_AUTH", "URI": secret}]
        if is_set(secret)
        else None,
    }
    cluster = [*arn.split("/"), ""][1] if isinstance(arn, str) else last_name(arn, "/")
    topic = names.alphanumeric(as_text(event.get("topic")))
    logical_id = (
        f"{names.normalized(function.key)}EventSourceMappingMSK{names.alphanumeric(cluster)[:79]}{topic[:79]}"
    )
    build.of(
        function, event, logical_id, MAPPING, mapping, BROKER_TABLE, DependsOn=depends_on(build, function)
    )
    build.allow_each(event.route, _MSK, arn)
    build.allow(event.route, _NETWORK, "*")


def add_kafka(build: Build, function: Function, event: Event) -> None:
    """A topic of a Kafka cluster that is not AWS's."""
    accesses: list[Any] = []
    for access, values in as_map(event.get("accessConfigurations")).items():
        kind, prefix = _ACCESS.get(access, (access, ""))
        for value in as_list(values):
            accesses.append({"Type": kind, "URI": text(prefix, value) if prefix else value})
            if not prefix:
                build.allow_each(event.route, _SECRETS, value)
    group = event.get("consumerGroupId")
    mapping = {
        **_kafka(event),
        "FunctionName": function.arn,
        "SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": event.get("bootstrapServers")}},
        "SourceAccessConfigurations": accesses,
        "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": group} if is_set(group) else None,
    }
    topic = names.alphanumeric(as_text(event.get("topic")))[:158]
    logical_id = f"{names.normalized(function.key)}EventSourceMappingKafka{topic}"
    build.of(
        function, event, logical_id, MAPPING, mapping, BROKER_TABLE, DependsOn=depends_on(build, function)
    )
    if any(access["Type"].startswith("VPC_") for access in accesses):
        build.allow(event.route, _NETWORK, "*")


def add_broker(build: Build, function: Function, event: Event) -> None:
    """A queue of an ActiveMQ or RabbitMQ broker."""
    secret, host = event.get("basicAuthArn"), event.get("virtualHost")
    accesses = [{"Type": "BASIC_AUTH", "URI": secret}]
    if is_set(host):
        accesses.append({"Type": "VIRTUAL_HOST", "URI": host})
    mapping = {
        **_polled(event),
        "EventSourceArn": event.get("arn"),
        "FunctionName": function.arn,
        "Queues": [event.get("queue")],
        "SourceAccessConfigurations": accesses,
    }
    table = {**BROKER_TABLE, "SourceAccessConfigurations.0.URI": "basicAuthArn"}
    product = "ActiveMQ" if event.type == "activemq" else "RabbitMQ"
    queue = names.alphanumeric(as_text(event.get("queue")))[:150]
    logical_id = f"{names.normalized(function.key)}EventSourceMapping{product}{queue}"
    build.of(function, event, logical_id, MAPPING, mapping, table, DependsOn=depends_on(build, function))
    build.allow_each(event.route, _SECRETS, secret)
    build.allow_each(event.route, _BROKER, event.get("arn"))
    build.allow(event.route, _NETWORK, "*")
