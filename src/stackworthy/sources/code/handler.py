"""A function of the stack together with its source code: what a rule on code judges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TypeVar

import msgspec

from stackworthy.core.code import Attribute, Call, Function, Literal, Module, Node, dotted
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.finding import CodePlace, Finding, Guard, Place
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Span
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, OpenList, Value
from stackworthy.sources.code.dataflow import Taint, Values
from stackworthy.sources.code.guards import Guards
from stackworthy.sources.code.handlers import FUNCTION, INLINE, Location, NotFound, has_code, locate
from stackworthy.sources.code.parsing import sources_of
from stackworthy.sources.code.program import Program
from stackworthy.sources.code.sdk import Client, Sdk, SdkCall
from stackworthy.sources.code.text import NotParsed
from stackworthy.sources.code.unit import Scope

N = TypeVar("N", bound=Node)
_NEWLINE = re.compile(rb"\r\n|\r|\n")


class CallSite(msgspec.Struct, frozen=True, eq=False):
    """One call: its node, the function that makes it, and what is called, by its origin ("requests.get")."""

    node: Call
    scope: Scope
    name: str


class Handler:
    """A function whose handler was found. All questions take a node of the program; none of them raises for what cannot be told.

    `entry` is the function that Lambda calls, `functions` all that it may run (the entry first), `tops` the tops of the files, which
    run once when Lambda starts.
    """

    def __init__(self, function: Resource, location: Location, program: Program) -> None:
        self.function = function
        self.location = location
        self.program = program
        self.entry = program.entry
        self.functions = program.functions
        self.tops = program.tops
        self._values = Values(program, function)
        self._sdk = Sdk(program, self._values)

    @property
    def graph(self) -> Graph:
        """The graph that the function stands on."""
        return self.function.graph

    @property
    def language(self) -> str:
        """The language of the handler's file: "python", "javascript" or "typescript"."""
        return self.entry.unit.module.language

    @cached_property
    def taint(self) -> Taint:
        """What of the event may reach which variable."""
        return Taint(self.program)

    # Questions about nodes

    def all(self, kind: type[N], *, init: bool = False) -> Iterator[N]:
        """The nodes of a kind that the handler may run; with those that run when Lambda starts, if asked."""
        for scope in self.program.scopes if init else self.functions:
            yield from scope.all(kind)

    def calls(self, *names: str, init: bool = False) -> Iterator[CallSite]:
        """The calls that the handler may make, of these names ("subprocess.*" for all that begin so; none: every call)."""
        sites = self._every_call if init else self._calls
        if not names:
            return iter(sites)
        prefixes = tuple(name[:-1] for name in names if name.endswith("*"))
        if not prefixes:
            return (site for site in sites if site.name in names)
        return (site for site in sites if site.name in names or site.name.startswith(prefixes))

    @cached_property
    def _calls(self) -> list[CallSite]:
        return list(self._sites(self.functions))

    @cached_property
    def _every_call(self) -> list[CallSite]:
        return list(self._sites(self.program.scopes))

    def _sites(self, scopes: Iterable[Scope]) -> Iterator[CallSite]:
        for scope in scopes:
            for node in scope.all(Call):
                yield CallSite(node, scope, self.program.name(scope, node.callee))

    @cached_property
    def _sdk_calls(self) -> list[SdkCall]:
        return [call for scope in self.program.scopes for call in self._sdk.calls(scope)]

    def sdk_calls(self, *actions: str, init: bool = False) -> list[SdkCall]:
        """The calls of AWS that the handler may make, of these operations ("dynamodb:PutItem"; none: all)."""
        return [
            call
            for call in self._sdk_calls
            if (init or id(call.scope) in self._invoked)
            and (not actions or f"{call.service}:{call.operation}" in actions)
        ]

    @cached_property
    def _invoked(self) -> frozenset[int]:
        return frozenset(id(scope) for scope in self.functions)

    def clients(self, *, init: bool = False) -> list[Client]:
        """The clients of AWS that the handler may make; with those made when Lambda starts, if asked."""
        scopes = self.program.scopes if init else self.functions
        return [client for scope in scopes for client in self._sdk.clients(scope)]

    def client(self, node: Call) -> Client | None:
        """The client of AWS that a call makes."""
        return self._sdk.client(self.scope(node), node)

    def scope(self, node: Node) -> Scope:
        """The function in which a node stands."""
        return self.program.scope(node)

    def around(self, node: Node) -> Iterator[Node]:
        """What a node stands in, from the inside out, up to its function (which is the last)."""
        unit = self.program.unit(node)
        parent = unit.parents.get(id(node))
        while parent is not None:
            yield parent
            if id(parent) in unit.scopes:
                return
            parent = unit.parents.get(id(parent))

    def name(self, node: Node) -> str:
        """What an expression is called by its origin; see `Program.name`."""
        return self.program.name(self.scope(node), node)

    def definition(self, node: Node) -> Node:
        """The expression that a name stands for, as far as it can be followed."""
        return self.program.definition(self.scope(node), node)[1]

    def called(self, call: Call) -> Scope | None:
        """The function of the package that a call runs."""
        return self.program.called(self.scope(call), call)

    def members(self, node: Node) -> tuple[dict[str, Node], bool]:
        """The members of an object or dictionary by name, and whether there may be others."""
        return self._sdk.record(self.scope(node), node)

    def value(self, node: Node) -> Value:
        """What a node comes to, environment variables included; `Unknown` when that hangs on more than the stack and constants."""
        return self._values.value(node)

    def text(self, node: Node) -> str:
        """The text that a node comes to, "" when it is none or not known."""
        value = self._values.value(node)
        return value if isinstance(value, str) else ""

    def number(self, node: Node) -> float | None:
        """The number that a node comes to (of several in a list the greatest); None when it is none or not known."""
        value = self._values.value(node)
        items = (
            list.__iter__(value) if isinstance(value, List) and not isinstance(value, OpenList) else (value,)
        )
        found = [item for item in items if isinstance(item, (int, float)) and not isinstance(item, bool)]
        return max(found, default=None)

    def variable(self, node: Node) -> str:
        """The environment variable that an expression reads, "" when it reads none."""
        return self._values.variable(node)

    def environment(self, name: str) -> Value:
        """The value that the stack gives an environment variable; `ABSENT` when it states none of this name."""
        return self._values.environment(name)

    def tainted(self, node: Node) -> bool:
        """Whether an expression may hold what the sender of the event chose."""
        return self.taint.tainted(self.scope(node), node)

    def guarded(self, node: Node) -> Node | None:
        """The call that cleans an expression, or the test of it before it is used; None when there is none."""
        return Guards(self.program).of(self.scope(node), node)

    def mentions(self, *names: str) -> Node | None:
        """The first place that may run where one of these names is a text, a key or a member ("batchItemFailures"); None when there is none."""
        for scope in self.program.scopes:
            for literal in scope.all(Literal):
                if literal.value.__class__ is str and literal.value in names:
                    return literal
            for attribute in scope.all(Attribute):
                if attribute.name in names:
                    return attribute
        return None

    def source(self, node: Node) -> str:
        """The text of a node."""
        return self.program.unit(node).module.source(node)

    # Joins with the stack

    def triggers(self) -> List:
        """The relations that end at the function: what triggers it; open when there may be more."""
        return self.graph.edges_to(self.function, "triggers")

    @cached_property
    def is_custom_resource(self) -> bool:
        """Whether the function answers CloudFormation while it deploys, and nobody else: it runs a few times in its life."""
        callers = self.graph.edges("invokes").by_target.get(self.function.address, ())
        by = {edge.by for edge in callers} | {edge.by for edge in list.__iter__(self.triggers())}
        if by:
            return by == {"custom resource"}
        return self.mentions("ResponseURL", "RequestType", "PhysicalResourceId") is not None

    # What a rule says

    def finding(
        self, node: Node, /, *, part: str = "", also: Iterable[Place] = (), **evidence: Value
    ) -> Finding:
        """A fault at a node. `part` names what stands there without a line, by default what the node calls or names."""
        unit = self.program.unit(node)
        scope = unit.scope(node) if id(node) not in unit.scopes else unit.scopes[id(node)]
        what = part or dotted(node.callee if isinstance(node, Call) else node) or type(node).__name__.lower()
        module = unit.module
        place = CodePlace(
            span(module, node),
            f"{scope.name or 'top'} {what}",
            span(module, scope.node) if isinstance(scope.node, Function) else None,
            INLINE if self.location.inline is not None else "",
        )
        return Finding(self.function, place.part, evidence, tuple(also), place)

    def guard(self, node: Node, what: str) -> Guard:
        """A protection that stands at a node: evidence of a pass."""
        return Guard(what, span(self.program.unit(node).module, node))

    def __repr__(self) -> str:
        return f"<{self.function.address} {self.entry}>"


def span(module: Module, node: Node) -> Span:
    """The lines and columns of a node."""
    text = module.text
    first = max(text.rfind(b"\n", 0, node.start), text.rfind(b"\r", 0, node.start)) + 1
    last = max(text.rfind(b"\n", 0, node.end), text.rfind(b"\r", 0, node.end)) + 1
    return Span(
        module.file,
        node.line,
        len(text[first : node.start].decode("utf-8", "replace")) + 1,
        node.line + len(_NEWLINE.findall(text, node.start, node.end)),
        len(text[last : node.end].decode("utf-8", "replace")) + 1,
        node.start,
        node.end,
    )


def code_of(function: Resource) -> Handler | NotFound | NotParsed | None:
    """The code of a function, or why it has none; None for a function whose code is not in reach. Worked out once."""
    memo = function.graph.memo
    key = ("code", function.address)
    if key not in memo:
        memo[key] = _read(function)
    found: Handler | NotFound | NotParsed | None = memo[key]
    return found


def _read(function: Resource) -> Handler | NotFound | NotParsed | None:
    workspace = function.graph.workspace
    if workspace is None or not has_code(function):
        return None
    location = locate(function, workspace)
    if isinstance(location, NotFound):
        return location
    try:
        program = Program(sources_of(workspace), location)
    except NotParsed as error:
        _note(function, error)
        return error
    except RecursionError:
        return NotParsed(location.file, 0, "is nested too deep to be read")
    for problem in program.unread:
        _note(function, problem)
    return Handler(function, location, program)


def _note(function: Resource, problem: NotParsed) -> None:
    """Say once that a file of code was not read."""
    hint = "mend the file; until then the checks of its code are not assessed"
    file = problem.file.partition("#")[0]
    note = Diagnostic(file, problem.line if file == problem.file else 0, "warning", problem.message, hint)
    if note not in function.graph.code_diagnostics:
        function.graph.code_diagnostics.append(note)


def handlers(graph: Graph) -> list[Handler]:
    """Every function of the stack whose handler was found."""
    found = (code_of(function) for function in graph.of(FUNCTION))
    return [handler for handler in found if isinstance(handler, Handler)]


def is_method(node: Node, *names: str) -> bool:
    """Whether a call is of a method of one of these names, whatever it is called on."""
    return isinstance(node, Call) and isinstance(node.callee, Attribute) and node.callee.name in names
