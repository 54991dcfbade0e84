"""Templates nested in a template: what is passed to them, and the order in which they can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.value import Value
from stackworthy.sources.cloudformation.circles import names_needed
from stackworthy.sources.cloudformation.scope import Scope, section

KIND = "AWS::CloudFormation::Stack"


class Passed(Mapping[str, Value]):
    """The parameters that a template passes to a nested one, evaluated when asked for."""

    def __init__(self, scope: Scope, name: str, body: Mapping[str, Any]) -> None:
        self._scope = scope
        self._name = name
        self._raw = section(section(body, "Properties"), "Parameters")

    def __getitem__(self, name: str) -> Value:
        return self._scope.value(self._raw[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def stated(self, name: str) -> tuple[Scope, Route, Any]:
        """Where a parameter's value is stated: the scope around, the route in its template, the raw value."""
        return self._scope, ("Resources", self._name, "Properties", "Parameters", name), self._raw[name]


def in_order(scope: Scope, bodies: Mapping[str, Any]) -> list[str]:
    """The nested stacks of a template, each after those whose outputs it is given."""
    stacks = {name: body for name, body in bodies.items() if body.get("Type") == KIND}
    ordered: dict[str, None] = {}
    for start in stacks:
        pending = [start]
        opened: set[str] = set()
        while pending:
            name = pending[-1]
            before = [
                other
                for other in names_needed(scope, section(stacks[name], "Properties").get("Parameters"))
                if other in stacks and other not in ordered and other not in opened
            ]
            if name in opened or not before:
                pending.pop()
                ordered[name] = None
            else:
                opened.add(name)
                pending.extend(before)
    return list(ordered)
