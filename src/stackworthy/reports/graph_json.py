"""The graph of stacks as plain data, schema `stackworthy.graph/1`: resources with their properties, and the relations between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.plain import plain
from stackworthy.core.resource import Resource
from stackworthy.core.review import DiagnosticRecord, MadeByRecord
from stackworthy.reports.masking import masked_text, masked_value

SCHEMA = "stackworthy.graph/1"


class GraphResource(msgspec.Struct):
    """One resource. `kind` is null when the type has none; `type` is the format's own; `when` is the condition's text.

    In `properties`, what is not known is {"$unknown": reason}, a reference {"$ref": [address, attribute]}, a string
    with known pieces {"$partial": [pieces]}; a list that may go on ends with an unknown, a map has one under "$rest". Secrets are ****.
    `attributes` are a Terraform resource's own arguments and blocks (blocks as lists of objects), null in other formats; `code` is the path of the code it runs.
    """

    address: str
    kind: str | None
    type: str
    file: str
    line: int
    region: str | None
    account: str | None
    part_of: str | None
    made_by: MadeByRecord | None
    when: str | None
    present: bool
    properties: dict[str, Any]
    attributes: dict[str, Any] | None = None
    code: str | None = None


class Via(msgspec.Struct):
    """What makes a relation: `by` in words, the `resource` that states it (null: an end does), and details such as a batch size."""

    by: str
    resource: str | None
    details: dict[str, Any]


class GraphRelation(msgspec.Struct):
    """One relation between two resources, by address."""

    source: str
    target: str
    kind: str
    via: Via


class LooseRelation(msgspec.Struct):
    """A relation of which one end (null) cannot be known; it may be any resource of `kinds` (empty: of any kind)."""

    source: str | None
    target: str | None
    kind: str
    kinds: list[str]
    reason: str


class EnvironmentGraph(msgspec.Struct):
    """A stack as one environment has it; `name` is null when there are no environments."""

    name: str | None
    resources: list[GraphResource]
    relations: list[GraphRelation]
    loose: list[LooseRelation]


class StackGraph(msgspec.Struct):
    """One stack; `path` is relative to the path that was read."""

    path: str
    format: str
    environments: list[EnvironmentGraph]
    diagnostics: list[DiagnosticRecord]


class GraphDocument(msgspec.Struct):
    """The graphs of all stacks below a path. `diagnostics` are those that belong to no stack."""

    stacks: list[StackGraph]
    diagnostics: list[DiagnosticRecord]
    root: str = ""
    schema: str = SCHEMA


def environment_graph(
    graph: Graph, name: str | None, line: Callable[[Resource], int], relative: Callable[[str], str]
) -> EnvironmentGraph:
    """A graph as plain data; `line` gives a resource's line, `relative` a file's name as it is shown."""
    relations: list[GraphRelation] = []
    loose: list[LooseRelation] = []
    for kind in graph.relators:
        edges = graph.edges(kind)
        relations += map(_relation, edges.all)
        loose += map(_loose, edges.loose)
    return EnvironmentGraph(
        name, [_resource(resource, line(resource), relative) for resource in graph], relations, loose
    )


def _resource(resource: Resource, line: int, relative: Callable[[str], str]) -> GraphResource:
    made_by = resource.made_by
    native = resource.properties.native()
    return GraphResource(
        address=resource.address,
        kind=resource.kind,
        type=resource.type,
        file=relative(resource.origin.file),
        line=line,
        region=resource.region,
        account=resource.account,
        part_of=resource.part_of,
        made_by=MadeByRecord(made_by.address, made_by.path) if made_by else None,
        when=resource.when.expression if resource.when else None,
        present=resource.present,
        properties=masked_value("", plain(resource.all_properties())),
        attributes=None if native is None else masked_value("", plain(native)),
        code=relative(resource.code) if resource.code is not None else None,
    )


def _relation(edge: Edge) -> GraphRelation:
    details = {key: plain(value) for key, value in edge.details.items()}
    via = Via(
        masked_text(edge.by), edge.resource.address if edge.resource else None, masked_value("", details)
    )
    return GraphRelation(edge.source.address, edge.target.address, edge.kind, via)


def _loose(end: LooseEnd) -> LooseRelation:
    return LooseRelation(
        end.source.address if end.source else None,
        end.target.address if end.target else None,
        end.kind,
        sorted(end.kinds),
        masked_text(end.reason),
    )


def chunks(stacks: Iterable[StackGraph], diagnostics: list[DiagnosticRecord], root: str) -> Iterator[bytes]:
    """The document in pieces, stack by stack."""
    encode = msgspec.json.Encoder(enc_hook=str).encode
    yield b'{"schema":' + encode(SCHEMA) + b',"root":' + encode(root) + b',"stacks":['
    for index, stack in enumerate(stacks):
        yield (b",\n" if index else b"\n") + encode(stack)
    yield b'],\n"diagnostics":' + encode(diagnostics) + b"}\n"
