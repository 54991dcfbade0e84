"""Amazon CloudWatch: alarms on what the stack does not have: a feature, a Region, an index, a failure that is counted."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws import metrics
from stackworthy.aws.alarms import ABOVE, Watched, in_words, named, targets, watched
from stackworthy.aws.metric_needs import lacking
from stackworthy.aws.paths import each
from stackworthy.aws.queues import dead_letter_queues
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Kinds, Rule
from stackworthy.core.value import NotKnown, Value, is_stated, known
from stackworthy.rules._alarms import DEAD, DETECTOR, DIMENSIONS, METRICS, example, fate

ALARM = "AWS::CloudWatch::Alarm"


class AlarmBlindToFailures(Rule):
    """The messages that SQS moves to a dead-letter queue are not counted as sent to it.

    `NumberOfMessagesSent` counts what senders put there, and nobody does. `ApproximateNumberOfMessagesVisible` is how many
    lie there.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm never sees a failed message: {why}; watch ApproximateNumberOfMessagesVisible"
    references = (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    )
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look for the wrong metric of a queue that takes failed messages."""
        if alarm["ComparisonOperator"] not in ABOVE:
            return
        for metric in watched(alarm):
            if metric.namespace != "AWS/SQS" or metric.name not in _BLIND:
                continue
            for _, queue in targets(metric):
                served = dead_letter_queues(alarm.graph)
                if queue.address in served and (
                    metric.name == "NumberOfMessagesSent" or not _is_read(queue, alarm)
                ):
                    yield alarm.finding(
                        f"{metric.at}MetricName", why=_BLIND[metric.name].format(queue=queue.name)
                    )

    def fix(self, finding: Finding) -> Fix | None:
        """Watch what lies in the queue."""
        return self.offer(finding.resource.set(finding.property, "ApproximateNumberOfMessagesVisible"))

    bad = example(
        "Namespace: AWS/SQS; MetricName: NumberOfMessagesSent; Dimensions: [{Name: QueueName, Value: !GetAtt Failed.QueueName}]",
        "Failed: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1209600}}",
        "Jobs:",
        "  Type: AWS::SQS::Queue",
        "  Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 5}}",
    )
    good = bad.replace("NumberOfMessagesSent", "ApproximateNumberOfMessagesVisible")


_BLIND = {
    "NumberOfMessagesSent": "those that SQS moves to {queue} are not counted as sent",
    "NumberOfMessagesReceived": "nothing of the stack receives from {queue}",
    "NumberOfMessagesDeleted": "nothing of the stack deletes from {queue}",
    "NumberOfEmptyReceives": "nothing of the stack receives from {queue}",
    "ApproximateNumberOfMessagesNotVisible": "messages are in flight while somebody holds them, and nothing of the stack receives from {queue}",
    "ApproximateNumberOfMessagesDelayed": "those that SQS moves to {queue} are not delayed",
}


def _is_read(queue: Resource, alarm: Resource) -> bool:
    """Whether something takes messages from the queue, or the alarm is about its quota; raises `NotKnown`."""
    graph = queue.graph
    return bool(
        alarm["Threshold"] > 100 or graph.edges_from(queue, "triggers") or graph.edges_to(queue, "reads")
    )


class AlarmOnFeatureLeftOff(Rule):
    """Some metrics are published only for what is turned on, and the stack leaves it off.

    Request metrics of a bucket need a metrics configuration, provisioned capacity is not a metric of a table on demand,
    and only records of a stream have an age.
    """

    on = Kinds((ALARM, DETECTOR))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = (
        "this {fate}: {metric} of {target} is not published, {why}; turn it on, or watch what is published"
    )
    references = (
        METRICS,
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-request-metrics-bucket.html",
    )
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look at what a metric needs, on the resource of the stack that it is about."""
        for metric in watched(alarm):
            for _, target in targets(metric) if metric.known else ():
                why = lacking(metric, target)
                if why:
                    yield alarm.finding(
                        f"{metric.at}MetricName",
                        fate=fate(alarm),
                        metric=metric.name,
                        target=target.name,
                        why=why,
                    )
                    break

    bad = (
        example(
            "Namespace: AWS/S3; MetricName: 5xxErrors; "
            "Dimensions: [{Name: BucketName, Value: !Ref Reports}, {Name: FilterId, Value: EntireBucket}]",
            "Reports: {Type: AWS::S3::Bucket}",
        ),
        example(
            "Namespace: AWS/Lambda; MetricName: IteratorAge; Dimensions: [{Name: FunctionName, Value: !Ref Fn}]",
            "Fn: {Type: AWS::Lambda::Function, Properties: {Timeout: 10}}",
        ),
    )
    good = (
        bad[0].replace(
            "{Type: AWS::S3::Bucket}",
            "{Type: AWS::S3::Bucket, Properties: {MetricsConfigurations: [{Id: EntireBucket}]}}",
        ),
        bad[1].replace("IteratorAge", "Errors"),
    )


class AlarmInOtherRegion(Rule):
    """An alarm sees the metrics of its own Region only, and some services publish in one Region for the whole world.

    CloudFront, Route 53 and billing publish in us-east-1, CloudFront by the dimension `Region` whose value is always
    `Global`.
    """

    on = Kinds((ALARM, DETECTOR))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: {metric} is published in {published}, and it looks in {here}; {instead}"
    references = (
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html",
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html",
    )
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the alarm's Region against the one that its metrics are published in."""
        for metric in watched(alarm):
            facts: dict[str, Value] = {"fate": fate(alarm), "metric": metric.name}
            if metric.namespace == "AWS/CloudFront" and "Region" in metric.dimensions:
                stated = metric.dimensions["Region"]
                if stated != "Global":
                    yield alarm.finding(
                        metric.value_path("Region"),
                        published="the Region Global",
                        here=stated,
                        instead="state Global",
                        **facts,
                    )
            where = _region(metric)
            if not where:
                continue
            if not alarm.region:
                raise NotKnown(f"the Region of {alarm.name} is not known")
            if alarm.region != where:
                yield alarm.finding(
                    f"{metric.at}Namespace",
                    published=where,
                    here=alarm.region,
                    instead=f"deploy the alarm in {where}",
                    **facts,
                )

    def fix(self, finding: Finding) -> Fix | None:
        """Write the one value that the dimension has; no edit moves an alarm."""
        if finding.property.endswith("Namespace"):
            return None
        return self.offer(finding.resource.set(finding.property, "Global"))

    bad = example(
        "Namespace: AWS/CloudFront; MetricName: 5xxErrorRate; "
        "Dimensions: [{Name: DistributionId, Value: E1}, {Name: Region, Value: eu-west-1}]"
    )
    good = example(
        "Namespace: AWS/Lambda; MetricName: Errors; Dimensions: [{Name: FunctionName, Value: orders}]"
    )


def _region(metric: Watched) -> str:
    """The Region that the metric is published in; "" when it is the alarm's own, as far as can be seen."""
    if metric.namespace in ("AWS/CloudFront", "AWS/Billing", "AWS/Route53"):
        return "us-east-1"
    for _, target in targets(metric):
        if target.kind == "AWS::WAFv2::WebACL" and target["Scope"] == "CLOUDFRONT":
            return "us-east-1"
        if target.region and metric.alarm.region:
            return target.region
    return ""


class AlarmTargetAbsent(Rule):
    """An alarm on an index that the table lacks, or on a stage that the API lacks, has no data."""

    on = Kinds((ALARM, DETECTOR))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: {target} has no {part} named {value}; it has {names}"
    references = (METRICS,)
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look the value of a dimension up among the parts of the resource that the alarm is about."""
        for metric in watched(alarm):
            for _, target in targets(metric):
                for dimension, part, names in _parts(metric, target):
                    value = metric.dimensions[dimension]
                    if not any(name == value for name in names):
                        yield alarm.finding(
                            metric.value_path(dimension),
                            fate=fate(alarm),
                            target=target.name,
                            part=part,
                            value=value,
                            names=", ".join(str(name) for name in names) or "none",
                        )

    bad = example(
        "Namespace: AWS/DynamoDB; MetricName: ReadThrottleEvents; "
        "Dimensions: [{Name: TableName, Value: !Ref Orders}, {Name: GlobalSecondaryIndexName, Value: byday}]",
        "Orders:",
        "  Type: AWS::DynamoDB::Table",
        "  Properties: {GlobalSecondaryIndexes: [{IndexName: byDay}]}",
    )
    good = bad.replace("Value: byday", "Value: byDay")


def _parts(metric: Watched, target: Resource) -> Iterable[tuple[str, str, list[str]]]:
    """The dimensions that name a part of the target, what that part is, and the names that there are."""
    if target.kind == "AWS::DynamoDB::Table" and "GlobalSecondaryIndexName" in metric.dimensions:
        indexes = target["GlobalSecondaryIndexes"]
        yield "GlobalSecondaryIndexName", "index", [one["IndexName"] for one in indexes]
    kinds = {
        "AWS::ApiGateway::RestApi": ("AWS::ApiGateway::Stage", "RestApiId"),
        "AWS::ApiGatewayV2::Api": ("AWS::ApiGatewayV2::Stage", "ApiId"),
    }
    found = kinds.get(target.kind or "")
    if not found or "Stage" not in metric.dimensions or target.graph.of("AWS::ApiGateway::Deployment"):
        return
    kind, attribute = found
    names = []
    for stage in target.graph.of(kind):
        owner = named(target.graph, stage[attribute], frozenset({target.kind or ""}))
        if owner is target and is_stated(stage["StageName"]):
            names.append(stage["StageName"])
    if names and known(metric.dimensions["Stage"]):
        yield "Stage", "stage", names


class AlarmDimensionNotOfMetricFilter(Rule):
    """A metric filter publishes its metric by the dimensions that it states, and by no others.

    Filters mostly have none, and an alarm that adds a function's name then looks at a metric that nobody publishes.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    confidence = Confidence.MEDIUM
    message = "this {fate}: the metric filter {filter} publishes {metric} {published}, never {asked}; state the same here"
    references = (
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringPolicyExamples.html",
        DIMENSIONS,
    )
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the alarm's dimensions against those of the filters that make the metric."""
        for metric in watched(alarm):
            if metric.namespace in metrics.namespaces():
                continue
            asked = frozenset(metric.dimensions)
            found = _filters(metric)
            if found and not any(names == asked for _, names in found):
                log_filter, names = found[0]
                yield alarm.finding(
                    f"{metric.at}Dimensions" if asked else f"{metric.at}MetricName",
                    fate=fate(alarm),
                    filter=log_filter.name,
                    metric=metric.name,
                    published=in_words(names),
                    asked=in_words(asked),
                )

    bad = example(
        "Namespace: Shop; MetricName: Declined; Dimensions: [{Name: FunctionName, Value: pay}]",
        "Declined:",
        "  Type: AWS::Logs::MetricFilter",
        "  Properties:",
        "    LogGroupName: /shop/pay",
        "    FilterPattern: declined",
        "    MetricTransformations: [{MetricNamespace: Shop, MetricName: Declined, MetricValue: '1'}]",
    )
    good = bad.replace("Dimensions: [{Name: FunctionName, Value: pay}]", "Dimensions: []")


def _filters(metric: Watched) -> list[tuple[Resource, frozenset[str]]]:
    """The metric filters of the stack that make the metric, each with the names of its dimensions."""
    found = []
    for log_filter in metric.alarm.graph.of("AWS::Logs::MetricFilter"):
        for item in each(log_filter, "MetricTransformations[]"):
            made = item.value
            if made["MetricNamespace"] == metric.namespace and made["MetricName"] == metric.name:
                names = frozenset(str(one["Key"]) for one in made["Dimensions"])
                found.append((log_filter, names))
    return found


RULES = (
    AlarmBlindToFailures(),
    AlarmOnFeatureLeftOff(),
    AlarmInOtherRegion(),
    AlarmTargetAbsent(),
    AlarmDimensionNotOfMetricFilter(),
)
