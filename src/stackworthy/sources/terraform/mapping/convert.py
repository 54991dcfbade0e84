"""Conversions between Terraform's spelling of a value and the graph's, by name; each pair reads and writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from stackworthy.aws.documents import document
from stackworthy.core.value import ABSENT, List, Map, OpenList, OpenMap, Partial, Reference, Unknown, Value
from stackworthy.sources.terraform.types import Encoded


class Conversion(NamedTuple):
    """`read` turns Terraform's value into the graph's, `write` the reverse; both take known values and give unknown ones back as they are."""

    read: Callable[[Value], Value]
    write: Callable[[Value], Value]


def wrapped(value: Any) -> Value:
    """Plain data as the graph's containers; null is absent."""
    if isinstance(value, dict):
        return Map({str(key): wrapped(item) for key, item in value.items() if item is not None})
    if isinstance(value, list):
        return List(wrapped(item) for item in value)
    return ABSENT if value is None else value


def from_json(value: Value) -> Value:
    """The structure that a JSON text stands for."""
    if isinstance(value, Encoded):
        return value.value
    if isinstance(value, str):
        try:
            return wrapped(json.loads(value))
        except (ValueError, RecursionError):
            return Unknown("the text is not JSON")
    if isinstance(value, Partial):
        return document(value)
    if isinstance(value, Reference):
        return Unknown(f"{value.address}.{value.attribute} is known only after deployment")
    return value


def _tags(value: Value) -> Value:
    if isinstance(value, OpenMap):
        return OpenList([Map({"Key": key, "Value": item}) for key, item in value.known.items()], value.rest)
    if isinstance(value, Map):
        return List(Map({"Key": key, "Value": item}) for key, item in value.items())
    return value


def _tags_back(value: Value) -> Value:
    return Map({item["Key"]: item["Value"] for item in value}) if isinstance(value, List) else value


def _number(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    try:
        return int(value) if value.lstrip("-").isdigit() else float(value)
    except ValueError:
        return Unknown(f"{value!r} is not a number")


def _text(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _opposite(value: Value) -> Value:
    return (not value) if isinstance(value, bool) else value


def _listed(value: Value) -> Value:
    return value if isinstance(value, (List, Unknown)) else List([value])


def _first(value: Value) -> Value:
    if isinstance(value, OpenList):
        return value.known[0] if value.known else value.rest
    return (value[0] if value else ABSENT) if isinstance(value, List) else value


def _scaled(factor: int) -> Conversion:
    def read(value: Value) -> Value:
        return value * factor if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    def write(value: Value) -> Value:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        return value // factor if value % factor == 0 else value / factor

    return Conversion(read, write)


def _last_part(value: Value) -> Value:
    """The name at the end of an ARN or path."""
    if isinstance(value, str):
        return value.rsplit("/", 1)[-1]
    return value


def _comma_separated(value: Value) -> Value:
    return (
        List(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _same(value: Value) -> Value:
    return value


def _widest(value: Value) -> Value:
    """Of several networks the one with the shortest prefix, for a property that takes a single one."""
    if not isinstance(value, List) or isinstance(value, OpenList):
        return _first(value)
    return min(value, key=_prefix_length) if value else ABSENT


def _prefix_length(network: Value) -> int:
    length = network.rpartition("/")[2] if isinstance(network, str) else ""
    return int(length) if length.isdecimal() else 128


def _key_rule(name: str) -> Conversion:
    """A prefix or suffix of keys as one rule of a notification's filter."""

    def write(value: Value) -> Value:
        return value["Value"] if isinstance(value, Map) else value

    return Conversion(lambda value: Map({"Name": name, "Value": value}), write)


CONVERSIONS: Mapping[str, Conversion] = {
    "json": Conversion(from_json, _same),
    "tags": Conversion(_tags, _tags_back),
    "number": Conversion(_number, _text),
    "text": Conversion(_text, _number),
    "not": Conversion(_opposite, _opposite),
    "list": Conversion(_listed, _first),
    "first": Conversion(_first, _listed),
    "minutes": _scaled(60),
    "hours": _scaled(3600),
    "days": _scaled(86400),
    "name": Conversion(_last_part, _same),
    "commas": Conversion(
        _comma_separated, lambda value: ",".join(value) if isinstance(value, List) else value
    ),
    "widest": Conversion(_widest, _listed),
    "prefix-rule": _key_rule("prefix"),
    "suffix-rule": _key_rule("suffix"),
}
