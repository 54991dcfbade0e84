"""Lists and maps whose questions are answered as far as what they hold is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from stackworthy.core.unknowns import ABSENT, NotKnown, Unknown, Value


class List(list[Value]):
    """A list whose questions are answered as far as its elements are known."""

    __slots__ = ()

    def __contains__(self, wanted: object) -> bool:
        return self.any_of(lambda item: item == wanted)

    def any_of(self, fits: Callable[[Value], Any]) -> bool:
        """Whether any element fits; raises `NotKnown` only when no known one does and another may."""
        return _any_of(self, fits)

    def all_of(self, fits: Callable[[Value], Any]) -> bool:
        """Whether all elements fit; raises `NotKnown` only when no known one fails and another may."""
        return not _any_of(self, lambda item: not fits(item))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Unknown):
            raise NotKnown(other.reason)
        return (
            isinstance(other, list) and len(self) == len(other) and _all_equal(zip(self, other, strict=True))
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


class OpenList(List):
    """A list that may have more elements than those seen: iterating over it yields the known ones, then raises."""

    __slots__ = ("rest",)
    rest: Unknown

    def __init__(self, items: Iterable[Value], rest: Unknown) -> None:
        super().__init__(items)
        self.rest = rest

    def __iter__(self) -> Iterator[Value]:
        yield from list.__iter__(self)
        raise NotKnown(self.rest.reason)

    def __len__(self) -> int:
        raise NotKnown(self.rest.reason)

    def __bool__(self) -> bool:
        if list.__len__(self):
            return True
        raise NotKnown(self.rest.reason)

    def __getitem__(self, index: Any) -> Value:
        if isinstance(index, int) and 0 <= index < list.__len__(self):
            return list.__getitem__(self, index)
        return self.rest

    @property
    def known(self) -> list[Value]:
        """The elements that were seen."""
        return list(list.__iter__(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return (OpenList, (self.known, self.rest))

    def __repr__(self) -> str:
        return f"OpenList({self.known!r}, {self.rest!r})"


class Map(dict[str, Value]):
    """A map in which a missing key is absent."""

    __slots__ = ()

    def __missing__(self, _: str) -> Value:
        return ABSENT

    def get(self, key: str, default: Value = ABSENT) -> Value:
        """The value of the key, or `default`."""
        value = self[key]
        return default if value is ABSENT else value

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Unknown):
            raise NotKnown(other.reason)
        if not isinstance(other, dict) or self.keys() != other.keys():
            return False
        return _all_equal((self[key], other[key]) for key in self)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


class OpenMap(Map):
    """A map that may have more keys than those seen."""

    __slots__ = ("rest",)
    rest: Unknown

    def __init__(self, items: Iterable[tuple[str, Value]], rest: Unknown) -> None:
        super().__init__(items)
        self.rest = rest

    def __missing__(self, _: str) -> Value:
        return self.rest

    def __contains__(self, key: object) -> bool:
        if dict.__contains__(self, key):
            return True
        raise NotKnown(self.rest.reason)

    def __iter__(self) -> Iterator[str]:
        yield from dict.__iter__(self)
        raise NotKnown(self.rest.reason)

    def __len__(self) -> int:
        raise NotKnown(self.rest.reason)

    def __bool__(self) -> bool:
        if dict.__len__(self):
            return True
        raise NotKnown(self.rest.reason)

    @property
    def known(self) -> dict[str, Value]:
        """The entries that were seen."""
        return {key: dict.__getitem__(self, key) for key in dict.keys(self)}

    def items(self) -> Any:
        """The known entries, then `NotKnown`."""
        yield from self.known.items()
        raise NotKnown(self.rest.reason)

    def values(self) -> Any:
        """The known values, then `NotKnown`."""
        yield from self.known.values()
        raise NotKnown(self.rest.reason)

    def __reduce__(self) -> tuple[Any, ...]:
        return (OpenMap, (list(self.known.items()), self.rest))

    def __repr__(self) -> str:
        return f"OpenMap({self.known!r}, {self.rest!r})"


def _any_of(items: Iterable[Value], fits: Callable[[Value], Any]) -> bool:
    undecided: NotKnown | None = None
    try:
        for item in items:
            try:
                if fits(item):
                    return True
            except NotKnown as error:
                undecided = error
    except NotKnown as error:
        undecided = error
    if undecided is not None:
        raise undecided
    return False


def _all_equal(pairs: Iterable[tuple[Value, Value]]) -> bool:
    undecided: NotKnown | None = None
    for left, right in pairs:
        try:
            if left != right:
                return False
        except NotKnown as error:
            undecided = error
    if undecided is not None:
        raise undecided
    return True
