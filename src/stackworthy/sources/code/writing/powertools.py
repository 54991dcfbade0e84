"""Wires Powertools into a handler of Python: a logger of structured lines, a tracer; with the dependency that it needs.

https://docs.aws.amazon.com/powertools/python/latest/core/logger/ and
https://docs.aws.amazon.com/powertools/python/latest/core/tracer/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from stackworthy.core.code import Call, Catch, Literal, Node
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code.writing.source import Source, demand_plain

_MODULE = "aws_lambda_powertools"
_PACKAGE = "aws-lambda-powertools"
_VERSION = ">=3,<4"
_SAM = "AWS::Serverless::Function"
_PATHS = {
    "AWS::ApiGateway::Method": "API_GATEWAY_REST",
    "AWS::ApiGatewayV2::Route": "API_GATEWAY_HTTP",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "APPLICATION_LOAD_BALANCER",
    "AWS::Events::Rule": "EVENT_BRIDGE",
}
"""Where events carry an identifier that follows a request: the names of Powertools for them."""
SAMPLED = "0.01"
"""The share of invocations that write their debug lines, too."""


def log(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Log by Powertools instead of by `print`: fields, the request's id, an identifier that follows it, sampled debug lines."""
    source = Source(workspace, change)
    entry = _entry(source)
    path = _correlation(source)
    lines = [_import(source, "Logger")]
    if path:
        lines.append(f"from {_MODULE}.logging import correlation_paths")
    made = f"Logger(sampling_rate={SAMPLED})"
    splices = _kept(source, "logger", made, lines, {"logging.getLogger"})
    given = f"correlation_id_path=correlation_paths.{path}" if path else ""
    call = f"({given})" if given else ""
    splices.append(_decorated(source, entry, f"@logger.inject_lambda_context{call}"))
    for scope in source.handler.program.scopes:
        if scope.unit is source.unit and scope.node is not None:
            splices += [part for item in scope.all(Call) for part in _printed(source, item)]
    return splices + _required(source, _PACKAGE)


def trace(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Trace what the handler calls by Powertools."""
    source = Source(workspace, change)
    entry = _entry(source)
    splices = _kept(source, "tracer", "Tracer()", [_import(source, "Tracer")], set())
    splices.append(_decorated(source, entry, "@tracer.capture_lambda_handler"))
    return splices + _required(source, f"{_PACKAGE}[tracer]")


def _entry(source: Source) -> Node:
    demand_plain(source)
    scope = source.handler.entry
    if scope.node is None or scope.unit is not source.unit or not scope.node.name:
        raise CannotWrite("the handler stands in another file", "wire Powertools into the handler's own file")
    if scope.owner is not None or len(scope.parameters) != 2:
        raise CannotWrite("the handler is no plain function of event and context")
    return scope.node


def _import(source: Source, what: str) -> str:
    if source.is_mentioned(what):
        raise CannotWrite(f"the file has another {what}")
    return f"from {_MODULE} import {what}"


def _correlation(source: Source) -> str:
    graph, function = source.handler.graph, source.handler.function
    edges = [*list.__iter__(source.handler.triggers())]
    edges += graph.edges("invokes").by_target.get(function.address, ())
    found = {_PATHS.get(edge.source.kind or "", "") for edge in edges}
    return found.pop() if len(found) == 1 else ""


def _kept(source: Source, name: str, made: str, imports: list[str], instead: set[str]) -> list[Splice]:
    """The imports, and the variable at the top; one that keeps the standard library's gives way."""
    position = source.after_imports()
    lines = [line.encode() + source.newline for line in imports]
    known = source.unit.top.bindings.get(name, [])
    if len(known) == 1 and isinstance(known[0], Call) and source.handler.name(known[0].callee) in instead:
        return [
            source.at_top(position, b"".join(lines)),
            source.splice(known[0].start, known[0].end, made.encode()),
        ]
    if source.is_mentioned(name):
        raise CannotWrite(f"the file has another {name}")
    blank = not source.text[position : source.line_end(position)].strip()
    lines += [source.newline, f"{name} = {made}".encode() + source.newline, b"" if blank else source.newline]
    return [source.at_top(position, b"".join(lines))]


def _decorated(source: Source, entry: Node, decorator: str) -> Splice:
    start = source.line_start(entry.start)
    for part in getattr(entry, "decorators", ()):
        start = min(start, source.line_start(part.start))
    line = source.indentation(start) + decorator.encode() + source.newline
    return source.splice(start, start, line)


def _printed(source: Source, call: Call) -> Iterator[Splice]:
    """A `print` as a line of the logger: the text first, then what stood after it."""
    if source.handler.name(call.callee) != "print" or call.keywords or not call.arguments:
        return
    if any(type(item).__name__ == "Spread" for item in call.arguments):
        return
    first, *rest = call.arguments
    word = "exception" if any(isinstance(outer, Catch) for outer in source.handler.around(call)) else "info"
    yield source.splice(call.callee.start, call.callee.end, f"logger.{word}".encode())
    if not rest:
        return
    quotes = source.text[first.start : first.start + 1]
    plain = isinstance(first, Literal) and isinstance(first.value, str) and quotes in (b"'", b'"')
    places = " %s" * len(rest)
    if plain and b"%" not in source.text[first.start : first.end] and not source.spans_lines(first):
        yield source.splice(first.end - 1, first.end - 1, places.encode())
    else:
        yield source.splice(first.start, first.start, f"{source.quoted('%s' + places)}, ".encode())


def _required(source: Source, package: str) -> list[Splice]:
    """The line of requirements.txt, which is made where a build by SAM will read it."""
    root = source.handler.location.root
    file = posixpath.join(root, "requirements.txt")
    line = f"{package}{_VERSION}\n".encode()
    if not source.workspace.exists(file):
        if source.change.function.type != _SAM:
            raise CannotWrite(
                "nothing says how the package gets its dependencies",
                f"add {package} to the package, or Powertools' layer to the function",
            )
        return [Splice(file, 0, 0, line)]
    content = source.workspace.read(file)
    pattern = rf"(?im)^[ \t]*{_PACKAGE.replace('-', '[-_.]')}(\[[^\]\n]*\])?"
    found = re.search(pattern, content.decode("utf-8", "replace"))
    if found is not None:
        if "[" not in package or found.group(1):
            return []
        end = len(content.decode("utf-8", "replace")[: found.end()].encode())
        return [Splice(file, end, end, b"[tracer]")]
    newline = b"\r\n" if b"\r\n" in content else b"\n"
    missing = b"" if not content or content.endswith(b"\n") else newline
    return [Splice(file, len(content), len(content), missing + line.replace(b"\n", newline))]
