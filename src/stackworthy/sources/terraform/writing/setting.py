"""Values of properties: in the argument that states them, in a nested block, in a literal, in a satellite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stackworthy.core.fix import Set
from stackworthy.core.origin import Route
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.path import Path, Selector, parse, unparse
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, Value
from stackworthy.sources.editing.consolidate import nested
from stackworthy.sources.terraform.mapping.graph import BlockProperties, Mapped, Stack
from stackworthy.sources.terraform.mapping.table import Argument
from stackworthy.sources.terraform.root import Root
from stackworthy.sources.terraform.writing.adding import Adding
from stackworthy.sources.terraform.writing.context import Context, root_of, stated_in
from stackworthy.sources.terraform.writing.documents import REFERENCE, statement_blocks
from stackworthy.sources.terraform.writing.hcl_text import expression
from stackworthy.sources.terraform.writing.hcl_text import nested as nested_blocks
from stackworthy.sources.terraform.writing.heredocs import is_heredoc, set_within
from stackworthy.sources.terraform.writing.kinds import (
    APART,
    along,
    attempted,
    json_rest,
)
from stackworthy.sources.terraform.writing.module_arguments import handed_in, takes
from stackworthy.sources.terraform.writing.references import Referrer
from stackworthy.sources.terraform.writing.spelling import (
    Native,
    Nested,
    spelled,
    spelled_within,
    written,
)


class Setting:
    """Sets properties in the files of a context."""

    def __init__(self, context: Context, adding: Adding) -> None:
        self.context = context
        self.adding = adding

    def set(self, change: Set) -> list[Splice]:
        properties = stated_in(change.resource)
        segments = parse(change.path)
        mapped, route, depth = properties._stated(change.path)
        root = root_of(properties.stack)
        if not route:
            return self._state(properties, segments, change.value)
        arguments, goal = along(mapped.spec, route)
        if goal is not None and "Statement" in segments[-2:]:
            more = segments[-1] != "Statement"
            made = self._statements(properties.stack, mapped, route, change.value, more=more)
            if made is not None:
                return made
        if goal is not None and json_rest(route, goal):
            made = self._in_heredoc(properties.stack, mapped, route, change.value)
            if made is not None and depth == len(segments):
                return made
        if depth == len(segments) and goal is not None and len(route) > 1:
            # A route goes on into a document, whether that says so much or not.
            stated = _stated_depth(change.resource, segments)
            if stated < depth:
                mapped, route, _ = properties._stated(unparse(segments[:stated]))
                refer = self.context.refer(properties.stack, mapped.block)
                return self._into_literal(mapped, root, route, segments[stated:], change.value, refer)
        if depth == len(segments) and goal is not None:
            return self._replace(properties.stack, mapped, route, goal, change.value)
        if depth == len(segments):
            return self._whole(properties.stack, mapped, route, arguments, segments, change.value)
        return self._within(properties, mapped, root, route, arguments, goal, segments, depth, change.value)

    def _in_heredoc(self, stack: Stack, mapped: Mapped, route: Route, value: Value) -> list[Splice] | None:
        """Another value in a document that stands in a heredoc; None when it stands in none."""
        root = root_of(stack)
        span = root.span(root.origin(mapped.block, route[:1]))
        text = self.context.workspace.read(span.file)[span.start_byte : span.end_byte]
        if not is_heredoc(text):
            return None
        refer = self.context.refer(stack, mapped.block)
        return set_within(span.file, text, span.start_byte, route[1:], value, refer)

    def _statements(
        self, stack: Stack, mapped: Mapped, route: Route, value: Value, *, more: bool
    ) -> list[Splice] | None:
        """Other statements in the policy document that an argument takes, or one more; None when it takes none."""
        root = root_of(stack)
        span = root.span(root.origin(mapped.block, route[:1]))
        named = REFERENCE.fullmatch(self.context.workspace.read(span.file)[span.start_byte : span.end_byte])
        if named is None:
            return None
        users = sum(
            len(re.findall(rb"\b" + named[0] + rb"\b", self.context.workspace.read(file)))
            for file in root.files
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
        editor = self.context.editor(span.file)
        found = editor.block_at(span.start_byte - editor.offset)
        if more:
            if route[-1] != editor.count_blocks(found, "statement"):
                raise CannotWrite("a statement of a policy document is not written anew")
            one = statement_blocks(List([value]))
            return editor.insert(found, {"statement": one}, self.context.refer(stack, block))
        return editor.replace_blocks(
            found, "statement", statement_blocks(value), self.context.refer(stack, block)
        )

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
        root = root_of(stack)
        origin = root.origin(mapped.block, route)
        trail = root.trail(mapped.block, route)
        if trail and all(step.users == 1 for step in trail):
            origin = trail[-1].origin
        elif takes(mapped.block, route) or (not mapped.block.owned and origin.role == "resource"):
            return handed_in(self.context, mapped.block, {str(route[-1]): value}, route[:-1])
        span = root.span(origin)
        editor = self.context.editor(span.file)
        start, end = span.start_byte - editor.offset, span.end_byte - editor.offset
        text = expression(value, self.context.refer(stack, mapped.block), editor.indentation(start))
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
        refer = self.context.refer(properties.stack, mapped.block)
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
        editor = self.context.editor(span.file)
        start, end = span.start_byte - editor.offset, span.end_byte - editor.offset
        if len(route) > 1 and origin == root.origin(mapped.block, route[:1]):
            raise CannotWrite("the document is written as one text", "write it with jsonencode")
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
        tree = nested(segments, value)
        if not mapped.block.owned:
            return self._by_argument(properties, tree)
        for part in self._places(properties):
            native = attempted(part.spec, tree)
            if native is not None:
                return self._insert(properties.stack, part, native)
        made = self.adding.satellite(properties, tree)
        if made is not None:
            return made
        native = attempted(mapped.spec, tree) if mapped.block.type in APART else None
        if native is None:
            raise CannotWrite("Terraform has no argument for exactly this")
        return self._insert(properties.stack, mapped, native)

    def _by_argument(self, properties: BlockProperties, tree: Map) -> list[Splice]:
        """State a property of what a module makes that is not written here."""
        for part in properties._contributors():
            native = attempted(part.spec, tree)
            if native is not None:
                return handed_in(self.context, part.block, native)
        raise CannotWrite(
            "the module is not written here, and its call does not say it",
            "set it by an argument of the module, if it has one",
        )

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
        root = root_of(stack)
        span = root.span(root.origin(mapped.block, route))
        editor = self.context.editor(span.file)
        block = editor.block_at(span.start_byte - editor.offset)
        refer = self.context.refer(stack, mapped.block)
        splices: list[Splice] = []
        added: Native = {}
        for name, value in native.items():
            if nested_blocks(value) and editor.has_dynamic(block, name):
                splices += handed_in(self.context, mapped.block, {name: value}, route)
            elif editor.has_argument(block, name):
                splices += self._rewrite(stack, mapped, (*route, name), value)
            elif isinstance(value, Nested) and editor.has_block(block, name):
                splices += self._insert(stack, mapped, value, (*route, name, 0))
            else:
                added[name] = value
        return splices + (editor.insert(block, added, refer) if added else [])


def _stated_depth(resource: Resource, segments: Path) -> int:
    """How many segments of a path lead to what is stated."""
    for length in range(len(segments), 0, -1):
        if resource.stated(unparse(segments[:length])) is not ABSENT:
            return length
    return 0
