"""How the resources of a module are named, so that a new one is named alike."""

from __future__ import annotations

import re
from collections import Counter

from stackworthy.core.value import ABSENT
from stackworthy.core.workspace import Workspace
from stackworthy.sources.terraform.mapping.graph import Stack
from stackworthy.sources.terraform.model import Block
from stackworthy.sources.terraform.root import Root

_NAMES = ("name", "function_name", "alarm_name", "bucket")
_PREFIX = re.compile(rb'"((?:\$\{(?:var|local)\.\w+\}[-_])+)')
_WHOLE = re.compile(rb"local\.\w+")


def prefix(stack: Stack, block: Block, workspace: Workspace) -> str:
    """What most names in the block's module begin with, as `${local.name}-`; "" when they share nothing that is interpolated."""
    root = stack.root
    if not isinstance(root, Root):
        return ""
    found: Counter[str] = Counter()
    for mapped in stack.blocks.values():
        other = mapped.block
        if other.module != block.module or not other.owned:
            continue
        for name in _NAMES:
            if other.attributes[name] is ABSENT:
                continue
            span = root.span(root.origin(other, (name,)))
            text = workspace.read(span.file)[span.start_byte : span.end_byte]
            begins = _PREFIX.match(text)
            if begins is not None:
                found[begins[1].decode()] += 1
            elif _WHOLE.fullmatch(text):
                found["${" + text.decode() + "}-"] += 1
            break
    return found.most_common(1)[0][0] if found else ""


def snake(label: str) -> str:
    """A name in Terraform's style from one of any style."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", label).strip("_").lower()


def without_type(name: str, type_: str) -> str:
    """The name without a last word that the type's last word says already."""
    return name.removesuffix("_" + type_.rpartition("_")[2])
