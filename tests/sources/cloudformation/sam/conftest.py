"""AWS's own transform as the oracle: small templates written here must come out equal."""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from tools.compare_sam import Oracle, compare, load

from stackworthy.sources.cloudformation.sam.expand import expand
from stackworthy.sources.cloudformation.sam.expansion import Expansion

Check = Callable[..., Expansion]


def read(text: str) -> Any:
    """A template from YAML with short tags; text without sections is taken for its resources."""
    text = textwrap.dedent(text)
    if "Resources:" not in text:
        text = "Resources:\n" + textwrap.indent(text, "  ")
    template = load(text)
    assert template is not None, "the template of this test is no template"
    return template


@pytest.fixture
def template_of() -> Callable[[str], Any]:
    return read


@pytest.fixture
def same_as_aws(monkeypatch: pytest.MonkeyPatch) -> Check:
    """A check that our expansion of a template equals AWS's; it returns the expansion."""
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)

    def check(text: str, region: str = "us-east-1", **parameters: Any) -> Expansion:
        template = read(text)
        outcome, _masked = compare("template", template, Oracle(region, parameters=parameters))
        assert outcome.refused is None, "AWS refuses the template of this test"
        assert outcome.differences == []
        assert outcome.problems == []
        return expand(template, parameters, region=region)

    return check


@pytest.fixture
def refused_by_both(monkeypatch: pytest.MonkeyPatch) -> Check:
    """A check that AWS refuses a template and that we note a problem at this route; it returns the expansion."""
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)

    def check(text: str, *route: Any) -> Expansion:
        template = read(text)
        outcome, _masked = compare("template", template, Oracle("us-east-1", parameters={}))
        assert outcome.refused is not None, "AWS accepts the template of this test"
        expansion = expand(template, {})
        assert route in [place for place, _message in expansion.problems]
        return expansion

    return check


@pytest.fixture
def function() -> Callable[[str], str]:
    """A template of one function `Fn` with further properties, and with whatever follows a line of "---"."""

    def with_properties(properties: str) -> str:
        properties, _, others = textwrap.dedent(properties).partition("---\n")
        base = "Runtime: python3.13\nHandler: app.handler\n"
        if "CodeUri" not in properties and "InlineCode" not in properties and "PackageType" not in properties:
            base += "CodeUri: s3://bucket/code.zip\n"
        text = "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n"
        if "PackageType: Image" in properties:
            base = ""
        return text + textwrap.indent(base + properties, " " * 6) + "\n" + textwrap.indent(others, "  ")

    return with_properties
