"""Amazon Kinesis, Amazon Data Firehose and EventBridge Pipes: streams and what moves their records."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.arns import resolve
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, AddResource, Allow, Change, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import Map, is_stated, joined
from stackworthy.rules._forms import says_nothing
from stackworthy.rules._mending import (
    APPLIED_TWICE,
    COSTS,
    failure_queue,
    log_group,
    may_send,
    role_named,
    word,
)

_STREAM = "AWS::Kinesis::Stream"
_DELIVERY = "AWS::KinesisFirehose::DeliveryStream"
_PIPE = "AWS::Pipes::Pipe"
_GUIDE = "https://docs.aws.amazon.com/streams/latest/dev/"
_FIREHOSE = "https://docs.aws.amazon.com/firehose/latest/dev/"
_PIPES = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
_SHARED_READERS = 5
_RETRIES = 10
_DESTINATIONS = (
    "ExtendedS3DestinationConfiguration",
    "S3DestinationConfiguration",
    "AmazonopensearchserviceDestinationConfiguration",
    "AmazonOpenSearchServerlessDestinationConfiguration",
    "ElasticsearchDestinationConfiguration",
    "RedshiftDestinationConfiguration",
    "HttpEndpointDestinationConfiguration",
    "SplunkDestinationConfiguration",
    "SnowflakeDestinationConfiguration",
    "IcebergDestinationConfiguration",
)
_SSE = "DeliveryStreamEncryptionConfigurationInput"
_DELIVERS = """
        Deliver: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
        Clicks:
          Type: AWS::KinesisFirehose::DeliveryStream
          Properties:
            DeliveryStreamEncryptionConfigurationInput: {KeyType: AWS_OWNED_CMK}
            ExtendedS3DestinationConfiguration:
              BucketARN: 'arn:aws:s3:::clicks'
              RoleARN: !GetAtt Deliver.Arn
              CompressionFormat: GZIP
              CloudWatchLoggingOptions: {Enabled: true, LogGroupName: clicks, LogStreamName: s3}
    """
_PIPES_STREAM = """
        Move: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
        Pipe:
          Type: AWS::Pipes::Pipe
          Properties:
            RoleArn: !GetAtt Move.Arn
            Source: 'arn:aws:kinesis:eu-west-1:111122223333:stream/clicks'
            Target: 'arn:aws:lambda:eu-west-1:111122223333:function:count'
            SourceParameters: {KinesisStreamParameters: {StartingPosition: LATEST, MaximumRetryAttempts: 5}}
    """


class StreamUnencrypted(Rule):
    """Records lie unencrypted in the stream for as long as it keeps them.

    KMS encrypts them on the way in. With AWS's own key for Kinesis no one needs a new permission inside the account.
    """

    on = _STREAM
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "records lie unencrypted in the stream"
    references = (f"{_GUIDE}server-side-encryption.html",)
    equivalents = (
        "CKV_AWS_43",
        "AVD-AWS-0064",
        "aws-kinesis-enable-in-transit-encryption",
        "Kinesis.1",
        "W28",
        "W49",
    )
    fix_safety = Unsafe(
        "producers and consumers of other accounts can no longer use the stream, and KMS bills its requests"
    )

    def check(self, stream: Resource) -> Iterable[Finding]:
        """Look for encryption."""
        if says_nothing(stream["StreamEncryption"]):
            yield stream.finding("StreamEncryption")

    def fix(self, finding: Finding) -> Fix | None:
        """Encrypt with AWS's key for Kinesis."""
        encryption = Map({"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"})
        return self.offer(finding.resource.set("StreamEncryption", encryption))

    bad = "Clicks: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}"
    good = bad.replace("1}", "1, StreamEncryption: {EncryptionType: KMS, KeyId: alias/aws/kinesis}}")


class StreamUnderSharedKey(Rule):
    """Some rules ask that the key of a stream is yours."""

    on = _STREAM
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "records are not encrypted with a key of yours"
    references = (f"{_GUIDE}server-side-encryption.html",)
    equivalents = ("CKV_AWS_185",)

    def check(self, stream: Resource) -> Iterable[Finding]:
        """Look for a key other than AWS's."""
        key = stream["StreamEncryption.KeyId"]
        if says_nothing(key) or key == "alias/aws/kinesis":
            yield stream.finding("StreamEncryption.KeyId")

    bad = StreamUnencrypted.good
    good = bad.replace("alias/aws/kinesis", "alias/clicks")


class StreamKeepsOneDay(Rule):
    """Records that a broken consumer could not read in a day are gone before anybody is back from the weekend."""

    on = _STREAM
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "what a broken consumer does not read within {hours} hours is gone"
    references = (f"{_GUIDE}kinesis-extended-retention.html",)
    equivalents = ("Kinesis.3",)
    fix_safety = Unsafe("records are billed for the days after the first")

    def check(self, stream: Resource) -> Iterable[Finding]:
        """Compare the hours with a week."""
        hours = stream["RetentionPeriodHours"]
        if hours < 168:
            yield stream.finding("RetentionPeriodHours", hours=hours)

    def fix(self, finding: Finding) -> Fix | None:
        """Keep records for a week."""
        return self.offer(finding.resource.set("RetentionPeriodHours", 168))

    bad = StreamUnencrypted.bad
    good = bad.replace("1}", "1, RetentionPeriodHours: 168}")


class StreamHasTooManyReaders(Rule):
    """A shard answers five reads a second: more functions than that, each polling once a second, wait for one another.

    A consumer of its own (enhanced fan-out) gives each its own share, for a price per shard and gigabyte.
    """

    on = _STREAM
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    message = "{count} readers share five reads a second of each shard, and fall behind"
    references = (f"{_GUIDE}service-sizes-and-limits.html",)

    def check(self, stream: Resource) -> Iterable[Finding]:
        """Count the event source mappings and pipes that read the stream itself."""
        readers = 0
        for reader in stream.graph.of("AWS::Lambda::EventSourceMapping", _PIPE):
            path = "Source" if reader.kind == _PIPE else "EventSourceArn"
            readers += resolve(stream.graph, reader[path]) is stream
        if readers > _SHARED_READERS:
            yield stream.finding("", count=readers)

    bad = "Clicks: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}\n" + "\n".join(
        f"Read{number}: {{Type: AWS::Lambda::EventSourceMapping, Properties:"
        f" {{FunctionName: count, StartingPosition: LATEST, EventSourceArn: !GetAtt Clicks.Arn}}}}"
        for number in range(_SHARED_READERS + 1)
    )
    good = bad.rpartition("\n")[0]


class DeliveryUnencrypted(Rule):
    """Records lie unencrypted in the delivery stream until they are delivered; encryption with AWS's key costs nothing."""

    on = _DELIVERY
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "records lie unencrypted until they are delivered"
    references = (f"{_FIREHOSE}encryption.html",)
    equivalents = ("CKV_AWS_240", "DataFirehose.1", "W88")
    fix_safety = SAFE

    def check(self, delivery: Resource) -> Iterable[Finding]:
        """Look for encryption, where the delivery stream is not fed by a Kinesis stream, which decides."""
        stated = delivery.stated(f"{_SSE}.KeyType")
        if (
            delivery["DeliveryStreamType"] == "DirectPut"
            and says_nothing(stated)
            and says_nothing(delivery[_SSE])
        ):
            yield delivery.finding(f"{_SSE}.KeyType")

    def fix(self, finding: Finding) -> Fix | None:
        """Encrypt with the key that Firehose owns."""
        return self.offer(finding.resource.set(finding.property, "AWS_OWNED_CMK"))

    bad = _DELIVERS.replace(
        "DeliveryStreamEncryptionConfigurationInput: {KeyType: AWS_OWNED_CMK}",
        "DeliveryStreamType: DirectPut",
    )
    good = _DELIVERS


class DeliveryUnderSharedKey(Rule):
    """Some rules ask that the key of a delivery stream is yours."""

    on = _DELIVERY
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "records are not encrypted with a key of yours until they are delivered"
    references = (f"{_FIREHOSE}encryption.html",)
    equivalents = ("CKV_AWS_241",)

    def check(self, delivery: Resource) -> Iterable[Finding]:
        """Look for a key of one's own."""
        if delivery["DeliveryStreamType"] != "DirectPut":
            return
        if delivery[f"{_SSE}.KeyType"] != "CUSTOMER_MANAGED_CMK":
            yield delivery.finding(f"{_SSE}.KeyType")
        elif says_nothing(delivery[f"{_SSE}.KeyARN"]):
            yield delivery.finding(f"{_SSE}.KeyARN")

    bad = _DELIVERS
    good = _DELIVERS.replace(
        "AWS_OWNED_CMK", "CUSTOMER_MANAGED_CMK, KeyARN: 'arn:aws:kms:eu-west-1:111122223333:key/1'"
    )


class DeliveryErrorsNotLogged(Rule):
    """When records do not arrive, nothing says why: the delivery stream logs no errors unless asked to."""

    on = _DELIVERY
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "when records do not arrive, nothing says why: errors are not logged"
    references = (f"{_FIREHOSE}monitoring-with-cloudwatch-logs.html",)

    def check(self, delivery: Resource) -> Iterable[Finding]:
        """Look at the destination."""
        for name in _DESTINATIONS:
            destination = delivery[name]
            if not is_stated(destination):
                continue
            if (
                says_nothing(destination["CloudWatchLoggingOptions"])
                or not destination["CloudWatchLoggingOptions"]["Enabled"]
            ):
                yield delivery.finding(f"{name}.CloudWatchLoggingOptions")

    fix_safety = Unsafe("log lines are billed by their size")

    def fix(self, finding: Finding) -> Fix | None:
        """Log errors to a stream of a log group that ends, and let the role write them."""
        delivery = finding.resource
        destination = finding.property.rpartition(".")[0]
        role = role_named(delivery, delivery[f"{destination}.RoleARN"])
        if role is None:
            return None
        group = log_group(delivery, "Logs")
        properties = Map(LogGroupName=group.reference(), LogStreamName="delivery")
        stream = AddResource("AWS::Logs::LogStream", f"{word(delivery)}LogStream", properties, delivery)
        write = Allow(role, ("logs:PutLogEvents",), (joined((group.reference("Arn"), ":*")),))
        options = Map(Enabled=True, LogGroupName=group.reference(), LogStreamName="delivery")
        return self.offer(group, stream, write, delivery.set(finding.property, options))

    bad = _DELIVERS.replace(
        "CloudWatchLoggingOptions: {Enabled: true, LogGroupName: clicks, LogStreamName: s3}",
        "Prefix: clicks/",
    )
    good = _DELIVERS


class DeliveredUncompressed(Rule):
    """Records of text take five times the storage, and cost five times as much to query, as they would compressed."""

    on = _DELIVERY
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "records are stored uncompressed, at several times their size"
    references = (f"{_FIREHOSE}create-destination.html",)
    fix_safety = Unsafe("readers of the bucket must understand GZIP")

    def check(self, delivery: Resource) -> Iterable[Finding]:
        """Look at buckets; a conversion of the format compresses by itself."""
        name = "ExtendedS3DestinationConfiguration"
        if not is_stated(delivery[name]) or is_stated(delivery[name]["DataFormatConversionConfiguration"]):
            return
        if delivery[f"{name}.CompressionFormat"] == "UNCOMPRESSED":
            yield delivery.finding(f"{name}.CompressionFormat")

    def fix(self, finding: Finding) -> Fix | None:
        """Compress with GZIP."""
        return self.offer(finding.resource.set(finding.property, "GZIP"))

    bad = _DELIVERS.replace("GZIP", "UNCOMPRESSED")
    good = _DELIVERS


def _catch(pipe: Resource, path: str) -> list[Change] | None:
    """A queue for what a pipe gives up, and the permission to send to it; None when its role is not in the stack."""
    queue, changes = failure_queue(pipe)
    permission = may_send(pipe, queue)
    if permission is None:
        return None
    return [*changes, *permission, pipe.set(f"{path}.DeadLetterConfig.Arn", queue)]


class PipeRetriesForEver(Rule):
    """One record that always fails stops its shard: the pipe tries it again until the record expires, a day or a year later.

    A limit of retries or of age, with a dead-letter queue, lets the others pass.
    """

    on = _PIPE
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "one record that always fails stops its shard: the pipe tries it again without end"
    references = (f"{_PIPES}eb-pipes-batching-concurrency.html",)

    def check(self, pipe: Resource) -> Iterable[Finding]:
        """Look at pipes from streams for a limit of either sort."""
        for name in ("KinesisStreamParameters", "DynamoDBStreamParameters"):
            path = f"SourceParameters.{name}"
            if not is_stated(pipe[path]):
                continue
            retries, age = pipe[f"{path}.MaximumRetryAttempts"], pipe[f"{path}.MaximumRecordAgeInSeconds"]
            if retries == -1 and age == -1:
                yield pipe.finding(f"{path}.MaximumRetryAttempts")

    fix_safety = Unsafe(
        "records that failed eleven times are then set aside; only their place in the stream is kept, while the stream keeps them; "
        f"{COSTS}; {APPLIED_TWICE}"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Try ten times more, and keep word of what is given up in a queue that is watched."""
        pipe, path = finding.resource, finding.property.rpartition(".")[0]
        limit = pipe.set(finding.property, _RETRIES)
        if is_stated(pipe[f"{path}.DeadLetterConfig.Arn"]):
            return self.offer(limit)
        caught = _catch(pipe, path)
        return self.offer(limit, *caught) if caught is not None else None

    bad = _PIPES_STREAM.replace(", MaximumRetryAttempts: 5", "")
    good = _PIPES_STREAM


class PipeDropsRecords(Rule):
    """A record that fails for too long is skipped, and nobody can look at it later: the pipe has no dead-letter queue."""

    on = _PIPE
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "a record that fails too often is gone: the pipe has no dead-letter queue"
    references = (f"{_PIPES}eb-pipes-batching-concurrency.html",)

    def check(self, pipe: Resource) -> Iterable[Finding]:
        """Look at pipes from streams that give up at some time."""
        for name in ("KinesisStreamParameters", "DynamoDBStreamParameters"):
            path = f"SourceParameters.{name}"
            if not is_stated(pipe[path]) or is_stated(pipe[f"{path}.DeadLetterConfig.Arn"]):
                continue
            if pipe[f"{path}.MaximumRetryAttempts"] != -1 or pipe[f"{path}.MaximumRecordAgeInSeconds"] != -1:
                yield pipe.finding(f"{path}.DeadLetterConfig.Arn")

    fix_safety = Unsafe(
        f"the queue keeps where the records stand in the stream, not the records; {COSTS}; {APPLIED_TWICE}"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Keep word of what is given up in a queue that is watched."""
        caught = _catch(finding.resource, finding.property.rpartition(".DeadLetterConfig")[0])
        return self.offer(*caught) if caught is not None else None

    bad = _PIPES_STREAM
    good = _PIPES_STREAM.replace(
        "Attempts: 5", "Attempts: 5, DeadLetterConfig: {Arn: 'arn:aws:sqs:eu-west-1:111122223333:lost'}"
    )


class PipeNotLogged(Rule):
    """When a record does not arrive, nothing says where in the pipe it failed: logs are off."""

    on = _PIPE
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nothing says where in the pipe a record failed: logs are off"
    references = (f"{_PIPES}eb-pipes-logs.html",)

    def check(self, pipe: Resource) -> Iterable[Finding]:
        """Look for a log."""
        level = pipe["LogConfiguration.Level"]
        if not is_stated(level) or level == "OFF":
            yield pipe.finding("LogConfiguration")

    bad = _PIPES_STREAM
    good = _PIPES_STREAM.replace("RoleArn:", "LogConfiguration: {Level: ERROR}\n            RoleArn:")


RULES = (
    StreamUnencrypted(),
    StreamUnderSharedKey(),
    StreamKeepsOneDay(),
    StreamHasTooManyReaders(),
    DeliveryUnencrypted(),
    DeliveryUnderSharedKey(),
    DeliveryErrorsNotLogged(),
    DeliveredUncompressed(),
    PipeRetriesForEver(),
    PipeDropsRecords(),
    PipeNotLogged(),
)
