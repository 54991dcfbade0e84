"""What has to be turned on before AWS publishes a metric, and whether the stack does so.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html and the page of
each service that it links to.
"""

from __future__ import annotations

from collections.abc import Callable

from stackworthy.aws.alarms import Watched
from stackworthy.aws.arns import resolve
from stackworthy.aws.event_sources import asynchronous_settings, reads_stream
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown, Unknown, is_stated

_DETAILED = {"Resource", "Method", "Route"}


def lacking(metric: Watched, target: Resource) -> str:
    """Why the metric is not published for this resource of the stack, "" when nothing says so. Raises `NotKnown`."""
    look = _NEEDS.get((metric.namespace, target.kind or ""))
    return look(metric, target) if look is not None and metric.known is not None else ""


def _needs(metric: Watched) -> str:
    return metric.known.requires if metric.known is not None else ""


def _bucket(metric: Watched, bucket: Resource) -> str:
    if "FilterId" in metric.dimensions:
        wanted = metric.dimensions["FilterId"]
        if not bucket["MetricsConfigurations"].any_of(lambda one: one["Id"] == wanted):
            return "because the bucket has no metrics configuration with this FilterId"
    elif (
        "SourceBucket" in metric.dimensions
        and resolve(bucket.graph, metric.dimensions["SourceBucket"], frozenset({"AWS::S3::Bucket"})) is bucket
    ):
        rules = bucket["ReplicationConfiguration.Rules"]
        if not rules.any_of(lambda one: one["Destination"]["Metrics"]["Status"] == "Enabled"):
            return "because no replication rule of the bucket has metrics on"
    return ""


def _table(metric: Watched, table: Resource) -> str:
    needs, name = _needs(metric), metric.name
    on_demand = "because the table is on demand"
    if needs == "PROVISIONED mode" and table["BillingMode"] == "PAY_PER_REQUEST":
        return on_demand
    if name == "TimeToLiveDeletedItemCount" and not table["TimeToLiveSpecification.Enabled"]:
        return "because items of the table have no time to live"
    if "DelegatedOperation" in metric.dimensions and not is_stated(table["KinesisStreamSpecification"]):
        return "because the table has no Kinesis stream"
    return ""


def _function(metric: Watched, function: Resource) -> str:
    if metric.name == "IteratorAge":
        return "" if reads_stream(function) else "because the function reads no stream"
    if metric.name == "DeadLetterErrors" and not is_stated(function["DeadLetterConfig.TargetArn"]):
        return "because the function has no dead-letter queue"
    if metric.name == "DestinationDeliveryFailures":
        found = asynchronous_settings(function).any_of(lambda one: is_stated(one["DestinationConfig"]))
        if not found and not function.graph.of("AWS::Lambda::EventSourceMapping"):
            return "because the function has no destination"
    if metric.name.startswith("ProvisionedConcurren"):
        return _provisioned(function)
    return ""


def _provisioned(function: Resource) -> str:
    graph = function.graph
    if graph.of("AWS::ApplicationAutoScaling::ScalableTarget"):
        return ""
    for version in graph.of("AWS::Lambda::Alias", "AWS::Lambda::Version"):
        owner = resolve(graph, version["FunctionName"], frozenset({"AWS::Lambda::Function"}))
        if isinstance(owner, Unknown):
            raise NotKnown(owner.reason)
        if owner is function and is_stated(version["ProvisionedConcurrencyConfig"]):
            return ""
    return "because no alias or version of the function has provisioned concurrency"


def _mapping(metric: Watched, mapping: Resource) -> str:
    if "MetricsConfig" in _needs(metric) and "EventCount" not in mapping["MetricsConfig.Metrics"]:
        return "because the event source mapping leaves EventCount out of MetricsConfig"
    if metric.name == "ProvisionedPollers" and not is_stated(mapping["ProvisionedPollerConfig"]):
        return "because the event source mapping has no provisioned pollers"
    return ""


def _insights(_: Watched, function: Resource) -> str:
    if function["PackageType"] == "Image":
        return ""
    layers = function["Layers"]
    if layers.any_of(lambda one: not isinstance(one, str) or "Insights" in one):
        return ""
    return "because the function has no layer with the Lambda Insights extension"


def _stages(api: Resource, kind: str, attribute: str, wanted: str) -> list[Resource]:
    found = []
    for stage in api.graph.of(kind):
        owner = resolve(api.graph, stage[attribute], frozenset({api.kind or ""}))
        if isinstance(owner, Unknown):
            raise NotKnown(owner.reason)
        if owner is api and (not wanted or stage["StageName"] == wanted):
            found.append(stage)
    return found


def _stage_name(metric: Watched) -> str:
    value = metric.dimensions.get("Stage")
    return value if isinstance(value, str) else ""


def _rest(metric: Watched, api: Resource) -> str:
    stages = _stages(api, "AWS::ApiGateway::Stage", "RestApiId", _stage_name(metric))
    if not stages:
        return ""
    if _DETAILED & metric.dimensions.keys() and not any(
        stage["MethodSettings"].any_of(lambda one: one["MetricsEnabled"]) for stage in stages
    ):
        return "because detailed metrics of the stage are off (MetricsEnabled)"
    if metric.name.startswith("Cache") and not any(stage["CacheClusterEnabled"] for stage in stages):
        return "because the stage has no cache"
    return ""


def _http(metric: Watched, api: Resource) -> str:
    if not _DETAILED & metric.dimensions.keys():
        return ""
    stages = _stages(api, "AWS::ApiGatewayV2::Stage", "ApiId", _stage_name(metric))
    for stage in stages:
        if stage["DefaultRouteSettings.DetailedMetricsEnabled"]:
            return ""
        if any(one["DetailedMetricsEnabled"] for one in stage["RouteSettings"].values()):
            return ""
    return "because detailed metrics of the stage are off (DetailedMetricsEnabled)" if stages else ""


def _distribution(metric: Watched, distribution: Resource) -> str:
    if "MonitoringSubscription" not in _needs(metric):
        return ""
    graph = distribution.graph
    for subscription in graph.of("AWS::CloudFront::MonitoringSubscription"):
        owner = resolve(graph, subscription["DistributionId"], frozenset({"AWS::CloudFront::Distribution"}))
        if isinstance(owner, Unknown):
            raise NotKnown(owner.reason)
        config = "MonitoringSubscription.RealtimeMetricsSubscriptionConfig.RealtimeMetricsSubscriptionStatus"
        if owner is distribution and subscription[config] == "Enabled":
            return ""
    return "because the distribution has no monitoring subscription for additional metrics"


def _stream(metric: Watched, stream: Resource) -> str:
    if "ShardId" not in metric.dimensions:
        return ""
    wanted = stream["DesiredShardLevelMetrics"]
    if wanted.any_of(lambda one: one in ("ALL", metric.name)):
        return ""
    return "because the stream leaves it out of its shard-level metrics"


def _cluster(metric: Watched, cluster: Resource) -> str:
    enough = ("enhanced",) if "=enhanced" in _needs(metric) else ("enabled", "enhanced")
    settings = cluster["ClusterSettings"]
    if settings.any_of(lambda one: one["Name"] == "containerInsights" and one["Value"] in enough):
        return ""
    return f"because the cluster's containerInsights is not {enough[0]}"


def _health_check(metric: Watched, check: Resource) -> str:
    if "MeasureLatency" in _needs(metric) and not check["HealthCheckConfig.MeasureLatency"]:
        return "because the health check does not measure latency"
    return ""


def _web_acl(metric: Watched, acl: Resource) -> str:
    everything = metric.dimensions.get("Rule") == "ALL"
    if everything and not acl["VisibilityConfig.CloudWatchMetricsEnabled"]:
        return "because metrics of the web ACL are off (CloudWatchMetricsEnabled)"
    return ""


def _state_machine(metric: Watched, machine: Resource) -> str:
    if _needs(metric) == "EXPRESS type" and machine["StateMachineType"] != "EXPRESS":
        return "because the state machine is no express workflow"
    return ""


def _queue(metric: Watched, queue: Resource) -> str:
    if _needs(metric) == "FIFO queue" and not queue["FifoQueue"]:
        return "because the queue is no FIFO queue"
    return ""


def _delivery_stream(metric: Watched, stream: Resource) -> str:
    if _needs(metric) == "Kinesis source" and stream["DeliveryStreamType"] != "KinesisStreamAsSource":
        return "because the delivery stream does not read a Kinesis stream"
    return ""


def _user_pool(metric: Watched, pool: Resource) -> str:
    mode = pool["UserPoolAddOns.AdvancedSecurityMode"]
    if "threat protection" in _needs(metric) and mode not in ("AUDIT", "ENFORCED"):
        return "because threat protection of the user pool is off"
    return ""


_NEEDS: dict[tuple[str, str], Callable[[Watched, Resource], str]] = {
    ("AWS/S3", "AWS::S3::Bucket"): _bucket,
    ("AWS/DynamoDB", "AWS::DynamoDB::Table"): _table,
    ("AWS/Lambda", "AWS::Lambda::Function"): _function,
    ("AWS/Lambda", "AWS::Lambda::EventSourceMapping"): _mapping,
    ("LambdaInsights", "AWS::Lambda::Function"): _insights,
    ("AWS/ApiGateway", "AWS::ApiGateway::RestApi"): _rest,
    ("AWS/ApiGateway", "AWS::ApiGatewayV2::Api"): _http,
    ("AWS/CloudFront", "AWS::CloudFront::Distribution"): _distribution,
    ("AWS/Kinesis", "AWS::Kinesis::Stream"): _stream,
    ("ECS/ContainerInsights", "AWS::ECS::Cluster"): _cluster,
    ("AWS/Route53", "AWS::Route53::HealthCheck"): _health_check,
    ("AWS/WAFV2", "AWS::WAFv2::WebACL"): _web_acl,
    ("AWS/States", "AWS::StepFunctions::StateMachine"): _state_machine,
    ("AWS/SQS", "AWS::SQS::Queue"): _queue,
    ("AWS/Firehose", "AWS::KinesisFirehose::DeliveryStream"): _delivery_stream,
    ("AWS/Cognito", "AWS::Cognito::UserPool"): _user_pool,
}
