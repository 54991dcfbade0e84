"""What an expression comes to: constants and environment variables; and what of the event flows where.

Taint is followed within a function without regard to the order of statements, and through direct calls: arguments to parameters,
returned values back. What comes out of a call of AWS is not the event's any more.
"""

from __future__ import annotations

from typing import Any

from stackworthy.core.code import (
    Assign,
    Attribute,
    Await,
    Call,
    Choice,
    Comprehension,
    Function,
    Index,
    Literal,
    Name,
    Node,
    Operation,
    Parameter,
    Record,
    Return,
    Sequence,
    Spread,
    Template,
)
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Reference,
    Unknown,
    Value,
    joined,
    known,
)
from stackworthy.sources.code.program import Program
from stackworthy.sources.code.unit import SELF, Scope

NOT_CONSTANT = Unknown("is worked out while the code runs", stated=True)
ROUNDS = 8
_NUMBERS = frozenset(
    [
        "int",
        "float",
        "len",
        "bool",
        "round",
        "abs",
        "ord",
        "isinstance",
        "hash",
        "id",
        "sum",
        "Number",
        "parseInt",
        "parseFloat",
        "Boolean",
        "uuid.uuid4",
        "uuid.uuid5",
        "uuid.UUID",
        "time.time",
        "hasattr",
        "callable",
        "Array.isArray",
        "Number.isInteger",
        "Date.parse",
    ]
)
"""Calls whose result is no text of the event's: numbers, truth values, fresh names."""
_CLEAN_ENDINGS = (
    ".hexdigest",
    ".digest",
    ".length",
    ".quote",
    ".escape",
    ".escapeId",
    ".isoformat",
    ".toISOString",
)
_SERVICE_FACTS = frozenset(
    [
        "eventSourceARN",
        "eventSource",
        "awsRegion",
        "messageId",
        "eventID",
        "eventName",
        "eventVersion",
        "requestId",
        "accountId",
        "authorizer",
        "approximateReceiveCount",
        "sequenceNumber",
        "SequenceNumber",
        "httpMethod",
        "timeEpoch",
        "requestTimeEpoch",
        "length",
    ]
)
"""Members of events that AWS fills in, whoever sends the rest."""
_SDK = ("boto3.", "@aws-sdk/", "aws-sdk", "botocore.", "aioboto3.")
_ADDS = frozenset(
    {"append", "extend", "add", "update", "insert", "push", "unshift", "set", "setdefault", "write"}
)
_READS_ENVIRONMENT = ("os.environ", "process.env")
_ENVIRONMENT_CALLS = frozenset({"os.getenv", "os.environ.get", "getenv", "environ.get"})


class Values:
    """The constants of a program, as far as the stack and the code say them; `function` gives the environment."""

    def __init__(self, program: Program, function: Resource) -> None:
        self.program = program
        self.function = function
        self._known: dict[int, Value] = {}

    def value(self, node: Node) -> Value:
        """What a node comes to as a value of the graph's: a text, number, list, map, a reference to a resource; `Unknown` otherwise."""
        key = id(node)
        found = self._known.get(key)
        if found is None:
            self._known[key] = NOT_CONSTANT
            found = self._known[key] = self._value(node)
        return found

    def variable(self, node: Node) -> str:
        """The environment variable that an expression reads, "" when it reads none."""
        scope = self.program.scope(node)
        if isinstance(node, Attribute):
            return node.name if self.program.name(scope, node.value) in _READS_ENVIRONMENT else ""
        if isinstance(node, Index):
            if self.program.name(scope, node.value) in _READS_ENVIRONMENT:
                return self._text(node.index)
        elif (
            isinstance(node, Call)
            and node.arguments
            and self.program.name(scope, node.callee) in _ENVIRONMENT_CALLS
        ):
            return self._text(node.arguments[0])
        return ""

    def _text(self, node: Node) -> str:
        value = self.value(node)
        return value if isinstance(value, str) else ""

    def environment(self, name: str) -> Value:
        """The value of an environment variable; `ABSENT` when the stack states none of this name."""
        if name in ("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_ARN"):
            return Reference(self.function.address, "Ref" if name.endswith("NAME") else "Arn")
        try:
            variables = self.function["Environment.Variables"]
            return variables[name] if isinstance(variables, Map) else variables
        except NotKnown as error:
            return Unknown(error.reason, stated=True)

    def _value(self, node: Node) -> Value:
        if isinstance(node, Literal):
            value = node.value
            return NOT_CONSTANT if value is None or isinstance(value, bytes) else value
        if isinstance(node, (Attribute, Index, Call)):
            name = self.variable(node)
            if name:
                return self._read(node, name)
        if isinstance(node, Template):
            return joined(self.value(piece) for piece in node.pieces)
        if isinstance(node, Operation):
            return self._operation(node)
        if isinstance(node, Record):
            pairs = {name.value: self.value(item) for name, item in node.items if isinstance(name, Literal)}
            values = {name: item for name, item in pairs.items() if isinstance(name, str)}
            return OpenMap(values.items(), NOT_CONSTANT) if node.is_open else Map(values)
        if isinstance(node, Sequence):
            items = [self.value(item) for item in node.items if not isinstance(item, Spread)]
            return OpenList(items, NOT_CONSTANT) if len(items) < len(node.items) else List(items)
        _, found = self.program.definition(self.program.scope(node), node)
        return self.value(found) if found is not node else NOT_CONSTANT

    def _read(self, node: Node, name: str) -> Value:
        value = self.environment(name)
        if value is not ABSENT:
            return value
        if isinstance(node, Call) and len(node.arguments) > 1:
            return self.value(node.arguments[1])
        return Unknown(f"no environment variable {name} is stated", stated=True)

    def _operation(self, node: Operation) -> Value:
        if node.operator == "+":
            values = [self.value(item) for item in node.operands]
            if any(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
                return NOT_CONSTANT
            return joined(values)
        if node.operator in ("or", "??"):
            first = self.value(node.operands[0])
            stated = not isinstance(first, Unknown)
            return first if stated else self.value(node.operands[-1])
        values = [self.value(item) for item in node.operands]
        if node.operator == "*" and all(isinstance(value, (int, float)) and known(value) for value in values):
            product = 1
            for value in values:
                product *= value
            return product
        return NOT_CONSTANT


class Taint:
    """What of the handler's event may reach which variable; worked out once for a program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names: set[tuple[int, str]] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.returns: set[int] = set()
        self.parameters: set[int] = set()
        first = program.entry.parameters[:1]
        self.parameters.update(id(parameter) for parameter in first)
        for _ in range(ROUNDS):
            before = self._size()
            for scope in program.scopes:
                self._flow(scope)
            if self._size() == before:
                break

    def _size(self) -> tuple[int, ...]:
        return len(self.names), len(self.attributes), len(self.returns), len(self.parameters)

    def _flow(self, scope: Scope) -> None:
        for name, values in scope.bindings.items():
            key = (id(scope), name)
            if key not in self.names and any(self.tainted(scope, value) for value in values):
                self.names.add(key)
        for item in scope.all(Assign):
            self._assigned(scope, item)
        for call in scope.all(Call):
            self._called(scope, call)
        if id(scope) not in self.returns and any(
            item.value is not None and self.tainted(scope, item.value) for item in scope.all(Return)
        ):
            self.returns.add(id(scope))

    def _assigned(self, scope: Scope, item: Assign) -> None:
        for target in item.targets:
            if isinstance(target, (Attribute, Index)) and self.tainted(scope, item.value):
                self._hold(scope, target)

    def _hold(self, scope: Scope, target: Node) -> None:
        """What an element of is the event's is the event's in part."""
        if isinstance(target, Attribute) and isinstance(target.value, Name) and target.value.id in SELF:
            owner = self.program.owner(scope)
            if owner is not None:
                self.attributes.add((owner.name, target.name))
            return
        while isinstance(target, (Attribute, Index)):
            target = target.value
        if isinstance(target, Name) and target.id not in SELF:
            place, values = self.program.bindings(scope, target.id)
            if values:
                self.names.add((id(place), target.id))

    def _called(self, scope: Scope, call: Call) -> None:
        given = [*call.arguments, *(value for _, value in call.keywords)]
        callee = call.callee
        if not given:
            return
        tainted = [argument for argument in given if self.tainted(scope, argument)]
        if isinstance(callee, Attribute):
            if tainted and callee.name in _ADDS:
                self._hold(scope, callee.value)
            receives = self.tainted(scope, callee.value)
        else:
            receives = False
        if tainted or receives:
            self._into_callbacks(scope, given)
        if tainted:
            target = self.program.called(scope, call)
            if target is not None:
                self._into_parameters(scope, call, target)

    def _into_callbacks(self, scope: Scope, given: list[Node]) -> None:
        for argument in given:
            if isinstance(argument, Function):
                self.parameters.update(id(parameter) for parameter in argument.parameters[:1])
            elif isinstance(argument, (Name, Attribute)):
                made = self.program.function(scope, argument)
                if made is not None:
                    self.parameters.update(id(parameter) for parameter in made.parameters[:1])

    def _into_parameters(self, scope: Scope, call: Call, target: Scope) -> None:
        parameters = target.parameters
        for argument, parameter in zip(call.arguments, parameters, strict=False):
            if self.tainted(scope, argument):
                self.parameters.add(id(parameter))
        by_name = {parameter.name: parameter for parameter in parameters}
        for name, value in call.keywords:
            if name in by_name and self.tainted(scope, value):
                self.parameters.add(id(by_name[name]))

    def tainted(self, scope: Scope, node: Node) -> bool:
        """Whether an expression may hold what the sender of the event chose."""
        visit = _TAINTED.get(node.__class__)
        return visit is not None and bool(visit(self, scope, node))

    def _name(self, scope: Scope, node: Name) -> bool:
        place, values = self.program.bindings(scope, node.id)
        return bool(values) and (id(place), node.id) in self.names

    def _attribute(self, scope: Scope, node: Attribute) -> bool:
        if node.name in _SERVICE_FACTS:
            return False
        if isinstance(node.value, Name) and node.value.id in SELF:
            owner = self.program.owner(scope)
            return owner is not None and (owner.name, node.name) in self.attributes
        return self.tainted(scope, node.value)

    def _index(self, scope: Scope, node: Index) -> bool:
        if isinstance(node.index, Literal) and node.index.value in _SERVICE_FACTS:
            return False
        return self.tainted(scope, node.value)

    def _call(self, scope: Scope, node: Call) -> bool:
        name = self.program.name(scope, node.callee)
        if name in _NUMBERS or name.startswith(_SDK) or name.endswith(_CLEAN_ENDINGS):
            return False
        callee = node.callee
        if isinstance(callee, Attribute) and callee.name == "get" and node.arguments:
            first = node.arguments[0]
            if isinstance(first, Literal) and first.value in _SERVICE_FACTS:
                return False
        target = self.program.called(scope, node)
        if (
            target is not None
            and not node.new
            and target.name.rpartition(".")[2] not in ("__init__", "constructor")
        ):
            return id(target) in self.returns
        if isinstance(callee, Attribute) and self.tainted(scope, callee.value):
            return True
        return any(self.tainted(scope, item) for item in node.arguments) or any(
            self.tainted(scope, value) for _, value in node.keywords
        )

    def _operation(self, scope: Scope, node: Operation) -> bool:
        if node.operator in (
            "==",
            "!=",
            "<",
            "<=",
            ">",
            ">=",
            "in",
            "not in",
            "is",
            "is not",
            "not",
            "===",
            "!==",
        ):
            return False
        return any(self.tainted(scope, item) for item in node.operands)

    def _parts(self, scope: Scope, node: Node) -> bool:
        return any(self.tainted(scope, part) for part in node.parts())

    def _choice(self, scope: Scope, node: Choice) -> bool:
        return self.tainted(scope, node.then) or self.tainted(scope, node.otherwise)

    def _inner(self, scope: Scope, node: Await | Spread | Assign) -> bool:
        return self.tainted(scope, node.value)

    def _element(self, scope: Scope, node: Comprehension) -> bool:
        return self.tainted(scope, node.element)

    def _parameter(self, _scope: Scope, node: Parameter) -> bool:
        return id(node) in self.parameters


_TAINTED: dict[type[Node], Any] = {
    Name: Taint._name,
    Attribute: Taint._attribute,
    Index: Taint._index,
    Call: Taint._call,
    Operation: Taint._operation,
    Template: Taint._parts,
    Record: Taint._parts,
    Sequence: Taint._parts,
    Choice: Taint._choice,
    Await: Taint._inner,
    Spread: Taint._inner,
    Assign: Taint._inner,
    Comprehension: Taint._element,
    Parameter: Taint._parameter,
}
