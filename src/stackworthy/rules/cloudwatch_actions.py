"""Amazon CloudWatch: alarms that nobody hears."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.alarms import named
from stackworthy.aws.names import KEY, TOPIC
from stackworthy.aws.statements import Statement, read_policy
from stackworthy.capabilities.notifications import actions, notified
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Kinds, Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._alarms import ALARMS, COMPOSITE, DEAD, NOTIFY, example

_TOPIC = "Ops: {Type: AWS::SNS::Topic, Properties: {DisplayName: Ops}}"

ALARM = "AWS::CloudWatch::Alarm"


class AlarmWithoutAction(Rule):
    """An alarm without an action changes colour in the console, and tells nobody.

    Alarms that something else looks at are left out: a composite alarm, a deployment that rolls back, a health check.
    """

    on = Kinds((ALARM, "AWS::CloudWatch::CompositeAlarm"))
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "when this alarm fires, nobody is told: it has no action"
    references = (ALARMS,)
    equivalents = ("CloudWatch.15",)
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look for an action, or for something that looks at the alarm."""
        if alarm["AlarmActions"]:
            return
        graph = alarm.graph
        if not graph.edges_to(alarm, "watches") and not graph.edges_from(alarm, "protects"):
            yield alarm.finding("AlarmActions")

    fix_safety = Unsafe(
        "somebody is told from now on: by the topic of the other alarms, or by a new one, for which an address is asked at deployment"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Tell the topic that other alarms tell, or a new one."""
        alarm = finding.resource
        topic, changes = notified(alarm.graph, alarm, "alarms")
        return self.offer(*changes, alarm.set("AlarmActions", actions(topic)))

    bad = example("Namespace: Shop; MetricName: FailedOrders").replace(
        "AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:ops']", "AlarmActions: []"
    )
    good = example("Namespace: Shop; MetricName: FailedOrders")


class AlarmActionsOff(Rule):
    """Somebody turned the actions of an alarm off, and it tells nobody until they are on again."""

    on = Kinds((ALARM, "AWS::CloudWatch::CompositeAlarm"))
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "when this alarm fires, nobody is told: its actions are off"
    references = (ALARMS,)
    equivalents = ("CKV_AWS_319", "CloudWatch.17")
    tags = DEAD
    fix_safety = Unsafe("the alarm's actions are then carried out")

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look at alarms that have actions."""
        if alarm["AlarmActions"] and not alarm["ActionsEnabled"]:
            yield alarm.finding("ActionsEnabled")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn them on."""
        return self.offer(finding.resource.set("ActionsEnabled", True))

    bad = example("Namespace: Shop; MetricName: FailedOrders; ActionsEnabled: false")
    good = bad.replace("ActionsEnabled: false", "ActionsEnabled: true")


def _told_by(topic: Resource) -> Resource | None:
    """An alarm that notifies the topic, or None."""
    edges = topic.graph.edges("triggers").by_target.get(topic.address, ())
    return next((edge.source for edge in edges if edge.by == "alarm action"), None)


def _notifying(*resources: str) -> str:
    return example("Namespace: Shop; MetricName: FailedOrders", *resources).replace(
        "['arn:aws:sns:eu-west-1:111122223333:ops']", "[!Ref Ops]"
    )


class AlarmTopicWithoutSubscriber(Rule):
    """An alarm that notifies a topic tells those who have subscribed to it, and the stack subscribes nobody.

    Somebody may have subscribed by hand: then the next account or Region that the stack is deployed to has no such luck.
    """

    on = "AWS::SNS::Topic"
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    confidence = Confidence.MEDIUM
    message = "when {alarm} fires, nobody is told: the stack subscribes nobody to this topic; add an AWS::SNS::Subscription"
    references = (
        NOTIFY,
        "https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html",
    )
    tags = DEAD

    def check(self, topic: Resource) -> Iterable[Finding]:
        """Look for anything that takes messages from a topic which alarms notify."""
        alarm = _told_by(topic)
        if not alarm or topic["Subscription"]:
            return
        graph = topic.graph
        for subscription in graph.of("AWS::SNS::Subscription"):
            owner = named(graph, subscription["TopicArn"], TOPIC)
            if owner is topic:
                return
        others = [edge.source for edge in graph.edges_to(topic, "refers to")]
        if graph.edges_from(topic, "triggers") or any(one.kind not in _TELLERS for one in others):
            return
        yield topic.finding("", alarm=alarm.name)

    bad = _notifying(_TOPIC)
    good = _notifying(
        _TOPIC,
        "Mail:",
        "  Type: AWS::SNS::Subscription",
        "  Properties: {TopicArn: !Ref Ops, Protocol: email, Endpoint: ops@example.com}",
    )


_TELLERS = (ALARM, COMPOSITE, "AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy")
"""What may name a topic without taking messages from it."""


class AlarmShutOutByTopicPolicy(Rule):
    """A topic policy that lets some services publish, and not CloudWatch, shuts the alarms out.

    The policy that a topic has without one of your own lets the whole account publish. Yours takes its place.
    """

    on = Kinds(("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"))
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "when {alarm} fires, nobody is told: this policy lets other services publish to {topic}, not cloudwatch.amazonaws.com; allow it"
    references = (NOTIFY, "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html")
    tags = DEAD

    def check(self, policy: Resource) -> Iterable[Finding]:
        """Look for a statement under which CloudWatch, or the account, may publish."""
        graph = policy.graph
        stated = policy["Topics"] if policy.kind == "AWS::SNS::TopicPolicy" else [policy["TopicArn"]]
        topics = [named(graph, one, TOPIC) for one in stated]
        told = [(topic, _told_by(topic)) for topic in topics if topic]
        if not any(alarm for _, alarm in told):
            return
        statements = list(read_policy(policy["PolicyDocument"], policy, "PolicyDocument"))
        if statements and not any(_lets_in(one, "sns:Publish") for one in statements):
            topic, alarm = next(pair for pair in told if pair[1])
            yield policy.finding("PolicyDocument", alarm=alarm.name if alarm else "", topic=topic.name)

    bad = _notifying(
        _TOPIC,
        "Policy:",
        "  Type: AWS::SNS::TopicPolicy",
        "  Properties:",
        "    Topics: [!Ref Ops]",
        "    PolicyDocument:",
        "      Statement:",
        "        - {Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: 'sns:Publish', Resource: !Ref Ops}",
    )
    good = bad.replace("events.amazonaws.com", "[events.amazonaws.com, cloudwatch.amazonaws.com]")


def _lets_in(statement: Statement, action: str) -> bool:
    """Whether CloudWatch may do this under the statement; any other account or identity counts, for it may be the own one."""
    if not statement.allows or not statement.matches_action(action):
        return False
    return statement.not_principals.any_of(bool) or statement.principals.any_of(
        lambda one: one.type != "Service" or one.value == "cloudwatch.amazonaws.com"
    )


class AlarmShutOutByKey(Rule):
    """CloudWatch needs the key of an encrypted topic to publish there, and only the key's own policy can let it in.

    A policy that leaves everything to IAM lets in the account's roles, and no service.
    """

    on = "AWS::SNS::Topic"
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "when {alarm} fires, nobody is told: the policy of {key}, the topic's key, does not let in cloudwatch.amazonaws.com; allow it kms:Decrypt and kms:GenerateDataKey*"
    references = (NOTIFY, "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html")
    tags = DEAD

    def check(self, topic: Resource) -> Iterable[Finding]:
        """Look for a statement about CloudWatch in the policy of the topic's key."""
        alarm = _told_by(topic)
        if not alarm or not is_stated(topic["KmsMasterKeyId"]):
            return
        key = named(topic.graph, topic["KmsMasterKeyId"], KEY)
        if not key:
            return
        for statement in read_policy(key["KeyPolicy"], key, "KeyPolicy"):
            if statement.allows and statement.matches_action("kms:GenerateDataKey"):
                if statement.not_principals.any_of(bool):
                    return
                if statement.principals.any_of(lambda one: one.type == "*" or one.value in _CLOUDWATCH):
                    return
        yield topic.finding("KmsMasterKeyId", also=[key.place("KeyPolicy")], alarm=alarm.name, key=key.name)

    bad = _notifying(
        "Ops: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: !Ref Key}}",
        "Key:",
        "  Type: AWS::KMS::Key",
        "  Properties:",
        "    KeyPolicy:",
        "      Statement:",
        "        - {Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:root'}, Action: 'kms:*', Resource: '*'}",
    )
    good = bad.replace(
        "{AWS: 'arn:aws:iam::111122223333:root'}",
        "{AWS: 'arn:aws:iam::111122223333:root', Service: cloudwatch.amazonaws.com}",
    )


_CLOUDWATCH = ("*", "cloudwatch.amazonaws.com")


class CompositeAlarmOfNothing(Rule):
    """A composite alarm whose rule names no alarm never changes its colour."""

    on = COMPOSITE
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "this alarm never changes: its rule is {rule} and names no alarm; name those that it sums up"
    references = ("https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html",)
    tags = DEAD

    def check(self, alarm: Resource) -> Iterable[Finding]:
        """Look for the state of any alarm in the rule."""
        rule = alarm["AlarmRule"]
        if "(" not in rule:
            yield alarm.finding("AlarmRule", rule=rule)

    bad = """
        Alarm:
          Type: AWS::CloudWatch::CompositeAlarm
          Properties: {AlarmName: shop, AlarmRule: 'FALSE', AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:ops']}
    """
    good = bad.replace("'FALSE'", "ALARM(orders) OR ALARM(payments)")


RULES = (
    AlarmWithoutAction(),
    AlarmActionsOff(),
    AlarmTopicWithoutSubscriber(),
    AlarmShutOutByTopicPolicy(),
    AlarmShutOutByKey(),
    CompositeAlarmOfNothing(),
)
