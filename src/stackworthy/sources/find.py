"""Which stacks lie below a path: templates by their content, assemblies by their manifest."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

import msgspec

from stackworthy.config import Settings
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.cloudformation import cdk
from stackworthy.sources.stack import StackRef
from stackworthy.sources.terraform import find as terraform

_ENDINGS = (".yaml", ".yml", ".json", ".template")
_TEXT_ENDINGS = (".yaml", ".yml", ".template")
_YAML = re.compile(
    rb"""^(?:\xef\xbb\xbf)?["']?(?:Resources|AWSTemplateFormatVersion)["']?\s*:""", re.MULTILINE
)
_SAM = re.compile(rb"AWS::Serverless(?:-2016-10-31|::)")
_NESTED = re.compile(rb"""(?:TemplateURL|Location)["']?\s*:\s*["']?([^\s"'{}]+\.(?:ya?ml|json|template))\b""")


class Found(msgspec.Struct):
    """The stacks below a path, in the order of their paths, and the files that could not be read."""

    stacks: list[StackRef] = msgspec.field(default_factory=list)
    diagnostics: list[Diagnostic] = msgspec.field(default_factory=list)


def find(workspace: Workspace, path: str, settings: Settings) -> Found:
    """All stacks below a folder, or the one that a file holds. `path` is relative to the workspace's root."""
    found = Found()
    if workspace.is_folder(path):
        _folder(workspace, path, found, settings)
    else:
        _file(workspace, path, found)
    found.stacks = [stack for stack in found.stacks if settings.reads(stack.format)]
    return found


def _folder(workspace: Workspace, path: str, found: Found, settings: Settings) -> None:
    templates: dict[str, bytes] = {}
    assemblies: list[str] = []
    configuration: list[str] = []
    wants_templates = any(settings.reads(format_) for format_ in ("cloudformation", "sam", "cdk"))
    for file in _all_files(workspace, path, found):
        if file.endswith(terraform.ENDINGS):
            configuration.append(file)
        elif not wants_templates or not file.endswith(_ENDINGS):
            continue
        elif posixpath.basename(file) == "manifest.json":
            assemblies.append(file)
        else:
            content = _content(workspace, file, found)
            if content is not None and is_template(file, content):
                templates[file] = content
    inside_assemblies = _assemblies(workspace, assemblies, found)
    nested = {name for file, content in templates.items() for name in _nested(file, content)}
    for file, content in templates.items():
        if file not in nested and not file.startswith(inside_assemblies):
            found.stacks.append(StackRef(_format(content), file))
    if settings.reads("terraform"):
        roots = terraform.roots(configuration, lambda file: _content(workspace, file, found))
        found.stacks.extend(StackRef("terraform", root) for root in roots)
    found.stacks.sort(key=lambda stack: stack.path)


def _all_files(workspace: Workspace, path: str, found: Found) -> Iterable[str]:
    try:
        yield from workspace.files(path)
    except Unreadable as error:
        found.diagnostics.append(Diagnostic(error.path, 0, "error", error.message, error.hint))


def _assemblies(workspace: Workspace, manifests: list[str], found: Found) -> tuple[str, ...]:
    """Add the stacks of the assemblies; the folders in which no file is a stack of its own."""
    folders: list[str] = []
    for manifest in sorted(manifests, key=len):
        if manifest.startswith(tuple(folders)):
            continue
        try:
            templates = list(cdk.templates(workspace, manifest))
        except Unreadable as error:
            found.diagnostics.append(Diagnostic(manifest, 0, "warning", error.message, error.hint))
            continue
        if templates:
            folders.append(posixpath.dirname(manifest) + "/")
            found.stacks.extend(StackRef("cdk", template) for template in templates)
    return tuple(folders)


def _file(workspace: Workspace, path: str, found: Found) -> None:
    if posixpath.basename(path) == "manifest.json":
        found.stacks.extend(StackRef("cdk", template) for template in cdk.templates(workspace, path))
        return
    if path.endswith(terraform.ENDINGS):
        found.stacks.append(StackRef("terraform", posixpath.dirname(path)))
        return
    content = _content(workspace, path, found)
    if content is None:
        return
    if is_template(path, content) or b"Resources" in content:
        found.stacks.append(StackRef(_format(content), path))
    else:
        hint = "name a template, an assembly or a folder"
        found.diagnostics.append(Diagnostic(path, 0, "error", "is not a template: it has no Resources", hint))


def _content(workspace: Workspace, file: str, found: Found) -> bytes | None:
    try:
        content = workspace.read(file)
    except Unreadable as error:
        found.diagnostics.append(Diagnostic(file, 0, "warning", error.message, error.hint))
        return None
    if file.endswith(_TEXT_ENDINGS) and b"\0" in content[:4096]:
        hint = "save it as UTF-8 if it is a template"
        found.diagnostics.append(Diagnostic(file, 0, "warning", "is not UTF-8 text", hint))
        return None
    return content


def is_template(file: str, content: bytes) -> bool:
    """Whether a file's content looks like a CloudFormation template, well-formed or not."""
    if file.endswith(".json") or (file.endswith(".template") and content.lstrip()[:1] == b"{"):
        return b'"Resources"' in content and (
            b'"AWS::' in content or b'"AWSTemplateFormatVersion"' in content
        )
    return _YAML.search(content) is not None and b"Resources" in content and b"Type" in content


def _format(content: bytes) -> str:
    return "sam" if _SAM.search(content) else "cloudformation"


def _nested(file: str, content: bytes) -> Iterable[str]:
    folder = posixpath.dirname(file)
    for name in _NESTED.findall(content):
        location = name.decode("utf-8", "replace")
        if "://" not in location:
            yield posixpath.normpath(posixpath.join(folder, location))
