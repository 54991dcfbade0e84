"""The graph's vocabulary: documented defaults, and scalars as the schemas type them."""

from __future__ import annotations

from stackworthy.aws.defaults import default
from stackworthy.aws.schemas import Schema, schema
from stackworthy.core.value import ABSENT, List, Map, Partial, Reference, Unknown, Value

_BOOLEANS = {"true": True, "false": False}
_MAPS = frozenset({"object", "map"})
_FREE = frozenset({"json", "any"})


class AwsVocabulary:
    """What AWS documents of its kinds; one instance serves every graph."""

    def default(self, kind: str, path: str, given: str = "") -> Value:
        """The documented value of a property that nobody stated, or `ABSENT`; `given` is the longest part of the path that is."""
        return _wrapped(default(kind, path, given))

    def coerce(self, kind: str, name: str, value: Value) -> Value:
        """The value of a top-level property with its scalars as the kind's schema types them (`"30"` -> 30)."""
        if value is ABSENT:
            return value
        found = schema(kind)
        return value if found is None else _coerced(found, name, value)


VOCABULARY = AwsVocabulary()


def _wrapped(value: Value) -> Value:
    if value is None:
        return ABSENT
    if isinstance(value, dict):
        return Map({key: _wrapped(item) for key, item in value.items()})
    return List(_wrapped(item) for item in value) if isinstance(value, list) else value


def _coerced(found: Schema, path: str, value: Value) -> Value:
    if isinstance(value, (Unknown, Partial, Reference)) or value is ABSENT:
        return value
    kind = found.type_of(path)
    if kind is None or kind in _FREE:
        return value
    if kind == "list":
        return _list(found, path, value)
    if isinstance(value, Map):
        return _map(found, path, value) if kind in _MAPS else _misfit(path, kind)
    if isinstance(value, List):
        return _misfit(path, kind)
    return _scalar(path, kind, value)


def _list(found: Schema, path: str, value: Value) -> Value:
    if not isinstance(value, List):
        return List([_coerced(found, path + "[]", value)])
    below = path + "[]"
    for index, item in enumerate(list.__iter__(value)):
        made = _coerced(found, below, item)
        if made is not item:
            list.__setitem__(value, index, made)
    return value


def _map(found: Schema, path: str, value: Map) -> Value:
    for key in list(dict.keys(value)):
        item = dict.__getitem__(value, key)
        made = _coerced(found, f"{path}.{key}", item)
        if made is not item:
            dict.__setitem__(value, key, made)
    return value


def _scalar(path: str, kind: str, value: Value) -> Value:
    if kind == "string":
        if isinstance(value, str):
            return value
        return ("true" if value else "false") if isinstance(value, bool) else str(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else _BOOLEANS.get(str(value).lower(), _misfit(path, kind))
    if kind in ("integer", "number"):
        if isinstance(value, str):
            return _number(path, kind, value)
        return value if not isinstance(value, bool) else _misfit(path, kind)
    return _misfit(path, kind)


def _number(path: str, kind: str, text: str) -> Value:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return _misfit(path, kind)
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _misfit(path: str, kind: str) -> Unknown:
    return Unknown(f"{path} should be of type {kind}")
