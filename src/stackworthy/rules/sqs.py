"""Amazon SQS: queues, what polls them, and where their failed messages go."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.exposure import is_public
from stackworthy.aws.keys import is_managed
from stackworthy.aws.queues import dead_letter_queue, dead_letter_queues, max_receive_count
from stackworthy.aws.statements import read_policy
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix, Unsafe
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, Relation, Rule
from stackworthy.core.value import Map, is_stated, show
from stackworthy.rules._forms import says_nothing
from stackworthy.rules._mending import COSTS, failure_queue
from stackworthy.rules._words import days

LONGEST = 1_209_600
"""The longest retention of SQS, 14 days, in seconds."""

DELIVERIES = ("subscription", "bucket notification", "rule target")
"""What makes a service put messages into a queue in its own name."""

_CONFIGURE = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"
_DEAD_LETTERS = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"
)
_ENCRYPTION = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html"


RECEIVES = 5
"""How often a message may be received before a fix sets it aside: what AWS advises at least."""


class VisibilityTimeoutUnderFunctionTimeout(Rule):
    """Lambda refuses to poll a queue that hides its messages for less time than the function may take.

    The event source mapping cannot be created, and the deployment fails. Were it not refused, a message would be handed
    out again while its first delivery is still being worked on.
    """

    on = Relation("triggers", "AWS::SQS::Queue", "AWS::Lambda::Function")
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "messages are hidden for {visible} s, but {function} may take {timeout} s: Lambda refuses to poll this queue"
    references = (_CONFIGURE,)
    fix_safety = SAFE

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Compare the queue's visibility timeout with the function's timeout."""
        queue, function = edge.source, edge.target
        visible, timeout = queue["VisibilityTimeout"], function["Timeout"]
        if edge.by == "event source mapping" and visible < timeout:
            also = [function.place("Timeout", "the function's timeout")]
            yield queue.finding(
                "VisibilityTimeout", also=also, visible=visible, timeout=timeout, function=function.name
            )

    def fix(self, finding: Finding) -> Fix | None:
        """Hide messages for as long as six runs take, as AWS advises."""
        return self.offer(finding.resource.set("VisibilityTimeout", 6 * finding.evidence["timeout"]))

    bad = """
        Worker: {Type: AWS::Lambda::Function, Properties: {Timeout: 60}}
        Jobs:   {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 45}}
        Pull:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Jobs.Arn}
    """
    good = bad.replace("VisibilityTimeout: 45", "VisibilityTimeout: 360")


class VisibilityTimeoutUnderSixRuns(Rule):
    """A throttled function may lose the time it needs to retry a batch before the queue hands it out again.

    SQS hides a received message for its visibility timeout. AWS advises six times the function's
    timeout, so that Lambda can retry while it is throttled on an earlier batch.
    """

    on = Relation("triggers", "AWS::SQS::Queue", "AWS::Lambda::Function")
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "messages are hidden for {visible} s, six times the timeout of {function} is {needed} s"
    references = (_CONFIGURE,)
    fix_safety = SAFE

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Compare the queue's visibility timeout with six times the function's timeout; below one it is another rule's."""
        queue, function = edge.source, edge.target
        visible, timeout = queue["VisibilityTimeout"], function["Timeout"]
        if edge.by == "event source mapping" and timeout <= visible < 6 * timeout:
            also = [function.place("Timeout", "the function's timeout")]
            yield queue.finding(
                "VisibilityTimeout", also=also, visible=visible, needed=6 * timeout, function=function.name
            )

    def fix(self, finding: Finding) -> Fix | None:
        """Hide messages for as long as six runs take."""
        return self.offer(finding.resource.set("VisibilityTimeout", finding.evidence["needed"]))

    bad = """
        Worker: {Type: AWS::Lambda::Function, Properties: {Timeout: 60}}
        Jobs:   {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}
        Pull:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Jobs.Arn}
    """
    good = bad.replace("VisibilityTimeout: 60", "VisibilityTimeout: 360")


class QueueWithoutDeadLetters(Rule):
    """A message that always fails is handed to the function again and again until it expires.

    Each time it is paid for, it may take its batch along, and when its days are over it is gone without a trace. A
    dead-letter queue takes it aside after a few attempts, where somebody can look at it.
    """

    on = Relation("triggers", "AWS::SQS::Queue", "AWS::Lambda::Function")
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = (
        "a message that {function} cannot process comes back until it expires: there is no dead-letter queue"
    )
    references = (_CONFIGURE, _DEAD_LETTERS)
    fix_safety = Unsafe(f"a message that was received five times is set aside; {COSTS}")

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Ask whether the queue moves messages anywhere; a dead-letter queue itself may end here."""
        queue = edge.source
        if edge.by != "event source mapping" or is_stated(queue["RedrivePolicy"]):
            return
        if queue.address not in dead_letter_queues(queue.graph):
            yield queue.finding("RedrivePolicy", function=edge.target.name)

    def fix(self, finding: Finding) -> Fix | None:
        """Set aside what was received five times, in a queue that is watched."""
        queue = finding.resource
        failed, changes = failure_queue(queue, ordered=bool(queue["FifoQueue"]))
        policy = Map(deadLetterTargetArn=failed, maxReceiveCount=RECEIVES)
        return self.offer(*changes, queue.set("RedrivePolicy", policy))

    bad = """
        Worker: {Type: AWS::Lambda::Function, Properties: {Timeout: 10}}
        Failed: {Type: AWS::SQS::Queue}
        Jobs:   {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}
        Pull:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Jobs.Arn}
    """
    good = bad.replace(
        "VisibilityTimeout: 60",
        "RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 5}",
    )


class DeadLettersExpireTooSoon(Rule):
    """A failed message keeps its age when it moves to a dead-letter queue, and may expire there within minutes.

    The clock of a standard queue's message starts when it is first sent. One that was retried for almost the whole
    retention of its queue has next to nothing left in a dead-letter queue with the same retention.
    """

    on = "AWS::SQS::Queue"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "messages from {queue}, kept for {source}, keep their age here and expire after {own}"
    references = (_DEAD_LETTERS,)
    fix_safety = SAFE

    def check(self, queue: Resource) -> Iterable[Finding]:
        """Compare the retention of a queue with that of its dead-letter queue; FIFO queues start the clock anew."""
        failed = dead_letter_queue(queue) if is_stated(queue["RedrivePolicy"]) else None
        if not failed or queue["FifoQueue"]:
            return
        source, own = queue["MessageRetentionPeriod"], failed["MessageRetentionPeriod"]
        if own <= source < LONGEST:
            also = [queue.place("MessageRetentionPeriod", "the queue whose failed messages come here")]
            yield failed.finding(
                "MessageRetentionPeriod", also=also, queue=queue.name, source=days(source), own=days(own)
            )

    def fix(self, finding: Finding) -> Fix | None:
        """Keep failed messages for as long as SQS can, 14 days; storage costs nothing."""
        return self.offer(finding.resource.set("MessageRetentionPeriod", LONGEST))

    bad = """
        Failed: {Type: AWS::SQS::Queue}
        Jobs:
          Type: AWS::SQS::Queue
          Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 5}}
    """
    good = bad.replace(
        "{Type: AWS::SQS::Queue}", "{Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1209600}}"
    )


class TooFewReceives(Rule):
    """A message may be received without being processed, when Lambda is throttled, and each time counts.

    With a small `maxReceiveCount`, messages that nobody has tried yet go to the dead-letter queue during a peak. AWS
    advises at least five.
    """

    on = Relation("triggers", "AWS::SQS::Queue", "AWS::Lambda::Function")
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "maxReceiveCount is {count}, and a throttled delivery counts as one: AWS advises at least 5"
    references = (_CONFIGURE,)
    fix_safety = Unsafe("a message that always fails is tried more often before it is set aside")

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Look at the number of receives of a queue that Lambda polls."""
        queue = edge.source
        if edge.by == "event source mapping" and is_stated(queue["RedrivePolicy"]):
            count = max_receive_count(queue)
            if 0 < count < 5:
                yield queue.finding("RedrivePolicy.maxReceiveCount", count=count)

    def fix(self, finding: Finding) -> Fix | None:
        """Allow five receives."""
        return self.offer(finding.resource.set("RedrivePolicy.maxReceiveCount", RECEIVES))

    bad = """
        Worker: {Type: AWS::Lambda::Function, Properties: {Timeout: 10}}
        Failed: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1209600}}
        Jobs:
          Type: AWS::SQS::Queue
          Properties:
            VisibilityTimeout: 60
            RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 1}
        Pull:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Jobs.Arn}
    """
    good = bad.replace("maxReceiveCount: 1", "maxReceiveCount: 5")


class PublicQueue(Rule):
    """A queue policy that allows everybody lets any AWS account read, add or delete messages."""

    on = Kinds(("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy"))
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "everybody may do {actions} on the queue: no condition says who"
    references = (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html",
    )
    equivalents = (
        "CKV_AWS_168",
        "CKV_AWS_387",
        "AVD-AWS-0097",
        "aws-sqs-no-wildcards-in-policy-documents",
        "SQS.3",
        "F21",
    )

    def check(self, policy: Resource) -> Iterable[Finding]:
        """Look for statements that allow everybody without saying from where."""
        for statement in read_policy(policy["PolicyDocument"], policy, "PolicyDocument"):
            if is_public(statement):
                yield policy.finding(statement.path, actions=statement.actions)

    bad = """
        Jobs: {Type: AWS::SQS::Queue}
        Policy:
          Type: AWS::SQS::QueuePolicy
          Properties:
            Queues: [!Ref Jobs]
            PolicyDocument:
              Statement: [{Effect: Allow, Principal: '*', Action: 'sqs:SendMessage', Resource: !GetAtt Jobs.Arn}]
    """
    good = bad.replace(
        "Resource: !GetAtt Jobs.Arn",
        "Resource: !GetAtt Jobs.Arn, Condition: {StringEquals: {'aws:PrincipalOrgID': o-example1234}}",
    )


class QueueEncryptionOff(Rule):
    """Somebody turned off the encryption that SQS gives every new queue for nothing."""

    on = "AWS::SQS::Queue"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "messages are stored unencrypted: the encryption that costs nothing was turned off"
    references = (_ENCRYPTION,)
    equivalents = ("CKV_AWS_27", "AVD-AWS-0096", "aws-sqs-enable-queue-encryption", "SQS.1", "W48")
    fix_safety = SAFE

    def check(self, queue: Resource) -> Iterable[Finding]:
        """Look for encryption that was turned off without another key in its place."""
        if not queue["SqsManagedSseEnabled"] and not is_stated(queue["KmsMasterKeyId"]):
            yield queue.finding("SqsManagedSseEnabled")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn it on again: nobody notices."""
        return self.offer(finding.resource.set("SqsManagedSseEnabled", True))

    bad = "Jobs: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}"
    good = (
        "Jobs: {Type: AWS::SQS::Queue}",
        "Jobs: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false, KmsMasterKeyId: alias/jobs}}",
    )


class QueueKeyShutsOutPublisher(Rule):
    """SNS, S3 and EventBridge cannot send to a queue that is encrypted with the key that AWS manages for SQS.

    They would need the key, and nobody can change the policy of `alias/aws/sqs` to give it to them. Deliveries fail, and
    nothing says so but a metric of the sender.
    """

    on = "AWS::SQS::Queue"
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "{sender} can never deliver here: it may not use the key alias/aws/sqs, and nobody can change that key's policy"
    references = (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html",
        "https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html",
    )
    fix_safety = Unsafe(
        "messages are then encrypted with a key that SQS owns, whose use CloudTrail does not record"
    )

    def check(self, queue: Resource) -> Iterable[Finding]:
        """Look at queues with the one key that cannot be shared for services that deliver to them."""
        if is_managed(queue["KmsMasterKeyId"], "sqs"):
            for edge in queue.graph.edges_to(queue, "triggers"):
                if edge.by in DELIVERIES:
                    yield queue.finding("KmsMasterKeyId", sender=edge.source.name)
                    return

    def fix(self, finding: Finding) -> Fix | None:
        """Encrypt with SQS's own key instead, which needs no permission."""
        queue = finding.resource
        return self.offer(queue.remove("KmsMasterKeyId"), queue.set("SqsManagedSseEnabled", True))

    bad = """
        Orders: {Type: AWS::SNS::Topic}
        Jobs: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/aws/sqs}}
        Subscription:
          Type: AWS::SNS::Subscription
          Properties: {TopicArn: !Ref Orders, Protocol: sqs, Endpoint: !GetAtt Jobs.Arn}
    """
    good = bad.replace("{KmsMasterKeyId: alias/aws/sqs}", "{SqsManagedSseEnabled: true}")


class QueueUnderSharedKey(Rule):
    """Some rules ask that messages are encrypted with a KMS key of yours; the key of SQS costs nothing and needs no permission."""

    on = "AWS::SQS::Queue"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "messages are encrypted with a key of AWS, not with one of yours"
    references = (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html",
    )
    equivalents = ("CKV2_AWS_73", "AVD-AWS-0135", "aws-sqs-queue-encryption-use-cmk")

    def check(self, queue: Resource) -> Iterable[Finding]:
        """Look for a key that is not AWS's own."""
        key = queue["KmsMasterKeyId"]
        if says_nothing(key) or is_managed(key, "sqs"):
            yield queue.finding("KmsMasterKeyId")

    bad = (
        "Jobs: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/aws/sqs}}",
        "Jobs: {Type: AWS::SQS::Queue}",
    )
    good = "Jobs: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/jobs}}"


class EveryQueueActionAllowed(Rule):
    """A policy that allows every action on a queue allows to delete it, and to change the policy itself.

    The console writes such a statement for the owner's own account, where the policies of its identities decide anyway.
    """

    on = Kinds(("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy"))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "whoever the policy names may do everything with the queue, delete it included"
    references = (
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html",
    )
    equivalents = ("CKV_AWS_72", "AVD-AWS-0097", "aws-sqs-no-wildcards-in-policy-documents", "F21")

    def check(self, policy: Resource) -> Iterable[Finding]:
        """Look for an asterisk among the allowed actions."""
        for statement in read_policy(policy["PolicyDocument"], policy, "PolicyDocument"):
            if statement.allows and statement.actions.any_of(
                lambda action: show(action).lower() in ("*", "sqs:*")
            ):
                yield policy.finding(statement.path)

    bad = """
        Jobs: {Type: AWS::SQS::Queue}
        Policy:
          Type: AWS::SQS::QueuePolicy
          Properties:
            Queues: [!Ref Jobs]
            PolicyDocument:
              Statement: [{Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:root'}, Action: '*', Resource: '*'}]
    """
    good = bad.replace("Action: '*'", "Action: 'sqs:SendMessage'")


RULES = (
    QueueUnderSharedKey(),
    EveryQueueActionAllowed(),
    VisibilityTimeoutUnderFunctionTimeout(),
    VisibilityTimeoutUnderSixRuns(),
    QueueWithoutDeadLetters(),
    DeadLettersExpireTooSoon(),
    TooFewReceives(),
    PublicQueue(),
    QueueEncryptionOff(),
    QueueKeyShutsOutPublisher(),
)
