"""Provider configurations: which one a resource is made with, its region and its default tags.

Source: https://developer.hashicorp.com/terraform/language/providers/configuration
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.core.value import Map, Unknown, Value
from stackworthy.sources.terraform.bodies import Bodies, settled
from stackworthy.sources.terraform.expressions import Expression, Literal, Object, Traversal
from stackworthy.sources.terraform.model import Provider

if TYPE_CHECKING:
    from stackworthy.sources.terraform.module import Module
    from stackworthy.sources.terraform.resources import Instance

Name = tuple[str, str | None]


def provider_of(instance: Instance) -> Provider:
    """The provider configuration of an instance."""
    group = instance.group
    attribute = group.block.body.attributes.get("provider")
    name: Name | None = _name(attribute.expression) if attribute is not None else None
    return configured(group.module, *(name or (group.type.split("_", 1)[0], None)))


def _name(expression: Expression) -> Name | None:
    """The provider that `aws.west` or `"aws.west"` names."""
    if isinstance(expression, Traversal):
        alias = expression.steps[0] if expression.steps else None
        return expression.root, alias if isinstance(alias, str) else None
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        name, _, alias = expression.value.partition(".")
        return name, alias or None
    return None


def configured(module: Module, name: str, alias: str | None) -> Provider:
    """The configuration that a provider's name means in a module."""
    known = module.providers.get((name, alias))
    if known is None:
        known = module.providers[(name, alias)] = _configured(module, name, alias)
    return known


def _configured(module: Module, name: str, alias: str | None) -> Provider:
    block = module.folder.providers.get((name, alias))
    bare = alias is not None and block is not None and not _says_something(module, (name, alias))
    if block is not None and not (bare and module.call is not None):
        return _evaluated(module, name, alias)
    if module.call is not None and module.parent is not None:
        passed = module.call.block.body.attributes.get("providers")
        if passed is not None and isinstance(passed.expression, Object):
            for key, value in passed.expression.items:
                if _name(key) == (name, alias):
                    outer = _name(value)
                    if outer is not None:
                        return configured(module.parent, *outer)
        if alias is None:
            return configured(module.parent, name, None)
    return Provider(name, alias, _no_region(name), Map())


def _says_something(module: Module, key: Name) -> bool:
    """Whether the block is more than the empty one by which old modules declared that a provider is passed in."""
    body = module.folder.providers[key].body
    return bool(body.blocks) or any(name != "alias" for name in body.attributes)


def _no_region(name: str) -> Unknown:
    return Unknown(f"the provider {name} states no region", "AWS::Region")


def _evaluated(module: Module, name: str, alias: str | None) -> Provider:
    body = module.folder.providers[(name, alias)].body
    what = f"{module.prefix}provider.{name}"
    region: Value = None
    attribute = body.attributes.get("region")
    if attribute is not None:
        region = settled(module.engine.run(what, "region", attribute, module.scope))
    bodies = Bodies(module.engine, what)
    tags: Value = Map()
    for block in body.blocks:
        if block.type == "default_tags" and "tags" in block.body.attributes:
            value = module.engine.run(what, "default_tags", block.body.attributes["tags"], module.scope)
            tags = Map() if value is None else settled(value)
        elif block.type == "dynamic" and block.labels == ("default_tags",):
            found = bodies.nested(body, "default_tags", module.scope)
            tags = found[0]["tags"] if found else Map()
    assumes = any(block.type.startswith("assume_role") for block in body.blocks)
    return Provider(name, alias, _no_region(name) if region is None else region, tags, assumes)
