"""Source code: what the sender of an event may choose, where it must not: SQL, commands, code, names of sessions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.core.code import (
    Assign,
    Attribute,
    Call,
    Literal,
    Name,
    Node,
    Operation,
    Sequence,
    Template,
)
from stackworthy.core.finding import Finding, Guard, Pillar, Severity
from stackworthy.core.fix import Fix, Rewrite, Unsafe
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.sources.code.handler import Handler

SQL_METHODS = frozenset(
    [
        "execute",
        "executemany",
        "executescript",
        "query",
        "raw",
        "$queryRawUnsafe",
        "$executeRawUnsafe",
        "read_sql",
        "read_sql_query",
        "fetch",
        "fetchrow",
        "fetchall",
        "fetchval",
        "unsafe",
    ]
)
SQL_PARAMETERS = {
    "rds-data:ExecuteStatement": "sql",
    "rds-data:BatchExecuteStatement": "sql",
    "redshift-data:ExecuteStatement": "Sql",
    "athena:StartQueryExecution": "QueryString",
    "timestream-query:Query": "QueryString",
    "dynamodb:ExecuteStatement": "Statement",
}
_SQL = re.compile(
    r"\b(?:select\b.*\bfrom|insert\s+into|update\b.*\bset|delete\s+from|drop\s+table|alter\s+table|create\s+table|merge\s+into|where\b)",
    re.IGNORECASE | re.DOTALL,
)


class SqlFromEvent(Rule):
    """SQL that is put together with what the event says lets its sender write the query.

    A quote in the value ends the text that it stands in, and what follows is SQL: other people's rows are read, changed or
    deleted with the function's own permissions. Parameters are sent apart from the query and never read as SQL.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "{call} runs SQL in which the sender of the event chooses {value}: pass it as a parameter"
    references = (
        "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_appsec_perform_security_testing.html",
        "https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html",
    )
    fix_safety = Unsafe("a value is sent with its own type; a column of another type may no longer take it")

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at what is run as SQL and has tainted parts between its words."""
        for call, name, query in _queries(handler):
            parts = [part for part in _pieces(handler, query) if handler.tainted(part)]
            if not parts or not _SQL.search(_words(handler, query)):
                continue
            guard = handler.guarded(parts[0])
            if guard is not None:
                yield handler.guard(guard, f"{handler.source(guard)} stands before the query")
            else:
                yield handler.finding(call, call=name, value=handler.source(parts[0]))

    def fix(self, finding: Finding) -> Fix | None:
        """Send the values apart from the query."""
        return None if finding.code is None else self.offer(Rewrite(finding.resource, finding.code, "bind"))

    bad = (
        python(
            """
            import psycopg2

            connection = psycopg2.connect("dbname=shop")

            def handler(event, context):
                name = event["queryStringParameters"]["name"]
                cursor = connection.cursor()
                cursor.execute(f"SELECT * FROM users WHERE name = '{name}'")
                return cursor.fetchall()
            """
        ),
        typescript(
            """
            import { Client } from "pg";

            const client = new Client();

            export const handler = async (event: any) => {
              const rows = await client.query("SELECT * FROM users WHERE name = '" + event.pathParameters.name + "'");
              return rows;
            };
            """
        ),
    )
    good = (
        python(
            """
            import psycopg2

            TABLE = "users"
            connection = psycopg2.connect("dbname=shop")

            def handler(event, context):
                cursor = connection.cursor()
                cursor.execute(f"SELECT * FROM {TABLE} WHERE name = %s", (event["queryStringParameters"]["name"],))
                return cursor.fetchall()
            """
        ),
        typescript(
            """
            import { Client } from "pg";

            const client = new Client();

            export const handler = async (event: any) => {
              return client.query("SELECT * FROM users WHERE name = $1", [event.pathParameters.name]);
            };
            """
        ),
    )


def _queries(handler: Handler) -> Iterator[tuple[Call, str, Node]]:
    for scope in handler.functions:
        for call in scope.all(Call):
            callee = call.callee
            if isinstance(callee, Attribute) and callee.name in SQL_METHODS and call.arguments:
                yield call, handler.source(callee), call.arguments[0]
    for action in handler.sdk_calls(*SQL_PARAMETERS):
        query = action.parameters.get(SQL_PARAMETERS[f"{action.service}:{action.operation}"])
        if query is not None:
            yield action.node, action.action, query


def _pieces(handler: Handler, node: Node, steps: int = 6) -> Iterator[Node]:
    """The expressions that are put between the words of a text, through the variables that hold it."""
    if not steps:
        return
    if isinstance(node, Template):
        for piece in node.pieces:
            if not isinstance(piece, Literal):
                yield piece
    elif isinstance(node, Operation) and node.operator in ("+", "%"):
        for operand in node.operands:
            if isinstance(operand, (Template, Operation)):
                yield from _pieces(handler, operand, steps - 1)
            elif not isinstance(operand, Literal):
                yield operand
    elif (
        isinstance(node, Call)
        and isinstance(node.callee, Attribute)
        and node.callee.name in ("format", "concat")
    ):
        yield from node.arguments
        yield from (value for _, value in node.keywords)
    elif isinstance(node, Call) and node.arguments and handler.name(node.callee).endswith("text"):
        yield from _pieces(handler, node.arguments[0], steps - 1)
    elif isinstance(node, Name):
        for value in handler.program.bindings(handler.scope(node), node.id)[1]:
            yield from _pieces(handler, value.value if isinstance(value, Assign) else value, steps - 1)


def _words(handler: Handler, node: Node, steps: int = 6) -> str:
    """The constant words of a text that is put together."""
    if not steps:
        return ""
    if isinstance(node, Literal):
        return str(node.value)
    if isinstance(node, Assign):
        return _words(handler, node.value, steps - 1)
    if isinstance(node, (Template, Operation)):
        return " ? ".join(_words(handler, part, steps - 1) for part in node.parts())
    if (
        isinstance(node, Call)
        and isinstance(node.callee, Attribute)
        and node.callee.name in ("format", "concat")
    ):
        return _words(handler, node.callee.value, steps - 1)
    if isinstance(node, Call) and node.arguments:
        return _words(handler, node.arguments[0], steps - 1)
    if isinstance(node, Name):
        values = handler.program.bindings(handler.scope(node), node.id)[1]
        return " ".join(_words(handler, value, steps - 1) for value in values)
    return ""


SHELLS = (
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "child_process.exec",
    "child_process.execSync",
)
PROCESSES = (
    *(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")),
    *(f"child_process.{name}" for name in ("spawn", "spawnSync", "execFile", "execFileSync", "fork")),
)
INTERPRETERS = (
    "eval",
    "exec",
    "compile",
    "builtins.eval",
    "builtins.exec",
    "__import__",
    "importlib.import_module",
    "Function",
    "require",
    "vm.runInNewContext",
    "vm.runInThisContext",
    "vm.runInContext",
    "vm.Script",
)


class CommandFromEvent(Rule):
    """A command or code that the sender of the event chooses runs with all that the function may do.

    Whoever sends the event runs programs in the execution environment, reads the credentials of the role from its environment variables and uses them from
    anywhere. A fixed program with a list of arguments, and a table of what may be called, leave nothing to choose.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "{call} runs what the sender of the event chooses: {value}"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-security.html",
        "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_appsec_perform_security_testing.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at what is run by a shell, as a program, or as code."""
        for site in handler.calls(*SHELLS, *PROCESSES, *INTERPRETERS):
            if not site.node.arguments:
                continue
            chosen = _chosen(handler, site.node, site.name)
            if chosen is None:
                continue
            guard = handler.guarded(chosen)
            if guard is not None:
                yield handler.guard(guard, f"{handler.source(guard)} stands before {site.name}")
            else:
                parts = [part for part in _pieces(handler, chosen) if handler.tainted(part)]
                yield handler.finding(
                    site.node, call=site.name, value=handler.source(parts[0] if parts else chosen)
                )

    bad = (
        python(
            """
            import subprocess

            def handler(event, context):
                return subprocess.run(f"convert /tmp/in.png -resize {event['size']} /tmp/out.png", shell=True)
            """
        ),
        typescript(
            """
            import { execSync } from "child_process";

            export const handler = async (event: any) => {
              return execSync(`convert /tmp/in.png -resize ${event.size} /tmp/out.png`);
            };
            """
        ),
    )
    good = (
        python(
            """
            import subprocess

            def handler(event, context):
                return subprocess.run(["convert", "/tmp/in.png", "-resize", event["size"], "/tmp/out.png"])
            """
        ),
        python(
            """
            import re
            import subprocess

            def handler(event, context):
                size = event["size"]
                if not re.fullmatch("[0-9]+x[0-9]+", size):
                    raise ValueError("size")
                return subprocess.run(f"convert /tmp/in.png -resize {size} /tmp/out.png", shell=True)
            """
        ),
        typescript(
            """
            import { execFileSync } from "child_process";

            export const handler = async (event: any) => {
              return execFileSync("convert", ["/tmp/in.png", "-resize", event.size, "/tmp/out.png"]);
            };
            """
        ),
    )


def _chosen(handler: Handler, call: Call, name: str) -> Node | None:
    """The part of a command, program or text of code that comes from the event; None when all is fixed."""
    first = call.arguments[0]
    if name in ("Function", "vm.runInContext"):
        return next((part for part in call.arguments if handler.tainted(part)), None)
    if name in PROCESSES:
        command = handler.definition(first)
        shell = call.keyword("shell")
        through_shell = isinstance(shell, Literal) and shell.value is True
        if isinstance(command, Sequence) and not through_shell:
            first = command.items[0] if command.items else command
        elif len(call.arguments) > 1 and name.startswith("child_process."):
            return first if handler.tainted(first) else None
    return first if handler.tainted(first) else None


class SessionNameFromEvent(Rule):
    """The name of a role session that the sender of the event chooses is what CloudTrail will say somebody else did.

    Session names, external ids and session policies go from the event into STS as they are: an attacker acts under the name of another user, widens
    a policy by a quote, or stops the service with a character that STS refuses (it takes letters, digits and `=,.@_-+`, 2 to 64 of them). Derive
    them from verified claims, and clean them first.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the sender of the event chooses {parameter} of the assumed role, and nothing cleans it"
    references = ("https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at the parameters of AssumeRole that come from the event."""
        for call in handler.sdk_calls(
            "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"
        ):
            for parameter in ("RoleSessionName", "ExternalId", "Policy"):
                value = call.parameters.get(parameter)
                if value is None:
                    continue
                guard = handler.guarded(value)
                if guard is not None:
                    yield handler.guard(guard, f"{handler.source(guard)} cleans {parameter}")
                elif handler.tainted(value):
                    yield handler.finding(value, part=parameter, parameter=parameter)

    bad = (
        python(
            """
            import boto3

            sts = boto3.client("sts")

            def handler(event, context):
                user = event["headers"]["x-user"]
                return sts.assume_role(RoleArn="arn:aws:iam::111122223333:role/tenant", RoleSessionName=user)
            """
        ),
        typescript(
            """
            import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";

            const sts = new STSClient({});

            export const handler = async (event: any) => {
              const user = event.headers["x-user"];
              return sts.send(new AssumeRoleCommand({ RoleArn: process.env.ROLE, RoleSessionName: `user-${user}` }));
            };
            """
        ),
    )
    good = (
        python(
            """
            import re

            import boto3

            sts = boto3.client("sts")

            def handler(event, context):
                return session(event["headers"]["x-user"])

            def session(user):
                name = re.sub(r"[^A-Za-z0-9=,.@_-]", "", user)[:64]
                return sts.assume_role(RoleArn="arn:aws:iam::111122223333:role/tenant", RoleSessionName=name)
            """
        ),
        typescript(
            """
            import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";

            const sts = new STSClient({});

            export const handler = async (event: any) => {
              const user = event.headers["x-user"].replace(/[^\\w=,.@-]/g, "").slice(0, 64);
              return sts.send(new AssumeRoleCommand({ RoleArn: process.env.ROLE, RoleSessionName: user }));
            };
            """
        ),
    )


RULES = (SqlFromEvent(), CommandFromEvent(), SessionNameFromEvent())
