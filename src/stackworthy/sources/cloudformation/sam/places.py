"""Where in the author's template a value of a made resource stands, or would stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .expansion import Made, Route
from .merge_globals import PREFIX, REPLACED, SECTIONS

_MISSING = object()


class Place(msgspec.Struct, frozen=True):
    """`route` leads from the top of the author's template; `written` says whether there is a value.

    A value that every resource of a kind gets from `Globals` is `shared`: a change of it touches them all.
    """

    route: Route
    written: bool
    shared: bool = False


def author_place(template: Mapping[str, Any], made: Made, path: str) -> Place:
    """The place of the property `path` ("TracingConfig.Mode", "Policies.0.PolicyDocument") of a made resource.

    Where the property has no place of its own, it is the place of what asked for the resource.
    """
    outside = _longest(made.elsewhere, path)
    if outside is not None:
        return Place(outside, _value(template, outside) is not _MISSING)
    own = _longest(made.properties, path)
    if own is None:
        return Place(made.route, _value(template, made.route) is not _MISSING)
    resource = _value(template, ("Resources", made.by))
    if own[:1] != ("Properties",) or len(own) < 2 or not isinstance(resource, dict):
        route: Route = ("Resources", made.by, *own)
        return Place(route, _value(template, route) is not _MISSING)
    section = _section(resource, own[1])
    stated = resource.get("Properties", _MISSING)
    shared = _value(template, ("Globals", section)) if section else _MISSING
    return _merged_place(own[1:], section or "", shared, ("Resources", made.by, "Properties"), stated)


def _merged_place(path: Route, section: str, shared: Any, start: Route, stated: Any) -> Place:
    """Follow `path` through what `Globals` and the resource state, as the merge of both does."""
    shared_route: Route = ("Globals", section)
    for part in path:
        if isinstance(shared, list) and isinstance(stated, list) and isinstance(part, int):
            if part < len(shared):
                stated = _MISSING
            else:
                shared, part = _MISSING, part - len(shared)
        elif shared is not _MISSING and stated is not _MISSING and type(shared) is not type(stated):
            shared = _MISSING
        shared, shared_route = _value(shared, (part,)), (*shared_route, part)
        stated, start = _value(stated, (part,)), (*start, part)
        if ".".join((section, *map(str, shared_route[2:]))) in REPLACED and stated is not _MISSING:
            shared = _MISSING
    if stated is _MISSING and shared is not _MISSING:
        return Place(shared_route, written=True, shared=True)
    return Place(start, stated is not _MISSING)


def _longest(routes: Mapping[str, Route], path: str) -> Route | None:
    """The longest listed path that fits, with what is below it appended."""
    parts = path.split(".") if path else []
    for length in range(len(parts), -1, -1):
        route = routes.get(".".join(parts[:length]))
        if route is not None:
            return (*route, *(int(part) if part.isdigit() else part for part in parts[length:]))
    return None


def _section(resource: Mapping[str, Any], name: Any) -> str | None:
    """The section of `Globals` that reaches this property of a resource."""
    kind = resource.get("Type")
    section = kind.removeprefix(PREFIX) if isinstance(kind, str) else ""
    ignored = resource.get("IgnoreGlobals")
    if name not in SECTIONS.get(section, ()) or ignored == "*":
        return None
    return None if isinstance(ignored, list) and name in ignored else section


def _value(where: Any, route: Route) -> Any:
    """What a route leads to, `_MISSING` where there is nothing."""
    for part in route:
        here = isinstance(where, dict) and part in where
        if not here and isinstance(where, list) and isinstance(part, int):
            here = 0 <= part < len(where)
        if not here:
            return _MISSING
        where = where[part]
    return where
