"""What differs between two graphs of one stack: resources and top-level properties, origins left aside."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, same


class Difference(msgspec.Struct, frozen=True):
    """A resource that came ("added"), went ("removed"), or has another value of a property ("changed").

    The property "" of a change is the resource's own condition, Region or type.
    """

    what: str
    address: str
    property: str = ""

    def __str__(self) -> str:
        return f"{self.address}{'.' + self.property if self.property else ''} {self.what}"


def differences(before: Graph, after: Graph) -> Iterator[Difference]:
    """Every difference, in the order of the resources."""
    for resource in before:
        other = after.get(resource.address)
        if other is None:
            yield Difference("removed", resource.address)
        else:
            yield from _changes(resource, other)
    for resource in after:
        if before.get(resource.address) is None:
            yield Difference("added", resource.address)


def _changes(one: Resource, other: Resource) -> Iterator[Difference]:
    if (one.kind, one.type, one.region) != (other.kind, other.type, other.region) or not _same_condition(
        one, other
    ):
        yield Difference("changed", one.address)
    before, after = one.all_properties(), other.all_properties()
    for name in dict.fromkeys((*before, *after)):
        if not same(before.get(name, ABSENT), after.get(name, ABSENT)):
            yield Difference("changed", one.address, name)


def _same_condition(one: Resource, other: Resource) -> bool:
    if one.when is None or other.when is None:
        return one.when is other.when
    return (one.when.expression, one.when.holds) == (other.when.expression, other.when.holds)
