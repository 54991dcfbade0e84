"""Carries out the changes of a fix on a template's plain data, as a source would on its text."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from stackworthy.core.fix import (
    ADDED,
    AddParameter,
    AddResource,
    Allow,
    Always,
    Change,
    Remove,
    Rewrite,
    Set,
)
from stackworthy.core.graph import Graph
from stackworthy.core.patch import Splice, by_file, spliced
from stackworthy.core.path import Selector, parse
from stackworthy.core.value import Partial, Reference, Unknown, Value
from stackworthy.sources.code.writing import patch


def changed(resources: Mapping[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    """The resources after the changes. Raises `ValueError` for changes that cannot be carried out."""
    made = copy.deepcopy(dict(resources))
    changes = tuple(changes)
    asked = frozenset(ADDED + change.label for change in changes if isinstance(change, AddParameter))
    for change in changes:
        if isinstance(change, (AddParameter, Rewrite)):
            continue
        if isinstance(change, Set):
            _set(_properties(made, change.resource.address), change.path, plain(change.value, asked))
        elif isinstance(change, Remove):
            _remove(_properties(made, change.resource.address), change.path)
        elif isinstance(change, AddResource):
            _add(made, change, asked)
        elif isinstance(change, Always):
            made[change.resource.address].pop("Condition", None)
        else:
            assert isinstance(change, Allow)
            _allow(made, change)
    return made


def rewritten(graph: Graph, code: Mapping[str, bytes], changes: Iterable[Change]) -> dict[str, bytes]:
    """The files of code after the changes of source code among these. Raises `CannotWrite`."""
    made = dict(code)
    splices: list[Splice] = []
    for change in changes:
        if isinstance(change, Rewrite) and graph.workspace is not None:
            splices += patch(graph.workspace, change)
    for file, found in by_file(splices).items():
        made[file] = spliced(made.get(file, b""), found)
    return made


def plain(value: Value, asked: Collection[str] = ()) -> Any:
    """A value as CloudFormation writes it; what the fix asks for comes from outside."""
    if isinstance(value, Reference):
        if value.address in asked:
            return {"Fn::ImportValue": value.address.removeprefix(ADDED)}
        name = _label(value.address) if value.address.startswith(ADDED) else value.address
        return {"Ref": name} if value.attribute == "Ref" else {"Fn::GetAtt": [name, value.attribute]}
    if isinstance(value, Unknown) and value.expression.startswith("AWS::"):
        return {"Ref": value.expression}
    if isinstance(value, Partial):
        return {"Fn::Join": ["", [plain(piece, asked) for piece in value.pieces]]}
    if isinstance(value, dict):
        return {key: plain(item, asked) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, asked) for item in value]
    _demand(isinstance(value, (str, int, float, bool)), f"{value!r} cannot be written")
    return value


def _properties(resources: dict[str, Any], address: str) -> dict[str, Any]:
    body = resources[address]
    if not body.get("Properties"):
        body["Properties"] = {}
    properties: dict[str, Any] = body["Properties"]
    return properties


def _set(properties: dict[str, Any], path: str, value: Any) -> None:
    place: Any = properties
    segments = parse(path)
    for segment, following in zip(segments, [*segments[1:], None], strict=True):
        last = following is None
        if isinstance(segment, str):
            if last:
                place[segment] = value
            elif segment not in place:
                place[segment] = {} if isinstance(following, str) else []
            place = place[segment]
            continue
        _demand(isinstance(place, list), f"{path} leads through no list")
        index = _index(place, segment)
        if index == len(place):
            place.append({})
        if last:
            place[index] = value
        place = place[index]


def _index(items: list[Any], segment: int | Selector) -> int:
    if isinstance(segment, int):
        _demand(segment <= len(items), "an element can be set or added at the end")
        return segment
    found = [index for index, item in enumerate(items) if item.get(segment.key) == segment.value]
    _demand(bool(found), f"no element with {segment.key}={segment.value}")
    return found[0]


def _remove(properties: dict[str, Any], path: str) -> None:
    *before, last = parse(path)
    place: Any = properties
    for segment in before:
        place = place[segment] if isinstance(segment, str) else place[_index(place, segment)]
    if isinstance(last, str):
        place.pop(last, None)
    else:
        del place[_index(place, last)]


def _add(resources: dict[str, Any], change: AddResource, asked: Collection[str]) -> None:
    label = _label(change.label)
    _demand(bool(label), "a label has letters")
    _demand(label not in resources, f"{label} is there already")
    resources[label] = {"Type": change.kind, "Properties": plain(change.properties, asked)}


def _label(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", label)


def _allow(resources: dict[str, Any], change: Allow) -> None:
    properties = _properties(resources, change.principal.address)
    statement = {
        "Effect": "Allow",
        "Action": list(change.actions),
        "Resource": [plain(item) for item in change.resources],
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policies = properties.setdefault("Policies", [])
    policies.append({"PolicyName": f"Added{len(policies)}", "PolicyDocument": document})


def _demand(so: bool, what: str) -> None:
    if not so:
        raise ValueError(what)
