"""One route resource for each route of an API whose routes stand in its OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackworthy.core.graph import Graph
from stackworthy.sources.cloudformation.scope import Scope


def add_routes(graph: Graph, scope: Scope, routes: list[Any], made: Mapping[str, Any]) -> None:
    """Add the routes of the template's APIs to the graph."""
