"""Where a value comes from: from a use through locals, arguments and variables to what was written.

Only what is asked for is followed, after evaluation. A walk inside one expression is a descent (into the element of an object, the
side of a conditional that was chosen, the argument that `merge` took a key from); a walk to another is a hop, and a step of the trail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from stackworthy.core.origin import Origin
from stackworthy.core.value import NotKnown, Reference, Unknown, Value
from stackworthy.sources.terraform.access import ResourceValue, Splat, elements, invalid_inside
from stackworthy.sources.terraform.bodies import iterator_name
from stackworthy.sources.terraform.calls import Call
from stackworthy.sources.terraform.expressions import (
    Access,
    Conditional,
    Expression,
    For,
    Literal,
    Object,
    Scope,
    Traversal,
    Tuple,
    key_text,
)
from stackworthy.sources.terraform.nowhere import NOWHERE

if TYPE_CHECKING:
    from stackworthy.sources.terraform.module import Module
    from stackworthy.sources.terraform.resources import Group, Instance
    from stackworthy.sources.terraform.syntax import Attribute, Block, Body

Route = tuple[str | int, ...]

MAX_HOPS = 60
CALL = "()"
YES, NO, ROUNDS = "?", ":", "for"
"""Steps of a file's route that are no keys: the argument of a call (with its number), the sides of a conditional, the body of a for."""

_TRANSPARENT = frozenset(
    (
        "jsonencode",
        "yamlencode",
        "tolist",
        "tomap",
        "sensitive",
        "nonsensitive",
        "tostring",
        "tonumber",
        "tobool",
    )
)
_FIRST_OF = frozenset(("try", "coalesce", "coalescelist"))


class Binding(msgspec.Struct, frozen=True):
    """What a name stands for that means one element: the collection (where it stands), and the element's key."""

    collection: Spot
    key: str | int
    fields: bool
    """Whether the name has `.key` and `.value` (`each`, iterators), or is the element itself (the names of a for)."""


class Spot(msgspec.Struct, frozen=True):
    """An expression, where it stands, what its names mean, and the route to go on inside its value."""

    expression: Expression
    scope: Scope
    module: Module
    file: str
    place: Route
    rest: Route
    bindings: tuple[tuple[str, Binding], ...] = ()

    @property
    def origin(self) -> Origin:
        """The place as an origin."""
        return Origin(self.file, self.place)

    def bound(self, name: str) -> Binding | None:
        """What a local name stands for."""
        return next((binding for bound, binding in reversed(self.bindings) if bound == name), None)

    def inside(self, expression: Expression, *steps: str | int, rest: Route) -> Spot:
        """The spot of a part of the expression."""
        return msgspec.structs.replace(self, expression=expression, place=(*self.place, *steps), rest=rest)


class Hop(msgspec.Struct, frozen=True):
    """From an expression to what a name in it stands for; `sensitive` says that the author calls it a secret."""

    what: str
    spot: Spot | None
    origin: Origin
    kind: str
    name: str
    module: Module
    sensitive: bool = False
    reference: Reference | None = None


def start(instance: Instance, route: Route) -> tuple[Spot | None, Origin]:
    """The spot that a route through a block's attributes leads to, and the nearest place that the block states."""
    group = instance.group
    block = group.block
    bindings = _block_bindings(group.module, block, instance.key)
    return _in_body(group.module, instance.scope, block.body, block, route, bindings)


def _block_bindings(module: Module, block: Block, key: object) -> tuple[tuple[str, Binding], ...]:
    attribute = block.body.attributes.get("for_each")
    if attribute is None or not isinstance(key, str):
        return ()
    spot = _spot(module, module.scope, attribute, ())
    return (("each", Binding(spot, key, True)),)


def _spot(
    module: Module,
    scope: Scope,
    attribute: Attribute,
    rest: Route,
    bindings: tuple[tuple[str, Binding], ...] = (),
) -> Spot:
    return Spot(attribute.expression, scope, module, attribute.path, attribute.route, rest, bindings)


def _in_body(
    module: Module,
    scope: Scope,
    body: Body,
    block: Block,
    route: Route,
    bindings: tuple[tuple[str, Binding], ...],
) -> tuple[Spot | None, Origin]:
    here = Origin(block.file, block.route, "resource")
    if not route or not isinstance(route[0], str):
        return None, here
    attribute = body.attributes.get(route[0])
    if attribute is not None:
        spot = descend(_spot(module, scope, attribute, route[1:], bindings))
        return spot, spot.origin
    wanted = route[1] if len(route) > 1 and isinstance(route[1], int) else 0
    for position, (inner, content, more) in enumerate(_blocks(module, scope, body, route[0], bindings)):
        if position == wanted:
            return _in_body(module, inner, content.body, content, route[2:], more)
    return None, here


def _blocks(
    module: Module, scope: Scope, body: Body, kind: str, bindings: tuple[tuple[str, Binding], ...]
) -> Iterator[tuple[Scope, Block, tuple[tuple[str, Binding], ...]]]:
    """The nested blocks of a type with their scopes, in the order in which they are evaluated."""
    from stackworthy.sources.terraform.bodies import Bodies

    bodies = Bodies(module.engine, "")
    for block in body.blocks:
        if block.type == kind and kind != "dynamic":
            yield scope, block, bindings
        elif block.type == "dynamic" and block.labels == (kind,):
            attribute = block.body.attributes.get("for_each")
            name = iterator_name(block)
            found = bodies.rounds(block, scope)
            generated = bodies.generated(block, scope)
            for (key, _), (inner, content) in zip(found.pairs, generated, strict=False):
                if content is None or isinstance(inner, Unknown) or attribute is None:
                    continue
                more = bindings
                if isinstance(key, (str, int)):
                    collection = _spot(module, scope, attribute, (), bindings)
                    more = (*bindings, (name, Binding(collection, key, True)))
                yield inner, content, more


def descend(spot: Spot) -> Spot:
    """The spot of the part that the rest of the route leads to, as far as it stands in the same expression."""
    for _ in range(200):
        step = _DESCENTS.get(type(spot.expression))
        inner = None if step is None else step(spot, spot.expression)
        if inner is None:
            return spot
        spot = inner
    return spot


def _into_object(spot: Spot, expression: Any) -> Spot | None:
    if not spot.rest:
        return None
    wanted = str(spot.rest[0])
    for key, value in reversed(expression.items):
        if _evaluated(key, spot.scope, as_key=True) == wanted:
            return spot.inside(value, wanted, rest=spot.rest[1:])
    return None


def _into_tuple(spot: Spot, expression: Any) -> Spot | None:
    if not spot.rest or not isinstance(spot.rest[0], int) or not 0 <= spot.rest[0] < len(expression.items):
        return None
    return spot.inside(expression.items[spot.rest[0]], spot.rest[0], rest=spot.rest[1:])


def _into_conditional(spot: Spot, expression: Any) -> Spot | None:
    condition = expression.decide(spot.scope)
    if condition is True:
        return spot.inside(expression.yes, YES, rest=spot.rest)
    return spot.inside(expression.no, NO, rest=spot.rest) if condition is False else None


def _into_call(spot: Spot, expression: Any) -> Spot | None:
    arguments = expression.arguments
    if not arguments or expression.expand:
        return None
    chosen: int | None = None
    rest = spot.rest
    if expression.name in _TRANSPARENT:
        chosen = 0
    elif expression.name in _FIRST_OF:
        chosen = next((at for at, item in enumerate(arguments) if _chosen(expression.name, item, spot)), None)
    elif expression.name == "merge" and rest:
        chosen = _merged(arguments, str(rest[0]), spot)
    elif expression.name == "concat" and rest and isinstance(rest[0], int):
        chosen, rest = _concatenated(arguments, rest[0], rest[1:], spot)
    elif expression.name == "one":
        chosen, rest = 0, (0, *rest)
    elif expression.name == "lookup" and len(arguments) > 1:
        key = _evaluated(arguments[1], spot.scope, as_key=True)
        found = _evaluated(arguments[0], spot.scope)
        if isinstance(key, str) and isinstance(found, dict):
            there = dict.__contains__(found, key)
            chosen, rest = (0, (key, *rest)) if there else (2 if len(arguments) > 2 else None, rest)
    if chosen is None:
        return None
    return spot.inside(arguments[chosen], CALL, chosen, rest=rest)


def _evaluated(expression: Expression, scope: Scope, *, as_key: bool = False) -> Value:
    if isinstance(expression, Literal):
        value = expression.value
    else:
        value = scope.engine.evaluate("", "", expression, scope, None)
    if not as_key:
        return value
    text = key_text(value)
    return text if isinstance(text, str) else None


def _chosen(name: str, argument: Expression, spot: Spot) -> bool:
    value = _evaluated(argument, spot.scope)
    try:
        if name == "try":
            return invalid_inside(value) is None
    except NotKnown:
        return False
    if name == "coalescelist":
        return isinstance(value, list) and bool(list.__len__(value))
    return value is not None and not (isinstance(value, str) and value == "")


def _merged(arguments: tuple[Expression, ...], key: str, spot: Spot) -> int | None:
    for position in range(len(arguments) - 1, -1, -1):
        value = _evaluated(arguments[position], spot.scope)
        if isinstance(value, ResourceValue) or (isinstance(value, dict) and dict.__contains__(value, key)):
            return position
        if isinstance(value, Unknown):
            return None
    return None


def _concatenated(
    arguments: tuple[Expression, ...], index: int, rest: Route, spot: Spot
) -> tuple[int | None, Route]:
    for position, argument in enumerate(arguments):
        value = _evaluated(argument, spot.scope)
        found = elements(value)
        if found.rest is not None or not isinstance(value, list):
            return None, rest
        if index < len(found.pairs):
            return position, (index, *rest)
        index -= len(found.pairs)
    return None, rest


def _into_for(spot: Spot, expression: Any) -> Spot | None:
    """The body of a for expression, with its names bound to the element that the route leads to."""
    if not spot.rest or expression.group:
        return None
    wanted = spot.rest[0]
    found = elements(_evaluated(expression.collection, spot.scope))
    if found.rest is not None:
        return None
    for position, (inner, admitted, key) in enumerate(expression.rounds(found, spot.scope)):
        if admitted is not True:
            return None
        if expression.key is not None:
            here = _evaluated(expression.key, inner, as_key=True) == str(wanted)
        else:
            here = position == wanted
        if here:
            scope = Scope(inner.module, inner.engine, dict(inner.names or {}))
            collection = spot.inside(expression.collection, ROUNDS, 0, rest=())
            bindings = spot.bindings
            if isinstance(key, (str, int)):
                bindings = (*bindings, (expression.names[-1], Binding(collection, key, False)))
            body = spot.inside(expression.body, ROUNDS, 1, rest=spot.rest[1:])
            return msgspec.structs.replace(body, scope=scope, bindings=bindings)
    return None


_DESCENTS: dict[type, Any] = {
    Object: _into_object,
    Tuple: _into_tuple,
    Conditional: _into_conditional,
    Call: _into_call,
    For: _into_for,
}


def part(expression: Expression, route: Route) -> tuple[Expression, Expression | None, Route]:
    """The part of an expression that a file's route leads to, its key in an object, and what of the route is left."""
    key: Expression | None = None
    while route:
        inner = _part(expression, route)
        if inner is None:
            break
        expression, key, route = inner
    return expression, key, route


def _part(expression: Expression, route: Route) -> tuple[Expression, Expression | None, Route] | None:
    first = route[0]
    number = route[1] if len(route) > 1 and isinstance(route[1], int) else -1
    if isinstance(expression, Object):
        for key, value in reversed(expression.items):
            if isinstance(key, Literal) and str(key.value) == first:
                return value, key, route[1:]
    elif isinstance(expression, Tuple):
        if isinstance(first, int) and 0 <= first < len(expression.items):
            return expression.items[first], None, route[1:]
    elif isinstance(expression, Conditional) and first in (YES, NO):
        return (expression.yes if first == YES else expression.no), None, route[1:]
    elif isinstance(expression, Call) and first == CALL and 0 <= number < len(expression.arguments):
        return expression.arguments[number], None, route[2:]
    elif isinstance(expression, For) and first == ROUNDS and number in (0, 1):
        return (expression.body if number else expression.collection), None, route[2:]
    return None


def hops(spot: Spot | None) -> Iterator[Hop]:
    """Every hop from the spot to what was written in the end."""
    for _ in range(MAX_HOPS):
        if spot is None:
            return
        found = hop(spot)
        if found is None:
            return
        spot = None if found.spot is None else descend(found.spot)
        yield found if spot is None else msgspec.structs.replace(found, spot=spot, origin=spot.origin)


def hop(spot: Spot) -> Hop | None:
    """What the name in the spot's expression stands for; None when it holds no lone name."""
    expression = spot.expression
    if isinstance(expression, Access) or not isinstance(expression, Traversal):
        return None
    steps = _plain_steps(expression.steps, spot)
    if steps is None:
        return None
    path, rest = steps
    binding = spot.bound(expression.root)
    if binding is not None:
        return _to_element(spot, binding, path, rest, expression)
    if spot.scope.names is not None and expression.root in spot.scope.names:
        return None
    handler = _HOPS.get(expression.root, _to_resource)
    return handler(spot, expression.root, path, rest)


def _plain_steps(steps: tuple[Any, ...], spot: Spot) -> tuple[Route, Route] | None:
    """The steps as keys, a splat replaced by the position that the route asks for, and the rest of the route."""
    path: list[str | int] = []
    rest = spot.rest
    for position, step in enumerate(steps):
        if isinstance(step, Splat):
            if position != len(steps) - 1 or not rest or not isinstance(rest[0], int):
                return None
            inner = _plain_steps(step.steps, msgspec.structs.replace(spot, rest=()))
            return None if inner is None else ((*path, rest[0], *inner[0]), rest[1:])
        key = step if isinstance(step, (str, int)) else _evaluated(step, spot.scope)
        if not isinstance(key, (str, int)):
            return None
        path.append(key)
    return tuple(path), rest


def _to_element(spot: Spot, binding: Binding, path: Route, rest: Route, expression: Traversal) -> Hop | None:
    if binding.fields:
        if not path or path[0] != "value":
            return None
        path = path[1:]
    inner = msgspec.structs.replace(binding.collection, rest=(binding.key, *path, *rest))
    return Hop(expression.text, inner, inner.origin, "element", expression.root, spot.module)


def _to_local(spot: Spot, _: str, path: Route, rest: Route) -> Hop | None:
    local = spot.module.folder.locals.get(str(path[0])) if path else None
    if local is None:
        return None
    inner = _spot(spot.module, spot.module.scope, local.attribute, (*path[1:], *rest))
    return Hop(f"local.{path[0]}", inner, inner.origin, "local", str(path[0]), spot.module)


def _to_variable(spot: Spot, _: str, path: Route, rest: Route) -> Hop | None:
    module, name = spot.module, str(path[0]) if path else ""
    block = module.folder.variables.get(name)
    if block is None:
        return None
    attributes = block.body.attributes
    sensitive = "sensitive" in attributes and attributes["sensitive"].text == "true"
    inside = (*path[1:], *rest)
    if module.call is None:
        given = module.shared.given.get(name)
        if given is not None:
            written = None
            if given.attribute is not None:
                nowhere = Scope(NOWHERE, module.engine)
                written = msgspec.structs.replace(
                    _spot(module, nowhere, given.attribute, inside), bindings=()
                )
            return Hop(f"var.{name}", written, given.origin, "var", name, module, sensitive)
    else:
        argument = module.call.block.body.attributes.get(name)
        if argument is not None and module.arguments_scope is not None:
            outer = module.call.module
            bindings = _block_bindings(outer, module.call.block, module.key)
            inner = _spot(outer, module.arguments_scope, argument, inside, bindings)
            return Hop(f"{module.address}.{name}", inner, inner.origin, "var", name, module, sensitive)
    default = attributes.get("default")
    if default is None:
        origin = Origin(block.file, block.route)
        return Hop(f"{module.prefix}var.{name}", None, origin, "var", name, module, sensitive)
    inner = _spot(module, module.scope, default, inside)
    return Hop(f"{module.prefix}var.{name}", inner, inner.origin, "var", name, module, sensitive)


def _to_module(spot: Spot, _: str, path: Route, rest: Route) -> Hop | None:
    call = spot.module.called(str(path[0])) if path else None
    if call is None or call.located().folder is None:
        return None
    keyed = len(path) > 2 and bool(call.expansion().kind)
    key = path[1] if keyed else None
    name = path[2 if keyed else 1] if len(path) > (2 if keyed else 1) else None
    found = next((m for m in call.modules() if isinstance(m.key, Unknown) or m.key == key), None)
    attribute = None if found is None else found.definition("output", str(name))
    if found is None or attribute is None:
        return None
    inner = _spot(found, found.scope, attribute, (*path[3 if keyed else 2 :], *rest))
    return Hop(f"{found.address}.{name}", inner, inner.origin, "output", str(name), found)


def _to_resource(spot: Spot, root: str, path: Route, rest: Route) -> Hop | None:
    mode, names = ("data", path) if root == "data" else ("managed", (root, *path))
    names = (*names, *rest)
    if len(names) < 3:
        return None
    group = spot.module.group(mode, str(names[0]), str(names[1]))
    if group is None:
        return None
    instance, inside = _instance(group, names[2:])
    if instance is None or not inside or not isinstance(inside[0], str):
        return None
    own = inside[: max(1, len(inside) - len(rest))]
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in own).lstrip(".")
    reference = Reference(instance.address, text)
    target, origin = start(instance, _document_route(instance, inside))
    what = f"{instance.address}.{text}"
    return Hop(what, target, origin, "resource", group.name, spot.module, reference=reference)


def _instance(group: Group, path: Route) -> tuple[Instance | None, Route]:
    instances = group.instances()
    if not group.expansion().kind:
        return instances[0], path
    for instance in instances:
        if isinstance(instance.key, Unknown) or instance.key == path[0]:
            return instance, path[1:]
    return None, path


_DOCUMENT = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
    "Effect": "effect",
    "Sid": "sid",
    "Principal": "principals",
    "NotPrincipal": "not_principals",
    "Condition": "condition",
}


def _document_route(instance: Instance, route: Route) -> Route:
    """The route into `aws_iam_policy_document`'s blocks for one into the policy that it renders."""
    if instance.group.type != "aws_iam_policy_document" or route[0] not in ("json", "minified_json"):
        return route
    stated = instance.group.block.body.attributes
    if len(route) < 3 or route[1] != "Statement" or any("policy_documents" in name for name in stated):
        return route
    inside = route[2:3] if isinstance(route[2], int) else (0,)
    name = next((_DOCUMENT[step] for step in route[3:4] if step in _DOCUMENT), None)
    return ("statement", *inside) if name is None else ("statement", *inside, name)


_HOPS = {
    "local": _to_local,
    "var": _to_variable,
    "module": _to_module,
    "path": lambda *_: None,
    "terraform": lambda *_: None,
    "each": lambda *_: None,
    "count": lambda *_: None,
    "self": lambda *_: None,
}
