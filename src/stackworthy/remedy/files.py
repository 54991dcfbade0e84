"""Writing all files of a run or none: new contents are made ready aside, a journal says what is meant, renames do it.

A run that is killed before its journal stands has changed nothing; one that is killed later is finished by the next
run (`recover`). Each file is at every moment the old one or the new one.
"""

from __future__ import annotations

import errno
import fcntl
import os
import posixpath
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b

import msgspec

FOLDER = ".stackworthy"
JOURNAL = "journal.json"


class NotWritten(Exception):
    """Nothing was written; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Entry(msgspec.Struct):
    """One file of a run: where it goes (relative to the root, links followed), and hashes of what it was ("" for nothing) and will be."""

    path: str
    ready: str
    before: str
    after: str


class Journal(msgspec.Struct):
    """All files of one run."""

    entries: list[Entry]


def write(root: str, edits: Mapping[str, bytes], originals: Mapping[str, bytes | None]) -> None:
    """Write these files below the root, all or none; raises `NotWritten` when one is not what it was when it was read."""
    with _locked(root):
        recover_locked(root)
        aside = os.path.join(root, FOLDER, "fix")
        shutil.rmtree(aside, ignore_errors=True)
        os.makedirs(aside)
        try:
            journal = Journal(
                [_ready(root, aside, number, item, originals) for number, item in enumerate(edits.items())]
            )
            _write_through(os.path.join(aside, JOURNAL + ".new"), msgspec.json.encode(journal))
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            raise NotWritten(f"{error.filename or root}: {error.strerror}", "nothing was changed") from None
        except NotWritten:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        _sync_folder(aside)
        os.rename(os.path.join(aside, JOURNAL + ".new"), os.path.join(aside, JOURNAL))
        _sync_folder(aside)
        _carry_out(root, aside, journal)


def recover(root: str) -> list[str]:
    """Finish what a killed run has begun; the files that it wrote, none when there was nothing to do."""
    if not os.path.isdir(os.path.join(root, FOLDER, "fix")):
        return []
    with _locked(root):
        return recover_locked(root)


def recover_locked(root: str) -> list[str]:
    """The same, for whoever holds the lock."""
    aside = os.path.join(root, FOLDER, "fix")
    if not os.path.isdir(aside):
        return []
    try:
        with open(os.path.join(aside, JOURNAL), "rb") as stream:
            journal = msgspec.json.decode(stream.read(), type=Journal)
    except FileNotFoundError:
        shutil.rmtree(aside)
        return []
    except msgspec.DecodeError:
        raise NotWritten(
            f"{os.path.join(aside, JOURNAL)} is damaged",
            "look at the files beside it, then remove the folder",
        ) from None
    return _carry_out(root, aside, journal)


def _ready(
    root: str, aside: str, number: int, item: tuple[str, bytes], originals: Mapping[str, bytes | None]
) -> Entry:
    path, content = item
    target = _target(root, path)
    before = _content(target)
    if before != originals.get(path):
        raise NotWritten(f"{path} has changed since it was read", "run the command again")
    ready = f"{number:04d}"
    new = os.path.join(aside, ready)
    _write_through(new, content)
    if before is not None:
        status = os.stat(target)
        os.chmod(new, stat.S_IMODE(status.st_mode))
        if (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()) and os.getuid() == 0:
            os.chown(new, status.st_uid, status.st_gid)
    relative = os.path.relpath(target, os.path.realpath(root))
    return Entry(relative, ready, _hash(before), _hash(content))


def _target(root: str, path: str) -> str:
    """Where a file really stands; raises `NotWritten` when that is outside the root."""
    real_root = os.path.realpath(root)
    target = os.path.realpath(os.path.join(real_root, posixpath.normpath(path)))
    if not target.startswith(real_root.rstrip("/") + "/"):
        raise NotWritten(
            f"{path} leads out of {root}", "name a wider --root if the file belongs to the stack"
        )
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise NotWritten(f"{path} may not be written", "give yourself permission to write it")
    return target


def _carry_out(root: str, aside: str, journal: Journal) -> list[str]:
    written = []
    for entry in journal.entries:
        target, ready = os.path.join(os.path.realpath(root), entry.path), os.path.join(aside, entry.ready)
        if not os.path.exists(ready):
            continue
        now = _hash(_content(target))
        if now == entry.before:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            _move(ready, target)
            written.append(entry.path)
        elif now != entry.after:
            raise NotWritten(
                f"{entry.path} was edited while its fix was being written",
                f"its patched form is {os.path.relpath(ready, root)}; take from it what you want, then remove {FOLDER}/fix",
            )
    for folder in {
        os.path.dirname(os.path.join(os.path.realpath(root), entry.path)) for entry in journal.entries
    }:
        _sync_folder(folder)
    shutil.rmtree(aside)
    return written


def _move(ready: str, target: str) -> None:
    try:
        os.replace(ready, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = f"{target}.stackworthy-new"
        shutil.copy2(ready, beside)
        with open(beside, "rb") as stream:
            os.fsync(stream.fileno())
        os.replace(beside, target)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _hash(content: bytes | None) -> str:
    return "" if content is None else blake2b(content, digest_size=16).hexdigest()


def _write_through(path: str, content: bytes) -> None:
    with open(path, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(root: str) -> Iterator[None]:
    """One run at a time. The folder hides itself from git."""
    folder = os.path.join(root, FOLDER)
    try:
        os.makedirs(folder, exist_ok=True)
        ignore = os.path.join(folder, ".gitignore")
        if not os.path.exists(ignore):
            with open(ignore, "w", encoding="utf-8") as stream:
                stream.write("*\n")
        lock = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise NotWritten(f"{folder}: {error.strerror}", "give yourself permission to write there") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise NotWritten("another run is writing here", "wait until it is done") from None
    try:
        yield
    finally:
        os.close(lock)
