"""Whom an alarm tells: the topic that the stack's alarms use already, else a new one with an address that is asked for."""

from __future__ import annotations

from stackworthy.core.fix import AddParameter, AddResource, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, NotKnown, Reference, Value

TOPIC, SUBSCRIPTION, ALARM = "AWS::SNS::Topic", "AWS::SNS::Subscription", "AWS::CloudWatch::Alarm"


def notified(graph: Graph, beside: Resource, apart: str) -> tuple[Value, list[Change]]:
    """The ARN of the topic that alarms should tell, and the changes that make it when there is none."""
    for alarm in graph.of(ALARM, "AWS::CloudWatch::CompositeAlarm"):
        try:
            for action in alarm["AlarmActions"] or ():
                if isinstance(action, (Reference, str)):
                    return action, []
        except NotKnown:
            continue
    for subscription in graph.of(SUBSCRIPTION):
        topic = subscription["TopicArn"]
        if isinstance(topic, Reference) and subscription["Protocol"] in ("email", "https", "sms"):
            return topic, []
    address = AddParameter("AlarmEmail", "The address that alarms are sent to", beside)
    topic = AddResource(TOPIC, "Alarms", Map(), beside, apart)
    endpoint = Map(TopicArn=topic.reference(), Protocol="email", Endpoint=address.reference())
    return topic.reference(), [
        address,
        topic,
        AddResource(SUBSCRIPTION, "AlarmsByEmail", endpoint, beside, apart),
    ]


def actions(topic: Value) -> List:
    """The actions of an alarm that tells one topic."""
    return List([topic])
