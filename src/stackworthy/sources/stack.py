"""What every source gives: the stacks that it finds, and what reading one of them comes to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.graph import Edge, Graph
from stackworthy.core.origin import Origin, Span
from stackworthy.core.workspace import Workspace


class StackRef(msgspec.Struct, frozen=True):
    """One stack to review: a template, an assembly's template or a root folder, relative to the workspace's root."""

    format: str
    path: str


class Locator(Protocol):
    """Makes origins concrete, by parsing the files that need it again."""

    def span(self, origin: Origin) -> Span:
        """The place of an origin."""
        ...

    def line(self, origin: Origin) -> int:
        """The line of an origin, cheaply: every resource has one."""
        ...

    def region(self, origin: Origin) -> tuple[int, int]:
        """The first and last line (from 1) of what stands at an origin."""
        ...

    def text(self, file: str) -> str:
        """The file's text, for comments and excerpts."""
        ...


class Reading(msgspec.Struct):
    """A stack's graph in one environment, how to find its places, and what was wrong with the input."""

    graph: Graph
    locator: Locator
    diagnostics: list[Diagnostic] = msgspec.field(default_factory=list)


def with_code(graph: Graph, workspace: Workspace) -> None:
    """Let the graph know where the source code of its functions is read from; nothing is read before somebody asks."""
    graph.workspace = workspace
    graph.uses = _uses


def has_code(graph: Graph) -> bool:
    """Whether a function of the stack may have source code in reach; cheap, and imports nothing."""
    return graph.workspace is not None and any(
        function.code is not None or isinstance(function.stated("Code"), dict)
        for function in graph.of("AWS::Lambda::Function")
    )


def _uses(graph: Graph) -> Iterable[Edge]:
    if not has_code(graph):
        return ()
    from stackworthy.sources.code.uses import uses

    return uses(graph)
