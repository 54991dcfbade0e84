"""The finished definition of an `AWS::Serverless::Api`: the author's or SAM's own, with events and the API's settings put in.

The order of the steps is SAM's, and so is the number of copies between them: both show in the id of the deployment.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .api_plan import Call, Plan, api_place
from .authorizers import declaration, iam_declaration
from .context import Context, Unexpandable
from .http_api_definition import add_http_call
from .openapi_document import FIXED, Node, Own, is_definition, is_openapi_3, method_name
from .py27_hash import walked
from .rest_api_cors import add_cors
from .rest_api_document import FN_SUB, MODELS, RESPONSES, SECURITY, RestDocument
from .rest_api_policy import add_policy, add_statements
from .rest_api_requests import add_model, add_parameters, add_timeout
from .rest_api_security import (
    apply_default_authorizer,
    apply_default_key,
    define_api_key,
    method_credentials,
    secure_method,
)

_OPENAPI, _SCHEMA = Own("openapi"), Own("schema")
_ENDPOINT, _DISABLED = "x-amazon-apigateway-endpoint-configuration", "disableExecuteApiEndpoint"
_RESPONSE_KEYS = ("ResponseParameters", "ResponseTemplates", "StatusCode")
_PREFIXES = {"Headers": "header.", "Paths": "path.", "QueryStrings": "querystring."}


def start_definition(
    context: Context, api_id: str, properties: Mapping[str, Any], plan: Plan
) -> RestDocument | None:
    """The definition with the paths of its events, before they are integrated; None where the author gives a `DefinitionUri`."""
    place = api_place(context, api_id)
    if api_id not in plan.written:
        body = properties.get("DefinitionBody")
        return (
            RestDocument(body, api_place(context, api_id, "DefinitionBody"))
            if isinstance(body, dict) and body
            else None
        )
    document = RestDocument.skeleton(place)
    for path, method in plan.written[api_id]:
        document.copies += 1
        document.add_path(path, method_name(method))
        document.copies += 1
    document.copies += 1
    conditions = plan.path_conditions.get(api_id, {})
    for path in conditions:
        document.paths[path] = document.conditional(conditions[path], document.paths[path])
    document.copies += 1
    version = properties.get("OpenApiVersion")
    if version is not None and is_openapi_3(version):
        document.put(document.root, _OPENAPI, version if isinstance(version, str) else Own(version))
        document.drop(document.root, "swagger")
    return document


def add_calls(
    context: Context, document: RestDocument, calls: list[Call], api: Mapping[str, Any], written: bool
) -> None:
    """Put the events of functions and state machines into the definition. One that does not fit is noted and left out."""
    auth = context.resolve(api.get("Auth"))
    api_auth = auth if isinstance(auth, dict) else {}
    merges = bool(api.get("MergeDefinitions")) and not written
    place = document.place
    for call in calls:
        if not (written or call.http or _overrides(call) or (merges and not call.role)):
            continue
        try:
            if call.http:
                add_http_call(document, call, api.get("Auth"), written=written)
            elif written:
                _add_call(context, document, call, api, api_auth)
            elif merges and not call.role:
                _merge_call(context, document, call, api, api_auth)
            if _overrides(call) and not call.role and not call.http:
                _override(document, call, api_auth)
        except Unexpandable as refusal:
            context.problem(refusal.route, refusal.message)
    document.place = place


def _overrides(call: Call) -> bool:
    auth = call.event.get("Auth")
    return isinstance(auth, dict) and bool(auth.get("OverrideApiAuth"))


def _override(document: RestDocument, call: Call, api_auth: Mapping[str, Any]) -> None:
    document.place = call.route
    auth = call.event["Auth"]
    if not (auth.get("Authorizer") or auth.get("ApiKeyRequired") or auth.get("ResourcePolicy")):
        raise document.refuse("OverrideApiAuth needs an Authorizer, ApiKeyRequired or ResourcePolicy")
    if not is_definition(document.root, swagger=True):
        raise document.refuse("the definition of the API is no OpenAPI document")
    document.open()
    _secure(document, call, api_auth)
    document.close()


def _add_call(
    context: Context, document: RestDocument, call: Call, api: Mapping[str, Any], api_auth: Mapping[str, Any]
) -> None:
    document.place = call.route
    event, path, method = call.event, call.path, method_name(call.method)
    document.open()
    auth = event.get("Auth") or {}
    if not isinstance(auth, dict):
        raise document.refuse("Auth must be a map")
    if call.role:
        role = document.node({Own("Fn::GetAtt"): [Own(call.role), Own("Arn")]})
        template = document.node(
            {Own("application/json"): document.node({FN_SUB: _execution_template(call)})}
        )
        document.integrate_state_machine(path, method, call.uri, role, template, call.condition)
    else:
        streams = event.get("ResponseTransferMode") == "RESPONSE_STREAM"
        credentials = method_credentials(auth, api_auth, context.partition)
        document.integrate_function(
            path, method, call.uri, condition=call.condition, streams=streams, credentials=credentials
        )
    _secure(document, call, api_auth)
    if not call.role:
        if event.get("TimeoutInMillis"):
            add_timeout(document, path, method, event["TimeoutInMillis"])
        if event.get("RequestModel"):
            add_model(document, path, method, event["RequestModel"], api.get("Models"))
        if event.get("RequestParameters"):
            add_parameters(document, path, method, event["RequestParameters"])
    document.close()


def _secure(document: RestDocument, call: Call, api_auth: Mapping[str, Any]) -> None:
    auth = call.event.get("Auth")
    if not auth:
        return
    method = method_name(call.method)
    secure_method(document, call.path, method, auth, api_auth)
    policy = auth.get("ResourcePolicy")
    if policy:
        if not isinstance(policy, dict):
            raise document.refuse("ResourcePolicy must be a map")
        add_policy(document, policy, call.path, call.stage)
        if policy.get("CustomStatements"):
            add_statements(document, policy["CustomStatements"])


def _execution_template(call: Call) -> Own:
    machine = "${" + call.target["Ref"] + "}"
    if call.event.get("UnescapeMappingTemplate"):
        body = """{"input": "$util.escapeJavaScript($input.json('$')).replaceAll("\\\\'","'")","""
        return Own(body + ' "stateMachineArn": "' + machine + '"}')
    return Own(
        '{"input": "$util.escapeJavaScript($input.json(\'$\'))", "stateMachineArn": "' + machine + '"}'
    )


def _merge_call(
    context: Context, document: RestDocument, call: Call, api: Mapping[str, Any], api_auth: Mapping[str, Any]
) -> None:
    """Put an event into the author's definition (`MergeDefinitions`); what SAM writes wins, key by key."""
    apart = RestDocument.skeleton(call.route)
    _add_call(context, apart, call, api, api_auth)
    made = apart.paths[call.path][method_name(call.method)]
    document._insert_again(document.root, document.keys(document.root))
    paths = document.own(document.root, "paths")
    if paths is None:
        return
    if call.path not in paths:
        document.put(paths, call.path, document.node(order=FIXED))
    item = document.own(paths, call.path)
    written = None if item is None else document.own(item, call.method)
    if item is None or (written is None and item.get(call.method)):
        raise document.refuse(f"{call.path} of the definition must be a map")
    merged = document.node(() if written is None else {key: written[key] for key in document.keys(written)})
    for key in apart.keys(made):
        merged[key] = made[key]
    merged.order = FIXED
    document.put(item, call.method, merged)


# Settings of the API.


def apply_settings(
    context: Context,
    document: RestDocument,
    properties: Mapping[str, Any],
    authorizers: Mapping[str, Mapping[str, Any]],
    *,
    implicit: bool,
) -> None:
    """Put the API's own settings into its definition. Raises `Unexpandable`."""
    if properties.get("Cors"):
        _open(document, "Cors")
        add_cors(document, properties["Cors"])
        document.close()
    auth = properties.get("Auth")
    if auth:
        _open(document, "Auth")
        stage = properties.get("StageName")
        if implicit and isinstance(stage, str):
            stage = Own(stage)
        _apply_auth(context, document, auth, authorizers, stage)
        document.close()
        to_openapi_3(document, properties.get("OpenApiVersion"))
    if properties.get("GatewayResponses"):
        _open(document, "GatewayResponses")
        _add_responses(document, properties["GatewayResponses"])
        document.close()
    if properties.get("BinaryMediaTypes"):
        _open(document, "BinaryMediaTypes")
        types = _with_slashes(properties["BinaryMediaTypes"])
        document.put(document.root, Own("x-amazon-apigateway-binary-media-types"), types)
        document.close()
    if properties.get("Models"):
        _open(document, "Models")
        _add_models(document, properties["Models"])
        document.close()
        to_openapi_3(document, properties.get("OpenApiVersion"))
    if properties.get("DisableExecuteApiEndpoint") is not None:
        _open(document, "DisableExecuteApiEndpoint")
        _disable_endpoint(document, properties["DisableExecuteApiEndpoint"])
        document.close()
    to_openapi_3(document, properties.get("OpenApiVersion"))


def _open(document: RestDocument, needed_by: str) -> None:
    if not is_definition(document.root, swagger=True):
        raise document.refuse(f"{needed_by} needs a definition in OpenAPI")
    document.open()


def _apply_auth(
    context: Context,
    document: RestDocument,
    auth: Mapping[str, Any],
    authorizers: Mapping[str, Mapping[str, Any]],
    stage: Any,
) -> None:
    default = auth.get("DefaultAuthorizer")
    if default == "AWS_IAM" or authorizers:
        declared = document.section(SECURITY)
        scopes: dict[str, Any] = {}
        if default == "AWS_IAM":
            scopes[default] = []
            document.put(declared, default, iam_declaration(document))
        for name in walked(tuple(authorizers)):
            scopes[name] = authorizers[name].get("AuthorizationScopes") or []
            document.put(declared, name, declaration(document, authorizers[name], context.partition))
        if default:
            if not isinstance(default, str) or default not in scopes:
                raise document.refuse(f"the DefaultAuthorizer {default} is not among the Authorizers")
            for path in document.path_names():
                preflight = bool(auth.get("AddDefaultAuthorizerToCorsPreflight", True))
                apply_default_authorizer(document, path, default, scopes, preflight)
    if auth.get("ApiKeyRequired"):
        define_api_key(document)
        for path in document.path_names():
            apply_default_key(document, path, bool(auth.get("AddApiKeyRequiredToCorsPreflight", True)))
    policy = auth.get("ResourcePolicy")
    if policy:
        if not isinstance(policy, dict):
            raise document.refuse("Auth.ResourcePolicy must be a map")
        for path in document.path_names():
            add_policy(document, policy, path, stage)
        if policy.get("CustomStatements"):
            add_statements(document, policy["CustomStatements"])


def _add_responses(document: RestDocument, responses: Any) -> None:
    if not isinstance(responses, dict):
        raise document.refuse("GatewayResponses must be a map")
    section = document.section(RESPONSES)
    for kind in walked(tuple(responses)):
        response = responses[kind]
        if not isinstance(response, dict) or any(key not in _RESPONSE_KEYS for key in response):
            raise document.refuse(f"GatewayResponses.{kind} may have {', '.join(_RESPONSE_KEYS)}")
        made = document.node({Own("responseParameters"): _response_parameters(document, response, kind)})
        made[Own("responseTemplates")] = response.get("ResponseTemplates") or document.node()
        status = response.get("StatusCode")
        if status:
            if not str(status).isdigit() or len(str(status)) > 3:
                raise document.refuse(f"StatusCode of GatewayResponses.{kind} must be a number")
            made[Own("statusCode")] = Own(status)
        document.put(section, kind, made)


def _response_parameters(document: RestDocument, response: Mapping[str, Any], kind: str) -> Node:
    found = document.node()
    given = response.get("ResponseParameters") or {}
    if not isinstance(given, dict) or any(key not in _PREFIXES for key in given):
        raise document.refuse(f"ResponseParameters of {kind} may have {', '.join(_PREFIXES)}")
    for name, prefix in _PREFIXES.items():
        values = given.get(name, {})
        if not isinstance(values, dict):
            raise document.refuse(f"ResponseParameters.{name} of {kind} must be a map")
        for key in walked(tuple(values)):
            found[f"gatewayresponse.{prefix}{key}"] = values[key]
    return found


def _with_slashes(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("~1", "/")
    if isinstance(value, list):
        return [_with_slashes(item) for item in value]
    if isinstance(value, dict):
        return {_with_slashes(key): _with_slashes(item) for key, item in value.items()}
    return value


def _add_models(document: RestDocument, models: Any) -> None:
    if not isinstance(models, dict) or not all(isinstance(model, dict) for model in models.values()):
        raise document.refuse("Models must be a map of schemas")
    section = document.section(MODELS)
    for name in walked(tuple(models)):
        if not models[name].get("type"):
            raise document.refuse(f"the model {name} has no type")
        document.put(section, str(name).lower(), document.node(models[name]))


def _disable_endpoint(document: RestDocument, value: Any) -> None:
    if not is_openapi_3(document.root.get("openapi")) or not document.root.get("openapi"):
        _set_endpoint(document, document.root, value)
        return
    servers = document.root.get("servers", [document.node()])
    if not isinstance(servers, list) or not all(isinstance(server, dict) for server in servers):
        raise document.refuse("servers of the definition must be a list of maps")
    owned = [server if isinstance(server, Node) else Node(server, document.root.born) for server in servers]
    for server in owned:
        _set_endpoint(document, server, value)
    document.put(document.root, Own("servers"), owned)


def _set_endpoint(document: RestDocument, holder: Node, value: Any) -> None:
    if _ENDPOINT not in holder:
        document.put(holder, Own(_ENDPOINT), document.node(order=FIXED))
    settings = document.own(holder, _ENDPOINT)
    if settings is None:
        raise document.refuse(f"{_ENDPOINT} of the definition must be a map")
    document.put(settings, Own(_DISABLED), value)


def to_openapi_3(document: RestDocument, asked: Any) -> None:
    """Move what Swagger keeps elsewhere to its place in OpenAPI 3, where the definition (or `OpenApiVersion`) says that it is one."""
    root = document.root
    version = root.get("openapi") if root.get("openapi") is not None and asked is None else asked
    if root.get("swagger") is not None or not version or not is_openapi_3(version):
        return
    for old, new in ((SECURITY, "securitySchemes"), (MODELS, "schemas")):
        if root.get(old):
            if not root.get("components"):
                document.put(root, Own("components"), document.node())
            components = document.own(root, "components")
            if components is None:
                raise document.refuse("components of the definition must be a map")
            document.put(components, Own(new), root[old])
            document.drop(root, old)
    if root.get("paths"):
        converted: set[int] = set()
        for path in document.paths:
            item = document.own(document.paths, path)
            if item is None:
                raise document.refuse(f"{path} of the definition must be a map")
            if item.get("options"):
                _convert_options(document, item, path, converted)


def _convert_options(document: RestDocument, item: Node, path: str, converted: set[int]) -> None:
    options = document.own(item, "options")
    if options is None:
        raise document.refuse(f"options of {path} in the definition must be a map")
    for key in ("produces", "consumes"):
        if key in options:
            document.drop(options, key)
    holder = options
    for key in ("responses", "200", "headers"):
        if not holder.get(key):
            return
        inner = document.own(holder, key)
        if inner is None:
            raise document.refuse(f"{key} of options of {path} in the definition must be a map")
        holder = inner
    if id(holder) not in converted:
        converted.add(id(holder))
        for name in holder:
            holder[name] = document.node({_SCHEMA: holder[name]})
