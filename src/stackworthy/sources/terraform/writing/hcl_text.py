"""Values, arguments and blocks as `terraform fmt` lays them out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from stackworthy.core.patch import CannotWrite
from stackworthy.core.value import OpenList, OpenMap, Partial, Reference, Unknown, Value
from stackworthy.sources.terraform.writing.spelling import Document, Nested, Raw

STEP = "  "

Refer = Callable[[Reference], str]
"""The expression for an attribute of another resource; raises `CannotWrite` when there is none."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_PSEUDO = frozenset(("AWS::AccountId", "AWS::Partition", "AWS::Region"))


def expression(value: Any, refer: Refer, indent: str) -> str:
    """The value as an expression; `indent` stands before the line on which it begins."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, Document):
        return _document(value.value, refer, indent)
    if isinstance(value, Reference):
        return refer(value)
    if isinstance(value, Partial):
        return '"' + "".join(_piece(piece, refer) for piece in value.pieces) + '"'
    if isinstance(value, Unknown) and value.expression in _PSEUDO:
        return refer(Reference(value.expression))
    if isinstance(value, (Unknown, OpenList, OpenMap)):
        reason = value.reason if isinstance(value, Unknown) else "it is known only in part"
        raise CannotWrite(f"the new value is not known: {reason}")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (int, float)):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return _object(value, refer, indent)
    if isinstance(value, (list, tuple)):
        return _list(value, refer, indent)
    raise CannotWrite("the new value has no words in Terraform")


def quoted(text: str) -> str:
    """A text in quotes; what would begin an interpolation or a directive is written so that it does not."""
    made = json.dumps(text, ensure_ascii=False)
    return re.sub(
        r"([$%])(?=[$%]*\{)",
        lambda found: f"\\u{ord(found.group(1)):04x}" if _doubled(found) else found.group(1) * 2,
        made,
    )


def _doubled(found: re.Match[str]) -> bool:
    """Whether another sign stands before or behind: doubling it would be read as one escape too many."""
    text, at = found.string, found.start()
    return text[at - 1] in "$%" or text[at + 1] in "$%"


def _piece(piece: str | Reference | Unknown, refer: Refer) -> str:
    if isinstance(piece, str):
        return quoted(piece)[1:-1]
    if isinstance(piece, Unknown) and piece.expression in _PSEUDO:
        return "${" + refer(Reference(piece.expression)) + "}"
    if isinstance(piece, Unknown):
        raise CannotWrite(f"the new value is not known: {piece.reason}")
    return "${" + refer(piece) + "}"


def _document(value: Value, refer: Refer, indent: str) -> str:
    if isinstance(value, str):
        return quoted(value)
    return f"jsonencode({expression(value, refer, indent)})"


def _list(items: Any, refer: Refer, indent: str) -> str:
    parts = [expression(item, refer, indent + STEP) for item in items]
    if all("\n" not in part for part in parts) and sum(map(len, parts)) < 80:
        return f"[{', '.join(parts)}]"
    if len(parts) == 1 and parts[0].startswith("{"):
        return f"[{expression(items[0], refer, indent)}]"
    return "[\n" + "".join(f"{indent}{STEP}{part},\n" for part in parts) + indent + "]"


def _object(value: Mapping[Any, Any], refer: Refer, indent: str) -> str:
    if not value:
        return "{}"
    entries = [(_key(str(key)), expression(item, refer, indent + STEP)) for key, item in value.items()]
    return "{\n" + "".join(f"{line}\n" for line in aligned(entries, indent + STEP)) + indent + "}"


def _key(name: str) -> str:
    return name if _NAME.match(name) else quoted(name)


def aligned(entries: list[tuple[str, str]], indent: str) -> list[str]:
    """`name = value` lines with their equals signs under each other; a value of several lines ends a group."""
    lines: list[str] = []
    group: list[tuple[str, str]] = []

    def close() -> None:
        width = max((len(name) for name, _ in group), default=0)
        lines.extend(f"{indent}{name:<{width}} = {value}" for name, value in group)
        group.clear()

    for name, value in entries:
        if "\n" in value:
            close()
            lines.append(f"{indent}{name} = {value}")
        else:
            group.append((name, value))
    close()
    return lines


def body(native: Mapping[str, Any], refer: Refer, indent: str) -> list[str]:
    """The lines of a block's arguments and nested blocks."""
    plain = [(name, expression(item, refer, indent)) for name, item in native.items() if not nested(item)]
    lines = aligned(plain, indent)
    for name, item in native.items():
        for block in nested(item):
            if lines:
                lines.append("")
            lines += block_lines(name, block, refer, indent)
    return lines


def nested(item: Any) -> list[Nested]:
    """The nested blocks that an argument stands for."""
    if isinstance(item, Nested):
        return [item]
    return list(item) if isinstance(item, list) and item and isinstance(item[0], Nested) else []


def block_lines(header: str, native: Mapping[str, Any], refer: Refer, indent: str) -> list[str]:
    """A whole block."""
    inner = body(native, refer, indent + STEP)
    return [f"{indent}{header} {{", *inner, f"{indent}}}"] if inner else [f"{indent}{header} {{}}"]
