"""Kinds that cost nothing by themselves, with the reason; every other kind without a price is listed on the bill."""

from __future__ import annotations


def reason(kind: str) -> str | None:
    """Why a kind costs nothing by itself, or None when it may cost money."""
    return None
