"""Source code: secrets that stand in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.core.code import (
    Assign,
    Attribute,
    Call,
    Literal,
    Name,
    Operation,
    Record,
)
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.rules._secrets import literal_secret
from stackworthy.sources.code.handler import Handler


class SecretInCode(Rule):
    """A secret written into code is known to everybody who can read the repository, its history or the package.

    It stands in every clone and every build, it cannot be rotated without a deployment, and nobody can tell who has read it. Secrets Manager and
    Parameter Store keep it, and the function reads it when it starts.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    confidence = Confidence.MEDIUM
    message = "{where} holds {what} as plain text: rotate it, and read it from Secrets Manager"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html",
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/hardcoded.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at texts that are given to a name, and at all others by their form."""
        named: dict[int, str] = {}
        for scope in handler.program.scopes:
            for name, literal in _named(handler, scope.all(Assign), scope.all(Call), scope.all(Record)):
                named.setdefault(id(literal), name)
            for literal in scope.all(Literal):
                if isinstance(literal.value, str) and len(literal.value) > 5:
                    name = named.get(id(literal), "")
                    name = "" if name.lower() in _NO_SECRETS else name
                    what = literal_secret(name, literal.value)
                    if what:
                        yield handler.finding(literal, part=name or "text", where=name or "a text", what=what)

    bad = (
        python(
            """
            import os

            import psycopg2

            connection = psycopg2.connect(host="db.internal", user="shop", password="hunter2-for-real")
            token = os.environ.get("TOKEN", "unset")

            def handler(event, context):
                return connection.status
            """
        ),
        typescript(
            """
            import { createConnection } from "mysql2/promise";

            const connection = createConnection({ host: "db.internal", user: "shop", password: "hunter2-for-real" });

            export const handler = async () => (await connection).threadId;
            """
        ),
    )
    good = (
        python(
            """
            import os

            import psycopg2

            connection = psycopg2.connect(host="db.internal", user="shop", password=os.environ["PASSWORD"])

            def handler(event, context):
                return {"password": "changeme", "type": connection.status}
            """
        ),
        typescript(
            """
            import { createConnection } from "mysql2/promise";

            const connection = createConnection({ host: "db.internal", user: "shop", password: process.env.PASSWORD });

            export const handler = async () => (await connection).threadId;
            """
        ),
    )


_NO_SECRETS = frozenset(
    {
        "clienttoken",
        "clientrequesttoken",
        "nexttoken",
        "csrftoken",
        "idempotencytoken",
        "client_token",
        "next_token",
    }
)
"""Names of tokens that make a request the same when it is sent twice, or that name a page."""


def _named(
    handler: Handler, assigns: list[Assign], calls: list[Call], records: list[Record]
) -> Iterator[tuple[str, Literal]]:
    """Texts with the variable, argument or key that they are given to; defaults of environment variables with the variable's name."""
    for item in assigns:
        for target in item.targets:
            name = (
                target.id
                if isinstance(target, Name)
                else target.name
                if isinstance(target, Attribute)
                else ""
            )
            values = (
                item.value.operands[1:]
                if isinstance(item.value, Operation) and item.value.operator in ("or", "??")
                else (item.value,)
            )
            yield from ((name, value) for value in values if isinstance(value, Literal))
    for call in calls:
        yield from ((name or "", value) for name, value in call.keywords if isinstance(value, Literal))
        if len(call.arguments) > 1 and isinstance(call.arguments[1], Literal):
            variable = handler.variable(call)
            if variable:
                yield variable, call.arguments[1]
    for record in records:
        for key, value in record.items:
            if isinstance(key, Literal) and isinstance(value, Literal):
                yield str(key.value), value


RULES = (SecretInCode(),)
