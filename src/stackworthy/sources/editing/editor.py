"""Edits of one YAML or JSON file by routes: set a value, take one away. Each gives the smallest splice; nothing is applied here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.sources.cloudformation.text import BOM
from stackworthy.sources.cloudformation.yaml_text import plain
from stackworthy.sources.editing.style import Style, column_of, style_of
from stackworthy.sources.editing.tree import LIST, MAP, SCALAR, Entry, Node, json_tree, yaml_tree


@lru_cache(maxsize=16)
def editor(file: str, content: bytes, json: bool) -> Editor:
    """The editor of a file; the fixes of one round share it."""
    return Editor(file, content, json=json)


class Editor:
    """One file. Routes lead through keys and indices; a tag counts as the key of its function (`!If` is `Fn::If`)."""

    def __init__(self, file: str, content: bytes, *, json: bool = False) -> None:
        self.file = file
        self._bom = len(BOM) if content.startswith(BOM) else 0
        self.text = content.removeprefix(BOM).decode()
        self.root = json_tree(self.text) if json else yaml_tree(content, self.text)
        self.style: Style = style_of(self.root, self.text, json=json)

    # What the rest of the program asks for.

    def set(self, route: Route, value: Any) -> list[Splice]:
        """Give what the route leads to this value; parents that are missing are made. Nothing when it is so already."""
        node, rest, _ = self._descend(route)
        if not rest:
            if self._other_branch(route) == value:
                return self.set(route[:-2], value)
            return self._replace(node, value, self._entry_of(route))
        for part in reversed(rest[1:]):
            if isinstance(part, int):
                if part:
                    raise CannotWrite(f"element {part} of a list that is not there yet")
                value = [value]
            else:
                value = {part: value}
        if isinstance(rest[0], int):
            return self._append(node, value, self._entry_of(route[: -len(rest)]))
        return self._insert(node, rest[0], value, self._entry_of(route[: -len(rest)]))

    def _other_branch(self, route: Route) -> Any:
        """What the other branch of a choice says when the route leads to one: a choice between equals is none."""
        if len(route) < 3 or route[-2] != "Fn::If" or route[-1] not in (1, 2):
            return _NOTHING
        node, rest, _ = self._descend((*route[:-1], 3 - route[-1]))
        return _NOTHING if rest else _plain(node, json=self.style.json)

    def set_all(self, wanted: Sequence[tuple[Route, Any]]) -> list[Splice]:
        """Set several values; a parent that is missing is made once for all that need it."""
        made: dict[Route, Any] = {}
        for route, value in wanted:
            _, rest, _ = self._descend(route)
            top = route[: len(route) - len(rest) + 1] if rest else route
            for part in reversed(route[len(top) :]):
                value = {part: value} if isinstance(part, str) else [value]
            made[top] = _merged(made[top], value) if top in made else value
        splices: list[Splice] = []
        for route, value in made.items():
            if len(route) == 1 and isinstance(route[0], str) and not self.has(route):
                splices += self._section(route[0], value)
            else:
                splices += self.set(route, value)
        return splices

    def _section(self, name: str, value: Any) -> list[Splice]:
        """A new section of a template: behind the one before `Resources`, or before it when it is the first."""
        names = [entry.key for entry in self.root.entries] if self.root is not None else []
        at = names.index("Resources") if "Resources" in names else len(names)
        if at or self.style.json or self.root is None or self.root.flow:
            return self.add_entry((), name, value, after=names[at - 1] if at else "")
        start = self.root.entries[0].start
        lines = self.style.entry(name, value, column_of(self.text, start))
        return [self.splice(start, start, self.style.eol.join([*lines, "", ""]))]

    def append(self, route: Route, value: Any) -> list[Splice]:
        """Add an element to the list that the route leads to; the list is made when it is not there."""
        node, rest, _ = self._descend(route)
        if rest:
            return self.set(route, [value])
        return self._append(node, value, self._entry_of(route))

    def remove(self, route: Route) -> list[Splice]:
        """Take away what the route leads to, and parents that would be left empty. Nothing when it is not there."""
        node, rest, path = self._descend(route)
        if rest:
            return []
        while len(path) > 1 and _count(path[-1][0]) == 1 and len(path) > 2:
            path.pop()
        parent, key = path[-1]
        del node
        return self._without(parent, key)

    def add_entry(self, route: Route, key: str, value: Any, *, after: str = "") -> list[Splice]:
        """Add a key to the map that the route leads to, after the entry of that name, else after the last one."""
        node, rest, _ = self._descend(route)
        if rest:
            return self.set((*route, key), value)
        return self._insert(node, key, value, self._entry_of(route), after)

    def is_text(self, route: Route) -> bool:
        """Whether the route leads to a text, be it one that looks like a number or a truth value."""
        node, rest, _ = self._descend(route)
        return not rest and node.kind == SCALAR and isinstance(_plain(node, json=self.style.json), str)

    def has(self, route: Route) -> bool:
        """Whether the route leads to something."""
        return not self._descend(route)[1]

    def splice(self, start: int, end: int, text: str) -> Splice:
        """A splice of characters, as bytes of the file."""
        return Splice(self.file, self._byte(start), self._byte(end), text.encode())

    # How it is done.

    def _byte(self, index: int) -> int:
        return self._bom + len(self.text[:index].encode())

    def _descend(self, route: Route) -> tuple[Node, Route, list[tuple[Node, str | int]]]:
        """The deepest node that exists, the rest of the route, and the way there (parent and key)."""
        if self.root is None:
            raise CannotWrite("the file is empty")
        node = self.root
        path: list[tuple[Node, str | int]] = []
        for position, part in enumerate(route):
            if node.alias and node.target is not None:
                node = node.target
            function = node.tag.removeprefix("!")
            if function and part in (function, f"Fn::{function}"):
                continue
            child = None
            if isinstance(part, int):
                child = node.items[part] if node.kind == LIST and part < len(node.items) else None
            elif node.kind == MAP:
                while (entry := node.entry(part)) is None and (merged := _merges_only(node)) is not None:
                    node = merged
                child = entry.value if entry else None
            if child is None:
                if node.alias or (node.kind == SCALAR and node.tag):
                    raise CannotWrite("what stands there is shared by an alias, or worked out by a function")
                return node, route[position:], path
            path.append((node, part))
            node = child
        return node, (), path

    def _entry_of(self, route: Route) -> Entry | None:
        """The entry whose value the route leads to."""
        _, rest, path = self._descend(route)
        if rest or not path:
            return None
        parent, key = path[-1]
        return parent.entry(key) if isinstance(key, str) else None

    def _insert(self, node: Node, key: str, value: Any, own: Entry | None, after: str = "") -> list[Splice]:
        if node.alias:
            raise CannotWrite("what stands there is shared by an alias")
        if (
            node.kind == SCALAR
            and node.style == "plain"
            and node.text in ("", "~", "null")
            and not self.style.json
        ):
            return self._replace(node, {key: value}, own)
        if node.kind != MAP or (node.tag and node.tag != "!!map"):
            raise CannotWrite("what stands there is no map that could take another key")
        if self._only_merges(node, key):
            raise CannotWrite("the value comes from a merged anchor that others share")
        if not node.entries:
            return self._replace(node, {key: value}, own)
        last = (node.entry(after) if after else None) or node.entries[-1]
        if node.flow:
            return [
                self._into_flow(
                    node, last.start, last.value.end, self._flow_entry(key, value, node, last.start)
                )
            ]
        column = column_of(self.text, node.entries[0].start)
        lines = self.style.entry(key, value, column)
        return [
            self._line_after(last.value.end, [" " * column + lines[0], *lines[1:]], self._spaced(node, last))
        ]

    def _spaced(self, node: Node, last: Entry) -> bool:
        """Whether a blank line stands between the entry and its neighbour."""
        index = node.entries.index(last)
        if len(node.entries) < 2:
            return False
        one, other = (
            (last, node.entries[index + 1])
            if index + 1 < len(node.entries)
            else (node.entries[index - 1], last)
        )
        return self.text[one.value.end : other.start].count("\n") > 1

    def _only_merges(self, node: Node, key: str) -> bool:
        return (
            bool(node.entries)
            and all(entry.key == "<<" for entry in node.entries)
            and node.entry(key) is None
        )

    def _line_after(self, index: int, lines: list[str], blank_line: bool = False) -> Splice:
        """Whole lines behind the line that holds an index, behind the comment that ends it."""
        end = self.text.find("\n", max(index - 1, 0) if self.text[index - 1 : index] == "\n" else index)
        if end < 0:
            at, before, after = len(self.text), self.style.eol, ""
        else:
            at = end
            before, after = self.style.eol, ""
            if self.text[end - 1 : end] == "\r":
                at = end - 1
        if blank_line:
            before += self.style.eol
        return self.splice(at, at, before + self.style.eol.join(lines) + after)

    def _flow_entry(self, key: str, value: Any, node: Node, sibling: int) -> str:
        column = column_of(self.text, sibling)
        if self.style.json or self.text[sibling] == '"':
            json = Style(step=self.style.step, json=True, eol=self.style.eol)
            if self._on_lines(node):
                return self.style.eol.join(json.entry(key, value, column))
            return f"{json.text(key)}: {json.inline(value, flow=True)}"
        return f"{self.style.text(key, flow=True)}: {self.style.inline(value, flow=True)}"

    def _into_flow(self, node: Node, sibling: int, end: int, text: str) -> Splice:
        if self._on_lines(node):
            pad = self.style.eol + " " * column_of(self.text, sibling)
            return self.splice(end, end, f",{pad}{text}")
        return self.splice(end, end, f", {text}")

    def _on_lines(self, node: Node) -> bool:
        """Whether the first part of a flow map or list stands on a line of its own."""
        first = node.entries[0].start if node.entries else node.items[0].start if node.items else node.start
        return "\n" in self.text[node.start : first]

    def _append(self, node: Node, value: Any, own: Entry | None) -> list[Splice]:
        if node.alias:
            raise CannotWrite("what stands there is shared by an alias")
        if node.kind != LIST or (node.tag and node.tag != "!!seq"):
            raise CannotWrite("what stands there is no list that could take another element")
        if not node.items:
            return self._replace(node, [value], own)
        last = node.items[-1]
        if not node.flow:
            dash = column_of(self.text, node.start)
            lines = self.style.block([value], dash)
            return [self._line_after(last.end, [" " * dash + lines[0], *lines[1:]])]
        json = self.style.json or self.text[last.start] == '"'
        style = Style(step=self.style.step, json=True, eol=self.style.eol) if json else self.style
        if self._on_lines(node) and json:
            text = (
                self.style.eol.join(style.block(value, column_of(self.text, last.start)))
                if isinstance(value, (dict, list))
                else str(style.inline(value))
            )
        else:
            text = str(style.inline(value, flow=True))
        return [self._into_flow(node, last.start, last.end, text)]

    def _replace(self, node: Node, value: Any, own: Entry | None) -> list[Splice]:
        if node.anchor:
            raise CannotWrite("the value has an anchor that others may share")
        in_flow = self._in_flow(node)
        if self.style.json:
            lines = (
                self.style.block(value, self._own_column(node, own))
                if isinstance(value, (dict, list)) and value
                else None
            )
            text = self.style.eol.join(lines) if lines else str(self.style.inline(value))
            return self._unless_same(node.start, node.end, text)
        short = self.style.inline(value, flow=in_flow)
        if short is not None:
            if isinstance(value, str) and node.style in ("'", '"') and "\n" not in value:
                short = Style(quote=node.style).text(value) if node.style == "'" else None
                short = _quoted(value, node.style)
            if own is not None and not in_flow and node.start <= own.end:
                return [self.splice(own.end, own.end, self._colon(own) + short)]
            if own is not None and not in_flow and self._below(own, node):
                return self._unless_same(own.end, node.end, f": {short}")
            return self._unless_same(node.start, node.end, short)
        if own is None:
            column = column_of(self.text, node.start)
            return self._unless_same(
                node.start, node.end, self.style.eol.join(self.style.block(value, column))
            )
        column = column_of(self.text, own.start)
        first, *rest = self.style.entry("k", value, column)
        return self._unless_same(own.end, max(node.end, own.end + 1), self.style.eol.join([first[1:], *rest]))

    def _colon(self, own: Entry) -> str:
        return ": " if self.text[own.end : own.end + 1] != ":" else " "

    def _below(self, own: Entry, node: Node) -> bool:
        """Whether the value begins on a later line than its key."""
        return "\n" in self.text[own.end : node.start]

    def _own_column(self, node: Node, own: Entry | None) -> int:
        start = own.start if own is not None else node.start
        line = self.text.rfind("\n", 0, start) + 1
        return (
            len(self.text[line:start]) - len(self.text[line:start].lstrip()) if own is None else start - line
        )

    def _in_flow(self, node: Node) -> bool:
        """Whether the node stands inside braces or brackets."""
        pending = [self.root] if self.root is not None else []
        while pending:
            current = pending.pop()
            if current is node or not current.start <= node.start < max(current.end, current.start + 1):
                continue
            if current.flow:
                return True
            pending.extend(entry.value for entry in current.entries)
            pending.extend(current.items)
        return False

    def _unless_same(self, start: int, end: int, text: str) -> list[Splice]:
        return [] if self.text[start:end] == text else [self.splice(start, end, text)]

    def _without(self, parent: Node, key: str | int) -> list[Splice]:
        parts = (
            [(entry.start, entry.value.end) for entry in parent.entries]
            if parent.kind == MAP
            else [(item.start, item.end) for item in parent.items]
        )
        if isinstance(key, int):
            index = key
        else:
            index = max(at for at, entry in enumerate(parent.entries) if entry.key == key)
        start, end = parts[index]
        if parent.flow:
            if index:
                return [self.splice(parts[index - 1][1], end, "")]
            after = parts[1][0] if len(parts) > 1 else end
            return [self.splice(start, after, "")]
        if parent.kind == LIST:
            start = (
                self.text.rfind("-", 0, start)
                if self.text[start] != "-" or parent.items[index].kind == LIST
                else start
            )
            start = self._dash(parent, index, start)
        line = self.text.rfind("\n", 0, start) + 1
        if self.text[line:start].strip():
            after = parts[1][0] if len(parts) > 1 else end
            return [self.splice(start, after, "")]
        stop = self.text.find("\n", end)
        if stop >= 0:
            return [self.splice(line, stop + 1, "")]
        before = line - len(self.style.eol) if line else 0
        return [self.splice(before, len(self.text), "")]

    def _dash(self, parent: Node, index: int, start: int) -> int:
        """Where the dash of a list's element stands."""
        position = parent.start if not index else self.text.find("-", parent.items[index - 1].end)
        return position if 0 <= position <= start + 1 else start


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            **one,
            **{key: _merged(one[key], value) if key in one else value for key, value in other.items()},
        }
    return other


_NOTHING = object()
"""What is not written out as a plain value; equal to nothing else."""


def _plain(node: Node, *, json: bool) -> Any:
    """The value of a node without tags and aliases, `_NOTHING` for others."""
    if node.tag or node.alias:
        return _NOTHING
    if node.kind == SCALAR:
        return plain(node.text) if node.style == "plain" and node.text and not json else _scalar(node)
    if node.kind == MAP:
        return {entry.key: _plain(entry.value, json=json) for entry in node.entries}
    return [_plain(item, json=json) for item in node.items]


def _scalar(node: Node) -> Any:
    from json import loads

    return loads(node.text) if node.style == "plain" and node.text else node.text


def _merges_only(node: Node) -> Node | None:
    """What a map merges in when it says nothing itself, so that nothing can be said in its place but there."""
    if len(node.entries) == 1 and node.entries[0].key == "<<":
        value = node.entries[0].value
        return value.target if value.alias and value.target is not None and value.target.kind == MAP else None
    return None


def _count(node: Node) -> int:
    return len(node.entries) if node.kind == MAP else len(node.items)


def _quoted(value: str, quote: str) -> str:
    import json

    return "'" + value.replace("'", "''") + "'" if quote == "'" else json.dumps(value, ensure_ascii=False)
