"""YAML as CloudFormation reads it: bytes to plain values with intrinsics in long form.

Reading is fast and keeps no positions; `yaml_positions` looks at the nodes again when somebody wants to see a line.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml
from yaml._yaml import CParser

from stackworthy.sources.cloudformation.text import BOM, Malformed, decoded

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "Malformed",
    "Note",
    "compose",
    "long_form",
    "plain",
    "read",
    "too_deep",
    "values",
]

MAX_DEPTH = 100
MAX_NODES = 500_000

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_OCTAL = re.compile(r"[-+]?0[0-7]+$")
_HEX = re.compile(r"[-+]?0x[0-9a-fA-F]+$")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$")
_LONGEST_NUMBER = 40
_WORDS: dict[str, bool | None] = {"~": None, "null": None, "Null": None, "NULL": None, "": None}
for _true, _false in (("true", "false"), ("yes", "no"), ("on", "off")):
    for _case in (str.lower, str.capitalize, str.upper):
        _WORDS[_case(_true)] = True
        _WORDS[_case(_false)] = False
PLAIN = "tag:yaml.org,2002:plain"
_TEXT = "tag:yaml.org,2002:str"
_SEQUENCE = "tag:yaml.org,2002:seq"
_MAPPING = "tag:yaml.org,2002:map"
_INDENTED = re.compile(rb"^[ \t\-?:]{%d}" % (MAX_DEPTH - 10), re.MULTILINE)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_TOO_DEEP = "no template needs that depth: look for an opening bracket without its closing one"


class Note(NamedTuple):
    """Something odd in a file that can be read nevertheless."""

    line: int
    message: str
    hint: str


class _Composer(CParser):
    """libyaml's composer with a resolver that only tells plain scalars from quoted ones."""

    def resolve(self, kind: type, _value: object, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return PLAIN if implicit[0] else _TEXT
        return _SEQUENCE if kind is yaml.SequenceNode else _MAPPING

    def descend_resolver(self, *_: object) -> None:
        """Paths are not resolved."""

    def ascend_resolver(self) -> None:
        """Paths are not resolved."""


def compose(content: bytes) -> yaml.Node | None:
    """The node tree of one document; raises `Malformed`."""
    decoded(content)
    content = content.removeprefix(BOM)
    try:
        if _may_be_deep(content):
            _refuse_depth(content)
        composer = _Composer(content)
        if not composer.check_node():
            return None
        node = composer.get_node()
        while composer.check_node():
            other = composer.get_node()
            if other is not None and (other.tag != PLAIN or other.value):
                line = other.start_mark.line + 1
                raise Malformed(line, "a second YAML document begins here", "keep one template in a file")
        return node
    except yaml.MarkedYAMLError as error:
        raise _malformed(error) from None
    except yaml.YAMLError as error:
        raise _unreadable(content, error) from None


def _malformed(error: yaml.MarkedYAMLError) -> Malformed:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else 0
    message = " ".join(part for part in (error.context, error.problem) if part)
    hint = ""
    if "cannot start any token" in message:
        hint = "indent with spaces, not tabs, and quote a value that begins with @, ` or %"
    elif "could not find expected ':'" in message or "did not find expected key" in message:
        hint = "look at the indentation and the quotes of this line and the one before"
    elif "mapping values are not allowed" in message:
        hint = "quote a value that holds a colon, and look at the indentation"
    elif "undefined alias" in message:
        hint = "quote a value that begins with *"
    return Malformed(line, f"not valid YAML: {message}", hint)


def _unreadable(content: bytes, error: yaml.YAMLError) -> Malformed:
    """The reader's errors (control characters) know the position, in characters, but not the line."""
    position = getattr(error, "position", None)
    text = content.decode()
    line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
    reason = getattr(error, "reason", None) or str(error).splitlines()[0]
    return Malformed(
        line, f"not valid YAML: {reason}", "remove the character, or save the file as UTF-8 text"
    )


def _may_be_deep(content: bytes) -> bool:
    """Whether composing might go deep. Composing recurses in C, so that depth must be bounded before.

    Block levels need columns. Brackets are taken away in pairs: what is left after `MAX_DEPTH` rounds is nested deeper, or
    stands unpaired in strings and comments, and then the exact count decides.
    """
    if _INDENTED.search(content):
        return True
    brackets = content.translate(None, _NO_BRACKET)
    for _ in range(MAX_DEPTH):
        if len(brackets) <= MAX_DEPTH:
            return False
        fewer = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    return len(brackets) > MAX_DEPTH


def _refuse_depth(content: bytes) -> None:
    depth = 0
    parser = _Composer(content)
    while parser.check_event():
        event = parser.get_event()
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > MAX_DEPTH:
                mark = event.start_mark
                line = mark.line + 1 if mark is not None else 0
                raise Malformed(line, f"nested deeper than {MAX_DEPTH} levels", _TOO_DEEP)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def too_deep(tree: Any) -> bool:
    """Whether a tree of lists and dicts is deeper than `MAX_DEPTH`."""
    level = [tree]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for item in level
            for child in (item.values() if type(item) is dict else item)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def read(content: bytes) -> Any:
    """The document as dicts, lists and scalars, intrinsics in long form (`!Ref x` is `{"Ref": "x"}`); raises `Malformed`."""
    return values(compose(content), [])


def values(node: yaml.Node | None, notes: list[Note]) -> Any:
    """The plain values of a composed document, and what is odd about it; raises `Malformed`."""
    if node is None:
        return None
    reader = _Reader(notes)
    tree = reader.value(node)
    if reader.shared and isinstance(tree, (dict, list)) and too_deep(tree):
        raise Malformed(
            0, f"aliases nest values deeper than {MAX_DEPTH} levels", "write fewer aliases of aliases"
        )
    return tree


class _Reader:
    """Turns nodes into values. A node that aliases share is turned once, and counted as often as it is used."""

    def __init__(self, notes: list[Note]) -> None:
        self.notes = notes
        self.seen: dict[int, tuple[Any, int]] = {}
        self.open: set[int] = set()
        self.nodes = 0
        self.shared = False

    def value(self, node: yaml.Node) -> Any:
        tag: str = node.tag
        if isinstance(node, yaml.ScalarNode):
            self.nodes += 1
            if tag == PLAIN:
                return plain(node.value)
            if tag[0] == "!" and len(tag) > 1:
                return long_form(tag, node.value)
            return node.value
        known = self.seen.get(id(node))
        if known is not None:
            return self.again(node, known)
        if id(node) in self.open:
            raise Malformed(
                node.start_mark.line + 1,
                "what stands here holds an alias of itself",
                "write out what the alias stands for",
            )
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

    def again(self, node: yaml.Node, known: tuple[Any, int]) -> Any:
        self.shared = True
        self.nodes += known[1]
        if self.nodes > MAX_NODES:
            raise Malformed(
                node.start_mark.line + 1,
                f"aliases of what stands here make more than {MAX_NODES:,} values of the file",
                "write fewer aliases of aliases",
            )
        return known[0]

    def mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        value: dict[str, Any] = {}
        merged: list[Any] = []
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Malformed(
                    key.start_mark.line + 1,
                    "a list or map stands where a key is needed",
                    "quote a value that begins with { or [",
                )
            name = key.value
            if name == "<<" and key.tag == PLAIN:
                merged.append(self.value(item))
                continue
            if name in value:
                line = key.start_mark.line + 1
                self.notes.append(
                    Note(line, f"{name} is stated twice; the last one counts", "remove one of them")
                )
            value[name] = self.value(item)
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
    if text[0] not in "0123456789+-." or len(text) > _LONGEST_NUMBER:
        return text
    if _INT.match(text):
        return int(text)
    if _OCTAL.match(text):
        return int(text, 8)
    if _FLOAT.match(text):
        number = float(text)
        return number if number - number == 0 else text
    return int(text, 16) if _HEX.match(text) else text


def long_form(tag: str, value: Any) -> Any:
    """The long form of a tagged value: `!GetAtt a.b` is `{"Fn::GetAtt": ["a", "b"]}`."""
    name = tag[1:]
    if name in ("Ref", "Condition"):
        return {name: value}
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{name}": value}
