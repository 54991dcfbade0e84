"""Lowers functions, their parameters, patterns that take values apart, and classes of JavaScript and TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.core.code import (
    Assign,
    Class,
    Evaluate,
    Function,
    Literal,
    Name,
    Node,
    Other,
    Parameter,
    Record,
    Return,
    Sequence,
    Spread,
)
from stackworthy.sources.code.typescript_lowering import MAX_DEPTH, SKIPPED, Lowering, unwrap

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

FUNCTIONS = (
    "arrow_function",
    "function_expression",
    "generator_function",
    "function_declaration",
    "generator_function_declaration",
    "method_definition",
)
PATTERNS = (
    "object_pattern",
    "array_pattern",
    "rest_pattern",
    "assignment_pattern",
    "object_assignment_pattern",
    "shorthand_property_identifier_pattern",
)
_CLASSES = ("class", "class_declaration", "abstract_class_declaration")


def named(lowering: Lowering, syntax: Syntax, name: str) -> Node:
    """An expression that is given to a name: a function or class without one takes it."""
    inner = unwrap(syntax)
    if inner.type in FUNCTIONS:
        if lowering.depth < _ROOM:
            return function_of(lowering, inner, name)
    elif inner.type in _CLASSES and lowering.depth < _ROOM:
        return class_of(lowering, inner, name)
    return lowering.expression(syntax)


_ROOM = MAX_DEPTH - 2
"""Below the limit of depth by what a function adds before it asks for its own parts."""


def key_of(lowering: Lowering, syntax: Syntax | None, around: Syntax) -> Node:
    """The key of an object, class or pattern: a Literal unless it is worked out."""
    if syntax is None:
        return lowering.missing(around.start_byte)
    if syntax.type == "computed_property_name":
        return lowering.first(syntax)
    if syntax.type in ("string", "number"):
        return lowering.expression(syntax)
    start, end = syntax.start_byte, syntax.end_byte
    word = str(lowering.text[start:end], "utf-8", "replace")
    return Literal(start=start, end=end, line=lowering.line(start), value=word)


def function_of(
    lowering: Lowering, syntax: Syntax, given: str = "", decorators: tuple[Node, ...] = ()
) -> Node:
    """A function of any form; `given` names one that has no name of its own."""
    start, end = syntax.start_byte, syntax.end_byte
    label = syntax.child_by_field_name("name")
    name = given
    begin = end
    if label is not None:
        begin = label.start_byte
        key = key_of(lowering, label, syntax)
        name = key.value if isinstance(key, Literal) and isinstance(key.value, str) else given
    single = syntax.child_by_field_name("parameter")
    listed = syntax.child_by_field_name("parameters")
    first = listed or single
    if first is not None and first.start_byte < begin:
        begin = first.start_byte
    lowering.depth += 1
    lowering.inside += 1
    parameters: tuple[Parameter, ...] = ()
    if single is not None:
        parameters = (_parameter(lowering, single, single, None),)
    elif listed is not None:
        parameters = _parameters(lowering, listed)
    body = _body(lowering, syntax.child_by_field_name("body"))
    lowering.inside -= 1
    lowering.depth -= 1
    if decorators:
        start = min(start, min(decorator.start for decorator in decorators) - 1)
    return Function(
        start=start,
        end=end,
        line=lowering.line(start),
        name=name,
        parameters=parameters,
        body=body,
        is_async=b"async" in lowering.text[syntax.start_byte : begin],
        decorators=decorators,
    )


def _body(lowering: Lowering, syntax: Syntax | None) -> tuple[Node, ...]:
    if syntax is None:
        return ()
    if syntax.type == "statement_block":
        return lowering.body(syntax)
    value = lowering.expression(syntax)
    return (Return(start=value.start, end=value.end, line=value.line, value=value),)


def _parameters(lowering: Lowering, syntax: Syntax) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    for child in syntax.named_children:
        kind = child.type
        if kind in ("required_parameter", "optional_parameter"):
            pattern = child.child_by_field_name("pattern")
            if pattern is not None and pattern.type != "this":
                found.append(_parameter(lowering, child, pattern, child.child_by_field_name("value")))
        elif kind not in SKIPPED:
            found.append(_parameter(lowering, child, child, None))
    return tuple(found)


def _parameter(lowering: Lowering, syntax: Syntax, pattern: Syntax, default: Syntax | None) -> Parameter:
    start, end = syntax.start_byte, syntax.end_byte
    name, taken = "", None
    if pattern.type == "identifier":
        name = lowering.source(pattern)
    else:
        taken = target_of(lowering, pattern)
    return Parameter(
        start=start,
        end=end,
        line=lowering.line(start),
        name=name,
        default=lowering.expression(default) if default is not None else None,
        pattern=taken,
    )


def target_of(lowering: Lowering, syntax: Syntax) -> Node:
    """What is given a value: a name, attribute or index, or a Record or Sequence of targets.

    `{a = 1}` is an Assign with the operator `??` in the place of its target: the default counts when there is no value.
    `...rest` is a Spread in a Sequence and has no key in a Record.
    """
    kind = syntax.type
    if kind == "object_pattern":
        return _object_pattern(lowering, syntax)
    start, end = syntax.start_byte, syntax.end_byte
    line = lowering.line(start)
    if kind in ("shorthand_property_identifier_pattern", "identifier"):
        return Name(start=start, end=end, line=line, id=lowering.source(syntax))
    if kind == "array_pattern":
        return _array_pattern(lowering, syntax)
    if kind == "rest_pattern":
        return Spread(start=start, end=end, line=line, value=lowering.first(syntax))
    if kind in ("assignment_pattern", "object_assignment_pattern"):
        target = lowering.part(syntax, "left")
        name = target.id if isinstance(target, Name) else ""
        right = syntax.child_by_field_name("right")
        value = named(lowering, right, name) if right is not None else lowering.missing(end)
        return Assign(start=start, end=end, line=line, targets=(target,), value=value, operator="??")
    return lowering.expression(syntax)


def _object_pattern(lowering: Lowering, syntax: Syntax) -> Node:
    items: list[tuple[Node | None, Node]] = []
    for child in syntax.named_children:
        kind = child.type
        if kind in SKIPPED:
            continue
        if kind == "pair_pattern":
            value = child.child_by_field_name("value")
            key = key_of(lowering, child.child_by_field_name("key"), child)
            items.append(
                (key, lowering.expression(value) if value is not None else lowering.missing(child.end_byte))
            )
        elif kind == "rest_pattern":
            items.append((None, lowering.first(child)))
        else:
            target = lowering.expression(child)
            name = target.targets[0] if isinstance(target, Assign) else target
            label: Node | None = None
            if isinstance(name, Name):
                label = Literal(start=name.start, end=name.end, line=name.line, value=name.id)
            items.append((label, target))
    start = syntax.start_byte
    return Record(start=start, end=syntax.end_byte, line=lowering.line(start), items=tuple(items))


def _array_pattern(lowering: Lowering, syntax: Syntax) -> Node:
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
    start = syntax.start_byte
    return Sequence(start=start, end=syntax.end_byte, line=lowering.line(start), items=tuple(items))


def class_of(lowering: Lowering, syntax: Syntax, given: str = "") -> Node:
    """A class; its decorators are the first expressions of its body."""
    start, end = syntax.start_byte, syntax.end_byte
    label = syntax.child_by_field_name("name")
    bases: list[Node] = []
    body: list[Node] = []
    lowering.depth += 1
    for child in syntax.named_children:
        if child.type == "class_heritage":
            bases.extend(_bases(lowering, child))
        elif child.type == "decorator":
            value = lowering.expression(child)
            body.append(Evaluate(start=value.start, end=value.end, line=value.line, value=value))
    members = syntax.child_by_field_name("body")
    if members is not None:
        _members(lowering, members, body)
    lowering.depth -= 1
    return Class(
        start=start,
        end=end,
        line=lowering.line(start),
        name=lowering.source(label) if label is not None else given,
        bases=tuple(bases),
        body=tuple(body),
    )


def _bases(lowering: Lowering, heritage: Syntax) -> list[Node]:
    found: list[Node] = []
    for child in heritage.named_children:
        if child.type == "extends_clause":
            found.extend(lowering.expression(value) for value in child.children_by_field_name("value"))
        elif child.type not in SKIPPED:
            found.append(lowering.expression(child))
    return found


def _members(lowering: Lowering, body: Syntax, out: list[Node]) -> None:
    decorators: list[Node] = []
    for child in body.named_children:
        kind = child.type
        if kind == "decorator":
            decorators.append(lowering.expression(child))
            continue
        if kind == "comment":
            continue
        if kind == "method_definition":
            out.append(function_of(lowering, child, "", tuple(decorators)))
        else:
            out.extend(Evaluate(start=d.start, end=d.end, line=d.line, value=d) for d in decorators)
            if kind == "public_field_definition":
                inner = [lowering.expression(d) for d in child.named_children if d.type == "decorator"]
                out.extend(Evaluate(start=d.start, end=d.end, line=d.line, value=d) for d in inner)
                out.append(_field(lowering, child))
            elif kind == "class_static_block":
                start = child.start_byte
                inside = lowering.body(child.child_by_field_name("body"))
                out.append(
                    Other(
                        start=start,
                        end=child.end_byte,
                        line=lowering.line(start),
                        what="class_static_block",
                        inside=inside,
                    )
                )
            else:
                lowering.statement(child, out)
        decorators = []


def _field(lowering: Lowering, syntax: Syntax) -> Node:
    start, end = syntax.start_byte, syntax.end_byte
    line = lowering.line(start)
    key = key_of(lowering, syntax.child_by_field_name("name"), syntax)
    word = key.value if isinstance(key, Literal) and isinstance(key.value, str) else ""
    target: Node = Name(start=key.start, end=key.end, line=key.line, id=word) if word else key
    value = syntax.child_by_field_name("value")
    given = named(lowering, value, word) if value is not None else lowering.nothing(end)
    return Assign(start=start, end=end, line=line, targets=(target,), value=given)
