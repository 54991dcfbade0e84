"""`logs to`: AWS writes the source's logs into the target: a log group, a bucket or a delivery stream."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import locate, marked, unmarked
from stackworthy.aws.names import (
    API,
    BUCKET,
    DELIVERY_STREAM,
    DISTRIBUTION,
    EVENT_BUS,
    FUNCTION,
    GRAPHQL_API,
    LOG_GROUP,
    PROJECT,
    STATE_MACHINE,
    USER_POOL,
    WEB_ACL,
    Kinds,
)
from stackworthy.aws.paths import each
from stackworthy.aws.relations.links import Link, Links, between, follow, to
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, Unknown

_ANY = LOG_GROUP | BUCKET | DELIVERY_STREAM
_NETWORK = frozenset(
    {"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::NetworkInterface", "AWS::EC2::TransitGateway"}
)
_VENDED = DISTRIBUTION | USER_POOL | EVENT_BUS | STATE_MACHINE | frozenset({"AWS::Bedrock::KnowledgeBase"})

BY_NAME: tuple[tuple[str, Kinds], ...] = (
    ("/aws/lambda/", FUNCTION),
    ("API-Gateway-Execution-Logs_", API),
    ("/aws/appsync/apis/", GRAPHQL_API),
    ("/aws/codebuild/", PROJECT),
    ("/aws/kinesisfirehose/", DELIVERY_STREAM),
    ("/aws/rds/cluster/", frozenset({"AWS::RDS::DBCluster"})),
    ("/aws/rds/instance/", frozenset({"AWS::RDS::DBInstance"})),
    ("/aws/rds/proxy/", frozenset({"AWS::RDS::DBProxy"})),
    ("/aws/sagemaker/Endpoints/", frozenset({"AWS::SageMaker::Endpoint"})),
    ("/aws/bedrock-agentcore/runtimes/", frozenset({"AWS::BedrockAgentCore::Runtime"})),
)
"""The names of the log groups that services write into on their own: the prefix, then the name of what logs."""


def _firehose() -> tuple[Link, ...]:
    return tuple(
        to(
            f"{name}DestinationConfiguration.CloudWatchLoggingOptions.LogGroupName",
            LOG_GROUP,
            "delivery errors",
        )
        for name in (
            "S3",
            "ExtendedS3",
            "Amazonopensearchservice",
            "AmazonOpenSearchServerless",
            "Elasticsearch",
            "HttpEndpoint",
            "Iceberg",
            "Redshift",
            "Snowflake",
            "Splunk",
        )
    )


LINKS: Links = {
    "AWS::Lambda::Function": (to("LoggingConfig.LogGroup", LOG_GROUP, "logging configuration"),),
    "AWS::ApiGateway::Stage": (
        to("AccessLogSetting.DestinationArn", LOG_GROUP | DELIVERY_STREAM, "access log"),
    ),
    "AWS::ApiGatewayV2::Stage": (
        to("AccessLogSettings.DestinationArn", LOG_GROUP | DELIVERY_STREAM, "access log"),
    ),
    "AWS::StepFunctions::StateMachine": (
        to(
            "LoggingConfiguration.Destinations[].CloudWatchLogsLogGroup.LogGroupArn",
            LOG_GROUP,
            "logging configuration",
        ),
    ),
    "AWS::Pipes::Pipe": (
        to("LogConfiguration.CloudwatchLogsLogDestination.LogGroupArn", LOG_GROUP, "logging configuration"),
        to(
            "LogConfiguration.FirehoseLogDestination.DeliveryStreamArn",
            DELIVERY_STREAM,
            "logging configuration",
        ),
        to("LogConfiguration.S3LogDestination.BucketName", BUCKET, "logging configuration"),
    ),
    "AWS::S3::Bucket": (to("LoggingConfiguration.DestinationBucketName", BUCKET, "access log"),),
    "AWS::CloudFront::Distribution": (to("DistributionConfig.Logging.Bucket", BUCKET, "access log"),),
    "AWS::Logs::Delivery": (
        between("DeliverySourceName", _VENDED, "DeliveryDestinationArn", _ANY, "log delivery"),
    ),
    "AWS::EC2::FlowLog": (
        between("ResourceId", _NETWORK, "LogGroupName", LOG_GROUP, "flow log", "TrafficType"),
        between("ResourceId", _NETWORK, "LogDestination", _ANY, "flow log", "TrafficType"),
    ),
    "AWS::WAFv2::LoggingConfiguration": (
        between("ResourceArn", WEB_ACL, "LogDestinationConfigs[]", _ANY, "web ACL log"),
    ),
    "AWS::CloudTrail::Trail": (
        to("S3BucketName", BUCKET, "trail"),
        to("CloudWatchLogsLogGroupArn", LOG_GROUP, "trail"),
    ),
    "AWS::Config::DeliveryChannel": (to("S3BucketName", BUCKET, "delivery channel"),),
    "AWS::ECS::TaskDefinition": (
        to(
            "ContainerDefinitions[].LogConfiguration.Options.awslogs-group",
            LOG_GROUP,
            "container log",
            "Name",
        ),
    ),
    "AWS::ECS::Cluster": (
        to(
            "Configuration.ExecuteCommandConfiguration.LogConfiguration.CloudWatchLogGroupName",
            LOG_GROUP,
            "command log",
        ),
    ),
    "AWS::Batch::JobDefinition": (
        to("ContainerProperties.LogConfiguration.Options.awslogs-group", LOG_GROUP, "container log"),
    ),
    "AWS::CodeBuild::Project": (
        to("LogsConfig.CloudWatchLogs.GroupName", LOG_GROUP, "build log"),
        to("LogsConfig.S3Logs.Location", BUCKET, "build log"),
    ),
    "AWS::KinesisFirehose::DeliveryStream": _firehose(),
    "AWS::OpenSearchService::Domain": (
        to("LogPublishingOptions.*.CloudWatchLogsLogGroupArn", LOG_GROUP, "domain log"),
    ),
    "AWS::Route53::HostedZone": (to("QueryLoggingConfig.CloudWatchLogsLogGroupArn", LOG_GROUP, "query log"),),
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": (to("DestinationArn", _ANY, "query log"),),
    "AWS::MSK::Cluster": (
        to("LoggingInfo.BrokerLogs.CloudWatchLogs.LogGroup", LOG_GROUP, "broker log"),
        to("LoggingInfo.BrokerLogs.S3.Bucket", BUCKET, "broker log"),
        to("LoggingInfo.BrokerLogs.Firehose.DeliveryStream", DELIVERY_STREAM, "broker log"),
    ),
    "AWS::ElastiCache::ReplicationGroup": (
        to(
            "LogDeliveryConfigurations[].DestinationDetails.CloudWatchLogsDetails.LogGroup",
            LOG_GROUP,
            "cache log",
        ),
    ),
    "AWS::Transfer::Server": (to("StructuredLogDestinations[]", LOG_GROUP, "server log"),),
}
PATHS = (
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::Lambda::Function", "LoggingConfig.LogGroup"),
    ("AWS::S3::Bucket", "LoggingConfiguration"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerAttributes[].Key"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerAttributes[].Value"),
)


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All logging in the stack."""
    yield from follow(graph, "logs to", LINKS)
    yield from _by_name(graph)
    yield from _into_itself(graph)
    yield from _load_balancers(graph)


def _by_name(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """From what logs on its own to the log group that has the name for it."""
    for group in graph.of("AWS::Logs::LogGroup"):
        name = group["LogGroupName"]
        if isinstance(name, Unknown):
            found = locate(graph, name, FUNCTION).resource
            if isinstance(found, Unknown):
                yield LooseEnd("logs to", f"log group name: {found.reason}", None, group, FUNCTION)
            continue
        text, pieces = marked(name)
        for prefix, kinds in BY_NAME:
            if not text.startswith(prefix):
                continue
            rest = text[len(prefix) :].partition("/")[0]
            owner = locate(graph, unmarked(rest, pieces), kinds).resource
            if isinstance(owner, Unknown):
                yield LooseEnd("logs to", f"log group name: {owner.reason}", None, group, kinds)
            elif owner is not None and not _logs_elsewhere(owner):
                yield Edge(owner, group, "logs to", "log group name", group, {"path": "LogGroupName"})


def _logs_elsewhere(owner: Resource) -> bool:
    return owner.kind in FUNCTION and owner["LoggingConfig.LogGroup"] is not ABSENT


def _into_itself(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """A bucket that logs access without naming a destination logs into itself."""
    for bucket in graph.of("AWS::S3::Bucket"):
        logging = bucket["LoggingConfiguration"]
        if isinstance(logging, Map) and logging["DestinationBucketName"] is ABSENT:
            yield Edge(bucket, bucket, "logs to", "access log", bucket, {"path": "LoggingConfiguration"})


def _load_balancers(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """The bucket stands among the attributes of a load balancer."""
    for balancer in graph.of("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        for found in each(balancer, "LoadBalancerAttributes[].Value"):
            key = found.item["Key"] if isinstance(found.item, Map) else ABSENT
            if not isinstance(key, str) or key not in ("access_logs.s3.bucket", "connection_logs.s3.bucket"):
                continue
            bucket = locate(graph, found.value, BUCKET).resource
            if isinstance(bucket, Resource):
                yield Edge(balancer, bucket, "logs to", "access log", balancer, {"path": found.path})
            elif isinstance(bucket, Unknown):
                yield LooseEnd("logs to", f"access log: {bucket.reason}", balancer, None, BUCKET)
