"""Source code: clients of AWS and connections to databases, and how often they are made."""

from __future__ import annotations

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
    Record,
    Return,
    dotted,
)
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix, Rewrite
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.unit import Scope

CONNECTIONS = {
    "psycopg2.connect": "PostgreSQL",
    "psycopg.connect": "PostgreSQL",
    "pymysql.connect": "MySQL",
    "mysql.connector.connect": "MySQL",
    "pymongo.MongoClient": "MongoDB",
    "redis.Redis": "Redis",
    "redis.StrictRedis": "Redis",
    "redis.from_url": "Redis",
    "mysql.createConnection": "MySQL",
    "mysql.createPool": "MySQL",
    "mysql2.createConnection": "MySQL",
    "mysql2/promise.createConnection": "MySQL",
    "mysql2/promise.createPool": "MySQL",
    "pg.Client": "PostgreSQL",
    "pg.Pool": "PostgreSQL",
    "@prisma/client.PrismaClient": "Prisma",
    "mongodb.MongoClient": "MongoDB",
    "mongoose.connect": "MongoDB",
    "redis.createClient": "Redis",
    "ioredis": "Redis",
}
"""What opens a connection to a database."""

_CREDENTIALS = frozenset(
    {"aws_access_key_id", "aws_session_token", "profile_name", "credentials", "endpoint_url", "endpoint"}
)
_MEMOS = ("lru_cache", "cache", "cached", "memoize", "cached_property")


class ClientPerInvocation(Rule):
    """A client that is made in the handler opens a new connection for every event.

    Making a client of AWS loads its service model, resolves credentials and, at the first call, negotiates TLS: tens to hundreds
    of milliseconds that every invocation pays. A connection to a database costs more, and under load the database runs out of
    connections. What is made at the top of the file, or kept there, is made once for all events that an execution environment handles.
    """

    on = Code()
    pillar, severity = Pillar.PERFORMANCE, Severity.MEDIUM
    message = "{what} {verb} made anew for every event: make it once, outside of the handler"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",)
    fix_safety = SAFE

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at what the functions that an invocation runs make, unless it is kept or made for one caller; one finding for each function."""
        if handler.is_custom_resource:
            return
        found: dict[int, tuple[Call, list[str]]] = {}
        for node, scope, what in self._made(handler):
            if not _is_kept(handler, node, scope) and not _is_for_one(handler, node):
                made = found.setdefault(id(scope), (node, []))[1]
                if what not in made:
                    made.append(what)
        for node, made in found.values():
            yield handler.finding(node, what=" and ".join(made), verb="is" if len(made) == 1 else "are")

    def fix(self, finding: Finding) -> Fix | None:
        """Make the clients at the top of the file."""
        return None if finding.code is None else self.offer(Rewrite(finding.resource, finding.code, "hoist"))

    def _made(self, handler: Handler) -> Iterator[tuple[Call, Scope, str]]:
        for client in handler.clients():
            if client.service != "apigatewaymanagementapi":
                yield client.node, client.scope, f"a client of {client.service or 'AWS'}"
        for site in handler.calls(*CONNECTIONS):
            yield site.node, site.scope, f"a connection to {CONNECTIONS[site.name]}"

    bad = (
        python(
            """
            import boto3

            def handler(event, context):
                table = boto3.resource("dynamodb").Table("orders")
                return table.get_item(Key={"id": event["id"]})
            """
        ),
        typescript(
            """
            import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

            export const handler = async (event: { id: string }) => {
              const client = new DynamoDBClient({});
              return client.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: event.id } } }));
            };
            """
        ),
    )
    good = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                return table.get_item(Key={"id": event["id"]})
            """
        ),
        python(
            """
            import boto3

            queue = None

            def client():
                global queue
                if queue is None:
                    queue = boto3.client("sqs")
                return queue

            def handler(event, context):
                return client().receive_message(QueueUrl=event["queue"])
            """
        ),
        python(
            """
            import boto3

            def handler(event, context):
                keys = assumed(event["tenant"])
                return boto3.client("s3", aws_access_key_id=keys["id"], aws_secret_access_key=keys["secret"]).list_buckets()

            def assumed(tenant):
                return {"id": tenant, "secret": tenant}
            """
        ),
        typescript(
            """
            import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

            let client: DynamoDBClient | undefined;

            export const handler = async (event: { id: string }) => {
              client ??= new DynamoDBClient({});
              return client.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: event.id } } }));
            };
            """
        ),
    )


def _is_kept(handler: Handler, node: Node, scope: Scope, steps: int = 3) -> bool:
    """Whether what is made outlives the invocation: assigned to a variable of the file or kept under a key, or made by a memoised function."""
    for outer in handler.around(node):
        if isinstance(outer, Assign) and any(_outlives(handler, scope, target) for target in outer.targets):
            return True
    function = scope.node
    if function is None:
        return True
    if any(
        handler.name(item).endswith(_MEMOS) or handler.name(item).removesuffix("()").endswith(_MEMOS)
        for item in function.decorators
    ):
        return True
    if _is_memo(scope):
        return True
    if scope is handler.entry or not steps:
        return False
    callers = [site for site in handler.calls() if handler.called(site.node) is scope]
    return bool(callers) and all(_is_kept(handler, site.node, site.scope, steps - 1) for site in callers)


def _is_memo(scope: Scope) -> bool:
    """Whether a function returns early what it kept before (`if self.url: return self.url`), so that the rest runs once."""
    kept = {
        dotted(target)
        for item in scope.all(Assign)
        for target in item.targets
        if not isinstance(target, Name)
    }
    kept |= scope.globals
    return any(
        isinstance(part, Return) and part.value is not None and dotted(part.value) in kept
        for condition in scope.all(If)
        for part in condition.then
    )


def _outlives(handler: Handler, scope: Scope, target: Node) -> bool:
    base = target
    while isinstance(base, (Index, Attribute)):
        base = base.value
    if not isinstance(base, Name):
        return False
    home, values = handler.program.bindings(scope, base.id)
    return bool(values) and home.node is None


def _is_for_one(handler: Handler, node: Call) -> bool:
    """Whether a client is made for one caller: with credentials of its own, or with settings that the event chooses."""
    given: list[tuple[str | None, Node]] = list(node.keywords)
    for argument in node.arguments:
        found = handler.definition(argument)
        if isinstance(found, Record):
            given.extend(
                (str(key.value) if isinstance(key, Literal) else None, value) for key, value in found.items
            )
        else:
            given.append(("", argument))
    callee = node.callee
    if isinstance(callee, Attribute):
        session = handler.definition(callee.value)
        if isinstance(session, Call):
            given.extend(session.keywords)
    return any(name is None or name in _CREDENTIALS or handler.tainted(value) for name, value in given)


RULES = (ClientPerInvocation(),)
