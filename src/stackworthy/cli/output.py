"""Where a report goes: standard output, or files whose name says the format. A file appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stackworthy.cli.errors import Refusal

ENDINGS = {
    "gl-code-quality-report.json": "gitlab",
    ".sarif.json": "sarif",
    ".json": "json",
    ".sarif": "sarif",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".xml": "junit",
}
"""How a file's name ends, the longer ending first where both fit. GitLab's is the name that its documentation uses."""


class Target(NamedTuple):
    """A file to write, and the format to write it in."""

    format: str
    path: str


def targets(given: Sequence[str], formats: Sequence[str], asked: str | None) -> list[Target]:
    """What each `-o` means: `FORMAT=FILE`, or a FILE whose ending says the format. Raises `Refusal`.

    The format that is asked for explicitly goes to a single FILE, and to files whose ending says nothing.
    """
    return [_target(text, formats, asked, alone=len(given) == 1) for text in given]


def _target(text: str, formats: Sequence[str], asked: str | None, *, alone: bool) -> Target:
    format, equals, path = text.partition("=")
    if equals and format in formats:
        return Target(format, checked(path))
    known = None if alone and asked else _by_ending(text.lower())
    if known is None and asked is None:
        raise Refusal(
            f"the name {text} does not say its format",
            f"write html={text} or another format before it, or give --format",
        )
    return Target(known or asked or "", checked(text))


def _by_ending(name: str) -> str | None:
    return next((known for ending, known in ENDINGS.items() if name.endswith(ending)), None)


def checked(path: str) -> str:
    """The path, when a file can be written there. Raises `Refusal`."""
    folder = os.path.dirname(os.path.abspath(path))
    if path in ("", "-") or os.path.isdir(path):
        hint = "--format prints to standard output" if path == "-" else "name a file"
        raise Refusal(f"{path or 'the empty name'} cannot be written", hint)
    if not os.path.isdir(folder):
        raise Refusal(f"{path} cannot be written: there is no folder {folder}", "make the folder first")
    return path


def write(path: str, chunks: Iterable[bytes]) -> None:
    """Write a file in one step: it is complete, or it stays as it was. Raises `Refusal`."""
    if os.path.exists(path) and not os.path.isfile(path):
        _write_through(path, chunks)
        return
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, temporary = tempfile.mkstemp(prefix=".stackworthy-", dir=folder)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(chunks)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, os.path.realpath(path))
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _write_through(path: str, chunks: Iterable[bytes]) -> None:
    """Write to a device or a pipe, which cannot be replaced."""
    try:
        with open(path, "wb") as stream:
            stream.writelines(chunks)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def to_stdout(chunks: Iterable[bytes]) -> None:
    """Write bytes to standard output as they come."""
    sys.stdout.flush()
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
