"""Changes of one fix made ready for a writer: sets below a parent that is not there yet become one set of that parent."""

from __future__ import annotations

from collections.abc import Sequence

from stackworthy.core.fix import Allow, Change, Set
from stackworthy.core.path import Path, Selector, parse, unparse
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, Value


def consolidated(changes: Sequence[Change]) -> list[Change]:
    """The changes with each `Set` at the first part of its path that nobody states yet, those of one place merged.

    What is granted to one principal is granted at once, where its last grant stands: all that it refers to is added before.
    """
    made: list[Change] = []
    changes = _granted_at_once(changes)
    places: dict[tuple[str, str], int] = {}
    for change in changes:
        if not isinstance(change, Set):
            made.append(change)
            continue
        path, value = _rooted(change.resource, change.path, change.value)
        key = (change.resource.address, path)
        at = places.get(key)
        if at is None:
            places[key] = len(made)
            made.append(Set(change.resource, path, value))
        else:
            before = made[at]
            assert isinstance(before, Set)
            made[at] = Set(change.resource, path, _merged(before.value, value))
    return made


def _granted_at_once(changes: Sequence[Change]) -> list[Change]:
    grants: dict[str, list[Allow]] = {}
    for change in changes:
        if isinstance(change, Allow):
            grants.setdefault(change.principal.address, []).append(change)
    made: list[Change] = []
    for change in changes:
        if not isinstance(change, Allow):
            made.append(change)
        elif change is grants[change.principal.address][-1]:
            first, *rest = [grant for one in grants[change.principal.address] for grant in one.grants]
            made.append(Allow(change.principal, *first, tuple(rest)))
    return made


def _rooted(resource: Resource, path: str, value: Value) -> tuple[str, Value]:
    """The path up to its first part that is not stated, and the value with the rest of the path around it."""
    segments = parse(path)
    for length in range(1, len(segments)):
        if resource.stated(unparse(segments[:length])) is ABSENT:
            return unparse(segments[:length]), nested(segments[length:], value)
    return path, value


def nested(segments: Path, value: Value) -> Value:
    """The value inside the maps and lists that a path leads through."""
    for segment in reversed(segments):
        if isinstance(segment, str) and segment != "[]":
            value = Map({segment: value})
        elif isinstance(segment, Selector) and isinstance(value, dict):
            value = List([Map({segment.key: segment.value, **value})])
        else:
            value = List([value])
    return value


def _merged(one: Value, other: Value) -> Value:
    if isinstance(one, dict) and isinstance(other, dict):
        made = Map(one)
        for key, value in other.items():
            made[key] = _merged(one[key], value) if key in one else value
        return made
    if isinstance(one, list) and isinstance(other, list):
        return List([*one, *(item for item in other if item not in one)])
    return other
