"""`AWS::Serverless::Api`: the REST API with its definition, deployment, stage, authorizer permissions, domain and usage plan.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlparse

from .api_plan import IMPLICIT, REST, api_place, plan_of
from .api_properties import REST_SHAPES, api_property_routes
from .api_routes import add_routes
from .api_usage_plan import add_usage_plan
from .authorizers import checked_authorizers
from .context import Context, hashed_id, property_route, stable_hash
from .domains import add_rest_domain
from .expansion import Route
from .intrinsics import ref, sub
from .openapi_document import Node, Own, Printer
from .py27_hash import walked
from .rest_api_definition import add_calls, apply_settings, start_definition
from .rest_api_document import RestDocument
from .shapes import checked

REST_API = "AWS::ApiGateway::RestApi"
DEPLOYMENT = "AWS::ApiGateway::Deployment"
STAGE = "AWS::ApiGateway::Stage"

_VERSION = re.compile(r"\A[2-3](\.\d)(\.\d)?$")
_AUTH = (
    "Authorizers",
    "DefaultAuthorizer",
    "InvokeRole",
    "AddDefaultAuthorizerToCorsPreflight",
    "AddApiKeyRequiredToCorsPreflight",
    "ApiKeyRequired",
    "ResourcePolicy",
    "UsagePlan",
)
_WHEN_TRUE = (
    "FailOnWarnings",
    "Name",
    "Description",
    "Mode",
    "ApiKeySourceType",
    "Policy",
    "SecurityPolicy",
    "EndpointAccessMode",
)
_STAGE = (
    "StageName",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "Variables",
    "MethodSettings",
    "AccessLogSetting",
    "CanarySetting",
    "TracingEnabled",
)
_TAGGED = (
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::DomainNameV2",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::DomainNameAccessAssociation",
)


def expand(context: Context, logical_id: str) -> None:
    properties = _properties(context, logical_id)
    mark = context.mark()
    authorizers = _authorizers(context, logical_id, properties)
    document = _definition(context, logical_id, properties, authorizers)
    location = None if document else s3_location(context, properties.get("DefinitionUri"), logical_id)
    _add_rest_api(context, logical_id, properties, document, location)
    domain = None
    if properties.get("Domain") is not None:
        domain = add_rest_domain(context, logical_id, properties["Domain"])
    stage = _add_deployment_and_stage(context, logical_id, properties, document, location, domain)
    _add_permissions(context, logical_id, authorizers)
    if properties.get("Auth"):
        add_usage_plan(context, logical_id, properties["Auth"], stage)
    add_routes(context, logical_id, document)
    if properties.get("PropagateTags") and properties.get("Tags"):
        tags = _tag_list(context, logical_id, properties["Tags"])
        for made in context.written_since(mark):
            if context.expansion.resources[made]["Type"] in _TAGGED:
                context.set_property(made, "Tags", tags)


def _properties(context: Context, logical_id: str) -> dict[str, Any]:
    """The author's properties in the shapes that SAM accepts, parameters resolved where SAM resolves them."""
    route = property_route(logical_id)
    given = checked(context, context.properties(logical_id), REST_SHAPES, route)
    found = {name: value for name, value in given.items() if value is not None}
    for name in ("BinaryMediaTypes", "Domain", "Auth"):
        if name in found:
            found[name] = context.resolve(found[name])
    if found.get("DefinitionUri") and (found.get("DefinitionBody") or logical_id in plan_of(context).written):
        context.refuse(
            api_place(context, logical_id, "DefinitionUri"), "cannot stand beside a DefinitionBody"
        )
    if found.get("DefinitionUri") and found.get("MergeDefinitions"):
        context.refuse(api_place(context, logical_id, "MergeDefinitions"), "needs a DefinitionBody")
    version = found.get("OpenApiVersion")
    if version and not _VERSION.match(str(version)):
        context.refuse(api_place(context, logical_id, "OpenApiVersion"), "must look like 3.0.1")
    return found


def _authorizers(
    context: Context, logical_id: str, properties: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    auth = properties.get("Auth")
    if not auth:
        return {}
    route = api_place(context, logical_id, "Auth")
    for key in context.need_map(auth, route):
        if key not in _AUTH:
            context.refuse((*route, str(key)), "is not a property of Auth")
    return checked_authorizers(
        context, auth.get("Authorizers"), api_place(context, logical_id, "Auth", "Authorizers")
    )


def _definition(
    context: Context,
    logical_id: str,
    properties: Mapping[str, Any],
    authorizers: Mapping[str, Mapping[str, Any]],
) -> RestDocument | None:
    plan = plan_of(context)
    document = start_definition(context, logical_id, properties, plan)
    if document is None:
        for name in ("Cors", "Auth", "GatewayResponses", "Models", "DisableExecuteApiEndpoint"):
            if properties.get(name) or (name in properties and properties[name] is False):
                context.refuse(api_place(context, logical_id, name), "needs a DefinitionBody")
        return None
    calls = plan.calls.get(logical_id, [])
    add_calls(context, document, calls, properties, logical_id in plan.written)
    implicit = logical_id == IMPLICIT[REST] and logical_id in plan.written
    apply_settings(context, document, properties, authorizers, implicit=implicit)
    return document


def s3_location(context: Context, uri: Any, logical_id: str) -> Node | None:
    """`BodyS3Location` for a `DefinitionUri`; None where there is none. Raises `Unexpandable`."""
    if not uri:
        return None
    route = api_place(context, logical_id, "DefinitionUri")
    found: Any = uri
    if isinstance(uri, dict):
        if not uri.get("Bucket") or not uri.get("Key"):
            context.refuse(route, "needs a Bucket and a Key")
    else:
        found = _from_uri(uri)
        if found is None:
            context.refuse(route, "must be a URI like s3://bucket/key")
    return Node({Own(name): found[name] for name in ("Bucket", "Key", "Version") if name in found}, 0)


def _from_uri(uri: Any) -> dict[str, Any] | None:
    try:
        parts = urlparse(uri) if isinstance(uri, str) else None
    except ValueError:
        return None
    if parts is None or parts.scheme != "s3" or not parts.netloc or not parts.path:
        return None
    found = {"Bucket": parts.netloc, "Key": parts.path.lstrip("/")}
    versions = parse_qs(parts.query).get("versionId", [])
    return {**found, "Version": versions[0]} if len(versions) == 1 else found


def _add_rest_api(
    context: Context,
    logical_id: str,
    properties: Mapping[str, Any],
    document: RestDocument | None,
    location: Node | None,
) -> None:
    made = {name: properties[name] for name in _WHEN_TRUE if properties.get(name)}
    for name in ("BinaryMediaTypes", "MinimumCompressionSize"):
        made[name] = properties.get(name)
    if document:
        made["Body"] = document.plain()
    elif location:
        made["BodyS3Location"] = dict(zip(map(str, location), location.values(), strict=True))
    made |= _endpoint(context, logical_id, properties.get("EndpointConfiguration"))
    context.add(
        logical_id,
        REST_API,
        made,
        by=logical_id,
        route=api_place(context, logical_id),
        properties_from=api_property_routes(REST, REST_API),
        attributes=context.own_attributes(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )


def _endpoint(context: Context, logical_id: str, given: Any) -> dict[str, Any]:
    if not given:
        if context.partition == "aws":
            return {}
        given = "REGIONAL"
    if not isinstance(given, dict) or not given.get("Type"):
        return {
            "EndpointConfiguration": {"Types": [given]},
            "Parameters": {"endpointConfigurationTypes": given},
        }
    kind = given["Type"]
    endpoint: dict[str, Any] = {"Types": [kind]}
    spellings = [name for name in ("VPCEndpointIds", "VpcEndpointIds") if name in given]
    if len(spellings) == 2:
        context.refuse(
            api_place(context, logical_id, "EndpointConfiguration"), "has VPCEndpointIds in two spellings"
        )
    if spellings:
        endpoint["VpcEndpointIds"] = given[spellings[0]]
    if "IpAddressType" in given:
        endpoint["IpAddressType"] = given["IpAddressType"]
    return {"EndpointConfiguration": endpoint, "Parameters": {"endpointConfigurationTypes": kind}}


def _add_deployment_and_stage(
    context: Context,
    logical_id: str,
    properties: Mapping[str, Any],
    document: RestDocument | None,
    location: Node | None,
    domain: Mapping[str, Any] | None,
) -> str:
    """Returns the logical id of the stage."""
    attributes = context.handed_down(logical_id)
    deployment: dict[str, Any] = {"RestApiId": ref(logical_id)}
    version = properties.get("OpenApiVersion")
    if not version:
        deployment["StageName"] = "Stage"
    name = f"{logical_id}Deployment"
    text = document.printed() if document else Printer().text(location) if location else None
    if text:
        parts = [text]
        if version:
            parts.append(str(version))
        if domain:
            parts.append(json.dumps(_as_walked(domain)))
        names = plan_of(context).names.get(logical_id)
        if names:
            parts.append("".join(names))
        digest = stable_hash("||".join(parts), 40)
        name += digest[:10]
        deployment["Description"] = f"RestApi deployment id: {digest}"
    place = api_place(context, logical_id)
    context.add(name, DEPLOYMENT, deployment, by=logical_id, route=place, attributes=attributes)
    context.refer(logical_id, "Deployment", name)
    stage: dict[str, Any] = {"RestApiId": ref(logical_id), "DeploymentId": ref(name)}
    stage.update({key: properties.get(key) for key in _STAGE})
    if properties.get("Tags") is not None:
        stage["Tags"] = _tag_list(context, logical_id, properties["Tags"])
    stage_id = stage_logical_id(logical_id, properties["StageName"])
    routes = api_property_routes(REST, STAGE)
    context.add(
        stage_id, STAGE, stage, by=logical_id, route=place, properties_from=routes, attributes=attributes
    )
    context.refer(logical_id, "Stage", stage_id)
    return stage_id


def stage_logical_id(api: str, name: Any) -> str:
    given = name if isinstance(name, str) else ""
    return f"{api}{given}Stage" if given.isalnum() else hashed_id(f"{api}Stage", given)


def _as_walked(value: Any) -> Any:
    """A value with its maps in the order in which Python 2.7 walks them."""
    if isinstance(value, dict):
        return {str(key): _as_walked(value[key]) for key in walked(tuple(value))}
    if isinstance(value, list):
        return [_as_walked(item) for item in value]
    return value if isinstance(value, (str, int, float, type(None))) else str(value)


def _tag_list(context: Context, logical_id: str, tags: Any) -> list[dict[str, Any]]:
    route: Route = api_place(context, logical_id, "Tags")
    given = context.need_map(tags, route)
    keys = tuple(given) if logical_id == IMPLICIT[REST] else walked(tuple(given))
    return [{"Key": key, "Value": "" if given[key] is None else given[key]} for key in keys]


def _add_permissions(context: Context, logical_id: str, authorizers: Mapping[str, Mapping[str, Any]]) -> None:
    """API Gateway must be allowed to call the functions that authorize."""
    source = f"arn:{context.partition}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/authorizers/*"
    for name, authorizer in authorizers.items():
        if not authorizer.get("FunctionArn") or authorizer.get("DisableFunctionDefaultPermissions"):
            continue
        context.add(
            f"{logical_id}{name}AuthorizerPermission",
            "AWS::Lambda::Permission",
            {
                "Action": "lambda:InvokeFunction",
                "FunctionName": authorizer["FunctionArn"],
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": sub(source, {"__ApiId__": ref(logical_id)}),
            },
            by=logical_id,
            route=api_place(context, logical_id, "Auth", "Authorizers", name),
            properties_from={"FunctionName": ("Properties", "Auth", "Authorizers", name, "FunctionArn")},
            attributes=context.handed_down(logical_id),
        )
