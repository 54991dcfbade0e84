"""Lowers JavaScript, TypeScript, JSX and TSX to the tree of `core/code.py`, through tree-sitter, in bounded time and depth.

Local names of exports: `exports.handler = wrap(f)` and `export default wrap(f)` give no name to what they export. The first is an
Assign to the attribute (its export's local name is "handler"), the second an Assign to the Name "default".

Source: https://github.com/tree-sitter/tree-sitter-typescript
"""

from __future__ import annotations

import posixpath
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from stackworthy.core.code import Module, Node
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.sources.code.text import NotParsed
from stackworthy.sources.code.typescript_lowering import Lowering

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

MAX_BYTES = 512 * 1024
"""More than anybody writes by hand; bundles of whole frameworks begin here."""
MAX_BRACKETS = 2000
"""Open brackets at a time. tree-sitter lets go of its stack by recursion: at 100,000 it ends the process."""
MAX_SECONDS = 2.0
"""Parsing stops here: recovery from errors in hostile text takes time that grows with its square."""
UNTIMED_BYTES = 16 * 1024
"""A text this short cannot take long."""

TYPESCRIPT = (".ts", ".mts", ".cts")
"""Files in which `<T>value` is a type assertion; in all others it is JSX."""


def lower(file: str, text: bytes) -> Module:
    """The file as a tree; what is missing in it is said in `problems`. Raises `NotParsed` when nothing can be read."""
    if len(text) > MAX_BYTES:
        raise NotParsed(file, 0, f"is {len(text) / 2**20:.1f} MB: a bundle, not source")
    if b"\0" in text:
        raise NotParsed(file, 0, "is a binary file")
    if _brackets(text) > MAX_BRACKETS:
        raise NotParsed(file, 0, "is nested too deep to be read")
    ending = posixpath.splitext(file)[1]
    root = syntax(file, text)
    from stackworthy.sources.code.typescript_expressions import EXPRESSIONS
    from stackworthy.sources.code.typescript_statements import STATEMENTS

    lowering = Lowering(text, EXPRESSIONS, STATEMENTS)
    body: list[Node] = []
    for child in root.named_children:
        lowering.statement(child, body)
    return Module(
        file=file,
        language="typescript" if ending in TYPESCRIPT or ending == ".tsx" else "javascript",
        text=text,
        body=tuple(body),
        imports=tuple(lowering.imports),
        top=frozenset(lowering.top),
        exports=lowering.exports,
        problems=_problems(file, lowering, root),
    )


def syntax(file: str, text: bytes) -> Syntax:
    """The root of the concrete syntax tree of a file that `lower` takes; raises `NotParsed` when making it takes too long."""
    tree = _parse(text, "typescript" if posixpath.splitext(file)[1] in TYPESCRIPT else "tsx")
    if tree is None:
        raise NotParsed(file, 0, f"takes longer than {MAX_SECONDS:.0f} s to parse")
    root: Syntax = tree.root_node
    return root


_KEPT = bytes.maketrans(b"([{)]}", b"\1\1\1\0\0\0")
_DELETED = bytes(sorted(frozenset(range(256)) - frozenset(b"([{)]}")))


def _brackets(text: bytes) -> int:
    """How many brackets are open at a time, at most, those in texts and comments among them."""
    if text.count(b"{") + text.count(b"(") + text.count(b"[") <= MAX_BRACKETS:
        return 0
    depth = most = 0
    for opens in text.translate(_KEPT, _DELETED):
        if opens:
            depth += 1
            if depth > most:
                most = depth
        elif depth:
            depth -= 1
    return most


def _problems(file: str, lowering: Lowering, root: Syntax) -> tuple[Diagnostic, ...]:
    found = []
    if root.has_error:
        line = _first_error(root).start_point[0] + 1
        message = "has a syntax error; what stands around it is read"
        found.append(Diagnostic(file, line, "warning", message))
    if lowering.too_deep:
        message = "is nested deeper than is read"
        found.append(Diagnostic(file, lowering.too_deep, "warning", message))
    return tuple(found)


def _first_error(node: Syntax) -> Syntax:
    """The innermost node that holds the first error."""
    while not node.is_error:
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            return node
        node = inner
    return node


@cache
def _parser(language: str) -> Any:
    import tree_sitter
    import tree_sitter_typescript

    made = (
        tree_sitter_typescript.language_tsx
        if language == "tsx"
        else tree_sitter_typescript.language_typescript
    )
    return tree_sitter.Parser(tree_sitter.Language(made()))


def _parse(text: bytes, language: str) -> Any:
    """The syntax tree; None when making it takes too long."""
    parser = _parser(language)
    if len(text) <= UNTIMED_BYTES:
        return parser.parse(text)
    end = time.monotonic() + MAX_SECONDS

    def read(offset: int, _: object) -> bytes:
        return text[offset : offset + 65536]

    def late(_: int, __: bool) -> bool:
        return time.monotonic() > end

    try:
        return parser.parse(read, progress_callback=late)
    except ValueError:
        parser.reset()
        return None
