"""Patches as text: unified differences that `git apply` takes, forwards and backwards."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

CONTEXT = 3


def unified(file: str, before: bytes | None, after: bytes | None, context: int = CONTEXT) -> Iterator[str]:
    """The lines of the difference of one file, each with its line end; None is a file that is not there."""
    old, new = _lines(before), _lines(after)
    yield f"diff --git a/{file} b/{file}\n"
    if before is None:
        yield "new file mode 100644\n"
    if after is None:
        yield "deleted file mode 100644\n"
    one = "/dev/null" if before is None else f"a/{file}"
    other = "/dev/null" if after is None else f"b/{file}"
    for line in difflib.unified_diff(old, new, one, other, n=context):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def patch(originals: Mapping[str, bytes | None], edits: Mapping[str, bytes | None]) -> bytes:
    """The patch of all files, sorted by name."""
    text = "".join(line for file in sorted(edits) for line in unified(file, originals.get(file), edits[file]))
    return text.encode("utf-8", "surrogateescape")


def rollback(originals: Mapping[str, bytes | None], edits: Mapping[str, bytes]) -> bytes:
    """The patch that takes all of it back."""
    return patch(edits, {file: originals.get(file) for file in edits})


def _lines(content: bytes | None) -> list[str]:
    """Lines with their ends; a carriage return is part of the line, as git has it."""
    if not content:
        return []
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    last = lines.pop()
    return [*(line + "\n" for line in lines), *([last] if last else [])]
