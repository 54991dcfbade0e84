"""What keeps the sender of an event from choosing a value freely: a call that cleans it, or a test of it before it is used."""

from __future__ import annotations

import re

from stackworthy.core.code import (
    Attribute,
    Await,
    Call,
    If,
    Index,
    Literal,
    Name,
    Node,
    Operation,
    Parameter,
    Return,
    dotted,
    walk,
)
from stackworthy.sources.code.program import Program
from stackworthy.sources.code.unit import Scope

_REPLACES = frozenset({"sub", "replace", "replaceAll"})
_TESTS = frozenset(
    {"match", "fullmatch", "search", "test", "isalnum", "isidentifier", "isdigit", "includes", "has", "exec"}
)
_FRESH = re.compile(r"(?:uuid|hashlib|crypto|secrets|nanoid|ulid)\b.*")
_CHECKS = re.compile(
    r"(?:^|[._])(?:is_?valid|validate|sanitize|sanitise|clean|escape|check|assert|slugify|parse|safe_?parse)[A-Za-z_]*$",
    re.IGNORECASE,
)
MAX_STEPS = 60


class Guards:
    """Finds what guards an expression; asks the program only."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def of(self, scope: Scope, node: Node) -> Node | None:
        """The call or test that an expression's parts pass before they get there; None when they pass none."""
        pending: list[tuple[Scope, Node]] = [(scope, node)]
        seen: set[int] = set()
        while pending and len(seen) < MAX_STEPS:
            place, part = pending.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            if isinstance(part, Call) and self._cleans(place, part):
                return part
            if isinstance(part, (Name, Attribute, Index)):
                test = self._tested(place, part)
                if test is not None:
                    return test
            pending.extend(self._behind(place, part))
        return None

    def _behind(self, scope: Scope, node: Node) -> list[tuple[Scope, Node]]:
        """Where the value of an expression comes from: its parts, what a name is given, what callers hand over."""
        if isinstance(node, Name):
            place, values = self.program.bindings(scope, node.id)
            return [(place, value) for value in values]
        if isinstance(node, Parameter):
            return self._handed_over(scope, node)
        if isinstance(node, Call):
            target = self.program.called(scope, node)
            inner = [(scope, argument) for argument in node.arguments]
            if isinstance(node.callee, Attribute):
                inner.append((scope, node.callee.value))
            if target is not None and target.node is not None:
                inner.extend((target, item.value) for item in target.all(Return) if item.value is not None)
            return inner
        if isinstance(node, (Attribute, Index, Await)):
            return [(scope, node.value)]
        return [(scope, part) for part in node.parts()]

    def _handed_over(self, scope: Scope, node: Parameter) -> list[tuple[Scope, Node]]:
        given = (
            (place, self.program.argument(scope, node, call)) for place, call in self.program.callers(scope)
        )
        return [(place, value) for place, value in given if value is not None]

    def _cleans(self, scope: Scope, call: Call) -> bool:
        name = self.program.name(scope, call.callee) or dotted(call.callee)
        last = call.callee.name if isinstance(call.callee, Attribute) else name.rpartition(".")[2]
        if last in _REPLACES and call.arguments:
            pattern = self.program.definition(scope, call.arguments[0])[1]
            if isinstance(pattern, Call) and pattern.arguments:
                pattern = pattern.arguments[0]
            return (isinstance(pattern, Literal) and "[^" in str(pattern.value)) or "re.compile().sub" in name
        return bool(_FRESH.match(name) or _CHECKS.search(name or last))

    def _tested(self, scope: Scope, node: Node) -> Node | None:
        """A condition of the same function, or a check that is called on its own, that looks at the value's form."""
        wanted = dotted(node) or self.text(scope, node)
        if not wanted:
            return None
        for condition in scope.all(If):
            for part in walk(condition.test):
                if self._looks_at(scope, part, wanted):
                    return condition.test
        for call in scope.all(Call):
            given = [self.text(scope, argument) for argument in call.arguments]
            if wanted in given and _CHECKS.search(dotted(call.callee)):
                return call
        return None

    def _looks_at(self, scope: Scope, part: Node, wanted: str) -> bool:
        if isinstance(part, Call):
            callee = part.callee
            method = callee.name if isinstance(callee, Attribute) else dotted(callee)
            if method not in _TESTS and not _CHECKS.search(dotted(part.callee)):
                return False
            inner = [*part.arguments]
            if isinstance(part.callee, Attribute):
                inner.append(part.callee.value)
            return any(self.text(scope, item) == wanted for item in inner)
        if isinstance(part, Operation) and part.operator in ("in", "not in"):
            return self.text(scope, part.operands[0]) == wanted
        return False

    def text(self, scope: Scope, node: Node) -> str:
        """The text of an expression, to tell whether two are the same."""
        return scope.unit.module.source(node) if node.end > node.start else ""
