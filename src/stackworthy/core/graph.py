"""The resources of one stack and the relations between them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.finding import Finding
from stackworthy.core.origin import Origin, Trail
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, OpenList, Unknown, Value
from stackworthy.core.workspace import Workspace


class Vocabulary(Protocol):
    """What is known of kinds: their defaults and the types of their properties."""

    def default(self, kind: str, path: str, given: str) -> Value:
        """The documented value of a property that nobody stated, or `ABSENT`; `given` is the longest part of the path that is."""
        ...

    def coerce(self, kind: str, name: str, value: Value) -> Value:
        """The value of a top-level property with its scalars as the kind's schema types them (`"30"` -> 30)."""
        ...


class Edge(msgspec.Struct, frozen=True, eq=False):
    """One relation. `via` says what makes it so: `by` in words, the `resource` that states it (a mapping, a permission), details.

    Reading an edge by path (`edge["BatchSize"]`) reads the resource that states it.
    """

    source: Resource
    target: Resource
    kind: str
    by: str
    resource: Resource | None = None
    details: Mapping[str, Any] = msgspec.field(default_factory=dict)

    def __getitem__(self, path: str) -> Value:
        return self.resource[path] if self.resource is not None else ABSENT


class LooseEnd(msgspec.Struct, frozen=True, eq=False):
    """A relation of which one end cannot be resolved: it may go to any resource of `kinds` (empty: of any kind)."""

    kind: str
    reason: str
    source: Resource | None = None
    target: Resource | None = None
    kinds: frozenset[str] = frozenset()


Relator = Callable[["Graph"], Iterable[Edge | LooseEnd]]


class Edges:
    """All relations of one kind, found by either end."""

    __slots__ = ("all", "by_source", "by_target", "loose")

    def __init__(self, found: Iterable[Edge | LooseEnd]) -> None:
        self.all: list[Edge] = []
        self.loose: list[LooseEnd] = []
        self.by_source: dict[str, list[Edge]] = {}
        self.by_target: dict[str, list[Edge]] = {}
        for item in found:
            if isinstance(item, LooseEnd):
                self.loose.append(item)
            else:
                self.all.append(item)
                self.by_source.setdefault(item.source.address, []).append(item)
                self.by_target.setdefault(item.target.address, []).append(item)


class _NoProperties:
    """What a stack itself states: nothing; its place is the start of its file."""

    def __init__(self, path: str) -> None:
        self._origin = Origin(path, ())

    def names(self) -> Collection[str]:
        return ()

    def value(self, _: str) -> Value:
        return ABSENT

    def origin(self, _: str) -> Origin:
        return self._origin

    def trail(self, _: str) -> Trail:
        return ()

    def native(self) -> Value | None:
        """None: nobody stated anything."""
        return None

    def metadata(self) -> Any:
        return None


class Graph:
    """Resources by address, and relations by kind; relations are worked out when first asked for.

    `metadata` is what authors attached to whole files for tools, by file; `workspace` is where the source code of functions is read from
    (None: nowhere), `code_diagnostics` what is wrong with that code, `uses`
    gives the relations that calls in it make (None: nobody reads it).
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        relators: Mapping[str, Relator],
        *,
        path: str = "",
        format: str = "",
        facts: Any = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.relators = relators
        self.path = path
        self.file = path
        self.format = format
        self.facts = facts
        self.workspace: Workspace | None = None
        self.code_diagnostics: list[Diagnostic] = []
        self.uses: Callable[[Graph], Iterable[Edge]] | None = None
        self.metadata: dict[str, Any] = {}
        self.resources: dict[str, Resource] = {}
        self._by_kind: dict[str, list[Resource]] = {}
        self._edges: dict[str, Edges] = {}
        self.memo: dict[Any, Any] = {}

    def add(self, resource: Resource) -> None:
        """Put a resource on the graph; its address must be new."""
        if resource.address in self.resources:
            raise ValueError(f"two resources with the address {resource.address}")
        resource.graph = self
        self.resources[resource.address] = resource
        if resource.kind is not None and resource.present and not self._is_satellite(resource):
            self._by_kind.setdefault(resource.kind, []).append(resource)

    def _is_satellite(self, resource: Resource) -> bool:
        owner = self.resources.get(resource.part_of) if resource.part_of else None
        return owner is not None and owner.kind == resource.kind

    def __getitem__(self, address: str) -> Resource:
        return self.resources[address]

    def finding(self, **evidence: Value) -> Finding:
        """A fault of the stack as a whole: its address is empty; `evidence` fills the rule's message."""
        stack = Resource("", None, self.format, _NoProperties(self.file), Origin(self.file, ()))
        stack.graph = self
        return stack.finding(**evidence)

    def get(self, address: str) -> Resource | None:
        """The resource of this address, present or not."""
        return self.resources.get(address)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    def __len__(self) -> int:
        return len(self.resources)

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these kinds that exist, without satellites."""
        if len(kinds) == 1:
            return self._by_kind.get(kinds[0], [])
        return [resource for kind in kinds for resource in self._by_kind.get(kind, ())]

    def kinds(self) -> Iterable[str]:
        """The kinds of which a resource exists."""
        return self._by_kind.keys()

    def edges(self, kind: str) -> Edges:
        """All relations of a kind; none for a kind that nobody can work out."""
        found = self._edges.get(kind)
        if found is None:
            relator = self.relators.get(kind)
            found = self._edges[kind] = Edges(relator(self) if relator else ())
        return found

    def edges_to(self, target: Resource, kind: str) -> List:
        """The relations of a kind that end at the resource, open when an unresolved one may end there too."""
        edges = self.edges(kind)
        known = edges.by_target.get(target.address, [])
        loose = [
            end for end in edges.loose if end.target is target or (end.target is None and _fits(end, target))
        ]
        return OpenList(known, Unknown(loose[0].reason)) if loose else List(known)

    def edges_from(self, source: Resource, kind: str) -> List:
        """The relations of a kind that start at the resource, open when an unresolved one may start there too."""
        edges = self.edges(kind)
        known = edges.by_source.get(source.address, [])
        loose = [
            end for end in edges.loose if end.source is source or (end.source is None and _fits(end, source))
        ]
        return OpenList(known, Unknown(loose[0].reason)) if loose else List(known)

    def sources(self, target: Resource, kind: str) -> List:
        """The resources at the other end of `edges_to`."""
        edges = self.edges_to(target, kind)
        return _mapped(edges, lambda edge: edge.source)

    def targets(self, source: Resource, kind: str) -> List:
        """The resources at the other end of `edges_from`."""
        edges = self.edges_from(source, kind)
        return _mapped(edges, lambda edge: edge.target)


def _fits(end: LooseEnd, resource: Resource) -> bool:
    return not end.kinds or resource.kind in end.kinds


def _mapped(edges: List, other: Callable[[Edge], Resource]) -> List:
    if isinstance(edges, OpenList):
        return OpenList([other(edge) for edge in edges.known], edges.rest)
    return List(other(edge) for edge in edges)
