"""What to change, in the graph's words; how it is written is the affair of the source that read the file."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from stackworthy.core.value import Reference, Value

if TYPE_CHECKING:
    from stackworthy.core.finding import CodePlace
    from stackworthy.core.resource import Resource


ADDED = "+"
"""How the address begins by which a fix refers to a resource that it adds itself."""


class Safety(StrEnum):
    """Whether a fix is offered by default, on request, or only shown."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


class Set(msgspec.Struct, frozen=True):
    """Give a property of a resource this value."""

    resource: Resource
    path: str
    value: Value


class Remove(msgspec.Struct, frozen=True):
    """Take a property of a resource away."""

    resource: Resource
    path: str


class AddResource(msgspec.Struct, frozen=True):
    """Add a resource of this kind; `beside` is the one that it serves, whose file and style it follows.

    `label` is what the source builds a name from in the style of its file. References among the properties point at the graph's addresses;
    what the same fix adds before is referred to by `reference`. `apart` names a file of its own, for formats that spread a stack over several.
    """

    kind: str
    label: str
    properties: Mapping[str, Value]
    beside: Resource
    apart: str = ""

    def reference(self, attribute: str = "Ref") -> Reference:
        """An attribute of the resource to be, for other changes of the same fix that stand after this one."""
        return Reference(ADDED + self.label, attribute)


class AddParameter(msgspec.Struct, frozen=True):
    """Add a text that whoever deploys the stack must give: a template's parameter, a variable. `beside` is a resource of the stack."""

    label: str
    description: str
    beside: Resource

    def reference(self) -> Reference:
        """Its value, for other changes of the same fix that stand after this one."""
        return Reference(ADDED + self.label, "Ref")


class Always(msgspec.Struct, frozen=True):
    """Let a resource exist in every environment: take the condition away under which it does."""

    resource: Resource


class Allow(msgspec.Struct, frozen=True):
    """Grant a principal these actions on these resources (ARN values of the graph), and `more` of the same form."""

    principal: Resource
    actions: tuple[str, ...]
    resources: tuple[Value, ...]
    more: tuple[tuple[tuple[str, ...], tuple[Value, ...]], ...] = ()

    @property
    def grants(self) -> tuple[tuple[tuple[str, ...], tuple[Value, ...]], ...]:
        """All actions with their resources, one statement each."""
        return ((self.actions, self.resources), *self.more)


class Rewrite(msgspec.Struct, frozen=True):
    """Change the source code of a function: `edit` says in one word what is done at the place ("hoist" a client, "bound" a call)."""

    function: Resource
    place: CodePlace
    edit: str
    options: Mapping[str, Value] = msgspec.field(default_factory=dict)


Change = Set | Remove | AddResource | AddParameter | Always | Allow | Rewrite


class Fix(msgspec.Struct, frozen=True):
    """Changes that remove a finding, and how far they may be trusted. Made by `safe`, `unsafe` or `manual` only."""

    safety: Safety
    changes: tuple[Change, ...] = ()
    why: str = ""
    steps: tuple[str, ...] = msgspec.field(default=())

    @classmethod
    def safe(cls, *changes: Change) -> Fix:
        """A fix that changes nothing that anybody could rely on."""
        return cls(Safety.SAFE, changes)

    @classmethod
    def unsafe(cls, why: str, *changes: Change) -> Fix:
        """A fix that somebody must want: `why` says what it costs or may break."""
        return cls(Safety.UNSAFE, changes, why)

    @classmethod
    def manual(cls, *steps: str) -> Fix:
        """What a person has to do."""
        return cls(Safety.MANUAL, steps=steps)


class Unsafe(msgspec.Struct, frozen=True):
    """Declares that the fix of a simple rule must be asked for, and why."""

    why: str


SAFE = Safety.SAFE
