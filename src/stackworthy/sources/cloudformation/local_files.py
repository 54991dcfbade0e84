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
    """The resources, those whose definition stands in a local file (`DefinitionUri`, `AWS::Include`) having its content instead.

    A file that cannot be read leaves the resource as it is: where it leads is then known only at deployment.
    """
    replaced: dict[str, Any] = {}
    for name, body in resources.items():
        names = _BODIES.get(body.get("Type"))
        properties = body.get("Properties")
        if names is None or not isinstance(properties, dict):
            continue
        uri, definition = names
        location = properties.get(uri) if definition not in properties else _included(properties[definition])
        if not isinstance(location, str) or "://" in location:
            continue
        try:
            content = documents.raw(documents.beside(file, location))
        except (Unreadable, Malformed):
            continue
        if isinstance(content, dict):
            kept = {key: value for key, value in properties.items() if key != uri}
            replaced[name] = {**body, "Properties": {**kept, definition: content}}
    return {**resources, **replaced} if replaced else resources


def _included(definition: Any) -> Any:
    """The location of an `AWS::Include` that is the whole definition."""
    transform = (
        definition.get("Fn::Transform") if isinstance(definition, dict) and len(definition) == 1 else None
    )
    if isinstance(transform, dict) and transform.get("Name") == "AWS::Include":
        parameters = transform.get("Parameters")
        return parameters.get("Location") if isinstance(parameters, dict) else None
    return None
