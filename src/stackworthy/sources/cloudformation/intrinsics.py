"""Intrinsic functions: what a raw value of a template comes to, as far as it can be known."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    joined,
    same,
)

if TYPE_CHECKING:
    from stackworthy.sources.cloudformation.scope import Scope

MAX_DEPTH = 120
_VARIABLE = re.compile(r"\$\{([^${}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:([a-zA-Z-]+):[^}]*\}\}")


class _NoValue:
    """What `AWS::NoValue` leaves: the property or list element is as if it had not been written."""


NO_VALUE = _NoValue()


class Evaluator:
    """Evaluates raw values in one scope. Every call is bounded by the scope's budget of values."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.depth = 0

    def value(self, raw: Any) -> Value:
        """The value of a raw tree; `ABSENT` for null and for `AWS::NoValue`."""
        value = self.resolve(raw)
        return ABSENT if value is NO_VALUE else value

    def resolve(self, raw: Any) -> Value:
        """Like `value`, but `NO_VALUE` is kept apart, so that its owner can drop it."""
        kind = type(raw)
        if kind is str:
            return self._text(raw) if "{{" in raw else raw
        if kind is int or kind is float or kind is bool:
            return raw
        if raw is None:
            return ABSENT
        if kind is not dict and kind is not list:
            return Unknown(f"a template cannot hold a {kind.__name__}")
        self.scope.spend()
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                return Unknown(f"nested deeper than {MAX_DEPTH} levels")
            return self._list(raw) if kind is list else self._map(raw)
        finally:
            self.depth -= 1

    def _map(self, raw: dict[str, Any]) -> Value:
        if len(raw) == 1:
            name = next(iter(raw))
            function = INTRINSICS.get(name)
            if function is not None:
                return function(self, raw[name])
            if name.startswith("Fn::") and not name.startswith("Fn::ForEach::"):
                return Unknown(f"{name} is not a function that is known here", f"{name} {raw[name]}")
        value = Map()
        opened: Unknown | None = None
        for name, item in raw.items():
            if name.startswith("Fn::"):
                opened = self._merge(value, name, item) or opened
                continue
            resolved = self.resolve(item)
            if resolved is not NO_VALUE:
                value[name] = resolved
        return OpenMap(value.items(), opened) if opened is not None else value

    def _merge(self, value: Map, name: str, item: Any) -> Unknown | None:
        """Put what a function inside a map stands for into it; the reason when that cannot be known."""
        if name.startswith("Fn::ForEach::"):
            made = self.scope.expand_loop(name, item)
            resolved = made if isinstance(made, Unknown) else self.resolve(made)
        else:
            resolved = self.resolve({name: item})
        if isinstance(resolved, OpenMap):
            value.update(resolved.known)
            return resolved.rest
        if isinstance(resolved, Map):
            value.update(resolved)
            return None
        return resolved if isinstance(resolved, Unknown) else Unknown(f"{name} does not give a map")

    def _list(self, raw: list[Any]) -> Value:
        value = List()
        rest: Unknown | None = None
        for item in raw:
            resolved = self.resolve(item)
            if resolved is NO_VALUE:
                continue
            if isinstance(resolved, Unknown) and _may_vanish(item):
                rest = resolved
                continue
            value.append(resolved)
        return OpenList(value, rest) if rest is not None else value

    def _text(self, raw: str) -> Value:
        pieces: list[Value] = []
        position = 0
        for found in _DYNAMIC.finditer(raw):
            service = found.group(1)
            pieces.append(raw[position : found.start()])
            pieces.append(
                Unknown(
                    f"read from {_DYNAMIC_SOURCES.get(service, service)} at deployment",
                    found.group(0),
                    stated=True,
                )
            )
            position = found.end()
        pieces.append(raw[position:])
        return joined(pieces)


_DYNAMIC_SOURCES = {
    "ssm": "Parameter Store",
    "ssm-secure": "Parameter Store (secure)",
    "secretsmanager": "Secrets Manager",
}


def _may_vanish(raw: Any) -> bool:
    if not (isinstance(raw, dict) and "Fn::If" in raw):
        return False
    branches = raw["Fn::If"]
    return isinstance(branches, list) and any(
        isinstance(branch, dict) and branch.get("Ref") == "AWS::NoValue" for branch in branches[1:]
    )


def _ref(evaluator: Evaluator, argument: Any) -> Value:
    if not isinstance(argument, str):
        return Unknown("Ref needs the name of a parameter or resource")
    return NO_VALUE if argument == "AWS::NoValue" else evaluator.scope.ref(argument)


def _get_att(evaluator: Evaluator, argument: Any) -> Value:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[0], str)):
        return Unknown("Fn::GetAtt needs a resource and an attribute")
    attribute = evaluator.value(argument[1])
    if not isinstance(attribute, str):
        return Unknown("the attribute of Fn::GetAtt is not known")
    return evaluator.scope.attribute(argument[0], attribute)


def _sub(evaluator: Evaluator, argument: Any) -> Value:
    variables: Mapping[str, Any] = {}
    if isinstance(argument, list):
        if len(argument) == 2 and isinstance(argument[1], dict):
            variables = argument[1]
        argument = argument[0] if argument else ""
    if not isinstance(argument, str):
        return Unknown("Fn::Sub needs a text")
    pieces: list[Value] = []
    position = 0
    for found in _VARIABLE.finditer(argument):
        pieces.append(evaluator.resolve(argument[position : found.start()]))
        name = found.group(1).strip()
        if name.startswith("!"):
            pieces.append("${" + name[1:] + "}")
        elif name in variables:
            pieces.append(evaluator.value(variables[name]))
        elif "." in name:
            pieces.append(evaluator.scope.attribute(*name.split(".", 1)))
        else:
            pieces.append(evaluator.scope.ref(name))
        position = found.end()
    pieces.append(evaluator.resolve(argument[position:]))
    return joined("" if piece is ABSENT else piece for piece in pieces)


def _join(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, list) and len(argument) == 2):
        return Unknown("Fn::Join needs a delimiter and a list")
    delimiter, items = evaluator.value(argument[0]), evaluator.value(argument[1])
    if isinstance(items, Unknown):
        return items
    if not isinstance(items, List) or not isinstance(delimiter, str):
        return Unknown("Fn::Join needs a delimiter and a list")
    if isinstance(items, OpenList):
        return joined([*_separated(items.known, delimiter), delimiter if items.known else "", items.rest])
    return joined(_separated(items, delimiter))


def _separated(items: list[Value], delimiter: str) -> list[Value]:
    pieces: list[Value] = []
    for item in items:
        if pieces:
            pieces.append(delimiter)
        pieces.append(item)
    return pieces


def _select(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, list) and len(argument) == 2):
        return Unknown("Fn::Select needs an index and a list")
    index, items = evaluator.value(argument[0]), evaluator.value(argument[1])
    if isinstance(index, str) and index.isdigit():
        index = int(index)
    if isinstance(items, Unknown) or isinstance(index, Unknown):
        return items if isinstance(items, Unknown) else index
    if not isinstance(items, List) or not isinstance(index, int):
        return Unknown("Fn::Select needs an index and a list")
    if isinstance(items, OpenList):
        return items[index]
    return (
        items[index]
        if 0 <= index < len(items)
        else Unknown(f"Fn::Select asks for element {index} of {len(items)}")
    )


def _split(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, list) and len(argument) == 2):
        return Unknown("Fn::Split needs a delimiter and a text")
    delimiter, text = evaluator.value(argument[0]), evaluator.value(argument[1])
    if isinstance(text, Unknown):
        return text
    if not isinstance(delimiter, str) or not delimiter:
        return Unknown("Fn::Split needs a delimiter")
    if isinstance(text, str):
        return List(text.split(delimiter))
    if isinstance(text, Partial):
        parts: list[list[Value]] = [[]]
        for piece in text.pieces:
            if not isinstance(piece, str):
                parts[-1].append(piece)
                continue
            first, *others = piece.split(delimiter)
            parts[-1].append(first)
            parts.extend([other] for other in others)
        return OpenList([joined(part) for part in parts], Unknown(text.reason, f"split of {text.show()}"))
    if isinstance(text, Reference):
        return Unknown(f"{text.address}.{text.attribute} is known only after deployment")
    return Unknown("Fn::Split needs a text")


def _if(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str)):
        return Unknown("Fn::If needs a condition and two values")
    holds = evaluator.scope.condition(argument[0])
    if not isinstance(holds, Unknown):
        return evaluator.resolve(argument[1 if holds else 2])
    one, other = evaluator.resolve(argument[1]), evaluator.resolve(argument[2])
    if one is not NO_VALUE and other is not NO_VALUE and same(one, other):
        return one
    stated = all(value is not NO_VALUE and value is not ABSENT for value in (one, other))
    return Unknown(f"condition {argument[0]}: {holds.reason}", f"Fn::If {argument[0]}", stated=stated)


def _find_in_map(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, list) and len(argument) in (3, 4)):
        return Unknown("Fn::FindInMap needs a map and two keys")
    keys = [evaluator.value(part) for part in argument[:3]]
    for key in keys:
        if not isinstance(key, (str, int)):
            reason = (
                key.reason if isinstance(key, (Unknown, Partial)) else "a key of Fn::FindInMap is not known"
            )
            return Unknown(reason, f"Fn::FindInMap {argument[:3]}", stated=True)
    found: Any = evaluator.scope.mappings
    for key in keys:
        found = found.get(str(key)) if isinstance(found, dict) else None
    if found is not None:
        return evaluator.resolve(found)
    if len(argument) == 4 and isinstance(argument[3], dict) and "DefaultValue" in argument[3]:
        return evaluator.resolve(argument[3]["DefaultValue"])
    return Unknown(f"Mappings has no {'.'.join(map(str, keys))}")


def _base64(evaluator: Evaluator, argument: Any) -> Value:
    text = evaluator.value(argument)
    if isinstance(text, str):
        return base64.b64encode(text.encode()).decode()
    return Unknown(
        text.reason if isinstance(text, (Unknown, Partial)) else "Fn::Base64 needs a text", "Fn::Base64"
    )


def _length(evaluator: Evaluator, argument: Any) -> Value:
    items = evaluator.value(argument)
    try:
        return len(items) if isinstance(items, List) else Unknown("Fn::Length needs a list")
    except NotKnown as error:
        return Unknown(error.reason, "Fn::Length")


def _to_json(evaluator: Evaluator, argument: Any) -> Value:
    pieces: list[Value] = []
    _json_pieces(evaluator.value(argument), pieces)
    return joined(pieces)


def _json_pieces(value: Value, pieces: list[Value]) -> None:
    import json

    if isinstance(value, (OpenMap, OpenList)):
        pieces.append(value.rest)
    elif isinstance(value, Map):
        for index, (name, item) in enumerate(value.items()):
            pieces.append(("{" if not index else ",") + json.dumps(name) + ":")
            _json_pieces(item, pieces)
        pieces.append("}" if value else "{}")
    elif isinstance(value, List):
        for index, item in enumerate(value):
            pieces.append("," if index else "[")
            _json_pieces(item, pieces)
        pieces.append("]" if value else "[]")
    elif isinstance(value, Unknown):
        pieces.append(value)
    elif isinstance(value, (Reference, Partial)):
        pieces.extend(('"', value, '"'))
    else:
        pieces.append(json.dumps(None if value is ABSENT else value))


def _transform(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, dict) and isinstance(argument.get("Name"), str)):
        return Unknown("Fn::Transform needs a Name")
    if argument["Name"] == "AWS::Include":
        parameters = argument.get("Parameters")
        location = evaluator.value(parameters.get("Location")) if isinstance(parameters, dict) else ABSENT
        if isinstance(location, str):
            return evaluator.scope.include(location)
    return Unknown(f"the macro {argument['Name']} runs at deployment")


def _zones(evaluator: Evaluator, argument: Any) -> Value:
    region = evaluator.value(argument)
    where = region if isinstance(region, str) and region else "the Region"
    return OpenList(
        (), Unknown(f"the Availability Zones of {where} are known at deployment", f"Fn::GetAZs {where}")
    )


def _import(evaluator: Evaluator, argument: Any) -> Value:
    from stackworthy.core.value import show

    name = show(evaluator.value(argument))
    return Unknown(f"{name} is imported from another stack", f"Fn::ImportValue {name}", stated=True)


def _cidr(evaluator: Evaluator, argument: Any) -> Value:
    import ipaddress

    block, count, bits = (
        (*[evaluator.value(part) for part in argument], 8)[:3] if isinstance(argument, list) else (0, 0, 0)
    )
    try:
        network = ipaddress.ip_network(block)
        prefix = network.max_prefixlen - int(bits)
        if not 0 < int(count) <= 256 or prefix < network.prefixlen:
            return Unknown("Fn::Cidr asks for more blocks than there are")
        blocks = network.subnets(new_prefix=prefix)
        return List(str(next(blocks)) for _ in range(int(count)))
    except NotKnown as error:
        return Unknown(error.reason, "Fn::Cidr")
    except (ValueError, TypeError, StopIteration, RuntimeError):
        return Unknown("Fn::Cidr needs an address block, a count and a number of bits")


def _condition(evaluator: Evaluator, argument: Any) -> Value:
    if not isinstance(argument, str):
        return Unknown("Condition needs a name")
    return evaluator.scope.condition(argument)


def _logical(name: str) -> Callable[[Evaluator, Any], Value]:
    return lambda evaluator, argument: evaluator.scope.logic(name, argument)


INTRINSICS: Mapping[str, Callable[[Evaluator, Any], Value]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::Base64": _base64,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json,
    "Fn::Transform": _transform,
    "Fn::GetAZs": _zones,
    "Fn::ImportValue": _import,
    "Fn::Cidr": _cidr,
    "Fn::Equals": _logical("Fn::Equals"),
    "Fn::Not": _logical("Fn::Not"),
    "Fn::And": _logical("Fn::And"),
    "Fn::Or": _logical("Fn::Or"),
    "Fn::Contains": _logical("Fn::Contains"),
}
# {"Condition": name} is a function only inside conditions: elsewhere it is the key of a policy statement.
CONDITION_ONLY: Mapping[str, Callable[[Evaluator, Any], Value]] = {"Condition": _condition}
