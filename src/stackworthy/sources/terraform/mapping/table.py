"""The mapping of Terraform's resource types, one file per service under `data/`, read when a type of it is first met.

Each entry says what a type is: `kind` and where each argument goes. An argument's target is a property path, or an object:

- `to`: the property path; empty: the fields of a block, or of the map that a conversion makes, go straight into the parent. A path that ends in
  `[]` adds one element to a list.
- `as`: a conversion by name (`convert.CONVERSIONS`); `enum`: spellings by Terraform's; `absent`: values that mean "not stated".
- `block`: the targets of a nested block's (or object's) arguments, relative to `to`; `list`: each block is one element of the list at `to`.
- `named_by`: each block is one entry of the map at `to`, and this argument of it is the entry's key.
- `switch`: the block counts only when this argument of it is true.
- `per`: names of list arguments of the block; it makes one element for each of their items, at the target of that argument.
- `key`: the property is a list of pairs (`Key`, `Value`), of which the argument is the one with this key.
- `like`: the name of an entry of the service file's `_shapes`, whose block this one has too (statements within statements).
- `fixed`: properties that the block's presence states; `only`: the block's arguments that exist in Terraform only.

A satellite (a type that states a part of another resource) has an `owner`; `into` is the path of its owner under which its own targets stand.
`parts` are arguments that a template writes as resources of their own (a queue's policy).
`also` are further owners (a policy's users and groups beside its roles) with what it states of those.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

DATA = Path(__file__).parent / "data"


class Argument(
    msgspec.Struct, rename={"as_": "as", "each": "list"}, omit_defaults=True, forbid_unknown_fields=True
):
    """Where one argument or nested block goes."""

    to: str = ""
    as_: str = ""
    absent: list[Any] = []
    enum: dict[str, Any] = {}
    block: dict[str, str | Argument] | None = None
    each: bool = False
    named_by: str = ""
    switch: str = ""
    per: list[str] = []
    like: str = ""
    key: str = ""
    fixed: dict[str, Any] = {}
    only: dict[str, str] = {}


class Owner(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """How a satellite names the resource that it belongs to.

    `types` are the owner's Terraform types; `argument` names it (by reference, name or ARN; a list names several), or `match` pairs
    arguments of the satellite with those of the owner that must be equal. `alone` is the kind that the satellite is when nobody here
    describes its owner, which is then named by the property `named`; without `named`, it is its owner, of which all else is unknown.
    """

    types: list[str]
    argument: str = ""
    match: dict[str, str] = {}
    alone: str = ""
    named: str = ""


class KindBy(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A type whose kind depends on an argument's value; `arguments` are those that go elsewhere in a certain kind."""

    argument: str
    kinds: dict[str, str]
    arguments: dict[str, dict[str, str | Argument]] = {}


class Part(msgspec.Struct, rename={"each": "list"}, omit_defaults=True, forbid_unknown_fields=True):
    """An argument that a template writes as a resource of its own, which names its owner at the path `owner`.

    `arguments` are the targets of that argument alone; with `list`, those of each of its blocks, which make one resource each.
    """

    argument: str
    kind: str
    owner: str
    arguments: dict[str, str | Argument] = {}
    only: dict[str, str] = {}
    fixed: dict[str, Any] = {}
    each: bool = False


class Spec(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What one Terraform type is. `only` gives the reason for each argument that has no property.

    `attributes` are the canonical names of computed attributes; one that holds `${Arn}` or another attribute is a text around it.
    `defaults` are properties that the provider states when nobody else does. `code` is the argument that leads to the code it runs.
    A type without a kind says in `none` why.
    """

    kind: str | None = None
    kind_by: KindBy | None = None
    none: str = ""
    owner: Owner | None = None
    into: str = ""
    arguments: dict[str, str | Argument] = {}
    only: dict[str, str] = {}
    attributes: dict[str, str] = {}
    fixed: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    code: str = ""
    also: tuple[Spec, ...] = ()
    parts: tuple[Part, ...] = ()


_read_index = msgspec.json.Decoder(dict[str, str]).decode
_read_service = msgspec.json.Decoder(dict[str, Spec]).decode


@cache
def index() -> dict[str, str]:
    """The service file of every mapped type."""
    return _read_index((DATA / "index.json").read_bytes())


@cache
def service(name: str) -> dict[str, Spec]:
    """The types of one service file."""
    types = _read_service((DATA / f"{name}.json").read_bytes())
    shapes = types.pop("_shapes", None)
    if shapes is not None:
        for found in (shapes, *types.values()):
            _share(found.arguments, shapes.arguments)
    return types


def _share(arguments: dict[str, str | Argument], shapes: dict[str, str | Argument]) -> None:
    """Give each entry that is like a shape the shape's block, which may hold itself."""
    for entry in arguments.values():
        if isinstance(entry, str):
            continue
        if entry.block is not None:
            _share(entry.block, shapes)
        elif entry.like:
            shape = target(shapes[entry.like])
            entry.block, entry.only = shape.block, shape.only


@cache
def of_kind(type_: str, kind: str) -> Spec:
    """What a type is when it is of a certain one of its kinds."""
    found = service(index()[type_])[type_]
    others = found.kind_by.arguments.get(kind) if found.kind_by is not None else None
    return msgspec.structs.replace(found, arguments={**found.arguments, **others}) if others else found


@cache
def spec(type_: str) -> Spec | None:
    """What a Terraform type is; None for one that nobody mapped."""
    name = index().get(type_)
    return service(name)[type_] if name is not None else None


def target(entry: str | Argument) -> Argument:
    """The entry in its long form."""
    return Argument(to=entry) if isinstance(entry, str) else entry
