"""`Globals`: properties that an author states once for every resource of a kind.

Maps are merged key by key, the resource's own value wins over a scalar, lists are appended to the global ones.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import Context
from .expansion import Route
from .intrinsics import is_intrinsic

PREFIX = "AWS::Serverless::"

SECTIONS: Mapping[str, frozenset[str]] = {
    section: frozenset(names.split())
    for section, names in {
        "Function": """Handler Runtime CodeUri DeadLetterQueue Description MemorySize Timeout VpcConfig Environment Tags PropagateTags
            Tracing KmsKeyArn AutoPublishAlias AutoPublishAliasAllProperties Layers DeploymentPreference RolePath
            PermissionsBoundary ReservedConcurrentExecutions ProvisionedConcurrencyConfig AssumeRolePolicyDocument
            EventInvokeConfig FileSystemConfigs CodeSigningConfigArn Architectures SnapStart EphemeralStorage FunctionUrlConfig
            RuntimeManagementConfig LoggingConfig RecursiveLoop SourceKMSKeyArn TenancyConfig DurableConfig
            CapacityProviderConfig FunctionScalingConfig PublishToLatestPublished VersionDeletionPolicy""",
        "Api": """Auth Name DefinitionUri CacheClusterEnabled CacheClusterSize MergeDefinitions Variables EndpointConfiguration
            MethodSettings BinaryMediaTypes MinimumCompressionSize Cors GatewayResponses AccessLogSetting CanarySetting
            TracingEnabled OpenApiVersion Domain AlwaysDeploy PropagateTags SecurityPolicy EndpointAccessMode""",
        "HttpApi": """Auth AccessLogSettings StageVariables Tags CorsConfiguration DefaultRouteSettings Domain RouteSettings
            FailOnWarnings PropagateTags""",
        "SimpleTable": "SSESpecification",
        "StateMachine": "PropagateTags",
        "LayerVersion": "PublishLambdaVersion",
        "CapacityProvider": """VpcConfig OperatorRole Tags InstanceRequirements ScalingConfig KmsKeyArn PropagateTags
            LoggingConfig ManagedResourceTags""",
        "MicrovmImage": """BuildRoleArn BaseImageArn BaseImageVersion Logging EgressNetworkConnectors CpuConfigurations Resources
            AdditionalOsCapabilities Hooks EnvironmentVariables Tags PropagateTags""",
        "NetworkConnector": "OperatorRole Tags PropagateTags",
        "WebSocketApi": """AccessLogSettings ApiKeySelectionExpression DefaultRouteSettings DisableExecuteApiEndpoint
            DisableSchemaValidation Domain FailOnWarnings IpAddressType PropagateTags RouteSelectionExpression RouteSettings
            StageVariables Tags""",
    }.items()
}
"""Sections of `Globals` and the properties that may stand in each."""

REPLACED = frozenset({"Function.Architectures", "CapacityProvider.InstanceRequirements.Architectures"})
"""The resource's own value takes the place of the global one instead of being merged with it."""

NARROWED = frozenset({"CapacityProvider.ManagedResourceTags"})
"""Only the keys that the resource names itself survive the merge."""


def merge_globals(context: Context) -> None:
    """Give every SAM resource in `context.resources` its share of `Globals`."""
    sections = _sections(context)
    if not sections:
        return
    for logical_id, resource in context.resources.items():
        kind = resource.get("Type")
        shared = sections.get(kind) if isinstance(kind, str) else None
        own = resource.get("Properties", {})
        if shared is None or not isinstance(own, dict):
            continue
        assert isinstance(kind, str)
        wanted = _without_ignored(context, logical_id, resource.get("IgnoreGlobals"), shared)
        if wanted:
            merged = _merge_maps(wanted, own, kind.removeprefix(PREFIX))
            context.resources[logical_id] = {**resource, "Properties": merged}


def _sections(context: Context) -> dict[str, dict[str, Any]]:
    stated = context.template.get("Globals")
    if stated is None:
        return {}
    if not isinstance(stated, dict):
        context.problem(("Globals",), "must be a map")
        return {}
    found: dict[str, dict[str, Any]] = {}
    for section, values in stated.items():
        supported = SECTIONS.get(section) if isinstance(section, str) else None
        if supported is None:
            context.problem(("Globals", str(section)), "is not a section that SAM knows")
        elif not isinstance(values, dict):
            context.problem(("Globals", section), "must be a map")
        else:
            for name in (name for name in values if name not in supported):
                context.problem(("Globals", section, str(name)), f"cannot be set for every {section}")
            found[PREFIX + section] = (
                values
                if values.keys() <= supported
                else {key: values[key] for key in values if key in supported}
            )
    return found


def _without_ignored(
    context: Context, logical_id: str, ignored: Any, shared: dict[str, Any]
) -> dict[str, Any]:
    if not ignored:
        return shared
    if ignored == "*":
        return {}
    route: Route = ("Resources", logical_id, "IgnoreGlobals")
    if not isinstance(ignored, list):
        context.problem(route, 'must be "*" or a list of properties')
        return shared
    for name in ignored:
        if not isinstance(name, str) or name not in shared:
            context.problem(route, f"{name!r} is not in Globals")
    return {name: value for name, value in shared.items() if name not in ignored}


def _merge_maps(shared: dict[str, Any], own: dict[str, Any], path: str) -> dict[str, Any]:
    merged = dict(shared)
    for key, value in own.items():
        merged[key] = _merge(shared[key], value, f"{path}.{key}") if key in shared else value
    return merged


def _merge(shared: Any, own: Any, path: str) -> Any:
    if path in REPLACED:
        return own
    if isinstance(shared, list) and isinstance(own, list):
        return shared + own
    if (
        isinstance(shared, dict)
        and isinstance(own, dict)
        and not is_intrinsic(shared)
        and not is_intrinsic(own)
    ):
        if path in NARROWED and own:
            shared = {key: value for key, value in shared.items() if key in own}
        return _merge_maps(shared, own, path)
    return own
