"""One resource, whatever described it: canonical kind and properties, asked for by path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from stackworthy.core.finding import Finding, Place
from stackworthy.core.fix import Remove, Set
from stackworthy.core.origin import Origin, Trail
from stackworthy.core.path import Selector, parse
from stackworthy.core.value import ABSENT, List, Map, NotKnown, OpenList, OpenMap, Unknown, Value, same

if TYPE_CHECKING:
    from stackworthy.core.graph import Graph


_WRAPPED = ("Resource", "Default")


class Properties(Protocol):
    """What a source knows of one resource; evaluated when asked for."""

    def names(self) -> Collection[str]:
        """The top-level properties that are stated (or may be)."""
        ...

    def value(self, name: str) -> Value:
        """The value of one top-level property, `ABSENT` when it is proven that nobody stated it."""
        ...

    def origin(self, path: str) -> Origin:
        """The place of the property, or of its nearest stated ancestor, or of the resource."""
        ...

    def trail(self, path: str) -> Trail:
        """How the value came to be, from its use to the literal; empty for a literal."""
        ...

    def native(self) -> Value | None:
        """All that the author stated in the format's own words, evaluated; None where the canonical words are the format's."""
        ...

    def metadata(self) -> Any:
        """What the author attached to the resource for tools, as plain data; None when there is nothing."""
        ...


class MadeBy(msgspec.Struct, frozen=True):
    """What generated a resource: the address of the author's own, and the path to edit there (None: there is none)."""

    address: str
    path: str | None = None


class When(msgspec.Struct, frozen=True):
    """The condition under which a resource exists. `holds` is None when that cannot be known."""

    expression: str
    holds: bool | None
    why: str = ""


class Resource:
    """A resource of a graph. `resource["TracingConfig.Mode"]` is its value, its default when absent, or not known.

    `kind` and property names are the canonical ones (None for a type without a kind), `type` is the format's own. `part_of` is the address of
    the owner of a satellite; `code` is the workspace path of the source code that it runs; `name` is what people call it.
    """

    __slots__ = (
        "_tops",
        "_values",
        "account",
        "address",
        "code",
        "graph",
        "kind",
        "made_by",
        "origin",
        "part_of",
        "properties",
        "region",
        "type",
        "when",
    )

    def __init__(
        self,
        address: str,
        kind: str | None,
        type: str,
        properties: Properties,
        origin: Origin,
        *,
        part_of: str | None = None,
        made_by: MadeBy | None = None,
        when: When | None = None,
        region: str | None = None,
        account: str | None = None,
        code: str | None = None,
    ) -> None:
        self.address = address
        self.kind = kind
        self.type = type
        self.properties = properties
        self.origin = origin
        self.part_of = part_of
        self.made_by = made_by
        self.when = when
        self.region = region
        self.account = account
        self.code = code
        self.graph: Graph
        self._tops: dict[str, Value] = {}
        self._values: dict[str, Value] = {}

    @property
    def present(self) -> bool:
        """Whether the resource exists as far as is known: false only when its condition is known not to hold."""
        return self.when is None or self.when.holds is not False

    @property
    def name(self) -> str:
        """The short name for messages: the last part of the address, or the route of an API that the address names.

        A construct of the CDK calls what it wraps `Resource` or `Default`: the construct's name is the telling one.
        """
        api, space, route = self.address.partition(" ")
        if space:
            return route
        parts = api.split("/")
        while len(parts) > 1 and parts[-1] in _WRAPPED:
            parts.pop()
        return parts[-1]

    def __getitem__(self, path: str) -> Value:
        """The value at a path, or its documented default, or `ABSENT`."""
        try:
            return self._values[path]
        except KeyError:
            pass
        value = self.stated(path)
        if value is ABSENT and self.kind is not None:
            value = self.graph.vocabulary.default(self.kind, path, self._given(path))
        self._values[path] = value
        return value

    def stated(self, path: str) -> Value:
        """The value that the author stated at a path, without defaults; `ABSENT` when there is none."""
        segments = parse(path)
        top = segments[0]
        if not isinstance(top, str):
            raise ValueError(f"a path starts with a property name: {path!r}")
        value = self._top(top)
        for segment in segments[1:]:
            if value is ABSENT:
                return ABSENT
            value = _step(value, segment, path)
        return value

    def _given(self, path: str) -> str:
        """The longest part of an absent path that is stated."""
        parts = path.split(".")
        for length in range(len(parts) - 1, 0, -1):
            parent = ".".join(parts[:length])
            if self.stated(parent) is not ABSENT:
                return parent
        return ""

    def assume(self, path: str, value: Value) -> None:
        """Take this value for the path from now on, as the tests do to see a rule meet the unknown."""
        top, *rest = parse(path)
        if isinstance(top, str):
            self._tops[top] = _assumed(self._top(top), rest, value)
        self._values = {path: value}

    def _top(self, name: str) -> Value:
        try:
            return self._tops[name]
        except KeyError:
            value = self.properties.value(name)
            if self.kind is not None:
                value = self.graph.vocabulary.coerce(self.kind, name, value)
            self._tops[name] = value
            return value

    def all_properties(self) -> dict[str, Value]:
        """Every stated property, by top-level name, in the order of the source."""
        values = {name: self._top(name) for name in self.properties.names()}
        return {name: value for name, value in values.items() if value is not ABSENT}

    def place(self, path: str = "", role: str = "related") -> Place:
        """A place of this resource, for a finding that shows more than one."""
        return Place(self, path, role)

    def finding(self, property: str = "", /, *, also: Iterable[Place] = (), **evidence: Value) -> Finding:
        """A fault of this resource at a property path; `evidence` fills the rule's message."""
        return Finding(resource=self, property=property, evidence=evidence, also=tuple(also))

    def waits_for(self) -> frozenset[str] | None:
        """The addresses of what the author says must be made before; None where the source has no word for it."""
        stated = getattr(self.properties, "waits_for", None)
        return stated() if stated is not None else None

    def set(self, path: str, value: Value) -> Set:
        """The change that gives a property this value."""
        return Set(self, path, value)

    def remove(self, path: str) -> Remove:
        """The change that takes a property away."""
        return Remove(self, path)

    def __repr__(self) -> str:
        return f"<{self.kind or self.type} {self.address}>"


def _step(value: Value, segment: str | int | Selector, path: str) -> Value:
    if isinstance(value, Unknown):
        return value
    if isinstance(segment, str):
        if isinstance(value, Map):
            return value[segment]
    elif isinstance(value, List):
        if isinstance(segment, Selector):
            return _selected(value, segment)
        if isinstance(value, OpenList) or segment < len(value):
            return value[segment]
        return ABSENT
    return Unknown(f"{path} runs through a value that has no parts")


def _assumed(whole: Value, rest: Sequence[str | int | Selector], value: Value) -> Value:
    """The whole with another value at a place in it; what does not lead there is left as it is."""
    if not rest:
        return value
    step = rest[0]
    if isinstance(step, str):
        if isinstance(whole, OpenMap):
            return whole
        made = Map(whole) if isinstance(whole, Map) else Map()
        made[step] = _assumed(made[step], rest[1:], value)
        return made
    if not isinstance(whole, List) or isinstance(whole, OpenList):
        return whole
    items = List(whole)
    for index, item in enumerate(items):
        if index == step if isinstance(step, int) else _has(item, step):
            items[index] = _assumed(item, rest[1:], value)
    return items


def _has(item: Value, wanted: Selector) -> bool:
    return isinstance(item, Map) and same(item[wanted.key], wanted.value)


def _selected(items: List, wanted: Selector) -> Value:
    undecided: NotKnown | None = None
    try:
        for item in items:
            try:
                if item[wanted.key] == wanted.value:
                    return item
            except NotKnown as error:
                undecided = error
    except NotKnown as error:
        undecided = error
    return Unknown(undecided.reason) if undecided else ABSENT
