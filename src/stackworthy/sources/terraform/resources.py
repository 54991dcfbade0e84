"""Resources and data sources: their instances, and what references to their attributes give.

Source: https://developer.hashicorp.com/terraform/language/resources
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.core.value import List, Map, OpenList, OpenMap, Reference, Unknown, Value
from stackworthy.sources.terraform.access import ResourceValue
from stackworthy.sources.terraform.bodies import META, Bodies, kinds, settled
from stackworthy.sources.terraform.computed import COLLECTIONS, OPTIONAL
from stackworthy.sources.terraform.data_sources import DATA_SOURCES, RESOURCES, all_tags
from stackworthy.sources.terraform.expressions import Literal, Object, Traversal, Tuple
from stackworthy.sources.terraform.instances import Expansion, combined, expand, key_suffix
from stackworthy.sources.terraform.model import Block as Public
from stackworthy.sources.terraform.providers import provider_of

if TYPE_CHECKING:
    from stackworthy.core.resource import When
    from stackworthy.sources.terraform.expressions import Expression, Scope
    from stackworthy.sources.terraform.instances import Key
    from stackworthy.sources.terraform.model import Provider
    from stackworthy.sources.terraform.module import Module
    from stackworthy.sources.terraform.syntax import Block

_MISSING, _RUNNING = object(), object()


class Group:
    """The instances of one resource or data block in one module instance; `address` is that of all, without a key."""

    __slots__ = (
        "_expanding",
        "_expansion",
        "_instances",
        "_value",
        "address",
        "block",
        "mode",
        "module",
        "name",
        "type",
    )

    def __init__(self, module: Module, mode: str, type: str, name: str, block: Block) -> None:
        self.module = module
        self.mode = mode
        self.type = type
        self.name = name
        self.block = block
        self.address = f"{module.prefix}{'data.' if mode == 'data' else ''}{type}.{name}"
        self._expanding = False
        self._expansion: Expansion | None = None
        self._instances: list[Instance] | None = None
        self._value: Value = _MISSING

    def expansion(self) -> Expansion:
        """The keys of the instances."""
        if self._expansion is None:
            if self._expanding:
                return Expansion("count", unknown=Unknown(f"{self.address} refers to itself"))
            self._expanding = True
            try:
                self._expansion = expand(self.module.engine, self.block, self.module.scope, self.address)
            finally:
                self._expanding = False
        return self._expansion

    def instances(self) -> list[Instance]:
        """The instances; one that is not there when there are none."""
        if self._instances is None:
            expansion = self.expansion()
            made = []
            for key, scope in expansion.instances(self.module.scope):
                when = combined(expansion.when_of(key), self.module.when)
                made.append(Instance(self, key, scope, when))
            if self._expansion is None:
                return made
            self._instances = made
        return self._instances

    def value(self) -> Value:
        """What a reference to the block gives."""
        if self._value is _MISSING:
            instances = [ResourceValue(instance) for instance in self.instances()]
            value = self.expansion().value(instances, self.address)
            if self._expansion is None:
                return value
            self._value = value
        return self._value


class Instance:
    """One instance: evaluates its arguments when they are asked for, each once."""

    __slots__ = ("_block", "_bodies", "_values", "address", "group", "key", "scope", "when")

    def __init__(self, group: Group, key: Key, scope: Scope, when: When | None) -> None:
        self.group = group
        self.key = key
        self.scope = scope
        self.when = when
        self.address = group.address + key_suffix(key)
        self._bodies = Bodies(group.module.engine, self.address)
        self._values: dict[str, Value] = {}
        self._block: Public | None = None

    @property
    def block(self) -> Public:
        """The public view."""
        if self._block is None:
            group = self.group
            self._block = Public(
                self,
                self.address,
                group.mode,
                group.type,
                group.name,
                group.module.address,
                self.key,
                self.when,
                group.block.file,
                group.block.line,
                group.module.owned,
            )
        return self._block

    def own(self, name: str) -> Value:
        """The argument or nested blocks that the configuration states; None when it states none, or null."""
        value = self._values.get(name, _MISSING)
        if value is _RUNNING:
            engine, block = self.group.module.engine, self.group.block
            engine.diagnose(
                block.file, block.line, f"{self.group.address}.{name} refers to itself", "break the cycle"
            )
            return Unknown(f"{self.address}.{name} refers to itself", f"{self.address}.{name}")
        if value is _MISSING:
            self._values[name] = _RUNNING
            try:
                value = self._own(name)
            except BaseException:
                del self._values[name]
                raise
            self._values[name] = value
        return value

    def _own(self, name: str) -> Value:
        body = self.group.block.body
        attribute = body.attributes.get(name)
        if attribute is not None:
            return self._bodies.engine.run(self.address, name, attribute, self.scope)
        nested = self._bodies.nested(body, name, self.scope)
        if isinstance(nested, OpenList) or nested:
            return nested
        return Unknown(f"{self.address} {body.broken}") if body.broken else None

    def attribute(self, name: str) -> Value:
        """The attribute as a reference to it evaluates."""
        value = None if name in META else self.own(name)
        return self.computed(name) if value is None else value

    def computed(self, path: str) -> Value:
        """What stands for an attribute that is not stated: null for an argument, else what the provider fills in.

        The path goes on into nested blocks.
        """
        handlers = DATA_SOURCES if self.group.mode == "data" else RESOURCES
        handler = handlers.get(self.group.type)
        if handler is not None:
            value = handler(self, path)
            if value is not None:
                return value
        if path == "tags_all" and self.group.type.startswith("aws_"):
            tags = all_tags(self)
            if tags is not None:
                return tags
        what = f"{self.address}.{path}"
        if self.group.mode == "data":
            return Unknown(f"{what} is read when Terraform runs", what)
        if path in OPTIONAL and self.group.type.startswith("aws_"):
            return None
        if path.rpartition(".")[2] in COLLECTIONS:
            return Unknown(f"{what} is known only after deployment", what)
        return Reference(self.address, path)

    def stated(self) -> Map:
        """All arguments and nested blocks."""
        body = self.group.block.body
        result = Map()
        for name, attribute in body.attributes.items():
            if name not in META:
                expression = attribute.expression
                plain = type(expression) is Literal
                value = expression.value if plain else settled(self.own(name))  # type: ignore[attr-defined]
                if value is not None:
                    result[name] = value
        for name in dict.fromkeys(kinds(body)):
            if name not in META and name not in result:
                value = settled(self.own(name))
                if value is not None:
                    result[name] = value
        if body.broken:
            return OpenMap(result.items(), Unknown(f"{self.address} {body.broken}"))
        return result

    def provider(self) -> Provider:
        """The provider configuration."""
        return provider_of(self)

    def meta(self) -> Map:
        """`lifecycle` and `depends_on`."""
        result = Map()
        body = self.group.block.body
        for block in body.blocks:
            if block.type == "lifecycle":
                found = {name: _constant(item.expression) for name, item in block.body.attributes.items()}
                result["lifecycle"] = Map((name, value) for name, value in found.items() if value is not None)
        depends = body.attributes.get("depends_on")
        if depends is not None:
            found_names = _constant(depends.expression)
            names = found_names if isinstance(found_names, list) else []
            result["depends_on"] = List(f"{self.group.module.prefix}{name}" for name in names)
        return result


def _constant(expression: Expression) -> Value:
    """The value of an argument that takes constants and names of things, None where it is something else."""
    if isinstance(expression, Literal):
        return expression.value
    if isinstance(expression, Traversal):
        return expression.text
    if isinstance(expression, Tuple):
        return List(value for item in expression.items if (value := _constant(item)) is not None)
    if isinstance(expression, Object):
        return Map(
            (str(key.value), value)
            for key, item in expression.items
            if isinstance(key, Literal) and (value := _constant(item)) is not None
        )
    return None
