"""Where the price functions of kinds stand, and what a price function is given.

A price function takes a resource and its usage and yields `Cost`s. A kind may have several: each is worked out by
itself, so that one unknown property leaves the others their figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any

from stackworthy.core.cost import Cost, Given, UsageKey
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, Unknown, Value, references

if TYPE_CHECKING:
    from stackworthy.prices.catalogue import Catalogue

PriceFunction = Callable[[Resource, "UsageOf"], Iterator[Cost]]

FUNCTIONS: dict[str, list[PriceFunction]] = {}
USAGE: dict[str, dict[str, UsageKey]] = {}


def prices(*kinds: str) -> Callable[[PriceFunction], PriceFunction]:
    """Declare that a function prices (a part of) resources of these kinds."""

    def declare(function: PriceFunction) -> PriceFunction:
        for kind in kinds:
            FUNCTIONS.setdefault(kind, []).append(function)
        return function

    return declare


def usage(*kinds: str, **keys: tuple[str, Any, str]) -> None:
    """Declare usage keys of kinds: `key=(unit, default, meaning)`; `__` in a name stands for the dot of a nested key."""
    table = {
        name.replace("__", "."): UsageKey(unit, None if default is None else Decimal(str(default)), meaning)
        for name, (unit, default, meaning) in keys.items()
    }
    for kind in kinds:
        USAGE.setdefault(kind, {}).update(table)


class UsageOf:
    """The usage of one resource, as its price functions ask for it; `hours` are those of the month."""

    __slots__ = ("catalogue", "given", "hours", "keys", "region")

    def __init__(
        self,
        keys: Mapping[str, UsageKey],
        given: Mapping[str, Given],
        hours: Decimal,
        catalogue: Catalogue,
        region: str,
    ) -> None:
        self.keys = keys
        self.given = given
        self.hours = hours
        self.catalogue = catalogue
        self.region = region

    def priced(self, key: str) -> bool:
        """Whether a price of this key is known in the resource's region."""
        return key in self.catalogue.dimensions and self.catalogue.price(key, self.region) is not None

    @property
    def seconds(self) -> Decimal:
        """The seconds of the month."""
        return self.hours * 3600

    def __getitem__(self, key: str) -> Decimal:
        """The stated quantity, else the assumed one; 0 for a key that has neither."""
        found = self.given.get(key)
        if found is not None:
            return found.value
        default = self.keys[key].default
        return default if default is not None else Decimal(0)

    def stated(self, key: str) -> bool:
        """Whether somebody stated, measured or derived the quantity."""
        return key in self.given

    def get(self, key: str, default: Decimal | int) -> Decimal:
        """The stated quantity, else this one."""
        found = self.given.get(key)
        return found.value if found is not None else Decimal(default)


def unpriced(component: str, reason: str) -> Cost:
    """Something that costs money and that the catalogue has no price for: it is listed on the bill, which is incomplete."""
    return Cost(component, 0, "", assumption=reason)


def number(value: Value, default: Decimal | int | None = None) -> Decimal:
    """A property as a number, or the default where nobody stated it; raises `NotKnown` for what is no number."""
    if value is ABSENT:
        if default is None:
            raise NotKnown("a property that the price depends on is not stated")
        return Decimal(default)
    if isinstance(value, Unknown):
        raise NotKnown(value.reason)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise NotKnown("a property that the price depends on is no number")
    try:
        made = Decimal(str(value))
    except ArithmeticError:
        raise NotKnown("a property that the price depends on is no number") from None
    if not made.is_finite() or made < 0:
        raise NotKnown("a property that the price depends on is no number from 0 up")
    return made


def maps(value: Value) -> Iterator[Map]:
    """The maps in a list property (none when it is absent); raises `NotKnown` for what cannot be read as such."""
    if value is ABSENT:
        return
    if isinstance(value, Unknown):
        raise NotKnown(value.reason)
    if not isinstance(value, List):
        raise NotKnown("a property that the price depends on is no list")
    for item in value:
        if not isinstance(item, Map):
            raise NotKnown(
                item.reason if isinstance(item, Unknown) else "a list holds something that is no object"
            )
        yield item


def length(value: Value, default: int = 0) -> int:
    """How many items a list property has; the default when it is absent. Raises `NotKnown` when that cannot be told."""
    if value is ABSENT:
        return default
    if isinstance(value, Unknown):
        raise NotKnown(value.reason)
    if not isinstance(value, List):
        raise NotKnown("a property that the price depends on is no list")
    return len(value)


def ceil(value: Decimal, step: Decimal | int = 1) -> Decimal:
    """The number of steps that hold the value, at least one."""
    steps = (value / step).to_integral_value(ROUND_CEILING)
    return steps if steps > 1 else Decimal(1)


def referred(resource: Resource, path: str, *kinds: str) -> Resource:
    """The resource of the stack that a property refers to; raises `NotKnown` when it is none of these kinds or lies elsewhere."""
    value = resource[path]
    found = next(references(value), None)
    target = resource.graph.get(found.address) if found is not None else None
    if target is None or (kinds and target.kind not in kinds):
        if isinstance(value, Unknown):
            raise NotKnown(value.reason)
        raise NotKnown(f"{path} names nothing of this stack")
    return target
