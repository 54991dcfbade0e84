"""Function calls as expressions; `try` and `can` are here because they decide what is evaluated.

Source: https://developer.hashicorp.com/terraform/language/expressions/function-calls
"""

from __future__ import annotations

from stackworthy.core.value import List, OpenList, OpenMap, Unknown, Value
from stackworthy.sources.terraform.access import (
    Invalid,
    described,
    elements,
    index,
    invalid_inside,
    shortened,
    undecided,
)
from stackworthy.sources.terraform.bounds import survey
from stackworthy.sources.terraform.conversions import first_unknown
from stackworthy.sources.terraform.expressions import Expression, Scope
from stackworthy.sources.terraform.functions import FunctionError, call


class Call(Expression):
    """A function call; `expand` says that the last argument is a list of arguments."""

    __slots__ = ("arguments", "expand", "name")

    def __init__(self, name: str, arguments: tuple[Expression, ...], expand: bool) -> None:
        self.name = name
        self.arguments = arguments
        self.expand = expand

    def evaluate(self, scope: Scope) -> Value:
        """The function's answer."""
        if self.name == "try":
            return self._first_valid(scope)
        if self.name == "can":
            return self._can(scope)
        values = [argument.evaluate(scope) for argument in self.arguments]
        if self.expand and values:
            last = values.pop()
            found = elements(last)
            if found.rest is not None or (found.scattered and len(found.pairs) > 1 and _unsure(last)):
                return undecided(found.rest, f"{self.name}({described(last)}...)")
            values.extend(value for _, value in found.pairs)
        for value in values:
            if isinstance(value, Invalid):
                return value
            if isinstance(value, (list, dict)):
                scope.engine.charge(1 + survey(value)[0] // 20)
        if len(values) == 3:
            if self.name == "slice" and isinstance(values[0], Unknown):
                return _slice(*values)
            if self.name == "lookup" and _empty(values[0]):
                return values[2]
        own = scope.module.functions.get(self.name)
        if own is not None:
            return own(values)
        try:
            result = call(self.name, values, files=scope.module.files, render=scope.module.render)
        except FunctionError as error:
            return Invalid(str(error))
        if isinstance(result, (list, dict, str)):
            scope.engine.charge(len(result) // 20 if not isinstance(result, (OpenList, OpenMap)) else 1)
        return result

    def _first_valid(self, scope: Scope) -> Value:
        error: Value = Invalid("no argument of try succeeds")
        for argument in self.arguments:
            value = argument.evaluate(scope)
            error = invalid_inside(value)
            if error is None:
                return value
        return error

    def _can(self, scope: Scope) -> Value:
        value = self.arguments[0].evaluate(scope) if self.arguments else Invalid("can needs an argument")
        if invalid_inside(value) is not None:
            return False
        if isinstance(value, Unknown):
            return Unknown(value.reason, shortened(f"can({value.expression})"))
        return True


def _empty(value: Value) -> bool:
    """Whether it is a map in which no key is found, whichever it is."""
    return isinstance(value, dict) and not isinstance(value, OpenMap) and not value


def _slice(value: Value, start: Value, end: Value) -> Value:
    """A piece of a list that is not known: it has that many elements, or Terraform refuses it."""
    if type(start) is int and type(end) is int and 0 <= start <= end <= start + 100:
        return List(index(value, position) for position in range(start, end))
    return undecided(value, f"slice({described(value)}, {described(start)}, {described(end)})")


def _unsure(value: Value) -> bool:
    return first_unknown(value) is not None
