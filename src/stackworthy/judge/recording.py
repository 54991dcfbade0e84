"""What a review asked of its workspace, and whether the answers would be the same again.

A stack's review follows from the program, its settings and these answers alone: contents of files, what exists, what a folder holds, absence included.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator

import msgspec

from stackworthy.core.workspace import Disk, Unreadable, Workspace

Stat = tuple[int, int, int, int, int]
"""Device, inode, size, and the nanoseconds of the last change of content and of anything."""

SETTLED_NS = 2 * 10**9
"""A file that changed less than this before it was read may change again unseen: clocks of file systems tick up to every two seconds."""

NO = b"0"
"""The answer to a question for a file or folder that is not there; no digest is as short."""


class Question(msgspec.Struct, array_like=True):
    """One question and the digest of its answer. `asked` is read, exists, folder, entries or files.

    `stat` is that of a read file from before it was read; None when it would not tell a later change.
    """

    asked: str
    path: str
    answer: bytes
    stat: Stat | None = None

    @property
    def key(self) -> tuple[str, str, bytes]:
        """What makes two of them the same."""
        return self.asked, self.path, self.answer


class Recording:
    """Another workspace, with a memory of what it was asked. `torn` when it gave two answers to one question."""

    def __init__(self, base: Workspace) -> None:
        self.root = base.root
        self.base = base
        self.asked: dict[tuple[str, str], Question] = {}
        self.torn = False

    @property
    def unread(self) -> list[Unreadable]:
        """The folders that could not be looked into."""
        return self.base.unread

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `Unreadable`."""
        stat = settled(self.base, path)
        try:
            content = self.base.read(path)
        except Unreadable as error:
            self._note("read", path, _refused(error))
            raise
        self._note("read", path, _digest(content), stat)
        return content

    def exists(self, path: str) -> bool:
        """Whether a readable file stands there."""
        found = self.base.exists(path)
        self._note("exists", path, _yes_or_no(found))
        return found

    def is_folder(self, path: str) -> bool:
        """Whether a folder stands there."""
        found = self.base.is_folder(path)
        self._note("folder", path, _yes_or_no(found))
        return found

    def entries(self, folder: str) -> list[str]:
        """The names of files in a folder, sorted."""
        found = self.base.entries(folder)
        self._note("entries", folder, _listed(found))
        return found

    def files(self, folder: str = "") -> Iterator[str]:
        """Every file below a folder. The whole list is taken at once: a part of it has no digest."""
        before = len(self.base.unread)
        try:
            found = list(self.base.files(folder))
        except Unreadable as error:
            self._note("files", folder, _refused(error))
            raise
        self._note("files", folder, _listed(found, self.base.unread[before:]))
        yield from found

    def questions(self) -> list[Question]:
        """What was asked, in order."""
        return list(self.asked.values())

    def _note(self, asked: str, path: str, answer: bytes, stat: Stat | None = None) -> None:
        before = self.asked.setdefault((asked, path), Question(asked, path, answer, stat))
        self.torn |= before.answer != answer


def settled(workspace: Workspace, path: str) -> Stat | None:
    """The stat of a file on disk that tells every later change of it; None when there is none.

    Git calls an entry racy whose file is as young as itself; so is one here that changed within the last two seconds, or in the future.
    """
    stat = _stat(workspace, path)
    if stat is None or time.time_ns() - max(stat[3:]) < SETTLED_NS:
        return None
    return stat


Listed = dict[str, frozenset[str] | None]
"""What folders of the disk hold, in lower case; None for one that does not tell."""


def _is_nowhere(workspace: Workspace, path: str, listed: Listed) -> bool:
    """Whether nothing at all stands at a path on disk. Most questions are after what is not there: one look at the folder answers them all.

    Disks that do not tell capitals apart, or write letters with accents in two ways, are asked for the path itself.
    """
    if isinstance(workspace, Disk):
        folder, _, name = path.rpartition("/")
        if folder not in listed:
            listed[folder] = _names(f"{workspace.root}/{folder}")
        names = listed[folder]
        if names is not None and name.isascii() and name.lower() not in names and name not in ("", ".", ".."):
            return True
        try:
            os.lstat(f"{workspace.root}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return True
        except (OSError, ValueError):
            return False
    return False


def _names(folder: str) -> frozenset[str] | None:
    try:
        return frozenset(map(str.lower, os.listdir(folder)))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
    except (OSError, ValueError):
        return None


def _stat(workspace: Workspace, path: str) -> Stat | None:
    if not isinstance(workspace, Disk):
        return None
    try:
        found = os.stat(f"{workspace.root}/{path}")
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def holds(question: Question, workspace: Workspace, listed: Listed) -> bool:
    """Whether the workspace still gives the recorded answer. A settled stat that is the same answers for the content.

    `listed` remembers folders from question to question of one look.
    """
    if question.stat is not None and question.stat == _stat(workspace, question.path):
        return True
    if question.answer == NO and _is_nowhere(workspace, question.path, listed):
        return True
    stat = settled(workspace, question.path) if question.asked == "read" else None
    if _ANSWERS[question.asked](workspace, question.path) != question.answer:
        return False
    if stat is not None:
        question.stat = stat
    return True


def _read(workspace: Workspace, path: str) -> bytes:
    try:
        return _digest(workspace.read(path))
    except Unreadable as error:
        return _refused(error)


def _files(workspace: Workspace, path: str) -> bytes:
    before = len(workspace.unread)
    try:
        found = list(workspace.files(path))
    except Unreadable as error:
        return _refused(error)
    return _listed(found, workspace.unread[before:])


_ANSWERS: dict[str, Callable[[Workspace, str], bytes]] = {
    "read": _read,
    "exists": lambda workspace, path: _yes_or_no(workspace.exists(path)),
    "folder": lambda workspace, path: _yes_or_no(workspace.is_folder(path)),
    "entries": lambda workspace, path: _listed(workspace.entries(path)),
    "files": _files,
}
ASKED = tuple(_ANSWERS)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _refused(error: Unreadable) -> bytes:
    return b"!" + _digest(f"{error.message}\0{error.hint}".encode("utf-8", "surrogateescape"))


def _yes_or_no(found: bool) -> bytes:
    return b"1" if found else NO


def _listed(names: list[str], unread: list[Unreadable] | None = None) -> bytes:
    told = [*names, *(f"\0{folder.path}\0{folder.message}" for folder in unread or ())]
    return _digest("\n\0".join(told).encode("utf-8", "surrogateescape"))
