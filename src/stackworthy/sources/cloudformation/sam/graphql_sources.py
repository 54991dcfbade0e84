"""Data sources of a GraphQL API: DynamoDB tables and Lambda functions, with the roles that reach them.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-graphqlapi-datasource.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .expansion import Route
from .graphql_parts import Graph, connect
from .intrinsics import get_att, ref, sub
from .roles import trust

SOURCE = "AWS::AppSync::DataSource"


def add_sources(graph: Graph, given: Any) -> None:
    sources = graph.map_at(given, "DataSources")
    for name, stated in graph.map_at(sources.get("DynamoDb") or {}, "DataSources", "DynamoDb").items():
        _add_table(graph, name, graph.map_at(stated, "DataSources", "DynamoDb", name))
    for name, stated in graph.map_at(sources.get("Lambda") or {}, "DataSources", "Lambda").items():
        _add_function(graph, name, graph.map_at(stated, "DataSources", "Lambda", name))


def _add_table(graph: Graph, name: str, source: Mapping[str, Any]) -> None:
    path = ("DataSources", "DynamoDb", name)
    region = source.get("Region") or ref("AWS::Region")
    config: dict[str, Any] = {"AwsRegion": region, "TableName": source.get("TableName")}
    for key in ("UseCallerCredentials", "Versioned"):
        if source.get(key):
            config[key] = source[key]
    if source.get("DeltaSync"):
        config["DeltaSyncConfig"] = dict(graph.map_at(source["DeltaSync"], *path, "DeltaSync"))
    arn = source.get("TableArn")
    if not arn:
        table = {"__TableName__": source.get("TableName"), "__Region__": region}
        arn = sub(
            "arn:${AWS::Partition}:dynamodb:${__Region__}:${AWS::AccountId}:table/${__TableName__}", table
        )
    permissions = source.get("Permissions") or ["Read", "Write"]
    target = {"Type": "AWS::DynamoDB::Table", "Arn": arn}
    made = {"Type": "AMAZON_DYNAMODB", "DynamoDBConfig": config}
    written = {"DynamoDBConfig.TableName": ("Properties", *path, "TableName")}
    listed = graph.list_at(permissions, *path, "Permissions")
    _add(graph, name, f"{name}DynamoDBDataSource", source, made, written, path)
    _add_role(graph, f"{name}DynamoDBDataSource", "ToTableConnector", source, target, listed, path)


def _add_function(graph: Graph, name: str, source: Mapping[str, Any]) -> None:
    path = ("DataSources", "Lambda", name)
    arn = source.get("FunctionArn")
    if arn is None:
        graph.refuse("is required", *path, "FunctionArn")
    made = {"Type": "AWS_LAMBDA", "LambdaConfig": {"LambdaFunctionArn": arn}}
    written = {"LambdaConfig.LambdaFunctionArn": ("Properties", *path, "FunctionArn")}
    target = {"Type": "AWS::Lambda::Function", "Arn": arn}
    _add(graph, name, f"{name}LambdaDataSource", source, made, written, path)
    _add_role(graph, f"{name}LambdaDataSource", "ToLambdaConnector", source, target, ["Write"], path)


def _add(
    graph: Graph,
    name: str,
    suffix: str,
    source: Mapping[str, Any],
    made: Mapping[str, Any],
    written: Mapping[str, Route],
    path: Route,
) -> None:
    role = source.get("ServiceRoleArn") or get_att(f"{graph.api}{suffix}Role", "Arn")
    properties = {
        "Name": source.get("Name") or name,
        "Description": source.get("Description"),
        "ServiceRoleArn": role,
        **made,
    }
    source_id = graph.add(suffix, SOURCE, properties, written, *path)
    graph.names[name] = get_att(source_id, "Name")


def _add_role(
    graph: Graph,
    suffix: str,
    connection: str,
    source: Mapping[str, Any],
    target: Mapping[str, Any],
    permissions: list[Any],
    path: Route,
) -> None:
    """The role as which AppSync reaches a data source, where the author names none."""
    if source.get("ServiceRoleArn"):
        return
    role = {"AssumeRolePolicyDocument": trust("appsync.amazonaws.com")}
    role_id = graph.add(f"{suffix}Role", "AWS::IAM::Role", role, {}, *path)
    own = {"Type": SOURCE, "Arn": get_att(f"{graph.api}{suffix}", "DataSourceArn"), "RoleName": ref(role_id)}
    connect(graph, suffix + connection, own, target, permissions, path)


def none_source(graph: Graph) -> dict[str, Any]:
    """The name of the data source that reaches nothing; made once per API."""
    suffix = "NoneDataSource"
    source_id = graph.api + suffix
    if source_id not in graph.context.expansion.resources:
        graph.add(suffix, SOURCE, {"Name": source_id, "Type": "NONE"}, {})
    return get_att(source_id, "Name")
