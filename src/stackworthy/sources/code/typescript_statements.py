"""Lowers the statements of JavaScript and TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.core.code import (
    Assign,
    Catch,
    Class,
    Evaluate,
    Function,
    If,
    Import,
    Literal,
    Loop,
    Name,
    Node,
    Operation,
    Other,
    Raise,
    Record,
    Return,
    Try,
)
from stackworthy.sources.code.typescript_functions import class_of, function_of, key_of, named, target_of
from stackworthy.sources.code.typescript_imports import (
    bound,
    export_clause,
    import_statement,
    names_of,
    whole,
)
from stackworthy.sources.code.typescript_lowering import MAX_CHAIN, SKIPPED, Lowering, Statements, unwrap

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax


def _declaration(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    kind = syntax.child_by_field_name("kind")
    declares = kind.type if kind is not None else "var"
    for child in syntax.named_children:
        if child.type != "variable_declarator":
            if child.type not in SKIPPED:
                out.append(lowering.expression(child))
            continue
        start, end = child.start_byte, child.end_byte
        name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
        target = target_of(lowering, name) if name is not None else lowering.missing(start)
        word = target.id if target.__class__ is Name else ""
        given = named(lowering, value, word) if value is not None else lowering.nothing(end)
        loaded = bound(lowering, target, given) if lowering.requires else None
        if loaded:
            out.extend(loaded)
            continue
        out.append(
            Assign(
                start=start,
                end=end,
                line=lowering.line(start),
                targets=(target,),
                value=given,
                declares=declares,
            )
        )


def _expression(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    inner = next((child for child in syntax.named_children if child.type not in SKIPPED), None)
    if inner is None:
        return
    if inner.type in ("internal_module", "module"):
        _namespace(lowering, inner, out)
        return
    value = lowering.expression(inner)
    if value.__class__ is Assign:
        out.append(value)
        return
    out.append(Evaluate(start=value.start, end=value.end, line=value.line, value=value))


def _function(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    out.append(function_of(lowering, syntax))


def _class(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    out.append(class_of(lowering, syntax))


def _value_inside(lowering: Lowering, syntax: Syntax) -> Node | None:
    for child in syntax.named_children:
        if child.type not in SKIPPED:
            return lowering.expression(child)
    return None


def _return(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    start = syntax.start_byte
    value = _value_inside(lowering, syntax)
    out.append(Return(start=start, end=syntax.end_byte, line=lowering.line(start), value=value))


def _throw(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    start = syntax.start_byte
    value = _value_inside(lowering, syntax)
    out.append(Raise(start=start, end=syntax.end_byte, line=lowering.line(start), value=value))


def _if(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    """`else if` leans to the right as deep as it is long: it is followed in a loop."""
    links: list[tuple[Syntax, Node, tuple[Node, ...]]] = []
    current: Syntax | None = syntax
    otherwise: tuple[Node, ...] = ()
    while current is not None:
        test = lowering.part(current, "condition")
        links.append((current, test, lowering.body(current.child_by_field_name("consequence"))))
        following = current.child_by_field_name("alternative")
        current = None
        if following is not None:
            inner = next((child for child in following.named_children if child.type not in SKIPPED), None)
            if inner is not None and inner.type == "if_statement":
                current = inner
            else:
                otherwise = lowering.body(inner)
    end = syntax.end_byte
    beyond: list[Node] = []
    for _, test, then in links[MAX_CHAIN:]:
        beyond.extend((test, *then))
    if beyond:
        start = beyond[0].start
        rest = Other(
            start=start,
            end=end,
            line=lowering.line(start),
            what="if_statement",
            inside=(*beyond, *otherwise),
        )
        otherwise = (rest,)
    for link, test, then in reversed(links[:MAX_CHAIN]):
        start = link.start_byte
        node = If(start=start, end=end, line=lowering.line(start), test=test, then=then, otherwise=otherwise)
        otherwise = (node,)
    out.extend(otherwise)


def _switch(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    """Each case is an If whose test compares with the value of the switch, which stands in every one of them.

    Cases without statements of their own share those of the next; `default` is the last `otherwise`.
    """
    value = syntax.child_by_field_name("value")
    subject = lowering.part(syntax, "value")
    repeats = value is not None and unwrap(value).type in _PLAIN
    cases: list[tuple[list[Node], tuple[Node, ...]]] = []
    otherwise: tuple[Node, ...] = ()
    tests: list[Node] = []
    body = syntax.child_by_field_name("body")
    for case in body.named_children if body is not None else ():
        if case.type == "switch_default":
            otherwise = (*map(_thrown_away, tests), *_case_body(lowering, case))
            tests = []
        elif case.type == "switch_case":
            wanted = lowering.part(case, "value")
            operands = (subject, wanted) if repeats or not (cases or tests) else (wanted,)
            test: Node = Operation(
                start=wanted.start, end=wanted.end, line=wanted.line, operator="==", operands=operands
            )
            tests.append(test)
            then = _case_body(lowering, case)
            if then or case.child_by_field_name("body") is not None:
                cases.append((tests, then))
                tests = []
    otherwise = (*otherwise, *map(_thrown_away, tests))
    if not cases:
        out.append(_thrown_away(subject))
        out.extend(otherwise)
        return
    end = syntax.end_byte
    beyond: list[Node] = []
    for wanted_by, then in cases[MAX_CHAIN:]:
        beyond.extend((*wanted_by, *then))
    otherwise = (*beyond, *otherwise)
    for number, (found, then) in reversed(list(enumerate(cases[:MAX_CHAIN]))):
        start = found[0].start if number else syntax.start_byte
        test = found[0]
        if len(found) > 1:
            test = Operation(
                start=start, end=found[-1].end, line=test.line, operator="or", operands=tuple(found)
            )
        stop = max(end, start)
        node = If(start=start, end=stop, line=lowering.line(start), test=test, then=then, otherwise=otherwise)
        otherwise = (node,)
    out.extend(otherwise)


_PLAIN = frozenset({"identifier", "member_expression", "subscript_expression", "true"})
"""A value that may stand in the test of each case; a call would seem to be called as often."""


def _thrown_away(value: Node) -> Node:
    return Evaluate(start=value.start, end=value.end, line=value.line, value=value)


def _case_body(lowering: Lowering, case: Syntax) -> tuple[Node, ...]:
    """The statements of a case without the `break` that ends it."""
    found: list[Node] = []
    for child in case.children_by_field_name("body"):
        lowering.statement(child, found)
    if len(found) == 1 and isinstance(found[0], Other) and found[0].what == "statement_block":
        found = list(found[0].inside)
    if found and isinstance(found[-1], Other) and found[-1].what == "break_statement":
        found.pop()
    return tuple(found)


def _for(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    """What comes first stands before the loop, what follows each round ends its body."""
    start = syntax.start_byte
    first = syntax.child_by_field_name("initializer")
    if first is not None:
        if first.type in lowering.statements or first.type in SKIPPED:
            lowering.statement(first, out)
        else:
            value = lowering.expression(first)
            out.append(Evaluate(start=value.start, end=value.end, line=value.line, value=value))
    condition = syntax.child_by_field_name("condition")
    test: Node
    if condition is None or condition.type in ("empty_statement", ";"):
        at = condition.start_byte if condition is not None else start
        test = Literal(start=at, end=at, line=lowering.line(at), value=True)
    elif condition.type == "expression_statement":
        test = lowering.first(condition)
    else:
        test = lowering.expression(condition)
    body = lowering.body(syntax.child_by_field_name("body"))
    increment = syntax.child_by_field_name("increment")
    if increment is not None:
        step = lowering.expression(increment)
        if not isinstance(step, Assign):
            step = Evaluate(start=step.start, end=step.end, line=step.line, value=step)
        body = (*body, step)
    out.append(
        Loop(start=start, end=syntax.end_byte, line=lowering.line(start), kind="while", test=test, body=body)
    )


def _for_in(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    start = syntax.start_byte
    left = syntax.child_by_field_name("left")
    out.append(
        Loop(
            start=start,
            end=syntax.end_byte,
            line=lowering.line(start),
            kind="for",
            target=target_of(lowering, left) if left is not None else None,
            iterable=lowering.part(syntax, "right"),
            body=lowering.body(syntax.child_by_field_name("body")),
        )
    )


def _while(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    start = syntax.start_byte
    out.append(
        Loop(
            start=start,
            end=syntax.end_byte,
            line=lowering.line(start),
            kind="while",
            test=lowering.part(syntax, "condition"),
            body=lowering.body(syntax.child_by_field_name("body")),
        )
    )


def _try(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    start = syntax.start_byte
    catches: tuple[Catch, ...] = ()
    handler = syntax.child_by_field_name("handler")
    if handler is not None:
        at = handler.start_byte
        parameter = handler.child_by_field_name("parameter")
        caught = (
            lowering.source(parameter) if parameter is not None and parameter.type == "identifier" else ""
        )
        catches = (
            Catch(
                start=at,
                end=handler.end_byte,
                line=lowering.line(at),
                types=(),
                name=caught,
                body=lowering.body(handler.child_by_field_name("body")),
            ),
        )
    finalizer = syntax.child_by_field_name("finalizer")
    out.append(
        Try(
            start=start,
            end=syntax.end_byte,
            line=lowering.line(start),
            body=lowering.body(syntax.child_by_field_name("body")),
            catches=catches,
            finally_=lowering.body(finalizer.child_by_field_name("body")) if finalizer is not None else (),
        )
    )


def _labeled(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    start = syntax.start_byte
    inside = lowering.body(syntax.child_by_field_name("body"))
    out.append(
        Other(
            start=start,
            end=syntax.end_byte,
            line=lowering.line(start),
            what="labeled_statement",
            inside=inside,
        )
    )


def _jump(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    start = syntax.start_byte
    out.append(Other(start=start, end=syntax.end_byte, line=lowering.line(start), what=syntax.type))


def _enum(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    """An enumeration is an object with constant members, and numbers those that are given no value."""
    start = syntax.start_byte
    name, body = syntax.child_by_field_name("name"), syntax.child_by_field_name("body")
    items: list[tuple[Node | None, Node]] = []
    number: int | None = 0
    for child in body.named_children if body is not None else ():
        if child.type in SKIPPED:
            continue
        if child.type == "enum_assignment":
            key = key_of(lowering, child.child_by_field_name("name"), child)
            value = lowering.part(child, "value")
            stated = value.value if isinstance(value, Literal) else None
            number = stated if stated.__class__ is int else None
        else:
            key, at = key_of(lowering, child, child), child.end_byte
            value = Literal(start=at, end=at, line=lowering.line(at), value=number)
        items.append((key, value))
        number = number + 1 if number is not None else None
    place = body if body is not None else syntax
    record = Record(
        start=place.start_byte,
        end=place.end_byte,
        line=lowering.line(place.start_byte),
        items=tuple(items),
    )
    target = lowering.part(syntax, "name") if name is not None else lowering.missing(start)
    out.append(
        Assign(
            start=start,
            end=syntax.end_byte,
            line=lowering.line(start),
            targets=(target,),
            value=record,
            declares="const",
        )
    )


def _namespace(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    """What a namespace exports, no other file can import."""
    start = syntax.start_byte
    kept = lowering.exports
    lowering.exports = {}
    inside = lowering.body(syntax.child_by_field_name("body"))
    lowering.exports = kept
    out.append(
        Other(start=start, end=syntax.end_byte, line=lowering.line(start), what=syntax.type, inside=inside)
    )


def _export(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    if syntax.child_count > 1 and syntax.child(1).type == "type":
        return
    declaration = syntax.child_by_field_name("declaration")
    value = syntax.child_by_field_name("value")
    source = syntax.child_by_field_name("source")
    decorators = [lowering.expression(child) for child in syntax.children_by_field_name("decorator")]
    out.extend(Evaluate(start=d.start, end=d.end, line=d.line, value=d) for d in decorators)
    default = next((child for child in syntax.children if child.type == "default"), None)
    if declaration is not None:
        _exported_declaration(lowering, declaration, default is not None, out)
    elif default is not None and value is not None:
        _default(lowering, syntax, default, value, out)
    elif source is not None or any(child.type == "export_clause" for child in syntax.named_children):
        export_clause(lowering, syntax, source, out)
    else:
        for child in syntax.named_children:
            if child.type not in SKIPPED and child.type != "decorator":
                given = named(lowering, child, "default")
                whole(lowering, given)
                out.append(Evaluate(start=given.start, end=given.end, line=given.line, value=given))


def _exported_declaration(lowering: Lowering, syntax: Syntax, default: bool, out: list[Node]) -> None:
    before = len(out)
    lowering.statement(syntax, out)
    for node in out[before:]:
        if isinstance(node, (Function, Class)):
            node.name = node.name or "default"
            lowering.exports["default" if default else node.name] = node.name
        elif isinstance(node, (Assign, Import)):
            for name in names_of(node.targets[0]) if isinstance(node, Assign) else (node.name,):
                lowering.exports[name] = name


def _default(lowering: Lowering, syntax: Syntax, keyword: Syntax, value: Syntax, out: list[Node]) -> None:
    """`export default value` gives the value to the name `default`, unless it is a name, function or class."""
    given = named(lowering, value, "default")
    if isinstance(given, Name):
        lowering.exports["default"] = given.id
        return
    if isinstance(given, (Function, Class)):
        lowering.exports["default"] = given.name
        out.append(given)
        return
    lowering.exports["default"] = "default"
    start, at = syntax.start_byte, keyword.start_byte
    target = Name(start=at, end=keyword.end_byte, line=lowering.line(at), id="default")
    out.append(
        Assign(
            start=start,
            end=syntax.end_byte,
            line=lowering.line(start),
            targets=(target,),
            value=given,
            declares="const",
        )
    )


STATEMENTS: Statements = {
    "expression_statement": _expression,
    "lexical_declaration": _declaration,
    "variable_declaration": _declaration,
    "function_declaration": _function,
    "generator_function_declaration": _function,
    "class_declaration": _class,
    "abstract_class_declaration": _class,
    "return_statement": _return,
    "throw_statement": _throw,
    "if_statement": _if,
    "switch_statement": _switch,
    "for_statement": _for,
    "for_in_statement": _for_in,
    "while_statement": _while,
    "do_statement": _while,
    "try_statement": _try,
    "labeled_statement": _labeled,
    "break_statement": _jump,
    "continue_statement": _jump,
    "debugger_statement": _jump,
    "enum_declaration": _enum,
    "internal_module": _namespace,
    "module": _namespace,
    "import_statement": import_statement,
    "export_statement": _export,
}
