"""The graph's vocabulary: documented defaults, and scalars as the schemas type them."""

from __future__ import annotations

from stackworthy.aws.defaults import default
from stackworthy.aws.schemas import Schema, schema
from stackworthy.core.value import ABSENT, List, Map, OpenList, OpenMap, Value

_BOOLEANS = {"true": True, "false": False}
_COMPOSITE = frozenset({"object", "list", "map", "any", None})


class AwsVocabulary:
    """What AWS documents of its kinds; one instance serves every graph."""

    def default(self, kind: str, path: str) -> Value:
        """The documented value of a property that nobody stated, or `ABSENT`."""
        value = default(kind, path)
        if value is None:
            return ABSENT
        return List(value) if isinstance(value, list) else value

    def coerce(self, kind: str, name: str, value: Value) -> Value:
        """The value of a top-level property with its scalars as the kind's schema types them (`"30"` -> 30)."""
        if value is ABSENT:
            return value
        found = schema(kind)
        return value if found is None else _coerced(found, name, value)


VOCABULARY = AwsVocabulary()


def _coerced(found: Schema, path: str, value: Value) -> Value:
    if isinstance(value, str):
        return (
            _scalar(found, path, value)
            if value and (value[0] in "0123456789+-." or len(value) < 6)
            else value
        )
    if isinstance(value, (bool, int, float)):
        if found.type_of(path) == "string":
            return ("true" if value else "false") if isinstance(value, bool) else str(value)
        return value
    if isinstance(value, Map):
        if found.type_of(path) not in _COMPOSITE:
            return value
        entries = value.known if isinstance(value, OpenMap) else value
        for key, item in entries.items():
            made = _coerced(found, f"{path}.{key}", item)
            if made is not item:
                dict.__setitem__(value, key, made)
    elif isinstance(value, List):
        below = path + "[]"
        items = value.known if isinstance(value, OpenList) else value
        for index, item in enumerate(items):
            made = _coerced(found, below, item)
            if made is not item:
                list.__setitem__(value, index, made)
    return value


def _scalar(found: Schema, path: str, text: str) -> Value:
    kind = found.type_of(path)
    if kind == "boolean":
        return _BOOLEANS.get(text.lower(), text)
    if kind in ("integer", "number"):
        try:
            return int(text)
        except ValueError:
            pass
        try:
            return float(text) if kind == "number" or float(text) != int(float(text)) else int(float(text))
        except (ValueError, OverflowError):
            return text
    return text
