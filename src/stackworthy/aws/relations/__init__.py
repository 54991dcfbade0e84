"""The relations between resources, one module per kind of relation; docs/relations.md says what each means.

A relation is worked out for a whole graph when somebody first asks for its kind, and only then is its module imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType

from stackworthy.core.graph import Edge, Graph, LooseEnd, Relator

MODULES: Mapping[str, str] = MappingProxyType(
    {
        "triggers": "triggers",
        "invokes": "invokes",
        "reads": "reads",
        "writes": "writes",
        "watches": "watches",
        "protects": "protects",
        "logs to": "logs_to",
        "assumes": "assumes",
        "runs code": "runs_code",
        "routes": "routes",
        "refers to": "refers_to",
    }
)
"""The module of each kind of relation; its function `find(graph)` gives the edges and loose ends."""


def _relator(module: str) -> Relator:
    def find(graph: Graph) -> Iterable[Edge | LooseEnd]:
        found: Iterable[Edge | LooseEnd] = import_module(f"{__name__}.{module}").find(graph)
        return found

    return find


RELATORS: Mapping[str, Relator] = MappingProxyType(
    {kind: _relator(module) for kind, module in MODULES.items()}
)
