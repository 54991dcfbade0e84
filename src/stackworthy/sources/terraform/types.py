"""What Terraform's types add to the project's values: lists, sets and maps of one type, and encoded structures.

A plain `List` is a tuple and a plain `Map` an object, as Terraform's literals are; null is `None`. A `Reference` stands for one
scalar that is neither null nor empty; an attribute that may be a list, null or empty is to be an `Unknown`.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stackworthy.core.value import (
    List,
    Map,
    OpenList,
    OpenMap,
    Partial,
    Piece,
    Reference,
    Unknown,
    Value,
    references,
    same,
)


class TfList(List):
    """A list: all elements have one type."""

    __slots__ = ()


class TfSet(List):
    """A set: unique elements of one type in Terraform's order; elements that are not known stand last.

    Make one with `conversions.make_set`. While an element is not known, neither is the length (`conversions.length_of`).
    """

    __slots__ = ()


class TfMap(Map):
    """A map: all values have one type."""

    __slots__ = ()


class ScatteredList(OpenList):
    """Elements that a list is known to hold, at positions that are not known, perhaps beside others."""

    __slots__ = ()

    def __getitem__(self, _: Any) -> Value:
        return self.rest

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.known, self.rest))


class Encoded(Partial):
    """A text with unknown parts that was made from a structure, which `value` still is."""

    __slots__ = ("value",)

    def __init__(self, pieces: tuple[Piece, ...], value: Value) -> None:
        super().__init__(pieces)
        self.value = value

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references inside the structure."""
        return tuple(references(self.value))

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.pieces, self.value))


class EncodedJson(Encoded):
    """What `jsonencode` makes of a structure with unknown parts."""

    __slots__ = ()


class EncodedYaml(Encoded):
    """What `yamlencode` makes of a structure with unknown parts."""

    __slots__ = ()


WORKING_DIRECTORY = Unknown("the directory that Terraform runs in is not known", "path.cwd")
HOME_DIRECTORY = Unknown("the home directory of whoever runs Terraform is not known", "~")


class Attribute:
    """An attribute of an object type; the default of an optional one stands in for null too."""

    __slots__ = ("default", "optional", "type")

    def __init__(self, type_: Type, optional: bool = False, default: Value = None) -> None:
        self.type = type_
        self.optional = optional
        self.default = default

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Attribute)
            and self.type == other.type
            and self.optional == other.optional
            and same(self.default, other.default)
        )

    __hash__ = None  # type: ignore[assignment]


class Type:
    """A type constraint; which of the fields count depends on the kind.

    `kind` is `string`, `number`, `bool`, `any`, `list`, `set`, `map` (with `element`), `tuple` (with `elements`) or
    `object` (with `attributes`).
    """

    __slots__ = ("attributes", "element", "elements", "kind")

    def __init__(
        self,
        kind: str,
        element: Type | None = None,
        elements: tuple[Type, ...] = (),
        attributes: Mapping[str, Attribute] | None = None,
    ) -> None:
        self.kind = kind
        self.element = element
        self.elements = elements
        self.attributes = attributes or {}

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Type)
            and self.kind == other.kind
            and self.element == other.element
            and self.elements == other.elements
            and self.attributes == other.attributes
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Type({str(self)!r})"

    @property
    def of(self) -> Type:
        """The type of a collection's elements."""
        return self.element or ANY

    def friendly(self) -> str:
        """The type as Terraform's messages name it: `list of string`."""
        if self.kind in ("list", "set", "map"):
            return f"{self.kind} of {'any single type' if self.of == ANY else self.of.friendly()}"
        return "dynamic" if self.kind == "any" else self.kind

    def __str__(self) -> str:
        return self._text(0)

    def _text(self, depth: int) -> str:
        """The type as `terraform console` shows it for `type(...)`."""
        if self.kind in ("list", "set", "map"):
            inner = self.of._text(depth + 1 if self.of.kind in ("tuple", "object") else depth)
            if self.of.kind in ("tuple", "object"):
                return f"{self.kind}(\n{'    ' * (depth + 1)}{inner},\n{'    ' * depth})"
            return f"{self.kind}({inner})"
        pad, end = "    " * (depth + 1), "    " * depth
        if self.kind == "tuple":
            lines = [f"{pad}{element._text(depth + 1)},\n" for element in self.elements]
            return f"tuple([\n{''.join(lines)}{end}])" if lines else "tuple([])"
        if self.kind == "object":
            items = sorted(self.attributes.items())
            lines = [f"{pad}{name}: {item.type._text(depth + 1)},\n" for name, item in items]
            return "object({\n" + "".join(lines) + end + "})" if lines else "object({})"
        return "dynamic" if self.kind == "any" else self.kind


STRING, NUMBER, BOOL, ANY = Type("string"), Type("number"), Type("bool"), Type("any")
PRIMITIVE = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": ANY}


def list_of(element: Type) -> Type:
    """`list(element)`."""
    return Type("list", element)


def set_of(element: Type) -> Type:
    """`set(element)`."""
    return Type("set", element)


def map_of(element: Type) -> Type:
    """`map(element)`."""
    return Type("map", element)


def tuple_of(elements: Iterable[Type]) -> Type:
    """`tuple([...])`."""
    return Type("tuple", elements=tuple(elements))


def object_of(attributes: Mapping[str, Attribute | Type]) -> Type:
    """`object({...})`; a bare type is a required attribute."""
    return Type(
        "object",
        attributes={
            name: item if isinstance(item, Attribute) else Attribute(item)
            for name, item in attributes.items()
        },
    )


def optional(of: Type, default: Value = None) -> Attribute:
    """`optional(of, default)`."""
    return Attribute(of, True, default)


def type_of(value: Value) -> Type:
    """The type of the value as far as it is known; `ANY` for null and for what is not known."""
    if isinstance(value, (str, Partial)):
        return STRING
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, (int, float)):
        return NUMBER
    if isinstance(value, OpenList):
        return list_of(_common([type_of(item) for item in value.known]))
    if isinstance(value, OpenMap):
        return map_of(ANY)
    if isinstance(value, list):
        types = [type_of(item) for item in list.__iter__(value)]
        if isinstance(value, TfSet):
            return set_of(_common(types))
        return list_of(_common(types)) if isinstance(value, TfList) else tuple_of(types)
    if isinstance(value, dict):
        if isinstance(value, TfMap):
            return map_of(_common([type_of(item) for item in value.values()]))
        return object_of({name: type_of(item) for name, item in value.items()})
    return ANY


def is_unknown(value: Value) -> bool:
    """Whether nothing of the value is known (for a `Reference`: nothing but what it refers to)."""
    return isinstance(value, (Unknown, Reference))


def _common(types: list[Type]) -> Type:
    """The type that elements of one type have; nulls, unknowns and empty collections among them leave gaps that others fill."""
    common = ANY
    for item in types:
        common = item if common == ANY else common if common == item else _filled(common, item)
    return common


def _filled(one: Type, other: Type) -> Type:
    if one.kind == "any" or other.kind == "any":
        return other if one.kind == "any" else one
    if one.kind != other.kind:
        return one
    if one.kind == "tuple" and len(one.elements) == len(other.elements):
        return tuple_of(_filled(a, b) for a, b in zip(one.elements, other.elements, strict=True))
    if one.kind == "object" and one.attributes.keys() == other.attributes.keys():
        return object_of(
            {name: _filled(item.type, other.attributes[name].type) for name, item in one.attributes.items()}
        )
    if one.element is not None and other.element is not None:
        return Type(one.kind, _filled(one.of, other.of))
    return one
