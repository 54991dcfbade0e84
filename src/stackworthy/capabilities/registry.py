"""All capabilities by name. A capability's module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from stackworthy.capabilities.improvement import Improvement
from stackworthy.core.graph import Graph

CAPABILITIES = {
    "alarms": "a first set of alarms: failures, throttles, slow answers, failed messages that wait",
}
"""Each capability with one line on it; it lives in the module of its name (with `_` for `-`), as `improvements(graph)`."""


def improvements(name: str, graph: Graph) -> list[Improvement]:
    """What a capability comes to on a stack; none where the stack has nothing that it is for."""
    module = import_module(f"stackworthy.capabilities.{name.replace('-', '_')}")
    found: Callable[[Graph], list[Improvement]] = module.improvements
    return found(graph)
