"""Links from resources to the source code that they run."""

from __future__ import annotations

from typing import Any

from stackworthy.core.workspace import Unreadable, inside
from stackworthy.sources.cloudformation import cdk
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.scope import Scope

_CODE = {
    "AWS::Lambda::Function": ("Code",),
    "AWS::Lambda::LayerVersion": ("Content",),
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::WebFunction": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::AppSync::FunctionConfiguration": ("CodeS3Location",),
    "AWS::AppSync::Resolver": ("CodeS3Location",),
}
_SECTIONS = {"AWS::Serverless::Function": "Function", "AWS::Serverless::LayerVersion": "LayerVersion"}


def location(scope: Scope, documents: Documents, body: Any, authored: Any) -> str | None:
    """The workspace path of the folder or file that a resource runs; None when it is not in the workspace."""
    named = cdk.asset(body)
    if named is None:
        named = _stated(scope, authored if isinstance(authored, dict) else body)
    if named is None or "://" in named or named.startswith("/"):
        return None
    try:
        path = inside(documents.beside(scope.file, named))
    except Unreadable:
        return None
    workspace = documents.workspace
    return path if workspace.is_folder(path) or workspace.exists(path) else None


def _stated(scope: Scope, body: dict[str, Any]) -> str | None:
    kind = body.get("Type")
    for name in _CODE.get(kind, ()) if isinstance(kind, str) else ():
        raw = _property(body, name)
        if raw is None and kind in _SECTIONS:
            section = scope.template.get("Globals")
            section = section.get(_SECTIONS[kind]) if isinstance(section, dict) else None
            raw = section.get(name) if isinstance(section, dict) else None
        value = scope.value(raw) if raw is not None else None
        if isinstance(value, str):
            return value
    return None


def _property(body: dict[str, Any], name: str) -> Any:
    properties = body.get("Properties")
    return properties.get(name) if isinstance(properties, dict) else None
