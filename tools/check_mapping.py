"""Check the mapping of Terraform's types against the provider's schema and CloudFormation's registry.

    python tools/check_mapping.py tools/data/aws-provider-6.47.0.json.gz [FOLDER ...]
    python tools/check_mapping.py --index                      write the index of types from the data files

Each argument of a mapped type, at any depth, is mapped or has a reason in `only`; each target exists in the kind's schema with a
type that fits; each conversion exists. In folders, the `.tf` files are searched for resource types that nobody mapped.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from stackworthy.aws.schemas import Schema, schema
from stackworthy.sources.terraform.mapping import table
from stackworthy.sources.terraform.mapping.convert import CONVERSIONS

SCALARS = {"string", "number", "bool"}
PRODUCES = {
    "json": "json",
    "tags": "list",
    "dimensions": "list",
    "parameters": "list",
    "version-weights": "list",
    "document": "json",
    "kafka-servers": "list",
    "source-mappings": "list",
    "cost-filters": "map",
    "access-policy": "string",
    "bucket-grants": "string",
    "threshold": "string",
    "names": "list",
    "repository-names": "list",
    "store-arns": "list",
    "email-subscribers": "list",
    "sns-subscribers": "list",
    "filter-groups": "list",
    "remediation-parameters": "map",
    "action-points": "map",
    "log-types": "map",
    "epoch": "number",
    "hash-key": "object",
    "range-key": "object",
    "list": "list",
    "commas": "list",
    "prefix-rule": "map",
    "suffix-rule": "map",
    "typed": "list",
    "named-values": "map",
    "log-publishing": "map",
    "response-bodies": "map",
    "container-definitions": "json",
    "number": "number",
    "text": "string",
    "name": "string",
    "not": "bool",
    "minutes": "number",
    "hours": "number",
    "days": "number",
}
"""The type that a conversion makes, where it is not that of the argument."""
MERGED = {"method-path"}
"""Conversions that make several properties."""


class Field(NamedTuple):
    """One argument, attribute or nested block: `type` is string, number, bool, list, map, object, blocks or any.

    `blocks` are objects in a list (`single` when there is at most one), whose fields stand in `fields`.
    """

    name: str
    type: str
    stated: bool
    single: bool = False
    items: str = ""
    fields: tuple[Field, ...] = ()


@cache
def provider(path: str) -> dict[str, dict[str, Field]]:
    """The fields of every resource type in a provider schema."""
    with gzip.open(path, "rt") as stream:
        schemas = json.load(stream)["provider_schemas"]
    (resources,) = [item["resource_schemas"] for item in schemas.values()]
    return {
        name: {field.name: field for field in _block(item["block"])}
        for name, item in resources.items()
        if name.startswith("aws_")
    }


def _block(block: dict[str, Any]) -> Iterator[Field]:
    for name, item in block.get("attributes", {}).items():
        yield _attribute(name, item)
    for name, item in block.get("block_types", {}).items():
        inner = tuple(_block(item["block"]))
        single = item.get("max_items") == 1 or item["nesting_mode"] == "single"
        stated = name != "timeouts" and any(field.stated for field in inner)
        yield Field(name, "blocks", stated or not inner, single, fields=inner)


def _attribute(name: str, item: dict[str, Any]) -> Field:
    stated = bool(item.get("required") or item.get("optional"))
    if "nested_type" in item:
        nested = item["nested_type"]
        inner = tuple(_attribute(key, value) for key, value in nested["attributes"].items())
        return Field(name, "blocks", stated, nested["nesting_mode"] == "single", fields=inner)
    return _typed(name, item["type"], stated)


def _typed(name: str, type_: Any, stated: bool) -> Field:
    if isinstance(type_, str):
        return Field(name, {"dynamic": "any"}.get(type_, type_), stated)
    outer, inner = type_
    if outer == "object":
        return Field(name, "blocks", stated, True, fields=_fields(inner, stated))
    if outer == "map":
        return Field(name, "map", stated)
    if isinstance(inner, list) and inner[0] == "object":
        return Field(name, "blocks", stated, fields=_fields(inner[1], stated))
    return Field(name, "list", stated, items=inner if isinstance(inner, str) else "list")


def _fields(types: dict[str, Any], stated: bool) -> tuple[Field, ...]:
    return tuple(_typed(name, type_, stated) for name, type_ in types.items())


def needs_entry(field: Field, top: bool) -> bool:
    """Whether the mapping must say something: `id` of the provider's older types counts as an argument and is none."""
    return field.stated and not (top and field.name == "id")


def faults(path: str, names: Iterable[str] | None = None) -> Iterator[str]:
    """What is wrong with the mapping data, one line each."""
    types = provider(path)
    for name in sorted(table.index() if names is None else names):
        spec = table.spec(name)
        if name not in types:
            yield f"{name}: not in the provider's schema"
        elif spec is not None:
            yield from (f"{name}{line}" for line in _spec_faults(spec, types[name]))


def _spec_faults(spec: table.Spec, fields: dict[str, Field]) -> Iterator[str]:
    names = list(spec.kind_by.kinds.values()) if spec.kind_by else [spec.kind] if spec.kind else []
    if not names:
        if not spec.none:
            yield ": neither a kind nor a reason in `none`"
        if spec.arguments:
            yield ": arguments without a kind"
        return
    if spec.kind_by and spec.kind_by.argument not in fields:
        yield f": kind_by names {spec.kind_by.argument}, which does not exist"
    found = [schema(name) for name in names]
    if None in found:
        yield f": no schema for {names}"
        return
    schemas = [item for item in found if item is not None]
    checker = _Checker(schemas)
    elsewhere = {part.argument: f"makes a resource of the kind {part.kind}" for part in spec.parts}
    yield from checker.block(
        spec.arguments, {**spec.only, **elsewhere}, tuple(fields.values()), spec.into, ""
    )
    for path in spec.fixed:
        yield from checker.target(path, f" fixed {path}")
    for path in spec.defaults:
        yield from checker.target(path, f" default {path}")
    for name, attribute in spec.attributes.items():
        if name not in fields:
            yield f".{name}: an attribute that the provider does not have"
        if attribute != "Ref" and "${" not in attribute and not checker.attribute(attribute):
            yield f".{name}: the kind has no attribute {attribute}"
    if spec.owner:
        yield from (
            f": owner names {name}, which does not exist"
            for name in [*spec.owner.match, *([spec.owner.argument] if spec.owner.argument else [])]
            if name not in fields
        )
    yield from _others_faults(spec, fields)
    if spec.code and spec.code not in fields:
        yield f": code names {spec.code}, which does not exist"


def _others_faults(spec: table.Spec, fields: dict[str, Field]) -> Iterator[str]:
    for other in spec.also:
        yield from _also_faults(other, fields)
    for part in spec.parts:
        yield from _part_faults(part, fields)


def _part_faults(part: table.Part, fields: dict[str, Field]) -> Iterator[str]:
    found = schema(part.kind)
    if found is None or part.argument not in fields:
        yield f": {part.kind} in `parts` has no schema or no argument"
        return
    checker, field = _Checker([found]), fields[part.argument]
    yield from checker.target(part.owner.removesuffix("[]"), f".{part.argument}")
    yield from checker.block(
        part.arguments, {}, field.fields if part.each else (field,), "", f".{part.argument}"
    )


def _also_faults(part: table.Spec, fields: dict[str, Field]) -> Iterator[str]:
    found = schema(part.kind or "")
    if found is None or part.owner is None or part.owner.argument not in fields:
        yield f": {part.kind} in `also` has no schema or no owner"
        return
    checker = _Checker([found])
    for name, entry in part.arguments.items():
        yield from checker.argument(table.target(entry), fields[name], part.into, f" also.{name}")


class _Checker:
    """Checks targets against the kinds that a type may be; a target must exist in one of them."""

    def __init__(self, schemas: list[Schema]) -> None:
        self.schemas = schemas

    def attribute(self, name: str) -> bool:
        return any(name in schema.attributes for schema in self.schemas)

    def type_of(self, path: str) -> str | None:
        return next((found for schema in self.schemas if (found := schema.type_of(path)) is not None), None)

    def target(self, path: str, where: str) -> Iterator[str]:
        if self.type_of(path) is None:
            yield f"{where}: {self.schemas[0].kind} has no {path}"

    def block(
        self,
        arguments: dict[str, str | table.Argument],
        only: dict[str, str],
        fields: tuple[Field, ...],
        base: str,
        where: str,
    ) -> Iterator[str]:
        by_name = {field.name: field for field in fields}
        for name in sorted({*arguments, *only} - by_name.keys()):
            yield f"{where}.{name}: the provider has no such argument"
        for name in sorted(arguments.keys() & only.keys()):
            yield f"{where}.{name}: both mapped and in `only`"
        for name, reason in only.items():
            if not reason:
                yield f"{where}.{name}: `only` without a reason"
        for field in fields:
            if field.name in arguments:
                entry = table.target(arguments[field.name])
                yield from self.argument(entry, field, base, f"{where}.{field.name}")
            elif needs_entry(field, not where) and field.name not in only:
                yield f"{where}.{field.name} ({field.type}): not mapped"

    def argument(self, entry: table.Argument, field: Field, base: str, where: str) -> Iterator[str]:
        path = ".".join(part for part in (base, entry.to) if part)
        goal = self.type_of(path)
        if goal is None and path.endswith("[]") and self.type_of(path[:-2]) == "object":
            goal = "object"  # the registry allows an object or a list of such objects
        if goal is None:
            yield f"{where}: {self.schemas[0].kind} has no {path}"
            return
        if entry.as_ and entry.as_ not in CONVERSIONS:
            yield f"{where}: no conversion {entry.as_}"
        for name in entry.fixed:
            yield from self.target(f"{path}[].{name}" if entry.each else f"{path}.{name}".lstrip("."), where)
        if entry.block is None:
            if not entry.to:
                if entry.as_ not in MERGED:
                    yield f"{where}: leads nowhere"
            elif not self.fits(entry, field, path, goal):
                yield f"{where}: {field.type} does not fit {path} ({goal})"
            return
        if field.type != "blocks":
            yield f"{where}: {field.type} has no fields"
            return
        if (
            entry.to
            and (entry.block or goal != "json")
            and goal not in (("list",) if entry.each else ("map", "json") if entry.named_by else ("object",))
        ):
            yield f"{where}: {path} is {goal}"
        inner = f"{path}[]" if entry.each else f"{path}.a" if entry.named_by else path
        if entry.switch and not any(inner.name == entry.switch for inner in field.fields):
            yield f"{where}: switch names {entry.switch}, which does not exist"
        fields = tuple(
            each._replace(type=each.items, items="") if each.name in entry.per else each
            for each in field.fields
        )
        arguments, only = entry.block, entry.only
        if entry.like:  # a shape serves blocks that have some of its arguments only
            names = {each.name for each in fields}
            arguments = {name: each for name, each in arguments.items() if name in names}
            only = {name: reason for name, reason in only.items() if name in names}
        yield from self.block(arguments, only, fields, inner, where)

    def fits(self, entry: table.Argument, field: Field, path: str, goal: str) -> bool:
        if goal in ("any", "json") or field.type == "any":
            return True
        if entry.key:
            made = "map"
        elif entry.enum:
            lists = field.type == "list" or any(isinstance(value, list) for value in entry.enum.values())
            objects = any(isinstance(value, dict) for value in entry.enum.values())
            made = "list" if lists else "object" if objects else "string"
        elif entry.as_ in ("first", "widest"):
            made = field.items if field.type == "list" else field.type
        else:
            made = PRODUCES.get(entry.as_, field.type)
        if made == "json":
            return goal not in SCALARS - {"string"}
        if goal in ("string", "integer", "number", "boolean"):
            enum = next((item for schema in self.schemas if (item := schema.enum(path))), None)
            if made == "bool" and enum and goal == "string" and not entry.enum:
                return set(enum) <= {"true", "false"}
            return made in SCALARS
        if goal == "list":
            inner = self.type_of(f"{path}[]")
            objects = inner in ("object", "list", "map")
            return made == "list" and (not objects or entry.as_ in PRODUCES or field.items == "list")
        return made in ("map", "json", goal) if goal in ("map", "object") else False


def unmapped(types: Iterable[str], folders: Iterable[str]) -> Counter[str]:
    """The resource types in `.tf` files of the folders that nobody mapped, with their number."""
    found: Counter[str] = Counter()
    for folder in folders:
        for path in Path(folder).rglob("*.tf"):
            if path.is_file():
                text = path.read_text("utf-8", "replace")
                found.update(re.findall(r'^\s*resource\s+"(aws_[a-z0-9_]+)"', text, re.MULTILINE))
    return Counter(
        {name: count for name, count in found.items() if name in set(types) - table.index().keys()}
    )


def write_index() -> None:
    """Write `index.json`: the service file of every type."""
    index = {}
    for path in sorted(table.DATA.glob("*.json")):
        if path.name != "index.json":
            for name in json.loads(path.read_text()).keys() - {"_shapes"}:
                if name in index:
                    raise SystemExit(f"{name} stands in {index[name]}.json and {path.name}")
                index[name] = path.stem
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(index[name])}" for name in sorted(index))
    (table.DATA / "index.json").write_text("{\n" + lines + "\n}\n")


def counts() -> str:
    """How many types and top-level arguments are mapped, and how many are Terraform's alone."""
    specs = [spec for name in table.index() if (spec := table.spec(name)) is not None]
    nested = [_nested(spec.arguments, spec.only) for spec in specs]
    kindless = sum(1 for spec in specs if spec.none)
    return (
        f"{len(specs)} types ({kindless} without a kind, {sum(1 for spec in specs if spec.owner)} satellites), "
        f"{sum(mapped for mapped, _ in nested)} arguments mapped, {sum(only for _, only in nested)} only Terraform's"
    )


def _nested(arguments: dict[str, str | table.Argument], only: dict[str, str]) -> tuple[int, int]:
    mapped, alone = len(arguments), len(only)
    for entry in arguments.values():
        if not isinstance(entry, str) and entry.block is not None and not entry.like:
            inner = _nested(entry.block, entry.only)
            mapped, alone = mapped + inner[0], alone + inner[1]
    return mapped, alone


def main(arguments: list[str]) -> int:
    """Write the index or check the data; the status says whether all is well."""
    if arguments == ["--index"]:
        write_index()
        return 0
    path, *folders = arguments
    lines = list(faults(path))
    print(*lines, sep="\n")
    for name, count in unmapped(provider(path), folders).most_common():
        print(f"unmapped: {name} ({count})")
    print(counts())
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
