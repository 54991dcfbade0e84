"""Handlers for tests: a function of a template with its files, read as a review reads them."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.templates import graph_of_resources, resources

from stackworthy.sources.code.handler import Handler, code_of
from stackworthy.sources.code.handlers import NotFound
from stackworthy.sources.code.text import NotParsed


def found(
    files: Mapping[str, str],
    properties: str = "Runtime: python3.13, Handler: app.handler, Code: src",
    stack: str = "",
) -> Handler | NotFound | NotParsed | None:
    """What is made of the code of the resource `Function` beside these files."""
    text = f"Function: {{Type: AWS::Lambda::Function, Properties: {{{properties}}}}}\n{stack}"
    code = {path: content.encode() for path, content in files.items()}
    return code_of(graph_of_resources(resources(text), code)["Function"])


def python(code: str, *, properties: str = "", stack: str = "", **more: str) -> Handler:
    """The handler `app.handler` of a Python text; `more` are further modules beside it, by name."""
    own = "Runtime: python3.13, Handler: app.handler, Code: src" + (f", {properties}" if properties else "")
    files = {"src/app.py": code, **{f"src/{name}.py": text for name, text in more.items()}}
    made = found(files, own, stack)
    assert isinstance(made, Handler), made
    return made


def javascript(code: str, *, properties: str = "", stack: str = "", **more: str) -> Handler:
    """The handler `app.handler` of a JavaScript text; `more` are further modules beside it, by name."""
    own = "Runtime: nodejs22.x, Handler: app.handler, Code: src" + (f", {properties}" if properties else "")
    files = {"src/app.mjs": code, **{f"src/{name}.mjs": text for name, text in more.items()}}
    made = found(files, own, stack)
    assert isinstance(made, Handler), made
    return made
