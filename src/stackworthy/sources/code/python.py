"""Python through `ast`, lowered to the tree of `core/code.py`. Nothing is imported or run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from stackworthy.core.code import (
    Assign,
    Attribute,
    Await,
    Call,
    Catch,
    Choice,
    Class,
    Comprehension,
    Evaluate,
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
    Raise,
    Record,
    Return,
    Sequence,
    Spread,
    Template,
    Try,
    With,
)
from stackworthy.sources.code.text import NotParsed

_LINE = re.compile(rb"\r\n|\r|\n")
_OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


def lower(file: str, text: bytes) -> Module:
    """The tree of a file; raises `NotParsed` (Python 2, a syntax error, text nested too deep)."""
    source = text.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    content = source.encode("utf-8")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(source)
        return _Lowering(content).module(file, parsed)
    except SyntaxError as error:
        raise NotParsed(file, error.lineno or 0, f"is not Python 3 as it is read here: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise NotParsed(file, 0, "is nested too deep to be read") from None
    except ValueError as error:
        raise NotParsed(file, 0, f"is not Python 3 as it is read here: {error}") from None


class _Lowering:
    """One file on its way; `depth` is how many functions the visit stands in."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.starts = [0, *(match.end() for match in _LINE.finditer(content))]
        self.imports: list[Import] = []
        self.top: list[int] = []
        self.depth = 0

    def module(self, file: str, parsed: ast.Module) -> Module:
        body = self.block(parsed.body)
        names = {name: name for node in body for name in _declared(node)}
        return Module(file, "python", self.content, body, tuple(self.imports), frozenset(self.top), names)

    def at(self, node: Any) -> Any:
        """The place of a node, as keywords."""
        line = node.lineno
        return {
            "start": self.starts[line - 1] + node.col_offset,
            "end": self.starts[node.end_lineno - 1] + node.end_col_offset,
            "line": line,
        }

    def block(self, nodes: Iterable[ast.stmt]) -> tuple[Node, ...]:
        made: list[Node] = []
        for node in nodes:
            found = _visit(node)(self, node)
            if found.__class__ is tuple:
                made.extend(found)
            else:
                made.append(found)
        return tuple(made)

    def one(self, node: Any) -> Any:
        return _visit(node)(self, node)

    def maybe(self, node: Any) -> Any:
        return None if node is None else _visit(node)(self, node)

    def all(self, nodes: Iterable[Any]) -> tuple[Any, ...]:
        return tuple([_visit(node)(self, node) for node in nodes])


def _visit(node: Any) -> Callable[[_Lowering, Any], Any]:
    return _VISITS.get(node.__class__, _other)


def _declared(node: Node) -> Iterable[str]:
    """What a statement at the top of a module makes known to importers."""
    if isinstance(node, (Function, Class, Import)):
        yield node.name
    elif isinstance(node, Assign):
        for target in node.targets:
            yield from _names(target)
    elif isinstance(node, (If, Try, With)):
        for part in node.parts():
            yield from _declared(part)


def _names(target: Node) -> Iterable[str]:
    if isinstance(target, Name):
        yield target.id
    elif isinstance(target, Sequence):
        for item in target.items:
            yield from _names(item)


def _name(to: _Lowering, node: ast.Name) -> Node:
    line = node.lineno
    start = to.starts[line - 1] + node.col_offset
    return Name(id=node.id, start=start, end=start + (node.end_col_offset or 0) - node.col_offset, line=line)


def _constant(to: _Lowering, node: ast.Constant) -> Node:
    value = node.value
    if isinstance(value, complex) or value is ...:
        return Other(what="constant", **to.at(node))
    return Literal(value=value, **to.at(node))


def _attribute(to: _Lowering, node: ast.Attribute) -> Node:
    return Attribute(value=to.one(node.value), name=node.attr, **to.at(node))


def _call(to: _Lowering, node: ast.Call) -> Node:
    return Call(
        callee=to.one(node.func),
        arguments=to.all(node.args),
        keywords=tuple([(word.arg, to.one(word.value)) for word in node.keywords]),
        **to.at(node),
    )


def _subscript(to: _Lowering, node: ast.Subscript) -> Node:
    return Index(value=to.one(node.value), index=to.one(node.slice), **to.at(node))


def _slice(to: _Lowering, node: ast.Slice) -> Node:
    parts = [part for part in (node.lower, node.upper, node.step) if part is not None]
    return Other(what="slice", inside=to.all(parts), **to.at(node))


def _text(to: _Lowering, node: ast.JoinedStr) -> Node:
    pieces: list[Node] = []
    for piece in node.values:
        if isinstance(piece, ast.FormattedValue):
            pieces.append(to.one(piece.value))
            if piece.format_spec is not None and any(
                isinstance(part, ast.FormattedValue) for part in getattr(piece.format_spec, "values", ())
            ):
                pieces.append(to.one(piece.format_spec))
        else:
            pieces.append(to.one(piece))
    return Template(pieces=tuple(pieces), **to.at(node))


def _dict(to: _Lowering, node: ast.Dict) -> Node:
    pairs = zip(node.keys, node.values, strict=True)
    return Record(items=tuple([(to.maybe(key), to.one(value)) for key, value in pairs]), **to.at(node))


def _sequence(to: _Lowering, node: ast.List | ast.Tuple | ast.Set) -> Node:
    return Sequence(items=to.all(node.elts), **to.at(node))


def _binary(to: _Lowering, node: ast.BinOp) -> Node:
    operands = [node.right]
    left = node.left
    while isinstance(node.op, ast.Add) and isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
        operands.append(left.right)  # a long sum is one node, not a stair of nodes
        left = left.left
    return Operation(
        operator=_OPERATORS[node.op.__class__], operands=to.all([left, *reversed(operands)]), **to.at(node)
    )


def _boolean(to: _Lowering, node: ast.BoolOp) -> Node:
    return Operation(operator=_OPERATORS[node.op.__class__], operands=to.all(node.values), **to.at(node))


def _unary(to: _Lowering, node: ast.UnaryOp) -> Node:
    operand = to.one(node.operand)
    operator = _OPERATORS[node.op.__class__]
    if operator == "-" and isinstance(operand, Literal) and isinstance(operand.value, (int, float)):
        return Literal(value=-operand.value, **to.at(node))
    return Operation(operator=operator, operands=(operand,), **to.at(node))


def _compare(to: _Lowering, node: ast.Compare) -> Node:
    operands = (to.one(node.left), *to.all(node.comparators))
    return Operation(operator=_OPERATORS[node.ops[0].__class__], operands=operands, **to.at(node))


def _choice(to: _Lowering, node: ast.IfExp) -> Node:
    return Choice(
        test=to.one(node.test), then=to.one(node.body), otherwise=to.one(node.orelse), **to.at(node)
    )


def _await(to: _Lowering, node: ast.Await) -> Node:
    return Await(value=to.one(node.value), **to.at(node))


def _starred(to: _Lowering, node: ast.Starred) -> Node:
    return Spread(value=to.one(node.value), **to.at(node))


def _comprehension(to: _Lowering, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Node:
    where = to.at(node)
    if isinstance(node, ast.DictComp):
        element: Node = Record(items=((to.one(node.key), to.one(node.value)),), **where)
    else:
        element = to.one(node.elt)
    loops = tuple([(to.one(part.target), to.one(part.iter)) for part in node.generators])
    tests = to.all(test for part in node.generators for test in part.ifs)
    return Comprehension(element=element, loops=loops, tests=tests, **where)


def _lambda(to: _Lowering, node: ast.Lambda) -> Node:
    to.depth += 1
    body = to.one(node.body)
    to.depth -= 1
    value = Return(value=body, start=body.start, end=body.end, line=body.line)
    return Function(name="", parameters=_parameters(to, node.args), body=(value,), **to.at(node))


def _walrus(to: _Lowering, node: ast.NamedExpr) -> Node:
    return Assign(targets=(to.one(node.target),), value=to.one(node.value), **to.at(node))


def _assign(to: _Lowering, node: ast.Assign) -> Node:
    return Assign(targets=to.all(node.targets), value=to.one(node.value), **to.at(node))


def _annotated(to: _Lowering, node: ast.AnnAssign) -> Node:
    if node.value is None:
        return Other(what="declaration", **to.at(node))
    return Assign(targets=(to.one(node.target),), value=to.one(node.value), **to.at(node))


def _augmented(to: _Lowering, node: ast.AugAssign) -> Node:
    return Assign(
        targets=(to.one(node.target),),
        value=to.one(node.value),
        operator=_OPERATORS[node.op.__class__],
        **to.at(node),
    )


def _evaluate(to: _Lowering, node: ast.Expr) -> Node:
    return Evaluate(value=to.one(node.value), **to.at(node))


def _return(to: _Lowering, node: ast.Return) -> Node:
    return Return(value=to.maybe(node.value), **to.at(node))


def _raise(to: _Lowering, node: ast.Raise) -> Node:
    return Raise(value=to.maybe(node.exc), **to.at(node))


def _if(to: _Lowering, node: ast.If) -> Node:
    return If(
        test=to.one(node.test), then=to.block(node.body), otherwise=to.block(node.orelse), **to.at(node)
    )


def _match(to: _Lowering, node: ast.Match) -> Node:
    subject = to.one(node.subject)
    otherwise: tuple[Node, ...] = ()
    for case in reversed(node.cases):
        where = to.at(case.pattern)
        values = [
            to.one(part.value)
            for part in ast.walk(case.pattern)
            if isinstance(part, (ast.MatchValue,)) and part.value is not None
        ]
        test: Node = Operation(
            operator="==", operands=(subject, Other(what="pattern", inside=tuple(values), **where)), **where
        )
        if case.guard is not None:
            test = Operation(operator="and", operands=(test, to.one(case.guard)), **where)
        otherwise = (If(test=test, then=to.block(case.body), otherwise=otherwise, **where),)
    return otherwise[0] if otherwise else Other(what="match", inside=(subject,), **to.at(node))


def _for(to: _Lowering, node: ast.For | ast.AsyncFor) -> Node:
    return Loop(
        kind="for",
        target=to.one(node.target),
        iterable=to.one(node.iter),
        body=to.block(node.body) + to.block(node.orelse),
        **to.at(node),
    )


def _while(to: _Lowering, node: ast.While) -> Node:
    body = to.block(node.body) + to.block(node.orelse)
    return Loop(kind="while", test=to.one(node.test), body=body, **to.at(node))


def _try(to: _Lowering, node: Any) -> Node:
    return Try(
        body=to.block(node.body),
        catches=to.all(node.handlers),
        otherwise=to.block(node.orelse),
        finally_=to.block(node.finalbody),
        **to.at(node),
    )


def _catch(to: _Lowering, node: ast.ExceptHandler) -> Node:
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type] if node.type else []
    types = tuple([ast.unparse(item) for item in caught])
    return Catch(types=types, name=node.name or "", body=to.block(node.body), **to.at(node))


def _with(to: _Lowering, node: ast.With | ast.AsyncWith) -> Node:
    items = tuple([(to.one(item.context_expr), to.maybe(item.optional_vars)) for item in node.items])
    return With(items=items, body=to.block(node.body), **to.at(node))


def _parameters(to: _Lowering, given: ast.arguments) -> tuple[Parameter, ...]:
    plain = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(plain) - len(given.defaults)) + list(given.defaults)
    made = [_parameter(to, item, default) for item, default in zip(plain, defaults, strict=True)]
    if given.vararg:
        made.append(_parameter(to, given.vararg, None))
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    made.extend(_parameter(to, item, default) for item, default in pairs)
    if given.kwarg:
        made.append(_parameter(to, given.kwarg, None))
    return tuple(made)


def _parameter(to: _Lowering, node: ast.arg, default: ast.expr | None) -> Parameter:
    return Parameter(name=node.arg, default=to.maybe(default), **to.at(node))


def _function(to: _Lowering, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Node:
    decorators = to.all(node.decorator_list)
    parameters = _parameters(to, node.args)
    to.depth += 1
    body = to.block(node.body)
    to.depth -= 1
    return Function(
        name=node.name,
        parameters=parameters,
        body=body,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        decorators=decorators,
        **to.at(node),
    )


def _class(to: _Lowering, node: ast.ClassDef) -> Node:
    return Class(name=node.name, bases=to.all(node.bases), body=to.block(node.body), **to.at(node))


def _import(to: _Lowering, node: ast.Import) -> tuple[Node, ...]:
    where = to.at(node)
    made: list[Import] = []
    for alias in node.names:
        if alias.asname:
            made.append(Import(name=alias.asname, module=alias.name, **where))
            continue
        first = alias.name.partition(".")[0]
        made.append(Import(name=first, module=first, **where))
        if first != alias.name:
            made.append(Import(name="", module=alias.name, **where))
    return _noted(to, made)


def _import_from(to: _Lowering, node: ast.ImportFrom) -> tuple[Node, ...]:
    where = to.at(node)
    module = "." * node.level + (node.module or "")
    made = [
        Import(
            name="" if alias.name == "*" else alias.asname or alias.name,
            module=module,
            member=alias.name,
            **where,
        )
        for alias in node.names
    ]
    return _noted(to, made)


def _noted(to: _Lowering, made: list[Import]) -> tuple[Node, ...]:
    if to.depth == 0:
        to.top.extend(range(len(to.imports), len(to.imports) + len(made)))
    to.imports.extend(made)
    return tuple(made)


def _global(to: _Lowering, node: ast.Global | ast.Nonlocal) -> Node:
    where = to.at(node)
    return Other(what="global", inside=tuple([Name(id=name, **where) for name in node.names]), **where)


def _delete(to: _Lowering, node: ast.Delete) -> Node:
    return Other(what="delete", inside=to.all(node.targets), **to.at(node))


def _other(to: _Lowering, node: Any) -> Node:
    parts = [child for child in ast.iter_child_nodes(node) if hasattr(child, "lineno")]
    return Other(what=node.__class__.__name__.lower(), inside=to.all(parts), **to.at(node))


_VISITS: dict[type, Callable[[_Lowering, Any], Any]] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.JoinedStr: _text,
    ast.Dict: _dict,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.Await: _await,
    ast.Starred: _starred,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Expr: _evaluate,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.If: _if,
    ast.Match: _match,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.ExceptHandler: _catch,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Delete: _delete,
}
