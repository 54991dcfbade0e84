"""CloudFormation's intrinsic functions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
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
from stackworthy.sources.cloudformation.dynamic import with_dynamic_references

if TYPE_CHECKING:
    from stackworthy.sources.cloudformation.intrinsics import Evaluator

Function = Callable[["Evaluator", Any], Value]

MAX_TEXT = 1_000_000
"""Characters of a text that functions put together."""

MAX_PIECES = 10_000
"""Pieces of such a text, known and not."""

_MAX_WRITTEN = 400
_VARIABLE = re.compile(r"\$\{([^${}]*)\}")


class _NoValue:
    """What `AWS::NoValue` leaves: the property or list element is as if it had not been written."""


NO_VALUE = _NoValue()


def written(raw: Any) -> str:
    """A raw tree as one line of text, cut off where it grows long."""
    parts: list[str] = []
    _write(raw, parts, _MAX_WRITTEN)
    return "".join(parts)


def _write(raw: Any, parts: list[str], left: int) -> int:
    if left <= 0:
        return 0
    if isinstance(raw, (dict, list)):
        parts.append("{" if isinstance(raw, dict) else "[")
        for index, item in enumerate(raw):
            if left <= 0:
                parts.append("…")
                break
            parts.append(", " if index else "")
            if isinstance(raw, dict):
                parts.append(f"{item}: ")
                left -= len(str(item))
                item = raw[item]
            left = _write(item, parts, left - 2)
        parts.append("}" if isinstance(raw, dict) else "]")
        return left
    text = str(raw) if isinstance(raw, (str, int, float, bool)) else "?"
    parts.append(text[:left])
    return left - len(text)


def text(evaluator: Evaluator, pieces: Iterable[Value]) -> Value:
    """The text that pieces make, within the stack's budget; dynamic references in it are unknown."""
    made: list[Value] = []
    length = count = 0
    for piece in pieces:
        for part in piece.pieces if isinstance(piece, Partial) else (piece,):
            length += len(part) if isinstance(part, str) else 8
            count += 1
        made.append("" if piece is ABSENT else piece)
    if length > MAX_TEXT or count > MAX_PIECES:
        return Unknown(f"the text is longer than {MAX_TEXT:,} characters")
    evaluator.budget.spend_text(length)
    return with_dynamic_references(joined(made))


def _later(reference: Reference) -> Unknown:
    shown = reference.address + ("" if reference.attribute == "Ref" else f".{reference.attribute}")
    return Unknown(f"{shown} is known only after deployment", stated=True)


def _not(value: Value, message: str, expression: str = "") -> Unknown:
    """Why a value does not serve: because it is not known, or because it is not what the function needs."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Reference):
        return _later(value)
    return Unknown(value.reason if isinstance(value, Partial) else message, expression)


def _ref(evaluator: Evaluator, argument: Any) -> Value:
    name = argument if isinstance(argument, str) else evaluator.value(argument)
    if not isinstance(name, str):
        return _not(name, "Ref needs the name of a parameter or resource")
    return NO_VALUE if name == "AWS::NoValue" else evaluator.scope.ref(name)


def _get_att(evaluator: Evaluator, argument: Any) -> Value:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if not (isinstance(argument, list) and len(argument) == 2):
        return Unknown("Fn::GetAtt needs a resource and an attribute")
    name, attribute = evaluator.value(argument[0]), evaluator.value(argument[1])
    if not isinstance(name, str):
        return _not(name, "Fn::GetAtt needs the name of a resource")
    if not isinstance(attribute, str):
        return _not(attribute, "Fn::GetAtt needs the name of an attribute")
    return evaluator.scope.attribute(name, attribute)


def _sub(evaluator: Evaluator, argument: Any) -> Value:
    variables: Mapping[str, Any] = {}
    if isinstance(argument, list):
        if len(argument) == 2 and isinstance(argument[1], dict):
            variables = argument[1]
        argument = argument[0] if argument else None
    if not isinstance(argument, str):
        return Unknown("Fn::Sub needs a text")
    values: dict[str, Value] = {}
    pieces: list[Value] = []
    position = 0
    for found in _VARIABLE.finditer(argument):
        pieces.append(argument[position : found.start()])
        name = found.group(1).strip()
        if name not in values:
            values[name] = _variable(evaluator, name, variables)
        pieces.append(values[name])
        position = found.end()
    pieces.append(argument[position:])
    return text(evaluator, pieces)


def _variable(evaluator: Evaluator, name: str, variables: Mapping[str, Any]) -> Value:
    if name.startswith("!"):
        return "${" + name[1:] + "}"
    if name in variables:
        return evaluator.value(variables[name])
    if "." in name:
        return evaluator.scope.attribute(*name.split(".", 1))
    return evaluator.scope.ref(name)


def _join(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, list) and len(argument) == 2):
        return Unknown("Fn::Join needs a delimiter and a list")
    delimiter, items = evaluator.value(argument[0]), evaluator.value(argument[1])
    if not isinstance(items, List):
        return _not(items, "Fn::Join needs a list")
    if not isinstance(delimiter, str):
        return _not(delimiter, "Fn::Join needs a delimiter")
    pieces = _separated(items.known if isinstance(items, OpenList) else items, delimiter)
    if isinstance(items, OpenList):
        pieces.append(items.rest)
    return text(evaluator, pieces)


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
    if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 9:
        index = int(index)
    if not isinstance(items, List):
        return _not(items, "Fn::Select needs a list")
    if not isinstance(index, int) or isinstance(index, bool):
        return _not(index, "Fn::Select needs an index")
    if isinstance(items, OpenList):
        return items[index]
    if 0 <= index < len(items):
        return items[index]
    return Unknown(f"Fn::Select asks for element {index} of {len(items)}")


def _split(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, list) and len(argument) == 2):
        return Unknown("Fn::Split needs a delimiter and a text")
    delimiter, whole = evaluator.value(argument[0]), evaluator.value(argument[1])
    if not isinstance(delimiter, str) or not delimiter:
        return _not(delimiter, "Fn::Split needs a delimiter")
    return split(whole, delimiter)


def split(whole: Value, delimiter: str) -> Value:
    """The elements of a text, up to the first piece that is not known and may hold the delimiter itself."""
    if isinstance(whole, str):
        return List(whole.split(delimiter))
    if not isinstance(whole, Partial):
        return _not(whole, "Fn::Split needs a text")
    parts: list[list[Value]] = [[]]
    for piece in whole.pieces:
        if isinstance(piece, str):
            first, *others = piece.split(delimiter)
            parts[-1].append(first)
            parts.extend([other] for other in others)
        elif _undivided(piece, delimiter):
            parts[-1].append(piece)
        else:
            rest = Unknown(whole.reason, f"split of {whole.show()}", stated=True)
            return OpenList([joined(part) for part in parts[:-1]], rest)
    return List(joined(part) for part in parts)


_NAMES = {"AWS::AccountId": "-./:,", "AWS::Region": "./:,", "AWS::Partition": "./:,", "AWS::URLSuffix": "/:,"}
"""Pseudo parameters, and the delimiters that none of their values holds. No name, id or ARN holds a comma."""


def _undivided(piece: Value, delimiter: str) -> bool:
    if isinstance(piece, Reference):
        return delimiter == ","
    return isinstance(piece, Unknown) and delimiter[0] in _NAMES.get(piece.expression, "")


def _if(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str)):
        return Unknown("Fn::If needs a condition and two values")
    holds = evaluator.scope.condition(argument[0])
    if not isinstance(holds, Unknown):
        return evaluator.resolve(argument[1 if holds else 2])
    one, other = evaluator.resolve(argument[1]), evaluator.resolve(argument[2])
    if one is NO_VALUE and other is NO_VALUE:
        return NO_VALUE
    if one is not NO_VALUE and other is not NO_VALUE and same(one, other):
        return one
    stated = all(_is_stated(value) for value in (one, other))
    return Unknown(f"condition {argument[0]}: {holds.reason}", f"Fn::If {written(argument)}", stated=stated)


def _is_stated(value: Value) -> bool:
    if isinstance(value, Unknown):
        return value.stated
    return value is not NO_VALUE and value is not ABSENT


def _find_in_map(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, list) and len(argument) in (3, 4)):
        return Unknown("Fn::FindInMap needs a map and two keys")
    found: Any = evaluator.scope.mappings
    keys: list[str] = []
    for part in argument[:3]:
        key = as_text(evaluator.value(part))
        if not isinstance(key, str):
            reason = _not(key, "a key of Fn::FindInMap is not a text").reason
            return Unknown(reason, f"Fn::FindInMap {written(argument[:3])}", stated=True)
        keys.append(key)
        found = found.get(key) if isinstance(found, dict) else None
    if found is not None:
        return evaluator.resolve(found)
    if len(argument) == 4 and isinstance(argument[3], dict) and "DefaultValue" in argument[3]:
        return evaluator.resolve(argument[3]["DefaultValue"])
    return Unknown(f"Mappings has no {'.'.join(keys)}", stated=True)


def as_text(value: Value) -> Value:
    """Scalars as CloudFormation compares them: the number 1 is "1", true is "true"."""
    if value is ABSENT:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _base64(evaluator: Evaluator, argument: Any) -> Value:
    value = evaluator.value(argument)
    if not isinstance(value, str):
        return _not(value, "Fn::Base64 needs a text", "Fn::Base64")
    evaluator.budget.spend_text(len(value))
    return base64.b64encode(value.encode("utf-8", "surrogatepass")).decode()


def _length(evaluator: Evaluator, argument: Any) -> Value:
    items = evaluator.value(argument)
    if isinstance(items, OpenList):
        return Unknown(items.rest.reason, "Fn::Length", stated=True)
    return len(items) if isinstance(items, List) else _not(items, "Fn::Length needs a list", "Fn::Length")


def _to_json(evaluator: Evaluator, argument: Any) -> Value:
    if not isinstance(argument, (dict, list)):
        return Unknown("Fn::ToJsonString needs a map or a list")
    pieces: list[Value] = []
    _json_pieces(evaluator.value(argument), pieces)
    return text(evaluator, pieces)


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
    elif isinstance(value, Partial):
        inner = [json.dumps(piece)[1:-1] if isinstance(piece, str) else piece for piece in value.pieces]
        pieces.extend(('"', *inner, '"'))
    elif isinstance(value, Reference):
        pieces.extend(('"', value, '"'))
    elif isinstance(value, Unknown):
        pieces.append(value)
    else:
        pieces.append(json.dumps(None if value is ABSENT else value))


def _transform(evaluator: Evaluator, argument: Any) -> Value:
    if not (isinstance(argument, dict) and isinstance(argument.get("Name"), str)):
        return Unknown("Fn::Transform needs a Name")
    if argument["Name"] == "AWS::Include":
        parameters = argument.get("Parameters")
        location = evaluator.value(parameters.get("Location")) if isinstance(parameters, dict) else ABSENT
        if isinstance(location, str):
            return evaluator.scope.include(location, evaluator)
        return _not(location, "AWS::Include needs a Location")
    return Unknown(f"the macro {argument['Name']} runs at deployment", written(argument))


def _zones(evaluator: Evaluator, argument: Any) -> Value:
    region = evaluator.value(argument)
    where = region if isinstance(region, str) and region else "the Region"
    rest = Unknown(
        f"the Availability Zones of {where} are known at deployment", f"Fn::GetAZs {where}", stated=True
    )
    return OpenList((), rest)


def _import(evaluator: Evaluator, argument: Any) -> Value:
    from stackworthy.core.value import show

    name = show(evaluator.value(argument))
    return Unknown(f"{name} is imported from another stack", f"Fn::ImportValue {name}", stated=True)


def _cidr(evaluator: Evaluator, argument: Any) -> Value:
    import ipaddress

    if not (isinstance(argument, list) and len(argument) in (2, 3)):
        return Unknown("Fn::Cidr needs an address block, a count and a number of bits")
    values = [evaluator.value(part) for part in argument]
    for value in values:
        if isinstance(value, (Unknown, Reference, Partial)):
            return Unknown(_not(value, "").reason, f"Fn::Cidr {written(argument)}", stated=True)
    block, count, bits = (*values, 8)[:3]
    try:
        network = ipaddress.ip_network(str(block))
        prefix = network.max_prefixlen - int(bits)
        if not 0 < int(count) <= 256 or prefix < network.prefixlen:
            return Unknown("Fn::Cidr asks for more blocks than there are")
        blocks = network.subnets(new_prefix=prefix)
        return List(str(next(blocks)) for _ in range(int(count)))
    except (ValueError, TypeError, StopIteration, RuntimeError, NotKnown):
        return Unknown("Fn::Cidr needs an address block, a count and a number of bits")


def _condition(evaluator: Evaluator, argument: Any) -> Value:
    if not isinstance(argument, str):
        return Unknown("Condition needs a name")
    return evaluator.scope.condition(argument)


def _logical(name: str) -> Function:
    return lambda evaluator, argument: evaluator.scope.logic(name, argument)


FUNCTIONS: Mapping[str, Function] = {
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
CONDITION_FUNCTIONS: Mapping[str, Function] = {**FUNCTIONS, "Condition": _condition}
"""`{"Condition": name}` is a function only inside conditions: elsewhere it is the key of a policy statement."""
