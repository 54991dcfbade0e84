"""Configuration in JSON syntax (`.tf.json`, `.tfvars.json`) as the same blocks and attributes that HCL has.

JSON does not say what is an argument and what a nested block; whatever is not known to be a block stands as an argument.

Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from stackworthy.core.value import NotKnown
from stackworthy.sources.terraform.compiler import MAX_DEPTH, parse_template
from stackworthy.sources.terraform.expressions import Broken, Expression, Literal, Object, Tuple
from stackworthy.sources.terraform.numbers import parse_number
from stackworthy.sources.terraform.syntax import MAX_BYTES, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

Route = tuple[str | int, ...]

_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "provider": 1,
    "variable": 1,
    "output": 1,
    "module": 1,
    "check": 1,
}
_NESTED = frozenset(
    ("lifecycle", "provisioner", "connection", "validation", "content", "default_tags", "assume_role")
)
_LITERAL = frozenset(("variable", "vars"))
_COMMENT = "//"
_SPACE = re.compile(r"[ \t\n\r]*")


class JsonFile:
    """One file in JSON syntax."""

    __slots__ = ("broken", "path", "text", "top")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.broken = False
        if len(data) > MAX_BYTES:
            size = len(data) / 2**20
            raise Problem(0, f"is {size:.0f} MB of configuration, more than is read", "split the file")
        self.text = data.decode("utf-8-sig", "replace")
        content = read_json(self.text)
        tops = content if isinstance(content, list) else [content]
        if not all(isinstance(top, dict) for top in tops):
            raise Problem(1, "holds no JSON object", "write the configuration as one object")
        self.top = JsonBody(self, {}, (), "")
        for position, top in enumerate(tops):
            route: Route = (position,) if isinstance(content, list) else ()
            if path.endswith(".tfvars.json"):
                self.top.add(JsonBody(self, top, route, "vars"))
            else:
                self.top.blocks.extend(_top_blocks(self, top, route))

    def problem(self) -> Problem | None:
        """Nothing: a file that is no JSON cannot be opened at all."""
        return None

    def release(self) -> None:
        """Nothing to let go."""

    def comments(self) -> Iterator[tuple[int, str]]:
        """JSON has none."""
        return iter(())

    def place(self, route: Route) -> tuple[int, int, int]:
        """The start of the key (of the element itself in a list), and the start and end of the value, as far as the route goes."""
        return locate(self.text, route)

    def line_of(self, route: Route) -> int:
        """The line of a value."""
        return self.text.count("\n", 0, self.place(route)[0]) + 1


def read_json(text: str) -> Any:
    """The content of the text; raises `Problem` when it is no JSON."""
    try:
        return json.loads(text, parse_float=_number, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise Problem(error.lineno, f"is not valid JSON: {error.msg}", "correct the file") from None
    except ValueError as error:
        raise Problem(1, f"is not valid JSON: {error}", "correct the file") from None
    except RecursionError:
        raise Problem(1, "is nested too deeply", "flatten it") from None


def _number(text: str) -> Any:
    try:
        number = parse_number(text)
    except NotKnown as error:
        raise ValueError(error.reason) from None
    return float(text) if number is None else number


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def locate(text: str, route: Route) -> tuple[int, int, int]:
    """The start of the key, and the start and end of the value, at a route through JSON text, as far as the route goes."""
    decoder = json.JSONDecoder()
    key_start = start = _skip(text, 0)
    for step in route:
        found = _member(decoder, text, start, step)
        if found is None:
            break
        key_start, start = found
    return key_start, start, decoder.raw_decode(text, start)[1]


def key_end(text: str, start: int) -> int:
    """Where the key that starts there ends."""
    return json.JSONDecoder().raw_decode(text, start)[1]


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return position if found is None else found.end()


def _member(decoder: json.JSONDecoder, text: str, start: int, step: str | int) -> tuple[int, int] | None:
    opening = text[start : start + 1]
    if opening not in ("{", "["):
        return None  # a text that encodes JSON: its own place is the nearest
    position = _skip(text, start + 1)
    index = 0
    while position < len(text) and text[position] not in "}]":
        key_start = position
        key: Any = index
        if opening == "{":
            key, position = decoder.raw_decode(text, position)
            position = _skip(text, _skip(text, position) + 1)
        if key == step:
            return key_start, position
        position = _skip(text, decoder.raw_decode(text, position)[1])
        if text[position : position + 1] == ",":
            position = _skip(text, position + 1)
        index += 1
    return None


def _top_blocks(file: JsonFile, top: dict[str, Any], route: Route) -> Iterator[JsonBlock]:
    for kind, value in top.items():
        if kind == _COMMENT:
            continue
        yield from _labelled(file, kind, (), value, (*route, kind), _LABELS.get(kind, 0))


def _labelled(
    file: JsonFile, kind: str, labels: tuple[str, ...], value: Any, route: Route, left: int
) -> Iterator[JsonBlock]:
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _labelled(file, kind, labels, item, (*route, position), left)
    elif isinstance(value, dict):
        if not left:
            yield JsonBlock(file, kind, labels, value, route, kind)
            return
        for label, inner in value.items():
            if label != _COMMENT:
                yield from _labelled(file, kind, (*labels, label), inner, (*route, label), left - 1)


class JsonBlock:
    """An object that stands for a block."""

    __slots__ = ("_body", "_value", "kind", "labels", "route", "source", "type")

    def __init__(
        self,
        source: JsonFile,
        type: str,
        labels: tuple[str, ...],
        value: dict[str, Any],
        route: Route,
        kind: str,
    ) -> None:
        self.source = source
        self.type = type
        self.labels = labels
        self.route = route
        self.kind = kind
        self._value = value
        self._body: JsonBody | None = None

    @property
    def file(self) -> str:
        """The path of the file."""
        return self.source.path

    @property
    def body(self) -> JsonBody:
        """The arguments and blocks inside."""
        if self._body is None:
            self._body = JsonBody(self.source, self._value, self.route, self.kind)
        return self._body

    @property
    def line(self) -> int:
        """The line of the object."""
        return self.source.line_of(self.route)


class JsonBody:
    """An object that stands for a body."""

    __slots__ = ("attributes", "blocks", "broken")

    def __init__(self, file: JsonFile, value: dict[str, Any], route: Route, kind: str) -> None:
        self.attributes: dict[str, JsonAttribute] = {}
        self.blocks: list[JsonBlock] = []
        self.broken = ""
        for name, item in value.items():
            if name == _COMMENT:
                continue
            inner = (*route, name)
            if name == "dynamic" and kind not in ("vars", "locals"):
                self.blocks.extend(_labelled(file, name, (), item, inner, 1))
            elif name in _NESTED and kind not in ("vars", "locals", "module"):
                self.blocks.extend(_labelled(file, name, (), item, inner, 0))
            else:
                self.attributes[name] = JsonAttribute(file, name, item, inner, kind in _LITERAL)

    def add(self, other: JsonBody) -> None:
        """Take over another body's arguments."""
        self.attributes.update(other.attributes)


class JsonAttribute:
    """A member of an object that stands for an argument. In `literal` places strings are no templates."""

    __slots__ = ("_expression", "_value", "file", "literal", "name", "route")

    def __init__(self, file: JsonFile, name: str, value: Any, route: Route, literal: bool) -> None:
        self.file = file
        self.name = name
        self.route = route
        self.literal = literal
        self._value = value
        self._expression: Expression | None = None

    @property
    def path(self) -> str:
        """The file that it stands in."""
        return self.file.path

    @property
    def expression(self) -> Expression:
        """The compiled expression."""
        if self._expression is None:
            self._expression = _compiled(self._value, self.literal, 0)
        return self._expression

    @property
    def text(self) -> str:
        """The expression as one would write it in HCL, without quotes."""
        if isinstance(self._value, str):
            found = re.fullmatch(r"\$\{([^{}]*)\}", self._value)
            return found[1] if found else self._value
        return json.dumps(self._value, default=str)

    @property
    def name_start(self) -> int:
        """The position of the key."""
        return self.file.place(self.route)[0]

    @property
    def start(self) -> int:
        """The position of the value."""
        return self.file.place(self.route)[1]

    @property
    def end(self) -> int:
        """The position after the value."""
        return self.file.place(self.route)[2]

    @property
    def line(self) -> int:
        """The line of the member."""
        return self.file.line_of(self.route)


def _compiled(value: Any, literal: bool, depth: int) -> Expression:
    if depth > MAX_DEPTH:
        return Broken(f"a value is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, str):
        return Literal(value) if literal else _template(value)
    if isinstance(value, list):
        return Tuple(tuple(_compiled(item, literal, depth + 1) for item in value))
    if isinstance(value, dict):
        return Object(
            tuple(
                (Literal(key) if literal else _template(key), _compiled(item, literal, depth + 1))
                for key, item in value.items()
            )
        )
    return Literal(value)


def _template(text: str) -> Expression:
    try:
        return parse_template(text)
    except ValueError as error:
        return Broken(f"the template {text[:60]!r} {error}")
