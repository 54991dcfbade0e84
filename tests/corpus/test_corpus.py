"""Whole stacks, each read as it stands beside its expected graph. `UPDATE_GOLDEN=1 pytest tests/corpus` writes those anew."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stackworthy.config import Environment, Settings
from stackworthy.core.graph import Graph
from stackworthy.core.plain import plain
from stackworthy.core.resource import Resource
from stackworthy.core.workspace import Disk
from stackworthy.judge import readings
from stackworthy.sources.find import find

HERE = Path(__file__).parent
ENVIRONMENTS: dict[str, tuple[Environment, ...]] = {
    "orders_sam": (Environment("dev", samconfig="default"), Environment("prod", samconfig="prod")),
    "network_cfn": (
        Environment("test"),
        Environment("production", parameters={"Environment": "production"}, region="eu-west-1"),
        Environment("bare", parameters={"WithDatabase": "false"}),
    ),
}


def described(resource: Resource, line: int) -> dict[str, Any]:
    facts = {
        "kind": resource.kind,
        "type": resource.type,
        "place": f"{resource.origin.file}:{line}",
        "region": resource.region,
        "account": resource.account,
        "made_by": [resource.made_by.address, resource.made_by.path] if resource.made_by else None,
        "when": [resource.when.expression, resource.when.holds] if resource.when else None,
        "code": resource.code,
        "properties": plain(resource.all_properties()),
    }
    return {name: value for name, value in facts.items() if value is not None}


def resources_of(graph: Graph, line: Any) -> dict[str, Any]:
    return {resource.address: described(resource, line(resource.origin)) for resource in graph}


def read_anew(corpus: str) -> dict[str, Any]:
    workspace = Disk(HERE / corpus)
    settings = Settings(environments=ENVIRONMENTS.get(corpus, ()))
    found = find(workspace, "", settings)
    assert found.diagnostics == []
    stacks: dict[str, Any] = {}
    for stack in found.stacks:
        for environment, reading in readings(workspace, stack, settings):
            name = f"{stack.format} {stack.path}" + (f" in {environment.name}" if environment else "")
            stacks[name] = resources_of(reading.graph, reading.locator.line)
            assert reading.diagnostics == [], name
    return stacks


def differences(found: Any, expected: Any, path: str = "") -> Iterator[str]:
    """What differs, in lines that can be read."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in [*expected, *(key for key in found if key not in expected)]:
            yield from differences(found.get(key, "nothing"), expected.get(key, "nothing"), f"{path} > {key}")
    elif found != expected:
        yield f"{path}: {json.dumps(found)} instead of {json.dumps(expected)}"


@pytest.mark.parametrize("corpus", ["cdk_app", "network_cfn", "orders_sam"])
def test_a_whole_stack_gives_the_graph_that_is_expected(corpus: str) -> None:
    golden = HERE / f"{corpus}.json"
    stacks = read_anew(corpus)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(json.dumps(stacks, indent=1, ensure_ascii=False) + "\n")
    assert list(differences(stacks, json.loads(golden.read_text()))) == []
