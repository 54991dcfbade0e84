"""What a capability saves or costs beyond its patch: a key that goes, tokens at another model's price, metrics that are counted.

Prices stand nowhere here: this says what to price, and the bill says what it comes to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from stackworthy.capabilities.improvement import Improvement
from stackworthy.core.cost import Given
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown, Reference, references
from stackworthy.plan.draft import WhatIf
from stackworthy.prices import catalogue

Asked = Mapping[str, Mapping[str, Given]]
"""Usage by address and key, as the bill was made with."""

KEY, ALIAS = "AWS::KMS::Key", "AWS::KMS::Alias"
_LARGE = re.compile(r"bedrock\.claude-(?:sonnet|opus)-(\d+(?:\.\d+)?)-(.+)")
_SMALL = re.compile(r"bedrock\.claude-haiku-(\d+(?:\.\d+)?)-.+")


def whatif(name: str, graph: Graph, asked: Asked, found: Sequence[Improvement]) -> tuple[WhatIf | None, str]:
    """What to take for granted when a capability is priced, and the words that say so; (None, "") when its patch says all."""
    resources = [address for one in found for address in one.resources]
    if name == "managed-key":
        return _keys(graph, resources)
    if name == "nat-gateway":
        return _gateways(graph, resources)
    if name == "model-choice":
        return _models(asked, resources)
    if name == "custom-metrics":
        return _metrics(resources, sum(max(len(one.steps) - 1, 0) for one in found))
    if name == "batch-spot-migration":
        return (
            None,
            "the patched graph: jobs of the tasks' size and duration, all on Spot at its typical price",
        )
    return None, ""


def _keys(graph: Graph, resources: Sequence[str]) -> tuple[WhatIf | None, str]:
    """Keys that nothing uses but what gives them up."""
    keys = [one for one in map(graph.get, resources) if one is not None and one.kind == KEY]
    idle = tuple(key.address for key in keys if _users(graph, key) <= {*resources})
    if not idle:
        return None, ""
    return (
        WhatIf(without=idle),
        "the bill once the key is deleted; until then the patch alone saves only the fees of its requests",
    )


def _users(graph: Graph, key: Resource) -> set[str]:
    """Resources that refer to a key, besides its aliases and what only lets somebody use it."""
    found = set()
    for one in graph:
        if one.kind == ALIAS or (one.kind or "").startswith("AWS::IAM::") or one.address == key.address:
            continue
        if any(reference.address == key.address for reference in _refers(one)):
            found.add(one.part_of or one.address)
    return found


def _refers(resource: Resource) -> Iterator[Reference]:
    for name in resource.properties.names():
        try:
            yield from references(resource[name])
        except NotKnown:
            continue


def _gateways(graph: Graph, resources: Sequence[str]) -> tuple[WhatIf | None, str]:
    """Gateways and their addresses."""
    gone = tuple(address for address in resources if graph.get(address) is not None)
    words = "the bill without the gateway and its address; addresses of running tasks, or interface endpoints, come on top"
    return (WhatIf(without=gone), words) if gone else (None, "")


def _models(asked: Asked, resources: Sequence[str]) -> tuple[WhatIf | None, str]:
    """All tokens of the larger model at the price of the smaller one: of its own version, else of the newest that has a price."""
    large = [
        (address, key, found[1], found[2])
        for address in resources
        for key in asked.get(address, {})
        if (found := _LARGE.fullmatch(key))
    ]
    if not large:
        return None, ""
    known = catalogue().dimensions
    versions = {found[1] for key in known if (found := _SMALL.fullmatch(key))}
    ranked = sorted(versions, key=lambda name: (name == large[0][2], Decimal(name)), reverse=True)
    for version in ranked:
        names = [f"bedrock.claude-haiku-{version}-{rest}" for _, _, _, rest in large]
        if all(name in known for name in names):
            moved = tuple(
                (address, key, name) for (address, key, _, _), name in zip(large, names, strict=True)
            )
            words = f"all tokens at the price of Claude Haiku {version}: the most that it may save"
            return WhatIf(moved=moved), words
    return None, ""


def _metrics(resources: Sequence[str], count: int) -> tuple[WhatIf | None, str]:
    if not resources or not count:
        return None, ""
    words = f"{count} metrics of one's own, each with one set of dimensions"
    return WhatIf(quantities=((resources[0], "custom_metrics", Decimal(count)),)), words
