"""Functions of maps and objects whose values, or some of whose keys, need not be known.

Source: https://developer.hashicorp.com/terraform/language/functions, "Collection functions"
"""

from __future__ import annotations

from collections.abc import Callable

from stackworthy.core.value import List, Map, NotKnown, OpenList, OpenMap, Unknown, Value
from stackworthy.sources.terraform.bounds import check_elements
from stackworthy.sources.terraform.conversions import (
    ConversionError,
    cause_of,
    convert,
    length_of,
    reason_of,
)
from stackworthy.sources.terraform.functions.contract import Failure, invalid
from stackworthy.sources.terraform.functions.pieces import known_text
from stackworthy.sources.terraform.types import (
    ScatteredList,
    TfList,
    TfMap,
    TfSet,
    Type,
    is_unknown,
    type_of,
)


def _sorted_keys(value: dict[str, Value]) -> list[str]:
    return sorted(dict.keys(value))


def keys(value: Value) -> Value:
    """`keys(inputMap)`: sorted; of a map that may have more, those that it has."""
    if is_unknown(value):
        raise NotKnown(reason_of(value))
    if not isinstance(value, dict):
        raise invalid("inputMap", "must have map or object type")
    names = _sorted_keys(value)
    if isinstance(value, OpenMap):
        return ScatteredList(names, value.rest)
    return TfList(names) if isinstance(value, TfMap) else List(names)


def values(value: Value) -> Value:
    """`values(mapping)`: in the order of the keys."""
    if is_unknown(value):
        raise NotKnown(reason_of(value))
    if not isinstance(value, dict):
        raise Failure("values() requires a map as the first argument")
    items = [value[name] for name in _sorted_keys(value)]
    if isinstance(value, OpenMap):
        return ScatteredList(items, value.rest)
    return TfList(items) if isinstance(value, TfMap) else List(items)


def lookup(value: Value, key: Value, *default: Value) -> Value:
    """`lookup(inputMap, key, default)`."""
    if len(default) > 1:
        raise Failure(f"lookup() takes two or three arguments, got {len(default) + 2}")
    if is_unknown(value):
        raise NotKnown(reason_of(value))
    if not isinstance(value, dict):
        raise invalid("inputMap", "lookup() requires a map as the first argument")
    name = known_text(key)
    otherwise = _default(value, default[0]) if default else None
    if dict.__contains__(value, name):
        return value[name]
    if isinstance(value, OpenMap):
        found = value[name]
        if found is value.rest:
            raise NotKnown(value.rest.reason)
        return found
    if default:
        return otherwise
    if isinstance(value, TfMap):
        raise Failure(f'lookup failed to find key "{name}"')
    raise invalid("inputMap", f'the given object has no attribute "{name}"')


def _default(value: dict[str, Value], default: Value) -> Value:
    if not isinstance(value, TfMap):
        return default
    try:
        return convert(default, type_of(value).of)
    except ConversionError:
        raise invalid("default", "the default value must have the same type as the map elements") from None


def merge(*maps: Value) -> Value:
    """`merge(maps...)`: later ones win; what an unknown map may hold or replace is not known."""
    for value in maps:
        if not (value is None or is_unknown(value) or isinstance(value, dict)):
            got = type_of(value).friendly()
            raise Failure(f'arguments must be maps or objects, got "{got}"')
    merged: dict[str, Value] = {}
    rest: Unknown | None = None
    for value in maps:
        if value is None:
            continue
        if isinstance(value, dict) and not isinstance(value, OpenMap):
            merged.update(value)
            continue
        rest = cause_of(value) if rest is None else rest
        merged = {key: _hidden(value, key) for key in merged}
        if isinstance(value, OpenMap):
            merged.update(value.known)
    check_elements(len(merged))
    if rest is not None:
        return OpenMap(merged.items(), rest)
    given = [value for value in maps if value is not None]
    return TfMap(merged) if given and _one_map_type(given) else Map(merged)


def _hidden(over: Value, key: str) -> Unknown:
    """The value of a key that an unknown map may have replaced."""
    cause = cause_of(over)
    return Unknown(cause.reason, f'merge({cause.expression})["{key}"]')


def _at(items: Value, position: int) -> Unknown:
    cause = cause_of(items)
    return Unknown(cause.reason, f"{cause.expression}[{position}]")


def _one_map_type(maps: list[Value]) -> bool:
    types: list[Type] = []
    for value in maps:
        if not isinstance(value, TfMap):
            return False
        type_ = type_of(value)
        if type_.of.kind != "any" and type_ not in types:
            types.append(type_)
    return len(types) < 2


def zipmap(names: Value, items: Value) -> Value:
    """`zipmap(keys, values)`: a map of a list of values, an object of a tuple."""
    if not (isinstance(items, list) or is_unknown(items)) or isinstance(items, TfSet):
        raise Failure("values argument must be a list or tuple value")
    if not isinstance(names, list) or isinstance(names, OpenList):
        raise NotKnown(reason_of(names))
    for position, name in enumerate(names):
        if name is None:
            raise Failure(f"keys list has null value at index {position}")
    known = [known_text(name) for name in names]
    count = length_of(items)
    if count is None:
        if is_unknown(items):
            return Map((name, _at(items, position)) for position, name in enumerate(known))
        return Map((name, items[position]) for position, name in enumerate(known))
    if count != len(known):
        raise Failure(f"number of keys ({len(known)}) does not match number of values ({count})")
    pairs = zip(known, items, strict=True)
    return TfMap(pairs) if isinstance(items, TfList) else Map(pairs)


def transpose(value: Value) -> Value:
    """`transpose(values)`: which keys each element of the lists stands under."""
    if is_unknown(value):
        raise NotKnown(reason_of(value))
    made: dict[str, list[str]] = {}
    total = 0
    for name in _sorted_keys(value):
        items = value[name]
        if items is None:
            raise Failure("input must not contain null list")
        if is_unknown(items):
            raise NotKnown(reason_of(items))
        for item in items:
            if item is None:
                raise Failure("input list must not contain null string")
            total += 1
            check_elements(total)
            made.setdefault(known_text(item), []).append(name)
    if isinstance(value, OpenMap):
        raise NotKnown(value.rest.reason)
    return TfMap((name, TfList(made[name])) for name in sorted(made))


TABLE: dict[str, Callable[..., Value]] = {
    "keys": keys,
    "lookup": lookup,
    "merge": merge,
    "transpose": transpose,
    "values": values,
    "zipmap": zipmap,
}
