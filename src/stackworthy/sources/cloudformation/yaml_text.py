"""YAML as CloudFormation reads it: bytes to plain values with intrinsics in long form, and routes to places.

Reading is fast and keeps no positions; `Positions` parses again when somebody wants to see a line.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

import yaml
from yaml._yaml import CParser

from stackworthy.core.origin import Route, Span

MAX_DEPTH = 100
MAX_NODES = 1_000_000

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_OCTAL = re.compile(r"[-+]?0[0-7]+$")
_HEX = re.compile(r"[-+]?0x[0-9a-fA-F]+$")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?$")
_WORDS: dict[str, bool | None] = {"~": None, "null": None, "Null": None, "NULL": None, "": None}
for _true, _false in (("true", "false"), ("yes", "no"), ("on", "off")):
    for _case in (str.lower, str.capitalize, str.upper):
        _WORDS[_case(_true)] = True
        _WORDS[_case(_false)] = False
_PLAIN = "tag:yaml.org,2002:plain"
_TEXT = "tag:yaml.org,2002:str"
_SEQUENCE = "tag:yaml.org,2002:seq"
_MAPPING = "tag:yaml.org,2002:map"
_DEEP = re.compile(rb"^[ \t\-?:]{160,}|(?:[-?] ){50,}|[\[{][\[{ ]{50,}", re.MULTILINE)


class Malformed(Exception):
    """Text that is not what it should be: `line` counts from 1."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.hint = hint


class _Composer(CParser):
    """libyaml's composer with a resolver that only tells plain scalars from quoted ones."""

    def resolve(self, kind: type, _value: object, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _TEXT
        return _SEQUENCE if kind is yaml.SequenceNode else _MAPPING

    def descend_resolver(self, *_: object) -> None:
        """Paths are not resolved."""

    def ascend_resolver(self) -> None:
        """Paths are not resolved."""


def compose(content: bytes) -> yaml.Node | None:
    """The node tree of one document; raises `Malformed`."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Malformed(line, "the file is not UTF-8 text", "save it as UTF-8") from None
    if _DEEP.search(content) or content.count(b"[") + content.count(b"{") > 20 * (content.count(b"\n") + 50):
        _refuse_depth(content)
    try:
        composer = _Composer(content)
        if not composer.check_node():
            return None
        node = composer.get_node()
        if composer.check_node():
            raise Malformed(
                0,
                "the file holds more than one YAML document",
                "keep one template in a file",
            )
        return node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 0
        message = " ".join(part for part in (error.context, error.problem) if part)
        raise Malformed(line, f"not valid YAML: {message}") from None
    except yaml.YAMLError as error:
        raise Malformed(0, f"not valid YAML: {str(error).splitlines()[0]}") from None


def _refuse_depth(content: bytes) -> None:
    depth = 0
    parser = _Composer(content)
    try:
        while parser.check_event():
            event = parser.get_event()
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                depth += 1
                if depth > MAX_DEPTH:
                    mark = event.start_mark
                    line = mark.line + 1 if mark is not None else 0
                    raise Malformed(
                        line, f"nested deeper than {MAX_DEPTH} levels", "no template needs that depth"
                    )
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                depth -= 1
    except yaml.YAMLError:
        return


def read(content: bytes) -> Any:
    """The document as dicts, lists and scalars, intrinsics in long form (`!Ref x` is `{"Ref": "x"}`); raises `Malformed`."""
    return values(compose(content))


def values(node: yaml.Node | None) -> Any:
    """The plain values of a composed document; raises `Malformed`."""
    return None if node is None else _Reader().value(node)


class _Reader:
    """Turns nodes into values. A node that aliases share is turned once, and counted as often as it is used."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[Any, int]] = {}
        self.open: set[int] = set()
        self.nodes = 0

    def value(self, node: yaml.Node) -> Any:
        tag: str = node.tag
        if isinstance(node, yaml.ScalarNode):
            self.nodes += 1
            if tag == _PLAIN:
                return plain(node.value)
            if tag[0] == "!" and len(tag) > 1:
                return long_form(tag, node.value)
            return node.value
        known = self.seen.get(id(node))
        if known is not None:
            self.nodes += known[1]
            if self.nodes > MAX_NODES:
                raise Malformed(
                    node.start_mark.line + 1, f"aliases make more than {MAX_NODES:,} values of this file"
                )
            return known[0]
        if id(node) in self.open:
            raise Malformed(node.start_mark.line + 1, "an alias refers to a value that it is part of")
        self.open.add(id(node))
        before = self.nodes
        self.nodes += 1
        value: Any = None
        if isinstance(node, yaml.SequenceNode):
            value = [self.value(item) for item in node.value]
        elif isinstance(node, yaml.MappingNode):
            value = self.mapping(node)
        if tag[0] == "!" and len(tag) > 1:
            value = long_form(tag, value)
        self.open.discard(id(node))
        self.seen[id(node)] = (value, self.nodes - before)
        return value

    def mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        value: dict[str, Any] = {}
        merged: list[Any] = []
        for key, item in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value == "<<" and key.tag == _PLAIN:
                    merged.append(self.value(item))
                else:
                    value[key.value] = self.value(item)
            else:
                raise Malformed(key.start_mark.line + 1, "a list or map stands where a key is needed")
        for source in merged:
            for part in source if isinstance(source, list) else [source]:
                if isinstance(part, dict):
                    for name, item in part.items():
                        value.setdefault(name, item)
        return value


def plain(text: str) -> Any:
    """A plain scalar's value: YAML 1.1 booleans, numbers and nulls; dates and times of day stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if _INT.match(text):
        return int(text) if len(text) < 40 else text
    if _OCTAL.match(text):
        return int(text, 8)
    if _FLOAT.match(text) and len(text) < 40:
        number = float(text)
        return number if number - number == 0 else text
    return int(text, 16) if _HEX.match(text) and len(text) < 40 else text


def long_form(tag: str, value: Any) -> Any:
    """The long form of a tagged value: `!GetAtt a.b` is `{"Fn::GetAtt": ["a", "b"]}`."""
    name = tag[1:]
    if name in ("Ref", "Condition"):
        return {name: value}
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{name}": value}


class Positions:
    """The places of routes in one YAML text."""

    def __init__(self, file: str, content: bytes, root: yaml.Node | None = None) -> None:
        self.file = file
        self._content = content
        self._root = root if root is not None else compose(content)

    @cached_property
    def _text(self) -> str:
        return self._content.removeprefix(b"\xef\xbb\xbf").decode()

    def line(self, route: Route) -> int:
        """The line (from 1) on which the route's end begins."""
        key, value = self._find(route)
        start = key or value
        return start.start_mark.line + 1 if start is not None else 1

    def span(self, route: Route, role: str = "value") -> Span:
        """Where the route leads: from its key to the end of a value on the same line; the deepest part that exists."""
        key, value = self._find(route)
        if value is None:
            return Span(self.file, 1, 1, 1, 1)
        start = key or value
        if role == "key" and key is not None:
            return self._span(key.start_mark, key.end_mark)
        end = value
        if value.start_mark.line != start.start_mark.line or value.end_mark.line != start.start_mark.line:
            end = start
        if isinstance(end, yaml.ScalarNode) and end.start_mark.line == end.end_mark.line:
            return self._span(start.start_mark, end.end_mark)
        if end is start and key is None:
            return self._first_line(start.start_mark)
        return self._span(start.start_mark, end.end_mark)

    def region(self, route: Route) -> tuple[int, int]:
        """The first and last line (from 1) of what the route leads to, trailing blank lines and comments left out."""
        key, value = self._find(route)
        if value is None:
            return (1, 1)
        first = (key or value).start_mark.line + 1
        return (first, max(first, _last_line(value)))

    def _find(self, route: Route) -> tuple[yaml.Node | None, yaml.Node | None]:
        key: yaml.Node | None = None
        node = self._root
        for part in route:
            if node is None:
                break
            found = _child(node, part)
            if found is None:
                break
            if found[1] is node:
                continue
            key, node = found
        return key, node

    def _span(self, start: Any, end: Any) -> Span:
        return Span(
            self.file,
            start.line + 1,
            start.column + 1,
            end.line + 1,
            end.column + 1,
            self._byte(start.index),
            self._byte(end.index),
        )

    def _first_line(self, start: Any) -> Span:
        text = self._text.split("\n", start.line + 1)[start.line].rstrip("\r")
        length = max(len(text) - start.column, 1)
        first = self._byte(start.index)
        column = start.column + 1
        return Span(self.file, start.line + 1, column, start.line + 1, column + length, first, first + length)

    def _byte(self, index: int) -> int:
        bom = 3 if self._content.startswith(b"\xef\xbb\xbf") else 0
        return bom + len(self._text[:index].encode())


def _last_line(node: yaml.Node) -> int:
    while isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    return int(
        mark.line + 1 if mark.column or (isinstance(node, yaml.ScalarNode) and not node.style) else mark.line
    )


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(part, str) and len(node.tag) > 1 and node.tag[0] == "!":
        name = node.tag[1:]
        if part in (name, f"Fn::{name}"):
            return None, node
    if isinstance(node, yaml.SequenceNode):
        if isinstance(part, int) and 0 <= part < len(node.value):
            return None, node.value[part]
        return None
    if not isinstance(node, yaml.MappingNode):
        return None
    found = None
    merges: list[yaml.Node] = []
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value == part:
                found = (key, value)
            elif key.value == "<<":
                merges.extend(value.value if isinstance(value, yaml.SequenceNode) else [value])
    if found is not None:
        return found
    for merged in merges:
        inherited = _child(merged, part)
        if inherited is not None:
            return inherited
    return None
