"""Questions that several rules on code ask: who calls the function, where a value comes from, what repeats."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

from stackworthy.aws.event_sources import polled
from stackworthy.core.code import (
    Assign,
    Attribute,
    Call,
    Comprehension,
    Function,
    If,
    Index,
    Literal,
    Loop,
    Name,
    Node,
    Parameter,
    Return,
    dotted,
    walk,
)
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown, Value
from stackworthy.rules.lambda_events import ASYNCHRONOUS, STREAMS
from stackworthy.sources.code.handler import Handler, code_of
from stackworthy.sources.code.javascript_configuration import read_json
from stackworthy.sources.code.permissions import _NODE as NODE
from stackworthy.sources.code.permissions import HARMLESS
from stackworthy.sources.code.unit import Scope

T = TypeVar("T")

MAPPING = "event source mapping"
HTTP = frozenset(
    {
        "AWS::ApiGateway::Method",
        "AWS::ApiGatewayV2::Route",
        "AWS::Lambda::Url",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
    }
)
"""What passes requests on to functions and waits for the answer."""
_EACH = frozenset({"map", "forEach", "flatMap", "filter", "reduce"})
MAX_STEPS = 60


def callers(handler: Handler) -> list[Edge]:
    """The relations in which the function is called directly: routes, resolvers, states, other functions."""
    return handler.graph.edges("invokes").by_target.get(handler.function.address, [])


def triggers(handler: Handler) -> list[Edge]:
    """What triggers the function, as far as it is known."""
    return list(list.__iter__(handler.triggers()))


def routes(handler: Handler) -> list[Resource]:
    """The routes of APIs, URLs and target groups whose requests the function answers."""
    return [edge.source for edge in callers(handler) if edge.by != "authorizer" and edge.source.kind in HTTP]


def is_authorizer(handler: Handler) -> bool:
    """Whether an API asks the function who may call it."""
    return any(edge.by == "authorizer" for edge in callers(handler))


def is_authorized(route: Resource) -> bool:
    """Whether a route asks for some authorization; raises `NotKnown`."""
    if route.kind == "AWS::Lambda::Url":
        return bool(route["AuthType"] == "AWS_IAM")
    return route.kind in HTTP and route["AuthorizationType"] not in ("NONE", "") and _states(route)


def _states(route: Resource) -> bool:
    return route.kind in ("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route") and bool(
        route["AuthorizationType"]
    )


def open_routes(handler: Handler) -> list[Resource]:
    """The routes that ask for no authorization, as far as it can be told."""
    found = []
    for route in routes(handler):
        try:
            if not is_authorized(route):
                found.append(route)
        except NotKnown:
            continue
    return found


def nobody_waits(handler: Handler) -> Edge | None:
    """What triggers the function and reads nothing of its answer but whether it failed; None for any other function."""
    if callers(handler):
        return None
    for edge in triggers(handler):
        if edge.by in ASYNCHRONOUS or edge.by == MAPPING:
            return edge
    return None


def delivers_twice(handler: Handler) -> Edge | None:
    """A trigger that may deliver an event more than once: a queue, stream, topic, bucket, rule."""
    for edge in triggers(handler):
        if edge.by in ASYNCHRONOUS and edge.by != "schedule":
            return edge
        if edge.by == MAPPING and edge.resource is not None:
            service = polled(edge.resource)
            if service == "sqs" or service in STREAMS:
                return edge
    return None


def behind(handler: Handler, node: Node) -> Iterator[Node]:
    """An expression, its parts, and what its names were given, from the outside in; as far as can be followed."""
    pending: list[tuple[Scope, Node]] = [(handler.scope(node), node)]
    seen: set[int] = set()
    while pending and len(seen) < MAX_STEPS:
        scope, part = pending.pop(0)
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        if isinstance(part, Name):
            place, values = handler.program.bindings(scope, part.id)
            pending.extend((place, value) for value in values)
        elif isinstance(part, Parameter):
            pending.extend(_given(handler, scope, part))
        elif not isinstance(part, Function):
            pending.extend((scope, inner) for inner in part.parts())
            if isinstance(part, Call):
                target = handler.program.called(scope, part)
                if target is not None:
                    pending.extend(
                        (target, item.value) for item in target.all(Return) if item.value is not None
                    )


def _given(handler: Handler, scope: Scope, node: Parameter) -> Iterator[tuple[Scope, Node]]:
    names = [parameter.name for parameter in scope.parameters]
    if node.name in names:
        position = names.index(node.name)
        for site in handler.calls():
            if handler.program.called(site.scope, site.node) is scope:
                keyword = site.node.keyword(node.name)
                if keyword is not None:
                    yield site.scope, keyword
                elif position < len(site.node.arguments):
                    yield site.scope, site.node.arguments[position]


def loop_around(handler: Handler, node: Node) -> Node | None:
    """The loop, comprehension or `map` with a function in which a node is run again and again, within its function."""
    inner: Node = node
    for outer in handler.around(node):
        if isinstance(outer, Loop) and inner is not outer.iterable:
            return outer
        if isinstance(outer, Comprehension) and not any(inner is iterable for _, iterable in outer.loops[:1]):
            return outer
        if (
            isinstance(outer, Call)
            and isinstance(outer.callee, Attribute)
            and outer.callee.name in _EACH
            and isinstance(inner, Function)
        ):
            return outer
        inner = outer
    return None


def tests_around(handler: Handler, node: Node) -> Iterator[Node]:
    """The conditions under which a node runs, within its function."""
    for outer in handler.around(node):
        if isinstance(outer, If):
            yield outer.test


def is_literal(node: Node | None, value: object) -> bool:
    """Whether a node is this constant."""
    return isinstance(node, Literal) and node.value is value


def text_of(handler: Handler, node: Node) -> str:
    """The constant text of a node, "" when it is none."""
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else handler.text(node)


def assigned_to(handler: Handler, node: Node) -> set[str]:
    """The names that are given the value of a call, through `await` and members (`const { Item: user } = await ...`)."""
    for outer in handler.around(node):
        if isinstance(outer, Assign):
            return {part.id for target in outer.targets for part in _names(target)}
        if not isinstance(outer, (Attribute, Index, Call)) and type(outer).__name__ not in (
            "Await",
            "Operation",
        ):
            return set()
    return set()


def _names(target: Node) -> Iterator[Name]:
    if isinstance(target, Name):
        yield target
    elif not isinstance(target, (Attribute, Index)):
        for part in target.parts():
            yield from _names(part)


def callee_word(call: Call) -> str:
    """The last word of what is called: `send` of `client.send(...)`."""
    return dotted(call.callee).rpartition(".")[2] or (
        call.callee.name if isinstance(call.callee, Attribute) else ""
    )


def shown(handler: Handler, node: Node, longest: int = 60) -> str:
    """The source of a node on one line, for a message."""
    text = " ".join(handler.source(node).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


_LISTS = ("dependencies", "devDependencies", "optionalDependencies", "bundledDependencies")


def packages_of(handler: Handler) -> frozenset[str] | None:
    """The packages that a JavaScript function brings along, by what its package.json and node_modules say; None when that cannot be told.

    What no file lists is not there: the files beside the code, and above it up to the root of the workspace, are read.
    """
    workspace = handler.graph.workspace
    if workspace is None:
        return None
    if handler.location.inline is not None:
        return frozenset()
    found: set[str] = set()
    folder = posixpath.dirname(handler.location.file)
    while True:
        content = read_json(workspace, posixpath.join(folder, "package.json"))
        for name in _LISTS:
            listed = content.get(name)
            found.update(listed if isinstance(listed, (dict, list)) else ())
        modules = posixpath.join(folder, "node_modules")
        if workspace.is_folder(modules):
            found.update(workspace.entries(modules))
        if not folder:
            return frozenset(name for name in found if isinstance(name, str))
        folder = posixpath.dirname(folder)


def is_handed_on(handler: Handler, node: Node) -> bool:
    """Whether the answer of a call leaves the function that makes it, by itself or in what is returned or yielded."""
    names = assigned_to(handler, node)
    for outer in handler.around(node):
        if isinstance(outer, Return):
            return True
    returned = (part for item in handler.scope(node).all(Return) for part in walk(item))
    return any(isinstance(part, Name) and part.id in names for part in returned)


_KNOWN = ("@aws-sdk/", "@smithy/", "@types/", "aws-sdk", "node:", "aws-lambda")


def loads_only_known(handler: Handler) -> bool:
    """Whether the program loads nothing from elsewhere but the SDK, the language's own library and what is known to read no variables."""
    for unit in handler.program.units.values():
        for item in unit.module.imports:
            if handler.program.target(unit.module, item) is not None or not item.module:
                continue
            first = item.module.partition("." if unit.module.language == "python" else "/")[0]
            if unit.module.language == "python":
                if first not in sys.stdlib_module_names and first not in HARMLESS:
                    return False
            elif not item.module.startswith(_KNOWN) and item.module not in HARMLESS and first not in NODE:
                return False
    return not handler.function["Layers"]


def names_of_indexes(name: Value) -> str:
    """The plain name of an index; raises `NotKnown`."""
    if isinstance(name, str):
        return name
    raise NotKnown("the name of an index is not known")


_MAPPERS = (
    "pynamodb",
    "dynamoose",
    "electrodb",
    "dynamodb-toolbox",
    "dynamodb-onetable",
    "sst",
    "@aws/dynamodb-data-mapper",
    "awswrangler",
    "@typedorm/",
)
_STATEMENTS = ("dynamodb:ExecuteStatement", "dynamodb:BatchExecuteStatement", "dynamodb:ExecuteTransaction")


def queries_of(table: Resource) -> frozenset[str]:
    """The names of the table's indexes that code queries, of all functions that may read it.

    Raises `NotKnown` when something else may read the table, or a reader's code was not read whole.
    """
    readers = {edge.source.address: edge.source for edge in table.graph.edges_to(table, "reads")}
    if not readers:
        raise NotKnown("no function of the stack is known to read the table")
    found: set[str] = set()
    for reader in readers.values():
        code = code_of(reader) if reader.kind == "AWS::Lambda::Function" else None
        if not isinstance(code, Handler) or code.program.unread:
            raise NotKnown(f"{reader.name} may query the table, and its code was not read whole")
        found.update(_queried(code))
    return frozenset(found)


_SDKS = frozenset({"boto3", "aioboto3", "aws-sdk", "@aws-sdk/client-dynamodb", "@aws-sdk/lib-dynamodb"})


def _queried(handler: Handler) -> Iterator[str]:
    """The indexes that the code of a function names; raises `NotKnown` when one is chosen while it runs."""
    units = handler.program.units.values()
    modules = {item.module for unit in units for item in unit.module.imports}
    calls = [call for call in handler.sdk_calls(init=True) if call.service == "dynamodb"]
    unclear = any(module.startswith(_MAPPERS) for module in modules) or handler.sdk_calls(
        *_STATEMENTS, init=True
    )
    loaded = (
        any("dynamodb" in module.lower() for module in modules) or handler.mentions("dynamodb") is not None
    )
    if unclear or (not calls and loaded and not modules.isdisjoint(_SDKS)):
        raise NotKnown(f"how {handler.function.name} reads the table cannot be followed")
    for call in calls:
        if call.operation not in ("Query", "Scan"):
            continue
        index = call.parameters.get("IndexName")
        if index is not None:
            yield names_of_indexes(handler.value(index))
    for scope in handler.program.scopes:
        for literal in scope.all(Literal):
            if literal.value.__class__ is str:
                yield str(literal.value)


def answered(question: Callable[[], T]) -> T | NotKnown:
    """What a question comes to, or why it cannot be answered."""
    try:
        return question()
    except NotKnown as error:
        return error
