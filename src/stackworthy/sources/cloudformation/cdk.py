"""What an assembly of the Cloud Development Kit (`cdk.out`) adds to its templates.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from stackworthy.core.workspace import Unreadable, Workspace

MAX_STAGES = 20


def _metadata(body: Any) -> Mapping[str, Any]:
    metadata = body.get("Metadata") if isinstance(body, dict) else None
    return metadata if isinstance(metadata, dict) else {}


def construct_path(body: Any, name: str) -> str:
    """A resource's construct path ("Api/Handler/Resource"), or its logical id when the CDK did not make it."""
    path = _metadata(body).get("aws:cdk:path")
    return path if isinstance(path, str) and path else name


def nested_template(body: Any) -> str | None:
    """The file of a nested stack's template in the assembly."""
    metadata = _metadata(body)
    if metadata.get("aws:asset:property") == "TemplateURL" and isinstance(
        metadata.get("aws:asset:path"), str
    ):
        return str(metadata["aws:asset:path"])
    return None


def asset(body: Any) -> str | None:
    """The folder or file of an asset (code, layer) that the resource uses, relative to its template."""
    metadata = _metadata(body)
    path = metadata.get("aws:asset:path")
    return path if isinstance(path, str) and metadata.get("aws:asset:property") != "TemplateURL" else None


def templates(workspace: Workspace, manifest: str, depth: int = 0) -> Iterator[str]:
    """The templates of every stack in an assembly and in the assemblies of its stages; raises `Unreadable`."""
    folder = posixpath.dirname(manifest)
    for artifact in artifacts(workspace.read(manifest)).values():
        if not isinstance(artifact, dict):
            continue
        properties = artifact.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        if artifact.get("type") == "aws:cloudformation:stack":
            name = properties.get("templateFile")
            if isinstance(name, str):
                yield posixpath.normpath(posixpath.join(folder, name))
        elif artifact.get("type") == "cdk:cloud-assembly" and depth < MAX_STAGES:
            name = properties.get("directoryName")
            if isinstance(name, str):
                nested = posixpath.normpath(posixpath.join(folder, name, "manifest.json"))
                yield from _below(workspace, nested, depth + 1)


def _below(workspace: Workspace, manifest: str, depth: int) -> Iterator[str]:
    try:
        yield from templates(workspace, manifest, depth)
    except Unreadable:
        return


def artifacts(content: bytes) -> Mapping[str, Any]:
    """The artifacts of an assembly's manifest; none when it is not one."""
    try:
        manifest = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    found = manifest.get("artifacts") if isinstance(manifest, dict) else None
    return found if isinstance(found, dict) else {}
