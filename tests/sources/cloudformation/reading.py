"""Stacks for the reader's tests: files in memory, read for real."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

from tests.support.templates import Files

from stackworthy.config import Environment, Settings
from stackworthy.core.plain import plain
from stackworthy.core.value import Value
from stackworthy.sources.cloudformation.reader import read
from stackworthy.sources.stack import Reading, StackRef

TEMPLATE = "template.yaml"


def reading(
    template: str | Mapping[str, Any],
    others: Mapping[str, str | bytes] | None = None,
    *,
    file: str = TEMPLATE,
    format: str = "cloudformation",
    environment: Environment | None = None,
    **settings: Any,
) -> Reading:
    """A template (text, or plain data) read together with other files."""
    text = textwrap.dedent(template) if isinstance(template, str) else json.dumps(template)
    files = {file: text.encode()}
    for name, content in (others or {}).items():
        files[name] = textwrap.dedent(content).encode() if isinstance(content, str) else content
    return read(Files(files), StackRef(format, file), Settings(**settings), environment)


def bucket_name(value: str, sections: str = "", **settings: Any) -> Value:
    """What a raw value, written as YAML, comes to as the name of a bucket in a template with these sections."""
    template = (
        f"Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: {value}\n"
    )
    template += "  Other: {Type: AWS::S3::Bucket}\n"
    return reading(template + textwrap.dedent(sections), **settings).graph["Bucket"].stated("BucketName")


def custom(value: str, sections: str = "", **settings: Any) -> Value:
    """What a raw value comes to as a property of a custom resource, which no schema types."""
    template = f"Resources:\n  It:\n    Type: Custom::It\n    Properties:\n      Given: {value}\n"
    template += "  Other: {Type: AWS::S3::Bucket}\n"
    return reading(template + textwrap.dedent(sections), **settings).graph["It"].stated("Given")


def shown(found: Reading) -> dict[str, Any]:
    """The properties of every resource as plain data, by address."""
    return {resource.address: plain(resource.all_properties()) for resource in found.graph}


def complaints(found: Reading) -> list[tuple[str, int, str]]:
    """File, line and message of every diagnostic."""
    return [(item.file, item.line, item.message) for item in found.diagnostics]


def stack(location: str, **parameters: object) -> str:
    """A nested stack as JSON, which may stand in YAML too."""
    return json.dumps(
        {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": location, "Parameters": parameters},
        }
    )
