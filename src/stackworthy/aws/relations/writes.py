"""`writes`: the source puts data or messages into the target, or may by the permissions under which its code runs."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.names import (
    BUCKET,
    DATABASE,
    DELIVERY_STREAM,
    EVENT_BUS,
    FUNCTION,
    LOG_GROUP,
    QUEUE,
    SEARCH_DOMAIN,
    STREAM,
    TABLE,
    TOPIC,
)
from stackworthy.aws.relations import api_calls, code, machines, permissions
from stackworthy.aws.relations.links import Link, Links, between, follow, to
from stackworthy.core.graph import Edge, Graph, LooseEnd

_DESTINATIONS = QUEUE | TOPIC | EVENT_BUS | BUCKET


def _firehose() -> tuple[Link, ...]:
    buckets = [
        "S3DestinationConfiguration.BucketARN",
        "ExtendedS3DestinationConfiguration.BucketARN",
        "ExtendedS3DestinationConfiguration.S3BackupConfiguration.BucketARN",
        "RedshiftDestinationConfiguration.S3BackupConfiguration.BucketARN",
    ] + [
        f"{name}DestinationConfiguration.S3Configuration.BucketARN"
        for name in (
            "Amazonopensearchservice",
            "AmazonOpenSearchServerless",
            "Elasticsearch",
            "HttpEndpoint",
            "Iceberg",
            "Redshift",
            "Snowflake",
            "Splunk",
        )
    ]
    return (
        *(to(path, BUCKET, "delivery stream destination") for path in buckets),
        to(
            "AmazonopensearchserviceDestinationConfiguration.DomainARN",
            SEARCH_DOMAIN,
            "delivery stream destination",
        ),
        to("ElasticsearchDestinationConfiguration.DomainARN", SEARCH_DOMAIN, "delivery stream destination"),
        to(
            "AmazonOpenSearchServerlessDestinationConfiguration.CollectionEndpoint",
            SEARCH_DOMAIN,
            "delivery stream destination",
        ),
    )


LINKS: Links = {
    "AWS::Lambda::EventInvokeConfig": tuple(
        between("FunctionName", FUNCTION, f"DestinationConfig.{name}.Destination", _DESTINATIONS, by)
        for name, by in (("OnFailure", "on-failure destination"), ("OnSuccess", "on-success destination"))
    ),
    "AWS::Lambda::EventSourceMapping": (
        between(
            "FunctionName",
            FUNCTION,
            "DestinationConfig.OnFailure.Destination",
            QUEUE | TOPIC | BUCKET,
            "on-failure destination",
        ),
    ),
    "AWS::Lambda::Function": (to("DeadLetterConfig.TargetArn", QUEUE | TOPIC, "dead-letter queue"),),
    "AWS::Pipes::Pipe": (
        to("Target", QUEUE | STREAM | TOPIC | EVENT_BUS | DELIVERY_STREAM | LOG_GROUP, "pipe target"),
    ),
    "AWS::KinesisFirehose::DeliveryStream": _firehose(),
    "AWS::DynamoDB::Table": (to("KinesisStreamSpecification.StreamArn", STREAM, "change data capture"),),
    "AWS::IoT::TopicRule": (
        to("TopicRulePayload.Actions[].DynamoDB.TableName", TABLE, "IoT rule action"),
        to("TopicRulePayload.Actions[].DynamoDBv2.PutItem.TableName", TABLE, "IoT rule action"),
        to("TopicRulePayload.Actions[].S3.BucketName", BUCKET, "IoT rule action"),
    ),
    "AWS::SES::ReceiptRule": (to("Rule.Actions[].S3Action.BucketName", BUCKET, "receipt rule"),),
    "AWS::S3::Bucket": (
        to("ReplicationConfiguration.Rules[].Destination.Bucket", BUCKET, "replication", "Status"),
        to("InventoryConfigurations[].Destination.BucketArn", BUCKET, "inventory"),
        to(
            "AnalyticsConfigurations[].StorageClassAnalysis.DataExport.Destination.BucketArn",
            BUCKET,
            "storage class analysis",
        ),
    ),
    "AWS::AppSync::DataSource": (
        to("DynamoDBConfig.TableName", TABLE, "data source"),
        to("RelationalDatabaseConfig.RdsHttpEndpointConfig.DbClusterIdentifier", DATABASE, "data source"),
        to("EventBridgeConfig.EventBusArn", EVENT_BUS, "data source"),
        to("OpenSearchServiceConfig.Endpoint", SEARCH_DOMAIN, "data source"),
    ),
    "AWS::Athena::WorkGroup": (
        to("WorkGroupConfiguration.ResultConfiguration.OutputLocation", BUCKET, "query results"),
    ),
    "AWS::CodeBuild::Project": (to("Artifacts.Location", BUCKET, "artifacts"),),
    "AWS::CodePipeline::Pipeline": (
        to("ArtifactStore.Location", BUCKET, "artifacts"),
        to("ArtifactStores[].ArtifactStore.Location", BUCKET, "artifacts"),
    ),
    "AWS::Synthetics::Canary": (to("ArtifactS3Location", BUCKET, "artifacts"),),
    "AWS::CloudWatch::MetricStream": (to("FirehoseArn", DELIVERY_STREAM, "metric stream"),),
    "AWS::SES::ConfigurationSetEventDestination": (
        to("EventDestination.SnsDestination.TopicARN", TOPIC, "email events"),
        to("EventDestination.KinesisFirehoseDestination.DeliveryStreamARN", DELIVERY_STREAM, "email events"),
        to("EventDestination.EventBridgeDestination.EventBusArn", EVENT_BUS, "email events"),
    ),
}
PATHS = machines.PATHS + permissions.PATHS + api_calls.PATHS


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All writing in the stack."""
    yield from follow(graph, "writes", LINKS)
    yield from machines.find(graph, "writes")
    yield from code.joined(graph, "writes", permissions.find(graph, "writes"))
    yield from api_calls.find(graph, "writes")
