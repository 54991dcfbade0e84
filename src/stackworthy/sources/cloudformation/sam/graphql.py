"""`AWS::Serverless::GraphQLApi`: the AppSync API with schema, authorization, logging, keys, cache, domain, functions and resolvers.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .api_properties import GRAPHQL, GRAPHQL_SHAPES, api_property_routes
from .context import Context, property_route
from .expansion import Route
from .graphql_functions import add_functions, add_resolvers
from .graphql_parts import Graph, as_stated, connect
from .graphql_sources import add_sources
from .intrinsics import get_att, ref
from .roles import trust
from .shapes import checked

API = "AWS::AppSync::GraphQLApi"
SCHEMA = "AWS::AppSync::GraphQLSchema"

_WHEN_TRUE = ("Visibility", "OwnerContact", "IntrospectionConfig", "QueryDepthLimit", "ResolverCountLimit")
_PUSH_LOGS = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSAppSyncPushToCloudWatchLogs"
_CONFIGURED = {
    "AWS_LAMBDA": ("LambdaAuthorizer", "LambdaAuthorizerConfig"),
    "OPENID_CONNECT": ("OpenIDConnect", "OpenIDConnectConfig"),
    "AMAZON_COGNITO_USER_POOLS": ("UserPool", "UserPoolConfig"),
}
_UNCONFIGURED = ("AWS_IAM", "API_KEY")


def expand(context: Context, logical_id: str) -> None:
    route = property_route(logical_id)
    given = checked(context, context.properties(logical_id), GRAPHQL_SHAPES, route)
    properties = {name: value for name, value in given.items() if value is not None}
    graph = Graph(context, logical_id)
    authorizers = _add_api(graph, properties)
    schema_id = _add_schema(graph, properties)
    for number, arn in enumerate(authorizers, 1):
        _allow_authorizer(graph, number, arn)
    _add_keys(graph, properties.get("ApiKeys") or {})
    if properties.get("Cache"):
        cache = graph.map_at(properties["Cache"], "Cache")
        names = ("ApiCachingBehavior", "Type", "Ttl", "AtRestEncryptionEnabled", "TransitEncryptionEnabled")
        kind = "AWS::AppSync::ApiCache"
        graph.add("ApiCache", kind, {name: cache.get(name) for name in names}, _places(kind))
    if properties.get("DomainName"):
        _add_domain(graph, graph.map_at(properties["DomainName"], "DomainName"))
    add_sources(graph, properties.get("DataSources") or {})
    add_functions(graph, properties.get("Functions") or {})
    add_resolvers(graph, properties.get("Resolvers") or {}, schema_id)


def _places(kind: str) -> Mapping[str, Route]:
    return api_property_routes(GRAPHQL, kind)


def _add_api(graph: Graph, properties: Mapping[str, Any]) -> list[Any]:
    """Add the API and the role of its logs. Returns the ARNs of functions that authorize."""
    context, logical_id = graph.context, graph.api
    api: dict[str, Any] = {name: properties[name] for name in _WHEN_TRUE if properties.get(name)}
    api["Name"] = properties.get("Name") or logical_id
    api["XrayEnabled"] = properties.get("XrayEnabled")
    authorizers = _authorize(graph, api, properties["Auth"])
    tags = {**(properties.get("Tags") or {}), "graphqlapi:createdBy": "SAM"}
    api["Tags"] = [{"Key": key, "Value": "" if value is None else value} for key, value in tags.items()]
    if properties.get("Logging") is not False:
        api["LogConfig"] = _logs(graph, properties.get("Logging"))
    context.add(
        logical_id,
        API,
        api,
        by=logical_id,
        properties_from=_places(API),
        attributes=graph.attributes,
        depends_on=graph.depends_on,
    )
    return authorizers


def _authorize(graph: Graph, api: dict[str, Any], given: Any) -> list[Any]:
    auth = graph.map_at(given, "Auth")
    functions: list[Any] = []
    own = {key: value for key, value in auth.items() if key != "Additional"}
    name, config = _configuration(graph, own, "Auth")
    api["AuthenticationType"] = auth["Type"]
    if name and config:
        api[name] = config
        if name == "LambdaAuthorizerConfig":
            functions.append(config.get("AuthorizerUri"))
    further: list[dict[str, Any]] = []
    for index, stated in enumerate(graph.list_at(auth.get("Additional") or [], "Auth", "Additional")):
        name, config = _configuration(graph, stated, "Auth", "Additional", index)
        provider = {"AuthenticationType": stated["Type"]}
        if name and config:
            provider[name] = config
            if name == "LambdaAuthorizerConfig":
                functions.append(config.get("AuthorizerUri"))
        further.append(provider)
    if further:
        api["AdditionalAuthenticationProviders"] = further
    return functions


def _configuration(graph: Graph, given: Any, *path: str | int) -> tuple[str | None, dict[str, Any] | None]:
    """The property that configures one way of authorization, and its value without what is null."""
    auth = graph.map_at(given, *path)
    kind = auth.get("Type")
    if len([value for value in auth.values() if value is not None]) > 2:
        graph.refuse("configures more than one way of authorization", *path)
    if not isinstance(kind, str) or kind not in _CONFIGURED:
        if kind not in _UNCONFIGURED:
            known = ", ".join((*_UNCONFIGURED, *_CONFIGURED))
            graph.refuse(f"must be one of {known}", *path, "Type")
        return None, None
    property_name, made_name = _CONFIGURED[kind]
    config = as_stated(graph.map_at(auth.get(property_name), *path, property_name))
    if kind == "AMAZON_COGNITO_USER_POOLS" and len(path) > 1:
        config.pop("DefaultAction", None)
    return made_name, config


def _logs(graph: Graph, given: Any) -> dict[str, Any]:
    config: dict[str, Any] = {"FieldLogLevel": "ALL"}
    if isinstance(given, dict):
        if given.get("ExcludeVerboseContent"):
            config["ExcludeVerboseContent"] = given["ExcludeVerboseContent"]
        config["FieldLogLevel"] = given.get("FieldLogLevel") or "ALL"
        if given.get("CloudWatchLogsRoleArn"):
            return {**config, "CloudWatchLogsRoleArn": given["CloudWatchLogsRoleArn"]}
    role = {
        "AssumeRolePolicyDocument": trust("appsync.amazonaws.com"),
        "ManagedPolicyArns": [{"Fn::Sub": _PUSH_LOGS}],
    }
    role_id = graph.add("CloudWatchRole", "AWS::IAM::Role", role, _places("AWS::IAM::Role"), "Logging")
    return {**config, "CloudWatchLogsRoleArn": get_att(role_id, "Arn")}


def _add_schema(graph: Graph, properties: Mapping[str, Any]) -> str:
    inline, uri = properties.get("SchemaInline"), properties.get("SchemaUri")
    if bool(inline) == bool(uri):
        graph.refuse("needs either SchemaInline or SchemaUri")
    schema = {"Definition": inline or None, "DefinitionS3Location": uri or None}
    return graph.add("Schema", SCHEMA, schema, _places(SCHEMA))


def _allow_authorizer(graph: Graph, number: int, function_arn: Any) -> None:
    source = {"Type": API, "Arn": ref(graph.api), "ResourceId": get_att(graph.api, "ApiId")}
    target = {"Type": "AWS::Lambda::Function", "Arn": function_arn}
    connect(graph, f"ToLambdaAuthConnector{number}", source, target, ["Write"], ("Auth",))


def _add_keys(graph: Graph, given: Any) -> None:
    for name, stated in graph.map_at(given, "ApiKeys").items():
        key = graph.map_at(stated, "ApiKeys", name)
        made = {
            "ApiKeyId": key.get("ApiKeyId"),
            "Description": key.get("Description"),
            "Expires": key.get("ExpiresOn"),
        }
        written = {
            "Expires": ("Properties", "ApiKeys", name, "ExpiresOn"),
            "Description": ("Properties", "ApiKeys", name, "Description"),
        }
        graph.add(name, "AWS::AppSync::ApiKey", made, written, "ApiKeys", name)


def _add_domain(graph: Graph, domain: Mapping[str, Any]) -> None:
    kind = "AWS::AppSync::DomainName"
    made = {name: domain.get(name) for name in ("CertificateArn", "DomainName", "Description")}
    domain_id = graph.add("DomainName", kind, made, _places(kind), "DomainName", api_id=False)
    association = {"DomainName": ref(domain_id)}
    kind = "AWS::AppSync::DomainNameApiAssociation"
    graph.add("DomainNameApiAssociation", kind, association, {}, "DomainName")
