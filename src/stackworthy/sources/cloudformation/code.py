"""Links from resources to the source code that they run."""

from __future__ import annotations

from typing import Any

from stackworthy.core.value import Partial, Unknown
from stackworthy.core.workspace import Unreadable, inside
from stackworthy.sources.cloudformation import cdk
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.scope import Scope, section

_CODE = {
    "AWS::Lambda::Function": ("Code",),
    "AWS::Lambda::LayerVersion": ("Content",),
    "AWS::Serverless::Function": ("CodeUri", "ImageUri"),
    "AWS::Serverless::WebFunction": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::AppSync::FunctionConfiguration": ("CodeS3Location",),
    "AWS::AppSync::Resolver": ("CodeS3Location",),
}
_UPLOADED_WHOLE = {
    "AWS::Lambda::Function": "Code",
    "AWS::Lambda::LayerVersion": "Content",
    "AWS::ApiGateway::RestApi": "BodyS3Location",
    "AWS::ApiGatewayV2::Api": "BodyS3Location",
    "AWS::StepFunctions::StateMachine": "DefinitionS3Location",
}
_SECTIONS = {"AWS::Serverless::Function": "Function", "AWS::Serverless::LayerVersion": "LayerVersion"}
_UPLOADED = ("S3Key", "ImageUri")


def uploaded(kind: str, properties: Any) -> Any:
    """The properties, a local path in them being what its upload will make of it: an object of a bucket, known at deployment."""
    name = _UPLOADED_WHOLE.get(kind)
    path = properties.get(name) if name is not None and isinstance(properties, dict) else None
    if not isinstance(path, str):
        return properties
    return {**properties, name: Unknown(f"{path} is uploaded at deployment", stated=True)}


def location(
    scope: Scope, documents: Documents, assembly: cdk.Assembly | None, body: Any, authored: Any
) -> str | None:
    """The workspace path of the folder or file that a resource runs; None when it is not in the workspace."""
    if not isinstance(authored, dict):
        authored = body
    names = _CODE.get(body.get("Type")) or _CODE.get(authored.get("Type"))
    if names is None:
        return None
    path = _uploaded(scope, assembly, body) if assembly is not None else None
    if path is None:
        named = cdk.asset(body) or _image_context(authored) or _stated(scope, authored)
        if named is None or "://" in named or named.startswith("/"):
            return None
        path = documents.beside(scope.file, named)
    try:
        path = inside(path)
    except Unreadable:
        return None
    workspace = documents.workspace
    return path if workspace.is_folder(path) or workspace.exists(path) else None


def _image_context(authored: dict[str, Any]) -> str | None:
    """The folder from which `sam build` makes a container image."""
    metadata = authored.get("Metadata")
    context = metadata.get("DockerContext") if isinstance(metadata, dict) else None
    return context if isinstance(context, str) else None


def _stated(scope: Scope, authored: dict[str, Any]) -> str | None:
    kind = authored.get("Type")
    properties = section(authored, "Properties")
    shared = section(section(scope.template, "Globals"), _SECTIONS.get(str(kind), ""))
    for name in _CODE.get(str(kind), ()):
        raw = properties.get(name, shared.get(name))
        value = scope.value(raw) if raw is not None else None
        if isinstance(value, str) and value:
            return value
    return None


def _uploaded(scope: Scope, assembly: cdk.Assembly, body: dict[str, Any]) -> str | None:
    """The source of an asset, from the object key or the image tag under which the assembly uploads it."""
    for name in _CODE.get(str(body.get("Type")), ()):
        code = section(section(body, "Properties"), name)
        for key in _UPLOADED:
            value = scope.value(code.get(key))
            text = value.suffix if isinstance(value, Partial) else value
            if isinstance(text, str) and text:
                source = assembly.source(text.rsplit("/", 1)[-1]) or assembly.source(text.rsplit(":", 1)[-1])
                if source is not None:
                    return source
    return None
