"""`AutoPublishAlias`: a version whose logical id changes with the code, and the alias that points to it.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from .context import Context, hashed_id, property_route
from .intrinsics import get_att, join, ref, referred_id
from .properties import FUNCTION, property_routes

_ALIAS = re.compile(r"(?!^[0-9]+$)[a-zA-Z0-9\-_]+$")


class Published(msgspec.Struct, frozen=True):
    """The alias of a function: its logical id and its name."""

    alias_id: str
    name: str


def add_version_and_alias(
    context: Context, logical_id: str, properties: Mapping[str, Any], plain: dict[str, Any]
) -> Published | None:
    """Add both where `AutoPublishAlias` asks for them. Changes `plain`, the function: its code is resolved, and a given
    `AutoPublishCodeSha256` goes into its description, so that CloudFormation sees a change."""
    wanted = properties.get("AutoPublishAlias")
    if not wanted:
        return None
    route = property_route(logical_id, "AutoPublishAlias")
    name = context.resolve(wanted)
    if not isinstance(name, str) or not _ALIAS.match(name):
        context.problem(route, "must be the name of an alias, or a Ref to a parameter that holds one")
        return None
    sha256 = _given_hash(context, logical_id, properties)
    if sha256:
        plain["Description"] = _description(context, properties.get("Description"), sha256)
    if isinstance(plain.get("Code"), dict):
        plain["Code"] = context.resolve(plain["Code"])
    version_id = _version_id(context, logical_id, properties, plain, sha256)
    attributes = context.handed_down(logical_id)
    version: dict[str, Any] = {
        "FunctionName": ref(logical_id),
        "Description": properties.get("VersionDescription"),
    }
    if properties.get("CapacityProviderConfig") is not None:
        version["FunctionScalingConfig"] = properties.get("FunctionScalingConfig")
    kept = properties.get("VersionDeletionPolicy")
    if kept is None:
        kept = "Retain" if properties.get("CapacityProviderConfig") is None else "Delete"
    context.add(
        version_id,
        "AWS::Lambda::Version",
        version,
        by=logical_id,
        route=route,
        properties_from=property_routes(FUNCTION, "AWS::Lambda::Version"),
        attributes={"DeletionPolicy": kept, **attributes},
    )
    alias_id = f"{logical_id}Alias{name.replace('-', 'D').replace('_', 'U')}"
    alias = {
        "Name": name,
        "FunctionName": ref(logical_id),
        "FunctionVersion": get_att(version_id, "Version"),
        "ProvisionedConcurrencyConfig": properties.get("ProvisionedConcurrencyConfig") or None,
    }
    context.add(
        alias_id,
        "AWS::Lambda::Alias",
        alias,
        by=logical_id,
        route=route,
        properties_from=property_routes(FUNCTION, "AWS::Lambda::Alias"),
        attributes=attributes,
    )
    context.refer(logical_id, "Alias", alias_id)
    context.refer(logical_id, "Version", version_id)
    return Published(alias_id, name)


def _given_hash(context: Context, logical_id: str, properties: Mapping[str, Any]) -> str | None:
    given = properties.get("AutoPublishCodeSha256")
    if not given:
        return None
    resolved = context.resolve(given)
    if isinstance(resolved, str):
        return resolved
    context.problem(property_route(logical_id, "AutoPublishCodeSha256"), "must be a string")
    return None


def _description(context: Context, description: Any, sha256: str) -> Any:
    resolved = context.resolve(description)
    if not resolved:
        return sha256
    return f"{resolved} {sha256}" if isinstance(resolved, str) else join(" ", [resolved, sha256])


def _version_id(
    context: Context,
    logical_id: str,
    properties: Mapping[str, Any],
    plain: Mapping[str, Any],
    sha256: str | None,
) -> str:
    prefix = f"{logical_id}Version"
    if sha256:
        return prefix + re.sub("[^A-Za-z0-9]", "", sha256[:10])
    if properties.get("AutoPublishAliasAllProperties"):
        return hashed_id(prefix, {**plain, **_published_layers(context, plain.get("Layers"))})
    code = plain.get("Code")
    hashed: dict[str, Any] = dict(code) if isinstance(code, dict) else {"Code": code} if code else {}
    environment = plain.get("Environment")
    if isinstance(environment, dict):
        hashed.update(environment)
    if plain.get("MemorySize"):
        hashed["MemorySize"] = plain["MemorySize"]
    snap_start = plain.get("SnapStart")
    if isinstance(snap_start, dict) and snap_start.get("ApplyOn", "None") != "None":
        hashed["SnapStart"] = snap_start
    return hashed_id(prefix, hashed)


def _published_layers(context: Context, layers: Any) -> dict[str, Any]:
    """Properties of the function's layers that ask for a new version of it when they change."""
    found = {}
    for layer in layers if isinstance(layers, list) else ():
        layer_id = referred_id(layer)
        if layer_id and context.properties(layer_id).get("PublishLambdaVersion"):
            found[layer_id] = context.properties(layer_id)
    return found
