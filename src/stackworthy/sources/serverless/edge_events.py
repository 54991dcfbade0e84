"""`cloudFront` events: functions at the edge of one distribution, which all events of the service share.

https://www.serverless.com/framework/docs/providers/aws/events/cloudfront
"""

from __future__ import annotations

from typing import Any

from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.build import Build
from stackworthy.sources.serverless.functions import custom_role
from stackworthy.sources.serverless.service import Event, Function
from stackworthy.sources.serverless.shapes import as_map, get, is_set, text

DISTRIBUTION = "CloudFrontDistribution"
CACHE_POLICY = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""The managed policy CachingOptimized, which the framework sets:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""

_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:TagResource"]


def add_edge(build: Build, function: Function, event: Event) -> None:
    """Put a function at the edge: a behaviour of the distribution for its path, or the default one."""
    service = build.service
    version = {"Ref": f"{names.normalized(function.key)}LambdaVersion"}
    origin = _origin(event.get("origin"))
    own = as_map(event.get("behavior"))
    behavior: dict[str, Any] = {
        "ViewerProtocolPolicy": "allow-all",
        **{names.upper_first(str(key)): value for key, value in own.items()},
        "TargetOriginId": origin["Id"],
        "LambdaFunctionAssociations": [{"EventType": event.get("eventType"), "LambdaFunctionARN": version}],
    }
    policy = event.get("cachePolicy", "id")
    if "ForwardedValues" not in behavior:
        behavior["CachePolicyId"] = policy if is_set(policy) else CACHE_POLICY
    if DISTRIBUTION not in build.resources:
        stated = {"Comment": text(service.name, " ", service.stage), "Enabled": True}
        shared = as_map(get(service.provider, "cloudFront"))
        stated.update(
            (names.upper_first(str(key)), value) for key, value in shared.items() if key != "cachePolicies"
        )
        config = {**stated, "DefaultCacheBehavior": None, "Origins": [], "CacheBehaviors": []}
        table = {
            "DistributionConfig.DefaultCacheBehavior": "behavior",
            "DistributionConfig.Origins.0": "origin",
        }
        properties = {"DistributionConfig": config}
        build.of(function, event, DISTRIBUTION, "AWS::CloudFront::Distribution", properties, table)
    config = build.resources[DISTRIBUTION]["Properties"]["DistributionConfig"]
    if all(repr(known) != repr(origin) for known in config["Origins"]):
        config["Origins"].append(origin)
    pattern = event.get("pathPattern")
    if pattern is None or event.get("isDefaultOrigin") is True or config["DefaultCacheBehavior"] is None:
        config["DefaultCacheBehavior"] = config["DefaultCacheBehavior"] or behavior
    if pattern is not None:
        config["CacheBehaviors"].append({**behavior, "PathPattern": pattern})
    account, distribution = {"Ref": "AWS::AccountId"}, {"Ref": DISTRIBUTION}
    source = text("arn:", {"Ref": "AWS::Partition"}, ":cloudfront::", account, ":distribution/", distribution)
    permission = f"{function.id}InvokePermission"
    build.permission(function, event, permission, "edgelambda.amazonaws.com", source, FunctionName=version)
    if custom_role(service, function) is None:
        build.allow(event.route, _LOGS, [{"Fn::Sub": "arn:${AWS::Partition}:logs:*:*:*"}])
        if "edgelambda.amazonaws.com" not in build.trusted:
            build.trusted.append("edgelambda.amazonaws.com")


def _origin(stated: Any) -> dict[str, Any]:
    """An origin from its URL (`s3://…`, `https://…`) or in CloudFormation's own words."""
    if isinstance(stated, dict) and "DomainName" in stated:
        kind = "s3" if "S3OriginConfig" in stated else "custom"
        return {"Id": text(f"{kind}/", stated["DomainName"], stated.get("OriginPath", "")), **stated}
    if not isinstance(stated, str):
        return {"Id": "origin", "DomainName": stated}
    scheme, _, rest = stated.rpartition("://")
    domain, slash, path = rest.partition("/")
    path = slash + path.rstrip("/") if path else ""
    origin: dict[str, Any] = {"DomainName": domain, **({"OriginPath": path} if path else {})}
    if scheme == "s3":
        origin["S3OriginConfig"] = {}
    else:
        origin["CustomOriginConfig"] = {"OriginProtocolPolicy": "match-viewer"}
    return {**origin, "Id": f"{'s3' if scheme == 's3' else 'custom'}/{domain}{path}"}
