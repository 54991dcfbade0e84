"""Reviews of earlier runs, believed only while everything that they rest on is the same.

The cache lies in the user's own folder, never in the reviewed tree: a tree that comes from strangers would bring its own. One file holds what the
review of one path with one set of settings came to. It is replaced as a whole, so that runs side by side at worst do work twice.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from stackworthy.core.review import StackReview
from stackworthy.core.workspace import Workspace
from stackworthy.judge.recording import ASKED, Listed, Question, holds
from stackworthy.masking import MaskedStack, masked_stack
from stackworthy.sources.find import Found
from stackworthy.sources.stack import StackRef

MAGIC = b"stackworthy cache 1\n"
MAX_BYTES = 256 * 2**20
"""A file that would be larger is not written."""
MAX_TOTAL_BYTES = 512 * 2**20
MAX_FILES = 64
MAX_AGE_SECONDS = 30 * 24 * 3600
ENDING = ".reviews"
_DIGEST_BYTES = 32
_BROKEN = (msgspec.DecodeError, ValueError, LookupError)

T = TypeVar("T")


class Judged(msgspec.Struct):
    """The review of one stack, and what it rests on besides program and settings.

    `dated`: on another day it may be another. `lasting` is false when the same answers need not lead to the same review.
    """

    review: StackReview
    asked: list[Question]
    dated: bool = False
    lasting: bool = True


class _Entry(msgspec.Struct, array_like=True):
    """A stack's review as bytes, by the numbers of its questions; `day` is "" when the date does not matter."""

    format: str
    path: str
    asked: list[int]
    day: str
    review: bytes

    @property
    def stack(self) -> StackRef:
        return StackRef(self.format, self.path)


class _File(msgspec.Struct, array_like=True):
    questions: list[Question] = []
    found_asked: list[int] = []
    found: bytes = b""
    entries: list[_Entry] = []


class Kept:
    """What was kept of one path under one set of settings, and gives out what still holds. `notes` says what was wrong with it."""

    def __init__(self, folder: Path, name: str, workspace: Workspace, day: str) -> None:
        self.notes: list[str] = []
        self._workspace = workspace
        self._day = day
        self._target = folder / (name + ENDING)
        self._file = self._load()
        self._holds: dict[int, bool] = {}
        self._stats = [question.stat for question in self._file.questions]
        self._entries = {entry.stack: entry for entry in self._file.entries}
        self._used: dict[StackRef, _Entry] = {}
        self._listed: Listed = {}
        self._found_used = False
        self._decoder = msgspec.msgpack.Decoder(MaskedStack)

    def found(self) -> tuple[Found, list[Question]] | None:
        """The stacks below the path, and what finding them asked; None when that may have changed."""
        if not self._file.found or not self._all_hold(self._file.found_asked):
            return None
        found = self._decoded(self._file.found, msgspec.msgpack.Decoder(Found))
        if found is None:
            return None
        self._found_used = True
        return found, self._questions(self._file.found_asked)

    def review(self, stack: StackRef) -> Judged | None:
        """The review of a stack; None when something that it rests on may have changed."""
        entry = self._entries.get(stack)
        if entry is None or entry.day not in ("", self._day) or not self._all_hold(entry.asked):
            return None
        review = self._decoded(entry.review, self._decoder)
        if review is None:
            return None
        self._used[stack] = entry
        return Judged(review, self._questions(entry.asked), bool(entry.day))

    def keep(
        self, found: Found, found_asked: list[Question], judged: Iterable[tuple[StackRef, Judged]]
    ) -> None:
        """Write what a review came to, unless it all was here before. What cannot be written is not kept; no error arises."""
        fresh = [(stack, one) for stack, one in judged if stack not in self._used and one.lasting]
        refreshed = any(
            question.stat != before
            for question, before in zip(self._file.questions, self._stats, strict=True)
        )
        gone = len(self._used) != len(self._entries)
        if self._found_used and not (fresh or refreshed or gone):
            with contextlib.suppress(OSError):
                os.utime(self._target)
            return
        made = _Maker()
        if not self._found_used:
            made.found(found, found_asked)
        else:
            made.file.found, made.file.found_asked = self._file.found, made.numbers(found_asked)
        for stack, entry in self._used.items():
            asked = made.numbers(self._questions(entry.asked))
            made.file.entries.append(_Entry(stack.format, stack.path, asked, entry.day, entry.review))
        for stack, one in fresh:
            made.add(stack, one, self._day)
        self._write(msgspec.msgpack.encode(made.file))

    def _load(self) -> _File:
        try:
            content = self._target.read_bytes()
        except OSError:
            return _File()
        start = len(MAGIC) + _DIGEST_BYTES
        body = memoryview(content)[start:]
        if content[: len(MAGIC)] == MAGIC and hashlib.sha256(body).digest() == content[len(MAGIC) : start]:
            try:
                return _checked(msgspec.msgpack.decode(body, type=_File))
            except _BROKEN:
                pass
        self._damaged()
        return _File()

    def _damaged(self) -> None:
        note = f"the cache {self._target} is damaged and is made anew"
        if note not in self.notes:
            self.notes.append(note)

    def _decoded(self, content: bytes, decoder: msgspec.msgpack.Decoder[T]) -> T | None:
        try:
            return decoder.decode(content)
        except _BROKEN:
            self._damaged()
            return None

    def _all_hold(self, numbers: list[int]) -> bool:
        known = self._holds
        for number in numbers:
            if number not in known:
                known[number] = holds(self._file.questions[number], self._workspace, self._listed)
            if not known[number]:
                return False
        return True

    def _questions(self, numbers: list[int]) -> list[Question]:
        return [self._file.questions[number] for number in numbers]

    def _write(self, body: bytes) -> None:
        if len(body) > MAX_BYTES:
            return
        import tempfile

        folder = self._target.parent
        with contextlib.suppress(OSError):
            handle, temporary = tempfile.mkstemp(prefix=".writing-", dir=folder)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(MAGIC + hashlib.sha256(body).digest())
                    stream.write(body)
                os.replace(temporary, self._target)
            except OSError:
                os.unlink(temporary)
        prune(folder)


class _Maker:
    """Builds a file in which every question stands once."""

    def __init__(self) -> None:
        self.file = _File([], [], b"", [])
        self._known: dict[tuple[str, str, bytes], int] = {}

    def found(self, found: Found, asked: list[Question]) -> None:
        """Take in where the stacks are; names that are no Unicode cannot be kept."""
        with contextlib.suppress(UnicodeEncodeError):
            encoded = msgspec.msgpack.encode(found)
            self.file.found_asked = self.numbers(asked)
            self.file.found = encoded

    def add(self, stack: StackRef, one: Judged, day: str) -> None:
        """Take in a stack's review, without secrets."""
        with contextlib.suppress(UnicodeEncodeError):
            encoded = msgspec.msgpack.encode(masked_stack(one.review))
            asked = self.numbers(one.asked)
            entry = _Entry(stack.format, stack.path, asked, day if one.dated else "", encoded)
            self.file.entries.append(entry)

    def numbers(self, questions: list[Question]) -> list[int]:
        """The numbers of the questions. Raises `UnicodeEncodeError` for a path that is no Unicode."""
        for question in questions:
            if not question.path.isascii():
                question.path.encode()
        return [self._number(question) for question in questions]

    def _number(self, question: Question) -> int:
        number = self._known.setdefault(question.key, len(self.file.questions))
        if number == len(self.file.questions):
            self.file.questions.append(question)
        return number


def _checked(file: _File) -> _File:
    """The file, when its numbers and questions make sense. Raises `ValueError`."""
    count = len(file.questions)
    numbers = [file.found_asked, *(entry.asked for entry in file.entries)]
    sound = all(0 <= number < count for asked in numbers for number in asked)
    if not sound or not all(question.asked in ASKED for question in file.questions):
        raise ValueError("numbers of questions that there are not")
    return file


def prune(folder: Path) -> None:
    """Remove what nobody used for a month, then the longest unused, until files and bytes are within their bounds."""
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                found.append((status.st_mtime, status.st_size, entry.path))
    total = files = 0
    for used, size, path in sorted(found, reverse=True):
        total, files = total + size, files + 1
        if total > MAX_TOTAL_BYTES or files > MAX_FILES or time.time() - used > MAX_AGE_SECONDS:
            with contextlib.suppress(OSError):
                os.unlink(path)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles while much plain data is made, nor in it later: there are none, and it lives until it is reported."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()
