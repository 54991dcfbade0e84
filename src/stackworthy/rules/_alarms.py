"""What the rules on alarms share: pages of AWS, an example, and words for what becomes of an alarm."""

from __future__ import annotations

from stackworthy.core.resource import Resource
from stackworthy.core.value import is_stated

DEAD = ("dead-alarm",)
ALARM = "AWS::CloudWatch::Alarm"
DETECTOR = "AWS::CloudWatch::AnomalyDetector"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"

_GUIDE = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring"
METRICS = f"{_GUIDE}/aws-services-cloudwatch-metrics.html"
DIMENSIONS = f"{_GUIDE}/cloudwatch_concepts.html"
ALARMS = f"{_GUIDE}/AlarmThatSendsEmail.html"
MISSING = f"{_GUIDE}/alarms-and-missing-data.html"
NOTIFY = f"{_GUIDE}/Notify_Users_Alarm_Changes.html"


def example(metric: str, *resources: str) -> str:
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
    """What becomes of an alarm or anomaly detector whose metric never has a datapoint."""
    if alarm.kind == DETECTOR:
        return "anomaly detector has nothing to learn from"
    if is_stated(alarm["Metrics"]):
        return "alarm lacks a metric that it computes with"
    return "alarm is always red" if alarm["TreatMissingData"] == "breaching" else "alarm can never fire"
