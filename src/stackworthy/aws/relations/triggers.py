"""`triggers`: an event in the source makes AWS start the target, or deliver the event to it."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import locate, resolve
from stackworthy.aws.documents import document
from stackworthy.aws.names import (
    API,
    API_DESTINATION,
    BROKER,
    BUCKET,
    DELIVERY_STREAM,
    DOCUMENT_DB,
    EVENT_BUS,
    FUNCTION,
    GRAPHQL_API,
    JOB_DEFINITION,
    JOB_QUEUE,
    KAFKA,
    LOG_GROUP,
    PIPELINE,
    PROJECT,
    QUEUE,
    STATE_MACHINE,
    STREAM,
    TABLE,
    TASK_DEFINITION,
    TOPIC,
    Kinds,
)
from stackworthy.aws.paths import within
from stackworthy.aws.relations.links import Links, at, between, edge, follow, to
from stackworthy.aws.statements import list_of
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, Reference, Unknown, Value, references, show

POLLED = QUEUE | STREAM | TABLE | KAFKA | BROKER | DOCUMENT_DB
"""What Lambda and EventBridge Pipes poll."""

STARTED = (
    FUNCTION
    | QUEUE
    | TOPIC
    | STATE_MACHINE
    | STREAM
    | DELIVERY_STREAM
    | LOG_GROUP
    | EVENT_BUS
    | API
    | API_DESTINATION
    | GRAPHQL_API
    | JOB_QUEUE
    | PROJECT
    | PIPELINE
)
"""What EventBridge delivers events to."""

_ALARM_ACTIONS = tuple(
    to(f"{name}[]", TOPIC | FUNCTION, "alarm action")
    for name in ("AlarmActions", "OKActions", "InsufficientDataActions")
)
_PROTOCOLS = ("lambda", "sqs", "firehose", "http", "https")
_USER_POOL_TRIGGERS = (
    "CreateAuthChallenge",
    "CustomEmailSender.LambdaArn",
    "CustomMessage",
    "CustomSMSSender.LambdaArn",
    "DefineAuthChallenge",
    "InboundFederation.LambdaArn",
    "PostAuthentication",
    "PostConfirmation",
    "PreAuthentication",
    "PreSignUp",
    "PreTokenGeneration",
    "PreTokenGenerationConfig.LambdaArn",
    "UserMigration",
    "VerifyAuthChallengeResponse",
)
_RETRIES = ("RetryPolicy", "DeadLetterConfig", "Input", "InputTransformer")

LINKS: Links = {
    "AWS::Lambda::EventSourceMapping": (
        between("EventSourceArn", POLLED, "FunctionName", FUNCTION, "event source mapping"),
    ),
    "AWS::SNS::Subscription": (
        between(
            "TopicArn",
            TOPIC,
            "Endpoint",
            FUNCTION | QUEUE | DELIVERY_STREAM | API,
            "subscription",
            "Protocol",
            "FilterPolicy",
            "RedrivePolicy",
            "RawMessageDelivery",
        ).with_only("Protocol", *_PROTOCOLS),
    ),
    "AWS::SNS::Topic": (
        to(
            "Subscription[].Endpoint", FUNCTION | QUEUE | DELIVERY_STREAM | API, "subscription", "Protocol"
        ).with_only("Protocol", *_PROTOCOLS),
    ),
    "AWS::S3::Bucket": tuple(
        to(f"NotificationConfiguration.{path}", kinds, "bucket notification", "Event", "Filter")
        for path, kinds in (
            ("LambdaConfigurations[].Function", FUNCTION),
            ("QueueConfigurations[].Queue", QUEUE),
            ("TopicConfigurations[].Topic", TOPIC),
        )
    ),
    # What the AWS CDK writes in place of a bucket's own notification configuration.
    "Custom::S3BucketNotifications": tuple(
        between(
            "BucketName",
            BUCKET,
            f"NotificationConfiguration.{path}",
            kinds,
            "bucket notification",
            "Events",
            "Filter",
        )
        for path, kinds in (
            ("LambdaFunctionConfigurations[].LambdaFunctionArn", FUNCTION),
            ("QueueConfigurations[].QueueArn", QUEUE),
            ("TopicConfigurations[].TopicArn", TOPIC),
        )
    ),
    "AWS::Events::Rule": (
        to("Targets[].Arn", STARTED, "rule target", *_RETRIES),
        to("Targets[].EcsParameters.TaskDefinitionArn", TASK_DEFINITION, "rule target", *_RETRIES),
        to("Targets[].BatchParameters.JobDefinition", JOB_DEFINITION, "rule target", *_RETRIES),
    ),
    "AWS::Scheduler::Schedule": (
        to("Target.Arn", STARTED, "schedule", "ScheduleExpression"),
        to("Target.EcsParameters.TaskDefinitionArn", TASK_DEFINITION, "schedule", "ScheduleExpression"),
    ),
    "AWS::Pipes::Pipe": (
        at("Source", POLLED, "pipe source"),
        to("Target", STARTED, "pipe target"),
        to("TargetParameters.EcsTaskParameters.TaskDefinitionArn", TASK_DEFINITION, "pipe target"),
        to("TargetParameters.BatchJobParameters.JobDefinition", JOB_DEFINITION, "pipe target"),
    ),
    "AWS::IoT::TopicRule": tuple(
        to(f"TopicRulePayload.Actions[].{path}", kinds, "IoT rule action")
        for path, kinds in (
            ("Lambda.FunctionArn", FUNCTION),
            ("Sqs.QueueUrl", QUEUE),
            ("Sns.TargetArn", TOPIC),
            ("Kinesis.StreamName", STREAM),
            ("Firehose.DeliveryStreamName", DELIVERY_STREAM),
            ("StepFunctions.StateMachineName", STATE_MACHINE),
            ("DynamoDB.TableName", TABLE),
            ("DynamoDBv2.PutItem.TableName", TABLE),
            ("S3.BucketName", BUCKET),
            ("CloudwatchLogs.LogGroupName", LOG_GROUP),
        )
    ),
    "AWS::Logs::SubscriptionFilter": (
        between(
            "LogGroupName",
            LOG_GROUP,
            "DestinationArn",
            FUNCTION | STREAM | DELIVERY_STREAM | frozenset({"AWS::Logs::Destination"}),
            "log subscription",
            "FilterPattern",
        ),
    ),
    "AWS::Cognito::UserPool": (
        *(to(f"LambdaConfig.{name}", FUNCTION, "user pool trigger") for name in _USER_POOL_TRIGGERS),
    ),
    "AWS::Cognito::IdentityPool": (
        to("CognitoEvents.*", FUNCTION, "identity pool trigger"),
        to("CognitoStreams.StreamName", STREAM, "identity pool stream"),
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        to("Targets[].Id", FUNCTION, "target group").with_only("TargetType", "lambda"),
    ),
    "AWS::VpcLattice::TargetGroup": (
        to("Targets[].Id", FUNCTION, "target group").with_only("Type", "LAMBDA"),
    ),
    "AWS::SES::ReceiptRule": (
        to("Rule.Actions[].LambdaAction.FunctionArn", FUNCTION, "receipt rule"),
        to("Rule.Actions[].SNSAction.TopicArn", TOPIC, "receipt rule"),
        to("Rule.Actions[].S3Action.BucketName", BUCKET, "receipt rule"),
        to("Rule.Actions[].S3Action.TopicArn", TOPIC, "receipt rule"),
    ),
    "AWS::KinesisFirehose::DeliveryStream": (
        at("KinesisStreamSourceConfiguration.KinesisStreamARN", STREAM, "delivery stream source"),
        at("MSKSourceConfiguration.MSKClusterARN", KAFKA, "delivery stream source"),
    ),
    "AWS::CloudWatch::Alarm": _ALARM_ACTIONS,
    "AWS::CloudWatch::CompositeAlarm": _ALARM_ACTIONS,
    "AWS::Budgets::Budget": (
        to("NotificationsWithSubscribers[].Subscribers[].Address", TOPIC, "budget notification"),
    ),
    "AWS::CE::AnomalySubscription": (to("Subscribers[].Address", TOPIC, "cost anomaly subscription"),),
    "AWS::Chatbot::SlackChannelConfiguration": (at("SnsTopicArns[]", TOPIC, "chat channel"),),
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": (at("SnsTopicArns[]", TOPIC, "chat channel"),),
    "AWS::CodeStarNotifications::NotificationRule": (
        between("Resource", PROJECT | PIPELINE, "Targets[].TargetAddress", TOPIC, "notification rule"),
    ),
    "AWS::Backup::BackupVault": (to("Notifications.SNSTopicArn", TOPIC, "vault notification"),),
    "AWS::Config::ConfigRule": (to("Source.SourceIdentifier", FUNCTION, "configuration rule"),),
    "AWS::RDS::EventSubscription": (to("SnsTopicArn", TOPIC, "database events"),),
}

OUTSIDE_CALLERS = {
    "alexa-appkit.amazon.com": "an Alexa skill",
    "alexa-connectedhome.amazon.com": "an Alexa smart home skill",
    "lex.amazonaws.com": "a Lex bot",
    "lexv2.amazonaws.com": "a Lex bot",
    "connect.amazonaws.com": "an Amazon Connect flow",
    "cognito-sync.amazonaws.com": "Cognito Sync",
}
"""Services whose callers no stack describes: the permission stands for them."""


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All triggers of the stack."""
    yield from follow(graph, "triggers", LINKS)
    yield from _event_patterns(graph)
    yield from _outside_callers(graph)


def _event_patterns(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """From the bus, and from the resources whose events a rule's pattern selects, to the rule."""
    for rule in graph.of("AWS::Events::Rule"):
        pattern = document(rule["EventPattern"])
        if pattern is ABSENT:
            continue
        bus = resolve(graph, rule["EventBusName"], EVENT_BUS)
        if bus is not None:
            yield _rule_edge(bus, rule, "EventBusName", EVENT_BUS)
        seen: set[str] = set()
        for source in _selected(graph, pattern):
            if isinstance(source, Resource):
                if source.address not in seen and source is not rule and source is not bus:
                    seen.add(source.address)
                    yield _rule_edge(source, rule, "EventPattern", BUCKET)
            else:
                yield _rule_edge(source, rule, "EventPattern", BUCKET)


def _rule_edge(source: Resource | Unknown, rule: Resource, path: str, kinds: Kinds) -> Edge | LooseEnd:
    if isinstance(source, Unknown):
        return LooseEnd("triggers", f"event pattern: {source.reason}", None, rule, kinds)
    return edge("triggers", source, rule, "event pattern", rule, {"path": path})


def _selected(graph: Graph, pattern: Value) -> Iterator[Resource | Unknown]:
    """The resources whose own events a pattern asks for."""
    if not isinstance(pattern, Map):
        return
    for reference in references(pattern):
        named = resolve(graph, reference)
        if isinstance(named, Resource) and named.kind not in EVENT_BUS:
            yield named
    if not _asks_for(pattern, "aws.s3"):
        return
    names = [found.value for found in within(pattern, "detail.bucket.name[]")]
    for name in names:
        bucket = resolve(graph, name, BUCKET) if not isinstance(name, Map) else None
        if bucket is not None:
            yield bucket
    if not names:
        for bucket in graph.of("AWS::S3::Bucket"):
            if _publishes(bucket["NotificationConfiguration.EventBridgeConfiguration"]):
                yield bucket


def _publishes(configuration: Value) -> bool:
    """Whether a bucket sends its events to EventBridge: what is stated without a value is on."""
    if not isinstance(configuration, Map):
        return False
    enabled = configuration["EventBridgeEnabled"]
    return enabled is not False


def _asks_for(pattern: Map, source: str) -> bool:
    try:
        return source in list_of(pattern["source"])
    except NotKnown:
        return False


def _outside_callers(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """From a permission to its function, when the caller that it admits is no resource of the stack."""
    for permission in graph.of("AWS::Lambda::Permission"):
        principal = permission["Principal"]
        if not isinstance(principal, str):
            continue
        source = permission["SourceArn"]
        who = OUTSIDE_CALLERS.get(principal)
        if who is None and "." not in principal:
            if permission["FunctionUrlAuthType"] is not ABSENT:  # it admits the callers of the function's URL
                continue
            who = principal
        elif who is None:
            if (
                source is ABSENT
                or isinstance(source, Reference)
                or locate(graph, source).resource is not None
            ):
                continue
            who = show(source)
        function = locate(graph, permission["FunctionName"], FUNCTION)
        if isinstance(function.resource, Resource):
            details = {"path": "Principal", "caller": who}
            yield edge("triggers", permission, function.resource, "permission", permission, details)


PATHS = (
    ("AWS::Events::Rule", "EventPattern"),
    ("AWS::Events::Rule", "EventBusName"),
    ("AWS::S3::Bucket", "NotificationConfiguration.EventBridgeConfiguration"),
    ("AWS::Lambda::Permission", "Principal"),
    ("AWS::Lambda::Permission", "SourceArn"),
    ("AWS::Lambda::Permission", "FunctionUrlAuthType"),
    ("AWS::Lambda::Permission", "FunctionName"),
)
"""Properties that are read beside those of the links."""
