"""Conversions, marks, and what `try` and `can` need.

Source: https://developer.hashicorp.com/terraform/language/functions, "Type conversion functions"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from stackworthy.core.value import NotKnown, Unknown, Value
from stackworthy.sources.terraform.conversions import ConversionError, convert, reason_of
from stackworthy.sources.terraform.functions.contract import Failure, FunctionError, invalid
from stackworthy.sources.terraform.functions.formats import quoted
from stackworthy.sources.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Type,
    list_of,
    map_of,
    set_of,
    type_of,
)


def _converter(to: Type) -> Callable[[Value], Value]:
    wanted = to.kind if to.element is None else f"{to.kind} of any single type"

    def conversion(value: Value) -> Value:
        try:
            return convert(value, to)
        except ConversionError:
            if isinstance(value, str) and to == BOOL:
                only = 'only the strings "true" or "false" are allowed'
                raise invalid("v", f"cannot convert {quoted(value)} to bool; {only}") from None
            if isinstance(value, str) and to == NUMBER:
                only = "given string must be a decimal representation of a number"
                raise invalid("v", f"cannot convert {quoted(value)} to number; {only}") from None
            message = f"cannot convert {type_of(value).friendly()} to {wanted}"
            raise invalid("v", message) from None

    return conversion


def _itself(value: Value) -> Value:
    """`sensitive`, `nonsensitive` and `ephemeralasnull`: marks are not followed."""
    return value


def issensitive(_: Value) -> Value:
    """`issensitive(value)`: marks are not followed."""
    raise NotKnown("whether a value is sensitive is not followed")


def try_(*values: Value) -> Value:
    """`try(expressions...)` of arguments that all have been computed: the first."""
    if not values:
        raise Failure("at least one argument is required")
    return values[0]


def can(_: Value) -> bool:
    """`can(expression)` of an argument that has been computed."""
    return True


def first_success(
    attempts: Iterable[Callable[[], Value]], failures: tuple[type[Exception], ...] = (FunctionError,)
) -> Value:
    """What `try` gives: the value of the first attempt that does not fail.

    An attempt whose value is unknown may still fail, so that the answer is unknown; `failures` are the exceptions that count as failing.
    """
    for attempt in attempts:
        try:
            value = attempt()
        except failures:
            continue
        except NotKnown as error:
            return Unknown(error.reason, f"try({error.reason})")
        if isinstance(value, Unknown):
            return Unknown(value.reason, f"try({value.expression}, …)")
        return value
    raise Failure("no expression succeeded")


def succeeds(attempt: Callable[[], Value], failures: tuple[type[Exception], ...] = (FunctionError,)) -> Value:
    """What `can` gives: whether the attempt does not fail; unknown when its value is."""
    try:
        value = attempt()
    except failures:
        return False
    except NotKnown as error:
        return Unknown(error.reason, f"can({error.reason})")
    if isinstance(value, Unknown):
        return Unknown(reason_of(value), f"can({value.expression})")
    return True


def list_(*_: Value) -> Value:
    """`list(...)`, which Terraform no longer has."""
    raise Failure(
        'the "list" function was deprecated in Terraform v0.12 and is no longer available; use tolist([ ... ]) '
        "syntax to write a literal list",
    )


def map_(*_: Value) -> Value:
    """`map(...)`, which Terraform no longer has."""
    raise Failure(
        'the "map" function was deprecated in Terraform v0.12 and is no longer available; use tomap({ ... }) '
        "syntax to write a literal map",
    )


TABLE: dict[str, Callable[..., Value]] = {
    "can": can,
    "ephemeralasnull": _itself,
    "issensitive": issensitive,
    "list": list_,
    "map": map_,
    "nonsensitive": _itself,
    "sensitive": _itself,
    "tobool": _converter(BOOL),
    "tolist": _converter(list_of(ANY)),
    "tomap": _converter(map_of(ANY)),
    "tonumber": _converter(NUMBER),
    "toset": _converter(set_of(ANY)),
    "tostring": _converter(STRING),
    "try": try_,
}
