"""Errors as a user sees them: what is wrong, where, and what to do, in two lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable


class Refusal(Exception):
    """Something that cannot be done as asked; ends the command with exit code 2."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @classmethod
    def unexpected(cls, error: Exception) -> Refusal:
        """A fault of ours: named, without its stack trace."""
        said = " ".join(str(error).split())[:300]
        name = type(error).__name__
        return cls(
            f"unexpected {name}: {said}" if said else f"unexpected {name}",
            "this is a fault in stackworthy; STACKWORTHY_DEBUG=1 shows where it happened",
        )


def refused(refusal: Refusal) -> int:
    """Tell a refusal on standard error, and give its exit code."""
    from stackworthy.cli.terminal import for_stream
    from stackworthy.reports.masking import masked_text
    from stackworthy.reports.terminal import harmless

    lines = [f"stackworthy: {masked_text(harmless(refusal.message))}"]
    if refusal.hint:
        lines.append(f"  {masked_text(harmless(refusal.hint))}")
    sys.stderr.write(for_stream("\n".join(lines) + "\n", sys.stderr))
    return 2


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean …?` for the known name that looks most like this one, "" when none does."""
    import difflib

    spelt = {entry.lower(): entry for entry in known}
    near = difflib.get_close_matches(name.lower(), spelt, 1, 0.55)
    return f"did you mean {spelt[near[0]]}?" if near else ""
