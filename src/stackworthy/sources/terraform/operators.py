"""Terraform's operators, with its conversions, as far as the operands are known.

Source: https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from stackworthy.core.value import NotKnown, Value
from stackworthy.sources.terraform.access import Invalid, described, undecided
from stackworthy.sources.terraform.bounds import survey
from stackworthy.sources.terraform.conversions import ConversionError, equal, to_bool, to_number
from stackworthy.sources.terraform.numbers import calculate
from stackworthy.sources.terraform.types import is_unknown

ARITHMETIC = frozenset("+-*/%")
COMPARISONS = frozenset(("<", "<=", ">", ">="))


def binary(operator: str, left: Value, right: Value) -> Value:
    """`left operator right`."""
    if isinstance(left, Invalid):
        return left
    if isinstance(right, Invalid):
        return right
    try:
        if operator in ("==", "!="):
            return _equality(operator, left, right)
        if operator in ("&&", "||"):
            return _logic(operator, to_bool(left), to_bool(right))
        return _numeric(operator, to_number(left), to_number(right))
    except ConversionError as error:
        return Invalid(f"an operand of {operator} does not fit: {error}")
    except NotKnown as error:
        return Invalid(error.reason)


def _equality(operator: str, left: Value, right: Value) -> Value:
    survey(left)
    survey(right)
    answer = equal(left, right)
    if answer is None:
        unknown = left if _unsure(left) else right
        return undecided(unknown, f"{described(left)} {operator} {described(right)}")
    return answer == (operator == "==")


def _unsure(value: Value) -> bool:
    return survey(value)[1] is not None


def _logic(operator: str, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return Invalid(f"an operand of {operator} is null")
    decisive = operator == "||"
    if left is decisive or right is decisive:
        return decisive
    for side in (left, right):
        if is_unknown(side):
            return undecided(side, f"{described(left)} {operator} {described(right)}")
    return not decisive


def _numeric(operator: str, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return Invalid(f"an operand of {operator} is null")
    for side in (left, right):
        if is_unknown(side):
            return undecided(side, f"{described(left)} {operator} {described(right)}")
    if operator in ARITHMETIC:
        try:
            return calculate(operator, left, right)
        except ZeroDivisionError:
            return Invalid("a number is divided by zero")
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right if operator == ">" else left >= right)


def unary(operator: str, operand: Value) -> Value:
    """`-operand` or `!operand`."""
    if isinstance(operand, Invalid):
        return operand
    if operand is None:
        return Invalid(f"the operand of {operator} is null")
    try:
        value = to_bool(operand) if operator == "!" else to_number(operand)
        if is_unknown(value):
            return undecided(value, f"{operator}{described(value)}")
        return not value if operator == "!" else calculate("-", 0, value)
    except ConversionError as error:
        return Invalid(f"the operand of {operator} does not fit: {error}")
    except NotKnown as error:
        return Invalid(error.reason)
