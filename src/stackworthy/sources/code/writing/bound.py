"""Gives calls over HTTP and clients of AWS limits that end before the function does.

https://docs.aws.amazon.com/botocore/latest/reference/config.html and
https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/migrate-client-constructors.html
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from stackworthy.core.code import Assign, Call, Literal, Node, Record, dotted
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.workspace import Workspace
from stackworthy.sources.code.sdk import Client
from stackworthy.sources.code.writing.source import Source

SLOW = frozenset(
    {
        "bedrock-runtime",
        "bedrock-agent-runtime",
        "lambda",
        "sagemaker-runtime",
        "stepfunctions",
        "rds-data",
        "textract",
        "rekognition",
        "kendra",
    }
)
"""Services whose calls may take as long as the function has: they are tried once, with all the time that there is."""
SHARE = 0.9
"""How much of the function's timeout all attempts together may take."""
LONGEST_CALL = 10
"""Seconds that a call over HTTP may take, where the function has more."""
_CONFIG = "botocore.config"
_NAME = "CLIENT_CONFIG"
_WITH_BODY = frozenset({"axios.post", "axios.put", "axios.patch"})


class Limits(NamedTuple):
    """Seconds for a connection and for an answer, and how often a client tries."""

    connect: float
    read: float
    attempts: int


def limits(timeout: float, service: str) -> Limits:
    """What fits into a function's timeout (in seconds): three attempts, fewer where time is short or the service slow."""
    attempts = 1 if service in SLOW else 3 if timeout >= 10 else 2
    connect = 0.5 if timeout < 5 else 1.0 if timeout < 30 else 2.0
    read = SHARE * timeout / attempts - connect
    if read < 0.1:
        raise CannotWrite("the function's timeout leaves no time for a call", "give the function more time")
    return Limits(connect, _down(read if service in SLOW else min(read, 60.0)), attempts)


def _down(seconds: float) -> float:
    """Whole seconds, or tenths where these matter."""
    return int(seconds) if seconds >= 5 else int(seconds * 10) / 10


def bound(workspace: Workspace, change: Rewrite) -> list[Splice]:
    """Limit the call or client of the finding; raises `CannotWrite`."""
    source = Source(workspace, change)
    call = source.at(Call)
    client = source.handler.client(call)
    if client is None:
        return _http(source, call)
    if client.style == "v2":
        raise CannotWrite(
            "version 2 of the SDK is without support", "move to version 3, and set its limits there"
        )
    top = _Top(source)
    splices = top.limited(client)
    for other in _alike(source, client):
        with suppress(CannotWrite):
            splices += top.limited(other)
    return [*splices, *top.splices()]


def _alike(source: Source, client: Client) -> list[Client]:
    """The other clients that the same function makes by the same call: a finding speaks of them all."""
    called = dotted(client.node.callee)
    made = source.handler.clients(init=True)
    same = [item for item in made if item.scope is client.scope and dotted(item.node.callee) == called]
    return [item for item in same if item.node is not client.node]


def _text(number: float) -> str:
    return f"{number:g}"


# boto3


class _Top:
    """What the top of the file gets: an import, and settings that its clients share."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.position = 0
        self.imported = ""
        self.constants: dict[str, str] = {}

    def limited(self, client: Client) -> list[Splice]:
        """Limit one client."""
        given = limits(self.source.timeout, client.service)
        if client.style == "v3":
            return _script(self.source, client, given)
        config = client.node.keyword("config")
        if config is not None:
            return _more(self.source, config, given)
        position = _before(self.source, client)
        if self.constants and position != self.position:
            raise CannotWrite("clients stand among the imports")
        self.position = position
        config_name = _config_name(self.source)
        self.imported = "" if config_name else f"from {_CONFIG} import Config"
        made = (
            f"{config_name or 'Config'}(connect_timeout={_text(given.connect)}, "
            f"read_timeout={_text(given.read)}, retries={_retries(self.source, given)})"
        )
        name = f"SLOW_{_NAME}" if client.service in SLOW else _NAME
        known = self.source.unit.top.bindings.get(name, [])
        if not known and not self.source.is_mentioned(name):
            self.constants[name] = made
        elif not _is_usable(self.source, known, made, client):
            name = made
        return [self.source.argument(client.node, f"config={name}")]

    def splices(self) -> list[Splice]:
        """The lines that the clients rest on."""
        if not self.imported and not self.constants:
            return []
        source = self.source
        lines = [self.imported] if self.imported else []
        if self.constants:
            following = source.text[self.position : source.line_end(self.position)].strip()
            lines += ["", *(f"{name} = {made}" for name, made in self.constants.items())]
            lines += [""] if following else []
        text = b"".join(line.encode() + source.newline for line in lines)
        return [source.at_top(self.position, text)]


def _is_usable(source: Source, known: list[Node], made: str, client: Client) -> bool:
    """Whether the settings of that name are the ones that are needed, and stand before the client."""
    alike = len(known) == 1 and source.of(known[0]) == made
    return alike and (client.scope.node is not None or known[0].end < client.node.start)


def _retries(source: Source, given: Limits) -> str:
    names = (source.quoted(text) for text in ("max_attempts", "mode", "standard"))
    first, second, third = names
    return f"{{{first}: {given.attempts - 1}, {second}: {third}}}"


def _more(source: Source, config: Node, given: Limits) -> list[Splice]:
    """A configuration that is there gets what it lacks, and waits no longer for an answer than fits its other limits."""
    made = source.handler.definition(config)
    if not isinstance(made, Call) or source.handler.program.unit(made) is not source.unit:
        raise CannotWrite(
            "its configuration is made elsewhere", "set connect_timeout, read_timeout and retries there"
        )
    stated = {name: value for name, value in made.keywords if name is not None}
    connect = (
        source.handler.number(stated["connect_timeout"]) if "connect_timeout" in stated else given.connect
    )
    attempts = _attempts(source, stated.get("retries"), given.attempts)
    if connect is None or attempts is None or len(stated) < len(made.keywords):
        raise CannotWrite("its limits are worked out elsewhere", "lower them, or give the function more time")
    read = min(SHARE * source.timeout / attempts - connect, 60.0)
    if read < 0.1:
        raise CannotWrite("its limits were chosen", "lower them, or give the function more time")
    wanted = {"connect_timeout": _text(given.connect), "read_timeout": _text(_down(read))}
    wanted["retries"] = _retries(source, given)
    missing = [f"{name}={value}" for name, value in wanted.items() if name not in stated]
    splices = [source.argument(made, ", ".join(missing))] if missing else []
    if "read_timeout" in stated:
        splices.append(_lower(source, stated["read_timeout"], wanted["read_timeout"]))
    return splices


def _attempts(source: Source, retries: Node | None, default: int) -> float | None:
    if retries is None:
        return default
    members, is_open = source.handler.members(retries)
    if is_open:
        return None
    for name, more in (("total_max_attempts", 0), ("max_attempts", 1)):
        if name in members:
            found = source.handler.number(members[name])
            return None if found is None else found + more
    return 3 if "mode" in members else 5


def _before(source: Source, client: Client) -> int:
    """The line after the imports, or after that of boto3 when the client stands between them."""
    position = source.after_imports()
    if client.scope.node is None and client.node.start < position:
        imports = source.unit.module.imports
        position = max(
            (
                source.line_end(imports[number].end)
                for number in source.unit.module.top
                if imports[number].end < client.node.start and imports[number].module.startswith("boto")
            ),
            default=0,
        )
        if not position or source.indentation(position - 1):
            raise CannotWrite("boto3 is not imported plainly at the top of the file")
    return position


def _config_name(source: Source) -> str:
    """The name by which the file knows botocore's Config, "" when it does not import it."""
    for module in (_CONFIG, "botocore.client"):
        name = source.local_name(module, "Config")
        if name:
            return name
    if source.is_mentioned("Config"):
        raise CannotWrite(
            "the file has another Config", "pass botocore's Config(connect_timeout, read_timeout, retries)"
        )
    return ""


# The SDK for JavaScript, version 3


def _script(source: Source, client: Client, given: Limits) -> list[Splice]:
    members = {
        "maxAttempts": str(given.attempts),
        "requestHandler": f"{{ connectionTimeout: {given.connect * 1000:.0f}, requestTimeout: {given.read * 1000:.0f} }}",
    }
    arguments = client.node.arguments
    if not arguments:
        text = ", ".join(f"{name}: {value}" for name, value in members.items())
        return [source.argument(client.node, f"{{ {text} }}")]
    stated, is_open = source.handler.members(arguments[0])
    if is_open or "requestHandler" in stated:
        raise CannotWrite(
            "its limits were chosen, or cannot be seen", "set maxAttempts and the requestHandler's limits"
        )
    return _members(source, arguments[0], {key: value for key, value in members.items() if key not in stated})


def _members(source: Source, node: Node, members: dict[str, str]) -> list[Splice]:
    """More members at the end of an object that is written in place, or made in this file."""
    found = source.handler.definition(node)
    if not isinstance(found, Record) or source.handler.program.unit(found) is not source.unit:
        raise CannotWrite("its options are made elsewhere", f"set {' and '.join(members)} there")
    texts = [f"{name}: {value}" for name, value in members.items()]
    if not found.items:
        return [source.splice(found.start, found.end, f"{{ {', '.join(texts)} }}".encode())]
    last = max((value for _, value in found.items), key=lambda value: value.end)
    own_lines = b"\n" in source.text[found.start : found.items[0][1].start]
    return [source.append(last, found.end - 1, tuple(texts), own_lines=own_lines)]


# Calls over HTTP


def _http(source: Source, call: Call) -> list[Splice]:
    name = source.handler.name(call.callee)
    seconds = min(float(LONGEST_CALL), 0.7 * source.timeout)
    seconds = _down(seconds)
    if source.python:
        if name == "urllib.request.urlopen" and len(call.arguments) > 2:
            return [_lower(source, call.arguments[2], _text(seconds))]
        stated = call.keyword("timeout")
        if stated is not None:
            return [_lower(source, stated, _text(seconds))]
        return [source.argument(call, f"timeout={_text(seconds)}")]
    fetch = name in ("fetch", "node-fetch")
    milliseconds = f"{seconds * 1000:.0f}"
    option = {"signal": f"AbortSignal.timeout({milliseconds})"} if fetch else {"timeout": milliseconds}
    position = 2 if name in _WITH_BODY else 0 if name in ("axios", "axios.request") else 1
    if len(call.arguments) > position:
        stated = source.handler.members(call.arguments[position])[0].get("timeout")
        if stated is not None and not fetch:
            return [_lower(source, stated, milliseconds)]
        return _members(source, call.arguments[position], option)
    if len(call.arguments) < position:
        raise CannotWrite("the call sends no body", f"pass undefined as its body, then {option}")
    text = ", ".join(f"{key}: {value}" for key, value in option.items())
    return [source.argument(call, f"{{ {text} }}")]


def _lower(source: Source, stated: Node, text: str) -> Splice:
    """A limit that is there gives way, where it is a number of this file that nothing else uses."""
    found = source.handler.definition(stated)
    parent = source.parent(found)
    named = isinstance(parent, Assign) and parent.value is found
    if not isinstance(found, Literal) or (named and found is not stated):
        raise CannotWrite("its limit is worked out elsewhere", "lower it below the function's timeout")
    return source.splice(found.start, found.end, text.encode())
