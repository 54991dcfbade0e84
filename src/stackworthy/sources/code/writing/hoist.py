"""Moves clients that a function makes for every event to the top of the file, where they are made once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from stackworthy.core.code import (
    Assign,
    Attribute,
    Await,
    Call,
    Function,
    If,
    Import,
    Index,
    Literal,
    Loop,
    Name,
    Node,
    Record,
    Sequence,
    Template,
    Try,
    With,
    walk,
)
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.value import ABSENT
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code.unit import Scope
from stackworthy.sources.code.writing.source import Source, Span

_PURE = re.compile(
    r"os\.getenv|os\.environ\.get|(?:aio)?boto3(?:\.session)?\.(?:Session|client|resource)|.*\bConfig|int|float|str|Number"
    r"|aws-xray-sdk(?:-core)?\.captureAWS(?:v3Client|Client)?|@aws-sdk/[\w-]+\.\w*Client|@aws-sdk/lib-dynamodb\.\w+\.from"
    r"|.*\.NodeHttpHandler|https?\.Agent|aws-sdk(?:[./][\w./]+)?"
)
"""Calls that make something out of their arguments and do nothing else."""
_LAZY = frozenset({"Table", "Bucket", "Queue", "Topic", "get_paginator", "meta"})
"""What a resource or client of boto3 hands out without asking AWS."""
_WRAPPERS = ("captureAWSv3Client", "captureAWSClient", "DocumentClient.from")
_ABOUT = re.compile(rb"client|resource|connect|initiali|creat|boto|sdk|session", re.IGNORECASE)


class _Made(NamedTuple):
    """What is made for every event: the whole expression, and the variable that keeps it (None when none does)."""

    node: Node
    keeper: Assign | None
    service: str


def hoist(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Move every client that the function around the finding makes; raises `CannotWrite` when one of them cannot be."""
    source = Source(workspace, change)
    scope = source.scope(source.at(Call))
    made = list(_made(source, scope))
    if not made:
        raise CannotWrite(
            "a connection that outlives an event may have been closed by the other side meanwhile",
            "keep it in a variable at the top of the file, and connect again when it is lost",
        )
    splices: list[Splice] = []
    lines: dict[bytes, int] = {}
    moved = [source.statement(item.keeper) for item in made if item.keeper is not None]
    for item in made:
        if item.keeper is not None:
            splices.append(_moved(source, item.keeper, item, moved, lines))
        else:
            splices.append(_replaced(source, item, lines))
    if source.python and b"nonlocal " in source.text:
        _demand("an inner function declares a variable of the one around it")
    return [*splices, source.paragraph(max(lines.values()), b"".join(lines))] if lines else splices


def _made(source: Source, scope: Scope) -> Iterator[_Made]:
    for client in source.handler.clients():
        if client.scope is scope and client.service != "apigatewaymanagementapi":
            node = _whole(source, client.node)
            parent = source.parent(node)
            keeper = parent if isinstance(parent, Assign) and parent.value is node else None
            yield _Made(node, keeper, client.service)


def _whole(source: Source, node: Node) -> Node:
    """The client with what it is wrapped in and what it hands out for itself: its table, its paginator."""
    while True:
        parent = source.parent(node)
        outer = source.parent(parent) if isinstance(parent, Attribute) else None
        if (
            isinstance(parent, Attribute)
            and parent.name in _LAZY
            and isinstance(outer, Call)
            and outer.callee is parent
            and _reason(source, outer) == ""
        ):
            node = outer
        elif (
            isinstance(parent, Call)
            and node in parent.arguments
            and source.handler.name(parent.callee).endswith(_WRAPPERS)
        ):
            node = parent
        else:
            return node


def _reason(source: Source, node: Node) -> str:
    """Why an expression cannot be worked out at the top of the file; "" when it can."""
    for part in walk(node):
        if isinstance(part, (Function, Await)):
            return "its arguments run code of their own"
        if isinstance(part, Name):
            reason = _of_top(source, part)
        elif isinstance(part, Call):
            name = source.handler.name(part.callee)
            lazy = isinstance(part.callee, Attribute) and part.callee.name in _LAZY
            reason = "" if lazy or _PURE.fullmatch(name) else f"its arguments call {source.of(part.callee)}"
        elif isinstance(part, Index):
            reason = _variable(source, part)
        else:
            plain = isinstance(part, (Attribute, Literal, Record, Sequence, Template))
            reason = "" if plain else "its arguments are worked out"
        if reason:
            return reason
    return ""


def _of_top(source: Source, name: Name) -> str:
    home, values = source.handler.program.bindings(source.scope(name), name.id)
    if not values:
        return ""
    if home.node is not None:
        local = isinstance(values[0], Import)
        return (
            f"{name.id} is imported in the function" if local else f"it depends on {name.id} of the function"
        )
    if len(values) > 1 and not all(isinstance(value, Import) for value in values):
        return f"{name.id} is given several values"
    return "" if home.unit is source.unit else f"{name.id} comes from another file"


def _variable(source: Source, node: Index) -> str:
    """`os.environ["NAME"]` fails at the start of the function where the variable is missing."""
    variable = source.handler.variable(node)
    if not variable:
        return "its arguments are worked out"
    if variable.startswith("AWS_"):
        return ""
    missing = any(item.environment(variable) is ABSENT for item in source.functions)
    return f"the stack sets no {variable}" if missing else ""


def _demand(reason: str) -> None:
    if reason:
        raise CannotWrite(
            f"the client cannot be made at the top of the file: {reason}", "make it once, and keep it there"
        )


def _demand_fixed(source: Source, item: _Made) -> None:
    _demand(_reason(source, item.node))
    if source.spans_lines(item.node):
        _demand("a text in it goes over several lines")


# A client that has a variable of its own: its statement moves


def _moved(
    source: Source, keeper: Assign, item: _Made, all_moved: list[Span], lines: dict[bytes, int]
) -> Splice:
    target = keeper.targets[0]
    if not isinstance(target, Name) or len(keeper.targets) > 1 or keeper.operator:
        raise CannotWrite(
            "the client is kept in an object that is made for every event", "make that object once"
        )
    _demand_fixed(source, item)
    if not source.python and not keeper.declares:
        _demand(f"{target.id} is never declared")
    if len(source.scope(keeper).bindings.get(target.id, ())) != 1:
        _demand(f"{target.id} is given several values")
    span = source.statement(keeper)
    if not source.is_alone(span):
        _demand("it shares its line with something else")
    _demand_others(source, keeper, all_moved)
    line = source.text[source.line_start(span.start) : source.line_end(span.end)]
    statement = _dedented(line, source.indentation(span.start)).rstrip()
    known = source.unit.top.bindings.get(target.id, ())
    if known and not any(_same(source, value, item.node) for value in known):
        _demand(f"the file has another {target.id}")
    removal, comments = _removal(source, span, all_moved)
    if not known:
        position = source.after_imports(_needs(item.node))
        above = _dedented(comments, source.indentation(span.start))
        lines[above + _ended(source, statement, position) + source.newline] = position
    return removal


def _same(source: Source, known: Node, node: Node) -> bool:
    """Whether what the file keeps already is made alike, be it with limits of its own."""
    if not isinstance(known, Call) or not isinstance(node, Call):
        return False

    def parts(call: Call) -> list[str]:
        given = [(None, item) for item in call.arguments] + [*call.keywords]
        return [
            source.of(call.callee),
            *(f"{key}={source.of(item)}" for key, item in given if key != "config"),
        ]

    return parts(known) == parts(node)


def _needs(node: Node) -> frozenset[str]:
    return frozenset(part.id for part in walk(node) if isinstance(part, Name))


def _ended(source: Source, statement: bytes, position: int) -> bytes:
    """The statement, with a semicolon where the next line would be taken for a part of it."""
    following = source.text[position:].lstrip()[:1]
    hazard = not source.python and following in (b"(", b"[", b"`", b"/", b"+", b"-")
    return statement + b";" if hazard and not statement.endswith(b";") else statement


def _dedented(text: bytes, indentation: bytes) -> bytes:
    lines = text.splitlines(keepends=True)
    return b"".join(line.removeprefix(indentation) if line.strip() else line for line in lines)


def _demand_others(source: Source, keeper: Assign, all_moved: list[Span]) -> None:
    """A block that would be left empty stands for more than the client."""
    around = source.parent(keeper)
    blocks: list[tuple[Node, ...]] = []
    if isinstance(around, (Function, Loop, With)):
        blocks = [around.body]
    elif isinstance(around, If):
        blocks = [around.then, around.otherwise]
    elif isinstance(around, Try):
        blocks = [around.body, around.otherwise, around.finally_]
    starts = {span.start for span in all_moved}
    for block in blocks:
        if keeper in block and all(source.statement(part).start in starts for part in block):
            _demand("the block around it does nothing else")


def _removal(source: Source, span: Span, all_moved: list[Span]) -> tuple[Splice, bytes]:
    """Takes the statement's lines away, and the comment that speaks of it; what is left keeps its spacing."""
    start, end = source.line_start(span.start), source.line_end(span.end)
    comments = _comment_start(source, start)
    after = source.text[end : source.line_end(end)].strip()
    mark = b"#" if source.python else b"//"
    above = source.text[comments:start]
    if after and not after.startswith(mark) and not _ABOUT.search(above):
        comments, above = start, b""
    before = source.text[source.line_start(comments - 1) : comments].strip() if comments else b""
    opens = not before or before.endswith((b":", b"{")) or _is_moved(source, comments - 1, all_moved)
    while opens and end < len(source.text) and not source.text[end : source.line_end(end)].strip():
        end = source.line_end(end)
    return source.splice(comments, end, b""), above


def _is_moved(source: Source, position: int, all_moved: list[Span]) -> bool:
    return any(span.start <= position <= source.line_end(span.end) for span in all_moved)


def _comment_start(source: Source, start: int) -> int:
    """Where the comment directly above a line begins; the line itself when there is none."""
    mark = b"#" if source.python else b"//"
    indentation = source.indentation(start)
    while start:
        above = source.line_start(start - 1)
        line = source.text[above:start]
        if not line.strip().startswith(mark) or source.indentation(above) != indentation:
            break
        start = above
    return start


# A client without a variable: the expression moves


def _replaced(source: Source, item: _Made, lines: dict[bytes, int]) -> Splice:
    _demand_fixed(source, item)
    name = _new_name(source, item.service)
    declared = "" if source.python else "const "
    value = _dedented(source.text[item.node.start : item.node.end], source.indentation(item.node.start))
    line = f"{declared}{name} = ".encode() + value + source.end.encode() + source.newline
    lines[line] = source.after_imports(_needs(item.node))
    return source.splice(item.node.start, item.node.end, name.encode())


def _new_name(source: Source, service: str) -> str:
    words = re.split(r"[^a-z0-9]+", service or "aws")
    first = "_".join(words) if source.python else words[0] + "".join(word.title() for word in words[1:])
    second = f"{first}_client" if source.python else f"{first}Client"
    for name in (first, second):
        if not source.is_mentioned(name) and name not in ("lambda", "import", "export"):
            return name
    raise CannotWrite("the file uses every plain name for the client already", "make it once, at the top")
