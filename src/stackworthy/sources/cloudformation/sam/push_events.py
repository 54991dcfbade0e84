"""Events whose source calls the function itself: each needs a permission for the source.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import OWN, Context, Invoked, event_route
from .expansion import Route
from .intrinsics import get_att, if_, ref, referred_id, sub
from .properties import FUNCTION, event_property_routes
from .pull_events import queue_mapping
from .roles import Role
from .rule_events import queue_policy
from .tags import tag_list

PERMISSION = "AWS::Lambda::Permission"


def add_permission(
    context: Context,
    owner: str,
    event_id: str,
    event_type: str,
    invoked: Invoked,
    principal: str,
    *,
    prefix: str | None = None,
    **properties: Any,
) -> str:
    """Let `principal` call the function; the logical id of the permission."""
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": invoked.name, "Principal": principal}
    return context.add(
        f"{owner + event_id if prefix is None else prefix}Permission",
        PERMISSION,
        {**permission, **properties},
        by=owner,
        route=event_route(owner, event_id),
        properties_from=event_property_routes(FUNCTION, event_type, PERMISSION, event_id),
        attributes=invoked.attributes,
    )


def add_made(
    context: Context,
    owner: str,
    event_id: str,
    event_type: str,
    made_id: str,
    kind: str,
    properties: Mapping[str, Any],
    invoked: Invoked,
    depends_on: Any = None,
) -> str:
    """Add a resource that an event of a function asks for."""
    return context.add(
        made_id,
        kind,
        properties,
        by=owner,
        route=event_route(owner, event_id),
        properties_from=event_property_routes(FUNCTION, event_type, kind, event_id),
        attributes=invoked.attributes,
        depends_on=depends_on,
    )


def _arn(context: Context, service: str, resource: str) -> str:
    return f"arn:{context.partition}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"


def add_logs(
    context: Context, owner: str, event_id: str, properties: Mapping[str, Any], invoked: Invoked, _role: Role
) -> None:
    group = properties["LogGroupName"]
    source = sub(_arn(context, "logs", "log-group:${__LogGroupName__}:*"), {"__LogGroupName__": group})
    event_type = "CloudWatchLogs"
    permission = add_permission(
        context, owner, event_id, event_type, invoked, "logs.amazonaws.com", SourceArn=source
    )
    subscription = {
        "LogGroupName": group,
        "FilterPattern": properties["FilterPattern"],
        "DestinationArn": invoked.arn,
    }
    kind = "AWS::Logs::SubscriptionFilter"
    add_made(
        context,
        owner,
        event_id,
        event_type,
        owner + event_id,
        kind,
        subscription,
        invoked,
        depends_on=[permission],
    )


def add_iot(
    context: Context, owner: str, event_id: str, properties: Mapping[str, Any], invoked: Invoked, _role: Role
) -> None:
    made_id = owner + event_id
    source = sub(_arn(context, "iot", "rule/${RuleName}"), {"RuleName": ref(made_id)})
    add_permission(
        context,
        owner,
        event_id,
        "IoTRule",
        invoked,
        "iot.amazonaws.com",
        SourceArn=source,
        SourceAccount=sub("${AWS::AccountId}"),
    )
    payload = {
        "Sql": properties["Sql"],
        "RuleDisabled": False,
        "Actions": [{"Lambda": {"FunctionArn": invoked.arn}}],
    }
    if properties.get("AwsIotSqlVersion"):
        payload["AwsIotSqlVersion"] = properties["AwsIotSqlVersion"]
    rule = {"TopicRulePayload": payload}
    add_made(context, owner, event_id, "IoTRule", made_id, "AWS::IoT::TopicRule", rule, invoked)


def add_alexa(
    context: Context, owner: str, event_id: str, properties: Mapping[str, Any], invoked: Invoked, _role: Role
) -> None:
    skill = properties.get("SkillId")
    principal = "alexa-appkit.amazon.com"
    add_permission(context, owner, event_id, "AlexaSkill", invoked, principal, EventSourceToken=skill)


def _same_template(context: Context, value: Any, kind: str, route: Route) -> str:
    """The logical id that a `Ref` names, which must be a resource of this kind."""
    named = value.get("Ref") if isinstance(value, dict) else None
    if not isinstance(named, str) or context.kind(named) != kind:
        context.refuse(route, f"must be a Ref to an {kind} of the same template")
    return named


def add_cognito(
    context: Context, owner: str, event_id: str, properties: Mapping[str, Any], invoked: Invoked, _role: Role
) -> None:
    """Every trigger is written into the user pool itself."""
    route = event_route(owner, event_id, "Properties")
    pool_id = _same_template(context, properties["UserPool"], "AWS::Cognito::UserPool", (*route, "UserPool"))
    add_permission(
        context,
        owner,
        event_id,
        "Cognito",
        invoked,
        "cognito-idp.amazonaws.com",
        prefix=f"{invoked.id}Cognito",
        SourceArn=get_att(pool_id, "Arn"),
    )
    body = context.expansion.resources[pool_id]
    pool = context.need_map(body.get("Properties") or {}, ("Resources", pool_id, "Properties"))
    place = ("Resources", pool_id, "Properties", "LambdaConfig")
    triggers = dict(context.need_map(pool.get("LambdaConfig") or {}, place))
    stated = properties["Trigger"]
    if isinstance(stated, dict):
        context.refuse((*route, "Trigger"), "must be a trigger or a list of triggers")
    new = [stated] if isinstance(stated, str) else stated
    for trigger in new:
        if not isinstance(trigger, str) or trigger in triggers:
            context.refuse((*route, "Trigger"), f"{trigger!r} is stated more than once")
        triggers[trigger] = invoked.arn
    places = {f"LambdaConfig.{trigger}": event_route(owner, event_id) for trigger in new}
    _rewrite(context, pool_id, body, {**pool, "LambdaConfig": triggers}, places)


def add_s3(
    context: Context, owner: str, event_id: str, properties: Mapping[str, Any], invoked: Invoked, _role: Role
) -> None:
    """The notifications are written into the bucket itself, which must wait for the permission."""
    route = event_route(owner, event_id, "Properties")
    bucket_id = _same_template(context, properties["Bucket"], "AWS::S3::Bucket", (*route, "Bucket"))
    account = ref("AWS::AccountId")
    principal = "s3.amazonaws.com"
    permission = add_permission(context, owner, event_id, "S3", invoked, principal, SourceAccount=account)
    body = dict(context.expansion.resources[bucket_id])
    bucket = dict(context.need_map(body.get("Properties") or {}, ("Resources", bucket_id, "Properties")))
    condition = invoked.attributes.get("Condition")
    if condition is None:
        body["DependsOn"] = _with_dependency(context, body.get("DependsOn"), permission, bucket_id)
    else:
        # DependsOn knows no condition, a reference inside of Fn::If does.
        waits = {f"sam:ConditionalDependsOn:{permission}": if_(condition, ref(permission), "no dependency")}
        place = ("Resources", bucket_id, "Properties", "Tags")
        bucket["Tags"] = context.need_list(bucket.get("Tags") or [], place) + tag_list(waits)
    notifications = _with_notifications(context, bucket, bucket_id, properties, invoked, route)
    known = (bucket.get("NotificationConfiguration") or {}).get("LambdaConfigurations") or []
    added = range(len(known), len(notifications["LambdaConfigurations"]))
    bucket["NotificationConfiguration"] = notifications
    path = "NotificationConfiguration.LambdaConfigurations"
    _rewrite(
        context, bucket_id, body, bucket, {f"{path}.{index}": event_route(owner, event_id) for index in added}
    )


def _rewrite(
    context: Context,
    logical_id: str,
    body: Mapping[str, Any],
    properties: Mapping[str, Any],
    added: Mapping[str, Route],
) -> None:
    """Write a resource of the author again with other properties; SAM drops attributes that it does not know."""
    kept = {name: body[name] for name in ("Type", "DependsOn", *OWN) if name in body}
    kept["Properties"] = {name: value for name, value in properties.items() if value is not None}
    context.rewrite(logical_id, kept, added)


def _with_dependency(context: Context, stated: Any, permission: str, bucket_id: str) -> list[str]:
    waits_for = [stated] if isinstance(stated, str) else stated or []
    if not isinstance(waits_for, list) or not all(isinstance(one, str) for one in waits_for):
        context.refuse(("Resources", bucket_id, "DependsOn"), "must be a logical id or a list of them")
    return list(dict.fromkeys([*waits_for, permission]))


def _with_notifications(
    context: Context,
    bucket: Mapping[str, Any],
    bucket_id: str,
    properties: Mapping[str, Any],
    invoked: Invoked,
    route: Route,
) -> dict[str, Any]:
    place = ("Resources", bucket_id, "Properties", "NotificationConfiguration")
    stated = context.need_map(bucket.get("NotificationConfiguration") or {}, place)
    known = list(
        context.need_list(stated.get("LambdaConfigurations") or [], (*place, "LambdaConfigurations"))
    )
    condition = invoked.attributes.get("Condition")
    events = properties["Events"]
    if isinstance(events, dict):
        context.refuse((*route, "Events"), "must be a list of events or one event")
    for event in [events] if isinstance(events, str) else events:
        wanted: dict[str, Any] = {"Function": invoked.arn}
        if properties.get("Filter") is not None:
            wanted["Filter"] = properties["Filter"]
        wanted["Event"] = event
        notification = wanted if condition is None else if_(condition, wanted)
        if notification not in known:
            known.append(notification)
    return {**stated, "LambdaConfigurations": known}


def add_sns(
    context: Context, owner: str, event_id: str, properties: Mapping[str, Any], invoked: Invoked, role: Role
) -> None:
    """The topic calls the function, or feeds a queue that the function reads (`SqsSubscription`)."""
    topic = properties["Topic"]
    through = properties.get("SqsSubscription")
    if not through:
        add_permission(context, owner, event_id, "SNS", invoked, "sns.amazonaws.com", SourceArn=topic)
        _subscribe(context, owner, event_id, properties, "lambda", invoked.arn, invoked)
        return
    made_id = owner + event_id
    queue: Mapping[str, Any] = {}
    policy_id = f"{made_id}QueuePolicy"
    if isinstance(through, dict):
        queue = through
        arn, url = queue.get("QueueArn"), queue.get("QueueUrl")
        place = event_route(owner, event_id, "Properties", "SqsSubscription")
        if not arn or not url:
            context.refuse(place, "needs QueueArn and QueueUrl")
        named = queue.get("QueuePolicyLogicalId")
        policy_id = context.need_text(named, (*place, "QueuePolicyLogicalId")) if named else policy_id
    else:
        queue_id = f"{made_id}Queue"
        arn, url = get_att(queue_id, "Arn"), ref(queue_id)
        fifo = _is_fifo(context, topic) or None
        add_made(context, owner, event_id, "SNS", queue_id, "AWS::SQS::Queue", {"FifoQueue": fifo}, invoked)
    policy = queue_policy("*", arn, topic, url)
    add_made(context, owner, event_id, "SNS", policy_id, "AWS::SQS::QueuePolicy", policy, invoked)
    _subscribe(context, owner, event_id, properties, "sqs", arn, invoked)
    mapping_id = f"{made_id}EventSourceMapping"
    mapping = queue_mapping(context, arn, queue.get("BatchSize"), invoked, role)
    add_made(context, owner, event_id, "SNS", mapping_id, "AWS::Lambda::EventSourceMapping", mapping, invoked)


def _is_fifo(context: Context, topic: Any) -> Any:
    topic_id = referred_id(topic)
    return context.resolve(context.properties(topic_id).get("FifoTopic")) if topic_id else None


def _subscribe(
    context: Context,
    owner: str,
    event_id: str,
    properties: Mapping[str, Any],
    protocol: str,
    endpoint: Any,
    invoked: Invoked,
) -> None:
    subscription = {"Protocol": protocol, "Endpoint": endpoint, "TopicArn": properties["Topic"]}
    for name in ("Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"):
        subscription[name] = properties.get(name)
    kind = "AWS::SNS::Subscription"
    add_made(context, owner, event_id, "SNS", owner + event_id, kind, subscription, invoked)
