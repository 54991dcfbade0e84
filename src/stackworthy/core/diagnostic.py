"""One thing that is wrong with the input, said once: where, what, and what to do."""

from __future__ import annotations

import msgspec


class Diagnostic(msgspec.Struct, frozen=True):
    """`line` counts from 1, 0 when the whole file is meant; `level` is "error" (something was not read) or "warning"."""

    file: str
    line: int
    level: str
    message: str
    hint: str = ""
