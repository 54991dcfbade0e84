"""The methods of a REST API: integration, authorizer, permission, request validation, and the answer to preflight requests."""

from __future__ import annotations

from typing import Any

import msgspec

from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import names
from stackworthy.sources.serverless.build import Build
from stackworthy.sources.serverless.service import Event, Function
from stackworthy.sources.serverless.shapes import as_list, as_map, as_text, first, get, is_set, text

METHOD = "AWS::ApiGateway::Method"
HEADERS = [
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
]
_ANY = "DELETE,GET,HEAD,PATCH,POST,PUT"
TABLE = {
    "HttpMethod": "method",
    "ApiKeyRequired": "private",
    "AuthorizationType": "authorizer",
    "AuthorizerId": "authorizer",
    "AuthorizationScopes": "authorizer.scopes",
    "RequestParameters": "request.parameters",
    "RequestModels": "request.schemas",
    "RequestValidatorId": "request.schemas",
    "OperationName": "operationId",
    "Integration": "integration",
    "Integration.Type": "integration",
    "Integration.Uri": "request.uri",
    "Integration.TimeoutInMillis": "timeoutInMillis",
    "Integration.ConnectionId": "connectionId",
    "Integration.ConnectionType": "connectionType",
    "Integration.RequestTemplates": "request.template",
    "Integration.PassthroughBehavior": "request.passThrough",
    "Integration.IntegrationResponses": "response",
}
AUTHORIZER_TABLE = {
    "AuthorizerResultTtlInSeconds": "authorizer.resultTtlInSeconds",
    "IdentitySource": "authorizer.identitySource",
    "IdentityValidationExpression": "authorizer.identityValidationExpression",
    "ProviderARNs": "authorizer.arn",
    "ProviderARNs.0": "authorizer.arn",
    "AuthorizerUri": "authorizer.arn",
    "Type": "authorizer.type",
    "Name": "authorizer.name",
}


class Endpoint(msgspec.Struct):
    """One `http` event. `path` has no slash at its ends; `api` is the API's id, `resource` that of the path's resource."""

    function: Function
    event: Event
    method: str
    path: str
    api: Any
    resource: Any = None

    @property
    def method_id(self) -> str:
        """The logical id of the method."""
        return f"ApiGatewayMethod{names.path(self.path)}{names.upper_first(self.method.lower())}"


class Authorizer(msgspec.Struct):
    """Who lets requests in: `kind` as methods write it, the name and the ARN of what decides."""

    kind: Any
    name: str = ""
    arn: Any = None
    id: Any = None
    stated: dict[str, Any] = msgspec.field(default_factory=dict)
    managed: bool = False


def add_method(build: Build, endpoint: Endpoint) -> None:
    """Add the method of an event, the permission that it needs and its authorizer."""
    function, event = endpoint.function, endpoint.event
    permission = f"{names.normalized(function.key)}LambdaPermissionApiGateway"
    kind = _integration_kind(event.get("integration"))
    method: dict[str, Any] = {
        "HttpMethod": endpoint.method,
        "RequestParameters": _parameters(event),
        "ResourceId": endpoint.resource,
        "RestApiId": endpoint.api,
        "OperationName": event.get("operationId"),
        "ApiKeyRequired": event.get("private")
        if isinstance(event.get("private"), Unknown)
        else is_set(event.get("private")),
        "Integration": _integration(endpoint, kind),
        **_authorization(build, endpoint),
        **_validation(build, endpoint),
    }
    lambda_or_http = isinstance(kind, str) and kind in ("AWS", "HTTP", "MOCK")
    method["MethodResponses"] = _method_responses(event) if lambda_or_http else []
    depends = [permission, *([function.alias[1]] if function.alias else ())]
    build.of(function, event, endpoint.method_id, METHOD, method, TABLE, DependsOn=depends)
    if permission not in build.resources:
        build.permission(function, event, permission, "apigateway.amazonaws.com", invoke_arn(endpoint.api))


def invoke_arn(api: Any, end: str = "/*/*") -> Any:
    """The ARN of all requests to an API."""
    region, account = {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}
    pieces = ["arn:", {"Ref": "AWS::Partition"}, ":execute-api:", region, ":", account, ":", api, end]
    return {"Fn::Join": ["", pieces]}


def invocation_uri(arn: Any) -> Any:
    """The URI at which API Gateway calls a function."""
    start = ["arn:", {"Ref": "AWS::Partition"}, ":apigateway:", {"Ref": "AWS::Region"}]
    return {"Fn::Join": ["", [*start, ":lambda:path/2015-03-31/functions/", arn, "/invocations"]]}


def _integration_kind(stated: Any) -> Any:
    if not isinstance(stated, str):
        return stated if isinstance(stated, Unknown) else "AWS_PROXY"
    kind = stated.upper().replace("-", "_")
    return {"LAMBDA": "AWS", "LAMBDA_PROXY": "AWS_PROXY"}.get(kind, kind)


def _parameters(event: Event) -> Any:
    stated = event.get("request", "parameters")
    if isinstance(stated, Unknown):
        return stated
    return {key: _required(value) for key, value in _flat_parameters(stated).items()}


def _flat_parameters(stated: Any) -> dict[str, Any]:
    """Parameters by their full name: `querystrings: {page: true}` is `method.request.querystring.page`."""
    found: dict[str, Any] = {}
    for group, kind in (("querystrings", "querystring"), ("headers", "header"), ("paths", "path")):
        for key, value in as_map(get(stated, group)).items():
            found[f"method.request.{kind}.{key}"] = value
    for key, value in as_map(stated).items():
        if key not in ("querystrings", "headers", "paths"):
            found[str(key)] = value
    return found


def _required(value: Any) -> Any:
    return value.get("required", True) if isinstance(value, dict) else value


def _integration(endpoint: Endpoint, kind: Any) -> Any:
    event = endpoint.event
    integration: dict[str, Any] = {"IntegrationHttpMethod": "POST", "Type": kind}
    if kind in ("AWS", "AWS_PROXY") if isinstance(kind, str) else True:
        integration["Uri"] = invocation_uri_of(endpoint.function)
    elif kind in ("HTTP", "HTTP_PROXY"):
        own = event.get("request", "method")
        integration["IntegrationHttpMethod"] = own.upper() if isinstance(own, str) else endpoint.method
        integration["Uri"] = event.get("request", "uri")
        integration["ConnectionType"] = _upper(event.get("connectionType"))
        integration["ConnectionId"] = event.get("connectionId")
    if kind in ("AWS", "HTTP", "MOCK") if isinstance(kind, str) else False:
        through = event.get("request", "passThrough")
        integration["PassthroughBehavior"] = "NEVER" if through is None and kind != "MOCK" else through
        integration["ContentHandling"] = event.get("request", "contentHandling")
        templates = event.get("request", "template")
        integration["RequestTemplates"] = templates if kind != "AWS" else _templates(templates)
        integration["IntegrationResponses"] = _integration_responses(event)
    integration["TimeoutInMillis"] = event.get("timeoutInMillis")
    passed = {
        f"integration.{key.removeprefix('method.')}": first(get(value, "mappedValue"), key)
        for key, value in _flat_parameters(event.get("request", "parameters")).items()
        if kind != "AWS_PROXY" and not isinstance(value, Unknown)
    }
    if is_set(event.get("async")):
        passed["integration.request.header.X-Amz-Invocation-Type"] = "'Event'"
    integration["RequestParameters"] = passed or None
    return {name: value for name, value in integration.items() if value is not None}


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _templates(stated: Any) -> Any:
    """The templates of a Lambda integration: the framework's own, unless the author replaces them."""
    if isinstance(stated, Unknown):
        return stated
    own = Unknown("a template of the framework's own", stated=True)
    found = {"application/json": own, "application/x-www-form-urlencoded": own, **as_map(stated)}
    return {name: value for name, value in found.items() if value is not None}


def invocation_uri_of(function: Function) -> Any:
    """The URI at which API Gateway calls a function of the service, or its alias."""
    uri = invocation_uri({"Fn::GetAtt": [function.id, "Arn"]})
    if function.alias:
        uri["Fn::Join"][1][-1:] = [":", function.alias[0], "/invocations"]
    return uri


_CODES = {
    "200": "",
    "400": r"[\s\S]*\[400\][\s\S]*",
    "401": r"[\s\S]*\[401\][\s\S]*",
    "403": r"[\s\S]*\[403\][\s\S]*",
    "404": r"[\s\S]*\[404\][\s\S]*",
    "422": r"[\s\S]*\[422\][\s\S]*",
    "500": r"[\s\S]*(Process\s?exited\s?before\s?completing\s?request|\[500\])[\s\S]*",
    "502": r"[\s\S]*\[502\][\s\S]*",
    "504": r"([\s\S]*\[504\][\s\S]*)|(.*Task timed out after \d+\.\d+ seconds$)",
}


def _codes(event: Event) -> dict[str, Any]:
    stated = as_map(event.get("response", "statusCodes"))
    if stated:
        return {str(code): as_text(get(config, "pattern")) for code, config in stated.items()}
    response = event.get("response")
    return {"200": ""} if is_set(response) else dict(_CODES)


def _headers(event: Event) -> dict[str, Any]:
    """The headers of answers, the origin that CORS allows among them."""
    headers = as_map(event.get("response", "headers"))
    if is_set(event.get("cors")):
        origins = _origins(as_map(event.get("cors")))
        headers = {"Access-Control-Allow-Origin": _quoted([",".join(map(as_text, origins))]), **headers}
    return {f"method.response.header.{name}": value for name, value in headers.items()}


def _origins(cors: dict[str, Any]) -> list[Any]:
    stated = cors.get("origins", cors.get("origin", "*"))
    listed = stated.split(",") if isinstance(stated, str) else [stated]
    found = stated if isinstance(stated, list) else listed
    return [one.strip() if isinstance(one, str) else one for one in found]


def _method_responses(event: Event) -> list[Any]:
    headers = dict.fromkeys(_headers(event), True)
    return [
        {"StatusCode": code, "ResponseParameters": headers, "ResponseModels": {}} for code in _codes(event)
    ]


def _integration_responses(event: Event) -> list[Any]:
    headers, template = _headers(event), event.get("response", "template")
    shared = {} if template is None else {"application/json": template}
    found = []
    for code, pattern in _codes(event).items():
        own = event.get("response", "statusCodes", code, "template")
        own = {"application/json": own} if isinstance(own, str) else as_map(own)
        found.append(
            {
                "StatusCode": code,
                "SelectionPattern": pattern,
                "ResponseParameters": headers,
                "ResponseTemplates": {**shared, **own},
            }
        )
    return found


# Who may call.


def _authorization(build: Build, endpoint: Endpoint) -> dict[str, Any]:
    stated = endpoint.event.get("authorizer")
    if not is_set(stated):
        return {"AuthorizationType": "NONE"}
    if isinstance(stated, Unknown):
        return {"AuthorizationType": stated}
    found = _authorizer(build, stated)
    scopes = found.stated.get("scopes")
    if found.kind == "AWS_IAM":
        return {"AuthorizationType": "AWS_IAM"}
    kind = "COGNITO_USER_POOLS" if found.kind == "COGNITO_USER_POOLS" else "CUSTOM"
    scoped = {"AuthorizationScopes": scopes} if is_set(scopes) and kind != "CUSTOM" else {}
    if found.id is not None:
        return {"AuthorizationType": kind, "AuthorizerId": found.id, **scoped}
    return {
        "AuthorizationType": kind,
        "AuthorizerId": {"Ref": _add_authorizer(build, endpoint, found)},
        **scoped,
    }


def _authorizer(build: Build, stated: Any) -> Authorizer:
    own = as_map(stated)
    kind = as_text(own.get("type")).upper()
    if (isinstance(stated, str) and stated.upper() == "AWS_IAM") or kind == "AWS_IAM":
        return Authorizer("AWS_IAM")
    managed = is_set(own.get("managedExternally"))
    if is_set(own.get("authorizerId")):
        return Authorizer(kind, id=own["authorizerId"], stated=own)
    arn, name = own.get("arn"), as_text(own.get("name"))
    if isinstance(stated, str):
        arn, name = (stated, "") if ":" in stated else (None, stated)
    if arn is None:
        function = build.service.functions.get(name)
        arn = function.arn if function is not None else Unknown(f"there is no function {name}", stated=True)
    elif not name:
        name = arn.rsplit(":", 1)[-1].rsplit("-", 1)[-1] if isinstance(arn, str) else "authorizer"
    if not kind:
        pool = isinstance(arn, str) and ":cognito-idp:" in arn
        kind = "COGNITO_USER_POOLS" if pool else "TOKEN"
    return Authorizer(kind, name, arn, stated=own, managed=managed)


def _add_authorizer(build: Build, endpoint: Endpoint, found: Authorizer) -> str:
    logical_id = f"{names.normalized(found.name)}ApiGatewayAuthorizer"
    if logical_id in build.resources:
        return logical_id
    own, uncached = found.stated, found.stated.get("resultTtlInSeconds") == 0 and found.kind == "REQUEST"
    source = first(own.get("identitySource"), None if uncached else "method.request.header.Authorization")
    properties: dict[str, Any] = {
        "AuthorizerResultTtlInSeconds": own.get("resultTtlInSeconds", 300) if own else None,
        "IdentitySource": source,
        "IdentityValidationExpression": own.get("identityValidationExpression"),
        "Name": found.name,
        "RestApiId": endpoint.api,
        "Type": found.kind,
    }
    if found.kind == "COGNITO_USER_POOLS":
        properties["ProviderARNs"] = [found.arn]
    else:
        properties["AuthorizerUri"] = invocation_uri(found.arn)
    kind = "AWS::ApiGateway::Authorizer"
    build.of(endpoint.function, endpoint.event, logical_id, kind, properties, AUTHORIZER_TABLE)
    permission = f"{names.normalized(found.name)}LambdaPermissionApiGateway"
    if found.kind != "COGNITO_USER_POOLS" and not found.managed and permission not in build.resources:
        source_arn = invoke_arn(endpoint.api)
        principal = "apigateway.amazonaws.com"
        build.permission(
            endpoint.function, endpoint.event, permission, principal, source_arn, FunctionName=found.arn
        )
    return logical_id


# What requests must look like.


def _validation(build: Build, endpoint: Endpoint) -> dict[str, Any]:
    request = endpoint.event.get("request")
    schemas = get(request, "schemas") if is_set(get(request, "schemas")) else get(request, "schema")
    required = any(
        _required(value) is True for value in _flat_parameters(get(request, "parameters")).values()
    )
    if not required and not is_set(schemas):
        return {}
    service = build.service
    validator = f"ApiGateway{names.alphanumeric(service.own_name('Service'))}RequestValidator"
    if validator not in build.resources:
        own = {
            "RestApiId": endpoint.api,
            "ValidateRequestBody": True,
            "ValidateRequestParameters": True,
            "Name": text(
                service.name, f"-{service.stage} | Validate request body and querystring parameters"
            ),
        }
        kind = "AWS::ApiGateway::RequestValidator"
        build.of(endpoint.function, endpoint.event, validator, kind, own)
    models = {
        str(content): {"Ref": _model(build, endpoint, str(content), schema)}
        for content, schema in as_map(schemas).items()
    }
    return {"RequestValidatorId": {"Ref": validator}, "RequestModels": models or None}


def _model(build: Build, endpoint: Endpoint, content: str, schema: Any) -> str:
    """The model of a schema that the event states, or names among those of the provider."""
    shared = (
        get(build.service.provider, "apiGateway", "request", "schemas", schema)
        if isinstance(schema, str)
        else None
    )
    logical_id = f"{endpoint.method_id}{names.start_case(content)}Model"
    if shared is not None:
        logical_id, schema, content = f"ApiGateway{names.start_case(schema)}Model", shared, "application/json"
    wrapped = isinstance(schema, dict) and "schema" in schema
    stated = {
        "RestApiId": endpoint.api,
        "ContentType": content,
        "Schema": schema["schema"] if wrapped else schema,
        "Name": schema.get("name") if wrapped else None,
        "Description": schema.get("description") if wrapped else None,
    }
    if logical_id not in build.resources:
        build.of(endpoint.function, endpoint.event, logical_id, "AWS::ApiGateway::Model", stated)
    return logical_id


# What browsers ask before.


def add_preflight(build: Build, sharing: list[Endpoint]) -> None:
    """The `OPTIONS` method of a path, which answers for all events of that path."""
    origins: list[Any] = []
    headers: list[Any] = []
    methods: list[Any] = ["OPTIONS"]
    others: dict[str, Any] = {}
    for endpoint in reversed(sharing):
        cors = as_map(endpoint.event.get("cors"))
        origins += _origins(cors)
        headers += as_list(cors.get("headers")) or HEADERS
        methods += [*as_list(cors.get("methods")), endpoint.method]
        others.update(
            (key, cors[key])
            for key in ("allowCredentials", "maxAge", "cacheControl")
            if is_set(cors.get(key))
        )
    answer = {
        "Access-Control-Allow-Origin": _quoted([origins[0] if origins else "*"]),
        "Access-Control-Allow-Headers": _quoted(headers),
        "Access-Control-Allow-Methods": _quoted([_ANY if one == "ANY" else one for one in methods]),
    }
    for key, header in (("maxAge", "Access-Control-Max-Age"), ("cacheControl", "Cache-Control")):
        if key in others:
            answer[header] = _quoted([others[key]])
    if "allowCredentials" in others:
        answer["Access-Control-Allow-Credentials"] = _quoted([others["allowCredentials"]])
    parameters = {f"method.response.header.{header}": value for header, value in answer.items()}
    response = {
        "StatusCode": "200",
        "ResponseParameters": parameters,
        "ResponseTemplates": {"application/json": _by_origin(origins) if len(origins) > 1 else ""},
    }
    first = sharing[0]
    method = {
        "AuthorizationType": "NONE",
        "HttpMethod": "OPTIONS",
        "MethodResponses": [{"StatusCode": "200", "ResponseParameters": dict.fromkeys(parameters, True)}],
        "RequestParameters": {},
        "Integration": {
            "Type": "MOCK",
            "RequestTemplates": {"application/json": "{statusCode:200}"},
            "ContentHandling": "CONVERT_TO_TEXT",
            "IntegrationResponses": [response],
        },
        "ResourceId": first.resource,
        "RestApiId": first.api,
    }
    logical_id = f"ApiGatewayMethod{names.path(first.path)}Options"
    if logical_id not in build.resources:
        build.of(
            first.function,
            first.event,
            logical_id,
            METHOD,
            method,
            {"Integration.IntegrationResponses": "cors"},
        )


def _by_origin(origins: list[Any]) -> Any:
    """The template that answers each of several origins with itself."""
    return Unknown(f"a template of the framework's own for {len(origins)} origins", stated=True)


def _quoted(values: list[Any]) -> Any:
    """Values between quotes, as API Gateway writes constants; unknown where one of them is."""
    known: list[str] = []
    for value in values:
        if isinstance(value, Unknown):
            return value
        word = ("true" if value else "false") if isinstance(value, bool) else as_text(value)
        if word and word not in known:
            known.append(word)
    return f"'{','.join(known)}'"
