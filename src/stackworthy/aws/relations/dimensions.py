"""Which dimensions of CloudWatch metrics name which kinds of resource, and in what form.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from stackworthy.aws.names import (
    ACTIVITY,
    BROKER,
    BUCKET,
    DELIVERY_STREAM,
    DISTRIBUTION,
    EVENT_BUS,
    FILE_SYSTEM,
    FUNCTION,
    GRAPHQL_API,
    HTTP_API,
    JOB_QUEUE,
    KAFKA,
    KEY,
    LOAD_BALANCER,
    LOG_GROUP,
    PIPE,
    PROJECT,
    QUEUE,
    REST_API,
    RULE,
    SEARCH_DOMAIN,
    STATE_MACHINE,
    STREAM,
    TABLE,
    TARGET_GROUP,
    TOPIC,
    USER_POOL,
    WEB_ACL,
    Kinds,
)


class Dimension(NamedTuple):
    """`attributes` are the return values of a resource that give the dimension's value; `arn` says that it is an ARN."""

    kinds: Kinds
    attributes: frozenset[str]
    arn: bool = False


def _named(kinds: Kinds, *attributes: str) -> Dimension:
    return Dimension(kinds, frozenset(attributes or ("Ref",)))


def _by_arn(kinds: Kinds, *attributes: str) -> Dimension:
    return Dimension(kinds, frozenset(attributes or ("Ref", "Arn")), True)


def _kinds(*names: str) -> Kinds:
    return frozenset(f"AWS::{name}" for name in names)


_FUNCTION = {"FunctionName": _named(FUNCTION), "Resource": _named(FUNCTION)}
_ECS = {
    "ClusterName": _named(_kinds("ECS::Cluster")),
    "ServiceName": _named(_kinds("ECS::Service"), "Name"),
}
_LOAD_BALANCER = {
    "LoadBalancer": _named(LOAD_BALANCER, "LoadBalancerFullName"),
    "TargetGroup": _named(TARGET_GROUP, "TargetGroupFullName"),
}

DIMENSIONS: Mapping[str, Mapping[str, Dimension]] = {
    "AWS/AmazonMQ": {"Broker": _named(BROKER)},
    "AWS/ApiGateway": {
        "ApiName": _named(REST_API, "Name"),
        "ApiId": _named(HTTP_API, "Ref", "ApiId"),
    },
    "AWS/AppSync": {"GraphQLAPIId": _named(GRAPHQL_API, "ApiId")},
    "AWS/ApplicationELB": _LOAD_BALANCER,
    "AWS/Backup": {"BackupVaultName": _named(_kinds("Backup::BackupVault"), "Ref", "BackupVaultName")},
    "AWS/Batch": {
        "JobQueueName": _named(JOB_QUEUE, "JobQueueName"),
        "JobQueue": _named(JOB_QUEUE, "JobQueueName"),
    },
    "AWS/Bedrock/Guardrails": {"GuardrailArn": _by_arn(_kinds("Bedrock::Guardrail"), "GuardrailArn")},
    "AWS/CertificateManager": {"CertificateArn": _by_arn(_kinds("CertificateManager::Certificate"), "Ref")},
    "AWS/CloudFront": {
        "DistributionId": _named(DISTRIBUTION, "Ref", "Id"),
        "FunctionName": _named(_kinds("CloudFront::Function")),
    },
    "AWS/CodeBuild": {"ProjectName": _named(PROJECT)},
    "AWS/Cognito": {
        "UserPool": _named(USER_POOL),
        "UserPoolId": _named(USER_POOL),
        "UserPoolClient": _named(_kinds("Cognito::UserPoolClient")),
    },
    "AWS/DAX": {"ClusterId": _named(_kinds("DAX::Cluster"))},
    "AWS/DDoSProtection": {"ResourceArn": _by_arn(DISTRIBUTION | LOAD_BALANCER, "Ref")},
    "AWS/DocDB": {"DBClusterIdentifier": _named(_kinds("DocDB::DBCluster"))},
    "AWS/DynamoDB": {"TableName": _named(TABLE)},
    "AWS/EC2": {
        "InstanceId": _named(_kinds("EC2::Instance")),
        "AutoScalingGroupName": _named(_kinds("AutoScaling::AutoScalingGroup")),
    },
    "AWS/ECS": _ECS,
    "AWS/EFS": {"FileSystemId": _named(FILE_SYSTEM, "Ref", "FileSystemId")},
    "AWS/ES": {"DomainName": _named(SEARCH_DOMAIN)},
    "AWS/ElastiCache": {
        "CacheClusterId": _named(_kinds("ElastiCache::CacheCluster", "ElastiCache::ServerlessCache")),
        "ReplicationGroupId": _named(_kinds("ElastiCache::ReplicationGroup")),
        "clusterId": _named(_kinds("ElastiCache::ServerlessCache")),
    },
    "AWS/EventBridge/Pipes": {"PipeName": _named(PIPE)},
    "AWS/Events": {"RuleName": _named(RULE), "EventBusName": _named(EVENT_BUS, "Ref", "Name")},
    "AWS/Firehose": {"DeliveryStreamName": _named(DELIVERY_STREAM)},
    "AWS/Glue": {"JobName": _named(_kinds("Glue::Job"))},
    "AWS/KMS": {"KeyId": _named(KEY, "Ref", "KeyId")},
    "AWS/Kafka": {"Cluster Name": _named(KAFKA)},
    "AWS/Kinesis": {
        "StreamName": _named(STREAM),
        "ConsumerName": _named(_kinds("Kinesis::StreamConsumer"), "ConsumerName"),
    },
    "AWS/Lambda": {
        **_FUNCTION,
        "EventSourceMappingUUID": _named(_kinds("Lambda::EventSourceMapping"), "Ref", "Id"),
    },
    "AWS/Logs": {"LogGroupName": _named(LOG_GROUP)},
    "AWS/NATGateway": {"NatGatewayId": _named(_kinds("EC2::NatGateway"), "Ref", "NatGatewayId")},
    "AWS/Neptune": {"DBClusterIdentifier": _named(_kinds("Neptune::DBCluster"))},
    "AWS/NetworkELB": _LOAD_BALANCER,
    "AWS/RDS": {
        "DBInstanceIdentifier": _named(_kinds("RDS::DBInstance")),
        "DBClusterIdentifier": _named(_kinds("RDS::DBCluster")),
        "ProxyName": _named(_kinds("RDS::DBProxy")),
    },
    "AWS/Redshift": {"ClusterIdentifier": _named(_kinds("Redshift::Cluster"))},
    "AWS/Route53": {
        "HealthCheckId": _named(_kinds("Route53::HealthCheck"), "Ref", "HealthCheckId"),
        "HostedZoneId": _named(_kinds("Route53::HostedZone"), "Ref", "Id"),
    },
    "AWS/S3": {
        "BucketName": _named(BUCKET),
        "SourceBucket": _named(BUCKET),
        "DestinationBucket": _named(BUCKET),
    },
    "AWS/SNS": {"TopicName": _named(TOPIC, "TopicName")},
    "AWS/SQS": {"QueueName": _named(QUEUE, "QueueName")},
    "AWS/Scheduler": {"ScheduleGroup": _named(_kinds("Scheduler::ScheduleGroup"))},
    "AWS/States": {
        "StateMachineArn": _by_arn(STATE_MACHINE),
        "ActivityArn": _by_arn(ACTIVITY),
        "LambdaFunctionArn": _by_arn(FUNCTION, "Arn"),
    },
    "AWS/WAFV2": {"WebACL": _named(WEB_ACL, "Name")},
    "CloudWatchSynthetics": {"CanaryName": _named(_kinds("Synthetics::Canary"))},
    "ECS/ContainerInsights": _ECS,
    "LambdaInsights": {"function_name": _named(FUNCTION)},
}
"""Dimensions by namespace. Dimensions that name no resource of a stack (`Operation`, `Stage`) are left out."""


@cache
def every_kind() -> Kinds:
    """Every kind that a metric can be about."""
    found: Kinds = frozenset()
    for dimensions in DIMENSIONS.values():
        for dimension in dimensions.values():
            found |= dimension.kinds
    return found
