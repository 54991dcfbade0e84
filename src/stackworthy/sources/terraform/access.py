"""Attribute, index and splat access into values, and iteration over them, as far as they are known.

Source: https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from stackworthy.core.value import (
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    show,
)
from stackworthy.sources.terraform.bounds import survey
from stackworthy.sources.terraform.conversions import first_unknown, reason_of
from stackworthy.sources.terraform.numbers import number_text, parse_number
from stackworthy.sources.terraform.types import ScatteredList, TfList, TfSet

if TYPE_CHECKING:
    from stackworthy.sources.terraform.expressions import Scope

MAX_SHOWN = 300
MAX_DESCRIBED = 20_000


class Invalid(Unknown):
    """Unknown because Terraform would refuse the expression; `try` and `can` tell it from other unknowns."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return (Invalid, (self.reason, self.expression))


class Owner(Protocol):
    """The instance whose attributes a `ResourceValue` gives."""

    address: str

    def attribute(self, name: str) -> Value:
        """The stated value, else what `computed` gives."""
        ...

    def computed(self, path: str) -> Value:
        """What stands for an attribute that the provider fills in."""
        ...

    def stated(self) -> Map:
        """All that the configuration states."""
        ...


class Whole(OpenMap):
    """A whole resource or module as a value, of which only what is asked for is evaluated.

    `known` is what it states, with other wholes inside as unknowns.
    """

    __slots__ = ()


class ResourceValue(Whole):
    """A resource or data instance as a value; its attributes are evaluated when asked for."""

    __slots__ = ("owner",)

    def __init__(self, owner: Owner) -> None:
        super().__init__((), Unknown(f"{owner.address} is known only after deployment", owner.address))
        self.owner = owner

    def __missing__(self, key: str) -> Value:
        return self.owner.attribute(key)

    @property
    def known(self) -> dict[str, Value]:
        """What the configuration states."""
        return dict(self.owner.stated())

    def __reduce__(self) -> tuple[Any, ...]:
        return (OpenMap, (list(self.known.items()), self.rest))


class UnknownInstances(Unknown):
    """Instances of a block whose `count` or `for_each` is not known: whichever is asked for, the representative answers."""

    __slots__ = ("representative",)

    def __init__(self, reason: str, expression: str, representative: Value) -> None:
        super().__init__(reason, expression)
        self.representative = representative

    def __reduce__(self) -> tuple[Any, ...]:
        return (Unknown, (self.reason, self.expression))


class Splat:
    """The step `[*]` or `.*` with the steps that it applies to every element; `text` is how they were written."""

    __slots__ = ("steps", "text")

    def __init__(self, steps: tuple[Any, ...], text: str) -> None:
        self.steps = steps
        self.text = text


def shortened(text: str) -> str:
    """The text of an expression; a long one ends in a digest, so that different ones differ."""
    if len(text) <= MAX_SHOWN:
        return text
    return f"{text[:200]}… {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def described(value: Value) -> str:
    """The value inside the text of an expression that is not known."""
    if isinstance(value, Unknown):
        return value.expression
    if isinstance(value, Reference):
        return f"{value.address}.{value.attribute}"
    if value is None:
        return "null"
    if isinstance(value, (list, dict)):
        try:
            size, _ = survey(value)
        except NotKnown:
            size = MAX_DESCRIBED + 1
        if size > MAX_DESCRIBED:
            return f"{type(value).__name__.lower()} of more than {MAX_DESCRIBED} parts"
    return f'"{value}"' if isinstance(value, str) else show(value)


def undecided(cause: Value, text: str) -> Unknown:
    """The unknown that an operation on something unknown gives; an error stays the error it was."""
    found = first_unknown(cause)
    if isinstance(found, Invalid):
        return found
    return Unknown(reason_of(cause), shortened(text))


def invalid_inside(value: Value) -> Invalid | None:
    """The first error inside the value."""
    if isinstance(value, Invalid):
        return value
    if isinstance(value, Partial):
        return next((piece for piece in value.pieces if isinstance(piece, Invalid)), None)
    if isinstance(value, (list, dict)) and not isinstance(value, Whole):
        survey(value)
        if isinstance(value, (OpenList, OpenMap)) and isinstance(value.rest, Invalid):
            return value.rest
        items = dict.values(value) if isinstance(value, dict) else list.__iter__(value)
        for item in items:
            found = invalid_inside(item)
            if found is not None:
                return found
    return None


def walk(value: Value, steps: tuple[Any, ...], scope: Scope, start: int = 0) -> Value:
    """The value that the steps of a traversal lead to; a step is a name, a number, an index expression or a splat."""
    for position in range(start, len(steps)):
        if isinstance(value, ResourceValue):
            return _inside(value.owner, value, "", steps, position, scope)
        step = steps[position]
        kind = type(step)
        if kind is str:
            value = attribute(value, step)
        elif kind is int:
            value = index(value, step)
        elif isinstance(step, Splat):
            value = splat(value, step, scope)
        else:
            value = index(value, step.evaluate(scope))
    return value


def _inside(owner: Owner, value: Value, path: str, steps: tuple[Any, ...], start: int, scope: Scope) -> Value:
    """Walk on inside a resource; what the configuration does not state there is computed by the provider."""
    for position in range(start, len(steps)):
        step = steps[position]
        if isinstance(step, Splat):
            return walk(_splat_inside(owner, value, path, step, scope), steps, scope, position + 1)
        key = step if type(step) in (str, int) else step.evaluate(scope)
        if not isinstance(key, (str, int)):
            return walk(index(value, key), steps, scope, position + 1)
        path += f"[{key}]" if isinstance(key, int) else f".{key}" if path else key
        if isinstance(value, (Unknown, Reference)):
            value = index(value, key) if isinstance(key, int) else attribute(value, key)
            continue
        inner = _part(value, key)
        if inner is None:
            return walk(owner.computed(path), steps, scope, position + 1)
        value = inner
    return value


def _splat_inside(owner: Owner, value: Value, path: str, step: Splat, scope: Scope) -> Value:
    if type(value) is not List:
        return splat(value, step, scope)
    return List(
        _inside(owner, item, f"{path}[{position}]", step.steps, 0, scope)
        for position, item in enumerate(value)
    )


def _part(value: Value, key: str | int) -> Value:
    """The part of a stated value, None where the configuration states none."""
    if isinstance(value, ResourceValue):
        return value[str(key)]
    if isinstance(value, dict):
        if dict.__contains__(value, str(key)):
            return dict.__getitem__(value, str(key))
        return value.rest if isinstance(value, OpenMap) else None
    if isinstance(value, OpenList):
        return value[key]
    if isinstance(value, list):
        number = key if isinstance(key, int) else parse_number(key)
        if isinstance(number, int) and 0 <= number < len(value) and not isinstance(value, TfSet):
            return value[number]
        return None
    return Invalid(f"a value without parts is asked for {key!r}")


def attribute(value: Value, name: str) -> Value:
    """`value.name`."""
    if isinstance(value, dict):
        if dict.__contains__(value, name):
            return dict.__getitem__(value, name)
        if isinstance(value, OpenMap):
            return value[name]
        return Invalid(f'an object has no attribute "{name}"')
    if isinstance(value, Invalid):
        return value
    if isinstance(value, UnknownInstances):
        return value.representative[name]
    if isinstance(value, Unknown):
        return Unknown(value.reason, shortened(f"{value.expression}.{name}"))
    if isinstance(value, Reference):
        return Reference(value.address, f"{value.attribute}.{name}")
    if value is None:
        return Invalid(f'null has no attribute "{name}"')
    if isinstance(value, list) and name.isdecimal():
        return index(value, int(name))
    return Invalid(f'a value of this type has no attribute "{name}"')


def index(value: Value, key: Value) -> Value:
    """`value[key]`."""
    if isinstance(value, Invalid):
        return value
    if isinstance(key, Invalid):
        return key
    if isinstance(value, UnknownInstances):
        return value.representative
    if isinstance(key, (Unknown, Reference, Partial)):
        return undecided(key, f"{described(value)}[{described(key)}]")
    if isinstance(value, Unknown):
        return Unknown(value.reason, shortened(f"{value.expression}[{described(key)}]"))
    if isinstance(value, Reference):
        return Reference(value.address, f"{value.attribute}[{key}]")
    if isinstance(value, list):
        return _element(value, key)
    if isinstance(value, dict) and isinstance(key, (str, int, float)):
        text = key if isinstance(key, str) else number_text(key)
        if dict.__contains__(value, text):
            return dict.__getitem__(value, text)
        if isinstance(value, OpenMap):
            return value[text]
        return Invalid(f'a map has no key "{text}"')
    return Invalid("a value without elements is indexed" if value is not None else "null is indexed")


def _element(value: list[Value], key: Value) -> Value:
    number = parse_number(key) if isinstance(key, str) else key
    if not isinstance(number, int) or isinstance(number, bool):
        return Invalid("a list is indexed with something that is no whole number")
    if isinstance(value, OpenList):
        return value[number]
    if isinstance(value, TfSet):
        return Invalid("a set has no positions")
    if 0 <= number < len(value):
        return value[number]
    return Invalid(f"a list of {len(value)} elements has none at {number}")


def splat(value: Value, step: Splat, scope: Scope) -> Value:
    """`value[*].steps` or `value.*.steps`."""
    if value is None:
        return List()
    if isinstance(value, Unknown):
        if isinstance(value, Invalid):
            return value
        return Unknown(value.reason, shortened(f"{value.expression}[*]{step.text}"))
    scope.engine.charge(1)
    if not isinstance(value, list):
        return List((walk(value, step.steps, scope),))
    items = [walk(item, step.steps, scope) for item in list.__iter__(value)]
    scope.engine.charge(len(items))
    if isinstance(value, OpenList):
        return type(value)(items, attribute_of_rest(value.rest, step.text))
    if isinstance(value, TfSet) and len(items) > 1 and first_unknown(value) is not None:
        return ScatteredList(items, Unknown(reason_of(value)))
    return TfList(items) if isinstance(value, (TfList, TfSet)) else List(items)


def attribute_of_rest(rest: Unknown, text: str) -> Unknown:
    """The unknown rest of a collection of which every element was taken apart."""
    return Unknown(rest.reason, shortened(f"{rest.expression}[*]{text}"))


class Elements(NamedTuple):
    """What iterating over a value gives: the pairs that are known, and the unknown rest, if there may be more."""

    pairs: list[tuple[Value, Value]]
    rest: Unknown | None
    scattered: bool = False


def elements(value: Value) -> Elements:
    """The keys and values of a collection in Terraform's order; nothing but a rest when it is not known or no collection."""
    if isinstance(value, OpenMap):
        known = value.known
        return Elements([(key, known[key]) for key in sorted(known)], value.rest)
    if isinstance(value, dict):
        return Elements([(key, value[key]) for key in sorted(value)], None)
    if isinstance(value, OpenList):
        return Elements(list(enumerate(value.known)), value.rest, isinstance(value, ScatteredList))
    if isinstance(value, TfSet):
        found = first_unknown(value) if len(value) > 1 else None
        pairs = [(item, item) for item in value]
        return Elements(pairs, None if found is None else Unknown(reason_of(found)), True)
    if isinstance(value, list):
        return Elements(list(enumerate(value)), None)
    if isinstance(value, Unknown):
        return Elements([], value)
    if isinstance(value, (Reference, Partial)):
        return Elements([], Unknown(reason_of(value), described(value)))
    return Elements([], Invalid("a value that is no collection is iterated over"))
