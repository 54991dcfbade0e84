"""A start file: the stack's own entry points with rates of a small, medium or large workload, and what can be stated beside them."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.workload.entries import ROUTES, entry_points, label, route_key
from stackworthy.workload.model import FACTS

SIZES = {"small": 1_000, "medium": 100_000, "large": 10_000_000}
"""Requests a month of all routes of an API together, or of one other entry point."""
WORDS = {
    "small": "a team's own tool: 1,000 requests a month to each API",
    "medium": "a product in use: 100,000 requests a month to each API",
    "large": "a busy service: 10,000,000 requests a month to each API",
}
READS = ("GET", "HEAD", "OPTIONS", "Query")
READ_WEIGHT = 4
"""How many reads come for a write."""


def start_file(graphs: list[Graph], size: str) -> str:
    """The text of a start file for these stacks."""
    return "\n".join(_lines(graphs, size)) + "\n"


def _lines(graphs: list[Graph], size: str) -> Iterator[str]:
    yield f"# What the stacks are asked to do in a month ({WORDS[size]}): replace the rates by your own."
    yield '# A rate is "60000/month", "5/s", "3/day/user" (with users below), or "50 peak/s" with a curve.'
    yield "[workload]"
    yield "# users = 100"
    yield '# curve = "office"                # or "flat", "evening", or 24 weights: what a peak rate comes to in a month'
    for graph in graphs:
        points = entry_points(graph)
        if points:
            yield ""
            yield f"# {graph.path}"
        for name, rate in _rates(points, SIZES[size]):
            yield f'{quoted(name)} = "{rate}/month"'
    yield ""
    yield "# Sizes and durations, where you know them; for one entry:"
    yield '# "POST /example" = { rate = "1000/month", response_kb = 8 }'
    yield "# How often code uses something for each request, where once is wrong:"
    yield "# [workload.calls]"
    yield f"# {_example_call(graphs)}"
    yield ""
    yield "# Figures of one resource: usage keys (docs/usage.md), or facts of the flow"
    yield f"# [workload.resource.{_example_resource(graphs)}]"
    yield "# duration_ms = 120"
    yield ""
    yield "# What is assumed of everything that says nothing else"
    yield "# [workload.defaults]"
    for name, fact in FACTS.items():
        yield f"# {name} = {fact.value}{' ' * max(30 - len(name) - len(str(fact.value)), 1)}# {fact.unit}: {fact.why}"
    yield ""
    yield "# Bills side by side: stackworthy cost . --scenario busy"
    yield "# [scenario.busy]"
    yield "# scale = 10"


def _rates(points: list[Resource], total: int) -> Iterator[tuple[str, int]]:
    """Rates of entry points: the total of an API is spread over its routes, more of it on reads; each name once."""
    routes = [one for one in points if one.kind in ROUTES]
    weights = {one.address: READ_WEIGHT if label(one).startswith(READS) else 1 for one in routes}
    whole = sum(weights.values()) or 1
    seen: set[str] = set()
    for one in points:
        name = route_key(one) or one.address if one.kind in ROUTES else one.address
        if name in seen:
            continue
        seen.add(name)
        share = total * weights.get(one.address, whole) / whole
        yield name, max(_rounded(share), 1)


def _rounded(value: float) -> int:
    """Two digits that matter: a guess looks like one."""
    whole = round(value)
    places = max(len(str(whole)) - 2, 0)
    return int(round(whole, -places))


def quoted(name: str) -> str:
    """A key as TOML writes it."""
    if name.replace("_", "").replace("-", "").isalnum() and name.isascii():
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"'
        + "".join(character if character >= " " else f"\\u{ord(character):04x}" for character in escaped)
        + '"'
    )


def _example_call(graphs: list[Graph]) -> str:
    for graph in graphs:
        for fn in graph.of("AWS::Lambda::Function"):
            for edge in graph.edges("writes").by_source.get(fn.address, ()):
                name = f"{fn.address} -> {edge.target.address}"
                return f"{quoted(name)} = {{ reads = 1, writes = 0.2 }}"
    return '"Function -> Table" = { reads = 1, writes = 0.2 }'


def _example_resource(graphs: list[Graph]) -> str:
    for graph in graphs:
        for fn in graph.of("AWS::Lambda::Function"):
            return quoted(fn.address)
    return "Function"
