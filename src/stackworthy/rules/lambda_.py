"""AWS Lambda: functions, their versions and what invokes them."""

from __future__ import annotations

from stackworthy.core.finding import Pillar, Severity
from stackworthy.core.fix import Unsafe
from stackworthy.core.rule import PropertyRule


class TracingOff(PropertyRule):
    """Without tracing, a slow request cannot be followed from service to service."""

    on, property, expected = "AWS::Lambda::Function", "TracingConfig.Mode", "Active"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "tracing is {actual}: a slow request cannot be followed through this function"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",)
    equivalents = ("CKV_AWS_50",)
    fix_safety = Unsafe("adds a permission and X-Ray's price per trace")
    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {TracingConfig: {Mode: PassThrough}}}"
    good = bad.replace("PassThrough", "Active")


RULES = (TracingOff(),)
