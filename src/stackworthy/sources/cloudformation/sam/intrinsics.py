"""CloudFormation's intrinsic functions in long form: making them, recognising them, and resolving parameters in them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

NO_VALUE = {"Ref": "AWS::NoValue"}

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9.]+|AWS::[A-Z][A-Za-z]*)\}")


def ref(logical_id: str) -> dict[str, Any]:
    return {"Ref": logical_id}


def get_att(logical_id: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, attribute]}


def sub(text: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"Fn::Sub": [text, dict(variables)]} if variables else {"Fn::Sub": text}


def join(delimiter: str, values: list[Any]) -> dict[str, Any]:
    return {"Fn::Join": [delimiter, values]}


def if_(condition: str, then: Any, otherwise: Any = None) -> dict[str, Any]:
    """`Fn::If`; the second branch is `AWS::NoValue` when nothing is given."""
    return {"Fn::If": [condition, then, NO_VALUE if otherwise is None else otherwise]}


def any_condition(names: Iterable[str]) -> dict[str, Any]:
    return {"Fn::Or": [{"Condition": name} for name in names]}


def not_condition(name: str) -> dict[str, Any]:
    return {"Fn::Not": [{"Condition": name}]}


def is_intrinsic(value: Any) -> bool:
    """A map with one key that names a function: `Ref`, `Condition` or `Fn::...`."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = next(iter(value))
    return isinstance(name, str) and (name in ("Ref", "Condition") or name.startswith("Fn::"))


def is_if(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and "Fn::If" in value


def is_no_value(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and value.get("Ref") == "AWS::NoValue"


def referred_id(value: Any) -> str | None:
    """The logical id that a `Ref` or `Fn::GetAtt` names, None for anything else."""
    if not is_intrinsic(value):
        return None
    named = value.get("Ref")
    if isinstance(named, str):
        return named
    named = value.get("Fn::GetAtt")
    if isinstance(named, list) and len(named) == 2 and isinstance(named[0], str):
        return named[0]
    if isinstance(named, str) and named.count(".") == 1:
        return named.split(".")[0]
    return None


def placeholder(value: Any) -> str | None:
    """`${Id}` or `${Id.Attribute}` for a `Ref` or `Fn::GetAtt`, None for anything else."""
    if not is_intrinsic(value):
        return None
    named = value.get("Ref")
    if isinstance(named, str):
        return f"${{{named}}}"
    named = value.get("Fn::GetAtt")
    if isinstance(named, list) and all(isinstance(part, str) for part in named):
        return f"${{{'.'.join(named)}}}"
    return f"${{{named}}}" if isinstance(named, str) else None


def replace_placeholders(text: str, replace: Callable[[str], str | None]) -> str:
    """`text` with every `${name}` for which `replace(name)` answers replaced by that answer."""
    if "${" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        answer = replace(match.group(1))
        return match.group(0) if answer is None else answer

    return _PLACEHOLDER.sub(one, text)


def placeholders(text: str) -> list[str]:
    """The names of the `${...}` in a text, each once, in order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def rewrite_sub(argument: Any, replace: Callable[[str], str | None]) -> Any:
    """The argument of `Fn::Sub` (a text, or a list that starts with one) with its placeholders replaced."""
    if isinstance(argument, str):
        return replace_placeholders(argument, replace)
    if isinstance(argument, list) and argument and isinstance(argument[0], str):
        text = replace_placeholders(argument[0], replace)
        return argument if text == argument[0] else [text, *argument[1:]]
    return argument


def resolve(value: Any, parameters: Mapping[str, Any]) -> Any:
    """`value` with `Ref` and `Fn::Sub` of known parameters replaced by their values, everything else as it is.

    Parts without such a reference are shared with the input, which stays untouched.
    """
    if isinstance(value, dict):
        if len(value) == 1:
            value = _resolve_function(value, parameters)
            if not isinstance(value, dict):
                return resolve(value, parameters) if isinstance(value, list) else value
        return map_values(value, lambda item: resolve(item, parameters))
    if isinstance(value, list):
        return map_items(value, lambda item: resolve(item, parameters))
    return value


def _resolve_function(value: dict[str, Any], parameters: Mapping[str, Any]) -> Any:
    name, argument = next(iter(value.items()))
    if name == "Ref" and isinstance(argument, str):
        answer = parameters.get(argument, value)
        return value if _is_pending(answer) else answer
    if name == "Fn::Sub":
        rewritten = rewrite_sub(argument, lambda key: _as_text(parameters.get(key)))
        return value if rewritten is argument or rewritten == argument else {"Fn::Sub": rewritten}
    return value


def _as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return None if _is_pending(value) else value
    if isinstance(value, (int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return None


def _is_pending(value: Any) -> bool:
    """CloudFormation puts such a marker where the value of a nested stack's parameter does not exist yet."""
    return isinstance(value, str) and value.startswith("{{IntrinsicFunction:")


def map_values(value: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """`value` itself when `change` leaves every item as it is, else a copy with the changed items."""
    copy: dict[str, Any] | None = None
    for key, item in value.items():
        if isinstance(item, (dict, list)):
            changed = change(item)
            if changed is not item:
                if copy is None:
                    copy = dict(value)
                copy[key] = changed
    return value if copy is None else copy


def map_items(value: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    """`value` itself when `change` leaves every item as it is, else a copy with the changed items."""
    copy: list[Any] | None = None
    for index, item in enumerate(value):
        if isinstance(item, (dict, list)):
            changed = change(item)
            if changed is not item:
                if copy is None:
                    copy = list(value)
                copy[index] = changed
    return value if copy is None else copy


def find_in_map(value: Any, mappings: Any) -> Any:
    """What an `Fn::FindInMap` with known keys finds in the template's `Mappings`, else `value` as it is."""
    if not (isinstance(value, dict) and len(value) == 1 and "Fn::FindInMap" in value):
        return value
    keys = value["Fn::FindInMap"]
    if not isinstance(keys, list) or len(keys) != 3:
        return value
    found = mappings
    for key in keys:
        key = find_in_map(key, mappings)
        if not isinstance(found, dict) or not isinstance(key, str) or key not in found:
            return value
        found = found[key]
    return found
