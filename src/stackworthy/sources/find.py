"""Which stacks lie below a path: templates and services by their content, assemblies by their manifest, Terraform roots by their files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

import msgspec

from stackworthy.config import Settings
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.cloudformation import cdk
from stackworthy.sources.cloudformation import find as cloudformation
from stackworthy.sources.serverless import find as serverless
from stackworthy.sources.stack import StackRef
from stackworthy.sources.terraform import find as terraform

_TEMPLATE_FORMATS = ("cloudformation", "sam", "cdk", "serverless")


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
        _file(workspace, path, found, settings)
    found.stacks = [stack for stack in found.stacks if _wanted(stack, settings, found)]
    return found


def _wanted(stack: StackRef, settings: Settings, found: Found) -> bool:
    if not settings.reads(stack.format):
        return False
    override = settings.override(stack.path)
    if override is None or not override.skip:
        return True
    message = "is left out, as policy.paths of the configuration says"
    found.diagnostics.append(Diagnostic(stack.path, 0, "note", message))
    return False


def _folder(workspace: Workspace, path: str, found: Found, settings: Settings) -> None:
    templates: dict[str, bytes] = {}
    services: dict[str, bytes] = {}
    manifests: list[str] = []
    configuration: list[str] = []
    wants_templates = any(settings.reads(format_) for format_ in _TEMPLATE_FORMATS)
    for file in _all_files(workspace, path, found):
        if file.endswith(terraform.ENDINGS):
            configuration.append(file)
        elif serverless.is_code(file):
            _code(workspace, file, found, settings)
        elif not wants_templates or not file.endswith(cloudformation.ENDINGS):
            continue
        elif posixpath.basename(file) == cdk.MANIFEST:
            manifests.append(file)
        else:
            content = _content(workspace, file, found)
            if content is not None and serverless.is_configuration(file, content):
                services[file] = content
            elif content is not None and cloudformation.is_template(file, content):
                templates[file] = content
            elif content is not None and terraform.is_plan(file, content):
                found.stacks.append(StackRef("terraform", file))
    _services(services, templates, found)
    if wants_templates:
        _templates(workspace, templates, manifests, found)
    if settings.reads("terraform"):
        roots = terraform.roots(configuration, lambda file: _content(workspace, file, found))
        found.stacks.extend(StackRef("terraform", root) for root in roots)
    found.stacks.sort(key=lambda stack: stack.path)


def _services(services: dict[str, bytes], templates: dict[str, bytes], found: Found) -> None:
    """Add the services; a template that one of them takes in is a part of it."""
    for file, content in services.items():
        cloud = serverless.other_cloud(content)
        if cloud is not None:
            message = f"is a service for {cloud}, and only services for AWS are reviewed"
            found.diagnostics.append(Diagnostic(file, 0, "note", message))
            continue
        found.stacks.append(StackRef("serverless", file))
        for name in serverless.taken_in(file, content, templates):
            templates.pop(name, None)


def _code(workspace: Workspace, file: str, found: Found, settings: Settings, level: str = "warning") -> None:
    """Say of a configuration that is a program that it is not read."""
    content = _content(workspace, file, found, level) if settings.reads("serverless") else None
    if content is not None and serverless.is_program(content):
        message = "is a configuration written as code, which a review does not run"
        hint = "run serverless package, then review .serverless/cloudformation-template-update-stack.json"
        found.diagnostics.append(Diagnostic(file, 0, level, message, hint))


def _all_files(workspace: Workspace, path: str, found: Found) -> Iterable[str]:
    try:
        yield from workspace.files(path)
    except Unreadable as error:
        found.diagnostics.append(Diagnostic(error.path, 0, "error", error.message, error.hint))
    for folder in workspace.unread:
        found.diagnostics.append(Diagnostic(folder.path, 0, "warning", folder.message, folder.hint))


def _templates(workspace: Workspace, templates: dict[str, bytes], manifests: list[str], found: Found) -> None:
    assemblies = cloudformation.assemblies(workspace, manifests)
    found.diagnostics.extend(assemblies.diagnostics)
    found.stacks.extend(StackRef("cdk", template) for template in assemblies.templates)
    others = {file: content for file, content in templates.items() if not assemblies.holds(file)}
    for file in cloudformation.stacks(others, workspace):
        found.stacks.append(StackRef(cloudformation.form(others[file]), file))


def _file(workspace: Workspace, path: str, found: Found, settings: Settings) -> None:
    if posixpath.basename(path) == cdk.MANIFEST:
        assemblies = cloudformation.assemblies(workspace, [path])
        found.diagnostics.extend(assemblies.diagnostics)
        found.stacks.extend(StackRef("cdk", template) for template in assemblies.templates)
        if found.stacks or found.diagnostics:
            return
    if path.endswith(terraform.ENDINGS):
        found.stacks.append(StackRef("terraform", posixpath.dirname(path)))
        return
    if serverless.is_code(path):
        _code(workspace, path, found, settings, "error")
        return
    content = _content(workspace, path, found, "error")
    if content is None:
        return
    if serverless.is_configuration(path, content):
        _services({path: content}, {}, found)
    elif terraform.is_plan(path, content):
        found.stacks.append(StackRef("terraform", path))
    elif cloudformation.is_template(path, content) or b"Resources" in content:
        in_assembly = cdk.assembly_of(workspace, path) is not None
        found.stacks.append(StackRef("cdk" if in_assembly else cloudformation.form(content), path))
    else:
        hint = "name a template, an assembly or a folder"
        found.diagnostics.append(Diagnostic(path, 0, "error", "is not a template: it has no Resources", hint))


def _content(workspace: Workspace, file: str, found: Found, level: str = "warning") -> bytes | None:
    try:
        content = workspace.read(file)
    except Unreadable as error:
        hint = error.hint or "remove it, or put there what is meant"
        found.diagnostics.append(Diagnostic(file, 0, level, error.message, hint))
        return None
    wrong = cloudformation.not_text(content)
    if wrong is not None:
        found.diagnostics.append(Diagnostic(file, 0, level, *wrong))
        return None
    return content
