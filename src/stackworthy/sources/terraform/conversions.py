"""Conversions between Terraform's types, equality and set order, as far as values are known.

`convert` follows type constraints (with defaults of optional attributes); what is not known passes through unchanged. A number
or bool beside an unknown element keeps its type, since the unknown one may turn out to need none.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator

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
    same,
    show,
)
from stackworthy.sources.terraform.bounds import survey
from stackworthy.sources.terraform.numbers import number_text, order_key, parse_number
from stackworthy.sources.terraform.types import (
    ANY,
    STRING,
    Attribute,
    ScatteredList,
    TfList,
    TfMap,
    TfSet,
    Type,
    is_unknown,
    list_of,
    map_of,
    object_of,
    set_of,
    tuple_of,
    type_of,
)

_PRIMITIVES = {"string", "number", "bool"}
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class ConversionError(ValueError):
    """A value does not fit a type; `plain` is the message without the path to the value inside the whole."""

    def __init__(self, plain: str, by_value: bool = False) -> None:
        super().__init__(plain)
        self.plain = plain
        self.by_value = by_value
        self.steps: list[int | str] = []

    def __str__(self) -> str:
        if not self.by_value:
            return self.worded
        steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in reversed(self.steps)]
        return "".join(steps) + (": " if steps else "") + self.plain

    @property
    def worded(self) -> str:
        """The message with the path in words: `element 1: string required`."""
        steps = [
            f"element {step}: " if isinstance(step, int) else f'attribute "{step}": '
            for step in reversed(self.steps)
        ]
        return "".join(steps) + self.plain


def first_unknown(value: Value) -> Unknown | Reference | Partial | None:
    """What keeps the value from being known all the way down, or None."""
    if isinstance(value, (Unknown, Reference, Partial)):
        return value
    if isinstance(value, (OpenList, OpenMap)):
        return value.rest
    items: Iterable[Value] = ()
    if isinstance(value, dict):
        items = value.values()
    elif isinstance(value, list):
        items = value
    for item in items:
        found = first_unknown(item)
        if found is not None:
            return found
    return None


def reason_of(value: Value) -> str:
    """Why the value is not known."""
    if isinstance(value, (Unknown, Partial)):
        return value.reason
    if isinstance(value, Reference):
        return f"{value.address}.{value.attribute} is known only after deployment"
    if isinstance(value, (OpenList, OpenMap)):
        return value.rest.reason
    found = first_unknown(value)
    return "" if found is None else reason_of(found)


def cause_of(value: Value) -> Unknown:
    """What keeps the value from being known, as an `Unknown` with its own expression."""
    found = first_unknown(value)
    if isinstance(found, Unknown):
        return found
    if isinstance(found, Reference):
        return Unknown(reason_of(found), show(found)[2:-1])
    return Unknown(reason_of(found), "" if found is None else repr(show(found)))


def normalize(text: str) -> str:
    """The text in the normal form (NFC) in which Terraform keeps all strings."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def to_string(value: Value) -> Value:
    """The value as a string; unknowns and null stay what they are."""
    if isinstance(value, str):
        return normalize(value)
    if isinstance(value, (Partial, Unknown, Reference)) or value is None:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    raise ConversionError("string required")


def to_number(value: Value) -> Value:
    """The value as a number; unknowns and null stay what they are, a string is read as a decimal."""
    if isinstance(value, bool):
        raise ConversionError("number required")
    if isinstance(value, (int, float, Unknown, Reference)) or value is None:
        return value
    if isinstance(value, Partial):
        return Unknown(value.reason, value.show())
    if not isinstance(value, str):
        raise ConversionError("number required")
    number = parse_number(value)
    if number is None:
        raise ConversionError("a number is required", by_value=True)
    return number


def to_bool(value: Value) -> Value:
    """The value as a bool; unknowns and null stay what they are, only `true`, `false`, `1` and `0` are read."""
    if isinstance(value, (bool, Unknown, Reference)) or value is None:
        return value
    if isinstance(value, Partial):
        return Unknown(value.reason, value.show())
    if not isinstance(value, str):
        raise ConversionError("bool required")
    if value not in _TRUTHS:
        raise ConversionError("a bool is required", by_value=True)
    return _TRUTHS[value]


def convert(value: Value, to: Type) -> Value:
    """The value converted to the type constraint; raises `ConversionError` when Terraform refuses it."""
    if to.kind == "any" or value is None or is_unknown(value):
        return value
    if isinstance(value, (list, dict)):
        survey(value)
    return _CONVERTERS[to.kind](value, to)


def _convert(value: Value, to: Type) -> Value:
    if to.kind in ("any", "kept") or value is None or is_unknown(value):
        return value
    return _CONVERTERS[to.kind](value, to)


def _convert_within(step: int | str, value: Value, to: Type) -> Value:
    try:
        return _convert(value, to)
    except ConversionError as error:
        error.steps.append(step)
        raise


def _to_list(value: Value, to: Type) -> Value:
    if isinstance(value, OpenList):
        return type(value)(_elements(value, to, list_of), value.rest)
    if not isinstance(value, list):
        raise ConversionError(f"{to.friendly()} required")
    if isinstance(value, TfSet) and first_unknown(value) is not None and len(value) > 1:
        return ScatteredList(_elements(value, to, list_of), cause_of(value))
    return TfList(_elements(value, to, list_of))


def _to_set(value: Value, to: Type) -> Value:
    if isinstance(value, OpenList):
        return ScatteredList(make_set(_elements(value, to, set_of)), value.rest)
    if not isinstance(value, list):
        raise ConversionError(f"{to.friendly()} required")
    return make_set(_elements(value, to, set_of))


def _elements(value: list[Value], to: Type, kind: Callable[[Type], Type]) -> list[Value]:
    converted = [_convert_within(index, item, to.of) for index, item in enumerate(list.__iter__(value))]
    return _unified(value, converted, to.of, f"all {kind(ANY).kind} elements must have the same type")


def _unified(whole: Value, items: list[Value], element: Type, message: str) -> list[Value]:
    """The items in one type; what is not known of the whole may give another one, so that then nothing is refused."""
    if not _has_any(element):
        return items
    common = unify([type_of(item) for item in items])
    try:
        if common is None:
            raise ConversionError(message)
        kept = _kept(common)
        return [_convert(item, kept) for item in items]
    except ConversionError:
        if first_unknown(whole) is None:
            raise
        return items


_KEPT = Type("kept")


def _kept(type_: Type) -> Type:
    """The type without `any`: what is unified already, level by level, is left as it is where the type would say `any`."""
    if type_.kind == "any":
        return _KEPT
    if not _has_any(type_):
        return type_
    return Type(
        type_.kind,
        None if type_.element is None else _kept(type_.element),
        tuple(_kept(item) for item in type_.elements),
        {
            name: Attribute(_kept(item.type), item.optional, item.default)
            for name, item in type_.attributes.items()
        },
    )


def _has_any(type_: Type) -> bool:
    if type_.kind == "any":
        return True
    if type_.element is not None:
        return _has_any(type_.element)
    return any(_has_any(item) for item in type_.elements) or any(
        _has_any(item.type) for item in type_.attributes.values()
    )


def _to_map(value: Value, to: Type) -> Value:
    if not isinstance(value, dict):
        raise ConversionError(f"{to.friendly()} required")
    known = value.known if isinstance(value, OpenMap) else value
    converted = []
    for key, item in known.items():
        try:
            converted.append(_convert(item, to.of))
        except ConversionError as error:
            error.steps.append(key)
            if not error.by_value and len(error.steps) == 1:
                raise ConversionError(f'element "{key}": {error.plain}') from None
            raise
    items = zip(
        known, _unified(value, converted, to.of, "all map elements must have the same type"), strict=True
    )
    return OpenMap(items, value.rest) if isinstance(value, OpenMap) else TfMap(items)


def _to_tuple(value: Value, to: Type) -> Value:
    if isinstance(value, OpenList):
        return Unknown(value.rest.reason, value.rest.expression)
    if not isinstance(value, list) or len(value) != len(to.elements):
        raise ConversionError("tuple required")
    return List(
        _convert_within(index, item, type_)
        for index, (item, type_) in enumerate(zip(value, to.elements, strict=True))
    )


def _to_object(value: Value, to: Type) -> Value:
    if not isinstance(value, dict):
        raise ConversionError("object required")
    missing = sorted(
        name for name, item in to.attributes.items() if not item.optional and not _has(value, name)
    )
    if missing and not isinstance(value, OpenMap):
        quoted = [f'"{name}"' for name in missing]
        if len(quoted) == 1:
            raise ConversionError(f"attribute {quoted[0]} is required")
        listed = ", ".join(quoted[:-1]) + ("," if len(quoted) > 2 else "") + f" and {quoted[-1]}"
        raise ConversionError(f"attributes {listed} are required")
    return Map((name, _attribute(value, name, item)) for name, item in to.attributes.items())


def _attribute(value: dict[str, Value], name: str, attribute: Attribute) -> Value:
    if not _has(value, name):
        if isinstance(value, OpenMap):
            return value.rest
        return _convert(attribute.default, attribute.type)
    item = value[name]
    if item is None:
        return _convert(attribute.default, attribute.type)
    return _convert_within(name, item, attribute.type)


def _has(value: dict[str, Value], name: str) -> bool:
    return dict.__contains__(value, name)


_CONVERTERS: dict[str, Callable[[Value, Type], Value]] = {
    "string": lambda value, _: to_string(value),
    "number": lambda value, _: to_number(value),
    "bool": lambda value, _: to_bool(value),
    "list": _to_list,
    "set": _to_set,
    "map": _to_map,
    "tuple": _to_tuple,
    "object": _to_object,
}


def unify(types: Iterable[Type]) -> Type | None:
    """The one type that values of all these types convert to, or None when there is none."""
    seen: list[Type] = []
    for type_ in types:
        if type_.kind != "any" and type_ not in seen:
            seen.append(type_)
    if len(seen) < 2:
        return seen[0] if seen else ANY
    kinds = {type_.kind for type_ in seen}
    if kinds <= _PRIMITIVES:
        return STRING if "string" in kinds else None
    if kinds == {"object"}:
        return _unify_objects(seen)
    if kinds == {"tuple"}:
        return _unify_tuples(seen)
    if kinds <= {"object", "map"}:
        return _collection(map_of, seen)
    if kinds <= {"list", "set", "tuple"}:
        return _collection(list_of if "list" in kinds else set_of, seen)
    return None


def _collection(kind: Callable[[Type], Type], types: list[Type]) -> Type | None:
    inner: list[Type] = []
    for type_ in types:
        inner += type_.elements if type_.kind == "tuple" else ()
        inner += (item.type for item in type_.attributes.values())
        inner += () if type_.element is None else (type_.element,)
    common = unify(inner)
    return None if common is None else kind(common)


def _unify_objects(types: list[Type]) -> Type | None:
    first = types[0].attributes
    if all(type_.attributes.keys() == first.keys() for type_ in types):
        merged = {name: unify([type_.attributes[name].type for type_ in types]) for name in first}
        whole = {name: item for name, item in merged.items() if item is not None}
        if len(whole) == len(merged):
            return object_of(whole)
    return _collection(map_of, types)


def _unify_tuples(types: list[Type]) -> Type | None:
    if all(len(type_.elements) == len(types[0].elements) for type_ in types):
        merged = [unify(items) for items in zip(*(type_.elements for type_ in types), strict=True)]
        whole = [item for item in merged if item is not None]
        if len(whole) == len(merged):
            return tuple_of(whole)
    return _collection(list_of, types)


def equal(one: Value, other: Value) -> bool | None:
    """Whether Terraform's `==` holds; None when that depends on what is not known. Values of different types are not equal."""
    if isinstance(one, (Unknown, Reference, Partial)) or isinstance(other, (Unknown, Reference, Partial)):
        return _equal_unknown(one, other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one == other
    if isinstance(one, dict) and isinstance(other, dict):
        return _equal_maps(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return _equal_lists(one, other)
    return type(one) is type(other) and bool(one == other)


def _equal_unknown(one: Value, other: Value) -> bool | None:
    if not isinstance(one, Unknown) and same(one, other):
        return True
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return None
    for left, right in ((one, other), (other, one)):
        if right is None:
            return False
        if isinstance(left, Partial) and not isinstance(right, (str, Partial, Reference)):
            return False
        if isinstance(left, Partial) and isinstance(right, (str, Partial)):
            try:
                return bool(left == right)
            except NotKnown:
                return None
        if isinstance(left, Reference) and isinstance(right, (list, dict)):
            return False
    return None


def _equal_lists(one: list[Value], other: list[Value]) -> bool | None:
    if isinstance(one, OpenList) or isinstance(other, OpenList):
        return None
    if isinstance(one, TfSet) and isinstance(other, TfSet):
        return _equal_sets(one, other)
    if type(one) is not type(other) or len(one) != len(other):
        return False
    return _all(equal(a, b) for a, b in zip(one, other, strict=True))


def _equal_sets(one: TfSet, other: TfSet) -> bool | None:
    if {freeze(item) for item in one} == {freeze(item) for item in other}:
        return None if first_unknown(one) is not None and not same(one, other) else True
    return None if first_unknown(one) is not None or first_unknown(other) is not None else False


def _equal_maps(one: dict[str, Value], other: dict[str, Value]) -> bool | None:
    if isinstance(one, OpenMap) or isinstance(other, OpenMap):
        return None
    if isinstance(one, TfMap) != isinstance(other, TfMap) or one.keys() != other.keys():
        return False
    return _all(equal(one[key], other[key]) for key in one)


def _all(answers: Iterator[bool | None]) -> bool | None:
    undecided = False
    for answer in answers:
        if answer is False:
            return False
        undecided = undecided or answer is None
    return None if undecided else True


def freeze(value: Value) -> object:
    """A hashable stand-in: equal for values that are the same; unknowns are the same when their expression is."""
    if isinstance(value, (Unknown, Reference, Partial)):
        return ("?", show(value))
    if isinstance(value, bool) or value is None:
        return ("b", value)
    if isinstance(value, (int, float)):
        return ("n", value)
    if isinstance(value, (OpenList, OpenMap)):
        return ("?", show(value), value.rest.expression)
    if isinstance(value, dict):
        kind = "m" if isinstance(value, TfMap) else "o"
        return (kind, tuple((key, freeze(value[key])) for key in sorted(value)))
    if isinstance(value, list):
        kind = "s" if isinstance(value, TfSet) else "l" if isinstance(value, TfList) else "t"
        return (kind, tuple(freeze(item) for item in value))
    return value


def make_set(items: Iterable[Value]) -> TfSet:
    """The set of the items: without duplicates, in Terraform's order, nulls after other values, unknowns last."""
    unique = {freeze(item): item for item in items}
    known: list[Value] = []
    late: list[Value] = []
    for item in unique.values():
        (known if item is not None and first_unknown(item) is None else late).append(item)
    late.sort(key=lambda item: item is not None)
    return TfSet(_sorted(known) + late)


def _sorted(items: list[Value]) -> list[Value]:
    if all(isinstance(item, str) for item in items):
        return sorted(items)
    if all(isinstance(item, (int, float)) for item in items):
        return sorted(items, key=order_key)
    return sorted(items, key=lambda item: _set_key(item).encode("utf-8", "surrogatepass"))


def _set_key(value: Value) -> str:
    """The text by which Terraform orders structures inside a set."""
    from stackworthy.sources.terraform.functions.formats import general, quoted

    if value is None:
        return "~"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, (int, float)):
        return general(value, 10)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, TfMap):
        return "{" + "".join(f"{quoted(key)}:{_set_key(value[key])};" for key in sorted(value)) + "}"
    if isinstance(value, dict):
        return "<" + "".join(f"{_set_key(value[key])};" for key in sorted(value)) + ">"
    inner = "".join(f"{_set_key(item)};" for item in value)
    return f"[{inner}]" if isinstance(value, (TfList, TfSet)) else f"<{inner}>"


def length_of(value: Value) -> int | None:
    """The number of elements of a list, set, map, tuple or object; None while it is not known."""
    if isinstance(value, (OpenList, OpenMap)):
        return None
    if isinstance(value, TfSet) and len(value) > 1 and first_unknown(value) is not None:
        return None
    return len(value) if isinstance(value, (list, dict)) else None
