"""An OpenAPI or Swagger definition that SAM writes or completes.

SAM prints the finished definition as Python 2.7 would and names the API's deployment after a SHA-1 of the print. To come
out equal, a definition here remembers three things that plain data does not: which strings SAM wrote itself (`Own`: they
print without `u`), in which order keys were inserted, and how many deep copies SAM had made by then (it copies the whole
definition before and after each change; see `py27_hash`). The author's own maps are copied only where something is changed
in them; everything else is shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .context import Unexpandable
from .expansion import Route
from .intrinsics import is_no_value
from .py27_hash import CopiedTable, walked

ANY_METHOD = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"

_MOST_VALUES = 200_000
_LARGEST_INT = 2**63 - 1
_OPENAPI_3 = re.compile(r"3(\.\d)(\.\d)?$")


LAID, FIXED = "laid", "fixed"


class Own(str):
    """A string that SAM wrote, not the author."""

    __slots__ = ()


class Node(dict[Any, Any]):
    """A map of a definition that was made or changed here. Its own order is the order of insertion.

    `born` is the number of copies when it (and plain values in it) came into the definition, `since` when its keys were
    last inserted. `order` is None for the order of Python 2.7; `LAID` after a key was taken out, when its own order is that of
    walking; `FIXED` for the few maps that SAM walks in the order of insertion; or a table, where keys come often.
    """

    __slots__ = ("born", "order", "since")

    def __init__(self, content: Any, born: int, order: Any = None) -> None:
        super().__init__(content)
        self.born = self.since = born
        self.order = order


class Document:
    """A definition and the number of times that SAM has copied it so far (`copies`).

    `place` is where the author reads about a fault: the resource or event that is being worked in.
    """

    def __init__(self, content: Any, place: Route) -> None:
        self.copies = 0
        self.place = place
        self.root = Node(content, 0)

    def refuse(self, message: str) -> Unexpandable:
        return Unexpandable(self.place, message)

    # Changing.

    def node(self, content: Any = (), order: Any = None) -> Node:
        """A new map that comes into the definition now."""
        return Node(content, self.copies, order)

    def put(self, node: Node, key: Any, value: Any) -> None:
        if key not in node:
            if isinstance(node.order, CopiedTable):
                node.order.add(key, self.copies - node.since)
                node.since = self.copies
            elif node.since != self.copies:
                self._insert_again(node, self._inserted(node))
        node[key] = value

    def drop(self, node: Node, key: Any) -> None:
        left = [name for name in self.keys(node) if name != key]
        self._insert_again(node, left)
        node.order = LAID

    def keys(self, node: Node) -> tuple[Any, ...]:
        """The keys in the order in which SAM meets them now."""
        return walked_keys(node, self.copies)

    def own(self, parent: Node, key: Any) -> Node | None:
        """The map under a key as one that may be changed; None where there is no map."""
        value = parent.get(key)
        if isinstance(value, Node):
            return value
        if not isinstance(value, dict):
            return None
        parent[key] = copy = Node(value, parent.born)
        return copy

    def arms(self, parent: Node, key: Any) -> list[Any]:
        """The value under a key, or both branches of its `Fn::If` without `AWS::NoValue`; maps may be changed."""
        value = self.own(parent, key)
        if value is None:
            return [parent.get(key)]
        if "Fn::If" not in value:
            return [value]
        branches = value["Fn::If"]
        if not isinstance(branches, list):
            raise self.refuse("Fn::If in the definition must be a list")
        value["Fn::If"] = branches = [
            Node(branch, value.born) if type(branch) is dict and not is_no_value(branch) else branch
            for branch in branches
        ]
        return [branch for branch in branches[1:] if not is_no_value(branch)]

    def _inserted(self, node: Node) -> tuple[Any, ...]:
        """The order in which the present keys went into the present copy."""
        return walked_keys(node, self.copies - 1) if self.copies > node.since else tuple(node)

    def _insert_again(self, node: Node, keys: Iterable[Any]) -> None:
        content = [(key, node[key]) for key in keys]
        node.clear()
        node.update(content)
        node.since = self.copies
        if node.order != FIXED:
            node.order = None

    # Reading.

    def plain(self) -> dict[str, Any]:
        """The definition as plain data; what is the author's is shared with the author's template."""
        result: dict[str, Any] = _plain(self.root, {})
        return result

    def printed(self) -> str:
        """The definition as Python 2.7 prints it."""
        return Printer(self.copies).text(self.root, self.copies)


def walked_keys(node: Node, copies: int) -> tuple[Any, ...]:
    """The keys of a node in the order in which SAM walks them when it has made `copies` copies of the definition."""
    keys = tuple(node)
    order = node.order
    if len(keys) < 2 or order is FIXED:
        return keys
    since = copies - node.since
    if order is None:
        return walked(keys, since)
    if order is LAID:
        return walked(keys, since - 1) if since else keys
    order.copy(since)
    node.since = copies
    return tuple(order.table.walk())


def _plain(value: Any, known: dict[int, Any]) -> Any:
    kind = type(value)
    if kind is Own:
        return str.__str__(value)
    if kind is Node:
        made = known.get(id(value))
        if made is None:
            made = known[id(value)] = {
                (str.__str__(key) if type(key) is Own else key): (
                    item if type(item) is str else _plain(item, known)
                )
                for key, item in value.items()
            }
        return made
    if kind is list:
        for item in value:
            if type(item) in (Node, Own, list):
                return [_plain(item, known) for item in value]
    return value


class Printer:
    """Prints values as Python 2.7 prints them. Past a size that no real API has, what is left prints as `...`."""

    def __init__(self, copies: int = 0) -> None:
        self.copies = copies
        self.left = _MOST_VALUES
        self._known: dict[int, str] = {}

    def text(self, value: Any, age: int = 0) -> str:
        """`age` is the number of deep copies since a plain value came into the definition."""
        kind = type(value)
        if kind is str:
            return _unicode(value)
        if kind is Own:
            return str.__repr__(value)
        if kind is Node:
            text = self._known.get(id(value))
            if text is None:
                keys = walked_keys(value, self.copies)
                text = self._known[id(value)] = self._map(value, keys, self.copies - value.born)
            return text
        if kind is dict:
            return self._map(value, walked(tuple(value), age), age)
        if kind is list:
            self.left -= len(value)
            if self.left < 0:
                return "[...]"
            return "[" + ", ".join([self.text(item, age) for item in value]) + "]"
        if kind is int and value > _LARGEST_INT:
            return f"{value}L"
        return repr(value)

    def _map(self, value: Any, keys: tuple[Any, ...], age: int) -> str:
        self.left -= len(keys)
        if self.left < 0:
            return "{...}"
        pairs = []
        for key in keys:
            item = value[key]
            kind = type(item)
            text = (
                str.__repr__(item) if kind is Own else _unicode(item) if kind is str else self.text(item, age)
            )
            name = str.__repr__(key) if type(key) is Own else _unicode(key if type(key) is str else str(key))
            pairs.append(f"{name}: {text}")
        return "{" + ", ".join(pairs) + "}"


def _unicode(text: str) -> str:
    shown = repr(text)
    if "\\" not in shown and shown.isascii():
        return "u" + shown
    return "u" + repr(text.encode("unicode_escape").decode("ascii")).replace("\\\\", "\\")


def is_openapi_3(version: Any) -> bool:
    return _OPENAPI_3.match(str(version)) is not None


def is_definition(value: Any, *, swagger: bool) -> bool:
    """Whether SAM can work on a definition: a map with `paths` that says it is OpenAPI 3, or (`swagger`) Swagger 2."""
    if not isinstance(value, dict) or not isinstance(value.get("paths"), dict):
        return False
    if swagger and value.get("swagger"):
        return True
    return bool(value.get("openapi")) and is_openapi_3(value["openapi"])


def method_name(method: str) -> str:
    """A method as definitions write it: lower case, and an extension for `ANY`."""
    lowered = method.lower()
    if lowered == "any" or type(method) is Own:
        return Own(ANY_METHOD)
    return lowered
