"""From properties of the graph back to Terraform's arguments and nested blocks, by the tables that read them.

What comes out is read again and compared: a spelling that does not mean the same is no spelling.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from stackworthy.core.patch import CannotWrite
from stackworthy.core.value import ABSENT, List, Map, Value, same
from stackworthy.sources.terraform.mapping.arguments import to_properties
from stackworthy.sources.terraform.mapping.convert import BLOCKS, CONVERSIONS, wrapped
from stackworthy.sources.terraform.mapping.table import Argument, Spec, target


class Raw(str):
    """An expression that is written as it stands."""

    __slots__ = ()


Native = dict[str, Any]
"""Arguments by name; a nested block is a `Nested`, several of one type a list of them."""


class Nested(dict[str, Any]):
    """The arguments of one nested block."""


class Document:
    """A value that Terraform takes as JSON text."""

    def __init__(self, value: Value) -> None:
        self.value = value


def spelled(spec: Spec, wanted: Map) -> Native:
    """The arguments that state exactly these properties; raises `CannotWrite` when there are none."""
    if not wanted:
        return {}
    tree: Value = wanted
    if spec.into:
        for part in spec.into.split("."):
            tree = _inner(tree, part)
    native = _ordered(spec, _arguments(spec.arguments, tree), wanted) if isinstance(tree, Map) else {}
    if native and same(_without_fixed(spec, to_properties(spec, _readable(native)), wanted), wanted):
        return native
    raise CannotWrite("no arguments of this type state exactly that")


def _ordered(spec: Spec, native: Native, wanted: Map) -> Native:
    """The arguments in the order of the properties that they state."""
    order = {name: index for index, name in enumerate(wanted)}
    places = {name: order.get(target(spec.arguments[name]).to.split(".")[0], 0) for name in native}
    return {name: native[name] for name in sorted(native, key=places.__getitem__)}


def spelled_within(arguments: Mapping[str, str | Argument], wanted: Map) -> Native:
    """The same inside a nested block."""
    return spelled(Spec(arguments=dict(arguments)), wanted)


def written(goal: Argument, value: Value) -> Any:
    """One argument's value in Terraform's spelling."""
    if goal.enum:
        back = {_key(theirs): own for own, theirs in goal.enum.items()}
        if isinstance(value, List):
            value = List(_switch(back.get(_key(item), item)) for item in value)
        elif _key(value) in back:
            value = _switch(back[_key(value)])
    if goal.as_ in ("json", "document", "container-definitions"):
        return Document(CONVERSIONS[goal.as_].write(value))
    return CONVERSIONS[goal.as_].write(value) if goal.as_ else value


def _key(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool)) else repr(value)


def _switch(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _inner(tree: Value, part: str) -> Value:
    if not isinstance(tree, Map):
        return ABSENT
    inner = tree[part.removesuffix("[]")]
    if part.endswith("[]"):
        return inner[0] if isinstance(inner, List) and len(inner) == 1 else ABSENT
    return inner


def _arguments(arguments: Mapping[str, str | Argument], wanted: Map) -> Native:
    made: Native = {}
    covered: set[str] = set()
    for name, entry in arguments.items():
        goal = target(entry)
        if goal.to in covered:
            continue
        value = _at(wanted, goal.to) if goal.to else wanted
        if value is ABSENT:
            continue
        spelling = _one(goal, value)
        if spelling is not None:
            made[name] = spelling
            if goal.to:
                covered.add(goal.to)
    return made


def _at(wanted: Map, path: str) -> Value:
    value: Value = wanted
    for part in path.split("."):
        value = _inner(value, part)
        if value is ABSENT:
            return ABSENT
    return value


def _one(goal: Argument, value: Value) -> Any:
    """The spelling of one argument, None when it cannot state the value."""
    if goal.block is None:
        if not goal.to and not goal.as_:
            return None
        try:
            made = None if goal.key else written(goal, value)
            return _blocks(made) if goal.as_ in BLOCKS else made
        except (TypeError, ValueError, AttributeError, LookupError):
            return None
    if goal.named_by or goal.per:
        return None
    if goal.each:
        if not isinstance(value, List):
            return None
        items = [_arguments(goal.block, item) for item in value if isinstance(item, Map)]
        if "abort_incomplete_multipart_upload" in goal.block:
            items = [_lifecycle_rule(item) for item in items]
        return [Nested(item) for item in items] if items and all(items) else None
    if not isinstance(value, Map):
        return None
    inner = _arguments(goal.block, value)
    if goal.switch:
        inner = {goal.switch: True, **inner}
    return Nested(inner) if inner or not value else None


def _lifecycle_rule(inner: Native) -> Native:
    """A rule of a bucket's lifecycle for all objects says so, as the provider asks for."""
    if inner.keys() & {"filter", "prefix"}:
        return inner
    first = {name: item for name, item in inner.items() if not isinstance(item, (Nested, list))}
    return {**first, "filter": Nested(), **inner}


def _blocks(value: Any) -> Any:
    """Lists of maps as nested blocks."""
    if isinstance(value, List) and value and isinstance(value[0], Map):
        return [Nested({name: _blocks(item) for name, item in part.items()}) for part in value]
    return value


def _readable(native: Native) -> Map:
    """The arguments as the reader takes them."""
    return Map({name: _value(item) for name, item in native.items()})


def _value(item: Any) -> Value:
    if isinstance(item, Nested):
        return List([_readable(item)])
    if isinstance(item, list) and item and isinstance(item[0], Nested):
        return List(_readable(part) for part in item)
    if isinstance(item, Document):
        return item.value
    return item


def _without_fixed(spec: Spec, made: Map, wanted: Map) -> Map:
    """What was read, without properties that the presence of the type states anyhow."""
    for path, value in spec.fixed.items():
        if _at(wanted, path) is ABSENT and same(_at(made, path), wrapped(value)):
            _drop(made, path.split("."))
    return made


def _drop(made: Map, parts: list[str]) -> None:
    inner = dict.get(made, parts[0], ABSENT)
    if len(parts) == 1:
        dict.pop(made, parts[0], None)
    elif isinstance(inner, Map):
        _drop(inner, parts[1:])
        if not inner:
            dict.pop(made, parts[0], None)


@cache
def _required() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((Path(__file__).parent / "required.json").read_bytes())
    return found


def complete(type_: str, label: str, native: Native, prefix: str = "") -> Native:
    """The arguments with a name where the provider asks for one, as the others are named; raises `CannotWrite` when it asks for more."""
    missing = [name for name in _required().get(type_, ()) if name not in native]
    names = [name for name in missing if name == "name" or name.endswith("_name")]
    if missing != names[:1]:
        raise CannotWrite(f"{type_} needs {', '.join(name for name in missing if name not in names[:1])}")
    own = label.replace("_", "-")
    return {**{name: Raw(f'"{prefix}{own}"') if prefix else own for name in names[:1]}, **native}
