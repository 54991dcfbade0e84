"""Terraform's built-in functions, computed as Terraform 1.11 computes them, as far as the arguments are known.

`call` converts the arguments to the types of the parameters, answers `Unknown` (with the first reason) where the answer hangs on something
that is not known, and raises `FunctionError` where Terraform fails. `try` and `can` are lazy: the evaluator decides which of their arguments are computed (see `types`).

Source: https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from stackworthy.core.value import NotKnown, Reference, Unknown, Value, show
from stackworthy.sources.terraform.bounds import Found, check_elements, check_text, survey
from stackworthy.sources.terraform.conversions import ConversionError, convert, normalize, reason_of
from stackworthy.sources.terraform.functions.contract import (
    Context,
    Failure,
    FileReader,
    Function,
    FunctionError,
    Parameter,
    Render,
)
from stackworthy.sources.terraform.functions.signatures import FUNCTIONS

__all__ = ["FUNCTIONS", "FileReader", "Function", "FunctionError", "Parameter", "Render", "call"]


def call(
    name: str,
    args: list[Value],
    *,
    files: FileReader | None = None,
    render: Render | None = None,
) -> Value:
    """What the function gives for the arguments; raises `FunctionError` where Terraform fails.

    Without `files` or `render`, what needs them is unknown. A result that is not known carries the call as its expression.
    """
    name = name.removeprefix("core::")
    function = FUNCTIONS.get(name)
    if function is None:
        return _foreign(name, args)
    try:
        values, found = _arguments(function, args)
        if function.impure:
            raise NotKnown(function.impure)
        if found is not None and not function.open:
            raise NotKnown(reason_of(found))
        implementation = _implementation(function)
        if function.contextual:
            result = implementation(Context(files, render), *values)
        else:
            result = implementation(*values)
        return _bounded(result)
    except Failure as error:
        raise FunctionError(f'Call to function "{name}" failed: {error}.') from None
    except NotKnown as error:
        return Unknown(error.reason, _expression(name, args))
    except RecursionError:
        return Unknown("a value is nested too deeply", _expression(name, args))


def _foreign(name: str, args: list[Value]) -> Value:
    if name.startswith("provider::") and name.count("::") == 2:
        provider = name.split("::")[1]
        reason = f"functions of the provider {provider} are not computed"
        return Unknown(reason, _expression(name, args))
    raise FunctionError(f'There is no function named "{name}".')


def _implementation(function: Function) -> Callable[..., Value]:
    module = importlib.import_module(f"{__name__}.{function.family}")
    table: Mapping[str, Callable[..., Any]] = module.TABLE
    return table[function.name]


def _arguments(function: Function, args: list[Value]) -> tuple[list[Value], Found]:
    required, name = function.parameters, function.name
    if len(args) < len(required):
        missing = required[len(args)].name
        least = f"at least {len(required)}" if function.rest else f"{len(required)}"
        raise FunctionError(f'Function "{name}" expects {least} argument(s). Missing value for "{missing}".')
    if function.rest is None and len(args) > len(required):
        raise FunctionError(f'Function "{name}" expects only {len(required)} argument(s).')
    found: Found = None
    values: list[Value] = []
    for index, value in enumerate(args):
        parameter = required[index] if index < len(required) else function.rest
        assert parameter is not None
        unknown = survey(value)[1]
        values.append(_argument(parameter, value))
        found = found if found is not None else unknown
    return values, found


def _argument(parameter: Parameter, value: Value) -> Value:
    if value is None:
        if not parameter.nullable:
            raise FunctionError(f'Invalid value for "{parameter.name}" parameter: argument must not be null.')
        return value
    try:
        return convert(value, parameter.type)
    except ConversionError as error:
        text = error.plain if error.by_value else error.worded
        raise FunctionError(f'Invalid value for "{parameter.name}" parameter: {text}.') from None


def _bounded(result: Value) -> Value:
    if isinstance(result, str):
        check_text(len(result))
        return normalize(result)
    if isinstance(result, list):
        check_elements(list.__len__(result))
    elif isinstance(result, dict):
        check_elements(dict.__len__(result))
    return result


def _expression(name: str, args: list[Value]) -> str:
    """The call in words; long ones end in a digest, so that different calls differ."""
    try:
        for value in args:
            survey(value)
        text = f"{name}({', '.join(_shown(value) for value in args)})"
    except (NotKnown, RecursionError):
        return f"{name}(…)"
    if len(text) <= 300:
        return text
    digest = zlib.crc32(text.encode("utf-8", "surrogatepass"))
    return f"{text[:200]}… {len(text)} {digest:08x})"


def _shown(value: Value) -> str:
    if isinstance(value, Unknown):
        return value.expression
    if isinstance(value, Reference):
        return f"{value.address}.{value.attribute}"
    return f'"{value}"' if isinstance(value, str) else show(value)
