"""Evaluated bodies: arguments, nested blocks in order, and the blocks that `dynamic` generates.

Source: https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.core.value import ABSENT, List, Map, OpenList, OpenMap, Unknown, Value
from stackworthy.sources.terraform.access import Elements, Invalid, Whole, elements
from stackworthy.sources.terraform.expressions import Literal, Traversal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from stackworthy.sources.terraform.engine import Engine
    from stackworthy.sources.terraform.expressions import Scope
    from stackworthy.sources.terraform.syntax import Block, Body

META = frozenset(
    ("count", "for_each", "provider", "providers", "depends_on", "lifecycle", "provisioner", "connection")
)


def settled(value: Value, *, expand: bool = False) -> Value:
    """The value as it leaves the evaluator: nulls absent, and a whole resource or module as unknown.

    With `expand` a whole resource is an open map of what it states, one level deep: resources may refer to each other in circles.
    """
    if isinstance(value, Whole):
        return OpenMap(value.known.items(), value.rest) if expand else value.rest
    if isinstance(value, OpenList):
        return type(value)([settled(item, expand=expand) for item in value.known], value.rest)
    if isinstance(value, OpenMap):
        known = value.known.items()
        return OpenMap(
            [(key, settled(item, expand=expand)) for key, item in known if item is not None], value.rest
        )
    if isinstance(value, list):
        if any(isinstance(item, (list, dict)) or item is None for item in value):
            return type(value)(ABSENT if item is None else settled(item, expand=expand) for item in value)
    elif isinstance(value, dict) and any(
        isinstance(item, (list, dict)) or item is None for item in value.values()
    ):
        return type(value)(
            (key, settled(item, expand=expand)) for key, item in value.items() if item is not None
        )
    return value


class Bodies:
    """Evaluates bodies for one owner, named in messages."""

    __slots__ = ("engine", "owner")

    def __init__(self, engine: Engine, owner: str) -> None:
        self.engine = engine
        self.owner = owner

    def all(self, body: Body, scope: Scope, skip: Collection[str] = ()) -> Map:
        """Everything that the body states."""
        result = Map()
        for name, attribute in body.attributes.items():
            if name not in skip:
                value = self.engine.run(self.owner, name, attribute, scope)
                if isinstance(value, (list, dict)):
                    value = settled(value)
                if value is not None:
                    result[name] = value
        for kind in dict.fromkeys(kinds(body)):
            if kind not in skip:
                nested = self.nested(body, kind, scope)
                if isinstance(nested, OpenList) or nested:
                    result[kind] = nested
        if body.broken:
            return OpenMap(result.items(), Unknown(f"{self.owner} {body.broken}"))
        return result

    def nested(self, body: Body, kind: str, scope: Scope) -> List:
        """The nested blocks of one type, in order; open where a `dynamic` block's elements are not known."""
        items: list[Value] = []
        rest: Unknown | None = None
        for block in body.blocks:
            if block.type == kind and kind != "dynamic":
                items.append(self.all(block.body, scope))
            elif block.type == "dynamic" and block.labels == (kind,):
                for inner, content in self.generated(block, scope):
                    if isinstance(inner, Unknown):
                        rest = inner
                    elif content is not None:
                        items.append(self.all(content.body, inner))
        return List(items) if rest is None else OpenList(items, rest)

    def generated(self, block: Block, scope: Scope) -> Iterator[tuple[Scope | Unknown, Block | None]]:
        """For each block that a `dynamic` block generates, the scope and the content; last, why there may be more."""
        found = self.rounds(block, scope)
        content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
        iterator = iterator_name(block)
        for key, value in found.pairs:
            self.engine.charge(1)
            yield scope.child(**{iterator: Map(key=key, value=value)}), content
        if found.rest is not None:
            yield found.rest, None

    def rounds(self, block: Block, scope: Scope) -> Elements:
        """The elements over which a `dynamic` block goes."""
        attribute = block.body.attributes.get("for_each")
        if attribute is None:
            return Elements([], Invalid(f'the dynamic block "{block.labels[0]}" has no for_each'))
        value = self.engine.run(self.owner, block.labels[0], attribute, scope)
        return elements(value)


def iterator_name(block: Block) -> str:
    """The name that stands for the element inside a `dynamic` block."""
    attribute = block.body.attributes.get("iterator")
    expression = None if attribute is None else attribute.expression
    if isinstance(expression, Traversal):
        return expression.root
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    return block.labels[0]


def kinds(body: Body) -> Iterator[str]:
    """The types of the nested blocks, generated ones included."""
    for block in body.blocks:
        if block.type != "dynamic":
            yield block.type
        elif len(block.labels) == 1:
            yield block.labels[0]
