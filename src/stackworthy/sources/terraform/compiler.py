"""From nodes of the syntax tree to compiled expressions; constants and plain traversals straight from their text.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stackworthy.core.value import NotKnown
from stackworthy.sources.terraform.access import Splat
from stackworthy.sources.terraform.calls import Call
from stackworthy.sources.terraform.conversions import normalize
from stackworthy.sources.terraform.expressions import (
    Access,
    Binary,
    Broken,
    Conditional,
    Expression,
    For,
    Literal,
    Object,
    Traversal,
    Tuple,
    Unary,
    traversal,
)
from stackworthy.sources.terraform.numbers import parse_number
from stackworthy.sources.terraform.templates import Template, Token, assembled, text_tokens, unescaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

MAX_DEPTH = 100
"""Expressions nested deeper than this are not compiled; people stay below twenty."""

SIMPLE = (
    rb'(?:"([^"\\$%\n]*)"|(-?\d{1,15})|(true|false|null)'
    rb"|([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d{1,9}\])*))\Z"
)
"""The expressions that need no tree: a string without escapes and templates, a number, a constant, a traversal."""
_SIMPLE = re.compile(SIMPLE)
_ELEMENT = re.compile(rb'(?:([A-Za-z_][\w-]*)|"([^"\\$%\n]*)")[ \t]*[=:][ \t]*' + SIMPLE)
_TRAVERSAL = rb"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d{1,9}\])*"
_TEMPLATE = re.compile(rb'"(?:[^"\\$%\n]|\$\{' + _TRAVERSAL + rb'\})*"\Z')
_INTERPOLATION = re.compile(rb"\$\{([^}]*)\}")
_CONSTANTS = {b"true": True, b"false": False, b"null": None}
_OPERATORS = frozenset(("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"))
_DIRECTIVES = frozenset(("template_directive", "template_if", "template_for"))
_MARKERS = {
    "template_interpolation": "value",
    "template_if_intro": "if",
    "template_else_intro": "else",
    "template_if_end": "endif",
    "template_for_start": "for",
    "template_for_end": "endfor",
}


class TooDeep(Exception):
    """An expression is nested deeper than `MAX_DEPTH`."""


class Uncompilable(Exception):
    """A node that stands where the grammar has no such thing; only in files with syntax errors."""


def simple(found: re.Match[bytes], first: int) -> Expression:
    """The expression of a match whose groups, from `first` on, are a string, a whole number, a constant and a traversal."""
    which = found.lastindex or 0
    raw = found[which]
    if which == first:
        return Literal(normalize(raw.decode("utf-8", "replace")))
    if which == first + 1:
        return Literal(int(raw))
    if which == first + 2:
        return Literal(_CONSTANTS[raw])
    return traversal(raw.decode())


def _element(found: re.Match[bytes]) -> tuple[Expression, Expression]:
    """The key and value of an element of an object that need no tree."""
    quoted = found[1] is None
    key = Literal(normalize((found[2] if quoted else found[1]).decode("utf-8", "replace")))
    key.start, key.end = (
        found.start(2) - 1 if quoted else found.start(1),
        found.end(2) + 1 if quoted else found.end(1),
    )
    value = simple(found, 3)
    value.start = found.start(found.lastindex or 0) - (found.lastindex == 3)
    value.end = found.end()
    return key, value


def compile_expression(node: Node | None, data: bytes, broken: bool = False) -> Expression:
    """The expression that the node stands for; one that is broken or nested too deeply evaluates to an unknown."""
    start, end = (0, 0) if node is None else (node.start_byte, node.end_byte)
    try:
        if node is None or broken:
            raise Uncompilable("its syntax is broken")
        return _Compiler(data).expression(node)
    except (TooDeep, RecursionError):
        result = Broken(f"an expression is nested more than {MAX_DEPTH} levels deep (at byte {start})")
    except (Uncompilable, ValueError, NotKnown) as error:
        result = Broken(f"an expression cannot be read: {error} (at byte {start})")
    result.start, result.end = start, end
    return result


def parse_expression(text: str) -> Expression:
    """The expression that a text of its own writes; raises `ValueError` when it is none."""
    from stackworthy.sources.terraform.hcl_syntax import HclFile
    from stackworthy.sources.terraform.syntax import Problem

    try:
        file = HclFile("", b"x = " + text.encode("utf-8", "replace") + b"\n")
    except Problem as problem:
        raise ValueError(problem.message) from None
    attribute = file.top.attributes.get("x")
    if file.broken or attribute is None or len(file.top.attributes) != 1 or file.top.blocks:
        raise ValueError("is not a valid expression")
    return attribute.expression


def parse_template(text: str) -> Expression:
    """The template that a text of its own is, as in a file or a JSON string; raises `ValueError` when it is none."""
    from stackworthy.sources.terraform.syntax import Problem
    from stackworthy.sources.terraform.trees import parse

    if "${" not in text and "%{" not in text:
        return Literal(normalize(text))
    name = "EOT"
    while name in text:
        name += "_"
    head = f"x = <<{name}\n".encode()
    body = text.encode("utf-8", "replace")
    data = head + body + f"\n{name}\n".encode()
    try:
        root = parse(data).root_node
    except Problem as problem:
        raise ValueError(problem.message) from None
    if root.has_error:
        raise ValueError("is not a valid template")
    node = root
    while node.type != "heredoc_template":
        inner = [child for child in node.children if child.type not in ("identifier", "=", "comment")]
        if not inner:
            raise ValueError("is not a valid template")
        node = inner[0]
    try:
        return _Compiler(data).template(node, len(head), len(head) + len(body), quoted=False, indented=False)
    except (TooDeep, RecursionError):
        raise ValueError(f"is nested more than {MAX_DEPTH} levels deep") from None
    except Uncompilable as error:
        raise ValueError(str(error)) from None


class _Compiler:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.depth = 0

    def expression(self, node: Node) -> Expression:
        start, end = node.start_byte, node.end_byte
        found = _SIMPLE.match(self.data, start, end)
        if found is not None:
            result = simple(found, 1)
        elif self.data[start : start + 1] == b'"' and _TEMPLATE.match(self.data, start, end):
            result = self._plain_template(start + 1, end - 1)
        else:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise TooDeep
            children = [child for child in node.children if child.type != "comment"]
            if len(children) == 1 and children[0].type == "conditional":
                result = self._conditional(children[0])
            else:
                result = self._term(children)
            self.depth -= 1
        result.start, result.end = start, end
        return result

    def _term(self, nodes: list[Node]) -> Expression:
        if not nodes:
            raise Uncompilable("an operand is missing")
        first = nodes[0]
        if first.type == "(":
            base, rest = self.expression(nodes[1]), nodes[3:]
        else:
            kind = _TERMS.get(first.type)
            if kind is None:
                raise Uncompilable(f"unexpected {first.type}")
            base, rest = kind(self, first), nodes[1:]
            base.start, base.end = first.start_byte, first.end_byte
        if not rest:
            return base
        steps = self._steps(rest)
        if isinstance(base, Traversal) and not base.steps:
            base.steps = steps
            base.end = nodes[-1].end_byte
            return base
        result = Access(base, steps)
        result.start, result.end = base.start, nodes[-1].end_byte
        return result

    def _steps(self, nodes: list[Node]) -> tuple[Any, ...]:
        steps: list[Any] = []
        for position, node in enumerate(nodes):
            if node.type == "get_attr":
                steps.append(self._text(node.children[-1]))
            elif node.type == "index":
                steps.append(self._index(node.children[0]))
            elif node.type == "splat":
                return (*steps, *self._splat(node.children[0], nodes[position + 1 :]))
            else:
                raise Uncompilable(f"unexpected {node.type}")
        return tuple(steps)

    def _index(self, node: Node) -> Any:
        if node.type == "legacy_index":
            return int(self._text(node).lstrip(". "))
        inner = next(child for child in node.children if child.type == "expression")
        compiled = self.expression(inner)
        if isinstance(compiled, Literal) and type(compiled.value) in (str, int):
            return compiled.value
        return compiled

    def _splat(self, node: Node, following: list[Node]) -> tuple[Any, ...]:
        inner = [child for child in node.children[1:] if child.type != "comment"] + following
        outside: tuple[Any, ...] = ()
        if node.type == "attr_splat":
            names = next((i for i, child in enumerate(inner) if child.type != "get_attr"), len(inner))
            outside = self._steps(inner[names:])
            inner = inner[:names]
        text = "".join(self._text(child) for child in inner)
        return (Splat(self._steps(inner), text), *outside)

    def _conditional(self, node: Node) -> Expression:
        condition, yes, no = (child for child in node.children if child.type == "expression")
        return Conditional(self.expression(condition), self.expression(yes), self.expression(no))

    def _operation(self, node: Node) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeep
        inner = node.children[0]
        children = [child for child in inner.children if child.type != "comment"]
        result: Expression
        if inner.type == "unary_operation":
            result = Unary(children[0].type, self._term(children[1:]))
        else:
            at = next((i for i, child in enumerate(children) if child.type in _OPERATORS), 0)
            result = Binary(children[at].type, self._term(children[:at]), self._term(children[at + 1 :]))
        self.depth -= 1
        return result

    def _literal(self, node: Node) -> Expression:
        inner = node.children[0]
        text = self._text(inner)
        if inner.type == "string_lit":
            return Literal(normalize(unescaped(text[1:-1])))
        if inner.type == "numeric_lit":
            if text[:2] in ("0x", "0X"):
                raise Uncompilable("hexadecimal numbers do not exist")
            number = parse_number(text)
            if number is None:
                raise Uncompilable(f"{text[:20]} is no number")
            return Literal(number)
        return Literal(_CONSTANTS[text.encode()])

    def _template_expression(self, node: Node) -> Expression:
        inner = node.children[0]
        if inner.type == "quoted_template":
            return self.template(inner, inner.start_byte + 1, inner.end_byte - 1, quoted=True, indented=False)
        marks = [child for child in inner.children if child.type == "heredoc_identifier"]
        start = self.data.find(b"\n", marks[0].end_byte) + 1
        end = self.data.rfind(b"\n", 0, marks[-1].start_byte) + 1
        indented = self._text(inner.children[0]) == "<<-"
        return self.template(inner, start, max(start, end), quoted=False, indented=indented)

    def template(self, node: Node, start: int, end: int, *, quoted: bool, indented: bool) -> Expression:
        tokens: list[Token] = []
        for marker in self._markers(node):
            tokens += self._literals(start, marker.start_byte, quoted)
            tokens.append(self._token(marker))
            start = marker.end_byte
        tokens += self._literals(start, end, quoted)
        parts = assembled(tokens, indented)
        if len(parts) == 1 and len(tokens) == 1 and isinstance(parts[0], Expression):
            return parts[0]
        if not parts or (len(parts) == 1 and isinstance(parts[0], str)):
            return Literal(normalize("".join(parts)))  # type: ignore[arg-type]
        return Template(tuple(parts))

    def _plain_template(self, start: int, end: int) -> Expression:
        """A template of text and traversals, straight from its text."""
        parts: list[str | Expression] = []
        for found in _INTERPOLATION.finditer(self.data, start, end):
            if found.start() > start:
                parts.append(normalize(self.data[start : found.start()].decode("utf-8", "replace")))
            name = found[1]
            part = Literal(_CONSTANTS[name]) if name in _CONSTANTS else traversal(name.decode())
            part.start, part.end = found.span(1)
            parts.append(part)
            start = found.end()
        if start < end:
            parts.append(normalize(self.data[start:end].decode("utf-8", "replace")))
        if len(parts) == 1 and isinstance(parts[0], Expression):
            return parts[0]
        return Template(tuple(parts))

    def _literals(self, start: int, end: int, quoted: bool) -> list[Token]:
        if start >= end:
            return []
        return text_tokens(self.data[start:end].decode("utf-8", "replace"), quoted)

    def _markers(self, node: Node) -> Iterator[Node]:
        for child in node.children:
            if child.type in _MARKERS:
                yield child
            elif child.type in _DIRECTIVES:
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    raise TooDeep
                yield from self._markers(child)
                self.depth -= 1

    def _token(self, node: Node) -> Token:
        expression: Expression | None = None
        names: list[str] = []
        left = right = False
        seen = False
        for child in node.children[1:-1]:
            if child.type == "expression":
                expression = self.expression(child)
            elif child.type == "identifier":
                names.append(self._text(child))
            elif child.type == "strip_marker":
                left, right = (left or not seen, right or seen)
            seen = seen or child.type not in ("strip_marker", "comment")
        if node.type == "template_interpolation" and expression is None:
            raise Uncompilable("an interpolation is empty")
        return Token(_MARKERS[node.type], "", expression, tuple(names), left, right)

    def _collection(self, node: Node) -> Expression:
        inner = node.children[0]
        if inner.type == "tuple":
            return Tuple(
                tuple(self.expression(child) for child in inner.children if child.type == "expression")
            )
        items = []
        for element in inner.children:
            if element.type == "object_elem":
                found = _ELEMENT.match(self.data, element.start_byte, element.end_byte)
                if found is not None:
                    items.append(_element(found))
                    continue
                key, value = (child for child in element.children if child.type == "expression")
                items.append((self._key(key), self.expression(value)))
        return Object(tuple(items))

    def _key(self, node: Node) -> Expression:
        compiled = self.expression(node)
        if isinstance(compiled, Traversal) and not compiled.steps and node.children[0].type != "(":
            literal = Literal(compiled.root)
            literal.start, literal.end = compiled.start, compiled.end
            return literal
        if isinstance(compiled, Literal) and not isinstance(compiled.value, str):
            literal = Literal(self._text(node))
            literal.start, literal.end = compiled.start, compiled.end
            return literal
        return compiled

    def _name(self, node: Node) -> Expression:
        return Traversal(self._text(node), ())

    def _call(self, node: Node) -> Expression:
        arguments: tuple[Expression, ...] = ()
        expand = False
        for child in node.children:
            if child.type == "function_arguments":
                expand = any(inner.type == "ellipsis" for inner in child.children)
                arguments = tuple(
                    self.expression(inner) for inner in child.children if inner.type == "expression"
                )
        return Call(self._text(node.children[0]), arguments, expand)

    def _for(self, node: Node) -> Expression:
        inner = node.children[0]
        names: tuple[str, ...] = ()
        collection: Expression | None = None
        condition: Expression | None = None
        results: list[Expression] = []
        group = False
        for child in inner.children:
            if child.type == "for_intro":
                names = tuple(self._text(part) for part in child.children if part.type == "identifier")
                collection = self._only(child)
            elif child.type == "for_cond":
                condition = self._only(child)
            elif child.type == "expression":
                results.append(self.expression(child))
            elif child.type == "ellipsis":
                group = True
        if collection is None or not names or len(names) > 2:
            raise Uncompilable("a for expression is incomplete")
        key = results[0] if inner.type == "for_object_expr" else None
        text = " ".join(self._text(node).split())
        return For(names, collection, key, results[-1], condition, group, text)

    def _only(self, node: Node) -> Expression:
        return self.expression(next(child for child in node.children if child.type == "expression"))

    def _text(self, node: Node) -> str:
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")


_TERMS: dict[str, Callable[[_Compiler, Node], Expression]] = {
    "literal_value": _Compiler._literal,
    "template_expr": _Compiler._template_expression,
    "collection_value": _Compiler._collection,
    "variable_expr": _Compiler._name,
    "function_call": _Compiler._call,
    "for_expr": _Compiler._for,
    "operation": _Compiler._operation,
}
