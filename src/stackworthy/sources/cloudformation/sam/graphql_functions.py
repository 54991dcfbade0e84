"""Functions and resolvers of a GraphQL API.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-graphqlapi-function.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-graphqlapi-resolver.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .expansion import Route
from .graphql_parts import Graph, as_stated
from .graphql_sources import none_source
from .intrinsics import get_att

FUNCTION = "AWS::AppSync::FunctionConfiguration"
RESOLVER = "AWS::AppSync::Resolver"

_PLAIN_CODE = """
export function request(ctx) {
    return {};
}

export function response(ctx) {
    return ctx.prev.result;
}
"""
_PLAIN_RUNTIME = {"Name": "APPSYNC_JS", "RuntimeVersion": "1.0.0"}
"""The resolver that AppSync proposes: it passes on what its functions found."""


def add_functions(graph: Graph, given: Any) -> None:
    for name, stated in graph.map_at(given, "Functions").items():
        path = ("Functions", name)
        function = as_stated(graph.map_at(stated, *path))
        if function.get("Id"):
            if len(function) != 1:
                graph.refuse("stands alone", *path, "Id")
            graph.functions[name] = function["Id"]
            continue
        code, location = _code(graph, function, path)
        if code is None and location is None:
            graph.refuse("needs either InlineCode or CodeUri", *path)
        made = {
            "Name": function.get("Name") or name,
            "Code": code,
            "CodeS3Location": location,
            "DataSourceName": _source_name(graph, function, path),
            "MaxBatchSize": function.get("MaxBatchSize"),
            "Description": function.get("Description"),
            "Runtime": _runtime(graph, function, path),
        }
        if function.get("Sync"):
            made["SyncConfig"] = as_stated(graph.map_at(function["Sync"], *path, "Sync"))
        written: dict[str, Route] = {
            "Code": ("Properties", *path, "InlineCode"),
            "CodeS3Location": ("Properties", *path, "CodeUri"),
        }
        function_id = graph.add(name, FUNCTION, made, written, *path)
        graph.functions[name] = get_att(function_id, "FunctionId")


def add_resolvers(graph: Graph, given: Any, schema_id: str) -> None:
    for type_name, fields in graph.map_at(given, "Resolvers").items():
        for name, stated in graph.map_at(fields, "Resolvers", type_name).items():
            path = ("Resolvers", type_name, name)
            _add_resolver(graph, as_stated(graph.map_at(stated, *path)), path, schema_id)


def _add_resolver(graph: Graph, resolver: Mapping[str, Any], path: tuple[str, ...], schema_id: str) -> None:
    _, type_name, name = path
    code, location = _code(graph, resolver, path)
    default = code is None and location is None
    pipeline = resolver.get("Pipeline")
    if not pipeline:
        graph.refuse("needs a Pipeline", *path)
    for index, function in enumerate(graph.list_at(pipeline, *path, "Pipeline")):
        if not isinstance(function, str) or function not in graph.functions:
            graph.refuse("names no function of the API", *path, "Pipeline", index)
    made = {
        "Code": _PLAIN_CODE if default else code,
        "CodeS3Location": location,
        "Runtime": _PLAIN_RUNTIME if default else _runtime(graph, resolver, path),
        "FieldName": resolver.get("FieldName") or name,
        "TypeName": type_name,
        "Kind": "PIPELINE",
        "PipelineConfig": {"Functions": [graph.functions[function] for function in pipeline]},
        "MaxBatchSize": resolver.get("MaxBatchSize") or None,
    }
    if resolver.get("Caching"):
        made["CachingConfig"] = as_stated(graph.map_at(resolver["Caching"], *path, "Caching"))
    written: dict[str, Route] = {
        "Code": ("Properties", *path, "InlineCode"),
        "CodeS3Location": ("Properties", *path, "CodeUri"),
        "PipelineConfig": ("Properties", *path, "Pipeline"),
    }
    graph.add(f"{type_name}{name}", RESOLVER, made, written, *path, depends_on=[schema_id])


def _code(graph: Graph, part: Mapping[str, Any], path: Route) -> tuple[Any, Any]:
    """The code itself and its place; None for what is not given."""
    if part.get("InlineCode") and part.get("CodeUri"):
        graph.refuse("has both InlineCode and CodeUri", *path)
    return part.get("InlineCode") or None, part.get("CodeUri") or None


def _runtime(graph: Graph, part: Mapping[str, Any], path: Route) -> dict[str, Any]:
    runtime = graph.map_at(part.get("Runtime"), *path, "Runtime")
    return {"Name": runtime.get("Name"), "RuntimeVersion": runtime.get("Version")}


def _source_name(graph: Graph, function: Mapping[str, Any], path: Route) -> Any:
    named = function.get("DataSource")
    if not named:
        graph.refuse("is required", *path, "DataSource")
    if not isinstance(named, str):
        return named
    if named.lower() == "none":
        return none_source(graph)
    if named not in graph.names:
        graph.refuse("names no data source of the API", *path, "DataSource")
    return graph.names[named]
