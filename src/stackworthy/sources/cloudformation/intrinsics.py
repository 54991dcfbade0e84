"""What a raw value of a template comes to, as far as it can be known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stackworthy.core.value import ABSENT, List, Map, OpenList, OpenMap, Unknown, Value
from stackworthy.sources.cloudformation import loops
from stackworthy.sources.cloudformation.dynamic import with_dynamic_references
from stackworthy.sources.cloudformation.functions import FUNCTIONS, NO_VALUE, written

if TYPE_CHECKING:
    from stackworthy.sources.cloudformation.scope import Scope

MAX_DEPTH = 120
MAX_VALUES = 2_000_000
_CHARACTERS_PER_VALUE = 64


class Budget:
    """How many values one stack may come to. When it is spent, every further value is unknown, and `report` is told once."""

    __slots__ = ("_report", "left")

    def __init__(self, report: Callable[[str], None] = lambda _: None, values: int = MAX_VALUES) -> None:
        self._report: Callable[[str], None] | None = report
        self.left = values

    def spend_text(self, length: int) -> None:
        """Count the characters of a text that was made."""
        self.left -= length // _CHARACTERS_PER_VALUE

    def refuse(self) -> Unknown:
        """The value of everything beyond the budget."""
        message = f"the stack comes to more than {MAX_VALUES:,} values"
        if self._report is not None:
            self._report(message)
            self._report = None
        return Unknown(message)


class Evaluator:
    """Evaluates raw values in one scope, within the stack's budget."""

    __slots__ = ("budget", "depth", "scope")

    def __init__(self, scope: Scope, budget: Budget) -> None:
        self.scope = scope
        self.budget = budget
        self.depth = 0

    def value(self, raw: Any) -> Value:
        """The value of a raw tree; `ABSENT` for null and for `AWS::NoValue`."""
        value = self.resolve(raw)
        return ABSENT if value is NO_VALUE else value

    def resolve(self, raw: Any) -> Value:
        """Like `value`, but `NO_VALUE` is kept apart, so that its owner can drop it."""
        kind = type(raw)
        if kind is str:
            return with_dynamic_references(raw) if "{{" in raw else raw
        if kind is int or kind is float or kind is bool:
            return raw
        if raw is None:
            return ABSENT
        if kind is not dict and kind is not list:
            return raw if kind is Unknown else Unknown(f"a template cannot hold a {kind.__name__}")
        self.budget.left -= 1
        if self.budget.left < 0:
            return self.budget.refuse()
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                return Unknown(f"nested deeper than {MAX_DEPTH} levels")
            return self._list(raw) if kind is list else self._map(raw)
        finally:
            self.depth -= 1

    def _map(self, raw: dict[str, Any]) -> Value:
        if len(raw) == 1:
            name = next(iter(raw))
            function = FUNCTIONS.get(name)
            if function is not None:
                return function(self, raw[name])
            if name.startswith("Fn::") and not name.startswith(loops.PREFIX):
                return Unknown(f"{name} is not a function that is known here", written(raw))
        value = Map()
        opened: Unknown | None = None
        for name, item in raw.items():
            if name.startswith("Fn::"):
                merged = self._merge(value, name, item)
                opened = opened if merged is None else merged
                continue
            resolved = self.resolve(item)
            if resolved is not NO_VALUE:
                value[name] = resolved
        return OpenMap(value.items(), opened) if opened is not None else value

    def _merge(self, value: Map, name: str, item: Any) -> Unknown | None:
        """Put what a function inside a map stands for into it; the reason when that cannot be known."""
        if name.startswith(loops.PREFIX):
            made = self.scope.expand_loop(name, item)
            resolved = made if isinstance(made, Unknown) else self.resolve(made)
        else:
            resolved = self.resolve({name: item})
        if isinstance(resolved, OpenMap):
            value.update(resolved.known)
            return resolved.rest
        if isinstance(resolved, Map):
            value.update(resolved)
            return None
        if resolved is NO_VALUE or resolved is ABSENT:
            return None
        return resolved if isinstance(resolved, Unknown) else Unknown(f"{name} does not give a map")

    def _list(self, raw: list[Any]) -> Value:
        value = List()
        rest: Unknown | None = None
        for item in raw:
            resolved = self.resolve(item)
            if resolved is NO_VALUE:
                continue
            if isinstance(resolved, Unknown) and may_vanish(item):
                rest = resolved
                continue
            value.append(resolved)
        return OpenList(value, rest) if rest is not None else value


def may_vanish(raw: Any) -> bool:
    """Whether a list's element is a choice between something and nothing."""
    if not (isinstance(raw, dict) and "Fn::If" in raw):
        return False
    branches = raw["Fn::If"]
    return isinstance(branches, list) and any(
        branch == {"Ref": "AWS::NoValue"} or may_vanish(branch) for branch in branches[1:]
    )
