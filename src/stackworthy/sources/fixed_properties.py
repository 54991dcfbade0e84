"""The properties of a resource that nobody wrote as one: values worked out by the reader, at one place of the author's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from stackworthy.core.origin import Origin, Trail
from stackworthy.core.value import ABSENT, Value


class FixedProperties:
    """Values that are known beforehand; every property is shown at `place`."""

    __slots__ = ("_place", "_values")

    def __init__(self, values: Mapping[str, Value], place: Origin) -> None:
        self._values = values
        self._place = place

    def names(self) -> Collection[str]:
        """The properties that are there."""
        return self._values.keys()

    def value(self, name: str) -> Value:
        """The value of one property."""
        return self._values.get(name, ABSENT)

    def origin(self, path: str) -> Origin:  # noqa: ARG002
        """The one place."""
        return self._place

    def trail(self, path: str) -> Trail:  # noqa: ARG002
        """None: nothing is derived."""
        return ()

    def native(self) -> Value | None:
        """None: the names are canonical."""
        return None

    def metadata(self) -> Any:
        """None: nobody attached any."""
        return None
