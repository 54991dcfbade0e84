"""Values of a resolved configuration whose type nobody has checked: asked for by shape, never trusted."""

from __future__ import annotations

import json
from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.value import Unknown

MISSING: Any = object()


def as_map(value: Any) -> dict[str, Any]:
    """The map, empty for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The list; a single value is a list of itself, nothing is an empty one."""
    if isinstance(value, list):
        return value
    return [] if value is None or isinstance(value, Unknown) else [value]


def as_text(value: Any, otherwise: str = "") -> str:
    """The text, a number as text; something else for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else otherwise


def is_set(value: Any) -> bool:
    """Whether JavaScript takes the value for true; what is not known counts as set."""
    if isinstance(value, Unknown):
        return True
    return value is not None and value is not False and value != 0 and value != ""


def first(*values: Any) -> Any:
    """The first value that is set, else None."""
    return next((value for value in values if is_set(value)), None)


def get(value: Any, *names: str | int) -> Any:
    """What stands below a value, None where there is nothing; unknown below the unknown."""
    for name in names:
        if isinstance(value, Unknown):
            return value
        value = below(value, name)
        if value is MISSING:
            return None
    return value


def below(value: Any, name: str | int) -> Any:
    """The entry of a map or list, `MISSING` where there is none."""
    if isinstance(value, dict):
        return value.get(name, MISSING) if isinstance(name, (str, int)) else MISSING
    if isinstance(value, list) and isinstance(name, int) and 0 <= name < len(value):
        return value[name]
    return MISSING


def at(value: Any, route: Route) -> Any:
    """What a route leads to, `MISSING` where it ends before."""
    for name in route:
        value = below(value, name)
        if value is MISSING:
            return MISSING
    return value


def text(*pieces: Any) -> Any:
    """The text that pieces make: a string, or a join where one of them is known at deployment only."""
    made: list[Any] = []
    for piece in pieces:
        for part in _joined(piece) or [piece]:
            if isinstance(part, (int, float)) and not isinstance(part, bool):
                part = str(part)
            if isinstance(part, str) and made and isinstance(made[-1], str):
                made[-1] += part
            else:
                made.append(part)
    if len(made) == 1 and isinstance(made[0], str):
        return made[0]
    return {"Fn::Join": ["", made]}


def _joined(piece: Any) -> list[Any] | None:
    """The pieces of a join without a separator; None for anything else."""
    argument = piece.get("Fn::Join") if isinstance(piece, dict) and len(piece) == 1 else None
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[1], list):
        return None
    return argument[1] if isinstance(argument[0], str) and argument[0] == "" else None


def json_text(value: Any) -> Any:
    """A value as JSON text; unknown where something in it is."""
    unknown = first_unknown(value)
    return unknown if unknown is not None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def first_unknown(value: Any) -> Unknown | None:
    """The first value below that is not known."""
    if isinstance(value, Unknown):
        return value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in items:
        found = first_unknown(item)
        if found is not None:
            return found
    return None


def merged(*maps: Any) -> Any:
    """Maps laid over each other, later ones win; unknown where one of them is."""
    found: dict[str, Any] = {}
    for one in maps:
        if isinstance(one, Unknown):
            return one
        found.update(as_map(one))
    return found


def tag_list(tags: Any) -> Any:
    """A map of tags as CloudFormation's list; None for none."""
    if isinstance(tags, Unknown):
        return tags
    return [{"Key": key, "Value": value} for key, value in as_map(tags).items()] or None
