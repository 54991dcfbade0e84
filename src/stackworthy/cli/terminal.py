"""What the terminal can show: width, colour, characters."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import TextIO

NARROWEST = 40


def width() -> int:
    """The terminal's width in cells; 80 where nobody can tell."""
    return max(shutil.get_terminal_size((80, 24)).columns, NARROWEST)


def colored(stream: TextIO) -> bool:
    """Whether colour is wanted: on a terminal, unless NO_COLOR or a dumb one says no; elsewhere when FORCE_COLOR says yes."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def for_stream(text: str, stream: TextIO) -> str:
    """The text with characters that the stream can write."""
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    if encoding in ("utf8", "utf8sig", "utf16", "utf32") and not text.isascii():
        return text.encode("utf-8", "replace").decode("utf-8")
    if text.isascii():
        return text
    from stackworthy.reports.terminal import ascii_only

    return ascii_only(text)


def show(lines: Iterable[str]) -> None:
    """Write lines to standard output as far as it can show them."""
    for line in lines:
        sys.stdout.write(for_stream(line, sys.stdout) + "\n")
    sys.stdout.flush()
