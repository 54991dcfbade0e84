"""One parsed file with what its names mean: functions, classes, variables, and where each node stands."""

from __future__ import annotations

from collections import deque
from typing import Any, TypeVar, cast

from stackworthy.core.code import (
    Assign,
    Attribute,
    Catch,
    Class,
    Comprehension,
    Function,
    If,
    Import,
    Index,
    Literal,
    Loop,
    Module,
    Name,
    Node,
    Operation,
    Other,
    Parameter,
    Record,
    Sequence,
    Spread,
    With,
)

N = TypeVar("N", bound=Node)
SELF = ("self", "this", "cls")
_LEAVES = (Name, Literal)


class Scope:
    """A named function, or the top of a file (`node` None). A function without a name belongs to the one that it stands in.

    `name` is qualified ("Orders.save", "handler.retry"; "" for the top); `bindings` are the values that each variable is given, in
    order: expressions, or the Parameter, Import, Function or Class that makes the name known.
    """

    __slots__ = ("bindings", "globals", "name", "node", "nodes", "owner", "parent", "unit")

    def __init__(
        self, unit: Unit, name: str, node: Function | None, parent: Scope | None, owner: ClassInfo | None
    ) -> None:
        self.unit = unit
        self.name = name
        self.node = node
        self.parent = parent
        self.owner = owner
        self.bindings: dict[str, list[Node]] = {}
        self.globals: set[str] = set()
        self.nodes: dict[type[Node], list[Node]] = {}

    def all(self, kind: type[N]) -> list[N]:
        """The nodes of a kind that run as part of this function, in the order of the source."""
        return cast("list[N]", self.nodes.get(kind, []))

    def bind(self, name: str, value: Node) -> None:
        """Note that a variable is given a value."""
        self.bindings.setdefault(name, []).append(value)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The function's own parameters, without `self`."""
        if self.node is None:
            return ()
        given = self.node.parameters
        return given[1:] if self.owner and given and given[0].name in SELF else given

    def __repr__(self) -> str:
        return f"<{self.unit.module.file}:{self.name or 'top'}>"


class ClassInfo:
    """A class: its methods, and the values that its attributes are given anywhere in it."""

    __slots__ = ("attributes", "methods", "name", "node")

    def __init__(self, name: str, node: Class) -> None:
        self.name = name
        self.node = node
        self.methods: dict[str, Scope] = {}
        self.attributes: dict[str, list[Node]] = {}


class Unit:
    """A file of a program. `scopes` holds the scope of each named function by the identity of its node."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.top = Scope(self, "", None, None, None)
        self.scopes: dict[int, Scope] = {}
        self.classes: dict[int, ClassInfo] = {}
        self.functions: dict[str, Scope] = {}
        self.parents: dict[int, Node] = {}
        self.assigned: dict[str, list[Scope]] = {}
        self._waiting: deque[tuple[Scope, tuple[Node, ...]]] = deque([(self.top, module.body)])
        while self._waiting:
            scope, nodes = self._waiting.popleft()
            self._index(scope, nodes)

    def scope(self, node: Node) -> Scope:
        """The function in which a node stands."""
        parent = self.parents.get(id(node))
        while parent is not None:
            found = self.scopes.get(id(parent))
            if found is not None:
                return found
            parent = self.parents.get(id(parent))
        return self.top

    def _index(self, scope: Scope, body: tuple[Node, ...]) -> None:
        parents, nodes = self.parents, scope.nodes
        pending = list(reversed(body))
        while pending:
            node = pending.pop()
            kind = node.__class__
            known = nodes.get(kind)
            if known is None:
                nodes[kind] = [node]
            else:
                known.append(node)
            if kind in _LEAVES:
                continue
            visit = _BINDS.get(kind)
            if visit is not None and visit(self, scope, node, pending):
                continue
            first = len(pending)
            for field in kind.fields:
                value = getattr(node, field)
                if value.__class__ is tuple:
                    _push(pending, value, parents, node)
                elif value is not None:
                    parents[id(value)] = node
                    pending.append(value)
            pending[first:] = pending[first:][::-1]

    def child(self, scope: Scope, node: Function, owner: ClassInfo | None, name: str) -> Scope:
        """The scope of a function that stands in another."""
        before = f"{owner.name}." if owner else f"{scope.name}." if scope.name else ""
        qualified = before + name
        while qualified in self.functions:
            qualified += "'"
        made = Scope(self, qualified, node, scope, owner)
        self.scopes[id(node)] = made
        self.functions[qualified] = made
        for parameter in node.parameters:
            self.parents[id(parameter)] = node
            self.parameter(made, parameter)
        for part in node.body:
            self.parents[id(part)] = node
        self._waiting.append((made, node.body))
        return made

    def parameter(self, scope: Scope, parameter: Parameter) -> None:
        """Bind the names that a parameter makes known."""
        if parameter.name:
            scope.bind(parameter.name, parameter)
        if parameter.pattern is not None:
            self.parents.setdefault(id(parameter.pattern), parameter)
            self.bind(scope, parameter.pattern, parameter, parameter)

    def bind(self, scope: Scope, target: Node, value: Node, holder: Node, declares: str = "local") -> None:
        """Give a target its value; what is taken apart gets an index or attribute of the value. `holder` is the statement."""
        if isinstance(target, Name):
            self._home(scope, target.id, declares).bind(target.id, value)
        elif isinstance(target, Sequence):
            for number, item in enumerate(target.items):
                index = Literal(value=number)
                self.bind(
                    scope, item, self._made(Index(value=value, index=index), target, holder), holder, declares
                )
        elif isinstance(target, Record):
            for key, item in target.items:
                name = str(key.value) if isinstance(key, Literal) else ""
                part = self._made(Attribute(value=value, name=name), target, holder) if name else value
                self.bind(scope, item, part, holder, declares)
        elif isinstance(target, Spread):
            self.bind(scope, target.value, value, holder, declares)
        elif isinstance(target, Assign) and target.targets:
            self.bind(scope, target.targets[0], value, holder, declares)
        elif isinstance(target, Attribute) and isinstance(target.value, Name) and target.value.id in SELF:
            owner = _owner(scope)
            if owner is not None:
                owner.attributes.setdefault(target.name, []).append(value)

    def _made(self, node: Node, like: Node, holder: Node) -> Node:
        node.start, node.end, node.line = like.start, like.end, like.line
        self.parents[id(node)] = holder
        return node

    def _home(self, scope: Scope, name: str, declares: str) -> Scope:
        """The scope that a variable belongs to: this one, or the one around it that declares the name."""
        if name in scope.globals:
            return self.top
        if declares or self.module.language == "python" or name in scope.bindings:
            return scope
        around = scope.parent
        while around is not None:
            if name in around.bindings:
                return around
            around = around.parent
        return scope


def _owner(scope: Scope | None) -> ClassInfo | None:
    while scope is not None:
        if scope.owner is not None:
            return scope.owner
        scope = scope.parent
    return None


def _push(pending: list[Node], values: tuple[object, ...], parents: dict[int, Node], node: Node) -> None:
    for value in values:
        if value.__class__ is tuple:
            _push(pending, cast("tuple[object, ...]", value), parents, node)
        elif isinstance(value, Node):
            parents[id(value)] = node
            pending.append(value)


def _function(unit: Unit, scope: Scope, node: Function, pending: list[Node]) -> bool:
    """A named function is a scope of its own, and so is one without a name at the top; any other belongs to its scope."""
    around = [part for item in node.parameters if item.default is not None for part in (item.default,)]
    if not node.name and scope.node is not None:
        for parameter in node.parameters:
            unit.parents[id(parameter)] = node
            unit.parameter(scope, parameter)
        return False
    given = _given_to(unit, node)
    made = unit.child(scope, node, None, node.name or given or "anonymous")
    if node.name and not isinstance(unit.parents.get(id(node)), (Assign, Record)):
        scope.bind(node.name, node)
    if scope.node is None and given:
        unit.assigned.setdefault(given, []).append(made)
    for part in (*node.decorators, *around):
        unit.parents[id(part)] = node
        pending.append(part)
    return True


def _given_to(unit: Unit, node: Node) -> str:
    """The variable or export whose value a function is part of."""
    parent: Node | None = node
    while parent is not None:
        if isinstance(parent, Assign):
            target = parent.targets[0]
            return (
                target.id
                if isinstance(target, Name)
                else target.name
                if isinstance(target, Attribute)
                else ""
            )
        parent = unit.parents.get(id(parent))
    return ""


def _class(unit: Unit, scope: Scope, node: Class, pending: list[Node]) -> bool:
    name = f"{scope.name}.{node.name}" if scope.name else node.name
    info = ClassInfo(name, node)
    unit.classes[id(node)] = info
    scope.bind(node.name, node)
    for part in node.body:
        unit.parents[id(part)] = node
        if isinstance(part, Function) and part.name:
            info.methods[part.name] = unit.child(scope, part, info, part.name)
            for decorator in part.decorators:
                unit.parents[id(decorator)] = part
                pending.append(decorator)
        elif isinstance(part, Assign):
            unit.parents[id(part.value)] = part
            labels = [
                target.id if isinstance(target, Name) else target.name
                for target in part.targets
                if isinstance(target, (Name, Attribute))
            ]
            if isinstance(part.value, Function) and labels:
                info.methods[labels[0]] = unit.child(scope, part.value, info, labels[0])
                continue
            for label in labels:
                info.attributes.setdefault(label, []).append(part.value)
            pending.append(part.value)
    return True


def _assign(unit: Unit, scope: Scope, node: Assign, _pending: list[Node]) -> bool:
    for target in node.targets:
        unit.bind(scope, target, node if node.operator else node.value, node, node.declares)
    return False


def _loop(unit: Unit, scope: Scope, node: Loop, _pending: list[Node]) -> bool:
    if node.target is not None and node.iterable is not None:
        _each(unit, scope, node.target, node.iterable, node)
    return False


def _comprehension(unit: Unit, scope: Scope, node: Comprehension, _pending: list[Node]) -> bool:
    for target, iterable in node.loops:
        _each(unit, scope, target, iterable, node)
    return False


def _each(unit: Unit, scope: Scope, target: Node, iterable: Node, holder: Node) -> None:
    item = Index(
        value=iterable, index=Other(what="each"), start=target.start, end=target.end, line=target.line
    )
    unit.parents[id(item)] = holder
    unit.bind(scope, target, item, holder)


def _with(unit: Unit, scope: Scope, node: With, _pending: list[Node]) -> bool:
    for value, target in node.items:
        if target is not None:
            unit.bind(scope, target, value, node)
    return False


def _catch(_unit: Unit, scope: Scope, node: Catch, _pending: list[Node]) -> bool:
    if node.name:
        scope.bind(node.name, Other(what="caught", start=node.start, end=node.end, line=node.line))
    return False


def _import(_unit: Unit, scope: Scope, node: Import, _pending: list[Node]) -> bool:
    if node.name:
        scope.bind(node.name, node)
    return True


def _other(_unit: Unit, scope: Scope, node: Other, _pending: list[Node]) -> bool:
    if node.what == "global":
        scope.globals.update(name.id for name in node.inside if isinstance(name, Name))
        return True
    return False


def _if(_unit: Unit, scope: Scope, node: If, _pending: list[Node]) -> bool:
    """What runs only when the file is started by hand does not run in Lambda."""
    if scope.node is not None or not isinstance(node.test, Operation):
        return False
    names = {part.id for part in node.test.operands if isinstance(part, Name)}
    return "__name__" in names or "module" in names


_BINDS: dict[type[Node], Any] = {
    Function: _function,
    Class: _class,
    Assign: _assign,
    Loop: _loop,
    Comprehension: _comprehension,
    With: _with,
    Catch: _catch,
    Import: _import,
    Other: _other,
    If: _if,
}
