"""Places of values: origins from routes, concrete spans from origins, and trails with the number of users.

Origins are structural (see core/origin.py); bytes and lines come only when somebody asks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stackworthy.core.origin import Origin, Span, Step, Trail
from stackworthy.sources.terraform.descend import part
from stackworthy.sources.terraform.follow import hops, start
from stackworthy.sources.terraform.json_syntax import JsonFile, key_end
from stackworthy.sources.terraform.variables import COMMAND_LINE

if TYPE_CHECKING:
    from stackworthy.core.value import Reference
    from stackworthy.sources.terraform.engine import Engine
    from stackworthy.sources.terraform.follow import Hop, Route
    from stackworthy.sources.terraform.hcl_syntax import HclFile
    from stackworthy.sources.terraform.module import Module
    from stackworthy.sources.terraform.resources import Instance
    from stackworthy.sources.terraform.syntax import Block, Body


class Places:
    """Answers where values stand, for one root."""

    def __init__(self, engine: Engine, modules: list[Module]) -> None:
        self.engine = engine
        self._counts: dict[tuple[str, str], int] = {}
        self._instances: dict[str, int] = {}
        for module in modules:
            path = module.folder.path
            self._instances[path] = self._instances.get(path, 0) + 1

    def origin(self, instance: Instance, route: Route) -> Origin:
        """The place of a value of a block, of its nearest stated ancestor, or of the block.

        In a module that nobody here owns, the place is the argument of the call that the value comes from, else the call.
        """
        spot, origin = start(instance, route)
        if instance.group.module.owned:
            return origin
        for hop in hops(spot):
            if _owner(hop).owned:
                return hop.origin
        return self._call(instance.group.module)

    def _call(self, module: Module) -> Origin:
        """The call by which an owned module brought in one that nobody here owns."""
        for around in module.ancestors():
            if around.call is not None and around.call.module.owned:
                block = around.call.block
                return Origin(block.file, block.route, "resource")
        return Origin(module.folder.path, ())

    def trail(self, instance: Instance, route: Route) -> Trail:
        """How a value came to be, from its use to what was written; empty when it was written at its use."""
        spot, _ = start(instance, route)
        steps = [
            Step(hop.what, hop.origin, self._users(hop))
            for hop in hops(spot)
            if hop.kind != "element" and (hop.spot is not None or hop.kind == "var")
        ]
        if not instance.group.module.owned:
            inside = self.origin(instance, route)
            places = [step.origin for step in steps]
            steps = steps[places.index(inside) + 1 :] if inside in places else []
        return tuple(steps)

    def refers_to(self, instance: Instance, route: Route) -> Reference | None:
        """The attribute of another block that a value is, however it came here and whether it is stated there or not."""
        spot, _ = start(instance, route)
        return next((hop.reference for hop in hops(spot) if hop.reference is not None), None)

    def is_sensitive(self, instance: Instance, route: Route) -> bool:
        """Whether the value comes from a variable that its author calls sensitive."""
        spot, _ = start(instance, route)
        return any(hop.sensitive for hop in hops(spot))

    def _users(self, hop: Hop) -> int:
        """The places that use what the hop leads to, in every instance of the module that it belongs to."""
        module = hop.module
        if hop.kind == "output":
            assert module.call is not None
            outer = module.call.module
            pattern = rf"\bmodule\s*\.\s*{re.escape(module.call.name)}\b[^\n]*?\.\s*{re.escape(hop.name)}\b"
            return max(1, self._count(outer, pattern)) * self._copies(outer)
        if hop.kind == "resource":
            return 1
        name = re.escape(hop.name)
        pattern = rf'\b{hop.kind}\s*(?:\.\s*{name}\b(?!-)|\[\s*"{name}"\s*\])'
        return max(1, self._count(module, pattern)) * self._copies(module)

    def _copies(self, module: Module) -> int:
        return max(1, self._instances.get(module.folder.path, 1))

    def _count(self, module: Module, pattern: str) -> int:
        key = (module.folder.path, pattern)
        if key not in self._counts:
            self._counts[key] = self._counted(module, pattern)
        return self._counts[key]

    def _counted(self, module: Module, pattern: str) -> int:
        count = 0
        for path in module.folder.files:
            file = self.engine.parsed(path)
            if isinstance(file, JsonFile):
                count += len(re.findall(pattern, file.text))
            elif file is not None:
                count += len(re.findall(pattern.encode(), file.data))
        return count

    def region(self, origin: Origin) -> tuple[int, int]:
        """The first and last line of the block that an origin lies in; of its own place in JSON syntax."""
        file = self.engine.parsed(origin.file)
        block = None if file is None or isinstance(file, JsonFile) else _block_at(file, origin.route)
        if block is None or file is None or isinstance(file, JsonFile):
            span = self.span(origin)
            return span.line, max(span.line, span.end_line)
        return file.line_of(block.start), file.line_of(block.end)  # type: ignore[attr-defined]

    def span(self, origin: Origin) -> Span:
        """The concrete place; the nearest one that exists when the route leads further than the file.

        A value from the command line has line 0.
        """
        if origin.file == COMMAND_LINE:
            return Span(origin.file, 0, 0, 0, 0)
        file = self.engine.parsed(origin.file)
        if file is None:
            return Span(origin.file, 1, 1, 1, 1)
        if isinstance(file, JsonFile):
            key, begin, end = file.place(origin.route)
            if origin.role == "key" and key != begin:
                begin, end = key, key_end(file.text, key)
            elif origin.role == "resource":
                begin = key
            return text_span(origin.file, file.text, begin, end)
        begin, end = _bytes(file, origin)
        return byte_span(file, begin, end)


def _block_at(file: HclFile, route: Route) -> Block | None:
    """The innermost block on the way to a route."""
    body, block = file.top, None
    while True:
        length = len(block.route) if block is not None else 0
        inner = next((b for b in body.blocks if _leads(b, route, length)), None)
        if inner is None:
            return block
        block, body = inner, inner.body


def _owner(hop: Hop) -> Module:
    """The module in which what the hop leads to was written."""
    return hop.module if hop.spot is None else hop.spot.module


def _bytes(file: HclFile, origin: Origin) -> tuple[int, int]:
    route: Route = origin.route
    body: Body = file.top
    block: Block | None = None
    length = 0
    while True:
        inner = next((b for b in body.blocks if _leads(b, route, length)), None)
        if inner is None:
            break
        block, body, length = inner, inner.body, len(inner.route)
    rest = route[length:]
    attribute = body.attributes.get(str(rest[0])) if rest else None
    if attribute is not None:
        if origin.role == "key" and len(rest) == 1:
            return attribute.name_start, attribute.name_start + len(attribute.name.encode())
        expression, key, _ = part(attribute.expression, rest[1:])
        found = key if origin.role == "key" and key is not None else expression
        return found.start, found.end
    if block is None:
        return 0, 0
    start, end = block.start, block.end  # type: ignore[attr-defined]
    header = file.data.find(b"{", start, end)
    return start, end if header < 0 else len(file.data[:header].rstrip())


def _leads(block: Block, route: Route, length: int) -> bool:
    return len(block.route) > length and route[: len(block.route)] == block.route and _exact(block, route)


def _exact(block: Block, route: Route) -> bool:
    """Not the first of several blocks with the same labels when the route names a later one."""
    after = route[len(block.route) : len(block.route) + 1]
    return not (block.labels and after and isinstance(after[0], int))


def byte_span(file: HclFile, begin: int, end: int) -> Span:
    """The span of bytes of the text after its byte order mark."""
    data = file.data
    line, end_line = file.line_of(begin), file.line_of(end)
    return Span(
        file.path,
        line,
        _column(data, begin),
        end_line,
        _column(data, end),
        begin + file.offset,
        end + file.offset,
    )


def _column(data: bytes, position: int) -> int:
    return len(data[data.rfind(b"\n", 0, position) + 1 : position].decode("utf-8", "replace")) + 1


def text_span(path: str, text: str, begin: int, end: int) -> Span:
    """The span of characters of a text."""
    before = text[:begin]
    through = text[:end]
    return Span(
        path,
        before.count("\n") + 1,
        begin - before.rfind("\n"),
        through.count("\n") + 1,
        end - through.rfind("\n"),
        len(before.encode("utf-8", "surrogatepass")),
        len(through.encode("utf-8", "surrogatepass")),
    )
