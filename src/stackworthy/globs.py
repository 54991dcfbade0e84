"""Path patterns as git's ignore files and CODEOWNERS write them: `*.tf`, `infra/`, `/tests/**`, `**/fixtures`.

Matching takes time in proportion to pattern times path, whatever the pattern: both come from strangers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def anchored(pattern: str, folder: str = "") -> str:
    """The same pattern as seen from the root, for one that was written in `folder` (relative, "" is the root).

    A pattern without a slash (other than at its end) fits at any depth; one with a slash starts at its folder.
    """
    folders_only = pattern.endswith("/")
    bare = pattern.strip("/")
    inner = bare if "/" in bare or pattern.startswith("/") else f"**/{bare}"
    whole = f"{folder}/{inner}" if folder else inner
    return whole + "/" if folders_only else whole


def matches(pattern: str, path: str) -> bool:
    """Whether an anchored pattern names the file `path` or a folder above it; `dir/` names folders only, `dir/*` no deeper.

    Paths are relative to the root, with forward slashes.
    """
    folders_only = pattern.endswith("/")
    wanted = [part for part in pattern.split("/") if part]
    parts = path.split("/")
    if not folders_only and wanted and wanted[-1] == "*":
        return _run(wanted, parts, _part_fits, lambda part: part == "**")
    if not folders_only and _run(wanted, parts, _part_fits, lambda part: part == "**"):
        return True
    return _run([*wanted, "*", "**"], parts, _part_fits, lambda part: part == "**")


def _part_fits(pattern: str, part: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern == part
    return _run(pattern, part, lambda one, other: one in ("?", other), lambda one: one == "*")


def _run(
    pattern: Sequence[T], text: Sequence[T], fits: Callable[[T, T], bool], any_number: Callable[[T], bool]
) -> bool:
    """Whether the text fits; after a mismatch only the last "any number of" takes one more, which is enough."""
    p = t = 0
    star, resume = -1, 0
    while t < len(text):
        if p < len(pattern) and any_number(pattern[p]):
            star, resume = p, t
            p += 1
        elif p < len(pattern) and fits(pattern[p], text[t]):
            p += 1
            t += 1
        elif star >= 0:
            p, resume = star + 1, resume + 1
            t = resume
        else:
            return False
    return all(any_number(rest) for rest in pattern[p:])
