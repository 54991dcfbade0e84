"""Events that Lambda polls for: each becomes an event source mapping, and the function's role may read the source.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import Context, Invoked, event_route
from .expansion import Route
from .intrinsics import is_intrinsic, sub
from .properties import FUNCTION, MAPPED, event_property_routes
from .roles import Role, aws_managed, destination_policy

KIND = "AWS::Lambda::EventSourceMapping"

_MAPPED = tuple(MAPPED.split())

SOURCES: Mapping[str, str] = {
    "Kinesis": "Stream",
    "DynamoDB": "Stream",
    "MSK": "Stream",
    "SQS": "Queue",
    "MQ": "Broker",
    "DocumentDB": "Cluster",
    "SelfManagedKafka": "",
}
"""Event type -> the property that names its source."""

MANAGED: Mapping[str, str] = {
    "Kinesis": "AWSLambdaKinesisExecutionRole",
    "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "MSK": "AWSLambdaMSKExecutionRole",
    "SQS": "AWSLambdaSQSQueueExecutionRole",
}
"""Event type -> the managed policy that lets a function read it."""

_CONFIG: Mapping[str, str] = {
    "MSK": "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafka": "SelfManagedKafkaEventSourceConfig",
}

_KAFKA_SECRETS = frozenset(
    [
        "SASL_SCRAM_256_AUTH",
        "SASL_SCRAM_512_AUTH",
        "BASIC_AUTH",
        "CLIENT_CERTIFICATE_TLS_AUTH",
        "OAUTHBEARER_AUTH",
    ]
)
_KAFKA_NO_SECRETS = frozenset(["IAM_AUTH", "IAM_OAUTHBEARER_AUTH"])
_KAFKA_OAUTH = frozenset(
    [f"OAUTHBEARER_{name}" for name in ("SCOPE", "AUDIENCE", "LOGICAL_CLUSTER", "IDENTITY_POOL")]
)

_NETWORK = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
]


def add_mapping(
    context: Context,
    owner: str,
    event_id: str,
    kind: str,
    properties: Mapping[str, Any],
    invoked: Invoked,
    role: Role,
) -> None:
    """Add the mapping of one event, and what its source needs to the role."""
    made_id = owner + event_id
    route = event_route(owner, event_id, "Properties")
    mapping = {name: properties[name] for name in _MAPPED if properties.get(name) is not None}
    mapping["FunctionName"] = invoked.name
    mapping["EventSourceArn"] = properties.get(SOURCES[kind])
    _check_filter(context, properties.get("FilterCriteria"), (*route, "FilterCriteria"))
    servers = properties.get("KafkaBootstrapServers")
    if servers:
        mapping["SelfManagedEventSource"] = {"Endpoints": {"KafkaBootstrapServers": servers}}
    _add_source_config(context, kind, properties, mapping, route)
    destination, failure_policy = _failure_destination(
        context, made_id, properties.get("DestinationConfig"), route
    )
    mapping["DestinationConfig"] = destination
    if kind in MANAGED:
        role.allow_managed(aws_managed(context, f"service-role/{MANAGED[kind]}"))
    for policy in _policies(context, made_id, kind, properties, route):
        role.allow_new(policy)
    if failure_policy:
        role.allow_new(failure_policy)
    context.add(
        made_id,
        KIND,
        mapping,
        by=owner,
        route=event_route(owner, event_id),
        properties_from=event_property_routes(FUNCTION, kind, KIND, event_id),
        attributes=invoked.attributes,
    )


def queue_mapping(
    context: Context, queue: Any, batch_size: Any, invoked: Invoked, role: Role
) -> dict[str, Any]:
    """The mapping between a queue that feeds on a topic and the function; the role may then read the queue."""
    role.allow_managed(aws_managed(context, f"service-role/{MANAGED['SQS']}"))
    return {
        "FunctionName": invoked.name,
        "EventSourceArn": queue,
        "BatchSize": batch_size or 10,
        "Enabled": True,
    }


def _check_filter(context: Context, criteria: Any, route: Route) -> None:
    if criteria and not is_intrinsic(criteria) and list(criteria) != ["Filters"]:
        context.problem(route, "may only hold Filters")


def _add_source_config(
    context: Context, kind: str, properties: Mapping[str, Any], mapping: dict[str, Any], route: Route
) -> None:
    config: dict[str, Any] = {}
    if properties.get("ConsumerGroupId"):
        config["ConsumerGroupId"] = properties["ConsumerGroupId"]
    registry = properties.get("SchemaRegistryConfig")
    if registry:
        written = (
            {"SchemaRegistryURI": _registry_uri(context, registry)} if "SchemaRegistryURI" in registry else {}
        )
        config["SchemaRegistryConfig"] = {**registry, **written}
    if config and kind in _CONFIG:
        mapping[_CONFIG[kind]] = config
    elif "ConsumerGroupId" in config:
        context.problem((*route, "ConsumerGroupId"), f"cannot be set for an event of type {kind}")
    if kind == "DocumentDB":
        names = ("DatabaseName", "CollectionName", "FullDocument")
        mapping["DocumentDBEventSourceConfig"] = {
            name: properties[name] for name in names if properties.get(name)
        }


def _failure_destination(
    context: Context, made_id: str, stated: Any, route: Route
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """`DestinationConfig` without the type that only SAM reads, and the policy that the type asks for."""
    if not stated:
        return None, None
    place = (*route, "DestinationConfig", "OnFailure")
    failure = context.need_map(stated.get("OnFailure"), place)
    kind = failure.get("Type")
    if not kind:
        return stated, None
    if kind not in ("SQS", "SNS", "S3", "Kafka"):
        context.refuse((*place, "Type"), "must be one of SQS, SNS, S3 and Kafka")
    plain = {name: value for name, value in failure.items() if name != "Type"}
    return {**stated, "OnFailure": plain}, destination_policy(kind, failure.get("Destination"), made_id)


def _policies(
    context: Context, made_id: str, kind: str, properties: Mapping[str, Any], route: Route
) -> list[dict[str, Any]]:
    place = (*route, "SourceAccessConfigurations")
    if kind == "MSK":
        statements = _registry(context, properties, route)
        for access in _listed(properties.get("SourceAccessConfigurations")):
            if access.get("Type") == "CLIENT_CERTIFICATE_TLS_AUTH" and access.get("URI"):
                statements.append(_read_secret(access["URI"]))
        return [_policy("MSKExecutionRolePolicy", statements)] if statements else []
    if kind == "MQ":
        secret = _basic_auth(context, properties, ("BASIC_AUTH", "VIRTUAL_HOST"), place)
        name = f"{made_id}AMQPolicy" if properties.get("DynamicPolicyName") else "SamAutoGeneratedAMQPolicy"
        statements = [_read_secret(secret), _allow(["mq:DescribeBroker"], properties["Broker"])]
        return [_policy(name, statements + _decrypt(context, properties, "kms:Decrypt", route))]
    if kind == "DocumentDB":
        secret = _basic_auth(context, properties, ("BASIC_AUTH",), place)
        clusters = "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:"
        statements = [
            _read_secret(secret),
            _allow(["rds:DescribeDBClusterParameters"], sub(clusters + "cluster-pg:*")),
            _allow(["rds:DescribeDBSubnetGroups"], sub(clusters + "subgrp:*")),
            _allow(["rds:DescribeDBClusters"], properties["Cluster"]),
            _allow(_NETWORK, "*"),
            *_decrypt(context, properties, ["kms:Decrypt"], route),
        ]
        return [_policy("SamAutoGeneratedDocumentDBPolicy", statements)]
    if kind == "SelfManagedKafka":
        statements = _kafka(context, properties, route)
        policy = _policy("SelfManagedKafkaExecutionRolePolicy", statements)
        policy["PolicyDocument"]["Version"] = "2012-10-17"
        return [policy] if statements else []
    return []


def _policy(name: str, statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"PolicyName": name, "PolicyDocument": {"Statement": statements}}


def _allow(actions: Any, resource: Any) -> dict[str, Any]:
    return {"Action": actions, "Effect": "Allow", "Resource": resource}


def _read_secret(secret: Any) -> dict[str, Any]:
    return _allow(["secretsmanager:GetSecretValue"], secret)


def _decrypt(
    context: Context, properties: Mapping[str, Any], action: Any, route: Route
) -> list[dict[str, Any]]:
    key = properties.get("SecretsManagerKmsKeyId")
    if not key:
        return []
    key = context.need_text(key, (*route, "SecretsManagerKmsKeyId"))
    return [_allow(action, sub("arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/" + key))]


def _listed(accesses: Any) -> list[dict[str, Any]]:
    return [access for access in accesses if isinstance(access, dict)] if isinstance(accesses, list) else []


def _basic_auth(
    context: Context, properties: Mapping[str, Any], supported: tuple[str, ...], route: Route
) -> Any:
    """The secret that a broker or cluster is opened with."""
    accesses = properties.get("SourceAccessConfigurations")
    if not accesses:
        context.refuse(route, "is required")
    secrets = []
    for index, access in enumerate(context.need_list(accesses, route)):
        kind = context.need_map(access, (*route, index)).get("Type")
        if kind not in supported:
            context.refuse((*route, index, "Type"), f"must be one of {', '.join(supported)}")
        if kind == "BASIC_AUTH":
            secrets.append(access.get("URI"))
    if len(secrets) != 1 or not secrets[0]:
        context.refuse(route, "must hold exactly one BASIC_AUTH with a URI")
    return secrets[0]


def _kafka(context: Context, properties: Mapping[str, Any], route: Route) -> list[dict[str, Any]]:
    for name in ("KafkaBootstrapServers", "Topics", "SourceAccessConfigurations"):
        if not properties.get(name):
            context.refuse((*route, name), "is required")
    topics = properties["Topics"]
    if len(topics) != 1:
        context.refuse((*route, "Topics"), "must hold exactly one topic")
    secrets, certificates, kinds = _kafka_access(context, properties["SourceAccessConfigurations"], route)
    statements = [_read_secret(secret) for secret in (*secrets, *certificates)]
    if "VPC_SUBNET" in kinds:
        statements.append(_allow(_NETWORK, "*"))
    return (
        statements
        + _decrypt(context, properties, ["kms:Decrypt"], route)
        + _registry(context, properties, route)
    )


def _kafka_access(context: Context, accesses: Any, route: Route) -> tuple[list[Any], list[Any], list[Any]]:
    """Secrets of the authentication, certificates, and the kinds of access that are stated."""
    place = (*route, "SourceAccessConfigurations")
    secrets: list[Any] = []
    certificates: list[Any] = []
    kinds: list[Any] = []
    for index, access in enumerate(context.need_list(accesses, place)):
        kind = context.need_map(access, (*place, index)).get("Type")
        secret = access.get("URI")
        known = isinstance(kind, str) and (
            kind in _KAFKA_SECRETS | _KAFKA_NO_SECRETS | _KAFKA_OAUTH
            or kind in ("VPC_SUBNET", "VPC_SECURITY_GROUP", "SERVER_ROOT_CA_CERTIFICATE")
        )
        if not known:
            context.refuse((*place, index, "Type"), "is not a kind of access to Kafka that SAM knows")
        if kind not in _KAFKA_NO_SECRETS and not (
            secret and (isinstance(secret, str) or is_intrinsic(secret))
        ):
            context.refuse((*place, index, "URI"), "is required")
        kinds.append(kind)
        if kind in _KAFKA_SECRETS:
            secrets.append(secret)
        elif kind == "SERVER_ROOT_CA_CERTIFICATE":
            certificates = [secret]
    if sum(kind in _KAFKA_SECRETS | _KAFKA_NO_SECRETS for kind in kinds) > 1:
        context.refuse(place, "may state only one way to authenticate")
    if ("VPC_SUBNET" in kinds) != ("VPC_SECURITY_GROUP" in kinds):
        context.refuse(place, "needs both VPC_SUBNET and VPC_SECURITY_GROUP, or neither")
    return secrets, certificates, kinds


def _registry_uri(context: Context, config: Mapping[str, Any]) -> Any:
    """The URI of a schema registry as SAM writes it out: resolved where it is a function of a list, else as it is."""
    stated = config["SchemaRegistryURI"]
    of_list = isinstance(stated, dict) and any(isinstance(argument, list) for argument in stated.values())
    return context.resolve(stated) if of_list else stated


def _registry(context: Context, properties: Mapping[str, Any], route: Route) -> list[dict[str, Any]]:
    """What a function needs to read schemas: the secrets of the registry and, for one in Glue, the schemas themselves."""
    config = properties.get("SchemaRegistryConfig")
    if not config:
        return []
    place = (*route, "SchemaRegistryConfig")
    for name in ("SchemaRegistryURI", "EventRecordFormat", "SchemaValidationConfigs"):
        if name not in config:
            context.refuse((*place, name), "is required")
    if config["EventRecordFormat"] not in ("JSON", "SOURCE"):
        context.refuse((*place, "EventRecordFormat"), "must be JSON or SOURCE")
    context.need_list(config["SchemaValidationConfigs"], (*place, "SchemaValidationConfigs"))
    statements = []
    for index, access in enumerate(
        context.need_list(config.get("AccessConfigs") or [], (*place, "AccessConfigs"))
    ):
        if not isinstance(access, dict) or "Type" not in access or "URI" not in access:
            context.refuse((*place, "AccessConfigs", index), "needs Type and URI")
        statements.append(_read_secret(access["URI"]))
    registry = _registry_uri(context, config)
    resolved = context.resolve(registry)
    text = resolved.get("Fn::Sub") if isinstance(resolved, dict) else registry
    parts = text.split(":") if isinstance(text, str) and text.startswith("arn") else []
    if len(parts) > 5 and parts[5].startswith("registry/"):
        schemas = "arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:schema/"
        statements.append(_allow(["glue:GetRegistry"], registry))
        name = parts[5].removeprefix("registry/")
        statements.append(_allow(["glue:GetSchemaVersion"], [sub(f"{schemas}{name}/*")]))
    return statements
