"""Values at paths with open places: `Targets[].Arn` is the ARN of every target, `LambdaConfig.*` every entry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from stackworthy.aws.documents import document
from stackworthy.core.path import parse, unparse
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, OpenList, OpenMap, Partial, Reference, Unknown, Value


class Found(NamedTuple):
    """A value, the concrete path to it, and the list item that holds it (`ABSENT` outside of lists)."""

    path: str
    value: Value
    item: Value


def each(resource: Resource, path: str) -> Iterator[Found]:
    """Every value stated at the path; what may be there and cannot be known is an `Unknown`. Never raises."""
    head, rest = _split(path)
    value = resource.stated(head)
    if value is ABSENT:
        return
    if isinstance(value, Unknown) and "." in head:
        top, _, below = head.partition(".")
        raw = resource.properties.value(top)
        holder = raw if isinstance(raw, (str, Partial)) else resource.stated(top)
        yield from _below(holder, (*below.split("."), *rest), top, ABSENT)
        return
    if not rest:
        yield Found(head, value, ABSENT)
    else:
        yield from _below(value, rest, head, ABSENT)


def within(value: Value, path: str) -> Iterator[Found]:
    """As `each`, for a path inside a value."""
    segments = tuple(str(segment) for segment in parse(path))
    yield from _below(value, segments, "", ABSENT)


@lru_cache(maxsize=4096)
def _split(path: str) -> tuple[str, tuple[str, ...]]:
    """The part of a path before its first open place, and the segments from there on."""
    segments = parse(path)
    for index, segment in enumerate(segments):
        if segment in ("[]", "*"):
            return unparse(segments[:index]), tuple(str(part) for part in segments[index:])
    return path, ()


def _below(value: Value, segments: tuple[str, ...], at: str, item: Value) -> Iterator[Found]:
    if value is ABSENT:
        return
    if not segments or isinstance(value, Unknown):
        yield Found(at, value, item)
        return
    segment, rest = segments[0], segments[1:]
    if isinstance(value, (str, Partial)) and _is_json(value):
        yield from _below(document(value), segments, at, item)
    elif segment == "[]":
        yield from _items(value, rest, at)
    elif isinstance(value, OpenMap) and segment == "*":
        for key, entry in value.known.items():
            yield from _below(entry, rest, f"{at}.{key}", item)
        yield Found(at, value.rest, item)
    elif isinstance(value, Map):
        if segment == "*":
            for key, entry in value.items():
                yield from _below(entry, rest, f"{at}.{key}", item)
        else:
            yield from _below(value[segment], rest, f"{at}.{segment}" if at else segment, item)
    elif isinstance(value, (Reference, Partial)):
        yield Found(at, Unknown(f"{at} is known only after deployment"), item)


def _is_json(value: str | Partial) -> bool:
    start = value if isinstance(value, str) else value.prefix
    return start.lstrip()[:1] in ("{", "[")


def _items(value: Value, rest: tuple[str, ...], at: str) -> Iterator[Found]:
    if isinstance(value, OpenList):
        for index, entry in enumerate(value.known):
            yield from _below(entry, rest, f"{at}[{index}]", entry)
        yield Found(at, value.rest, ABSENT)
    elif isinstance(value, List):
        for index, entry in enumerate(value):
            yield from _below(entry, rest, f"{at}[{index}]", entry)
    else:
        yield from _below(value, rest, at, value)  # one item where a list is meant, as AWS takes it too
