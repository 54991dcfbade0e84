"""What a rule says of a subject. Nothing drops silently: a verdict that needs the unknown is not assessed, with the reason."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """The four ways a verdict can come out."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    FAIL = "fail"
    SUPPRESSED = "suppressed"
    NOT_ASSESSED = "not-assessed"
