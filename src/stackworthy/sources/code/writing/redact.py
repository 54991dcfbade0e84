"""Logs the request's id in place of the whole event, so that it can be found again and nobody reads what it said."""

from __future__ import annotations

from stackworthy.core.code import Call, Name, Node, Operation, Parameter, Record, Sequence, Template, walk
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code.writing.source import Source, demand_plain

_TEXTS = frozenset({"json.dumps", "JSON.stringify", "str", "repr", "util.inspect", "String"})
_BY_HAND = "log the ids that are needed to find the event again"


def redact(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Put the request's id where a line of the log holds the event; raises `CannotWrite`."""
    source = Source(workspace, change)
    entry = source.handler.entry
    if entry.node is None or entry.unit is not source.unit or not entry.parameters:
        raise CannotWrite("the handler stands in another file", _BY_HAND)
    splices: list[Splice] = []
    identifier = _identifier(source)
    for call in _lines(source, source.at(Call)):
        for name in walk(call, into_functions=False):
            whole = _whole(source, name, call) if isinstance(name, Name) else None
            if whole is not None and isinstance(name, Name):
                splices.append(_replaced(source, call, name, whole, identifier))
    if not splices:
        raise CannotWrite("the event is handed on before it is written", _BY_HAND)
    return splices + _context(source)


def _replaced(source: Source, call: Call, name: Name, whole: Node, identifier: str) -> Splice:
    """The event, or what makes a text of it, as the id; a line that says nothing else says what it is."""
    parent = source.parent(whole)
    key = source.quoted("requestId") if source.python else "requestId"
    if call.arguments == (whole,) and isinstance(whole, Call):
        opening, closing = ("{", "}") if source.python else ("{ ", " }")
        text = f"{opening}{key}: {identifier}{closing}"
        return source.splice(name.start, name.end, text.encode())
    text = identifier
    if call.arguments == (whole,):
        text = f'f"request {{{identifier}}}"' if source.python else f"`request ${{{identifier}}}`"
    elif isinstance(parent, Record) and any(
        item is whole and key is not None and key.start == item.start for key, item in parent.items
    ):
        text = f"requestId: {identifier}"
    return source.splice(whole.start, whole.end, text.encode())


def _lines(source: Source, first: Call) -> list[Call]:
    """The call of the finding, and the further ones of the handler that are called alike: a finding speaks of the first."""
    called = source.of(first.callee)
    return [call for call in source.handler.entry.all(Call) if source.of(call.callee) == called]


def _identifier(source: Source) -> str:
    """The expression of the request's id."""
    demand_plain(source)
    parameters = source.handler.entry.parameters
    names = [item.name.partition(":")[0].strip() for item in parameters]
    named = [name for name in names[1:] if "context" in name.lower() or name.lower() == "ctx"]
    name = named[0] if named else "context" if len(names) == 1 else names[1] if len(names) == 2 else ""
    if not name or name == "_" or "stream" in name.lower():
        raise CannotWrite("the handler does not take the context by a name", _BY_HAND)
    return f"{name}.{'aws_request_id' if source.python else 'awsRequestId'}"


def _context(source: Source) -> list[Splice]:
    """The parameter that the identifier comes from, where the handler does not take it."""
    parameters = source.handler.entry.parameters
    if len(parameters) > 1:
        return []
    first = parameters[0]
    before = source.text[: first.start].rstrip()
    if source.python or not before.endswith(b"(") or source.is_mentioned("context"):
        raise CannotWrite("the handler does not take the context", _BY_HAND)
    typed = b":" in source.text[first.start : first.end]
    text = ", context: { awsRequestId: string }" if typed else ", context"
    return [source.splice(first.end, first.end, text.encode())]


def _whole(source: Source, name: Name, call: Call) -> Node | None:
    """The event in a line of the log, with what makes a text of it; None for anything else, or for a part of it."""
    home, values = source.handler.program.bindings(source.scope(name), name.id)
    event = source.handler.entry.parameters[0]
    if home is not source.handler.entry or len(values) != 1 or values[0] is not event:
        return None
    if not isinstance(values[0], Parameter):
        return None
    node: Node = name
    parent = source.parent(node)
    while isinstance(parent, Call) and parent is not call:
        if source.handler.name(parent.callee) not in _TEXTS or parent.arguments[:1] != (node,):
            return None
        node, parent = parent, source.parent(parent)
    inner = parent
    while isinstance(inner, (Template, Operation, Record, Sequence)):
        inner = source.parent(inner)
    return node if inner is call and node is not call.callee else None
