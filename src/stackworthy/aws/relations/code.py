"""What the source code of functions calls, where somebody has read it.

A permission that says the same keeps its relation, and carries the calls as the detail `code`; without one, `by` says "code".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from stackworthy.core.graph import Edge, Graph, LooseEnd

BY = "code"


def joined(graph: Graph, relation: str, permitted: Iterable[Edge | LooseEnd]) -> Iterator[Edge | LooseEnd]:
    """The relations of one kind that permissions and calls in code make, one for each pair of resources."""
    called = {
        (edge.source.address, edge.target.address): edge
        for edge in (graph.uses(graph) if graph.uses is not None else ())
        if edge.kind == relation
    }
    for found in permitted:
        known = (
            called.pop((found.source.address, found.target.address), None)
            if isinstance(found, Edge)
            else None
        )
        if known is not None and isinstance(found, Edge):
            yield msgspec.structs.replace(found, details={**found.details, "code": known.details})
        else:
            yield found
    yield from called.values()
