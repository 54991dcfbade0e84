"""Configurations of any shape: what a stranger may write never ends the reading with a stack trace."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from stackworthy.config import Settings
from stackworthy.core.workspace import Disk
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.cloudformation.yaml_text import read as read_yaml
from stackworthy.sources.serverless.reader import read
from stackworthy.sources.stack import StackRef

DATA = Path(__file__).parents[2] / "data" / "serverless"
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    "",
    "text",
    "a:b:c",
    "${self:}",
    "${self:functions}",
    "${ssm:/x}",
    "${file(nothing.yml):a}",
    "${file(x.js)}",
    "${self:custom.a.b, ${opt:c}}",
    "${strToBool(x)}",
    [],
    {},
    ["x"],
    [None],
    [[]],
    [{}],
    {"x": None},
    {"Ref": "X"},
    {"Ref": 1},
    {"Fn::GetAtt": ["A", "Arn"]},
    {"Fn::GetAtt": "A.Arn"},
    {"Fn::GetAtt": []},
    {"Fn::Join": []},
    {"Fn::Join": ["", []]},
    {"Fn::Join": {}},
    {"Fn::Sub": ["${a}"]},
    {"Fn::If": ["x"]},
    {"arn": {}},
    {"arn": []},
)


def _spots(tree: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, item in items:
        found.append((tree, key))
        found += _spots(item)
    return found


def _all_values(folder: Path, config: Any) -> None:
    (folder / "serverless.json").write_text(json.dumps(config))
    reading = read(Disk(folder), StackRef("serverless", "serverless.json"), Settings())
    for resource in reading.graph:
        for name in resource.properties.names():
            resource[name]
            origin = resource.properties.origin(name)
            reading.locator.span(origin)
            resource.properties.trail(name)
    for kind in ("triggers", "routes", "assumes", "logs to"):
        reading.graph.edges(kind)


@pytest.mark.fuzz
@pytest.mark.parametrize("service", ["events", "apis"])
@pytest.mark.parametrize("seed", range(60))
def test_no_value_of_another_type_ends_the_reading(service: str, seed: int, tmp_path: Path) -> None:
    """Between one and six places of a whole service get odd values."""
    config = read_yaml((DATA / service / "serverless.yml").read_bytes())
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 6)):
        owner, key = dice.choice(_spots(config))
        owner[key] = dice.choice(ODD)
    _all_values(tmp_path, config)


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize(
    "section", ["service", "provider", "functions", "resources", "custom", "layers", "package"]
)
def test_a_section_may_hold_anything(section: str, odd: Any, tmp_path: Path) -> None:
    """Each section in turn is something else than what belongs there."""
    config = {
        "service": "a",
        "provider": {"name": "aws"},
        "functions": {"f": {"handler": "f.g"}},
        section: odd,
    }
    _all_values(tmp_path, config)


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize(
    "event",
    [
        "http",
        "httpApi",
        "websocket",
        "s3",
        "schedule",
        "sns",
        "sqs",
        "stream",
        "eventBridge",
        "cloudwatchEvent",
        "cloudwatchLog",
        "alb",
        "cognitoUserPool",
        "iot",
        "alexaSkill",
        "msk",
        "kafka",
        "activemq",
        "rabbitmq",
        "cloudFront",
        "unheardOf",
    ],
)
def test_an_event_may_hold_anything(event: str, odd: Any, tmp_path: Path) -> None:
    """Each event in turn has a body that is none."""
    functions = {
        "f": {"handler": "f.g", "events": [{event: odd}, {event: {"arn": odd, "path": odd, "rate": odd}}]}
    }
    _all_values(tmp_path, {"service": "a", "provider": {"name": "aws"}, "functions": functions})


def test_a_file_that_is_no_service_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "serverless.yml").write_text("- provider\n- service\n")
    reading = read(Disk(tmp_path), StackRef("serverless", "serverless.yml"), Settings())
    assert [item.message for item in reading.diagnostics] == ["is not a service: it holds no map"]


def test_a_broken_file_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "serverless.yml").write_text("service: [a\nprovider: aws\n")
    with pytest.raises(Malformed):
        read(Disk(tmp_path), StackRef("serverless", "serverless.yml"), Settings())
