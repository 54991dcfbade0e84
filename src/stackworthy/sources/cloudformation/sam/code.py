"""Where the code of a function or layer, or the definition of a state machine, lies.

A template that has not been packaged yet names a local path; SAM's own transform never sees one, because packaging replaces it. Here it
stays as it is: CloudFormation's packaging accepts the same in the plain resource (`Code: src/`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .context import Context, property_route
from .intrinsics import is_intrinsic

_SECRET = re.compile(r"\{\{resolve:(?:ssm|ssm-secure|secretsmanager):[a-zA-Z0-9_.\-/]+(?::\d+)?\}\}")

LAMBDA_NAMES = {
    "Bucket": "S3Bucket",
    "Key": "S3Key",
    "Version": "S3ObjectVersion",
    "StorageMode": "S3ObjectStorageMode",
}
"""SAM's name of each part of a location -> its name in the code of a function or the content of a layer."""


def s3_parts(text: str) -> dict[str, str] | None:
    """`Bucket`, `Key` and perhaps `Version` of "s3://bucket/key?versionId=version"; None for any other text."""
    if text[:5].lower() != "s3://":
        return None
    address, _, query = text[5:].partition("#")[0].partition("?")
    bucket, _, key = address.partition("/")
    if not bucket or "/" not in address or "[" in bucket or "]" in bucket:
        return None
    found = {"Bucket": bucket, "Key": key.lstrip("/")}
    versions = [part.removeprefix("versionId=") for part in query.split("&") if part.startswith("versionId=")]
    if len(versions) == 1 and versions[0]:
        found["Version"] = versions[0]
    return found


def location(
    context: Context, logical_id: str, name: str, value: Any, names: Mapping[str, str] = LAMBDA_NAMES
) -> Any:
    """The property `name` of a SAM resource as CloudFormation wants it; a local path is returned as it is.

    None where SAM would refuse the value, which is then noted as a problem.
    """
    route = property_route(logical_id, name)
    if isinstance(value, str):
        secret = _SECRET.search(value)
        if secret and "/" in secret.group(0):
            context.problem(route, "cannot be a dynamic reference; name Bucket and Key instead")
            return None
        parts: Mapping[str, Any] | None = s3_parts(value)
        if parts is None:
            if "://" in value:
                context.problem(route, "is neither a local path nor of the form s3://bucket/key")
            return value
    elif isinstance(value, dict) and value.get("Bucket") and value.get("Key"):
        parts = value
    else:
        what = "cannot be an intrinsic function" if is_intrinsic(value) else "needs Bucket and Key"
        context.problem(route, what)
        return None
    return {made: parts[own] for own, made in names.items() if own in parts}


def function_code(context: Context, logical_id: str, properties: Mapping[str, Any]) -> Any:
    """The `Code` of a function: a map, a local path, or None where the author left it to the build."""
    package = properties.get("PackageType") or "Zip"
    if package == "Image":
        return _image_code(context, logical_id, properties)
    if package != "Zip":
        context.problem(property_route(logical_id, "PackageType"), "must be Zip or Image")
    if properties.get("InlineCode") is not None:
        code: Any = {"ZipFile": properties["InlineCode"]}
    elif properties.get("CodeUri") is not None:
        code = location(context, logical_id, "CodeUri", properties["CodeUri"])
    else:
        return None
    if properties.get("SourceKMSKeyArn") and isinstance(code, dict):
        code["SourceKMSKeyArn"] = properties["SourceKMSKeyArn"]
    return code


def _image_code(context: Context, logical_id: str, properties: Mapping[str, Any]) -> Any:
    image = properties.get("ImageUri")
    if image:
        return {"ImageUri": image}
    metadata = context.resources[logical_id].get("Metadata")
    if not isinstance(metadata, dict) or not metadata.keys() & {"Dockerfile", "DockerContext", "DockerTag"}:
        context.problem(
            property_route(logical_id, "ImageUri"), "is required for a function of package type Image"
        )
    return None


def check_package(context: Context, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Note what a function of its package type must or must not state."""
    image = properties.get("PackageType") == "Image"
    stated = [name for name in ("Runtime", "Handler", "Layers") if properties.get(name)]
    if image:
        for name in stated:
            context.problem(
                property_route(logical_id, name), "cannot be set for a function of package type Image"
            )
    else:
        for name in ("Runtime", "Handler"):
            if name not in stated:
                context.problem(
                    property_route(logical_id, name), "is required for a function of package type Zip"
                )
        if properties.get("ImageConfig"):
            route = property_route(logical_id, "ImageConfig")
            context.problem(route, "cannot be set for a function of package type Zip")
