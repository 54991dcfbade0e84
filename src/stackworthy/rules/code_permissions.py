"""Source code against the template: permissions that calls lack or nobody uses, environment variables that nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.aws.arns import resolve
from stackworthy.aws.iam import resource_policies, statements
from stackworthy.aws.names import FUNCTION, ROLE
from stackworthy.aws.roles import roles
from stackworthy.aws.statements import Statement
from stackworthy.core.code import Assign, Attribute, Call, Index, Node, Record
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Code, Rule, python, typescript
from stackworthy.core.value import Map, Reference, Value, is_stated, joined, show
from stackworthy.rules._code import loads_only_known, text_of
from stackworthy.rules._reading import as_list, settled
from stackworthy.sources.code.handler import Handler, code_of
from stackworthy.sources.code.permissions import Use, compare
from stackworthy.sources.code.sdk import SdkCall
from stackworthy.sources.code.unit import Unit
from stackworthy.sources.code.uses import effects_of

_LEAST = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
_ROLE = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"


def _role(statement: str) -> str:
    return f"""
        Orders:
          Type: AWS::DynamoDB::Table
          Properties:
            AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
            KeySchema: [{{AttributeName: id, KeyType: HASH}}]
        Role:
          Type: AWS::IAM::Role
          Properties:
            AssumeRolePolicyDocument: {{}}
            Policies:
              - PolicyName: table
                PolicyDocument:
                  Statement:
                    - {statement}
    """


_PROPERTIES = "Role: !GetAtt Role.Arn, Environment: {Variables: {TABLE: !Ref Orders}}"
_READ = python(
    """
    import os

    import boto3

    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

    def handler(event, context):
        return table.get_item(Key={"id": event["id"]}).get("Item")
    """,
    stack=_role("{Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Orders.Arn}"),
    properties=_PROPERTIES,
)
_READ_TS = typescript(
    """
    import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

    const client = new DynamoDBClient({});

    export const handler = async (event: { id: string }) =>
      client.send(new GetItemCommand({ TableName: process.env.TABLE, Key: { id: { S: event.id } } }));
    """,
    stack=_READ.stack,
    properties=_PROPERTIES,
)


class PermissionMissing(Rule):
    """A call that the function's role does not allow fails, every time.

    The code calls AWS, and no statement of the role allows the action on that resource: `AccessDeniedException`, when this path of the code first runs. An index is a resource of its own:
    `table/orders` does not allow a Query on `table/orders/index/by-day`.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    confidence = Confidence.MEDIUM
    message = (
        "the code calls {action}{where}, which the role of {function} does not allow: the call is refused"
    )
    references = (
        _ROLE,
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Compare the calls of the code with the statements of the role."""
        if handler.is_custom_resource or _is_completed(handler):
            return
        seen: set[tuple[str, str]] = set()
        for use in compare(handler).missing:
            where = use.resources[0].name if len(use.resources) == 1 else ""
            if (
                (use.action, where) in seen
                or use.action in _WITHOUT_STATEMENT
                or _is_allowed_there(use, handler.function)
            ):
                continue
            seen.add((use.action, where))
            yield _refused(handler, use.call, use.action, f" on {where}" if where else "")
        for call in handler.sdk_calls("dynamodb:Query", "dynamodb:Scan", init=True):
            index = text_of(handler, call.parameters["IndexName"]) if "IndexName" in call.parameters else ""
            tables = [found for _, found in effects_of(handler, call)]
            if index and len(tables) == 1 and _lacks_index(handler, call.action, tables[0], index):
                yield _refused(handler, call, call.action, f" on {tables[0].name}/index/{index}")

    bad = (
        python(
            _READ.code.replace("get_item", "delete_item").replace('.get("Item")', ""),
            stack=_READ.stack,
            properties=_PROPERTIES,
        ),
        typescript(_READ_TS.code.replace("GetItem", "DeleteItem"), stack=_READ.stack, properties=_PROPERTIES),
    )
    good = (_READ, _READ_TS)


def _is_completed(handler: Handler) -> bool:
    """Whether a plugin of the Serverless Framework makes what the function uses, and allows it (`${construct:jobs.queueUrl}`)."""
    variables = handler.function["Environment.Variables"]
    return isinstance(variables, Map) and any("construct:" in show(value) for value in dict.values(variables))


_WITHOUT_STATEMENT = frozenset(
    {"s3:AbortMultipartUpload", "s3:ListParts", "s3:ListMultipartUploadParts", "sts:AssumeRole"}
)
"""Whoever began an upload may look at it and end it; a role that trusts the caller's role by its name needs nothing else."""


def _refused(handler: Handler, call: SdkCall, action: str, where: str) -> Finding:
    part = f"{call.operation}{where.rpartition(' ')[2] and ' ' + where.rpartition(' ')[2]}"
    return handler.finding(call.node, part=part, action=action, where=where, function=handler.function.name)


def _is_allowed_there(use: Use, function: Resource) -> bool:
    """Whether the policy of the resource itself allows the action to the function's role, or to everybody; raises `NotKnown`."""
    return any(
        statement.allows and statement.matches_action(use.action) and _is_for(statement, function)
        for target in use.resources
        for statement in resource_policies(target)
    )


def _is_for(statement: Statement, function: Resource) -> bool:
    """Whether a statement may be about the function's role: not one that names services or other roles only."""
    own = roles(function)
    for principal in list.__iter__(statement.principals):
        named = resolve(function.graph, principal.value, ROLE)
        if principal.type != "Service" and (not isinstance(named, Resource) or named in own):
            return True
    return False


def _lacks_index(handler: Handler, action: str, table: Resource, index: str) -> bool:
    """Whether the action is allowed on the table, but not on its index; raises `NotKnown`."""
    wanted = joined((Reference(table.address, "Arn"), f"/index/{index}"))
    allowing = [
        found for found in statements(handler.function) if found.allows and found.matches_action(action)
    ]
    on_table = any(found.matches_resource(table) for found in allowing)
    return on_table and not any(found.matches_resource(wanted) for found in allowing)


class PermissionUnused(Rule):
    """A permission that no call of the code needs is there for whoever takes the function over.

    What the role allows beyond what the code does serves nobody but an attacker, or a mistake. All code of the function was read, its clients were followed to their calls, and none needs
    these actions.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "the code of {function} never calls {actions}, which its role allows"
    references = (_LEAST, _ROLE)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Compare the actions that statements name with the calls of the code; one finding for each statement."""
        if _is_stand_in(handler):
            return
        found: dict[tuple[str, str], tuple[Statement, list[str]]] = {}
        for grant in compare(handler).excess:
            statement = grant.statement
            key = (statement.origin.address, statement.path)
            found.setdefault(key, (statement, []))[1].append(grant.action)
        for statement, actions in found.values():
            yield statement.origin.finding(
                statement.path,
                function=handler.function.name,
                actions=", ".join(dict.fromkeys(actions)),
            )
        for _ in statements(handler.function):  # a statement that is not known may be one
            continue

    _more = _READ.stack.replace("'dynamodb:GetItem'", "['dynamodb:GetItem', 'dynamodb:DeleteItem']")
    bad = (
        python(_READ.code, stack=_more, properties=_PROPERTIES),
        typescript(_READ_TS.code, stack=_more, properties=_PROPERTIES),
    )
    good = (_READ, _READ_TS)


_OF_LIBRARIES = re.compile(
    r"(?:AWS_|_X_|POWERTOOLS_|NODE_|PYTHON|OTEL_|DD_|LD_|LC_|PG|MYSQL_|SENTRY_|NEW_RELIC_|LUMIGO_|XRAY_|SSL_|HF_|"
    r"PARAMETERS_SECRETS_|SECRETS_|TRANSFORMERS_|GOOGLE_|AZURE_|RUST_|NUMBA_|MPL|NLTK_|PRISMA_|EPSAGON_|HTTPS?_PROXY$|"
    r"NO_PROXY$|TZ$|LANG$|PATH$|HOME$|TMPDIR$|DEBUG$|CI$|DATABASE_URL$|LAMBDA_|TF_|JAVA_|DOTNET_|TARGET_|READINESS_|PORT$)"
)
"""Variables that runtimes, layers and libraries read by themselves."""


_ENVIRONMENTS = ("os.environ", "process.env")
_WORD = re.compile(rb"\w+")


class _Read:
    """Which variables the functions of a stack read."""

    def __init__(self, graph: Graph) -> None:
        self.stated: dict[str, list[Resource]] = {}
        self.read: dict[str, set[str]] = {}
        self.open: set[str] = set()
        self._known: dict[int, frozenset[bytes]] = {}
        for function in graph.of(*FUNCTION):
            names = _names(function)
            if not names:
                continue
            found = code_of(function)
            whole = isinstance(found, Handler) and _is_closed(found)
            for name in names:
                self.stated.setdefault(name, []).append(function)
                if not whole:
                    self.open.add(name)
            if isinstance(found, Handler):
                read = self.read[function.address] = set()
                for unit in found.program.units.values():
                    read.update(name for name in names if name.encode() in self._words(unit))
            if not whole:
                self.open.add(function.address)

    def _words(self, unit: Unit) -> frozenset[bytes]:
        known = self._known.get(id(unit))
        if known is None:
            known = self._known[id(unit)] = frozenset(_WORD.findall(unit.module.text))
        return known


def _names(function: Resource) -> list[str]:
    variables = function["Environment.Variables"]
    return [str(name) for name in dict.keys(variables)] if isinstance(variables, Map) else []


def _is_closed(handler: Handler) -> bool:
    """Whether all reads of the environment are by constant names, in code that was read."""
    if handler.program.unread or handler.is_custom_resource or _is_stand_in(handler):
        return False
    layers = as_list(handler.function["Layers"])
    if not all("AWSLambdaPowertools" in show(layer) for layer in layers):  # an extension may read them
        return False
    for scope in handler.program.scopes:
        for node in scope.all(Attribute):
            is_environment = node.name in ("environ", "env") and handler.name(node) in _ENVIRONMENTS
            if is_environment and not _is_plain_read(handler, node):
                return False
    return True


def _is_stand_in(handler: Handler) -> bool:
    """Whether a few lines in the template hold the place of code that is deployed another way."""
    return handler.location.inline is not None and not any(
        unit.module.imports for unit in handler.program.units.values()
    )


def _is_plain_read(handler: Handler, node: Node) -> bool:
    """`os.environ["X"]`, `os.environ.get("X")`, `process.env.X`, `const { X } = process.env`."""
    around = list(handler.around(node))[:2]
    if not around:
        return False
    outer = around[0]
    if isinstance(outer, Index):
        return bool(handler.variable(outer))
    if isinstance(outer, Attribute):
        if handler.language != "python":
            return True
        return (
            len(around) > 1
            and isinstance(around[1], Call)
            and (bool(handler.variable(around[1])) or outer.name == "setdefault")
        )
    return isinstance(outer, Assign) and any(isinstance(target, Record) for target in outer.targets)


def _readers(graph: Graph) -> _Read:
    found = graph.memo.get("readers of variables")
    if not isinstance(found, _Read):
        found = graph.memo["readers of variables"] = _Read(graph)
    return found


def _is_ours(handler: Handler, name: str, value: Value) -> bool:
    """Whether a variable is for the function's own code: it names a resource, or nothing is loaded that may read it."""
    if _OF_LIBRARIES.match(name):
        return False
    if isinstance(value, Reference):
        return True
    return not (name == "LOG_LEVEL" and handler.mentions("Logger")) and loads_only_known(handler)


_UNREAD = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"


class VariableNobodyReads(Rule):
    """An environment variable that no code reads tells a story that is no longer true.

    Who reads the template believes that the function uses the bucket, the table, the switch; who changes it wonders why nothing happens. Often the code that read it is gone, or reads another name. All functions
    that have the variable were read.
    """

    on = Code()
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "no code reads {variable}, which is set in {count}"
    references = (_UNREAD,)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look for each variable in the code of all functions that have it; told of the first of them."""
        known = _readers(handler.graph)
        for name, value in _unread(handler, known):
            holders = known.stated[name]
            nobody = not any(name in known.read.get(holder.address, ()) for holder in holders)
            if nobody and name not in known.open and holders[0] is handler.function and is_stated(value):
                count = f"{len(holders)} functions" if len(holders) > 1 else "one function"
                yield handler.function.finding(f"Environment.Variables.{name}", variable=name, count=count)

    bad = (
        python(
            _READ.code,
            stack=_READ.stack,
            properties=_PROPERTIES.replace("TABLE:", "ARCHIVE: !Ref Orders, TABLE:"),
        ),
        typescript(
            _READ_TS.code,
            stack=_READ.stack,
            properties=_PROPERTIES.replace("TABLE:", "ARCHIVE: !Ref Orders, TABLE:"),
        ),
    )
    good = (_READ, _READ_TS)


def _unread(handler: Handler, known: _Read) -> Iterator[tuple[str, Value]]:
    """The variables of the function that its code does not read, with their values."""
    address = handler.function.address
    if address in known.open:
        return
    variables = handler.function["Environment.Variables"]
    for name in _names(handler.function):
        value = variables[name] if isinstance(variables, Map) else None
        if name not in known.read.get(address, ()) and _is_ours(handler, name, value):
            yield name, value


class VariableUnread(Rule):
    """An environment variable that this function does not read belongs to another.

    Shared variables tell every function of every table, and every change of one deploys all functions anew. What a function does not read it need not know.
    """

    on = Code()
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    confidence = Confidence.MEDIUM
    message = "{function} never reads {variables}, which other functions do"
    references = (_UNREAD,)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look for the function's variables in its own code; one finding for all that others read."""
        known = _readers(handler.graph)
        settled(handler.function["Environment.Variables"])
        names = [
            name
            for name, value in _unread(handler, known)
            if is_stated(value) and any(name in read for read in known.read.values())
        ]
        if names:
            yield handler.function.finding(
                "Environment.Variables", function=handler.function.name, variables=", ".join(sorted(names))
            )

    _other = """
        Other:
          Type: AWS::Lambda::Function
          Properties:
            {Runtime: python3.13, Handler: index.handler, Environment: {Variables: {QUEUE: jobs}}, Code: {ZipFile: "import os\\ndef handler(event, context):\\n  return os.environ['QUEUE']\\n"}}
    """
    bad = (
        python(
            _READ.code,
            stack=_READ.stack + _other,
            properties=_PROPERTIES.replace("TABLE:", "QUEUE: jobs, TABLE:"),
        ),
        typescript(
            _READ_TS.code,
            stack=_READ.stack + _other,
            properties=_PROPERTIES.replace("TABLE:", "QUEUE: jobs, TABLE:"),
        ),
    )
    good = (
        python(_READ.code, stack=_READ.stack + _other, properties=_PROPERTIES),
        typescript(_READ_TS.code, stack=_READ.stack + _other, properties=_PROPERTIES),
    )


RULES = (PermissionMissing(), PermissionUnused(), VariableNobodyReads(), VariableUnread())
