"""Source code: how tables and lists are read: scans, pages, indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.core.code import Assign, Attribute, Call, Evaluate, Index, Literal, Name, Node, walk
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.core.value import Map, show
from stackworthy.rules._code import assigned_to, behind, callee_word, callers, is_handed_on, routes, text_of
from stackworthy.rules._reading import as_list, as_map
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.sdk import SdkCall
from stackworthy.sources.code.uses import effects_of

_SCAN = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-query-scan.html"
_WORD = re.compile(
    r"([#A-Za-z_][\w.#]*)\s*(?:=|<>|<=|>=|<|>|\bIN\b|\bBETWEEN\b)|(?:begins_with|contains)\s*\(\s*([#A-Za-z_][\w.#]*)"
)


class ScanFiltersByIndexKey(Rule):
    """A scan that filters by the key of an index reads the whole table for what the index would give at once.

    A filter is applied after reading: every item is read and paid for, then thrown away. The table has an index whose key is what the filter asks for; a Query on it reads those items only.
    """

    on = Code()
    pillar, severity = Pillar.COST, Severity.MEDIUM
    message = "the scan of {table} filters by {attribute}, the key of {index}: a Query reads those items only"
    references = (_SCAN,)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Compare the attributes of filters with the keys of the table's indexes."""
        for call in handler.sdk_calls("dynamodb:Scan"):
            table = _table(handler, call)
            asked = set(_filtered(handler, call))
            if table is None or not asked:
                continue
            for index, keys in _indexes(table):
                hit = next((name for name in keys[:1] if name in asked), None)
                if hit is not None:
                    also = (table.place("GlobalSecondaryIndexes"),) if index else ()
                    yield handler.finding(
                        call.node,
                        part="Scan",
                        table=table.name,
                        attribute=hit,
                        index=f"its index {index}" if index else "the table",
                        also=also,
                    )
                    break

    _table = """
        Orders:
          Type: AWS::DynamoDB::Table
          Properties:
            AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: day, AttributeType: S}]
            KeySchema: [{AttributeName: id, KeyType: HASH}]
            GlobalSecondaryIndexes:
              - IndexName: by-day
                KeySchema: [{AttributeName: day, KeyType: HASH}]
                Projection: {ProjectionType: ALL}
    """
    bad = (
        python(
            """
            import os

            import boto3
            from boto3.dynamodb.conditions import Attr

            table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

            def handler(event, context):
                return table.scan(FilterExpression=Attr("day").eq(event["day"]))["Items"]
            """,
            stack=_table,
            properties="Environment: {Variables: {TABLE: !Ref Orders}}",
        ),
        typescript(
            """
            import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: { day: string }) =>
              client.send(
                new ScanCommand({
                  TableName: process.env.TABLE,
                  FilterExpression: "#day = :day",
                  ExpressionAttributeNames: { "#day": "day" },
                  ExpressionAttributeValues: { ":day": { S: event.day } },
                }),
              );
            """,
            stack=_table,
            properties="Environment: {Variables: {TABLE: !Ref Orders}}",
        ),
    )
    good = (
        python(
            """
            import os

            import boto3
            from boto3.dynamodb.conditions import Key

            table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

            def handler(event, context):
                return table.query(IndexName="by-day", KeyConditionExpression=Key("day").eq(event["day"]))["Items"]
            """,
            stack=_table,
            properties="Environment: {Variables: {TABLE: !Ref Orders}}",
        ),
        typescript(
            """
            import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async (event: { state: string }) =>
              client.send(
                new ScanCommand({
                  TableName: process.env.TABLE,
                  FilterExpression: "#state = :state",
                  ExpressionAttributeNames: { "#state": "state" },
                  ExpressionAttributeValues: { ":state": { S: event.state } },
                }),
              );
            """,
            stack=_table,
            properties="Environment: {Variables: {TABLE: !Ref Orders}}",
        ),
    )


def _table(handler: Handler, call: SdkCall) -> Resource | None:
    """The table of the stack that a call certainly reads."""
    return next(
        (found for _, found in effects_of(handler, call) if found.kind == "AWS::DynamoDB::Table"), None
    )


def _filtered(handler: Handler, call: SdkCall) -> Iterator[str]:
    """The attributes that a filter asks for."""
    given = call.parameters.get("FilterExpression")
    if given is None:
        return
    names, _ = (
        handler.members(call.parameters["ExpressionAttributeNames"])
        if "ExpressionAttributeNames" in call.parameters
        else ({}, False)
    )
    for found in _WORD.finditer(text_of(handler, given)):
        word = found.group(1) or found.group(2)
        yield text_of(handler, names[word]) if word in names else word
    for part in behind(handler, given):
        if (
            isinstance(part, Call)
            and handler.name(part.callee).endswith("conditions.Attr")
            and part.arguments
        ):
            yield text_of(handler, part.arguments[0])


def _indexes(table: Resource) -> Iterator[tuple[str, list[str]]]:
    """The keys of the table and of its indexes, by the name of the index ("" for the table); raises `NotKnown`."""
    yield "", _keys(as_list(table["KeySchema"]))
    for entry in as_list(table["GlobalSecondaryIndexes"]):
        yield show(as_map(entry)["IndexName"]), _keys(as_list(as_map(entry)["KeySchema"]))


def _keys(schema: Iterable[object]) -> list[str]:
    return [show(entry["AttributeName"]) for entry in schema if isinstance(entry, Map)]


class TableScannedOnRequest(Rule):
    """A scan behind an API reads the whole table for every request.

    Its time and its price grow with the table, while the caller waits: 1,000 items of 1 KB are 125 read units a call, a million are half a minute. Ask for a key (Query), keep a
    summary, or state a `Limit` and hand out pages.
    """

    on = Code()
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "each request of {route} scans {table}: time and price grow with the table"
    references = (_SCAN,)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look for scans without a limit in functions that answer requests."""
        waiting = routes(handler) or [edge.source for edge in callers(handler) if edge.by == "resolver"]
        for call in handler.sdk_calls("dynamodb:Scan") if waiting else ():
            limit = call.parameters.get("Limit")
            if limit is not None:
                yield handler.guard(limit, "the scan states a limit")
            elif not call.is_open or call.form == "paginator" or not handler.mentions("Limit"):
                table = _table(handler, call)
                yield handler.finding(
                    call.node, part="Scan", route=waiting[0].name, table=table.name if table else "a table"
                )

    _url = """
        Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: AWS_IAM}}
    """
    bad = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                return {"statusCode": 200, "body": str(table.scan()["Items"])}
            """,
            stack=_url,
        ),
        typescript(
            """
            import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async () => {
              const found = await client.send(new ScanCommand({ TableName: "orders" }));
              return { statusCode: 200, body: JSON.stringify(found.Items) };
            };
            """,
            stack=_url,
        ),
    )
    good = (
        python(
            """
            import boto3
            from boto3.dynamodb.conditions import Key

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                found = table.query(KeyConditionExpression=Key("user").eq(event["user"]), Limit=50)
                return {"statusCode": 200, "body": str(found["Items"])}
            """,
            stack=_url,
        ),
        typescript(
            """
            import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async () => {
              const found = await client.send(new ScanCommand({ TableName: "orders", Limit: 50 }));
              return { statusCode: 200, body: JSON.stringify(found.Items) };
            };
            """,
            stack=_url,
        ),
    )


PAGED: dict[str, tuple[str, ...]] = {
    "dynamodb:Query": ("LastEvaluatedKey", "ExclusiveStartKey"),
    "dynamodb:Scan": ("LastEvaluatedKey", "ExclusiveStartKey"),
    "s3:ListObjectsV2": ("NextContinuationToken", "ContinuationToken", "IsTruncated"),
    "s3:ListObjects": ("NextMarker", "Marker", "IsTruncated"),
    "s3:ListObjectVersions": ("NextKeyMarker", "IsTruncated"),
    "cognito-idp:ListUsers": ("PaginationToken",),
    "ec2:DescribeSnapshots": ("NextToken",),
    "lambda:ListFunctions": ("NextMarker", "Marker"),
    "iam:ListUsers": ("Marker", "IsTruncated"),
    "iam:ListRoles": ("Marker", "IsTruncated"),
    "iam:ListPolicies": ("Marker", "IsTruncated"),
    "rds:DescribeDBSnapshots": ("Marker",),
    **dict.fromkeys(
        (
            "cognito-idp:ListUsersInGroup",
            "ec2:DescribeInstances",
            "ec2:DescribeVolumes",
            "ecs:ListTasks",
            "ecs:ListServices",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
            "organizations:ListAccounts",
            "secretsmanager:ListSecrets",
            "sns:ListSubscriptionsByTopic",
            "sns:ListTopics",
            "sqs:ListQueues",
            "ssm:DescribeParameters",
            "ssm:GetParametersByPath",
            "stepfunctions:ListExecutions",
            "textract:GetDocumentAnalysis",
            "textract:GetDocumentTextDetection",
            "athena:GetQueryResults",
        ),
        ("NextToken", "nextToken"),
    ),
}
"""Operations that answer in pages, and the members that lead to the next one."""
_LIMITS = re.compile(
    r"(?i)limit|max(?:keys|results|items)|select|exclusivestartkey|nexttoken|.*(?:ids|names|arns|identifier|nameprefix)"
)
"""Parameters that say how much is meant, or name what is asked for."""


class FirstPageOnly(Rule):
    """A list that is longer than a page is cut off without a word.

    DynamoDB answers 1 MB at most, S3 1,000 keys, others 50 or 100 entries, with a token for the next page. Who does not ask for it works on the beginning of the list, and nobody notices until
    something is missing. Follow the token, use the SDK's paginator, or state the limit that is meant.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    confidence = Confidence.MEDIUM
    message = "{action} answers one page, and {mark} is never followed: what lies beyond it is missing"
    references = (
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html",
    )
    equivalents = ("S7622", "missing-pagination")

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look for the token beside each call that answers in pages, unless a limit is stated or only the first entry is used."""
        if handler.is_custom_resource:
            return
        for call in handler.sdk_calls(*PAGED):
            tokens = PAGED[f"{call.service}:{call.operation}"]
            if (
                call.form != "call"
                or any(map(_LIMITS.fullmatch, call.parameters))
                or _takes_first(handler, call)
            ):
                continue
            read = _in_scope(call, tokens) or (
                handler.mentions(*tokens) if _is_shared(handler, call) else None
            )
            if read is not None:
                yield handler.guard(read, f"the pages of {call.action} are followed")
            elif not call.is_open:
                yield handler.finding(call.node, part=call.operation, action=call.action, mark=tokens[0])

    bad = (
        python(
            """
            import boto3
            from boto3.dynamodb.conditions import Key

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                found = table.query(KeyConditionExpression=Key("user").eq(event["user"]))
                return sum(order["amount"] for order in found["Items"])
            """
        ),
        typescript(
            """
            import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";

            const s3 = new S3Client({});

            export const handler = async (event: { team: string }) => {
              const listed = await s3.send(new ListObjectsV2Command({ Bucket: "reports", Prefix: event.team }));
              return listed.Contents?.map((entry) => entry.Key);
            };
            """
        ),
    )
    good = (
        python(
            """
            import boto3
            from boto3.dynamodb.conditions import Key

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                total, start = 0, {}
                while True:
                    found = table.query(KeyConditionExpression=Key("user").eq(event["user"]), **start)
                    total += sum(order["amount"] for order in found["Items"])
                    if "LastEvaluatedKey" not in found:
                        return total
                    start = {"ExclusiveStartKey": found["LastEvaluatedKey"]}
            """
        ),
        typescript(
            """
            import { paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";

            const s3 = new S3Client({});

            export const handler = async (event: { team: string }) => {
              const keys = [];
              for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: "reports", Prefix: event.team })) {
                keys.push(...(page.Contents ?? []).map((entry) => entry.Key));
              }
              return keys;
            };
            """
        ),
    )


def _in_scope(call: SdkCall, tokens: tuple[str, ...]) -> Node | None:
    """Where the function of a call names the token."""
    for literal in call.scope.all(Literal):
        if literal.value.__class__ is str and literal.value in tokens:
            return literal
    return next((attribute for attribute in call.scope.all(Attribute) if attribute.name in tokens), None)


def _is_shared(handler: Handler, call: SdkCall) -> bool:
    """Whether the answer goes to the caller of the function, who may follow the token."""
    return is_handed_on(handler, call.node) and call.scope is not handler.entry


def _takes_first(handler: Handler, call: SdkCall) -> bool:
    """Whether nobody uses more of the answer than its first entry, or a line of the log."""
    for index in call.scope.all(Index):
        first = isinstance(index.index, Literal) and index.index.value == 0
        if first and any(part is call.node for part in behind(handler, index.value)):
            return True
    names = assigned_to(handler, call.node)
    if not names:
        return any(isinstance(outer, Evaluate) for outer in list(handler.around(call.node))[:2])
    used = [name for name in call.scope.all(Name) if name.id in names]
    return all(_is_passing(handler, name) for name in used)


def _is_passing(handler: Handler, name: Name) -> bool:
    """Whether a name is only given its value here, or written into the log."""
    for outer in handler.around(name):
        if isinstance(outer, Call):
            return callee_word(outer) in ("print", "log", "info", "debug")
        if isinstance(outer, Assign):
            return any(name is part for target in outer.targets for part in walk(target))
    return False


RULES = (ScanFiltersByIndexKey(), TableScannedOnRequest(), FirstPageOnly())
