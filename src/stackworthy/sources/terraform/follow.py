"""Where a value comes from: from a use through locals, arguments and variables to what was written.

Only what is asked for is followed, after evaluation. A walk inside one expression is a descent (into the element of an object, the
side of a conditional that was chosen, the argument that `merge` took a key from); a walk to another is a hop, and a step of the trail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from stackworthy.core.origin import Origin
from stackworthy.core.value import Reference, Unknown
from stackworthy.sources.terraform.access import Splat
from stackworthy.sources.terraform.bodies import Bodies, iterator_name
from stackworthy.sources.terraform.descend import Binding, Spot, descend, evaluated
from stackworthy.sources.terraform.expressions import (
    Access,
    Scope,
    Traversal,
)
from stackworthy.sources.terraform.nowhere import NOWHERE

if TYPE_CHECKING:
    from stackworthy.sources.terraform.module import Module
    from stackworthy.sources.terraform.resources import Group, Instance
    from stackworthy.sources.terraform.syntax import Attribute, Block, Body

Route = tuple[str | int, ...]

MAX_HOPS = 60


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
        key = step if isinstance(step, (str, int)) else evaluated(step, spot.scope)
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
