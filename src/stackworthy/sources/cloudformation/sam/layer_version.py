"""`AWS::Serverless::LayerVersion`: a layer version whose logical id changes with everything that is stated about it.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-layerversion.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .code import location
from .context import Context, hashed_id, property_route
from .intrinsics import is_intrinsic
from .properties import property_routes
from .shapes import LAYER_VERSION, checked

KIND = "AWS::Lambda::LayerVersion"
_RESOLVED = ("LayerName", "LicenseInfo", "Description", "RetentionPolicy")


def expand(context: Context, logical_id: str) -> None:
    resource = context.resources[logical_id]
    properties = dict(checked(context, resource.get("Properties"), LAYER_VERSION, property_route(logical_id)))
    for name in _RESOLVED:
        if properties.get(name):
            properties[name] = context.resolve(properties[name])
    attributes = {"DeletionPolicy": "Retain", **context.handed_down(logical_id)}
    retention = _retention(context, logical_id, properties.get("RetentionPolicy"))
    if retention:
        attributes["DeletionPolicy"] = retention
    _check_architectures(context, logical_id, properties.get("CompatibleArchitectures"))
    made_id = hashed_id(logical_id, _hashed(context, logical_id, properties))
    layer = {
        "LayerName": properties.get("LayerName") or logical_id,
        "Description": properties.get("Description"),
        "Content": location(context, logical_id, "ContentUri", properties["ContentUri"]),
        "CompatibleArchitectures": properties.get("CompatibleArchitectures"),
        "CompatibleRuntimes": properties.get("CompatibleRuntimes"),
        "LicenseInfo": properties.get("LicenseInfo"),
    }
    context.add(
        made_id,
        KIND,
        layer,
        by=logical_id,
        properties_from=property_routes("AWS::Serverless::LayerVersion", KIND),
        attributes=attributes,
        depends_on=resource.get("DependsOn"),
    )
    context.rename(logical_id, made_id)


def _hashed(context: Context, logical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The resource as SAM hashes it: as the author wrote it, but without what does not touch the layer itself."""
    resource = context.resources[logical_id]
    body: dict[str, Any] = {"Type": "AWS::Serverless::LayerVersion"}
    if resource.get("DependsOn"):
        body["DependsOn"] = resource["DependsOn"]
    body.update({name: resource[name] for name in ("UpdatePolicy", "Condition") if name in resource})
    body["Properties"] = {name: value for name, value in properties.items() if value is not None}
    return {logical_id: body}


def _retention(context: Context, logical_id: str, stated: Any) -> str | None:
    if stated is None:
        return None
    for policy in ("Retain", "Delete"):
        if isinstance(stated, str) and stated.lower() == policy.lower():
            return policy
    context.problem(property_route(logical_id, "RetentionPolicy"), "must be Retain or Delete")
    return None


def _check_architectures(context: Context, logical_id: str, stated: Any) -> None:
    for index, architecture in enumerate(stated if isinstance(stated, list) else ()):
        if not is_intrinsic(architecture) and architecture not in ("x86_64", "arm64"):
            route = property_route(logical_id, "CompatibleArchitectures", index)
            context.problem(route, "must be x86_64 or arm64")
