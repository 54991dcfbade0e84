"""What a resource is asked to do, what it costs, and the bill that all of them come to.

Quantities and money are `Decimal` while they are worked with; in the bill they are decimal strings, never in
exponential notation. Money is in the bill's currency, per month.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

import msgspec

SCHEMA = "stackworthy.bill/1"
LARGEST = Decimal(10) ** 18
PLACES = Decimal("1e-12")

Number = Decimal | int


class UsageError(Exception):
    """Usage that cannot be priced: `file` ("": none) and `line` (0: the whole file) say where, `key` what, `hint` the way out."""

    def __init__(self, message: str, hint: str = "", *, key: str = "", file: str = "", line: int = 0) -> None:
        self.message = message
        self.hint = hint
        self.key = key
        self.file = file
        self.line = line
        where = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(where + message + (f" ({hint})" if hint else ""))


class UsageKey(msgspec.Struct, frozen=True):
    """One quantity that a kind's price depends on: its unit, the value that is assumed when nobody states it, its meaning.

    A default of None means: worked out by the component itself when it is not stated (`meaning` says from what).
    """

    unit: str
    default: Decimal | None
    meaning: str


class Given(msgspec.Struct, frozen=True):
    """A stated quantity: `basis` is `stated`, `measured`, `derived` or `assumed`; `why` says in words where it comes from."""

    value: Decimal
    basis: str = "stated"
    why: str = ""


class Usage:
    """What resources are asked to do in a month: quantities by resource and key.

    A resource is named by its address; a stack's path beside it keeps equal addresses of several stacks apart. Values
    are per month, or what the key's unit says (milliseconds, KB, percent).
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, Given]] = {}

    def add(
        self,
        address: str,
        key: str,
        value: Any,
        *,
        stack: str = "",
        basis: str = "stated",
        why: str = "",
        file: str = "",
        line: int = 0,
    ) -> None:
        """State a quantity; the last one of a key wins. Raises `UsageError` for what is no number from 0 to 1e18."""
        number = quantity(value, f"{address}.{key}", file, line)
        self._rows.setdefault((stack, address), {})[key] = Given(number, basis, why)

    def of(self, stack: str, address: str) -> Mapping[str, Given]:
        """The stated quantities of a resource; those of its own stack win over those that name no stack."""
        everywhere = self._rows.get(("", address), {})
        own = self._rows.get((stack, address)) if stack else None
        return everywhere if own is None else {**everywhere, **own}

    def rows(self) -> Iterator[tuple[str, str, str, Given]]:
        """Every (stack, address, key, quantity)."""
        for (stack, address), quantities in self._rows.items():
            for key, given in quantities.items():
                yield stack, address, key, given

    def scaled(self, factor: Decimal, keys: Iterable[str]) -> Usage:
        """The same usage with the quantities of these keys multiplied: what `10x` of the traffic means."""
        wanted = frozenset(keys)
        made = Usage()
        for stack, address, key, given in self.rows():
            value = given.value * factor if key in wanted else given.value
            made.add(address, key, value, stack=stack, basis=given.basis, why=given.why)
        return made


def quantity(value: Any, key: str, file: str = "", line: int = 0) -> Decimal:
    """A quantity as a `Decimal`; raises `UsageError` for what is no number, negative or beyond all measure."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise UsageError(
            f"{key} is no number", "write a number, such as 1000000", key=key, file=file, line=line
        )
    try:
        number = Decimal(str(value).replace("_", ""))
    except InvalidOperation:
        raise UsageError(
            f"{key} is no number: {str(value)[:40]!r}",
            "write a number, such as 1000000",
            key=key,
            file=file,
            line=line,
        ) from None
    if not number.is_finite() or number < 0:
        raise UsageError(f"{key} is {number}", "a quantity is 0 or more", key=key, file=file, line=line)
    if number > LARGEST:
        raise UsageError(
            f"{key} is {number}, beyond all measure", "the most is 1e18", key=key, file=file, line=line
        )
    return number


def unknown_key(kind: str, address: str, key: str, keys: Iterable[str]) -> UsageError:
    """The error for a key that a kind does not have, with the nearest one that it has."""
    known = sorted(keys)
    near = get_close_matches(key, known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}" if known else "it takes none"
    return UsageError(f"{kind} has no usage key {key!r}", hint, key=f"{address}.{key}")


class Cost(msgspec.Struct, frozen=True, gc=False):
    """What a price function yields: so much of one price, with the formula in words.

    `price` is a key of the catalogue, whose unit the quantity is in. `{key}` in the formula stands for the usage of
    that key: the bill shows its value, and lists it as an assumption when nobody stated it. `region` is stated where
    it is not the resource's own. `assumption` says what else was taken for granted.
    """

    component: str
    quantity: Number
    price: str
    formula: str = ""
    region: str = ""
    assumption: str = ""


class Unpriced(msgspec.Struct, frozen=True):
    """Something that may cost money and has no figure, with the reason."""

    address: str
    kind: str
    component: str
    region: str
    reason: str


class Component(msgspec.Struct):
    """One line of the bill: `quantity` minus what is free, times `unit_price`, is `monthly_cost`.

    `tier` says what is free and which tiers of the price apply; tiers and free tiers are pooled over all resources of
    an account (and region), and each line bears its share by quantity. With several tiers, `unit_price` is their average over
    what is paid for. `price` is the key in the catalogue, `formula` how the quantity comes about.
    """

    address: str
    kind: str
    component: str
    quantity: str
    unit: str
    unit_price: str
    monthly_cost: str
    tier: str
    region: str
    source: str
    as_of: str
    confidence: str
    assumption: str
    price: str
    formula: str

    @property
    def cost(self) -> Decimal:
        """The monthly cost as a number."""
        return Decimal(self.monthly_cost)


class StackBill(msgspec.Struct):
    """The bill of one stack in one region (that of most of its lines)."""

    path: str
    region: str
    components: list[Component]
    unpriced: list[Unpriced]
    monthly_cost: str

    @property
    def cost(self) -> Decimal:
        """The monthly cost as a number."""
        return Decimal(self.monthly_cost)


class Bill(msgspec.Struct):
    """What stacks cost in a month. `complete` is false when something may cost money and has no figure."""

    schema: str
    currency: str
    month: str
    hours: str
    free_tier: bool
    stacks: list[StackBill]
    monthly_cost: str
    complete: bool
    warnings: list[str] = []

    @property
    def cost(self) -> Decimal:
        """The monthly cost as a number."""
        return Decimal(self.monthly_cost)


def decimal_text(number: Number) -> str:
    """A number as a decimal string: at most twelve places, no exponent, no needless zeros."""
    if isinstance(number, int):
        return str(number)
    if number == number.to_integral_value():
        return format(number.quantize(Decimal(1)) if number < LARGEST else number, "f").split(".")[0]
    return format(number.quantize(PLACES), "f").rstrip("0").rstrip(".") or "0"
