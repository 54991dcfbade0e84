"""The places of routes in TOML."""

from __future__ import annotations

import pytest

from stackworthy.sources.cloudformation.toml_positions import Positions

TEXT = """\
version = 0.1
[default.global.parameters]
stack_name = "é"

[default.deploy.parameters]  # how it is deployed
region = "eu-west-1"
parameter_overrides = [
  "Stage=dev",
  "StageName=é",
]
["prod-eu".deploy.parameters]
parameter_overrides = "Stage=prod Memory=512"
[environment.dev]
parameters = {Stage = "dev"}
"""


@pytest.mark.parametrize(
    ("route", "line", "text"),
    [
        (("default", "deploy", "parameters", "region"), 6, 'region = "eu-west-1"'),
        (("default", "deploy", "parameters", "parameter_overrides"), 7, "parameter_overrides = ["),
        (("default", "deploy", "parameters", "parameter_overrides", "Stage"), 8, 'Stage=dev",'),
        (("default", "deploy", "parameters", "parameter_overrides", "StageName"), 9, 'StageName=é",'),
        (("prod-eu", "deploy", "parameters", "parameter_overrides", "Memory"), 12, 'Memory=512"'),
        (("prod-eu", "deploy", "parameters", "parameter_overrides", "Other"), 12, "parameter_overrides ="),
        (("default", "deploy", "parameters", "nothing"), 5, "[default.deploy.parameters]"),
        (("environment", "dev", "parameters", "Stage"), 14, 'Stage = "dev"}'),
        (("nowhere",), 1, ""),
    ],
)
def test_a_route_leads_to_its_line(route, line, text) -> None:
    content = TEXT.encode()
    span = Positions("samconfig.toml", content).span(route)
    assert span.line == line
    assert content[span.start_byte : span.end_byte].decode().startswith(text)
    assert Positions("samconfig.toml", content).line(route) == line
    assert Positions("samconfig.toml", content).region(route) == (line, line)
