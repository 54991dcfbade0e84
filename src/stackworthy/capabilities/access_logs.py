"""Access logs of buckets in all environments, in a bucket of their own.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from __future__ import annotations

from typing import NamedTuple

from stackworthy.aws.arns import resolve
from stackworthy.aws.iam import resource_policies
from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import ACCOUNT, TERRAFORM, arn, items, own, policy, word
from stackworthy.core.fix import AddResource, Always, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, Reference, Unknown, Value, joined

APART = "access-logs"
TITLE = "Log who accesses buckets, in all environments"
BUCKET, POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"
DESTINATION = "LoggingConfiguration.DestinationBucketName"
KEEP_DAYS = 90
SERVICE = "logging.s3.amazonaws.com"


class _Unlogged(NamedTuple):
    """A bucket without a log of its own: where its logging stands now, and what is wrong with it."""

    bucket: Resource
    place: Resource
    fault: str


def improvements(graph: Graph) -> list[Improvement]:
    """One log bucket for all buckets that log nowhere, into themselves, or in some environments only."""
    buckets = own(graph, BUCKET)
    targets = {
        target.address for bucket in buckets if (target := _target(bucket)) not in (None, bucket) and target
    }
    logged = [
        bucket for bucket in buckets if bucket.address not in targets and "log" not in word(bucket).lower()
    ]
    unlogged = [found for bucket in logged if (found := _fault(graph, bucket)) is not None]
    if not unlogged:
        if not logged:
            return []
        addresses = tuple(bucket.address for bucket in logged)
        done = f"all buckets log into another: {', '.join(addresses[:5])}"
        return [Improvement(TITLE, "", resources=addresses, done=done)]
    destination, changes = _log_bucket([found.bucket for found in unlogged], sorted(targets))
    steps: list[str] = []
    for found in unlogged:
        changes += _pointed(found, destination)
        if found.fault in ("itself", "both") and _lets_logs_in(found.bucket):
            steps.append(
                f"take the statement that lets {SERVICE} write out of the policy of {word(found.bucket)}"
            )
    return [
        Improvement(
            TITLE, _why(unlogged), tuple(changes), tuple(steps), tuple(f.bucket.address for f in unlogged)
        )
    ]


def away_from_itself(bucket: Resource) -> list[Change]:
    """The changes that let a bucket log into a bucket of its own, or one that takes other logs already, instead of into itself."""
    others = sorted(
        {
            target.address
            for other in own(bucket.graph, BUCKET)
            if (target := _target(other)) is not None and target is not other
        }
    )
    destination, changes = _log_bucket([bucket], others)
    return [*changes, *_pointed(_Unlogged(bucket, bucket, "itself"), destination)]


def _target(bucket: Resource) -> Resource | None:
    value = bucket[DESTINATION] if bucket["LoggingConfiguration"] is not ABSENT else ABSENT
    if value is ABSENT or isinstance(value, Unknown):
        return None
    found = resolve(bucket.graph, value, frozenset({BUCKET}))
    return found if isinstance(found, Resource) else None


def _fault(graph: Graph, bucket: Resource) -> _Unlogged | None:
    if bucket["LoggingConfiguration"] is ABSENT:
        conditional = _conditional(graph, bucket)
        if conditional is None:
            return _Unlogged(bucket, bucket, "nowhere")
        into = resolve(graph, conditional.stated(DESTINATION), frozenset({BUCKET}))
        return _Unlogged(bucket, conditional, "both" if into is bucket else "some")
    target = _target(bucket)
    return _Unlogged(bucket, bucket, "itself") if target is bucket else None


def _conditional(graph: Graph, bucket: Resource) -> Resource | None:
    """The resource of Terraform's that states the logging of the bucket where its condition holds."""
    if graph.format != TERRAFORM:
        return None
    from stackworthy.sources.terraform.mapping.graph import BlockProperties

    for resource in graph:
        properties = resource.properties
        if (
            resource.present
            or resource.type != "aws_s3_bucket_logging"
            or not isinstance(properties, BlockProperties)
        ):
            continue
        named = properties.stack.root.refers_to(properties.mapped.block, ("bucket",))
        if named is not None and named.address == bucket.address:
            return resource
    return None


def _log_bucket(buckets: list[Resource], there: list[str]) -> tuple[Value, list[Change]]:
    """The bucket that takes the logs: one that takes others already, else a new one that only S3 writes into."""
    if there:
        return Reference(there[0]), []
    beside = buckets[0]
    properties = Map(
        PublicAccessBlockConfiguration=Map(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        LifecycleConfiguration=Map(
            Rules=List(
                [
                    Map(
                        Id="expire",
                        Status="Enabled",
                        ExpirationInDays=KEEP_DAYS,
                        AbortIncompleteMultipartUpload=Map(DaysAfterInitiation=1),
                    )
                ]
            )
        ),
    )
    logs = AddResource(BUCKET, "AccessLogsBucket", properties, beside, APART)
    objects = joined((logs.reference("Arn"), "/*"))
    document = policy(
        Map(
            Sid="DenyPlainHttp",
            Effect="Deny",
            Principal="*",
            Action="s3:*",
            Resource=List([logs.reference("Arn"), objects]),
            Condition=Map(Bool=Map({"aws:SecureTransport": "false"})),
        ),
        Map(
            Sid="AccessLogs",
            Effect="Allow",
            Principal=Map(Service=SERVICE),
            Action="s3:PutObject",
            Resource=objects,
            Condition=Map(
                ArnLike=Map({"aws:SourceArn": List(arn(bucket) for bucket in buckets)}),
                StringEquals=Map({"aws:SourceAccount": ACCOUNT}),
            ),
        ),
    )
    allowed = AddResource(
        POLICY,
        "AccessLogsPolicy",
        Map(Bucket=logs.reference(), PolicyDocument=document),
        beside,
        APART,
    )
    return logs.reference(), [logs, allowed]


def _pointed(found: _Unlogged, destination: Value) -> list[Change]:
    """The logging of one bucket, into the log bucket."""
    if found.fault == "nowhere":
        logging = Map(DestinationBucketName=destination, LogFilePrefix=f"{word(found.bucket)}/")
        return [found.bucket.set("LoggingConfiguration", logging)]
    change: list[Change] = [Always(found.place)] if found.fault in ("some", "both") else []
    return [*change, found.place.set(DESTINATION, destination)]


def _lets_logs_in(bucket: Resource) -> bool:
    for one in items(resource_policies(bucket)):
        try:
            if one.allows and any(who.value == SERVICE for who in one.principals):
                return True
        except NotKnown:
            continue
    return False


def _why(unlogged: list[_Unlogged]) -> str:
    words = {
        "some": "{} logs in some environments only, as its condition says",
        "both": "{} logs in some environments only, as its condition says, and into itself there: each entry of the log makes another",
        "itself": "{} logs into itself: each entry of the log makes another",
        "nowhere": "{} has no log",
    }
    faults = "; ".join(words[found.fault].format(word(found.bucket)) for found in unlogged)
    return (
        f"{faults}. The log says who read or deleted what; logging is free, the entries are stored and billed for {KEEP_DAYS} days, in a bucket of "
        "their own that only S3 writes into"
    )
