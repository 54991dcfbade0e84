"""The tree of a YAML or JSON text with the characters that each part covers, for edits."""

from __future__ import annotations

import json
import re

import msgspec
import yaml

from stackworthy.sources.cloudformation.yaml_text import PLAIN, compose

MAP, LIST, SCALAR = "map", "list", "scalar"

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s,:{}\[\]"]+', re.DOTALL)


class Node(msgspec.Struct, eq=False):
    """A value. `start` and `end` count characters; `end` is behind the last thing that belongs to it, not behind comments.

    `alias` says that the text here is an alias, `target` where its value stands; `anchor` that others may share this one.
    """

    kind: str
    start: int
    end: int
    flow: bool = False
    tag: str = ""
    style: str = ""
    text: str = ""
    alias: bool = False
    anchor: bool = False
    target: Node | None = None
    entries: list[Entry] = msgspec.field(default_factory=list)
    items: list[Node] = msgspec.field(default_factory=list)

    def entry(self, key: str) -> Entry | None:
        """The entry under a key; the last one counts, as readers do."""
        return next((entry for entry in reversed(self.entries) if entry.key == key), None)


class Entry(msgspec.Struct, eq=False):
    """A key with its value; the key "<<" merges."""

    key: str
    start: int
    end: int
    value: Node


def yaml_tree(content: bytes, text: str) -> Node | None:
    """The tree of a YAML text; raises `Malformed`."""
    root = compose(content)
    return None if root is None else _Builder(text).node(root, root.start_mark.index)


class _Builder:
    """Follows libyaml's nodes: block ends swallow comments, and an alias is the node of its anchor."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.anchors: dict[int, Node] = {}

    def node(self, found: yaml.Node, after: int) -> Node:
        """The node that is written behind `after`."""
        start, end = found.start_mark.index, found.end_mark.index
        if start < after:
            return self.alias(after, self.anchors.get(id(found)))
        made = self.own(found, start, end)
        if made.anchor:
            self.anchors[id(found)] = made
        return made

    def own(self, found: yaml.Node, start: int, end: int) -> Node:
        """The node that is written there itself."""
        anchor = self.text.startswith("&", start) or bool(
            re.match(r"!\S*\s+&", self.text[start : start + 200])
        )
        tag = found.tag if found.tag[:1] == "!" else ""
        if isinstance(found, yaml.ScalarNode):
            if found.style in ("|", ">"):
                end = self.end_of_block(start, end)
            style = found.style or ("plain" if found.tag == PLAIN else "")
            return Node(SCALAR, start, end, False, tag, style, found.value, anchor=anchor)
        assert isinstance(found, yaml.CollectionNode)
        flow = bool(found.flow_style)
        if isinstance(found, yaml.MappingNode):
            made = Node(MAP, start, end, flow, tag, anchor=anchor)
            for key, value in found.value:
                key_end = key.end_mark.index
                name = key.value if isinstance(key, yaml.ScalarNode) else ""
                made.entries.append(Entry(name, key.start_mark.index, key_end, self.node(value, key_end)))
            made.end = end if flow or not made.entries else made.entries[-1].value.end
            return made
        made = Node(LIST, start, end, flow, tag, anchor=anchor)
        position = start
        for item in found.value:
            made.items.append(self.node(item, position))
            position = made.items[-1].end
        made.end = end if flow or not made.items else made.items[-1].end
        return made

    def alias(self, after: int, target: Node | None) -> Node:
        """An alias behind `after`."""
        found = re.compile(r"[\s:,\[\-?]*(\*[^\s,\[\]{}]+)").match(self.text, after)
        if found is None:
            return Node(SCALAR, after, after, alias=True, target=target)
        return Node(SCALAR, found.start(1), found.end(1), alias=True, target=target)

    def end_of_block(self, start: int, end: int) -> int:
        """The end of a block scalar: behind its last line that says something, or behind all that `+` keeps."""
        header = self.text[start : self.text.find("\n", start)]
        if "+" in header.split("#")[0]:
            return end
        return start + len(self.text[start:end].rstrip())


def json_tree(text: str) -> Node | None:
    """The tree of a JSON text that could be read."""
    found = list(_TOKEN.finditer(text))
    return _json(found, 0)[0] if found else None


def _json(tokens: list[re.Match[str]], at: int) -> tuple[Node, int]:
    """The value that begins at a token, and the token behind it."""
    token = tokens[at]
    word = token.group()
    if word == "{":
        made = Node(MAP, token.start(), token.end(), True)
        at += 1
        while tokens[at].group() != "}":
            key = tokens[at]
            value, at = _json(tokens, at + 1)
            made.entries.append(Entry(json.loads(key.group(), strict=False), key.start(), key.end(), value))
        made.end = tokens[at].end()
        return made, at + 1
    if word == "[":
        made = Node(LIST, token.start(), token.end(), True)
        at += 1
        while tokens[at].group() != "]":
            value, at = _json(tokens, at)
            made.items.append(value)
        made.end = tokens[at].end()
        return made, at + 1
    quoted = word[0] == '"'
    text = json.loads(word, strict=False) if quoted else word
    return Node(SCALAR, token.start(), token.end(), False, "", '"' if quoted else "plain", text), at + 1
