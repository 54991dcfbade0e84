"""Which files are templates, which of them are stacks of their own, and what an assembly holds."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.cloudformation import cdk
from stackworthy.sources.cloudformation.text import BOM, Malformed

ENDINGS = (".yaml", ".yml", ".json", ".template")
_YAML = (".yaml", ".yml")
# Patterns begin with their letters: the search for those is what makes them fast on files that are no templates.
_CERTAIN = re.compile(rb"""^["']?AWSTemplateFormatVersion["']?\s*:""", re.MULTILINE)
_RESOURCES = re.compile(rb"""^["']?Resources["']?\s*:""", re.MULTILINE)
_FLOW_CERTAIN = re.compile(rb"""AWSTemplateFormatVersion["']?\s*:""")
_FLOW_RESOURCES = re.compile(rb"""Resources["']?\s*:\s*[{\[]""")
_JSON_CERTAIN = re.compile(rb'"AWSTemplateFormatVersion"\s*:')
_JSON_RESOURCES = re.compile(rb'"Resources"\s*:\s*[{\[]')
_JSON_TYPED = re.compile(rb'"Type"\s*:\s*"[A-Z][A-Za-z0-9]*::')
_TYPED = re.compile(rb"""Type["']?\s*:\s*["']?[A-Z][A-Za-z0-9]*::""")
_SAM = re.compile(rb"AWS::Serverless(?:-2016-10-31|::)")
_NESTED = re.compile(
    rb"""(?:TemplateURL|Location)["']?\s*:\s*["']?([^\s"'{}:]+\.(?:ya?ml|json|template))\b"""
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def is_template(file: str, content: bytes) -> bool:
    """Whether a file's content looks like a CloudFormation template, well-formed or not."""
    if b"Resources" not in content and b"AWSTemplateFormatVersion" not in content:
        return False
    start = content[:200].removeprefix(BOM).lstrip()[:1]
    if file.endswith(".json"):
        if _JSON_RESOURCES.search(content) is None:
            return False
        return _JSON_TYPED.search(content) is not None or _JSON_CERTAIN.search(content) is not None
    if start == b"{":
        if _FLOW_RESOURCES.search(content) is None:
            return False
        return _TYPED.search(content) is not None or _FLOW_CERTAIN.search(content) is not None
    text = content.removeprefix(BOM)
    if _CERTAIN.search(text) is not None:
        return True
    return _RESOURCES.search(text) is not None and _TYPED.search(text) is not None


def form(content: bytes) -> str:
    """The format of a template: "sam" or "cloudformation"."""
    return "sam" if _SAM.search(content) else "cloudformation"


def not_text(content: bytes) -> tuple[str, str] | None:
    """What is wrong with content that cannot be text, and what to do; None for text."""
    if content.startswith(_UTF16):
        return "is UTF-16 text", "save it as UTF-8"
    if b"\0" in content[:4096]:
        return "is a binary file", "save it as UTF-8 text if it is a template"
    return None


def stacks(templates: Mapping[str, bytes], workspace: Workspace) -> list[str]:
    """The templates that no other nests; of those that nest each other in a circle, the first."""
    nested = {
        file: [name for name in _nested(file, content) if name in templates and name != file]
        for file, content in templates.items()
    }
    parents = [file for file, names in nested.items() if names]
    if parents:
        for file in _broken(parents, workspace):
            nested[file] = []
    called = {name for names in nested.values() for name in names}
    roots = [file for file in templates if file not in called]
    reached = _reached(nested, roots)
    for file in templates:
        if file not in reached:
            roots.append(file)
            reached |= _reached(nested, [file])
    return roots


def _broken(files: Iterable[str], workspace: Workspace) -> Iterator[str]:
    """Templates that cannot be read: what they nest has to stand for itself."""
    from stackworthy.sources.cloudformation.documents import Documents

    documents = Documents(workspace)
    for file in files:
        try:
            documents.raw(file)
        except (Unreadable, Malformed):
            yield file


def _nested(file: str, content: bytes) -> Iterator[str]:
    folder = posixpath.dirname(file)
    for found in _NESTED.finditer(content):
        line = content[content.rfind(b"\n", 0, found.start()) + 1 : found.start()]
        location = found.group(1).decode("utf-8", "replace")
        if not (b"#" in line and file.endswith(_YAML)):
            yield posixpath.normpath(posixpath.join(folder, location))


def _reached(nested: Mapping[str, list[str]], starts: Iterable[str]) -> set[str]:
    reached = set(starts)
    pending = list(reached)
    while pending:
        for name in nested[pending.pop()]:
            if name not in reached:
                reached.add(name)
                pending.append(name)
    return reached


class Assemblies(msgspec.Struct):
    """The stacks of assemblies, the folders that they fill, and what is wrong with them."""

    templates: list[str] = msgspec.field(default_factory=list)
    folders: set[str] = msgspec.field(default_factory=set)
    diagnostics: list[Diagnostic] = msgspec.field(default_factory=list)

    def holds(self, file: str) -> bool:
        """Whether a file is a part of an assembly: a template, or an asset's content."""
        parts = file.split("/")
        return any(
            "/".join(parts[:length]) in self.folders
            and (length == len(parts) - 1 or parts[length].startswith(("asset.", ".")))
            for length in range(len(parts))
        )

    def add(self, workspace: Workspace, manifest: str) -> None:
        """Take in one assembly, if the manifest is that of one."""
        broken = cdk.broken(workspace, manifest)
        if broken is not None:
            self.diagnostics.append(Diagnostic(manifest, 0, "error", *broken))
            return
        folder = posixpath.dirname(manifest)
        for template in cdk.templates(workspace, manifest):
            self.folders.update((folder, posixpath.dirname(template)))
            if workspace.exists(template):
                self.templates.append(template)
                continue
            message = f"names {posixpath.relpath(template, folder or '.')}, which does not exist"
            hint = "run cdk synth again, or remove the assembly"
            self.diagnostics.append(Diagnostic(manifest, 0, "warning", message, hint))


def assemblies(workspace: Workspace, manifests: Collection[str]) -> Assemblies:
    """What the manifests that are those of assemblies hold, stages included."""
    found = Assemblies()
    for manifest in sorted(manifests, key=lambda path: (path.count("/"), path)):
        if posixpath.dirname(manifest) not in found.folders:
            found.add(workspace, manifest)
    return found
