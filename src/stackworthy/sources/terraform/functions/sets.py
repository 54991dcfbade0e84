"""Functions of sets.

Source: https://developer.hashicorp.com/terraform/language/functions/setproduct and its neighbours
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

from stackworthy.core.value import List, NotKnown, OpenList, Value
from stackworthy.sources.terraform.bounds import check_elements
from stackworthy.sources.terraform.conversions import (
    ConversionError,
    cause_of,
    convert,
    first_unknown,
    freeze,
    length_of,
    make_set,
    reason_of,
    unify,
)
from stackworthy.sources.terraform.functions.contract import Failure, invalid
from stackworthy.sources.terraform.types import ScatteredList, TfList, TfSet, is_unknown, set_of, type_of


def _aligned(sets: tuple[Value, ...]) -> list[Value]:
    """The sets converted to one element type; unknown ones stay."""
    common = unify([type_of(item) for items in sets for item in _members(items)])
    if common is None:
        raise Failure("given sets must all have compatible element types")
    return [convert(items, set_of(common)) for items in sets]


def _members(items: Value) -> list[Value]:
    if isinstance(items, OpenList):
        return items.known
    return [] if is_unknown(items) else items


def _is_open(items: Value) -> bool:
    return not isinstance(items, TfSet) or first_unknown(items) is not None


def setunion(*sets: Value) -> Value:
    """`setunion(sets...)`: with unknown sets, at least the elements of the others."""
    aligned = _aligned(sets)
    items = make_set(item for one in aligned for item in _members(one))
    check_elements(len(items))
    cause = next((one for one in aligned if not isinstance(one, TfSet)), None)
    return items if cause is None else ScatteredList(items, cause_of(cause))


def setintersection(*sets: Value) -> Value:
    """`setintersection(sets...)`: with unknown elements, at least what all are known to hold."""
    aligned = _aligned(sets)
    held = [{freeze(item) for item in _members(one)} for one in aligned]
    shared = [item for item in _members(aligned[0]) if all(freeze(item) in keys for keys in held)]
    empty = any(isinstance(one, TfSet) and not one for one in aligned)
    cause = next((one for one in aligned if _is_open(one)), None)
    if cause is None or empty:
        return make_set(shared)
    return ScatteredList(shared, cause_of(cause))


def setsubtract(one: Value, other: Value) -> Value:
    """`setsubtract(a, b)`: what is not known in `a` may be in `b`."""
    first, second = _aligned((one, other))
    if isinstance(first, TfSet) and not first:
        return first
    if _is_open(second):
        raise NotKnown(reason_of(second))
    taken = {freeze(item) for item in second}
    left = [
        item
        for item in _members(first)
        if freeze(item) not in taken and (not taken or first_unknown(item) is None)
    ]
    if (_is_open(first) and taken) or not isinstance(first, TfSet):
        return ScatteredList(left, cause_of(first))
    return make_set(left)


def setproduct(*sets: Value) -> Value:
    """`setproduct(sets...)`: a list of tuples if all are lists or tuples, else a set."""
    if len(sets) < 2:
        raise Failure("at least two arguments are required")
    columns: list[list[Value]] = []
    for items in sets:
        if not (isinstance(items, list) or is_unknown(items)):
            raise invalid("sets", "a set or a list is required")
        if length_of(items) is None:
            raise NotKnown(reason_of(items))
        columns.append(_column(items))
    check_elements(math.prod(len(column) for column in columns) * len(columns))
    rows = (List(row) for row in itertools.product(*columns))
    return make_set(rows) if any(isinstance(items, TfSet) for items in sets) else TfList(rows)


def _column(items: list[Value]) -> list[Value]:
    common = unify([type_of(item) for item in items])
    if common is None:
        raise invalid("sets", "all elements must be of the same type")
    try:
        return [convert(item, common) for item in items]
    except ConversionError as error:
        raise invalid("sets", str(error)) from None


TABLE: dict[str, Callable[..., Value]] = {
    "setintersection": setintersection,
    "setproduct": setproduct,
    "setsubtract": setsubtract,
    "setunion": setunion,
}
