"""What every language's reader shares: the endings of files, and why a file has no tree."""

from __future__ import annotations

PYTHON = (".py",)
JAVASCRIPT = (".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx")


class NotParsed(Exception):
    """A file of code that cannot be read: `message` says why, `line` counts from 1 (0: the whole file)."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}: {message}")
        self.file = file
        self.line = line
        self.message = message

    @property
    def reason(self) -> str:
        """Why code checks were not assessed, in one line."""
        at = f" line {self.line}" if self.line else ""
        return f"{self.file}{at} {self.message}"
