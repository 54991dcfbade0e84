"""Indexes of tables that no code queries: each write of an item is paid for once more for each of them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import items, own, word
from stackworthy.core.fix import Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, NotKnown, OpenList, Value, is_stated
from stackworthy.sources.code.handler import Handler, handlers

TABLE, FUNCTION = "AWS::DynamoDB::Table", "AWS::Lambda::Function"
_ASKING = ("dynamodb:Query", "dynamodb:Scan")
_OTHERS = ("AWS::AppSync::DataSource",)


def improvements(graph: Graph) -> list[Improvement]:
    """The indexes that go, for each table whose readers are all code that was read."""
    tables = [table for table in own(graph, TABLE) if any(items(table["GlobalSecondaryIndexes"]))]
    if not tables or graph.of(*_OTHERS):
        return []
    found = handlers(graph)
    if not found or len(found) < len(graph.of(FUNCTION)) or any(handler.program.unread for handler in found):
        return []
    asked = list(_asked(found))
    if None in asked:
        return []
    made = (_of(table, {name for name in asked if name}) for table in tables)
    return [improvement for improvement in made if improvement is not None]


def _asked(found: list[Handler]) -> Iterator[str | None]:
    """The names of the indexes that calls ask; None for a call that may ask any."""
    for handler in found:
        for call in handler.sdk_calls(*_ASKING, init=True):
            node = call.parameters.get("IndexName")
            name = handler.text(node) if node is not None else ""
            if (node is not None and not name) or (node is None and call.is_open):
                yield None
            yield name


def _of(table: Resource, asked: set[str]) -> Improvement | None:
    indexes = [index for index in items(table["GlobalSecondaryIndexes"]) if isinstance(index, Map)]
    unused = [
        index for index in indexes if isinstance(index["IndexName"], str) and index["IndexName"] not in asked
    ]
    if not unused or isinstance(table["GlobalSecondaryIndexes"], OpenList):
        return None
    if table.graph.format != "terraform":
        unused = unused[:1]
    kept = [index for index in indexes if index not in unused]
    names = [index["IndexName"] for index in unused]
    changes: list[Change] = [table.remove(f"GlobalSecondaryIndexes[IndexName={name}]") for name in names]
    if not kept:
        changes = [table.remove("GlobalSecondaryIndexes")]
    try:
        changes += [
            table.remove(f"AttributeDefinitions[AttributeName={name}]") for name in _idle(table, kept, unused)
        ]
    except NotKnown:
        return None
    why = (
        f"no code of this stack queries {', '.join(names)}; each write of an item that has its key is billed once more for each, and so is its storage. "
        "An index comes back by being built anew from the table"
    )
    steps: tuple[str, ...] = (
        "make sure that nothing outside of this stack queries them",
        "code that writes items or attributes only for these indexes can go with them",
    )
    if table.graph.format != "terraform" and len(indexes) - len(kept) == 1:
        steps = (
            *steps,
            "CloudFormation removes one index of a table at a time: run this again after the deployment",
        )
    return Improvement(
        f"Remove indexes of {word(table)} that nothing queries", why, tuple(changes), steps, (table.address,)
    )


def _idle(table: Resource, kept: list[Map], unused: list[Map]) -> list[str]:
    """The attributes that only the unused indexes have as keys: DynamoDB refuses definitions of others."""
    used = set(_keys(table["KeySchema"]))
    for index in kept:
        used |= set(_keys(index["KeySchema"]))
    if is_stated(table["LocalSecondaryIndexes"]):
        for index in table["LocalSecondaryIndexes"]:
            used |= set(_keys(index["KeySchema"]))
    return list(
        dict.fromkeys(name for index in unused for name in _keys(index["KeySchema"]) if name not in used)
    )


def _keys(schema: Value) -> list[str]:
    return [str(key["AttributeName"]) for key in schema]
