"""Waits for work that a handler starts: `await` before the call."""

from __future__ import annotations

from stackworthy.core.code import Attribute, Call, Function
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code.writing.source import Source


def wait(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Wait for the call of the finding, `forEach` with an asynchronous function as `Promise.all` over `map`; raises `CannotWrite`."""
    source = Source(workspace, change)
    call = source.at(Call)
    function = _around(source, call)
    if not function.is_async:
        raise CannotWrite("the function around it is not asynchronous", "make it so, and wait for the call")
    callee = call.callee
    runs = call.arguments and isinstance(call.arguments[0], Function) and call.arguments[0].is_async
    if not (isinstance(callee, Attribute) and callee.name == "forEach" and runs):
        return [source.splice(call.start, call.start, b"await ")]
    if len(call.arguments) != 1:
        raise CannotWrite("forEach is given more than a function")
    name = source.text.rfind(b"forEach", callee.value.end, callee.end)
    return [
        source.splice(call.start, call.start, b"await Promise.all("),
        source.splice(name, name + len(b"forEach"), b"map"),
        source.splice(call.end, call.end, b")"),
    ]


def _around(source: Source, call: Call) -> Function:
    for outer in source.handler.around(call):
        if isinstance(outer, Function):
            return outer
    node = source.scope(call).node
    if node is None:
        raise CannotWrite("it runs when the file is loaded", "start it in the handler, and wait for it")
    return node
