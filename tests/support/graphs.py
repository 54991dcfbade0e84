"""Graphs for tests, from a short YAML text of CloudFormation resources."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import yaml

from stackworthy.aws.relations import RELATORS
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin, Trail
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, Reference, Unknown, Value, joined

_PLACEHOLDER = re.compile(r"\$\{([^}!][^}]*)\}")


class _Loader(yaml.SafeLoader):
    pass


def _construct(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        content: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        content = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        content = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": content}


_Loader.add_multi_constructor("!", _construct)


class _Properties:
    def __init__(self, address: str, values: dict[str, Value]) -> None:
        self._address = address
        self._values = values

    def names(self) -> Collection[str]:
        return self._values.keys()

    def value(self, name: str) -> Value:
        return self._values.get(name, ABSENT)

    def origin(self, path: str) -> Origin:
        return Origin("template.yaml", (self._address, path))

    def trail(self, path: str) -> Trail:
        return ()


class Plain:
    """A vocabulary without defaults and types."""

    def default(self, kind: str, path: str) -> Value:
        return ABSENT

    def coerce(self, kind: str, name: str, value: Value) -> Value:
        return value


class _Evaluator:
    def __init__(self, resources: dict[str, Any], parameters: dict[str, Value]) -> None:
        self.resources = resources
        self.parameters = parameters

    def value(self, node: Any) -> Value:
        if isinstance(node, dict):
            if len(node) == 1:
                (name, argument), *_ = node.items()
                if name == "Ref":
                    return self.named(str(argument), "Ref")
                if isinstance(name, str) and name.startswith("Fn::"):
                    return self.intrinsic(name[4:], argument)
            return Map({str(key): self.value(item) for key, item in node.items()})
        if isinstance(node, list):
            return List(self.value(item) for item in node)
        return ABSENT if node is None else node

    def named(self, name: str, attribute: str) -> Value:
        if name in self.resources:
            return Reference(name, attribute)
        if name in self.parameters:
            return self.parameters[name]
        return Unknown(f"{name} has no value", name)

    def intrinsic(self, name: str, argument: Any) -> Value:
        if name == "GetAtt":
            parts = argument.split(".", 1) if isinstance(argument, str) else argument
            return self.named(parts[0], parts[1])
        if name == "Sub":
            text, extra = argument if isinstance(argument, list) else (argument, {})
            return joined(self.substituted(text, {key: self.value(item) for key, item in extra.items()}))
        if name == "Join":
            delimiter, items = argument
            pieces: list[Value] = []
            for item in items:
                pieces += [delimiter, self.value(item)] if pieces else [self.value(item)]
            return joined(pieces)
        return Unknown(f"Fn::{name} is not evaluated", f"Fn::{name} {argument}")

    def substituted(self, text: str, extra: dict[str, Value]) -> list[Value]:
        pieces: list[Value] = []
        for index, part in enumerate(_PLACEHOLDER.split(text)):
            if index % 2 == 0:
                pieces.append(part.replace("${!", "${"))
            elif part in extra:
                pieces.append(extra[part])
            else:
                name, _, attribute = part.partition(".")
                pieces.append(self.named(name, attribute or "Ref"))
        return pieces


def graph_of(
    text: str,
    *,
    parameters: dict[str, Value] | None = None,
    region: str | None = None,
    account: str | None = None,
) -> Graph:
    """The graph of the resources in the text: a map of logical ids to `Type` and `Properties`."""
    resources = yaml.load(text, _Loader) or {}
    evaluator = _Evaluator(resources, parameters or {})
    graph = Graph(Plain(), RELATORS)
    for address, body in resources.items():
        values = evaluator.value(body.get("Properties") or {})
        kind = body["Type"]
        graph.add(
            Resource(
                address,
                kind,
                kind,
                _Properties(address, values),
                Origin("template.yaml", (address,)),
                region=region,
                account=account,
            )
        )
    return graph


def graph_with(properties: dict[str, tuple[str, dict[str, Value]]]) -> Graph:
    """The graph of resources whose values are given as they are: address -> (kind, properties)."""
    graph = Graph(Plain(), RELATORS)
    for address, (kind, values) in properties.items():
        graph.add(
            Resource(address, kind, kind, _Properties(address, values), Origin("template.yaml", (address,)))
        )
    return graph
