"""Which origins of a CORS setting stand for every site there is."""

from __future__ import annotations

from stackworthy.core.value import Value

ANY = ("*", "https://*", "http://*")


def any_origin(origins: Value) -> bool:
    """Whether any site may call; raises `NotKnown`."""
    found: bool = origins.any_of(lambda origin: origin in ANY)
    return found
