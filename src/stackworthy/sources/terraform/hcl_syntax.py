"""HCL files as blocks and attributes, over a tree-sitter tree that is walked on demand and let go on request.

Only the body that somebody asks for is walked, and only the expression that somebody evaluates is compiled: copying every
node of a tree into Python first would cost more than parsing it.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import itertools
import re
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

import tree_sitter

from stackworthy.sources.terraform import trees
from stackworthy.sources.terraform.compiler import SIMPLE, compile_expression, simple
from stackworthy.sources.terraform.syntax import Problem, Route
from stackworthy.sources.terraform.trees import first_error, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stackworthy.sources.terraform.expressions import Expression

MAX_ROUTE = 100
"""Blocks are read as deep as this many steps, two for each level."""
KEPT_BYTES = 1024 * 1024
"""So much text stays compiled: modules that many roots call, and files that a proof reads again, are compiled once."""
TREE_BYTES = 256 * 1024
"""The text of so many files keeps its syntax tree, which is seventy times as large; older trees are let go."""

_BOM = b"\xef\xbb\xbf"
_SIMPLE_ATTRIBUTE = re.compile(rb"([A-Za-z_][\w-]*)\s*=\s*" + SIMPLE)
_HEADERS = re.compile(
    rb"^(?:resource|data|module|variable|output|locals|provider|terraform|moved|import|removed|check|ephemeral|include"
    rb'|dependency|dependencies|generate|remote_state|inputs)\b(?=[ \t]*["{=])',
    re.MULTILINE,
)
_ARGUMENTS = re.compile(rb"^[A-Za-z_][\w-]*(?=[ \t]*=[^=])", re.MULTILINE)
"""Where a block, or an argument outside of all blocks, starts in a file as `terraform fmt` lays it out."""
_BROKEN_HINT = "run `terraform fmt` to see it; the blocks around it are read"

_numbers = itertools.count()


class HclFile:
    """One parsed file.

    `nodes` are those of expressions (by where they start) and of bodies (by where their block starts, as a negative number) that were
    seen and not compiled or walked so far; they keep the syntax tree alive.
    """

    __slots__ = ("_error", "broken", "data", "nodes", "offset", "path", "top")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.offset = len(_BOM) if data.startswith(_BOM) else 0
        self.data = data[self.offset :]
        root = parse(self.data).root_node
        self.nodes: dict[int, tree_sitter.Node] = {}
        self.broken: bool = root.has_error
        self._error: Problem | None = None
        self.top = self._salvaged() if self.broken else HclBody(self, root)
        _with_tree.add(next(_numbers), self)

    def _salvaged(self) -> HclBody:
        """The top of a file with syntax errors, block by block, so that an error reaches no further than its block."""
        headers = _ARGUMENTS if self.path.endswith(".tfvars") else _HEADERS
        starts = [0, *(found.start() for found in headers.finditer(self.data)), len(self.data)]
        top = HclBody(self, None)
        counts: dict[str, int] = {}
        line = 0
        deadline = time.monotonic() + trees.MAX_SECONDS
        for start, end in itertools.pairwise(dict.fromkeys(starts)):
            following = line + self.data.count(b"\n", start, end)
            points = tree_sitter.Point(line, 0), tree_sitter.Point(following, 0)
            line = following
            root = parse(self.data, tree_sitter.Range(*points, start, end), deadline).root_node
            if root.has_error and self._error is None:
                self._error = self._problem_at(first_error(root))
            top.take(self, root, (), counts)
        return top

    def release(self) -> None:
        """Compile what is left, and let the syntax tree go."""
        pending = [self.top]
        while pending and self.nodes:
            body = pending.pop()
            pending.extend(block.body for block in body.blocks)
            for attribute in body.attributes.values():
                attribute.compile()
        self.nodes = {}

    def line_of(self, position: int) -> int:
        """The line of a byte, counted from 1."""
        return self.data.count(b"\n", 0, position) + 1

    def problem(self) -> Problem | None:
        """The first syntax error, if there is one."""
        if self.broken and self._error is None:
            self._error = self._problem_at(first_error(parse(self.data).root_node))
        return self._error

    def _problem_at(self, node: tree_sitter.Node) -> Problem:
        line = node.start_point[0] + 1
        if node.is_missing:
            what = {"block_end": "}", "object_end": "}", "tuple_end": "]"}.get(node.type, node.type)
            around = node.parent
            while around is not None and around.start_byte == node.start_byte:
                around = around.parent
            opened = line if around is None else around.start_point[0] + 1
            return Problem(opened, f"`{what}` is missing at the end of what starts here", _BROKEN_HINT)
        text = self.data[node.start_byte : node.end_byte].decode("utf-8", "replace").strip().split("\n")[0]
        near = f" near `{text[:40]}`" if text else ""
        return Problem(line, f"is not valid HCL{near}", _BROKEN_HINT)

    def comments(self) -> Iterator[tuple[int, str]]:
        """Each comment with its line."""
        cursor = parse(self.data).root_node.walk()
        while True:
            node = cursor.node
            if node is not None and node.type == "comment":
                text = self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")
                yield node.start_point[0] + 1, text
            if cursor.goto_first_child() or cursor.goto_next_sibling():
                continue
            while cursor.goto_parent():
                if cursor.goto_next_sibling():
                    break
            else:
                return


def read_file(path: str, data: bytes) -> HclFile:
    """The parsed file, the same object for the same text as long as it is kept; raises `Problem`."""
    key = (path, data)
    file = _kept.get(key)
    return _kept.add(key, HclFile(path, data)) if file is None else file


_Key = TypeVar("_Key")


class _Recent(Generic[_Key]):
    """Files in the order of their use, up to an amount of text; what is too much is dropped, the longest unused first."""

    def __init__(self, limit: int, drop: Callable[[HclFile], None]) -> None:
        self._files: OrderedDict[_Key, HclFile] = OrderedDict()
        self._limit = limit
        self._drop = drop
        self._size = 0

    def get(self, key: _Key) -> HclFile | None:
        file = self._files.get(key)
        if file is not None:
            self._files.move_to_end(key)
        return file

    def add(self, key: _Key, file: HclFile) -> HclFile:
        self._files[key] = file
        self._size += len(file.data)
        while self._size > self._limit and len(self._files) > 1:
            _, old = self._files.popitem(last=False)
            self._size -= len(old.data)
            self._drop(old)
        return file


_kept: _Recent[tuple[str, bytes]] = _Recent(KEPT_BYTES, lambda _: None)
_with_tree: _Recent[int] = _Recent(TREE_BYTES, HclFile.release)


class HclAttribute:
    """An attribute of a tree-sitter tree."""

    __slots__ = ("_expression", "broken", "end", "file", "name", "name_start", "parent", "start")

    def __init__(
        self,
        file: HclFile,
        parent: Route,
        name: str,
        name_start: int,
        start: int,
        end: int,
        expression: Expression | None,
        broken: bool,
    ) -> None:
        self.file = file
        self.parent = parent
        self.name = name
        self.name_start = name_start
        self.start = start
        self.end = end
        self._expression = expression
        self.broken = broken

    @property
    def route(self) -> Route:
        """The route inside the file."""
        return (*self.parent, self.name)

    @property
    def expression(self) -> Expression:
        """The compiled expression."""
        if self._expression is None:
            self.compile()
        assert self._expression is not None
        return self._expression

    def compile(self) -> None:
        """Compile the expression, if that was not done."""
        if self._expression is None:
            node = self.file.nodes.pop(self.start, None)
            self._expression = compile_expression(node, self.file.data, self.broken)

    @property
    def path(self) -> str:
        """The file that it stands in."""
        return self.file.path

    @property
    def text(self) -> str:
        """The expression as it stands in the file."""
        return self.file.data[self.start : self.end].decode("utf-8", "replace")

    @property
    def line(self) -> int:
        """The line on which the attribute starts, counted from 1."""
        return self.file.line_of(self.name_start)


class HclBody:
    """A body of a tree-sitter tree."""

    __slots__ = ("attributes", "blocks", "broken")

    def __init__(self, file: HclFile, node: tree_sitter.Node | None, route: Route = ()) -> None:
        self.attributes: dict[str, HclAttribute] = {}
        self.blocks: list[HclBlock] = []
        self.broken = ""
        if node is not None:
            self.take(file, node, route, {})

    def take(self, file: HclFile, node: tree_sitter.Node, route: Route, counts: dict[str, int]) -> None:
        """Take the statements of a node; `counts` are the blocks so far, for their routes."""
        broken = file.broken and node.has_error
        if broken:
            self.broken = "has a syntax error"
        if len(route) > MAX_ROUTE:
            self.broken = "is nested too deeply"
            return
        data = file.data
        for child in _statements(node) if broken or not route else node.children:
            kind = child.type
            if kind == "attribute":
                attribute = _attribute(file, data, child, route, broken)
                if attribute is not None:
                    self.attributes.setdefault(attribute.name, attribute)
            elif kind == "block":
                self.blocks.append(_block(file, data, child, route, counts))


def _statements(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """What stands in a body, in a broken one with what the parser put aside beside the error."""
    pending = list(reversed(node.children))
    while pending:
        child = pending.pop()
        if child.type in ("ERROR", "body", "config_file"):
            pending.extend(reversed(child.children))
        else:
            yield child


def _attribute(
    file: HclFile, data: bytes, node: tree_sitter.Node, route: Route, broken: bool
) -> HclAttribute | None:
    start, end = node.start_byte, node.end_byte
    found = _SIMPLE_ATTRIBUTE.match(data, start, end)
    if found is None:
        name = next((part for part in node.children if part.type == "identifier"), None)
        value = next((part for part in node.children if part.type == "expression"), None)
        if name is None or value is None:
            return None
        text = data[name.start_byte : name.end_byte].decode("utf-8", "replace")
        start, end = value.start_byte, value.end_byte
        file.nodes[start] = value
        return HclAttribute(file, route, text, name.start_byte, start, end, None, broken and node.has_error)
    expression = simple(found, 2)
    quoted = found.lastindex == 2
    expression.start = start = found.start(found.lastindex or 0) - quoted
    expression.end = end
    return HclAttribute(file, route, found[1].decode(), found.start(1), start, end, expression, False)


def _block(
    file: HclFile,
    data: bytes,
    node: tree_sitter.Node,
    route: Route,
    counts: dict[str, int],
) -> HclBlock:
    words: list[str] = []
    body: tree_sitter.Node | None = None
    for child in node.children:
        kind = child.type
        if kind == "identifier":
            words.append(data[child.start_byte : child.end_byte].decode("utf-8", "replace"))
        elif kind == "string_lit":
            words.append(data[child.start_byte + 1 : child.end_byte - 1].decode("utf-8", "replace"))
        elif kind == "body":
            body = child
            break
    return HclBlock(file, words[0] if words else "", tuple(words[1:]), node, body, route, counts)


class HclBlock:
    """A block of a tree-sitter tree.

    `route` names it inside its file: the types and labels from the top down, with the position among blocks of the same
    type where there are no labels (`("resource", "aws_lambda_function", "api", "environment", 0)`), or where the labels are
    there again (the second `provider "aws"` is `("provider", "aws", 1)`).
    """

    __slots__ = ("end", "labels", "route", "source", "start", "type", "walked")

    def __init__(
        self,
        source: HclFile,
        type: str,
        labels: tuple[str, ...],
        node: tree_sitter.Node,
        body: tree_sitter.Node | None,
        parent: Route,
        counts: dict[str, int],
    ) -> None:
        self.source = source
        self.type = type
        self.labels = labels
        self.start = node.start_byte
        self.end = node.end_byte
        self.walked: HclBody | None = None
        if labels and not parent:
            self.route: Route = (type, *labels)
            again = counts.get(key := "\0".join((type, *labels)), 0)
            counts[key] = again + 1
            if again:
                self.route += (again,)
        else:
            position = counts.get(type, 0)
            counts[type] = position + 1
            self.route = (*parent, type, position)
        if source.broken and node.has_error:
            self.walked = HclBody(source, body, self.route)
            self.walked.broken = "has a syntax error"
        elif body is None:
            self.walked = HclBody(source, None)
        else:
            source.nodes[-1 - self.start] = body

    @property
    def file(self) -> str:
        """The path of the file."""
        return self.source.path

    @property
    def body(self) -> HclBody:
        """The attributes and blocks inside."""
        if self.walked is None:
            node = self.source.nodes.pop(-1 - self.start, None)
            self.walked = HclBody(self.source, node, self.route)
        return self.walked

    @property
    def line(self) -> int:
        """The line of the block's header, counted from 1."""
        return self.source.line_of(self.start)
