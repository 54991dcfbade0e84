"""A progress bar on standard error: only on a terminal, only for work that takes longer than a second, gone when it is done."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

from stackworthy.cli.terminal import for_stream

QUIET_SECONDS = 1.0
PAUSE_SECONDS = 0.1


class Bar:
    """Shows how many stacks are done. Used as a context, so that it is wiped whatever happens."""

    def __init__(self, wanted: bool = True, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.wanted = wanted and self.stream.isatty()
        self.drawn_at = time.monotonic() + QUIET_SECONDS - PAUSE_SECONDS
        self.shown = False

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` stacks are reviewed."""
        now = time.monotonic()
        if not self.wanted or total < 2 or now - self.drawn_at < PAUSE_SECONDS:
            return
        self.drawn_at = now
        self.shown = True
        room = max(10, min(40, shutil.get_terminal_size((80, 24)).columns - 30))
        full = room * done // total
        line = f"\r\x1b[K{'█' * full}{'░' * (room - full)} {done:,} of {total:,} stacks"
        self.stream.write(for_stream(line, self.stream))
        self.stream.flush()
