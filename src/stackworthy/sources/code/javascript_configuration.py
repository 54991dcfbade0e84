"""Reads package.json and tsconfig.json, the second with comments and commas too many, as people write it."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from stackworthy.core.workspace import Unreadable, Workspace

MAX_BYTES = 512 * 1024

_TEXT = rb'("[^"\\]*(?:\\.[^"\\]*)*"?)'
_SKIPPED = re.compile(_TEXT + rb"|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|/\*.*\Z", re.DOTALL)
_COMMA = re.compile(_TEXT + rb"|,(?=\s*[\]}])", re.DOTALL)
"""Without possessive quantifiers: early releases of Python 3.11 match those wrongly."""


def read_json(workspace: Workspace, path: str) -> dict[str, Any]:
    """The object in a file; empty when it is none, or none that can be read."""
    content = _content(workspace, path)
    return _object(content) if content else {}


def read_loose_json(workspace: Workspace, path: str) -> dict[str, Any]:
    """The object in a file that may have comments and trailing commas; empty when it is none."""
    content = _content(workspace, path)
    if not content:
        return {}
    return _object(_COMMA.sub(_kept, _SKIPPED.sub(_kept, content)))


def _kept(found: re.Match[bytes]) -> bytes:
    return found[1] or b""


def _content(workspace: Workspace, path: str) -> bytes:
    try:
        content = workspace.read(path) if workspace.exists(path) else b""
    except Unreadable:
        return b""
    return content.removeprefix(b"\xef\xbb\xbf") if len(content) <= MAX_BYTES else b""


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
