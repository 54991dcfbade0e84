"""Which file and which function of it Lambda calls: from what the stack says of a function, else by the names that people use.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-common.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

import msgspec

from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown
from stackworthy.core.workspace import Unreadable, Workspace, inside
from stackworthy.sources.code.text import JAVASCRIPT, PYTHON

FUNCTION = "AWS::Lambda::Function"
INLINE = "Code.ZipFile"
_ENDINGS = {"python": PYTHON, "nodejs": JAVASCRIPT}
_FILES = {
    "python": ("app.py", "lambda_function.py", "handler.py", "main.py", "index.py"),
    "nodejs": tuple(
        f"{stem}{ending}" for stem in ("app", "index", "handler", "main") for ending in JAVASCRIPT
    ),
}
_SOURCE_FOLDERS = ("", "src", "lib", "app")
_BUILT = ("dist", "build", "out", "lib", ".build")


class Location(msgspec.Struct, frozen=True):
    """The file of a handler and the name in it that Lambda calls ("" when only the file is known).

    `root` is the folder of the package. `inline` holds the code when the stack itself does.
    """

    file: str
    symbol: str
    root: str
    language: str
    inline: str | None = None


class NotFound(msgspec.Struct, frozen=True):
    """Why a function that has code in reach has no handler."""

    reason: str


def has_code(function: Resource) -> bool:
    """Whether the code of a function may lie in reach, in a language that is read; cheap, and never raises."""
    if function.code is None and not isinstance(_value(function, INLINE), str):
        return False
    return language(function) is not None


def language(function: Resource) -> str | None:
    """ "python" or "nodejs" by the runtime; None for others. Without a runtime (an image), the code's own files tell."""
    runtime = _value(function, "Runtime")
    if isinstance(runtime, str):
        name = runtime.lower()
        return next((known for known in _ENDINGS if name.startswith(known)), None)
    return ""


def locate(function: Resource, workspace: Workspace) -> Location | NotFound:
    """Where the handler of a function is, or why that cannot be told."""
    handler = _value(function, "Handler")
    handler = handler if isinstance(handler, str) else ""
    inline = _value(function, INLINE)
    if isinstance(inline, str):
        return _inline(function, handler, inline)
    assert function.code is not None
    chosen = language(function)
    for name in (chosen,) if chosen else ("python", "nodejs"):
        found = _on_disk(function, workspace, handler or _image_command(function), name or "")
        if found is not None:
            return found
    if posixpath.splitext(function.code)[1] in (".zip", ".jar"):
        return NotFound(f"its code is packed in {posixpath.basename(function.code)}")
    what = f"handler {handler}" if handler else "a handler"
    return NotFound(f"{function.code} holds no file for {what}")


def _inline(function: Resource, handler: str, text: str) -> Location | NotFound:
    chosen = language(function)
    if not chosen:
        return NotFound("the language of its inline code is not known")
    ending = ".py" if chosen == "python" else ".js"
    file = f"{function.properties.origin(INLINE).file}#{function.address}{ending}"
    return Location(file, handler.rpartition(".")[2], "", chosen, text)


def _on_disk(function: Resource, workspace: Workspace, handler: str, chosen: str) -> Location | None:
    code = function.code or ""
    endings = _ENDINGS[chosen]
    stem, symbol = _taken_apart(handler.replace("\\", "/"), chosen)
    if not workspace.is_folder(code):
        ending = posixpath.splitext(code)[1]
        if ending in endings and workspace.exists(code):
            return Location(code, symbol, posixpath.dirname(code), chosen)
        if ending != ".zip" or not stem:
            return None
        code = posixpath.dirname(code)  # what was packed often lies beside the package
    for path in _candidates(function, workspace, code, stem, endings, chosen):
        return Location(path, symbol, code, chosen)
    return None


def _taken_apart(handler: str, chosen: str) -> tuple[str, str]:
    """The path without ending, and the name; in JavaScript the name may lead into what is exported (`app.users.get`)."""
    folder, base = posixpath.split(handler)
    if chosen == "nodejs":
        stem, _, symbol = base.partition(".")
    else:
        stem, _, symbol = base.rpartition(".")
    return posixpath.join(folder, stem), symbol


def _candidates(
    function: Resource, workspace: Workspace, code: str, stem: str, endings: tuple[str, ...], chosen: str
) -> Iterator[str]:
    """The files that may hold the handler, the likeliest first."""
    tried = [posixpath.join(code, stem)] if stem else []
    if stem and chosen == "python" and "/" not in stem:
        tried.append(posixpath.join(code, stem.replace(".", "/")))
    for entry in _entry_points(function):
        if not stem or posixpath.splitext(posixpath.basename(entry))[0] == posixpath.basename(stem):
            tried.insert(0, posixpath.join(code, posixpath.splitext(entry)[0]))
    first, _, rest = stem.partition("/")
    if rest and first in _BUILT:
        tried.extend(posixpath.join(code, folder, rest) for folder in ("src", "", "lib"))
    elif stem:
        tried.extend(posixpath.join(code, folder, stem) for folder in ("src", "lib", "app"))
        tried.append(posixpath.join(code, posixpath.basename(stem)))
    yield from _existing(workspace, tried, endings)
    if stem:
        yield from _deeper(workspace, code, posixpath.basename(stem), endings)
        return
    for folder in _SOURCE_FOLDERS:
        for name in _FILES[chosen]:
            path = posixpath.join(code, folder, name)
            if _exists(workspace, path):
                yield path


def _existing(workspace: Workspace, stems: list[str], endings: tuple[str, ...]) -> Iterator[str]:
    for stem in dict.fromkeys(stems):
        for ending in endings:
            if _exists(workspace, stem + ending):
                yield stem + ending


def _deeper(workspace: Workspace, code: str, name: str, endings: tuple[str, ...]) -> Iterator[str]:
    """The one file of that name anywhere below, for builds that move files together."""
    wanted = {name + ending for ending in endings}
    found: list[str] = []
    for count, path in enumerate(workspace.files(code)):
        if count > _LOOKED_AT:
            return
        if posixpath.basename(path) in wanted:
            found.append(path)
    if len(found) == 1:
        yield found[0]


_LOOKED_AT = 2000


def _exists(workspace: Workspace, path: str) -> bool:
    try:
        return workspace.exists(inside(path))
    except Unreadable:
        return False


def _entry_points(function: Resource) -> list[str]:
    """What SAM hands to esbuild: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build-typescript.html"""
    metadata: Any = function.properties.metadata()
    build = metadata.get("BuildProperties") if isinstance(metadata, dict) else None
    entries = build.get("EntryPoints") if isinstance(build, dict) else None
    return [entry for entry in entries if isinstance(entry, str)] if isinstance(entries, list) else []


def _image_command(function: Resource) -> str:
    """The handler that a container image is started with."""
    command = _value(function, "ImageConfig.Command")
    if isinstance(command, list) and list.__len__(command) == 1:
        first = list.__getitem__(command, 0)
        return first if isinstance(first, str) else ""
    return ""


def _value(function: Resource, path: str) -> Any:
    try:
        return function[path]
    except NotKnown:
        return None
