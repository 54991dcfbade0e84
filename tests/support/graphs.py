"""Graphs for tests: read by the real reader from the text of resources, or made of values as they are."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from tests.support.templates import TEMPLATE, Files, resources

from stackworthy.aws.relations import RELATORS
from stackworthy.aws.vocabulary import VOCABULARY
from stackworthy.config import Settings
from stackworthy.core.graph import Edge, Graph
from stackworthy.core.origin import Origin, Trail
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Value
from stackworthy.sources.cloudformation.reader import read
from stackworthy.sources.stack import StackRef


def graph_of(
    text: str, *, parameters: Iterable[str] = (), region: str | None = None, account: str | None = None
) -> Graph:
    """The graph of the resources in the text: a map of logical ids to `Type` and `Properties`, intrinsics in short form.

    `parameters` are declared without a value. Diagnostics are ignored: a `Ref` of something undeclared is unknown.
    """
    template: dict[str, Any] = {"Resources": resources(text)}
    if parameters:
        template["Parameters"] = {name: {"Type": "String"} for name in parameters}
    files = Files({TEMPLATE: json.dumps(template).encode()})
    graph = read(files, StackRef("cloudformation", TEMPLATE), Settings()).graph
    for resource in graph:
        resource.region = region or resource.region
        resource.account = account or resource.account
    return graph


class _Properties:
    def __init__(self, address: str, values: dict[str, Value]) -> None:
        self._address = address
        self._values = values

    def names(self) -> Collection[str]:
        return self._values.keys()

    def value(self, name: str) -> Value:
        return self._values.get(name, ABSENT)

    def origin(self, path: str) -> Origin:
        return Origin(TEMPLATE, (self._address, path))

    def native(self) -> None:
        """The names are canonical."""
        return

    def trail(self, path: str) -> Trail:
        return ()


def graph_with(properties: dict[str, tuple[str, dict[str, Value]]]) -> Graph:
    """The graph of resources whose values are given as they are: address -> (kind, properties)."""
    graph = Graph(VOCABULARY, RELATORS)
    for address, (kind, values) in properties.items():
        origin = Origin(TEMPLATE, (address,))
        graph.add(Resource(address, kind, kind, _Properties(address, values), origin))
    return graph


def lines(graph: Graph, relation: str) -> list[str]:
    """The relations of one kind as sorted lines: `Queue -> Fn (event source mapping)`, `Queue -> ? (reason)`."""
    edges = graph.edges(relation)
    found = [f"{edge.source.address} -> {edge.target.address} ({edge.by})" for edge in edges.all]
    for end in edges.loose:
        source = end.source.address if end.source else "?"
        target = end.target.address if end.target else "?"
        found.append(f"{source} -> {target} ({end.reason})")
    return sorted(found)


def only(graph: Graph, relation: str) -> Edge:
    """The one relation of a kind."""
    edges = graph.edges(relation)
    assert not edges.loose, lines(graph, relation)
    (edge,) = edges.all
    return edge
