"""`Api` and `HttpApi` events: the permission to call the function, and the method that the event adds to its API.

The method itself goes into the API's definition when the API is expanded, after all functions and state machines.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-api.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-httpapi.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .api_plan import HTTP, REST, Call, plan_of
from .api_properties import HTTP_EVENT_SHAPES, MACHINE_EVENT_SHAPES, REST_EVENT_SHAPES
from .context import Context, Invoked, Unexpandable, event_route, hashed_id
from .expansion import Route
from .intrinsics import placeholder, ref, sub
from .openapi_document import ANY_METHOD, Own, Printer, is_definition
from .rest_api_policy import wildcard_path
from .roles import allow, trust
from .shapes import checked

DEFAULT_PATH = "$default"

_TRAILING_SLASH = re.compile(r"^(.+)/$")
_HTTP_PARAMETER = re.compile(r"{([a-zA-Z0-9._-]+|proxy\+)}")
_FUNCTION_ARN = re.compile(r"([A-Za-z0-9]+)\.Arn")


def expand_event(context: Context, owner: str, event_id: str, event: Any, invoked: Invoked) -> None:
    """Add the permission of a function's `Api` or `HttpApi` event and keep its method for the API.

    An event that SAM would refuse is noted as a problem and adds nothing.
    """
    try:
        http = event.get("Type") == "HttpApi"
        shapes = HTTP_EVENT_SHAPES if http else REST_EVENT_SHAPES
        place = event_route(owner, event_id, "Properties")
        properties = checked(context, event.get("Properties"), shapes, place)
        if http:
            _http_event(context, owner, event_id, properties, invoked)
        else:
            _rest_event(context, owner, event_id, properties, invoked)
    except Unexpandable as refusal:
        context.problem(refusal.route, refusal.message)


def expand_state_machine_event(context: Context, owner: str, event_id: str, event: Any) -> None:
    """Add the role as which an API starts a state machine, and keep the event's method for the API.

    An event that SAM would refuse is noted as a problem and adds nothing.
    """
    route = event_route(owner, event_id, "Properties")
    try:
        properties = checked(context, event.get("Properties"), MACHINE_EVENT_SHAPES, route)
        if not isinstance(properties.get("UnescapeMappingTemplate", False), bool):
            context.refuse((*route, "UnescapeMappingTemplate"), "must be true or false")
        path, method = _where(context, properties, route)
        api = _api(context, properties.get("RestApiId"), (*route, "RestApiId"))
        if context.kind(api) == HTTP:
            context.refuse((*route, "RestApiId"), "must name a REST API")
        started, role = _add_start_role(context, owner, event_id)
    except Unexpandable as refusal:
        context.problem(refusal.route, refusal.message)
        return
    uri = Own("arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution")
    call = Call(
        owner,
        event_id,
        path,
        method.lower(),
        properties,
        event_route(owner, event_id),
        uri,
        ref(started),
        condition=context.resources[owner].get("Condition"),
        stage=properties.get("Stage"),
        role=role,
    )
    plan_of(context).calls.setdefault(api, []).append(call)


def _add_start_role(context: Context, owner: str, event_id: str) -> tuple[str, str]:
    """The logical ids of what is started (the state machine or its alias) and of the role."""
    machine = context.properties(owner)
    alias = machine.get("AutoPublishAlias") if machine.get("UseAliasAsEventTarget") else None
    started = f"{owner}Alias{alias}" if isinstance(alias, str) and alias else owner
    role = f"{owner}{event_id}Role"
    context.add(
        role,
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": trust("apigateway.amazonaws.com"),
            "Policies": [allow(f"{role}StartExecutionPolicy", "states:StartExecution", ref(started))],
            "PermissionsBoundary": machine.get("PermissionsBoundary") or None,
        },
        by=owner,
        route=event_route(owner, event_id),
        attributes=context.handed_down(owner),
    )
    return started, role


def _where(context: Context, properties: Mapping[str, Any], route: Route) -> tuple[str, str]:
    path = context.need_text(properties.get("Path"), (*route, "Path"))
    return path, context.need_text(properties.get("Method"), (*route, "Method"))


def _api(context: Context, named: Any, route: Route) -> str:
    """The logical id of the API that an event names."""
    api = named.get("Ref") if isinstance(named, dict) else named
    if not isinstance(api, str) or api not in context.resources:
        context.refuse(route, "must name an API of the same template")
    return api


def _integration_uri(invoked: Invoked, partition: str, streams: bool = False) -> str:
    """The URI with which API Gateway invokes a function."""
    version, call = "2015-03-31", "invocations"
    if streams:
        version, call = "2021-11-15", "response-streaming-invocations"
    target = placeholder(invoked.arn)
    uri = f"arn:{partition}:apigateway:${{AWS::Region}}:lambda:path/{version}/functions/{target}/{call}"
    return uri if invoked.id == invoked.function_id else Own(uri)


def _add_permission(
    context: Context, invoked: Invoked, owner: str, event_id: str, suffix: str, arn: str, api: Any
) -> None:
    prefix = f"{invoked.function_id}{event_id}Permission"
    context.add(
        prefix + suffix if suffix.isalnum() else hashed_id(prefix, suffix),
        "AWS::Lambda::Permission",
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": invoked.name,
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": sub(arn, {"__ApiId__": api, "__Stage__": "*"}),
        },
        by=owner,
        route=event_route(owner, event_id),
        properties_from={"SourceArn": ("Properties", "Events", event_id, "Properties", "Path")},
        attributes=invoked.attributes,
    )


# Events of REST APIs.


def _rest_event(
    context: Context, owner: str, event_id: str, properties: Mapping[str, Any], invoked: Invoked
) -> None:
    route = event_route(owner, event_id, "Properties")
    path, method = _where(context, properties, route)
    named = properties.get("RestApiId")
    api = _api(context, named, (*route, "RestApiId"))
    if context.kind(api) == HTTP:
        context.refuse((*route, "RestApiId"), "must name a REST API")
    stage = context.properties(api).get("StageName")
    if stage == "":
        context.refuse((*route, "RestApiId"), "the API has an empty StageName")
    suffix = stage if isinstance(stage, str) else "Stage"
    verb = "*" if method.lower() == "any" else method.upper()
    where = wildcard_path(_TRAILING_SLASH.sub(r"\1", path))
    arn = f"arn:{context.partition}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}"
    resource = f"{arn}:${{__ApiId__}}/${{__Stage__}}/{verb}{where}"
    _add_permission(context, invoked, owner, event_id, suffix, resource, named)
    plan = plan_of(context)
    name = context.resolve(context.properties(owner).get("FunctionName"))
    if name:
        plan.names.setdefault(api, []).append(name if isinstance(name, str) else Printer().text(name))
    own_stage = api == "ServerlessRestApi" and api in plan.written
    call = Call(
        owner,
        event_id,
        path,
        method.lower(),
        properties,
        event_route(owner, event_id),
        _integration_uri(
            invoked, context.partition, properties.get("ResponseTransferMode") == "RESPONSE_STREAM"
        ),
        invoked.arn,
        condition=invoked.condition,
        stage=Own(suffix) if own_stage or suffix != stage else suffix,
    )
    plan.calls.setdefault(api, []).append(call)


# Events of HTTP APIs.


def _http_event(
    context: Context, owner: str, event_id: str, properties: Mapping[str, Any], invoked: Invoked
) -> None:
    route = event_route(owner, event_id, "Properties")
    path, method = _where(context, properties, route)
    named = properties.get("ApiId")
    api = _api(context, named, (*route, "ApiId"))
    body = context.properties(api).get("DefinitionBody")
    if body and not is_definition(body, swagger=False):
        context.refuse((*route, "ApiId"), "the definition of the API is no OpenAPI 3 document")
    if context.kind(api) == REST and not body:
        context.refuse((*route, "ApiId"), "must name an HTTP API")
    method = method if type(method) is Own else method.lower()
    call = Call(
        owner,
        event_id,
        path,
        method,
        properties,
        event_route(owner, event_id),
        _integration_uri(invoked, "${AWS::Partition}"),
        invoked.arn,
        condition=invoked.condition,
        http=True,
    )
    if path == DEFAULT_PATH or not _serves_default(context, api, body, invoked):
        arn = _http_source(path, method)
        _add_permission(context, invoked, owner, event_id, "", arn, named)
    plan_of(context).calls.setdefault(api, []).append(call)


def _http_source(path: str, method: str) -> str:
    path = _TRAILING_SLASH.sub(r"\1", path)
    where = "" if path == DEFAULT_PATH else _HTTP_PARAMETER.sub("*", path)
    arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}"
    if method == "any" and where == f"/{DEFAULT_PATH}":
        return arn + where
    return f"{arn}/{'*' if method in ('any', ANY_METHOD) else method.upper()}{where}"


def _serves_default(context: Context, api: str, body: Any, invoked: Invoked) -> bool:
    """Whether the API's catch-all route calls this function, whose permission for it then covers every route."""
    if invoked.id != invoked.function_id:
        return False
    if isinstance(body, dict):
        found = _default_function(body)
        if found is not None:
            return found == invoked.id
    plan = plan_of(context)
    calls = plan.calls.get(api, ()) if body or api in plan.written else ()
    for call in calls:
        if call.path == DEFAULT_PATH and call.method in ("any", ANY_METHOD):
            return _FUNCTION_ARN.findall(call.uri)[:1] == [invoked.id]
    return False


def _default_function(body: Mapping[str, Any]) -> str | None:
    """The function that the author's own catch-all route calls: "" for another target, None where there is no such route."""
    method: Any = body
    for key in ("paths", DEFAULT_PATH, ANY_METHOD, "x-amazon-apigateway-integration"):
        method = method.get(key) if isinstance(method, dict) else None
    if not method:
        return None
    uri = method.get("uri") if isinstance(method, dict) else None
    text = uri.get("Fn::Sub") if isinstance(uri, dict) else None
    found = _FUNCTION_ARN.findall(text) if isinstance(text, str) else []
    return found[0] if found else ""
