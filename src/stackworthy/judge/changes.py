"""What changed in a git work tree since a revision, and whether a recorded question may have another answer for it."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterable

import msgspec

from stackworthy.core.workspace import Unreadable, git
from stackworthy.judge.recording import Question

DIFF = (
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=dirty",
    "--relative",
    "-z",
    "-M",
    "--name-status",
)


class Changes(msgspec.Struct):
    """Paths relative to the root: `paths` all that differ, `listed` those that came or went, `renamed` old names by new ones."""

    root: str
    commit: str
    paths: set[str]
    listed: set[str]
    renamed: dict[str, str]
    _folders: set[str] = set()
    _listings: set[str] = set()
    _real: dict[str, str] = {}

    def __post_init__(self) -> None:
        self._folders = {folder for path in self.paths for folder in _above(path)}
        self._listings = {folder for path in self.listed for folder in _above(path)}

    def touch(self, questions: Iterable[Question]) -> bool:
        """Whether one of these may be answered differently. A folder that was only asked for is touched by whatever lies below: code stands there."""
        return any(self._touches(question) for question in questions)

    def _touches(self, question: Question) -> bool:
        path = question.path
        if question.asked == "entries":
            return any(posixpath.dirname(changed) == path for changed in self.listed)
        if question.asked == "files":
            return path in self._listings
        if self._is_changed(path) or (question.asked == "folder" and path in self._folders):
            return True
        real = self._followed(path)
        return real != path and (
            self._is_changed(real) or (question.asked == "folder" and real in self._folders)
        )

    def _is_changed(self, path: str) -> bool:
        """Whether the path, or a folder above it as a whole (a submodule, a link), differs."""
        return path in self.paths or any(folder in self.paths for folder in _above(path))

    def _followed(self, path: str) -> str:
        """The path with its links followed, relative to the root."""
        folder, name = posixpath.split(path)
        real = self._real.get(path)
        if real is None:
            real = self._real[path] = os.path.relpath(
                os.path.realpath(f"{self.root}/{folder}/{name}"), self.root
            ).replace(os.sep, "/")
        return "" if real == "." else real

    def before(self, path: str, *, folder: bool) -> str:
        """What a file was called at the revision; for a folder, where most of what moved into it came from."""
        if not folder:
            return self.renamed.get(path, path)
        origins = Counter(
            posixpath.dirname(old) for new, old in self.renamed.items() if posixpath.dirname(new) == path
        )
        return origins.most_common(1)[0][0] if origins else path


def _above(path: str) -> list[str]:
    """The folders above a path, the root ("") among them."""
    found = []
    while path:
        path = posixpath.dirname(path)
        found.append(path)
    return found


def changes(root: str, revision: str) -> Changes:
    """What differs between a revision and the work tree, files that git does not know yet included.

    A revision means the point where this branch left it; `A..B` and `A...B` compare these two and leave the work tree aside.
    Raises `Unreadable`.
    """
    first, dots, last = revision.partition("..")
    if dots:
        three = last.startswith(".")
        last = commit_of(root, last.lstrip(".") or "HEAD")
        first = commit_of(root, first or "HEAD")
        ends = [left(root, first, last) if three else first, last]
    else:
        ends = [left(root, commit_of(root, revision), "HEAD")]
    listing = git(root, "diff", *DIFF, *ends, "--").decode("utf-8", "surrogateescape")
    found = Changes(root, ends[0], set(), set(), {})
    fields = iter(listing.split("\0"))
    for status in fields:
        if not status:
            continue
        path = next(fields)
        found.paths.add(path)
        if status[0] in "RC":
            renamed = next(fields)
            found.renamed[renamed] = path
            found.paths.add(renamed)
            found.listed |= {path, renamed}
        elif status[0] != "M":
            found.listed.add(path)
    if not dots:
        others = git(root, "ls-files", "--others", "--exclude-standard", "-z")
        new = {path for path in others.decode("utf-8", "surrogateescape").split("\0") if path}
        found.paths |= new
        found.listed |= new
    found.__post_init__()
    return found


def commit_of(root: str, revision: str) -> str:
    """The id of a revision's commit. Raises `Unreadable` with what to do for one that the clone has not."""
    try:
        return (
            git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
            .decode()
            .strip()
        )
    except Unreadable as error:
        if error.message.startswith("git cannot") or "unknown revision" in error.message:
            hint = "name a branch, tag or commit; a shallow clone has few: fetch it (fetch-depth: 0 in GitHub's checkout)"
            raise Unreadable(revision, "is no revision that this clone has", hint) from None
        raise Unreadable(revision, f"cannot be read: {error.message}", error.hint) from None


def left(root: str, one: str, other: str) -> str:
    """The commit where two branches parted; the first when their histories have none in common, as in a shallow clone."""
    try:
        return git(root, "merge-base", one, other).decode().split()[0]
    except (Unreadable, IndexError):
        return one
