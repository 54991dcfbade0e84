"""How one block refers to another: by its address within the module, with the instance key that fits, and the native attribute."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from stackworthy.core.fix import ADDED
from stackworthy.core.patch import CannotWrite
from stackworthy.core.value import Reference
from stackworthy.sources.terraform.expressions import Traversal
from stackworthy.sources.terraform.mapping.graph import Stack
from stackworthy.sources.terraform.mapping.table import Spec, spec, target
from stackworthy.sources.terraform.model import Block
from stackworthy.sources.terraform.resources import Instance

PSEUDO = {
    "AWS::AccountId": ("aws_caller_identity", "account_id"),
    "AWS::Partition": ("aws_partition", "partition"),
    "AWS::Region": ("aws_region", "region"),
}
"""The data source and attribute that give what templates have pseudo parameters for."""

_KEY = re.compile(r"\[[^\]]*\]\Z")


class Added(NamedTuple):
    """A resource that the same fix adds, or a variable (of no type); `repeated` is its `count` or `for_each`, "" for a single one."""

    type: str
    name: str
    repeated: str = ""


class Referrer:
    """Writes references from within the block `here`."""

    def __init__(
        self,
        stack: Stack,
        here: Block,
        added: Mapping[str, Added],
        looked_up: Callable[[Block, str], str] | None = None,
    ) -> None:
        self.stack = stack
        self.here = here
        self.added = added
        self.looked_up = looked_up

    def __call__(self, reference: Reference) -> str:
        """The expression for an attribute of another resource, or for a pseudo parameter; raises `CannotWrite`."""
        if reference.address in PSEUDO:
            return self._pseudo(reference.address)
        if reference.address.startswith(ADDED):
            new = self.added[reference.address.removeprefix(ADDED)]
            if not new.type:
                return f"var.{new.name}"
            return f"{new.type}.{new.name}{self._instance(new)}.{native_attribute(spec(new.type), reference.attribute)}"
        mapped = self.stack.blocks.get(reference.address)
        if mapped is None:
            raise CannotWrite(f"{reference.address} is not described here")
        block = mapped.block
        if block.module != self.here.module:
            raise CannotWrite(
                f"{block.address} stands in another module", "hand it through a variable or an output"
            )
        return f"{self.name(block)}.{native_attribute(mapped.spec, reference.attribute)}"

    def _pseudo(self, name: str) -> str:
        """Account, partition and Region as the module finds them: a variable or local that the provider takes, or a data source."""
        evaluator = self.here.evaluator
        if name == "AWS::Region" and isinstance(evaluator, Instance):
            provider = evaluator.group.module.folder.providers.get(("aws", None))
            stated = provider.body.attributes.get("region") if provider is not None else None
            if (
                stated is not None
                and isinstance(stated.expression, Traversal)
                and stated.expression.root in ("var", "local")
            ):
                return stated.expression.text
        if self.looked_up is None:
            raise CannotWrite(f"{name} is known only at deployment")
        type_, attribute = PSEUDO[name]
        return f"{self.looked_up(self.here, type_)}.{attribute}"

    def _instance(self, new: Added) -> str:
        """The key by which this block's instance refers to its own of what is added for each."""
        if not new.repeated:
            return ""
        return "[count.index]" if new.repeated.startswith("count") else "[each.key]"

    def name(self, block: Block) -> str:
        """The address of a block within its module, with the key of this instance."""
        plain = f"{block.type}.{block.name}"
        repeated = meta(block)
        if not repeated:
            return plain
        itself = (block.type, block.name, block.module) == (self.here.type, self.here.name, self.here.module)
        if itself or repeated == meta(self.here) or meta(self.here) == f"for_each = {plain}":
            return f"{plain}[count.index]" if repeated.startswith("count") else f"{plain}[each.key]"
        found = _KEY.search(block.address)
        if found is None or found.group() == "[*]":
            raise CannotWrite(f"which instance of {plain} is meant cannot be known")
        return plain + found.group()


def meta(block: Block) -> str:
    """By what a block is repeated, as `count = 2`, "" for a single one."""
    evaluator = block.evaluator
    if not isinstance(evaluator, Instance):
        return ""
    attributes = evaluator.group.block.body.attributes
    name = next((name for name in ("count", "for_each") if name in attributes), "")
    return f"{name} = {attributes[name].text}" if name else ""


def native_attribute(found: Spec | None, canonical: str) -> str:
    """Terraform's name of a canonical attribute: `Arn` is `arn`, `Ref` is `id`."""
    if canonical == "Ref":
        own = (
            [name for name, theirs in found.attributes.items() if theirs == "Ref"]
            if found is not None
            else []
        )
        return next((name for name in ("arn", "function_name", "name") if name in own), "id")
    if found is not None:
        names = [own for own, theirs in found.attributes.items() if theirs == canonical]
        names += [own for own, entry in found.arguments.items() if target(entry).to == canonical]
        if canonical == "Arn" and "arn" in names:
            return "arn"
        if names:
            return names[0]
    if canonical == "Arn":
        return "arn"
    raise CannotWrite(f"Terraform has no attribute for {canonical}")


def naming_attribute(owner_type: str, argument: str) -> str:
    """By which attribute of its owner a satellite's argument names it."""
    if argument.endswith("arn"):
        return "arn"
    found = spec(owner_type)
    if found is not None and argument in found.arguments:
        return argument if argument != "bucket" else "id"
    return "id"
