"""Amazon CloudWatch: alarms on metrics that do not exist, by name, dimension or value."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws import metrics
from stackworthy.aws.alarms import (
    Watched,
    can_be_written,
    fitting_value,
    in_words,
    named,
    published,
    targets,
    watched,
)
from stackworthy.aws.names import HTTP_API, REST_API
from stackworthy.aws.relations.dimensions import DIMENSIONS as FORMS
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, AddResource, Fix
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Kinds, Rule
from stackworthy.core.value import ABSENT, List, Map, Reference, is_stated, joined, show
from stackworthy.rules._alarms import DEAD, DETECTOR, DIMENSIONS, METRICS, example, fate

_APIS = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html",
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html",
)
_REST = {"5xx": "5XXError", "4xx": "4XXError"}
_HTTP = {"5XXError": "5xx", "4XXError": "4xx"}
_THROTTLES = ("UserErrors", "ThrottledRequests")

ALARM = "AWS::CloudWatch::Alarm"


class AlarmDimensionNeverPublished(Rule):
    """An alarm on a combination of dimensions that AWS never publishes has no data, today and always.

    CloudWatch takes any dimensions and never says that no metric has them. Each combination is a metric of its own:
    leaving one dimension out does not add up the others. The alarm stands in the console as insufficient data, or as
    OK, while the fault it was made for happens.
    """

    on = Kinds((ALARM, "AWS::CloudWatch::AnomalyDetector"))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: {metric} is published {published}, never {asked}; {instead}"
    references = (METRICS, DIMENSIONS)
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

    bad = example(
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

    on = Kinds((ALARM, DETECTOR))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: {metric} is a metric of {others}, and it names the API by {dimension}; {instead}"
    references = _APIS
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

    bad = example(
        "Namespace: AWS/ApiGateway; MetricName: 5XXError; Dimensions: [{Name: ApiId, Value: !Ref Api}]",
        "Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: orders, ProtocolType: HTTP}}",
    )
    good = bad.replace("5XXError", "5xx")


class AlarmOnOtherKindOfTarget(Rule):
    """Services of one family share a namespace, and each publishes its own metrics there.

    A WebSocket API has no `5xx`, an HTTP API no `ExecutionError`, and neither is ever named by `ApiName`; a network load
    balancer publishes to `AWS/NetworkELB`, not to `AWS/ApplicationELB`.
    """

    on = Kinds((ALARM, DETECTOR))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: {metric} is a metric of {wanted}, and {target} is {actual}; {instead}"
    references = (_APIS[0], METRICS)
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold what the metric is of against what its dimensions name."""
        for metric in watched(alarm):
            wrong = _wrong_kind(metric)
            if wrong:
                target, wanted, actual, instead = wrong
                yield alarm.finding(
                    f"{metric.at}MetricName",
                    fate=fate(alarm),
                    metric=metric.name,
                    wanted=wanted,
                    target=target.name,
                    actual=actual,
                    instead=instead,
                )

    bad = (
        example(
            "Namespace: AWS/ApiGateway; MetricName: 5xx; Dimensions: [{Name: ApiId, Value: !Ref Chat}]",
            "Chat: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: chat, ProtocolType: WEBSOCKET}}",
        ),
        example(
            "Namespace: AWS/ApiGateway; MetricName: 5XXError; Dimensions: [{Name: ApiName, Value: !Ref Orders}]",
            "Orders: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: orders, ProtocolType: HTTP}}",
        ),
    )
    good = (
        bad[0].replace("MetricName: 5xx", "MetricName: ExecutionError"),
        bad[1].replace("5XXError", "5xx").replace("ApiName", "ApiId"),
    )


def _wrong_kind(metric: Watched) -> tuple[Resource, str, str, str] | None:
    """The target, what the metric is of, what the target is, and what to watch; None when they go together."""
    if metric.namespace in ("AWS/ApplicationELB", "AWS/NetworkELB"):
        return _wrong_balancer(metric)
    if metric.namespace != "AWS/ApiGateway" or not metric.known or _of_other_api(metric):
        return None
    graph = metric.alarm.graph
    for name, other in (("ApiName", HTTP_API), ("ApiId", REST_API)):
        target = named(graph, metric.dimensions[name], other) if name in metric.dimensions else None
        if target:
            rest = name == "ApiName"
            right = (_HTTP if rest else _REST).get(metric.name, metric.name)
            by = "ApiId" if rest else "ApiName"
            kinds = ("REST APIs", "an HTTP or WebSocket API") if rest else ("HTTP APIs", "a REST API")
            return target, *kinds, f"watch {right} by {by}"
    for _, target in targets(metric):
        if target.kind in HTTP_API:
            socket = target["ProtocolType"] == "WEBSOCKET"
            if socket and metric.known.requires.startswith("HTTP API"):
                return (
                    target,
                    "HTTP APIs",
                    "a WebSocket API",
                    "watch ExecutionError, IntegrationError or ClientError",
                )
            if not socket and metric.known.requires.startswith("WebSocket API"):
                return target, "WebSocket APIs", "an HTTP API", "watch 5xx or 4xx"
    return None


def _wrong_balancer(metric: Watched) -> tuple[Resource, str, str, str] | None:
    for dimension, target in targets(metric):
        if dimension == "LoadBalancer" and target.kind == "AWS::ElasticLoadBalancingV2::LoadBalancer":
            network = target["Type"] == "network"
            if network and metric.namespace == "AWS/ApplicationELB":
                return (
                    target,
                    "application load balancers",
                    "a network one",
                    "watch a metric of AWS/NetworkELB",
                )
            if target["Type"] == "application" and metric.namespace == "AWS/NetworkELB":
                return (
                    target,
                    "network load balancers",
                    "an application one",
                    "watch a metric of AWS/ApplicationELB",
                )
    return None


class AlarmDimensionOfOtherForm(Rule):
    """A dimension that holds an ARN or URL where the metric has a name, or the other way round, matches nothing.

    `!Ref` gives the ARN of a topic, the URL of a queue and the id of an API, and CloudWatch takes each of them for a name.
    """

    on = Kinds((ALARM, DETECTOR))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: {value} is not what the dimension {dimension} holds; {instead}"
    references = (METRICS, DIMENSIONS)
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
                        instead=_form(edge),
                    )

    def fix(self, finding: Finding) -> Fix | None:
        """Name the resource by what the metric knows it by."""
        alarm, dimension = finding.resource, finding.evidence["dimension"]
        for edge in alarm.graph.edges("watches").by_source.get(alarm.address, ()):
            if _misnamed(edge) and edge.details["dimension"] == dimension:
                attributes = FORMS[edge.details["Namespace"]][dimension].attributes
                value = fitting_value(edge, attributes)
                return self.offer(alarm.set(finding.property, value)) if value != ABSENT else None
        return None

    bad = example(
        "Namespace: AWS/SNS; MetricName: NumberOfNotificationsFailed; Dimensions: [{Name: TopicName, Value: !Ref Orders}]",
        "Orders: {Type: AWS::SNS::Topic}",
    )
    good = bad.replace("!Ref Orders", "!GetAtt Orders.TopicName")


def _misnamed(edge: Edge) -> bool:
    return edge.details.get("fits") is False


def _form(edge: Edge) -> str:
    """What the dimension needs, in words."""
    found = FORMS[edge.details["Namespace"]][edge.details["dimension"]]
    value = fitting_value(edge, found.attributes)
    return f"state {show(value)}" if value != ABSENT else "state its ARN" if found.arn else "state its name"


class AlarmMetricMisspelt(Rule):
    """CloudWatch takes any name for a metric and any namespace, and tells apart upper and lower case in both.

    Nobody but AWS can publish to a namespace that begins with `AWS/`.
    """

    on = Kinds((ALARM, DETECTOR))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: nothing is published as {stated}; watch {meant}"
    references = (METRICS,)
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look for names that differ from known ones by case, a plural, or a service's other name."""
        for metric in watched(alarm):
            if metric.known:
                continue
            if metric.namespace not in metrics.namespaces():
                meant, name, stated = _namespace(metric.namespace), "Namespace", metric.namespace
            else:
                meant, name, stated = _nearest(metric), "MetricName", metric.name
            if meant:
                yield alarm.finding(f"{metric.at}{name}", fate=fate(alarm), stated=stated, meant=meant)

    def fix(self, finding: Finding) -> Fix | None:
        """Write the name as AWS does."""
        return self.offer(finding.resource.set(finding.property, finding.evidence["meant"]))

    bad = (
        example(
            "Namespace: AWS/Lambda; MetricName: errors; Dimensions: [{Name: FunctionName, Value: orders}]"
        ),
        example(
            "Namespace: AWS/StepFunctions; MetricName: ExecutionsFailed; "
            "Dimensions: [{Name: StateMachineArn, Value: 'arn:aws:states:eu-west-1:111122223333:stateMachine:pay'}]"
        ),
    )
    good = (bad[0].replace("errors", "Errors"), bad[1].replace("AWS/StepFunctions", "AWS/States"))


_OTHER_NAMES = {
    "aws/stepfunctions": "AWS/States",
    "aws/sfn": "AWS/States",
    "aws/eventbridge": "AWS/Events",
    "aws/cloudwatchevents": "AWS/Events",
    "aws/kinesisfirehose": "AWS/Firehose",
    "aws/kinesisstreams": "AWS/Kinesis",
    "aws/alb": "AWS/ApplicationELB",
    "aws/nlb": "AWS/NetworkELB",
    "aws/apigatewayv2": "AWS/ApiGateway",
    "aws/acm": "AWS/CertificateManager",
    "aws/containerinsights": "ECS/ContainerInsights",
    "aws/lambdainsights": "LambdaInsights",
    "aws/synthetics": "CloudWatchSynthetics",
    "aws/waf2": "AWS/WAFV2",
}


def _namespace(stated: str) -> str:
    """The namespace that is meant, or ""; only names that nobody can publish to are taken for mistakes."""
    low = stated.lower()
    if not low.startswith("aws/"):
        return ""
    return next((one for one in metrics.namespaces() if one.lower() == low), _OTHER_NAMES.get(low, ""))


def _nearest(metric: Watched) -> str:
    low = metric.name.lower().rstrip("s")
    known = metrics.metrics(metric.namespace)
    names = [name for name in known if name.lower().rstrip("s") == low]
    return names[0] if len(names) == 1 and known[names[0]].confidence != "low" else ""


class AlarmOnRuleOfCustomBus(Rule):
    """A rule on a bus of your own publishes its metrics by bus and name, never by name alone.

    `!Ref` of such a rule gives `bus|rule`, which is neither.
    """

    on = Kinds((ALARM, DETECTOR))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: {rule} is a rule on the bus {bus}, whose metrics have the dimensions EventBusName and RuleName, each by its name"
    references = (
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html",
    )
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look at alarms on rules by their reference, or without their bus."""
        for metric in watched(alarm):
            if metric.namespace != "AWS/Events" or "RuleName" not in metric.dimensions:
                continue
            for dimension, rule in targets(metric):
                bus = rule["EventBusName"] if dimension == "RuleName" else ABSENT
                if not is_stated(bus) or bus == "default":
                    continue
                by_reference = metric.dimensions["RuleName"] == Reference(rule.address, "Ref")
                if by_reference or "EventBusName" not in metric.dimensions:
                    yield alarm.finding(
                        f"{metric.at}Dimensions",
                        fate=fate(alarm),
                        rule=rule.name,
                        bus=show(bus),
                        path=f"{metric.at}Dimensions",
                    )

    def fix(self, finding: Finding) -> Fix | None:
        """Name the bus and the rule, where the rule's name is stated."""
        alarm = finding.resource
        for metric in watched(alarm):
            for dimension, rule in targets(metric):
                if dimension == "RuleName" and f"{metric.at}Dimensions" == finding.property:
                    name, bus = rule["Name"], rule["EventBusName"]
                    if not is_stated(name) or not can_be_written(bus):
                        return None
                    named = List([Map(Name="EventBusName", Value=bus), Map(Name="RuleName", Value=name)])
                    return self.offer(alarm.set(finding.property, named))
        return None

    bad = example(
        "Namespace: AWS/Events; MetricName: FailedInvocations; Dimensions: [{Name: RuleName, Value: !Ref Placed}]",
        "Shop: {Type: AWS::Events::EventBus, Properties: {Name: shop}}",
        "Placed:",
        "  Type: AWS::Events::Rule",
        "  Properties: {Name: placed, EventBusName: !Ref Shop, EventPattern: {source: [shop]}}",
    )
    good = bad.replace(
        "[{Name: RuleName, Value: !Ref Placed}]",
        "[{Name: EventBusName, Value: !Ref Shop}, {Name: RuleName, Value: placed}]",
    )


RULES = (
    AlarmDimensionNeverPublished(),
    AlarmMetricOfOtherApi(),
    AlarmOnOtherKindOfTarget(),
    AlarmDimensionOfOtherForm(),
    AlarmMetricMisspelt(),
    AlarmOnRuleOfCustomBus(),
)
