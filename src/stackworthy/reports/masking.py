"""What reports hide; it stands in `stackworthy.masking`, for the cache hides it too."""

from __future__ import annotations

from stackworthy.masking import (
    MASK,
    MaskedStack,
    is_secret,
    looks_random,
    masked_diagnostics,
    masked_finding,
    masked_line,
    masked_stack,
    masked_text,
    masked_value,
)

__all__ = [
    "MASK",
    "MaskedStack",
    "is_secret",
    "looks_random",
    "masked_diagnostics",
    "masked_finding",
    "masked_line",
    "masked_stack",
    "masked_text",
    "masked_value",
]
