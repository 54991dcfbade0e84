"""Who owns a file, as the repository's CODEOWNERS says (GitHub's and GitLab's form).

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stackworthy import globs
from stackworthy.core.workspace import Unreadable, Workspace

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
MAX_BYTES = 3 * 1024 * 1024
"""GitHub reads no larger file."""

_SECTION = re.compile(r"\^?\[[^\]]+\](?:\[\d+\])?\s*(.*)")
_SPACE = re.compile(r"(?<!\\)\s+")


class _Entry(NamedTuple):
    pattern: str
    owners: str


class Owners:
    """The owners of every file of a repository."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self._sections = _sections(text)
        self._known: dict[str, str | None] = {}

    def of(self, path: str) -> str | None:
        """The owners of a file (relative to the root), separated by a space; None when nobody owns it.

        The last fitting line decides, one without owners says nobody; with GitLab's sections, each adds its own.
        """
        try:
            return self._known[path]
        except KeyError:
            found: dict[str, None] = {}
            for section in self._sections:
                for entry in section:
                    if globs.matches(entry.pattern, path):
                        found.update(dict.fromkeys(entry.owners.split()))
                        break
            owners = self._known[path] = " ".join(found) or None
            return owners


def owners(workspace: Workspace) -> Owners:
    """The owners that the first CODEOWNERS file below the root states; nobody when there is none or it cannot be read."""
    for place in PLACES:
        if workspace.exists(place):
            try:
                content = workspace.read(place)
            except Unreadable:
                continue
            if len(content) <= MAX_BYTES:
                return Owners(content.decode("utf-8-sig", "replace"))
    return Owners()


def _sections(text: str) -> list[list[_Entry]]:
    """The entries of each section, the deciding one first."""
    sections: list[list[_Entry]] = [[]]
    usual = ""
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        section = _SECTION.fullmatch(line)
        if section:
            sections.append([])
            usual = _without_comment(section[1])
            continue
        pattern, _, rest = _SPACE.sub("\0", line, count=1).partition("\0")
        stated = _without_comment(rest)
        sections[-1].append(_Entry(globs.anchored(pattern.replace("\\ ", " ")), stated or usual))
    return [section[::-1] for section in sections if section]


def _without_comment(text: str) -> str:
    return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].strip()
