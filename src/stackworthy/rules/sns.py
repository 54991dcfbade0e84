"""Amazon SNS: topics, who may publish, and whom they reach."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stackworthy.aws.exposure import is_public
from stackworthy.aws.keys import is_managed
from stackworthy.aws.statements import read_policy
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, Rule
from stackworthy.core.value import is_stated, show

DELIVERIES = ("alarm action", "bucket notification", "rule target", "budget notification", "receipt rule")
"""What makes a service publish to a topic in its own name."""

_KEYS = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"

_ACCOUNT = re.compile(r"(?:^|::)(\d{12})(?::|$)")


class TopicKeyShutsOutPublisher(Rule):
    """CloudWatch alarms, S3 and EventBridge cannot publish to a topic encrypted with the key that AWS manages for SNS.

    They would need the key, and nobody can change the policy of `alias/aws/sns` to give it to them. An alarm goes off and
    nobody is told.
    """

    on = "AWS::SNS::Topic"
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "{sender} can never publish here: it may not use the key alias/aws/sns, and nobody can change that key's policy"
    references = (
        _KEYS,
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html",
    )
    tags = ("dead-alarm",)

    def check(self, topic: Resource) -> Iterable[Finding]:
        """Look at topics with the one key that cannot be shared for services that publish to them."""
        if is_managed(topic["KmsMasterKeyId"], "sns"):
            for edge in topic.graph.edges_to(topic, "triggers"):
                if edge.by in DELIVERIES:
                    yield topic.finding("KmsMasterKeyId", sender=edge.source.name)
                    return

    bad = """
        Ops: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: alias/aws/sns}}
        Failing:
          Type: AWS::CloudWatch::Alarm
          Properties:
            Namespace: AWS/Lambda
            MetricName: Errors
            Statistic: Sum
            Period: 60
            EvaluationPeriods: 1
            Threshold: 0
            ComparisonOperator: GreaterThanThreshold
            AlarmActions: [!Ref Ops]
    """
    good = bad.replace("alias/aws/sns", "alias/ops")


class PublicTopic(Rule):
    """A topic policy that allows everybody lets any AWS account publish to your subscribers, or subscribe itself."""

    on = Kinds(("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"))
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "everybody may do {actions} on the topic: no condition says who"
    references = ("https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html",)
    equivalents = ("CKV_AWS_169", "SNS.4", "F18")

    def check(self, policy: Resource) -> Iterable[Finding]:
        """Look for statements that allow everybody without saying from where."""
        for statement in read_policy(policy["PolicyDocument"], policy, "PolicyDocument"):
            if is_public(statement):
                yield policy.finding(statement.path, actions=statement.actions)

    bad = """
        Orders: {Type: AWS::SNS::Topic}
        Policy:
          Type: AWS::SNS::TopicPolicy
          Properties:
            Topics: [!Ref Orders]
            PolicyDocument:
              Statement: [{Effect: Allow, Principal: '*', Action: 'sns:Publish', Resource: !Ref Orders}]
    """
    good = bad.replace(
        "Resource: !Ref Orders",
        "Resource: !Ref Orders, Condition: {StringEquals: {'aws:SourceAccount': '111122223333'}}",
    )


class DeliveryInClearText(Rule):
    """Messages to an http endpoint cross the internet readable, and anybody on the way can change them."""

    on = "AWS::SNS::Subscription"
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "messages are delivered over plain HTTP, readable on their way"
    references = ("https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html",)

    def check(self, subscription: Resource) -> Iterable[Finding]:
        """Look at the protocol."""
        if subscription["Protocol"] == "http":
            yield subscription.finding("Protocol")

    bad = """
        Orders: {Type: AWS::SNS::Topic}
        Shop:
          Type: AWS::SNS::Subscription
          Properties: {TopicArn: !Ref Orders, Protocol: http, Endpoint: 'http://shop.example.com/orders'}
    """
    good = bad.replace("Protocol: http", "Protocol: https").replace("http://", "https://")


class TopicUnencrypted(Rule):
    """Some rules ask that messages are encrypted with a KMS key while SNS holds them.

    A key that AWS manages shuts out alarms, S3 and EventBridge; one of your own needs a statement for each service that
    publishes. Delivered messages leave SNS at once either way.
    """

    on = "AWS::SNS::Topic"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "messages are not encrypted with a KMS key while SNS holds them"
    references = (_KEYS,)
    equivalents = ("CKV_AWS_26", "AVD-AWS-0095", "aws-sns-enable-topic-encryption", "SNS.1", "W47")

    def check(self, topic: Resource) -> Iterable[Finding]:
        """Look for any key."""
        if not is_stated(topic["KmsMasterKeyId"]):
            yield topic.finding("KmsMasterKeyId")

    bad = "Orders: {Type: AWS::SNS::Topic, Properties: {DisplayName: Orders}}"
    good = bad.replace("Orders}}", "Orders, KmsMasterKeyId: alias/orders}}")


class TopicForAnotherAccount(Rule):
    """Somebody in another account, or a service that acts for it, may use the topic: know who, and why."""

    on = Kinds(("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "a stated account may use the topic: {account}"
    references = ("https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",)
    equivalents = ("CKV_AWS_385",)

    def check(self, policy: Resource) -> Iterable[Finding]:
        """Look for the number of an account among those who are allowed."""
        for statement in read_policy(policy["PolicyDocument"], policy, "PolicyDocument"):
            if not statement.allows:
                continue
            for principal in statement.principals:
                account = _ACCOUNT.search(show(principal.value))
                if principal.type == "AWS" and account:
                    yield policy.finding(statement.path, account=account.group(1))
                    break

    bad = PublicTopic.bad.replace("Principal: '*'", "Principal: {AWS: 'arn:aws:iam::111122223333:role/shop'}")
    good = PublicTopic.bad.replace("Principal: '*'", "Principal: {Service: events.amazonaws.com}")


RULES = (
    TopicForAnotherAccount(),
    TopicKeyShutsOutPublisher(),
    PublicTopic(),
    DeliveryInClearText(),
    TopicUnencrypted(),
)
