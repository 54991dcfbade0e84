"""Writes changes into the configuration that states them, or beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from stackworthy.core.fix import AddParameter, AddResource, Allow, Always, Change, Remove, Set
from stackworthy.core.origin import Origin, Route
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.path import parse
from stackworthy.core.value import ABSENT, Value
from stackworthy.core.workspace import Workspace
from stackworthy.sources.editing.consolidate import consolidated
from stackworthy.sources.stack import Reading, StackRef
from stackworthy.sources.terraform.mapping.graph import BlockProperties, Mapped
from stackworthy.sources.terraform.mapping.table import target
from stackworthy.sources.terraform.writing.adding import Adding
from stackworthy.sources.terraform.writing.context import Context, root_of, stated_in
from stackworthy.sources.terraform.writing.hcl_text import aligned
from stackworthy.sources.terraform.writing.setting import Setting


def patch(workspace: Workspace, stack: StackRef, reading: Reading, changes: Sequence[Change]) -> list[Splice]:
    """The splices that carry out these changes; raises `CannotWrite`."""
    del reading
    if stack.path.endswith(".json"):
        raise CannotWrite("a plan is no source", "fix the configuration that it was made from")
    writer = _Writer(Context(workspace))
    splices: list[Splice] = []
    for change in consolidated(changes):
        splices += writer.write(change)
    return _joined(splices) + writer.context.gathered()


_LONE = re.compile(rb"((?:\r?\n){2})( *)([\w-]+) += ([^\r\n]+)\Z")
"""An argument that is inserted as a group of its own."""


def _joined(splices: Sequence[Splice]) -> list[Splice]:
    """The splices, arguments that the same fix inserts at one place as one group."""
    groups: dict[tuple[str, int, bytes, bytes], dict[str, str]] = {}
    made: list[Splice | tuple[str, int, bytes, bytes]] = []
    for splice in splices:
        found = _LONE.match(splice.text) if splice.start == splice.end else None
        if found is None:
            made.append(splice)
            continue
        lead, indent, name, value = found.groups()
        key = (splice.file, splice.start, lead, indent)
        if key not in groups:
            made.append(key)
        entries = groups.setdefault(key, {})
        if entries.setdefault(name.decode(), value.decode()) != value.decode():
            raise CannotWrite(f"{name.decode()} would be given two values")
    return [item if isinstance(item, Splice) else _group(item, groups[item]) for item in made]


def _group(key: tuple[str, int, bytes, bytes], entries: Mapping[str, str]) -> Splice:
    file, start, lead, indent = key
    eol = lead[: len(lead) // 2].decode()
    text = eol.join(aligned(list(entries.items()), indent.decode()))
    return Splice(file, start, start, lead + text.encode())


class _Writer:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.adding = Adding(context)
        self.setting = Setting(context, self.adding)

    def write(self, change: Change) -> list[Splice]:
        if isinstance(change, Set):
            return self.setting.set(change)
        if isinstance(change, Remove):
            return self.remove(change)
        if isinstance(change, AddResource):
            return self.adding.add(change)
        if isinstance(change, AddParameter):
            return self.adding.ask(change)
        if isinstance(change, Always):
            return self.always(change)
        if isinstance(change, Allow):
            return self.adding.allow(change)
        raise CannotWrite("source code is not written by Terraform")

    def remove(self, change: Remove) -> list[Splice]:
        properties = stated_in(change.resource)
        mapped, route, depth = properties._stated(change.path)
        if depth < len(parse(change.path)):
            raise CannotWrite("the property is not written as such")
        root = root_of(properties.stack)
        spans = [
            root.span(Origin(*root.origin(mapped.block, one)[:2], "key"))
            for one in _routes(mapped, route, change.path)
        ]
        if len({span.file for span in spans}) > 1:
            raise CannotWrite("the parts of the property stand in several files")
        editor = self.context.editor(spans[0].file)
        return editor.remove(*(span.start_byte - editor.offset for span in spans))

    def always(self, change: Always) -> list[Splice]:
        """Take `count` away, where nothing counts on it."""
        properties = change.resource.properties
        block = properties.mapped.block if isinstance(properties, BlockProperties) else None
        if block is None or not block.owned:
            raise CannotWrite("the resource is not stated in a block of its own")
        assert isinstance(properties, BlockProperties)
        root = root_of(properties.stack)
        span = root.span(root.origin(block, ()))
        for file in root.files:
            if re.search(rf"\b{block.type}\.{block.name}\[".encode(), self.context.workspace.read(file)):
                raise CannotWrite(f"{file} refers to one of the instances of {block.type}.{block.name}")
        return self.context.editor(span.file).remove_meta(span.start_byte, "count")


def _routes(mapped: Mapped, route: Route, path: str) -> list[Route]:
    """All arguments that state a property or parts of it."""
    found = mapped.spec
    if found is None or len(route) != 1:
        return [route]
    own = [
        name
        for name, entry in found.arguments.items()
        if (target(entry).to == path or target(entry).to.startswith(f"{path}."))
        and _is_stated(mapped.block.attributes[name])
    ]
    return [(name,) for name in own] or [route]


def _is_stated(value: Value) -> bool:
    return value is not ABSENT and value is not None
