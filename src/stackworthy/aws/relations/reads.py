"""`reads`: the source reads data of the target, or may by the permissions under which its code runs."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.names import BUCKET, DATABASE, QUEUE, SEARCH_DOMAIN, STREAM, TABLE
from stackworthy.aws.relations import api_calls, code, machines, permissions
from stackworthy.aws.relations.links import Links, follow, to
from stackworthy.core.graph import Edge, Graph, LooseEnd

LINKS: Links = {
    "AWS::Pipes::Pipe": (to("Source", QUEUE | STREAM | TABLE, "pipe source"),),
    "AWS::KinesisFirehose::DeliveryStream": (
        to("KinesisStreamSourceConfiguration.KinesisStreamARN", STREAM, "delivery stream source"),
    ),
    "AWS::AppSync::DataSource": (
        to("DynamoDBConfig.TableName", TABLE, "data source"),
        to("RelationalDatabaseConfig.RdsHttpEndpointConfig.DbClusterIdentifier", DATABASE, "data source"),
        to("OpenSearchServiceConfig.Endpoint", SEARCH_DOMAIN, "data source"),
        to("ElasticsearchConfig.Endpoint", SEARCH_DOMAIN, "data source"),
    ),
    "AWS::Bedrock::DataSource": (
        to("DataSourceConfiguration.S3Configuration.BucketArn", BUCKET, "data source"),
    ),
    "AWS::Bedrock::KnowledgeBase": (
        to(
            "StorageConfiguration.OpensearchServerlessConfiguration.CollectionArn",
            SEARCH_DOMAIN,
            "vector store",
        ),
        to("StorageConfiguration.RdsConfiguration.ResourceArn", DATABASE, "vector store"),
    ),
    "AWS::CodeBuild::Project": (to("Source.Location", BUCKET, "source"),),
    "AWS::Glue::Crawler": (
        to("Targets.S3Targets[].Path", BUCKET, "crawler target"),
        to("Targets.DynamoDBTargets[].Path", TABLE, "crawler target"),
    ),
    "AWS::S3ObjectLambda::AccessPoint": (
        to("ObjectLambdaConfiguration.SupportingAccessPoint", BUCKET, "object Lambda"),
    ),
}
PATHS = machines.PATHS + permissions.PATHS + api_calls.PATHS


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All reading in the stack."""
    yield from follow(graph, "reads", LINKS)
    yield from machines.find(graph, "reads")
    yield from code.joined(graph, "reads", permissions.find(graph, "reads"))
    yield from api_calls.find(graph, "reads")
