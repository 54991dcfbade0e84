"""Lets a handler of batches name the records that failed, so that only these come back.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from __future__ import annotations

from stackworthy.core.code import (
    Call,
    Catch,
    Function,
    Literal,
    Loop,
    Name,
    Node,
    Return,
    Template,
    Try,
    walk,
)
from stackworthy.core.finding import CodePlace
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.resource import Resource
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.code.handler import Handler, code_of, handlers, span
from stackworthy.sources.code.handlers import INLINE
from stackworthy.sources.code.writing.source import Source, Span

IDENTIFIERS = {
    "sqs": ("messageId",),
    "kinesis": ("kinesis", "sequenceNumber"),
    "dynamodb": ("dynamodb", "SequenceNumber"),
}
"""Where a record of each service keeps the identifier that Lambda asks for."""
_EVERYTHING = frozenset({"", "Exception", "BaseException"})
_BY_HAND = "collect the identifiers of records that fail, and return them as batchItemFailures"


def reporting(function: Resource, service: str) -> Rewrite | None:
    """The edit that lets a function report failed records of a service; None where its code is not of the simple shape."""
    handler = code_of(function)
    workspace = function.graph.workspace
    if not isinstance(handler, Handler) or workspace is None or handler.location.inline is not None:
        return None
    entry = handler.entry
    if entry.node is None:
        return None
    here = span(entry.unit.module, entry.node)
    place = CodePlace(here, f"{entry.name} batch", here, INLINE if handler.location.inline else "")
    change = Rewrite(function, place, "report-failures", {"service": service})
    try:
        report_failures(workspace, change)
    except (CannotWrite, Unreadable):
        return None
    return change


def sharing(function: Resource) -> list[Resource]:
    """The functions of the stack whose handler stands in the same file: the function itself, and what is edited with it."""
    own = code_of(function)
    if not isinstance(own, Handler):
        return [function]
    file = own.entry.unit.module.file
    return [item.function for item in handlers(function.graph) if item.entry.unit.module.file == file]


def report_failures(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Catch what fails for one record in the loop over all, and answer with their identifiers; raises `CannotWrite`."""
    source = Source(workspace, change)
    service = str(change.options.get("service", "sqs"))
    function, loop = _shape(source)
    assert isinstance(loop.target, Name)
    record = loop.target.id
    ordered = service != "sqs"
    name = "batch_item_failures" if source.python else "batchItemFailures"
    if source.is_mentioned(name):
        raise CannotWrite(f"{name} is there already")
    identifier = _identifier(source, record, IDENTIFIERS[service])
    caught = _catching(loop)
    told = _answer(source, f"[{_item(source, identifier)}]") if ordered else _kept(source, name, identifier)
    splices = _within(source, caught, told) if caught is not None else _around(source, loop, identifier, told)
    indentation = source.indentation(source.statement(loop).start)
    if not ordered:
        kind = "" if source.unit.module.language != "typescript" else ": { itemIdentifier: string }[]"
        first = f"{name} = []" if source.python else f"const {name}{kind} = []{source.end}"
        start = source.line_start(source.statement(loop).start)
        start = _above_comments(source, start)
        splices.append(source.splice(start, start, indentation + first.encode() + source.newline))
    splices.append(_last(source, function, _answer(source, "[]" if ordered else name)))
    return splices


def _shape(source: Source) -> tuple[Function, Loop]:
    """The handler, and its one loop over the records."""
    entry = source.handler.entry
    node = entry.node
    if node is None or entry.unit is not source.unit or not node.parameters:
        raise CannotWrite("the handler is made elsewhere", _BY_HAND)
    if not source.python and (not node.is_async or len(node.parameters) > 2):
        raise CannotWrite("the handler answers through a callback", _BY_HAND)
    loop = record_loop(source)
    if loop is None:
        raise CannotWrite("the records are not handled in one plain loop", _BY_HAND)
    if b"Promise<void>" in source.text[node.start : node.body[0].start]:
        raise CannotWrite("the handler declares that it answers nothing", _BY_HAND)
    for part in walk(*node.body, into_functions=False):
        if isinstance(part, Return) and part is not node.body[-1] and not _is_in_function(source, part, node):
            raise CannotWrite("the handler returns in several places", _BY_HAND)
    return node, loop


def record_loop(source: Source) -> Loop | None:
    """The one plain loop of the handler over the records of its event; None when there is none, or several."""
    node = source.handler.entry.node
    if node is None or source.handler.entry.unit is not source.unit:
        return None
    loops = [part for part in node.body if isinstance(part, Loop) and _over_records(source, part)]
    if len(loops) != 1 or not isinstance(loops[0].target, Name) or not loops[0].body:
        return None
    one_line = source.line_start(loops[0].start) in {source.line_start(part.start) for part in loops[0].body}
    return None if one_line else loops[0]


def _is_in_function(source: Source, node: Node, outer: Function) -> bool:
    parent = source.parent(node)
    while parent is not None and parent is not outer:
        if isinstance(parent, Function):
            return True
        parent = source.parent(parent)
    return False


def _over_records(source: Source, loop: Loop) -> bool:
    if loop.kind != "for" or loop.iterable is None:
        return False
    found = source.handler.definition(loop.iterable)
    nodes = (*walk(loop.iterable), *walk(found))
    return any(
        getattr(part, "name", "") == "Records" or (isinstance(part, Literal) and part.value == "Records")
        for part in nodes
    ) and not any(isinstance(part, Call) and "get" not in source.of(part.callee) for part in nodes)


def _catching(loop: Loop) -> Catch | None:
    """The handler of every failure of a record, when the loop does nothing but try."""
    if len(loop.body) != 1 or not isinstance(loop.body[0], Try):
        return None
    catches = loop.body[0].catches
    last = catches[-1] if catches else None
    return last if last is not None and (not last.types or set(last.types) & _EVERYTHING) else None


def _identifier(source: Source, record: str, path: tuple[str, ...]) -> str:
    if source.python:
        return record + "".join(f"[{source.quoted(name)}]" for name in path)
    return ".".join((record, *path))


def _item(source: Source, identifier: str) -> str:
    if source.python:
        return f"{{{source.quoted('itemIdentifier')}: {identifier}}}"
    return f"{{ itemIdentifier: {identifier} }}"


def _kept(source: Source, name: str, identifier: str) -> str:
    return f"{name}.{'append' if source.python else 'push'}({_item(source, identifier)}){source.end}"


def _answer(source: Source, value: str) -> str:
    if source.python:
        return f"return {{{source.quoted('batchItemFailures')}: {value}}}"
    short = value == "batchItemFailures"
    return f"return {{ {value if short else f'batchItemFailures: {value}'} }}{source.end}"


def _within(source: Source, caught: Catch, told: str) -> list[Splice]:
    """One more line at the end of what catches the failure already."""
    if not caught.body or any(isinstance(part, Return) for part in walk(*caught.body)):
        raise CannotWrite("what catches the failure leaves the handler", _BY_HAND)
    ends = [source.statement(part) for part in caught.body]
    last = max(ends, key=lambda item: item.end)
    if not source.is_alone(last):
        raise CannotWrite("what catches the failure stands on one line", _BY_HAND)
    end = source.line_end(last.end)
    line = source.indentation(last.start) + told.encode() + source.newline
    return [source.splice(end, end, line)]


def _around(source: Source, loop: Loop, identifier: str, told: str) -> list[Splice]:
    """The body of the loop goes into a `try`."""
    spans = [source.statement(part) for part in loop.body]
    body = Span(min(item.start for item in spans), max(item.end for item in spans))
    outer, inner = source.indentation(body.start), source.indentation(body.start) + source.step
    if source.text[source.line_start(body.start) : body.start].strip() or not source.is_alone(
        Span(max(source.line_start(body.end), body.start), body.end)
    ):
        raise CannotWrite("the loop stands on one line", _BY_HAND)
    first = _above_comments(source, source.line_start(body.start))
    opening = outer + (b"try:" if source.python else b"try {") + source.newline
    splices = [source.splice(first, first, opening + source.step)]
    splices += _indented(source, loop, Span(source.line_end(first), body.end))
    after = source.line_end(body.end)
    said, more = _said(source, identifier)
    head = ["except Exception:"] if source.python else ["} catch (error) {"]
    lines = [outer + head[0].encode(), inner + said.encode(), inner + told.encode()]
    lines += [] if source.python else [outer + b"}"]
    missing = b"" if source.text[:after].endswith(b"\n") else source.newline
    splices.append(source.splice(after, after, missing + b"".join(line + source.newline for line in lines)))
    return splices + more


def _said(source: Source, identifier: str) -> tuple[str, list[Splice]]:
    """The line that logs the failure, and the import that it needs."""
    if not source.python:
        return f"console.error({identifier}, error){source.end}", []
    for name in ("logger", "LOGGER", "log"):
        values = source.unit.top.bindings.get(name, [])
        if any(isinstance(value, Call) and "ogger" in source.of(value.callee) for value in values):
            return f"{name}.exception({source.quoted('a record failed: %s')}, {identifier})", []
    said = f"logging.exception({source.quoted('a record failed: %s')}, {identifier})"
    if source.local_name("logging", "") == "logging":
        return said, []
    if source.is_mentioned("logging"):
        raise CannotWrite("the file has another logging", _BY_HAND)
    position = _first_import(source)
    return said, [source.splice(position, position, b"import logging" + source.newline)]


def _first_import(source: Source) -> int:
    """Where an import may be added: before the first plain one, after those of the future; after the opening text without any."""
    imports = source.unit.module.imports
    tops = sorted(
        imports[number].start for number in source.unit.module.top if imports[number].module != "__future__"
    )
    plain = [start for start in tops if not source.indentation(start)]
    if plain:
        return source.line_start(plain[0])
    return source.first_line()


def _indented(source: Source, loop: Loop, body: Span) -> list[Splice]:
    """One step more for each line that is not inside of a text."""
    texts = [part for part in walk(*loop.body) if isinstance(part, (Literal, Template))]
    splices = []
    start = body.start
    while start < body.end:
        end = source.line_end(start)
        inside = any(part.start < start < part.end for part in texts)
        if source.text[start:end].strip() and not inside:
            splices.append(source.splice(start, start, source.step))
        start = end
    return splices


def _last(source: Source, function: Function, answer: str) -> Splice:
    """What the handler returns at its end."""
    last = function.body[-1]
    statement = source.statement(last)
    if isinstance(last, Return):
        return source.splice(statement.start, statement.end, answer.encode())
    end = source.line_end(statement.end)
    missing = b"" if source.text[:end].endswith(b"\n") else source.newline
    line = source.indentation(statement.start) + answer.encode() + source.newline
    return source.splice(end, end, missing + line)


def _above_comments(source: Source, start: int) -> int:
    """The first line of the comment that stands directly above a line."""
    mark = b"#" if source.python else b"//"
    while start:
        above = source.line_start(start - 1)
        alike = source.indentation(above) == source.indentation(start)
        if not source.text[above:start].strip().startswith(mark) or not alike:
            break
        start = above
    return start
