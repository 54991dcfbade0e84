"""Definitions that a template keeps in files of their own, put where the template refers to them.

`sam deploy` and `aws cloudformation package` upload such files; `AWS::Include` puts them in before SAM sees the template.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackworthy.core.origin import Origin
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.scope import Scope
from stackworthy.sources.cloudformation.sections import Includes, Problem, include_location
from stackworthy.sources.cloudformation.text import Malformed

_BODIES: Mapping[str, tuple[str, str]] = {
    "AWS::Serverless::StateMachine": ("DefinitionUri", "Definition"),
    "AWS::Serverless::Api": ("DefinitionUri", "DefinitionBody"),
    "AWS::Serverless::HttpApi": ("DefinitionUri", "DefinitionBody"),
    "AWS::StepFunctions::StateMachine": ("DefinitionS3Location", "Definition"),
    "AWS::ApiGateway::RestApi": ("BodyS3Location", "Body"),
    "AWS::ApiGatewayV2::Api": ("BodyS3Location", "Body"),
}


def with_local_definitions(
    scope: Scope, resources: Mapping[str, Any], documents: Documents, includes: Includes, problem: Problem
) -> Mapping[str, Any]:
    """The resources, those that name a local file for their definition having its content as the definition.

    What cannot be read leaves the resource as it is: its definition is then known only at deployment.
    """
    replaced: dict[str, Any] = {}
    for name, body in resources.items():
        names = _BODIES.get(body["Type"])
        properties = body.get("Properties")
        if names is None or not isinstance(properties, dict):
            continue
        uri, definition = names
        if definition in properties:
            content = _included(scope, properties[definition], includes)
        else:
            place = scope.place(("Resources", name, "Properties", uri))
            content = _read(scope.file, uri, properties.get(uri), documents, place, problem)
        if isinstance(content, dict):
            kept = {key: value for key, value in properties.items() if key != uri}
            replaced[name] = {**body, "Properties": {**kept, definition: content}}
    return {**resources, **replaced} if replaced else resources


def _included(scope: Scope, definition: Any, includes: Includes) -> Any:
    if not (isinstance(definition, dict) and len(definition) == 1):
        return None
    location = include_location(scope, definition.get("Fn::Transform"))
    return includes.content(scope, location) if location is not None else None


def _read(
    file: str, property: str, location: Any, documents: Documents, place: Origin, problem: Problem
) -> Any:
    if not isinstance(location, str) or not location or "://" in location:
        return None
    path = documents.beside(file, location)
    try:
        content = documents.raw(path)
    except Unreadable as error:
        hint = error.hint or "create the file, or name the one that is meant"
        problem(place, f"{property} {location} {error.message}", hint)
        return None
    except Malformed as error:
        problem(Origin(path, ("line", error.line)), error.message, error.hint or "mend the file")
        return None
    if not isinstance(content, dict):
        problem(place, f"{property} {location} holds no map", "name the file that holds the definition")
    return content
