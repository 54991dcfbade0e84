"""The deployment of a REST API, its stage with logs and tracing, API keys and usage plans.

The framework sets up a stage's logs, tracing and tags by calls after the deployment; here they stand on the stage that results.
"""

from __future__ import annotations

from typing import Any

from stackworthy.core.origin import Route
from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.build import PROVIDER, Build
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

DEPLOYMENT, STAGE, LOGS = "ApiGatewayDeployment", "ApiGatewayStage", "ApiGatewayLogGroup"
_FORMAT = " ".join(
    (
        "requestId: $context.requestId, ip: $context.identity.sourceIp, caller: $context.identity.caller,",
        "user: $context.identity.user, requestTime: $context.requestTime, httpMethod: $context.httpMethod,",
        "resourcePath: $context.resourcePath, status: $context.status, protocol: $context.protocol,",
        "responseLength: $context.responseLength",
    )
)
"""The access log format that the framework sets: https://www.serverless.com/framework/docs/providers/aws/events/apigateway"""

_SETTINGS: Route = (PROVIDER, "logs", "restApi")


def add_deployment(build: Build, asked: Route) -> None:
    """Add deployment and stage, and what hangs on them."""
    service = build.service
    api = get(service.provider, "apiGateway", "restApiId")
    api = api if is_set(api) else {"Ref": "ApiGatewayRestApi"}
    methods = [name for name, body in build.resources.items() if body["Type"] == "AWS::ApiGateway::Method"]
    deployment = {"RestApiId": api, "Description": get(service.provider, "apiGateway", "description")}
    route: Route = (PROVIDER, "apiGateway") if "apiGateway" in service.provider else asked
    kind = "AWS::ApiGateway::Deployment"
    build.add(DEPLOYMENT, kind, deployment, PROVIDER, route, DependsOn=methods)
    _stage(build, api)
    _keys(build, api)


def _stage(build: Build, api: Any) -> None:
    service, provider = build.service, build.service.provider
    logs = get(provider, "logs", "restApi")
    accessed = is_set(logs) and get(logs, "accessLogging") is not False
    stage = {
        "RestApiId": api,
        "StageName": first(service.provider.get("apiGatewayStage"), service.stage),
        "DeploymentId": {"Ref": DEPLOYMENT},
        "TracingEnabled": get(provider, "tracing", "apiGateway"),
        "Tags": tag_list(merged(provider.get("stackTags"), provider.get("tags"))),
        "MethodSettings": _method_settings(provider, logs),
    }
    if accessed:
        stage["AccessLogSetting"] = {
            "DestinationArn": {"Fn::GetAtt": [LOGS, "Arn"]},
            "Format": first(get(logs, "format"), _FORMAT),
        }
        group = {
            "LogGroupName": text("/aws/api-gateway/", service.name, "-", service.stage),
            "RetentionInDays": provider.get("logRetentionInDays"),
            "DataProtectionPolicy": provider.get("logDataProtectionPolicy"),
        }
        retained = {"RetentionInDays": ((PROVIDER, "logRetentionInDays"),)}
        build.add(LOGS, "AWS::Logs::LogGroup", group, PROVIDER, _SETTINGS, retained)
    places: dict[str, tuple[Route, ...]] = {
        "StageName": ((PROVIDER, "stage"),),
        "TracingEnabled": ((PROVIDER, "tracing", "apiGateway"),),
        "Tags": ((PROVIDER, "tags"), (PROVIDER, "stackTags")),
        "AccessLogSetting": (_SETTINGS,),
        "AccessLogSetting.Format": ((*_SETTINGS, "format"),),
        "MethodSettings": (_SETTINGS,),
        "MethodSettings.0.LoggingLevel": ((*_SETTINGS, "level"),),
        "MethodSettings.0.DataTraceEnabled": ((*_SETTINGS, "fullExecutionData"),),
        "MethodSettings.0.MetricsEnabled": ((PROVIDER, "apiGateway", "metrics"),),
    }
    build.add(STAGE, "AWS::ApiGateway::Stage", stage, PROVIDER, (PROVIDER,), places)


def _method_settings(provider: dict[str, Any], logs: Any) -> list[Any] | None:
    metrics = get(provider, "apiGateway", "metrics")
    settings: dict[str, Any] = {}
    if is_set(logs) and get(logs, "executionLogging") is not False:
        traced = get(logs, "fullExecutionData")
        settings["LoggingLevel"] = first(get(logs, "level"), "INFO")
        settings["DataTraceEnabled"] = True if traced is None else traced
    if metrics is not None:
        settings["MetricsEnabled"] = metrics
    return [{"HttpMethod": "*", "ResourcePath": "/*", **settings}] if settings else None


def _keys(build: Build, api: Any) -> None:
    """API keys and the usage plans that they belong to, one or several by name."""
    provider = build.service.provider
    base: Route = (PROVIDER, "apiGateway")
    keys, plans = get(provider, "apiGateway", "apiKeys"), get(provider, "apiGateway", "usagePlan")
    if keys is None:
        base, keys, plans = (PROVIDER,), provider.get("apiKeys"), first(plans, provider.get("usagePlan"))
    if not is_set(keys) and not is_set(plans):
        return
    named = [name for plan in plans for name in as_map(plan)] if isinstance(plans, list) else []
    if isinstance(plans, list):
        for index, plan in enumerate(plans):
            for name, own in as_map(plan).items():
                _plan(build, api, str(name), own, (*base, "usagePlan", index, name))
    else:
        _plan(build, api, "", plans, (*base, "usagePlan"))
    count = 0
    for index, key in enumerate(as_list(keys)):
        route: Route = (*base, "apiKeys", index)
        name = next(iter(key), "") if isinstance(key, dict) else ""
        if name in named:
            for number, own in enumerate(as_list(key[name]), 1):
                _key(build, api, own, number, str(name), (*route, name, number - 1))
            continue
        count += 1
        _key(build, api, key, count, "", route)


def _plan(build: Build, api: Any, name: str, stated: Any, route: Route) -> None:
    service = build.service
    quota, throttle = as_map(get(stated, "quota")), as_map(get(stated, "throttle"))
    limits = {"Limit": quota.get("limit"), "Offset": quota.get("offset"), "Period": quota.get("period")}
    rates = {"BurstLimit": throttle.get("burstLimit"), "RateLimit": throttle.get("rateLimit")}
    plan = {
        "ApiStages": [{"ApiId": api, "Stage": service.stage}],
        "Description": text(
            "Usage plan ", f'"{name}" ' if name else "", "for ", service.name, f" {service.stage} stage"
        ),
        "UsagePlanName": text(service.name, "-", f"{name}-" if name else "", service.stage),
        "Quota": {key: value for key, value in limits.items() if value is not None} or None,
        "Throttle": {key: value for key, value in rates.items() if value is not None} or None,
    }
    places: dict[str, tuple[Route, ...]] = {
        path: ((*route, *own.split(".")),)
        for path, own in (
            ("Quota", "quota"),
            ("Quota.Limit", "quota.limit"),
            ("Quota.Offset", "quota.offset"),
            ("Quota.Period", "quota.period"),
            ("Throttle", "throttle"),
            ("Throttle.BurstLimit", "throttle.burstLimit"),
            ("Throttle.RateLimit", "throttle.rateLimit"),
        )
    }
    logical_id = f"ApiGatewayUsagePlan{names.upper_first(name)}"
    kind = "AWS::ApiGateway::UsagePlan"
    build.add(logical_id, kind, plan, PROVIDER, route, places, DependsOn=STAGE)


def _key(build: Build, api: Any, stated: Any, number: int, plan: str, route: Route) -> None:
    own = as_map(stated)
    name = stated if not isinstance(stated, dict) else own.get("name")
    key = {
        "Enabled": own.get("enabled", True),
        "Name": name,
        "Value": own.get("value"),
        "Description": own.get("description"),
        "CustomerId": own.get("customerId"),
        "StageKeys": [{"RestApiId": api, "StageName": build.service.stage}],
    }
    suffix = f"{names.upper_first(as_text(plan))}{number}"
    places: dict[str, tuple[Route, ...]] = {"Value": ((*route, "value"),), "Enabled": ((*route, "enabled"),)}
    kind = "AWS::ApiGateway::ApiKey"
    build.add(f"ApiGatewayApiKey{suffix}", kind, key, PROVIDER, route, places, DependsOn=STAGE)
    joined = {
        "KeyId": {"Ref": f"ApiGatewayApiKey{suffix}"},
        "KeyType": "API_KEY",
        "UsagePlanId": {"Ref": f"ApiGatewayUsagePlan{names.upper_first(plan)}"},
    }
    build.add(f"ApiGatewayUsagePlanKey{suffix}", "AWS::ApiGateway::UsagePlanKey", joined, PROVIDER, route)
