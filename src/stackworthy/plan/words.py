"""What to say of an improvement by the kind of resource and the property that it changes: what is lost, what to test, what to watch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Touched(NamedTuple):
    """A kind and a property that an improvement changes ("" when it is not one property)."""

    kind: str
    property: str


DELETED = "stay deleted"
"""What words of a loss say that begins with the change itself, not with its way back."""
BY_HAND = "Undo by hand what was done by hand."
LOST = (
    ("AWS::Logs::LogGroup", "RetentionInDays", "log events that expired meanwhile stay deleted"),
    ("AWS::Lambda::Function", "LoggingConfig", "a log group that the stack made goes with the reverse patch, and its events with it"),
    ("AWS::S3::Bucket", "LifecycleConfiguration", "objects and versions that expired stay deleted; what was archived must be restored, for a fee, before it can be read"),
    ("AWS::S3::Bucket", "VersioningConfiguration", "versions that expired stay deleted; versioning can be suspended, never taken back"),
    ("AWS::ECR::Repository", "LifecyclePolicy", "images that expired stay deleted: they must be built again"),
    ("AWS::DynamoDB::Table", "GlobalSecondaryIndexes", "an index that was removed is built anew from the table: the back-fill takes time and write capacity, and queries of it fail until it is done"),
    ("AWS::DynamoDB::Table", "SSESpecification", "backups that were made before still need the old key; a key whose deletion was scheduled can be kept only until its waiting time ends"),
    ("AWS::DynamoDB::Table", "TimeToLiveSpecification", "items that expired stay deleted"),
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification", "turned off again, the continuous backups are gone: later the table can be restored to no second before"),
    ("AWS::DynamoDB::Table", "BillingMode", "a table may change to on-demand a few times a day only: the way back may have to wait"),
    ("AWS::SQS::Queue", "MessageRetentionPeriod", "messages that expired meanwhile stay deleted"),
    ("AWS::KMS::Key", "", "what was encrypted meanwhile needs the key that it was encrypted with"),
    ("AWS::EC2::NatGateway", "", "a NAT gateway that is made again may have another address: whoever allows the old one must be told"),
    ("AWS::Backup", "", "recovery points that expired stay deleted"),
)  # fmt: skip
"""(kind, property, what the way back does not bring back); an empty property is any of the kind."""

TESTS = (
    ("AWS::IAM::", "Policies", "Run everything that the role is used for in an environment that is not production, and look for AccessDenied in the logs and in CloudTrail"),
    ("AWS::ApiGateway", "", "Send requests at the expected peak rate, and see that none is answered with 403 or 429 that was answered before"),
    ("AWS::Lambda::Function", "", "Invoke each function once with a real event, and compare answer, duration and memory with those before"),
    ("AWS::DynamoDB::Table", "GlobalSecondaryIndexes", "Ask every query that the application has with the largest user's items, and measure it"),
    ("AWS::DynamoDB::Table", "", "Read and write an item through the application"),
    ("AWS::S3::Bucket", "", "Upload, read and delete an object as the application does; set a rule's days to 1 on a test prefix to see it act"),
    ("AWS::StepFunctions::", "", "Run one execution with real input, and one in which a task fails on purpose"),
    ("AWS::ECS::", "", "Run one task with real input to its end; interrupt one, and see that it is run again"),
    ("AWS::ECR::", "", "Push an image, and pull the one in use"),
    ("AWS::SQS::", "", "Send a message that cannot be processed, and see where it ends"),
    ("AWS::CloudWatch::Alarm", "", "Set the alarm off with aws cloudwatch set-alarm-state, and see that somebody is told"),
    ("AWS::Logs::", "", "See that new lines still arrive in the log group"),
    ("AWS::EC2::", "", "Reach S3, DynamoDB and the internet from the private subnets"),
    ("AWS::KMS::", "", "Read an item that was written before, and write a new one"),
    ("AWS::CloudFront::", "", "Load the page over HTTPS, signed in and signed out, and look at the X-Cache header"),
)  # fmt: skip

WATCH = (
    ("AWS::IAM::", "AccessDenied in CloudTrail, and Errors of the functions that assume the role"),
    ("AWS::ApiGateway", "API Gateway: Count, 4xx (429 above all), 5xx, Latency p99"),
    ("AWS::Lambda::", "Lambda: Errors, Throttles, Duration p99, ConcurrentExecutions"),
    ("AWS::DynamoDB::", "DynamoDB: ReadThrottleEvents, WriteThrottleEvents, ConsumedWriteCapacityUnits, SuccessfulRequestLatency"),
    ("AWS::S3::", "S3: BucketSizeBytes by storage class, NumberOfObjects, and the time that reads of old objects take"),
    ("AWS::StepFunctions::", "Step Functions: ExecutionsFailed, ExecutionsTimedOut, ExecutionTime"),
    ("AWS::ECS::", "ECS: tasks that stopped, with their reason, and how long tasks take"),
    ("AWS::Batch::", "Batch: failed jobs, interruptions of Spot, and how long jobs wait"),
    ("AWS::EC2::NatGateway", "NAT gateway: BytesOutToDestination, ErrorPortAllocation"),
    ("AWS::SQS::", "SQS: ApproximateAgeOfOldestMessage, and messages in the dead-letter queue"),
    ("AWS::Logs::", "CloudWatch Logs: IncomingBytes of the log groups"),
    ("AWS::CloudWatch::", "CloudWatch: how often the alarms change their state"),
    ("AWS::KMS::", "KMS: requests that are refused, in CloudTrail"),
)  # fmt: skip

CURRENT = {
    "access-logs": "access to buckets is logged nowhere, into the bucket itself, or in some environments only",
    "alarms": "failures of some resources set off no alarm",
    "api-throttling-and-waf": "nothing limits what callers may ask",
    "backup": "no backup plan covers what holds state",
    "batch-spot-migration": "a workflow runs containers on Fargate on demand, and waits for them",
    "budget": "nobody is told when more is spent than was meant",
    "cost-anomaly-detection": "nobody is told when the bill of a service jumps",
    "custom-metrics": "AWS's own metrics tell that the stack runs, not whether it does its work well",
    "dynamodb-autoscaling": "the capacity of tables is fixed",
    "iam-tightening": "policies allow more than the code and the workflows call",
    "log-retention": "log entries are kept for ever",
    "managed-key": "the table is encrypted with a key of one's own",
    "model-choice": "a larger model is asked",
    "nat-gateway": "a NAT gateway and its address are there at every hour",
    "s3-lifecycle": "lifecycle rules keep more than is needed, or archive it too dearly",
    "unused-indexes": "the table has indexes that no code of the stack queries",
    "vpc-endpoints": "S3 and DynamoDB are reached through the NAT gateway, or not at all",
}
"""How a stack stands that lacks a capability."""

TEST_ALL = (
    "Deploy to an environment that is not production first",
    "Run the application's own tests against it",
    "Look through the logs for new errors",
    "Deploy each improvement by itself, so that it can be taken back by itself",
    "Have somebody who owns the stack agree to what needs testing and to major changes",
    "Compare the bill with the plan after two weeks (Cost Explorer, by service)",
)


def lost(touched: Iterable[Touched]) -> list[str]:
    """What the way back does not bring back, for everything that is touched; none when it brings back all."""
    found: dict[str, None] = {}
    for item in touched:
        for kind, property, words in LOST:
            if _fits(item, kind, property):
                found[words] = None
    return list(found)


def tests(touched: Iterable[Touched]) -> list[str]:
    """How to test it: the narrowest that is said of each kind and property."""
    found: dict[str, None] = {}
    for item in touched:
        words = next((words for kind, property, words in TESTS if _fits(item, kind, property)), "")
        if words:
            found[words] = None
    return list(found) or ["Deploy it where it harms nobody, and use the application once"]


def watch(touched: Iterable[Touched]) -> list[str]:
    """What to watch afterwards."""
    found: dict[str, None] = {}
    for item in touched:
        words = next((words for kind, words in WATCH if item.kind.startswith(kind)), "")
        if words:
            found[words] = None
    return list(found)


def _fits(item: Touched, kind: str, property: str) -> bool:
    return item.kind.startswith(kind) and (not property or item.property.startswith(property))


def heading(name: str) -> str:
    """A rule's or capability's id as a title: `recovery-off` is "Recovery off"."""
    words = name.replace("-", " ")
    for plain, written in _SPELT:
        words = f" {words} ".replace(f" {plain} ", f" {written} ").strip()
    return words[:1].upper() + words[1:]


_SPELT = (
    ("nat", "NAT"),
    ("http", "HTTP"),
    ("https", "HTTPS"),
    ("iam", "IAM"),
    ("kms", "KMS"),
    ("s3", "S3"),
    ("api", "API"),
    ("vpc", "VPC"),
    ("waf", "WAF"),
    ("tls", "TLS"),
    ("cors", "CORS"),
    ("dlq", "DLQ"),
    ("arm64", "arm64"),
    ("url", "URL"),
    ("rest", "REST"),
    ("ttl", "TTL"),
    ("sql", "SQL"),
    ("xray", "X-Ray"),
)
