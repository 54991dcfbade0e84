"""Compiled expressions: small trees that evaluate in a scope, any number of times.

Errors are values (`Invalid`), so that one wrong element of a list does not take the others with it. Work that grows with
data, not with text, is charged to the engine, which stops it in time.

Source: https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from stackworthy.core.value import (
    List,
    Map,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
)
from stackworthy.sources.terraform.access import (
    Elements,
    Invalid,
    described,
    elements,
    undecided,
    walk,
)
from stackworthy.sources.terraform.bounds import survey
from stackworthy.sources.terraform.conversions import (
    ConversionError,
    convert,
    reason_of,
    to_bool,
    to_string,
    unify,
)
from stackworthy.sources.terraform.operators import binary, unary
from stackworthy.sources.terraform.types import ScatteredList, is_unknown, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stackworthy.sources.terraform.functions import FileReader, Render
    from stackworthy.sources.terraform.syntax import Attribute


class Engine(Protocol):
    """What evaluation needs from the whole."""

    def charge(self, work: int) -> None:
        """Count work; raises `NotKnown` when a value takes too much."""
        ...

    def evaluate(
        self, owner: str, name: str, expression: Expression, scope: Scope, place: Attribute | None
    ) -> Value:
        """The value of an expression, within limits; what goes wrong is said of `owner.name` at `place`."""
        ...


class Names(Protocol):
    """Where the names of an expression lead: a module."""

    address: str

    @property
    def files(self) -> FileReader:
        """The files that functions may read."""
        ...

    @property
    def functions(self) -> Mapping[str, Callable[[list[Value]], Value]]:
        """Functions beside Terraform's own."""
        ...

    @property
    def render(self) -> Render:
        """What renders a template for `templatefile`."""
        ...

    def resolve(self, root: str, steps: tuple[Any, ...], scope: Scope) -> Value:
        """The value of a traversal whose root is no local name."""
        ...


class Scope:
    """Where an expression is evaluated: the module, and the names that stand for one element (`each`, loop variables)."""

    __slots__ = ("engine", "module", "names")

    def __init__(self, module: Names, engine: Engine, names: Mapping[str, Value] | None = None) -> None:
        self.module = module
        self.engine = engine
        self.names = names

    @property
    def context(self) -> str:
        """What tells this scope from others in the text of an expression: the module and the element."""
        parts = [self.module.address]
        for name, value in (self.names or {}).items():
            parts.append(f"{name} {described(value)}")
        return " in " + ", ".join(parts) if any(parts) else ""

    def child(self, **more: Value) -> Scope:
        """The same scope with more names."""
        return Scope(self.module, self.engine, {**self.names, **more} if self.names else more)


class Expression:
    """An expression; `start` and `end` are its bytes in the file (in the template, for one from a template's text)."""

    __slots__ = ("end", "start")
    start: int
    end: int

    def evaluate(self, scope: Scope, /) -> Value:
        """The value in the scope."""
        raise NotImplementedError


class Literal(Expression):
    """A constant."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def evaluate(self, _: Scope) -> Value:
        """The constant."""
        return self.value


class Traversal(Expression):
    """A root name and the steps from it: `var.a.b[0]`, `aws_x.y[*].arn`."""

    __slots__ = ("root", "steps")

    def __init__(self, root: str, steps: tuple[Any, ...]) -> None:
        self.root = root
        self.steps = steps

    @property
    def text(self) -> str:
        """The traversal as one writes it."""
        return self.root + "".join(
            f".{step}" if isinstance(step, str) else f"[{step}]" for step in self.steps
        )

    def evaluate(self, scope: Scope) -> Value:
        """What the name leads to."""
        names = scope.names
        if names is not None and self.root in names:
            return walk(names[self.root], self.steps, scope)
        return scope.module.resolve(self.root, self.steps, scope)


class Access(Expression):
    """Steps from a value that is no name: `f(x).a`, `(x)[0]`."""

    __slots__ = ("of", "steps")

    def __init__(self, of: Expression, steps: tuple[Any, ...]) -> None:
        self.of = of
        self.steps = steps

    def evaluate(self, scope: Scope) -> Value:
        """What the steps lead to."""
        return walk(self.of.evaluate(scope), self.steps, scope)


class Binary(Expression):
    """`left operator right`."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, operator: str, left: Expression, right: Expression) -> None:
        self.operator = operator
        self.left = left
        self.right = right

    def evaluate(self, scope: Scope) -> Value:
        """The result; a decisive left side of a logical operator leaves the right one alone."""
        left = self.left.evaluate(scope)
        if left is False and self.operator == "&&":
            return False
        if left is True and self.operator == "||":
            return True
        return binary(self.operator, left, self.right.evaluate(scope))


class Unary(Expression):
    """`-operand` or `!operand`."""

    __slots__ = ("operand", "operator")

    def __init__(self, operator: str, operand: Expression) -> None:
        self.operator = operator
        self.operand = operand

    def evaluate(self, scope: Scope) -> Value:
        """The result."""
        return unary(self.operator, self.operand.evaluate(scope))


class Conditional(Expression):
    """`condition ? yes : no`; both sides are brought to one type."""

    __slots__ = ("condition", "no", "yes")

    def __init__(self, condition: Expression, yes: Expression, no: Expression) -> None:
        self.condition = condition
        self.yes = yes
        self.no = no

    def decide(self, scope: Scope) -> Value:
        """The condition as a bool, or what keeps it from being one."""
        condition = self.condition.evaluate(scope)
        try:
            condition = to_bool(condition)
        except ConversionError as error:
            return Invalid(f"a condition is no bool: {error}")
        return Invalid("a condition is null") if condition is None else condition

    def evaluate(self, scope: Scope) -> Value:
        """The side that the condition chooses; when it is not known, the value that both sides give, if it is one."""
        condition = self.decide(scope)
        if is_unknown(condition):
            return self._either(condition, scope)
        chosen = (self.yes if condition else self.no).evaluate(scope)
        if isinstance(chosen, (str, Unknown, Reference, Partial)) or chosen is None:
            return chosen
        return _brought(chosen, (self.no if condition else self.yes).evaluate(scope))

    def _either(self, condition: Value, scope: Scope) -> Value:
        yes, no = self.yes.evaluate(scope), self.no.evaluate(scope)
        if type(yes) is type(no) and isinstance(yes, (str, bool, int, float)) and yes == no:
            return yes
        return undecided(condition, f"{described(condition)} ? {described(yes)} : {described(no)}")


def _brought(chosen: Value, other: Value) -> Value:
    """The chosen side in the type that it shares with the other."""
    if other is None or is_unknown(other):
        return chosen
    survey(chosen)
    survey(other)
    common = unify((type_of(chosen), type_of(other)))
    if common is None:
        return chosen
    try:
        return convert(chosen, common)
    except ConversionError:
        return chosen


class Tuple(Expression):
    """`[a, b]`."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Expression, ...]) -> None:
        self.items = items

    def evaluate(self, scope: Scope) -> Value:
        """The list."""
        return List([item.evaluate(scope) for item in self.items])


class Object(Expression):
    """`{a = b}`."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[tuple[Expression, Expression], ...]) -> None:
        self.items = items

    def evaluate(self, scope: Scope) -> Value:
        """The map; keys that are not known leave it open."""
        result = Map()
        rest: Unknown | None = None
        for key, value in self.items:
            name = key_text(key.evaluate(scope))
            if isinstance(name, str):
                result[name] = value.evaluate(scope)
            else:
                rest = name if rest is None else rest
        return result if rest is None else OpenMap(result.items(), rest)


def key_text(key: Value) -> str | Unknown:
    """The key as the string it has to be, or why it is none."""
    if isinstance(key, str):
        return key
    if isinstance(key, (Reference, Partial)):
        return Unknown(reason_of(key), described(key))
    if isinstance(key, Unknown):
        return key
    if key is None:
        return Invalid("a key is null")
    try:
        text = to_string(key)
    except ConversionError:
        return Invalid("a key is no string")
    return text if isinstance(text, str) else Invalid("a key is no string")


class For(Expression):
    """`[for k, v in collection : value if condition]`, or with `key` the form in braces (`group` for `...`)."""

    __slots__ = ("body", "collection", "condition", "group", "key", "names", "text")

    def __init__(
        self,
        names: tuple[str, ...],
        collection: Expression,
        key: Expression | None,
        body: Expression,
        condition: Expression | None,
        group: bool,
        text: str,
    ) -> None:
        self.text = text
        self.names = names
        self.collection = collection
        self.key = key
        self.body = body
        self.condition = condition
        self.group = group

    def evaluate(self, scope: Scope) -> Value:
        """The list or map; open where the collection, a condition or a key is not known."""
        collection = self.collection.evaluate(scope)
        if collection is None:
            return Invalid("null is iterated over")
        found = elements(collection)
        if isinstance(found.rest, Invalid):
            return found.rest
        if is_unknown(collection):
            return undecided(collection, f"{self.text} over {described(collection)}{scope.context}")
        return self._list(found, scope) if self.key is None else self._map(found, scope)

    def rounds(self, found: Elements, scope: Scope) -> Any:
        """For each element that the condition lets in: a scope, the condition where it is not known, and the key."""
        names: dict[str, Value] = dict(scope.names) if scope.names else {}
        inner = Scope(scope.module, scope.engine, names)
        for key, value in found.pairs:
            scope.engine.charge(1)
            if len(self.names) == 2:
                names[self.names[0]] = key
            names[self.names[-1]] = value
            admitted: Value = True
            if self.condition is not None:
                admitted = self.condition.evaluate(inner)
                try:
                    admitted = to_bool(admitted)
                except ConversionError:
                    admitted = None
                if admitted is None:
                    admitted = Invalid("the condition of a for expression is no bool")
            if admitted is True or is_unknown(admitted):
                yield inner, admitted, key

    def _list(self, found: Elements, scope: Scope) -> Value:
        items = List()
        rest = found.rest
        for inner, admitted, _ in self.rounds(found, scope):
            if admitted is not True:
                rest = undecided(admitted, described(admitted)) if rest is None else rest
                continue
            items.append(self.body.evaluate(inner))
        if rest is None:
            return items
        return (ScatteredList if found.scattered or found.rest is None else OpenList)(items, rest)

    def _map(self, found: Elements, scope: Scope) -> Value:
        assert self.key is not None
        result = Map()
        rest = found.rest
        for inner, admitted, _ in self.rounds(found, scope):
            key = key_text(self.key.evaluate(inner))
            if admitted is not True or isinstance(key, Unknown):
                cause = key if isinstance(key, Unknown) else admitted
                rest = undecided(cause, described(cause)) if rest is None else rest
                continue
            value = self.body.evaluate(inner)
            if self.group:
                result.setdefault(key, List()).append(value)
            elif dict.__contains__(result, key):
                return Invalid(f'two elements of a for expression have the key "{key}"')
            else:
                result[key] = value
        return result if rest is None else OpenMap(result.items(), rest)


class Broken(Expression):
    """What could not be compiled."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def evaluate(self, _: Scope) -> Value:
        """Unknown, with the reason."""
        return Unknown(self.reason)


_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]", re.ASCII)


def traversal(text: str) -> Traversal:
    """The traversal that the text, names and whole numbers only, writes."""
    if "[" not in text:
        root, *names = text.split(".")
        return Traversal(root, tuple(names))
    root = text[: min(text.find(".") % len(text), text.find("["))]
    steps = (found[1] if found[1] is not None else int(found[2]) for found in _STEP.finditer(text, len(root)))
    return Traversal(root, tuple(steps))
