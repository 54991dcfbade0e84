"""Settings that a module takes from its variables: they are set where the module is called, however many modules stand between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from stackworthy.core.origin import Route
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.value import Reference, Value
from stackworthy.sources.terraform.calls import Call
from stackworthy.sources.terraform.expressions import Conditional, Expression, Literal, Object, Traversal
from stackworthy.sources.terraform.model import Block
from stackworthy.sources.terraform.module import Module
from stackworthy.sources.terraform.resources import Instance
from stackworthy.sources.terraform.syntax import Body
from stackworthy.sources.terraform.writing.context import Context
from stackworthy.sources.terraform.writing.hcl_text import expression, nested
from stackworthy.sources.terraform.writing.spelling import Native, Raw

Names = tuple[str, ...]
"""A variable, and the attributes that lead on into its value."""

_PASSED_ON = ("try", "coalesce", "nonsensitive", "tobool", "tonumber", "tostring")
"""Functions that give their first argument, where it is there."""


def handed_in(context: Context, block: Block, native: Native, route: Route = ()) -> list[Splice]:
    """Give arguments of a block these values by the variables that they come from; raises `CannotWrite`."""
    evaluator = block.evaluator
    assert isinstance(evaluator, Instance)
    wanted: dict[Names, Any] = {}
    for name, variable, value in _leaves(evaluator.group.block.body, native, route):
        if not variable:
            raise CannotWrite(f"the module takes no argument for {name}")
        if wanted.setdefault(variable, value) != value:
            raise CannotWrite(f"var.{'.'.join(variable)} sets more than this")
    splices: list[Splice] = []
    module = evaluator.group.module
    for variable, value in wanted.items():
        splices += _hand(context, module, variable, value)
    return splices


def takes(block: Block, route: Route) -> bool:
    """Whether the argument at a route takes its value from a variable of a module that is called."""
    evaluator = block.evaluator
    if not isinstance(evaluator, Instance) or evaluator.group.module.call is None:
        return False
    bodies = list(_bodies(evaluator.group.block.body, route[:-1]))
    return any(
        str(route[-1]) in body.attributes and _variable(body.attributes[str(route[-1])].expression)
        for body, _ in bodies
    )


def _leaves(body: Body, native: Native, route: Route) -> Iterator[tuple[str, Names, Any]]:
    """Each argument with the variable that it comes from (() for none) and its value; switches of dynamic blocks among them."""
    for inner, switch in _bodies(body, route):
        for name, value in native.items():
            parts = nested(value)
            if parts:
                for part in parts:
                    yield from _leaves(body, part, (*route, name))
                continue
            attribute = inner.attributes.get(name)
            variable = _variable(attribute.expression) if attribute is not None else ()
            if switch and switch != variable:
                yield name, switch, True
            yield name, variable, value
        return
    raise CannotWrite(f"the module has no {'.'.join(map(str, route))} that an argument could fill")


def _bodies(body: Body, route: Route) -> Iterator[tuple[Body, Names]]:
    """The bodies of the nested blocks at a route, with the variable that switches a dynamic one on."""
    names = [part for part in route if isinstance(part, str)]
    if not names:
        yield body, ()
        return
    for block in body.blocks:
        if block.type == names[0]:
            yield from _bodies(block.body, tuple(names[1:]))
        elif block.type == "dynamic" and block.labels == (names[0],):
            switch = _switch(block.body)
            for content in block.body.blocks:
                if content.type == "content":
                    for found, inner in _bodies(content.body, tuple(names[1:])):
                        yield found, inner or switch


def _switch(body: Body) -> Names:
    """The variable whose truth makes a dynamic block exist, () when it is no such thing."""
    attribute = body.attributes.get("for_each")
    if attribute is None or not isinstance(attribute.expression, Conditional):
        return ()
    condition = attribute.expression.condition
    return _variable(condition) if isinstance(condition, Traversal) else ()


def _variable(found: Expression) -> Names:
    """The variable that an expression passes on, () for anything else."""
    if isinstance(found, Traversal):
        steps = [step for step in found.steps if isinstance(step, str)]
        return tuple(steps) if found.root == "var" and len(steps) == len(found.steps) else ()
    if isinstance(found, Conditional):
        return _variable(found.no) or _variable(found.yes)
    if isinstance(found, Call) and found.name in _PASSED_ON and found.arguments:
        return _variable(found.arguments[0])
    return ()


def _hand(context: Context, module: Module, variable: Names, value: Value) -> list[Splice]:
    """Give a variable of a module instance a value: at its call, or further out where that one takes it from."""
    name, *inside = variable
    if module.call is None:
        return _default(context, module, variable, value)
    outer, call = module.call.module, module.call.block
    stated = call.body.attributes.get(name)
    if stated is None:
        _refuse_unless_owned(outer, module, name)
        return _into_call(context, module, call, variable, value)
    found, rest = _inner(stated.expression, tuple(inside))
    further = _variable(found)
    if further:
        return _hand(context, outer, (*further, *rest), value)
    if isinstance(found, Traversal) and found.root == "local" and isinstance(found.steps[0], str):
        local = outer.folder.locals.get(found.steps[0])
        steps = tuple(step for step in found.steps[1:] if isinstance(step, str))
        if local is not None and len(steps) == len(found.steps) - 1:
            found, rest = _inner(local.attribute.expression, (*steps, *rest))
            if further := _variable(found):
                return _hand(context, outer, (*further, *rest), value)
            _refuse_unless_owned(outer, module, name)
            return _written(context, local.attribute.path, found, rest, value)
    _refuse_unless_owned(outer, module, name)
    return _written(context, call.file, found, rest, value)


def _refuse_unless_owned(outer: Module, module: Module, name: str) -> None:
    if not outer.owned:
        raise CannotWrite(f"{outer.address} does not hand {name} on to {module.address}")


def _into_call(context: Context, module: Module, call: Any, variable: Names, value: Value) -> list[Splice]:
    """One more argument of a call. Of an object, what its default says is said again."""
    name, *inside = variable
    block = module.folder.variables.get(name)
    if block is None:
        raise CannotWrite(f"{module.address} has no argument {name}")
    if len(inside) > 1:
        raise CannotWrite(f"{'.'.join(variable)} stands deep in an argument of {module.address}")
    whole: Value = value
    if inside:
        default = block.body.attributes.get("default")
        stated = default.expression if default is not None else None
        if stated is not None and not isinstance(stated, (Object, Literal)):
            raise CannotWrite(f"the default of {name} is worked out")
        text = "" if default is None else default.text
        own = dict(_plain(stated, text, stated.start)) if isinstance(stated, Object) else {}
        whole = {**own, inside[0]: value}
    editor = context.editor(call.file)
    return editor.insert(editor.block_at(call.start), {name: whole}, _no_reference)


def _plain(found: Object, text: str, start: int) -> Iterator[tuple[str, Raw]]:
    """The entries of an object literal as they are written."""
    data = text.encode()
    for key, value in found.items:
        if not isinstance(key, Literal) or not isinstance(value, Literal):
            raise CannotWrite("the default of the argument is worked out")
        yield str(key.value), Raw(data[value.start - start : value.end - start].decode())


def _inner(found: Expression, rest: Names) -> tuple[Expression, Names]:
    """The expression of an attribute inside object literals, and what of the way no literal covers."""
    while rest and isinstance(found, Object):
        items = [value for key, value in found.items if isinstance(key, Literal) and key.value == rest[0]]
        if not items:
            break
        found, rest = items[-1], rest[1:]
    return found, rest


def _default(context: Context, root: Module, variable: Names, value: Value) -> list[Splice]:
    name, *inside = variable
    given = root.shared.given.get(name)
    if given is not None:
        if given.attribute is None:
            raise CannotWrite(f"var.{name} is given where the stack is planned", "give it another value")
        found, rest = _inner(given.attribute.expression, tuple(inside))
        return _written(context, given.attribute.path, found, rest, value)
    block = root.folder.variables.get(name)
    default = block.body.attributes.get("default") if block is not None else None
    if block is None or default is None:
        raise CannotWrite(f"var.{name} has no value here", f"give var.{name} a value")
    found, rest = _inner(default.expression, tuple(inside))
    return _written(context, block.file, found, rest, value)


def _written(context: Context, file: str, found: Expression, rest: Names, value: Value) -> list[Splice]:
    """Another value for a literal, or one more entry of an object literal."""
    editor = context.editor(file)
    text = expression(value, _no_reference, editor.indentation(found.start))
    if isinstance(found, Literal) and not rest:
        return editor.replace(found.start, found.end, text)
    if isinstance(found, Object) and len(rest) == 1:
        return editor.put(found.start, found.end, rest[0], text)
    raise CannotWrite("the argument of the module is no plain value", "set it where the module is called")


def _no_reference(reference: Reference) -> NoReturn:
    raise CannotWrite(
        f"{reference.address} stands in another module than the call", "hand it in as an argument"
    )
