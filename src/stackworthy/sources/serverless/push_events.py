"""Events that other services send: S3, SNS, IoT, Alexa, Cognito, log groups, load balancers.

https://www.serverless.com/framework/docs/providers/aws/events
"""

from __future__ import annotations

import hashlib
from typing import Any

from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.build import Build
from stackworthy.sources.serverless.service import Event, Function
from stackworthy.sources.serverless.shapes import as_list, as_map, as_text, first, get, is_set, text

PARTITION, REGION, ACCOUNT = ({"Ref": f"AWS::{name}"} for name in ("Partition", "Region", "AccountId"))
CREATED = "s3:ObjectCreated:*"


def add_bucket(build: Build, function: Function, event: Event) -> None:
    """Notifications of a bucket that the framework makes, or of one that exists."""
    bucket = event.get("bucket") if isinstance(event.body, dict) and "bucket" in event.body else event.body
    normal = names.normalized(function.key)
    if is_set(event.get("existing")) and isinstance(event.body, dict):
        name = alphanumeric_of(bucket)
        permission = f"{normal}LambdaPermission{name}S3"
        build.permission(
            function, event, permission, "s3.amazonaws.com", _bucket_arn(bucket), SourceAccount=ACCOUNT
        )
        return
    configured = as_map(get(build.service.provider, "s3", bucket)) if isinstance(bucket, str) else {}
    name = configured.get("name", bucket)
    logical_id = f"S3Bucket{alphanumeric_of(bucket)}"
    permission = f"{normal}LambdaPermission{alphanumeric_of(bucket)}S3"
    notification = {"Event": first(event.get("event"), CREATED), "Function": function.arn, **_filter(event)}
    known = build.resources.get(logical_id)
    if known is None:
        others = {names.upper_first(str(key)): value for key, value in configured.items() if key != "name"}
        own = as_map(others.pop("NotificationConfiguration", None))
        properties = {
            "BucketName": name,
            "NotificationConfiguration": {"LambdaConfigurations": [notification], **own},
            **others,
        }
        build.of(
            function,
            event,
            logical_id,
            "AWS::S3::Bucket",
            properties,
            {"BucketName": "bucket"},
            DependsOn=[permission],
        )
        made, start = build.made[logical_id], ("provider", "s3", as_text(bucket))
        if configured:
            stated = {names.upper_first(str(key)): ((*start, key),) for key in configured if key != "name"}
            made.places = {**made.places, "BucketName": ((*start, "name"),), "": (start,), **stated}
    else:
        known["Properties"]["NotificationConfiguration"].setdefault("LambdaConfigurations", []).append(
            notification
        )
        known["DependsOn"].append(permission)
    build.permission(
        function, event, permission, "s3.amazonaws.com", _bucket_arn(name), SourceAccount=ACCOUNT
    )


def alphanumeric_of(name: Any) -> str:
    """The letters and digits of a name, those of a reference's target where it is none."""
    if isinstance(name, str):
        return names.alphanumeric(name)
    return names.alphanumeric("".join(as_text(item, as_text(get(item, 0))) for item in as_map(name).values()))


def _bucket_arn(name: Any) -> Any:
    return text("arn:", PARTITION, ":s3:::", name)


def _filter(event: Event) -> dict[str, Any]:
    rules = [
        {"Name": name, "Value": value}
        for rule in as_list(event.get("rules"))
        for name, value in list(as_map(rule).items())[:1]
    ]
    return {"Filter": {"S3Key": {"Rules": rules}}} if rules else {}


TOPIC_TABLE = {
    "TopicArn": "arn",
    "FilterPolicy": "filterPolicy",
    "FilterPolicyScope": "filterPolicyScope",
    "RedrivePolicy": "redrivePolicy",
}


def add_topic(build: Build, function: Function, event: Event) -> None:
    """A topic that the framework makes, or one that exists."""
    arn, name = _topic(event)
    normal, topic = names.normalized(function.key), names.alphanumeric(name)
    redrive = _redrive(event)
    subscription = {
        "Protocol": "lambda",
        "Endpoint": function.arn,
        "FilterPolicy": event.get("filterPolicy"),
        "FilterPolicyScope": event.get("filterPolicyScope"),
        "RedrivePolicy": redrive,
    }
    subscribed = f"{normal}SnsSubscription{topic}"
    kind = "AWS::SNS::Subscription"
    if arn is not None:
        build.of(function, event, subscribed, kind, {"TopicArn": arn, **subscription}, TOPIC_TABLE)
    else:
        logical_id = f"SNSTopic{topic}"
        if logical_id not in build.resources:
            stated = {"TopicName": name, "DisplayName": event.get("displayName")}
            table = {"TopicName": "topicName", "DisplayName": "displayName"}
            build.of(function, event, logical_id, "AWS::SNS::Topic", stated, table)
        if is_set(event.get("filterPolicy")) or redrive is not None:
            reference = {"TopicArn": {"Ref": logical_id}}
            build.of(function, event, subscribed, kind, {**subscription, **reference}, TOPIC_TABLE)
        else:
            own = {"Endpoint": function.arn, "Protocol": "lambda"}
            build.resources[logical_id]["Properties"].setdefault("Subscription", []).append(own)
        arn = {"Fn::Join": ["", ["arn:", PARTITION, ":sns:", REGION, ":", ACCOUNT, ":", name]]}
    build.permission(function, event, f"{normal}LambdaPermission{topic}SNS", "sns.amazonaws.com", arn)


def _topic(event: Event) -> tuple[Any, str]:
    """The ARN of a topic that exists (None: the framework makes it), and the topic's name."""
    arn = event.get("arn") if isinstance(event.body, dict) else event.body
    if isinstance(event.body, dict) and (
        "Ref" in event.body or any(key.startswith("Fn::") for key in event.body)
    ):
        arn = event.body
    stated = as_text(event.get("topicName"))
    if isinstance(arn, str):
        if arn.startswith("arn:"):
            return arn, stated or arn.rsplit(":", 1)[-1]
        return None, arn
    if arn is None:
        return None, stated
    return arn, stated or alphanumeric_of(arn)


def _redrive(event: Event) -> Any:
    stated = event.get("redrivePolicy")
    if not isinstance(stated, dict):
        return stated
    if "deadLetterTargetRef" in stated:
        return {"deadLetterTargetArn": {"Fn::GetAtt": [stated["deadLetterTargetRef"], "Arn"]}}
    if "deadLetterTargetImport" in stated:
        return {"deadLetterTargetArn": {"Fn::ImportValue": get(stated, "deadLetterTargetImport", "arn")}}
    return {"deadLetterTargetArn": stated.get("deadLetterTargetArn")}


def add_iot(build: Build, function: Function, event: Event, numbers: dict[str, int]) -> None:
    """A topic rule of IoT."""
    numbers[function.key] = number = numbers.get(function.key, 0) + 1
    normal = names.normalized(function.key)
    payload = {
        "RuleDisabled": event.get("enabled") is False,
        "Sql": event.get("sql"),
        "Description": event.get("description"),
        "AwsIotSqlVersion": event.get("sqlVersion"),
        "Actions": [{"Lambda": {"FunctionArn": function.arn}}],
    }
    payload = {key: value for key, value in payload.items() if value is not None}
    rule = {"TopicRulePayload": payload, "RuleName": event.get("name")}
    table = {
        "RuleName": "name",
        "TopicRulePayload.Sql": "sql",
        "TopicRulePayload.RuleDisabled": "enabled",
        "TopicRulePayload.AwsIotSqlVersion": "sqlVersion",
        "TopicRulePayload.Description": "description",
    }
    made = build.of(function, event, f"{normal}IotTopicRule{number}", "AWS::IoT::TopicRule", rule, table)
    source = {"Fn::Join": ["", ["arn:", PARTITION, ":iot:", REGION, ":", ACCOUNT, ":rule/", {"Ref": made}]]}
    permission = f"{normal}LambdaPermissionIotTopicRule{number}"
    build.permission(function, event, permission, "iot.amazonaws.com", source)


def add_alexa(build: Build, function: Function, event: Event, numbers: dict[str, int]) -> None:
    """An Alexa skill, or a skill for a smart home."""
    numbers[function.key + event.type] = number = numbers.get(function.key + event.type, 0) + 1
    home = event.type == "alexaSmartHome"
    skill = event.get("appId") if isinstance(event.body, dict) else event.body
    enabled = event.get("enabled") is not False
    action = "lambda:InvokeFunction" if enabled else "lambda:DisableInvokeFunction"
    kind = "AlexaSmartHome" if home else "AlexaSkill"
    permission = f"{names.normalized(function.key)}LambdaPermission{kind}{number}"
    principal = "alexa-connectedhome.amazon.com" if home else "alexa-appkit.amazon.com"
    token = skill if isinstance(skill, (str, Unknown)) else None
    build.permission(function, event, permission, principal, EventSourceToken=token, Action=action)


_SENDERS = ("CustomSMSSender", "CustomEmailSender")


def add_user_pool(build: Build, function: Function, event: Event) -> None:
    """A trigger of a user pool that the framework makes, or of one that exists."""
    pool, trigger = as_text(event.get("pool")), as_text(event.get("trigger"))
    name = names.alphanumeric(pool)
    principal = "cognito-idp.amazonaws.com"
    permission = (
        f"{names.normalized(function.key)}LambdaPermissionCognitoUserPool{name}"
        f"TriggerSource{names.alphanumeric(trigger)}"
    )
    if is_set(event.get("existing")):
        arn = Unknown("the ARN of the existing user pool is known at deployment", stated=True)
        build.permission(function, event, permission, principal, arn)
        return
    logical_id = f"CognitoUserPool{name}"
    known = build.resources.get(logical_id)
    if known is None:
        stated = {"UserPoolName": pool, "LambdaConfig": {}}
        build.of(
            function,
            event,
            logical_id,
            "AWS::Cognito::UserPool",
            stated,
            {"UserPoolName": "pool"},
            DependsOn=[],
        )
        known = build.resources[logical_id]
    known["DependsOn"].append(function.alias[1] if function.alias else function.id)
    config = known["Properties"]["LambdaConfig"]
    if trigger in _SENDERS:
        config[trigger] = {
            "LambdaArn": function.arn,
            "LambdaVersion": first(event.get("lambdaVersion"), "V1_0"),
        }
        config["KMSKeyID"] = event.get("kmsKeyId")
    elif trigger:
        config[trigger] = function.arn
    source = {"Fn::GetAtt": [logical_id, "Arn"]}
    build.permission(function, event, permission, principal, source)


def add_log(build: Build, function: Function, event: Event, numbers: dict[str, int]) -> None:
    """A subscription to a log group."""
    numbers[function.key] = number = numbers.get(function.key, 0) + 1
    normal = names.normalized(function.key)
    group = event.get("logGroup") if isinstance(event.body, dict) else event.body
    permission = f"{normal}LambdaPermissionLogsSubscriptionFilterCloudWatchLog"
    stated = {
        "LogGroupName": group,
        "FilterPattern": first(event.get("filter"), ""),
        "DestinationArn": function.arn,
    }
    table = {"LogGroupName": "logGroup", "FilterPattern": "filter"}
    logical_id = f"{normal}LogsSubscriptionFilterCloudWatchLog{number}"
    build.of(
        function, event, logical_id, "AWS::Logs::SubscriptionFilter", stated, table, DependsOn=[permission]
    )
    if permission in build.resources:
        before = build.resources[permission]["Properties"]["SourceArn"]["Fn::Join"][1][7]
        group = _common_end(before, group)
    source = ["arn:", PARTITION, ":logs:", REGION, ":", ACCOUNT, ":log-group:", group, ":*"]
    principal = {"Fn::Join": ["", ["logs.", REGION, ".amazonaws.com"]]}
    build.permission(function, event, permission, principal, {"Fn::Join": ["", source]})


def _common_end(one: Any, other: Any) -> str:
    """What the names of two log groups end in, which stands for both."""
    if not isinstance(one, str) or not isinstance(other, str):
        return "*"
    length = 0
    while length < min(len(one), len(other)) and one[-1 - length] == other[-1 - length]:
        length += 1
    return one if one == other else f"*{one[len(one) - length :].lstrip('*')}"


_HEALTH = {
    "HealthCheckPath": ("path", "/"),
    "HealthCheckIntervalSeconds": ("intervalSeconds", 35),
    "HealthCheckTimeoutSeconds": ("timeoutSeconds", 30),
    "HealthyThresholdCount": ("healthyThresholdCount", 5),
    "UnhealthyThresholdCount": ("unhealthyThresholdCount", 5),
}
_CONDITIONS = {
    "path": ("path-pattern", ""),
    "host": ("host-header", "HostHeaderConfig"),
    "method": ("http-request-method", "HttpRequestMethodConfig"),
    "ip": ("source-ip", "SourceIpConfig"),
}


def add_balancer(build: Build, function: Function, event: Event) -> None:
    """A target group and a listener rule of an application load balancer."""
    listener, priority = event.get("listenerArn"), as_text(event.get("priority"))
    balancer = (
        listener.split("/")[3]
        if isinstance(listener, str) and listener.count("/") > 2
        else alphanumeric_of(listener)
    )
    many = is_set(event.get("multiValueHeaders"))
    normal, service = names.normalized(function.key), build.service
    target = f"{normal}Alb{'MultiValue' if many else ''}TargetGroup{balancer}"
    register = f"{normal}LambdaPermissionRegisterTarget"
    tag = text(service.name, f"-{function.key}-{balancer}-{service.stage}")
    hashed = text(service.name, f"-{function.key}-{balancer}-{'multi-value-' if many else ''}{service.stage}")
    group = {
        "TargetType": "lambda",
        "Targets": [{"Id": function.arn}],
        "Name": first(event.get("targetGroupName"), _group_name(service.provider, hashed)),
        "Tags": [{"Key": "Name", "Value": tag}],
        "TargetGroupAttributes": [{"Key": "lambda.multi_value_headers.enabled", "Value": many}],
        **_health(event.get("healthCheck")),
    }
    kind = "AWS::ElasticLoadBalancingV2::TargetGroup"
    build.of(function, event, target, kind, group, {"Name": "targetGroupName"}, DependsOn=[register])
    rule = {
        "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": target}}],
        "Conditions": _conditions(event),
        "ListenerArn": listener,
        "Priority": event.get("priority"),
    }
    kind = "AWS::ElasticLoadBalancingV2::ListenerRule"
    table = {"ListenerArn": "listenerArn", "Priority": "priority", "Conditions": "conditions"}
    build.of(function, event, f"{normal}AlbListenerRule{priority}", kind, rule, table)
    principal = "elasticloadbalancing.amazonaws.com"
    build.permission(function, event, f"{normal}LambdaPermissionAlb", principal, {"Ref": target})
    build.permission(function, event, register, principal)


def _group_name(provider: dict[str, Any], hashed: Any) -> Any:
    if not isinstance(hashed, str):
        return Unknown("the target group's name is a hash of the service's", stated=True)
    digest = hashlib.md5(hashed.encode(), usedforsecurity=False).hexdigest()
    return (as_text(get(provider, "alb", "targetGroupPrefix")) + digest)[:32]


def _health(stated: Any) -> dict[str, Any]:
    if not is_set(stated):
        return {"HealthCheckEnabled": False}
    own = as_map(stated)
    checks = {name: first(own.get(key), default) for name, (key, default) in _HEALTH.items()}
    code = first(get(own, "matcher", "httpCode"), "200")
    enabled = own.get("enabled")
    return {
        **checks,
        "Matcher": {"HttpCode": code},
        "HealthCheckEnabled": False if enabled is None else enabled,
    }


def _conditions(event: Event) -> list[Any]:
    found: list[Any] = []
    for key, (field, config) in _CONDITIONS.items():
        values = event.get("conditions", key)
        if is_set(values):
            listed = {"Values": as_list(values)}
            found.append({"Field": field, **({config: listed} if config else listed)})
    for header in as_list(event.get("conditions", "header")):
        config_ = {"HttpHeaderName": get(header, "name"), "Values": get(header, "values")}
        found.append({"Field": "http-header", "HttpHeaderConfig": config_})
    query = as_map(event.get("conditions", "query"))
    if query:
        values = [{"Key": key, "Value": value} for key, value in query.items()]
        found.append({"Field": "query-string", "QueryStringConfig": {"Values": values}})
    return found
