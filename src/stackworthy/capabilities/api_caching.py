"""A cache of a REST API's stage for reads that are the same for all callers. HTTP APIs have none.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import word
from stackworthy.core.fix import Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, Reference

STAGE, METHOD, PART = "AWS::ApiGateway::Stage", "AWS::ApiGateway::Method", "AWS::ApiGateway::Resource"
SIZE_GB, SECONDS = "0.5", 60


def improvements(graph: Graph) -> list[Improvement]:
    """A small cache for the open GET methods of each stage that has none; done where a cache is on."""
    made = []
    for stage in graph.of(STAGE):
        try:
            improvement = _of(graph, stage)
        except NotKnown:
            continue
        if improvement is not None:
            made.append(improvement)
    return made


def _of(graph: Graph, stage: Resource) -> Improvement | None:
    title = f"Cache what {word(stage)} reads for everybody"
    if stage["CacheClusterEnabled"] is not ABSENT and stage["CacheClusterEnabled"]:
        return Improvement(title, "", resources=(stage.address,), done="its cache is on")
    paths = list(_open_reads(graph, stage))
    if not paths or stage["MethodSettings"] is not ABSENT:
        return None
    settings = List(
        Map(
            ResourcePath=path if path == "/" else f"/{path.replace('/', '~1')}",
            HttpMethod="GET",
            CachingEnabled=True,
            CacheTtlInSeconds=SECONDS,
            CacheDataEncrypted=True,
        )
        for path in paths
    )
    changes: tuple[Change, ...] = (
        stage.set("CacheClusterEnabled", True),
        stage.set("CacheClusterSize", SIZE_GB),
        stage.set("MethodSettings", settings),
    )
    why = (
        f"GET requests without authorization ({', '.join(paths)}) are answered for {SECONDS} seconds without the backend. The cache is billed by the hour, used or not: "
        "it pays where many callers ask the same"
    )
    steps = (
        "make query strings and headers that change the answer cache keys of their method, else callers get each other's answers",
        "methods with authorization are left out: their answers belong to one caller",
    )
    return Improvement(title, why, changes, steps, (stage.address,))


def _open_reads(graph: Graph, stage: Resource) -> Iterator[str]:
    """The paths of the stage's API that anybody may GET."""
    api = stage["RestApiId"]
    for method in graph.of(METHOD):
        if not isinstance(api, Reference) or method["RestApiId"] != api:
            continue
        if method["HttpMethod"] == "GET" and method["AuthorizationType"] in (ABSENT, "NONE"):
            path = _path(graph, method)
            if path and "{" not in path:
                yield path


def _path(graph: Graph, method: Resource) -> str:
    parts: list[str] = []
    at = method["ResourceId"]
    for _ in range(20):
        if not isinstance(at, Reference):
            return ""
        if at.attribute == "RootResourceId":
            return "/" + "/".join(reversed(parts))
        part = graph.get(at.address)
        if part is None or part.kind != PART:
            return ""
        parts.append(str(part["PathPart"]))
        at = part["ParentId"]
    return ""
