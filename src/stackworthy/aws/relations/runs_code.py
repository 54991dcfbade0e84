from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.graph import Edge, Graph, LooseEnd


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """Nothing yet."""
    yield from ()
