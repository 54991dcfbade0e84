"""Which property of a function, its log group, its URL and its role stands where in the configuration.

The tables are data, usable both ways: to say where a value of a generated resource was written, and to write a change of it back.
A path leads to the path below the function; after "|" stands the path below `provider` that counts when the function states none.
"""

from __future__ import annotations

from collections.abc import Mapping

from stackworthy.core.origin import Route
from stackworthy.sources.serverless.build import PROVIDER

Table = Mapping[str, str]

FUNCTION: Table = {
    "FunctionName": "name",
    "Handler": "handler",
    "Runtime": "runtime|runtime",
    "MemorySize": "memorySize|memorySize",
    "Timeout": "timeout|timeout",
    "Description": "description",
    "Tags": "tags|tags",
    "EphemeralStorage": "ephemeralStorageSize",
    "EphemeralStorage.Size": "ephemeralStorageSize",
    "DeadLetterConfig": "onError",
    "DeadLetterConfig.TargetArn": "onError",
    "KmsKeyArn": "kmsKeyArn|kmsKeyArn",
    "TracingConfig": "tracing|tracing.lambda",
    "TracingConfig.Mode": "tracing|tracing.lambda",
    "Environment": "environment|environment",
    "Environment.Variables": "environment|environment",
    "Role": "role|iam.role",
    "VpcConfig": "vpc|vpc",
    "VpcConfig.SecurityGroupIds": "vpc.securityGroupIds|vpc.securityGroupIds",
    "VpcConfig.SubnetIds": "vpc.subnetIds|vpc.subnetIds",
    "VpcConfig.Ipv6AllowedForDualStack": "vpc.ipv6AllowedForDualStack|vpc.ipv6AllowedForDualStack",
    "FileSystemConfigs": "fileSystemConfig",
    "FileSystemConfigs.0.Arn": "fileSystemConfig.arn",
    "FileSystemConfigs.0.LocalMountPath": "fileSystemConfig.localMountPath",
    "ReservedConcurrentExecutions": "reservedConcurrency",
    "Layers": "layers|layers",
    "Architectures": "architecture|architecture",
    "Architectures.0": "architecture|architecture",
    "RuntimeManagementConfig": "runtimeManagement|runtimeManagement",
    "RuntimeManagementConfig.RuntimeVersionArn": "runtimeManagement.arn|runtimeManagement.arn",
    "SnapStart": "snapStart",
    "SnapStart.ApplyOn": "snapStart",
    "Code": "package.artifact",
    "Code.ImageUri": "image",
    "ImageConfig": "image",
    "ImageConfig.Command": "image.command",
    "ImageConfig.EntryPoint": "image.entryPoint",
    "ImageConfig.WorkingDirectory": "image.workingDirectory",
    "LoggingConfig": "logs|logs.lambda",
    "LoggingConfig.LogFormat": "logs.logFormat|logs.lambda.logFormat",
    "LoggingConfig.ApplicationLogLevel": "logs.applicationLogLevel|logs.lambda.applicationLogLevel",
    "LoggingConfig.SystemLogLevel": "logs.systemLogLevel|logs.lambda.systemLogLevel",
    "LoggingConfig.LogGroup": "logs.logGroup|logs.lambda.logGroup",
}

LOG_GROUP: Table = {
    "LogGroupName": "name",
    "RetentionInDays": "logRetentionInDays|logRetentionInDays",
    "DataProtectionPolicy": "logDataProtectionPolicy|logDataProtectionPolicy",
}

URL: Table = {
    "AuthType": "url.authorizer",
    "InvokeMode": "url.invokeMode",
    "Cors": "url.cors",
    "Cors.AllowOrigins": "url.cors.allowedOrigins",
    "Cors.AllowHeaders": "url.cors.allowedHeaders",
    "Cors.AllowMethods": "url.cors.allowedMethods",
    "Cors.AllowCredentials": "url.cors.allowCredentials",
    "Cors.ExposeHeaders": "url.cors.exposedResponseHeaders",
    "Cors.MaxAge": "url.cors.maxAge",
}

INVOKE_CONFIG: Table = {
    "MaximumEventAgeInSeconds": "maximumEventAge",
    "MaximumRetryAttempts": "maximumRetryAttempts",
    "DestinationConfig": "destinations",
    "DestinationConfig.OnSuccess": "destinations.onSuccess",
    "DestinationConfig.OnSuccess.Destination": "destinations.onSuccess",
    "DestinationConfig.OnFailure": "destinations.onFailure",
    "DestinationConfig.OnFailure.Destination": "destinations.onFailure",
}

ALIAS: Table = {
    "ProvisionedConcurrencyConfig": "provisionedConcurrency",
    "ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions": "provisionedConcurrency",
}

LAYER: Table = {
    "LayerName": "name",
    "Description": "description",
    "LicenseInfo": "licenseInfo",
    "CompatibleRuntimes": "compatibleRuntimes",
    "CompatibleArchitectures": "compatibleArchitectures",
    "Content": "path",
}


def places(table: Table, own: Route) -> dict[str, tuple[Route, ...]]:
    """The routes at which the properties of a table stand, for the function (or layer) at a route."""
    found: dict[str, tuple[Route, ...]] = {}
    for path, stated in table.items():
        mine, _, shared = stated.partition("|")
        route = (*own, *mine.split("."))
        found[path] = (route, (PROVIDER, *shared.split("."))) if shared else (route,)
    return found
