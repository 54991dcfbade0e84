"""Which property of a SAM resource becomes which property of the resources that are made from it.

The tables are data, usable both ways: to say where a value of a made resource was written, and to write a change of it
back into the SAM template. Paths are dotted; a path stands for everything below it, and the longest one that fits counts.

`TABLES[sam_kind][made_kind]` leads from the path on the made resource to the path on the SAM resource (below `Properties`).
`EVENT_TABLES[owner][event_type][made_kind]` does the same for an event of a function or state machine; there the path starts below the
event's `Properties`. `FORMS` names what must change on the way, where a value is not written the same on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from .api_properties import API_TABLES
from .expansion import Route

Table = Mapping[str, str]
"""From paths on the made resource to paths on what the author wrote."""

FUNCTION = "AWS::Serverless::Function"
STATE_MACHINE = "AWS::Serverless::StateMachine"


def _same(names: str, **others: str) -> Table:
    """Properties of the same name on both sides, and others as `made="own"` with "__" for a dot in the made path."""
    return {name: name for name in names.split()} | {
        key.replace("__", "."): own for key, own in others.items()
    }


def _below(prefix: str, names: str) -> Table:
    """Properties that stand below `prefix` on the SAM side: `AuthType` is `FunctionUrlConfig.AuthType`."""
    return {name: f"{prefix}.{name}" for name in names.split()}


_ROLE = _same(
    "PermissionsBoundary Policies Tags",
    ManagedPolicyArns="Policies",
    Path="RolePath",
)
_ALIAS_NAME = {"Name": "AutoPublishAlias"}

TABLES: Mapping[str, Mapping[str, Table]] = {
    **API_TABLES,
    FUNCTION: {
        "AWS::Lambda::Function": _same(
            "FunctionName Handler Runtime PackageType Description MemorySize Timeout VpcConfig Role Environment KmsKeyArn "
            "ReservedConcurrentExecutions Layers FileSystemConfigs ImageConfig Architectures SnapStart EphemeralStorage Tags "
            "CodeSigningConfigArn RuntimeManagementConfig LoggingConfig TenancyConfig RecursiveLoop DurableConfig "
            "FunctionScalingConfig PublishToLatestPublished",
            Code="CodeUri",
            Code__ZipFile="InlineCode",
            Code__ImageUri="ImageUri",
            Code__S3Bucket="CodeUri.Bucket",
            Code__S3Key="CodeUri.Key",
            Code__S3ObjectVersion="CodeUri.Version",
            Code__S3ObjectStorageMode="CodeUri.StorageMode",
            Code__SourceKMSKeyArn="SourceKMSKeyArn",
            TracingConfig="Tracing",
            TracingConfig__Mode="Tracing",
            DeadLetterConfig="DeadLetterQueue",
            CapacityProviderConfig="CapacityProviderConfig",
            CapacityProviderConfig__LambdaManagedInstancesCapacityProviderConfig="CapacityProviderConfig",
            CapacityProviderConfig__LambdaManagedInstancesCapacityProviderConfig__CapacityProviderArn=(
                "CapacityProviderConfig.Arn"
            ),
        ),
        "AWS::IAM::Role": {**_ROLE, "AssumeRolePolicyDocument": "AssumeRolePolicyDocument"},
        "AWS::Lambda::Alias": {**_ALIAS_NAME, "ProvisionedConcurrencyConfig": "ProvisionedConcurrencyConfig"},
        "AWS::Lambda::Version": {
            "Description": "VersionDescription",
            "FunctionScalingConfig": "FunctionScalingConfig",
        },
        "AWS::Lambda::Url": _below("FunctionUrlConfig", "AuthType Cors InvokeMode"),
        "AWS::Lambda::EventInvokeConfig": {
            **_below("EventInvokeConfig", "DestinationConfig MaximumEventAgeInSeconds MaximumRetryAttempts"),
            "Qualifier": "AutoPublishAlias",
        },
        "AWS::CodeDeploy::DeploymentGroup": {
            "AlarmConfiguration": "DeploymentPreference.Alarms",
            "DeploymentConfigName": "DeploymentPreference.Type",
            "ServiceRoleArn": "DeploymentPreference.Role",
            "TriggerConfigurations": "DeploymentPreference.TriggerConfigurations",
        },
    },
    STATE_MACHINE: {
        "AWS::StepFunctions::StateMachine": _same(
            "DefinitionSubstitutions Tags",
            DefinitionString="Definition",
            DefinitionS3Location="DefinitionUri",
            StateMachineName="Name",
            StateMachineType="Type",
            LoggingConfiguration="Logging",
            TracingConfiguration="Tracing",
            RoleArn="Role",
        ),
        "AWS::IAM::Role": _ROLE,
        "AWS::StepFunctions::StateMachineAlias": {
            **_ALIAS_NAME,
            "DeploymentPreference": "DeploymentPreference",
        },
    },
    "AWS::Serverless::SimpleTable": {
        "AWS::DynamoDB::Table": _same(
            "PointInTimeRecoverySpecification ProvisionedThroughput TableName Tags SSESpecification",
            AttributeDefinitions="PrimaryKey",
            KeySchema="PrimaryKey",
            BillingMode="ProvisionedThroughput",
        ),
    },
    "AWS::Serverless::LayerVersion": {
        "AWS::Lambda::LayerVersion": _same(
            "LayerName Description CompatibleArchitectures CompatibleRuntimes LicenseInfo",
            Content="ContentUri",
        ),
    },
    "AWS::Serverless::Application": {
        "AWS::CloudFormation::Stack": _same(
            "Parameters NotificationARNs Tags TimeoutInMinutes", TemplateURL="Location"
        ),
    },
    "AWS::Serverless::Connector": {
        "AWS::IAM::ManagedPolicy": {"PolicyDocument": "Permissions", "Roles": "Source"},
        "AWS::Lambda::Permission": {"FunctionName": "Destination", "SourceArn": "Source"},
        "AWS::SNS::TopicPolicy": {"PolicyDocument": "Permissions", "Topics": "Destination"},
        "AWS::SQS::QueuePolicy": {"PolicyDocument": "Permissions", "Queues": "Destination"},
    },
    "AWS::Serverless::CapacityProvider": {
        "AWS::Lambda::CapacityProvider": _same(
            "CapacityProviderName VpcConfig Tags InstanceRequirements KmsKeyArn",
            InstanceRequirements__AllowedInstanceTypes="InstanceRequirements.AllowedTypes",
            InstanceRequirements__ExcludedInstanceTypes="InstanceRequirements.ExcludedTypes",
            CapacityProviderScalingConfig="ScalingConfig",
            CapacityProviderScalingConfig__ScalingPolicies="ScalingConfig.AverageCPUUtilization",
            PermissionsConfig="OperatorRole",
            PermissionsConfig__CapacityProviderOperatorRoleArn="OperatorRole",
            TelemetryConfig__LoggingConfig="LoggingConfig",
            PropagateTags="ManagedResourceTags",
            PropagateTags__ExplicitTags="ManagedResourceTags.Tags",
        ),
    },
    "AWS::Serverless::NetworkConnector": {
        "AWS::Lambda::NetworkConnector": _same(
            "Name OperatorRole Tags",
            Configuration__VpcEgressConfiguration="VpcConfig",
            Configuration__VpcEgressConfiguration__AssociatedComputeResourceTypes="ComputeTypes",
        ),
    },
    "AWS::Serverless::MicrovmImage": {
        "AWS::Lambda::MicrovmImage": _same(
            "Name BaseImageArn BuildRoleArn BaseImageVersion Description Tags Logging EgressNetworkConnectors CpuConfigurations "
            "Resources AdditionalOsCapabilities Hooks EnvironmentVariables",
            CodeArtifact="CodeUri",
            CodeArtifact__Uri="CodeUri",
        ),
    },
    "AWS::Serverless::WebFunction": {
        "AWS::Lambda::WebFunction": _same("FunctionName Tags"),
        "AWS::Lambda::WebFunctionRevision": _same(
            "FunctionName KmsKeyArn",
            Description="RevisionDescription",
            BuildConfig__CodeConfig="CodeUri",
            BuildConfig__RuntimeConfig__Runtime="Runtime",
            ServiceConfig__ExecutionRoleArn="ExecutionRoleArn",
            ServiceConfig__EnvironmentVariables="EnvironmentVariables",
            ServiceConfig__TelemetryConfig__LoggingConfig="LoggingConfig",
            ServiceConfig__MaxConcurrencyPerEnvironment="MaxConcurrencyPerEnvironment",
            ServiceConfig__EgressNetworkConnectorArn="EgressNetworkConnectorArn",
            ServiceConfig__TimeoutSeconds="Timeout",
        ),
        "AWS::Lambda::WebFunctionEndpoint": _same(
            "FunctionName EndpointName EndpointType AuthType RevisionWeights ScalingConfig ThrottleConfig",
            Regions="ReplicaRegions",
            Description="EndpointDescription",
        ),
    },
}
"""SAM kind -> made kind -> path on the made resource -> path on the SAM resource, below `Properties`."""

MAPPED = (
    "StartingPosition StartingPositionTimestamp BatchSize Enabled MaximumBatchingWindowInSeconds MaximumRetryAttempts "
    "BisectBatchOnFunctionError MaximumRecordAgeInSeconds ParallelizationFactor Topics Queues SourceAccessConfigurations "
    "TumblingWindowInSeconds FunctionResponseTypes FilterCriteria KmsKeyArn ScalingConfig ProvisionedPollerConfig "
    "MetricsConfig LoggingConfig"
)
"""Properties that every kind of event source mapping takes over unchanged."""


def _mapping(source: str = "", /, **others: str) -> dict[str, Table]:
    table = dict(_same(MAPPED, DestinationConfig="DestinationConfig", **others))
    if source:
        table["EventSourceArn"] = source
    return {"AWS::Lambda::EventSourceMapping": table}


_RULE_TARGET = {"Targets": "", "Targets.0.Id": "Target.Id"} | {
    f"Targets.0.{name}": name
    for name in ("Input", "InputPath", "InputTransformer", "DeadLetterConfig", "RetryPolicy", "RoleArn")
}
_RULE: dict[str, Table] = {
    "AWS::Events::Rule": {
        **_same("EventBusName State", EventPattern="Pattern", Name="RuleName"),
        **_RULE_TARGET,
    },
    "AWS::SQS::Queue": {"": "DeadLetterConfig"},
}
_SCHEDULE: dict[str, Table] = {
    "AWS::Events::Rule": {**_same("Name Description State", ScheduleExpression="Schedule"), **_RULE_TARGET},
    "AWS::SQS::Queue": {"": "DeadLetterConfig"},
}
_SCHEDULE_V2: dict[str, Table] = {
    "AWS::Scheduler::Schedule": _same(
        "ScheduleExpression FlexibleTimeWindow Name State Description StartDate EndDate ScheduleExpressionTimezone GroupName "
        "KmsKeyArn",
        Target__Input="Input",
        Target__RoleArn="RoleArn",
        Target__DeadLetterConfig="DeadLetterConfig",
        Target__RetryPolicy="RetryPolicy",
    ),
    "AWS::IAM::Role": _same("PermissionsBoundary"),
    "AWS::SQS::Queue": {"": "DeadLetterConfig"},
}
_KAFKA = {"SchemaRegistryConfig": "SchemaRegistryConfig", "ConsumerGroupId": "ConsumerGroupId"}

EVENT_TABLES: dict[str, dict[str, dict[str, Table]]] = {
    FUNCTION: {
        "SQS": _mapping("Queue"),
        "Kinesis": _mapping("Stream"),
        "DynamoDB": _mapping("Stream"),
        "MSK": _mapping(
            "Stream", **{f"AmazonManagedKafkaEventSourceConfig__{name}": own for name, own in _KAFKA.items()}
        ),
        "MQ": _mapping("Broker"),
        "SelfManagedKafka": _mapping(
            **{f"SelfManagedKafkaEventSourceConfig__{name}": own for name, own in _KAFKA.items()},
            SelfManagedEventSource__Endpoints__KafkaBootstrapServers="KafkaBootstrapServers",
        ),
        "DocumentDB": _mapping(
            "Cluster",
            **{
                f"DocumentDBEventSourceConfig__{name}": name
                for name in ("DatabaseName", "CollectionName", "FullDocument")
            },
        ),
        "SNS": {
            "AWS::SNS::Subscription": _same(
                "Region FilterPolicy FilterPolicyScope RedrivePolicy",
                TopicArn="Topic",
                Endpoint="SqsSubscription",
            ),
            "AWS::Lambda::Permission": {"SourceArn": "Topic"},
            "AWS::SQS::Queue": {"": "SqsSubscription"},
            "AWS::SQS::QueuePolicy": {"": "SqsSubscription", "Queues": "SqsSubscription.QueueUrl"},
            "AWS::Lambda::EventSourceMapping": {
                "": "SqsSubscription",
                "BatchSize": "SqsSubscription.BatchSize",
            },
        },
        "Schedule": _SCHEDULE,
        "ScheduleV2": _SCHEDULE_V2,
        "CloudWatchEvent": _RULE,
        "EventBridgeRule": _RULE,
        "CloudWatchLogs": {
            "AWS::Logs::SubscriptionFilter": _same("LogGroupName FilterPattern"),
            "AWS::Lambda::Permission": {"SourceArn": "LogGroupName"},
        },
        "IoTRule": {
            "AWS::IoT::TopicRule": {
                "TopicRulePayload.Sql": "Sql",
                "TopicRulePayload.AwsIotSqlVersion": "AwsIotSqlVersion",
            },
        },
        "AlexaSkill": {"AWS::Lambda::Permission": {"EventSourceToken": "SkillId"}},
        "S3": {"AWS::S3::Bucket": {"NotificationConfiguration.LambdaConfigurations": ""}},
        "Cognito": {"AWS::Cognito::UserPool": {"LambdaConfig": "Trigger"}},
    },
    STATE_MACHINE: {
        "Schedule": _SCHEDULE,
        "ScheduleV2": _SCHEDULE_V2,
        "CloudWatchEvent": _RULE,
        "EventBridgeRule": _RULE,
    },
}
"""Owner's kind -> event type -> made kind -> path on the made resource -> path below the event's `Properties` ("" for all of them)."""

FORMS: Mapping[tuple[str, str], str] = {
    ("*", "Tags"): "map of tags",
    (FUNCTION, "Code"): "s3 location",
    ("AWS::Serverless::LayerVersion", "Content"): "s3 location",
    (STATE_MACHINE, "DefinitionString"): "definition",
    (STATE_MACHINE, "DefinitionS3Location"): "s3 location",
    (STATE_MACHINE, "Policies"): "policies",
    (FUNCTION, "Policies"): "policies",
    (FUNCTION, "ManagedPolicyArns"): "policies",
    (STATE_MACHINE, "ManagedPolicyArns"): "policies",
    (FUNCTION, "AlarmConfiguration"): "list of names",
    (FUNCTION, "DeploymentConfigName"): "deployment type",
    (FUNCTION, "DestinationConfig"): "destination with type",
    (FUNCTION, "DeadLetterConfig"): "destination with type",
    ("AWS::Serverless::SimpleTable", "AttributeDefinitions"): "primary key",
    ("AWS::Serverless::SimpleTable", "KeySchema"): "primary key",
    ("AWS::Serverless::SimpleTable", "BillingMode"): "presence",
    ("AWS::Serverless::MicrovmImage", "EnvironmentVariables"): "map of tags",
    ("AWS::Serverless::WebFunction", "RevisionWeights"): "map of weights",
    ("AWS::Serverless::CapacityProvider", "PropagateTags"): "map of tags",
}
"""(SAM kind or "*", path on the made resource) -> how the author writes what is there; a path that is not listed is written the same."""


def author_path(table: Table, made_path: str) -> str | None:
    """The author's path for a path on the made resource; what is below a listed path is appended. None where nothing fits."""
    found = _longest(table, made_path)
    if found is None:
        return None
    return _joined(table[found], made_path[len(found) :].lstrip("."))


def made_paths(sam_kind: str, own_path: str) -> Iterator[tuple[str, str]]:
    """Every (made kind, path on it) that a property of a SAM resource becomes; empty where SAM uses it up itself."""
    for made_kind, table in TABLES.get(sam_kind, {}).items():
        for made_path, own in table.items():
            if own == own_path or own_path.startswith(own + "."):
                yield made_kind, _joined(made_path, own_path[len(own) :].lstrip("."))


def form(sam_kind: str, made_path: str) -> str:
    """How the author writes the value of a path on a made resource: "same" or a name from `FORMS`."""
    first = made_path.split(".", 1)[0]
    return FORMS.get((sam_kind, first)) or FORMS.get(("*", first)) or "same"


def _joined(path: str, rest: str) -> str:
    return f"{path}.{rest}" if path and rest else path or rest


def _longest(table: Table, path: str) -> str | None:
    while path not in table:
        if not path:
            return None
        path = path.rpartition(".")[0]
    return path


def _route(path: str) -> Route:
    return tuple(int(part) if part.isdigit() else part for part in path.split(".")) if path else ()


@cache
def property_routes(sam_kind: str, made_kind: str) -> Mapping[str, Route]:
    """`Made.properties` for a resource made from a SAM resource itself."""
    table = TABLES.get(sam_kind, {}).get(made_kind, {})
    return {made: ("Properties", *_route(own)) for made, own in table.items()}


@cache
def _event_tails(owner: str, event_type: str, made_kind: str) -> tuple[tuple[str, Route], ...]:
    table = EVENT_TABLES.get(owner, {}).get(event_type, {}).get(made_kind, {})
    return tuple((made, ("Properties", *_route(own))) for made, own in table.items())


def event_property_routes(owner: str, event_type: str, made_kind: str, event_id: str) -> dict[str, Route]:
    """`Made.properties` for a resource made from an event of a resource of kind `owner`."""
    tails = _event_tails(owner, event_type, made_kind)
    return {made: ("Properties", "Events", event_id, *tail) for made, tail in tails}
