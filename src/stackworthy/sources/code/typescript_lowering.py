"""What the lowering of JavaScript and TypeScript shares: positions, texts, limits, and the way from a syntax node to its handler."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING

from stackworthy.core.code import Call, Import, Literal, Node, Other

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

MAX_DEPTH = 150
"""Nesting that is followed. People write up to 30 levels, bundlers up to 100; each costs up to four frames of the interpreter's 1,000."""
MAX_CHAIN = 100
"""Links of `else if`, `case` and mixed operators that nest; what follows stands flat."""

SKIPPED = frozenset(
    {
        "comment",
        "html_comment",
        "hash_bang_line",
        "empty_statement",
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "interface_declaration",
        "type_alias_declaration",
        "ambient_declaration",
        "function_signature",
        "method_signature",
        "abstract_method_signature",
        "index_signature",
        "accessibility_modifier",
        "override_modifier",
        "implements_clause",
        "asserts_annotation",
        "type_predicate_annotation",
    }
)
"""What leaves no trace when the program runs."""

WRAPPERS = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
        "instantiation_expression",
    }
)
"""What stands around an expression without changing its value."""

_NEWLINE = re.compile(rb"\n")

Expressions = dict[str, Callable[["Lowering", "Syntax"], Node]]
Statements = dict[str, Callable[["Lowering", "Syntax", list[Node]], None]]


class Lowering:
    """One file on its way from tree-sitter's tree to ours.

    `inside` counts the functions around what is read, `imports` and `exports` gather; `too_deep` is the line of the first
    node that was nested too deeply, 0 for none.
    """

    __slots__ = (
        "depth",
        "exports",
        "expressions",
        "imports",
        "inside",
        "newlines",
        "requires",
        "statements",
        "text",
        "too_deep",
        "top",
    )

    def __init__(self, text: bytes, expressions: Expressions, statements: Statements) -> None:
        self.text = text
        self.newlines = [found.start() for found in _NEWLINE.finditer(text)]
        self.expressions = expressions
        self.statements = statements
        self.depth = 0
        self.inside = 0
        self.too_deep = 0
        self.imports: list[Import] = []
        self.top: set[int] = set()
        self.exports: dict[str, str] = {}
        self.requires: dict[
            int, tuple[Call, Import]
        ] = {}  # the calls live on, so that no other takes their identity

    def line(self, start: int) -> int:
        """The line of a byte, from 1."""
        return bisect_left(self.newlines, start) + 1

    def source(self, syntax: Syntax) -> str:
        """The text of a syntax node."""
        return str(self.text[syntax.start_byte : syntax.end_byte], "utf-8", "replace")

    def expression(self, syntax: Syntax) -> Node:
        """What an expression means; `Other` for what has no handler or is nested too deeply."""
        kind = syntax.type
        handler = self.expressions.get(kind)
        if self.depth >= MAX_DEPTH:
            return self.deep(syntax)
        self.depth += 1
        node = handler(self, syntax) if handler is not None else self.other(syntax)
        self.depth -= 1
        return node

    def statement(self, syntax: Syntax, out: list[Node]) -> None:
        """Append what a statement means: nothing for types and comments, several nodes for several declarations."""
        kind = syntax.type
        if kind in SKIPPED:
            return
        if self.depth >= MAX_DEPTH:
            out.append(self.deep(syntax))
            return
        self.depth += 1
        handler = self.statements.get(kind)
        if handler is not None:
            handler(self, syntax, out)
        else:
            known = self.expressions.get(kind)
            out.append(known(self, syntax) if known is not None else self.other(syntax))
        self.depth -= 1

    def body(self, syntax: Syntax | None) -> tuple[Node, ...]:
        """The statements of a block, or the one that stands without braces."""
        out: list[Node] = []
        if syntax is None:
            return ()
        if syntax.type in ("statement_block", "program", "class_body"):
            for child in syntax.named_children:
                self.statement(child, out)
        else:
            self.statement(syntax, out)
        return tuple(out)

    def part(self, syntax: Syntax, field: str) -> Node:
        """The expression in a field; `Other` without extent where a syntax error left none."""
        found = syntax.child_by_field_name(field)
        return self.expression(found) if found is not None else self.missing(syntax.end_byte)

    def first(self, syntax: Syntax) -> Node:
        """The first expression inside."""
        for child in syntax.named_children:
            if child.type not in SKIPPED:
                return self.expression(child)
        return self.missing(syntax.end_byte)

    def missing(self, at: int) -> Node:
        """In the place of what a syntax error left out."""
        return Other(start=at, end=at, line=self.line(at), what="missing")

    def nothing(self, at: int) -> Literal:
        """`undefined` that is not written, such as the value of `let x`."""
        return Literal(start=at, end=at, line=self.line(at), value=None)

    def other(self, syntax: Syntax) -> Node:
        """What no rule asks for, with its parts."""
        inside: list[Node] = []
        for child in syntax.named_children:
            self.statement(child, inside)
        start = syntax.start_byte
        return Other(
            start=start,
            end=syntax.end_byte,
            line=self.line(start),
            what=syntax.type,
            inside=tuple(inside),
        )

    def deep(self, syntax: Syntax) -> Node:
        """In the place of what is nested too deeply."""
        start = syntax.start_byte
        line = self.line(start)
        self.too_deep = self.too_deep or line
        return Other(start=start, end=syntax.end_byte, line=line, what="too deep")


def unwrap(syntax: Syntax) -> Syntax:
    """The expression inside parentheses and type assertions."""
    while syntax.type in WRAPPERS:
        inner = inner_of(syntax)
        if inner is None:
            return syntax
        syntax = inner
    return syntax


def inner_of(wrapper: Syntax) -> Syntax | None:
    """The value in a wrapper; `<T>value` has it behind its type."""
    if wrapper.type == "type_assertion":
        children = [child for child in wrapper.named_children if child.type != "comment"]
        return children[-1] if len(children) > 1 else None
    for child in wrapper.named_children:
        if child.type not in SKIPPED:
            return child
    return None
