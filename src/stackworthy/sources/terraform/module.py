"""Module instances: where the names of an expression lead, and what calls of other modules come to.

Source: https://developer.hashicorp.com/terraform/language/modules
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from stackworthy.core.resource import When
from stackworthy.core.value import OpenMap, Unknown, Value
from stackworthy.sources.terraform.access import Invalid, Whole, walk
from stackworthy.sources.terraform.bodies import META, settled
from stackworthy.sources.terraform.conversions import ConversionError, convert
from stackworthy.sources.terraform.engine import MAX_MODULES_PER_ROOT
from stackworthy.sources.terraform.expressions import Scope
from stackworthy.sources.terraform.files import Files, rendered
from stackworthy.sources.terraform.instances import Expansion, combined, expand, key_suffix
from stackworthy.sources.terraform.nowhere import NO_FUNCTIONS, NOWHERE
from stackworthy.sources.terraform.resources import Group
from stackworthy.sources.terraform.sources import Located
from stackworthy.sources.terraform.type_syntax import variable_type
from stackworthy.sources.terraform.types import WORKING_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from stackworthy.sources.terraform.engine import Engine
    from stackworthy.sources.terraform.folder import Folder
    from stackworthy.sources.terraform.model import Given, Provider, Settings
    from stackworthy.sources.terraform.sources import Sources
    from stackworthy.sources.terraform.syntax import Attribute, Block

_MISSING, _RUNNING = object(), object()


class Shared:
    """What all module instances of a root have in common."""

    __slots__ = ("engine", "files", "folder", "given", "settings", "sources")

    def __init__(
        self, engine: Engine, folder: str, settings: Settings, given: Mapping[str, Given], sources: Sources
    ) -> None:
        self.engine = engine
        self.folder = folder
        self.settings = settings
        self.given = given
        self.sources = sources
        self.files = Files(engine.workspace, folder)


class Module:
    """One instance of a module. `address` is empty for the root, else `module.api["x"]`; `prefix` stands before its blocks' addresses."""

    def __init__(
        self,
        shared: Shared,
        folder: Folder,
        address: str = "",
        call: Call | None = None,
        scope: Scope | None = None,
        key: str | int | Unknown | None = None,
        when: When | None = None,
        owned: bool = True,
    ) -> None:
        self.shared = shared
        self.engine = shared.engine
        self.folder = folder
        self.address = address
        self.call = call
        self.arguments_scope = scope
        self.key = key
        self.when = when
        self.owned = owned
        self.files = shared.files
        self.functions: Mapping[str, Callable[[list[Value]], Value]] = NO_FUNCTIONS
        self.scope = Scope(self, shared.engine)
        self.providers: dict[tuple[str, str | None], Provider] = {}
        self._values: dict[tuple[str, str], Value] = {}
        self.prefix = f"{address}." if address else ""
        self._groups: dict[tuple[str, str, str], Group] = {}
        self._calls: dict[str, Call] = {}

    @property
    def parent(self) -> Module | None:
        """The module instance that the call stands in."""
        return None if self.call is None else self.call.module

    def ancestors(self) -> Iterator[Module]:
        """This instance and all around it, innermost first."""
        module: Module | None = self
        while module is not None:
            yield module
            module = module.parent

    def render(self, text: str, variables: Mapping[str, Value], name: str) -> Value:
        """A template's text with its variables, for `templatefile`."""
        return rendered(self.scope, text, variables, name)

    def resolve(self, root: str, steps: tuple[Any, ...], scope: Scope) -> Value:
        """The value of a traversal from this module."""
        handler = _ROOTS.get(root)
        if handler is not None:
            if not steps or not isinstance(steps[0], str):
                return Invalid(f"`{root}` is not followed by a name")
            return walk(handler(self, steps[0]), steps, scope, 1)
        if root == "data":
            if len(steps) < 2 or not (isinstance(steps[0], str) and isinstance(steps[1], str)):
                return Invalid("`data` is not followed by a type and a name")
            return walk(self.resource_value("data", steps[0], steps[1]), steps, scope, 2)
        if not steps or not isinstance(steps[0], str):
            return Invalid(f"the name `{root}` means nothing here")
        return walk(self.resource_value("managed", root, steps[0]), steps, scope, 1)

    def _once(self, kind: str, name: str, compute: Callable[[str], Value]) -> Value:
        key = (kind, name)
        value = self._values.get(key, _MISSING)
        if value is _RUNNING:
            what = f"{self.prefix}{kind}.{name}"
            self._cycle(kind, name)
            return Unknown(f"{what} refers to itself", what)
        if value is _MISSING:
            self._values[key] = _RUNNING
            try:
                value = compute(name)
            except BaseException:
                del self._values[key]
                raise
            self._values[key] = value
        return value

    def _cycle(self, kind: str, name: str) -> None:
        place = self.definition(kind, name)
        if place is not None:
            hint = "break the cycle: something in it must not refer to the rest"
            self.engine.diagnose(place.path, place.line, f"{kind}.{name} refers to itself", hint)

    def definition(self, kind: str, name: str) -> Attribute | None:
        """The attribute that gives a local, variable (its default or argument) or output its value."""
        if kind == "local":
            local = self.folder.locals.get(name)
            return None if local is None else local.attribute
        if kind == "output":
            block = self.folder.outputs.get(name)
            return None if block is None else block.body.attributes.get("value")
        if self.call is not None:
            argument = self.call.block.body.attributes.get(name)
            if argument is not None:
                return argument
        variable = self.folder.variables.get(name)
        return None if variable is None else variable.body.attributes.get("default")

    def local(self, name: str) -> Value:
        """`local.name`."""
        return self._once("local", name, self._local)

    def _local(self, name: str) -> Value:
        local = self.folder.locals.get(name)
        if local is None:
            return self._undeclared("local", name)
        return self.engine.run("local", name, local.attribute, self.scope)

    def _undeclared(self, kind: str, name: str) -> Value:
        what = f"{self.prefix}{kind}.{name}"
        if self.folder.incomplete:
            return Unknown(f"{what} may stand in a file that cannot be read", what)
        return Invalid(f"{what} is not declared", what)

    def _nowhere(self, type: str, name: str) -> Value:
        """A variable or resource that nobody declares: `try` cannot catch that, and a text around it is known but for this piece."""
        if type != "var" and "_" not in type:
            return self._undeclared(type, name)
        what = f"{self.prefix}{type}.{name}"
        return Unknown(f"{what} is not declared", what)

    def variable(self, name: str) -> Value:
        """`var.name`."""
        return self._once("var", name, self._variable)

    def _variable(self, name: str) -> Value:
        block = self.folder.variables.get(name)
        if block is None:
            return self._nowhere("var", name)
        found, value = self._assigned(name)
        attributes = block.body.attributes
        nullable = attributes.get("nullable")
        if found and value is None and nullable is not None and nullable.text == "false":
            found = False
        if not found:
            default = attributes.get("default")
            if default is None:
                return self._without_value(name)
            value = self.engine.run("var", name, default, Scope(NOWHERE, self.engine))
        type_ = attributes.get("type")
        if type_ is None or (type(value) is str and type_.text == "string"):
            return value
        try:
            return convert(value, variable_type(type_, Scope(NOWHERE, self.engine)))
        except ConversionError as error:
            message = f"the value of {self.prefix}var.{name} does not fit its type: {error}"
            place = self._place_of_value(name) or type_
            self.engine.diagnose(place.path, place.line, message, "give a value of the declared type")
            return Invalid(message, f"{self.prefix}var.{name}")

    def _assigned(self, name: str) -> tuple[bool, Value]:
        if self.call is None:
            given = self.shared.given.get(name)
            return (False, None) if given is None else (True, given.value)
        argument = self.call.block.body.attributes.get(name)
        if argument is None or name in META or name in ("source", "version"):
            return False, None
        assert self.arguments_scope is not None
        return True, self.engine.run(self.address, name, argument, self.arguments_scope)

    def _place_of_value(self, name: str) -> Attribute | None:
        given = self.shared.given.get(name) if self.call is None else None
        return self.definition("var", name) if given is None else given.attribute

    def _without_value(self, name: str) -> Unknown:
        what = f"{self.prefix}var.{name}"
        if self.call is None:
            return Unknown(f"{what} has no value (give it with --var {name}=…)", what)
        return Unknown(f"{what} has no value (the module's call does not give it)", what)

    def output(self, name: str) -> Value:
        """`module.this.name`, seen from outside."""
        return self._once("output", name, self._output)

    def _output(self, name: str) -> Value:
        attribute = self.definition("output", name)
        if attribute is None:
            return self._undeclared("output", name)
        return self.engine.run("output", name, attribute, self.scope)

    def call_value(self, name: str) -> Value:
        """`module.name`."""
        found = self.called(name)
        return self._undeclared("module", name) if found is None else self._once("module", name, found.value)

    def called(self, name: str) -> Call | None:
        """The call with this name."""
        if name not in self._calls:
            block = self.folder.calls.get(name)
            if block is None:
                return None
            self._calls[name] = Call(self, name, block)
        return self._calls[name]

    def resource_value(self, mode: str, type: str, name: str) -> Value:
        """What a reference to a resource or data source gives."""
        group = self.group(mode, type, name)
        if group is None:
            return self._nowhere(type if mode == "managed" else f"data.{type}", name)
        return group.value()

    def group(self, mode: str, type: str, name: str) -> Group | None:
        """The instances of a resource or data source."""
        key = (mode, type, name)
        if key not in self._groups:
            block = self.folder.resources.get(key)
            if block is None:
                return None
            self._groups[key] = Group(self, mode, type, name, block)
        return self._groups[key]

    def path_value(self, name: str) -> Value:
        """`path.name`."""
        if name == "cwd":
            return WORKING_DIRECTORY
        if name == "root":
            return "."
        if name != "module":
            return Invalid(f"path.{name} does not exist")
        return posixpath.relpath(self.folder.path or ".", self.shared.folder or ".")

    def terraform_value(self, name: str) -> Value:
        """`terraform.name`."""
        if name == "workspace":
            return self.shared.settings.workspace
        return Unknown(f"terraform.{name} is known only when Terraform runs", f"terraform.{name}")

    def self_value(self, name: str) -> Value:
        """`each.x`, `count.x` and `self.x` where there is none."""
        return Invalid(f"`{name}` stands where there is no such element")


_ROOTS: dict[str, Callable[[Module, str], Value]] = {
    "var": Module.variable,
    "local": Module.local,
    "module": Module.call_value,
    "path": Module.path_value,
    "terraform": Module.terraform_value,
    "each": Module.self_value,
    "count": Module.self_value,
    "self": Module.self_value,
}


class ModuleValue(Whole):
    """A module instance as a value: its outputs, evaluated when asked for."""

    __slots__ = ("module",)

    def __init__(self, module: Module) -> None:
        super().__init__((), Unknown(f"{module.address} has no more outputs", module.address))
        self.module = module

    def __missing__(self, key: str) -> Value:
        return self.module.output(key)

    @property
    def known(self) -> dict[str, Value]:
        """All outputs."""
        return {name: settled(self.module.output(name)) for name in self.module.folder.outputs}

    def __reduce__(self) -> tuple[Any, ...]:
        return (OpenMap, (list(self.known.items()), self.rest))


class Call:
    """One `module` block in one module instance, and the instances that it makes; `address` is theirs without a key."""

    def __init__(self, module: Module, name: str, block: Block) -> None:
        self.module = module
        self.name = name
        self.block = block
        self.address = f"{module.prefix}module.{name}"
        self._expansion: Expansion | None = None
        self._modules: list[Module] | None = None
        self._located: Located | None = None

    def located(self) -> Located:
        """Where the module's files are, or why they are not here."""
        if self._located is None:
            self._located = self.module.shared.sources.locate(self)
        return self._located

    def value(self, _: str) -> Value:
        """What `module.name` gives."""
        located = self.located()
        if located.folder is None:
            return Unknown(located.reason, self.address)
        expansion = self.expansion()
        instances = [ModuleValue(module) for module in self.modules()]
        if not instances:
            return Unknown(f"{self.address} is not read", self.address)
        return expansion.value(instances, self.address)

    def expansion(self) -> Expansion:
        """The keys of the instances."""
        if self._expansion is None:
            self._expansion = expand(self.module.engine, self.block, self.module.scope, self.address)
        return self._expansion

    def modules(self) -> list[Module]:
        """The instances."""
        if self._modules is None:
            folder = self.located().folder
            self._modules = [] if folder is None else self._instances(folder)
        return self._modules

    def _instances(self, folder: Folder) -> list[Module]:
        outer = self.module
        engine = outer.engine
        instances: list[Module] = []
        expansion = self.expansion()
        for key, scope in expansion.instances(outer.scope):
            engine.modules += 1
            if engine.modules > MAX_MODULES_PER_ROOT:
                message = f"makes more than {MAX_MODULES_PER_ROOT:,} module instances; the rest is not read"
                engine.diagnose(
                    self.block.file, self.block.line, f"{self.address} {message}", "split the root"
                )
                break
            address = self.address + key_suffix(key)
            when = combined(expansion.when_of(key), outer.when)
            owned = outer.owned and self.located().owned
            instances.append(Module(outer.shared, folder, address, self, scope, key, when, owned))
        return instances
