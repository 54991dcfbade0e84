"""The order in which Python 2.7 walks a dictionary.

SAM names an API's deployment after a SHA-1 of its definition, printed as Python 2.7 printed it; ids come out equal
only where the order of that print does. The hash is Python 2.7's own for strings (64 bits, no randomisation), the table
is open addressing over a power of two of slots: it starts at 8, probes with the perturbed hash, and grows to four times
the number of keys when two thirds are taken. Keys are walked in the order of their slots. Two keys that want the same slot
make that order depend on which came first, so a copy, which inserts in walking order, may walk differently from its original.

Source: https://github.com/python/cpython/blob/v2.7.18/Objects/dictobject.c (lookdict, dictresize) and
https://github.com/python/cpython/blob/v2.7.18/Objects/stringobject.c (string_hash).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

_WORD = 0xFFFFFFFFFFFFFFFF
_LARGE = 50_000
_REMOVED: Any = object()
_LONGEST_ORBIT = 64
_MOST_COPIED = 300
"""An API Gateway has room for 300 resources; where keys are more, their copies are taken to come out as their originals."""

Keys = tuple[Any, ...]


@lru_cache(maxsize=16384)
def string_hash(text: str) -> int:
    """Python 2.7's hash of a string, as the unsigned 64-bit number that picks its slot."""
    if not text:
        return 0
    value = ord(text[0]) << 7
    for character in text:
        value = ((1000003 * value) ^ ord(character)) & _WORD
    value ^= len(text)
    return value if value != _WORD else _WORD - 1


class Table:
    """The slots of one dictionary. Keys that are not strings count as their text, as they do in JSON."""

    __slots__ = ("filled", "slots", "used")

    def __init__(self, keys: Iterable[Any] = ()) -> None:
        self.slots: list[Any] = [None] * 8
        self.filled = 0
        self.used = 0
        for key in keys:
            self.add(key)

    def add(self, key: Any) -> None:
        """Insert a key; one that is there already keeps its slot."""
        slot = self._slot(key)
        holder = self.slots[slot]
        if holder is not None and holder is not _REMOVED:
            return
        self.used += 1
        self.slots[slot] = key
        if holder is None:
            self.filled += 1
        if self.filled * 3 >= len(self.slots) * 2:
            self._grow(self.used * (2 if self.used > _LARGE else 4))

    def merge(self, keys: list[Any]) -> None:
        """Insert the keys of another dictionary at once (`update`): the table grows before, not on the way."""
        if keys and (self.filled + len(keys)) * 3 >= len(self.slots) * 2:
            self._grow((self.used + len(keys)) * 2)
        for key in keys:
            self.add(key)

    def remove(self, key: Any) -> None:
        """Take a key out; its slot stays marked, so that the others do not move."""
        slot = self._slot(key)
        if self.slots[slot] == key:
            self.slots[slot] = _REMOVED
            self.used -= 1

    def walk(self) -> list[Any]:
        """The keys in the order of their slots."""
        return [key for key in self.slots if key is not None and key is not _REMOVED]

    def _slot(self, key: Any) -> int:
        slots = self.slots
        mask = len(slots) - 1
        perturb = probe = string_hash(key if isinstance(key, str) else str(key))
        free = -1
        while True:
            slot = probe & mask
            holder = slots[slot]
            if holder is None:
                return slot if free < 0 else free
            if holder == key:
                return slot
            if holder is _REMOVED and free < 0:
                free = slot
            probe = 5 * probe + perturb + 1
            perturb >>= 5

    def _grow(self, wanted: int) -> None:
        size = 8
        while size <= wanted:
            size <<= 1
        keys = self.walk()
        self.slots = [None] * size
        self.filled = self.used = 0
        for key in keys:
            self.add(key)


class CopiedTable:
    """A dictionary that is copied again and again between insertions.

    A copy changes nothing as long as no two keys want the same slot, nor after a copy that has come out as its original.
    """

    __slots__ = ("settled", "table", "undisputed")

    def __init__(self) -> None:
        self.table = Table()
        self.undisputed = self.settled = True

    def add(self, key: Any, copies: int) -> None:
        """Copy the dictionary `copies` times, then insert a key."""
        self.copy(copies)
        slots = self.table.slots
        self.undisputed = self.undisputed and slots[string_hash(key) & (len(slots) - 1)] is None
        self.table.add(key)
        if self.table.slots is not slots:
            slots = self.table.slots
            mask = len(slots) - 1
            self.undisputed = all(slots[string_hash(each) & mask] is each for each in self.table.walk())
        self.settled = self.undisputed or self.table.used > _MOST_COPIED

    def copy(self, copies: int) -> None:
        if copies > 2 and not self.settled:
            self.table = Table(walked(tuple(self.table.walk()), copies - 2))
            return
        while copies > 0 and not self.settled:
            copy = Table(self.table.walk())
            self.settled = copy.slots == self.table.slots
            self.table = copy
            copies -= 1


def walked(keys: Keys, copies: int = 0) -> Keys:
    """The order in which a dictionary is walked whose keys were inserted one by one, after `copies` deep copies."""
    if len(keys) < 2:
        return keys
    orders, start = _orbit(keys)
    if copies >= len(orders):
        copies = start + (copies - start) % (len(orders) - start)
    return tuple([keys[index] for index in orders[copies]])


@lru_cache(maxsize=8192)
def _orbit(keys: Keys) -> tuple[list[list[int]], int]:
    """The orders of walking of a dictionary and its copies until they repeat, and where the repetition starts.

    Orders are lists of indices, because equal keys of two callers may be strings of different classes.
    """
    indices = {key: index for index, key in enumerate(keys)}
    order = Table(keys).walk()
    orders = [[indices[key] for key in order]]
    while len(orders) < _LONGEST_ORBIT:
        order = Table(order).walk()
        following = [indices[key] for key in order]
        if following in orders:
            return orders, orders.index(following)
        orders.append(following)
    return orders, len(orders) - 1
