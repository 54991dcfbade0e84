"""`[scenario.NAME]`: the same stacks under another workload, or with other properties, priced beside each other.

[scenario.cache]
description = "answer half of the reads from a cache"
[scenario.cache.set.ApiStage]
CacheClusterEnabled = true
CacheClusterSize = "0.5"
[scenario.cache.workload.resource.ApiStage]
cache_hit_percent = 50
[scenario.busy]
scale = 10
[scenario.edge.add.Cdn]
Type = "AWS::CloudFront::Distribution"
Properties = {}
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import msgspec

from stackworthy.config_file import line_of
from stackworthy.core.cost import UsageError, quantity
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.prices.regions import check_region
from stackworthy.workload.billing import Stack, Terms
from stackworthy.workload.changed import changed, check_kind, check_path, new
from stackworthy.workload.entries import named

KEYS = ("add", "description", "region", "remove", "scale", "set", "workload")
MOST = 50


class Scenario(msgspec.Struct, frozen=True):
    """What is different in a scenario: the workload laid over, properties by resource, resources taken out and put in."""

    name: str
    description: str = ""
    workload: Mapping[str, Any] = {}
    properties: Mapping[str, Mapping[str, Any]] = {}
    removed: tuple[str, ...] = ()
    added: Mapping[str, Mapping[str, Any]] = {}
    factor: Decimal = Decimal(1)
    region: str = ""
    file: str = ""
    text: str = ""

    def line(self, *at: str) -> int:
        """The line of a key of the scenario."""
        return line_of(self.text, ("scenario", self.name, *at))


def scenarios(table: Mapping[str, Any], file: str, text: str) -> list[Scenario]:
    """The scenarios of a settings file. Raises `UsageError`."""
    if len(table) > MOST:
        raise UsageError(f"more than {MOST} scenarios", "keep those that matter", key="scenario", file=file)
    return [_scenario(name, stated, file, text) for name, stated in table.items()]


def chosen(found: list[Scenario], names: tuple[str, ...]) -> list[Scenario]:
    """The scenarios of these names (none: all of them). Raises `UsageError`."""
    by_name = {one.name: one for one in found}
    for name in names:
        if name not in by_name:
            near = get_close_matches(name, by_name, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(by_name) or 'none'}"
            raise UsageError(f"there is no scenario {name!r}", hint, key="scenario")
    return [by_name[name] for name in names] if names else found


def _scenario(name: str, stated: Any, file: str, text: str) -> Scenario:
    def line(*at: str) -> int:
        return line_of(text, ("scenario", name, *at))

    if not isinstance(stated, Mapping):
        raise UsageError(
            f"[scenario.{name}] is no table", "write tables below it", key=name, file=file, line=line()
        )
    for key in stated:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"it may have {', '.join(KEYS)}"
            raise UsageError(
                f"[scenario.{name}] has no key {key!r}", hint, key=key, file=file, line=line(key)
            )
    tables = {key: stated.get(key, {}) for key in ("workload", "set", "add")}
    for key, found in tables.items():
        if not isinstance(found, Mapping) or (
            key != "workload" and not all(isinstance(one, Mapping) for one in found.values())
        ):
            hint = (
                f"write [scenario.{name}.{key}.RESOURCE]"
                if key != "workload"
                else f"write [scenario.{name}.workload]"
            )
            raise UsageError(f"[scenario.{name}] {key} is no table", hint, key=key, file=file, line=line(key))
    removed = stated.get("remove", [])
    if not isinstance(removed, list) or not all(isinstance(one, str) for one in removed):
        raise UsageError(
            "remove is no list of names",
            'write remove = ["Name"]',
            key="remove",
            file=file,
            line=line("remove"),
        )
    region = str(stated.get("region", ""))
    if region:
        try:
            check_region(region)
        except UsageError as error:
            raise UsageError(
                error.message, error.hint, key="region", file=file, line=line("region")
            ) from None
    factor = scale_of(stated.get("scale", 1), f"scenario.{name}.scale", file, line("scale"))
    return Scenario(
        name, str(stated.get("description", "")), tables["workload"], tables["set"], tuple(removed), tables["add"],
        factor, region, file, text,
    )  # fmt: skip


def scale_of(stated: Any, key: str, file: str = "", line: int = 0) -> Decimal:
    """A factor as people write it: `10`, `"10x"`, `"1,000x"`. Raises `UsageError`."""
    text = stated.strip().lower().removesuffix("x").replace(",", "") if isinstance(stated, str) else stated
    return quantity(text, key, file, line)


def under(scenario: Scenario, stacks: list[Stack], terms: Terms) -> tuple[list[Stack], Terms]:
    """The stacks and terms of a scenario. Raises `UsageError` for a resource, kind or property that there is not."""
    for name in (*scenario.properties, *scenario.removed):
        if not any(named(stack.graph, name) for stack in stacks):
            key = "set" if name in scenario.properties else "remove"
            raise _no_resource(scenario, name, stacks, key)
    made = []
    tables: dict[int, Any] = {}
    for index, stack in enumerate(stacks):
        own = stack.workload
        if id(own) not in tables:
            at = ("scenario", scenario.name, "workload")
            tables[id(own)] = own.over(scenario.workload, at) if scenario.workload else own
        graph = _graph(scenario, stack.graph, first=index == 0)
        made.append(Stack(graph, tables[id(own)], stack.environment))
    region = scenario.region or terms.region
    return made, msgspec.structs.replace(terms, factor=terms.factor * scenario.factor, region=region)


def _graph(scenario: Scenario, graph: Graph, *, first: bool) -> Graph:
    properties: dict[str, Mapping[str, Any]] = {}
    for name, changes in scenario.properties.items():
        for resource in named(graph, name):
            for path in changes:
                if resource.kind is not None:
                    check_path(resource.kind, path, scenario.file, scenario.line("set", name, path))
            properties[resource.address] = changes
    without = [resource.address for name in scenario.removed for resource in named(graph, name)]
    added = (
        [_added(scenario, name, stated, graph) for name, stated in scenario.added.items()] if first else []
    )
    if not (properties or without or added or scenario.region):
        return graph
    made = changed(graph, properties, without, added)
    if scenario.region:
        for resource in made:
            resource.region = scenario.region
    return made


def _added(scenario: Scenario, name: str, stated: Mapping[str, Any], graph: Graph) -> Resource:
    line = scenario.line("add", name)
    if graph.get(name) is not None:
        raise UsageError(
            f"there is a {name} already", "give it another name", key=name, file=scenario.file, line=line
        )
    kind = stated.get("Type")
    if not isinstance(kind, str):
        raise UsageError(
            f"{name} has no Type",
            'write Type = "AWS::CloudFront::Distribution"',
            key=name,
            file=scenario.file,
            line=line,
        )
    check_kind(kind, scenario.file, line)
    properties = stated.get("Properties", {})
    if not isinstance(properties, Mapping):
        raise UsageError(
            f"the Properties of {name} are no table",
            "write Properties = {}",
            key=name,
            file=scenario.file,
            line=line,
        )
    for path in properties:
        check_path(kind, path, scenario.file, line)
    return new(name, kind, properties, next(iter(graph), None), graph)


def _no_resource(scenario: Scenario, name: str, stacks: list[Stack], key: str) -> UsageError:
    known = [resource.address for stack in stacks for resource in stack.graph]
    near = get_close_matches(name, known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else "stackworthy graph lists the resources"
    return UsageError(
        f"no stack here has {name!r}", hint, key=name, file=scenario.file, line=scenario.line(key, name)
    )
