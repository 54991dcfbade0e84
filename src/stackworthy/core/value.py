"""The four kinds of value: known, reference, partial and unknown; and the containers that hold them.

A known value is a plain `str`, `int`, `float`, `bool`, `List` or `Map`. `ABSENT` is what a property is
when it is proven that nobody stated it. Using a value that is not known in a comparison, a truth test, arithmetic,
formatting, a length or an iteration raises `NotKnown`, which the engine records as a verdict that was not assessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

Value = Any
"""`str | int | float | bool | List | Map | Reference | Partial | Unknown | ABSENT`; `Any`, so that rules read as plain Python."""


class NotKnown(Exception):
    """A verdict would need a value that cannot be known from what was read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unknown:
    """A value that cannot be known, with the reason.

    `expression` is what would have to be evaluated, in the source's own words; two unknowns stand for the same
    value when their expressions are equal (see `same`). `stated` says that somebody surely stated it, whatever it is.
    """

    __slots__ = ("expression", "reason", "stated")

    def __init__(self, reason: str, expression: str = "", *, stated: bool = False) -> None:
        self.reason = reason
        self.expression = expression or reason
        self.stated = stated

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise NotKnown(self.reason)

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __len__ = __iter__ = __contains__ = __int__ = __float__ = __index__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refuse
    __neg__ = __abs__ = __round__ = __str__ = __format__ = _refuse
    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, _: object) -> Unknown:
        return self

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotKnown(self.reason)

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_unknown, (self.reason, self.expression, self.stated))


def _unknown(reason: str, expression: str, stated: bool) -> Unknown:
    return Unknown(reason, expression, stated=stated)


class Reference:
    """An attribute of another resource of the graph: truthy, and comparable with other references.

    A literal is never equal to a reference: whoever writes a literal does not mean this resource.
    """

    __slots__ = ("address", "attribute")

    def __init__(self, address: str, attribute: str = "Ref") -> None:
        self.address = address
        self.attribute = attribute

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Unknown):
            raise NotKnown(other.reason)
        return (
            isinstance(other, Reference)
            and self.address == other.address
            and self.attribute == other.attribute
        )

    def __hash__(self) -> int:
        return hash((self.address, self.attribute))

    def _undecided(self, *_: object) -> NoReturn:
        raise NotKnown(f"{self.address}.{self.attribute} is known only after deployment")

    __lt__ = __le__ = __gt__ = __ge__ = __len__ = __iter__ = __int__ = __float__ = _undecided
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _undecided
    __contains__ = __format__ = __str__ = _undecided

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, _: object) -> Unknown:
        return Unknown(f"{self.address}.{self.attribute} is known only after deployment")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotKnown(f"{self.address}.{self.attribute} is known only after deployment")

    def __repr__(self) -> str:
        return f"Reference({self.address!r}, {self.attribute!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Reference, (self.address, self.attribute))


Piece = str | Reference | Unknown


class Partial:
    """A string of which some pieces are known: its prefix, its suffix and its references answer."""

    __slots__ = ("pieces",)

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self.pieces = pieces

    @property
    def prefix(self) -> str:
        """The known characters at the start (empty when the string starts with something that is not known)."""
        first = self.pieces[0]
        return first if isinstance(first, str) else ""

    @property
    def suffix(self) -> str:
        """The known characters at the end."""
        last = self.pieces[-1]
        return last if isinstance(last, str) else ""

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references among the pieces, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Reference))

    @property
    def reason(self) -> str:
        """Why the whole string is not known."""
        for piece in self.pieces:
            if isinstance(piece, Unknown):
                return piece.reason
        return f"{self.show()} is known only after deployment"

    def show(self) -> str:
        """The string as a reader would write it: `files/${Folder}/*`."""
        return "".join(show(piece) for piece in self.pieces)

    def _undecided(self, *_: object) -> NoReturn:
        raise NotKnown(self.reason)

    __lt__ = __le__ = __gt__ = __ge__ = __len__ = __iter__ = __int__ = __float__ = _undecided
    __format__ = __str__ = _undecided

    def __bool__(self) -> bool:
        if any(
            isinstance(piece, Reference) or piece for piece in self.pieces if not isinstance(piece, Unknown)
        ):
            return True
        raise NotKnown(self.reason)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Unknown):
            raise NotKnown(other.reason)
        if isinstance(other, Partial):
            if _pieces_same(self.pieces, other.pieces):
                return True
            if _prefixes_clash(self.prefix, other.prefix) or _prefixes_clash(
                self.suffix[::-1], other.suffix[::-1]
            ):
                return False
            raise NotKnown(self.reason)
        if isinstance(other, str):
            if self._could_be(other):
                raise NotKnown(self.reason)
            return False
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.show())

    def _could_be(self, text: str) -> bool:
        position = 0
        for index, piece in enumerate(self.pieces):
            if not isinstance(piece, str):
                continue
            if index == 0:
                if not text.startswith(piece):
                    return False
                position = len(piece)
                continue
            found = text.find(piece, position)
            if found < 0:
                return False
            position = found + len(piece)
        return text.endswith(self.suffix)

    def startswith(self, prefix: str | tuple[str, ...]) -> bool:
        """Whether the string starts so; raises `NotKnown` when the known prefix is too short to tell."""
        known = self.prefix
        options = (prefix,) if isinstance(prefix, str) else prefix
        if known.startswith(options):
            return True
        if any(option.startswith(known) for option in options):
            raise NotKnown(self.reason)
        return False

    def endswith(self, suffix: str | tuple[str, ...]) -> bool:
        """Whether the string ends so; raises `NotKnown` when the known suffix is too short to tell."""
        known = self.suffix
        options = (suffix,) if isinstance(suffix, str) else suffix
        if known.endswith(options):
            return True
        if any(option.endswith(known) for option in options):
            raise NotKnown(self.reason)
        return False

    def __contains__(self, part: str) -> bool:
        if any(part in piece for piece in self.pieces if isinstance(piece, str)):
            return True
        raise NotKnown(self.reason)

    def lower(self) -> Partial:
        """The same string with its known pieces in lower case."""
        return Partial(tuple(piece.lower() if isinstance(piece, str) else piece for piece in self.pieces))

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotKnown(self.reason)

    def __repr__(self) -> str:
        return f"Partial({self.pieces!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Partial, (self.pieces,))


class _Absent:
    """Nobody stated it, and there is no default: falsy, empty, and absent all the way down."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __contains__(self, _: object) -> bool:
        return False

    def __getitem__(self, _: object) -> _Absent:
        return self

    def get(self, _: object, default: Value = None) -> Value:
        """`default`, or absent again."""
        return self if default is None else default

    def keys(self) -> tuple[str, ...]:
        """No keys."""
        return ()

    def values(self) -> tuple[Value, ...]:
        """No values."""
        return ()

    def items(self) -> tuple[tuple[str, Value], ...]:
        """No items."""
        return ()

    def any_of(self, _: Callable[[Value], Any]) -> bool:
        """Nothing fits."""
        return False

    def all_of(self, _: Callable[[Value], Any]) -> bool:
        """Everything of nothing fits."""
        return True

    def startswith(self, *_: object) -> bool:
        """What is absent starts with nothing."""
        return False

    endswith = startswith

    def lower(self) -> str:
        """The empty string."""
        return ""

    upper = lower

    def _undecided(self, *_: object) -> NoReturn:
        raise NotKnown("a property that is absent and has no default was compared")

    __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = _undecided
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _undecided

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Unknown):
            raise NotKnown(other.reason)
        return other is self

    def __hash__(self) -> int:
        return 0

    def __str__(self) -> str:
        return "absent"

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


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


def _prefixes_clash(one: str, other: str) -> bool:
    return not (one.startswith(other) or other.startswith(one))


def _pieces_same(one: tuple[Piece, ...], other: tuple[Piece, ...]) -> bool:
    return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))


def known(value: Value) -> bool:
    """Whether the value is known as far down as it goes (a reference is not: it names something known later)."""
    if isinstance(value, (Unknown, Reference, Partial, OpenList, OpenMap)):
        return False
    if isinstance(value, dict):
        return all(known(item) for item in value.values())
    if isinstance(value, list):
        return all(known(item) for item in value)
    return True


def is_stated(value: Value) -> bool:
    """Whether somebody stated the value, known or not; raises `NotKnown` when it may be absent."""
    if isinstance(value, Unknown) and not value.stated:
        raise NotKnown(value.reason)
    return value is not ABSENT


def same(one: Value, other: Value) -> bool:
    """Whether two values are the same as far as can be seen; never raises.

    Two unknowns are the same when their expression is. Lists and maps are compared element by element.
    """
    if isinstance(one, Unknown):
        return isinstance(other, Unknown) and one.expression == other.expression
    if isinstance(one, Partial):
        return isinstance(other, Partial) and _pieces_same(one.pieces, other.pieces)
    if isinstance(one, (OpenList, OpenMap)) or isinstance(other, (OpenList, OpenMap)):
        if not (isinstance(one, (OpenList, OpenMap)) and isinstance(other, (OpenList, OpenMap))):
            return False
        return same(one.rest, other.rest) and same(_closed(one), _closed(other))
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(same(a, b) for a, b in zip(one, other, strict=True))
        )
    if isinstance(other, (Unknown, Partial)):
        return False
    return type(one) is type(other) and bool(one == other)


def _closed(value: OpenList | OpenMap) -> list[Value] | dict[str, Value]:
    return value.known


def references(value: Value) -> Iterator[Reference]:
    """Every reference inside the value, depth first."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Partial):
        yield from value.references
    elif isinstance(value, OpenMap):
        for item in value.known.values():
            yield from references(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in list.__iter__(value):
            yield from references(item)


def show(value: Value) -> str:
    """The value as a reader of a message would write it; never raises."""
    if isinstance(value, Reference):
        return "${" + value.address + ("" if value.attribute == "Ref" else "." + value.attribute) + "}"
    if isinstance(value, Partial):
        return value.show()
    if isinstance(value, Unknown):
        return "${" + value.expression + "}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, OpenMap):
        return "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.known.items()) + ", …}"
    if isinstance(value, OpenList):
        return "[" + ", ".join(show(item) for item in value.known) + ", …]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(show(item) for item in value) + "]"
    return str(value)


def joined(pieces: Iterable[Value]) -> Value:
    """The string that the pieces make: a `str` when all are known, else `Partial`, or the one piece itself.

    Neighbouring known pieces are merged; a list or map among the pieces makes the whole unknown.
    """
    merged: list[Piece] = []
    for piece in pieces:
        for part in piece.pieces if isinstance(piece, Partial) else (piece,):
            if isinstance(part, (bool, int, float)):
                part = show(part)
            if isinstance(part, str):
                if merged and isinstance(merged[-1], str):
                    merged[-1] += part
                elif part:
                    merged.append(part)
            elif isinstance(part, (Reference, Unknown)):
                merged.append(part)
            else:
                return Unknown("a list or map stands where a string is needed")
    if not merged:
        return ""
    if len(merged) == 1:
        return merged[0]
    return Partial(tuple(merged))
