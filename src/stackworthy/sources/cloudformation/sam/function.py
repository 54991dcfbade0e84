"""`AWS::Serverless::Function`: the function, its role, version, alias, URL, invoke configuration and events.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .code import check_package, function_code
from .context import Context, Invoked, property_route
from .function_events import add_events
from .intrinsics import get_att, if_, is_if, is_intrinsic, is_no_value, not_condition, ref
from .properties import FUNCTION, property_routes
from .publish import add_version_and_alias
from .roles import Role, add_policies, add_role, aws_managed, trust, xray_policy
from .shapes import FUNCTION as SHAPES
from .shapes import checked
from .tags import CREATED_BY_SAM, checked_tags, propagate, tag_list

KIND = "AWS::Lambda::Function"

COPIED = (
    "Handler",
    "Runtime",
    "Description",
    "MemorySize",
    "Timeout",
    "VpcConfig",
    "Role",
    "Environment",
    "KmsKeyArn",
    "ReservedConcurrentExecutions",
    "Layers",
    "FileSystemConfigs",
    "ImageConfig",
    "PackageType",
    "Architectures",
    "SnapStart",
    "EphemeralStorage",
    "CodeSigningConfigArn",
    "RuntimeManagementConfig",
    "LoggingConfig",
    "TenancyConfig",
    "RecursiveLoop",
    "DurableConfig",
    "PublishToLatestPublished",
)
"""Properties that the plain function takes over as they are."""

DEAD_LETTERS = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}


def expand(context: Context, logical_id: str) -> None:
    route = property_route(logical_id)
    given = context.resources[logical_id].get("Properties", {})
    properties = checked(context, given, SHAPES, route)
    _check_combinations(context, logical_id, properties)
    check_package(context, logical_id, properties)
    mark = context.mark()
    tags = checked_tags(context, properties.get("Tags"), (*route, "Tags"))
    plain = _plain_function(context, logical_id, properties, tags)
    published = add_version_and_alias(context, logical_id, properties, plain)
    alias_id = published.alias_id if published else None
    url = properties.get("FunctionUrlConfig")
    if url:
        from .function_url import add_url

        context.attempt(lambda: add_url(context, logical_id, url, alias_id), None)
    if properties.get("DeploymentPreference"):
        from .deployment import prefer

        prefer(context, logical_id, properties, alias_id)
    role = _role(context, logical_id, properties, tags)
    asynchronous = properties.get("EventInvokeConfig")
    if asynchronous:
        from .invoke_config import add_invoke_config

        role.policies += context.attempt(
            lambda: add_invoke_config(context, logical_id, asynchronous, published), []
        )
    add_policies(context, role, logical_id, properties.get("Policies"))
    with_role = context.attempt(lambda: _use_role(context, logical_id, plain, role), False)
    context.add(
        logical_id,
        KIND,
        plain,
        by=logical_id,
        properties_from=property_routes(FUNCTION, KIND),
        attributes=context.own_attributes(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )
    invoked = Invoked(
        id=alias_id or logical_id,
        arn=ref(alias_id) if alias_id else get_att(logical_id, "Arn"),
        name=ref(alias_id or logical_id),
        function_id=logical_id,
        role_id=role.id if with_role else None,
        condition=context.resources[logical_id].get("Condition"),
        attributes=context.handed_down(logical_id),
    )
    add_events(context, logical_id, properties.get("Events"), invoked, role)
    if with_role:
        add_role(context, role, logical_id)
    if properties.get("PropagateTags") and tags:
        propagate(context, context.written_since(mark), tags)


def _plain_function(
    context: Context, logical_id: str, properties: Mapping[str, Any], tags: Mapping[str, Any]
) -> dict[str, Any]:
    plain = {name: properties[name] for name in COPIED if properties.get(name) is not None}
    if properties.get("FunctionName"):
        plain["FunctionName"] = properties["FunctionName"]
    plain["Code"] = function_code(context, logical_id, properties)
    plain["Tags"] = tag_list({**CREATED_BY_SAM, **tags})
    tracing = properties.get("Tracing")
    if tracing and context.resolve(tracing) != "Disabled":
        plain["TracingConfig"] = {"Mode": context.resolve_below(tracing)}
    if properties.get("DeadLetterQueue"):
        plain["DeadLetterConfig"] = _dead_letters(context, logical_id, properties["DeadLetterQueue"])
    if properties.get("CapacityProviderConfig"):
        plain["CapacityProviderConfig"] = _capacity(context, logical_id, properties["CapacityProviderConfig"])
    if properties.get("FunctionScalingConfig"):
        plain["FunctionScalingConfig"] = properties["FunctionScalingConfig"]
    return {name: value for name, value in plain.items() if value is not None}


def _dead_letters(context: Context, logical_id: str, queue: Mapping[str, Any]) -> dict[str, Any] | None:
    route = property_route(logical_id, "DeadLetterQueue")
    kind, target = queue.get("Type"), queue.get("TargetArn")
    if not target or not isinstance(kind, str) or kind not in DEAD_LETTERS:
        context.problem(route, "needs a TargetArn and the Type SQS or SNS")
    return {"TargetArn": target} if target else None


def _capacity(context: Context, logical_id: str, config: Mapping[str, Any]) -> dict[str, Any] | None:
    known = {
        "Arn": "CapacityProviderArn",
        "PerExecutionEnvironmentMaxConcurrency": "PerExecutionEnvironmentMaxConcurrency",
        "ExecutionEnvironmentMemoryGiBPerVCpu": "ExecutionEnvironmentMemoryGiBPerVCpu",
    }
    route = property_route(logical_id, "CapacityProviderConfig")
    for name in config:
        if name not in known:
            context.problem((*route, str(name)), "is not a property that SAM knows here")
    if config.get("Arn") is None:
        context.problem((*route, "Arn"), "is required")
    managed = {made: config[own] for own, made in known.items() if config.get(own) is not None}
    return {"LambdaManagedInstancesCapacityProviderConfig": managed}


def _role(context: Context, logical_id: str, properties: Mapping[str, Any], tags: Mapping[str, Any]) -> Role:
    """The role that SAM would make for the function, before `Policies` and events."""
    stated = properties.get("AssumeRolePolicyDocument")
    basic = (
        "AWSLambdaBasicDurableExecutionRolePolicy"
        if properties.get("DurableConfig")
        else "AWSLambdaBasicExecutionRole"
    )
    role = Role(
        id=f"{logical_id}Role",
        trust=trust("lambda.amazonaws.com") if stated is None else stated,
        managed=[aws_managed(context, f"service-role/{basic}")],
        path=properties.get("RolePath"),
        boundary=properties.get("PermissionsBoundary"),
        tags=tag_list({**CREATED_BY_SAM, **tags}),
        attributes=context.handed_down(logical_id),
    )
    tracing = properties.get("Tracing")
    if tracing and context.resolve(tracing) != "Disabled":
        role.managed.append(aws_managed(context, xray_policy(context)))
        role.places["ManagedPolicyArns.1"] = ("Properties", "Tracing")
    if properties.get("VpcConfig"):
        role.places[f"ManagedPolicyArns.{len(role.managed)}"] = ("Properties", "VpcConfig")
        role.managed.append(aws_managed(context, "service-role/AWSLambdaVPCAccessExecutionRole"))
    queue = properties.get("DeadLetterQueue") or {}
    kind = queue.get("Type")
    if isinstance(kind, str) and kind in DEAD_LETTERS:
        statement = {"Action": DEAD_LETTERS[kind], "Resource": queue.get("TargetArn"), "Effect": "Allow"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        role.policies.append({"PolicyName": "DeadLetterQueuePolicy", "PolicyDocument": document})
        role.places["Policies.0"] = ("Properties", "DeadLetterQueue")
    return role


def _use_role(context: Context, logical_id: str, plain: dict[str, Any], role: Role) -> bool:
    """Give the function its role; whether the generated one is needed for it."""
    stated = plain.get("Role")
    if stated is None:
        plain["Role"] = get_att(role.id, "Arn")
        return True
    if not is_if(stated):
        return False
    resolved = context.resolve(stated)["Fn::If"]
    if not isinstance(resolved, list) or len(resolved) != 3 or not isinstance(resolved[0], str):
        context.refuse(property_route(logical_id, "Role"), "is an Fn::If without condition and two values")
    condition, then, otherwise = resolved
    own = get_att(role.id, "Arn")
    if is_no_value(then) and is_no_value(otherwise):
        plain["Role"] = own
    elif is_no_value(then):
        plain["Role"] = if_(condition, own, otherwise)
        role.attributes["Condition"] = condition
    elif is_no_value(otherwise):
        plain["Role"] = if_(condition, then, own)
        role.attributes["Condition"] = f"NOT{condition}"
        context.add_condition(f"NOT{condition}", not_condition(condition))
    else:
        plain["Role"] = {"Fn::If": resolved}
        return False
    return True


def _check_combinations(context: Context, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Note properties that SAM refuses together or without another."""

    def has(name: str) -> bool:
        return properties.get(name) is not None

    for one, other in (
        ("CapacityProviderConfig", "ProvisionedConcurrencyConfig"),
        ("CapacityProviderConfig", "VpcConfig"),
        ("TenancyConfig", "ProvisionedConcurrencyConfig"),
        ("TenancyConfig", "FunctionUrlConfig"),
        ("TenancyConfig", "SnapStart"),
    ):
        if has(one) and has(other):
            context.problem(property_route(logical_id, other), f"cannot be set together with {one}")
    for one, other in (
        ("FunctionScalingConfig", "CapacityProviderConfig"),
        ("VersionDeletionPolicy", "AutoPublishAlias"),
        ("ProvisionedConcurrencyConfig", "AutoPublishAlias"),
    ):
        if has(one) and not has(other):
            context.problem(property_route(logical_id, one), f"needs {other}")
    deletion = properties.get("VersionDeletionPolicy")
    if deletion is not None and not is_intrinsic(deletion) and deletion not in ("Delete", "Retain"):
        context.problem(property_route(logical_id, "VersionDeletionPolicy"), "must be Delete or Retain")
    if has("TenancyConfig"):
        for event_id, event in (properties.get("Events") or {}).items():
            if isinstance(event, dict) and event.get("Type") not in ("Api", "HttpApi"):
                route = property_route(logical_id, "Events", event_id)
                context.problem(route, "cannot be an event of a function with TenancyConfig")
