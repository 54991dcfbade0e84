"""From the evaluated blocks of a root to the graph: kinds, satellites with their owners, references in canonical words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from typing import Any

from msgspec.structs import replace

from stackworthy.aws.partitions import partition_of
from stackworthy.aws.schemas import kinds, schema
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin, Route, Trail
from stackworthy.core.path import Path, parse
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    joined,
    same,
)
from stackworthy.sources.terraform.mapping import awscc
from stackworthy.sources.terraform.mapping.arguments import (
    first_position,
    listed,
    merge,
    native_route,
    position,
    put,
    to_properties,
)
from stackworthy.sources.terraform.mapping.convert import CONVERSIONS, wrapped
from stackworthy.sources.terraform.mapping.documents import loose_documents
from stackworthy.sources.terraform.mapping.parts import made_resources
from stackworthy.sources.terraform.mapping.satellites import Satellites
from stackworthy.sources.terraform.mapping.table import Spec, of_kind, spec
from stackworthy.sources.terraform.model import Block
from stackworthy.sources.terraform.plan import PlanRoot
from stackworthy.sources.terraform.root import Root

_TYPE = re.compile(r"(?:^|\.)(data\.)?([a-z0-9]+_[a-z0-9_]+)\.[^.]+$")
_OWN = re.compile(r"\$\{([A-Za-z0-9:.]+)\}")


class Mapped:
    """One block with what its type is."""

    __slots__ = ("block", "kind", "properties", "spec")

    def __init__(self, block: Block, found: Spec | None, kind: str | None) -> None:
        self.block = block
        self.spec = found
        self.kind = kind
        self.properties: Map | None = None

    def parts(self) -> Iterator[Mapped]:
        """The block, and once more for each further owner of which it states something."""
        yield self
        for part in self.spec.also if self.spec is not None else ():
            yield Mapped(self.block, part, self.kind)


class Stack:
    """What the properties of one graph share: its blocks by address, its satellites, and the root that finds places."""

    def __init__(self, root: Root | PlanRoot) -> None:
        self.root = root
        self.blocks: dict[str, Mapped] = {}
        self.data: dict[str, Block] = {}
        for block in root.blocks:
            if block.mode == "data":
                self.data[block.address] = block
            else:
                found = spec(block.type) or awscc.spec(block.type)
                kind = _kind(found, block)
                if kind is not None and found is not None and found.kind_by is not None:
                    found = of_kind(block.type, kind)
                self.blocks[block.address] = Mapped(block, found, kind)
        self.satellites = Satellites(self.blocks, root.refers_to)

    def own(self, mapped: Mapped) -> Map:
        """The properties that the block itself states, in canonical words."""
        if mapped.properties is None:
            found = mapped.spec
            attributes = mapped.block.attributes
            made = to_properties(found, attributes) if found is not None else Map()
            canonical = self.canonical(made)
            if mapped.kind is not None:
                _default_tags(mapped, canonical)
            mapped.properties = canonical
        return mapped.properties

    def canonical(self, value: Value) -> Value:
        """The value with references to canonical attributes, plain containers, and null dropped."""
        if isinstance(value, Reference):
            return self.reference(value)
        if isinstance(value, Partial):
            return joined(
                self.reference(piece) if isinstance(piece, Reference) else piece for piece in value.pieces
            )
        if isinstance(value, OpenMap):
            return OpenMap([(key, self.canonical(item)) for key, item in value.known.items()], value.rest)
        if isinstance(value, Map):
            return Map({key: self.canonical(item) for key, item in value.items() if item is not None})
        if isinstance(value, OpenList):
            return OpenList([self.canonical(item) for item in value.known], value.rest)
        if isinstance(value, List):
            return List(self.canonical(item) for item in value)
        return ABSENT if value is None else value

    def reference(self, reference: Reference) -> Value:
        """A reference to a native attribute, as one to the canonical attribute."""
        address, attribute = reference.address, reference.attribute
        if address not in self.blocks and (address.startswith("data.") or ".data." in address):
            return Unknown(f"{address} is read at deployment", f"{address}.{attribute}")
        mapped = self.blocks.get(address)
        found = mapped.spec if mapped is not None else _spec_of(address)
        if found is None:
            return reference
        name = found.attributes.get(attribute)
        if name is None:
            entry = found.arguments.get(attribute)
            name = entry if isinstance(entry, str) else {"arn": "Arn", "id": "Ref"}.get(attribute, attribute)
        owner = self.satellites.owner(address)
        if owner is not None and attribute in ("id", "bucket"):
            return Reference(owner, "Ref")
        return Reference(address, name) if "${" not in name else _around(address, name, mapped)


def _around(address: str, text: str, mapped: Mapped | None) -> Value:
    """A text around attributes of the resource (`${Arn}`) and pseudo parameters (`${AWS::Region}`, which its block may know)."""
    pieces: list[Value] = []
    position = 0
    for found in _OWN.finditer(text):
        pieces.append(text[position : found.start()])
        name = found.group(1)
        region = mapped.block.region if mapped is not None else None
        if name == "AWS::Region" and region is not None:
            pieces.append(region)
        elif name == "AWS::Partition" and isinstance(region, str):
            pieces.append(partition_of(region))
        elif "::" in name:
            pieces.append(Unknown(f"{name} is known at deployment", name))
        else:
            pieces.append(_own_part(address, name, mapped))
        position = found.end()
    return joined([*pieces, text[position:]])


def _own_part(address: str, name: str, mapped: Mapped | None) -> Value:
    """An attribute of the resource, or the text or reference that one of its arguments holds."""
    arguments = mapped.spec.arguments if mapped is not None and mapped.spec is not None else {}
    argument = next((own for own, entry in arguments.items() if entry == name), None)
    stated = mapped.block.attributes[argument] if mapped is not None and argument is not None else ABSENT
    if isinstance(stated, str):
        return stated
    if isinstance(stated, Reference):
        other = _spec_of(stated.address)
        known = other.attributes.get(stated.attribute, "") if other is not None else ""
        if known and "${" not in known:
            return Reference(stated.address, known)
    return Reference(address, name)


def _spec_of(address: str) -> Spec | None:
    found = _TYPE.search(re.sub(r"\[[^\]]*\]", "", address))
    return spec(found.group(2)) if found else None


def _kind(found: Spec | None, block: Block) -> str | None:
    if found is None:
        return None
    if found.kind_by is not None:
        value = block.attributes[found.kind_by.argument]
        return found.kind_by.kinds.get(value) if isinstance(value, str) else None
    return found.kind if found.kind in kinds() else None


def _default_tags(mapped: Mapped, properties: Map) -> None:
    """Give a resource that can be tagged its provider's default tags."""
    tags = mapped.block.provider.default_tags
    if mapped.kind is None or (isinstance(tags, Map) and not isinstance(tags, OpenMap) and not tags):
        return
    entry = mapped.spec.arguments.get("tags") if mapped.spec else None
    if entry is None or (not isinstance(entry, str) and entry.as_ != "tags"):
        return
    found = schema(mapped.kind)
    name = found.tag_property if found is not None else None
    if found is None or name is None:
        return
    shared = CONVERSIONS["tags"].read(tags) if found.type_of(name) == "list" else tags
    own = properties[name]
    if own is ABSENT:
        properties[name] = shared
    elif isinstance(own, List) and isinstance(shared, List):
        keys = [item["Key"] for item in (own.known if isinstance(own, OpenList) else own)]
        kept = [
            item
            for item in (shared.known if isinstance(shared, OpenList) else shared)
            if item["Key"] not in keys
        ]
        both = [*kept, *(own.known if isinstance(own, OpenList) else own)]
        rest = next((part.rest for part in (own, shared) if isinstance(part, OpenList)), None)
        properties[name] = OpenList(both, rest) if rest is not None else List(both)
    elif isinstance(own, Map) and isinstance(shared, Map):
        merged = Map(shared.known if isinstance(shared, OpenMap) else shared)
        merge(merged, own)
        properties[name] = merged


class BlockProperties:
    """The properties of one resource: its block's, and those that its satellites state."""

    __slots__ = ("_merged", "mapped", "stack")

    def __init__(self, stack: Stack, mapped: Mapped) -> None:
        self.stack = stack
        self.mapped = mapped
        self._merged: Map | None = None

    def _all(self) -> Map:
        if self._merged is None:
            own = self.stack.own(self.mapped)
            others = list(self.stack.satellites.of(self.mapped.block.address))
            doubts = self.stack.satellites.doubts(self.mapped)
            merged = own
            if others or doubts:
                merged = _copied(own)
                for other in others:
                    merge(merged, _copied(self.stack.own(other)))
                for name, doubt in doubts.items():
                    before = dict.get(merged, name, ABSENT)
                    merged[name] = OpenList(before, doubt) if type(before) is List else doubt
            for path, value in (self.mapped.spec.defaults if self.mapped.spec else {}).items():
                if _lacks(merged, path):
                    merged = merged if merged is not own else _copied(own)
                    put(merged, path, wrapped(value))
            self._merged = merged
        return self._merged

    def names(self) -> Collection[str]:
        """The properties that are stated."""
        merged = self._all()
        return list(merged.known if isinstance(merged, OpenMap) else merged)

    def value(self, name: str) -> Value:
        """The value of one property."""
        return self._all()[name]

    def native(self) -> Value:
        """The block's arguments and nested blocks, as Terraform evaluates them."""
        return self.mapped.block.attributes

    def metadata(self) -> Any:
        """None: Terraform attaches nothing."""
        return None

    def origin(self, path: str) -> Origin:
        """The argument that states the property; else the block that lacks it."""
        mapped, route, depth = self._stated(path)
        if depth:
            origin = self.stack.root.origin(mapped.block, route)
            whole = depth == len(parse(path))
            return Origin(origin.file, origin.route, "value" if whole else "key")
        place = self.stack.root.origin(self.mapped.block, ())
        return Origin(place.file, place.route, "resource")

    def trail(self, path: str) -> Trail:
        """How the argument's value came to be."""
        mapped, route, depth = self._stated(path)
        return tuple(self.stack.root.trail(mapped.block, route)) if depth else ()

    def _stated(self, path: str) -> tuple[Mapped, Route, int]:
        """The block that states the property, the route to its argument, and how many segments of the path that covers."""
        segments = parse(path)
        contributors = self._contributors()
        if len(contributors) > 1:
            contributors, segments = self._of_element(contributors, segments)
        for mapped in contributors:
            if mapped.spec is not None and segments:
                route, depth = native_route(mapped.spec, mapped.block.attributes, segments)
                if depth:
                    return mapped, route, depth
        return self.mapped, (), 0

    def _contributors(self) -> list[Mapped]:
        return [self.mapped, *self.stack.satellites.of(self.mapped.block.address)]

    def _of_element(self, contributors: list[Mapped], path: Path) -> tuple[list[Mapped], Path]:
        """Of a list that several blocks make, the block that states the element, and the path within that block's own list."""
        at = first_position(path)
        if at is None:
            return contributors, path
        segment = path[at]
        for mapped in contributors:
            items = listed(self.stack.own(mapped), path[:at])
            index = position(items, segment)
            if index is not None:
                return [mapped], (*path[:at], index, *path[at + 1 :])
            if isinstance(segment, int):
                segment -= len(items)
        return contributors, path


def _lacks(made: Value, path: str) -> bool:
    """Whether nobody states the property at a path of names; what nobody knows may be stated."""
    for name in path.split("."):
        if not isinstance(made, Map):
            return False
        made = dict.get(made, name, ABSENT)
        if made is ABSENT:
            return True
    return False


def _copied(value: Value) -> Value:
    """Containers copied, so that merging leaves the original alone."""
    if isinstance(value, OpenMap):
        return OpenMap([(key, _copied(item)) for key, item in value.known.items()], value.rest)
    if isinstance(value, Map):
        return Map({key: _copied(item) for key, item in value.items()})
    if isinstance(value, OpenList):
        return OpenList([_copied(item) for item in value.known], value.rest)
    return List(_copied(item) for item in value) if isinstance(value, List) else value


def add_resources(graph: Graph, stack: Stack) -> None:
    """Put every managed block on the graph; satellites after their owners."""
    satellites: list[tuple[str, Mapped]] = []
    for address, mapped in stack.blocks.items():
        if mapped.spec is not None and mapped.spec.owner is not None:
            satellites.append((address, mapped))
        else:
            graph.add(_resource(stack, mapped, None))
            for made in made_resources(stack, mapped):
                graph.add(made)
    for address, mapped in satellites:
        graph.add(_resource(stack, mapped, stack.satellites.owner(address)))
    for document in loose_documents(stack):
        graph.add(document)


def _resource(stack: Stack, mapped: Mapped, owner: str | None) -> Resource:
    block = mapped.block
    region = block.region if block.type.startswith("aws") else None
    place = stack.root.origin(block, ())
    kind = mapped.kind
    single = _alone(mapped) if owner is None and block.present is not False else None
    if single is not None and stack.satellites.is_elsewhere(mapped):
        single = None
    if single is not None:
        kind = single.kind
        properties: Any = AloneProperties(stack, single)
    elif mapped.spec is not None and mapped.spec.owner is not None:
        owner_block = stack.blocks.get(owner) if owner else None
        if owner_block is not None:
            kind = owner_block.kind
        elif block.present is not False:
            kind = None  # a part of what nobody here describes is judged by nobody
        elif kind is None:
            owning = spec(mapped.spec.owner.types[0])
            kind = owning.kind if owning is not None else None
        properties = SatelliteProperties(stack, mapped)
    else:
        properties = BlockProperties(stack, mapped)
    return Resource(
        block.address,
        kind,
        block.type,
        properties,
        Origin(place.file, place.route, "resource"),
        part_of=owner,
        when=block.when,
        region=region if isinstance(region, str) else None,
        code=code_path(stack, mapped),
    )


class SatelliteProperties(BlockProperties):
    """The properties that one satellite states of its owner."""

    __slots__ = ()

    def _all(self) -> Map:
        return self.stack.own(self.mapped)

    def _contributors(self) -> list[Mapped]:
        return [self.mapped]


class AloneProperties(BlockProperties):
    """The properties of a satellite whose owner nobody here describes; of the owner itself, all that it does not state is unknown."""

    __slots__ = ()

    def _all(self) -> Map:
        own = self.stack.own(self.mapped)
        if self.mapped.spec is not None and self.mapped.spec.owner is not None:
            return OpenMap(list(own.items()), Unknown("what it is attached to is not described here"))
        return own


def _alone(mapped: Mapped) -> Mapped | None:
    """What a satellite is without its owner; None when that says nothing, or for what is no satellite."""
    for part in mapped.parts():
        found = part.spec
        if found is None or found.owner is None or not found.owner.alone:
            return None
        value = mapped.block.attributes[found.owner.argument or next(iter(found.owner.match))]
        if value is ABSENT or (isinstance(value, List) and not isinstance(value, OpenList) and not value):
            continue
        kind, named = found.owner.alone, found.owner.named
        if named:
            arguments = {**found.arguments, found.owner.argument: named}
            found = replace(found, owner=None, into="", arguments=arguments)
        return Mapped(mapped.block, found, kind)
    return None


def code_path(stack: Stack, mapped: Mapped) -> str | None:
    """The workspace path of the code that a resource runs, through the archive that is made of it."""
    argument = mapped.spec.code if mapped.spec is not None else ""
    if not argument:
        return None
    value: Value = stack.root.refers_to(mapped.block, (argument,)) or mapped.block.attributes[argument]
    if isinstance(value, Reference):
        archive = stack.data.get(value.address)
        if archive is None and value.address in stack.blocks:
            archive = stack.blocks[value.address].block
        if archive is None or archive.type != "archive_file":
            return None
        value = next((found for found in _sources(archive) if isinstance(found, str)), None)
    elif isinstance(value, str) and value.endswith(".zip"):
        value = _packed(stack, value)
    if not isinstance(value, str) or not value:
        return None
    path = value if value.startswith("/") else posixpath.normpath(posixpath.join(stack.root.folder, value))
    return None if path.startswith(("..", "/")) else path


def _packed(stack: Stack, package: str) -> Value:
    """What an archive of this name is made of, else the archive itself."""
    for archive in stack.data.values():
        if archive.type == "archive_file" and same(archive.attributes["output_path"], package):
            return next((found for found in _sources(archive) if isinstance(found, str)), package)
    return package


def _sources(archive: Block) -> Iterator[Value]:
    for name in ("source_dir", "source_file"):
        yield archive.attributes[name]
