"""Walks inside one expression, to the part of a value that a route leads to.

Into the element of an object or list, the side of a conditional that was chosen, the argument that `merge` took a key from, the body
of a loop with its names bound to one element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from stackworthy.core.origin import Origin, Route
from stackworthy.core.value import NotKnown, Unknown, Value
from stackworthy.sources.terraform.access import ResourceValue, elements, invalid_inside
from stackworthy.sources.terraform.calls import Call
from stackworthy.sources.terraform.expressions import (
    Conditional,
    Expression,
    For,
    Literal,
    Object,
    Scope,
    Tuple,
    key_text,
)

if TYPE_CHECKING:
    from stackworthy.sources.terraform.module import Module

CALL = "()"
YES, NO, ROUNDS = "?", ":", "for"
"""Steps of a file's route that are no keys: the argument of a call (with its number), the sides of a conditional, the body of a for."""

_TRANSPARENT = frozenset(
    (
        "jsonencode",
        "yamlencode",
        "tolist",
        "tomap",
        "sensitive",
        "nonsensitive",
        "tostring",
        "tonumber",
        "tobool",
    )
)
_FIRST_OF = frozenset(("try", "coalesce", "coalescelist"))


class Binding(msgspec.Struct, frozen=True):
    """What a name stands for that means one element: the collection (where it stands), and the element's key."""

    collection: Spot
    key: str | int
    fields: bool
    """Whether the name has `.key` and `.value` (`each`, iterators), or is the element itself (the names of a for)."""


class Spot(msgspec.Struct, frozen=True):
    """An expression, where it stands, what its names mean, and the route to go on inside its value."""

    expression: Expression
    scope: Scope
    module: Module
    file: str
    place: Route
    rest: Route
    bindings: tuple[tuple[str, Binding], ...] = ()

    @property
    def origin(self) -> Origin:
        """The place as an origin."""
        return Origin(self.file, self.place)

    def bound(self, name: str) -> Binding | None:
        """What a local name stands for."""
        return next((binding for bound, binding in reversed(self.bindings) if bound == name), None)

    def inside(self, expression: Expression, *steps: str | int, rest: Route) -> Spot:
        """The spot of a part of the expression."""
        return msgspec.structs.replace(self, expression=expression, place=(*self.place, *steps), rest=rest)


def descend(spot: Spot) -> Spot:
    """The spot of the part that the rest of the route leads to, as far as it stands in the same expression."""
    for _ in range(200):
        step = _DESCENTS.get(type(spot.expression))
        inner = None if step is None else step(spot, spot.expression)
        if inner is None:
            return spot
        spot = inner
    return spot


def _into_object(spot: Spot, expression: Any) -> Spot | None:
    if not spot.rest:
        return None
    wanted = str(spot.rest[0])
    for key, value in reversed(expression.items):
        if evaluated(key, spot.scope, as_key=True) == wanted:
            return spot.inside(value, wanted, rest=spot.rest[1:])
    return None


def _into_tuple(spot: Spot, expression: Any) -> Spot | None:
    if not spot.rest or not isinstance(spot.rest[0], int) or not 0 <= spot.rest[0] < len(expression.items):
        return None
    return spot.inside(expression.items[spot.rest[0]], spot.rest[0], rest=spot.rest[1:])


def _into_conditional(spot: Spot, expression: Any) -> Spot | None:
    condition = expression.decide(spot.scope)
    if condition is True:
        return spot.inside(expression.yes, YES, rest=spot.rest)
    return spot.inside(expression.no, NO, rest=spot.rest) if condition is False else None


def _into_call(spot: Spot, expression: Any) -> Spot | None:
    arguments = expression.arguments
    if not arguments or expression.expand:
        return None
    chosen: int | None = None
    rest = spot.rest
    if expression.name in _TRANSPARENT:
        chosen = 0
    elif expression.name in _FIRST_OF:
        chosen = next((at for at, item in enumerate(arguments) if _chosen(expression.name, item, spot)), None)
    elif expression.name == "merge" and rest:
        chosen = _merged(arguments, str(rest[0]), spot)
    elif expression.name == "concat" and rest and isinstance(rest[0], int):
        chosen, rest = _concatenated(arguments, rest[0], rest[1:], spot)
    elif expression.name == "one":
        chosen, rest = 0, (0, *rest)
    elif expression.name == "lookup" and len(arguments) > 1:
        key = evaluated(arguments[1], spot.scope, as_key=True)
        found = evaluated(arguments[0], spot.scope)
        if isinstance(key, str) and isinstance(found, dict):
            there = dict.__contains__(found, key)
            chosen, rest = (0, (key, *rest)) if there else (2 if len(arguments) > 2 else None, rest)
    if chosen is None:
        return None
    return spot.inside(arguments[chosen], CALL, chosen, rest=rest)


def evaluated(expression: Expression, scope: Scope, *, as_key: bool = False) -> Value:
    """The value of an expression; with `as_key` the string that it is as a key, None when it is none."""
    if isinstance(expression, Literal):
        value = expression.value
    else:
        value = scope.engine.evaluate("", "", expression, scope, None)
    if not as_key:
        return value
    text = key_text(value)
    return text if isinstance(text, str) else None


def _chosen(name: str, argument: Expression, spot: Spot) -> bool:
    value = evaluated(argument, spot.scope)
    try:
        if name == "try":
            return invalid_inside(value) is None
    except NotKnown:
        return False
    if name == "coalescelist":
        return isinstance(value, list) and bool(list.__len__(value))
    return value is not None and not (isinstance(value, str) and value == "")


def _merged(arguments: tuple[Expression, ...], key: str, spot: Spot) -> int | None:
    for position in range(len(arguments) - 1, -1, -1):
        value = evaluated(arguments[position], spot.scope)
        if isinstance(value, ResourceValue) or (isinstance(value, dict) and dict.__contains__(value, key)):
            return position
        if isinstance(value, Unknown):
            return None
    return None


def _concatenated(
    arguments: tuple[Expression, ...], index: int, rest: Route, spot: Spot
) -> tuple[int | None, Route]:
    for position, argument in enumerate(arguments):
        value = evaluated(argument, spot.scope)
        found = elements(value)
        if found.rest is not None or not isinstance(value, list):
            return None, rest
        if index < len(found.pairs):
            return position, (index, *rest)
        index -= len(found.pairs)
    return None, rest


def _into_for(spot: Spot, expression: Any) -> Spot | None:
    """The body of a for expression, with its names bound to the element that the route leads to."""
    if not spot.rest or expression.group:
        return None
    wanted = spot.rest[0]
    found = elements(evaluated(expression.collection, spot.scope))
    if found.rest is not None:
        return None
    for position, (inner, admitted, key) in enumerate(expression.rounds(found, spot.scope)):
        if admitted is not True:
            return None
        if expression.key is not None:
            here = evaluated(expression.key, inner, as_key=True) == str(wanted)
        else:
            here = position == wanted
        if here:
            scope = Scope(inner.module, inner.engine, dict(inner.names or {}))
            collection = spot.inside(expression.collection, ROUNDS, 0, rest=())
            bindings = spot.bindings
            if isinstance(key, (str, int)):
                bindings = (*bindings, (expression.names[-1], Binding(collection, key, False)))
            body = spot.inside(expression.body, ROUNDS, 1, rest=spot.rest[1:])
            return msgspec.structs.replace(body, scope=scope, bindings=bindings)
    return None


_DESCENTS: dict[type, Any] = {
    Object: _into_object,
    Tuple: _into_tuple,
    Conditional: _into_conditional,
    Call: _into_call,
    For: _into_for,
}


def part(expression: Expression, route: Route) -> tuple[Expression, Expression | None, Route]:
    """The part of an expression that a file's route leads to, its key in an object, and what of the route is left."""
    key: Expression | None = None
    while route:
        inner = _part(expression, route)
        if inner is None:
            break
        expression, key, route = inner
    return expression, key, route


def _part(expression: Expression, route: Route) -> tuple[Expression, Expression | None, Route] | None:
    first = route[0]
    number = route[1] if len(route) > 1 and isinstance(route[1], int) else -1
    if isinstance(expression, Object):
        for key, value in reversed(expression.items):
            if isinstance(key, Literal) and str(key.value) == first:
                return value, key, route[1:]
    elif isinstance(expression, Tuple):
        if isinstance(first, int) and 0 <= first < len(expression.items):
            return expression.items[first], None, route[1:]
    elif isinstance(expression, Conditional) and first in (YES, NO):
        return (expression.yes if first == YES else expression.no), None, route[1:]
    elif isinstance(expression, Call) and first == CALL and 0 <= number < len(expression.arguments):
        return expression.arguments[number], None, route[2:]
    elif isinstance(expression, For) and first == ROUNDS and number in (0, 1):
        return (expression.body if number else expression.collection), None, route[2:]
    return None
