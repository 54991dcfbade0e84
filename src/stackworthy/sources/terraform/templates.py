"""Templates: literal text, interpolations and directives, with whitespace stripping and indented heredocs.

A template is first a flat row of tokens, one per line of literal text as in Terraform's own scanner, since `~` strips no
further than the line it stands on, and `<<-` measures lines; then a tree.

Source: https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stackworthy.core.value import Partial, Reference, Unknown, Value, joined
from stackworthy.sources.terraform.access import Invalid, described, elements, undecided
from stackworthy.sources.terraform.bounds import UNKNOWN_TEXT
from stackworthy.sources.terraform.conversions import ConversionError, normalize, to_bool, to_string
from stackworthy.sources.terraform.expressions import Expression, Scope
from stackworthy.sources.terraform.types import is_unknown

MAX_STRING = 4_000_000
"""Longer strings are not built."""
CHARACTERS_PER_STEP = 50

_ESCAPE = re.compile(r'\\(?:([nrt"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))|([$%])\4\{')
_DOUBLED = re.compile(r"([$%])\1\{")
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class Token(NamedTuple):
    """One token of a template: `kind` is text, value, if, else, endif, for or endfor.

    `left` and `right` say that `~` strips the text before or after it.
    """

    kind: str
    text: str = ""
    expression: Expression | None = None
    names: tuple[str, ...] = ()
    left: bool = False
    right: bool = False


class If(Expression):
    """`%{ if condition }yes%{ else }no%{ endif }`."""

    __slots__ = ("condition", "no", "yes")

    def __init__(self, condition: Expression, yes: Template, no: Template) -> None:
        self.condition = condition
        self.yes = yes
        self.no = no

    def evaluate(self, scope: Scope) -> Value:
        """The text that the condition chooses."""
        condition = self.condition.evaluate(scope)
        try:
            condition = to_bool(condition)
        except ConversionError as error:
            return Invalid(f"a condition is no bool: {error}")
        if condition is None:
            return Invalid("a condition is null")
        if is_unknown(condition):
            text = f"{described(condition)} ? {described(self.yes.evaluate(scope))} : {described(self.no.evaluate(scope))}"
            return undecided(condition, text)
        return (self.yes if condition else self.no).evaluate(scope)


class ForEach(Expression):
    """`%{ for k, v in collection }body%{ endfor }`."""

    __slots__ = ("body", "collection", "names")

    def __init__(self, names: tuple[str, ...], collection: Expression, body: Template) -> None:
        self.names = names
        self.collection = collection
        self.body = body

    def evaluate(self, scope: Scope) -> Value:
        """The text of all rounds."""
        collection = self.collection.evaluate(scope)
        if collection is None:
            return Invalid("null is iterated over")
        found = elements(collection)
        pieces: list[Value] = []
        names: dict[str, Value] = dict(scope.names) if scope.names else {}
        inner = Scope(scope.module, scope.engine, names)
        for key, value in found.pairs:
            scope.engine.charge(1)
            if len(self.names) == 2:
                names[self.names[0]] = key
            names[self.names[-1]] = value
            pieces.append(self.body.evaluate(inner))
        if found.rest is not None:
            pieces.append(found.rest)
        return _text(pieces, scope)


class Template(Expression):
    """The concatenation of texts and expressions."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[str | Expression, ...]) -> None:
        self.parts = parts

    def evaluate(self, scope: Scope) -> Value:
        """The string: known, or as far as its parts are."""
        pieces: list[Value] = []
        for part in self.parts:
            if isinstance(part, str):
                pieces.append(part)
                continue
            value = part.evaluate(scope)
            if value is None:
                return Invalid("null stands in a template")
            try:
                pieces.append(to_string(value))
            except ConversionError:
                return Invalid("a list or map stands in a template")
        return _text(pieces, scope)


def _text(pieces: list[Value], scope: Scope) -> Value:
    size = 0
    for piece in pieces:
        if isinstance(piece, str):
            size += len(piece)
        elif isinstance(piece, Partial):
            size += sum(len(inner) if isinstance(inner, str) else UNKNOWN_TEXT for inner in piece.pieces)
        elif isinstance(piece, Invalid):
            return piece
        elif isinstance(piece, (Unknown, Reference)):
            size += UNKNOWN_TEXT
        else:
            return Invalid("a list or map stands in a template")
    if size > MAX_STRING:
        return Unknown(f"a text of more than {MAX_STRING:,} characters is not built")
    if size > CHARACTERS_PER_STEP:
        scope.engine.charge(size // CHARACTERS_PER_STEP)
    return normalize(text) if isinstance(text := joined(pieces), str) else text


def unescaped(text: str) -> str:
    """The text of a quoted template with its escape sequences replaced."""
    if "\\" not in text and "$${" not in text and "%%{" not in text:
        return text
    return _ESCAPE.sub(_unescape, text)


def _unescape(found: re.Match[str]) -> str:
    simple, short, long, doubled = found.groups()
    if simple:
        return _SIMPLE_ESCAPES[simple]
    if doubled:
        return f"{doubled}{{"
    number = int(short or long, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "�"


def undoubled(text: str) -> str:
    """The text of a heredoc or a template file with `$${` and `%%{` replaced."""
    return _DOUBLED.sub(r"\1{", text) if "{" in text else text


def text_tokens(text: str, quoted: bool) -> list[Token]:
    """The tokens of literal text: one for text in quotes, otherwise one a line."""
    if quoted:
        return [Token("text", unescaped(text))]
    return [Token("text", undoubled(line)) for line in _LINES.findall(text)]


def assembled(tokens: list[Token], indented: bool) -> list[str | Expression]:
    """The parts of the template that the tokens make; raises `ValueError` when directives do not match."""
    tokens = _stripped(tokens)
    if indented:
        tokens = _flushed(tokens)
    parts, position = _parts(tokens, 0, ())
    assert position == len(tokens)
    return parts


def _stripped(tokens: list[Token]) -> list[Token]:
    result: list[Token] = []
    strip_next = False
    for token in tokens:
        if token.kind == "text":
            if strip_next:
                token = token._replace(text=token.text.lstrip())
            strip_next = False
        else:
            if token.left and result and result[-1].kind == "text":
                result[-1] = result[-1]._replace(text=result[-1].text.rstrip())
            strip_next = token.right
        result.append(token)
    return result


def _flushed(tokens: list[Token]) -> list[Token]:
    """The tokens of an indented heredoc without the indentation that all its lines share."""
    least: int | None = None
    adjusted: list[int] = []
    starts_line = True
    for position, token in enumerate(tokens):
        if starts_line:
            starts_line = False
            text = token.text
            if token.kind != "text":
                least = 0
            elif text.strip() or not text.endswith("\n"):
                spaces = len(text) - len(text.lstrip())
                least = spaces if least is None else min(least, spaces)
                adjusted.append(position)
        if token.kind == "text" and token.text.endswith("\n"):
            starts_line = True
    if not least:
        return tokens
    result = list(tokens)
    for position in adjusted:
        result[position] = tokens[position]._replace(text=tokens[position].text[least:])
    return result


_ENDS = {"if": ("else", "endif"), "else": ("endif",), "for": ("endfor",)}


def _parts(tokens: list[Token], position: int, until: tuple[str, ...]) -> tuple[list[str | Expression], int]:
    parts: list[str | Expression] = []
    while position < len(tokens):
        token = tokens[position]
        if token.kind in until:
            return parts, position
        position += 1
        if token.kind == "text":
            if parts and isinstance(parts[-1], str):
                parts[-1] += token.text
            elif token.text:
                parts.append(token.text)
        elif token.kind == "value":
            assert token.expression is not None
            parts.append(token.expression)
        elif token.kind in ("if", "for"):
            node, position = _directive(token, tokens, position)
            parts.append(node)
        else:
            raise ValueError(f"%{{ {token.kind} }} has no beginning")
    if until:
        raise ValueError(f"%{{ {until[-1]} }} is missing")
    return parts, position


def _directive(token: Token, tokens: list[Token], position: int) -> tuple[Expression, int]:
    assert token.expression is not None
    inner, position = _parts(tokens, position, _ENDS[token.kind])
    if token.kind == "for":
        return ForEach(token.names, token.expression, Template(tuple(inner))), position + 1
    other: list[str | Expression] = []
    if tokens[position].kind == "else":
        other, position = _parts(tokens, position + 1, _ENDS["else"])
    return If(token.expression, Template(tuple(inner)), Template(tuple(other))), position + 1
