"""What the source code of functions calls, where somebody has read it: `by` says "code"."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.graph import Edge, Graph

BY = "code"


def find(graph: Graph, relation: str) -> Iterator[Edge]:
    """The edges of one relation that calls in code make, one for each pair of resources."""
    if graph.uses is not None:
        for edge in graph.uses(graph):
            if edge.kind == relation:
                yield edge
