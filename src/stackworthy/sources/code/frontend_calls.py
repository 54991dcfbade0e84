"""The calls that a frontend makes over HTTP: method and path, as far as its source says them.

`fetch`, axios (also as an instance), ky and Amplify are known; a function of the frontend that hands its parameters on to one of them
stands for it, so that `api("GET", "/orders")` is a call of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

import msgspec

from stackworthy.core.code import (
    Attribute,
    Await,
    Call,
    Function,
    Import,
    Literal,
    Name,
    Node,
    Operation,
    Parameter,
    Record,
    Template,
    dotted,
)
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code.frontend import Frontend
from stackworthy.sources.code.javascript_modules import resolve
from stackworthy.sources.code.unit import Scope, Unit

_METHODS = {
    "get": "GET",
    "post": "POST",
    "put": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "del": "DELETE",
    "head": "HEAD",
}
_FETCH = ("fetch", "window.fetch", "globalThis.fetch")
_CLIENTS = ("axios", "ky")
MAX_CALLS = 1000
_MAX_DEPTH = 12
_MAX_PIECES = 60
_MAX_STEPS = 300
"""Expressions that are looked at for the text of one call."""


class Hole(msgspec.Struct, frozen=True):
    """A part of a text that is not known: how it is written, and which parameter it is (-1: none)."""

    text: str
    parameter: int = -1


Text = tuple[str | Hole, ...]

_AMPLIFY = Hole("Amplify")
_ANGULAR = re.compile(r"(?:this\.)?_?http(?:Client)?", re.IGNORECASE)
"""What people call the HttpClient that Angular gives them; its type, which would tell, is not read."""


class HttpCall(msgspec.Struct, eq=False):
    """One call. `method` is "" when it is not known; `base` is what stands before the path, as it is written ("" for the site itself).

    `path` begins with a slash and has `{}` for what is not known; it is "" when nothing of it is known.
    """

    unit: Unit
    node: Call
    method: str
    base: str
    path: str


class _Request(msgspec.Struct, eq=False):
    """A call before its parameters are known."""

    unit: Unit
    scope: Scope
    node: Call
    method: Text
    address: Text


class Calls:
    """Finds the calls of one frontend."""

    def __init__(self, frontend: Frontend, workspace: Workspace) -> None:
        self.frontend = frontend
        self.workspace = workspace
        self.left = _MAX_STEPS
        self.by_file = {unit.module.file: unit for unit in frontend.units}

    def all(self) -> list[HttpCall]:
        """Every call, wrappers as often as they are called; one more than `MAX_CALLS` when there are more."""
        requests = [made for unit in self.frontend.units for made in self.requests(unit)]
        wrappers: dict[int, list[_Request]] = {}
        plain: list[_Request] = []
        for request in requests:
            if request.scope.node is not None and any(
                isinstance(piece, Hole) and piece.parameter >= 0 for piece in request.address
            ):
                wrappers.setdefault(id(request.scope.node), []).append(request)
            else:
                plain.append(request)
        used: set[int] = set()
        if wrappers:
            for unit in self.frontend.units:
                for call, scope in calls_in(unit):
                    target = self.function(unit, scope, call.callee)
                    for request in wrappers.get(id(target), ()):
                        if len(plain) > MAX_CALLS:
                            break
                        used.add(id(target))
                        plain.append(self.filled(request, unit, scope, call))
        plain.extend(request for key, found in wrappers.items() if key not in used for request in found)
        return [self.call(request) for request in plain[: MAX_CALLS + 1]]

    # Requests as they are written

    def requests(self, unit: Unit) -> Iterator[_Request]:
        for call, scope in calls_in(unit):
            self.left = _MAX_STEPS
            found = self.request(unit, scope, call)
            if found is not None:
                method, address = found
                yield _Request(
                    unit,
                    scope,
                    call,
                    self.text(unit, scope, method) if isinstance(method, Node) else (method,),
                    self.text(unit, scope, address) if isinstance(address, Node) else address,
                )

    def request(self, unit: Unit, scope: Scope, call: Call) -> tuple[Node | str, Node | Text] | None:
        name = dotted(call.callee)
        arguments = call.arguments
        if name in _FETCH and arguments and not self.values(scope, "fetch"):
            return self.method_in(unit, scope, arguments[1:2], "GET"), arguments[0]
        if isinstance(call.callee, Attribute) and call.callee.name in (*_METHODS, "request"):
            base = self.client(unit, scope, call.callee.value)
            if base is not None and arguments:
                if call.callee.name == "request":
                    return self.configured(unit, scope, arguments[0], base)
                if base == (_AMPLIFY,):
                    if len(arguments) < 2:
                        return "", base
                    api = self.named(unit, scope, arguments[0])
                    return _METHODS[call.callee.name], joined((api,), self.text(unit, scope, arguments[1]))
                return _METHODS[call.callee.name], joined(base, self.text(unit, scope, arguments[0]))
        if isinstance(call.callee, Name) and arguments:
            base = self.client(unit, scope, call.callee)
            if base is not None:
                if isinstance(arguments[0], Record):
                    return self.configured(unit, scope, arguments[0], base)
                return self.method_in(unit, scope, arguments[1:2], "GET"), joined(
                    base, self.text(unit, scope, arguments[0])
                )
            origin = self.origin(scope, call.callee.id)
            if origin is not None and origin.module == "aws-amplify/api" and isinstance(arguments[0], Record):
                path = arguments[0].get("path")
                if path is not None and origin.member in _METHODS:
                    api = self.named(unit, scope, arguments[0].get("apiName"))
                    return _METHODS[origin.member], joined((api,), self.text(unit, scope, path))
        return None

    def configured(
        self, unit: Unit, scope: Scope, options: Node, base: Text
    ) -> tuple[Node | str, Text] | None:
        """`axios({method, url})`."""
        if not isinstance(options, Record):
            return "", (Hole("options"),)
        address = options.get("url")
        method = options.get("method")
        own = options.get("baseURL")
        before = self.text(unit, scope, own) if own is not None else base
        return method if method is not None else "GET", joined(
            before, self.text(unit, scope, address) if address is not None else (Hole("url"),)
        )

    def method_in(self, unit: Unit, scope: Scope, options: tuple[Node, ...], default: str) -> Node | str:
        if not options:
            return default
        record = self.followed(unit, scope, options[0])[2]
        if not isinstance(record, Record):
            return ""
        method = record.get("method")
        if method is not None:
            return method
        return "" if record.is_open else default

    def client(self, unit: Unit, scope: Scope, node: Node) -> Text | None:
        """The base address of what is an HTTP client; None for anything else."""
        origin = self.origin(scope, node.id) if isinstance(node, Name) else None
        if origin is not None:
            if origin.module in _CLIENTS and origin.member in ("", "default"):
                return ()
            if (
                origin.module in ("aws-amplify", "@aws-amplify/api", "@aws-amplify/api-rest")
                and origin.member == "API"
            ):
                return (_AMPLIFY,)
        if self.frontend.framework == "@angular/core" and _ANGULAR.fullmatch(dotted(node)):
            return ()
        place, around, made = self.followed(unit, scope, node)
        if (
            isinstance(made, Call)
            and isinstance(made.callee, Attribute)
            and made.callee.name in ("create", "extend")
        ):
            if self.client(place, around, made.callee.value) is None:
                return None
            options = made.arguments[0] if made.arguments else None
            base = options.get("baseURL") or options.get("prefixUrl") if isinstance(options, Record) else None
            return self.text(place, around, base) if base is not None else ()
        return None

    def named(self, unit: Unit, scope: Scope, name: Node | None) -> Hole:
        """The API that Amplify knows by a name."""
        return Hole(f"Amplify {_shape(self.text(unit, scope, name))}" if name is not None else "Amplify")

    def filled(self, request: _Request, unit: Unit, scope: Scope, call: Call) -> _Request:
        """The request that a wrapper makes with these arguments."""
        parameters = request.scope.node.parameters if request.scope.node is not None else ()

        self.left = _MAX_STEPS

        def put(text: Text) -> Text:
            pieces: list[str | Hole] = []
            for piece in text:
                if isinstance(piece, str) or piece.parameter < 0:
                    pieces.append(piece)
                elif piece.parameter < len(call.arguments):
                    pieces.extend(self.text(unit, scope, call.arguments[piece.parameter]))
                else:
                    default = parameters[piece.parameter].default
                    pieces.extend(self.text(request.unit, request.scope, default) if default else (Hole(""),))
            return tuple(pieces)

        method, address = put(request.method), put(request.address)
        if _shape(address) == _shape(request.address) and method == request.method:
            return request
        return _Request(unit, scope, call, method, address)

    # What expressions come to

    def values(self, scope: Scope | None, name: str) -> tuple[Scope, list[Node]] | None:
        while scope is not None:
            found = scope.bindings.get(name)
            if found:
                return scope, found
            scope = scope.parent
        return None

    def origin(self, scope: Scope, name: str) -> Import | None:
        found = self.values(scope, name)
        first = found[1][0] if found else None
        return first if isinstance(first, Import) else None

    def followed(self, unit: Unit, scope: Scope, node: Node) -> tuple[Unit, Scope, Node]:
        """The expression that a name or member stands for, through other files."""
        for _ in range(_MAX_DEPTH):
            step = self.step(unit, scope, node)
            if step is None:
                break
            unit, scope, node = step
        return unit, scope, node

    def step(self, unit: Unit, scope: Scope, node: Node) -> tuple[Unit, Scope, Node] | None:
        if isinstance(node, Await):
            return unit, scope, node.value
        if isinstance(node, Name):
            found = self.values(scope, node.id)
            if found is None or len(found[1]) != 1 or found[1][0] is node:
                return None
            return unit, found[0], found[1][0]
        if isinstance(node, Import):
            return self.imported(unit, node, node.member)
        if isinstance(node, Attribute):
            own = self.field(scope, node)
            if own is not None:
                return unit, scope, own
            place, around, holder = self.followed(unit, scope, node.value)
            if isinstance(holder, Record):
                value = holder.get(node.name)
                return (place, around, value) if value is not None else None
            if isinstance(holder, Import):
                return self.imported(place, holder, node.name)
        return None

    def field(self, scope: Scope, node: Attribute) -> Node | None:
        """The one value that `this.name` is given in its class."""
        if not (isinstance(node.value, Name) and node.value.id == "this"):
            return None
        around: Scope | None = scope
        while around is not None and around.owner is None:
            around = around.parent
        values = around.owner.attributes.get(node.name, []) if around is not None and around.owner else []
        some = [value for value in values if not (isinstance(value, Literal) and value.value is None)]
        return some[0] if len(some) == 1 and some[0] is not node else None

    def imported(self, unit: Unit, node: Import, member: str) -> tuple[Unit, Scope, Node] | None:
        file = resolve(self.workspace, unit.module.file, node.module)
        other = self.by_file.get(file) if file else None
        if other is None or not member:
            return None
        local = other.module.exports.get(member)
        values = other.top.bindings.get(local or member, [])
        if len(values) == 1:
            return other, other.top, values[0]
        made = other.functions.get(local or member)
        return (other, other.top, made.node) if made is not None and made.node is not None else None

    def function(self, unit: Unit, scope: Scope, callee: Node) -> Function | None:
        """The function of the frontend that a call runs."""
        if not isinstance(callee, (Name, Attribute)):
            return None
        found = self.followed(unit, scope, callee)[2]
        return found if isinstance(found, Function) else None

    def text(self, unit: Unit, scope: Scope, node: Node, depth: int = 0) -> Text:
        """The text that an expression comes to."""
        if isinstance(node, Literal):
            return (str(node.value),) if node.value is not None else ("",)
        written = unit.module.source(node)[:80]
        self.left -= 1
        if depth > _MAX_DEPTH or self.left < 0:
            return (Hole(written),)
        if isinstance(node, Template):
            return self.all_of(unit, scope, node.pieces, depth)
        if isinstance(node, Operation) and node.operator == "+":
            return self.all_of(unit, scope, node.operands, depth)
        if isinstance(node, Call) and node.new and dotted(node.callee) == "URL" and node.arguments:
            base = self.text(unit, scope, node.arguments[1], depth + 1) if len(node.arguments) > 1 else ()
            return joined(base, self.text(unit, scope, node.arguments[0], depth + 1))
        if (
            isinstance(node, Call)
            and isinstance(node.callee, Attribute)
            and node.callee.name in ("toString", "toUpperCase")
        ):
            return self.text(unit, scope, node.callee.value, depth + 1)
        place, around, value = self.followed(unit, scope, node)
        if isinstance(value, Parameter) and around.node is not None:
            position = next((n for n, p in enumerate(around.node.parameters) if p is value), -1)
            return (Hole(written, position if isinstance(node, Name) else -1),)
        if value is not node and isinstance(value, (Literal, Template, Operation, Call)):
            found = self.text(place, around, value, depth + 1)
            if len(found) == 1 and isinstance(found[0], Hole) and found[0].parameter < 0:
                return (Hole(written),)
            return found if len(found) <= _MAX_PIECES else (Hole(written),)
        return (Hole(written),)

    def all_of(self, unit: Unit, scope: Scope, parts: tuple[Node, ...], depth: int) -> Text:
        pieces = [piece for part in parts[:_MAX_PIECES] for piece in self.text(unit, scope, part, depth + 1)]
        return tuple(pieces[:_MAX_PIECES])

    def call(self, request: _Request) -> HttpCall:
        """The call that a request is."""
        method = request.method[0] if len(request.method) == 1 else ""
        method = method.upper() if isinstance(method, str) else ""
        pieces = list(request.address)
        base = ""
        if pieces and isinstance(pieces[0], Hole):
            base = cast("Hole", pieces.pop(0)).text
            if pieces and isinstance(pieces[0], str) and not pieces[0].startswith(("/", "?", "#")):
                if not _ends_address(base):
                    return HttpCall(request.unit, request.node, method, base, "")
                pieces.insert(0, "/")
            if not pieces or isinstance(pieces[0], Hole):
                return HttpCall(request.unit, request.node, method, base, "")
        path = _shape(tuple(pieces)).partition("?")[0].partition("#")[0]
        scheme, separator, rest = path.partition("://")
        if separator or (not base and path.startswith("//")):
            host, _, after = (rest if separator else path[2:]).partition("/")
            base, path = f"{scheme if separator else 'https'}://{host}", "/" + after
        if base == "" and not path.startswith("/"):
            path = "/" + path.removeprefix("./")
        return HttpCall(
            request.unit, request.node, method, base, "/" + "/".join(filter(None, path.split("/")))
        )


def _shape(text: Text) -> str:
    return "".join(piece if isinstance(piece, str) else "{}" for piece in text)


def _ends_address(base: str) -> bool:
    """Whether what stands before a path without a slash is an address by its name, which then ends in the slash itself."""
    return any(
        word in base.lower()
        for word in ("url", "api", "base", "endpoint", "host", "invoke", "origin", "root")
    )


def joined(base: Text, path: Text) -> Text:
    """A path after its base, with one slash between them; a whole address stands alone."""
    first = path[0] if path else ""
    if not base or (isinstance(first, str) and "://" in first):
        return path
    last = base[-1]
    if isinstance(last, str) and last.endswith("/") and isinstance(first, str):
        return (*base[:-1], last.rstrip("/") + "/", first.lstrip("/"), *path[1:])
    if isinstance(first, str) and first.startswith("/"):
        return (*base, *path)
    return (*base, "/", *path)


def calls_in(unit: Unit) -> Iterator[tuple[Call, Scope]]:
    """Every call of a file with the function that it stands in."""
    for scope in (unit.top, *unit.scopes.values()):
        for call in scope.all(Call):
            yield call, scope
