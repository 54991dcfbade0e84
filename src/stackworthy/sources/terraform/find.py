"""Which folders are roots: those with configuration that no other folder calls as a module."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable

ENDINGS = (".tf", ".tf.json")

_BLOCK = re.compile(rb'^\s*(?:resource|data|module)\s+"', re.MULTILINE)
_LOCAL = re.compile(rb'source"?\s*[=:]\s*"(\.{1,2}/[^"$]*|\.{1,2})"')


def roots(files: Iterable[str], read: Callable[[str], bytes | None]) -> list[str]:
    """The root folders among the folders of these files, sorted. A folder that states nothing is none."""
    stating: set[str] = set()
    called: set[str] = set()
    for file in files:
        content = read(file)
        if content is None:
            continue
        folder = posixpath.dirname(file)
        if file.endswith(".json") or _BLOCK.search(content):
            stating.add(folder)
        for source in _LOCAL.findall(content):
            called.add(posixpath.normpath(posixpath.join(folder, source.decode("utf-8", "replace"))))
    normal = {"" if folder == "." else folder for folder in called}
    alone = stating - normal
    # Folders that only call each other would otherwise vanish altogether.
    return sorted(alone or stating)


def is_plan(file: str, content: bytes) -> bool:
    """Whether a file is a plan as `terraform show -json` prints it."""
    return (
        file.endswith(".json")
        and b'"terraform_version"' in content[:400]
        and b'"planned_values"' in content
        and b'"resource_changes"' in content
    )
