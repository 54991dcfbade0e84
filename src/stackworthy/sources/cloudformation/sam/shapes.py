"""Which properties SAM knows on its resources and events, and what shape their values must have.

A shape is a key of `_HOLDS`; an intrinsic function passes for every shape.
Required properties end in "!". The lists of properties per kind follow
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .context import Context
from .expansion import Route

Shapes = Mapping[str, str]


_HOLDS: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda _value: True,
    "text": lambda value: isinstance(value, str),
    "map": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "flag": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "text or map": lambda value: isinstance(value, (str, dict)),
    "text or list": lambda value: isinstance(value, (str, list)),
    "list or map": lambda value: isinstance(value, (list, dict)),
    "flag or map": lambda value: isinstance(value, (bool, dict)),
    "text, list or map": lambda value: isinstance(value, (str, list, dict)),
    "texts": lambda value: isinstance(value, list) and all(isinstance(one, (str, dict)) for one in value),
    "text or texts": lambda value: isinstance(value, str) or _HOLDS["texts"](value),
}


def _shapes(text: str) -> Shapes:
    """Lines of `shape: Property Property! ...`; every property with its shape, required ones with "!" after it."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        shape, names = line.split(":")
        for name in names.split():
            found[name.rstrip("!")] = shape.strip() + ("!" if name.endswith("!") else "")
    return found


FUNCTION = _shapes("""
    any: Handler Runtime CodeUri ImageUri PackageType InlineCode Description MemorySize Timeout VpcConfig RolePath KmsKeyArn
    any: ReservedConcurrentExecutions EphemeralStorage VersionDescription ProvisionedConcurrencyConfig FileSystemConfigs ImageConfig
    any: CodeSigningConfigArn Architectures RuntimeManagementConfig LoggingConfig RecursiveLoop SourceKMSKeyArn
    any: PublishToLatestPublished TenancyConfig
    text: Role PermissionsBoundary AutoPublishAlias AutoPublishCodeSha256 VersionDeletionPolicy
    text or map: FunctionName Tracing
    text, list or map: Policies
    map: DeadLetterQueue AssumeRolePolicyDocument Environment Events Tags DeploymentPreference EventInvokeConfig SnapStart
    map: FunctionUrlConfig CapacityProviderConfig FunctionScalingConfig DurableConfig
    texts: Layers
    flag: PropagateTags AutoPublishAliasAllProperties
""")

WEB_FUNCTION = _shapes("""
    any: AuthType Runtime CodeUri InlineCode RevisionDescription KmsKeyArn EntryPoint MaxConcurrencyPerEnvironment
    any: EgressNetworkConnectorArn LoggingConfig RevisionWeights EndpointName EndpointType EndpointDescription ScalingConfig
    any: ThrottleConfig AutoDeploymentMode
    text or map: FunctionName
    list or map: ReplicaRegions
    map: Tags EnvironmentVariables
    text: ExecutionRoleArn
    number: Timeout
""")

STATE_MACHINE = _shapes("""
    any: RolePath AutoPublishAlias DeploymentPreference
    map: Definition Logging DefinitionSubstitutions Events Tags Tracing
    text or map: DefinitionUri
    text: Role Name Type PermissionsBoundary
    text or texts: Policies
    flag: PropagateTags UseAliasAsEventTarget
""")

SIMPLE_TABLE = _shapes("""
    any: PointInTimeRecoverySpecification
    text or map: TableName
    map: PrimaryKey ProvisionedThroughput Tags SSESpecification
""")

APPLICATION = _shapes("""
    text or map: Location!
    text: TemplateUrl
    map: Parameters Tags
    texts: NotificationARNs
    number: TimeoutInMinutes
""")

LAYER_VERSION = _shapes("""
    text or map: LayerName ContentUri!
    text: Description LicenseInfo RetentionPolicy
    flag: PublishLambdaVersion
    texts: CompatibleArchitectures CompatibleRuntimes
""")

CONNECTOR = _shapes("""
    map: Source!
    list or map: Destination!
    texts: Permissions!
""")

CAPACITY_PROVIDER = _shapes("""
    text or map: CapacityProviderName OperatorRole KmsKeyArn
    map: VpcConfig! Tags InstanceRequirements ScalingConfig LoggingConfig ManagedResourceTags
    flag: PropagateTags
""")

NETWORK_CONNECTOR = _shapes("""
    text or map: Name OperatorRole
    map: VpcConfig! Tags
    list: ComputeTypes
    flag: PropagateTags
""")

MICROVM_IMAGE = _shapes("""
    text or map: Name! CodeUri! BaseImageArn! BuildRoleArn BaseImageVersion! Description
    map: Tags Logging Hooks EnvironmentVariables
    list: EgressNetworkConnectors CpuConfigurations Resources AdditionalOsCapabilities
    flag: PropagateTags
""")

_MAPPING = """
    number: BatchSize MaximumBatchingWindowInSeconds MaximumRetryAttempts MaximumRecordAgeInSeconds ParallelizationFactor
    number: TumblingWindowInSeconds
    flag: Enabled BisectBatchOnFunctionError
    any: StartingPosition StartingPositionTimestamp KmsKeyArn
    text: SecretsManagerKmsKeyId ConsumerGroupId
    map: DestinationConfig FilterCriteria ScalingConfig ProvisionedPollerConfig SchemaRegistryConfig MetricsConfig LoggingConfig
    list: Topics Queues SourceAccessConfigurations FunctionResponseTypes KafkaBootstrapServers
"""

_RULE = """
    text: EventBusName RuleName Input InputPath State
    map: Pattern DeadLetterConfig RetryPolicy Target InputTransformer
"""

_SCHEDULE = """
    text: Schedule! Input State Name Description
    flag: Enabled
    map: DeadLetterConfig RetryPolicy
"""

SCHEDULE_V2 = _shapes("""
    text: PermissionsBoundary ScheduleExpression! Name State Description StartDate EndDate ScheduleExpressionTimezone
    text: GroupName KmsKeyArn Input RoleArn
    map: FlexibleTimeWindow DeadLetterConfig RetryPolicy
    flag: OmitName
""")

FUNCTION_EVENTS: Mapping[str, Shapes] = {
    "S3": _shapes("text: Bucket!\ntext or list: Events!\nmap: Filter"),
    "SNS": _shapes("""
        text: Topic! Region
        any: FilterPolicy FilterPolicyScope
        flag or map: SqsSubscription
        map: RedrivePolicy
    """),
    "Kinesis": _shapes(_MAPPING + "any: Stream! StartingPosition!"),
    "DynamoDB": _shapes(_MAPPING + "any: Stream! StartingPosition!"),
    "MSK": _shapes(_MAPPING + "any: Stream! StartingPosition!"),
    "SQS": _shapes(_MAPPING + "any: Queue!"),
    "MQ": _shapes(_MAPPING + "any: Broker!\nflag: DynamicPolicyName"),
    "SelfManagedKafka": _shapes(_MAPPING),
    "DocumentDB": _shapes(_MAPPING + "any: Cluster! DatabaseName! CollectionName FullDocument"),
    "Schedule": _shapes(_SCHEDULE + "text: RuleName"),
    "ScheduleV2": SCHEDULE_V2,
    "CloudWatchEvent": _shapes(_RULE + "flag: Enabled"),
    "EventBridgeRule": _shapes(_RULE + "flag: Enabled"),
    "CloudWatchLogs": _shapes("text: LogGroupName! FilterPattern!"),
    "IoTRule": _shapes("text: Sql! AwsIotSqlVersion"),
    "AlexaSkill": _shapes("text: SkillId"),
    "Cognito": _shapes("text: UserPool!\ntext or list: Trigger!"),
}
"""Events of a function, without `Api` and `HttpApi`."""

STATE_MACHINE_EVENTS: Mapping[str, Shapes] = {
    "Schedule": _shapes(_SCHEDULE + "map: Target\ntext: RoleArn"),
    "ScheduleV2": SCHEDULE_V2,
    "CloudWatchEvent": _shapes(_RULE),
    "EventBridgeRule": _shapes(_RULE),
}
"""Events of a state machine, without `Api`."""


def checked(context: Context, properties: Any, shapes: Shapes, route: Route) -> dict[str, Any]:
    """`properties` without those that SAM does not know or whose value has the wrong shape; each is noted as a problem.

    `route` leads to the map of properties. Raises `Unexpandable` where it is no map or a required property is missing.
    """
    given = {} if properties is None else context.need_map(properties, route)
    wrong = [name for name, value in given.items() if not _fits(value, shapes.get(name))]
    for name in wrong:
        known = shapes.get(name)
        message = f"must be {_words(known)}" if known else "is not a property that SAM knows here"
        context.problem((*route, str(name)), message)
    if wrong:
        given = {name: value for name, value in given.items() if name not in wrong}
    for name, shape in shapes.items():
        if shape.endswith("!") and given.get(name) is None:
            context.refuse((*route, name), "is required")
    return given


_WORDS = {
    "text": "a string",
    "texts": "a list of strings",
    "map": "a map",
    "list": "a list",
    "flag": "true or false",
    "number": "a whole number",
}


def _words(shape: str) -> str:
    """A shape in an author's words: "a string or a map" for "text or map"."""
    return re.sub("[a-z]+", lambda match: _WORDS.get(match.group(0), match.group(0)), shape.rstrip("!"))


def _fits(value: Any, shape: str | None) -> bool:
    if shape is None:
        return False
    if value is None or (isinstance(value, dict) and len(value) == 1):
        # SAM takes every map of one key for an intrinsic function.
        return True
    return _HOLDS[shape.rstrip("!")](value)
