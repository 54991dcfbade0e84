"""The functions of Terraform's own provider, `provider::terraform::…`, which write values in Terraform's language.

Source: https://developer.hashicorp.com/terraform/language/functions/terraform-encode_tfvars
"""

from __future__ import annotations

import re
from collections.abc import Callable

from stackworthy.core.value import NotKnown, Value
from stackworthy.sources.terraform.bounds import check_text
from stackworthy.sources.terraform.conversions import to_string
from stackworthy.sources.terraform.functions.contract import Failure

_SIMPLE = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')


def _is_name(text: str) -> bool:
    return text.replace("-", "_").isidentifier() and text[0] != "-"


def _quoted(text: str) -> str:
    made = []
    for index, character in enumerate(text):
        if character in _SIMPLE:
            made.append(_SIMPLE[character])
        elif character in "$%" and text[index + 1 : index + 2] == "{":
            made.append(character * 2)
        elif character.isprintable():
            made.append(character)
        else:
            code = ord(character)
            made.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return '"' + "".join(made) + '"'


def _expression(value: Value) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return "{\n" + _attributes(value) + "}" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_expression(item) for item in value) + "]"
    return "null" if value is None else str(to_string(value))


def _attributes(value: dict[str, Value]) -> str:
    """One line or more for each attribute; the equals signs of neighbours on one line each stand below each other."""
    pairs = [(name if _is_name(name) else _quoted(name), _expression(value[name])) for name in sorted(value)]
    made: list[str] = []
    run: list[tuple[str, str]] = []
    for name, text in [*pairs, ("", "\n")]:
        if "\n" not in text:
            run.append((name, text))
            continue
        width = max((len(known) for known, _ in run), default=0)
        made += (f"{known.ljust(width)} = {shown}\n" for known, shown in run)
        run = []
        if name:
            made.append(f"{name} = {text}\n")
    return "".join(made)


def _indented(text: str) -> str:
    """The lines moved to the right by the brackets that are open, as `terraform fmt` does."""
    lines: list[str] = []
    open_brackets: list[int] = []
    for line in text.split("\n"):
        bare = _STRING.sub("", line)
        change = sum(bare.count(mark) for mark in "[{") - sum(bare.count(mark) for mark in "]}")
        closed = -change
        while closed > 0 and open_brackets:
            taken = min(closed, open_brackets[-1])
            closed -= taken
            open_brackets[-1] -= taken
            if not open_brackets[-1]:
                open_brackets.pop()
        lines.append("  " * len(open_brackets) + line if line else "")
        if change > 0:
            open_brackets.append(change)
    return "\n".join(lines)


def encode_expr(value: Value) -> str:
    """`encode_expr(value)`."""
    text = _indented(_expression(value))
    check_text(len(text))
    return text


def encode_tfvars(value: Value) -> str:
    """`encode_tfvars(value)`: the content of a `.tfvars` file."""
    if not isinstance(value, dict):
        raise Failure(
            "invalid value to encode: must be an object whose attribute names will become the encoded variable names"
        )
    for name in value:
        if not _is_name(name):
            raise Failure(
                f'invalid variable name "{name}": must be a valid identifier, per Terraform\'s rules for input '
                "variable declarations"
            )
    return _indented(_attributes(value))


def decode_tfvars(_: str) -> Value:
    """`decode_tfvars(src)`: Terraform's language is not read here."""
    raise NotKnown("what decode_tfvars gives is not followed")


TABLE: dict[str, Callable[..., Value]] = {
    "provider::terraform::decode_tfvars": decode_tfvars,
    "provider::terraform::encode_expr": encode_expr,
    "provider::terraform::encode_tfvars": encode_tfvars,
}
