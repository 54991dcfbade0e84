"""`AWS::Serverless::HttpApi`: the HTTP API with its definition, stage, authorizer permissions and domain.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-httpapi.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .api import s3_location
from .api_plan import HTTP, IMPLICIT, api_place, plan_of
from .api_properties import HTTP_SHAPES, api_property_routes
from .api_routes import add_routes
from .authorizers_http import checked_http_authorizers
from .context import Context, hashed_id, property_route
from .domains_http import add_v2_domain
from .http_api_definition import (
    HttpDocument,
    add_http_calls,
    add_http_cors,
    add_http_tags,
    apply_http_auth,
    disable_http_endpoint,
    name_http_api,
    spell_default_path,
)
from .intrinsics import ref, sub
from .openapi_document import is_definition
from .py27_hash import walked
from .shapes import checked

HTTP_API = "AWS::ApiGatewayV2::Api"
STAGE = "AWS::ApiGatewayV2::Stage"
DEFAULT_STAGE = "$default"
_CREATED = {"httpapi:createdBy": "SAM"}
_AUTH = ("Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer")


def expand(context: Context, logical_id: str) -> None:
    properties = _properties(context, logical_id)
    authorizers = _authorizers(context, logical_id, properties.get("Auth"))
    document = _document(context, logical_id, properties)
    tags = None
    if document is not None and is_definition(document.root, swagger=False):
        tags = _tags(context, logical_id, properties)
    _complete(context, logical_id, properties, document, authorizers, tags)
    _add_api(context, logical_id, properties, document)
    own_tags = tags if properties.get("Tags") and document is not None else None
    if properties.get("Domain") is not None:
        add_v2_domain(context, HTTP, logical_id, properties["Domain"], own_tags or _CREATED)
    _add_permissions(context, logical_id, authorizers)
    _add_stage(context, logical_id, properties, tags)
    add_routes(context, logical_id, document)


def _properties(context: Context, logical_id: str) -> dict[str, Any]:
    route = property_route(logical_id)
    given = checked(context, context.properties(logical_id), HTTP_SHAPES, route)
    found = {name: value for name, value in given.items() if value is not None}
    for name in ("CorsConfiguration", "Domain"):
        if name in found:
            found[name] = context.resolve(found[name])
    if found.get("DefinitionUri") and (found.get("DefinitionBody") or logical_id in plan_of(context).written):
        context.refuse(
            api_place(context, logical_id, "DefinitionUri"), "cannot stand beside a DefinitionBody"
        )
    return found


def _authorizers(context: Context, logical_id: str, auth: Any) -> dict[str, dict[str, Any]]:
    if not auth:
        return {}
    route = api_place(context, logical_id, "Auth")
    for key in context.need_map(auth, route):
        if key not in _AUTH:
            context.refuse((*route, str(key)), "is not a property of Auth")
    return checked_http_authorizers(
        context, auth.get("Authorizers"), api_place(context, logical_id, "Auth", "Authorizers")
    )


def _tags(context: Context, logical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The author's tags and SAM's own, in the order in which SAM walks them."""
    tags = {**(properties.get("Tags") or {}), **_CREATED}
    authored = properties.get("Tags") and logical_id != IMPLICIT[HTTP]
    hashed = authored and plan_of(context).hash_ordered
    return {key: tags[key] for key in (walked(tuple(tags)) if hashed else tuple(tags))}


def _document(context: Context, logical_id: str, properties: Mapping[str, Any]) -> HttpDocument | None:
    """The definition with the events in it; None where the author gives a `DefinitionUri`."""
    plan, place = plan_of(context), api_place(context, logical_id)
    written = logical_id in plan.written
    body = properties.get("DefinitionBody")
    if not written and not (isinstance(body, dict) and body):
        return None
    if written:
        document = HttpDocument.skeleton(place)
        for path, conditioned in _paths(plan.written[logical_id], plan.path_conditions.get(logical_id, {})):
            document.put(document.paths, path, document.node())
            if conditioned:
                document.paths[path] = document.conditional(conditioned, document.paths[path])
    else:
        document = HttpDocument(body, api_place(context, logical_id, "DefinitionBody"))
    calls = plan.calls.get(logical_id, [])
    add_http_calls(context, document, calls, properties.get("Auth"), written=written)
    return document


def _paths(written: list[tuple[str, str]], conditions: Mapping[str, str]) -> list[tuple[str, str | None]]:
    return [(path, conditions.get(path)) for path in dict.fromkeys(path for path, _ in written)]


def _complete(
    context: Context,
    logical_id: str,
    properties: Mapping[str, Any],
    document: HttpDocument | None,
    authorizers: Mapping[str, Mapping[str, Any]],
    tags: Mapping[str, Any] | None,
) -> None:
    """Put the API's own settings into its definition. Raises `Unexpandable`."""
    for name in ("CorsConfiguration", "Auth", "Tags", "DisableExecuteApiEndpoint", "Name", "Description"):
        wanted = properties.get(name) or (name == "DisableExecuteApiEndpoint" and name in properties)
        readable = document is not None and is_definition(document.root, swagger=False)
        if wanted and not readable:
            context.refuse(api_place(context, logical_id, name), "needs a DefinitionBody in OpenAPI 3")
    if document is None:
        return
    if properties.get("CorsConfiguration"):
        add_http_cors(document, properties["CorsConfiguration"])
    if properties.get("Auth"):
        apply_http_auth(context, document, properties["Auth"], authorizers)
    if tags is not None:
        add_http_tags(document, tags)
    if "DisableExecuteApiEndpoint" in properties:
        disable_http_endpoint(document, properties["DisableExecuteApiEndpoint"])
    name_http_api(document, properties.get("Name"), properties.get("Description"))
    if properties.get("FailOnWarnings"):
        spell_default_path(document)


def _add_api(
    context: Context, logical_id: str, properties: Mapping[str, Any], document: HttpDocument | None
) -> None:
    made: dict[str, Any] = {"FailOnWarnings": properties.get("FailOnWarnings") or None}
    if document is not None:
        made["Body"] = document.plain()
    else:
        location = s3_location(context, properties.get("DefinitionUri"), logical_id)
        if location is None:
            context.refuse(api_place(context, logical_id), "needs a DefinitionBody or a DefinitionUri")
        made["BodyS3Location"] = {str(key): value for key, value in location.items()}
    context.add(
        logical_id,
        HTTP_API,
        made,
        by=logical_id,
        route=api_place(context, logical_id),
        properties_from=api_property_routes(HTTP, HTTP_API),
        attributes=context.own_attributes(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )


def _add_permissions(context: Context, logical_id: str, authorizers: Mapping[str, Mapping[str, Any]]) -> None:
    """API Gateway must be allowed to call the functions that authorize, where the author wants SAM to allow it."""
    for name, authorizer in authorizers.items():
        if authorizer.get("FunctionArn") and authorizer.get("EnableFunctionDefaultPermissions"):
            context.add(
                f"{logical_id}{name}AuthorizerPermission",
                "AWS::Lambda::Permission",
                authorizer_permission(logical_id, authorizer["FunctionArn"]),
                by=logical_id,
                route=api_place(context, logical_id, "Auth", "Authorizers", name),
                properties_from={"FunctionName": ("Properties", "Auth", "Authorizers", name, "FunctionArn")},
                attributes=context.handed_down(logical_id),
            )


def authorizer_permission(api: str, function_arn: Any) -> dict[str, Any]:
    """Properties of the permission with which an API calls the function that authorizes for it."""
    source = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/authorizers/*"
    return {
        "Action": "lambda:InvokeFunction",
        "FunctionName": function_arn,
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": sub(source, {"__ApiId__": ref(api)}),
    }


def _add_stage(
    context: Context, logical_id: str, properties: Mapping[str, Any], tags: Mapping[str, Any] | None
) -> None:
    name = properties.get("StageName") or DEFAULT_STAGE
    given = name if isinstance(name, str) else ""
    if given == DEFAULT_STAGE:
        stage_id = f"{logical_id}ApiGatewayDefaultStage"
    else:
        stage_id = f"{logical_id}{given}Stage" if given.isalnum() else hashed_id(f"{logical_id}Stage", given)
    stage = {"ApiId": ref(logical_id), "StageName": name, "AutoDeploy": True, "Tags": tags}
    for key in ("StageVariables", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings"):
        stage[key] = properties.get(key)
    context.add(
        stage_id,
        STAGE,
        stage,
        by=logical_id,
        route=api_place(context, logical_id),
        properties_from=api_property_routes(HTTP, STAGE),
        attributes=context.handed_down(logical_id),
    )
    context.refer(logical_id, "Stage", stage_id)
