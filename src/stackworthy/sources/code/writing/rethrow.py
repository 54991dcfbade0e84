"""Lets a failure that is caught go on to whoever retries the event, after what is said of it."""

from __future__ import annotations

from stackworthy.core.code import Catch, Return, walk
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code.writing.source import Source

_BY_HAND = "raise the failure again where it is caught"


def rethrow(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Raise again at the end of what catches the failure, in place of an answer that tells of success; raises `CannotWrite`."""
    source = Source(workspace, change)
    caught = source.at(Catch)
    if not caught.body or (not source.python and not caught.name):
        raise CannotWrite("what catches the failure is empty, or has no name for it", _BY_HAND)
    text = "raise" if source.python else f"throw {caught.name}{source.end}"
    last = caught.body[-1]
    statement = source.statement(last)
    early = [part for part in walk(*caught.body, into_functions=False) if isinstance(part, Return)]
    if any(part is not last for part in early):
        raise CannotWrite("what catches the failure leaves in several ways", _BY_HAND)
    if early or source.of(last) == "pass":
        return [source.splice(statement.start, statement.end, text.encode())]
    if not source.is_alone(statement):
        raise CannotWrite("what catches the failure stands on one line", _BY_HAND)
    end = source.line_end(statement.end)
    missing = b"" if source.text[:end].endswith(b"\n") else source.newline
    line = source.indentation(statement.start) + text.encode() + source.newline
    return [source.splice(end, end, missing + line)]
