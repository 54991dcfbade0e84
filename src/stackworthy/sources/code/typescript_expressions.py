"""Lowers the expressions of JavaScript and TypeScript, JSX among them.

Source: https://github.com/tree-sitter/tree-sitter-typescript (names of nodes and fields)
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from stackworthy.core.code import (
    Assign,
    Attribute,
    Await,
    Call,
    Choice,
    Element,
    Index,
    Literal,
    Name,
    Node,
    Operation,
    Other,
    Record,
    Sequence,
    Spread,
    Template,
)
from stackworthy.sources.code.typescript_functions import (
    FUNCTIONS,
    PATTERNS,
    class_of,
    function_of,
    key_of,
    named,
    target_of,
)
from stackworthy.sources.code.typescript_imports import exported, required
from stackworthy.sources.code.typescript_lowering import (
    MAX_CHAIN,
    SKIPPED,
    Expressions,
    Lowering,
    inner_of,
)
from stackworthy.sources.code.typescript_text import unescaped

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

_WORDS = {"&&": "and", "||": "or", "!": "not", "===": "==", "!==": "!="}
_FLAT = frozenset({"+", "and", "or", "??"})
"""Operators whose chains are one operation: `a + b + c` has three operands."""
_BLANK = re.compile(r"\s*\n\s*")


def _name(lowering: Lowering, syntax: Syntax) -> Node:
    start, end = syntax.start_byte, syntax.end_byte
    return Name(
        start=start,
        end=end,
        line=lowering.line(start),
        id=str(lowering.text[start:end], "utf-8", "replace"),
    )


def _string(lowering: Lowering, syntax: Syntax) -> Node:
    start, end = syntax.start_byte, syntax.end_byte
    text = str(lowering.text[start + 1 : end - 1], "utf-8", "replace")
    return Literal(
        start=start,
        end=end,
        line=lowering.line(start),
        value=unescaped(text) if "\\" in text else text,
    )


def _number(lowering: Lowering, syntax: Syntax) -> Node:
    start, end = syntax.start_byte, syntax.end_byte
    return Literal(
        start=start,
        end=end,
        line=lowering.line(start),
        value=_value_of(lowering.source(syntax)),
    )


def _value_of(digits: str) -> int | float | str:
    """The value of a number as written; its text when it is none that can be."""
    plain = digits.replace("_", "").rstrip("n").lower()
    try:
        if plain[:2] in ("0x", "0o", "0b"):
            return int(plain, 0)
        if plain.isdigit() and len(plain) < 4000:
            return int(plain)
        return float(plain)
    except ValueError:
        return digits


def _constant(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    return Literal(
        start=start,
        end=syntax.end_byte,
        line=lowering.line(start),
        value=_CONSTANTS[syntax.type],
    )


_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "undefined": None}


def _regex(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    return Literal(start=start, end=syntax.end_byte, line=lowering.line(start), value=lowering.source(syntax))


def _member(lowering: Lowering, syntax: Syntax) -> Node:
    value = lowering.part(syntax, "object")
    name = syntax.child_by_field_name("property")
    start = syntax.start_byte
    return Attribute(
        start=start,
        end=syntax.end_byte,
        line=lowering.line(start),
        value=value,
        name=lowering.source(name) if name is not None else "",
    )


def _meta(lowering: Lowering, syntax: Syntax) -> Node:
    """`import.meta`, `new.target`."""
    start, end = syntax.start_byte, syntax.end_byte
    line = lowering.line(start)
    first, _, second = lowering.source(syntax).partition(".")
    holder = Name(start=start, end=start + len(first.rstrip()), line=line, id=first.strip())
    return Attribute(start=start, end=end, line=line, value=holder, name=second.strip())


def _subscript(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    return Index(
        start=start,
        end=syntax.end_byte,
        line=lowering.line(start),
        value=lowering.part(syntax, "object"),
        index=lowering.part(syntax, "index"),
    )


def _arguments(lowering: Lowering, syntax: Syntax | None) -> tuple[Node, ...]:
    if syntax is None:
        return ()
    if syntax.type != "arguments":
        return (lowering.expression(syntax),)
    return tuple([lowering.expression(child) for child in syntax.named_children if child.type not in SKIPPED])


def _call(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    callee = lowering.part(syntax, "function")
    call = Call(
        start=start,
        end=syntax.end_byte,
        line=lowering.line(start),
        callee=callee,
        arguments=_arguments(lowering, syntax.child_by_field_name("arguments")),
    )
    if callee.__class__ is Name and callee.id in ("require", "import"):
        required(lowering, call)
    return call


def _new(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    return Call(
        start=start,
        end=syntax.end_byte,
        line=lowering.line(start),
        callee=lowering.part(syntax, "constructor"),
        arguments=_arguments(lowering, syntax.child_by_field_name("arguments")),
        new=True,
    )


def _object(lowering: Lowering, syntax: Syntax) -> Node:
    items: list[tuple[Node | None, Node]] = []
    for child in syntax.named_children:
        kind = child.type
        if kind == "pair":
            key = key_of(lowering, child.child_by_field_name("key"), child)
            value = child.child_by_field_name("value")
            name = key.value if key.__class__ is Literal and isinstance(key.value, str) else ""
            items.append(
                (key, named(lowering, value, name) if value is not None else lowering.missing(child.end_byte))
            )
        elif kind == "shorthand_property_identifier":
            start, end = child.start_byte, child.end_byte
            line = lowering.line(start)
            word = lowering.source(child)
            items.append(
                (
                    Literal(start=start, end=end, line=line, value=word),
                    Name(start=start, end=end, line=line, id=word),
                )
            )
        elif kind == "spread_element":
            items.append((None, lowering.first(child)))
        elif kind == "method_definition":
            function = function_of(lowering, child)
            items.append((key_of(lowering, child.child_by_field_name("name"), child), function))
        elif kind not in SKIPPED:
            items.append((None, lowering.expression(child)))
    start = syntax.start_byte
    return Record(start=start, end=syntax.end_byte, line=lowering.line(start), items=tuple(items))


def _array(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    items: list[Node] = []
    due = True
    for child in syntax.children:
        if child.type == ",":
            if due:
                items.append(lowering.nothing(child.start_byte))
            due = True
        elif child.is_named and child.type not in SKIPPED:
            items.append(lowering.expression(child))
            due = False
    return Sequence(start=start, end=syntax.end_byte, line=lowering.line(start), items=tuple(items))


def _spread(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    return Spread(start=start, end=syntax.end_byte, line=lowering.line(start), value=lowering.first(syntax))


def _await(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    return Await(start=start, end=syntax.end_byte, line=lowering.line(start), value=lowering.first(syntax))


def _wrapper(lowering: Lowering, syntax: Syntax) -> Node:
    inner = inner_of(syntax)
    return lowering.expression(inner) if inner is not None else lowering.missing(syntax.end_byte)


def _sequence(lowering: Lowering, syntax: Syntax) -> Node:
    """`a, b`; what bundlers write for a call of a module's function, `(0, module.run)(...)`, is its last part."""
    *before, last = syntax.named_children
    if before and all(part.type == "number" for part in before):
        return lowering.expression(last)
    return lowering.other(syntax)


def _template(lowering: Lowering, syntax: Syntax) -> Node:
    pieces: list[Node] = []
    start, end = syntax.start_byte, syntax.end_byte
    begin = start + 1
    for child in syntax.named_children:
        if child.type == "template_substitution":
            if begin < child.start_byte:
                pieces.append(_piece(lowering, begin, child.start_byte))
            pieces.append(lowering.first(child))
            begin = child.end_byte
    if not pieces:
        return _string(lowering, syntax)
    if begin < end - 1:
        pieces.append(_piece(lowering, begin, end - 1))
    return Template(start=start, end=end, line=lowering.line(start), pieces=tuple(pieces))


def _piece(lowering: Lowering, start: int, end: int) -> Node:
    text = str(lowering.text[start:end], "utf-8", "replace")
    return Literal(
        start=start,
        end=end,
        line=lowering.line(start),
        value=unescaped(text) if "\\" in text else text,
    )


def _binary(lowering: Lowering, syntax: Syntax) -> Node:
    """`a + b + c` leans to the left as deep as it is long: it is followed in a loop."""
    links: list[tuple[str, Syntax, int]] = []
    while syntax.type == "binary_expression":
        left, right = syntax.child_by_field_name("left"), syntax.child_by_field_name("right")
        sign = syntax.child_by_field_name("operator")
        if left is None or right is None or sign is None:
            break
        operator = sign.type
        links.append((_WORDS.get(operator, operator), right, syntax.end_byte))
        syntax = left
    if not links:
        return lowering.other(syntax)
    start = syntax.start_byte
    line = lowering.line(start)
    operands = [lowering.expression(syntax)]
    operator, end, nested = "", 0, 0
    for word, right, stop in reversed(links):
        if operator and not (word == operator and word in _FLAT) and nested < MAX_CHAIN:
            operands = [
                Operation(start=start, end=end, line=line, operator=operator, operands=tuple(operands))
            ]
            nested += 1
        operands.append(lowering.expression(right))
        operator, end = word, stop
    if nested >= MAX_CHAIN:
        return Other(start=start, end=end, line=line, what="binary_expression", inside=tuple(operands))
    return Operation(start=start, end=end, line=line, operator=operator, operands=tuple(operands))


def _unary(lowering: Lowering, syntax: Syntax) -> Node:
    start, end = syntax.start_byte, syntax.end_byte
    sign = syntax.child_by_field_name("operator")
    operator = sign.type if sign is not None else ""
    operand = lowering.part(syntax, "argument")
    line = lowering.line(start)
    if operator == "-" and isinstance(operand, Literal) and operand.value.__class__ in (int, float):
        return Literal(start=start, end=end, line=line, value=-operand.value)
    operator = _WORDS.get(operator, operator)
    return Operation(start=start, end=end, line=line, operator=operator, operands=(operand,))


def _ternary(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    return Choice(
        start=start,
        end=syntax.end_byte,
        line=lowering.line(start),
        test=lowering.part(syntax, "condition"),
        then=lowering.part(syntax, "consequence"),
        otherwise=lowering.part(syntax, "alternative"),
    )


def _assignment(lowering: Lowering, syntax: Syntax) -> Node:
    """`a = b = value` has two targets."""
    start, end = syntax.start_byte, syntax.end_byte
    targets: list[Node] = []
    right: Syntax | None = syntax
    name = ""
    while right is not None and right.type == "assignment_expression":
        left = right.child_by_field_name("left")
        target = target_of(lowering, left) if left is not None else lowering.missing(right.start_byte)
        targets.append(target)
        if target.__class__ is Name:
            name = target.id
        elif target.__class__ is Attribute and target.name != "exports":
            name = target.name
        right = right.child_by_field_name("right")
    value = named(lowering, right, name) if right is not None else lowering.missing(end)
    for target in targets:
        if target.__class__ is Attribute:
            exported(lowering, target, value)
    return Assign(start=start, end=end, line=lowering.line(start), targets=tuple(targets), value=value)


def _augmented(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    sign = syntax.child_by_field_name("operator")
    operator = sign.type[:-1] if sign is not None else ""
    return Assign(
        start=start,
        end=syntax.end_byte,
        line=lowering.line(start),
        targets=(lowering.part(syntax, "left"),),
        value=lowering.part(syntax, "right"),
        operator=_WORDS.get(operator, operator),
    )


def _update(lowering: Lowering, syntax: Syntax) -> Node:
    """`x++` gives x a value as `x += 1` does."""
    start = syntax.start_byte
    sign = syntax.child_by_field_name("operator")
    at = sign.start_byte if sign is not None else start
    one = Literal(start=at, end=at, line=lowering.line(at), value=1)
    return Assign(
        start=start,
        end=syntax.end_byte,
        line=lowering.line(start),
        targets=(lowering.part(syntax, "argument"),),
        value=one,
        operator=sign.type[:1] if sign is not None else "+",
    )


def _decorator(lowering: Lowering, syntax: Syntax) -> Node:
    return lowering.first(syntax)


def _element(lowering: Lowering, syntax: Syntax) -> Node:
    start = syntax.start_byte
    opening = syntax.child_by_field_name("open_tag") or syntax
    children: list[Node] = []
    if opening is not syntax:
        _children(lowering, syntax, children)
    tag = opening.child_by_field_name("name")
    return Element(
        start=start,
        end=syntax.end_byte,
        line=lowering.line(start),
        tag=lowering.source(tag) if tag is not None else "",
        attributes=tuple(
            [
                _attribute(lowering, child)
                for child in opening.named_children
                if child.type in ("jsx_attribute", "jsx_expression")
            ]
        ),
        children=tuple(children),
    )


def _children(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    for child in syntax.named_children:
        kind = child.type
        if kind in ("jsx_text", "html_character_reference"):
            text = lowering.source(child)
            if not _BLANK.fullmatch(text):
                start = child.start_byte
                out.append(
                    Literal(
                        start=start, end=child.end_byte, line=lowering.line(start), value=html.unescape(text)
                    )
                )
        elif kind == "jsx_expression":
            inside = [inner for inner in child.named_children if inner.type not in SKIPPED]
            out.extend([lowering.expression(inner) for inner in inside])
        elif kind not in ("jsx_opening_element", "jsx_closing_element", "comment"):
            out.append(lowering.expression(child))


def _attribute(lowering: Lowering, syntax: Syntax) -> tuple[str | None, Node]:
    start, end = syntax.start_byte, syntax.end_byte
    if syntax.type == "jsx_expression":
        inner = next((child for child in syntax.named_children if child.type == "spread_element"), syntax)
        return None, lowering.first(inner)
    children = [child for child in syntax.named_children if child.type != "comment"]
    name = lowering.source(children[0]) if children else ""
    if len(children) < 2:
        return name, Literal(start=start, end=end, line=lowering.line(start), value=True)
    value = children[1]
    if value.type == "string":
        at = value.start_byte
        text = html.unescape(lowering.source(value)[1:-1])
        return name, Literal(start=at, end=value.end_byte, line=lowering.line(at), value=text)
    return name, lowering.first(value) if value.type == "jsx_expression" else lowering.expression(value)


EXPRESSIONS: Expressions = {
    "identifier": _name,
    "this": _name,
    "super": _name,
    "import": _name,
    "undefined": _constant,
    "null": _constant,
    "true": _constant,
    "false": _constant,
    "string": _string,
    "number": _number,
    "regex": _regex,
    "template_string": _template,
    "member_expression": _member,
    "nested_identifier": _member,
    "meta_property": _meta,
    "subscript_expression": _subscript,
    "call_expression": _call,
    "new_expression": _new,
    "object": _object,
    "array": _array,
    "spread_element": _spread,
    "await_expression": _await,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "ternary_expression": _ternary,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _augmented,
    "update_expression": _update,
    "sequence_expression": _sequence,
    "parenthesized_expression": _wrapper,
    "as_expression": _wrapper,
    "satisfies_expression": _wrapper,
    "non_null_expression": _wrapper,
    "type_assertion": _wrapper,
    "instantiation_expression": _wrapper,
    "decorator": _decorator,
    "jsx_element": _element,
    "jsx_self_closing_element": _element,
    "class": class_of,
    **dict.fromkeys(FUNCTIONS, function_of),
    **dict.fromkeys(PATTERNS, target_of),
}
