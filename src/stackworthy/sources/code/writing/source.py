"""The file that an edit of code changes: its nodes, statements and lines, and splices that keep its style."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from stackworthy.core.code import (
    Assign,
    Call,
    Evaluate,
    Function,
    Import,
    Literal,
    Name,
    Node,
    Template,
    walk,
)
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.value import known
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code import typescript
from stackworthy.sources.code.handler import Handler, code_of, handlers
from stackworthy.sources.code.unit import Scope

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

N = TypeVar("N", bound=Node)
_BOM = b"\xef\xbb\xbf"
_BLOCKS = ("program", "statement_block", "switch_case", "switch_default", "class_body")


def _blocks(node: Node) -> Iterator[Node]:
    """The statements that stand directly in the blocks of one."""
    for name in ("body", "then", "otherwise", "finally_"):
        found = getattr(node, name, ())
        yield from found if isinstance(found, tuple) else ()


class Span(NamedTuple):
    """Bytes of the text, from `start` up to `end`."""

    start: int
    end: int


class Source:
    """A file of code as an edit sees it. Raises `CannotWrite` when it is not what the review read.

    All positions count bytes of `text`; `splice` turns them into those of the file.
    """

    def __init__(self, workspace: Workspace, change: Rewrite) -> None:
        found = code_of(change.function)
        file = change.place.span.file
        unit = found.program.units.get(file) if isinstance(found, Handler) else None
        if unit is None or not isinstance(found, Handler):
            raise CannotWrite("the code of the function is not read")
        content = workspace.read(file)
        text = unit.module.text
        if content not in (text, _BOM + text):
            raise CannotWrite("the file is not as it was read")
        self.workspace = workspace
        self.change = change
        self.handler = found
        self.unit = unit
        self.file = file
        self.text = text
        self.python = unit.module.language == "python"
        self._before = len(content) - len(text)
        self.newline = b"\r\n" if b"\r\n" in text else b"\n"
        if b"\r" in text.replace(b"\r\n", b""):
            raise CannotWrite("its lines end in carriage returns")

    @property
    def functions(self) -> list[Handler]:
        """All functions of the stack that run this file."""
        return [item for item in handlers(self.change.function.graph) if self.file in item.program.units]

    @cached_property
    def timeout(self) -> float:
        """The shortest timeout of the functions that run this file, in seconds."""
        found = [item.function["Timeout"] for item in self.functions]
        return min((float(value) for value in found if known(value)), default=3.0)

    # Nodes

    def at(self, kind: type[N]) -> N:
        """The node of a kind at the place of the finding; raises `CannotWrite`."""
        span = self.change.place.span
        for scope in self.handler.program.scopes:
            if scope.unit is self.unit:
                for node in scope.all(kind):
                    if (node.start, node.end) == (span.start_byte, span.end_byte):
                        return node
        raise CannotWrite("what was found there is no longer there")

    def of(self, node: Node) -> str:
        """The text of a node."""
        return self.text[node.start : node.end].decode("utf-8", "replace")

    def parent(self, node: Node) -> Node | None:
        """What a node stands in; None for a statement at the top."""
        return self.unit.parents.get(id(node))

    def statement(self, node: Node) -> Span:
        """The statement that a node is part of, with its `const` and its semicolon."""
        if not self.python:
            return self._syntax_statement(node)
        inner: Node | None = node
        while inner is not None:
            parent = self.parent(inner)
            if parent is None or any(inner is part for part in _blocks(parent)):
                return Span(inner.start, inner.end)
            inner = parent
        raise CannotWrite("it stands in no statement of its own")

    def _syntax_statement(self, node: Node) -> Span:
        found = self._syntax.descendant_for_byte_range(node.start, node.end)
        while found is not None and found.parent is not None and found.parent.type not in _BLOCKS:
            found = found.parent
        if found is None:
            raise CannotWrite("it stands in no statement of its own")
        return Span(found.start_byte, found.end_byte)

    @cached_property
    def _syntax(self) -> Syntax:
        return typescript.syntax(self.file, self.text)

    def is_alone(self, span: Span) -> bool:
        """Whether nothing but comments shares the lines of a statement."""
        before = self.text[self.line_start(span.start) : span.start]
        after = self.text[span.end : self.line_end(span.end)].strip()
        mark = b"#" if self.python else b"//"
        return not before.strip() and (not after or after.startswith(mark))

    def is_mentioned(self, name: str) -> bool:
        """Whether a name stands for anything anywhere in the file."""
        wanted = name.encode()
        if wanted not in self.text:
            return False
        nodes = walk(*self.unit.module.body)
        return any(getattr(node, "id", "") == name or getattr(node, "name", "") == name for node in nodes)

    def spans_lines(self, node: Node) -> bool:
        """Whether a text in a node goes over several lines, so that its indentation is part of it."""
        return any(
            b"\n" in self.text[part.start : part.end]
            for part in walk(node)
            if isinstance(part, (Literal, Template))
        )

    # Lines

    def line_start(self, position: int) -> int:
        """Where the line of a position begins."""
        return self.text.rfind(b"\n", 0, position) + 1

    def line_end(self, position: int) -> int:
        """Where the line after that of a position begins."""
        found = self.text.find(b"\n", position)
        return len(self.text) if found < 0 else found + 1

    def indentation(self, position: int) -> bytes:
        """What the line of a position begins with, up to the first word."""
        start = self.line_start(position)
        line = self.text[start : self.line_end(start)]
        return line[: len(line) - len(line.lstrip(b" \t"))]

    def line_after(self, position: int) -> bytes:
        """The line after that of a position, without blanks around it."""
        start = self.line_end(position)
        return self.text[start : self.line_end(start)].strip()

    @cached_property
    def step(self) -> bytes:
        """One step of indentation, as most of the file has it."""
        for scope in self.unit.functions.values():
            node = scope.node
            if node is None or not node.body:
                continue
            outer, inner = self.indentation(node.start), self.indentation(node.body[0].start)
            if inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
        return b"    " if self.python else b"  "

    @property
    def end(self) -> str:
        """What ends a statement: a semicolon where the file writes them."""
        return ";" if not self.python and b";" in self.text else ""

    def quoted(self, text: str) -> str:
        """A plain text in the quotes that the file prefers."""
        single = self.text.count(b"'") > self.text.count(b'"')
        return f"'{text}'" if single else f'"{text}"'

    # The top of the file

    def tops(self) -> Iterator[tuple[Span, bool, bool]]:
        """The statements at the top: where, whether they import, whether they define."""
        if self.python:
            for node in self.unit.module.body:
                imports = any(isinstance(part, Import) for part in walk(node, into_functions=False))
                kind = type(node).__name__
                yield (
                    Span(node.start, node.end),
                    imports and kind in ("Import", "Try", "If"),
                    kind
                    in (
                        "Function",
                        "Class",
                    ),
                )
            return
        for child in self._syntax.named_children:
            if child.type == "comment":
                continue
            text = self.text[child.start_byte : child.end_byte]
            declares = child.type in ("lexical_declaration", "variable_declaration")
            imports = child.type == "import_statement" or (
                declares and b"require(" in text and b"=>" not in text
            )
            defines = not imports and (
                child.type in ("function_declaration", "class_declaration", "export_statement")
                or b"=>" in text
                or b"function" in text
            )
            yield Span(child.start_byte, child.end_byte), imports, defines

    def after_imports(self, needs: frozenset[str] = frozenset()) -> int:
        """The line after the imports at the top, and after what gives `needs` (names of the top) their values."""
        last = 0
        for span, imports, defines in self.tops():
            if defines and last:
                break
            if imports:
                last = span.end
        for name in needs:
            for value in self.unit.top.bindings.get(name, ()):
                if not isinstance(value, Import):
                    last = max(last, value.end)
        for node in self.unit.module.body:
            if self._configures(node, needs):
                last = max(last, node.end)
        return self.line_end(last) if last else self.first_line()

    def first_line(self) -> int:
        """Where the first statement begins; after the text that explains the file, where it has one."""
        first = self.unit.module.body[0]
        is_text = isinstance(first, Evaluate) and isinstance(first.value, Literal)
        return self.line_end(first.end) if is_text else self.line_start(first.start)

    def _configures(self, node: Node, needs: frozenset[str]) -> bool:
        """Whether a statement at the top changes what is needed (`AWS.config.update`, `patch_all()`)."""
        stores = isinstance(node, Assign) and not isinstance(node.targets[0], Name)
        if not stores and not isinstance(node, Evaluate):
            return False
        if isinstance(node, Assign) and isinstance(node.value, Function):
            return False
        names = {part.id for part in walk(node, into_functions=False) if isinstance(part, Name)}
        return bool(names & needs) or any("patch" in name for name in names)

    def local_name(self, module: str, member: str) -> str:
        """The name that the top of the file knows an import by, "" when it does not import it."""
        imports = self.unit.module.imports
        for number in self.unit.module.top:
            item = imports[number]
            if item.module.removeprefix("node:") == module and item.member == member:
                return item.name
        return ""

    def paragraph(self, position: int, text: bytes) -> Splice:
        """Lines of their own at the top, beside the clients that stand there, else apart from what is before and after.

        The line's end before them is part of the splice: two of them clash, and the second joins the first in the next round.
        """
        grouped = self._after_clients(position)
        first = (
            b""
            if grouped != position or self.text[:position].endswith((b"\n\n", b"\n\r\n"))
            else self.newline
        )
        position = grouped
        last = self.newline if self.text[position : self.line_end(position)].strip() else b""
        return self.at_top(position, first + text + last)

    def at_top(self, position: int, text: bytes) -> Splice:
        """Lines before a position. The end of the line before is part of the splice, so that two of them clash."""
        before = self.text[:position]
        if not before:
            return self.splice(0, 0, text.lstrip(b"\r\n"))
        if not before.endswith(b"\n"):
            return self.splice(position, position, self.newline + text)
        start = position - (2 if before.endswith(b"\r\n") else 1)
        return self.splice(start, position, self.text[start:position] + text)

    def _after_clients(self, position: int) -> int:
        """The line after the clients of AWS, and their settings, that are made in the next lines."""
        for node in self.unit.module.body:
            if node.start < position:
                continue
            if self.text[position : node.start].strip() and not self._is_comment(position, node.start):
                break
            if not isinstance(node, Assign) or not isinstance(node.value, Call):
                break
            settings = self.handler.name(node.value.callee) == "botocore.config.Config"
            if not settings and self.handler.client(node.value) is None:
                break
            position = self.line_end(self.statement(node).end)
        return position

    def _is_comment(self, start: int, end: int) -> bool:
        mark = (b"#",) if self.python else (b"//", b"const", b"let", b"var", b"export")
        return all(
            not line.strip() or line.strip().startswith(mark) for line in self.text[start:end].splitlines()
        )

    def splice(self, start: int, end: int, text: bytes) -> Splice:
        """Positions of the text as those of the file."""
        return Splice(self.file, start + self._before, end + self._before, text)

    # Arguments

    def argument(self, call: Call, text: str) -> Splice:
        """One more argument at the end of a call, on a line of its own where the others are."""
        given = [*call.arguments, *(value for _, value in call.keywords)]
        if not given:
            opening = self.text.rfind(b"(", call.callee.end, call.end)
            if opening < 0:
                return self.splice(call.end, call.end, f"({text})".encode())
            return self.splice(opening + 1, opening + 1, text.encode())
        last = max(given, key=lambda node: node.end)
        first_line = self.line_start(call.start)
        own_line = self.line_start(last.start) not in (first_line, *self._lines(given, last))
        return self.append(last, call.end - 1, (text,), own_lines=own_line)

    def _lines(self, given: list[Node], last: Node) -> list[int]:
        return [self.line_start(node.start) for node in given if node is not last]

    def append(self, last: Node, closing: int, texts: tuple[str, ...], *, own_lines: bool) -> Splice:
        """More items after the last of a list that ends at `closing`, each on a line of its own if asked; raises `CannotWrite`."""
        mark = rb"#[^\r\n]*" if self.python else rb"//[^\r\n]*"
        if re.sub(mark, b"", self.text[last.end : closing]).strip() not in (b"", b","):
            raise CannotWrite("its arguments are not written plainly")
        line = self.text[last.end : self.line_end(last.end)].rstrip(b"\r\n")
        if not own_lines or last.end + len(line) >= closing:
            return self.splice(last.end, last.end, "".join(f", {text}" for text in texts).encode())
        comma = line.lstrip().startswith(b",")
        between = self.newline + self.indentation(last.start)
        more = b",".join(between + text.encode() for text in texts)
        whole = (line if comma else b"," + line) + more + (b"," if comma else b"")
        return self.splice(last.end, last.end + len(line), whole)

    def scope(self, node: Node) -> Scope:
        """The function in which a node stands."""
        return self.unit.scope(node)


def demand_plain(source: Source) -> None:
    """The context of a durable function is another object, without a request of its own."""
    if b"durable" in source.text.lower():
        raise CannotWrite("the handler runs as a durable function", "use what its own context offers")
