"""Edits of JSON that stands in a heredoc, interpolations and all."""

from __future__ import annotations

import json
from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.value import Partial, Reference, Unknown, Value
from stackworthy.sources.editing.editor import Editor
from stackworthy.sources.terraform.writing.hcl_text import Refer


def is_heredoc(text: bytes) -> bool:
    """Whether an expression begins a heredoc."""
    return text.startswith(b"<<")


def set_within(file: str, text: bytes, start: int, route: Route, value: Value, refer: Refer) -> list[Splice]:
    """Give what a route leads to in the JSON of a heredoc this value; `start` is where the heredoc begins. Raises `CannotWrite`."""
    begin = text.index(b"\n") + 1
    end = text.rstrip().rindex(b"\n") + 1
    body = text[begin:end]
    try:
        json.loads(body)
    except ValueError:
        raise CannotWrite("the heredoc holds more than JSON", "write it with jsonencode") from None
    splices = Editor(file, body, json=True).set(route, _plain(value, refer))
    shift = start + begin
    return [Splice(file, one.start + shift, one.end + shift, one.text) for one in splices]


def _plain(value: Value, refer: Refer) -> Any:
    if isinstance(value, Reference):
        return "${" + refer(value) + "}"
    if isinstance(value, Partial):
        return "".join(_plain(piece, refer) for piece in value.pieces)
    if isinstance(value, Unknown):
        raise CannotWrite(f"the new value is not known: {value.reason}")
    if isinstance(value, dict):
        return {key: _plain(item, refer) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, refer) for item in value]
    if isinstance(value, str) and ("${" in value or "%{" in value):
        raise CannotWrite("the new value would begin an interpolation in the heredoc")
    return value
