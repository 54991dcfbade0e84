"""Writes changes into the configuration that states them, or beside it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Any

from stackworthy.core.fix import AddParameter, AddResource, Allow, Always, Change, Remove, Set
from stackworthy.core.origin import Origin, Route
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.path import Path, Selector, parse
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, OpenMap, Reference, Value, same
from stackworthy.core.workspace import Workspace
from stackworthy.sources.editing.consolidate import consolidated, nested
from stackworthy.sources.stack import Reading, StackRef
from stackworthy.sources.terraform.mapping.graph import BlockProperties, Mapped, Stack
from stackworthy.sources.terraform.mapping.table import Argument, spec
from stackworthy.sources.terraform.model import Block
from stackworthy.sources.terraform.resources import Instance
from stackworthy.sources.terraform.root import Root
from stackworthy.sources.terraform.writing.documents import REFERENCE, statement_blocks
from stackworthy.sources.terraform.writing.editor import Editor
from stackworthy.sources.terraform.writing.hcl_text import block_lines, expression, quoted
from stackworthy.sources.terraform.writing.kinds import (
    APART,
    along,
    attempted,
    json_rest,
    satellites_of,
    shared_out,
    types_of,
)
from stackworthy.sources.terraform.writing.naming import prefix, snake
from stackworthy.sources.terraform.writing.references import Added, Referrer, naming_attribute
from stackworthy.sources.terraform.writing.spelling import (
    Document,
    Native,
    Nested,
    Raw,
    complete,
    spelled,
    spelled_within,
    written,
)


def patch(workspace: Workspace, stack: StackRef, reading: Reading, changes: Sequence[Change]) -> list[Splice]:
    """The splices that carry out these changes; raises `CannotWrite`."""
    del reading
    if stack.path.endswith(".json"):
        raise CannotWrite("a plan is no source", "fix the configuration that it was made from")
    writer = _Writer(workspace)
    splices: list[Splice] = []
    for change in consolidated(changes):
        splices += writer.write(change)
    return splices + writer.gathered()


class _Writer:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._editors: dict[str, Editor] = {}
        self._added: dict[str, Added] = {}
        self._apart: dict[str, list[str]] = {}
        self._data: dict[str, None] = {}

    def _looked_up(self, block: Block, type_: str) -> str:
        """The address of a data source without arguments, which is added when the module has none of its type."""
        evaluator = block.evaluator
        if isinstance(evaluator, Instance):
            for mode, known, name in evaluator.group.module.folder.resources:
                if mode == "data" and known == type_:
                    return f"data.{type_}.{name}"
        if type_ not in self._data:
            self._data[type_] = None
            self._in_file(block, "data", [f'data "{type_}" "current" {{}}'])
        return f"data.{type_}.current"

    def write(self, change: Change) -> list[Splice]:
        if isinstance(change, Set):
            return self.set(change)
        if isinstance(change, Remove):
            return self.remove(change)
        if isinstance(change, AddResource):
            return self.add(change)
        if isinstance(change, AddParameter):
            return self.ask(change)
        if isinstance(change, Always):
            return self.always(change)
        if isinstance(change, Allow):
            return self.allow(change)
        raise CannotWrite("source code is not written by Terraform")

    def refer(self, stack: Stack, block: Block) -> Referrer:
        return Referrer(stack, block, self._added, self._looked_up)

    def editor(self, file: str) -> Editor:
        editor = self._editors.get(file)
        if editor is None:
            if file.endswith(".json") or not file:
                raise CannotWrite(f"the value stands in {file or 'the command line'}", "change it there")
            editor = self._editors[file] = Editor(file, self.workspace.read(file))
        return editor

    # Set

    def set(self, change: Set) -> list[Splice]:
        properties = _stated_in(change.resource)
        segments = parse(change.path)
        mapped, route, depth = properties._stated(change.path)
        root = _root(properties.stack)
        if not route:
            return self._state(properties, segments, change.value)
        arguments, goal = along(mapped.spec, route)
        if segments[-1] == "Statement" and goal is not None:
            made = self._statements(properties.stack, mapped, route, change.value)
            if made is not None:
                return made
        if depth == len(segments) and goal is not None:
            return self._replace(properties.stack, mapped, route, goal, change.value)
        if depth == len(segments):
            return self._whole(properties.stack, mapped, route, arguments, segments, change.value)
        return self._within(properties, mapped, root, route, arguments, goal, segments, depth, change.value)

    def _statements(self, stack: Stack, mapped: Mapped, route: Route, value: Value) -> list[Splice] | None:
        """Other statements in the policy document that an argument takes; None when it takes none."""
        root = _root(stack)
        span = root.span(root.origin(mapped.block, route[:1]))
        named = REFERENCE.fullmatch(self.workspace.read(span.file)[span.start_byte : span.end_byte])
        if named is None:
            return None
        users = sum(
            len(re.findall(rb"\b" + named[0] + rb"\b", self.workspace.read(file))) for file in root.files
        )
        block = next(
            (
                block
                for block in root.blocks
                if block.mode == "data"
                and block.type == "aws_iam_policy_document"
                and (block.module, block.name) == (mapped.block.module, named[1].decode())
            ),
            None,
        )
        if block is None or not block.owned or users > 1:
            raise CannotWrite(f"{named[0].decode()} is used in more places than this")
        span = root.span(root.origin(block, ()))
        editor = self.editor(span.file)
        found = editor.block_at(span.start_byte - editor.offset)
        return editor.replace_blocks(found, "statement", statement_blocks(value), self.refer(stack, block))

    def _whole(
        self,
        stack: Stack,
        mapped: Mapped,
        route: Route,
        arguments: dict[str, Any] | None,
        segments: Path,
        value: Value,
    ) -> list[Splice]:
        """One more nested block of a type that is there; or other values for all that one says."""
        if isinstance(segments[-1], int) and not isinstance(route[-1], int) and mapped.spec is not None:
            first: Path = (*(segment for segment in segments if isinstance(segment, str)), 0)
            return self._insert(stack, mapped, spelled(mapped.spec, nested(first, value)))
        if arguments is None or not isinstance(value, Map):
            raise CannotWrite("the whole of a nested block is not written at once")
        native = spelled_within(arguments, value)
        stated: Any = mapped.block.attributes
        for part in route:
            stated = stated[part]
        if not isinstance(stated, Map) or any(name not in native for name in stated):
            raise CannotWrite("the nested block says more than that")
        return self._insert(stack, mapped, native, route)

    def _replace(
        self, stack: Stack, mapped: Mapped, route: Route, goal: Argument, value: Value
    ) -> list[Splice]:
        """Another value for an argument that is there, where it is written and nothing else is taken from it."""
        return self._rewrite(stack, mapped, route, value if json_rest(route, goal) else written(goal, value))

    def _rewrite(self, stack: Stack, mapped: Mapped, route: Route, value: Value) -> list[Splice]:
        root = _root(stack)
        origin = root.origin(mapped.block, route)
        trail = root.trail(mapped.block, route)
        if trail and all(step.users == 1 for step in trail):
            origin = trail[-1].origin
        elif not mapped.block.owned and origin.role == "resource":
            raise CannotWrite("the module is not written here, and no argument of its call sets this")
        span = root.span(origin)
        editor = self.editor(span.file)
        start, end = span.start_byte - editor.offset, span.end_byte - editor.offset
        text = expression(value, self.refer(stack, mapped.block), editor.indentation(start))
        return editor.replace(start, end, text)

    def _within(
        self,
        properties: BlockProperties,
        mapped: Mapped,
        root: Root,
        route: Route,
        arguments: dict[str, Any] | None,
        goal: Argument | None,
        segments: Path,
        depth: int,
        value: Value,
    ) -> list[Splice]:
        """More inside of a nested block, a list or a document that is there."""
        refer = self.refer(properties.stack, mapped.block)
        if goal is not None and goal.block is None:
            return self._into_literal(mapped, root, route, segments[depth:], value, refer)
        if arguments is None:
            raise CannotWrite("what stands there takes no more arguments")
        rest = segments[depth:]
        first = rest[0]
        if not isinstance(first, str):
            return self._state(properties, segments, value)
        tree = Map({first: nested(rest[1:], value)})
        native = spelled_within(arguments, tree)
        return self._insert(properties.stack, mapped, native, route)

    def _into_literal(
        self, mapped: Mapped, root: Root, route: Route, rest: Path, value: Value, refer: Referrer
    ) -> list[Splice]:
        origin = root.origin(mapped.block, route)
        span = root.span(origin)
        editor = self.editor(span.file)
        start, end = span.start_byte - editor.offset, span.end_byte - editor.offset
        first, *deeper = rest
        value = nested(tuple(deeper), value)
        indent = editor.indentation(start)
        text = expression(value, refer, indent + "  ")
        if isinstance(first, str):
            return editor.put(start, end, first, text)
        if isinstance(first, Selector):
            raise CannotWrite("an element that is not there yet")
        return editor.append(start, end, text)

    def _state(self, properties: BlockProperties, segments: Path, value: Value) -> list[Splice]:
        """State a property that nobody states: in the block, in a satellite that is there, or in a new one."""
        mapped = properties.mapped
        if not mapped.block.owned:
            raise CannotWrite(
                "the module is not written here, and its call does not say it",
                "set it by an argument of the module, if it has one",
            )
        tree = nested(segments, value)
        for part in self._places(properties):
            native = attempted(part.spec, tree)
            if native is not None:
                return self._insert(properties.stack, part, native)
        made = self._satellite(properties, tree)
        if made is not None:
            return made
        native = attempted(mapped.spec, tree) if mapped.block.type in APART else None
        if native is None:
            raise CannotWrite("Terraform has no argument for exactly this")
        return self._insert(properties.stack, mapped, native)

    def _places(self, properties: BlockProperties) -> Iterator[Mapped]:
        """The blocks that could state a property: satellites that are there first where the provider wants them so."""
        satellites = properties._contributors()[1:]
        if properties.mapped.block.type in APART:
            yield from satellites
        else:
            yield properties.mapped
            yield from satellites

    def _insert(self, stack: Stack, mapped: Mapped, native: Native, route: Route = ()) -> list[Splice]:
        """Add arguments and nested blocks to the block at a route; what is there with null as its value is given another."""
        root = _root(stack)
        span = root.span(root.origin(mapped.block, route))
        editor = self.editor(span.file)
        block = editor.block_at(span.start_byte - editor.offset)
        refer = self.refer(stack, mapped.block)
        splices: list[Splice] = []
        added: Native = {}
        for name, value in native.items():
            if editor.has_argument(block, name):
                splices += self._rewrite(stack, mapped, (*route, name), value)
            elif isinstance(value, Nested) and editor.has_block(block, name):
                splices += self._insert(stack, mapped, value, (*route, name, 0))
            else:
                added[name] = value
        return splices + (editor.insert(block, added, refer) if added else [])

    def _satellite(self, properties: BlockProperties, tree: Map) -> list[Splice] | None:
        """A new resource beside the block that states the property."""
        block = properties.mapped.block
        for type_ in satellites_of(block.type):
            found = spec(type_)
            assert found is not None
            assert found.owner is not None
            native = attempted(found, tree)
            if native is None:
                continue
            name = self.refer(properties.stack, block).name(block)
            if found.owner.match:
                naming: Native = {ours: Raw(f"{name}.{theirs}") for ours, theirs in found.owner.match.items()}
            else:
                naming = {
                    found.owner.argument: Raw(f"{name}.{naming_attribute(block.type, found.owner.argument)}")
                }
            return self._beside(properties.stack, block, type_, block.name, {**naming, **native})
        return None

    def _beside(
        self,
        stack: Stack,
        block: Block,
        type_: str,
        name: str,
        native: Native,
        change: AddResource | None = None,
    ) -> list[Splice]:
        """A new resource block behind the one that it serves, repeated as that one is."""
        root = _root(stack)
        native = complete(type_, name, native, prefix(stack, block, self.workspace))
        taken = {
            other.block.name
            for other in stack.blocks.values()
            if other.block.type == type_ and other.block.module == block.module
        }
        taken |= {added.name for added in self._added.values() if added.type == type_}
        name = _free(name, taken)
        span = root.span(root.origin(block, ()))
        editor = self.editor(span.file)
        found = editor.block_at(span.start_byte - editor.offset)
        repeated = editor.meta(found)
        if change is not None and change.apart:
            repeated = ""
            self._added[change.label] = Added(type_, name)
        elif change is not None:
            self._added[change.label] = Added(type_, name, repeated)
        lines = block_lines(f'resource "{type_}" "{name}"', native, self.refer(stack, block), "")
        if change is not None and change.apart:
            return self._in_file(block, change.apart, lines)
        if repeated:
            lines = [lines[0], f"  {repeated}", "", *lines[1:]]
        return editor.after(found, "\n".join(lines))

    # Remove, add, allow

    def remove(self, change: Remove) -> list[Splice]:
        properties = _stated_in(change.resource)
        mapped, route, depth = properties._stated(change.path)
        if depth < len(parse(change.path)):
            raise CannotWrite("the property is not written as such")
        root = _root(properties.stack)
        span = root.span(Origin(*root.origin(mapped.block, route)[:2], "key"))
        editor = self.editor(span.file)
        return editor.remove(span.start_byte - editor.offset)

    def add(self, change: AddResource) -> list[Splice]:
        properties = _stated_in(change.beside)
        block = properties.mapped.block
        if not block.owned:
            raise CannotWrite("the module that it belongs to is not written here")
        wanted = change.properties if isinstance(change.properties, Map) else Map(change.properties)
        label = snake(change.label.removeprefix(f"{block.type}.").replace(f"{block.type}.", ""))
        for type_ in types_of(change.kind):
            own, apart = shared_out(type_, wanted)
            native = attempted(spec(type_), own)
            if native is None or apart is None:
                continue
            if type_ == block.type and not change.apart:
                native = self._like(properties, native)
            splices = self._beside(properties.stack, block, type_, label, native, change)
            for satellite, stated in apart:
                added = self._added[change.label]
                owner = spec(satellite)
                assert owner is not None
                assert owner.owner is not None
                name = f"{added.type}.{added.name}.{naming_attribute(type_, owner.owner.argument)}"
                whole = {owner.owner.argument: Raw(name), **stated}
                part = AddResource(
                    change.kind, f"{change.label} {satellite}", Map(), change.beside, change.apart
                )
                splices += self._beside(properties.stack, block, satellite, added.name, whole, part)
            return splices
        raise CannotWrite(f"no resource of Terraform states exactly this {change.kind}")

    def always(self, change: Always) -> list[Splice]:
        """Take `count` away, where nothing counts on it."""
        properties = change.resource.properties
        block = properties.mapped.block if isinstance(properties, BlockProperties) else None
        if block is None or not block.owned:
            raise CannotWrite("the resource is not stated in a block of its own")
        assert isinstance(properties, BlockProperties)
        root = _root(properties.stack)
        span = root.span(root.origin(block, ()))
        for file in root.files:
            if re.search(rf"\b{block.type}\.{block.name}\[".encode(), self.workspace.read(file)):
                raise CannotWrite(f"{file} refers to one of the instances of {block.type}.{block.name}")
        return self.editor(span.file).remove_meta(span.start_byte, "count")

    def _like(self, properties: BlockProperties, native: Native) -> Native:
        """A resource much like the one beside it repeats what that one says, in its words and its order."""
        block, root = properties.mapped.block, _root(properties.stack)
        made: Native = {}
        stated = list(block.attributes.known if isinstance(block.attributes, OpenMap) else block.attributes)
        for name in (*stated, *native):
            if name not in native or name in made or (name not in stated and name.startswith("tags")):
                continue
            value, theirs = native[name], block.attributes[name]
            if name not in stated or isinstance(value, (Nested, Document)):
                made[name] = value
                continue
            span = root.span(root.origin(block, (name,)))
            text = self.workspace.read(span.file)[span.start_byte : span.end_byte].decode()
            made[name] = _same_words(value, theirs, text)
        return made

    def ask(self, change: AddParameter) -> list[Splice]:
        """A variable without a default, where the module keeps its variables."""
        properties = _stated_in(change.beside)
        block = properties.mapped.block
        if block.module:
            raise CannotWrite(
                f"{block.module} would need one more argument: {change.description.lower()}",
                "give the module a variable for it, and its call a value",
            )
        name = _free(snake(change.label), set(_root(properties.stack).variables))
        self._added[change.label] = Added("", name)
        native: Native = {"description": change.description, "type": Raw("string")}
        lines = block_lines(f'variable "{name}"', native, self.refer(properties.stack, block), "")
        return self._in_file(block, "variables", lines)

    def _in_file(self, block: Block, name: str, lines: list[str]) -> list[Splice]:
        """Blocks at the end of a file of the module, which is made when it is not there."""
        file = posixpath.join(posixpath.dirname(block.file), f"{name}.tf")
        self._apart.setdefault(file, []).append("\n".join(lines))
        return []

    def gathered(self) -> list[Splice]:
        """The splices of the files that take whole blocks."""
        splices: list[Splice] = []
        for file, blocks in self._apart.items():
            text = "\n\n".join(blocks) + "\n"
            if not self.workspace.exists(file):
                splices.append(Splice(file, 0, 0, text.encode()))
                continue
            editor = self.editor(file)
            end = len(editor.data.rstrip())
            splices.append(editor.splice(end, len(editor.data), "\n\n" + text))
        return splices

    def allow(self, change: Allow) -> list[Splice]:
        """A policy of its own for the role."""
        properties = _stated_in(change.principal)
        block = properties.mapped.block
        if block.type != "aws_iam_role" or not block.owned:
            raise CannotWrite("only a role that is written here can be given more permissions")
        statement = Map(
            Effect="Allow",
            Action=List(change.actions) if len(change.actions) > 1 else change.actions[0],
            Resource=List(change.resources) if len(change.resources) > 1 else change.resources[0],
        )
        document = Map(Version="2012-10-17", Statement=List([statement]))
        refer = self.refer(properties.stack, block)
        native: Native = {"role": Raw(f"{refer.name(block)}.id"), "policy": Document(document)}
        action = change.actions[0].replace(":", "_")
        label = (
            re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", f"{block.name}_{action}").strip("_").lower()
        )
        return self._beside(properties.stack, block, "aws_iam_role_policy", label, native)


def _stated_in(resource: Resource) -> BlockProperties:
    properties = resource.properties
    if not isinstance(properties, BlockProperties):
        raise CannotWrite("the resource is not stated in a block of its own")
    return properties


def _root(stack: Stack) -> Root:
    if not isinstance(stack.root, Root):
        raise CannotWrite("a plan is no source", "fix the configuration that it was made from")
    return stack.root


def _same_words(value: Value, theirs: Value, text: str) -> Value:
    """The text of an expression where it means the value, with what a name has more at its end; else the value."""
    if same(value, theirs) or (
        isinstance(value, List)
        and isinstance(theirs, List)
        and len(value) == len(theirs)
        and all(isinstance(item, Reference) for item in (*value, *theirs))
    ):
        return Raw(text)
    if isinstance(value, str) and isinstance(theirs, str) and value.startswith(theirs) and text.endswith('"'):
        return Raw(text[:-1] + quoted(value[len(theirs) :])[1:-1] + '"')
    return value


def _free(name: str, taken: set[str]) -> str:
    made, number = name, 2
    while made in taken:
        made, number = f"{name}_{number}", number + 1
    return made
