"""The recorded answers of `terraform console`, and values in the notation of the recording.

A string, bool or null is itself; a number is `{"number": "1.5"}`, a tuple `{"tuple": [...]}`, an object `{"object": {...}}`, and a conversion
`{"tolist": ...}`, `{"toset": ...}` or `{"tomap": ...}`.
"""

from __future__ import annotations

import base64
import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from stackworthy.core.value import List, Map, Unknown, Value, joined, show
from stackworthy.sources.terraform.conversions import convert, normalize
from stackworthy.sources.terraform.functions import FunctionError, call
from stackworthy.sources.terraform.functions.json import json_pieces
from stackworthy.sources.terraform.numbers import parse_number
from stackworthy.sources.terraform.types import ANY, list_of, map_of, set_of, type_of

RECORDING = Path(__file__).parents[3] / "data" / "terraform_console.json"


@dataclass(frozen=True)
class Answer:
    """One recorded expression and what Terraform answered."""

    expression: str
    function: str = ""
    args: list[Any] = field(default_factory=list)
    json: str | None = None
    type: str = ""
    error: str = ""
    shown: str = ""
    unknown: bool = False


@cache
def recording() -> dict[str, Any]:
    """The whole document."""
    document: dict[str, Any] = json.loads(RECORDING.read_text(encoding="utf-8"))
    return document


def answers() -> list[Answer]:
    """All recorded answers."""
    return [Answer(**entry) for entry in recording()["answers"]]


def value_of(noted: Any) -> Value:
    """The value in the notation of the recording."""
    if not isinstance(noted, dict):
        return normalize(noted) if isinstance(noted, str) else noted
    ((kind, inner),) = noted.items()
    if kind == "number":
        return parse_number(inner)
    if kind == "tuple":
        return List(value_of(item) for item in inner)
    if kind == "object":
        return Map((key, value_of(item)) for key, item in inner.items())
    kinds = {"tolist": list_of(ANY), "toset": set_of(ANY), "tomap": map_of(ANY)}
    return convert(value_of(inner), kinds[kind])


class MemoryFiles:
    """Files held in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.contents = dict(files)

    def _clean(self, path: str) -> str:
        return posixpath.normpath(path or ".")

    def _is_directory(self, path: str) -> bool:
        return path == "." or any(name.startswith(path + "/") for name in self.contents)

    def read(self, path: str) -> bytes:
        """The bytes of the file."""
        clean = self._clean(path)
        if clean in self.contents:
            return self.contents[clean]
        raise IsADirectoryError(path) if self._is_directory(clean) else FileNotFoundError(path)

    def exists(self, path: str) -> bool:
        """Whether the file is there."""
        clean = self._clean(path)
        if clean not in self.contents and self._is_directory(clean):
            raise IsADirectoryError(path)
        return clean in self.contents

    def files(self, path: str) -> Iterable[str]:
        """The files below the directory."""
        clean = self._clean(path)
        start = "" if clean == "." else clean + "/"
        return sorted(name[len(start) :] for name in self.contents if name.startswith(start))


@cache
def recorded_files() -> MemoryFiles:
    """The files beside which the answers were recorded."""
    files = recording()["files"]
    return MemoryFiles({name: base64.b64decode(data) for name, data in files.items()})


def render(text: str, variables: Mapping[str, Value], name: str) -> Value:
    """A template in which only `${variable}` is replaced."""
    parts = re.split(r"\$\{(\w+)\}", text)
    missing = next((part for part in parts[1::2] if part not in variables), None)
    if missing is not None:
        raise FunctionError(
            f'Invalid value for "vars" parameter: vars map does not contain key "{missing}", referenced at '
            f"{name}:1,8-12."
        )
    return joined(variables[part] if index % 2 else part for index, part in enumerate(parts))


def computed(answer: Answer, files: MemoryFiles) -> dict[str, Any]:
    """What `call` gives for the recorded arguments, in the form of the recording."""
    try:
        value = call(answer.function, [value_of(arg) for arg in answer.args], files=files, render=render)
    except FunctionError as error:
        return {"error": " ".join(str(error).split())}
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    if value in (float("inf"), float("-inf")):
        return {"shown": "+Inf" if value > 0 else "-Inf"}
    try:
        pieces = json_pieces(value)
    except FunctionError:
        return {"shown": show(value)}
    return {"json": "".join(str(piece) for piece in pieces), "type": str(type_of(value))}
