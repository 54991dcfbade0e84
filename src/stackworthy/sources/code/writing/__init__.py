"""Edits of source code: what a fix asks for in one word, as the splices that a careful engineer would make."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.code.parsing import parse
from stackworthy.sources.code.text import NotParsed

_BUILT = frozenset({"dist", ".build", ".webpack", ".aws-sam", "cdk.out", "node_modules", "site-packages"})
Edit = Callable[[Workspace, Rewrite], list[Splice]]

_BOTH = {
    "bind": "bind",
    "bound": "bound",
    "emf": "emf",
    "hoist": "hoist",
    "redact": "redact",
    "report-failures": "report_failures",
    "rethrow": "rethrow",
    "wait": "wait",
}
PYTHON: dict[str, str] = {**_BOTH, "log": "powertools", "trace": "powertools"}
"""The edits of Python by name, each with the module of this package that holds it, as a function of its name."""

JAVASCRIPT: dict[str, str] = {**_BOTH}
"""The same for JavaScript and TypeScript."""


def patch(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """The splices that carry out an edit of code; raises `CannotWrite`."""
    if change.place.inline:
        raise CannotWrite("the code stands inside of the template", "move it into a file of its own")
    file = change.place.span.file
    if not _BUILT.isdisjoint(file.split("/")):
        raise CannotWrite("the file is made by a build", "change the source that it is made of")
    edits = PYTHON if file.endswith(".py") else JAVASCRIPT
    module = edits.get(change.edit)
    if module is None:
        raise CannotWrite(f"there is no way to {change.edit} this in {file.rpartition('.')[2]} files yet")
    edit: Edit = getattr(import_module(f"{__name__}.{module}"), change.edit.replace("-", "_"))
    return edit(workspace, change)


def broken_code(workspace: Workspace, file: str) -> str:
    """Why a file of code does not parse, "" when it does."""
    try:
        module = parse(file, workspace.read(file))
    except (NotParsed, Unreadable) as error:
        return str(error)
    return module.problems[0].message if module.problems else ""
