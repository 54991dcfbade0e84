"""What an assembly of the Cloud Development Kit (`cdk.out`) adds to its templates.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html
https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from stackworthy.core.workspace import Unreadable, Workspace

MANIFEST = "manifest.json"
MAX_STAGES = 500
_STACK = "aws:cloudformation:stack"


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _metadata(body: Any) -> Mapping[str, Any]:
    return _map(_map(body).get("Metadata"))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def construct_path(body: Any) -> str | None:
    """A resource's construct path ("Api/Handler/Resource"), where its metadata has it."""
    return _text(_metadata(body).get("aws:cdk:path"))


def asset(body: Any, property: str | None = None) -> str | None:
    """The file or folder of an asset that the resource uses, relative to its template; of this property, if one is named."""
    metadata = _metadata(body)
    used_for = metadata.get("aws:asset:property")
    wanted = used_for == property if property else used_for != "TemplateURL"
    return _text(metadata.get("aws:asset:path")) if wanted else None


class Assembly:
    """The assembly that a stack's template belongs to, as far as it says something about this stack."""

    def __init__(self, workspace: Workspace, folder: str, name: str, artifact: Mapping[str, Any]) -> None:
        self._workspace = workspace
        self._folder = folder
        self._artifact = artifact
        account, region = _environment(artifact.get("environment"))
        self.account = account
        self.region = region
        self.stack_name = _text(_map(artifact.get("properties")).get("stackName")) or name

    def path(self, body: Any, name: str, within: str) -> str | None:
        """A resource's construct path; `within` is that of the nested stack whose template holds it, else empty."""
        stated = construct_path(body)
        if stated is not None:
            return stated
        found = self._paths.get(name, ())
        if within:
            found = tuple(path for path in found if path.startswith(f"{within}/"))
        return found[0] if found else None

    def source(self, key: str) -> str | None:
        """The file or folder, relative to the workspace, that is uploaded under this object key or image tag."""
        source = self._assets.get(key)
        return posixpath.normpath(posixpath.join(self._folder, source)) if source else None

    @cached_property
    def _paths(self) -> Mapping[str, tuple[str, ...]]:
        """Construct paths by logical id: what the manifest says of a template that has none itself."""
        entries = dict(_map(self._artifact.get("metadata")))
        further = _text(self._artifact.get("additionalMetadataFile"))
        if further:
            entries.update(_map(_json(self._workspace, posixpath.join(self._folder, further))))
        paths: dict[str, tuple[str, ...]] = {}
        for path, notes in entries.items():
            for note in notes if isinstance(notes, list) else ():
                note = _map(note)
                name = _text(note.get("data"))
                if note.get("type") == "aws:cdk:logicalId" and name:
                    paths[name] = (*paths.get(name, ()), path.removeprefix("/"))
        return paths

    @cached_property
    def _assets(self) -> Mapping[str, str]:
        """Sources by object key and image tag, from the asset manifests that the stack depends on."""
        sources: dict[str, str] = {}
        named = self._artifact.get("dependencies")
        others = _artifacts(self._workspace, posixpath.join(self._folder, MANIFEST))
        for name in named if isinstance(named, list) else ():
            artifact = _map(others.get(name)) if isinstance(name, str) else {}
            file = _text(_map(artifact.get("properties")).get("file"))
            if artifact.get("type") == "cdk:asset-manifest" and file:
                sources.update(_sources(_map(_json(self._workspace, posixpath.join(self._folder, file)))))
        return sources


def _sources(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for section, place, key in (("files", "path", "objectKey"), ("dockerImages", "directory", "imageTag")):
        for entry in _map(manifest.get(section)).values():
            source = _text(_map(_map(entry).get("source")).get(place))
            for destination in _map(_map(entry).get("destinations")).values():
                name = _text(_map(destination).get(key))
                if source and name:
                    yield name, source


def _environment(stated: Any) -> tuple[str | None, str | None]:
    """Account and Region of `aws://111122223333/eu-west-1`; None for what is known at deployment."""
    parts = stated.removeprefix("aws://").split("/") if isinstance(stated, str) else []
    if len(parts) != 2:
        return None, None
    account, region = parts
    return (
        account if account and account != "unknown-account" else None,
        region if region and region != "unknown-region" else None,
    )


def nested_scope(path: str) -> str:
    """The construct path of a nested stack, from that of its resource ("Api/Reports.NestedStack/Reports.NestedStackResource")."""
    return posixpath.dirname(path).removesuffix(".NestedStack")


def assembly_of(workspace: Workspace, template: str) -> Assembly | None:
    """The assembly whose manifest, beside the template, names it as a stack's; None when there is none."""
    folder, file = posixpath.split(template)
    for name, artifact in _artifacts(workspace, posixpath.join(folder, MANIFEST)).items():
        artifact = _map(artifact)
        if artifact.get("type") == _STACK and _map(artifact.get("properties")).get("templateFile") == file:
            return Assembly(workspace, folder, name, artifact)
    return None


def templates(workspace: Workspace, manifest: str) -> list[str]:
    """The templates of every stack in an assembly and in the assemblies of its stages; none when it is no assembly."""
    found: dict[str, None] = {}
    manifests = [manifest]
    for current in manifests:
        folder = posixpath.dirname(current)
        for artifact in _artifacts(workspace, current).values():
            artifact = _map(artifact)
            properties = _map(artifact.get("properties"))
            stack, stage = _text(properties.get("templateFile")), _text(properties.get("directoryName"))
            if artifact.get("type") == _STACK and stack:
                found[posixpath.normpath(posixpath.join(folder, stack))] = None
            elif artifact.get("type") == "cdk:cloud-assembly" and stage:
                nested = posixpath.normpath(posixpath.join(folder, stage, MANIFEST))
                if nested not in manifests and len(manifests) < MAX_STAGES:
                    manifests.append(nested)
    return list(found)


def broken(workspace: Workspace, manifest: str) -> tuple[str, str] | None:
    """What is wrong with the manifest of an assembly that cannot be read, and what to do; None when it can, or is none."""
    try:
        content = workspace.read(manifest)
    except Unreadable as error:
        return error.message, error.hint
    if b"aws:cloudformation:stack" in content and not isinstance(_decoded(content), dict):
        return "the manifest of this assembly is not valid JSON", "run cdk synth again"
    return None


def _artifacts(workspace: Workspace, manifest: str) -> Mapping[str, Any]:
    return _map(_map(_json(workspace, manifest)).get("artifacts"))


def _json(workspace: Workspace, path: str) -> Any:
    try:
        return _decoded(workspace.read(path))
    except Unreadable:
        return None


@lru_cache(maxsize=4)
def _decoded(content: bytes) -> Any:
    """A JSON file's content, None when it is none. Every stack of an assembly asks for the same manifest."""
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
