"""The places of routes in a YAML text, from the marks of its nodes.

libyaml's marks count characters, end a block only at the next token (after comments and blank lines), show an alias
where its anchor stands, and take more characters for line ends than editors do: lines are counted anew from the indices.
"""

from __future__ import annotations

import yaml

from stackworthy.core.origin import Route, Span
from stackworthy.sources.cloudformation.text import Text
from stackworthy.sources.cloudformation.yaml_text import PLAIN, compose

_Found = tuple[yaml.Node | None, yaml.Node]


class Positions:
    """The places of routes in one YAML text; raises `Malformed` when it has to be parsed again and is not YAML."""

    def __init__(self, file: str, content: bytes, root: yaml.Node | None = None) -> None:
        self.text = Text(file, content)
        self._root = root if root is not None else compose(content)
        self._entries: dict[int, dict[str, _Found]] = {}

    def line(self, route: Route) -> int:
        """The line (from 1) on which the route's end begins."""
        return self.text.line(self._start(route))

    def span(self, route: Route, role: str = "value") -> Span:
        """From the key to the end of a value on the same line, the first line of a longer one; the deepest part that exists."""
        key, value = self._find(route)
        if value is None:
            return self.text.span(0, 0)
        if key is None:
            return self._value(value)
        start, end = key.start_mark.index, key.end_mark.index
        if role != "key" and value.start_mark.index >= end:
            last = value.end_mark.index
            if self.text.line(last) == self.text.line(start):
                end = last
        return self.text.span(start, end)

    def _value(self, value: yaml.Node) -> Span:
        start, end = value.start_mark.index, value.end_mark.index
        if self.text.line(end) != self.text.line(start):
            end = self.text.end_of_line(start)
        return self.text.span(start, end)

    def region(self, route: Route) -> tuple[int, int]:
        """The first and last line (from 1) of what the route leads to, trailing blank lines and comments left out."""
        key, value = self._find(route)
        if value is None:
            return (1, 1)
        first = self.text.line((key or value).start_mark.index)
        return first, max(first, self.text.last_line(_last(key, value)))

    def _start(self, route: Route) -> int:
        key, value = self._find(route)
        start = key or value
        return int(start.start_mark.index) if start is not None else 0

    def _find(self, route: Route) -> tuple[yaml.Node | None, yaml.Node | None]:
        key: yaml.Node | None = None
        node = self._root
        for part in route:
            if node is None:
                break
            found = self._child(node, part)
            if found is None:
                break
            if found[1] is not node:
                key, node = found
        return key, node

    def _child(self, node: yaml.Node, part: str | int) -> _Found | None:
        if isinstance(part, str) and len(node.tag) > 1 and node.tag[0] == "!":
            name = node.tag[1:]
            if part in (name, f"Fn::{name}"):
                return None, node
        if isinstance(node, yaml.SequenceNode):
            if isinstance(part, int) and 0 <= part < len(node.value):
                return None, node.value[part]
            return None
        if not isinstance(node, yaml.MappingNode) or not isinstance(part, str):
            return None
        return self._entries_of(node).get(part)

    def _entries_of(self, node: yaml.MappingNode) -> dict[str, _Found]:
        """A map's entries by key; those that it merges come after its own."""
        known = self._entries.get(id(node))
        if known is not None:
            return known
        entries: dict[str, _Found] = {}
        merges: list[yaml.Node] = []
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value == "<<" and key.tag == PLAIN:
                merges.extend(value.value if isinstance(value, yaml.SequenceNode) else [value])
            else:
                entries[key.value] = (key, value)
        self._entries[id(node)] = entries
        for merged in merges:
            if isinstance(merged, yaml.MappingNode):
                for name, found in self._entries_of(merged).items():
                    entries.setdefault(name, found)
        return entries


def _last(key: yaml.Node | None, value: yaml.Node) -> int:
    """The index after the last thing that stands in a value: a block's own end lies beyond comments and blank lines."""
    before = value.start_mark.index if key is None else key.end_mark.index
    while True:
        if value.start_mark.index < before:
            return int(before)
        if (
            not isinstance(value, (yaml.MappingNode, yaml.SequenceNode))
            or value.flow_style
            or not value.value
        ):
            return int(value.end_mark.index)
        if isinstance(value, yaml.MappingNode):
            key, value = value.value[-1]
            before = key.end_mark.index
        else:
            before, value = _item_start(value), value.value[-1]


def _item_start(items: yaml.SequenceNode) -> int:
    """Where the last item of a sequence cannot start before, unless it is an alias."""
    written = [
        item.end_mark.index for item in items.value[:-1] if item.start_mark.index >= items.start_mark.index
    ]
    return int(max(written, default=items.start_mark.index))
