"""The files of a package that a handler reaches: what names mean across them, and which functions may run."""

from __future__ import annotations

import posixpath
import sys
from collections import deque
from collections.abc import Iterator

from stackworthy.core.code import (
    Attribute,
    Await,
    Call,
    Class,
    Function,
    Import,
    Literal,
    Module,
    Name,
    Node,
    Parameter,
    Record,
    Return,
    Sequence,
    Spread,
    dotted,
    walk,
)
from stackworthy.sources.code import python_modules
from stackworthy.sources.code.handlers import Location
from stackworthy.sources.code.parsing import Sources, parse
from stackworthy.sources.code.text import NotParsed
from stackworthy.sources.code.unit import SELF, ClassInfo, Scope, Unit

MAX_FILES = 60
"""Files of one package that are read; what lies beyond is a library that somebody copied in."""
MAX_STEPS = 20
"""Names that are followed one after another."""
_PROVIDED = sys.stdlib_module_names | {"boto3", "botocore", "aws_lambda_powertools", "aws_xray_sdk"}
_WRAPPERS = frozenset(
    """capture_lambda_handler capture_method capture inject_lambda_context log_metrics event_source event_parser validator idempotent
    idempotent_function lru_cache cache cached cached_property retry wraps contextmanager dataclass staticmethod classmethod property
    xray_recorder""".split()  # noqa: SIM905
)
"""Decorators after which a function is called by its name as before."""
_USUAL = ("handler", "lambda_handler", "lambdaHandler", "main", "default")


class Program:
    """A package, from the handler's file on. `unread` are its files that could not be parsed, `entry` the function that Lambda calls.

    `functions` are those that an invocation may run (the entry first), `started` those that run only when Lambda starts. When what is called is made elsewhere (`Mangum(app)`), the entry is the top of the handler's file. Raises `NotParsed` when that
    file cannot be read.
    """

    def __init__(self, sources: Sources, location: Location) -> None:
        self.sources = sources
        self.location = location
        self.units: dict[str, Unit] = {}
        self.unread: list[NotParsed] = []
        self._targets: dict[tuple[str, str, str], tuple[str, str] | None] = {}
        self._names: dict[int, str] = {}
        self._steps: dict[int, tuple[Scope, Node] | None] = {}
        self._callers: dict[int, list[tuple[Scope, Call]]] | None = None
        if location.inline is not None:
            first = Unit(parse(location.file, location.inline.encode("utf-8", "replace")))
        else:
            first = sources.unit(location.file)
        self.units[location.file] = first
        self._load(first)
        self.entry = self._entry(first)
        self.functions = self._closure([self.entry, *self._registered()])
        known = {id(scope) for scope in self.functions}
        self.started = [scope for scope in self._closure(self._called_first()) if id(scope) not in known]
        self._callers = self._found_callers()

    @property
    def tops(self) -> list[Scope]:
        """The tops of all files: what runs when Lambda starts."""
        return [unit.top for unit in self.units.values()]

    @property
    def scopes(self) -> list[Scope]:
        """All that may run: the tops of the files, what they call, then the functions that an invocation reaches."""
        return [*self.tops, *self.started, *self.functions]

    def _load(self, first: Unit) -> None:
        waiting = [first]
        while waiting:
            unit = waiting.pop()
            for item in unit.module.imports:
                found = self.target(unit.module, item)
                if found is None or found[0] in self.units or len(self.units) >= MAX_FILES:
                    continue
                try:
                    other = self.sources.unit(found[0])
                except NotParsed as error:
                    if error not in self.unread:
                        self.unread.append(error)
                    continue
                self.units[found[0]] = other
                waiting.append(other)

    def target(self, module: Module, item: Import) -> tuple[str, str] | None:
        """The file inside the package that an import leads to, and the name in it ("" for the file itself)."""
        if self.location.inline is not None:
            return None
        key = (module.file, item.module, item.member)
        if key not in self._targets:
            self._targets[key] = self._resolved(module, item)
        return self._targets[key]

    def _resolved(self, module: Module, item: Import) -> tuple[str, str] | None:
        workspace, root = self.sources.workspace, self.location.root
        if module.language != "python":
            from stackworthy.sources.code import javascript_modules

            found = javascript_modules.resolve(workspace, module.file, item.module)
            return (found, item.member) if found is not None else None
        if item.module.partition(".")[0] in _PROVIDED:
            return None
        member = "" if item.member == "*" else item.member
        found = python_modules.resolve(workspace, root, module.file, item.module)
        if member and (found is None or posixpath.basename(found) == "__init__.py"):
            name = item.module + ("" if item.module.endswith(".") else ".") + member
            inner = python_modules.resolve(workspace, root, module.file, name)
            if inner is not None:
                return inner, ""
        return (found, item.member) if found is not None else None

    # What names mean

    def scope(self, node: Node) -> Scope:
        """The function in which a node stands."""
        return self.unit(node).scope(node)

    def unit(self, node: Node) -> Unit:
        """The file in which a node stands."""
        for unit in self.units.values():
            if id(node) in unit.parents:
                return unit
        for unit in self.units.values():  # what stands at the top of a file has nothing around it
            known = (*unit.top.all(type(node)), *unit.module.imports)
            if any(other is node for other in known):
                return unit
        return next(iter(self.units.values()))

    def bindings(self, scope: Scope, name: str) -> tuple[Scope, list[Node]]:
        """The values that a name is given where it is known, and that place; none for a built-in or global name."""
        around: Scope | None = scope
        while around is not None:
            found = around.bindings.get(name)
            if found:
                return around, found
            around = around.parent
        for item in scope.unit.module.imports:
            if item.member == "*" and not item.name:
                target = self.target(scope.unit.module, item)
                other = self.units.get(target[0]) if target else None
                if other is not None and name in other.top.bindings:
                    return other.top, other.top.bindings[name]
        return scope, []

    def definition(self, scope: Scope, node: Node) -> tuple[Scope, Node]:
        """The expression (Call, Literal, Function, Import, Parameter...) that a name or attribute stands for, as far as it can be followed.

        A name that is given several values is followed only when all others are nothing (None, null).
        """
        for _ in range(MAX_STEPS):
            found = self._step(scope, node)
            if found is None:
                break
            scope, node = found
        return scope, node

    def _step(self, scope: Scope, node: Node) -> tuple[Scope, Node] | None:
        """What a node stands for, one step on; None when it stands for itself (and for what leads in a circle)."""
        key = id(node)
        if key not in self._steps:
            if isinstance(node, Parameter) and self._callers is None:
                return None
            self._steps[key] = None
            self._steps[key] = self._followed(scope, node)
        return self._steps[key]

    def _followed(self, scope: Scope, node: Node) -> tuple[Scope, Node] | None:
        if isinstance(node, Await):
            return scope, node.value
        if isinstance(node, Name):
            place, values = self.bindings(scope, node.id)
            value = _single(values)
            return (self._place(place, value), value) if value is not None and value is not node else None
        if isinstance(node, Import):
            return self._imported(scope, node, node.member)
        if isinstance(node, Attribute):
            return self._attribute(scope, node)
        if isinstance(node, Call):
            return self._returned(scope, node)
        return self._handed_over(scope, node) if isinstance(node, Parameter) else None

    def _found_callers(self) -> dict[int, list[tuple[Scope, Call]]]:
        """The calls of each function of the package, by the identity of its scope."""
        found: dict[int, list[tuple[Scope, Call]]] = {}
        for scope in self.scopes:
            for call in scope.all(Call):
                target = self.called(scope, call)
                if target is not None:
                    found.setdefault(id(target), []).append((scope, call))
        return found

    def callers(self, scope: Scope) -> list[tuple[Scope, Call]]:
        """The calls of a function inside the package, each with the function that makes it."""
        return (self._callers or {}).get(id(scope), [])

    def argument(self, scope: Scope, parameter: Parameter, call: Call) -> Node | None:
        """What a call hands to a parameter of the function that it runs; None when it leaves it out, or hands over more at once."""
        given = call.keyword(parameter.name)
        if given is not None:
            return given
        position = next((i for i, item in enumerate(scope.parameters) if item is parameter), -1)
        if not 0 <= position < len(call.arguments):
            return None
        before = call.arguments[: position + 1]
        return None if any(isinstance(item, Spread) for item in before) else call.arguments[position]

    def _handed_over(self, scope: Scope, node: Parameter) -> tuple[Scope, Node] | None:
        """What the only call of a function hands to its parameter."""
        callers = self.callers(scope)
        if len(callers) != 1 or scope is self.entry:
            return None
        place, call = callers[0]
        given = self.argument(scope, node, call)
        return (place, given) if given is not None else None

    def _place(self, place: Scope, value: Node) -> Scope:
        return place.unit.scope(value) if id(value) in place.unit.parents else place

    def _imported(self, scope: Scope, node: Import, member: str) -> tuple[Scope, Node] | None:
        """The value of an imported name; None for what lies outside of the package, and for whole files."""
        found = self.target(scope.unit.module, node)
        other = self.units.get(found[0]) if found else None
        if other is None or found is None or not member or (member == node.member and not found[1]):
            return None
        return self._exported(other, member)

    def _exported(self, unit: Unit, member: str) -> tuple[Scope, Node] | None:
        local = unit.module.exports.get(member, member)
        value = _single(unit.top.bindings.get(local, []))
        if value is not None:
            return self._place(unit.top, value), value
        made = unit.functions.get(local)
        return (made.parent or unit.top, made.node) if made is not None and made.node is not None else None

    def _attribute(self, scope: Scope, node: Attribute) -> tuple[Scope, Node] | None:
        if isinstance(node.value, Name) and node.value.id in SELF:
            info = self.owner(scope)
            value = _single(info.attributes.get(node.name, [])) if info else None
            return (self._place(scope.unit.top, value), value) if value is not None else None
        place, base = self.definition(scope, node.value)
        if isinstance(base, Import):
            found = self.target(place.unit.module, base)
            other = self.units.get(found[0]) if found else None
            return self._exported(other, node.name) if other is not None else None
        return None

    def _returned(self, scope: Scope, node: Call) -> tuple[Scope, Node] | None:
        """What the one `return` of a function of the package gives; the call itself when that hangs on its parameters."""
        target = self.called(scope, node)
        if target is None or node.new:
            return None
        values = [item.value for item in target.all(Return) if item.value is not None]
        value = _single(list(values))
        if value is None or isinstance(value, Literal):
            return None
        return target, value

    def owner(self, scope: Scope | None) -> ClassInfo | None:
        """The class whose method a scope is, or stands in."""
        while scope is not None:
            if scope.owner is not None:
                return scope.owner
            scope = scope.parent
        return None

    def called(self, scope: Scope, call: Call) -> Scope | None:
        """The function of the package that a call runs; None when that is none of the package's, or cannot be told."""
        return self.function(scope, call.callee)

    def function(self, scope: Scope, node: Node, steps: int = 6) -> Scope | None:
        """The function of the package that an expression names (a class: what makes its objects)."""
        if isinstance(node, Attribute) and steps:
            info = self._class_of(scope, node.value, steps - 1)
            if info is not None and node.name in info.methods:
                return info.methods[node.name]
        if isinstance(node, (Name, Attribute, Import)) and steps:
            found = self._step(scope, node)
            return self.function(*found, steps - 1) if found is not None else None
        if isinstance(node, Function):
            return scope.unit.scopes.get(id(node))
        if isinstance(node, Class):
            info = scope.unit.classes.get(id(node))
            methods = info.methods if info else {}
            return methods.get("__init__") or methods.get("constructor")
        return None

    def _class_of(self, scope: Scope, node: Node, steps: int) -> ClassInfo | None:
        """The class of the package whose object an expression is, or that it names."""
        if isinstance(node, Name) and node.id in SELF:
            return self.owner(scope)
        for _ in range(steps):
            if isinstance(node, Class):
                return scope.unit.classes.get(id(node))
            if isinstance(node, Call):
                node = node.callee
                continue
            found = self._step(scope, node)
            if found is None:
                return None
            scope, node = found
        return None

    def name(self, scope: Scope, node: Node) -> str:
        """What an expression is called by its origin: "boto3.client", "boto3.client().put_item", "@aws-sdk/client-s3.S3Client()".

        Imports and variables are followed. What the package itself defines begins with a dot; "" when nothing can be said.
        """
        key = id(node)
        known = self._names.get(key)
        if known is None:
            self._names[key] = ""
            known = self._names[key] = self._named(scope, node)
        return known

    def _named(self, scope: Scope, node: Node) -> str:
        if isinstance(node, Name) and not self.bindings(scope, node.id)[1]:
            return "" if node.id in SELF else node.id
        found = self._step(scope, node)
        if found is not None:
            name = self.name(*found)
            if name or not isinstance(node, Call):
                return name
        if isinstance(node, Attribute):
            before = self.name(scope, node.value)
            return f"{before}.{node.name}" if before else ""
        if isinstance(node, Call):
            before = self.name(scope, node.callee)
            return f"{before}()" if before else ""
        if isinstance(node, Import):
            return _import_name(node, inside=self.target(scope.unit.module, node) is not None)
        return f".{node.name}" if isinstance(node, (Function, Class)) else ""

    # What runs

    def _entry(self, unit: Unit) -> Scope:
        symbol = self.location.symbol
        names = [symbol, symbol.rpartition(".")[2], symbol.partition(".")[0]] if symbol else []
        for name in dict.fromkeys([*names, *_USUAL]):
            found = self._exported(unit, name)
            if found is not None:
                return self._run_by(*found) or unit.top
        takes_event = [
            made for made in unit.functions.values() if made.parent is unit.top and len(made.parameters) == 2
        ]
        return takes_event[0] if len(takes_event) == 1 and not self.location.symbol else unit.top

    def _run_by(self, scope: Scope, node: Node, steps: int = 10) -> Scope | None:
        """The function that runs when a value is called: it, or the one that was wrapped (`middy(handler).use(...)`)."""
        if steps <= 0:
            return None
        found = self.function(scope, node)
        if found is not None and not isinstance(node, Class):
            return found
        scope, node = self.definition(scope, node)
        if isinstance(node, Function):
            return scope.unit.scopes.get(id(node))
        if isinstance(node, Call):
            for part in (*node.arguments, node.callee):
                inner = self._run_by(scope, part, steps - 1)
                if inner is not None:
                    return inner
        if isinstance(node, Attribute):
            return (
                self._run_by(scope, node.value, steps - 1)
                if isinstance(node.value, (Call, Attribute))
                else None
            )
        return None

    def _registered(self) -> Iterator[Scope]:
        """Functions that somebody else calls for an event: decorated ones, those without a name at the top, those handed to a call there."""
        for unit in self.units.values():
            for made in unit.functions.values():
                node = made.node
                if (
                    made.parent is unit.top
                    and node is not None
                    and (not node.name or (made.owner is None and self._is_handed_over(node)))
                ):
                    yield made
            for call in unit.top.all(Call):
                for argument in call.arguments:
                    if isinstance(argument, (Name, Attribute)):
                        found = self.function(unit.top, argument)
                        if found is not None and found.owner is None:
                            yield found

    def _is_handed_over(self, node: Function) -> bool:
        """Whether a decorator may keep a function to call it (`@app.get("/orders")`), and does not merely wrap another handler of the file."""
        names = [parameter.name.lower() for parameter in node.parameters[:2]]
        if len(names) == 2 and "event" in names[0] and "context" in names[1]:
            return False
        words = {
            (dotted(one.callee if isinstance(one, Call) else one) or "?").rpartition(".")[2]
            for one in node.decorators
        }
        return not words <= _WRAPPERS

    def _called_first(self) -> list[Scope]:
        """The functions that the tops of the files call; what they merely name (to export it) does not run."""
        found = (self.called(top, call) for top in self.tops for call in top.all(Call))
        return [scope for scope in found if scope is not None]

    def _closure(self, first: list[Scope]) -> list[Scope]:
        """These functions and all that they may run, each once, in the order in which they are met."""
        met: dict[int, Scope] = {}
        waiting = deque(first)
        while waiting:
            scope = waiting.popleft()
            if id(scope) not in met:
                met[id(scope)] = scope
                waiting.extend(self._referred(scope))
        return [scope for scope in met.values() if scope.node is not None]

    def _referred(self, scope: Scope) -> Iterator[Scope]:
        for node in scope.all(Name):
            place, values = self.bindings(scope, node.id)
            for value in values:
                yield from self._functions_in(place, value)
            if values:
                yield from place.unit.assigned.get(node.id, ())
        for attribute in scope.all(Attribute):
            if attribute.value.__class__ is not Call:
                found = self.function(scope, attribute)
                if found is not None:
                    yield found

    def _functions_in(self, scope: Scope, value: Node) -> Iterator[Scope]:
        if isinstance(value, Import):
            found = self._step(scope, value)
            if found is None or isinstance(found[1], Import):
                return
            scope, value = found
        if isinstance(value, Function):
            made = scope.unit.scopes.get(id(value))
            if made is not None:
                yield made
        elif isinstance(value, Class):
            info = scope.unit.classes.get(id(value))
            yield from info.methods.values() if info else ()
        elif isinstance(value, (Record, Sequence)):
            yield from self._listed(scope, value)

    def _listed(self, scope: Scope, table: Record | Sequence) -> Iterator[Scope]:
        """The functions that a table names: what is looked up in it (`ROUTES[key](event)`) may be any of them."""
        for part in walk(table, into_functions=False):
            if isinstance(part, (Name, Attribute)):
                found = self.function(scope, part)
                if found is not None:
                    yield found


def _single(values: list[Node]) -> Node | None:
    """The one value of a variable, when all else that it is given is nothing."""
    if len(values) == 1:
        return values[0]
    some = [value for value in values if not (isinstance(value, Literal) and value.value is None)]
    if len(some) == 1:
        return some[0]
    first = some[0] if some else None
    if isinstance(first, Import) and all(
        isinstance(value, Import) and (value.module, value.member) == (first.module, first.member)
        for value in some
    ):
        return first
    return None


def _import_name(node: Import, *, inside: bool) -> str:
    module = node.module.removeprefix("node:")
    if inside:
        return f".{node.member or module}"
    return module if node.member in ("", "default", "*") else f"{module}.{node.member}"
