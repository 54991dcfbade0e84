"""What stands for a value that is not there to be read: unknown, reference, partial, absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        return "".join(show_piece(piece) for piece in self.pieces)

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
            if same_pieces(self.pieces, other.pieces):
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


def show_piece(piece: Piece) -> str:
    """A piece as a reader would write it: `${Files}`, `${Orders.Arn}`, `${var.stage}`."""
    if isinstance(piece, Reference):
        return "${" + piece.address + ("" if piece.attribute == "Ref" else "." + piece.attribute) + "}"
    return "${" + piece.expression + "}" if isinstance(piece, Unknown) else piece


def same_pieces(one: tuple[Piece, ...], other: tuple[Piece, ...]) -> bool:
    """Whether two strings are written with the same pieces; never raises."""
    return len(one) == len(other) and all(_same_piece(a, b) for a, b in zip(one, other, strict=True))


def _same_piece(one: Piece, other: Piece) -> bool:
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return isinstance(one, Unknown) and isinstance(other, Unknown) and one.expression == other.expression
    return one == other


def _prefixes_clash(one: str, other: str) -> bool:
    return not (one.startswith(other) or other.startswith(one))
