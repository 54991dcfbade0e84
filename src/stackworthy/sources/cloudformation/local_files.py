"""Definitions that a SAM template keeps in files of their own, put where the template refers to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.yaml_text import Malformed

_BODIES = {
    "AWS::Serverless::StateMachine": ("DefinitionUri", "Definition"),
    "AWS::Serverless::Api": ("DefinitionUri", "DefinitionBody"),
    "AWS::Serverless::HttpApi": ("DefinitionUri", "DefinitionBody"),
}


def with_local_definitions(
    file: str, resources: Mapping[str, Any], documents: Documents
) -> Mapping[str, Any]:
    """The resources, those with a `DefinitionUri` that leads to a local file having its content as their definition.

    A file that cannot be read leaves the resource as it is: where it leads is then known only at deployment.
    """
    replaced: dict[str, Any] = {}
    for name, body in resources.items():
        names = _BODIES.get(body.get("Type"))
        properties = body.get("Properties")
        if names is None or not isinstance(properties, dict):
            continue
        uri, definition = names
        location = properties.get(uri)
        if not isinstance(location, str) or "://" in location or definition in properties:
            continue
        try:
            content = documents.raw(documents.beside(file, location))
        except (Unreadable, Malformed):
            continue
        if isinstance(content, dict):
            kept = {key: value for key, value in properties.items() if key != uri}
            replaced[name] = {**body, "Properties": {**kept, definition: content}}
    return {**resources, **replaced} if replaced else resources
