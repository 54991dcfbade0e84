"""Amazon CloudWatch: alarms whose threshold, period, unit or treatment of missing data leaves them silent, or always red."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stackworthy.aws.alarms import ABOVE, SHARES, Watched, targets, watched
from stackworthy.aws.metric_limits import limit
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import Value, is_stated
from stackworthy.rules._alarms import ALARMS, DEAD, METRICS, MISSING, example, fate
from stackworthy.rules._reading import known_text, settled

BELOW = ("LessThanThreshold", "LessThanOrEqualToThreshold")
_COUNTS = ("Sum", "SampleCount")
_TIMES = re.compile("Duration$|Latency$")
_FAILURES = re.compile("error|throttl|fail|[45]xx|timedout|dropped|aborted|reject", re.IGNORECASE)

ALARM = "AWS::CloudWatch::Alarm"


class AlarmPeriodTooShort(Rule):
    """A metric that is published once a day has no data in most of an alarm's five-minute periods.

    The alarm falls back to insufficient data a moment after each datapoint, whatever its value.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: {metric} has a datapoint every {every} s, and the alarm looks at {period} s at a time; look at {every} s"
    references = (METRICS, "https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html")
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the period against the metric's own."""
        for metric in watched(alarm):
            if not metric.known:
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

    bad = example(
        "Namespace: AWS/S3; MetricName: BucketSizeBytes; "
        "Dimensions: [{Name: BucketName, Value: reports}, {Name: StorageType, Value: StandardStorage}]"
    )
    good = bad.replace("Period: 300", "Period: 86400")


class AlarmThresholdOutOfReach(Rule):
    """A threshold that the metric cannot pass makes an alarm that cannot fire.

    The average of an error metric is a share between 0 and 1, not a percentage, and its maximum is 1. A function's
    duration ends at its timeout, and is counted in milliseconds. No message grows older than its queue keeps it. And
    nothing that AWS counts falls below 0.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = (
        "this alarm can never fire: the {statistic} of {metric} never {passes} {bound} ({why}), "
        "and the threshold is {threshold}; {instead}"
    )
    references = (METRICS, ALARMS)
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the threshold against the most and the least that the statistic can be."""
        if is_stated(alarm["Metrics"]):
            return
        operator, threshold = alarm["ComparisonOperator"], alarm["Threshold"]
        for metric in watched(alarm):
            if not metric.known:
                continue
            facts = {"statistic": metric.statistic, "metric": metric.name, "threshold": threshold}
            if operator in BELOW:
                if threshold < 0 or (threshold == 0 and operator == "LessThanThreshold"):
                    why, instead = "nothing is counted below it", "state a threshold that it can fall below"
                    yield alarm.finding(
                        "Threshold", passes="falls below", bound=0, why=why, instead=instead, **facts
                    )
            elif operator in ABOVE and _of_samples(metric):
                found = limit(metric)
                if found and _is_beyond(threshold, found.most, operator):
                    instead = f"state less than {found.most}" + (
                        ", or watch the Sum" if found.most == 1 else ""
                    )
                    yield alarm.finding(
                        "Threshold",
                        passes="exceeds",
                        bound=found.most,
                        why=found.why,
                        instead=instead,
                        **facts,
                    )

    bad = (
        example(
            "Namespace: AWS/ApiGateway; MetricName: 5XXError; Dimensions: [{Name: ApiName, Value: orders}]"
        ).replace("Statistic: Sum", "Statistic: Average"),
        example(
            "Namespace: AWS/Lambda; MetricName: Duration; Dimensions: [{Name: FunctionName, Value: !Ref Fn}]",
            "Fn: {Type: AWS::Lambda::Function, Properties: {Timeout: 10}}",
        )
        .replace("Statistic: Sum", "Statistic: Maximum")
        .replace("Threshold: 5", "Threshold: 12000"),
    )
    good = (bad[0].replace("Threshold: 5", "Threshold: 0.05"), bad[1].replace("12000", "8000"))


def _of_samples(metric: Watched) -> bool:
    """Whether the statistic is no more than the largest sample; raises `NotKnown`."""
    return metric.statistic in SHARES or metric.statistic.startswith("p")


def _is_beyond(threshold: Value, most: Value, operator: Value) -> bool:
    return bool(threshold >= most if operator == "GreaterThanThreshold" else threshold > most)


class AlarmThresholdAlwaysPassed(Rule):
    """A threshold that every datapoint passes makes an alarm that is red whenever there is traffic, and soon ignored.

    `GreaterThanOrEqualToThreshold` with 0 holds for zero errors.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm is red at every datapoint: {metric} is always {side} {bound}; {instead}"
    references = (METRICS, ALARMS)
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the threshold against the least and the most that the statistic can be."""
        if is_stated(alarm["Metrics"]):
            return
        operator, threshold = alarm["ComparisonOperator"], alarm["Threshold"]
        for metric in watched(alarm):
            if not metric.known:
                continue
            if operator in ABOVE:
                takes_time = metric.known.unit == "Milliseconds" and _TIMES.search(metric.name)
                reached = takes_time or operator == "GreaterThanOrEqualToThreshold"
                if threshold < 0 or (threshold == 0 and reached):
                    side, instead = "above" if takes_time else "at least", "state more"
                    yield alarm.finding("Threshold", metric=metric.name, side=side, bound=0, instead=instead)
            elif operator in BELOW and metric.known.most and _of_samples(metric):
                most = metric.known.most
                if threshold > most or (threshold == most and operator == "LessThanOrEqualToThreshold"):
                    yield alarm.finding(
                        "Threshold",
                        metric=metric.name,
                        side="at most",
                        bound=most,
                        instead=f"state less than {most}",
                    )

    bad = (
        example(
            "Namespace: AWS/Lambda; MetricName: Errors; Dimensions: [{Name: FunctionName, Value: orders}]"
        )
        .replace("Threshold: 5", "Threshold: 0")
        .replace("GreaterThanThreshold", "GreaterThanOrEqualToThreshold")
    )
    good = bad.replace("Threshold: 0", "Threshold: 1")


class AlarmThresholdInSeconds(Rule):
    """Latency and duration are counted in milliseconds: an alarm above 2 is red whenever there is traffic.

    No request passes a gateway, and no function answers one, in so little time. Somebody who wrote 2 meant seconds.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    confidence = Confidence.MEDIUM
    message = "this alarm is red whenever there is traffic: {metric} is counted in milliseconds, and the threshold is {threshold}"
    references = (METRICS, ALARMS)
    tags = DEAD
    fix_safety = Unsafe("the threshold is taken for seconds: choose another when it was none")

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look for thresholds that are less than any answer takes."""
        if is_stated(alarm["Metrics"]) or alarm["ComparisonOperator"] not in ABOVE:
            return
        threshold = alarm["Threshold"]
        said = _SAYS_SECONDS.search(known_text(alarm["AlarmDescription"]))
        for metric in watched(alarm):
            takes_time = _ANSWERS.get(metric.namespace, ())
            if metric.name in takes_time and 0 < threshold <= (_MEANT if said else _LEAST):
                yield alarm.finding("Threshold", metric=metric.name, threshold=threshold)

    def fix(self, finding: Finding) -> Fix | None:
        """Count in milliseconds."""
        return self.offer(finding.resource.set("Threshold", finding.resource["Threshold"] * 1000))

    bad = example(
        "Namespace: AWS/ApiGateway; MetricName: Latency; Dimensions: [{Name: ApiName, Value: orders}]"
    ).replace("Statistic: Sum", "ExtendedStatistic: p99")
    good = bad.replace("Threshold: 5", "Threshold: 2000")


_ANSWERS = {
    "AWS/ApiGateway": ("Latency", "IntegrationLatency"),
    "AWS/AppSync": ("Latency",),
    "AWS/Lambda": ("Duration",),
}
"""Metrics in milliseconds of what takes more than a few of them."""

_LEAST, _MEANT = 5, 60
_SAYS_SECONDS = re.compile(r"\b(?:seconds?|secs?|\d+ ?s)\b", re.IGNORECASE)


class AlarmUnitNeverPublished(Rule):
    """A unit in an alarm does not convert: it asks for datapoints that were published in this unit.

    AWS publishes each metric in one unit. An alarm on `Duration` in seconds has no data.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this {fate}: {metric} is published in {published}, never in {unit}; leave the unit out, and count in {published}"
    references = (
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html",
        ALARMS,
    )
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the unit against the metric's own."""
        unit = alarm["Unit"]
        if not is_stated(unit):
            return
        for metric in watched(alarm):
            known = metric.known
            if (
                known
                and not metric.at
                and known.unit in _UNITS
                and known.confidence == "high"
                and unit != known.unit
            ):
                yield alarm.finding(
                    "Unit", fate=fate(alarm), metric=metric.name, published=known.unit, unit=unit
                )

    def fix(self, finding: Finding) -> Fix | None:
        """Leave the unit out, as AWS advises."""
        return self.offer(finding.resource.remove("Unit"))

    bad = example(
        "Namespace: AWS/Lambda; MetricName: Duration; Unit: Seconds; Dimensions: [{Name: FunctionName, Value: orders}]"
    )
    good = bad.replace("Unit: Seconds", "Unit: Milliseconds")


_UNITS = ("Milliseconds", "Seconds", "Count", "Bytes", "Percent")


class AlarmDeafToSilence(Rule):
    """When nothing happens, most services publish no zero: they publish nothing.

    An alarm that is to notice missing calls, jobs or messages gets its datapoints only while there are some. It has to
    treat missing data as breaching.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm stays silent when {metric} stops altogether: no datapoint comes then, and missing data is {treated}; treat it as breaching"
    references = (MISSING,)
    tags = DEAD
    fix_safety = Unsafe("the alarm goes off wherever nothing happens for a while")

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look at alarms on too few of what is only counted when it happens."""
        if is_stated(alarm["Metrics"]) or alarm["ComparisonOperator"] not in BELOW:
            return
        treated = alarm["TreatMissingData"]
        if treated == "breaching" or (treated == "missing" and alarm["InsufficientDataActions"]):
            return
        for metric in watched(alarm):
            known = metric.known
            if not known or metric.namespace == "AWS/SQS" or known.reported not in ("activity", "nonzero"):
                continue
            if metric.statistic in _COUNTS:
                yield alarm.finding("TreatMissingData", metric=metric.name, treated=treated)

    def fix(self, finding: Finding) -> Fix | None:
        """Treat silence as what it is here."""
        return self.offer(finding.resource.set("TreatMissingData", "breaching"))

    bad = example(
        "Namespace: AWS/Lambda; MetricName: Invocations; TreatMissingData: notBreaching; "
        "Dimensions: [{Name: FunctionName, Value: nightly}]"
    ).replace("GreaterThanThreshold", "LessThanThreshold")
    good = bad.replace("notBreaching", "breaching")


class AlarmRedWhileIdle(Rule):
    """An alarm on failures that treats missing data as breaching is red whenever nothing happens.

    Failures are counted when there are some, or when there are calls. A quiet night then looks like an outage, and
    people learn not to look.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm is red whenever there is nothing to count: {metric} has no datapoint then, and missing data is breaching; treat it as notBreaching"
    references = (MISSING,)
    tags = DEAD
    fix_safety = SAFE

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look at alarms on too many failures."""
        if alarm["TreatMissingData"] != "breaching" or is_stated(alarm["Metrics"]):
            return
        if alarm["ComparisonOperator"] not in ABOVE:
            return
        for metric in watched(alarm):
            if not metric.known or not metric.known.is_published_for(frozenset(metric.dimensions)):
                continue
            failures = metric.known.reported in ("activity", "feature") and _FAILURES.search(metric.name)
            if failures or metric.known.reported == "nonzero":
                yield alarm.finding("TreatMissingData", metric=metric.name)

    def fix(self, finding: Finding) -> Fix | None:
        """Take silence for health."""
        return self.offer(finding.resource.set("TreatMissingData", "notBreaching"))

    bad = example(
        "Namespace: AWS/Lambda; MetricName: Errors; TreatMissingData: breaching; "
        "Dimensions: [{Name: FunctionName, Value: orders}]"
    )
    good = bad.replace("breaching", "notBreaching")


class AlarmNeedsMoreRunsThanHappen(Rule):
    """An alarm that wants a fault in several periods in a row cannot see what runs once in a while.

    A function that a schedule starts every hour has a datapoint a minute long every hour, and at most two more when
    Lambda retries. Five faulty minutes in a row never come.
    """

    on = ALARM
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    confidence = Confidence.MEDIUM
    message = "this alarm can never fire: it wants {wanted} datapoints within {window} s, and {target}, which runs every {interval} s, has {most} at most; ask for one"
    references = (
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html",
        MISSING,
    )
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Hold the datapoints that are asked for against those that the schedule can bring."""
        if is_stated(alarm["Metrics"]) or alarm["TreatMissingData"] == "breaching":
            return
        if alarm["ComparisonOperator"] not in ABOVE:
            return
        periods, stated = alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]
        wanted = stated if is_stated(stated) else periods
        if wanted < 2:
            return
        window = periods * alarm["Period"]
        for metric in watched(alarm):
            for _, target in targets(metric):
                interval = _interval(target)
                most = (
                    _TRIES.get(target.kind or "", 0) * (int(window // interval) + 1) if interval else wanted
                )
                if wanted > most:
                    yield alarm.finding(
                        "EvaluationPeriods",
                        wanted=wanted,
                        window=window,
                        target=target.name,
                        interval=interval,
                        most=most,
                    )

    bad = example(
        "Namespace: AWS/Lambda; MetricName: Errors; Dimensions: [{Name: FunctionName, Value: !Ref Nightly}]",
        "Nightly: {Type: AWS::Lambda::Function, Properties: {Timeout: 10}}",
        "Night:",
        "  Type: AWS::Events::Rule",
        "  Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: one, Arn: !GetAtt Nightly.Arn}]}",
    ).replace("EvaluationPeriods: 1", "EvaluationPeriods: 5")
    good = bad.replace("EvaluationPeriods: 5", "EvaluationPeriods: 1")


_TRIES = {"AWS::Lambda::Function": 3, "AWS::StepFunctions::StateMachine": 1}
"""How often one start can run at most: Lambda tries an asynchronous event again twice."""
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_ONCE_A_DAY = re.compile(r"cron\(\d+ \d+ \S+ \S+ \S+ \S+\)")


def _interval(target: Resource) -> int:
    """Seconds between two starts of what only schedules start; 0 when something else may."""
    if target.kind not in _TRIES or target.graph.edges_to(target, "invokes"):
        return 0
    seconds = []
    for edge in target.graph.edges_to(target, "triggers"):
        stated = settled(edge.source["ScheduleExpression"]) if edge.by in ("rule target", "schedule") else ""
        found = _RATE.fullmatch(stated) if is_stated(stated) else None
        if found:
            seconds.append(int(found[1]) * _SECONDS[found[2]])
        elif is_stated(stated) and _ONCE_A_DAY.fullmatch(stated):
            seconds.append(86400)
        else:
            return 0
    return min(seconds) if len(seconds) == 1 else 0


RULES = (
    AlarmPeriodTooShort(),
    AlarmThresholdOutOfReach(),
    AlarmThresholdAlwaysPassed(),
    AlarmThresholdInSeconds(),
    AlarmUnitNeverPublished(),
    AlarmDeafToSilence(),
    AlarmRedWhileIdle(),
    AlarmNeedsMoreRunsThanHappen(),
)
