"""Amazon CloudWatch: alarms that can never fire, and alarms that nobody hears."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.alarms import (
    ABOVE,
    SHARES,
    Watched,
    can_be_written,
    fitting_value,
    in_words,
    published,
    watched,
)
from stackworthy.aws.event_sources import reads_stream
from stackworthy.aws.queues import dead_letter_queues
from stackworthy.aws.relations.dimensions import DIMENSIONS
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, AddResource, Fix, Unsafe
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Kinds, Rule
from stackworthy.core.value import ABSENT, Map, Value, is_stated, joined

DEAD = ("dead-alarm",)
ALARM = "AWS::CloudWatch::Alarm"

_METRICS = (
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html"
)
_DIMENSIONS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html"
_ALARMS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html"

_REST = {"5xx": "5XXError", "4xx": "4XXError"}
_HTTP = {"5XXError": "5xx", "4XXError": "4xx"}
_THROTTLES = ("UserErrors", "ThrottledRequests")


def _alarm(metric: str, *resources: str) -> str:
    """An example: an alarm on a metric, and the resources that it is about."""
    lines = """
        Alarm:
          Type: AWS::CloudWatch::Alarm
          Properties:
            Statistic: Sum
            Period: 300
            EvaluationPeriods: 1
            Threshold: 5
            ComparisonOperator: GreaterThanThreshold
            AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:ops']
    """.rstrip()
    return "\n        ".join([lines, *(f"    {line}" for line in metric.split("; ")), *resources]) + "\n"


def fate(alarm: Resource) -> str:
    """What becomes of an alarm whose metric never has a datapoint."""
    if is_stated(alarm["Metrics"]):
        return "lacks a metric that it computes with"
    return "is always red" if alarm["TreatMissingData"] == "breaching" else "can never fire"


class AlarmDimensionNeverPublished(Rule):
    """An alarm on a combination of dimensions that AWS never publishes has no data, today and always.

    CloudWatch takes any dimensions and never says that no metric has them. Each combination is a metric of its own:
    leaving one dimension out does not add up the others. The alarm stands in the console as insufficient data, or as
    OK, while the fault it was made for happens.
    """

    on = Kinds((ALARM, "AWS::CloudWatch::AnomalyDetector"))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm {fate}: {metric} is published {published}, never {asked}; {instead}"
    references = (_METRICS, _DIMENSIONS)
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the dimensions of each metric against those it is published for."""
        for metric in watched(alarm):
            names = frozenset(metric.dimensions)
            if not metric.known or metric.known.is_published_for(names) or _of_other_api(metric):
                continue
            yield alarm.finding(
                f"{metric.at}Dimensions",
                fate=fate(alarm),
                metric=metric.name,
                published=published(metric.known, names),
                asked=in_words(names),
                instead=metric.known.instead or "state dimensions that it has",
            )

    def fix(self, finding: Finding) -> Fix | None:
        """Watch what was meant, where the catalogue knows: the throttles of a table, reads and writes."""
        alarm = finding.resource
        properties = alarm.all_properties()
        if finding.property != "Dimensions" or finding.evidence["metric"] not in _THROTTLES:
            return None
        if len(alarm["Dimensions"]) != 1 or not can_be_written(Map(properties)):
            return None
        writes = Map(properties)
        writes["MetricName"] = "WriteThrottleEvents"
        if "AlarmName" in writes:
            writes["AlarmName"] = joined((writes["AlarmName"], "-writes"))
        added = AddResource(ALARM, f"{alarm.name}Writes", writes, alarm)
        return self.offer(alarm.set("MetricName", "ReadThrottleEvents"), added)

    bad = _alarm(
        "Namespace: AWS/DynamoDB; MetricName: UserErrors; Dimensions: [{Name: TableName, Value: !Ref Orders}]",
        "Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}",
    )
    good = bad.replace("UserErrors", "ReadThrottleEvents")


def _of_other_api(metric: Watched) -> bool:
    """Whether the metric belongs to another kind of API than the one that the alarm names: another rule says so."""
    if metric.namespace != "AWS/ApiGateway" or not metric.known:
        return False
    for name in ("ApiId", "ApiName"):
        if name in metric.dimensions:
            return not any(name in one.split("+") for one in metric.known.dimensions)
    return False


class AlarmMetricOfOtherApi(Rule):
    """REST APIs and HTTP APIs publish the same errors under different names, and neither knows the other's.

    A REST API has `5XXError` and `4XXError` by `ApiName`, an HTTP API has `5xx` and `4xx` by `ApiId`. An alarm that mixes
    them up has no data.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = (
        "this alarm {fate}: {metric} is a metric of {others}, and it names the API by {dimension}; {instead}"
    )
    references = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html",
    )
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look at metrics of APIs that are not published for the dimension that names the API."""
        for metric in watched(alarm):
            if _of_other_api(metric):
                by_id = "ApiId" in metric.dimensions
                name = (_HTTP if by_id else _REST).get(metric.name, "")
                yield alarm.finding(
                    f"{metric.at}MetricName",
                    fate=fate(alarm),
                    metric=metric.name,
                    others="REST APIs" if by_id else "HTTP and WebSocket APIs",
                    dimension="ApiId" if by_id else "ApiName",
                    instead=f"watch {name}" if name else "watch a metric of this kind of API",
                )

    def fix(self, finding: Finding) -> Fix | None:
        """Watch the metric that means the same for this kind of API."""
        metric = finding.evidence["metric"]
        name = _HTTP.get(metric) or _REST.get(metric)
        return self.offer(finding.resource.set(finding.property, name)) if name else None

    bad = _alarm(
        "Namespace: AWS/ApiGateway; MetricName: 5XXError; Dimensions: [{Name: ApiId, Value: !Ref Api}]",
        "Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: orders, ProtocolType: HTTP}}",
    )
    good = bad.replace("5XXError", "5xx")


class AlarmDimensionOfOtherForm(Rule):
    """A dimension that holds an ARN or URL where the metric has a name, or the other way round, matches nothing.

    `!Ref` gives the ARN of a topic, the URL of a queue and the id of an API, and CloudWatch takes each of them for a name.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm {fate}: {value} is not what the dimension {dimension} holds"
    references = (_METRICS, _DIMENSIONS)
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look at the resources that the alarm's dimensions name, and by what."""
        for edge in alarm.graph.edges_from(alarm, "watches"):
            if not _misnamed(edge):
                continue
            path, dimension = edge.details["path"], edge.details["dimension"]
            for metric in watched(alarm):
                if metric.at.rstrip(".") == path:
                    yield alarm.finding(
                        metric.value_path(dimension),
                        fate=fate(alarm),
                        value=metric.dimensions[dimension],
                        dimension=dimension,
                    )

    def fix(self, finding: Finding) -> Fix | None:
        """Name the resource by what the metric knows it by."""
        alarm, dimension = finding.resource, finding.evidence["dimension"]
        for edge in alarm.graph.edges("watches").by_source.get(alarm.address, ()):
            if _misnamed(edge) and edge.details["dimension"] == dimension:
                attributes = DIMENSIONS[edge.details["Namespace"]][dimension].attributes
                value = fitting_value(edge, attributes)
                return self.offer(alarm.set(finding.property, value)) if value != ABSENT else None
        return None

    bad = _alarm(
        "Namespace: AWS/SNS; MetricName: NumberOfNotificationsFailed; Dimensions: [{Name: TopicName, Value: !Ref Orders}]",
        "Orders: {Type: AWS::SNS::Topic}",
    )
    good = bad.replace("!Ref Orders", "!GetAtt Orders.TopicName")


def _misnamed(edge: Edge) -> bool:
    return edge.details.get("fits") is False


class AlarmPeriodTooShort(Rule):
    """A metric that is published once a day has no data in most of an alarm's five-minute periods.

    The alarm falls back to insufficient data a moment after each datapoint, whatever its value.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm {fate}: {metric} has a datapoint every {every} s, and the alarm looks at {period} s at a time"
    references = (_METRICS, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html")
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the period against the metric's own."""
        for metric in watched(alarm):
            if not metric.known or metric.known.period <= 300:
                continue
            period = alarm[metric.period_path]
            if period * alarm["EvaluationPeriods"] < metric.known.period:
                yield alarm.finding(
                    metric.period_path,
                    fate=fate(alarm),
                    metric=metric.name,
                    every=metric.known.period,
                    period=period,
                )

    def fix(self, finding: Finding) -> Fix | None:
        """Look at one datapoint at a time."""
        return self.offer(finding.resource.set(finding.property, finding.evidence["every"]))

    bad = _alarm(
        "Namespace: AWS/S3; MetricName: BucketSizeBytes; "
        "Dimensions: [{Name: BucketName, Value: reports}, {Name: StorageType, Value: StandardStorage}]"
    )
    good = bad.replace("Period: 300", "Period: 86400")


class AlarmThresholdOutOfReach(Rule):
    """A threshold that the metric cannot pass makes an alarm that cannot fire.

    The average of an error metric is a share between 0 and 1, not a percentage, and its maximum is 1. A function's
    duration ends at its timeout, and is counted in milliseconds.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm can never fire: the {statistic} of {metric} is {most} at most, the threshold is {threshold}"
    references = (_METRICS, _ALARMS)
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the threshold against the most that the statistic can be."""
        if is_stated(alarm["Metrics"]) or alarm["ComparisonOperator"] not in ABOVE:
            return
        for metric in watched(alarm):
            statistic, threshold = metric.statistic, alarm["Threshold"]
            most = _most(metric) if statistic in SHARES or statistic.startswith("p") else ABSENT
            if most != ABSENT and _is_beyond(threshold, most, alarm["ComparisonOperator"]):
                yield alarm.finding(
                    "Threshold", statistic=statistic, metric=metric.name, most=most, threshold=threshold
                )

    bad = (
        _alarm(
            "Namespace: AWS/ApiGateway; MetricName: 5XXError; Dimensions: [{Name: ApiName, Value: orders}]"
        ).replace("Statistic: Sum", "Statistic: Average"),
        _alarm(
            "Namespace: AWS/Lambda; MetricName: Duration; Dimensions: [{Name: FunctionName, Value: !Ref Fn}]",
            "Fn: {Type: AWS::Lambda::Function, Properties: {Timeout: 10}}",
        )
        .replace("Statistic: Sum", "Statistic: Maximum")
        .replace("Threshold: 5", "Threshold: 12000"),
    )
    good = (bad[0].replace("Threshold: 5", "Threshold: 0.05"), bad[1].replace("12000", "8000"))


def _most(metric: Watched) -> Value:
    """The most that a sample of the metric can be, or absent."""
    if metric.known and metric.known.most:
        return metric.known.most
    if metric.namespace == "AWS/Lambda" and metric.name == "Duration":
        for edge in metric.alarm.graph.edges("watches").by_source.get(metric.alarm.address, ()):
            if edge.target.kind == "AWS::Lambda::Function" and edge.by == "metric":
                return 1000 * edge.target["Timeout"]
    return ABSENT


def _is_beyond(threshold: Value, most: Value, operator: Value) -> bool:
    return bool(threshold >= most if operator == "GreaterThanThreshold" else threshold > most)


class AlarmBlindToFailures(Rule):
    """The messages that SQS moves to a dead-letter queue are not counted as sent to it.

    `NumberOfMessagesSent` counts what senders put there, and nobody does. `ApproximateNumberOfMessagesVisible` is how many
    lie there.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = (
        "this alarm never sees a failed message: those that SQS moves to {queue} are not counted as sent"
    )
    references = (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    )
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look for the wrong metric of a queue that takes failed messages."""
        for metric in watched(alarm):
            if (metric.namespace, metric.name) != ("AWS/SQS", "NumberOfMessagesSent"):
                continue
            for queue in alarm.graph.targets(alarm, "watches"):
                if queue.address in dead_letter_queues(alarm.graph) and alarm["ComparisonOperator"] in ABOVE:
                    yield alarm.finding(f"{metric.at}MetricName", queue=queue.name)

    def fix(self, finding: Finding) -> Fix | None:
        """Watch what lies in the queue."""
        return self.offer(finding.resource.set(finding.property, "ApproximateNumberOfMessagesVisible"))

    bad = _alarm(
        "Namespace: AWS/SQS; MetricName: NumberOfMessagesSent; Dimensions: [{Name: QueueName, Value: !GetAtt Failed.QueueName}]",
        "Failed: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1209600}}",
        "Jobs:",
        "  Type: AWS::SQS::Queue",
        "  Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 5}}",
    )
    good = bad.replace("NumberOfMessagesSent", "ApproximateNumberOfMessagesVisible")


class AlarmOnFeatureLeftOff(Rule):
    """Some metrics are published only for what is turned on, and the stack leaves it off.

    Request metrics of a bucket need a metrics configuration, provisioned capacity is not a metric of a table on demand,
    and only records of a stream have an age.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm {fate}: {metric} of {target} is not published, {why}"
    references = (
        _METRICS,
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-request-metrics-bucket.html",
    )
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look at what a metric needs, on the resource of the stack that it is about."""
        for metric in watched(alarm):
            if not metric.known or (
                (metric.namespace, metric.name) not in FEATURES and "FilterId" not in metric.dimensions
            ):
                continue
            for edge in alarm.graph.edges("watches").by_source.get(alarm.address, ()):
                why = _lacks(metric, edge.target) if edge.by == "metric" else ""
                if why:
                    yield alarm.finding(
                        f"{metric.at}MetricName",
                        fate=fate(alarm),
                        metric=metric.name,
                        target=edge.target.name,
                        why=why,
                    )

    bad = (
        _alarm(
            "Namespace: AWS/S3; MetricName: 5xxErrors; "
            "Dimensions: [{Name: BucketName, Value: !Ref Reports}, {Name: FilterId, Value: EntireBucket}]",
            "Reports: {Type: AWS::S3::Bucket}",
        ),
        _alarm(
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


FEATURES = {
    ("AWS/DynamoDB", "ProvisionedReadCapacityUnits"),
    ("AWS/DynamoDB", "ProvisionedWriteCapacityUnits"),
    ("AWS/Lambda", "IteratorAge"),
    ("AWS/Lambda", "DeadLetterErrors"),
}


def _lacks(metric: Watched, target: Resource) -> str:
    """Why the metric is not published for a resource of the stack; "" when it is. Raises `NotKnown`."""
    if target.kind == "AWS::S3::Bucket" and "FilterId" in metric.dimensions:
        wanted = metric.dimensions["FilterId"]
        if not target["MetricsConfigurations"].any_of(lambda one: one["Id"] == wanted):
            return "because the bucket has no metrics configuration with this FilterId"
    if target.kind == "AWS::DynamoDB::Table" and metric.name.startswith("Provisioned"):
        return "because the table is on demand" if target["BillingMode"] == "PAY_PER_REQUEST" else ""
    if target.kind == "AWS::Lambda::Function" and metric.name == "IteratorAge":
        return "" if reads_stream(target) else "because the function reads no stream"
    if target.kind == "AWS::Lambda::Function" and metric.name == "DeadLetterErrors":
        return (
            ""
            if is_stated(target["DeadLetterConfig.TargetArn"])
            else "because the function has no dead-letter queue"
        )
    return ""


class AlarmWithoutAction(Rule):
    """An alarm without an action changes colour in the console, and tells nobody.

    Alarms that something else looks at are left out: a composite alarm, a deployment that rolls back, a health check.
    """

    on = Kinds((ALARM, "AWS::CloudWatch::CompositeAlarm"))
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "when this alarm fires, nobody is told: it has no action"
    references = (_ALARMS,)
    equivalents = ("CloudWatch.15",)
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look for an action, or for something that looks at the alarm."""
        if alarm["AlarmActions"]:
            return
        graph = alarm.graph
        if not graph.edges_to(alarm, "watches") and not graph.edges_from(alarm, "protects"):
            yield alarm.finding("AlarmActions")

    bad = _alarm("Namespace: Shop; MetricName: FailedOrders").replace(
        "AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:ops']", "AlarmActions: []"
    )
    good = _alarm("Namespace: Shop; MetricName: FailedOrders")


class AlarmActionsOff(Rule):
    """Somebody turned the actions of an alarm off, and it tells nobody until they are on again."""

    on = Kinds((ALARM, "AWS::CloudWatch::CompositeAlarm"))
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "when this alarm fires, nobody is told: its actions are off"
    references = (_ALARMS,)
    equivalents = ("CKV_AWS_319", "CloudWatch.17")
    tags = DEAD
    fix_safety = Unsafe("the alarm's actions are then carried out")

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look at alarms that have actions."""
        if alarm["AlarmActions"] and not alarm["ActionsEnabled"]:
            yield alarm.finding("ActionsEnabled")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn them on."""
        return self.offer(finding.resource.set("ActionsEnabled", True))

    bad = _alarm("Namespace: Shop; MetricName: FailedOrders; ActionsEnabled: false")
    good = bad.replace("ActionsEnabled: false", "ActionsEnabled: true")


RULES = (
    AlarmDimensionNeverPublished(),
    AlarmMetricOfOtherApi(),
    AlarmDimensionOfOtherForm(),
    AlarmPeriodTooShort(),
    AlarmThresholdOutOfReach(),
    AlarmBlindToFailures(),
    AlarmOnFeatureLeftOff(),
    AlarmWithoutAction(),
    AlarmActionsOff(),
)
