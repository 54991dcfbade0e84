"""Functions as the framework generates them: the Lambda function, its log group, version, alias, URL and invoke configuration.

https://www.serverless.com/framework/docs/providers/aws/guide/functions
"""

from __future__ import annotations

from typing import Any

from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names, properties
from stackworthy.sources.serverless.build import PROVIDER, ROLE, Build
from stackworthy.sources.serverless.properties import places
from stackworthy.sources.serverless.service import Function, Service
from stackworthy.sources.serverless.shapes import (
    as_list,
    as_map,
    as_text,
    first,
    get,
    is_set,
    merged,
    tag_list,
    text,
)

MEMORY, TIMEOUT = 1024, 6
EDGE_MEMORY, EDGE_TIMEOUT = 128, 5
"""What the framework sets where nobody states it: https://www.serverless.com/framework/docs/providers/aws/guide/functions"""

_RUNTIMES = {"3": "nodejs16.x", "4": "nodejs20.x"}
_DESTINATIONS = {
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
}
_UNMANAGED = {"auto": None, "onFunctionUpdate": "FunctionUpdate", "manual": "Manual"}


def set_aliases(service: Service) -> None:
    """Name the alias that events call, for functions with provisioned concurrency or SnapStart."""
    for function in service.functions.values():
        normal = names.normalized(function.key)
        if is_set(function.body.get("provisionedConcurrency")):
            function.alias = ("provisioned", f"{normal}ProvConcLambdaAlias")
        elif is_set(function.body.get("snapStart")):
            function.alias = ("snapstart", f"{normal}SnapStartLambdaAlias")


def add_function(build: Build, function: Function) -> None:
    """Add a function and everything that is generated with it, events apart."""
    if not is_set(function.body.get("handler")) and not is_set(function.body.get("image")):
        build.problem(function.route, "has neither a handler nor an image", "state its handler")
    _log_group(build, function)
    body = function.body
    logs = None if is_set(body.get("disableLogs")) else [names.log_group(function.key)]
    depends = [*(logs or ()), *(one for one in as_list(body.get("dependsOn")) if isinstance(one, str))]
    build.add(
        function.id,
        "AWS::Lambda::Function",
        {**_code(build, function), **_settings(build.service, function), **_surroundings(build, function)},
        function.id,
        function.route,
        _places(build.service, function),
        Condition=body.get("condition"),
        DependsOn=depends or None,
    )
    _version(build, function)
    _url(build, function)
    _invoke_config(build, function)


def _places(service: Service, function: Function) -> dict[str, tuple[Any, ...]]:
    """The table of a function; `provider.role` stands for `provider.iam.role` in older services."""
    found: dict[str, tuple[Any, ...]] = places(properties.FUNCTION, function.route)
    if "role" in service.provider:
        found["Role"] = ((*function.route, "role"), (PROVIDER, "role"))
    if "artifact" in as_map(service.get("package")):
        found["Code"] = (*found["Code"], ("package", "artifact"))
    return found


def _stated(service: Service, function: Function, name: str) -> Any:
    """What the function states, else what the provider states for all."""
    return first(function.body.get(name), service.provider.get(name))


def _code(build: Build, function: Function) -> dict[str, Any]:
    service, body = build.service, function.body
    uploaded = Unknown("the code is uploaded at deployment", stated=True)
    image = body.get("image")
    if not is_set(image):
        return {
            "Handler": body.get("handler"),
            "Runtime": first(_stated(service, function, "runtime"), _default_runtime(service)),
            "Code": {"S3Bucket": _bucket(service), "S3Key": uploaded},
        }
    stated = as_map(image)
    config = {
        "Command": stated.get("command"),
        "EntryPoint": stated.get("entryPoint"),
        "WorkingDirectory": stated.get("workingDirectory"),
    }
    uri = image if isinstance(image, str) and "/" in image else stated.get("uri")
    return {
        "PackageType": "Image",
        "Code": {"ImageUri": uri if uri is not None else _image(service, image, uploaded)},
        "ImageConfig": {name: value for name, value in config.items() if is_set(value)} or None,
    }


def _image(service: Service, image: Any, uploaded: Unknown) -> Any:
    """The image that the provider declares under a name, when it is one from a registry."""
    name = image if isinstance(image, str) else get(image, "name")
    declared = get(service.provider, "ecr", "images", name) if isinstance(name, str) else None
    uri = declared if isinstance(declared, str) else get(declared, "uri")
    return uri if is_set(uri) else uploaded


def _bucket(service: Service) -> Any:
    stated = service.provider.get("deploymentBucket")
    name = get(stated, "name") if isinstance(stated, dict) else stated
    return name if is_set(name) else Unknown("the framework makes the deployment bucket", stated=True)


def _default_runtime(service: Service) -> Any:
    """The runtime that the framework takes where nobody states one, which depends on its version."""
    wanted = as_text(service.get("frameworkVersion")).lstrip("^~>=< v")
    return _RUNTIMES.get(wanted[:1]) or Unknown("the framework's default runtime depends on its version")


def _settings(service: Service, function: Function) -> dict[str, Any]:
    body = function.body
    at_edge = any(True for _ in function.events("cloudFront"))
    memory = first(
        body.get("memorySize"), EDGE_MEMORY if at_edge else None, service.provider.get("memorySize")
    )
    architecture = _stated(service, function, "architecture")
    environment = [service.provider.get("environment"), body.get("environment")]
    storage = body.get("ephemeralStorageSize")
    return {
        "FunctionName": function.name,
        "MemorySize": first(memory, MEMORY),
        "Timeout": first(_stated(service, function, "timeout"), EDGE_TIMEOUT if at_edge else TIMEOUT),
        "Architectures": [architecture] if is_set(architecture) else None,
        "Description": body.get("description") if is_set(body.get("description")) else None,
        "Tags": tag_list(merged(service.provider.get("tags"), body.get("tags"))),
        "EphemeralStorage": {"Size": storage} if is_set(storage) else None,
        "Environment": {"Variables": merged(*environment)} if any(map(is_set, environment)) else None,
        "ReservedConcurrentExecutions": body.get("reservedConcurrency"),
        "RuntimeManagementConfig": _runtime_management(_stated(service, function, "runtimeManagement")),
        "Layers": first(body.get("layers"), service.provider.get("layers")),
        "SnapStart": {"ApplyOn": "PublishedVersions"} if is_set(body.get("snapStart")) else None,
        "LoggingConfig": _logging(first(body.get("logs"), get(service.provider, "logs", "lambda"))),
    }


def _runtime_management(stated: Any) -> Any:
    if not isinstance(stated, (dict, str)):
        return stated if isinstance(stated, Unknown) else None
    mode = stated if isinstance(stated, str) else as_text(stated.get("mode"))
    update = _UNMANAGED.get(mode)
    if update is None:
        return None
    config = {"UpdateRuntimeOn": update, "RuntimeVersionArn": get(stated, "arn")}
    return {name: value for name, value in config.items() if value is not None}


def _logging(stated: Any) -> Any:
    if not isinstance(stated, dict):
        return stated if isinstance(stated, Unknown) else None
    config = {
        names.upper_first(own): stated.get(own)
        for own in ("logFormat", "applicationLogLevel", "systemLogLevel", "logGroup")
    }
    return {name: value for name, value in config.items() if is_set(value)} or None


def _surroundings(build: Build, function: Function) -> dict[str, Any]:
    """What needs permissions of the role: queue of failures, key, tracing, network, file system."""
    service, body, route = build.service, function.body, function.route
    failed = body.get("onError")
    if isinstance(failed, str):
        build.allow((*route, "onError"), ["sns:Publish"], [failed])
    key = _stated(service, function, "kmsKeyArn")
    if isinstance(key, str) and key:
        build.allow((*route, "kmsKeyArn"), ["kms:Decrypt"], [key])
    tracing = first(body.get("tracing"), get(service.provider, "tracing", "lambda"))
    if is_set(tracing):
        build.allow((*route, "tracing"), ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"])
    system = as_map(body.get("fileSystemConfig"))
    if system:
        actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        build.allow((*route, "fileSystemConfig"), actions, [system.get("arn")])
    mount = {"Arn": system.get("arn"), "LocalMountPath": system.get("localMountPath")}
    return {
        "DeadLetterConfig": {"TargetArn": failed} if is_set(failed) else None,
        "KmsKeyArn": key,
        "TracingConfig": {"Mode": "Active" if tracing is True else tracing} if is_set(tracing) else None,
        "Role": role_of(build, function),
        "VpcConfig": _network(service, function),
        "FileSystemConfigs": [mount] if system else None,
    }


def _network(service: Service, function: Function) -> Any:
    own = function.body.get("vpc", {})
    shared = service.provider.get("vpc")
    if own is None or own is False:
        return None
    for stated in (own, shared):
        if isinstance(stated, Unknown):
            return stated
    config: dict[str, Any] = {}
    for name in ("securityGroupIds", "subnetIds"):
        value = first(get(own, name), get(shared, name))
        if not is_set(value):
            return None
        config[names.upper_first(name)] = value
    dual = first(get(own, "ipv6AllowedForDualStack"), get(shared, "ipv6AllowedForDualStack"))
    return {**config, "Ipv6AllowedForDualStack": dual} if is_set(dual) else config


def custom_role(service: Service, function: Function) -> Any:
    """The role that the function or the provider names, None where the framework makes one."""
    if is_set(function.body.get("role")):
        return function.body["role"]
    stated = get(service.provider, "iam", "role")
    if isinstance(stated, (str, Unknown)) or any(
        name.startswith("Fn::") or name == "Ref" for name in as_map(stated)
    ):
        return stated
    return service.provider.get("role")


def role_of(build: Build, function: Function) -> Any:
    """The property `Role` of a function."""
    stated = custom_role(build.service, function)
    if stated is None:
        return {"Fn::GetAtt": [own_role(build.service, function) or ROLE, "Arn"]}
    if isinstance(stated, str) and ":" not in stated and "/" not in stated:
        return {"Fn::GetAtt": [stated, "Arn"]}
    return stated


def own_role(service: Service, function: Function) -> str | None:
    """The logical id of the role that the plugin `serverless-iam-roles-per-function` makes for a function, if it does."""
    stated = any(name in function.body for name in ("iamRoleStatements", "iamRoleStatementsName"))
    if not stated or "serverless-iam-roles-per-function" not in service.plugins():
        return None
    return f"{names.normalized(function.key)}{ROLE}"


def _log_group(build: Build, function: Function) -> None:
    service, body = build.service, function.body
    if is_set(body.get("disableLogs")):
        return
    group = {
        "LogGroupName": text("/aws/lambda/", function.name),
        "RetentionInDays": _stated(service, function, "logRetentionInDays"),
        "DataProtectionPolicy": _stated(service, function, "logDataProtectionPolicy"),
    }
    stated = places(properties.LOG_GROUP, function.route)
    logical_id = names.log_group(function.key)
    build.add(logical_id, "AWS::Logs::LogGroup", group, function.id, function.route, stated)


def _version(build: Build, function: Function) -> None:
    service, body = build.service, function.body
    wanted = body.get("versionFunction", service.provider.get("versionFunctions"))
    versioned = wanted is None or is_set(wanted) or any(True for _ in function.events("cloudFront"))
    if not versioned and function.alias is None:
        return
    version = f"{names.normalized(function.key)}LambdaVersion"
    target = {"Ref": function.id}
    described = {
        "FunctionName": target,
        "Description": first(body.get("description")),
        "CodeSha256": Unknown("the code is packed at deployment", stated=True),
    }
    kept = "Retain" if versioned else None
    build.add(version, "AWS::Lambda::Version", described, function.id, function.route, DeletionPolicy=kept)
    if function.alias is None:
        return
    name, logical_id = function.alias
    alias: dict[str, Any] = {
        "FunctionName": target,
        "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
        "Name": name,
    }
    if name == "provisioned":
        count = body["provisionedConcurrency"]
        alias["ProvisionedConcurrencyConfig"] = {"ProvisionedConcurrentExecutions": count}
    stated = places(properties.ALIAS, function.route)
    build.add(logical_id, "AWS::Lambda::Alias", alias, function.id, function.route, stated)


def _url(build: Build, function: Function) -> None:
    url = function.body.get("url")
    if not is_set(url) or isinstance(url, Unknown):
        return
    authorizer = get(url, "authorizer")
    auth = authorizer if isinstance(authorizer, Unknown) else "AWS_IAM" if authorizer == "aws_iam" else "NONE"
    config = {"AuthType": auth, "TargetFunctionArn": function.arn, "Cors": _cors(get(url, "cors"))}
    if is_set(get(url, "invokeMode")):
        config["InvokeMode"] = get(url, "invokeMode")
    normal, route = names.normalized(function.key), (*function.route, "url")
    stated = places(properties.URL, function.route)
    build.add(f"{normal}LambdaFunctionUrl", "AWS::Lambda::Url", config, function.id, route, stated)
    if auth == "NONE" if isinstance(auth, str) else False:
        permission = {
            "FunctionName": function.arn,
            "Action": "lambda:InvokeFunctionUrl",
            "Principal": "*",
            "FunctionUrlAuthType": auth,
        }
        logical_id = f"{normal}LambdaPermissionFnUrl"
        build.add(logical_id, "AWS::Lambda::Permission", permission, function.id, route, stated)


def _cors(stated: Any) -> Any:
    if not is_set(stated) or isinstance(stated, Unknown):
        return stated if isinstance(stated, Unknown) else None
    headers = [
        "Content-Type",
        "X-Amz-Date",
        "Authorization",
        "X-Api-Key",
        "X-Amz-Security-Token",
        "X-Amzn-Trace-Id",
    ]
    own = as_map(stated)
    cors = {
        "AllowOrigins": own.get("allowedOrigins", ["*"]),
        "AllowHeaders": own.get("allowedHeaders", headers),
        "AllowMethods": own.get("allowedMethods", ["*"]),
        "AllowCredentials": own.get("allowCredentials"),
        "ExposeHeaders": own.get("exposedResponseHeaders"),
        "MaxAge": own.get("maxAge"),
    }
    return {name: value for name, value in cors.items() if value is not None}


def _invoke_config(build: Build, function: Function) -> None:
    body = function.body
    destinations = body.get("destinations")
    age, attempts = body.get("maximumEventAge"), body.get("maximumRetryAttempts")
    if not is_set(destinations) and not is_set(age) and attempts is None:
        return
    config: dict[str, Any] = {}
    for own, name in (("onSuccess", "OnSuccess"), ("onFailure", "OnFailure")):
        target = get(destinations, own)
        if is_set(target):
            config[name] = {"Destination": _destination(build, function, own, target)}
    stated = {
        "FunctionName": {"Ref": function.id},
        "DestinationConfig": config or None,
        "Qualifier": function.alias[0] if function.alias else "$LATEST",
        "MaximumEventAgeInSeconds": age,
        "MaximumRetryAttempts": attempts,
    }
    logical_id = f"{names.normalized(function.key)}LambdaEvConf"
    kind = "AWS::Lambda::EventInvokeConfig"
    build.add(
        logical_id,
        kind,
        stated,
        function.id,
        function.route,
        places(properties.INVOKE_CONFIG, function.route),
    )


def _destination(build: Build, function: Function, own: str, target: Any) -> Any:
    """The ARN of a destination, which the functions' role may then use."""
    kind, arn = "", target
    allowed = target
    if isinstance(target, dict) and "arn" in target:
        stated = as_text(target.get("type"))
        kind = {"function": "lambda", "eventBus": "events"}.get(stated, stated)
        arn = allowed = target["arn"]
    elif isinstance(target, str) and not target.startswith("arn:"):
        other = build.service.functions.get(target)
        kind, arn = "lambda", other.arn if other is not None else Unknown(f"there is no function {target}")
        allowed = arn if other is None else function_arn(other)
    elif isinstance(target, str):
        kind = target.split(":")[2] if target.count(":") > 2 else ""
    action = _DESTINATIONS.get(kind)
    if action is not None and custom_role(build.service, function) is None:
        build.allow((*function.route, "destinations", own), action, allowed)
    return arn


def function_arn(function: Function, end: str = "") -> dict[str, Any]:
    """The ARN of a function by its name, which makes nothing wait for the function."""
    arn = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    if isinstance(function.name, str):
        return {"Fn::Sub": arn + function.name + end}
    return {"Fn::Sub": [arn + "${name}" + end, {"name": function.name}]}
