"""What a Terraform root comes to: its resource and data instances, as evaluated, and where each value was written.

This is the shape that everything above the evaluator works with. Names are Terraform's own; what they mean in the project's
canonical names is the business of the mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

from stackworthy.core.origin import Origin
from stackworthy.core.resource import When
from stackworthy.core.value import Map, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stackworthy.core.diagnostic import Diagnostic
    from stackworthy.core.origin import Route, Span, Trail
    from stackworthy.core.value import Reference
    from stackworthy.sources.terraform.syntax import Attribute


class Settings(msgspec.Struct, frozen=True):
    """What a user gives to evaluate a root, for one environment.

    `variables` are as on Terraform's command line: texts, which a variable of a complex type reads as an expression (other values are taken as
    they are). `var_files` are paths relative to the workspace's root, in order. `workspace` is the value of `terraform.workspace`.
    """

    variables: Mapping[str, Value] = msgspec.field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    workspace: str = "default"


class Provider(msgspec.Struct, frozen=True):
    """The provider configuration that a resource is made with.

    `region` is a string, or an `Unknown` whose expression is `AWS::Region` when none is stated. `default_tags` is an empty map when none are
    stated, and may be open or unknown. `assume_role` says that another account's role is assumed, so that `account` is not the caller's.
    """

    name: str
    alias: str | None
    region: Value
    default_tags: Value
    assume_role: bool = False


class EvaluatedRoot(Protocol):
    """What `root.load` and `plan.load_plan` give: blocks and the places of their values.

    Values are evaluated when they are asked for, and diagnostics grow with them: read those last.

    The routes of `origin` and its fellows are names and positions in `Block.attributes`; they may go on into text that encodes JSON, as
    in `("policy", "Statement", 0, "Action")`. The routes inside an `Origin` are those of the file: block types and labels, positions among
    blocks of one type, keys and indices of literals, and inside expressions `"()"` and a number for an argument of a call, `"?"` and `":"`
    for the sides of a conditional, `"for"` with 0 for the collection and 1 for the body of a loop.
    """

    @property
    def folder(self) -> str:
        """The folder of the root module, or of the plan."""
        ...

    @property
    def files(self) -> list[str]:
        """All files that were read."""
        ...

    @property
    def blocks(self) -> list[Block]:
        """Every resource and data instance of all modules."""
        ...

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What was wrong with what was read so far."""
        ...

    @property
    def outputs(self) -> Map:
        """The values of the root's outputs."""
        ...

    @property
    def variables(self) -> Map:
        """The values of the root's variables."""
        ...

    def origin(self, block: Block, route: Route) -> Origin:
        """The place of a value, of the nearest thing around it that is stated, at last of the block (role "resource")."""
        ...

    def trail(self, block: Block, route: Route) -> Trail:
        """How a value came to be, from its use to what was written; empty when it was written at its use."""
        ...

    def span(self, origin: Origin) -> Span:
        """The concrete place."""
        ...

    def refers_to(self, block: Block, route: Route) -> Reference | None:
        """The attribute of another block that the value is, whether stated there or computed."""
        ...

    def is_sensitive(self, block: Block, route: Route) -> bool:
        """Whether the author calls the value a secret."""
        ...

    def comments(self, file: str) -> Iterator[tuple[int, str]]:
        """Each comment of a file that was read, with its line."""
        ...

    def release(self) -> None:
        """Let syntax trees go; everything can still be asked."""
        ...


class Evaluator(Protocol):
    """What gives a block its values when they are asked for."""

    def stated(self) -> Map:
        """All arguments and nested blocks."""
        ...

    def attribute(self, name: str) -> Value:
        """One argument or attribute, as a reference to it evaluates."""
        ...

    def provider(self) -> Provider:
        """The provider configuration."""
        ...

    def meta(self) -> Map:
        """`lifecycle` and `depends_on`."""
        ...


class Block:
    """One instance of a resource or data block.

    `address` is Terraform's full address (`module.api["x"].aws_lambda_function.this[0]`, `data.` before the type of a data
    source). `mode` is "managed" or "data". `module` is the address of the module instance, "" for the root. `key` is the instance key: an
    int for `count`, a string for `for_each`, None for neither.

    When `count` or `for_each` (of the block or of a module around it) is not known, there is one representative: its `key` is an
    `Unknown`, its address has `[*]` in the key's place, and `when.holds` is None. When it is zero or empty, there is one block with
    the address without a key, and `when.holds` is False. `when` is None for what always exists.

    `file` and `line` are the place of the block's header, `line` counts from 1. `owned` is False inside a module from a registry or
    a repository elsewhere; `origin` then gives the place of the call that nobody but the user owns.
    """

    __slots__ = (
        "_attributes",
        "address",
        "evaluator",
        "file",
        "key",
        "line",
        "mode",
        "module",
        "name",
        "owned",
        "type",
        "when",
    )

    def __init__(
        self,
        evaluator: Evaluator,
        address: str,
        mode: str,
        type: str,
        name: str,
        module: str,
        key: str | int | Unknown | None,
        when: When | None,
        file: str,
        line: int,
        owned: bool,
    ) -> None:
        self.evaluator = evaluator
        self._attributes: Map | None = None
        self.address = address
        self.mode = mode
        self.type = type
        self.name = name
        self.module = module
        self.key = key
        self.when = when
        self.file = file
        self.line = line
        self.owned = owned

    @property
    def present(self) -> bool | None:
        """Whether the instance exists; None when that is not known."""
        return True if self.when is None else self.when.holds

    @property
    def attributes(self) -> Map:
        """The arguments and nested blocks that the configuration states, evaluated on first use.

        A nested block type is a `List` of `Map`, in order, an `OpenList` when a `dynamic` block's elements are not known. An argument that is null or
        not stated is absent. In JSON syntax a nested block stands as it was written there: a `Map`, or a `List` of them. A block with a
        syntax error is an `OpenMap`.
        """
        if self._attributes is None:
            self._attributes = self.evaluator.stated()
        return self._attributes

    def attribute(self, name: str) -> Value:
        """The attribute as a reference to it evaluates: the stated value, else a `Reference` (data sources: what is known of them)."""
        return self.evaluator.attribute(name)

    @property
    def provider(self) -> Provider:
        """The provider configuration that the instance is made with."""
        return self.evaluator.provider()

    @property
    def region(self) -> Value:
        """The region: the block's own `region` argument, else the provider's."""
        own = self.attributes["region"] if self.mode == "managed" else None
        return own if isinstance(own, (str, Unknown)) else self.provider.region

    @property
    def meta(self) -> Map:
        """`lifecycle` (a `Map` of its constant arguments; `ignore_changes` a `List` of names or "all") and `depends_on` (a `List` of addresses)."""
        return self.evaluator.meta()

    def __repr__(self) -> str:
        return f"<{self.address}>"


class Given(msgspec.Struct, frozen=True):
    """A value for a variable of the root, and where it was given; `attribute` when that is a file."""

    value: Value
    origin: Origin
    attribute: Attribute | None = None
