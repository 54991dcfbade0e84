"""Source code: what one invocation leaves behind for the next: variables of the file, files in /tmp."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.core.code import (
    Assign,
    Attribute,
    Call,
    If,
    Index,
    Literal,
    Name,
    Node,
    Operation,
    Record,
    Sequence,
    walk,
)
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.core.value import Partial, show
from stackworthy.rules._code import behind, callee_word, shown, text_of
from stackworthy.sources.code.handler import Handler, is_method
from stackworthy.sources.code.unit import Scope

_GROWS = frozenset({"append", "extend", "insert", "push", "unshift", "add"})
_EMPTIES = frozenset({"clear", "pop", "popleft", "shift", "splice", "remove", "discard", "delete"})
_CONTAINERS = frozenset(
    {"list", "set", "dict", "collections.deque", "collections.defaultdict", "Set", "Array"}
)


class ListOutlivesInvocation(Rule):
    """A list of the file that grows with every event hands one user's data to the next, until the memory is full.

    Lambda keeps an execution environment and everything at the top of the file between invocations. What is added there for one event is there for the
    next, whoever sent it. Keep it inside of the handler, or under a key of its own and with an end.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = (
        "{name} is kept between invocations and grows with {value}: the next caller's invocation holds it too"
    )
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at what is added to lists and sets of the file, and whether they are ever emptied."""
        for scope in handler.functions:
            for call in scope.all(Call):
                callee = call.callee
                if not isinstance(callee, Attribute) or callee.name not in _GROWS or not call.arguments:
                    continue
                name = _of_file(handler, scope, callee.value)
                if not name:
                    continue
                value = next((item for item in call.arguments if handler.tainted(item)), None)
                if value is None:
                    continue
                emptied = _emptied(handler, name)
                if emptied is not None:
                    yield handler.guard(emptied, f"{name} is emptied")
                else:
                    yield handler.finding(call, name=name, value=shown(handler, value))

    bad = (
        python(
            """
            seen = []

            def handler(event, context):
                seen.append(event["user"])
                return {"users": seen[-10:]}
            """
        ),
        typescript(
            """
            const seen: string[] = [];

            export const handler = async (event: { user: string }) => {
              seen.push(event.user);
              return { users: seen.slice(-10) };
            };
            """
        ),
    )
    good = (
        python(
            """
            def handler(event, context):
                seen = []
                seen.append(event["user"])
                return {"users": seen[-10:]}
            """
        ),
        python(
            """
            seen = []

            def handler(event, context):
                seen.clear()
                seen.append(event["user"])
                return {"users": seen[-10:]}
            """
        ),
        typescript(
            """
            const users = new Map<string, object>();

            export const handler = async (event: { user: string }) => {
              users.set(event.user, event);
              return users.get(event.user);
            };
            """
        ),
    )


def _of_file(handler: Handler, scope: Scope, node: Node) -> str:
    """The name of a list or set at the top of a file; "" for anything else."""
    if not isinstance(node, Name):
        return ""
    home, values = handler.program.bindings(scope, node.id)
    if home.node is not None or not values:
        return ""
    for value in values:
        if isinstance(value, (Sequence, Record)):
            return node.id
        if isinstance(value, Call) and handler.name(value.callee) in _CONTAINERS:
            return node.id
    return ""


def _emptied(handler: Handler, name: str) -> Node | None:
    """Where an invocation empties a list of the file, or gives its name a new one."""
    for scope in handler.functions:
        for call in scope.all(Call):
            callee = call.callee
            if is_method(call, *_EMPTIES) and isinstance(callee, Attribute) and _is_name(callee.value, name):
                return call
        for item in scope.all(Assign):
            for target in item.targets:
                base = target.value if isinstance(target, (Attribute, Index)) else target
                if _is_name(base, name):
                    return item
    return None


def _is_name(node: Node, name: str) -> bool:
    return isinstance(node, Name) and node.id == name


class FirstCallerRemembered(Rule):
    """A variable of the file that keeps the first caller's value answers everybody with it.

    `user = user or event["user"]` is set once for each execution environment: all later invocations, of other users, find it set. Cache what is the same for everybody, and
    nothing of a request.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "{name} keeps {value} of the first event, and every later caller is answered with it"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at variables of the file that are given the event's value only while they have none."""
        for scope in handler.functions:
            for item in scope.all(Assign):
                for target in item.targets:
                    if not isinstance(target, Name) or item.declares:
                        continue
                    home, values = handler.program.bindings(scope, target.id)
                    if (
                        home.node is None
                        and values
                        and _only_once(handler, item, target.id)
                        and handler.tainted(item.value)
                    ):
                        value = _chosen_value(item)
                        if isinstance(value, (Name, Attribute, Index)) and not isinstance(value, Call):
                            yield handler.finding(
                                item, part=target.id, name=target.id, value=shown(handler, value)
                            )

    bad = (
        python(
            """
            tenant = None

            def handler(event, context):
                global tenant
                if tenant is None:
                    tenant = event["tenant"]
                return {"tenant": tenant}
            """
        ),
        typescript(
            """
            let tenant: string | undefined;

            export const handler = async (event: { tenant: string }) => {
              tenant = tenant || event.tenant;
              return { tenant };
            };
            """
        ),
    )
    good = (
        python(
            """
            tenant = None

            def handler(event, context):
                global tenant
                tenant = event["tenant"]
                return {"tenant": tenant}
            """
        ),
        typescript(
            """
            export const handler = async (event: { tenant: string }) => {
              let tenant: string | undefined;
              tenant = tenant || event.tenant;
              return { tenant };
            };
            """
        ),
    )


def _chosen_value(item: Assign) -> Node:
    value = item.value
    return value.operands[-1] if isinstance(value, Operation) and value.operator in ("or", "??") else value


def _only_once(handler: Handler, item: Assign, name: str) -> bool:
    """Whether a variable is set only while it has no value."""
    value = item.value
    if isinstance(value, Operation) and value.operator in ("or", "??"):
        first = value.operands[0]
        return isinstance(first, Name) and first.id == name
    if item.operator in ("or", "??", "||", "??=", "||="):
        return True
    for outer in handler.around(item):
        if isinstance(outer, If) and any(inner is item for inner in walk(*outer.then)):
            return _asks_for_none(outer.test, name)
    return False


def _asks_for_none(test: Node, name: str) -> bool:
    """`not x`, `x is None`, `x === undefined`."""
    if not isinstance(test, Operation) or test.operator not in ("not", "is", "==", "==="):
        return False
    if not any(isinstance(operand, Name) and operand.id == name for operand in test.operands):
        return False
    others = [operand for operand in test.operands if not isinstance(operand, Name)]
    return all(isinstance(other, Literal) and not other.value for other in others)


_WRITES = {
    "open": 0,
    "fs.writeFileSync": 0,
    "fs.writeFile": 0,
    "fs.promises.writeFile": 0,
    "fs/promises.writeFile": 0,
    "fs.createWriteStream": 0,
    "tempfile.mkstemp": -1,
    "tempfile.mkdtemp": -1,
    "fs.mkdtempSync": -1,
    "fs.promises.mkdtemp": -1,
    "fs/promises.mkdtemp": -1,
}
"""What makes files, and the argument that is their path (-1: the name is always new)."""
_DELETES = frozenset(
    {
        "remove",
        "unlink",
        "unlinkSync",
        "rmtree",
        "rm",
        "rmSync",
        "rmdir",
        "rmdirSync",
        "emptyDir",
        "emptyDirSync",
        "cleanup",
    }
)
_FOLDER = "/tmp"  # noqa: S108  what the rule looks for
_TEMPORARY = ("tempfile.TemporaryDirectory", "tempfile.NamedTemporaryFile", "tempfile.TemporaryFile")


class TmpFilesPileUp(Rule):
    """Files with a new name for every event fill `/tmp`, which the execution environment keeps.

    `/tmp` holds 512 MB unless more is stated, and lives as long as its environment, for hours under load. What nobody deletes stays until writing fails, and other users' data lie there
    meanwhile. Delete it, or use a temporary directory that deletes itself.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = (
        "each event leaves a file of its own in /tmp ({path}), and nothing deletes it: {size} MB fill up"
    )
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    )
    equivalents = ("B108",)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look for files in /tmp with names that the event or chance chooses, and for what deletes files."""
        for node, path in _files(handler):
            deleted = _deleted(handler)
            if deleted is not None:
                yield handler.guard(deleted, "files are deleted")
                return
            size = show(handler.function["EphemeralStorage.Size"])
            yield handler.finding(node, path=path, size=size if size.isdigit() else "512")

    bad = (
        python(
            """
            import boto3

            s3 = boto3.client("s3")

            def handler(event, context):
                key = event["Records"][0]["s3"]["object"]["key"]
                s3.download_file("uploads", key, f"/tmp/{key}")
                with open(f"/tmp/{key}") as file:
                    return len(file.read())
            """
        ),
        typescript(
            """
            import { writeFileSync } from "node:fs";

            export const handler = async (event: { id: string; body: string }) => {
              writeFileSync(`/tmp/${event.id}.json`, event.body);
            };
            """
        ),
    )
    good = (
        python(
            """
            import os

            import boto3

            s3 = boto3.client("s3")

            def handler(event, context):
                key = event["Records"][0]["s3"]["object"]["key"]
                s3.download_file("uploads", key, f"/tmp/{key}")
                with open(f"/tmp/{key}") as file:
                    size = len(file.read())
                os.remove(f"/tmp/{key}")
                return size
            """
        ),
        typescript(
            """
            import { writeFileSync } from "node:fs";

            export const handler = async (event: { id: string; body: string }) => {
              writeFileSync("/tmp/last.json", event.body);
            };
            """
        ),
    )


def _files(handler: Handler) -> Iterator[tuple[Node, str]]:
    for site in handler.calls(*_WRITES):
        position = _WRITES[site.name]
        if position < 0:
            yield site.node, site.name
        elif len(site.node.arguments) > position:
            mode = site.node.arguments[1] if len(site.node.arguments) > 1 else site.node.keyword("mode")
            if site.name == "open" and (mode is None or text_of(handler, mode)[:1] not in ("w", "a", "x")):
                continue
            path = site.node.arguments[position]
            if _is_new_in_tmp(handler, path):
                yield site.node, _path(handler, path)
    for call in handler.sdk_calls("s3:GetObject"):
        word = callee_word(call.node)
        if (
            word == "download_file"
            and call.node.arguments
            and _is_new_in_tmp(handler, call.node.arguments[-1])
        ):
            yield call.node, _path(handler, call.node.arguments[-1])


def _path(handler: Handler, node: Node) -> str:
    """A path with a dot for each part that differs."""
    return re.sub(r"\$?\{[^}]*\}", "…", shown(handler, node)).lstrip("f").strip("\"'`")


def _is_new_in_tmp(handler: Handler, path: Node) -> bool:
    """Whether a path lies in /tmp and has parts that differ from event to event."""
    value = handler.value(path)
    starts = value.prefix.startswith(_FOLDER) if isinstance(value, Partial) else False
    if not starts:
        starts = any(
            isinstance(part, Literal) and str(part.value).startswith(_FOLDER)
            for part in behind(handler, path)
        )
    if not starts or isinstance(value, str):
        return False
    return handler.tainted(path) or any(
        isinstance(part, Call)
        and handler.name(part.callee).rpartition(".")[2] in ("uuid4", "uuid1", "randomUUID", "time", "now")
        for part in behind(handler, path)
    )


def _deleted(handler: Handler) -> Node | None:
    for site in handler.calls():
        if callee_word(site.node) in _DELETES or site.name in _TEMPORARY:
            return site.node
        given = [part for item in site.node.arguments for part in getattr(item, "items", (item,))]
        if any(isinstance(part, Literal) and str(part.value).split()[:1] == ["rm"] for part in given):
            return site.node
    return None


RULES = (ListOutlivesInvocation(), FirstCallerRemembered(), TmpFilesPileUp())
