"""Type constraints of variables: from the expression to the type.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.sources.terraform.calls import Call
from stackworthy.sources.terraform.compiler import parse_expression
from stackworthy.sources.terraform.expressions import (
    Expression,
    Literal,
    Object,
    Scope,
    Traversal,
    Tuple,
)
from stackworthy.sources.terraform.types import (
    ANY,
    PRIMITIVE,
    Attribute,
    Type,
    list_of,
    map_of,
    object_of,
    set_of,
    tuple_of,
)

if TYPE_CHECKING:
    from stackworthy.sources.terraform.syntax import Attribute as Argument

_LEGACY = {"list": list_of(ANY), "map": map_of(ANY), "set": set_of(ANY)}
_COLLECTIONS = {"list": list_of, "set": set_of, "map": map_of}


def variable_type(argument: Argument, scope: Scope) -> Type:
    """The type that a variable's `type` argument writes; `any` where it cannot be read."""
    return _type(argument.expression, scope)


def _type(expression: Expression, scope: Scope) -> Type:
    if isinstance(expression, Traversal) and not expression.steps:
        return PRIMITIVE.get(expression.root) or _LEGACY.get(expression.root, ANY)
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return _quoted(expression.value, scope)
    if not isinstance(expression, Call) or not expression.arguments:
        return ANY
    first = expression.arguments[0]
    if expression.name in _COLLECTIONS:
        return _COLLECTIONS[expression.name](_type(first, scope))
    if expression.name == "tuple" and isinstance(first, Tuple):
        return tuple_of(_type(item, scope) for item in first.items)
    if expression.name == "object" and isinstance(first, Object):
        attributes: dict[str, Attribute | Type] = {}
        for key, value in first.items:
            if isinstance(key, Literal):
                attributes[str(key.value)] = _attribute(value, scope)
        return object_of(attributes)
    return ANY


def _quoted(text: str, scope: Scope) -> Type:
    """A type in quotes: how JSON and old configurations write it."""
    if text in PRIMITIVE or text in _LEGACY:
        return PRIMITIVE.get(text) or _LEGACY[text]
    try:
        expression = parse_expression(text)
    except ValueError:
        return ANY
    return ANY if isinstance(expression, Literal) else _type(expression, scope)


def _attribute(expression: Expression, scope: Scope) -> Attribute:
    if isinstance(expression, Call) and expression.name == "optional" and expression.arguments:
        of = _type(expression.arguments[0], scope)
        given = len(expression.arguments) > 1
        return Attribute(of, True, expression.arguments[1].evaluate(scope) if given else None)
    return Attribute(_type(expression, scope))
