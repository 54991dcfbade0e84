"""Packs the catalogue of CloudWatch metrics that the alarm rules look things up in.

    python tools/make_metrics.py METRICS.csv    writes src/stackworthy/aws/data/metrics.json

The table has the columns namespace, metric, dimension_sets (`A+B|A`, `(none)` for none), unit, statistics,
reported_when, requires, notes, confidence and sources; it was put together by hand from AWS's pages and from public
lists of metrics. Rows whose metric is a remark in parentheses are left out. What the columns do not hold stands below.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src" / "stackworthy" / "aws" / "data" / "metrics.json"

_BY_RULE = ("RuleName", "EventBusName+RuleName")
ALSO: dict[tuple[str, str], tuple[str, ...]] = {
    ("AWS/Events", "MatchedEvents"): _BY_RULE,
    ("AWS/Events", "InvocationAttempts"): ("EventBusName", *_BY_RULE),
    ("AWS/Events", "RetryInvocationAttempts"): ("EventBusName", *_BY_RULE),
    ("AWS/Events", "SuccessfulInvocationAttempts"): ("EventBusName", *_BY_RULE),
    ("AWS/Events", "ThrottledRules"): ("", "EventBusName"),
    ("AWS/Events", "TriggeredRules"): ("EventBusName",),
}
"""Combinations that the table lacks: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html"""

PERIODS = {
    ("AWS/S3", "BucketSizeBytes"): 86400,
    ("AWS/S3", "NumberOfObjects"): 86400,
    ("AWS/Billing", "EstimatedCharges"): 21600,
    ("AWS/CertificateManager", "DaysToExpiry"): 43200,
    ("AWS/Route53", "DNSSECInternalFailure"): 14400,
    ("AWS/Route53", "DNSSECKeySigningKeysNeedingAction"): 14400,
    ("AWS/Route53", "DNSSECKeySigningKeyMaxNeedingActionAge"): 14400,
    ("AWS/Route53", "DNSSECKeySigningKeyAge"): 14400,
    ("AWS/DynamoDB", "ProvisionedReadCapacityUnits"): 300,
    ("AWS/DynamoDB", "ProvisionedWriteCapacityUnits"): 300,
}
"""Seconds between two datapoints of metrics that are published less often than once a minute."""

MOST = {
    ("AWS/Lambda", "Errors"): 1,
    ("AWS/Lambda", "ProvisionedConcurrencyUtilization"): 1,
    ("AWS/ApiGateway", "4XXError"): 1,
    ("AWS/ApiGateway", "5XXError"): 1,
    ("AWS/ApiGateway", "4xx"): 1,
    ("AWS/ApiGateway", "5xx"): 1,
    ("AWS/ApiGateway", "CacheHitCount"): 1,
    ("AWS/ApiGateway", "CacheMissCount"): 1,
    ("AWS/S3", "4xxErrors"): 1,
    ("AWS/S3", "5xxErrors"): 1,
    ("AWS/Route53", "HealthCheckStatus"): 1,
    ("AWS/Kinesis", "GetRecords.Success"): 1,
    ("AWS/Kinesis", "PutRecord.Success"): 1,
    ("AWS/Kinesis", "PutRecords.Success"): 1,
    ("AWS/Cognito", "SignUpSuccesses"): 1,
    ("AWS/Cognito", "SignInSuccesses"): 1,
    ("AWS/Cognito", "TokenRefreshSuccesses"): 1,
    ("AWS/Cognito", "FederationSuccesses"): 1,
    ("AWS/CloudFront", "4xxErrorRate"): 100,
    ("AWS/CloudFront", "5xxErrorRate"): 100,
    ("AWS/CloudFront", "TotalErrorRate"): 100,
    ("AWS/CloudFront", "CacheHitRate"): 100,
    ("AWS/DynamoDB", "AccountProvisionedReadCapacityUtilization"): 100,
    ("AWS/DynamoDB", "AccountProvisionedWriteCapacityUtilization"): 100,
    ("AWS/RDS", "CPUUtilization"): 100,
    ("LambdaInsights", "memory_utilization"): 100,
}
"""The largest value of a single sample, and so of the average and the maximum, where it is fixed."""

INSTEAD = {
    (
        "AWS/DynamoDB",
        "UserErrors",
    ): "watch ReadThrottleEvents and WriteThrottleEvents of the table for throttles",
    ("AWS/DynamoDB", "ThrottledRequests"): "watch ReadThrottleEvents and WriteThrottleEvents of the table",
    (
        "AWS/DynamoDB",
        "SystemErrors",
    ): "add the dimension Operation, with an alarm or a sum over the operations in use",
    ("AWS/DynamoDB", "SuccessfulRequestLatency"): "add the dimension Operation",
    ("AWS/Lambda", "UnreservedConcurrentExecutions"): "watch ConcurrentExecutions of the function",
    ("AWS/Lambda", "ClaimedAccountConcurrency"): "watch ConcurrentExecutions of the function",
    ("AWS/SNS", "SMSMonthToDateSpentUSD"): "leave the dimension out: the metric is the account's",
}
"""What to watch when an alarm asks for a combination that is never published."""


def packed(source: Path) -> str:
    """The text of the data file: one metric per line, by namespace."""
    namespaces: dict[str, dict[str, dict[str, object]]] = {}
    with source.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not row["metric"].startswith("("):
                namespaces.setdefault(row["namespace"], {})[row["metric"]] = entry(row)
    head = ' "made_by": "tools/make_metrics.py",\n "source": "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html",'
    parts = []
    for namespace, metrics in sorted(namespaces.items()):
        lines = ",\n".join(f"   {json.dumps(name)}: {json.dumps(metrics[name])}" for name in sorted(metrics))
        parts.append(f"  {json.dumps(namespace)}: {{\n{lines}\n  }}")
    body = ",\n".join(parts)
    return f'{{\n{head}\n "namespaces": {{\n{body}\n }}\n}}\n'


def entry(row: dict[str, str]) -> dict[str, object]:
    key = (row["namespace"], row["metric"])
    sets = [
        "" if one == "(none)" else "+".join(sorted(one.split("+")))
        for one in row["dimension_sets"].split("|")
    ]
    sets += [one for one in ALSO.get(key, ()) if one not in sets]
    made: dict[str, object] = {
        "dimensions": sets,
        "unit": row["unit"],
        "statistics": row["statistics"],
        "reported": row["reported_when"],
        "confidence": row["confidence"],
    }
    optional = {
        "requires": row["requires"],
        "period": PERIODS.get(key),
        "most": MOST.get(key),
        "instead": INSTEAD.get(key),
    }
    return made | {name: value for name, value in optional.items() if value}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("metrics", type=Path)
    TARGET.write_text(packed(parser.parse_args().metrics), encoding="utf-8")


if __name__ == "__main__":
    main()
